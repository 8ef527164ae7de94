//! Terms of recognition: entered, changed and imported; what depends on them is told by a job (RCG-3, PRC-3).

use std::collections::BTreeSet;

use chrono::Datelike;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::recognitions_file::{FileRecognition, RecognitionsFile};
use super::{Recognition, add_domain, find_by_ccn, get, has_domain, recognitions, rules};
use crate::app::Tx;
use crate::audit::Entry;
use crate::db::Db;
use crate::db::schema::hospitals;
use crate::error::{Checks, Error, Result};
use crate::ids::{HospitalId, RecognitionId};
use crate::incoming::RefusedRow;
use crate::jobs;

/// The job that follows every change of a hospital's terms, so that a late recognition is credited (PRC-3).
pub const RECOGNITION_CHANGED: &str = "recognition_changed";

/// What that job is told.
#[derive(Debug, Serialize, Deserialize)]
pub struct RecognitionChanged {
    pub hospital_id: HospitalId,
}

/// A term by id, if it is this hospital's.
pub fn get_recognition(db: &mut Db, hospital: &HospitalId, id: &RecognitionId) -> Result<Recognition> {
    Ok(recognitions::table.find(id).filter(recognitions::hospital_id.eq(hospital)).select(Recognition::as_select()).first(db)?)
}

/// Stores a term, new or known by its id; refused when it overlaps another of the hospital.
pub fn save_recognition(tx: &mut Tx<'_>, term: &Recognition) -> Result<()> {
    if save_term(tx, term)? {
        tell(tx, &term.hospital_id)?;
    }
    Ok(())
}

/// Whether anything changed.
fn save_term(tx: &mut Tx<'_>, term: &Recognition) -> Result<bool> {
    check(term)?;
    get(tx.db, &term.hospital_id)?;
    // Of two that enter a term of one hospital at once, the second has to see the first.
    hold(tx, &term.hospital_id)?;
    let terms = recognitions(tx.db, &term.hospital_id)?;
    if let Some(other) = rules::overlapping(&terms, term) {
        let message = format!(
            "This term overlaps the one from {} to {}. A renewal starts on the day after.",
            rules::words(other.term_starts_on),
            rules::words(other.term_ends_on)
        );
        return Err(Error::refused("hospitals.terms_overlap", message));
    }
    let before = terms.iter().find(|known| known.id == term.id);
    match before {
        Some(before) if before == term => return Ok(false),
        Some(_) => diesel::update(recognitions::table.find(&term.id)).set(term).execute(tx.db)?,
        None => diesel::insert_into(recognitions::table).values(term).execute(tx.db)?,
    };
    let action = if before.is_some() { "recognition.changed" } else { "recognition.added" };
    let entry = Entry::of(action, "recognition", &term.id).after(facts(term));
    match before {
        Some(before) => entry.before(facts(before)),
        None => entry,
    }
    .record(tx)?;
    Ok(true)
}

fn check(term: &Recognition) -> Result<()> {
    let mut checks = Checks::new();
    let days = [
        ("term_starts_on", Some(term.term_starts_on)),
        ("term_ends_on", Some(term.term_ends_on)),
        ("approved_on", term.approved_on),
        ("paid_on", term.paid_on),
        ("revoked_on", term.revoked_on),
    ];
    for (field, day) in days {
        if day.is_some_and(|day| !(2000..=2100).contains(&day.year())) {
            checks.wrong(field, "out_of_range", "Enter a year between 2000 and 2100.");
        }
    }
    if term.term_ends_on < term.term_starts_on {
        checks.wrong("term_ends_on", "out_of_range", "The term ends before it starts.");
    }
    checks.finish()
}

fn hold(tx: &mut Tx<'_>, hospital: &HospitalId) -> Result<()> {
    let row = hospitals::table.find(hospital);
    diesel::update(row).set(hospitals::source.eq(hospitals::source)).execute(tx.db)?;
    Ok(())
}

