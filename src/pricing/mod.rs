//! What is sold and for how much: registration types, tiers by date, discount codes (PRC-1, PRC-2).

mod changes;
mod drafts;
pub mod rules;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::app::Tx;
use crate::db::Db;
use crate::db::schema::{covered_sessions, discount_codes, price_tiers, registration_types};
use crate::error::{Error, Result};
use crate::ids::{CoveredSessionId, DiscountCodeId, EventId, PriceTierId, RegistrationTypeId, SessionId};

pub use changes::{add_discount_code, add_type, change_discount_code, change_type, draft_of, list_discount_codes};
pub use drafts::{DiscountCodeDraft, TierDraft, TypeDraft};

crate::words! {
    /// Who may buy a type (PRC-1).
    Eligibility { Anyone => "anyone", Code => "code", Approval => "approval" }
}
crate::words! {
    /// What a discount code is.
    CodeKind { Promotional => "promotional", Scholarship => "scholarship" }
}

/// What a person buys.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = registration_types, check_for_backend(crate::db::Either), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct RegistrationType {
    pub id: RegistrationTypeId,
    pub event_id: EventId,
    pub code: String,
    pub name: String,
    pub description: String,
    pub capacity: Option<i32>,
    /// First and last day of the sale in the event's zone; without a last day it is sold until the event ends.
    pub sale_opens_on: Option<NaiveDate>,
    pub sale_closes_on: Option<NaiveDate>,
    pub eligibility: Eligibility,
    pub access_code_key: Option<String>,
    pub discountable: bool,
    /// Covers every session without a price of its own; otherwise the listed ones.
    pub covers_all: bool,
    pub position: i32,
}

/// The price of a type until a day.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = price_tiers, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct PriceTier {
    pub id: PriceTierId,
    pub registration_type_id: RegistrationTypeId,
    pub name: String,
    pub price_cents: i64,
    /// The last day of this price in the event's zone; the last tier has none.
    pub until: Option<NaiveDate>,
    pub position: i32,
}

/// A session that a type covers.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = covered_sessions, check_for_backend(crate::db::Either))]
pub struct CoveredSession {
    pub id: CoveredSessionId,
    pub registration_type_id: RegistrationTypeId,
    pub session_id: SessionId,
}

/// A promotional or scholarship code.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = discount_codes, check_for_backend(crate::db::Either))]
pub struct DiscountCode {
    pub id: DiscountCodeId,
    pub event_id: EventId,
    pub code: String,
    pub code_key: String,
    pub kind: CodeKind,
    pub percent: i32,
    pub cap: i32,
    /// The last day it works, in the event's zone.
    pub expires_on: NaiveDate,
}

/// An event's types in their order.
pub fn list_types(db: &mut Db, event: &EventId) -> Result<Vec<RegistrationType>> {
    Ok(registration_types::table
        .filter(registration_types::event_id.eq(event))
        .order((registration_types::position.asc(), registration_types::code.asc()))
        .select(RegistrationType::as_select())
        .load(db)?)
}

/// A type by its code, or not found.
pub fn get_type(db: &mut Db, event: &EventId, code: &str) -> Result<RegistrationType> {
    registration_types::table
        .filter(registration_types::event_id.eq(event))
        .filter(registration_types::code.eq(code))
        .select(RegistrationType::as_select())
        .first(db)
        .map_err(Error::from)
}

/// A type by id.
pub fn get_type_by_id(db: &mut Db, id: &RegistrationTypeId) -> Result<RegistrationType> {
    Ok(registration_types::table.find(id).select(RegistrationType::as_select()).first(db)?)
}

/// The tiers of a type, earliest first.
pub fn tiers(db: &mut Db, id: &RegistrationTypeId) -> Result<Vec<PriceTier>> {
    Ok(price_tiers::table
        .filter(price_tiers::registration_type_id.eq(id))
        .order(price_tiers::position.asc())
        .select(PriceTier::as_select())
        .load(db)?)
}

/// The sessions that a type which does not cover all lists.
pub fn covered_sessions(db: &mut Db, id: &RegistrationTypeId) -> Result<Vec<SessionId>> {
    Ok(covered_sessions::table.filter(covered_sessions::registration_type_id.eq(id)).select(covered_sessions::session_id).load(db)?)
}

/// The discount code with this folded text.
pub fn find_discount_code(db: &mut Db, event: &EventId, code_key: &str) -> Result<Option<DiscountCode>> {
    Ok(discount_codes::table
        .filter(discount_codes::event_id.eq(event))
        .filter(discount_codes::code_key.eq(code_key))
        .select(DiscountCode::as_select())
        .first(db)
        .optional()?)
}

/// Makes every other order that holds this type wait, so that its places can be counted and then taken.
pub fn hold_type(tx: &mut Tx<'_>, id: &RegistrationTypeId) -> Result<()> {
    diesel::update(registration_types::table.find(id)).set(registration_types::code.eq(registration_types::code)).execute(tx.db)?;
    Ok(())
}

/// Makes every other order that uses this code wait, so that its uses can be counted.
pub fn hold_discount_code(tx: &mut Tx<'_>, id: &DiscountCodeId) -> Result<()> {
    diesel::update(discount_codes::table.find(id)).set(discount_codes::code.eq(discount_codes::code)).execute(tx.db)?;
    Ok(())
}

/// A code as people type it, folded: upper case, without spaces and dashes.
pub fn code_key(code: &str) -> String {
    code.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}
