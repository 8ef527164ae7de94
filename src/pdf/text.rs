//! Type in lines: which face each part of a text takes, in which direction it runs, and how wide it is.

use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer};
use unicode_bidi::BidiInfo;
use unicode_normalization::char::is_combining_mark;

use super::fonts::{Face, Fonts};
use super::rules::{self, Extent, Room, Weight};

/// Stands where a letter is missing in every font; such names are listed before they are printed.
const STAND_IN: char = '\u{25a1}';

/// How far capitals go up and tails go down, at least, so that lines of the same kind stand alike.
const UP: f32 = 0.73;
const DOWN: f32 = 0.2;

/// A part of a line in one face and one direction.
pub(super) struct Run {
    pub(super) face: &'static Face,
    pub(super) text: String,
    pub(super) glyphs: Vec<KrillaGlyph>,
    pub(super) width: f32,
}

/// One line of type, measured at size 1.
pub struct Line {
    /// The text in reading order.
    pub text: String,
    pub(super) runs: Vec<Run>,
    pub extent: Extent,
}

impl Line {
    /// Whether the parts stand in another order than they are read.
    pub(super) fn is_turned(&self) -> bool {
        self.runs.iter().map(|run| run.text.as_str()).collect::<String>() != self.text
    }
}

/// A text at the largest size that its room allows, on one line or two.
pub struct Fitted {
    pub lines: Vec<Line>,
    pub size: f32,
}

impl Fitted {
    /// How high it stands, in points.
    pub fn height(&self) -> f32 {
        let extents: Vec<Extent> = self.lines.iter().map(|line| line.extent).collect();
        rules::block_height(&extents) * self.size
    }
}

/// Sets one line of text.
pub fn line(fonts: &'static Fonts, text: &str, weight: Weight) -> Line {
    let text: String = rules::printable(text)
        .chars()
        .map(|c| if rules::is_visible(c) && fonts.face_of(c, weight).is_none() { STAND_IN } else { c })
        .collect();
    let bidi = BidiInfo::new(&text, None);
    let mut runs = Vec::new();
    for paragraph in &bidi.paragraphs {
        let (levels, order) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for range in order {
            let from_right = levels.get(range.start).is_some_and(unicode_bidi::Level::is_rtl);
            let mut parts = in_faces(fonts, &text[range], weight);
            if from_right {
                parts.reverse();
            }
            runs.extend(parts.into_iter().map(|(face, part)| shape(face, part, from_right)));
        }
    }
    let extent = extent_of(&runs);
    Line { text, runs, extent }
}

fn extent_of(runs: &[Run]) -> Extent {
    let (mut up, mut down) = (UP, DOWN);
    for run in runs {
        let units = f32::from(i16::try_from(run.face.shaper.units_per_em()).unwrap_or(1000));
        for glyph in &run.glyphs {
            let id = u16::try_from(glyph.glyph_id.to_u32()).unwrap_or_default();
            if let Some(ink) = run.face.shaper.glyph_bounding_box(rustybuzz::ttf_parser::GlyphId(id)) {
                up = up.max(f32::from(ink.y_max) / units + glyph.y_offset);
                down = down.max(-f32::from(ink.y_min) / units - glyph.y_offset);
            }
        }
    }
    Extent { width: runs.iter().map(|run| run.width).sum(), up, down }
}

/// Cuts a text where the face changes. A word stays in one face where any has all of it, since letters of
/// some scripts join.
fn in_faces(fonts: &'static Fonts, text: &str, weight: Weight) -> Vec<(&'static Face, String)> {
    let mut parts: Vec<(&'static Face, String)> = Vec::new();
    let mut push = |face: &'static Face, text: &str| match parts.last_mut() {
        Some((last, part)) if std::ptr::eq(*last, face) => part.push_str(text),
        _ => parts.push((face, text.to_owned())),
    };
    for word in text.split_inclusive(' ') {
        let visible: Vec<char> = word.chars().filter(|c| rules::is_visible(*c)).collect();
        // The space after a word and joiners are taken by any face; a word of spaces alone takes the first.
        let whole = if visible.is_empty() { fonts.face_for(&[' '], weight) } else { whole_face(fonts, &visible, weight) };
        match whole {
            Some(face) => push(face, word),
            None => {
                for cluster in clusters(word) {
                    let first = cluster.chars().next().unwrap_or(' ');
                    let visible: Vec<char> = cluster.chars().filter(|c| rules::is_visible(*c)).collect();
                    let face = fonts.face_for(&visible, weight).or_else(|| fonts.face_of(first, weight));
                    if let Some(face) = face {
                        push(face, cluster);
                    }
                }
            }
        }
    }
    parts
}

