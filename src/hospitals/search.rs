//! Finds hospitals by name, city, state or CCN, as people type while they register.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Hospital, Recognition, rules};
use crate::clock::Instant;
use crate::db::schema::{hospitals, recognitions};
use crate::db::{Db, Either};
use crate::error::Result;
use crate::ids::HospitalId;
use crate::people::rules::fold;

/// A hospital that was found, with its terms.
#[derive(Clone, Debug)]
pub struct Found {
    pub hospital: Hospital,
    pub terms: Vec<Recognition>,
}

impl Found {
    /// The last day of the recognition that holds on this day.
    pub fn recognized_until(&self, on: NaiveDate) -> Option<NaiveDate> {
        rules::recognized_until(&self.terms, on)
    }
}

/// The hospitals that fit best, at most `limit`.
pub fn search(db: &mut Db, query: &str, now: Instant, limit: usize) -> Result<Vec<Found>> {
    let mut ids = matching(db, query, rules::today(now), false)?;
    ids.truncate(limit);
    with_terms(db, &ids)
}

/// What is needed of a hospital to tell how well it fits.
type Lean = (HospitalId, Option<String>, String);

/// The ids of all hospitals that have every word of the query, best first; all hospitals when nothing is asked.
/// One that is gone from the list of CMS is found while a term of it runs, otherwise only when `gone_too`.
pub fn matching(db: &mut Db, query: &str, today: NaiveDate, gone_too: bool) -> Result<Vec<HospitalId>> {
    // Signs that mean something to LIKE stand in no folded name, so a word of them finds nothing.
    let folded = if query.trim().is_empty() { String::new() } else { fold(query) };
    if folded.contains(['%', '_', '\\']) {
        return Ok(Vec::new());
    }
    let mut found = hospitals::table.select((hospitals::id, hospitals::ccn, hospitals::search_key)).into_boxed::<Either>();
    if !gone_too {
        let running = recognitions::table.filter(recognitions::term_ends_on.ge(today)).select(recognitions::hospital_id);
        found = found.filter(hospitals::gone_at.is_null().or(hospitals::id.eq_any(running)));
    }
    for word in folded.split(' ').filter(|word| !word.is_empty()) {
        found = found.filter(hospitals::search_key.like(format!("%{word}%")));
    }
    let mut found: Vec<(u8, Lean)> = found
        .load::<Lean>(db)?
        .into_iter()
        .map(|lean| (if folded.is_empty() { 0 } else { rules::rank(&folded, &lean.2, lean.1.as_deref()) }, lean))
        .collect();
    found.sort_by(|(rank, left), (other, right)| (rank, &left.2, &left.0).cmp(&(other, &right.2, &right.0)));
    Ok(found.into_iter().map(|(_, (id, ..))| id).collect())
}

/// These hospitals with their terms, in the order of the ids; at most a page of them, since each id is a variable.
pub fn with_terms(db: &mut Db, ids: &[HospitalId]) -> Result<Vec<Found>> {
    let rows: Vec<Hospital> = hospitals::table.filter(hospitals::id.eq_any(ids)).select(Hospital::as_select()).load(db)?;
    let terms: Vec<Recognition> = recognitions::table
        .filter(recognitions::hospital_id.eq_any(ids))
        .order(recognitions::term_starts_on.asc())
        .select(Recognition::as_select())
        .load(db)?;
    let mut by_id: HashMap<HospitalId, Found> =
        rows.into_iter().map(|hospital| (hospital.id.clone(), Found { hospital, terms: Vec::new() })).collect();
    for term in terms {
        if let Some(found) = by_id.get_mut(&term.hospital_id) {
            found.terms.push(term);
        }
    }
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

/// Every hospital that has or had a term, by name.
pub fn with_any_term(db: &mut Db) -> Result<Vec<Found>> {
    let ids: Vec<HospitalId> = hospitals::table
        .filter(hospitals::id.eq_any(recognitions::table.select(recognitions::hospital_id)))
        .order((hospitals::search_key.asc(), hospitals::id.asc()))
        .select(hospitals::id)
        .load(db)?;
    let mut all = Vec::with_capacity(ids.len());
    for page in ids.chunks(500) {
        all.extend(with_terms(db, page)?);
    }
    Ok(all)
}

/// The hospitals that are recognized on a day, by name (RCG-3).
pub fn recognized_on(db: &mut Db, on: NaiveDate) -> Result<Vec<Found>> {
    let mut all = with_any_term(db)?;
    all.retain(|found| rules::is_recognized_on(&found.terms, on));
    all.sort_by(|left, right| left.hospital.search_key.cmp(&right.hospital.search_key));
    Ok(all)
}
