//! What is printable, which font files fit, and how large type may be: plain values in, plain values out.

use unicode_normalization::UnicodeNormalization;

/// How heavy type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weight {
    Regular,
    Bold,
}

impl Weight {
    pub fn other(self) -> Self {
        match self {
            Self::Regular => Self::Bold,
            Self::Bold => Self::Regular,
        }
    }
}

/// A text as it is set: composed letters, single spaces, and nothing that only steers (marks of direction, byte order).
pub fn printable(text: &str) -> String {
    let steers = |c: char| matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ad}');
    let kept: String = text.nfc().filter(|c| !steers(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a character leaves ink, so that a font must have it; joiners only tell their neighbors what to do.
pub fn is_visible(letter: char) -> bool {
    !letter.is_whitespace() && !matches!(letter, '\u{200c}' | '\u{200d}')
}

/// Whether a font file is of use, by its name: how much it is preferred (0 most) and its weight.
pub fn font_file(name: &str) -> Option<(u8, Weight)> {
    const UNFIT: &[&str] = &[
        "italic",
        "oblique",
        "mono",
        "emoji",
        "light",
        "thin",
        "black",
        "medium",
        "semibold",
        "demi",
        "extra",
        "condensed",
        "narrow",
        "display",
        "lastresort",
        "math",
        "music",
    ];
    let name = name.to_lowercase();
    let (stem, ending) = name.rsplit_once('.')?;
    if !matches!(ending, "ttf" | "otf" | "ttc") || UNFIT.iter().any(|word| stem.contains(word)) {
        return None;
    }
    let rank = match stem {
        _ if stem.contains("unifont") => 9,
        // Made for menus, with squeezed marks.
        _ if stem.contains("ui-") => 5,
        _ if stem.contains("notosans") => 0,
        _ if stem.contains("sans") => 1,
        _ if stem.contains("serif") => 4,
        _ => 3,
    };
    Some((rank, if stem.contains("bold") { Weight::Bold } else { Weight::Regular }))
}

/// The room there is for a text, in points.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub width: f32,
    pub height: f32,
    /// Type is never larger than this.
    pub largest: f32,
}

/// A line of type at size 1: its width, and how far its ink goes up and down from the line it stands on.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    pub width: f32,
    pub up: f32,
    pub down: f32,
}

/// White between two lines of one text, at size 1.
pub const LEADING: f32 = 0.14;

/// How high lines stand upon each other, at size 1.
pub fn block_height(lines: &[Extent]) -> f32 {
    let gaps = f32::from(u16::try_from(lines.len().saturating_sub(1)).unwrap_or(u16::MAX));
    lines.iter().map(|line| line.up + line.down).sum::<f32>() + gaps * LEADING
}

/// The largest size at which these lines fit.
pub fn size_of(lines: &[Extent], room: Room) -> f32 {
    let widest = lines.iter().map(|line| line.width).fold(0.0, f32::max);
    let by_width = if widest > 0.0 { room.width / widest } else { room.largest };
    let height = block_height(lines);
    let by_height = if height > 0.0 { room.height / height } else { room.largest };
    by_width.min(by_height).min(room.largest)
}

/// Whether a text is better on two lines: only where that makes it clearly larger.
pub fn prefers_two_lines(one: f32, two: f32) -> bool {
    two > one * 1.2
}

/// Where a text may be broken: after spaces and after hyphens inside it, as byte offsets.
pub fn breaks(text: &str) -> Vec<usize> {
    let inside = |at: usize| at > 0 && at < text.len();
    text.char_indices()
        .filter(|(_, c)| matches!(c, ' ' | '-' | '\u{2010}'))
        .map(|(at, c)| at + c.len_utf8())
        .filter(|at| inside(*at))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_steers_is_not_printed() {
        for (typed, printed) in [
            ("  Leading And  Double ", "Leading And Double"),
            ("\u{202e}evil\u{202c} Name", "evil Name"),
            ("\u{feff}Bom Lead", "Bom Lead"),
            ("Zero\u{200b}Width", "ZeroWidth"),
            ("Jose\u{301}", "José"),
            ("a\tb\nc", "a b c"),
            ("\u{1100}\u{1175}\u{11b7}", "김"),
        ] {
            assert_eq!(printable(typed), printed, "{typed:?}");
        }
    }

    #[test]
    fn text_fonts_are_told_from_others_by_their_names() {
        for (name, fit) in [
            ("NotoSansThai-Regular.ttf", Some((0, Weight::Regular))),
            ("NotoSansThai-Bold.ttf", Some((0, Weight::Bold))),
            ("DroidSansFallbackFull.ttf", Some((1, Weight::Regular))),
            ("NotoSerifTibetan-Bold.ttf", Some((4, Weight::Bold))),
            ("NotoSansCJK-Regular.ttc", Some((0, Weight::Regular))),
            ("NotoColorEmoji.ttf", None),
            ("NotoSans-BoldItalic.ttf", None),
            ("NotoSans-Light.ttf", None),
            ("readme.txt", None),
        ] {
            assert_eq!(font_file(name), fit, "{name}");
        }
    }

    #[test]
    fn type_is_as_large_as_it_fits_and_no_larger() {
        let line = |width| Extent { width, up: 0.75, down: 0.25 };
        let room = Room { width: 200.0, height: 60.0, largest: 50.0 };
        assert_eq!(size_of(&[line(2.0)], room), 50.0);
        assert_eq!(size_of(&[line(10.0)], room), 20.0);
        assert!((size_of(&[line(1.0), line(1.0)], room) - 60.0 / 2.14).abs() < 0.01);
        assert_eq!(size_of(&[], room), 50.0);
        assert!(prefers_two_lines(20.0, 26.0) && !prefers_two_lines(20.0, 22.0));
    }

    #[test]
    fn a_text_breaks_after_spaces_and_hyphens_inside_it() {
        assert_eq!(breaks("Jean-Baptiste Emmanuel"), [5, 14]);
        assert_eq!(breaks("Wolfeschlegel"), [0usize; 0]);
        assert_eq!(breaks("A-"), [0usize; 0]);
    }
}
