//! Importing a report: first what it means, then all of it or nothing. A later report of the same meeting takes the
//! place of the earlier one, so that nothing counts twice (WEB-1).

use chrono_tz::Tz;
use diesel::prelude::*;
use serde_json::json;

use super::outline::Outline;
use super::rules::replacing::{Facts, Place, place};
use super::rules::{self, Somebody, Standing};
use super::{Participant, Report, Stay, end, known, of_session, queue};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::Entry;
use crate::checkin::online;
use crate::db::Db;
use crate::db::schema::{participant_reports, participant_stays, participants};
use crate::error::{Error, Result};
use crate::events::{Event, rules as days};
use crate::ids::{ParticipantId, RegistrationId, ReportId, StayId};
use crate::on_either;

/// Somebody of the report, with who of ours that is.
#[derive(Clone, Debug)]
pub struct Planned {
    pub somebody: Somebody,
    pub standing: Standing,
    pub registration: Option<RegistrationId>,
    /// Minutes inside the session.
    pub minutes: i64,
}

/// What a report means, before anything is written.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the report says by itself; its people stand below, with who of ours they are.
    pub outline: Outline,
    pub people: Vec<Planned>,
    /// The reports whose place this one takes.
    pub replaces: Vec<Report>,
    /// The reports that go on counting beside this one.
    pub beside: Vec<Report>,
}

impl Plan {
    pub fn count(&self, standing: Standing) -> usize {
        self.people.iter().filter(|one| one.standing == standing).count()
    }

    pub fn matched(&self) -> usize {
        self.people.iter().filter(|one| one.registration.is_some()).count()
    }

    /// `41 matched, 3 to decide, 2 left out, 1 row not read`.
    pub fn words(&self) -> String {
        let rows = self.outline.unread.len();
        let unread = if rows == 0 { String::new() } else { format!(", {rows} {} not read", if rows == 1 { "row" } else { "rows" }) };
        format!(
            "{} matched, {} to decide, {} left out{unread}",
            self.matched(),
            self.count(Standing::Waiting),
            self.count(Standing::LeftOut)
        )
    }

    /// Whose place it takes and beside what it counts, a sentence each.
    pub fn place_words(&self, event: &Event) -> Vec<String> {
        let zone = event.zone();
        let named = |report: &Report| {
            let span = days::span_words(report.first_at, report.last_at, zone);
            format!("of {span}, imported on {}", days::instant_words(report.imported_at, zone))
        };
        let all = |reports: &[Report]| reports.iter().map(named).collect::<Vec<_>>().join("; ");
        let mut words = Vec::new();
        if !self.replaces.is_empty() {
            words.push(format!("It takes the place of the report {}. Nothing counts twice.", all(&self.replaces)));
        }
        if !self.beside.is_empty() {
            words.push(format!("It is added to what counts already: the report {}. Each minute counts once.", all(&self.beside)));
        }
        words
    }
}

/// What is compared of a report that counts.
fn facts(report: &Report) -> Facts {
    Facts {
        meeting: report.meeting.clone(),
        zone: report.zone.parse().unwrap_or(Tz::UTC),
        span: (report.first_at, report.last_at),
        generated_at: report.generated_at,
    }
}

/// Splits the reports that count into those whose place this one takes and the others; refused where it is older.
fn places(event: &Event, outline: &Outline, counting: Vec<Report>) -> Result<(Vec<Report>, Vec<Report>)> {
    let (meeting, zone) = (outline.meeting.clone(), outline.zone);
    let own = Facts { meeting, zone, span: outline.span, generated_at: outline.generated_at };
    let corrected = match place(&own, &counting.iter().map(facts).collect::<Vec<_>>()) {
        Place::InPlaceOf(corrected) => corrected,
        Place::OlderThan(newer) => {
            let made = counting.get(newer).and_then(|report| report.generated_at);
            let made = made.map(|at| format!(", made {}", days::instant_words(at, event.zone()))).unwrap_or_default();
            let sentence = format!("A later report of this meeting counts already{made}. Nothing was changed.");
            return Err(Error::refused("participation.older", sentence));
        }
    };
    let (replaced, beside): (Vec<_>, Vec<_>) = counting.into_iter().enumerate().partition(|(index, _)| corrected.contains(index));
    let reports = |some: Vec<(usize, Report)>| some.into_iter().map(|(_, report)| report).collect();
    Ok((reports(replaced), reports(beside)))
}

