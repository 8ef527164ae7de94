//! Adds many tracks, rooms and sessions at once, several rows a statement, for files of a thousand sessions.

use diesel::prelude::*;
use serde_json::json;

use super::{Room, Session, Track};
use crate::app::Tx;
use crate::audit::Entry;
use crate::db::schema::{rooms, sessions, tracks};
use crate::error::Result;
use crate::ids::EventId;
use crate::on_either;

/// Rows a statement: 23 columns each, under the 32,766 values that SQLite takes.
const ROWS: usize = 500;

/// Adds checked tracks; one audit entry names them all.
pub fn add_tracks(tx: &mut Tx<'_>, event: &EventId, rows: &[Track]) -> Result<()> {
    for some in rows.chunks(ROWS) {
        on_either!(tx.db, c => diesel::insert_into(tracks::table).values(some).execute(c))?;
    }
    record(tx, "tracks.added", event, rows.iter().map(|track| track.code.as_str()).collect())
}

/// Adds checked rooms; one audit entry names them all.
pub fn add_rooms(tx: &mut Tx<'_>, event: &EventId, rows: &[Room]) -> Result<()> {
    for some in rows.chunks(ROWS) {
        on_either!(tx.db, c => diesel::insert_into(rooms::table).values(some).execute(c))?;
    }
    record(tx, "rooms.added", event, rows.iter().map(|room| room.code.as_str()).collect())
}

/// Adds checked sessions; one audit entry names them all.
pub fn add_sessions(tx: &mut Tx<'_>, event: &EventId, rows: &[Session]) -> Result<()> {
    for some in rows.chunks(ROWS) {
        on_either!(tx.db, c => diesel::insert_into(sessions::table).values(some).execute(c))?;
    }
    record(tx, "sessions.added", event, rows.iter().map(|session| session.code.as_str()).collect())
}

fn record(tx: &mut Tx<'_>, action: &str, event: &EventId, codes: Vec<&str>) -> Result<()> {
    if codes.is_empty() {
        return Ok(());
    }
    tx.event_changed(event);
    Entry::of(action, "event", event).event(event).after(json!({ "codes": codes })).record(tx)
}
