//! Reads the hospital list that CMS publishes as "Hospital General Information" (HOS-1).

use std::collections::HashMap;

use csv::StringRecord;

use super::csv_columns::{Column, Columns, Sheet};
use crate::incoming::{RefusedRow, Unreadable, tidy_line};

/// What a hospital list holds.
#[derive(Debug, PartialEq, Eq)]
pub struct CmsFile {
    /// Hospitals in the order of the file, each CCN once.
    pub hospitals: Vec<CmsHospital>,
    /// Rows left out, in the order of the file.
    pub refused: Vec<RefusedRow>,
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CmsHospital {
    /// Line of the file, counted from 1.
    pub line: u64,
    /// CMS Certification Number: six capital letters and digits, zeros in front kept.
    pub ccn: String,
    /// As CMS writes it, mostly in capitals; not unique.
    pub name: String,
    /// Street and number; may be empty.
    pub address: String,
    /// City or town; may be empty.
    pub city: String,
    /// Two capital letters of a state or territory.
    pub state: String,
    /// Five digits, or as written; may be empty.
    pub zip: String,
    /// County or parish; may be empty.
    pub county: String,
    /// As written; may be empty.
    pub phone: String,
    /// Hospital type, such as "Critical Access Hospitals"; may be empty.
    pub kind: String,
    /// Hospital ownership, such as "Proprietary"; may be empty.
    pub ownership: String,
    /// Whether it has emergency services, when the file says so.
    pub emergency: Option<bool>,
}

const CCN: usize = 0;
const NAME: usize = 1;
const ADDRESS: usize = 2;
const CITY: usize = 3;
const STATE: usize = 4;
const ZIP: usize = 5;
const COUNTY: usize = 6;
const PHONE: usize = 7;
const KIND: usize = 8;
const OWNERSHIP: usize = 9;
const EMERGENCY: usize = 10;

const COLUMNS: [Column; 11] = [
    Column { header: "Facility ID", aliases: CCN_ALIASES, required: true },
    Column { header: "Facility Name", aliases: &["Hospital Name", "Provider Name", "Name"], required: true },
    Column { header: "Address", aliases: &["Address 1", "Street Address", "Street"], required: false },
    Column { header: "City/Town", aliases: &["City", "Town"], required: true },
    Column { header: "State", aliases: &["State Code"], required: true },
    Column { header: "ZIP Code", aliases: &["ZIP", "Postal Code"], required: false },
    Column { header: "County/Parish", aliases: &["County Name", "County", "Parish"], required: false },
    Column { header: "Telephone Number", aliases: &["Phone Number", "Telephone", "Phone"], required: false },
    Column { header: "Hospital Type", aliases: &["Facility Type", "Type"], required: false },
    Column { header: "Hospital Ownership", aliases: &["Ownership"], required: false },
    Column { header: "Emergency Services", aliases: &["Emergency Service"], required: false },
];

/// Headers under which CMS and its users have put the CCN.
pub(super) const CCN_ALIASES: &[&str] =
    &["CCN", "CMS Certification Number", "CMS Certification Number (CCN)", "Facility ID", "Provider ID", "Provider Number", "Hospital ID"];

/// The postal codes of states, the District of Columbia and the territories.
const STATES: [&str; 56] = [
    "AK", "AL", "AR", "AS", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "GU", "HI", "IA", "ID", "IL", "IN", "KS", "KY", "LA", "MA",
    "MD", "ME", "MI", "MN", "MO", "MP", "MS", "MT", "NC", "ND", "NE", "NH", "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "RI",
    "SC", "SD", "TN", "TX", "UT", "VA", "VI", "VT", "WA", "WI", "WV", "WY",
];

/// Reads a hospital list: CSV, plain or gzip, columns by their headers; bad rows are left out with the reason.
pub fn read(bytes: &[u8]) -> Result<CmsFile, Unreadable> {
    let sheet = Sheet::open(bytes)?;
    let columns = Columns::find(&COLUMNS, &sheet.headers)?;
    let mut file = CmsFile { hospitals: Vec::with_capacity(sheet.rows.len()), refused: sheet.refused };
    let mut lines_by_ccn = HashMap::new();
    for (line, record) in sheet.rows {
        let found = hospital(line, &record, &columns).and_then(|hospital| match lines_by_ccn.get(&hospital.ccn) {
            None => Ok(hospital),
            Some(first) => Err(format!("The CCN {} stands already on line {first}.", hospital.ccn)),
        });
        match found {
            Ok(hospital) => {
                lines_by_ccn.insert(hospital.ccn.clone(), line);
                file.hospitals.push(hospital);
            }
            Err(reason) => {
                let what = format!("{} {}", columns.text(&record, CCN), columns.text(&record, NAME));
                file.refused.push(RefusedRow { line: Some(line), what: tidy_line(&what), reason });
            }
        }
    }
    file.refused.sort_by_key(|row| row.line);
    Ok(file)
}

fn hospital(line: u64, record: &StringRecord, columns: &Columns) -> Result<CmsHospital, String> {
    let text = |column: usize| tidy_line(columns.text(record, column));
    let ccn = ccn(columns.text(record, CCN))?;
    let name = text(NAME);
    if name.is_empty() {
        return Err("The hospital's name is missing.".to_owned());
    }
    Ok(CmsHospital {
        line,
        ccn,
        name,
        address: text(ADDRESS),
        city: text(CITY),
        state: state(columns.text(record, STATE))?,
        zip: zip(columns.text(record, ZIP)),
        county: text(COUNTY),
        phone: text(PHONE),
        kind: text(KIND),
        ownership: text(OWNERSHIP),
        emergency: yes_or_no(columns.text(record, EMERGENCY))?,
    })
}

/// Reads a CCN: six letters and digits of text; says so when a spreadsheet has made a number of it.
pub fn ccn(text: &str) -> Result<String, String> {
    // Spreadsheets are told to keep text by '010001 or ="010001".
    let bare = text.trim().trim_start_matches(['=', '\'']).trim_matches('"').trim().to_ascii_uppercase();
    let digits = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
    if bare.is_empty() {
        Err("The CCN is missing.".to_owned())
    } else if digits && bare.len() == 5 {
        Err(format!("The CCN “{bare}” has five digits: a spreadsheet ate the zero in front (0{bare}). Keep the column as text."))
    } else if bare.contains('.') || bare.contains('+') {
        Err(format!("The CCN “{bare}” was turned into a number by a spreadsheet. Keep the column as text."))
    } else if bare.len() != 6 || !bare.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Err(format!("The CCN “{bare}” is not six letters and digits."))
    } else if !bare.bytes().any(|byte| byte.is_ascii_digit()) {
        Err(format!("The CCN “{bare}” has no digit."))
    } else {
        Ok(bare)
    }
}

