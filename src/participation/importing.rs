//! Importing a report: first what it means, then all of it or nothing. A later report of the same meeting takes the
//! place of the earlier one, so that nothing counts twice (WEB-1).

use chrono_tz::Tz;
use diesel::prelude::*;
use serde_json::json;

use super::file::{File, Layout};
use super::rules::stamps::Order;
use super::rules::{self, Row, Somebody, Standing};
use super::{Participant, Report, Stay, end, known, of_session, queue};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::Entry;
use crate::checkin::online;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{participant_reports, participant_stays, participants};
use crate::error::{Error, Result};
use crate::events::{Event, rules as days};
use crate::ids::{ParticipantId, RegistrationId, ReportId, StayId};
use crate::incoming::RefusedRow;
use crate::on_either;

/// The zones that are tried where a report does not fit the one that was given.
pub const ZONES: [Tz; 9] = [
    Tz::America__New_York,
    Tz::America__Chicago,
    Tz::America__Denver,
    Tz::America__Phoenix,
    Tz::America__Los_Angeles,
    Tz::America__Anchorage,
    Tz::Pacific__Honolulu,
    Tz::Europe__London,
    Tz::UTC,
];

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
    pub layout: Layout,
    pub meeting: String,
    pub topic: String,
    pub zone: Tz,
    pub generated_at: Option<Instant>,
    pub people: Vec<Planned>,
    pub rows: usize,
    pub absent: usize,
    pub unread: Vec<RefusedRow>,
    /// The first join and the last leave of everybody.
    pub span: (Instant, Instant),
    /// A zone in which much more of it lies in the session.
    pub better_zone: Option<Tz>,
    /// How many people there were, as the report itself says.
    pub declared: Option<usize>,
    /// The report of the same meeting whose place this one takes.
    pub replaces: Option<Report>,
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
        let rows = self.unread.len();
        let unread = if rows == 0 { String::new() } else { format!(", {rows} {} not read", if rows == 1 { "row" } else { "rows" }) };
        format!(
            "{} matched, {} to decide, {} left out{unread}",
            self.matched(),
            self.count(Standing::Waiting),
            self.count(Standing::LeftOut)
        )
    }
}

/// When the session is and what the report covers, where the two do not meet.
fn elsewhere(event: &Event, session: &Session, (from, to): (Instant, Instant), better: Option<Tz>) -> Error {
    let zone = event.zone();
    let span = |from, to| format!("{} {}", days::span_words(from, to, zone), days::zone_words(zone));
    let hint = better.map_or_else(
        || "Choose the report of this session, or its zone.".to_owned(),
        |zone| format!("In the zone {zone} it would fit: choose that, if the report was downloaded there."),
    );
    Error::refused(
        "participation.other_time",
        format!(
            "This report is of {}, and “{}” is {}. Nobody in it was in the session. {hint}",
            span(from, to),
            session.title,
            span(session.starts_at, session.ends_at)
        ),
    )
}

fn span(rows: &[Row], order: Order, zone: Tz) -> Option<(Instant, Instant)> {
    let times = || rows.iter().filter_map(|row| Some((row.join.at(order, zone)?, row.leave.at(order, zone)?)));
    Some((times().map(|(from, _)| from).min()?, times().map(|(_, to)| to).max()?))
}

/// What a report means for a session, with its times read in this zone. Refused when it does not touch the session, and
/// when it is older than the one of the same meeting that counts.
pub fn plan(db: &mut Db, event: &Event, session: &Session, file: &File, zone: Tz) -> Result<Plan> {
    let times = (session.starts_at, session.ends_at);
    let order = rules::order_of(&file.rows, zone, times);
    let (people, unread) = rules::gather(&file.rows, order, zone, times);
    let better_zone = rules::better_zone(&file.rows, zone, &ZONES, times);
    let Some(span) = span(&file.rows, order, zone) else {
        return Err(Error::refused("participation.nobody", "Nobody in this report was there: it has no row with times."));
    };
    let known = known::known(db, session)?;
    let by_email = known::by_email(&known);
    let decided = queue::decisions(db, &session.id)?;
    let planned = |somebody: Somebody| {
        let (standing, registration) = rules::matched(&somebody, &by_email, decided.get(&somebody.identity));
        Planned { minutes: somebody.minutes(times), standing, registration, somebody }
    };
    let people: Vec<Planned> = people.into_iter().map(planned).collect();
    if people.iter().all(|one| one.minutes == 0) {
        return Err(elsewhere(event, session, span, better_zone));
    }
    let replaces = of_session(db, &session.id)?.into_iter().rev().find(|report| report.meeting == file.meeting);
    let generated_at = file.generated.and_then(|at| at.at(order, zone));
    if let Some(newer) = replaces.as_ref().and_then(|report| report.generated_at).filter(|known| generated_at.is_some_and(|at| at < *known))
    {
        return Err(Error::refused(
            "participation.older",
            format!(
                "A later report of this meeting counts already, made {}. Nothing was changed.",
                days::instant_words(newer, event.zone())
            ),
        ));
    }
    let mut all_unread = file.unread.clone();
    all_unread.extend(unread.into_iter().map(|(line, reason)| RefusedRow {
        line: Some(line),
        what: String::new(),
        reason: reason.to_owned(),
    }));
    Ok(Plan {
        layout: file.layout,
        meeting: file.meeting.clone(),
        topic: file.topic.clone(),
        zone,
        generated_at,
        people,
        rows: file.rows.len(),
        absent: file.absent,
        unread: all_unread,
        span,
        better_zone,
        declared: file.declared,
        replaces,
    })
}

/// Imports a report for a session; gives what it meant.
pub fn import(tx: &mut Tx<'_>, event: &Event, session: &Session, file: &File, zone: Tz) -> Result<Plan> {
    agenda::hold(tx, &session.id)?;
    let session = agenda::get_by_id(tx.db, &session.id)?;
    let plan = plan(tx.db, event, &session, file, zone)?;
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let report = Report {
        id: ReportId::new(),
        session_id: session.id.clone(),
        meeting: plan.meeting.clone(),
        layout: plan.layout,
        zone: zone.name().to_owned(),
        generated_at: plan.generated_at,
        row_count: count(plan.rows),
        unread: count(plan.unread.len()),
        imported_at: tx.now,
        actor: tx.actor.label(),
    };
    diesel::insert_into(participant_reports::table).values(&report).execute(tx.db)?;
    if let Some(before) = &plan.replaces {
        end(tx, &session, &before.id, Some(&report.id), "A later report of the same meeting took its place.")?;
    }
    write(tx, &report, &plan)?;
    online::settle(tx, &session.id)?;
    let facts = json!({
        "session": session.code, "layout": report.layout, "zone": report.zone, "rows": plan.rows, "matched": plan.matched(),
        "waiting": plan.count(Standing::Waiting), "left_out": plan.count(Standing::LeftOut), "unread": plan.unread.len(),
    });
    Entry::of("participant_report.imported", "participant_report", &report.id).event(&event.id).after(facts).record(tx)?;
    Ok(plan)
}

/// Rows that go into one statement.
const AT_ONCE: usize = 500;

fn write(tx: &mut Tx<'_>, report: &Report, plan: &Plan) -> Result<()> {
    let mut people = Vec::with_capacity(plan.people.len());
    let mut stays = Vec::with_capacity(plan.rows);
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
