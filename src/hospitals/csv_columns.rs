//! Columns of a CSV file found by their headers, whatever the order, the case and the year's spelling.

use csv::{Position, Reader, ReaderBuilder, StringRecord};

use crate::incoming::{self, Lines, RefusedRow, Unreadable};

/// One column that a reader looks for.
#[derive(Debug)]
pub struct Column {
    /// The header to show when the column is missing.
    pub header: &'static str,
    /// Other headers the same column has had; case, spaces and punctuation do not matter.
    pub aliases: &'static [&'static str],
    /// Whether a file without it is unreadable.
    pub required: bool,
}

/// Which field of a row holds which column, in the order the columns were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    at: Vec<Option<usize>>,
    /// Headers that no column answers to, as the file writes them.
    pub unknown: Vec<String>,
}

impl Columns {
    /// Finds each wanted column; one that is required and missing, or there twice, makes the file unreadable.
    pub fn find(wanted: &[Column], headers: &[String]) -> Result<Self, Unreadable> {
        let folded: Vec<String> = headers.iter().map(|header| fold(header)).collect();
        let mut at = Vec::with_capacity(wanted.len());
        for column in wanted {
            let mut named = Vec::new();
            for name in std::iter::once(&column.header).chain(column.aliases) {
                let name = fold(name);
                named = (0..folded.len()).filter(|index| folded[*index] == name).collect();
                if !named.is_empty() {
                    break;
                }
            }
            if named.len() > 1 {
                let sentence = format!("The column “{}” is there {} times.", headers[named[0]], named.len());
                return Err(Unreadable::because(sentence));
            }
            at.push(named.first().copied());
        }
        let missing: Vec<&str> = wanted.iter().zip(&at).filter(|(c, at)| c.required && at.is_none()).map(|(c, _)| c.header).collect();
        if !missing.is_empty() {
            return Err(Unreadable::because(missing_sentence(&missing, headers)));
        }
        let unknown = headers.iter().enumerate().filter(|(index, header)| !at.contains(&Some(*index)) && !header.trim().is_empty());
        let unknown = unknown.map(|(_, header)| header.clone()).collect();
        Ok(Self { at, unknown })
    }

    /// The field of a column, trimmed; empty when the file has no such column.
    pub fn text<'row>(&self, record: &'row StringRecord, column: usize) -> &'row str {
        self.at.get(column).copied().flatten().and_then(|index| record.get(index)).unwrap_or_default().trim()
    }
}

fn missing_sentence(missing: &[&str], headers: &[String]) -> String {
    let found: Vec<String> = headers.iter().filter(|header| !header.trim().is_empty()).map(|header| format!("“{header}”")).collect();
    let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
    let names: Vec<String> = missing.iter().map(|header| format!("“{header}”")).collect();
    match names.as_slice() {
        [name] => format!("The column {name} is missing. Headers found: {found}."),
        names => format!("The columns {} are missing. Headers found: {found}.", names.join(", ")),
    }
}

/// What is compared of a header: its letters and digits in lower case.
fn fold(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A CSV file taken apart: its headers and rows with the lines they begin on.
#[derive(Debug)]
pub struct Sheet {
    /// The first line that is not blank, trimmed.
    pub headers: Vec<String>,
    /// Rows in the order of the file that have as many fields as there are headers.
    pub rows: Vec<(u64, StringRecord)>,
    /// Rows whose fields do not fit the headers.
    pub refused: Vec<RefusedRow>,
}

impl Sheet {
    /// Takes apart a CSV file: gzip or plain, UTF-8 or Windows-1252, separated by commas, semicolons or tabs.
    pub fn open(bytes: &[u8]) -> Result<Self, Unreadable> {
        let bytes = incoming::unpacked(bytes)?;
        let mut text = incoming::utf8_or_windows_1252(&bytes)?;
        if text.contains('\0') {
            return Err(Unreadable::because("This is not a text file. Export it as CSV."));
        }
        if !text.contains('\n') {
            text = text.replace('\r', "\n");
        }
        let lines = Lines::of(&text);
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter(&text)).from_reader(text.as_bytes());
        let mut sheet = Self { headers: Vec::new(), rows: Vec::new(), refused: Vec::new() };
        let mut record = StringRecord::new();
        loop {
            match next(&mut reader, &mut record) {
                Ok(Some(span)) => sheet.add(&text, &lines, span, &record),
                Ok(None) => break,
                Err(error) => return Err(Unreadable::because(format!("The file is not CSV ({error})."))),
            }
        }
        if sheet.headers.is_empty() {
            return Err(Unreadable::because("The file is empty: there is no line of column headers."));
        }
        Ok(sheet)
    }

    fn add(&mut self, text: &str, lines: &Lines, (from, to): (usize, usize), record: &StringRecord) {
        if record.iter().all(|field| field.trim().is_empty()) {
            return;
        }
        if self.headers.is_empty() {
            self.headers = record.iter().map(incoming::tidy_line).collect();
            return;
        }
        // The reader's offset may stand before the line break of the row before.
        let raw = text.get(from..to).unwrap_or_default();
        let start = from + (raw.len() - raw.trim_start_matches(['\r', '\n']).len());
        let raw = raw.trim_matches(['\r', '\n']);
        let line = lines.at(start);
        match fault(record, raw, self.headers.len()) {
            None => self.rows.push((line, record.clone())),
            Some(reason) => {
                let what = incoming::tidy_line(raw).chars().take(60).collect();
                self.refused.push(RefusedRow { line: Some(line), what, reason });
            }
        }
    }
}

