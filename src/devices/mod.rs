//! Paired phones: scanning devices that work some doors of an event for some hours, see no e-mail and list nobody (ACC-3).

pub mod rules;
pub mod pairing;
pub mod report;
pub mod admin;
pub mod pages;
pub mod report_admin;

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::json;

use crate::app::{Actor, Tx};
use crate::audit::Entry;
use crate::checkin::{self, Checkpoint};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{checkpoints, device_checkpoints, device_reports, devices, pairing_codes};
use crate::error::{Checks, Error, Result};
use crate::events::Event;
use crate::ids::{CheckpointId, DeviceId, EventId, secret_hash};
use crate::people::rules::tidy;
use crate::staff::{Bound, Identity, Role};

pub use pairing::{Proof, Secrets, forget_expired, new_code, new_code_for, pair};
pub use report::{Report, ReportInput, report};
pub use rules::State;

/// A device as it is stored; its token is kept as a hash only.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = devices, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Device {
    pub id: DeviceId,
    pub event_id: EventId,
    pub name: String,
    /// It works every checkpoint of the event, also those added later.
    pub every_door: bool,
    /// It may let somebody in against the answer.
    pub may_override: bool,
    pub made_at: Instant,
    /// Who offered the pairing: `staff:…`.
    pub made_by: String,
    pub expires_at: Instant,
    /// Nothing until a phone was paired.
    pub token_hash: Option<String>,
    pub paired_at: Option<Instant>,
    pub revoked_at: Option<Instant>,
}

/// A device with what its list shows of it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub device: Device,
    /// The checkpoints it is bound to; empty where it works every one.
    pub doors: Vec<Checkpoint>,
    pub report: Option<Report>,
    /// Until when the newest pairing code that nobody has used may be used.
    pub code_until: Option<Instant>,
}

impl Listed {
    pub fn state(&self, now: Instant) -> State {
        let device = &self.device;
        rules::state(device.paired_at.is_some(), device.revoked_at.is_some(), device.expires_at, self.code_until, now)
    }

    /// When it was last heard of.
    pub fn seen_at(&self) -> Option<Instant> {
        self.report.as_ref().map(|report| report.seen_at).or(self.device.paired_at)
    }
}

/// What a device is to be.
#[derive(Clone, Debug)]
pub struct NewDevice {
    pub name: String,
    /// Codes of checkpoints; not looked at with `every_door`.
    pub doors: Vec<String>,
    pub every_door: bool,
    pub may_override: bool,
    /// How many hours it works; until the end of today where nothing is said.
    pub hours: Option<i64>,
}

/// The longest name, in characters.
const LONGEST_NAME: usize = 60;

/// Offers a pairing: the device is there, and works as soon as a phone uses its link or code.
pub fn create(tx: &mut Tx<'_>, event: &Event, new: &NewDevice) -> Result<(Device, Secrets)> {
    let known = checkin::checkpoints(tx.db, &event.id)?;
    let chosen: Vec<&Checkpoint> = known.iter().filter(|checkpoint| new.doors.contains(&checkpoint.code)).collect();
    let mut checks = Checks::new();
    checks.required("name", &new.name, "Name the phone so that you know it again, for example “Phone 3”.");
    checks.at_most("name", &new.name, LONGEST_NAME);
    if !new.every_door && (chosen.is_empty() || chosen.len() != new.doors.len()) {
        checks.wrong("doors", "required", "Choose the doors that this phone scans at, or every door.");
    }
    let expires_at = rules::ends_at(new.hours, tx.now, event.zone());
    if expires_at.is_none() {
        checks.wrong("hours", "out_of_range", rules::HOURS_SENTENCE);
    }
    checks.finish()?;
    let device = Device {
        id: DeviceId::new(),
        event_id: event.id.clone(),
        name: tidy(&new.name),
        every_door: new.every_door,
        may_override: new.may_override,
        made_at: tx.now,
        made_by: tx.actor.label(),
        expires_at: expires_at.unwrap_or(tx.now),
        token_hash: None,
        paired_at: None,
        revoked_at: None,
    };
    diesel::insert_into(devices::table).values(&device).execute(tx.db)?;
    let bound: Vec<&Checkpoint> = if new.every_door { Vec::new() } else { chosen };
    for checkpoint in &bound {
        let row = (device_checkpoints::device_id.eq(&device.id), device_checkpoints::checkpoint_id.eq(&checkpoint.id));
        diesel::insert_into(device_checkpoints::table).values(row).execute(tx.db)?;
    }
    let doors: Vec<&str> = bound.iter().map(|checkpoint| checkpoint.code.as_str()).collect();
    let facts = json!({
        "name": device.name, "doors": doors, "every_door": device.every_door, "may_override": device.may_override,
        "expires_at": device.expires_at,
    });
    Entry::of("device.offered", "device", &device.id).event(&event.id).after(facts).record(tx)?;
    let secrets = pairing::offer(tx, &device, rules::CODE_LASTS)?;
    Ok((device, secrets))
}

