//! How a badge looks: the name as large as it fits, then what tells more, the code, and a ribbon with the type's word.

use std::collections::HashMap;
use std::rc::Rc;

use super::layouts::{Design, Front, ribbon};
use super::typeset::{BackLine, Filled};
use crate::pdf::fonts::Fonts;
use crate::pdf::paper::{BLACK, Color, Placed, Role, Sheet, WHITE};
use crate::pdf::rules::{Room, Weight};
use crate::pdf::text::{self, Fitted, Line};

const GRAY: Color = (82, 88, 96);
/// Type that comes again on many badges is set once; names do not.
const MOST_KEPT: usize = 4_000;
/// The sizes that a list of sessions is tried in.
const SIZES: [f32; 6] = [9.5, 8.5, 7.75, 7.0, 6.25, 5.5];

/// Draws badges of one event, and keeps the type that comes again.
pub struct Drawing<'a> {
    pub fonts: &'static Fonts,
    pub design: Design,
    pub event: &'a str,
    pub lines: &'a [BackLine],
    fitted: HashMap<(String, bool, [u32; 3]), Rc<Fitted>>,
    rows: HashMap<(usize, bool, usize), Rc<Row>>,
}

/// A session on a back, set at one size.
struct Row {
    hours: Line,
    title: Vec<Line>,
}

/// A text with the room it gets.
struct Item<'a> {
    text: &'a str,
    weight: Weight,
    room: Room,
    color: Color,
}

impl<'a> Drawing<'a> {
    pub fn new(fonts: &'static Fonts, design: Design, event: &'a str, lines: &'a [BackLine]) -> Self {
        Self { fonts, design, event, lines, fitted: HashMap::new(), rows: HashMap::new() }
    }

    fn fit(&mut self, text: &str, weight: Weight, room: Room) -> Rc<Fitted> {
        let key = (text.to_owned(), weight == Weight::Bold, [room.width, room.height, room.largest].map(f32::to_bits));
        if let Some(known) = self.fitted.get(&key) {
            return known.clone();
        }
        let fitted = Rc::new(text::fit(self.fonts, text, weight, room));
        if self.fitted.len() >= MOST_KEPT {
            self.fitted.clear();
        }
        self.fitted.insert(key, fitted.clone());
        fitted
    }

    fn ink(&self, color: Color) -> Color {
        if self.design.in_color { color } else { BLACK }
    }

    /// The front, from the badge's top left corner.
    pub(super) fn front(&mut self, sheet: &mut Sheet<'_>, badge: &Filled<'_>) {
        let Design { badge: (width, height), margin, in_color, .. } = self.design;
        let inner = width - 2.0 * margin;
        let color = ribbon(badge.ribbon, in_color);
        let scale = width.min(height) / 216.0;
        let band = (height * 0.115).clamp(20.0, 36.0);
        let band_top = height - margin - band;
        let side = (width.min(height) * 0.35).clamp(62.0, 106.0);
        // Four squares of white around the code, as readers want it.
        let white = badge.quiet(side);
        let code_top = band_top - white - side;
        let event = self.fit(self.event, Weight::Regular, Room { width: inner, height: 10.0 * scale, largest: 9.0 * scale });
        sheet.decoration(&[(margin, band_top, inner, band)], color);
        let ruled = margin + 13.0 * scale;
        sheet.decoration(&[(margin, ruled, inner, 1.2)], color);

        let top = ruled + 9.0 * scale;
        let upper = code_top - 6.0 * scale - top;
        let is_wide = width > height;
        let mut names = self.names(badge.front, inner, upper, scale, is_wide);
        let aside = if is_wide { names.pop().filter(|_| !badge.front.rest.is_empty()) } else { None };
        draw_stack(sheet, Role::Heading(1, &badge.front.name()), &names, (margin, top), upper, 7.0 * scale, BLACK);

        let room = (inner - side - white, side + white * 0.5);
        self.details(sheet, badge.front, aside, (margin, code_top), room, scale);
        let word = Room { width: inner - 12.0, height: band * 0.56, largest: 15.0 * scale };
        let word = self.fit(&badge.front.kind, Weight::Bold, word);
        draw_centered(sheet, &word, (margin, band_top), (inner, band), WHITE);
        draw_stack(sheet, Role::Paragraph, &[event], (margin, margin), 10.0 * scale, 0.0, self.ink(GRAY));
        sheet.picture(&badge.squares(margin + inner - side, code_top, side), BLACK, "QR code of this badge");
    }

