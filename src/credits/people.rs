//! Everybody who attended, with how far their credit is: a handful of queries however many there are.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::activities::accredited;
use crate::db::Db;
use crate::db::schema::{claim_reversals, credit_claim_lines, evaluation_completions, presences, registrations};
use crate::error::Result;
use crate::evaluations::forms;
use crate::evaluations::rules::Scope;
use crate::events::Event;
use crate::ids::{RegistrationId, SessionId};
use crate::registration::search::matching;
use crate::registration::{Registration, Status};

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

/// Somebody, with the number of sessions that give them credit: attended, evaluated, claimed.
#[derive(Clone, Debug)]
pub struct Row {
    pub registration: Registration,
    pub attended: usize,
    pub evaluated: usize,
    pub claimed: usize,
    pub stand: Stand,
}

/// Those who were seen in a session that gives them credit and whom the words find, by name.
pub fn search(db: &mut Db, event: &Event, words: &str) -> Result<Vec<Row>> {
    let all = accredited(db, &event.id)?;
    let sessions: HashSet<SessionId> = all.iter().flat_map(|one| one.sessions.iter().map(|(id, _)| id.clone())).collect();
    let asks = forms::current(db, &event.id, Scope::Session)?.is_some();
    let found: Vec<Registration> = matching(&event.id, words)
        .filter(registrations::status.eq(Status::Confirmed))
        .order((registrations::family_name.asc(), registrations::given_name.asc(), registrations::id.asc()))
        .select(Registration::as_select())
        .load(db)?;
    let ids: Vec<&SessionId> = sessions.iter().collect();
    let seen: Vec<(RegistrationId, SessionId)> =
        presences::table.filter(presences::session_id.eq_any(&ids)).select((presences::registration_id, presences::session_id)).load(db)?;
    let seen = grouped(seen);
    let texts: Vec<&str> = sessions.iter().map(SessionId::as_str).collect();
    let evaluated: Vec<(RegistrationId, String)> = evaluation_completions::table
        .filter(evaluation_completions::subject.eq_any(texts))
        .select((evaluation_completions::registration_id, evaluation_completions::subject))
        .load(db)?;
    let evaluated = grouped(evaluated.into_iter().map(|(registration, subject)| (registration, SessionId::from(subject))).collect());
    let claimed: Vec<(RegistrationId, SessionId)> = credit_claim_lines::table
        .left_join(claim_reversals::table.on(claim_reversals::claim_id.eq(credit_claim_lines::claim_id)))
        .filter(credit_claim_lines::session_id.eq_any(&ids))
        .filter(claim_reversals::claim_id.is_null())
        .select((credit_claim_lines::registration_id, credit_claim_lines::session_id))
        .load(db)?;
    let claimed = grouped(claimed);
    let served = |registration: &Registration, session: &SessionId| {
        all.iter().any(|one| one.kind.serves(&registration.profession) && one.minutes_of(session).is_some())
    };
    let none = HashSet::new();
    let row = |registration: Registration| {
        let of = |map: &HashMap<RegistrationId, HashSet<SessionId>>| -> HashSet<SessionId> {
            map.get(&registration.id).unwrap_or(&none).iter().filter(|session| served(&registration, session)).cloned().collect()
        };
        let (seen, evaluated, claimed) = (of(&seen), of(&evaluated), of(&claimed));
        let open: Vec<&SessionId> = seen.iter().filter(|session| !claimed.contains(*session)).collect();
        let stand = match (open.is_empty(), asks && open.iter().any(|session| !evaluated.contains(*session))) {
            (true, _) => Stand::Done,
            (false, true) => Stand::Unevaluated,
            (false, false) => Stand::Unclaimed,
        };
        (!seen.is_empty()).then_some(Row { attended: seen.len(), evaluated: evaluated.len(), claimed: claimed.len(), stand, registration })
    };
    Ok(found.into_iter().filter_map(row).collect())
}

fn grouped(rows: Vec<(RegistrationId, SessionId)>) -> HashMap<RegistrationId, HashSet<SessionId>> {
    let mut groups: HashMap<RegistrationId, HashSet<SessionId>> = HashMap::new();
    for (registration, session) in rows {
        groups.entry(registration).or_default().insert(session);
    }
    groups
}
