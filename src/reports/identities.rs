//! Month and day of birth and NABP e-Profile ID: kept sealed, in a table of their own, and erased when reporting is over (CEU-8).

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::rules::{Identity, erase_on};
use crate::app::{Site, Tx};
use crate::audit::Entry;
use crate::checkin::roster::{open_under, seal_under};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{credit_claims, events, registrations, report_settings, reporting_identities};
use crate::error::{Error, Result};
use crate::ids::PersonId;
use crate::jobs::Job;

/// The job that erases what is no longer needed.
pub const ERASE: &str = "erase_reporting_identities";

/// So many people are looked at in one job's step.
const AT_ONCE: i64 = 500;

/// What is sealed: the identity and whose it is, so that a row moved to somebody else does not open.
#[derive(Serialize, Deserialize)]
struct Sealed {
    person: String,
    identity: Identity,
}

/// The key under which identities are sealed.
pub fn key_of(site: &Site) -> [u8; 32] {
    site.config.key_for("reporting identities")
}

/// Keeps what somebody told; what is left out stays as it was.
pub fn save(tx: &mut Tx<'_>, person: &PersonId, told: &Identity) -> Result<()> {
    let key = key_of(tx.site);
    let before = of_person(tx.db, &key, person)?;
    let known = before.clone().map(|(identity, _)| identity).unwrap_or_default();
    let identity = Identity { nabp_id: told.nabp_id.clone().or(known.nabp_id), birth_day: told.birth_day.or(known.birth_day) };
    let sealed = seal(&key, person, &identity)?;
    let columns = (reporting_identities::sealed.eq(&sealed), reporting_identities::entered_at.eq(tx.now));
    if before.is_some() {
        diesel::update(reporting_identities::table.find(person)).set(columns).execute(tx.db)?;
    } else {
        diesel::insert_into(reporting_identities::table)
            .values((reporting_identities::person_id.eq(person), columns.0, columns.1))
            .execute(tx.db)?;
    }
    // That it was told, never what.
    let facts = json!({ "nabp_id": told.nabp_id.is_some(), "birth_day": told.birth_day.is_some() });
    Entry::of("reporting_identity.told", "person", person).after(facts).record(tx)
}

/// Forgets what somebody told.
pub fn forget(tx: &mut Tx<'_>, person: &PersonId) -> Result<()> {
    let gone = diesel::delete(reporting_identities::table.find(person)).execute(tx.db)?;
    if gone > 0 {
        Entry::of("reporting_identity.forgotten", "person", person).record(tx)?;
    }
    Ok(())
}

/// What somebody told, and when.
pub fn of_person(db: &mut Db, key: &[u8; 32], person: &PersonId) -> Result<Option<(Identity, Instant)>> {
    let found: Option<(String, Instant)> = reporting_identities::table
        .find(person)
        .select((reporting_identities::sealed, reporting_identities::entered_at))
        .first(db)
        .optional()?;
    Ok(found.map(|(sealed, at)| (opened(key, person, &sealed), at)))
}

/// What these people told.
pub fn of_people(db: &mut Db, key: &[u8; 32], people: &[PersonId]) -> Result<HashMap<PersonId, Identity>> {
    let rows: Vec<(PersonId, String)> = reporting_identities::table
        .filter(reporting_identities::person_id.eq_any(people))
        .select((reporting_identities::person_id, reporting_identities::sealed))
        .load(db)?;
    Ok(rows.into_iter().map(|(person, sealed)| (person.clone(), opened(key, &person, &sealed))).collect())
}

/// An identity, or nothing where it does not open because the installation's key was changed: then the person is
/// asked again.
fn opened(key: &[u8; 32], person: &PersonId, sealed: &str) -> Identity {
    open(key, person, sealed).unwrap_or_else(|_| {
        tracing::warn!("a reporting identity does not open under this LANYARD_SECRET_KEY");
        Identity::default()
    })
}

