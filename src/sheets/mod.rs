//! Tables as files for spreadsheets: CSV, .xlsx and the legacy .xls, written row by row into a file without a name.

pub mod xls;

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

use chrono::NaiveDate;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::clock::Instant;
use crate::error::{Error, Result};

/// A sheet of .xlsx has at most so many rows.
const MOST_ROWS: u32 = 1_048_576;

/// A text for a CSV file that no spreadsheet takes for a formula.
pub fn cell(text: &str) -> String {
    let looks_like_formula = text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    if looks_like_formula || text.starts_with(['\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() }
}

/// What stands in one place of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Whole(i64),
    /// Credit, shown as `1.75`.
    Hundredths(i64),
    Day(NaiveDate),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// As it stands in a CSV file.
    fn plain(&self) -> String {
        match self {
            Self::Text(text) => cell(text),
            Self::Whole(number) => number.to_string(),
            Self::Hundredths(hundredths) => format!("{}.{:02}", hundredths / 100, hundredths % 100),
            Self::Day(day) => day.to_string(),
        }
    }
}

/// A number as spreadsheets keep it.
fn number(value: i64) -> f64 {
    f64::from(i32::try_from(value).unwrap_or(i32::MAX))
}

/// A table on its way to a file.
pub enum Sheet {
    Csv(csv::Writer<BufWriter<File>>),
    Xlsx(Box<Xlsx>),
    Xls(xls::Book),
}

/// A .xlsx on its way: its rows wait in a temporary file of the workbook's own, so memory stays flat.
pub struct Xlsx {
    workbook: Workbook,
    day: Format,
    credit: Format,
    row: u32,
}

impl Sheet {
    /// A CSV file in UTF-8, with the mark by which Excel knows that.
    pub fn csv() -> Result<Self> {
        let mut file = tempfile::tempfile().map_err(Error::internal)?;
        file.write_all("\u{FEFF}".as_bytes()).map_err(Error::internal)?;
        Ok(Self::Csv(csv::Writer::from_writer(BufWriter::new(file))))
    }

    /// A .xlsx with one sheet of this name, whose columns are so many letters wide.
    pub fn xlsx(name: &str, widths: &[u16], now: Instant) -> Result<Self> {
        let mut workbook = Workbook::new();
        // The library would read the machine's clock.
        let made = ExcelDateTime::from_timestamp(now.utc().and_utc().timestamp()).map_err(Error::internal)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(Error::internal)?;
        sheet.set_name(name).map_err(Error::internal)?;
        for (column, width) in (0u16..).zip(widths) {
            sheet.set_column_width(column, *width).map_err(Error::internal)?;
        }
        let day = Format::new().set_num_format("mm/dd/yyyy");
        Ok(Self::Xlsx(Box::new(Xlsx { workbook, day, credit: Format::new().set_num_format("0.00"), row: 0 })))
    }

    /// A legacy .xls with one sheet of this name.
    pub fn xls(name: &str) -> Self {
        Self::Xls(xls::Book::new(name))
    }

    /// Adds a row. Refused (`reports.too_long`) where the format has no room for it.
    pub fn row(&mut self, cells: &[Cell]) -> Result<()> {
        match self {
            Self::Csv(file) => file.write_record(cells.iter().map(Cell::plain)).map_err(Error::internal),
            Self::Xlsx(xlsx) => xlsx.row(cells),
            Self::Xls(book) => book.row(cells),
        }
    }

    /// The finished file, to be read from its beginning.
    pub fn finish(self) -> Result<File> {
        let mut file = match self {
            Self::Csv(writer) => {
                let buffered = writer.into_inner().map_err(|error| Error::internal(error.error()))?;
                buffered.into_inner().map_err(|error| Error::internal(error.error()))?
            }
            Self::Xlsx(mut xlsx) => {
                let mut file = tempfile::tempfile().map_err(Error::internal)?;
                xlsx.workbook.save_to_writer(BufWriter::new(&mut file)).map_err(Error::internal)?;
                file
            }
            Self::Xls(book) => {
                let mut file = tempfile::tempfile().map_err(Error::internal)?;
                file.write_all(&book.finish()?).map_err(Error::internal)?;
                file
            }
        };
        file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
        Ok(file)
    }
}

impl Xlsx {
    fn row(&mut self, cells: &[Cell]) -> Result<()> {
        if self.row >= MOST_ROWS {
            return Err(too_long());
        }
        let sheet = self.workbook.worksheet_from_index(0).map_err(Error::internal)?;
        for (column, cell) in (0u16..).zip(cells) {
            write(sheet, (self.row, column), cell, &self.day, &self.credit).map_err(Error::internal)?;
        }
        self.row += 1;
        Ok(())
    }
}

fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    day: &Format,
    credit: &Format,
) -> std::result::Result<(), XlsxError> {
    match cell {
        Cell::Text(text) if text.is_empty() => {}
        // As text whatever it begins with: a formula would be another kind of cell.
        Cell::Text(text) => drop(sheet.write_string(row, column, text)?),
        Cell::Whole(value) => drop(sheet.write_number(row, column, number(*value))?),
        Cell::Hundredths(value) => drop(sheet.write_number_with_format(row, column, number(*value) / 100.0, credit)?),
        Cell::Day(date) => drop(sheet.write_number_with_format(row, column, number(xls::serial(*date)), day)?),
    }
    Ok(())
}

fn too_long() -> Error {
    Error::refused("reports.too_long", "This file has no room for so many rows. Choose one activity or session, or another format.")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn no_cell_is_taken_for_a_formula() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1"] {
            assert!(cell(bad).starts_with('\''), "{bad:?}");
        }
        for fine in ["Maya", "3-1", "", "a=b"] {
            assert_eq!(cell(fine), fine);
        }
    }

    #[test]
    fn a_csv_file_says_that_it_is_utf_8_and_keeps_every_script() {
        let mut sheet = Sheet::csv().unwrap();
        let day = NaiveDate::from_ymd_opt(2026, 3, 9).unwrap();
        sheet.row(&[Cell::text("=cmd()"), Cell::text("王小明, „Zoë“"), Cell::Hundredths(175), Cell::Day(day), Cell::Whole(-3)]).unwrap();
        let mut text = String::new();
        sheet.finish().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "\u{FEFF}'=cmd(),\"王小明, „Zoë“\",1.75,2026-03-09,-3\n");
    }
}
