//! How alike two names are, and which names are programs that take notes or only devices.

use crate::people::rules::fold;

/// Programs that join to take notes, by the words that their names hold.
const BOTS: [&str; 9] = ["otter ai", "otterai", "read ai", "readai", "fireflies", "notetaker", "note taker", "meeting notes", "fathom ai"];

/// Whether a name is that of a program that takes notes.
pub fn is_bot(name: &str) -> bool {
    // A comma parts a family name from a given one: "Read, Ai" is somebody.
    name.split(',').any(|part| {
        // Dots fold to nothing, so the name is looked at with spaces in their place as well.
        let spaced = part.contains('.').then(|| fold(&part.replace('.', " ")));
        // Whole words: "Read Aidan" is somebody too.
        [Some(fold(part)), spaced]
            .iter()
            .flatten()
            .any(|reading| BOTS.iter().any(|bot| format!(" {reading} ").contains(&format!(" {bot} "))))
    })
}

/// What devices and platforms call somebody who typed no name.
const DEVICES: [&str; 23] = [
    "iphone",
    "ipad",
    "ipod",
    "macbook",
    "mac",
    "imac",
    "android",
    "galaxy",
    "samsung",
    "pixel",
    "phone",
    "telephone",
    "mobile",
    "tablet",
    "laptop",
    "desktop",
    "computer",
    "pc",
    "zoom",
    "user",
    "guest",
    "anonymous",
    "participant",
];

/// What stands beside such a word and names nobody either.
const MODELS: [&str; 17] =
    ["pro", "max", "air", "mini", "plus", "ultra", "tab", "note", "fold", "flip", "my", "the", "call", "in", "caller", "sm", "s"];

/// Whether a name, folded, tells nobody from anybody else: that of a device, or a bare telephone number.
pub fn is_device(folded: &str) -> bool {
    let has_digit = |word: &str| word.contains(|c: char| c.is_ascii_digit());
    let words = || folded.split(' ').filter(|word| !word.is_empty());
    let is_number = folded.chars().any(|c| c.is_ascii_digit()) && !folded.chars().any(char::is_alphabetic);
    is_number
        || (words().any(|word| DEVICES.contains(&word))
            && words().all(|word| DEVICES.contains(&word) || MODELS.contains(&word) || has_digit(word)))
}

/// A name as a report shows it, folded once for comparing with many.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The words of the whole, of what stands in brackets, and of what stands before them: `iPhone (Brian Smith)`.
    readings: Vec<Vec<String>>,
}

impl Shown {
    pub fn of(name: &str) -> Self {
        let inside = name.split_once('(').map(|(_, rest)| rest.split(')').next().unwrap_or(rest));
        let outside = inside.and_then(|_| name.split('(').next());
        let named = |reading: &str| words(reading).into_iter().filter(|word| !is_aside(word)).collect();
        Self { readings: [Some(name), inside, outside].into_iter().flatten().map(named).collect() }
    }

    /// Every word that somebody of ours may share.
    pub fn words(&self) -> impl Iterator<Item = &String> {
        self.readings.iter().flatten()
    }

    /// How alike it is to the words of a name, from 0 to 100.
    pub fn likeness(&self, known: &[String]) -> u32 {
        self.readings.iter().map(|reading| of_words(reading, known)).max().unwrap_or_default()
    }
}

