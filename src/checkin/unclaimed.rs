//! A room's seats as its doors count them: reserved, come, free, and who is next (CHK-2).

use std::collections::HashMap;

use diesel::prelude::*;
use serde::Serialize;

use super::lookup::Found;
use super::rules::{self, Direction, Outcome, Waiting};
use super::{Door, door};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{checkpoints, enrollments, presences, registrations, scans};
use crate::enrollment::{self, Status as Seat, at_door};
use crate::error::{Error, Result};
use crate::ids::{EnrollmentId, RegistrationId, RegistrationTypeId, SessionId};
use crate::registration::Status;

/// The seats of a session, and who came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    /// Seats that people have.
    taken: i64,
    /// Of those, given out at the door.
    at_door: i64,
    /// Seats whose people have not come. Who came and went out again has claimed the seat.
    unclaimed: i64,
    /// People inside without a seat: let in by override, or by a device that was offline.
    unseated: i64,
}

impl Counts {
    fn of(db: &mut Db, session: &SessionId) -> Result<Self> {
        let presence = presences::session_id.eq(enrollments::session_id).and(presences::registration_id.eq(enrollments::registration_id));
        let seats: Vec<(bool, Option<bool>)> = enrollments::table
            .left_join(presences::table.on(presence))
            .filter(enrollments::session_id.eq(session))
            .filter(enrollments::status.eq(Seat::Enrolled))
            .filter(enrollments::left_at.is_null())
            .select((enrollments::taken_at_door, presences::inside.nullable()))
            .load(db)?;
        let inside: i64 =
            presences::table.filter(presences::session_id.eq(session)).filter(presences::inside.eq(true)).count().get_result(db)?;
        let mut counts = Self { unseated: inside, ..Self::default() };
        for (at_door, presence) in seats {
            counts.taken += 1;
            counts.at_door += i64::from(at_door);
            counts.unclaimed += i64::from(presence.is_none());
            counts.unseated -= i64::from(presence == Some(true));
        }
        Ok(counts)
    }

    /// Seats that nobody has and nobody without one sits on.
    fn free(self, session: &Session) -> Option<i64> {
        session.capacity.map(|capacity| i64::from(capacity) - self.taken - self.unseated)
    }
}

/// The room behind a door as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoomNow {
    /// In the room, over all doors.
    pub present: i64,
    /// Seats that were chosen beforehand; none where no seat is needed.
    pub reserved: Option<i64>,
    /// People without such a seat: with one from the door, or with none.
    pub walk_in: Option<i64>,
    /// Seats that somebody can still have now.
    pub free: Option<i64>,
    /// All but the first in words, such as “58 reserved · 3 walk-ins · 2 free”.
    pub words: String,
}

impl RoomNow {
    fn of(present: i64, reserved: Option<i64>, walk_in: Option<i64>, free: Option<i64>) -> Self {
        let free = free.map(|free| free.max(0));
        let parts = [
            reserved.map(|reserved| format!("{reserved} reserved")),
            walk_in.map(|walk_in| if walk_in == 1 { "1 walk-in".to_owned() } else { format!("{walk_in} walk-ins") }),
            free.map(|free| if free == 0 { "full".to_owned() } else { format!("{free} free") }),
        ];
        Self { present, reserved, walk_in, free, words: parts.into_iter().flatten().collect::<Vec<_>>().join(" · ") }
    }
}

/// Who is in the room behind a door, and how many can still come.
pub fn room_now(db: &mut Db, door: &Door, now: Instant) -> Result<Option<RoomNow>> {
    let (Some(session), Some(sitting)) = (&door.session, &door.place.sitting) else { return Ok(None) };
    let present = door::present(db, &session.id)?;
    if !door.counts_seats() {
        let free = session.capacity.map(|capacity| i64::from(capacity) - present);
        return Ok(Some(RoomNow::of(present, None, None, free)));
    }
    let counts = Counts::of(db, &session.id)?;
    let unclaimed = if rules::gives_unclaimed(sitting, now) { counts.unclaimed } else { 0 };
    let (reserved, walk_in) = (counts.taken - counts.at_door, counts.at_door + counts.unseated);
    Ok(Some(RoomNow::of(present, Some(reserved), Some(walk_in), counts.free(session).map(|free| free + unclaimed))))
}

/// What a door knows of the seats for somebody who has none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seats {
    pub free: Option<i64>,
    pub unclaimed: i64,
    pub ahead: i64,
    pub given_away_at: Option<Instant>,
}

/// Makes other doors of the session wait while seats are given out here, so that they are counted exactly.
pub(super) fn hold(tx: &mut Tx<'_>, door: &Door, direction: Direction, at: Instant) -> Result<()> {
    match (&door.session, may_give(door, at) && direction == Direction::In) {
        (Some(session), true) => agenda::hold(tx, &session.id),
        _ => Ok(()),
    }
}

/// Whether a scan at this time could take a seat, or find its own given away.
pub(super) fn may_give(door: &Door, at: Instant) -> bool {
    door.place.sitting.as_ref().is_some_and(|sitting| rules::gives_seats(sitting, at))
}

