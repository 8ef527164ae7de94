//! Reads of an agenda: its days, what is on between two instants, repeats of a session.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;
use diesel::prelude::*;

use super::{Kind, Session};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::sessions;
use crate::error::Result;
use crate::ids::{EventId, RoomId, SessionId, TrackId};

/// A session as lists show it: all but its abstract, which is most of its bytes.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(crate::db::Either))]
pub struct Listed {
    pub id: SessionId,
    pub code: String,
    pub kind: Kind,
    pub title: String,
    pub speakers: String,
    pub track_id: Option<TrackId>,
    pub room_id: Option<RoomId>,
    pub starts_at: Instant,
    pub ends_at: Instant,
    pub capacity: Option<i32>,
    pub registration_required: bool,
    pub included: bool,
    pub price_cents: Option<i64>,
    pub canceled_at: Option<Instant>,
    pub pssm: String,
    pub pssm_also: String,
}

impl From<&Session> for Listed {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.clone(),
            code: session.code.clone(),
            kind: session.kind,
            title: session.title.clone(),
            speakers: session.speakers.clone(),
            track_id: session.track_id.clone(),
            room_id: session.room_id.clone(),
            starts_at: session.starts_at,
            ends_at: session.ends_at,
            capacity: session.capacity,
            registration_required: session.registration_required,
            included: session.included,
            price_cents: session.price_cents,
            canceled_at: session.canceled_at,
            pssm: session.pssm.clone(),
            pssm_also: session.pssm_also.clone(),
        }
    }
}

/// The days on which sessions start, in the event's zone.
pub fn days(db: &mut Db, event: &EventId, zone: Tz) -> Result<Vec<NaiveDate>> {
    let starts: Vec<Instant> = sessions::table.filter(sessions::event_id.eq(event)).select(sessions::starts_at).distinct().load(db)?;
    let days: BTreeSet<NaiveDate> = starts.into_iter().map(|at| at.date_in(zone)).collect();
    Ok(days.into_iter().collect())
}

/// The sessions that start from one instant until before another, by start, canceled ones included.
pub fn between(db: &mut Db, event: &EventId, from: Instant, until: Instant) -> Result<Vec<Listed>> {
    Ok(sessions::table
        .filter(sessions::event_id.eq(event))
        .filter(sessions::starts_at.ge(from))
        .filter(sessions::starts_at.lt(until))
        .order((sessions::starts_at.asc(), sessions::code.asc()))
        .select(Listed::as_select())
        .load(db)?)
}

/// The sessions of all events that carry a code of the safety measure and are not canceled.
pub fn with_pssm(db: &mut Db) -> Result<Vec<Session>> {
    Ok(sessions::table
        .filter(sessions::pssm.ne("").or(sessions::pssm_also.ne("")))
        .filter(sessions::canceled_at.is_null())
        .select(Session::as_select())
        .load(db)?)
}

/// The other sessions with the same content, by start: the one this repeats, and those that repeat the same.
pub fn repeats(db: &mut Db, session: &Session) -> Result<Vec<Listed>> {
    let first = session.repeats_session_id.clone().unwrap_or_else(|| session.id.clone());
    let same = sessions::id.nullable().eq(Some(first.clone())).or(sessions::repeats_session_id.eq(Some(first)));
    Ok(sessions::table
        .filter(sessions::event_id.eq(&session.event_id))
        .filter(same.assume_not_null())
        .filter(sessions::id.ne(&session.id))
        .order(sessions::starts_at.asc())
        .select(Listed::as_select())
        .load(db)?)
}
