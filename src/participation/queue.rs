//! Who is who: people of a session's reports whom no e-mail matches, with suggestions, and what staff decide. A decision
//! holds for later reports too (WEB-1).

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::json;

use super::rules::identity::is_of_one_row;
use super::rules::{Known, Part, Standing, Suggestion, suggestions};
use super::{Participant, Stay, known};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::Entry;
use crate::checkin::online;
use crate::checkin::presence::{union, whole_minutes};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{participant_decisions, participant_stays, participants, report_ends, webinar_joins};
use crate::error::{Error, Result};
use crate::ids::{ParticipantId, RegistrationId, SessionId};
use crate::registration::{self, Status};

/// What staff decided, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = participant_decisions, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
struct Decision {
    session_id: SessionId,
    identity: String,
    registration_id: Option<RegistrationId>,
    at: Instant,
    actor: String,
}

/// What staff decided about people of a session's reports: by identity, who of ours they are, or nobody.
pub fn decisions(db: &mut Db, session: &SessionId) -> Result<HashMap<String, Option<RegistrationId>>> {
    let rows: Vec<(String, Option<RegistrationId>)> = participant_decisions::table
        .filter(participant_decisions::session_id.eq(session))
        .select((participant_decisions::identity, participant_decisions::registration_id))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// How many people of a session's reports wait for staff.
pub fn waiting(db: &mut Db, session: &SessionId) -> Result<usize> {
    let count: i64 = participants::table
        .left_join(report_ends::table.on(report_ends::report_id.eq(participants::report_id)))
        .filter(participants::session_id.eq(session))
        .filter(participants::standing.eq(Standing::Waiting))
        .filter(report_ends::report_id.is_null())
        .count()
        .get_result(db)?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Somebody of the reports, as the page of who is who shows them.
#[derive(Clone, Debug)]
pub struct Listed {
    pub participant: Participant,
    /// Minutes inside the session.
    pub minutes: i64,
    pub first_at: Option<Instant>,
    /// The minutes are what totals prove, and may be more.
    pub is_at_least: bool,
    pub registration: Option<Known>,
    pub suggestions: Vec<Suggestion>,
}

/// The people of a session's reports that stand so, by name, at most `limit` of them, and how many there are.
pub fn list(db: &mut Db, session: &Session, standings: &[Standing], limit: usize) -> Result<(Vec<Listed>, usize)> {
    let found = participants::table
        .left_join(report_ends::table.on(report_ends::report_id.eq(participants::report_id)))
        .filter(participants::session_id.eq(&session.id))
        .filter(participants::standing.eq_any(standings.to_vec()))
        .filter(report_ends::report_id.is_null())
        .order((participants::name.asc(), participants::id.asc()))
        .select(Participant::as_select());
    let all: Vec<Participant> = found.load(db)?;
    let count = all.len();
    let shown: Vec<Participant> = all.into_iter().take(limit).collect();
    let ids: Vec<&ParticipantId> = shown.iter().map(|one| &one.id).collect();
    let mut stays: HashMap<ParticipantId, Vec<(Instant, Instant, bool)>> = HashMap::new();
    for some in ids.chunks(500) {
        let rows: Vec<Stay> =
            participant_stays::table.filter(participant_stays::participant_id.eq_any(some.to_vec())).select(Stay::as_select()).load(db)?;
        for row in rows {
            stays.entry(row.participant_id).or_default().push((row.starts_at, row.ends_at, row.at_least));
        }
    }
    let known = known::known(db, session)?;
    let joins = joins(db, &session.id)?;
    let by_id = known::codes(&known);
    let listed = |participant: Participant| {
        let own = stays.remove(&participant.id).unwrap_or_default();
        let first_at = own.iter().map(|(from, ..)| *from).min();
        let is_at_least = own.iter().any(|(.., at_least)| *at_least);
        let times = own.into_iter().map(|(from, to, _)| (from, to)).collect();
        let asks = participant.standing == Standing::Waiting;
        Listed {
            minutes: whole_minutes(&union(times, session.starts_at, session.ends_at)),
            suggestions: if asks { suggestions(&participant.name, first_at, &known, &joins) } else { Vec::new() },
            registration: participant.registration_id.as_ref().and_then(|id| by_id.get(id)).map(|known| (*known).clone()),
            first_at,
            is_at_least,
            participant,
        }
    };
    Ok((shown.into_iter().map(listed).collect(), count))
}

/// When people joined by their own links.
fn joins(db: &mut Db, session: &SessionId) -> Result<HashMap<RegistrationId, Vec<Instant>>> {
    let rows: Vec<(RegistrationId, Instant)> = webinar_joins::table
        .filter(webinar_joins::session_id.eq(session))
        .select((webinar_joins::registration_id, webinar_joins::at))
        .load(db)?;
    let mut joins: HashMap<RegistrationId, Vec<Instant>> = HashMap::new();
    for (registration, at) in rows {
        joins.entry(registration).or_default().push(at);
    }
    Ok(joins)
}

/// Staff say who of ours somebody of a report is: the registration with this code, or nobody where it is blank.
pub fn decide(tx: &mut Tx<'_>, session: &Session, participant: &ParticipantId, code: &str) -> Result<()> {
    agenda::hold(tx, &session.id)?;
    let participant: Participant = participants::table
        .filter(participants::id.eq(participant))
        .filter(participants::session_id.eq(&session.id))
        .select(Participant::as_select())
        .first(tx.db)?;
    let registration = match code.trim() {
        "" => None,
        code => {
            let unknown = || {
                Error::invalid("registration", "unknown", "Enter the code of a confirmed registration of this event, such as REG-7K3M9P.")
            };
            let found = registration::get(tx.db, code).map_err(|cause| if matches!(cause, Error::NotFound) { unknown() } else { cause })?;
            if found.event_id != session.event_id || found.status != Status::Confirmed {
                return Err(unknown());
            }
            Some(found.id)
        }
    };
    set(tx, session, &participant, registration)?;
    online::settle(tx, &session.id)
}

/// Accepts every suggestion that cannot well be wrong: the same name, and nobody else's. Returns how many.
pub fn accept_certain(tx: &mut Tx<'_>, session: &Session) -> Result<usize> {
    agenda::hold(tx, &session.id)?;
    let (all, _) = list(tx.db, session, &[Standing::Waiting], usize::MAX)?;
    let mut accepted = 0;
    for one in &all {
        if let Some(registration) = certain(one) {
            set(tx, session, &one.participant, Some(registration))?;
            accepted += 1;
        }
    }
    online::settle(tx, &session.id)?;
    Ok(accepted)
}

/// The only one of ours with exactly this name, where the session is theirs.
pub fn certain(one: &Listed) -> Option<RegistrationId> {
    let alike: Vec<&Suggestion> = one.suggestions.iter().filter(|suggestion| suggestion.points >= 85).collect();
    match alike.as_slice() {
        // Of several people with one name a report does not tell who is ours.
        _ if is_of_one_row(&one.participant.identity) || one.participant.part == Part::Phone => None,
        [only] if only.why.starts_with("same name") && only.known.covers => Some(only.known.registration.clone()),
        _ => None,
    }
}

fn set(tx: &mut Tx<'_>, session: &Session, participant: &Participant, registration: Option<RegistrationId>) -> Result<()> {
    let key = (&session.id, &participant.identity);
    let decision = Decision {
        session_id: session.id.clone(),
        identity: participant.identity.clone(),
        registration_id: registration.clone(),
        at: tx.now,
        actor: tx.actor.label(),
    };
    diesel::delete(participant_decisions::table.find(key)).execute(tx.db)?;
    diesel::insert_into(participant_decisions::table).values(&decision).execute(tx.db)?;
    let standing = if registration.is_some() { Standing::ByStaff } else { Standing::LeftOut };
    // Of reports that ended too: what they said is said about the same person.
    let same =
        participants::table.filter(participants::session_id.eq(&session.id)).filter(participants::identity.eq(&participant.identity));
    diesel::update(same).set((participants::registration_id.eq(&registration), participants::standing.eq(standing))).execute(tx.db)?;
    let entry = Entry::of("participant.matched", "participant", &participant.id).event(&session.event_id);
    let entry = entry
        .before(json!({ "registration": participant.registration_id }))
        .after(json!({ "session": session.code, "registration": registration }));
    match &registration {
        Some(registration) => entry.registration(registration).record(tx),
        None => entry.record(tx),
    }
}
