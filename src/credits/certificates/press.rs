//! Type for certificates: what all of them say is set once and kept, only names and numbers are set anew.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::error::Result;
use crate::pdf::fonts::Fonts;
use crate::pdf::rules::{Room, Weight};
use crate::pdf::text::{self, Fitted, Line};

/// So many paragraphs are kept; an event has a few dozen.
const MOST_KEPT: usize = 2_000;

/// Paragraphs by their text, weight and width.
type Shelf = HashMap<(String, Weight, u32), Arc<Vec<Line>>>;

/// The typefaces of the service, with the paragraphs that come again.
pub struct Type {
    fonts: &'static Fonts,
    kept: &'static Mutex<Shelf>,
}

impl Type {
    /// The fonts of the binary and of this folder.
    pub fn of(folder: &Path) -> Result<Self> {
        static KEPT: OnceLock<Mutex<HashMap<std::path::PathBuf, &'static Mutex<Shelf>>>> = OnceLock::new();
        let mut shelves = KEPT.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        // One for each folder that is ever named, which is one in a running service.
        let kept = shelves.entry(folder.to_owned()).or_insert_with(|| Box::leak(Box::default()));
        Ok(Self { fonts: Fonts::of(folder)?, kept })
    }

    /// A text on lines of this width (at size 1).
    pub fn wrapped(&self, words: &str, weight: Weight, width: f32) -> Arc<Vec<Line>> {
        let key = (words.to_owned(), weight, width.to_bits());
        if let Some(known) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        // Set without the lock, so that others go on; of two who set the same the later stays.
        let lines = Arc::new(text::wrap(self.fonts, words, weight, width));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(key, lines.clone());
        lines
    }

    /// A text as large as its room allows.
    pub fn fitted(&self, words: &str, weight: Weight, room: Room) -> Fitted {
        text::fit(self.fonts, words, weight, room)
    }

    /// One line.
    pub fn line(&self, words: &str) -> Line {
        text::line(self.fonts, words, Weight::Regular)
    }
}
