//! The legacy .xls: one sheet of text, numbers and dates as BIFF8 records in a compound file, and nothing else.
//!
//! Excel's binary format is large, a plain table needs little of it: the two streams of records below, with the
//! styles that every reader expects, and a compound file whose one stream is a chain of sectors in their order.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{Cell, number, too_long};
use crate::error::Result;

/// A sheet has at most so many rows.
const MOST_ROWS: u16 = u16::MAX;
/// A record has at most so many bytes; what is longer goes on in another one.
const LONGEST_RECORD: usize = 8_224;
/// The sectors of a compound file.
const SECTOR: usize = 512;
/// Streams that are shorter would belong elsewhere in the file.
const SHORTEST_STREAM: usize = 4_096;
/// The header names so many sectors of the table of sectors, which is enough for seven million bytes.
const MOST_TABLES: usize = 109;

/// A style of the cells: 15 for all, and those with a form of their own.
const PLAIN: u16 = 15;
const DATE: u16 = 16;
const CREDIT: u16 = 17;

/// The day as Excel counts it, from the end of 1899.
pub fn serial(day: NaiveDate) -> i64 {
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default();
    (day - epoch).num_days()
}

/// A .xls on its way.
pub struct Book {
    name: String,
    rows: u16,
    columns: u16,
    cells: Vec<u8>,
    texts: Vec<String>,
    known: HashMap<String, u32>,
    /// How often texts are used, repeats included.
    uses: u32,
}