    /// The name in one part or two; on a wide badge the family name stands beside the code and is set there.
    fn names(&mut self, front: &Front, width: f32, height: f32, scale: f32, is_wide: bool) -> Vec<Rc<Fitted>> {
        let rest = !front.rest.is_empty();
        let share = if rest && !is_wide { 0.6 } else { 1.0 };
        let first = text::fit(self.fonts, &front.first, Weight::Bold, Room { width, height: height * share, largest: 84.0 * scale });
        let mut names = vec![Rc::new(first)];
        if rest && !is_wide {
            // Never larger than the given name.
            let largest = (40.0 * scale).min(names[0].size);
            names.push(Rc::new(text::fit(self.fonts, &front.rest, Weight::Bold, Room { width, height: height * 0.32, largest })));
        } else if is_wide {
            let room = Room { width: width - 0.35 * 216.0 * scale - 8.0, height: 26.0 * scale, largest: (25.0 * scale).min(names[0].size) };
            names.push(Rc::new(text::fit(self.fonts, &front.rest, Weight::Bold, room)));
        }
        names
    }

    /// What stands beside the code: (the family name,) credentials, organization, city.
    fn details(
        &mut self,
        sheet: &mut Sheet<'_>,
        front: &Front,
        name: Option<Rc<Fitted>>,
        at: (f32, f32),
        (width, height): (f32, f32),
        scale: f32,
    ) {
        let part = |share: f32, largest: f32| Room { width, height: height * share, largest: largest * scale };
        let items = [
            Item { text: &front.credentials, weight: Weight::Bold, room: part(0.17, 12.5), color: BLACK },
            Item { text: &front.organization, weight: Weight::Regular, room: part(0.30, 12.5), color: BLACK },
            Item { text: &front.city, weight: Weight::Regular, room: part(0.15, 10.5), color: self.ink(GRAY) },
        ];
        let (x, mut y) = at;
        if let Some(name) = name {
            // Its heading was told with the given name; here it is its second line.
            y = draw_lines(sheet, Role::Paragraph, &name, (x, y), BLACK) + 6.5 * scale;
        }
        for item in items.into_iter().filter(|item| !item.text.trim().is_empty()) {
            let fitted = self.fit(item.text, item.weight, item.room);
            y = draw_lines(sheet, Role::Paragraph, &fitted, (x, y), item.color) + 4.5 * scale;
        }
    }

    /// The back: this person's sessions, day by day.
    pub(super) fn back(&mut self, sheet: &mut Sheet<'_>, badge: &Filled<'_>) {
        let Design { badge: (width, height), margin, .. } = self.design;
        let inner = width - 2.0 * margin;
        let name = text::fit(self.fonts, &badge.front.name(), Weight::Bold, Room { width: inner, height: 13.0, largest: 12.0 });
        let title = format!("Sessions of {}", badge.front.name());
        let mut y = draw_stack(sheet, Role::Heading(2, &title), &[Rc::new(name)], (margin, margin), 13.0, 0.0, BLACK);
        sheet.decoration(&[(margin, y + 4.0, inner, 0.8)], BLACK);
        y += 9.0;
        if badge.sessions.is_empty() {
            let none = self.fit(
                "No sessions chosen yet. Choose them in the portal.",
                Weight::Regular,
                Room { width: inner, height: 24.0, largest: 9.5 },
            );
            draw_lines(sheet, Role::Paragraph, &none, (margin, y), BLACK);
            return;
        }
        let bottom = height - margin;
        let fits = (0..SIZES.len()).find(|size| self.list_height(badge, *size, inner) <= bottom - y);
        self.list(sheet, badge, fits.unwrap_or(SIZES.len() - 1), (margin, y), (inner, bottom));
    }

    /// A session at one size; waiting ones say so.
    fn row(&mut self, session: usize, waits: bool, size: usize, width: f32) -> Rc<Row> {
        let key = (session, waits, size);
        if let Some(row) = self.rows.get(&key) {
            return row.clone();
        }
        let line = &self.lines[session];
        let room = if line.room.is_empty() { String::new() } else { format!(" · {}", line.room) };
        let waiting = if waits { "Waiting list: " } else { "" };
        let left = (width - HOURS * SIZES[size]) / SIZES[size];
        let row = Rc::new(Row {
            hours: text::line(self.fonts, &line.hours, Weight::Regular),
            title: text::wrap(self.fonts, &format!("{waiting}{}{room}", line.title), Weight::Regular, left),
        });
        self.rows.insert(key, row.clone());
        row
    }

    fn list_height(&mut self, badge: &Filled<'_>, size: usize, width: f32) -> f32 {
        let (mut height, mut day) = (0.0, None);
        for (session, waits) in badge.sessions.iter().copied() {
            height += self.step(session, waits, size, width, &mut day).0;
        }
        height
    }

