//! Hospitals, their e-mail domains and codes, and the terms in which they are recognized (HOS-1, RCG-3).

pub mod admin;
pub mod api;
pub mod beds_file;
pub mod cms_file;
pub mod cms_import;
pub mod codes;
pub mod csv_columns;
pub mod list_admin;
pub mod pages;
pub mod recognitions_file;
pub mod rules;
pub mod search;
pub mod terms;
pub mod terms_admin;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{hospital_codes, hospital_domains, hospitals, recognitions};
use crate::error::{Checks, Error, Result};
use crate::ids::{DomainId, EventId, HospitalCodeId, HospitalId, RecognitionId, random_digits};
use crate::people::rules::tidy;

pub use cms_import::{Imported, import};
pub use codes::{NewCode, add_code, edit_code};
pub use search::{Found, search};
pub use terms::{ImportedRecognitions, check_recognitions, import_recognitions, save_recognition};

/// The source of hospitals that come from the list of CMS.
pub const CMS: &str = "cms";
/// The source of hospitals that staff entered.
pub const STAFF: &str = "staff";

/// A hospital as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = hospitals, check_for_backend(crate::db::Either), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Hospital {
    pub id: HospitalId,
    /// CMS Certification Number: six characters of text, not unique. A hospital without one has a stand-in
    /// that begins with X, as no CCN does, so that people can choose it all the same (HOS-1).
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

/// Whether this hospital uses this e-mail domain.
pub fn has_domain(db: &mut Db, hospital: &HospitalId, domain: &str) -> Result<bool> {
    Ok(of_domain(db, domain)?.contains(hospital))
}

/// The e-mail domains of a hospital, by name, each with how many hospitals use it.
pub fn domains(db: &mut Db, hospital: &HospitalId) -> Result<Vec<(Domain, usize)>> {
    let own: Vec<Domain> = hospital_domains::table
        .filter(hospital_domains::hospital_id.eq(hospital))
        .order(hospital_domains::domain.asc())
        .select(Domain::as_select())
        .load(db)?;
    own.into_iter()
        .map(|domain| {
            let users = of_domain(db, &domain.domain)?.len();
            Ok((domain, users))
        })
        .collect()
}

/// What staff enter about a hospital.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Six letters and digits, or nothing where a hospital has no CCN.
    pub ccn: Option<String>,
    pub name: String,
    pub address: String,
    pub city: String,
    /// Two letters of a US state; elsewhere what stands for it, such as the country.
    pub state: String,
    pub zip: String,
    pub county: String,
    pub phone: String,
    pub kind: String,
    pub ownership: String,
    pub beds: Option<i32>,
}

/// Adds a hospital by hand.
pub fn add(tx: &mut Tx<'_>, facts: &Facts) -> Result<HospitalId> {
    let ccn = match &facts.ccn {
        Some(ccn) => ccn.clone(),
        None => free_stand_in(tx.db)?,
    };
    let hospital = entered(HospitalId::new(), &Facts { ccn: Some(ccn), ..facts.clone() })?;
    diesel::insert_into(hospitals::table).values(&hospital).execute(tx.db)?;
    let after = json!({ "ccn": hospital.ccn, "name": hospital.name, "city": hospital.city, "state": hospital.state });
    Entry::of("hospital.added", "hospital", &hospital.id).after(after).record(tx)?;
    Ok(hospital.id)
}

/// Changes the facts of a hospital; of one from the list of CMS only the beds, since the list knows the rest.
pub fn edit(tx: &mut Tx<'_>, id: &HospitalId, facts: &Facts) -> Result<()> {
    let before = get(tx.db, id)?;
    let after = if before.source == CMS {
        check_beds(facts.beds)?;
        Hospital { beds: facts.beds, ..before.clone() }
    } else {
        let ccn = facts.ccn.clone().or_else(|| before.ccn.clone());
        Hospital { gone_at: before.gone_at, ..entered(id.clone(), &Facts { ccn, ..facts.clone() })? }
    };
    if before == after {
        return Ok(());
    }
    diesel::update(hospitals::table.find(id)).set(&after).execute(tx.db)?;
    Entry::of("hospital.changed", "hospital", id)
        .before(Value::Object(cms_import::differences(&before, &after)))
        .after(Value::Object(cms_import::differences(&after, &before)))
        .record(tx)
}

