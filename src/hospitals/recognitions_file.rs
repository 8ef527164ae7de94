//! Reads a list of recognized hospitals with their terms, for `lanyard recognitions import`.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use csv::StringRecord;

use super::cms_file::{CCN_ALIASES, ccn, yes_or_no};
use super::csv_columns::{Column, Columns, Sheet};
use super::rules;
use crate::incoming::{RefusedRow, Unreadable};

/// What a list of recognitions holds.
#[derive(Debug, PartialEq, Eq)]
pub struct RecognitionsFile {
    /// Recognitions in the order of the file; terms of one hospital do not overlap.
    pub recognitions: Vec<FileRecognition>,
    /// Rows left out, in the order of the file.
    pub refused: Vec<RefusedRow>,
    /// What the reader saw and did not use, or found odd.
    pub notes: Vec<String>,
}

/// One row of the list: a term in which a hospital is recognized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRecognition {
    /// Line of the file, counted from 1.
    pub line: u64,
    /// CMS Certification Number, six characters.
    pub ccn: String,
    /// First day of the term.
    pub term_starts_on: NaiveDate,
    /// Last day of the term; by RCG-2 where the file names none.
    pub term_ends_on: NaiveDate,
    /// Day of the approval.
    pub approved_on: NaiveDate,
    /// Day of the payment; none means unpaid.
    pub paid_on: Option<NaiveDate>,
    /// Whether the recognition is conditional, which gives no benefits.
    pub conditional: bool,
    /// E-mail domains of the hospital's staff, in lower case.
    pub domains: Vec<String>,
}

const CCN: usize = 0;
const STARTS: usize = 1;
const ENDS: usize = 2;
const APPROVED: usize = 3;
const PAID: usize = 4;
const CONDITIONAL: usize = 5;
const DOMAINS: usize = 6;

const COLUMNS: [Column; 7] = [
    Column { header: "ccn", aliases: CCN_ALIASES, required: true },
    Column { header: "term_starts_on", aliases: &["term start", "term starts", "starts on"], required: true },
    Column { header: "term_ends_on", aliases: &["term end", "term ends", "ends on"], required: false },
    Column { header: "approved_on", aliases: &["approved", "approval date"], required: true },
    Column { header: "paid_on", aliases: &["paid", "payment date"], required: false },
    Column { header: "conditional", aliases: &["is conditional"], required: false },
    Column { header: "domains", aliases: &["domain", "email domains", "email domain"], required: false },
];

/// Reads a list of recognitions: CSV, columns by their headers; bad rows are left out with the reason.
pub fn read(bytes: &[u8]) -> Result<RecognitionsFile, Unreadable> {
    let sheet = Sheet::open(bytes)?;
    let columns = Columns::find(&COLUMNS, &sheet.headers)?;
    let mut file = RecognitionsFile { recognitions: Vec::new(), refused: sheet.refused, notes: Vec::new() };
    if !columns.unknown.is_empty() {
        file.notes.push(format!("Columns not used: {}.", columns.unknown.join(", ")));
    }
    for (line, record) in sheet.rows {
        let row = recognition(line, &record, &columns).and_then(|row| apart(row, &file.recognitions));
        match row {
            Ok(row) => file.recognitions.push(row),
            Err(reason) => {
                let what = columns.text(&record, CCN).to_owned();
                file.refused.push(RefusedRow { line: Some(line), what, reason });
            }
        }
    }
    file.refused.sort_by_key(|row| row.line);
    file.notes.extend(shared_domains(&file.recognitions));
    Ok(file)
}

fn recognition(line: u64, record: &StringRecord, columns: &Columns) -> Result<FileRecognition, String> {
    let day = |column: usize| day(COLUMNS[column].header, columns.text(record, column));
    let required = |column: usize| day(column)?.ok_or_else(|| format!("{} is missing.", COLUMNS[column].header));
    let ccn = ccn(columns.text(record, CCN))?;
    let term_starts_on = required(STARTS)?;
    let term_ends_on = match day(ENDS)? {
        Some(ends_on) => ends_on,
        None => rules::term_ends_on(term_starts_on).ok_or("The end of the term is out of range.")?,
    };
    if term_ends_on < term_starts_on {
        return Err(format!("The term ends on {term_ends_on}, before it starts on {term_starts_on}."));
    }
    Ok(FileRecognition {
        line,
        ccn,
        term_starts_on,
        term_ends_on,
        approved_on: required(APPROVED)?,
        paid_on: day(PAID)?,
        conditional: yes_or_no(columns.text(record, CONDITIONAL))?.unwrap_or(false),
        domains: domains(columns.text(record, DOMAINS))?,
    })
}

