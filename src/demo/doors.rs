//! Scans of the demo: who fetches a badge and comes to the keynote, as the clock goes, and the attendee of the access
//! file, who is let into Monday's sessions.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::Duration;

use super::people::EVENT;
use super::seed::parse;
use super::{ACTOR, access, mark, phones};
use crate::app::{Actor, App, Tx};
use crate::badges;
use crate::checkin::door::{self, Door};
use crate::checkin::rules::Direction;
use crate::checkin::scanning::{Presented, ScanRequest, scan};
use crate::clock::Instant;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::events;
use crate::ids::{RegistrationId, mac};
use crate::pricing;
use crate::registration::{self, Registration, Status};
use crate::staff::{self, Identity, Role};

const PICKUP: &str = "pickup";
const KEYNOTE: &str = "door-K1";

/// Where the attendee of the access file is scanned, and when.
const ATTENDEE_GOES: [(&str, &str); 3] =
    [(PICKUP, "2026-03-09T07:42:10-07:00"), (KEYNOTE, "2026-03-09T08:50:00-07:00"), ("door-B1", "2026-03-09T10:25:00-07:00")];

/// From when, how many people at most, and how many seconds apart badges are handed out.
const PICK_UPS: [(&str, &str, usize, i64); 2] =
    [("general-workshop", "2026-03-08T07:04:00-07:00", 84, 61), ("general", "2026-03-09T07:01:00-07:00", 96, 53)];

/// From when, and how many seconds apart, those who have their badges come to the keynote.
const TO_THE_KEYNOTE: (&str, i64) = ("2026-03-09T08:31:00-07:00", 11);

/// Until when the scans were made is kept under this name.
const MADE_UNTIL: &str = "demo_scans_made_until";

/// Somebody who comes to a door.
struct Arrival {
    at: Instant,
    door: &'static str,
    person: Registration,
}

/// Everybody who comes to a door, the first one first.
fn arrivals(db: &mut Db) -> Result<Vec<Arrival>> {
    let event = events::get(db, EVENT)?;
    let attendee = mark::get(db, access::ATTENDEE)?.ok_or(Error::NotFound)?;
    let attendee = registration::get(db, &attendee)?;
    let mut all = Vec::new();
    for (kind, from, most, seconds) in PICK_UPS {
        let (kind, from) = (pricing::get_type(db, &event.id, kind)?, parse(from)?);
        let people = registration::of_type(db, &kind.id)?;
        let people = people.into_iter().filter(|person| person.status == Status::Confirmed && person.id != attendee.id).take(most);
        all.extend((0i64..).zip(people).map(|(index, person)| Arrival {
            at: from.plus(Duration::seconds(seconds * index)),
            door: PICKUP,
            person,
        }));
    }
    let (from, seconds) = (parse(TO_THE_KEYNOTE.0)?, TO_THE_KEYNOTE.1);
    let with_badge: Vec<Registration> = all.iter().map(|arrival| arrival.person.clone()).collect();
    let late = |(index, person): (i64, Registration)| Arrival { at: from.plus(Duration::seconds(seconds * index)), door: KEYNOTE, person };
    all.extend((0..).zip(with_badge).map(late));
    for (door, at) in ATTENDEE_GOES {
        all.push(Arrival { at: parse(at)?, door, person: attendee.clone() });
    }
    all.sort_by_key(|arrival| arrival.at);
    Ok(all)
}

/// Scans everybody who came to a door until `now` and was not scanned before.
pub fn let_in(tx: &mut Tx<'_>, now: Instant) -> Result<()> {
    let until = mark::get(tx.db, MADE_UNTIL)?.and_then(|text| Instant::parse(&text));
    let is_due = |arrival: &Arrival| arrival.at <= now && until.is_none_or(|until| arrival.at > until);
    let due: Vec<Arrival> = arrivals(tx.db)?.into_iter().filter(is_due).collect();
    if due.is_empty() {
        return Ok(());
    }
    let (event, scope) = (events::get(tx.db, EVENT)?, desk_staff(tx)?);
    let mut doors: BTreeMap<&str, Arc<Door>> = BTreeMap::new();
    for Arrival { at, door, person } in due {
        let door = match doors.get(door) {
            Some(known) => Arc::clone(known),
            None => Arc::clone(doors.entry(door).or_insert(Arc::new(door::get(tx.db, &event.id, door)?))),
        };
        scan_at(tx, &door, &scope, &person, at)?;
    }
    mark::set(tx, MADE_UNTIL, &now.rfc3339_in(chrono_tz::Tz::UTC))
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

/// What the demo does beside serving, once a second: it keeps its clock, lets those in who come to a door, and its
/// phones say how they are.
pub fn every_second() -> impl FnMut(&App) -> Result<()> + Send {
    let (mut looks, mut made) = (0u32, 0);
    let mut moments: Option<Vec<Instant>> = None;
    move |app| {
        let now = app.now();
        let moments = match &mut moments {
            Some(known) => known,
            none => none.insert(app.read_here(arrivals)?.iter().map(|arrival| arrival.at).collect()),
        };
        let due = moments.partition_point(|at| *at <= now);
        if due > made {
            app.write_here(ACTOR, move |tx| let_in(tx, now))?;
            made = due;
        }
        looks = looks.wrapping_add(1);
        if looks % phones::REPORT_EVERY == 1 {
            app.write_here(ACTOR, phones::report)?;
        }
        if looks % 5 == 1 { app.write_here(ACTOR, mark::keep_clock) } else { Ok(()) }
    }
}