fn state(text: &str) -> Result<String, String> {
    let code = text.to_ascii_uppercase();
    if STATES.binary_search(&code.as_str()).is_ok() {
        return Ok(code);
    }
    Err(format!("“{text}” is not the two-letter code of a state or territory."))
}

/// A ZIP code is always five digits, so zeros that a spreadsheet took away can be put back.
fn zip(text: &str) -> String {
    let eaten = (3..5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if eaten { format!("{text:0>5}") } else { tidy_line(text) }
}

/// Reads yes or no in the spellings of spreadsheets; empty and "not available" are no answer.
pub(super) fn yes_or_no(text: &str) -> Result<Option<bool>, String> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Ok(Some(true)),
        "no" | "n" | "false" | "0" => Ok(Some(false)),
        "" | "not available" | "n/a" => Ok(None),
        _ => Err(format!("“{text}” is neither yes nor no.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(row: &str) -> Result<CmsHospital, String> {
        let text = format!("Facility ID,Facility Name,City/Town,State,ZIP Code,Emergency Services\n{row}\n");
        let mut file = read(text.as_bytes()).unwrap();
        match file.refused.pop() {
            Some(refused) => Err(refused.reason),
            None => Ok(file.hospitals.remove(0)),
        }
    }

    #[test]
    fn the_ccn_is_six_characters_of_text() {
        for (text, read) in [
            ("010001", Ok("010001")),
            (" 05018f ", Ok("05018F")),
            ("'010001", Ok("010001")),
            ("=\"010001\"", Ok("010001")),
            ("10001", Err("The CCN “10001” has five digits: a spreadsheet ate the zero in front (010001). Keep the column as text.")),
            ("1.00E+05", Err("The CCN “1.00E+05” was turned into a number by a spreadsheet. Keep the column as text.")),
            ("0100011", Err("The CCN “0100011” is not six letters and digits.")),
            ("01-001", Err("The CCN “01-001” is not six letters and digits.")),
            ("TOTALS", Err("The CCN “TOTALS” has no digit.")),
            ("", Err("The CCN is missing.")),
        ] {
            assert_eq!(ccn(text), read.map(str::to_owned).map_err(str::to_owned), "{text}");
        }
    }

    #[test]
    fn a_row_is_refused_with_what_is_wrong() {
        for (row, reason) in [
            ("010001,,DOTHAN,AL,36301,Yes", "The hospital's name is missing."),
            ("010001,A,DOTHAN,Alabama,36301,Yes", "“Alabama” is not the two-letter code of a state or territory."),
            ("010001,A,DOTHAN,XX,36301,Yes", "“XX” is not the two-letter code of a state or territory."),
            ("010001,A,DOTHAN,AL,36301,maybe", "“maybe” is neither yes nor no."),
            ("010001,A,DOTHAN", "The row has 3 fields, but there are 6 column headers."),
        ] {
            assert_eq!(one(row), Err(reason.to_owned()), "{row}");
        }
    }

    #[test]
    fn a_row_is_tidied_and_its_zip_code_is_whole() {
        let hospital = one("070001,\" Yale  New Haven\",New Haven,ct,6510,no").unwrap();
        assert_eq!((hospital.name.as_str(), hospital.state.as_str()), ("Yale New Haven", "CT"));
        assert_eq!((hospital.zip.as_str(), hospital.emergency, hospital.line), ("06510", Some(false), 2));
        assert_eq!(one("670001,A,B,TX,,").map(|hospital| hospital.emergency), Ok(None));
    }

    #[test]
    fn the_second_row_of_a_ccn_is_refused_and_names_the_line_of_the_first() {
        let text = "CCN,Name,City,State\n010001,\"A\nB\",C,AL\n010001,D,E,AL\n010002,F,G,AL\n";
        let file = read(text.as_bytes()).unwrap();
        assert_eq!(file.hospitals.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(
            file.refused,
            [RefusedRow { line: Some(4), what: "010001 D".to_owned(), reason: "The CCN 010001 stands already on line 2.".to_owned() }]
        );
    }

    #[test]
    fn the_headers_of_earlier_years_are_known() {
        for headers in [
            "Provider ID,Hospital Name,City,State,County Name,Phone Number",
            "CMS Certification Number (CCN),Hospital Name,CITY,STATE,County/Parish,Telephone Number",
        ] {
            let text = format!("\u{feff}{headers}\n130001,A,BOISE,ID,ADA,(208) 555-0100\n");
            let file = read(text.as_bytes()).unwrap();
            assert_eq!((file.hospitals[0].county.as_str(), file.hospitals[0].phone.as_str()), ("ADA", "(208) 555-0100"));
        }
        let error = read(b"Provider ID,State\n").unwrap_err();
        let said = "The columns “Facility Name”, “City/Town” are missing. Headers found: “Provider ID”, “State”.";
        assert_eq!(error.sentence, said);
    }
}
