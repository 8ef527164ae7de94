//! What somebody watched of a recording: a bookmark and the union of intervals, never attendance (REC-3).

use diesel::prelude::*;

use super::rules::watched::{Interval, LONGEST, total, union};
use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::recording_views;
use crate::error::{Error, Result};
use crate::ids::{PersonId, RecordingId};
use crate::on_either;

/// What somebody watched, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = recording_views, check_for_backend(crate::db::Either), primary_key(recording_id, person_id))]
pub struct View {
    pub recording_id: RecordingId,
    pub person_id: PersonId,
    /// JSON: `[[from, until], …]` in milliseconds.
    pub watched: String,
    pub watched_ms: i64,
    pub position_ms: i64,
    /// How long the recording is, as the player says; 0 while it does not.
    pub duration_ms: i64,
    pub changed_at: Instant,
}

impl View {
    fn intervals(&self) -> Result<Vec<Interval>> {
        serde_json::from_str(&self.watched).map_err(Error::internal)
    }
}

/// What a player reports, in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub watched: Vec<Interval>,
    pub position: i64,
    pub duration: i64,
}

/// What somebody watched of a recording.
pub fn find(db: &mut Db, recording: &RecordingId, person: &PersonId) -> Result<Option<View>> {
    Ok(recording_views::table.find((recording, person)).select(View::as_select()).first(db).optional()?)
}

/// What somebody watched, of all recordings.
pub fn of_person(db: &mut Db, person: &PersonId) -> Result<Vec<View>> {
    Ok(recording_views::table.filter(recording_views::person_id.eq(person)).select(View::as_select()).load(db)?)
}

/// Adds what a player reports to what was watched before. The same report twice changes nothing.
pub fn add(tx: &mut Tx<'_>, recording: &RecordingId, person: &PersonId, report: &Report) -> Result<View> {
    let first = View {
        recording_id: recording.clone(),
        person_id: person.clone(),
        watched: "[]".to_owned(),
        watched_ms: 0,
        position_ms: 0,
        duration_ms: 0,
        changed_at: tx.now,
    };
    on_either!(&mut *tx.db, connection => {
        diesel::insert_into(recording_views::table).values(&first).on_conflict_do_nothing().execute(connection)
    })?;
    // Held, since the same person may watch on two devices.
    let row = recording_views::table.find((recording, person));
    diesel::update(row).set(recording_views::position_ms.eq(recording_views::position_ms)).execute(tx.db)?;
    let before = find(tx.db, recording, person)?.ok_or(Error::NotFound)?;
    let duration_ms = if report.duration > 0 { report.duration.min(LONGEST) } else { before.duration_ms };
    // Some recordings tell their length only at their end.
    let most = if duration_ms > 0 { duration_ms } else { LONGEST };
    let watched = union(before.intervals()?.into_iter().chain(report.watched.iter().copied()), most);
    let view = View {
        watched: serde_json::to_string(&watched).map_err(Error::internal)?,
        watched_ms: total(&watched),
        position_ms: report.position.clamp(0, most),
        duration_ms,
        changed_at: tx.now,
        ..before
    };
    diesel::update(recording_views::table.find((recording, person))).set(&view).execute(tx.db)?;
    Ok(view)
}
