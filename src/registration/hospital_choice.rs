//! The question for the hospital: what was searched, what was found, what is chosen (HOS-1).

use serde::Serialize;

use crate::clock::Instant;
use crate::db::Db;
use crate::error::Result;
use crate::events::rules::day_words;
use crate::hospitals::{self, Found, Hospital, rules::today, search};

/// So many hospitals are shown for one search; more words find fewer.
const MOST: usize = 12;

/// What `parts/hospital` shows.
#[derive(Debug, Default, Serialize)]
pub struct HospitalChoice {
    /// The words searched for.
    pub q: String,
    pub searched: bool,
    /// "I don't work at a hospital" is chosen.
    pub none: bool,
    pub results: Vec<HospitalOption>,
}

/// A hospital to choose: name, city, state and CCN, since names are not unique (PRC-4).
#[derive(Debug, Serialize)]
pub struct HospitalOption {
    pub ccn: String,
    pub name: String,
    pub city: String,
    pub state: String,
    pub note: Option<String>,
    pub checked: bool,
}

/// The question with what was searched and what is chosen (a CCN; empty for none).
pub fn choice(db: &mut Db, words: &str, is_search: bool, chosen: Option<&str>, now: Instant) -> Result<HospitalChoice> {
    let searched = is_search && !words.trim().is_empty();
    let mut found = if searched { search(db, words, now, MOST)? } else { Vec::new() };
    let chosen_ccn = chosen.map(str::trim).filter(|ccn| !ccn.is_empty());
    if let Some(hospital) = chosen_ccn.map(|ccn| by_ccn(db, ccn)).transpose()?.flatten()
        && !found.iter().any(|other| other.hospital.ccn == hospital.ccn)
    {
        found.splice(0..0, search::with_terms(db, &[hospital.id])?);
    }
    let option = |found: Found| -> Option<HospitalOption> {
        let note = found.recognized_until(today(now)).map(|until| format!("recognized until {}", day_words(until)));
        let ccn = found.hospital.ccn?;
        let checked = chosen_ccn.is_some_and(|chosen| chosen.eq_ignore_ascii_case(&ccn));
        Some(HospitalOption { name: found.hospital.name, city: found.hospital.city, state: found.hospital.state, note, checked, ccn })
    };
    Ok(HospitalChoice {
        q: words.to_owned(),
        searched,
        none: chosen.is_some_and(|chosen| chosen.trim().is_empty()),
        results: found.into_iter().filter_map(option).collect(),
    })
}

/// The hospital with this CCN, as typed.
pub fn by_ccn(db: &mut Db, ccn: &str) -> Result<Option<Hospital>> {
    hospitals::find_by_ccn(db, &ccn.trim().to_uppercase())
}
