//! Seats that are given out at the door: free ones, and those whose people have not come (CHK-2).

use diesel::prelude::*;
use serde_json::{Value, json};

use super::{Enrollment, Status, conflict_with, find, letters, rules, seats_taken, waitlist};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::enrollments;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::{EnrollmentId, RegistrationId, SessionId};
use crate::registration::{self, Registration, Status as Standing};

/// Gives somebody at the door a seat, whatever the selection's times. Where no seat is free, `unclaimed` ends and
/// its seat passes on, so that seats taken never exceed what there was before (ENR-1). Seats this person has in
/// overlapping sessions are given up (ENR-2). Busy when what the door saw has changed meanwhile.
pub fn seat(tx: &mut Tx<'_>, event: &Event, session: &Session, taker: &RegistrationId, unclaimed: Option<&EnrollmentId>) -> Result<()> {
    agenda::hold(tx, &session.id)?;
    registration::hold(tx, taker)?;
    let registration = registration::get_by_id(tx.db, taker)?;
    if registration.status != Standing::Confirmed {
        return Err(Error::Busy);
    }
    match unclaimed {
        Some(enrollment) => give_away(tx, event, session, enrollment)?,
        None if rules::has_free_seat(session.capacity, seats_taken(tx.db, &session.id)?) => {}
        None => return Err(Error::Busy),
    }
    while let Some(other) = conflict_with(tx.db, session, taker)? {
        give_up(tx, event, session, &other, &registration)?;
    }
    take(tx, event, session, taker)?;
    tx.event_changed(&event.id);
    Ok(())
}

/// Ends the seat of somebody who has not come, and tells them.
fn give_away(tx: &mut Tx<'_>, event: &Event, session: &Session, id: &EnrollmentId) -> Result<()> {
    let live = enrollments::table.filter(enrollments::id.eq(id)).filter(enrollments::left_at.is_null());
    let enrollment: Enrollment = live.select(Enrollment::as_select()).first(tx.db).optional()?.ok_or(Error::Busy)?;
    diesel::update(enrollments::table.find(id))
        .set((enrollments::left_at.eq(Some(tx.now)), enrollments::given_away_at.eq(Some(tx.now))))
        .execute(tx.db)?;
    let facts = json!({ "session": session.code, "status": enrollment.status });
    record(tx, "enrollment.given_away", &enrollment, event, (facts, Value::Null))?;
    let registration = registration::get_by_id(tx.db, &enrollment.registration_id)?;
    letters::seat_given_away(tx, event, session, &registration)
}

fn record(tx: &mut Tx<'_>, action: &str, enrollment: &Enrollment, event: &Event, (before, after): (Value, Value)) -> Result<()> {
    let entry = Entry::of(action, "enrollment", &enrollment.id).event(&event.id).registration(&enrollment.registration_id);
    entry.before(before).after(after).record(tx)
}

/// Gives up the seat in a session at the same time. That session is not held here, so its line moves in a job.
fn give_up(tx: &mut Tx<'_>, event: &Event, taken: &Session, other: &Session, registration: &Registration) -> Result<()> {
    let enrollment = find(tx.db, &registration.id, &other.id)?.ok_or(Error::Busy)?;
    let live = enrollments::table.filter(enrollments::id.eq(&enrollment.id)).filter(enrollments::left_at.is_null());
    if diesel::update(live).set(enrollments::left_at.eq(Some(tx.now))).execute(tx.db)? == 0 {
        return Err(Error::Busy);
    }
    let before = json!({ "session": other.code, "status": enrollment.status });
    record(tx, "enrollment.left", &enrollment, event, (before, json!({ "seat_at_the_door_of": taken.code })))?;
    waitlist::move_line_later(tx, other.id.clone())
}

/// The place in the line becomes a seat; who had none gets one.
fn take(tx: &mut Tx<'_>, event: &Event, session: &Session, taker: &RegistrationId) -> Result<()> {
    let seated = json!({ "session": session.code, "status": Status::Enrolled });
    if let Some(waiting) = find(tx.db, taker, &session.id)? {
        diesel::update(enrollments::table.find(&waiting.id))
            .set((enrollments::status.eq(Status::Enrolled), enrollments::taken_at_door.eq(true)))
            .execute(tx.db)?;
        let before = json!({ "session": session.code, "status": waiting.status });
        return record(tx, "enrollment.seated_at_door", &waiting, event, (before, seated));
    }
    let enrollment = Enrollment {
        id: EnrollmentId::new(),
        session_id: session.id.clone(),
        registration_id: taker.clone(),
        status: Status::Enrolled,
        queued_at: tx.now,
        passed_over_at: None,
        left_at: None,
        given_away_at: None,
        taken_at_door: true,
    };
    diesel::insert_into(enrollments::table).values(&enrollment).execute(tx.db)?;
    record(tx, "enrollment.seated_at_door", &enrollment, event, (Value::Null, seated))
}

/// When a registration's own seat in a session last went to somebody at the door.
pub fn given_away_at(db: &mut Db, registration: &RegistrationId, session: &SessionId) -> Result<Option<Instant>> {
    Ok(enrollments::table
        .filter(enrollments::registration_id.eq(registration))
        .filter(enrollments::session_id.eq(session))
        .select(diesel::dsl::max(enrollments::given_away_at))
        .first(db)?)
}
