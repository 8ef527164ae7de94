//! What people tell so that their credit can be reported: licenses, NPI, specialty, and for a while who they are to NABP.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use serde_json::json;

use super::identities;
use super::rules::{BirthDay, Identity, License, is_nabp_id, is_npi, is_state};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{learner_details, licenses};
use crate::error::{Checks, Error, Result};
use crate::events::Event;
use crate::ids::{LicenseId, PersonId};
use crate::people;
use crate::people::rules::tidy;
use crate::registration::Registration;

/// So many licenses have a place in the form.
pub const LICENSES: usize = 2;

/// A form's fields by name.
pub type Typed = BTreeMap<String, String>;

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = licenses, check_for_backend(crate::db::Either))]
struct LicenseRow {
    id: LicenseId,
    person_id: PersonId,
    state: String,
    profession: String,
    number: String,
    saved_at: Instant,
}

/// What is kept of somebody for as long as participation is.
#[derive(Clone, Debug, Default)]
pub struct Details {
    pub licenses: Vec<License>,
    pub npi: String,
    pub specialty: String,
}

/// What is kept of these people.
pub fn of_people(db: &mut Db, people: &[PersonId]) -> Result<HashMap<PersonId, Details>> {
    let mut all: HashMap<PersonId, Details> = HashMap::new();
    let rows: Vec<LicenseRow> =
        licenses::table.filter(licenses::person_id.eq_any(people)).order(licenses::id.asc()).select(LicenseRow::as_select()).load(db)?;
    for row in rows {
        let license = License { state: row.state, profession: row.profession, number: row.number };
        all.entry(row.person_id).or_default().licenses.push(license);
    }
    let rows: Vec<(PersonId, String, String)> = learner_details::table
        .filter(learner_details::person_id.eq_any(people))
        .select((learner_details::person_id, learner_details::npi, learner_details::specialty))
        .load(db)?;
    for (person, npi, specialty) in rows {
        let own = all.entry(person).or_default();
        (own.npi, own.specialty) = (npi, specialty);
    }
    Ok(all)
}

/// What is kept of somebody.
pub fn of_person(db: &mut Db, person: &PersonId) -> Result<Details> {
    Ok(of_people(db, std::slice::from_ref(person))?.remove(person).unwrap_or_default())
}

/// What a form says.
struct Read {
    details: Details,
    identity: Identity,
}

fn text<'a>(typed: &'a Typed, name: &str) -> &'a str {
    typed.get(name).map_or("", |text| text.trim())
}

/// The NABP id and the birthday of a form, checked; blank fields are left out.
pub fn read_identity(typed: &Typed, checks: &mut Checks) -> Identity {
    let nabp = text(typed, "nabp_id").replace(' ', "");
    if !nabp.is_empty() && !is_nabp_id(&nabp) {
        checks.wrong("nabp_id", "digits", "An NABP e-Profile ID has five to eight digits and nothing else.");
    }
    let (month, day) = (text(typed, "birth_month"), text(typed, "birth_day"));
    let birth_day = BirthDay::read(month, day);
    if birth_day.is_none() && !(month.is_empty() && day.is_empty()) {
        checks.wrong("birth_month", "date", "Choose the month and the day of your birth, such as March and 9.");
    }
    Identity { nabp_id: Some(nabp).filter(|id| !id.is_empty()), birth_day }
}

/// The licenses of a form, checked; places that are blank are left out.
fn read_licenses(typed: &Typed, checks: &mut Checks) -> Vec<License> {
    let mut licenses: Vec<License> = Vec::new();
    for place in 1..=LICENSES {
        let field = |name: &str| format!("license_{name}_{place}");
        let (state, number) = (text(typed, &field("state")).to_uppercase(), tidy(text(typed, &field("number"))));
        let profession = text(typed, &field("profession")).to_uppercase();
        if [&state, &number, &profession].iter().all(|part| part.is_empty()) {
            continue;
        }
        if !is_state(&state) {
            checks.wrong(&field("state"), "choice", "Choose the state that gave the license.");
        }
        if number.is_empty() || number.len() > 30 || !number.chars().all(|c| c.is_ascii_alphanumeric() || " -./".contains(c)) {
            checks.wrong(&field("number"), "license", "Enter the number as it stands on the license, such as RN12345.");
        }
        if !(1..=10).contains(&profession.len()) || !profession.chars().all(|c| c.is_ascii_alphanumeric()) {
            checks.wrong(&field("profession"), "code", "Enter the short form on the license, such as RN, MD or RPH.");
        }
        if licenses.iter().any(|other| other.state == state && other.profession == profession) {
            checks.wrong(&field("state"), "taken", "This is the license above. Leave the second one empty.");
        }
        licenses.push(License { state, profession, number });
    }
    licenses
}

