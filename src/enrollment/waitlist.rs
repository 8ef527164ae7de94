//! The line for a full session: first come, first served, and nobody skipped silently (ENR-4).

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Enrollment, Status, conflict_with, letters, rules, seats_taken};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::Entry;
use crate::db::schema::{enrollments, sessions};
use crate::error::Result;
use crate::events::{self, Event};
use crate::ids::{RegistrationId, SessionId};
use crate::jobs::{self, Job};
use crate::registration;

/// Gives free seats to the first in line who can take them. Who cannot, because they sit in an
/// overlapping session, keeps the place and is told once. The session must be held.
pub fn fill(tx: &mut Tx<'_>, event: &Event, session: &Session) -> Result<()> {
    // After the start the door decides who gets an unclaimed seat, not the line.
    if rules::may_change(session, event.selection_closes_minutes_before, tx.now).is_err() {
        return Ok(());
    }
    let mut taken = seats_taken(tx.db, &session.id)?;
    if !rules::has_free_seat(session.capacity, taken) {
        return Ok(());
    }
    for waiting in line(tx, session)? {
        if !rules::has_free_seat(session.capacity, taken) {
            break;
        }
        registration::hold(tx, &waiting.registration_id)?;
        match conflict_with(tx.db, session, &waiting.registration_id)? {
            None => {
                promote(tx, event, session, &waiting)?;
                taken += 1;
            }
            Some(other) => pass_over(tx, event, session, &waiting, &other)?,
        }
    }
    Ok(())
}

/// What [`move_line`] needs to know.
#[derive(Serialize, Deserialize)]
struct LineMayMove {
    session: SessionId,
}

/// The job that moves a line.
pub const LINE_MAY_MOVE: &str = "line_may_move";

/// Who gave up a seat may now be able to take another they wait for. Those lines move in a job each:
/// holding several sessions here could make two writes wait for each other.
pub fn move_unblocked_lines(tx: &mut Tx<'_>, given_up: &Session, registration: &RegistrationId) -> Result<()> {
    let waited_for: Vec<SessionId> = enrollments::table
        .inner_join(sessions::table)
        .filter(enrollments::registration_id.eq(registration))
        .filter(enrollments::left_at.is_null())
        .filter(enrollments::status.eq(Status::Waitlisted))
        .filter(sessions::id.ne(&given_up.id))
        .filter(sessions::starts_at.lt(given_up.ends_at))
        .filter(sessions::ends_at.gt(given_up.starts_at))
        .select(sessions::id)
        .load(tx.db)?;
    waited_for.into_iter().try_for_each(|session| move_line_later(tx, session))
}

/// Enqueues the job that moves the line of a session.
pub fn move_line_later(tx: &mut Tx<'_>, session: SessionId) -> Result<()> {
    let now = tx.now;
    jobs::enqueue(tx, LINE_MAY_MOVE, &LineMayMove { session }, now)
}

/// Runs the job [`LINE_MAY_MOVE`].
pub fn move_line(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let LineMayMove { session } = job.payload()?;
    agenda::hold(tx, &session)?;
    let session = agenda::get_by_id(tx.db, &session)?;
    let event = events::get_by_id(tx.db, &session.event_id)?;
    fill(tx, &event, &session)
}

fn line(tx: &mut Tx<'_>, session: &Session) -> Result<Vec<Enrollment>> {
    Ok(enrollments::table
        .filter(enrollments::session_id.eq(&session.id))
        .filter(enrollments::status.eq(Status::Waitlisted))
        .filter(enrollments::left_at.is_null())
        .order(enrollments::id.asc())
        .select(Enrollment::as_select())
        .load(tx.db)?)
}

fn promote(tx: &mut Tx<'_>, event: &Event, session: &Session, waiting: &Enrollment) -> Result<()> {
    diesel::update(enrollments::table.find(&waiting.id)).set(enrollments::status.eq(Status::Enrolled)).execute(tx.db)?;
    Entry::of("enrollment.promoted", "enrollment", &waiting.id)
        .event(&event.id)
        .registration(&waiting.registration_id)
        .before(json!({ "session": session.code, "status": Status::Waitlisted }))
        .after(json!({ "session": session.code, "status": Status::Enrolled }))
        .record(tx)?;
    tx.event_changed(&event.id);
    let registration = registration::get_by_id(tx.db, &waiting.registration_id)?;
    letters::promoted(tx, event, session, &registration)
}

fn pass_over(tx: &mut Tx<'_>, event: &Event, session: &Session, waiting: &Enrollment, other: &Session) -> Result<()> {
    if waiting.passed_over_at.is_some() {
        return Ok(());
    }
    diesel::update(enrollments::table.find(&waiting.id)).set(enrollments::passed_over_at.eq(Some(tx.now))).execute(tx.db)?;
    Entry::of("enrollment.passed_over", "enrollment", &waiting.id)
        .event(&event.id)
        .registration(&waiting.registration_id)
        .after(json!({ "session": session.code, "conflict": other.code }))
        .record(tx)?;
    let registration = registration::get_by_id(tx.db, &waiting.registration_id)?;
    letters::passed_over(tx, event, session, waiting, other, &registration)
}

/// After a capacity was raised or a session moved, the line may move.
pub fn seats_changed(tx: &mut Tx<'_>, event: &Event, session: &Session) -> Result<()> {
    agenda::hold(tx, &session.id)?;
    fill(tx, event, session)
}
