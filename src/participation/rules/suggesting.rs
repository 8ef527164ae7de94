//! Who of ours might be meant by a name that no e-mail matches, found by an index of words, so that a long queue is not
//! compared with everybody (WEB-1).

use std::collections::{BTreeSet, HashMap};

use chrono::Duration;

use super::Known;
use super::names::{Shown, words};
use crate::clock::Instant;
use crate::ids::RegistrationId;

/// Somebody who might be meant, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub known: Known,
    pub points: u32,
    pub why: String,
}

/// How long before or after a join by their own link somebody may appear in the report.
const NEAR: Duration = Duration::minutes(10);

/// What two words share that are alike at all: how they begin or end, or one is the other's initial.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Begins(String),
    Ends(String),
    /// The first letter of a longer word.
    Initial(char),
    /// A word of one letter.
    Letter(char),
}

fn ends_of(word: &str) -> [Key; 2] {
    let (begin, end): (String, Vec<char>) = (word.chars().take(2).collect(), word.chars().rev().take(2).collect());
    [Key::Begins(begin), Key::Ends(end.into_iter().collect())]
}

/// What a word is found by.
fn keys_of(word: &str) -> Vec<Key> {
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        (None, _) => Vec::new(),
        (Some(letter), None) => vec![Key::Letter(letter)],
        (Some(letter), Some(_)) => ends_of(word).into_iter().chain([Key::Initial(letter)]).collect(),
    }
}

/// What a word is looked for by.
fn sought_by(word: &str) -> Vec<Key> {
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        (None, _) => Vec::new(),
        (Some(letter), None) => vec![Key::Letter(letter), Key::Initial(letter)],
        (Some(letter), Some(_)) => ends_of(word).into_iter().chain([Key::Letter(letter)]).collect(),
    }
}

/// Our people by the words of their names, each folded once.
#[derive(Clone, Debug)]
pub struct Index<'a> {
    known: &'a [Known],
    words: Vec<Vec<String>>,
    places: HashMap<Key, Vec<usize>>,
}

impl<'a> Index<'a> {
    pub fn of(known: &'a [Known]) -> Self {
        let words: Vec<Vec<String>> = known.iter().map(|one| words(&one.name)).collect();
        let mut places: HashMap<Key, Vec<usize>> = HashMap::new();
        for (place, own) in words.iter().enumerate() {
            for key in own.iter().flat_map(|word| keys_of(word)) {
                places.entry(key).or_default().push(place);
            }
        }
        Self { known, words, places }
    }

    /// Everybody whose name may be alike at all, and how alike it is.
    fn alike(&self, name: &str) -> impl Iterator<Item = (&'a Known, u32)> {
        let shown = Shown::of(name);
        let keys = shown.words().flat_map(|word| sought_by(word));
        let found: BTreeSet<usize> = keys.filter_map(|key| self.places.get(&key)).flatten().copied().collect();
        found.into_iter().map(move |place| (&self.known[place], shown.likeness(&self.words[place])))
    }

    /// Who of ours might be meant, likeliest first, at most three: by a like name, and by who joined by their own link
    /// just when this one appears.
    pub fn suggestions(&self, name: &str, first_at: Option<Instant>, joins: &HashMap<RegistrationId, Vec<Instant>>) -> Vec<Suggestion> {
        let is_near = |at: &Instant| first_at.is_some_and(|first| (first.since(*at)).abs() <= NEAR);
        let suggested = |(known, alike): (&Known, u32)| {
            let joined_then = joins.get(&known.registration).is_some_and(|times| times.iter().any(is_near));
            if alike < 50 && !(joined_then && alike >= 25) {
                return None;
            }
            let points = alike + if joined_then { 30 } else { 0 };
            let mut why = if alike == 100 { vec!["same name"] } else { vec!["like name"] };
            if joined_then {
                why.push("joined by their link at that time");
            }
            if !known.covers {
                why.push("not registered for this session");
            }
            Some(Suggestion { known: known.clone(), points: if known.covers { points } else { points / 2 }, why: why.join(", ") })
        };
        let mut found: Vec<Suggestion> = self.alike(name).filter_map(suggested).collect();
        found.sort_by(|left, right| (right.points, &left.known.name).cmp(&(left.points, &right.known.name)));
        found.truncate(3);
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::names::likeness;
    use super::*;
    use crate::ids::PersonId;

    fn known(name: &str) -> Known {
        Known {
            registration: RegistrationId::from(name.to_owned()),
            person: PersonId::from(name.to_owned()),
            code: name.to_owned(),
            name: name.to_owned(),
            email: String::new(),
            covers: true,
        }
    }

    #[test]
    fn suggestions_come_by_like_names_and_by_joins_at_that_time() {
        let at = |minute| Instant::parse("2026-04-22T13:00:00-04:00").unwrap().plus(Duration::minutes(minute));
        let ours = ["Brian Smith", "Brianna Smithers", "Zoe Quist"].map(known);
        let joins = HashMap::from([(RegistrationId::from("Zoe Quist".to_owned()), vec![at(2)])]);
        let index = Index::of(&ours);
        let names = |name: &str, first: i64| -> Vec<String> {
            let found = index.suggestions(name, Some(at(first)), &joins);
            found.into_iter().map(|one| format!("{}: {}", one.known.code, one.why)).collect()
        };
        assert_eq!(names("iPhone (Brian Smith)", 20)[0], "Brian Smith: same name");
        assert_eq!(names("Zoe Q", 4), ["Zoe Quist: like name, joined by their link at that time"]);
        assert!(names("15550001234", 4).is_empty());
    }

    proptest! {
        #[test]
        fn the_index_misses_nobody_whose_name_is_alike(shown in "[a-c]{1,6}( [a-c]{1,6})?", ours in "[a-c]{1,6}( [a-c]{1,6})?") {
            let all = [known(&ours)];
            let found: Vec<u32> = Index::of(&all).alike(&shown).map(|(_, alike)| alike).filter(|alike| *alike > 0).collect();
            let alike = likeness(&shown, &ours);
            prop_assert_eq!(found, if alike > 0 { vec![alike] } else { Vec::new() });
        }
    }
}
