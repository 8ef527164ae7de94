//! Enrollments: a registration's seat or waitlist place in one session (ENR-1 to ENR-6).

pub mod at_door;
pub mod calendar;
pub mod letters;
pub mod queries;
pub mod rules;
pub mod selection;
pub mod telling;
pub mod waitlist;

use diesel::prelude::*;
use serde_json::json;

use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{enrollments, sessions};
use crate::error::Result;
use crate::events::{self, Event};
use crate::ids::{EnrollmentId, RegistrationId, SessionId};
use crate::registration::{self, Registration};

pub use rules::{Place, Refusal};

crate::words! {
    Status { Enrolled => "enrolled", Waitlisted => "waitlisted" }
}

/// An enrollment as it is stored; it ends by `left_at` and stays.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = enrollments, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Enrollment {
    pub id: EnrollmentId,
    pub session_id: SessionId,
    pub registration_id: RegistrationId,
    pub status: Status,
    /// When the place in the line was taken.
    pub queued_at: Instant,
    /// When a freed seat went to the next because of a conflict (ENR-4).
    pub passed_over_at: Option<Instant>,
    pub left_at: Option<Instant>,
    /// When the seat went to somebody at the door, because its person had not come (CHK-2); `left_at` is the same.
    pub given_away_at: Option<Instant>,
    /// The seat was given at the door.
    pub taken_at_door: bool,
}

/// What somebody who asked for a session got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    pub status: Status,
    /// The place in the line, from 1; none for a seat.
    pub position: Option<i64>,
}

/// Gives a registration a seat in a session, or a place in its line. Seats are counted while the
/// session is held, so that they never exceed the capacity whatever runs at once (ENR-1).
pub fn enroll(tx: &mut Tx<'_>, session: &Session, registration: &Registration) -> Result<Placed> {
    agenda::hold(tx, &session.id)?;
    // Always the session first: two overlapping sessions of one person are then decided one after the other.
    registration::hold(tx, &registration.id)?;
    // Both read again: either may have been canceled before this write held it.
    let registration = &registration::get_by_id(tx.db, &registration.id)?;
    let session = agenda::get_by_id(tx.db, &session.id)?;
    let event = events::get_by_id(tx.db, &session.event_id)?;
    let place = may_enroll(tx.db, &event, &session, registration, tx.now)??;
    let status = match place {
        Place::Seat => Status::Enrolled,
        Place::Line => Status::Waitlisted,
    };
    let enrollment = Enrollment {
        id: EnrollmentId::new(),
        session_id: session.id.clone(),
        registration_id: registration.id.clone(),
        status,
        queued_at: tx.now,
        passed_over_at: None,
        left_at: None,
        given_away_at: None,
        taken_at_door: false,
    };
    diesel::insert_into(enrollments::table).values(&enrollment).execute(tx.db)?;
    entry("enrollment.created", &enrollment, &event).after(json!({ "session": session.code, "status": status })).record(tx)?;
    tx.event_changed(&event.id);
    let position = if status == Status::Waitlisted { Some(position(tx.db, &enrollment)?) } else { None };
    Ok(Placed { status, position })
}

/// The decision that [`enroll`] will take, for pages that show it beforehand.
pub fn may_enroll(
    db: &mut Db,
    event: &Event,
    session: &Session,
    registration: &Registration,
    now: Instant,
) -> Result<std::result::Result<Place, Refusal>> {
    let already = find(db, &registration.id, &session.id)?.map(|enrollment| enrollment.status);
    let conflict = conflict_with(db, session, &registration.id)?;
    Ok(rules::decide(&rules::Facts {
        now,
        session,
        closes_minutes_before: event.selection_closes_minutes_before,
        registration: registration.status,
        covered: queries::covers(db, registration, session)?,
        already,
        taken: seats_taken(db, &session.id)?,
        conflict: conflict.as_ref(),
    }))
}

/// Gives up a seat or a place in the line while the selection is open; a freed seat goes to the next in line.
pub fn leave(tx: &mut Tx<'_>, session: &Session, registration: &Registration) -> Result<()> {
    agenda::hold(tx, &session.id)?;
    let session = agenda::get_by_id(tx.db, &session.id)?;
    let event = events::get_by_id(tx.db, &session.event_id)?;
    rules::may_change(&session, event.selection_closes_minutes_before, tx.now)?;
    let enrollment = find(tx.db, &registration.id, &session.id)?.ok_or_else(|| Refusal::NotEnrolled { title: session.title.clone() })?;
    end(tx, &event, &session, &enrollment)
}

/// Ends every enrollment of a registration that is being canceled; what has begun stays as it was.
/// Afterwards the registration is held, so that nothing new can be taken before it is canceled.
pub fn leave_all(tx: &mut Tx<'_>, id: &RegistrationId) -> Result<()> {
    leave_where(tx, id, |_| true)
}

