//! Evidence: what scans, participant reports and people themselves say about who was in which session how long (CEU-2, CHK-3).

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use serde_json::json;

use crate::agenda::Session;
use crate::app::Tx;
use crate::audit::Entry;
use crate::checkin::Direction;
use crate::checkin::online::{self, Stay};
use crate::checkin::presence::{Attended, ExitRule, attended_both};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{attendance_marks, attestations, sessions, voided_marks};
use crate::error::{Error, Result};
use crate::evaluations;
use crate::events::Event;
use crate::ids::{AttestationId, EventId, RegistrationId, SessionId};
use crate::registration::{self, Registration, Status};

/// What is known about one person in one session.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub marks: Vec<(Direction, Instant)>,
    /// When they were online in it, as the participant reports of a webinar say (WEB-1).
    pub online: Vec<Stay>,
    /// The minutes that the person says; they count where neither a scan nor a report says all.
    pub attested: Option<i64>,
}

crate::words! {
    /// Where minutes come from.
    Source { Scan => "scan", Report => "report", Both => "scan_and_report", Attestation => "attestation" }
}

impl Seen {
    /// Only the person says so.
    pub fn is_attested(&self, session: &Session, exit: ExitRule) -> bool {
        self.source(session, exit) == Some(Source::Attestation)
    }

    /// Where the minutes come from; none without evidence.
    pub fn source(&self, session: &Session, exit: ExitRule) -> Option<Source> {
        self.told(session, exit).map(|(source, _)| source)
    }

    /// How long the person was there, a missing way out closed by `exit`; none without evidence.
    pub fn attended(&self, session: &Session, exit: ExitRule) -> Option<Attended> {
        self.told(session, exit).map(|(_, attended)| attended)
    }

    /// Where the minutes come from and what they are. Scans and reports count before what the person says; where totals prove only the least, or a report not one
    /// minute, the greater of the two counts.
    pub fn told(&self, session: &Session, exit: ExitRule) -> Option<(Source, Attended)> {
        let length = session.ends_at.since(session.starts_at).num_minutes();
        let said = self.attested.map(|minutes| minutes.clamp(0, length));
        let of_said = |minutes| (Source::Attestation, Attended { minutes, stays: Vec::new(), is_assumed: false, is_at_least: false });
        let source = match (self.marks.is_empty(), self.online.is_empty()) {
            (false, false) => Source::Both,
            (false, true) => Source::Scan,
            (true, false) => Source::Report,
            (true, true) => return said.map(of_said),
        };
        let seen = attended_both(&self.marks, &self.online, session.starts_at, session.ends_at, exit);
        let may_be_more = seen.is_at_least || (source == Source::Report && seen.minutes == 0);
        match said.filter(|said| may_be_more && *said > seen.minutes) {
            Some(said) => Some(of_said(said)),
            None => Some((source, seen)),
        }
    }
}

/// Whether anything says that somebody was there; where nothing does, the person is asked for minutes.
pub fn is_evidence(attended: Option<&Attended>) -> bool {
    attended.is_some_and(|attended| attended.minutes > 0)
}

/// An attestation, as it is stored; the newest of a person and session counts.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = attestations, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Attestation {
    pub id: AttestationId,
    pub registration_id: RegistrationId,
    pub session_id: SessionId,
    pub minutes: i32,
    pub at: Instant,
    pub actor: String,
    /// Why staff say so.
    pub reason: Option<String>,
}

/// What is known about one registration, by session.
pub fn of_registration(db: &mut Db, registration: &RegistrationId) -> Result<HashMap<SessionId, Seen>> {
    let mut seen: HashMap<SessionId, Seen> = HashMap::new();
    let marks: Vec<(SessionId, Direction, Instant)> = attendance_marks::table
        .left_join(voided_marks::table)
        .filter(attendance_marks::registration_id.eq(registration))
        .filter(voided_marks::mark_id.is_null())
        .select((attendance_marks::session_id, attendance_marks::direction, attendance_marks::at))
        .load(db)?;
    for (session, direction, at) in marks {
        seen.entry(session).or_default().marks.push((direction, at));
    }
    for (session, stays) in online::of_registration(db, registration)? {
        seen.entry(session).or_default().online = stays;
    }
    let said: Vec<(SessionId, i32)> = attestations::table
        .filter(attestations::registration_id.eq(registration))
        .order(attestations::id.asc())
        .select((attestations::session_id, attestations::minutes))
        .load(db)?;
    for (session, minutes) in said {
        seen.entry(session).or_default().attested = Some(minutes.into());
    }
    Ok(seen)
}

