//! Rows for CPE Monitor, and the sixty days in which each activity has to be reported (CEU-7, CEU-8).

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::rules::rows::{CPE_MONITOR_COLUMNS, cpe_monitor};
use super::rules::{Format, Learner, Setting, Told};
use crate::clock::Instant;
use crate::credits::rules::pharmacy_last_day;
use crate::error::Result;
use crate::sheets::{Cell, Sheet};

/// The file with its header.
pub fn sheet(format: Format, now: Instant) -> Result<Sheet> {
    let mut sheet = if format == Format::Csv { Sheet::csv()? } else { Sheet::xlsx("CPE Monitor", &[16, 12, 12, 28, 22, 8], now)? };
    sheet.row(&CPE_MONITOR_COLUMNS.map(Cell::text))?;
    Ok(sheet)
}

/// Adds a row.
pub fn add(sheet: &mut Sheet, learner: &Learner, told: &Told, setting: &Setting, zone: Tz) -> Result<()> {
    sheet.row(&cpe_monitor(learner, told, setting, zone))
}

/// The pharmacy activities of an event with the last day on which each may be reported, soonest first.
pub fn clocks(setting: &Setting) -> Vec<(String, String, NaiveDate)> {
    let pharmacy = setting.activities.values().filter(|one| one.is_pharmacy);
    let mut clocks: Vec<_> = pharmacy.map(|one| (one.code.clone(), one.title.clone(), pharmacy_last_day(one.ends_on))).collect();
    clocks.sort_by(|left, right| (left.2, &left.0).cmp(&(right.2, &right.0)));
    clocks
}