/// A stand-in for a CCN that no hospital has yet.
fn free_stand_in(db: &mut Db) -> Result<String> {
    for _ in 0..20 {
        let stand_in = format!("X{}", random_digits(5));
        if find_by_ccn(db, &stand_in)?.is_none() {
            return Ok(stand_in);
        }
    }
    Err(Error::internal("no number is left for a hospital without a CCN"))
}

/// Checks and tidies what staff entered.
fn entered(id: HospitalId, facts: &Facts) -> Result<Hospital> {
    let mut checks = Checks::new();
    let texts = [
        ("name", &facts.name, 200),
        ("address", &facts.address, 200),
        ("city", &facts.city, 100),
        ("state", &facts.state, 60),
        ("zip", &facts.zip, 20),
        ("county", &facts.county, 100),
        ("phone", &facts.phone, 40),
        ("kind", &facts.kind, 100),
        ("ownership", &facts.ownership, 100),
    ];
    for (field, text, most) in texts {
        checks.at_most(field, text, most);
    }
    checks.required("name", &facts.name, "Enter the hospital\u{2019}s name.");
    checks.required("city", &facts.city, "Enter the city, since names of hospitals repeat.");
    checks.required("state", &facts.state, "Enter the state, or the country outside the United States.");
    let ccn = match facts.ccn.as_deref().map(cms_file::ccn).transpose() {
        Ok(ccn) => ccn,
        Err(reason) => {
            checks.wrong("ccn", "malformed", reason);
            None
        }
    };
    if let Err(Error::Invalid(fields)) = check_beds(facts.beds) {
        fields.into_iter().for_each(|wrong| checks.wrong("beds", wrong.code, wrong.detail));
    }
    checks.finish()?;
    let (name, city, state) = (tidy(&facts.name), tidy(&facts.city), tidy(&facts.state));
    Ok(Hospital {
        id,
        search_key: rules::search_key(&name, &city, &state, ccn.as_deref()),
        ccn,
        name,
        address: tidy(&facts.address),
        city,
        state,
        zip: tidy(&facts.zip),
        county: tidy(&facts.county),
        phone: tidy(&facts.phone),
        kind: tidy(&facts.kind),
        ownership: tidy(&facts.ownership),
        beds: facts.beds,
        source: STAFF.to_owned(),
        gone_at: None,
    })
}

fn check_beds(beds: Option<i32>) -> Result<()> {
    match beds {
        Some(beds) if !(0..=10_000).contains(&beds) => Err(Error::invalid("beds", "out_of_range", "Enter a number between 0 and 10,000.")),
        _ => Ok(()),
    }
}

/// Adds an e-mail domain to a hospital; a mail provider's is refused, one the hospital has already changes nothing.
pub fn add_domain(tx: &mut Tx<'_>, hospital: &HospitalId, domain: &str) -> Result<()> {
    get(tx.db, hospital)?;
    let domain = rules::mail_domain(domain).map_err(|reason| Error::invalid("domain", "malformed", reason))?;
    if has_domain(tx.db, hospital, &domain)? {
        return Ok(());
    }
    let row = Domain { id: DomainId::new(), hospital_id: hospital.clone(), domain };
    diesel::insert_into(hospital_domains::table).values(&row).execute(tx.db)?;
    Entry::of("hospital.domain_added", "hospital", hospital).after(json!({ "domain": row.domain })).record(tx)
}

/// Takes an e-mail domain from a hospital.
pub fn remove_domain(tx: &mut Tx<'_>, hospital: &HospitalId, domain: &str) -> Result<()> {
    let row = hospital_domains::table.filter(hospital_domains::hospital_id.eq(hospital)).filter(hospital_domains::domain.eq(domain));
    if diesel::delete(row).execute(tx.db)? == 0 {
        return Err(Error::NotFound);
    }
    Entry::of("hospital.domain_removed", "hospital", hospital).before(json!({ "domain": domain })).record(tx)
}
