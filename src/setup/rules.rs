//! Codes and kinds for what other programs' schedules bring: the same file always gives the same.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::agenda::Kind;
use crate::ids::letters_of;

/// Ids of other programs up to this length are good codes themselves.
const SHORT_ID: usize = 12;

/// The code of an imported session: its id where that is short, otherwise six letters that the id always gives;
/// more of them while `is_taken`.
pub fn session_code(external_id: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_code = external_id.len() <= SHORT_ID && external_id.chars().all(fits);
    let starts_well = external_id.starts_with(|c: char| c.is_ascii_alphanumeric());
    if is_code && starts_well && !matches!(external_id.to_lowercase().as_str(), "new" | "all") && !is_taken(external_id) {
        return external_id.to_owned();
    }
    (6..).map(|count| letters_of(external_id, count)).find(|code| !is_taken(code)).unwrap_or_default()
}

/// The code of an imported room or track: its name in small letters with dashes, numbered while `is_taken`.
pub fn place_code(name: &str, otherwise: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let slug = slug(name);
    let base = if slug.is_empty() || slug == "new" || slug == "all" { otherwise.to_owned() } else { slug };
    if !is_taken(&base) {
        return base;
    }
    (2..).map(|number| format!("{base}-{number}")).find(|code| !is_taken(code)).unwrap_or_default()
}

/// A name in small letters and digits with single dashes, at most 36: `K.1.105 (La Fontaine)` → `k-1-105-la-fontaine`.
pub fn slug(name: &str) -> String {
    let plain: String = name.nfd().filter(|c| !is_combining_mark(*c)).collect();
    let mut slug = String::new();
    for c in plain.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(36);
    slug.trim_matches('-').to_owned()
}

/// Words that other programs use for kinds of sessions, looked for in this order.
const HINTS: &[(&str, Kind)] = &[
    ("keynote", Kind::Keynote),
    ("plen", Kind::General),
    ("general", Kind::General),
    ("workshop", Kind::Workshop),
    ("tutorial", Kind::Workshop),
    ("training", Kind::Workshop),
    ("innovation", Kind::InnovationTheater),
    ("webinar", Kind::Webinar),
    ("service", Kind::Meal),
    ("breakfast", Kind::Meal),
    ("lunch", Kind::Meal),
    ("dinner", Kind::Meal),
    ("coffee", Kind::Meal),
    ("meal", Kind::Meal),
    ("breakout", Kind::Breakout),
    ("break", Kind::Meal),
    ("reception", Kind::SpecialEvent),
    ("social", Kind::SpecialEvent),
    ("special", Kind::SpecialEvent),
    ("network", Kind::Networking),
    ("bof", Kind::Networking),
    ("meetup", Kind::Networking),
];

/// What a file's word for a kind means here; a word that is not known is a breakout.
pub fn kind_of(hint: Option<&str>) -> Kind {
    let hint = hint.unwrap_or_default().to_lowercase();
    if let Some(kind) = Kind::from_word(&hint) {
        return kind;
    }
    HINTS.iter().find(|(word, _)| hint.contains(word)).map_or(Kind::Breakout, |(_, kind)| *kind)
}

/// Whether everyone is in a session of this kind without choosing: those that nothing else runs beside.
pub fn is_for_everyone(hint: Option<&str>) -> bool {
    let hint = hint.unwrap_or_default().to_lowercase();
    hint.contains("keynote") || hint.contains("plen")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_id_always_gives_the_same_code() {
        let free = |_: &str| false;
        assert_eq!(session_code("1252943", free), "1252943");
        let code = session_code("3dc7d1a8-508a-5e70-ac9d-38aa8d763098", free);
        assert_eq!((code.len(), &code), (6, &session_code("3dc7d1a8-508a-5e70-ac9d-38aa8d763098", free)));
        let longer = session_code("3dc7d1a8-508a-5e70-ac9d-38aa8d763098", |taken| taken == code);
        assert!(longer.len() == 7 && longer.starts_with(&code), "{longer}");
        assert_ne!(session_code("new", free), "new");
    }

    #[test]
    fn rooms_and_tracks_get_codes_that_can_be_read() {
        let free = |_: &str| false;
        assert_eq!(place_code("K.1.105 (La Fontaine)", "room", free), "k-1-105-la-fontaine");
        assert_eq!(place_code("Fernández Größe", "room", free), "fernandez-gro-e");
        assert_eq!(place_code("/dev/random", "track", |code| code == "dev-random"), "dev-random-2");
        assert_eq!(place_code("講堂", "room", free), "room");
    }

    #[test]
    fn kinds_are_known_by_the_words_that_other_programs_use() {
        for (hint, kind) in [
            (Some("Keynote"), Kind::Keynote),
            (Some("innovation_theater"), Kind::InnovationTheater),
            (Some("plenum"), Kind::General),
            (Some("service"), Kind::Meal),
            (Some("Coffee break"), Kind::Meal),
            (Some("Breakout session"), Kind::Breakout),
            (Some("devroom"), Kind::Breakout),
            (None, Kind::Breakout),
        ] {
            assert_eq!(kind_of(hint), kind, "{hint:?}");
        }
    }
}
