//! Hospitals, their e-mail domains and codes, and the terms in which they are recognized (HOS-1, RCG-3).

pub mod beds_file;
pub mod cms_file;
pub mod csv_columns;
pub mod recognitions_file;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{hospital_codes, hospital_domains, hospitals, recognitions};
use crate::error::Result;
use crate::ids::{DomainId, EventId, HospitalCodeId, HospitalId, RecognitionId};

/// A hospital as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = hospitals, check_for_backend(crate::db::Either), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Hospital {
    pub id: HospitalId,
    /// CMS Certification Number: six characters of text; optional and not unique.
    pub ccn: Option<String>,
    pub name: String,
    pub address: String,
    pub city: String,
    pub state: String,
    pub zip: String,
    pub county: String,
    pub phone: String,
    pub kind: String,
    pub ownership: String,
    pub beds: Option<i32>,
    /// Name, city, state and CCN, folded.
    pub search_key: String,
    /// `cms` when the list of CMS is where it comes from, otherwise `staff`.
    pub source: String,
    /// When an import first missed it; hospitals are never deleted.
    pub gone_at: Option<Instant>,
}

/// An e-mail domain of a hospital; one that several hospitals share proves nothing by itself.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = hospital_domains, check_for_backend(crate::db::Either))]
pub struct Domain {
    pub id: DomainId,
    pub hospital_id: HospitalId,
    pub domain: String,
}

/// A term in which a hospital is recognized, once it is approved and paid.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = recognitions, check_for_backend(crate::db::Either), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Recognition {
    pub id: RecognitionId,
    pub hospital_id: HospitalId,
    pub term_starts_on: NaiveDate,
    /// The last day, inclusive.
    pub term_ends_on: NaiveDate,
    pub conditional: bool,
    pub approved_on: Option<NaiveDate>,
    pub paid_on: Option<NaiveDate>,
    pub revoked_on: Option<NaiveDate>,
}

/// A code for many uses that a hospital gives to its staff (PRC-4).
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = hospital_codes, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct HospitalCode {
    pub id: HospitalCodeId,
    pub hospital_id: HospitalId,
    pub event_id: Option<EventId>,
    pub code: String,
    pub code_key: String,
    pub cap: i32,
    /// The last day it works, in the event's zone.
    pub expires_on: NaiveDate,
}

/// The hospital with this CCN; of several campuses that share it, the first added.
pub fn find_by_ccn(db: &mut Db, ccn: &str) -> Result<Option<Hospital>> {
    let found = hospitals::table.filter(hospitals::ccn.eq(ccn)).order(hospitals::id.asc());
    Ok(found.select(Hospital::as_select()).first(db).optional()?)
}

/// A hospital by id.
pub fn get(db: &mut Db, id: &HospitalId) -> Result<Hospital> {
    Ok(hospitals::table.find(id).select(Hospital::as_select()).first(db)?)
}

/// The terms of a hospital, earliest first.
pub fn recognitions(db: &mut Db, hospital: &HospitalId) -> Result<Vec<Recognition>> {
    Ok(recognitions::table
        .filter(recognitions::hospital_id.eq(hospital))
        .order(recognitions::term_starts_on.asc())
        .select(Recognition::as_select())
        .load(db)?)
}

/// The hospitals that use this e-mail domain.
pub fn of_domain(db: &mut Db, domain: &str) -> Result<Vec<HospitalId>> {
    Ok(hospital_domains::table.filter(hospital_domains::domain.eq(domain)).select(hospital_domains::hospital_id).load(db)?)
}

/// The code for many uses with this folded text.
pub fn find_code(db: &mut Db, code_key: &str) -> Result<Option<HospitalCode>> {
    Ok(hospital_codes::table.filter(hospital_codes::code_key.eq(code_key)).select(HospitalCode::as_select()).first(db).optional()?)
}

/// Makes every other order that uses this code wait, so that its uses can be counted.
pub fn hold_code(tx: &mut Tx<'_>, id: &HospitalCodeId) -> Result<()> {
    diesel::update(hospital_codes::table.find(id)).set(hospital_codes::code.eq(hospital_codes::code)).execute(tx.db)?;
    Ok(())
}
