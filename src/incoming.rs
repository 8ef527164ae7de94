//! What every reader of a file from outside needs: its text, its line numbers, and how it says no.

use std::borrow::Cow;
use std::io::{Read, Write};

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The most a compressed file may grow to, in megabytes; a schedule of a thousand sessions has four.
const UNPACKED_LIMIT_MB: u64 = 64;

/// A file that cannot be read at all; nothing of it is used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{sentence}", line.map(|line| format!("Line {line}: ")).unwrap_or_default())]
pub struct Unreadable {
    /// Where reading stopped, counted from 1, when that is known.
    pub line: Option<u64>,
    /// What is wrong and, where that helps, what to do about it.
    pub sentence: String,
}

impl Unreadable {
    /// An unreadable file without a line to point at.
    pub fn because(sentence: impl Into<String>) -> Self {
        Self { line: None, sentence: sentence.into() }
    }

    /// An unreadable file with the line where reading stopped.
    pub fn at(line: u64, sentence: impl Into<String>) -> Self {
        Self { line: Some(line), sentence: sentence.into() }
    }
}

/// One row, session or entry that was left out, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// The line where it begins, counted from 1, when that is known.
    pub line: Option<u64>,
    /// What was refused, in the file's own words.
    pub what: String,
    /// Why, as a sentence for the person who has the file open.
    pub reason: String,
}

/// Unpacks gzip (known by its first two bytes) and hands anything else back as it is.
pub fn unpacked(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Unreadable> {
    unpacked_up_to(UNPACKED_LIMIT_MB, bytes)
}

fn unpacked_up_to(limit_mb: u64, bytes: &[u8]) -> Result<Cow<'_, [u8]>, Unreadable> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(bytes));
    }
    let limit = limit_mb * 1024 * 1024;
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes)
        .take(limit + 1)
        .read_to_end(&mut plain)
        .map_err(|error| Unreadable::because(format!("The compressed file is damaged or cut off ({error}).")))?;
    if plain.len() as u64 > limit {
        return Err(Unreadable::because(format!("The compressed file is larger than {limit_mb} MB when unpacked.")));
    }
    Ok(Cow::Owned(plain))
}

/// Packs bytes with gzip; what is packed already stays as it is.
pub fn packed(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes.to_vec());
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes)?;
    packed.finish()
}

/// Reads bytes as UTF-8 (a byte order mark is dropped) and refuses anything else.
pub fn utf8(bytes: &[u8]) -> Result<&str, Unreadable> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Unreadable::because("The file is in UTF-16. Save it as UTF-8."));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64;
        Unreadable::at(line, "The file is not UTF-8 here. Save it as UTF-8.")
    })
}

/// Reads bytes as UTF-8 and, where they are not, as Windows-1252, which older spreadsheets write.
pub fn utf8_or_windows_1252(bytes: &[u8]) -> Result<String, Unreadable> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return utf8(bytes).map(str::to_owned);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Ok(bytes.iter().map(|byte| windows_1252(*byte)).collect()),
    }
}

/// The 32 places where Windows-1252 differs from Latin-1; the five without a meaning stay as they are.
const WINDOWS_1252_C1: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–',
    '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252_C1[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// Turns byte offsets of a text into line numbers.
#[derive(Debug, Default)]
pub struct Lines {
    breaks: Vec<usize>,
}

impl Lines {
    /// Notes where the lines of a text end.
    pub fn of(text: &str) -> Self {
        Self { breaks: text.match_indices('\n').map(|(at, _)| at).collect() }
    }

    /// The line, counted from 1, that holds the byte at this offset.
    pub fn at(&self, offset: usize) -> u64 {
        1 + self.breaks.partition_point(|at| *at < offset) as u64
    }
}

/// One line of text as people type it: composed (NFC), no control characters, single spaces, no spaces around it.
pub fn tidy_line(text: &str) -> String {
    if text.is_ascii() && !text.contains("  ") && !text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return text.trim().to_owned();
    }
    let mut line = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    composed(line)
}

/// The text in Unicode's composed form, so that equal names compare equal.
pub fn composed(text: String) -> String {
    if text.is_ascii() {
        return text;
    }
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text,
        _ => text.nfc().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_utf8_is_read_as_windows_1252_where_that_is_allowed() {
        let bytes = b"Ca\xf1on \x93Quoted\x94 \x80";
        assert_eq!(utf8_or_windows_1252(bytes), Ok("Cañon “Quoted” €".to_owned()));
        assert_eq!(utf8(b"one\ntw\xf6").map_err(|error| error.line), Err(Some(2)));
    }

    #[test]
    fn utf16_is_refused_with_what_to_do() {
        let error = utf8_or_windows_1252(b"\xff\xfea\0").unwrap_err();
        assert_eq!(error.to_string(), "The file is in UTF-16. Save it as UTF-8.");
    }

    #[test]
    fn a_compressed_file_that_would_fill_the_memory_is_refused() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(&vec![b' '; 1024 * 1024]).unwrap();
        packed.write_all(b"!").unwrap();
        let packed = packed.finish().unwrap();
        assert_eq!(unpacked(&packed).unwrap().len(), 1024 * 1024 + 1);
        let error = unpacked_up_to(1, &packed).unwrap_err();
        assert_eq!(error.sentence, "The compressed file is larger than 1 MB when unpacked.");
    }

    #[test]
    fn a_compressed_file_that_is_cut_off_is_refused() {
        let error = unpacked(&[0x1f, 0x8b, 8, 0, 0]).unwrap_err();
        assert!(error.sentence.starts_with("The compressed file is damaged or cut off"), "{error}");
    }

    #[test]
    fn lines_are_counted_from_one() {
        let lines = Lines::of("a\r\nb\n\nc");
        assert_eq!([0, 1, 2, 3, 4, 5, 6].map(|at| lines.at(at)), [1, 1, 1, 2, 2, 3, 4]);
    }

    #[test]
    fn a_line_is_composed_and_its_spaces_are_single() {
        assert_eq!(tidy_line(" Jose\u{301}\t de\u{a0}la\r\nCruz\0 "), "José de la Cruz");
    }

    #[test]
    fn an_unreadable_file_says_its_line_first() {
        assert_eq!(Unreadable::at(3, "No.").to_string(), "Line 3: No.");
        assert_eq!(Unreadable::because("No.").to_string(), "No.");
    }
}
