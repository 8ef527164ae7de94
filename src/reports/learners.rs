//! Everybody with credit at an event, some hundred at a time, so that memory stays flat however many there are.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;

use super::rules::{Action, Earned, Kind, Learner};
use super::{details, identities};
use crate::clock::Instant;
use crate::credits::rules::Code;
use crate::db::Db;
use crate::db::schema::{claim_reversals, credit_claim_lines, credit_claims, credit_types, registrations, report_lines, sessions};
use crate::error::Result;
use crate::ids::{ActivityId, ClaimId, EventId, PersonId, RegistrationId};

/// So many registrations are read at once.
const AT_ONCE: i64 = 500;

/// Who somebody is, as a report names them.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = registrations, check_for_backend(crate::db::Either))]
struct Row {
    id: RegistrationId,
    #[diesel(column_name = person_id)]
    person: PersonId,
    code: String,
    given_name: String,
    family_name: String,
    profession: String,
}

/// Gives everybody with credit, or of whom a report told something, to `see`, oldest registration first.
pub fn each(db: &mut Db, key: &[u8; 32], event: &EventId, mut see: impl FnMut(Learner) -> Result<()>) -> Result<()> {
    let mut after = RegistrationId::from(String::new());
    loop {
        let rows: Vec<Row> = registrations::table
            .filter(registrations::event_id.eq(event))
            .filter(registrations::id.gt(&after))
            .order(registrations::id.asc())
            .limit(AT_ONCE)
            .select(Row::as_select())
            .load(db)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id.clone();
        for learner in learners(db, key, rows)? {
            see(learner)?;
        }
    }
}

/// One person's credit and what reports know of it.
pub fn of_registration(db: &mut Db, key: &[u8; 32], id: &RegistrationId) -> Result<Option<Learner>> {
    let rows: Vec<Row> = registrations::table.find(id).select(Row::as_select()).load(db)?;
    Ok(learners(db, key, rows)?.pop())
}

fn learners(db: &mut Db, key: &[u8; 32], rows: Vec<Row>) -> Result<Vec<Learner>> {
    let ids: Vec<RegistrationId> = rows.iter().map(|row| row.id.clone()).collect();
    let mut earned = earned(db, &ids)?;
    let mut reported = reported(db, &ids)?;
    let rows: Vec<Row> = rows.into_iter().filter(|row| earned.contains_key(&row.id) || reported.contains_key(&row.id)).collect();
    let people: Vec<PersonId> = rows.iter().map(|row| row.person.clone()).collect();
    let mut details = details::of_people(db, &people)?;
    let mut identities = identities::of_people(db, key, &people)?;
    let learner = |row: Row| {
        let own = details.remove(&row.person).unwrap_or_default();
        Learner {
            identity: identities.remove(&row.person).unwrap_or_default(),
            licenses: own.licenses,
            npi: own.npi,
            specialty: own.specialty,
            earned: earned.remove(&row.id).unwrap_or_default(),
            reported: reported.remove(&row.id).unwrap_or_default(),
            registration: row.id,
            person: row.person,
            code: row.code,
            given_name: row.given_name,
            family_name: row.family_name,
            profession: row.profession,
        }
    };
    Ok(rows.into_iter().map(learner).collect())
}

/// The claims of these registrations that stand, summed by activity and type, with the end of the last session claimed.
pub(super) fn earned(db: &mut Db, ids: &[RegistrationId]) -> Result<HashMap<RegistrationId, Vec<Earned>>> {
    let claims: Vec<(ClaimId, RegistrationId, ActivityId, Code, i32, Instant)> = credit_claims::table
        .inner_join(credit_types::table)
        .left_join(claim_reversals::table)
        .filter(credit_claims::registration_id.eq_any(ids))
        .filter(claim_reversals::claim_id.is_null())
        .order(credit_claims::id.asc())
        .select((
            credit_claims::id,
            credit_claims::registration_id,
            credit_claims::activity_id,
            credit_types::code,
            credit_claims::hundredths,
            credit_claims::decided_at,
        ))
        .load(db)?;
    let lines: Vec<(ClaimId, Instant)> = credit_claim_lines::table
        .inner_join(sessions::table)
        .filter(credit_claim_lines::registration_id.eq_any(ids))
        .select((credit_claim_lines::claim_id, sessions::ends_at))
        .load(db)?;
    let mut ends: HashMap<ClaimId, Instant> = HashMap::new();
    for (claim, at) in lines {
        ends.entry(claim).and_modify(|known| *known = at.max(*known)).or_insert(at);
    }
    let mut all: HashMap<RegistrationId, Vec<Earned>> = HashMap::new();
    for (claim, registration, activity, code, hundredths, decided_at) in claims {
        let completed_at = ends.get(&claim).copied().unwrap_or(decided_at);
        let own = all.entry(registration).or_default();
        match own.iter_mut().find(|earned| earned.activity == activity && earned.code == code) {
            Some(known) => {
                known.hundredths += i64::from(hundredths);
                known.completed_at = known.completed_at.max(completed_at);
            }
            None => own.push(Earned { activity, code, hundredths: hundredths.into(), completed_at }),
        }
    }
    Ok(all)
}

type Reported = BTreeMap<(Kind, ActivityId, String), Option<i64>>;

/// What files told last of these registrations.
fn reported(db: &mut Db, ids: &[RegistrationId]) -> Result<HashMap<RegistrationId, Reported>> {
    let lines: Vec<(RegistrationId, Kind, ActivityId, String, Action, i32)> = report_lines::table
        .filter(report_lines::registration_id.eq_any(ids))
        .order(report_lines::id.asc())
        .select((
            report_lines::registration_id,
            report_lines::kind,
            report_lines::activity_id,
            report_lines::target,
            report_lines::action,
            report_lines::hundredths,
        ))
        .load(db)?;
    let mut all: HashMap<RegistrationId, Reported> = HashMap::new();
    // Later lines replace earlier ones.
    for (registration, kind, activity, target, action, hundredths) in lines {
        let told = (action == Action::Add).then_some(i64::from(hundredths));
        all.entry(registration).or_default().insert((kind, activity, target), told);
    }
    Ok(all)
}
