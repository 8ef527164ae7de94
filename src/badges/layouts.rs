//! Where badges stand on paper: the layouts, their places on a sheet, and what stands on a badge. Lengths are in points.

use serde::{Deserialize, Serialize};

use crate::people::rules::full_name;

crate::words! {
    /// A kind of paper.
    Layout { Letter => "letter_4x3", A6 => "a6", Label4x6 => "label_4x6", Label62 => "label_62mm" }
}

const INCH: f32 = 72.0;
const MM: f32 = INCH / 25.4;

/// The measures of a layout.
#[derive(Clone, Copy, Debug)]
pub struct Design {
    /// Width and height of a page.
    pub page: (f32, f32),
    /// Width and height of a badge.
    pub badge: (f32, f32),
    pub columns: usize,
    pub rows: usize,
    /// What stays free around what is printed on a badge: cutting and label printers are not exact.
    pub margin: f32,
    /// Whether the paper has another side that shows.
    pub has_backs: bool,
    /// Label printers know black only.
    pub in_color: bool,
}

impl Layout {
    /// What staff choose.
    pub fn words(self) -> &'static str {
        match self {
            Self::Letter => "Letter sheet, six badges of 4 × 3 in",
            Self::A6 => "A6, one badge a page",
            Self::Label4x6 => "Label printer, 4 × 6 in",
            Self::Label62 => "Label printer, 62 mm roll (62 × 100 mm)",
        }
    }

    pub fn design(self) -> Design {
        let single = |width: f32, height: f32, margin, has_backs| {
            let size = (width, height);
            Design { page: size, badge: size, columns: 1, rows: 1, margin, has_backs, in_color: has_backs }
        };
        match self {
            Self::Letter => Design {
                page: (8.5 * INCH, 11.0 * INCH),
                badge: (4.0 * INCH, 3.0 * INCH),
                columns: 2,
                rows: 3,
                margin: 0.2 * INCH,
                has_backs: true,
                in_color: true,
            },
            Self::A6 => single(105.0 * MM, 148.0 * MM, 6.0 * MM, true),
            Self::Label4x6 => single(4.0 * INCH, 6.0 * INCH, 0.2 * INCH, false),
            Self::Label62 => single(100.0 * MM, 62.0 * MM, 3.5 * MM, false),
        }
    }
}

impl Design {
    /// Badges on one sheet.
    pub fn slots(&self) -> usize {
        self.columns * self.rows
    }

    /// The sheet and the place on it of the badge with this number, both from 0; the first sheet begins at `first`.
    pub fn place(&self, first: usize, number: usize) -> (usize, usize) {
        let at = first.min(self.slots() - 1) + number;
        (at / self.slots(), at % self.slots())
    }

    /// How many sheets so many badges take.
    pub fn sheets(&self, first: usize, badges: usize) -> usize {
        badges.checked_sub(1).map_or(0, |last| self.place(first, last).0 + 1)
    }

    /// The top left corner of a place; backs are mirrored, so that a sheet turned over its long edge fits.
    pub fn corner(&self, slot: usize, is_back: bool) -> (f32, f32) {
        let count = |number: usize| f32::from(u16::try_from(number).unwrap_or(u16::MAX));
        let column = slot % self.columns;
        let column = if is_back { self.columns - 1 - column } else { column };
        let row = slot / self.columns;
        let left = (self.page.0 - count(self.columns) * self.badge.0) / 2.0;
        let top = (self.page.1 - count(self.rows) * self.badge.1) / 2.0;
        (left + count(column) * self.badge.0, top + count(row) * self.badge.1)
    }
}

/// What stands on the front of a badge; kept with each print, so that a change since is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Front {
    /// The part of the name that is read from afar.
    pub first: String,
    /// The rest of it; empty for a name that is not two.
    pub rest: String,
    pub credentials: String,
    pub organization: String,
    pub city: String,
    /// The registration type: the word on the ribbon.
    pub kind: String,
}

impl Front {
    /// The whole name.
    pub fn name(&self) -> String {
        full_name(&self.first, &self.rest)
    }

    /// Everything that is set in type.
    pub fn texts(&self) -> [&str; 6] {
        [&self.first, &self.rest, &self.credentials, &self.organization, &self.city, &self.kind]
    }
}

/// The name on a badge in its two parts: what comes before the family name is large. A name that the person
/// chose otherwise ("Bob") stays one.
pub fn name_parts(badge_name: &str, family_name: &str) -> (String, String) {
    let (name, family) = (badge_name.trim(), family_name.trim());
    match name.strip_suffix(family) {
        Some(before) if !family.is_empty() && before.ends_with(' ') && !before.trim().is_empty() => {
            (before.trim().to_owned(), family.to_owned())
        }
        _ => (name.to_owned(), String::new()),
    }
}

/// The colors of ribbons, by the place of the type in the event's list; white words are easily read on each.
pub const RIBBONS: [(u8, u8, u8); 8] =
    [(11, 84, 90), (31, 73, 140), (122, 31, 92), (138, 62, 12), (49, 92, 34), (84, 48, 140), (140, 30, 42), (64, 72, 84)];

/// The ribbon's color of the type at this place.
pub fn ribbon(place: usize, in_color: bool) -> (u8, u8, u8) {
    if in_color { RIBBONS[place % RIBBONS.len()] } else { (0, 0, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_badges_fill_a_letter_sheet_and_backs_are_mirrored() {
        let sheet = Layout::Letter.design();
        let near = |left: (f32, f32), right: (f32, f32)| (left.0 - right.0).abs() < 0.01 && (left.1 - right.1).abs() < 0.01;
        assert!(near(sheet.corner(0, false), (18.0, 72.0)));
        assert!(near(sheet.corner(5, false), (306.0, 504.0)));
        assert!(near(sheet.corner(0, true), (306.0, 72.0)));
        assert_eq!((sheet.place(0, 5), sheet.place(0, 6), sheet.place(4, 2)), ((0, 5), (1, 0), (1, 0)));
        assert_eq!((sheet.sheets(0, 6), sheet.sheets(5, 6), sheet.sheets(0, 0)), (1, 2, 0));
    }

    #[test]
    fn every_badge_lies_on_its_page() {
        for layout in Layout::ALL {
            let design = layout.design();
            for slot in 0..design.slots() {
                let (x, y) = design.corner(slot, false);
                assert!(x >= -0.01 && y >= -0.01, "{layout}");
                assert!(x + design.badge.0 <= design.page.0 + 0.01 && y + design.badge.1 <= design.page.1 + 0.01, "{layout}");
            }
        }
    }

    #[test]
    fn the_given_name_is_large_and_a_chosen_name_stays_whole() {
        for (badge, family, parts) in [
            ("Maya Okafor", "Okafor", ("Maya", "Okafor")),
            ("María de los Ángeles Vega", "Vega", ("María de los Ángeles", "Vega")),
            ("Bob", "Okafor", ("Bob", "")),
            ("Okafor", "Okafor", ("Okafor", "")),
            ("Sukarno", "", ("Sukarno", "")),
            ("王小明", "明", ("王小明", "")),
        ] {
            let (first, rest) = name_parts(badge, family);
            assert_eq!((first.as_str(), rest.as_str()), parts, "{badge}");
        }
    }

    #[test]
    fn white_is_read_on_every_ribbon() {
        let light = |value: u8| {
            let value = f32::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        for (red, green, blue) in RIBBONS {
            let luminance = 0.2126 * light(red) + 0.7152 * light(green) + 0.0722 * light(blue);
            assert!(1.05 / (luminance + 0.05) >= 4.5, "{red} {green} {blue}");
        }
    }
}
