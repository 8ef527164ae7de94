//! What the board reads: today's scans, and who is in the rooms.

use std::collections::HashMap;

use chrono::Duration;
use diesel::dsl::{count_star, sum};
use diesel::prelude::*;

use super::RoomNow;
use super::rules::Taken;
use crate::agenda::Session;
use crate::checkin::rules::time_of_scan;
use crate::checkin::{Checkpoint, Direction, Outcome};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{enrollments, presences, room_counts, rooms, scans, sessions};
use crate::enrollment::Status;
use crate::error::Result;
use crate::ids::{CheckpointId, EventId, RegistrationId, SessionId};

/// A session is shown so long before it starts and after it ends.
const SHOWN_BEFORE: Duration = Duration::hours(12);
const SHOWN_AFTER: Duration = Duration::minutes(15);
/// So many rooms fit on a wall.
const MOST_ROOMS: i64 = 6;

type Columns = (CheckpointId, Option<RegistrationId>, Direction, Outcome, Instant, Instant, i64, bool);

/// The scans of an event that were received since then.
pub fn scans_since(db: &mut Db, event: &EventId, since: Instant) -> Result<Vec<Taken>> {
    let rows: Vec<Columns> = scans::table
        .filter(scans::event_id.eq(event))
        .filter(scans::received_at.ge(since))
        .select((
            scans::checkpoint_id,
            scans::registration_id,
            scans::direction,
            scans::outcome,
            scans::scanned_at,
            scans::received_at,
            scans::clock_offset_ms,
            scans::offline,
        ))
        .load(db)?;
    let taken = |(checkpoint, registration, direction, outcome, scanned_at, received_at, offset_ms, offline): Columns| Taken {
        checkpoint,
        registration,
        direction,
        outcome,
        at: time_of_scan(Some(scanned_at), offset_ms, received_at, offline).0,
    };
    Ok(rows.into_iter().map(taken).collect())
}

/// The sessions behind doors that run or come next, with who is inside.
pub fn rooms(db: &mut Db, checkpoints: &[Checkpoint], now: Instant) -> Result<Vec<RoomNow>> {
    let ids: Vec<&SessionId> = checkpoints.iter().filter_map(|checkpoint| checkpoint.session_id.as_ref()).collect();
    let shown: Vec<(Session, Option<String>)> = sessions::table
        .left_join(rooms::table)
        .filter(sessions::id.eq_any(ids))
        .filter(sessions::canceled_at.is_null())
        .filter(sessions::ends_at.gt(now.minus(SHOWN_AFTER)))
        .filter(sessions::starts_at.lt(now.plus(SHOWN_BEFORE)))
        .order((sessions::starts_at.asc(), sessions::code.asc()))
        .limit(MOST_ROOMS)
        .select((Session::as_select(), rooms::name.nullable()))
        .load(db)?;
    let ids: Vec<&SessionId> = shown.iter().map(|(session, _)| &session.id).collect();
    let present: Vec<(SessionId, Option<i64>)> = room_counts::table
        .filter(room_counts::session_id.eq_any(&ids))
        .group_by(room_counts::session_id)
        .select((room_counts::session_id, sum(room_counts::inside)))
        .load(db)?;
    let reserved: Vec<(SessionId, i64)> = enrollments::table
        .filter(enrollments::session_id.eq_any(&ids))
        .filter(enrollments::status.eq(Status::Enrolled))
        .filter(enrollments::left_at.is_null())
        .group_by(enrollments::session_id)
        .select((enrollments::session_id, count_star()))
        .load(db)?;
    let walk_ins = walk_ins(db, &ids)?;
    let present: HashMap<SessionId, i64> = present.into_iter().map(|(id, count)| (id, count.unwrap_or_default())).collect();
    let reserved: HashMap<SessionId, i64> = reserved.into_iter().collect();
    let count = |counts: &HashMap<SessionId, i64>, session: &Session| counts.get(&session.id).copied().unwrap_or_default();
    let room_now = |(session, room): (Session, Option<String>)| RoomNow {
        room,
        reserved: session.registration_required.then(|| count(&reserved, &session)),
        walk_ins: session.registration_required.then(|| count(&walk_ins, &session)),
        present: count(&present, &session),
        session,
    };
    Ok(shown.into_iter().map(room_now).collect())
}

/// People in these rooms without a seat of their own.
fn walk_ins(db: &mut Db, ids: &[&SessionId]) -> Result<HashMap<SessionId, i64>> {
    let own_seat = enrollments::session_id
        .eq(presences::session_id)
        .and(enrollments::registration_id.eq(presences::registration_id))
        .and(enrollments::status.eq(Status::Enrolled))
        .and(enrollments::left_at.is_null());
    let rows: Vec<(SessionId, i64)> = presences::table
        .left_join(enrollments::table.on(own_seat))
        .filter(presences::session_id.eq_any(ids))
        .filter(presences::inside.eq(true))
        .filter(enrollments::id.is_null())
        .group_by(presences::session_id)
        .select((presences::session_id, count_star()))
        .load(db)?;
    Ok(rows.into_iter().collect())
}
