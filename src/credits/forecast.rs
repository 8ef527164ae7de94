//! Who attended and has not finished, and how many hours are about to be lost (CEU-5).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::dsl::{count, count_star};
use diesel::prelude::*;

use super::activities::{Accredited, accredited};
use crate::agenda::{self, Session};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{claim_reversals, credit_claim_lines, credit_claims, presences, registrations};
use crate::error::Result;
use crate::events::Event;
use crate::ids::{EventId, RegistrationId, SessionId};
use crate::registration::{Registration, Status};

/// Hours and people of an event, without anybody's name.
#[derive(Clone, Debug, Default)]
pub struct Forecast {
    /// People who were seen in a session that gives them credit.
    pub attended: i64,
    /// Those of them with something unclaimed, and what that is, in hundredths of an hour (at most).
    pub people: i64,
    pub open: i64,
    /// By session: its people and hundredths of an hour.
    pub by_session: Vec<(Session, i64, i64)>,
    /// What was claimed on each day, in hundredths of an hour.
    pub claimed_on: BTreeMap<NaiveDate, i64>,
}

/// The sessions that give credit, over by now, and for each profession which of them.
struct Ground {
    sessions: Vec<(Session, i64)>,
    served: HashMap<String, BTreeSet<SessionId>>,
}

fn ground(db: &mut Db, event: &Event, now: Instant) -> Result<Ground> {
    let all: Vec<Accredited> = accredited(db, &event.id)?;
    let over = agenda::list(db, &event.id)?.into_iter().filter(|session| session.ends_at <= now && session.canceled_at.is_none());
    let minutes = |session: &Session| all.iter().filter_map(|one| one.minutes_of(&session.id)).max();
    let sessions: Vec<(Session, i64)> = over.filter_map(|session| minutes(&session).map(|minutes| (session, minutes * 100 / 60))).collect();
    let professions: Vec<String> =
        registrations::table.filter(registrations::event_id.eq(&event.id)).select(registrations::profession).distinct().load(db)?;
    let served = professions.into_iter().map(|profession| {
        let serving = all.iter().filter(|one| one.kind.serves(&profession));
        let ids: BTreeSet<SessionId> = serving.flat_map(|one| one.sessions.iter().map(|(id, _)| id.clone())).collect();
        (profession, ids)
    });
    Ok(Ground { served: served.collect(), sessions })
}

/// Counts what is open and what was claimed, by a handful of queries however many people there are.
pub fn forecast(db: &mut Db, event: &Event, now: Instant) -> Result<Forecast> {
    let Ground { sessions, served } = ground(db, event, now)?;
    let hours: HashMap<SessionId, i64> = sessions.iter().map(|(session, hours)| (session.id.clone(), *hours)).collect();
    let mut by_session: HashMap<SessionId, (i64, i64)> = HashMap::new();
    for (session, profession, people) in open_by_session(db, event, &hours)? {
        if served.get(&profession).is_some_and(|ids| ids.contains(&session)) {
            let hundredths = hours.get(&session).copied().unwrap_or_default();
            let entry = by_session.entry(session).or_default();
            *entry = (entry.0 + people, entry.1 + people * hundredths);
        }
    }
    let mut told = Forecast { claimed_on: claimed_on(db, event)?, ..Forecast::default() };
    told.open = by_session.values().map(|(_, hundredths)| hundredths).sum();
    // Professions that are served alike are counted together.
    let mut alike: BTreeMap<BTreeSet<SessionId>, Vec<String>> = BTreeMap::new();
    for (profession, ids) in served {
        let ids: BTreeSet<SessionId> = ids.into_iter().filter(|id| hours.contains_key(id)).collect();
        alike.entry(ids).or_default().push(profession);
    }
    for (ids, professions) in alike.iter().filter(|(ids, _)| !ids.is_empty()) {
        told.attended += people(db, event, ids, professions, false)?;
        told.people += people(db, event, ids, professions, true)?;
    }
    let of = |session: Session| by_session.get(&session.id).copied().map(|(people, hundredths)| (session, people, hundredths));
    told.by_session = sessions.into_iter().filter_map(|(session, _)| of(session)).collect();
    Ok(told)
}

