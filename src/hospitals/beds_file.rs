//! Reads the number of beds of hospitals, by CCN.

use std::collections::BTreeMap;

use super::cms_file::{self, CCN_ALIASES};
use super::csv_columns::{Column, Columns, Sheet};
use crate::incoming::{RefusedRow, Unreadable};

/// Beds by CCN; a hospital without a row has an unknown number of beds, not none.
#[derive(Debug, PartialEq, Eq)]
pub struct BedsFile {
    /// Number of beds by CCN.
    pub beds: BTreeMap<String, i32>,
    /// Rows left out, in the order of the file.
    pub refused: Vec<RefusedRow>,
}

const CCN: usize = 0;
const BEDS: usize = 1;

const COLUMNS: [Column; 2] = [
    Column { header: "ccn", aliases: CCN_ALIASES, required: true },
    Column { header: "all_beds", aliases: &["beds", "total beds", "number of beds"], required: true },
];

/// Reads beds by CCN; a row without a number of beds is unknown and skipped silently.
pub fn read(bytes: &[u8]) -> Result<BedsFile, Unreadable> {
    let sheet = Sheet::open(bytes)?;
    let columns = Columns::find(&COLUMNS, &sheet.headers)?;
    let mut file = BedsFile { beds: BTreeMap::new(), refused: sheet.refused };
    for (line, record) in sheet.rows {
        let text = columns.text(&record, BEDS);
        if text.is_empty() {
            continue;
        }
        let row = cms_file::ccn(columns.text(&record, CCN)).and_then(|ccn| match text.parse::<i32>() {
            Ok(beds) if beds >= 0 && !file.beds.contains_key(&ccn) => Ok((ccn, beds)),
            Ok(beds) if beds >= 0 => Err(format!("The CCN {ccn} stands already on an earlier line.")),
            _ => Err(format!("“{text}” is not a number of beds.")),
        });
        match row {
            Ok((ccn, beds)) => {
                file.beds.insert(ccn, beds);
            }
            Err(reason) => {
                let what = columns.text(&record, CCN).to_owned();
                file.refused.push(RefusedRow { line: Some(line), what, reason });
            }
        }
    }
    file.refused.sort_by_key(|row| row.line);
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beds_are_read_by_ccn_and_unknown_is_not_zero() {
        let file = read(b"ccn,state,all_beds\n010001,AL,327\n010002,AL,\n010003,AL,0\n").unwrap();
        assert_eq!(file.beds, BTreeMap::from([("010001".to_owned(), 327), ("010003".to_owned(), 0)]));
        assert_eq!(file.refused, []);
    }

    #[test]
    fn a_row_that_is_no_number_of_beds_is_refused() {
        let file = read(b"Facility ID,Beds\n010001,many\n10002,5\n010003,-1\n010004,5\n010004,6\n").unwrap();
        assert_eq!(file.refused.iter().map(|row| row.line).collect::<Vec<_>>(), [Some(2), Some(3), Some(4), Some(6)]);
        assert_eq!(file.beds, BTreeMap::from([("010004".to_owned(), 5)]));
    }
}