    /// How much a session takes, and how much of it is the heading of a new day.
    fn step(&mut self, session: usize, waits: bool, size: usize, width: f32, day: &mut Option<usize>) -> (f32, f32) {
        let points = SIZES[size];
        let lines = f32::from(u16::try_from(self.row(session, waits, size, width).title.len()).unwrap_or(1));
        let is_new = day.is_none_or(|before| self.lines[before].day != self.lines[session].day);
        *day = Some(session);
        let heading = if is_new { points * 1.75 } else { 0.0 };
        (heading + lines * points * 1.22 + points * 0.22, heading)
    }

    fn list(&mut self, sheet: &mut Sheet<'_>, badge: &Filled<'_>, size: usize, (x, mut y): (f32, f32), (width, bottom): (f32, f32)) {
        let points = SIZES[size];
        let mut day = None;
        for (number, (session, waits)) in badge.sessions.iter().copied().enumerate() {
            let (takes, heading) = self.step(session, waits, size, width, &mut day);
            let is_last = number + 1 == badge.sessions.len();
            let spared = if is_last { 0.0 } else { points * 1.3 };
            if y + takes + spared > bottom + 0.5 {
                let more = format!("and {} more: see your agenda in the portal", badge.sessions.len() - number);
                let more = self.fit(&more, Weight::Regular, Room { width, height: points, largest: points });
                draw_lines(sheet, Role::Paragraph, &more, (x, y), BLACK);
                return;
            }
            if heading > 0.0 {
                let words = self.lines[session].day.clone();
                let words = self.fit(&words, Weight::Bold, Room { width, height: points * 1.1, largest: points * 1.05 });
                draw_lines(sheet, Role::Paragraph, &words, (x, y + points * 0.45), BLACK);
            }
            let row = self.row(session, waits, size, width);
            let first = y + heading + points * 0.95;
            let mut placed = vec![Placed { line: &row.hours, x, baseline: first, size: points, color: BLACK }];
            let mut baseline = first;
            for line in &row.title {
                placed.push(Placed { line, x: x + HOURS * points, baseline, size: points, color: BLACK });
                baseline += points * 1.22;
            }
            sheet.text(Role::Paragraph, &placed);
            y += takes;
        }
    }
}

/// The width of the column of hours, at size 1.
const HOURS: f32 = 8.6;

/// Draws lines from this top left corner; returns where they end.
fn draw_lines(sheet: &mut Sheet<'_>, role: Role<'_>, fitted: &Fitted, (x, y): (f32, f32), color: Color) -> f32 {
    let placed = stacked(fitted, (x, y), color);
    sheet.text(role, &placed);
    y + fitted.height()
}

fn stacked(fitted: &Fitted, (x, mut y): (f32, f32), color: Color) -> Vec<Placed<'_>> {
    let mut placed = Vec::with_capacity(fitted.lines.len());
    for line in &fitted.lines {
        let baseline = y + line.extent.up * fitted.size;
        placed.push(Placed { line, x, baseline, size: fitted.size, color });
        y = baseline + (line.extent.down + crate::pdf::rules::LEADING) * fitted.size;
    }
    placed
}

/// Draws texts upon each other, in the middle of a height; returns where they end.
fn draw_stack(sheet: &mut Sheet<'_>, role: Role<'_>, texts: &[Rc<Fitted>], (x, y): (f32, f32), height: f32, gap: f32, color: Color) -> f32 {
    let gaps = gap * f32::from(u16::try_from(texts.len().saturating_sub(1)).unwrap_or(1));
    let whole = texts.iter().map(|text| text.height()).sum::<f32>() + gaps;
    let mut top = y + ((height - whole) / 2.0).max(0.0);
    let mut placed = Vec::new();
    for text in texts {
        placed.extend(stacked(text, (x, top), color));
        top += text.height() + gap;
    }
    sheet.text(role, &placed);
    top - gap
}

fn draw_centered(sheet: &mut Sheet<'_>, fitted: &Fitted, (x, y): (f32, f32), (width, height): (f32, f32), color: Color) {
    // By the letters that stand on the line; tails hang below.
    let tails = fitted.lines.last().map_or(0.0, |line| line.extent.down * fitted.size);
    let top = y + (height - fitted.height() + tails) / 2.0;
    let mut placed = stacked(fitted, (x, top), color);
    for line in &mut placed {
        line.x = x + (width - line.line.extent.width * fitted.size) / 2.0;
    }
    sheet.text(Role::Paragraph, &placed);
}