fn seal(key: &[u8; 32], person: &PersonId, identity: &Identity) -> Result<String> {
    let sealed = Sealed { person: person.to_string(), identity: identity.clone() };
    seal_under(key, &serde_json::to_vec(&sealed).map_err(Error::internal)?)
}

fn open(key: &[u8; 32], person: &PersonId, sealed: &str) -> Result<Identity> {
    let failed = || Error::internal("a reporting identity does not open");
    let text = open_under(key, sealed).ok_or_else(failed)?;
    let found: Sealed = serde_json::from_slice(&text).map_err(|_| failed())?;
    if found.person == person.as_str() { Ok(found.identity) } else { Err(failed()) }
}

/// The job: erases what is kept of people all of whose events are reported, and of those who never claimed anything.
pub fn run_erase(tx: &mut Tx<'_>, _: &Job) -> Result<()> {
    let mut erased = 0;
    let mut after = String::new();
    loop {
        let rows: Vec<(PersonId, Instant)> = reporting_identities::table
            .filter(reporting_identities::person_id.gt(PersonId::from(after.clone())))
            .order(reporting_identities::person_id.asc())
            .limit(AT_ONCE)
            .select((reporting_identities::person_id, reporting_identities::entered_at))
            .load(tx.db)?;
        let Some((last, _)) = rows.last() else { break };
        after = last.to_string();
        let over = over(tx.db, &rows, tx.now)?;
        erased += diesel::delete(reporting_identities::table.filter(reporting_identities::person_id.eq_any(&over))).execute(tx.db)?;
    }
    if erased > 0 {
        Entry::of("reporting_identities.erased", "reporting_identity", "all").after(json!({ "people": erased })).record(tx)?;
    }
    Ok(())
}

/// Those of these people whose reporting is over for long enough.
fn over(db: &mut Db, rows: &[(PersonId, Instant)], now: Instant) -> Result<Vec<PersonId>> {
    let people: Vec<&PersonId> = rows.iter().map(|(person, _)| person).collect();
    let found: Vec<(PersonId, NaiveDate, String, Option<NaiveDate>)> = credit_claims::table
        .inner_join(registrations::table.inner_join(events::table))
        .left_join(report_settings::table.on(report_settings::event_id.eq(events::id)))
        .filter(registrations::person_id.eq_any(people))
        .select((registrations::person_id, events::ends_on, events::zone, report_settings::acknowledged_on.nullable()))
        .distinct()
        .load(db)?;
    let mut is_current: HashMap<PersonId, bool> = HashMap::new();
    for (person, ends_on, zone, acknowledged_on) in found {
        let today = now.date_in(zone.parse().unwrap_or(chrono_tz::Tz::UTC));
        *is_current.entry(person).or_default() |= today < erase_on(ends_on, acknowledged_on);
    }
    let today = now.date_in(chrono_tz::Tz::UTC);
    let is_over = |(person, entered_at): &&(PersonId, Instant)| match is_current.get(person) {
        Some(is_current) => !is_current,
        None => today >= erase_on(entered_at.date_in(chrono_tz::Tz::UTC), None),
    };
    Ok(rows.iter().filter(is_over).map(|(person, _)| person.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::rules::BirthDay;

    #[test]
    fn an_identity_opens_for_its_own_person_under_its_own_key_and_no_other() {
        let (person, other) = (PersonId::new(), PersonId::new());
        let identity = Identity { nabp_id: Some("123456".to_owned()), birth_day: BirthDay::read("3", "9") };
        let sealed = seal(&[7; 32], &person, &identity).unwrap();
        assert!(!sealed.contains("123456"));
        assert_eq!(open(&[7; 32], &person, &sealed).unwrap(), identity);
        for wrong in [
            open(&[8; 32], &person, &sealed),
            open(&[7; 32], &other, &sealed),
            open(&[7; 32], &person, "00"),
            open(&[7; 32], &person, "zz"),
        ] {
            assert!(wrong.is_err());
        }
    }
}
