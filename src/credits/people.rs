//! Everybody who attended, with how far their credit is: some hundred at a time, however many there are.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::activities::{Accredited, accredited};
use super::deadlines::{self, Extension};
use super::rules::claims_close_at;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{
    attestations, claim_reversals, credit_claim_lines, credit_claims, evaluation_completions, late_requests, presences, registrations,
};
use crate::error::Result;
use crate::evaluations::forms;
use crate::evaluations::rules::Scope;
use crate::events::Event;
use crate::ids::{RegistrationId, SessionId};
use crate::registration::search::matching;
use crate::registration::{Registration, Status};

/// So many people are read at once.
const AT_ONCE: usize = 500;

/// How far somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    Unevaluated,
    Unclaimed,
    Done,
}

impl Stand {
    /// The chip's kind and words.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Unevaluated => ("wait", "Evaluation missing"),
            Self::Unclaimed => ("wait", "Not claimed"),
            Self::Done => ("yes", "Finished"),
        }
    }
}

crate::words! {
    /// Whom the list shows.
    Show { Unevaluated => "unevaluated", Unclaimed => "unclaimed", Claimed => "claimed", Done => "done", Late => "late" }
}

impl Show {
    pub fn words(self) -> &'static str {
        match self {
            Self::Unevaluated => "Attended, not evaluated",
            Self::Unclaimed => "Evaluated, not claimed",
            Self::Claimed => "Claimed something",
            Self::Done => "Finished",
            Self::Late => "Past the deadline",
        }
    }

    /// Whether somebody is among them.
    pub fn has(self, row: &Row) -> bool {
        match self {
            Self::Unevaluated => row.stand == Stand::Unevaluated,
            Self::Unclaimed => row.stand == Stand::Unclaimed,
            Self::Claimed => row.claimed > 0,
            Self::Done => row.stand == Stand::Done,
            Self::Late => row.is_late,
        }
    }
}

/// Somebody, with the number of sessions that give them credit: attended, evaluated, claimed.
#[derive(Clone, Debug)]
pub struct Row {
    pub registration: Registration,
    pub attended: usize,
    pub evaluated: usize,
    pub claimed: usize,
    pub stand: Stand,
    /// Something is open though the deadline is over, or was claimed or asked for after it.
    pub is_late: bool,
}

/// What is the same for everybody at an event.
struct Terms {
    all: Vec<Accredited>,
    sessions: Vec<SessionId>,
    asks: bool,
    extensions: Vec<Extension>,
    asked_late: HashSet<RegistrationId>,
    closes_at: Option<Instant>,
    now: Instant,
}

impl Terms {
    fn serves(&self, profession: &str, session: &SessionId) -> bool {
        self.all.iter().any(|one| one.kind.serves(profession) && one.minutes_of(session).is_some())
    }
}

/// Gives those to `see` who were in a session that gives them credit and whom the words find, by name.
pub fn each(db: &mut Db, event: &Event, words: &str, now: Instant, mut see: impl FnMut(Row) -> Result<()>) -> Result<()> {
    let all = accredited(db, &event.id)?;
    let sessions: HashSet<SessionId> = all.iter().flat_map(|one| one.sessions.iter().map(|(id, _)| id.clone())).collect();
    let asked_late: Vec<RegistrationId> =
        late_requests::table.filter(late_requests::event_id.eq(&event.id)).select(late_requests::registration_id).load(db)?;
    let terms = Terms {
        all,
        sessions: sessions.into_iter().collect(),
        asks: forms::current(db, &event.id, Scope::Session)?.is_some(),
        extensions: deadlines::extensions(db, &event.id)?,
        asked_late: asked_late.into_iter().collect(),
        closes_at: event.claims_close_on.map(|day| claims_close_at(day, event.zone())),
        now,
    };
    let found: Vec<RegistrationId> = matching(&event.id, words)
        .filter(registrations::status.eq(Status::Confirmed))
        .order((registrations::family_name.asc(), registrations::given_name.asc(), registrations::id.asc()))
        .select(registrations::id)
        .load(db)?;
    for ids in found.chunks(AT_ONCE) {
        rows(db, event, &terms, ids)?.into_iter().try_for_each(&mut see)?;
    }
    Ok(())
}

type Sessions = HashMap<RegistrationId, HashSet<SessionId>>;