impl Book {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), rows: 0, columns: 0, cells: Vec::new(), texts: Vec::new(), known: HashMap::new(), uses: 0 }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[Cell]) -> Result<()> {
        if self.rows == MOST_ROWS || self.cells.len() > SECTOR * 128 * (MOST_TABLES - 10) {
            return Err(too_long());
        }
        for (column, cell) in (0u16..).zip(cells) {
            self.columns = self.columns.max(column + 1);
            let place = |style: u16| [self.rows, column, style].map(u16::to_le_bytes).concat();
            match cell {
                Cell::Text(text) if text.is_empty() => {}
                Cell::Text(text) => {
                    let place = place(PLAIN);
                    let text = self.text(text);
                    record(&mut self.cells, 0x00FD, &[place, text.to_le_bytes().to_vec()].concat());
                }
                Cell::Whole(value) => record(&mut self.cells, 0x0203, &[place(PLAIN), float(number(*value))].concat()),
                Cell::Hundredths(value) => record(&mut self.cells, 0x0203, &[place(CREDIT), float(number(*value) / 100.0)].concat()),
                Cell::Day(day) => record(&mut self.cells, 0x0203, &[place(DATE), float(number(serial(*day)))].concat()),
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// The number of a text in the table of texts.
    fn text(&mut self, text: &str) -> u32 {
        self.uses += 1;
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        let next = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(text.to_owned());
        self.known.insert(text.to_owned(), next);
        next
    }

    /// The whole file. Refused where the texts have no room.
    pub fn finish(self) -> Result<Vec<u8>> {
        let sheet = self.sheet();
        let mut before = Vec::new();
        record(&mut before, 0x0809, &shorts(&[0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 0, 6, 0]));
        record(&mut before, 0x0042, &shorts(&[0x04B0]));
        record(&mut before, 0x003D, &shorts(&[0x01E0, 0x005A, 0x3FCF, 0x2A4E, 0x0038, 0, 0, 1, 0x0258]));
        record(&mut before, 0x0022, &shorts(&[0]));
        styles(&mut before);
        let mut after = Vec::new();
        record(&mut after, 0x008C, &shorts(&[1, 1]));
        self.table_of_texts(&mut after);
        record(&mut after, 0x000A, &[]);
        let name = short_text(&self.name);
        // Where the sheet begins: after everything before it, this record's head and body, and the rest.
        let begins = before.len() + 4 + 6 + name.len() + after.len();
        let begins = u32::try_from(begins).unwrap_or(u32::MAX).to_le_bytes().to_vec();
        record(&mut before, 0x0085, &[begins, vec![0, 0], name].concat());
        compound([before, after, sheet].concat())
    }

    fn sheet(&self) -> Vec<u8> {
        let mut sheet = Vec::with_capacity(self.cells.len() + 128);
        record(&mut sheet, 0x0809, &shorts(&[0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 0, 6, 0]));
        record(&mut sheet, 0x0200, &shorts(&[0, 0, self.rows, 0, 0, self.columns, 0]));
        sheet.extend_from_slice(&self.cells);
        record(&mut sheet, 0x023E, &shorts(&[0x06B6, 0, 0, 0x0040, 0, 0, 0, 0, 0]));
        record(&mut sheet, 0x000A, &[]);
        sheet
    }

    /// All texts once; none is parted between two records.
    fn table_of_texts(&self, out: &mut Vec<u8>) {
        let unique = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let mut body = [self.uses.to_le_bytes(), unique.to_le_bytes()].concat();
        let mut kind = 0x00FC;
        for text in &self.texts {
            let text = long_text(text);
            if body.len() + text.len() > LONGEST_RECORD {
                record(out, kind, &body);
                (kind, body) = (0x003C, Vec::new());
            }
            body.extend_from_slice(&text);
        }
        record(out, kind, &body);
    }
}

/// A record: its kind, its length, and what it says.
fn record(out: &mut Vec<u8>, kind: u16, body: &[u8]) {
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&u16::try_from(body.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend_from_slice(body);
}

fn shorts(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn float(value: f64) -> Vec<u8> {
    value.to_le_bytes().to_vec()
}

/// A text with its length in UTF-16 and the mark that says so; longer than this no cell is.
fn long_text(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().take(4_000).collect();
    let length = u16::try_from(units.len()).unwrap_or(u16::MAX);
    [length.to_le_bytes().to_vec(), vec![1], shorts(&units)].concat()
}

fn short_text(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().take(31).collect();
    [vec![u8::try_from(units.len()).unwrap_or(u8::MAX), 1], shorts(&units)].concat()
}

/// The fonts and styles that readers expect by their numbers, then ours: a date by the reader's own custom, and credit.
fn styles(out: &mut Vec<u8>) {
    for _ in 0..5 {
        let arial = [vec![5, 0], b"Arial".to_vec()].concat();
        record(out, 0x0031, &[shorts(&[200, 0, 0x7FFF, 400, 0, 0, 0]), arial].concat());
    }
    let style = |form: u16, flags: u16, uses: u8| {
        let head = shorts(&[0, form, flags]);
        [head, vec![0x20, 0, 0, uses], vec![0; 8], vec![0xC0, 0x20]].concat()
    };
    record(out, 0x00E0, &style(0, 0xFFF5, 0));
    for _ in 0..14 {
        record(out, 0x00E0, &style(0, 0xFFF5, 0xF4));
    }
    // 0 is general, 14 a date such as 3/9/2026, 2 two digits after the point.
    for form in [0, 14, 2] {
        record(out, 0x00E0, &style(form, 0x0001, if form == 0 { 0 } else { 0x04 }));
    }
    record(out, 0x0293, &[0x00, 0x80, 0x00, 0xFF]);
}

const FREE: u32 = 0xFFFF_FFFF;
const END: u32 = 0xFFFF_FFFE;
const TABLE: u32 = 0xFFFF_FFFD;

/// Puts a stream into a compound file: header, the stream's sectors, one of the directory, and the table of sectors.
fn compound(mut stream: Vec<u8>) -> Result<Vec<u8>> {
    let length = stream.len().max(SHORTEST_STREAM).next_multiple_of(SECTOR);
    stream.resize(length, 0);
    let own = length / SECTOR;
    let per_table = SECTOR / 4;
    let tables = (1..).find(|tables| tables * per_table > own + tables).unwrap_or(MOST_TABLES + 1);
    if tables > MOST_TABLES {
        return Err(too_long());
    }
    let place = |sector: usize| u32::try_from(sector).unwrap_or(END);
    let mut file = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    file.extend_from_slice(&[0; 16]);
    file.extend(shorts(&[0x003E, 0x0003, 0xFFFE, 9, 6, 0, 0, 0]));
    for value in [0, place(tables), place(own), 0, 4_096, END, 0, END, 0] {
        file.extend(value.to_le_bytes());
    }
    for table in 0..MOST_TABLES {
        let at = if table < tables { place(own + 1 + table) } else { FREE };
        file.extend(at.to_le_bytes());
    }
    file.extend_from_slice(&stream);
    file.extend(entry("Root Entry", 5, 1, END, 0));
    file.extend(entry("Workbook", 2, FREE, 0, length));
    file.extend(entry("", 0, FREE, 0, 0));
    file.extend(entry("", 0, FREE, 0, 0));
    let chain = (1..own).map(place).chain([END, END]).chain((0..tables).map(|_| TABLE));
    let whole = chain.chain(std::iter::repeat(FREE)).take(tables * per_table);
    file.extend(whole.flat_map(u32::to_le_bytes));
    Ok(file)
}

/// An entry of the directory.
fn entry(name: &str, kind: u8, child: u32, start: u32, length: usize) -> Vec<u8> {
    let mut units: Vec<u16> = name.encode_utf16().collect();
    if !units.is_empty() {
        units.push(0);
    }
    let named = u16::try_from(units.len() * 2).unwrap_or_default();
    units.resize(32, 0);
    let mut entry = shorts(&units);
    entry.extend(named.to_le_bytes());
    entry.extend([kind, 1]);
    for link in [FREE, FREE, child] {
        entry.extend(link.to_le_bytes());
    }
    // No class, no state, no times: nothing of when it was made.
    entry.extend([0; 36]);
    entry.extend(start.to_le_bytes());
    entry.extend(u64::try_from(length).unwrap_or_default().to_le_bytes());
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_book(rows: usize) -> Vec<u8> {
        let mut book = Book::new("Roster");
        for number in 0..rows {
            book.row(&[Cell::text(format!("RN{number}")), Cell::text("State=FL"), Cell::Hundredths(175)]).unwrap();
        }
        book.finish().unwrap()
    }

    #[test]
    fn days_are_counted_as_excel_counts_them() {
        for (day, counted) in [("1900-03-01", 61), ("2026-03-09", 46_090), ("2000-01-01", 36_526)] {
            assert_eq!(serial(day.parse().unwrap()), counted, "{day}");
        }
    }

    #[test]
    fn a_compound_file_is_whole_sectors_and_its_table_covers_them() {
        for rows in [0, 1, 3_000] {
            let file = a_book(rows);
            assert_eq!(file.len() % SECTOR, 0);
            let long = |at: usize| usize::try_from(u32::from_le_bytes(file[at..at + 4].try_into().unwrap())).unwrap();
            let (tables, directory) = (long(44), long(48));
            assert_eq!(file.len(), SECTOR * (1 + directory + 1 + tables), "header, stream, directory, tables");
            assert!(tables * SECTOR / 4 >= directory + 1 + tables);
            assert_eq!(&file[SECTOR..SECTOR + 4], [0x09, 0x08, 0x10, 0x00], "the stream begins with its beginning");
        }
    }

    #[test]
    fn what_has_no_room_in_a_legacy_file_is_refused() {
        let mut book = Book::new("Roster");
        let refused = (0..70_000).find_map(|_| book.row(&[Cell::Whole(1)]).err());
        assert_eq!(refused.map(|error| error.code()), Some("reports.too_long"));
    }
}
