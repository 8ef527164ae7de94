//! Who is who: people of a session's reports whom no e-mail matches, with suggestions, and what staff decide. A decision
//! holds for later reports too (WEB-1).

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::json;

use super::rules::identity::is_of_one_row;
use super::rules::suggesting::{Index, Suggestion};
use super::rules::{Known, Part, Standing};
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
use crate::people::rules::fold;
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

/// Who of a session's reports is looked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub standings: &'static [Standing],
    /// Parts of a name, an e-mail or a registration's code; empty for everybody.
    pub q: String,
    /// From 1; behind the last one is the last one.
    pub page: usize,
    /// So many on a page.
    pub limit: usize,
}

/// A page of people.
#[derive(Clone, Debug)]
pub struct Found {
    pub rows: Vec<Listed>,
    /// So many come before them.
    pub before: usize,
    /// How many there are on all pages.
    pub count: usize,
}

/// The people of reports that count who stand so.
fn standing(db: &mut Db, session: &SessionId, standings: &[Standing]) -> Result<Vec<Participant>> {
    Ok(participants::table
        .left_join(report_ends::table.on(report_ends::report_id.eq(participants::report_id)))
        .filter(participants::session_id.eq(session))
        .filter(participants::standing.eq_any(standings.to_vec()))
        .filter(report_ends::report_id.is_null())
        .order((participants::name.asc(), participants::id.asc()))
        .select(Participant::as_select())
        .load(db)?)
}

/// A page of the people of a session's reports, by name.
pub fn list(db: &mut Db, session: &Session, wanted: &Wanted) -> Result<Found> {
    let mut all = standing(db, &session.id, wanted.standings)?;
    let known = known::known(db, session)?;
    let searched = fold(&wanted.q);
    if !searched.is_empty() {
        let by_id = known::codes(&known);
        all.retain(|one| {
            let ours = one.registration_id.as_ref().and_then(|id| by_id.get(id));
            let ours = ours.map(|known| format!("{} {}", known.name, known.code)).unwrap_or_default();
            let text = fold(&format!("{} {} {ours}", one.name, one.email));
            searched.split(' ').all(|word| text.contains(word))
        });
    }
    let count = all.len();
    let last_page = count.div_ceil(wanted.limit).max(1);
    let before = (wanted.page.clamp(1, last_page) - 1) * wanted.limit;
    let shown = all.into_iter().skip(before).take(wanted.limit).collect();
    Ok(Found { rows: listed(db, session, shown, &known)?, before, count })
}

/// People with their minutes, and with suggestions where they wait.
fn listed(db: &mut Db, session: &Session, shown: Vec<Participant>, known: &[Known]) -> Result<Vec<Listed>> {
    let ids: Vec<&ParticipantId> = shown.iter().map(|one| &one.id).collect();
    let mut stays: HashMap<ParticipantId, Vec<(Instant, Instant, bool)>> = HashMap::new();
    for some in ids.chunks(500) {
        let rows: Vec<Stay> =
            participant_stays::table.filter(participant_stays::participant_id.eq_any(some.to_vec())).select(Stay::as_select()).load(db)?;
        for row in rows {
            stays.entry(row.participant_id).or_default().push((row.starts_at, row.ends_at, row.at_least));
        }
    }
    let joins = joins(db, &session.id)?;
    let (by_id, index) = (known::codes(known), Index::of(known));
    let listed = |participant: Participant| {
        let own = stays.remove(&participant.id).unwrap_or_default();
        let first_at = own.iter().map(|(from, ..)| *from).min();
        let is_at_least = own.iter().any(|(.., at_least)| *at_least);
        let times = own.into_iter().map(|(from, to, _)| (from, to)).collect();
        let asks = participant.standing == Standing::Waiting;
        Listed {
            minutes: whole_minutes(&union(times, session.starts_at, session.ends_at)),
            suggestions: if asks { index.suggestions(&participant.name, first_at, &joins) } else { Vec::new() },
            registration: participant.registration_id.as_ref().and_then(|id| by_id.get(id)).map(|known| (*known).clone()),
            first_at,
            is_at_least,
            participant,
        }
    };
    Ok(shown.into_iter().map(listed).collect())
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

/// Somebody of a report, and who of ours that must be.
pub type Certain = (ParticipantId, RegistrationId);

/// Of these people those who wait and of whom a suggestion cannot well be wrong: the same name, and nobody else's. Looked
/// for before the write, which everybody else waits for.
pub fn certain_among(db: &mut Db, session: &Session, ids: &[ParticipantId]) -> Result<Vec<Certain>> {
    let mut shown = standing(db, &session.id, &[Standing::Waiting])?;
    shown.retain(|one| ids.contains(&one.id));
    let known = known::known(db, session)?;
    let rows = listed(db, session, shown, &known)?;
    Ok(rows.iter().filter_map(|one| Some((one.participant.id.clone(), certain(one)?))).collect())
}

/// Matches people by their names, where they wait still and their registration stands. Returns how many.
pub fn accept(tx: &mut Tx<'_>, session: &Session, sure: &[Certain]) -> Result<usize> {
    agenda::hold(tx, &session.id)?;
    let waiting: Vec<Participant> = participants::table
        .left_join(report_ends::table.on(report_ends::report_id.eq(participants::report_id)))
        .filter(participants::session_id.eq(&session.id))
        .filter(participants::id.eq_any(sure.iter().map(|(id, _)| id).collect::<Vec<_>>()))
        .filter(participants::standing.eq(Standing::Waiting))
        .filter(report_ends::report_id.is_null())
        .select(Participant::as_select())
        .load(tx.db)?;
    let mut accepted = 0;
    for (id, registration) in sure {
        let Some(participant) = waiting.iter().find(|one| one.id == *id) else { continue };
        if registration::get_by_id(tx.db, registration)?.status == Status::Confirmed {
            set(tx, session, participant, Some(registration.clone()))?;
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
