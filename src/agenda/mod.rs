//! The agenda: sessions in rooms and tracks (AGD-1).

mod bulk;
mod changes;
mod drafts;
mod places;
pub mod api;
pub mod cards;
pub mod export;
pub mod filters;
pub mod pages;
pub mod queries;
pub mod rules;
pub mod schedule_file;
mod schedule_out;

use diesel::prelude::*;

use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{rooms, sessions, tracks};
use crate::error::{Error, Result};
use crate::ids::{EventId, RoomId, SessionId, TrackId};

pub use bulk::{add_rooms, add_sessions, add_tracks};
pub use changes::{add_session, blank, cancel_session, change_session, save_changed_session};
pub use drafts::{Known, LONGEST_ABSTRACT, LONGEST_TITLE, RoomDraft, SessionDraft, TrackDraft};
pub use places::{add_room, add_track, change_room, change_track, remove_room, remove_track};

crate::words! {
    /// What a session is (AGD-1).
    Kind {
        Keynote => "keynote", General => "general", Breakout => "breakout", Workshop => "workshop",
        InnovationTheater => "innovation_theater", SpecialEvent => "special_event", Meal => "meal",
        Networking => "networking", Webinar => "webinar",
    }
}

impl Kind {
    /// The kind as people read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Keynote => "Keynote",
            Self::General => "General session",
            Self::Breakout => "Breakout",
            Self::Workshop => "Workshop",
            Self::InnovationTheater => "Innovation Theater",
            Self::SpecialEvent => "Special event",
            Self::Meal => "Meal",
            Self::Networking => "Networking",
            Self::Webinar => "Webinar",
        }
    }
}

/// A track (an area of the programme).
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tracks, check_for_backend(crate::db::Either))]
pub struct Track {
    pub id: TrackId,
    pub event_id: EventId,
    pub code: String,
    pub name: String,
    pub position: i32,
}

/// A room.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = rooms, check_for_backend(crate::db::Either), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Room {
    pub id: RoomId,
    pub event_id: EventId,
    pub code: String,
    pub name: String,
    pub capacity: Option<i32>,
    pub position: i32,
}

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sessions, check_for_backend(crate::db::Either), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Session {
    pub id: SessionId,
    pub event_id: EventId,
    pub code: String,
    pub kind: Kind,
    pub title: String,
    pub abstract_text: String,
    /// One speaker a line.
    pub speakers: String,
    pub track_id: Option<TrackId>,
    pub room_id: Option<RoomId>,
    pub starts_at: Instant,
    pub ends_at: Instant,
    /// Seats; none means as many as come.
    pub capacity: Option<i32>,
    /// A seat has to be chosen.
    pub registration_required: bool,
    /// Part of every covering registration without being chosen.
    pub included: bool,
    /// An extra with its own price.
    pub price_cents: Option<i64>,
    pub discountable: bool,
    pub recorded: bool,
    /// The same content as this other session.
    pub repeats_session_id: Option<SessionId>,
    /// The id in the file it was imported from.
    pub external_id: Option<String>,
    /// Rises with every change that calendars must notice (ENR-6).
    pub calendar_sequence: i32,
    pub canceled_at: Option<Instant>,
    /// What it is about: codes of the safety measure, in its order, with spaces between.
    pub pssm: String,
    /// What it touches besides.
    pub pssm_also: String,
}

impl Session {
    /// Half-open intervals: back-to-back is no overlap (ENR-2).
    pub fn overlaps(&self, other: &Session) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}

/// A session by its code, or not found.
pub fn get(db: &mut Db, event: &EventId, code: &str) -> Result<Session> {
    find(db, event, code)?.ok_or(Error::NotFound)
}

/// A session by its code.
pub fn find(db: &mut Db, event: &EventId, code: &str) -> Result<Option<Session>> {
    let found = sessions::table.filter(sessions::event_id.eq(event)).filter(sessions::code.eq(code));
    Ok(found.select(Session::as_select()).first(db).optional()?)
}

/// A session by id.
pub fn get_by_id(db: &mut Db, id: &SessionId) -> Result<Session> {
    Ok(sessions::table.find(id).select(Session::as_select()).first(db)?)
}

/// An event's sessions by start, canceled ones included.
pub fn list(db: &mut Db, event: &EventId) -> Result<Vec<Session>> {
    Ok(sessions::table
        .filter(sessions::event_id.eq(event))
        .order((sessions::starts_at.asc(), sessions::code.asc()))
        .select(Session::as_select())
        .load(db)?)
}

/// An event's tracks in their order.
pub fn tracks(db: &mut Db, event: &EventId) -> Result<Vec<Track>> {
    Ok(tracks::table
        .filter(tracks::event_id.eq(event))
        .order((tracks::position.asc(), tracks::name.asc()))
        .select(Track::as_select())
        .load(db)?)
}

/// An event's rooms in their order.
pub fn rooms(db: &mut Db, event: &EventId) -> Result<Vec<Room>> {
    Ok(rooms::table
        .filter(rooms::event_id.eq(event))
        .order((rooms::position.asc(), rooms::name.asc()))
        .select(Room::as_select())
        .load(db)?)
}

/// Makes every other write that holds this session wait until this transaction ends, so that its
/// seats can be counted and then taken.
pub fn hold(tx: &mut Tx<'_>, id: &SessionId) -> Result<()> {
    diesel::update(sessions::table.find(id)).set(sessions::code.eq(sessions::code)).execute(tx.db)?;
    Ok(())
}

/// Holds several sessions, always in the same order, so that two writes never wait for each other.
pub fn hold_all(tx: &mut Tx<'_>, ids: &[SessionId]) -> Result<()> {
    let mut sorted: Vec<&SessionId> = ids.iter().collect();
    sorted.sort();
    sorted.dedup();
    sorted.into_iter().try_for_each(|id| hold(tx, id))
}
