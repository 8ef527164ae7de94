//! What a device says of itself every half minute: battery, and how many scans wait to be sent.

use diesel::prelude::*;

use crate::app::{Actor, Tx};
use crate::clock::Instant;
use crate::db::schema::device_reports;
use crate::error::{Checks, Result};
use crate::ids::DeviceId;
use crate::on_either;

/// The latest report of a device, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = device_reports, check_for_backend(crate::db::Either), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Report {
    pub device_id: DeviceId,
    pub seen_at: Instant,
    /// The checkpoint whose page is open.
    pub checkpoint_code: String,
    /// In percent, where the phone tells.
    pub battery: Option<i32>,
    pub charging: Option<bool>,
    /// Scans that wait to be sent.
    pub queued: i32,
    pub oldest_queued_at: Option<Instant>,
    pub app_version: String,
}

/// A report as a device sends it.
#[derive(Clone, Debug)]
pub struct ReportInput {
    pub battery: Option<i32>,
    pub charging: Option<bool>,
    pub queued: i32,
    pub oldest_queued_at: Option<Instant>,
    pub app_version: String,
}

/// The longest version, in characters, and the longest queue that is believed.
const LONGEST_VERSION: usize = 40;
const LONGEST_QUEUE: i32 = 1_000_000;

/// Keeps what a device says of itself; of anybody else nothing is kept.
pub fn report(tx: &mut Tx<'_>, checkpoint_code: &str, input: &ReportInput) -> Result<()> {
    let mut checks = Checks::new();
    if input.battery.is_some_and(|percent| !(0..=100).contains(&percent)) {
        checks.wrong("battery", "out_of_range", "The battery is between 0 and 100 percent.");
    }
    if !(0..=LONGEST_QUEUE).contains(&input.queued) {
        checks.wrong("queued", "out_of_range", "A queue has between 0 and a million scans.");
    }
    checks.at_most("app_version", &input.app_version, LONGEST_VERSION);
    checks.finish()?;
    let Actor::Device(id) = &tx.actor else { return Ok(()) };
    let row = Report {
        device_id: id.clone(),
        seen_at: tx.now,
        checkpoint_code: checkpoint_code.to_owned(),
        battery: input.battery,
        charging: input.charging,
        queued: input.queued,
        oldest_queued_at: input.oldest_queued_at,
        app_version: input.app_version.clone(),
    };
    on_either!(&mut *tx.db, connection => diesel::insert_into(device_reports::table)
        .values(&row)
        .on_conflict(device_reports::device_id)
        .do_update()
        .set(&row)
        .execute(connection))?;
    Ok(())
}