/// Ends the enrollments of a registration in sessions that it is to cover no more, as [`leave_all`] does with all.
pub fn leave_where(tx: &mut Tx<'_>, id: &RegistrationId, is_left: impl Fn(&Session) -> bool) -> Result<()> {
    let held: Vec<SessionId> = of_registration(tx.db, id)?.into_iter().map(|enrollment| enrollment.session_id).collect();
    agenda::hold_all(tx, &held)?;
    registration::hold(tx, id)?;
    // Read again: while this write waited, a place in a line may have become a seat.
    for enrollment in of_registration(tx.db, id)? {
        let session = agenda::get_by_id(tx.db, &enrollment.session_id)?;
        if session.starts_at <= tx.now || !is_left(&session) {
            continue;
        }
        let event = events::get_by_id(tx.db, &session.event_id)?;
        if held.contains(&session.id) {
            end(tx, &event, &session, &enrollment)?;
        } else {
            // Taken in that while: its session is not held, so its line moves in a job.
            mark_left(tx, &event, &session, &enrollment)?;
            waitlist::move_line_later(tx, session.id)?;
        }
    }
    Ok(())
}

fn end(tx: &mut Tx<'_>, event: &Event, session: &Session, enrollment: &Enrollment) -> Result<()> {
    mark_left(tx, event, session, enrollment)?;
    if enrollment.status == Status::Enrolled {
        waitlist::fill(tx, event, session)?;
        waitlist::move_unblocked_lines(tx, session, &enrollment.registration_id)?;
    }
    Ok(())
}

fn mark_left(tx: &mut Tx<'_>, event: &Event, session: &Session, enrollment: &Enrollment) -> Result<()> {
    diesel::update(enrollments::table.find(&enrollment.id)).set(enrollments::left_at.eq(Some(tx.now))).execute(tx.db)?;
    entry("enrollment.left", enrollment, event).before(json!({ "session": session.code, "status": enrollment.status })).record(tx)?;
    tx.event_changed(&event.id);
    Ok(())
}

fn entry(action: &str, enrollment: &Enrollment, event: &Event) -> Entry {
    Entry::of(action, "enrollment", &enrollment.id).event(&event.id).registration(&enrollment.registration_id)
}

/// The live enrollment of a registration in a session.
pub fn find(db: &mut Db, registration: &RegistrationId, session: &SessionId) -> Result<Option<Enrollment>> {
    Ok(enrollments::table
        .filter(enrollments::registration_id.eq(registration))
        .filter(enrollments::session_id.eq(session))
        .filter(enrollments::left_at.is_null())
        .select(Enrollment::as_select())
        .first(db)
        .optional()?)
}

/// Every live enrollment of a registration.
pub fn of_registration(db: &mut Db, registration: &RegistrationId) -> Result<Vec<Enrollment>> {
    Ok(enrollments::table
        .filter(enrollments::registration_id.eq(registration))
        .filter(enrollments::left_at.is_null())
        .order(enrollments::id.asc())
        .select(Enrollment::as_select())
        .load(db)?)
}

/// A session in which this registration has a seat at a time that overlaps with `session` (ENR-2).
pub fn conflict_with(db: &mut Db, session: &Session, registration: &RegistrationId) -> Result<Option<Session>> {
    Ok(enrollments::table
        .inner_join(sessions::table)
        .filter(enrollments::registration_id.eq(registration))
        .filter(enrollments::left_at.is_null())
        .filter(enrollments::status.eq(Status::Enrolled))
        .filter(sessions::id.ne(&session.id))
        .filter(sessions::canceled_at.is_null())
        .filter(sessions::starts_at.lt(session.ends_at))
        .filter(sessions::ends_at.gt(session.starts_at))
        .select(Session::as_select())
        .first(db)
        .optional()?)
}

/// Seats taken in a session, counted from rows (ENR-1).
pub fn seats_taken(db: &mut Db, session: &SessionId) -> Result<i64> {
    count(db, session, Status::Enrolled)
}

/// How many wait for a seat.
pub fn waiting(db: &mut Db, session: &SessionId) -> Result<i64> {
    count(db, session, Status::Waitlisted)
}

fn count(db: &mut Db, session: &SessionId, status: Status) -> Result<i64> {
    Ok(enrollments::table
        .filter(enrollments::session_id.eq(session))
        .filter(enrollments::status.eq(status))
        .filter(enrollments::left_at.is_null())
        .count()
        .get_result(db)?)
}

/// The place in the line, from 1. Ids rise with age and are made while the session is held, so they are the order.
pub fn position(db: &mut Db, enrollment: &Enrollment) -> Result<i64> {
    let before: i64 = enrollments::table
        .filter(enrollments::session_id.eq(&enrollment.session_id))
        .filter(enrollments::status.eq(Status::Waitlisted))
        .filter(enrollments::left_at.is_null())
        .filter(enrollments::id.lt(&enrollment.id))
        .count()
        .get_result(db)?;
    Ok(before + 1)
}