/// Counts the seats for somebody who has none.
pub(super) fn seats(db: &mut Db, door: &Door, found: &Found, at: Instant) -> Result<Seats> {
    let Some(session) = &door.session else { return Ok(Seats::default()) };
    let counts = Counts::of(db, &session.id)?;
    let seats = Seats { free: counts.free(session), unclaimed: counts.unclaimed, ..Seats::default() };
    if !may_give(door, at) {
        return Ok(seats);
    }
    let given_away_at = at_door::given_away_at(db, &found.registration, &session.id)?;
    Ok(Seats { ahead: ahead(db, door, session, found, at)?, given_away_at, ..seats })
}

/// The scans of one person at the session's doors that did not let them in.
struct Refusals {
    first: Instant,
    last: Instant,
}

/// How many wait at the session's doors and come before this person.
fn ahead(db: &mut Db, door: &Door, session: &Session, found: &Found, at: Instant) -> Result<i64> {
    let rows: Vec<(Option<RegistrationId>, Instant, i64, Instant, bool)> = scans::table
        .inner_join(checkpoints::table)
        .filter(checkpoints::session_id.eq(&session.id))
        .filter(scans::direction.eq(Direction::In))
        .filter(scans::outcome.eq_any([Outcome::Waitlisted, Outcome::Full, Outcome::NotEnrolled]))
        .filter(scans::registration_id.is_not_null())
        .select((scans::registration_id, scans::scanned_at, scans::clock_offset_ms, scans::received_at, scans::offline))
        .load(db)?;
    let mut refused: HashMap<RegistrationId, Refusals> = HashMap::new();
    for (registration, sent, offset, received, offline) in rows {
        let Some(registration) = registration else { continue };
        let (scanned, _) = rules::time_of_scan(Some(sent), offset, received, offline);
        let refusals = refused.entry(registration).or_insert(Refusals { first: scanned, last: scanned });
        refusals.first = refusals.first.min(scanned);
        refusals.last = refusals.last.max(scanned);
    }
    let first_scan_at = refused.remove(&found.registration).map_or(at, |refusals| refusals.first.min(at));
    let asker = Waiting { is_waitlisted: found.seat == Some(Seat::Waitlisted), first_scan_at, last_scan_at: at };
    let others = waiting(db, door, session, &refused)?;
    Ok(rules::ahead(&asker, &others, at))
}

/// Those among them who could still get a seat and have none.
fn waiting(db: &mut Db, door: &Door, session: &Session, refused: &HashMap<RegistrationId, Refusals>) -> Result<Vec<Waiting>> {
    let ids: Vec<RegistrationId> = refused.keys().cloned().collect();
    let seat = enrollments::registration_id
        .eq(registrations::id)
        .and(enrollments::session_id.eq(session.id.clone()))
        .and(enrollments::left_at.is_null());
    let presence = presences::registration_id.eq(registrations::id).and(presences::session_id.eq(session.id.clone()));
    let mut waiting = Vec::new();
    for chunk in ids.chunks(500) {
        let rows: Vec<(RegistrationId, RegistrationTypeId, Option<Seat>)> = registrations::table
            .left_join(enrollments::table.on(seat.clone()))
            .left_join(presences::table.on(presence.clone()))
            .filter(registrations::id.eq_any(chunk.to_vec()))
            .filter(registrations::status.eq(Status::Confirmed))
            .filter(presences::inside.is_null().or(presences::inside.eq(false)))
            .select((registrations::id, registrations::registration_type_id, enrollments::status.nullable()))
            .load(db)?;
        for (id, kind, seat) in rows {
            let may_get_one = seat != Some(Seat::Enrolled) && (seat.is_some() || door.covering.contains(&kind));
            if let Some(refusals) = refused.get(&id).filter(|_| may_get_one) {
                let is_waitlisted = seat == Some(Seat::Waitlisted);
                waiting.push(Waiting { is_waitlisted, first_scan_at: refusals.first, last_scan_at: refusals.last });
            }
        }
    }
    Ok(waiting)
}

/// Gives somebody at the door a seat; the session is held. Where none is free, the seat that was taken last by
/// somebody who has not come passes on.
pub(super) fn take_seat(tx: &mut Tx<'_>, door: &Door, found: &Found) -> Result<()> {
    let Some(session) = &door.session else { return Ok(()) };
    let session = agenda::get_by_id(tx.db, &session.id)?;
    let is_full = Counts::of(tx.db, &session.id)?.free(&session).is_some_and(|free| free <= 0);
    let unclaimed = if is_full { Some(last_unclaimed(tx.db, &session.id)?.ok_or(Error::Busy)?) } else { None };
    enrollment::at_door::seat(tx, &door.event, &session, &found.registration, unclaimed.as_ref())
}

fn last_unclaimed(db: &mut Db, session: &SessionId) -> Result<Option<EnrollmentId>> {
    let presence = presences::session_id.eq(enrollments::session_id).and(presences::registration_id.eq(enrollments::registration_id));
    Ok(enrollments::table
        .left_join(presences::table.on(presence))
        .filter(enrollments::session_id.eq(session))
        .filter(enrollments::status.eq(Seat::Enrolled))
        .filter(enrollments::left_at.is_null())
        .filter(presences::inside.is_null())
        .order(enrollments::id.desc())
        .select(enrollments::id)
        .first(db)
        .optional()?)
}