/// Reads one record and says from which byte to which it came.
fn next(reader: &mut Reader<&[u8]>, record: &mut StringRecord) -> csv::Result<Option<(usize, usize)>> {
    let offset = |position: &Position| usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let from = offset(reader.position());
    let found = reader.read_record(record)?;
    Ok(found.then(|| (from, offset(reader.position()))))
}

fn fault(record: &StringRecord, raw: &str, headers: usize) -> Option<String> {
    let several_lines = raw.contains('\n');
    if several_lines && raw.matches('"').count() % 2 == 1 {
        return Some("A quotation mark is opened here and never closed.".to_owned());
    }
    // Spreadsheets leave separators at the end of lines; only fields with text in them are too many.
    let fields = record.len();
    let too_many = (headers..fields).any(|index| record.get(index).is_some_and(|field| !field.trim().is_empty()));
    if fields < headers || too_many {
        return Some(format!("The row has {fields} fields, but there are {headers} column headers."));
    }
    None
}

/// The separator that stands most often in the first line with text, outside quotation marks.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let unquoted: String = first.split('"').step_by(2).collect();
    let count = |separator: char| unquoted.matches(separator).count();
    match (count(','), count(';'), count('\t')) {
        (commas, semicolons, tabs) if semicolons > commas && semicolons >= tabs => b';',
        (commas, _, tabs) if tabs > commas => b'\t',
        _ => b',',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: [Column; 2] = [
        Column { header: "Facility ID", aliases: &["Provider ID", "CCN"], required: true },
        Column { header: "City/Town", aliases: &["City"], required: false },
    ];

    fn headers(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn columns_are_found_by_any_of_their_names_whatever_case_and_spaces() {
        for names in [["Facility ID", "City/Town"], ["facility_id", " CITY "], ["PROVIDER  ID", "city / town"]] {
            let columns = Columns::find(&WANTED, &headers(&names)).unwrap();
            let record = StringRecord::from(vec![" 010001 ", "Dothan"]);
            assert_eq!((columns.text(&record, 0), columns.text(&record, 1)), ("010001", "Dothan"), "{names:?}");
        }
    }

    #[test]
    fn a_missing_column_is_named_with_the_headers_that_were_found() {
        let error = Columns::find(&WANTED, &headers(&["Name", "City"])).unwrap_err();
        assert_eq!(error.sentence, "The column “Facility ID” is missing. Headers found: “Name”, “City”.");
    }

    #[test]
    fn a_column_that_is_there_twice_is_refused_rather_than_guessed() {
        let error = Columns::find(&WANTED, &headers(&["CCN", "ccn"])).unwrap_err();
        assert_eq!(error.sentence, "The column “CCN” is there 2 times.");
    }

    #[test]
    fn the_first_of_two_names_of_a_column_wins_and_the_other_is_unknown() {
        let columns = Columns::find(&WANTED, &headers(&["CCN", "Facility ID"])).unwrap();
        assert_eq!(columns.at, [Some(1), None]);
        assert_eq!(columns.unknown, ["CCN"]);
    }

    #[test]
    fn rows_know_the_line_they_begin_on_with_any_line_break() {
        for line_break in ["\n", "\r\n"] {
            let text = ["", "a,b", "1,2", "", "\"x", "y\",2", ",", "3,4", ""].join(line_break);
            let sheet = Sheet::open(text.as_bytes()).unwrap();
            let lines: Vec<u64> = sheet.rows.iter().map(|(line, _)| *line).collect();
            assert_eq!((lines, sheet.refused), (vec![3, 5, 8], vec![]), "{line_break:?}");
        }
        let sheet = Sheet::open(b"a,b\r1,2\r3,4").unwrap();
        assert_eq!(sheet.rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn a_row_with_a_wrong_count_of_fields_is_refused_with_its_line() {
        let sheet = Sheet::open(b"a,b\n1,2,,\n1\n1,2,3\n\"open,2\n3,4\n").unwrap();
        let refused: Vec<_> = sheet.refused.iter().map(|row| (row.line, row.reason.as_str())).collect();
        assert_eq!(sheet.rows.len(), 1);
        assert_eq!(
            refused,
            [
                (Some(3), "The row has 1 fields, but there are 2 column headers."),
                (Some(4), "The row has 3 fields, but there are 2 column headers."),
                (Some(5), "A quotation mark is opened here and never closed."),
            ]
        );
    }

    #[test]
    fn semicolons_and_tabs_separate_too() {
        for text in ["a;b\n1,5;2", "a\tb\n1,5\t2", "\"a,,x\";b\n\"1,5\";2"] {
            let sheet = Sheet::open(text.as_bytes()).unwrap();
            assert_eq!(sheet.rows[0].1.iter().collect::<Vec<_>>(), ["1,5", "2"], "{text}");
        }
    }

    #[test]
    fn what_is_no_csv_is_unreadable() {
        for (bytes, said) in [
            (&b""[..], "The file is empty: there is no line of column headers."),
            (b"\n\n", "The file is empty: there is no line of column headers."),
            (b"PK\x03\x04\0\0", "This is not a text file. Export it as CSV."),
        ] {
            assert_eq!(Sheet::open(bytes).map(|_| ()).unwrap_err().sentence, said);
        }
    }
}
