//! Who gains and who loses by another rule, before it is saved (CEU-2).

use std::collections::HashMap;

use super::activities::{Accredited, accredited};
use super::evidence::{self, Seen};
use super::types::CreditRule;
use crate::agenda::{self, Session};
use crate::db::Db;
use crate::error::Result;
use crate::events::Event;
use crate::ids::{CreditTypeId, SessionId};
use crate::registration::{self, Registration, Status};

/// Somebody whose credit would change: in hundredths, before and after.
#[derive(Clone, Debug)]
pub struct Change {
    pub registration: Registration,
    pub before: i64,
    pub after: i64,
}

/// What a new rule would change, most lost first. What was awarded already keeps its version.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    pub people: usize,
    pub changes: Vec<Change>,
}

/// Counts everybody whom the credit type serves under both rules.
pub fn preview(db: &mut Db, event: &Event, kind: &CreditTypeId, rule: &CreditRule, professions: &str) -> Result<Preview> {
    let own: Vec<Accredited> = accredited(db, &event.id)?.into_iter().filter(|one| one.kind.id == *kind).collect();
    let sessions: HashMap<SessionId, Session> =
        agenda::list(db, &event.id)?.into_iter().map(|session| (session.id.clone(), session)).collect();
    let seen = evidence::of_event(db, &event.id)?;
    let mut told = Preview::default();
    for registration in registration::with_status(db, &event.id, Status::Confirmed)? {
        let Some(known) = seen.get(&registration.id) else { continue };
        let served = |professions: &str| professions.is_empty() || professions.split(' ').any(|word| word == registration.profession);
        let credit = |rule: &CreditRule, is_served: bool| -> i64 {
            if is_served { own.iter().map(|one| credit_of(one, rule, known, &sessions)).sum() } else { 0 }
        };
        let before = own.first().map_or(0, |one| credit(&one.rule, served(&one.kind.professions)));
        let after = credit(rule, served(professions));
        told.people += usize::from(before > 0 || after > 0);
        if before != after {
            told.changes.push(Change { registration, before, after });
        }
    }
    told.changes.sort_by_key(|change| change.after - change.before);
    Ok(told)
}

fn credit_of(one: &Accredited, rule: &CreditRule, known: &HashMap<SessionId, Seen>, sessions: &HashMap<SessionId, Session>) -> i64 {
    let terms = rule.terms();
    let minutes = one.sessions.iter().map(|(id, of)| {
        let attended = known.get(id).zip(sessions.get(id)).and_then(|(seen, session)| seen.attended(session, rule.exit()));
        (terms.counted(attended.map_or(0, |attended| attended.minutes), *of), *of)
    });
    terms.earned(&minutes.collect::<Vec<_>>(), one.maximum)
}
