//! The roster for CE Broker: the legacy .xls that its upload takes, by position and without a header (CEU-7).

use chrono_tz::Tz;

use super::rules::rows::ce_broker;
use super::rules::{Setting, Told};
use crate::error::Result;
use crate::sheets::Sheet;

/// The file; a new one each time, as CE Broker wants it.
pub fn sheet() -> Sheet {
    Sheet::xls("Roster")
}

/// Adds a row.
pub fn add(sheet: &mut Sheet, told: &Told, setting: &Setting, zone: Tz) -> Result<()> {
    sheet.row(&ce_broker(told, setting, zone))
}
