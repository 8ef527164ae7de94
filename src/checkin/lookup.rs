//! The one read behind a scan: badge, registration, seat, presence and balance together.

use std::collections::HashMap;

use diesel::dsl::{exists, sum};
use diesel::prelude::*;

use super::rules::{Direction, Kind, Outcome};
use super::scanning::Shown;
use super::{Checkpoint, Door, Scan};
use crate::clock::Instant;
use crate::db::schema::{badges, checkpoints, enrollments, events, presences, registration_types, registrations, room_counts, scans};
use crate::db::{Db, one_of};
use crate::enrollment;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::{BadgeId, CheckpointId, EventId, RegistrationId, RegistrationTypeId, ScanId, SessionId};
use crate::on_either;
use crate::orders::balance::OwedCents;
use crate::registration::{self, Registration, Status};

/// A badge with all that a door wants to know about it.
#[derive(Clone, Debug, Queryable)]
pub struct Found {
    pub badge: BadgeId,
    pub revoked_at: Option<Instant>,
    pub registration: RegistrationId,
    pub event: EventId,
    pub registration_type: RegistrationTypeId,
    pub status: Status,
    pub badge_name: String,
    pub credentials: String,
    pub organization: String,
    /// The live enrollment in the door's session.
    pub seat: Option<enrollment::Status>,
    /// Whether inside the door's session, by the latest mark.
    pub inside: Option<bool>,
    pub since: Option<Instant>,
    pub owed_cents: i64,
}

/// A badge, with what the answer to one scan of it needs beside.
#[derive(Clone, Debug, Queryable)]
pub struct LookedUp {
    pub found: Found,
    /// How many are in the room.
    pub present: Option<i64>,
    /// A scan with this id was taken before.
    pub is_repeated: bool,
}

/// Badges with their registrations, and seat and presence in the session with this id; the columns are [`Found`]'s.
macro_rules! badges_in {
    ($session:expr) => {{
        let seat = enrollments::registration_id
            .eq(registrations::id)
            .and(enrollments::session_id.eq($session.clone()))
            .and(enrollments::left_at.is_null());
        let presence = presences::registration_id.eq(registrations::id).and(presences::session_id.eq($session));
        badges::table.inner_join(registrations::table).left_join(enrollments::table.on(seat)).left_join(presences::table.on(presence))
    }};
}

macro_rules! found {
    () => {
        (
            badges::id,
            badges::revoked_at,
            registrations::id,
            registrations::event_id,
            registrations::registration_type_id,
            registrations::status,
            registrations::badge_name,
            registrations::credentials,
            registrations::organization,
            enrollments::status.nullable(),
            presences::inside.nullable(),
            presences::since.nullable(),
            OwedCents,
        )
    };
}

/// No session has an empty id, so a door without one finds no seat and no presence.
fn session_of(door: &Door) -> SessionId {
    door.session.as_ref().map_or_else(|| SessionId::from(String::new()), |session| session.id.clone())
}

/// The badge with this number, as the door's session sees it.
pub fn badge(db: &mut Db, door: &Door, number: &str, scan: &ScanId) -> Result<Option<LookedUp>> {
    let session = session_of(door);
    let present = room_counts::table.filter(room_counts::session_id.eq(session.clone())).select(sum(room_counts::inside)).single_value();
    let facts =
        badges_in!(session).filter(badges::number.eq(number)).select((found!(), present, exists(scans::table.filter(scans::id.eq(scan)))));
    // On the connection itself the statement is known by its type; on either, its text is made at every scan.
    Ok(on_either!(db, connection => facts.first(connection)).optional()?)
}

/// The badges with these numbers, as the door's session sees them, by number.
pub fn badges(db: &mut Db, door: &Door, numbers: &[&str]) -> Result<Vec<(String, Found)>> {
    let facts = badges_in!(session_of(door)).filter(one_of(badges::number, numbers)).select((badges::number, found!()));
    Ok(on_either!(db, connection => facts.load(connection))?)
}

/// The event of a badge, by its number.
pub fn event_of_badge(db: &mut Db, number: &str) -> Result<Option<Event>> {
    Ok(badges::table
        .inner_join(registrations::table.inner_join(events::table))
        .filter(badges::number.eq(number))
        .select(Event::as_select())
        .first(db)
        .optional()?)
}

/// The scans with these ids.
pub fn scans_with(db: &mut Db, ids: &[&ScanId]) -> Result<Vec<Scan>> {
    let texts = ids.iter().map(|id| id.as_str());
    Ok(on_either!(db, connection => scans::table.filter(one_of(scans::id, texts)).select(Scan::as_select()).load(connection))?)
}

