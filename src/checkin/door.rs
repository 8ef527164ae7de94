//! What a door has to know to answer: its checkpoint, times, session and the event's settings.

use std::collections::HashSet;

use chrono::Duration;
use diesel::prelude::*;

use super::rules::{Kind, Pickup, Place, Sitting};
use super::{Checkpoint, Window};
use crate::agenda::{self, Session};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{checkpoint_windows, checkpoints, covered_sessions, registration_types, room_counts};
use crate::error::{Error, Result};
use crate::events::{self, Event, UnpaidAtDoor};
use crate::ids::{CheckpointId, EventId, RegistrationTypeId, SessionId};
use crate::on_either;

/// The door of a session opens this long before it, where no window says otherwise.
pub const OPENS_BEFORE: Duration = Duration::minutes(60);

/// A checkpoint with everything but the badge that its answers depend on.
#[derive(Clone, Debug)]
pub struct Door {
    pub checkpoint: Checkpoint,
    pub event: Event,
    pub session: Option<Session>,
    pub place: Place,
    /// The registration types that cover the session.
    pub covering: HashSet<RegistrationTypeId>,
}

impl Door {
    /// The window that is open, else the next to open, else the last; `None` where it is always open.
    pub fn window_at(&self, now: Instant) -> Option<(Instant, Instant)> {
        let windows = &self.place.windows;
        let current = windows.iter().filter(|(_, closes)| now < *closes).min_by_key(|(opens, _)| *opens);
        current.or_else(|| windows.iter().max_by_key(|(_, closes)| *closes)).copied()
    }

    /// Seats are given out in this session, so a badge without one is refused.
    pub fn counts_seats(&self) -> bool {
        self.place.sitting.as_ref().is_some_and(|sitting| sitting.needs_seat)
    }
}

/// An event's checkpoints by code.
pub fn checkpoints(db: &mut Db, event: &EventId) -> Result<Vec<Checkpoint>> {
    Ok(checkpoints::table
        .filter(checkpoints::event_id.eq(event))
        .order(checkpoints::code.asc())
        .select(Checkpoint::as_select())
        .load(db)?)
}

/// The checkpoint with this code.
pub fn find_checkpoint(db: &mut Db, event: &EventId, code: &str) -> Result<Option<Checkpoint>> {
    let found = checkpoints::table.filter(checkpoints::event_id.eq(event)).filter(checkpoints::code.eq(code));
    Ok(found.select(Checkpoint::as_select()).first(db).optional()?)
}

/// The events that have a checkpoint with this code.
pub fn events_with_code(db: &mut Db, code: &str) -> Result<Vec<EventId>> {
    Ok(checkpoints::table.filter(checkpoints::code.eq(code)).order(checkpoints::id.asc()).select(checkpoints::event_id).load(db)?)
}

/// The stored windows of a checkpoint, earliest first.
pub fn windows(db: &mut Db, checkpoint: &CheckpointId) -> Result<Vec<Window>> {
    Ok(checkpoint_windows::table
        .filter(checkpoint_windows::checkpoint_id.eq(checkpoint))
        .order((checkpoint_windows::opens_at.asc(), checkpoint_windows::id.asc()))
        .select(Window::as_select())
        .load(db)?)
}

/// Everything about the door with this code, or not found.
pub fn get(db: &mut Db, event: &EventId, code: &str) -> Result<Door> {
    let checkpoint = find_checkpoint(db, event, code)?.ok_or(Error::NotFound)?;
    let event = events::get_by_id(db, event)?;
    of_checkpoint(db, event, checkpoint)
}

/// Everything about every door of an event, by code.
pub fn list(db: &mut Db, event: &Event) -> Result<Vec<Door>> {
    checkpoints(db, &event.id)?.into_iter().map(|checkpoint| of_checkpoint(db, event.clone(), checkpoint)).collect()
}

fn of_checkpoint(db: &mut Db, event: Event, checkpoint: Checkpoint) -> Result<Door> {
    let session = checkpoint.session_id.as_ref().map(|id| agenda::get_by_id(db, id)).transpose()?;
    let stored = windows(db, &checkpoint.id)?;
    let pickups = if checkpoint.kind == Kind::BadgePickup { pickups(db, &event.id)? } else { Vec::new() };
    let place = Place {
        kind: checkpoint.kind,
        in_only: checkpoint.in_only,
        event_name: event.name.clone(),
        zone: event.zone(),
        sitting: session.as_ref().map(|session| Sitting {
            title: session.title.clone(),
            needs_seat: session.registration_required,
            choosing_ends_at: session.starts_at.minus(Duration::minutes(event.selection_closes_minutes_before.into())),
            // What was paid for by itself stays kept for who paid.
            unclaimed_from: session
                .price_cents
                .is_none()
                .then(|| session.starts_at.plus(Duration::minutes(event.unclaimed_after_minutes.into()))),
            is_canceled: session.canceled_at.is_some(),
        }),
        windows: open_times(&stored, session.as_ref()),
        refuses_unpaid: event.unpaid_at_door == UnpaidAtDoor::Refuse,
        pickups,
    };
    let covering = session.as_ref().map(|session| covering(db, session)).transpose()?.unwrap_or_default();
    Ok(Door { checkpoint, event, session, place, covering })
}

/// The stored windows; the door of a session without any follows the session, also when that is moved.
fn open_times(stored: &[Window], session: Option<&Session>) -> Vec<(Instant, Instant)> {
    match (stored.is_empty(), session) {
        (true, Some(session)) => vec![(session.starts_at.minus(OPENS_BEFORE), session.ends_at)],
        _ => stored.iter().map(|window| (window.opens_at, window.closes_at)).collect(),
    }
}

fn pickups(db: &mut Db, event: &EventId) -> Result<Vec<Pickup>> {
    let places = events::badge_places(db, event)?.into_iter();
    Ok(places.map(|at| Pickup { place: at.place, opens_at: at.opens_at, closes_at: at.closes_at, audience: at.audience }).collect())
}

/// The types that cover a session: those that list it, and those that cover all where it has no price of its own.
fn covering(db: &mut Db, session: &Session) -> Result<HashSet<RegistrationTypeId>> {
    let listed = covered_sessions::table.filter(covered_sessions::session_id.eq(&session.id));
    let mut types: HashSet<RegistrationTypeId> = listed.select(covered_sessions::registration_type_id).load(db)?.into_iter().collect();
    if session.price_cents.is_none() {
        let of_event = registration_types::table.filter(registration_types::event_id.eq(&session.event_id));
        let all: Vec<RegistrationTypeId> =
            of_event.filter(registration_types::covers_all.eq(true)).select(registration_types::id).load(db)?;
        types.extend(all);
    }
    Ok(types)
}

/// How many are in the room behind a session's doors ("came in" where nobody scans out).
pub fn present(db: &mut Db, session: &SessionId) -> Result<i64> {
    let shares = room_counts::table.filter(room_counts::session_id.eq(session)).select(diesel::dsl::sum(room_counts::inside));
    Ok(on_either!(db, connection => shares.first::<Option<i64>>(connection))?.unwrap_or_default())
}
