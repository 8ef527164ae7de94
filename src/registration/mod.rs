//! Registrations: one person's place at one event, with what stands on badge and certificate (EVT-3).

pub mod api;
pub mod badge_places;
pub mod choice_pages;
pub mod confirmation_pages;
pub mod correction;
pub mod drafts;
pub mod hospital_choice;
pub mod letters;
pub mod pages;
pub mod review_pages;
pub mod rules;
pub mod search;

use diesel::prelude::*;
use serde_json::json;

use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{cancellations, registrations};
use crate::error::{Error, Result};
use crate::ids::{CancellationId, EventId, HospitalId, OrderId, PersonId, RegistrationId, RegistrationTypeId};
use crate::pricing::RegistrationType;

crate::words! {
    /// Where a registration stands. A pending one waits for staff (PRC-1) and has no seats yet.
    Status { Confirmed => "confirmed", Pending => "pending", Canceled => "canceled" }
}
crate::words! {
    /// For whom somebody attends (EVT-3).
    Represents { Professional => "professional", PatientFamily => "patient_family" }
}

/// So many are asked for in one statement.
const AT_ONCE: usize = 500;

/// A registration as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = registrations, check_for_backend(crate::db::Either), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Registration {
    pub id: RegistrationId,
    pub event_id: EventId,
    pub order_id: OrderId,
    pub person_id: PersonId,
    pub registration_type_id: RegistrationTypeId,
    /// What people see: `REG-7K3M9P`.
    pub code: String,
    pub status: Status,
    pub given_name: String,
    pub family_name: String,
    pub badge_name: String,
    pub certificate_name: String,
    pub credentials: String,
    pub profession: String,
    pub organization: String,
    pub hospital_id: Option<HospitalId>,
    pub dietary: String,
    pub accommodation: String,
    pub represents: Represents,
    /// Whether sponsors may learn about this person; no unless asked for.
    pub sponsors_opt_in: bool,
    /// Names, code, e-mail and organization, folded, for the desk's search.
    pub search_key: String,
    pub created_at: Instant,
}

impl Registration {
    /// Given and family name, where there are both.
    pub fn full_name(&self) -> String {
        crate::people::rules::full_name(&self.given_name, &self.family_name)
    }
}

/// The registration with this code, or not found.
pub fn get(db: &mut Db, code: &str) -> Result<Registration> {
    let code = code.trim().to_uppercase();
    registrations::table.filter(registrations::code.eq(code)).select(Registration::as_select()).first(db).map_err(Error::from)
}

/// A registration by id.
pub fn get_by_id(db: &mut Db, id: &RegistrationId) -> Result<Registration> {
    Ok(registrations::table.find(id).select(Registration::as_select()).first(db)?)
}

/// A person's registrations, newest first.
pub fn of_person(db: &mut Db, person: &PersonId) -> Result<Vec<Registration>> {
    Ok(registrations::table
        .filter(registrations::person_id.eq(person))
        .order(registrations::id.desc())
        .select(Registration::as_select())
        .load(db)?)
}

/// Makes every other write that holds this registration wait, so that its overlapping seats can be checked.
pub fn hold(tx: &mut Tx<'_>, id: &RegistrationId) -> Result<()> {
    diesel::update(registrations::table.find(id)).set(registrations::code.eq(registrations::code)).execute(tx.db)?;
    Ok(())
}

/// Writes a new registration (`orders` decides whether there is one).
pub fn add(tx: &mut Tx<'_>, registration: &Registration) -> Result<()> {
    diesel::insert_into(registrations::table).values(registration).execute(tx.db)?;
    Ok(())
}

/// Sets where a registration stands.
pub fn set_status(tx: &mut Tx<'_>, id: &RegistrationId, status: Status) -> Result<()> {
    diesel::update(registrations::table.find(id)).set(registrations::status.eq(status)).execute(tx.db)?;
    Ok(())
}

/// Takes a registration on into another type, with another order that pays for it.
pub fn move_to(tx: &mut Tx<'_>, before: &Registration, kind: &RegistrationType, order: &OrderId) -> Result<()> {
    diesel::update(registrations::table.find(&before.id))
        .set((registrations::registration_type_id.eq(&kind.id), registrations::order_id.eq(order)))
        .execute(tx.db)?;
    Entry::of("registration.type_changed", "registration", &before.id)
        .event(&before.event_id)
        .registration(&before.id)
        .before(json!({ "type": before.registration_type_id, "order": before.order_id }))
        .after(json!({ "type": kind.id, "order": order }))
        .record(tx)
}