/// What a report means for a session. Refused when it is older than the one of the same meeting that counts.
pub fn plan(db: &mut Db, event: &Event, session: &Session, mut outline: Outline) -> Result<Plan> {
    let known = known::known(db, session)?;
    let by_email = known::by_email(&known);
    let decided = queue::decisions(db, &session.id)?;
    let planned = |somebody: Somebody| {
        let minutes = somebody.minutes(outline.session);
        let (standing, registration) = match rules::matched(&somebody, &by_email, decided.get(&somebody.identity)) {
            // Whoever was gone before it began need not be found: there is nothing to count.
            (Standing::Waiting, _) if minutes == 0 => (Standing::LeftOut, None),
            told => told,
        };
        Planned { minutes, standing, registration, somebody }
    };
    let people: Vec<Planned> = std::mem::take(&mut outline.people).into_iter().map(planned).collect();
    let (replaces, beside) = places(event, &outline, of_session(db, &session.id)?)?;
    Ok(Plan { outline, people, replaces, beside })
}

/// Imports a report for a session; gives what it meant.
pub fn import(tx: &mut Tx<'_>, event: &Event, session: &Session, outline: Outline) -> Result<Plan> {
    agenda::hold(tx, &session.id)?;
    let session = agenda::get_by_id(tx.db, &session.id)?;
    if (session.starts_at, session.ends_at) != outline.session {
        let sentence = "The session was moved while the report was read. Import it again.";
        return Err(Error::refused("participation.session_moved", sentence));
    }
    let plan = plan(tx.db, event, &session, outline)?;
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let told = &plan.outline;
    let report = Report {
        id: ReportId::new(),
        session_id: session.id.clone(),
        meeting: told.meeting.clone(),
        layout: told.layout,
        zone: told.zone.name().to_owned(),
        generated_at: told.generated_at,
        row_count: count(told.rows),
        unread: count(told.unread.len()),
        imported_at: tx.now,
        actor: tx.actor.label(),
        first_at: told.span.0,
        last_at: told.span.1,
    };
    diesel::insert_into(participant_reports::table).values(&report).execute(tx.db)?;
    for before in &plan.replaces {
        end(tx, &session, &before.id, Some(&report.id), "A later report of the same meeting took its place.")?;
    }
    write(tx, &report, &plan)?;
    online::settle(tx, &session.id)?;
    let facts = json!({
        "session": session.code, "layout": report.layout, "zone": report.zone, "rows": told.rows, "matched": plan.matched(),
        "waiting": plan.count(Standing::Waiting), "left_out": plan.count(Standing::LeftOut), "unread": told.unread.len(),
        "replaces": plan.replaces.len(),
    });
    Entry::of("participant_report.imported", "participant_report", &report.id).event(&event.id).after(facts).record(tx)?;
    Ok(plan)
}

/// Rows that go into one statement.
const AT_ONCE: usize = 500;

fn write(tx: &mut Tx<'_>, report: &Report, plan: &Plan) -> Result<()> {
    let mut people = Vec::with_capacity(plan.people.len());
    let mut stays = Vec::with_capacity(plan.outline.rows);
    for one in &plan.people {
        let participant = Participant {
            id: ParticipantId::new(),
            report_id: report.id.clone(),
            session_id: report.session_id.clone(),
            identity: one.somebody.identity.clone(),
            name: one.somebody.name.clone(),
            email: one.somebody.email.clone(),
            part: one.somebody.part,
            standing: one.standing,
            registration_id: one.registration.clone(),
        };
        stays.extend(one.somebody.stays.iter().map(|(starts_at, ends_at, at_least)| Stay {
            id: StayId::new(),
            participant_id: participant.id.clone(),
            starts_at: *starts_at,
            ends_at: *ends_at,
            at_least: *at_least,
        }));
        people.push(participant);
    }
    for some in people.chunks(AT_ONCE) {
        on_either!(&mut *tx.db, connection => diesel::insert_into(participants::table).values(some).execute(connection))?;
    }
    for some in stays.chunks(AT_ONCE) {
        on_either!(&mut *tx.db, connection => diesel::insert_into(participant_stays::table).values(some).execute(connection))?;
    }
    Ok(())
}