/// The words of a name, folded.
pub fn words(name: &str) -> Vec<String> {
    fold(name).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// How alike two names are, from 0 to 100. A name in brackets counts too: `iPhone (Brian Smith)`.
pub fn likeness(shown: &str, known: &str) -> u32 {
    Shown::of(shown).likeness(&words(known))
}

fn of_words(words: &[String], known: &[String]) -> u32 {
    let mut rest: Vec<&str> = known.iter().map(String::as_str).collect();
    let total = words.len() + rest.len();
    if words.is_empty() || rest.is_empty() {
        return 0;
    }
    let mut points = 0;
    for word in words {
        let best = rest.iter().enumerate().map(|(index, other)| (alike(word, other), index)).max_by_key(|(points, _)| *points);
        if let Some((gained, index)) = best.filter(|(gained, _)| *gained > 0) {
            points += gained;
            rest.remove(index);
        }
    }
    u32::try_from(2 * points / total.max(1)).unwrap_or(100).min(100)
}

/// Titles and degrees behind a name say nothing about whose it is.
fn is_aside(word: &str) -> bool {
    ["dr", "md", "rn", "phd", "do", "pa", "pharmd", "msn", "bsn", "mph", "mba", "she", "her", "he", "him", "they", "them"].contains(&word)
}

/// 100 for the same word, less for one letter's difference, a beginning, or an initial.
fn alike(left: &str, right: &str) -> usize {
    if left == right {
        return 100;
    }
    let (short, long) = if left.chars().count() <= right.chars().count() { (left, right) } else { (right, left) };
    match short.chars().count() {
        1 if long.starts_with(short) => 50,
        3.. if long.starts_with(short) => 75,
        4.. if is_one_letter_off(short, long) => 85,
        _ => 0,
    }
}

fn is_one_letter_off(short: &str, long: &str) -> bool {
    let (short, long): (Vec<char>, Vec<char>) = (short.chars().collect(), long.chars().collect());
    if long.len() - short.len() > 1 {
        return false;
    }
    let ahead = short.iter().zip(&long).take_while(|(one, other)| one == other).count();
    let behind = short.iter().rev().zip(long.iter().rev()).take_while(|(one, other)| one == other).count();
    ahead + behind >= long.len() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_person_is_found_under_what_a_device_calls_them() {
        for (shown, known) in [
            ("Ana Maria Lopez", "Ana López"),
            ("iPhone (Brian Smith)", "Brian Smith"),
            ("Brian Smith (iPhone)", "Brian Smith"),
            ("LOPEZ, ANA", "Ana Lopez"),
            ("Dr. Carla Perez, MD", "Carla Pérez"),
            ("Kathrine Olson", "Katherine Olson"),
            ("B. Smith", "Brian Smith"),
        ] {
            assert!(likeness(shown, known) >= 70, "{shown} / {known}: {}", likeness(shown, known));
        }
    }

    #[test]
    fn different_people_are_not_alike() {
        for (shown, known) in [("Ana Lopez", "Bo Chen"), ("iPhone", "Brian Smith"), ("15550001234", "Eve Kin"), ("Smith", "Brian Jones")] {
            assert!(likeness(shown, known) < 50, "{shown} / {known}: {}", likeness(shown, known));
        }
        assert_eq!(likeness("Ana Lopez", "Ana Lopez"), 100);
        assert!(likeness("Ana Smith", "Ana Lopez") < 60);
    }

    #[test]
    fn programs_that_take_notes_are_known_by_their_names() {
        for bot in ["Carla's Notetaker (Otter.ai)", "read.ai meeting notes", "Fireflies.ai Notetaker Ada", "Otter.ai"] {
            assert!(is_bot(bot), "{bot}");
        }
        for person in ["Otto Reader", "Ada Fathom", "Mark Noteworthy", "Read, Aidan", "Read, Ai", "Brea D. Aigner", "Ada Notetakers"] {
            assert!(!is_bot(person), "{person}");
        }
    }

    #[test]
    fn what_a_device_is_called_names_nobody() {
        for device in [
            "iPhone",
            "iPad",
            "Android",
            "Galaxy S23 Ultra",
            "SAMSUNG SM-G991U",
            "Zoom user",
            "Guest 2",
            "+1 (555) 000-1234",
            "15550001234",
        ] {
            assert!(is_device(&fold(device)), "{device}");
        }
        for person in ["iPhone (Brian Smith)", "Ana’s iPhone", "Max Air", "Ana", "Bo 2", ""] {
            assert!(!is_device(&fold(person)), "{person}");
        }
    }
}
