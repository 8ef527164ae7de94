//! Participation: what a platform's reports say of who was in a webinar when, matched to registrations, corrected by
//! later reports and by staff, and read beside badge minutes by everything that counts attendance (WEB-1).

pub mod columns;
pub mod file;
pub mod importing;
pub mod known;
pub mod outline;
pub mod queue;
pub mod queue_admin;
pub mod report_admin;
pub mod rules;

use diesel::prelude::*;
use serde_json::json;

use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::Entry;
use crate::checkin::online;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{participant_reports, participants, report_ends};
use crate::error::{Checks, Error, Result};
use crate::ids::{ParticipantId, RegistrationId, ReportId, SessionId, StayId};

pub use file::Layout;
use rules::{Part, Standing};

/// A report as it was imported.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = participant_reports, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Report {
    pub id: ReportId,
    pub session_id: SessionId,
    /// The platform's number of the meeting; empty where the report has none.
    pub meeting: String,
    pub layout: Layout,
    /// The zone that its times were read in.
    pub zone: String,
    /// When the platform made it, where it says so.
    pub generated_at: Option<Instant>,
    pub row_count: i32,
    /// Rows that could not be read.
    pub unread: i32,
    pub imported_at: Instant,
    pub actor: String,
    /// The first join of anybody.
    pub first_at: Instant,
    /// The last leave of anybody.
    pub last_at: Instant,
}

/// A report that counts no more.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = report_ends, treat_none_as_default_value = false)]
struct End {
    report_id: ReportId,
    replaced_by: Option<ReportId>,
    at: Instant,
    actor: String,
    reason: String,
}

/// Somebody of a report, as they are stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = participants, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Participant {
    pub id: ParticipantId,
    pub report_id: ReportId,
    pub session_id: SessionId,
    /// The same in a later report of the same people.
    pub identity: String,
    pub name: String,
    pub email: String,
    pub part: Part,
    pub standing: Standing,
    pub registration_id: Option<RegistrationId>,
}

/// When a participant was there, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::participant_stays, check_for_backend(crate::db::Either))]
pub struct Stay {
    pub id: StayId,
    pub participant_id: ParticipantId,
    pub starts_at: Instant,
    pub ends_at: Instant,
    pub at_least: bool,
}

/// The reports of a session that count, oldest first.
pub fn of_session(db: &mut Db, session: &SessionId) -> Result<Vec<Report>> {
    Ok(participant_reports::table
        .left_join(report_ends::table)
        .filter(participant_reports::session_id.eq(session))
        .filter(report_ends::report_id.is_null())
        .order(participant_reports::id.asc())
        .select(Report::as_select())
        .load(db)?)
}

/// A report of a session that counts.
pub fn get(db: &mut Db, session: &SessionId, id: &ReportId) -> Result<Report> {
    of_session(db, session)?.into_iter().find(|report| report.id == *id).ok_or(Error::NotFound)
}

/// From now on a report counts no more.
fn end(tx: &mut Tx<'_>, session: &Session, report: &ReportId, replaced_by: Option<&ReportId>, reason: &str) -> Result<()> {
    let row = End {
        report_id: report.clone(),
        replaced_by: replaced_by.cloned(),
        at: tx.now,
        actor: tx.actor.label(),
        reason: reason.to_owned(),
    };
    diesel::insert_into(report_ends::table).values(&row).execute(tx.db)?;
    let entry = Entry::of("participant_report.ended", "participant_report", report).event(&session.event_id);
    entry.before(json!({ "session": session.code })).after(json!({ "replaced_by": replaced_by })).reason(reason).record(tx)
}

/// Takes a report back that is of something else; its minutes count no more, and credit that they gave stands in the
/// list of what attendance contradicts.
pub fn withdraw(tx: &mut Tx<'_>, session: &Session, report: &ReportId, reason: &str) -> Result<()> {
    let mut checks = Checks::new();
    checks.required("reason", reason, "Say why, for example “it is of the rehearsal”.");
    checks.at_most("reason", reason, 500);
    checks.finish()?;
    agenda::hold(tx, &session.id)?;
    let report = get(tx.db, &session.id, report)?;
    end(tx, session, &report.id, None, reason.trim())?;
    online::settle(tx, &session.id)
}
