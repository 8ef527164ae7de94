//! Enrollments: a registration's seat or waitlist place in one session (ENR-1 to ENR-6).

pub mod queries;

use diesel::prelude::*;

use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::enrollments;
use crate::error::Result;
use crate::ids::{EnrollmentId, RegistrationId, SessionId};

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