/// Lets a device work for so many hours from now, or until the end of today; refused for a revoked one.
pub fn extend(tx: &mut Tx<'_>, event: &Event, id: &DeviceId, hours: Option<i64>) -> Result<Device> {
    let mut device = get_unrevoked(tx.db, &event.id, id)?;
    let expires_at = rules::ends_at(hours, tx.now, event.zone());
    let expires_at = expires_at.ok_or_else(|| Error::invalid("hours", "out_of_range", rules::HOURS_SENTENCE))?;
    diesel::update(devices::table.find(id)).set(devices::expires_at.eq(expires_at)).execute(tx.db)?;
    Entry::of("device.extended", "device", id)
        .event(&event.id)
        .before(json!({ "expires_at": device.expires_at }))
        .after(json!({ "expires_at": expires_at }))
        .record(tx)?;
    device.expires_at = expires_at;
    Ok(device)
}

/// Takes a device back at once, for good; revoking it again changes nothing.
pub fn revoke(tx: &mut Tx<'_>, event: &Event, id: &DeviceId) -> Result<Device> {
    let device = get(tx.db, &event.id, id)?;
    let unrevoked = devices::table.find(id).filter(devices::revoked_at.is_null());
    if diesel::update(unrevoked).set(devices::revoked_at.eq(Some(tx.now))).execute(tx.db)? == 1 {
        pairing::retire(tx, id)?;
        Entry::of("device.revoked", "device", id).event(&event.id).record(tx)?;
    }
    Ok(device)
}

/// A device of an event, or not found.
pub fn get(db: &mut Db, event: &EventId, id: &DeviceId) -> Result<Device> {
    Ok(devices::table.find(id).filter(devices::event_id.eq(event)).select(Device::as_select()).first(db)?)
}

/// A device that was not taken back.
fn get_unrevoked(db: &mut Db, event: &EventId, id: &DeviceId) -> Result<Device> {
    let device = get(db, event, id)?;
    if device.revoked_at.is_some() {
        return Err(Error::refused("devices.revoked", "This phone was revoked. Pair it anew."));
    }
    Ok(device)
}

/// The devices of an event with their doors and last reports, newest first.
pub fn list(db: &mut Db, event: &EventId) -> Result<Vec<Listed>> {
    let of_event: Vec<(Device, Option<Report>)> = devices::table
        .left_join(device_reports::table)
        .filter(devices::event_id.eq(event))
        .order(devices::id.desc())
        .select((Device::as_select(), Option::<Report>::as_select()))
        .load(db)?;
    let bound: Vec<(DeviceId, Checkpoint)> = device_checkpoints::table
        .inner_join(checkpoints::table)
        .filter(checkpoints::event_id.eq(event))
        .order(checkpoints::code.asc())
        .select((device_checkpoints::device_id, Checkpoint::as_select()))
        .load(db)?;
    let codes: Vec<(DeviceId, Instant)> = pairing_codes::table
        .inner_join(devices::table)
        .filter(devices::event_id.eq(event))
        .filter(pairing_codes::used_at.is_null())
        .order(pairing_codes::expires_at.asc())
        .select((pairing_codes::device_id, pairing_codes::expires_at))
        .load(db)?;
    let codes: HashMap<DeviceId, Instant> = codes.into_iter().collect();
    let mut doors: HashMap<DeviceId, Vec<Checkpoint>> = HashMap::new();
    for (device, checkpoint) in bound {
        doors.entry(device).or_default().push(checkpoint);
    }
    let listed = of_event.into_iter().map(|(device, report)| Listed {
        doors: doors.remove(&device.id).unwrap_or_default(),
        code_until: codes.get(&device.id).copied(),
        device,
        report,
    });
    Ok(listed.collect())
}

/// One device with what its page shows.
pub fn get_listed(db: &mut Db, event: &EventId, id: &DeviceId) -> Result<Listed> {
    // An event has dozens of phones, and this is read by staff only.
    list(db, event)?.into_iter().find(|listed| listed.device.id == *id).ok_or(Error::NotFound)
}

/// Who a device's cookie stands for, while it is neither revoked nor over: one read, since every scan asks.
pub fn identity_of_cookie(db: &mut Db, secret: &str, now: Instant) -> Result<Option<Identity>> {
    let rows: Vec<(Device, Option<CheckpointId>)> = devices::table
        .left_join(device_checkpoints::table)
        .filter(devices::token_hash.eq(secret_hash(secret)))
        .filter(devices::revoked_at.is_null())
        .filter(devices::expires_at.gt(now))
        .select((Device::as_select(), device_checkpoints::checkpoint_id.nullable()))
        .load(db)?;
    let own: Vec<CheckpointId> = rows.iter().filter_map(|(_, checkpoint)| checkpoint.clone()).collect();
    Ok(rows.into_iter().next().map(|(device, _)| Identity {
        actor: Actor::Device(device.id),
        name: device.name,
        // What it is bound to leaves of the role what a door needs.
        roles: vec![(Role::Onsite, Some(device.event_id))],
        bound: Some(Bound { checkpoints: (!device.every_door).then_some(own), may_override: device.may_override }),
    }))
}