/// A scan by its id.
pub fn scan(db: &mut Db, id: &ScanId) -> Result<Option<Scan>> {
    Ok(scans::table.find(id).select(Scan::as_select()).first(db).optional()?)
}

/// When somebody was last let in at a door without a session and did not go out again: of a pick-up,
/// when this very badge was given out, at whichever desk.
pub fn let_in_before(db: &mut Db, checkpoint: &Checkpoint, found: &Found) -> Result<Option<Instant>> {
    let mut earlier = scans::table
        .inner_join(checkpoints::table)
        .filter(scans::registration_id.eq(&found.registration))
        .order((scans::scanned_at.desc(), scans::id.desc()))
        .select((scans::direction, scans::scanned_at, scans::answer))
        .into_boxed::<crate::db::Either>();
    earlier = match checkpoint.kind {
        Kind::BadgePickup => earlier.filter(checkpoints::kind.eq(Kind::BadgePickup)).filter(scans::badge_id.eq(&found.badge)),
        _ => earlier.filter(scans::checkpoint_id.eq(&checkpoint.id)),
    };
    let rows: Vec<(Direction, Instant, String)> = earlier.load(db)?;
    for (direction, at, answer) in rows {
        let shown: Shown = serde_json::from_str(&answer).map_err(Error::internal)?;
        if shown.lets_pass {
            return Ok((direction == Direction::In).then_some(at));
        }
    }
    Ok(None)
}

/// Who was let in at a door without a session and did not go out again, with since when; of a pick-up, whose badge
/// was given out at whichever desk.
pub fn let_in(db: &mut Db, checkpoint: &Checkpoint) -> Result<HashMap<RegistrationId, Instant>> {
    let mut all = scans::table
        .inner_join(checkpoints::table)
        .filter(scans::event_id.eq(&checkpoint.event_id))
        .filter(scans::registration_id.is_not_null())
        .order((scans::scanned_at.asc(), scans::id.asc()))
        .select((scans::registration_id.assume_not_null(), scans::direction, scans::scanned_at, scans::answer))
        .into_boxed::<crate::db::Either>();
    all = match checkpoint.kind {
        Kind::BadgePickup => all.filter(checkpoints::kind.eq(Kind::BadgePickup)),
        _ => all.filter(scans::checkpoint_id.eq(&checkpoint.id)),
    };
    let rows: Vec<(RegistrationId, Direction, Instant, String)> = all.load(db)?;
    let mut inside = HashMap::new();
    for (registration, direction, at, answer) in rows {
        let shown: Shown = serde_json::from_str(&answer).map_err(Error::internal)?;
        match direction {
            _ if !shown.lets_pass => {}
            Direction::In => drop(inside.insert(registration, at)),
            Direction::Out => drop(inside.remove(&registration)),
        }
    }
    Ok(inside)
}

/// How many scans each checkpoint of an event has taken, and how many let somebody in by each outcome.
pub fn scan_counts(db: &mut Db, event: &EventId) -> Result<Vec<(CheckpointId, Outcome, i64)>> {
    Ok(scans::table
        .filter(scans::event_id.eq(event))
        .group_by((scans::checkpoint_id, scans::outcome))
        .select((scans::checkpoint_id, scans::outcome, diesel::dsl::count_star()))
        .load(db)?)
}

/// Somebody found by name or code at a door.
#[derive(Clone, Debug)]
pub struct Listed {
    pub code: String,
    pub badge_name: String,
    pub credentials: String,
    pub organization: String,
    pub status: Status,
    pub type_name: String,
}

/// People of an event in whose name, code, e-mail or organization every typed word is found, by name, at most `limit`.
pub fn people(db: &mut Db, event: &EventId, typed: &str, limit: i64) -> Result<Vec<Listed>> {
    let rows: Vec<Registration> = registration::search::matching(event, typed)
        .order((registrations::family_name.asc(), registrations::given_name.asc(), registrations::id.asc()))
        .limit(limit)
        .select(Registration::as_select())
        .load(db)?;
    let types: HashMap<RegistrationTypeId, String> = registration_types::table
        .filter(registration_types::event_id.eq(event))
        .select((registration_types::id, registration_types::name))
        .load(db)?
        .into_iter()
        .collect();
    let listed = |row: Registration| Listed {
        type_name: types.get(&row.registration_type_id).cloned().unwrap_or_default(),
        code: row.code,
        badge_name: row.badge_name,
        credentials: row.credentials,
        organization: row.organization,
        status: row.status,
    };
    Ok(rows.into_iter().map(listed).collect())
}
