//! Spreadsheets as others read them: openpyxl for .xlsx, xlrd for the legacy .xls.

use super::programs::Folder;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// Prints the rows of the first sheet as JSON; a formula, an error or a link would not be plain text any more.
const READER: &str = r#"
import json, sys
path = sys.argv[1]
def plain(value):
    return "" if value is None else value.date().isoformat() if hasattr(value, "date") else value
if path.endswith(".xlsx"):
    import openpyxl
    sheet = openpyxl.load_workbook(path).worksheets[0]
    rows = [["FORMULA" if cell.data_type == "f" or cell.hyperlink else plain(cell.value) for cell in row] for row in sheet.iter_rows()]
else:
    import xlrd
    book = xlrd.open_workbook(path)
    sheet = book.sheet_by_index(0)
    def read(cell):
        if cell.ctype == xlrd.XL_CELL_DATE:
            return plain(xlrd.xldate_as_datetime(cell.value, book.datemode))
        return cell.value if cell.ctype in (xlrd.XL_CELL_TEXT, xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_EMPTY) else "OTHER"
    rows = [[read(sheet.cell(r, c)) for c in range(sheet.ncols)] for r in range(sheet.nrows)]
print(json.dumps(rows))
"#;

/// The rows of a file; `ending` is `xlsx` or `xls`.
#[track_caller]
pub fn rows(bytes: &[u8], ending: &str) -> Vec<Vec<Value>> {
    let folder = Folder::in_memory();
    let path: PathBuf = folder.path().join(format!("report.{ending}"));
    std::fs::write(&path, bytes).expect("the file is written");
    // To be looked at with other programs too.
    if let Ok(pictures) = std::env::var("LANYARD_PICTURES") {
        let story = std::thread::current().name().unwrap_or("report").replace("::", "-");
        std::fs::write(format!("{pictures}/{story}.{ending}"), bytes).expect("the file is kept");
    }
    // The system's Python first: it has the packages that bin/test installs.
    let python = if PathBuf::from("/usr/bin/python3").exists() { "/usr/bin/python3" } else { "python3" };
    let output = Command::new(python).args(["-c", READER]).arg(&path).output().expect("a Python: bin/test installs it");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "python3-openpyxl and python3-xlrd read the file, as bin/test installs them: {said}");
    serde_json::from_slice(&output.stdout).expect("rows")
}

/// The same with every cell as text.
#[track_caller]
pub fn texts(bytes: &[u8], ending: &str) -> Vec<Vec<String>> {
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    rows(bytes, ending).into_iter().map(|row| row.into_iter().map(text).collect()).collect()
}