fn tell(tx: &mut Tx<'_>, hospital: &HospitalId) -> Result<()> {
    let now = tx.now;
    jobs::enqueue(tx, RECOGNITION_CHANGED, &RecognitionChanged { hospital_id: hospital.clone() }, now)
}

fn facts(term: &Recognition) -> Value {
    json!({
        "hospital": term.hospital_id, "term_starts_on": term.term_starts_on, "term_ends_on": term.term_ends_on,
        "conditional": term.conditional, "approved_on": term.approved_on, "paid_on": term.paid_on, "revoked_on": term.revoked_on,
    })
}

/// What an import of recognitions did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportedRecognitions {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    pub domains_added: usize,
}

/// Moves rows that do not fit what is stored to the refused ones: an unknown CCN, or an overlap with a stored term.
pub fn check_recognitions(db: &mut Db, file: RecognitionsFile) -> Result<RecognitionsFile> {
    let mut checked = RecognitionsFile { recognitions: Vec::new(), refused: file.refused, notes: file.notes };
    for row in file.recognitions {
        match fault(db, &row)? {
            None => checked.recognitions.push(row),
            Some(reason) => checked.refused.push(RefusedRow { line: Some(row.line), what: row.ccn, reason }),
        }
    }
    checked.refused.sort_by_key(|row| row.line);
    Ok(checked)
}

fn fault(db: &mut Db, row: &FileRecognition) -> Result<Option<String>> {
    let Some(hospital) = find_by_ccn(db, &row.ccn)? else {
        return Ok(Some(format!("No hospital has the CCN {}. Import the list of CMS first, or add the hospital.", row.ccn)));
    };
    let terms = recognitions(db, &hospital.id)?;
    let term = as_term(row, &hospital.id, &terms);
    Ok(rules::overlapping(&terms, &term).map(|other| {
        format!(
            "The term overlaps one that is stored, from {} to {}.",
            rules::words(other.term_starts_on),
            rules::words(other.term_ends_on)
        )
    }))
}

/// The stored term that starts on the same day, with what the row says; a revocation stays.
fn as_term(row: &FileRecognition, hospital: &HospitalId, terms: &[Recognition]) -> Recognition {
    let known = terms.iter().find(|term| term.term_starts_on == row.term_starts_on);
    Recognition {
        id: known.map_or_else(RecognitionId::new, |term| term.id.clone()),
        hospital_id: hospital.clone(),
        term_starts_on: row.term_starts_on,
        term_ends_on: row.term_ends_on,
        conditional: row.conditional,
        approved_on: Some(row.approved_on),
        paid_on: row.paid_on,
        revoked_on: known.and_then(|term| term.revoked_on),
    }
}

/// Imports a list of recognitions that [`check_recognitions`] has looked at; refused as a whole when rows
/// were left out, unless those are to be skipped. A term is known by its hospital and first day.
pub fn import_recognitions(tx: &mut Tx<'_>, file: &RecognitionsFile, skip_refused: bool) -> Result<ImportedRecognitions> {
    if !file.refused.is_empty() && !skip_refused {
        let message = format!("Nothing was imported: {} rows of the list were refused.", file.refused.len());
        return Err(Error::refused("hospitals.rows_refused", message));
    }
    let mut counts = ImportedRecognitions::default();
    let mut changed = BTreeSet::new();
    for row in &file.recognitions {
        let hospital = find_by_ccn(tx.db, &row.ccn)?.ok_or(Error::NotFound)?;
        let terms = recognitions(tx.db, &hospital.id)?;
        let term = as_term(row, &hospital.id, &terms);
        let is_known = terms.iter().any(|known| known.id == term.id);
        if save_term(tx, &term)? {
            changed.insert(hospital.id.clone());
            *(if is_known { &mut counts.changed } else { &mut counts.added }) += 1;
        } else {
            counts.unchanged += 1;
        }
        for domain in &row.domains {
            if !has_domain(tx.db, &hospital.id, domain)? {
                add_domain(tx, &hospital.id, domain)?;
                counts.domains_added += 1;
            }
        }
    }
    for hospital in changed {
        tell(tx, &hospital)?;
    }
    Ok(counts)
}
