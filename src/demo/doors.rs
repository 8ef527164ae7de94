//! Scans of the demo: badges handed out before the first session, and the attendee of the access file,
//! who is let into Monday's sessions as the clock goes.

use std::sync::Arc;

use chrono::Duration;

use super::access;
use super::people::congress;
use super::seed::parse;
use super::{ACTOR, mark};
use crate::app::{Actor, App, Tx};
use crate::badges;
use crate::checkin::door::{self, Door};
use crate::checkin::rules::Direction;
use crate::checkin::scanning::{Presented, ScanRequest, scan};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::{RegistrationId, mac};
use crate::pricing;
use crate::registration::{self, Registration, Status};
use crate::staff::{self, Identity, Role};

/// Where the attendee of the access file is scanned, and when.
const ATTENDEE_GOES: [(&str, &str); 3] =
    [("pickup", "2026-03-09T07:42:10-07:00"), ("door-K1", "2026-03-09T08:50:00-07:00"), ("door-B1", "2026-03-09T10:25:00-07:00")];

/// How many of the attendee's scans were made is kept under this name.
const SCANS_MADE: &str = "demo_scans_made";

/// From when, how many people at most, and how many seconds apart badges are handed out.
const PICK_UPS: [(&str, &str, usize, i64); 2] =
    [("general-workshop", "2026-03-08T07:04:00-07:00", 84, 61), ("general", "2026-03-09T07:01:00-07:00", 96, 53)];

/// Hands out badges at the pick-up desks, as far as `now` has come, and lets the attendee in where it is time.
pub fn hand_out_badges(tx: &mut Tx<'_>, now: Instant) -> Result<()> {
    let event = congress(tx)?;
    let desk = Arc::new(door::get(tx.db, &event.id, "pickup")?);
    let scope = desk_staff(tx)?;
    let attendee = mark::get(tx.db, access::ATTENDEE)?.unwrap_or_default();
    for (kind, from, most, seconds) in PICK_UPS {
        let kind = pricing::get_type(tx.db, &event.id, kind)?;
        let from = parse(from)?;
        let people = registration::of_type(tx.db, &kind.id)?;
        let people = people.into_iter().filter(|person| person.status == Status::Confirmed && person.code != attendee).take(most);
        for (at, person) in people.enumerate().map(|(index, person)| (from.plus(Duration::seconds(seconds * index_of(index))), person)) {
            if at <= now {
                scan_at(tx, &desk, &scope, &person, at)?;
            }
        }
    }
    scan_attendee(tx, now)
}

fn index_of(index: usize) -> i64 {
    i64::try_from(index).unwrap_or_default()
}

/// Somebody of the staff at the door.
fn desk_staff(tx: &mut Tx<'_>) -> Result<Identity> {
    let member = staff::find_by_email(tx.db, "onsite@example.org")?.ok_or(Error::NotFound)?;
    Ok(Identity { actor: Actor::Staff(member.id), name: member.name, roles: vec![(Role::Onsite, None)], bound: None })
}

/// Scans a person's badge as it would have been at that moment.
fn scan_at(tx: &mut Tx<'_>, door: &Arc<Door>, scope: &Identity, person: &Registration, at: Instant) -> Result<()> {
    let Some(badge) = badges::of_registration(tx.db, &person.id)? else { return Ok(()) };
    tx.now = at;
    let request = ScanRequest {
        id: scan_id(&person.id, &door.checkpoint.code),
        token: badge.token(&door.event)?,
        direction: Direction::In,
        scanned_at: None,
        clock_offset_ms: 0,
        offline: false,
        decided: None,
        override_reason: None,
    };
    scan(tx, &Presented::new(Arc::clone(door), request, scope)?).map(drop)
}

/// One id for one person at one door, so that a scan that was made is never made again.
fn scan_id(person: &RegistrationId, checkpoint: &str) -> String {
    let tag = mac(b"scans of the demo", &[person.as_str(), checkpoint]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&tag[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// How many of the attendee's scans are due at this instant.
fn due(now: Instant) -> Result<usize> {
    let moments: Vec<Instant> = ATTENDEE_GOES.iter().map(|(_, at)| parse(at)).collect::<Result<_>>()?;
    Ok(moments.iter().filter(|at| **at <= now).count())
}

/// Makes those of the attendee's scans that are due and were not made.
fn scan_attendee(tx: &mut Tx<'_>, now: Instant) -> Result<()> {
    let made: usize = mark::get(tx.db, SCANS_MADE)?.and_then(|text| text.parse().ok()).unwrap_or_default();
    let due = due(now)?;
    if made >= due {
        return Ok(());
    }
    let (event, scope) = (congress(tx)?, desk_staff(tx)?);
    let code = mark::get(tx.db, access::ATTENDEE)?.ok_or(Error::NotFound)?;
    let attendee = registration::get(tx.db, &code)?;
    for (checkpoint, at) in &ATTENDEE_GOES[made..due] {
        let door = door_of(tx, &event, checkpoint)?;
        scan_at(tx, &door, &scope, &attendee, parse(at)?)?;
    }
    mark::set(tx, SCANS_MADE, &due.to_string())
}

fn door_of(tx: &mut Tx<'_>, event: &Event, code: &str) -> Result<Arc<Door>> {
    door::get(tx.db, &event.id, code).map(Arc::new)
}

/// What the demo does beside serving, once a second: it keeps its clock and lets the attendee in when it is time.
pub fn every_second() -> impl FnMut(&App) -> Result<()> + Send {
    let (mut looks, mut made) = (0u32, 0);
    move |app| {
        let now = app.now();
        let due = due(now)?;
        if due > made {
            app.write_here(ACTOR, move |tx| scan_attendee(tx, now))?;
            made = due;
        }
        looks = looks.wrapping_add(1);
        if looks % 5 == 1 { app.write_here(ACTOR, mark::keep_clock) } else { Ok(()) }
    }
}
