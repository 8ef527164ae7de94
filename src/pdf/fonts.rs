//! Typefaces: DejaVu from the binary, and for the letters it lacks the fonts of a folder.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError, RwLock};

use krilla::text::Font;
use rustybuzz::ttf_parser;

use super::rules::{self, Weight};
use crate::error::{Error, Result};

/// Files larger than this are no text fonts.
const LARGEST_FILE: u64 = 64 * 1024 * 1024;
/// So deep are folders looked into.
const DEEPEST: usize = 6;

/// A typeface, kept for as long as the process lives.
pub struct Face {
    pub(super) font: Font,
    pub(super) shaper: rustybuzz::Face<'static>,
}

impl Face {
    fn read(bytes: &'static [u8]) -> Option<Self> {
        Some(Self { font: Font::new(bytes.into(), 0)?, shaper: rustybuzz::Face::from_slice(bytes, 0)? })
    }

    fn has(&self, letter: char) -> bool {
        self.shaper.glyph_index(letter).is_some()
    }
}

/// A font file of the folder: which letters it has is known, the rest is read when it is first used.
struct File {
    path: PathBuf,
    weight: Weight,
    /// Ranges of code points, both ends included, in order.
    covers: Vec<(u32, u32)>,
    face: OnceLock<Option<Face>>,
}

impl File {
    fn index(path: PathBuf, weight: Weight) -> Option<Self> {
        let covers = coverage(&fs::read(&path).ok()?)?;
        Some(Self { path, weight, covers, face: OnceLock::new() })
    }

    fn has(&self, letter: char) -> bool {
        let code = u32::from(letter);
        let after = self.covers.partition_point(|(first, _)| *first <= code);
        after.checked_sub(1).and_then(|at| self.covers.get(at)).is_some_and(|(_, last)| code <= *last)
    }

    fn face(&'static self) -> Option<&'static Face> {
        // Kept for good, like the process's own fonts; at most once a file.
        self.face.get_or_init(|| Face::read(Box::leak(fs::read(&self.path).ok()?.into_boxed_slice()))).as_ref()
    }
}

/// The letters that a font draws as outlines; `None` where it has no outlines, such as colored pictures.
fn coverage(bytes: &[u8]) -> Option<Vec<(u32, u32)>> {
    let face = ttf_parser::Face::parse(bytes, 0).ok()?;
    let tables = face.tables();
    tables.glyf.map(drop).or(tables.cff.map(drop))?;
    let mut codes = Vec::new();
    for table in tables.cmap?.subtables.into_iter().filter(|table| table.is_unicode()) {
        table.codepoints(|code| codes.push(code));
    }
    codes.sort_unstable();
    codes.dedup();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for code in codes {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == code => *last = code,
            _ => ranges.push((code, code)),
        }
    }
    Some(ranges)
}

/// The typefaces that a service can print with.
pub struct Fonts {
    own: [(Weight, Face); 2],
    folder: PathBuf,
    files: OnceLock<Vec<File>>,
    chosen: RwLock<HashMap<(char, Weight), Option<&'static Face>>>,
}

impl Fonts {
    /// The fonts of the binary and of this folder, which is looked into when a letter is first missing.
    pub fn of(folder: &Path) -> Result<&'static Self> {
        static KNOWN: Mutex<Vec<&'static Fonts>> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fonts) = known.iter().find(|fonts| fonts.folder == folder) {
            return Ok(fonts);
        }
        let read = |bytes| Face::read(bytes).ok_or_else(|| Error::internal("a font of the binary cannot be read"));
        let own = [(Weight::Regular, read(dejavu::sans::regular())?), (Weight::Bold, read(dejavu::sans::bold())?)];
        // One for each folder that is ever named, which is one in a running service.
        let fonts: &'static Self =
            Box::leak(Box::new(Self { own, folder: folder.to_owned(), files: OnceLock::new(), chosen: RwLock::default() }));
        known.push(fonts);
        Ok(fonts)
    }

    fn files(&'static self) -> &'static [File] {
        self.files.get_or_init(|| {
            let mut paths = Vec::new();
            walk(&self.folder, DEEPEST, &mut paths);
            let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let mut fit: Vec<(u8, PathBuf, Weight)> =
                paths.into_iter().filter_map(|path| rules::font_file(&name(&path)).map(|(rank, weight)| (rank, path, weight))).collect();
            fit.sort_by(|left, right| (left.0, &left.1).cmp(&(right.0, &right.1)));
            fit.into_iter().filter_map(|(_, path, weight)| File::index(path, weight)).collect()
        })
    }

    /// The first face that has all of these letters: the binary's own in this weight, the folder's, then the other weight.
    pub(super) fn face_for(&'static self, letters: &[char], weight: Weight) -> Option<&'static Face> {
        let other = weight.other();
        let own = |weight: Weight| self.own.iter().find(|(own, _)| *own == weight).map(|(_, face)| face);
        let has_all = |face: &&'static Face| letters.iter().all(|letter| face.has(*letter));
        let in_folder = |weight: Weight| {
            let mut files = self.files().iter().filter(|file| file.weight == weight);
            files.find(|file| letters.iter().all(|letter| file.has(*letter)) && file.face().is_some()).and_then(File::face)
        };
        own(weight).filter(has_all).or_else(|| in_folder(weight)).or_else(|| own(other).filter(has_all)).or_else(|| in_folder(other))
    }

    /// The face for one letter, remembered.
    pub(super) fn face_of(&'static self, letter: char, weight: Weight) -> Option<&'static Face> {
        let known = self.chosen.read().unwrap_or_else(PoisonError::into_inner).get(&(letter, weight)).copied();
        known.unwrap_or_else(|| {
            let face = self.face_for(&[letter], weight);
            self.chosen.write().unwrap_or_else(PoisonError::into_inner).insert((letter, weight), face);
            face
        })
    }

    /// The letters of a text that no font here has, each once.
    pub fn missing(&'static self, text: &str) -> Vec<char> {
        let mut missing = Vec::new();
        for letter in rules::printable(text).chars().filter(|letter| rules::is_visible(*letter)) {
            if self.face_of(letter, Weight::Bold).is_none() && !missing.contains(&letter) {
                missing.push(letter);
            }
        }
        missing
    }
}

fn walk(folder: &Path, deeper: usize, paths: &mut Vec<PathBuf>) {
    // A folder that is not there, or may not be read, has no fonts; what that leaves out, the print's preview lists.
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() && deeper > 0 {
            walk(&path, deeper - 1, paths);
        } else if path.metadata().is_ok_and(|file| file.is_file() && file.len() <= LARGEST_FILE) {
            paths.push(path);
        }
    }
}