/// Refuses a term that overlaps another of the same hospital; later terms of one hospital are renewals.
fn apart(row: FileRecognition, earlier: &[FileRecognition]) -> Result<FileRecognition, String> {
    let overlap = earlier
        .iter()
        .find(|other| other.ccn == row.ccn && other.term_starts_on <= row.term_ends_on && row.term_starts_on <= other.term_ends_on);
    match overlap {
        None => Ok(row),
        Some(other) => Err(format!("The term overlaps the one of the same hospital on line {}.", other.line)),
    }
}

/// Reads a day as 2026-04-01 or, as American spreadsheets write it, 4/1/2026.
fn day(header: &str, text: &str) -> Result<Option<NaiveDate>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let bare = text.split([' ', 'T']).next().unwrap_or_default();
    let format = if bare.contains('/') { "%m/%d/%Y" } else { "%Y-%m-%d" };
    match NaiveDate::parse_from_str(bare, format) {
        Ok(day) if (2000..=2100).contains(&day.year()) => Ok(Some(day)),
        Ok(day) => Err(format!("{header}: the year {} of “{text}” cannot be right.", day.year())),
        Err(_) => Err(format!("{header}: “{text}” is not a date. Write 2026-04-01, or 4/1/2026 with the month first.")),
    }
}

fn domains(text: &str) -> Result<Vec<String>, String> {
    let mut domains = Vec::new();
    for word in text.split(|c: char| c == ';' || c == ',' || c.is_whitespace()).filter(|word| !word.is_empty()) {
        let domain = rules::mail_domain(word)?;
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    Ok(domains)
}

/// A domain of several hospitals proves no one of them (PRC-4), so whoever imports should know.
fn shared_domains(rows: &[FileRecognition]) -> Vec<String> {
    let mut hospitals: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows {
        for domain in &row.domains {
            let ccns = hospitals.entry(domain).or_default();
            if !ccns.contains(&row.ccn.as_str()) {
                ccns.push(&row.ccn);
            }
        }
    }
    let shared = hospitals.into_iter().filter(|(_, ccns)| ccns.len() > 1);
    shared.map(|(domain, ccns)| format!("The domain {domain} is shared by the hospitals {}.", ccns.join(", "))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADERS: &str = "ccn,term_starts_on,term_ends_on,approved_on,paid_on,conditional,domains";

    fn read_rows(rows: &str) -> RecognitionsFile {
        read(format!("{HEADERS}\n{rows}\n").as_bytes()).unwrap()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_whole_row_is_read() {
        let file = read_rows("050111,2025-07-01,2027-06-30,2025-05-20,6/3/2025,no,@Example-Hospital.org; mail.example.org");
        assert_eq!(
            file.recognitions,
            [FileRecognition {
                line: 2,
                ccn: "050111".to_owned(),
                term_starts_on: date("2025-07-01"),
                term_ends_on: date("2027-06-30"),
                approved_on: date("2025-05-20"),
                paid_on: Some(date("2025-06-03")),
                conditional: false,
                domains: vec!["example-hospital.org".to_owned(), "mail.example.org".to_owned()],
            }]
        );
        assert_eq!((file.refused, file.notes), (vec![], vec![]));
    }

    #[test]
    fn a_term_ends_24_months_after_its_start_minus_a_day() {
        for (starts_on, ends_on) in [
            ("2025-07-01", "2027-06-30"),
            ("2025-10-01", "2027-09-30"),
            ("2026-01-01", "2027-12-31"),
            ("2026-04-01", "2028-03-31"),
            ("2026-03-01", "2028-02-29"),
            ("2028-02-29", "2030-02-27"),
        ] {
            assert_eq!(rules::term_ends_on(date(starts_on)), Some(date(ends_on)), "{starts_on}");
            let file = read_rows(&format!("050111,{starts_on},,2025-05-20,,,"));
            assert_eq!(file.recognitions[0].term_ends_on, date(ends_on));
            assert_eq!((file.recognitions[0].paid_on, file.recognitions[0].conditional), (None, false));
        }
    }

    #[test]
    fn a_bad_row_is_refused_with_its_line_and_the_reason() {
        for (row, reason) in [
            (
                "50111,2025-07-01,,2025-05-20,,,",
                "The CCN “50111” has five digits: a spreadsheet ate the zero in front (050111). Keep the column as text.",
            ),
            (
                "050111,2025-02-30,,2025-05-20,,,",
                "term_starts_on: “2025-02-30” is not a date. Write 2026-04-01, or 4/1/2026 with the month first.",
            ),
            (
                "050111,13/1/2025,,2025-05-20,,,",
                "term_starts_on: “13/1/2025” is not a date. Write 2026-04-01, or 4/1/2026 with the month first.",
            ),
            ("050111,7/1/25,,2025-05-20,,,", "term_starts_on: the year 25 of “7/1/25” cannot be right."),
            ("050111,,,2025-05-20,,,", "term_starts_on is missing."),
            ("050111,2025-07-01,,,,,", "approved_on is missing."),
            ("050111,2025-07-01,2025-06-30,2025-05-20,,,", "The term ends on 2025-06-30, before it starts on 2025-07-01."),
            ("050111,2025-07-01,,2025-05-20,,perhaps,", "“perhaps” is neither yes nor no."),
            ("050111,2025-07-01,,2025-05-20,,,a.org;nowhere", "“nowhere” is not an e-mail domain such as hospital.org."),
            ("050111,2025-07-01,,2025-05-20,,,-a.org", "“-a.org” is not an e-mail domain such as hospital.org."),
            ("050111,2025-07-01,,2025-05-20,,,10.0.0.1", "“10.0.0.1” is not an e-mail domain such as hospital.org."),
            ("050111,2025-07-01,,2025-05-20,,,jo@a.org", "“jo@a.org” is not an e-mail domain such as hospital.org."),
            ("050111,2025-07-01,,2025-05-20,,,Gmail.com", "“Gmail.com” belongs to a mail provider: anyone can have an address there."),
        ] {
            let file = read_rows(row);
            let refused: Vec<_> = file.refused.iter().map(|row| (row.line, row.reason.as_str())).collect();
            assert_eq!(refused, [(Some(2), reason)], "{row}");
            assert_eq!(file.recognitions, []);
        }
    }

    #[test]
    fn a_renewal_follows_a_term_and_an_overlap_is_refused() {
        let file = read_rows("050111,2025-07-01,,2025-05-20,,,\n050111,2027-07-01,,2027-05-20,,,\n050111,2027-06-30,,2027-05-20,,,");
        assert_eq!(file.recognitions.len(), 2);
        assert_eq!(file.refused[0].line, Some(4));
        assert_eq!(file.refused[0].reason, "The term overlaps the one of the same hospital on line 2.");
    }

    #[test]
    fn columns_that_are_not_known_are_listed_and_a_missing_one_is_named() {
        let file = read(b"Hospital ID,Term Start,Approved,Paid?,color\n050111,2025-07-01,2025-05-20,,red\n").unwrap();
        assert_eq!(file.notes, ["Columns not used: color."]);
        assert_eq!(file.recognitions.len(), 1);
        let error = read(b"ccn,approved_on\n").unwrap_err();
        assert_eq!(error.sentence, "The column “term_starts_on” is missing. Headers found: “ccn”, “approved_on”.");
    }

    #[test]
    fn a_domain_of_several_hospitals_is_noted() {
        let file = read_rows("050111,2025-07-01,,2025-05-20,,,a.org\n050112,2025-07-01,,2025-05-20,,,A.ORG");
        assert_eq!(file.notes, ["The domain a.org is shared by the hospitals 050111, 050112."]);
    }
}
