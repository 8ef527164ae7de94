//! Reads across tables for the desk: who is found, with what they owe.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::db::schema::{discount_claims, hospitals, orders, people, registration_types, registrations};
use crate::db::{Db, Either};
use crate::error::Result;
use crate::ids::{EventId, HospitalId, OrderId, PersonId, RegistrationId, RegistrationTypeId};
use crate::orders::balance::{OwedCents, balances};
use crate::orders::claims::ClaimStatus;
use crate::registration::{Registration, Status, search};

/// Which registrations of an event are looked for; what is `None` or empty does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Names, e-mail, code or organization as typed.
    pub search: String,
    pub kind: Option<RegistrationTypeId>,
    pub status: Option<Status>,
    pub hospital: Option<HospitalId>,
    /// Only those whose order is not paid.
    pub unpaid: bool,
}

/// How found people are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Name,
    Newest,
}

/// A registration as a list shows it.
#[derive(Clone, Debug)]
pub struct Found {
    pub registration: Registration,
    pub email: String,
    pub type_name: String,
    pub order_code: String,
    pub currency: String,
    /// What is still owed for the order, in cents.
    pub balance_cents: i64,
}

fn matching(event: &EventId, filter: &Filter) -> registrations::BoxedQuery<'static, Either> {
    let mut query = search::matching(event, &filter.search);
    if let Some(kind) = &filter.kind {
        query = query.filter(registrations::registration_type_id.eq(kind.clone()));
    }
    if let Some(status) = filter.status {
        query = query.filter(registrations::status.eq(status));
    }
    if let Some(hospital) = &filter.hospital {
        query = query.filter(registrations::hospital_id.eq(hospital.clone()));
    }
    if filter.unpaid {
        query = query.filter(registrations::status.ne(Status::Canceled)).filter(OwedCents.gt(0_i64));
    }
    query
}

/// How many are found.
pub fn count(db: &mut Db, event: &EventId, filter: &Filter) -> Result<i64> {
    Ok(matching(event, filter).count().get_result(db)?)
}

/// Those found, `limit` of them after skipping `offset`.
pub fn find(db: &mut Db, event: &EventId, filter: &Filter, sort: Sort, offset: i64, limit: i64) -> Result<Vec<Found>> {
    let query = matching(event, filter).offset(offset).limit(limit);
    let query = match sort {
        // The search key begins with family and given name, folded, and stands in the index.
        Sort::Name => query.order((registrations::search_key.asc(), registrations::id.asc())),
        Sort::Newest => query.order(registrations::id.desc()),
    };
    let rows: Vec<Registration> = query.select(Registration::as_select()).load(db)?;
    let mut found = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(500) {
        found.extend(with_what_belongs_to_them(db, chunk)?);
    }
    Ok(found)
}

fn with_what_belongs_to_them(db: &mut Db, rows: &[Registration]) -> Result<Vec<Found>> {
    let person_ids: Vec<&PersonId> = rows.iter().map(|row| &row.person_id).collect();
    let type_ids: Vec<&RegistrationTypeId> = rows.iter().map(|row| &row.registration_type_id).collect();
    let order_ids: Vec<&OrderId> = rows.iter().map(|row| &row.order_id).collect();
    let emails: HashMap<PersonId, String> = HashMap::from_iter(
        people::table.filter(people::id.eq_any(person_ids)).select((people::id, people::email)).load::<(PersonId, String)>(db)?,
    );
    let types: HashMap<RegistrationTypeId, String> = HashMap::from_iter(
        registration_types::table
            .filter(registration_types::id.eq_any(type_ids))
            .select((registration_types::id, registration_types::name))
            .load::<(RegistrationTypeId, String)>(db)?,
    );
    let placed: Vec<(OrderId, String, String)> =
        orders::table.filter(orders::id.eq_any(&order_ids)).select((orders::id, orders::code, orders::currency)).load(db)?;
    let placed: HashMap<OrderId, (String, String)> = placed.into_iter().map(|(id, code, currency)| (id, (code, currency))).collect();
    let balances = balances(db, &order_ids)?;
    let found = rows.iter().map(|row| {
        let (order_code, currency) = placed.get(&row.order_id).cloned().unwrap_or_default();
        Found {
            email: emails.get(&row.person_id).cloned().unwrap_or_default(),
            type_name: types.get(&row.registration_type_id).cloned().unwrap_or_default(),
            balance_cents: balances.get(&row.order_id).copied().unwrap_or_default(),
            order_code,
            currency,
            registration: row.clone(),
        }
    });
    Ok(found.collect())
}

/// The hospitals that people of an event named, by name: id and name with city and state.
pub fn hospitals_of(db: &mut Db, event: &EventId) -> Result<Vec<(HospitalId, String)>> {
    let rows: Vec<(HospitalId, String, String, String)> = registrations::table
        .inner_join(hospitals::table)
        .filter(registrations::event_id.eq(event))
        .select((hospitals::id, hospitals::name, hospitals::city, hospitals::state))
        .distinct()
        .order((hospitals::name.asc(), hospitals::id.asc()))
        .load(db)?;
    Ok(rows.into_iter().map(|(id, name, city, state)| (id, format!("{name}, {city}, {state}"))).collect())
}

/// The codes of these registrations.
pub fn codes_of<'a>(db: &mut Db, ids: impl Iterator<Item = &'a RegistrationId>) -> Result<HashMap<RegistrationId, String>> {
    let ids: Vec<&RegistrationId> = ids.collect();
    let rows: Vec<(RegistrationId, String)> =
        registrations::table.filter(registrations::id.eq_any(ids)).select((registrations::id, registrations::code)).load(db)?;
    Ok(rows.into_iter().collect())
}

/// What is counted of an event where staff land.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Registrations that are not canceled.
    pub registered: i64,
    /// Doubtful discounts and registrations that wait for approval.
    pub undecided: i64,
}

/// Counts an event's people and open decisions.
pub fn counts(db: &mut Db, event: &EventId) -> Result<Counts> {
    let of_event = || registrations::table.filter(registrations::event_id.eq(event));
    let registered = of_event().filter(registrations::status.ne(Status::Canceled)).count().get_result(db)?;
    let waiting: i64 = of_event().filter(registrations::status.eq(Status::Pending)).count().get_result(db)?;
    let doubtful: i64 = discount_claims::table
        .inner_join(registrations::table)
        .filter(discount_claims::event_id.eq(event))
        .filter(discount_claims::status.eq(ClaimStatus::Pending))
        .filter(registrations::status.ne(Status::Canceled))
        .count()
        .get_result(db)?;
    Ok(Counts { registered, undecided: waiting + doubtful })
}
