//! Codes for many uses that recognized hospitals give to their staff (PRC-4).

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::{HospitalCode, find_code, get, rules};
use crate::app::Tx;
use crate::audit::Entry;
use crate::db::Db;
use crate::db::schema::hospital_codes;
use crate::error::{Checks, Error, Result};
use crate::ids::{EventId, HospitalCodeId, HospitalId, new_code};

/// The most uses one code may have.
pub const MOST_USES: i32 = 10_000;

/// A code as it is wanted.
#[derive(Clone, Debug)]
pub struct NewCode {
    /// Good for this event only, or for all.
    pub event: Option<EventId>,
    /// As staff typed it; blank makes one.
    pub code: String,
    /// How many people may use it.
    pub cap: i32,
    /// The last day it works, in the event's zone.
    pub expires_on: NaiveDate,
}

/// Adds a code; refused when it is taken, whatever its case, spaces and dashes.
pub fn add_code(tx: &mut Tx<'_>, hospital: &HospitalId, wanted: &NewCode) -> Result<HospitalCode> {
    get(tx.db, hospital)?;
    let code = match wanted.code.trim() {
        "" => new_code("HOSP"),
        typed => typed.to_owned(),
    };
    let code_key = rules::code_key(&code);
    let mut checks = Checks::new();
    check(tx, &mut checks, wanted.cap, wanted.expires_on);
    checks.at_most("code", &code, 40);
    if code_key.len() < 6 {
        checks.wrong("code", "too_short", "Use at least six letters and digits, so that the code cannot be guessed.");
    } else if find_code(tx.db, &code_key)?.is_some() {
        checks.wrong("code", "taken", "This code is in use already. Choose another one, or leave the field empty.");
    }
    checks.finish()?;
    let row = HospitalCode {
        id: HospitalCodeId::new(),
        hospital_id: hospital.clone(),
        event_id: wanted.event.clone(),
        code,
        code_key,
        cap: wanted.cap,
        expires_on: wanted.expires_on,
    };
    diesel::insert_into(hospital_codes::table).values(&row).execute(tx.db)?;
    entry("hospital_code.added", &row).after(facts(&row)).record(tx)?;
    Ok(row)
}

/// Changes how many may use a code and until when; a day that has passed ends it.
pub fn edit_code(tx: &mut Tx<'_>, hospital: &HospitalId, id: &HospitalCodeId, cap: i32, expires_on: NaiveDate) -> Result<()> {
    let before = get_code(tx.db, hospital, id)?;
    let mut checks = Checks::new();
    if before.cap != cap || before.expires_on < expires_on {
        check(tx, &mut checks, cap, expires_on);
    }
    checks.finish()?;
    let after = HospitalCode { cap, expires_on, ..before.clone() };
    if (before.cap, before.expires_on) == (cap, expires_on) {
        return Ok(());
    }
    diesel::update(hospital_codes::table.find(id))
        .set((hospital_codes::cap.eq(cap), hospital_codes::expires_on.eq(expires_on)))
        .execute(tx.db)?;
    entry("hospital_code.changed", &after).before(facts(&before)).after(facts(&after)).record(tx)
}

fn check(tx: &Tx<'_>, checks: &mut Checks, cap: i32, expires_on: NaiveDate) {
    if !(1..=MOST_USES).contains(&cap) {
        checks.wrong("cap", "out_of_range", format!("Enter a number between 1 and {MOST_USES}."));
    }
    if expires_on < rules::today(tx.now) {
        checks.wrong("expires_on", "out_of_range", "This day has passed. Enter the last day on which the code works.");
    }
}

fn entry(action: &str, row: &HospitalCode) -> Entry {
    let entry = Entry::of(action, "hospital_code", &row.id);
    match &row.event_id {
        Some(event) => entry.event(event),
        None => entry,
    }
}

fn facts(row: &HospitalCode) -> Value {
    json!({ "hospital": row.hospital_id, "code": row.code, "cap": row.cap, "expires_on": row.expires_on, "event": row.event_id })
}

/// A code by id, if it is this hospital's.
pub fn get_code(db: &mut Db, hospital: &HospitalId, id: &HospitalCodeId) -> Result<HospitalCode> {
    let found = hospital_codes::table.find(id).filter(hospital_codes::hospital_id.eq(hospital));
    found.select(HospitalCode::as_select()).first(db).map_err(Error::from)
}

/// The codes of a hospital, the last to expire first.
pub fn codes(db: &mut Db, hospital: &HospitalId) -> Result<Vec<HospitalCode>> {
    Ok(hospital_codes::table
        .filter(hospital_codes::hospital_id.eq(hospital))
        .order((hospital_codes::expires_on.desc(), hospital_codes::id.desc()))
        .select(HospitalCode::as_select())
        .load(db)?)
}
