//! The learner report for PARS and JA-PARS: Excel by the ACCME's template, or its JSON (CEU-7).

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

use chrono_tz::Tz;
use serde_json::json;

use super::rules::rows::{PARS_COLUMNS, PARS_GUIDANCE, pars, pars_json};
use super::rules::{Learner, Setting, Told};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::sheets::{Cell, Sheet};

/// The Excel file with its two rows of head.
pub fn sheet(now: Instant) -> Result<Sheet> {
    let mut sheet = Sheet::xlsx("Learners", &[14, 18, 16, 20, 24, 14, 16, 20, 22, 18, 20, 18, 14, 30], now)?;
    sheet.row(&[Cell::text(PARS_GUIDANCE)])?;
    sheet.row(&PARS_COLUMNS.map(Cell::text))?;
    Ok(sheet)
}

/// Adds a row.
pub fn add(sheet: &mut Sheet, learner: &Learner, told: &Told, setting: &Setting, zone: Tz) -> Result<()> {
    sheet.row(&pars(learner, told, setting, zone))
}

/// The ACCME's JSON, written item by item.
pub struct Json {
    file: BufWriter<File>,
    has_items: bool,
}

impl Json {
    pub fn new(now: Instant, zone: Tz) -> Result<Self> {
        let mut file = BufWriter::new(tempfile::tempfile().map_err(Error::internal)?);
        let created = json!(now.rfc3339_in(zone));
        write!(file, "{{\"ACCMELearnerReports\":{{\"ActivityReports\":{{\"DateTimeCreated\":{created},\"ActivityReport\":[")
            .map_err(Error::internal)?;
        Ok(Self { file, has_items: false })
    }

    pub fn add(&mut self, learner: &Learner, told: &Told, setting: &Setting, zone: Tz) -> Result<()> {
        let comma = if self.has_items { "," } else { "" };
        self.has_items = true;
        write!(self.file, "{comma}\n{}", pars_json(learner, told, setting, zone)).map_err(Error::internal)
    }

    /// The finished file, to be read from its beginning.
    pub fn finish(mut self) -> Result<File> {
        self.file.write_all(b"\n]}}}\n").map_err(Error::internal)?;
        let mut file = self.file.into_inner().map_err(|error| Error::internal(error.error()))?;
        file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
        Ok(file)
    }
}