fn rows(db: &mut Db, event: &Event, terms: &Terms, ids: &[RegistrationId]) -> Result<Vec<Row>> {
    let found: Vec<Registration> = registrations::table.filter(registrations::id.eq_any(ids)).select(Registration::as_select()).load(db)?;
    let mut by_id: HashMap<RegistrationId, Registration> = found.into_iter().map(|one| (one.id.clone(), one)).collect();
    let (seen, evaluated) = (seen(db, ids)?, evaluated(db, terms, ids)?);
    let claims: Vec<(RegistrationId, SessionId, Instant)> = credit_claim_lines::table
        .inner_join(credit_claims::table)
        .left_join(claim_reversals::table.on(claim_reversals::claim_id.eq(credit_claim_lines::claim_id)))
        .filter(credit_claim_lines::registration_id.eq_any(ids))
        .filter(claim_reversals::claim_id.is_null())
        .select((credit_claim_lines::registration_id, credit_claim_lines::session_id, credit_claims::decided_at))
        .load(db)?;
    let is_past = |at: Instant| terms.closes_at.is_some_and(|closes_at| at >= closes_at);
    let late: HashSet<RegistrationId> = claims.iter().filter(|(.., at)| is_past(*at)).map(|(id, ..)| id.clone()).collect();
    let claimed = grouped(claims.into_iter().map(|(registration, session, _)| (registration, session)));
    let none = HashSet::new();
    let row = |id: &RegistrationId| {
        let registration = by_id.remove(id)?;
        let of = |map: &Sessions| -> HashSet<SessionId> {
            map.get(id).unwrap_or(&none).iter().filter(|session| terms.serves(&registration.profession, session)).cloned().collect()
        };
        let (mut seen, evaluated, claimed) = (of(&seen), of(&evaluated), of(&claimed));
        seen.extend(claimed.iter().cloned());
        let open: Vec<&SessionId> = seen.iter().filter(|session| !claimed.contains(*session)).collect();
        let stand = match (open.is_empty(), terms.asks && open.iter().any(|session| !evaluated.contains(*session))) {
            (true, _) => Stand::Done,
            (false, true) => Stand::Unevaluated,
            (false, false) => Stand::Unclaimed,
        };
        let last_day = deadlines::last_day(event, &terms.extensions, id, &[]);
        let is_over = last_day.is_some_and(|day| terms.now >= claims_close_at(day, event.zone()));
        let is_late = (!open.is_empty() && is_over) || late.contains(id) || terms.asked_late.contains(id);
        let (attended, evaluated, claimed) = (seen.len(), evaluated.len(), claimed.len());
        (attended > 0).then_some(Row { attended, evaluated, claimed, stand, is_late, registration })
    };
    Ok(ids.iter().filter_map(row).collect())
}

/// The sessions where scans, or somebody's word, say that they were.
fn seen(db: &mut Db, ids: &[RegistrationId]) -> Result<Sessions> {
    let mut seen: Vec<(RegistrationId, SessionId)> = presences::table
        .filter(presences::registration_id.eq_any(ids))
        .select((presences::registration_id, presences::session_id))
        .load(db)?;
    let said: Vec<(RegistrationId, SessionId)> = attestations::table
        .filter(attestations::registration_id.eq_any(ids))
        .select((attestations::registration_id, attestations::session_id))
        .load(db)?;
    seen.extend(said);
    Ok(grouped(seen))
}

fn evaluated(db: &mut Db, terms: &Terms, ids: &[RegistrationId]) -> Result<Sessions> {
    let done: Vec<(RegistrationId, String)> = evaluation_completions::table
        .filter(evaluation_completions::registration_id.eq_any(ids))
        .select((evaluation_completions::registration_id, evaluation_completions::subject))
        .load(db)?;
    let known: HashMap<&str, &SessionId> = terms.sessions.iter().map(|id| (id.as_str(), id)).collect();
    Ok(grouped(done.into_iter().filter_map(|(registration, subject)| Some((registration, (*known.get(subject.as_str())?).clone())))))
}

fn grouped(rows: impl IntoIterator<Item = (RegistrationId, SessionId)>) -> Sessions {
    let mut groups: Sessions = HashMap::new();
    for (registration, session) in rows {
        groups.entry(registration).or_default().insert(session);
    }
    groups
}
