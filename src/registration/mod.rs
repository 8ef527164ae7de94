//! Registrations: one person's place at one event, with what stands on badge and certificate (EVT-3).

pub mod letters;
pub mod rules;

use diesel::prelude::*;

use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::registrations;
use crate::error::{Error, Result};
use crate::ids::{EventId, HospitalId, OrderId, PersonId, RegistrationId, RegistrationTypeId};

crate::words! {
    /// Where a registration stands. A pending one waits for staff (PRC-1) and has no seats yet.
    Status { Confirmed => "confirmed", Pending => "pending", Canceled => "canceled" }
}
crate::words! {
    /// For whom somebody attends (EVT-3).
    Represents { Professional => "professional", PatientFamily => "patient_family" }
}

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