/// Who was in a session and has no claim of it, counted by session and profession.
fn open_by_session(db: &mut Db, event: &Event, hours: &HashMap<SessionId, i64>) -> Result<Vec<(SessionId, String, i64)>> {
    let ids: Vec<&SessionId> = hours.keys().collect();
    let line =
        credit_claim_lines::registration_id.eq(presences::registration_id).and(credit_claim_lines::session_id.eq(presences::session_id));
    Ok(presences::table
        .inner_join(registrations::table)
        .filter(registrations::event_id.eq(&event.id))
        .filter(registrations::status.eq(Status::Confirmed))
        .filter(presences::session_id.eq_any(ids))
        .filter(diesel::dsl::not(diesel::dsl::exists(
            credit_claim_lines::table
                .filter(line)
                .filter(diesel::dsl::not(diesel::dsl::exists(
                    claim_reversals::table.filter(claim_reversals::claim_id.eq(credit_claim_lines::claim_id)),
                )))
                .select(credit_claim_lines::id),
        )))
        .group_by((presences::session_id, registrations::profession))
        .select((presences::session_id, registrations::profession, count_star()))
        .load(db)?)
}

fn people(db: &mut Db, event: &Event, sessions: &BTreeSet<SessionId>, professions: &[String], only_open: bool) -> Result<i64> {
    let seen = presences::table
        .inner_join(registrations::table)
        .filter(registrations::event_id.eq(&event.id))
        .filter(registrations::status.eq(Status::Confirmed))
        .filter(registrations::profession.eq_any(professions))
        .filter(presences::session_id.eq_any(sessions));
    if !only_open {
        return Ok(seen.select(count(presences::registration_id).aggregate_distinct()).first(db)?);
    }
    let line =
        credit_claim_lines::registration_id.eq(presences::registration_id).and(credit_claim_lines::session_id.eq(presences::session_id));
    let open = seen.filter(diesel::dsl::not(diesel::dsl::exists(
        credit_claim_lines::table
            .filter(line)
            .filter(diesel::dsl::not(diesel::dsl::exists(
                claim_reversals::table.filter(claim_reversals::claim_id.eq(credit_claim_lines::claim_id)),
            )))
            .select(credit_claim_lines::id),
    )));
    Ok(open.select(count(presences::registration_id).aggregate_distinct()).first(db)?)
}

/// What was claimed on each day of the event's zone. A session that was claimed for two credit types counts once.
fn claimed_on(db: &mut Db, event: &Event) -> Result<BTreeMap<NaiveDate, i64>> {
    let rows: Vec<(RegistrationId, SessionId, Instant, i32)> = credit_claim_lines::table
        .inner_join(credit_claims::table)
        .inner_join(registrations::table)
        .left_join(claim_reversals::table.on(claim_reversals::claim_id.eq(credit_claims::id)))
        .filter(registrations::event_id.eq(&event.id))
        .filter(claim_reversals::claim_id.is_null())
        .order(credit_claims::id.asc())
        .select((
            credit_claim_lines::registration_id,
            credit_claim_lines::session_id,
            credit_claims::decided_at,
            credit_claim_lines::minutes,
        ))
        .load(db)?;
    let (mut once, mut days) = (BTreeSet::new(), BTreeMap::new());
    for (registration, session, at, minutes) in rows {
        if once.insert((registration, session)) {
            *days.entry(at.date_in(event.zone())).or_default() += i64::from(minutes) * 100 / 60;
        }
    }
    Ok(days)
}

/// The registrations that might have something unclaimed: who was seen in a session that gives credit.
pub fn candidates(db: &mut Db, event: &EventId) -> Result<Vec<Registration>> {
    use crate::db::schema::{activity_sessions, attestations};
    let designated = activity_sessions::table.select(activity_sessions::session_id);
    let seen = presences::table.filter(presences::session_id.eq_any(designated)).select(presences::registration_id);
    let designated = activity_sessions::table.select(activity_sessions::session_id);
    let said = attestations::table.filter(attestations::session_id.eq_any(designated)).select(attestations::registration_id);
    Ok(registrations::table
        .filter(registrations::event_id.eq(event))
        .filter(registrations::status.eq(Status::Confirmed))
        .filter(registrations::id.eq_any(seen).or(registrations::id.eq_any(said)))
        .order(registrations::id.asc())
        .select(Registration::as_select())
        .load(db)?)
}