/// What is known about many registrations, of whatever events, by registration and session.
pub fn of_registrations(db: &mut Db, registrations: &[Registration]) -> Result<HashMap<RegistrationId, HashMap<SessionId, Seen>>> {
    let mut seen: HashMap<RegistrationId, HashMap<SessionId, Seen>> = HashMap::new();
    for some in registrations.chunks(500) {
        let ids: Vec<&RegistrationId> = some.iter().map(|one| &one.id).collect();
        let marks: Vec<(RegistrationId, SessionId, Direction, Instant)> = attendance_marks::table
            .left_join(voided_marks::table)
            .filter(attendance_marks::registration_id.eq_any(ids.clone()))
            .filter(voided_marks::mark_id.is_null())
            .select((attendance_marks::registration_id, attendance_marks::session_id, attendance_marks::direction, attendance_marks::at))
            .load(db)?;
        for (registration, session, direction, at) in marks {
            seen.entry(registration).or_default().entry(session).or_default().marks.push((direction, at));
        }
        let said: Vec<(RegistrationId, SessionId, i32)> = attestations::table
            .filter(attestations::registration_id.eq_any(ids))
            .order(attestations::id.asc())
            .select((attestations::registration_id, attestations::session_id, attestations::minutes))
            .load(db)?;
        for (registration, session, minutes) in said {
            seen.entry(registration).or_default().entry(session).or_default().attested = Some(minutes.into());
        }
    }
    // Reports are few and read by event, of which there are few too.
    let wanted: HashSet<&RegistrationId> = registrations.iter().map(|one| &one.id).collect();
    let events: HashSet<&EventId> = registrations.iter().map(|one| &one.event_id).collect();
    for event in events {
        for (registration, sessions) in online::of_event(db, event)?.into_iter().filter(|(id, _)| wanted.contains(id)) {
            let own = seen.entry(registration).or_default();
            sessions.into_iter().for_each(|(session, stays)| own.entry(session).or_default().online = stays);
        }
    }
    Ok(seen)
}

/// What is known about everybody at an event.
pub fn of_event(db: &mut Db, event: &EventId) -> Result<HashMap<RegistrationId, HashMap<SessionId, Seen>>> {
    let mut seen: HashMap<RegistrationId, HashMap<SessionId, Seen>> = HashMap::new();
    let marks: Vec<(RegistrationId, SessionId, Direction, Instant)> = attendance_marks::table
        .left_join(voided_marks::table)
        // Not joined: SQLite would put the marks of all events together first.
        .filter(attendance_marks::session_id.eq_any(sessions::table.filter(sessions::event_id.eq(event)).select(sessions::id)))
        .filter(voided_marks::mark_id.is_null())
        .select((attendance_marks::registration_id, attendance_marks::session_id, attendance_marks::direction, attendance_marks::at))
        .load(db)?;
    for (registration, session, direction, at) in marks {
        seen.entry(registration).or_default().entry(session).or_default().marks.push((direction, at));
    }
    for (registration, sessions) in online::of_event(db, event)? {
        for (session, stays) in sessions {
            seen.entry(registration.clone()).or_default().entry(session).or_default().online = stays;
        }
    }
    let said: Vec<(RegistrationId, SessionId, i32)> = attestations::table
        .inner_join(sessions::table)
        .filter(sessions::event_id.eq(event))
        .order(attestations::id.asc())
        .select((attestations::registration_id, attestations::session_id, attestations::minutes))
        .load(db)?;
    for (registration, session, minutes) in said {
        seen.entry(registration).or_default().entry(session).or_default().attested = Some(minutes.into());
    }
    Ok(seen)
}

/// Records that somebody says they attended so many minutes of one of their sessions. Where scans or
/// a participant report say something, they count and not this, unless a report of totals proves less.
pub fn attest(
    tx: &mut Tx<'_>,
    event: &Event,
    registration: &Registration,
    session: &Session,
    minutes: i64,
    reason: Option<&str>,
) -> Result<()> {
    registration::hold(tx, &registration.id)?;
    if registration.status != Status::Confirmed {
        return Err(super::rules::Refusal::NotActive.into());
    }
    if tx.now < session.ends_at {
        return Err(super::rules::Refusal::NotOver { title: session.title.clone() }.into());
    }
    if session.event_id != event.id || session.canceled_at.is_some() || !evaluations::was_theirs(tx.db, registration, session)? {
        return Err(Error::refused("credits.not_yours", format!("“{}” is not among the sessions of this registration.", session.title)));
    }
    let length = session.ends_at.since(session.starts_at).num_minutes();
    if !(1..=length).contains(&minutes) {
        return Err(Error::invalid("minutes", "out_of_range", format!("“{}” had {length} minutes. Enter 1 to {length}.", session.title)));
    }
    let row = Attestation {
        id: AttestationId::new(),
        registration_id: registration.id.clone(),
        session_id: session.id.clone(),
        minutes: i32::try_from(minutes).map_err(Error::internal)?,
        at: tx.now,
        actor: tx.actor.label(),
        reason: reason.map(str::to_owned),
    };
    diesel::insert_into(attestations::table).values(&row).execute(tx.db)?;
    let entry = Entry::of("attendance.attested", "attestation", &row.id).event(&event.id).registration(&registration.id);
    let entry = entry.after(json!({ "session": session.code, "minutes": minutes }));
    match reason {
        Some(reason) => entry.reason(reason).record(tx),
        None => entry.record(tx),
    }
}