fn whole_face(fonts: &'static Fonts, letters: &[char], weight: Weight) -> Option<&'static Face> {
    let first = fonts.face_of(*letters.first()?, weight)?;
    // Mostly the first letter's face has the others too, and that is remembered.
    let agree = letters.iter().all(|letter| fonts.face_of(*letter, weight).is_some_and(|face| std::ptr::eq(face, first)));
    if agree { Some(first) } else { fonts.face_for(letters, weight) }
}

/// A letter with the marks upon it, and what is joined to it.
fn clusters(word: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = Vec::new();
    let mut joins = false;
    for (at, c) in word.char_indices() {
        let belongs = joins || is_combining_mark(c) || matches!(c, '\u{200c}' | '\u{200d}');
        if !belongs || starts.is_empty() {
            starts.push(at);
        }
        joins = c == '\u{200d}';
    }
    let ends = starts.iter().skip(1).copied().chain([word.len()]);
    starts.iter().zip(ends).map(|(start, end)| &word[*start..end]).collect()
}

fn shape(face: &'static Face, text: String, from_right: bool) -> Run {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(&text);
    buffer.guess_segment_properties();
    buffer.set_direction(if from_right { Direction::RightToLeft } else { Direction::LeftToRight });
    let shaped = rustybuzz::shape(&face.shaper, &[], buffer);
    let units = f32::from(i16::try_from(face.shaper.units_per_em()).unwrap_or(1000));
    let mut starts: Vec<usize> = shaped.glyph_infos().iter().filter_map(|info| usize::try_from(info.cluster).ok()).collect();
    starts.sort_unstable();
    let end_of = |start: usize| starts.iter().copied().find(|other| *other > start).unwrap_or(text.len());
    let em = |value: i32| i16::try_from(value).map_or(0.0, f32::from) / units;
    let mut glyphs = Vec::with_capacity(shaped.len());
    for (info, place) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
        let start = usize::try_from(info.cluster).unwrap_or_default();
        let id = GlyphId::new(info.glyph_id);
        glyphs.push(KrillaGlyph::new(
            id,
            em(place.x_advance),
            em(place.x_offset),
            em(place.y_offset),
            em(place.y_advance),
            start..end_of(start),
            None,
        ));
    }
    let width = glyphs.iter().map(|glyph| glyph.x_advance).sum();
    Run { face, text, glyphs, width }
}

/// Sets a text as large as its room allows, on one line, or on two where that is clearly larger.
pub fn fit(fonts: &'static Fonts, text: &str, weight: Weight, room: Room) -> Fitted {
    let text = rules::printable(text);
    let one = line(fonts, &text, weight);
    let size = rules::size_of(&[one.extent], room);
    let best = rules::breaks(&text).into_iter().map(|at| [line(fonts, &text[..at], weight), line(fonts, &text[at..], weight)]);
    let sized = best.map(|lines| (rules::size_of(&lines.each_ref().map(|line| line.extent), room), lines));
    let two = sized.max_by(|left, right| left.0.total_cmp(&right.0));
    match two {
        Some((larger, lines)) if size < room.largest && rules::prefers_two_lines(size, larger) => {
            Fitted { lines: lines.into(), size: larger }
        }
        _ => Fitted { lines: vec![one], size },
    }
}

/// Sets a text on as many lines of this width (at size 1) as it takes, broken after words; a longer word stands out.
pub fn wrap(fonts: &'static Fonts, text: &str, weight: Weight, width: f32) -> Vec<Line> {
    let text = rules::printable(text);
    // Each word is measured once; setting every beginning of every line would take the square of that.
    let measured = text.split(' ').map(|word| (word, line(fonts, word, weight).extent.width));
    let space = line(fonts, "n n", weight).extent.width - line(fonts, "nn", weight).extent.width;
    let mut lines: Vec<String> = vec![String::new()];
    let mut used = 0.0;
    for (index, (word, wide)) in measured.enumerate() {
        let Some(current) = lines.last_mut() else { break };
        if index == 0 || used + space + wide <= width {
            if index > 0 {
                current.push(' ');
                used += space;
            }
            current.push_str(word);
            used += wide;
        } else {
            lines.push(word.to_owned());
            used = wide;
        }
    }
    lines.iter().map(|words| line(fonts, words, weight)).collect()
}