fn read(typed: &Typed) -> Result<Read> {
    let mut checks = Checks::new();
    let licenses = read_licenses(typed, &mut checks);
    let npi = text(typed, "npi").replace(' ', "");
    if !npi.is_empty() && !is_npi(&npi) {
        checks.wrong("npi", "npi", "An NPI has ten digits, and these are not one: compare them with your card.");
    }
    let specialty = tidy(text(typed, "specialty"));
    checks.at_most("specialty", &specialty, 100);
    let identity = read_identity(typed, &mut checks);
    checks.finish()?;
    Ok(Read { details: Details { licenses, npi, specialty }, identity })
}

/// Keeps what somebody tells: licenses, NPI and specialty replace what was there; a blank birthday or NABP id leaves
/// what was told before, and `forget` erases both.
pub fn save(tx: &mut Tx<'_>, person: &PersonId, typed: &Typed) -> Result<()> {
    let Read { details, identity } = read(typed)?;
    let known = people::get(tx.db, person)?;
    people::hold(tx, person)?;
    let before = of_person(tx.db, person)?;
    write_licenses(tx, person, &details.licenses)?;
    diesel::delete(learner_details::table.find(person)).execute(tx.db)?;
    let columns = (
        learner_details::person_id.eq(person),
        learner_details::npi.eq(&details.npi),
        learner_details::specialty.eq(&details.specialty),
        learner_details::saved_at.eq(tx.now),
    );
    diesel::insert_into(learner_details::table).values(columns).execute(tx.db)?;
    // How many, and never the numbers: entries are kept for good.
    let facts = |details: &Details| json!({ "licenses": details.licenses.len(), "npi": !details.npi.is_empty() });
    Entry::of("reporting_details.saved", "person", &known.id).before(facts(&before)).after(facts(&details)).record(tx)?;
    if text(typed, "forget") == "yes" {
        return identities::forget(tx, person);
    }
    if identity == Identity::default() { Ok(()) } else { identities::save(tx, person, &identity) }
}

fn write_licenses(tx: &mut Tx<'_>, person: &PersonId, all: &[License]) -> Result<()> {
    diesel::delete(licenses::table.filter(licenses::person_id.eq(person))).execute(tx.db)?;
    for License { state, profession, number } in all.iter().cloned() {
        let row = LicenseRow { id: LicenseId::new(), person_id: person.clone(), state, profession, number, saved_at: tx.now };
        diesel::insert_into(licenses::table).values(&row).execute(tx.db)?;
    }
    Ok(())
}

/// Staff enter or correct somebody's licenses, as the person tells them by phone, and say how they know; whatever else
/// the person told stays.
pub fn correct_licenses(tx: &mut Tx<'_>, event: &Event, registration: &Registration, typed: &Typed) -> Result<()> {
    let mut checks = Checks::new();
    let all = read_licenses(typed, &mut checks);
    let reason = text(typed, "reason");
    checks.required("reason", reason, "Say how you know, such as “told by phone”.");
    checks.at_most("reason", reason, 500);
    checks.finish()?;
    let person = &registration.person_id;
    people::hold(tx, person)?;
    let before = of_person(tx.db, person)?;
    if before.licenses == all {
        return Err(Error::refused("reports.same_licenses", "These are the licenses that are kept already."));
    }
    write_licenses(tx, person, &all)?;
    // How many, and never the numbers: entries are kept for good.
    let facts = |licenses: &[License]| json!({ "licenses": licenses.len() });
    let entry = Entry::of("licenses.corrected", "person", person).event(&event.id).registration(&registration.id);
    entry.before(facts(&before.licenses)).after(facts(&all)).reason(reason).record(tx)
}

/// The NABP id and birthday that a first pharmacy claim asks for, kept. Whoever has no id at hand says so and is
/// asked again by letter (CEU-8).
pub fn save_asked(tx: &mut Tx<'_>, person: &PersonId, typed: &Typed) -> Result<()> {
    let mut checks = Checks::new();
    let identity = read_identity(typed, &mut checks);
    if checks.is_clean() && text(typed, "nabp_later") != "yes" {
        checks.required("nabp_id", text(typed, "nabp_id"), "Enter your NABP e-Profile ID, or say that you do not have it at hand.");
        if identity.birth_day.is_none() {
            checks.wrong("birth_month", "required", "Choose the month and the day of your birth.");
        }
    }
    checks.finish()?;
    if identity == Identity::default() { Ok(()) } else { identities::save(tx, person, &identity) }
}

/// Whether a pharmacy claim of this person asks who they are to NABP.
pub fn asks_identity(db: &mut Db, key: &[u8; 32], person: &PersonId) -> Result<bool> {
    let known = identities::of_person(db, key, person)?.map(|(identity, _)| identity).unwrap_or_default();
    Ok(known.nabp_id.is_none() || known.birth_day.is_none())
}