/// Cancels a registration: who, when and why are a row of their own.
pub fn cancel(tx: &mut Tx<'_>, registration: &Registration, reason: &str) -> Result<()> {
    set_status(tx, &registration.id, Status::Canceled)?;
    let row = (
        cancellations::id.eq(CancellationId::new()),
        cancellations::registration_id.eq(&registration.id),
        cancellations::at.eq(tx.now),
        cancellations::actor.eq(tx.actor.label()),
        cancellations::reason.eq(reason),
    );
    diesel::insert_into(cancellations::table).values(row).execute(tx.db)?;
    Entry::of("registration.canceled", "registration", &registration.id)
        .event(&registration.event_id)
        .registration(&registration.id)
        .before(json!({ "status": registration.status }))
        .after(json!({ "status": Status::Canceled }))
        .reason(reason)
        .record(tx)
}

/// Registrations of a type that take a place: all but canceled ones.
pub fn count_of_type(db: &mut Db, kind: &RegistrationTypeId) -> Result<i64> {
    Ok(registrations::table
        .filter(registrations::registration_type_id.eq(kind))
        .filter(registrations::status.ne(Status::Canceled))
        .count()
        .get_result(db)?)
}

/// A person's live registrations at one event.
pub fn live_of_person(db: &mut Db, event: &EventId, person: &PersonId) -> Result<Vec<Registration>> {
    Ok(registrations::table
        .filter(registrations::event_id.eq(event))
        .filter(registrations::person_id.eq(person))
        .filter(registrations::status.ne(Status::Canceled))
        .select(Registration::as_select())
        .load(db)?)
}

/// The people of these registrations, each once.
pub fn people_of(db: &mut Db, ids: &[RegistrationId]) -> Result<Vec<PersonId>> {
    let mut people: Vec<PersonId> = Vec::new();
    for some in ids.chunks(AT_ONCE) {
        let rows: Vec<PersonId> =
            registrations::table.filter(registrations::id.eq_any(some)).select(registrations::person_id).distinct().load(db)?;
        people.extend(rows);
    }
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

/// The confirmed registrations of these people at one event, oldest first.
pub fn confirmed_of_people(db: &mut Db, event: &EventId, people: &[PersonId]) -> Result<Vec<Registration>> {
    let mut found: Vec<Registration> = Vec::new();
    for some in people.chunks(AT_ONCE) {
        let rows: Vec<Registration> = registrations::table
            .filter(registrations::event_id.eq(event))
            .filter(registrations::person_id.eq_any(some))
            .filter(registrations::status.eq(Status::Confirmed))
            .select(Registration::as_select())
            .load(db)?;
        found.extend(rows);
    }
    found.sort_by(|left, right| left.id.cmp(&right.id));
    Ok(found)
}

/// An event's registrations that stand so, oldest first.
pub fn with_status(db: &mut Db, event: &EventId, status: Status) -> Result<Vec<Registration>> {
    Ok(registrations::table
        .filter(registrations::event_id.eq(event))
        .filter(registrations::status.eq(status))
        .order(registrations::id.asc())
        .select(Registration::as_select())
        .load(db)?)
}

/// The confirmed registrations of a hospital's people, oldest first.
pub fn of_hospital(db: &mut Db, hospital: &HospitalId) -> Result<Vec<Registration>> {
    Ok(registrations::table
        .filter(registrations::hospital_id.eq(hospital))
        .filter(registrations::status.eq(Status::Confirmed))
        .order(registrations::id.asc())
        .select(Registration::as_select())
        .load(db)?)
}

/// The registrations of an order, oldest first.
pub fn of_order(db: &mut Db, order: &OrderId) -> Result<Vec<Registration>> {
    Ok(registrations::table
        .filter(registrations::order_id.eq(order))
        .order(registrations::id.asc())
        .select(Registration::as_select())
        .load(db)?)
}

/// The registrations of a type, oldest first, canceled ones included.
pub fn of_type(db: &mut Db, kind: &RegistrationTypeId) -> Result<Vec<Registration>> {
    Ok(registrations::table
        .filter(registrations::registration_type_id.eq(kind))
        .order(registrations::id.asc())
        .select(Registration::as_select())
        .load(db)?)
}
