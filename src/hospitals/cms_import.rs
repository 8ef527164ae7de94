//! Takes the hospital list of CMS over: what is new, what changed, what is gone; nothing is ever deleted (HOS-1).

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::upsert::excluded;
use serde_json::{Map, Value, json};

use super::cms_file::{CmsFile, CmsHospital};
use super::{CMS, Hospital, rules};
use crate::app::Tx;
use crate::audit::Entry;
use crate::db::Db;
use crate::db::schema::hospitals;
use crate::error::{Error, Result};
use crate::ids::HospitalId;
use crate::on_either;

/// What an import did, in hospitals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub added: usize,
    /// Listed with other facts than before, or back after they were gone.
    pub changed: usize,
    /// Known from an earlier list and not in this one.
    pub gone: usize,
    pub unchanged: usize,
}

/// What an import would do.
#[derive(Debug, Default)]
pub struct Plan {
    pub added: Vec<Hospital>,
    /// The facts before, and the hospital as it will be.
    pub changed: Vec<(Map<String, Value>, Hospital)>,
    pub gone: Vec<Hospital>,
    pub unchanged: usize,
}

impl Plan {
    pub fn counts(&self) -> Imported {
        Imported { added: self.added.len(), changed: self.changed.len(), gone: self.gone.len(), unchanged: self.unchanged }
    }
}

/// Rows that go to the database at once: few enough for the variables that SQLite allows in a statement.
const BATCH: usize = 500;

/// Compares a list with the stored hospitals. A hospital that staff entered under a listed CCN becomes the
/// listed one; of several campuses with that CCN, the first entered.
pub fn plan(db: &mut Db, file: &CmsFile) -> Result<Plan> {
    let known: Vec<Hospital> =
        hospitals::table.filter(hospitals::ccn.is_not_null()).order(hospitals::id.asc()).select(Hospital::as_select()).load(db)?;
    let mut by_ccn: HashMap<&str, &Hospital> = HashMap::with_capacity(known.len());
    for hospital in &known {
        let Some(ccn) = hospital.ccn.as_deref() else { continue };
        let first = by_ccn.entry(ccn).or_insert(hospital);
        if hospital.source == CMS && first.source != CMS {
            *first = hospital;
        }
    }
    let mut plan = Plan::default();
    for row in &file.hospitals {
        match by_ccn.get(row.ccn.as_str()) {
            None => plan.added.push(listed(row, HospitalId::new(), None)),
            Some(before) => {
                let after = listed(row, before.id.clone(), before.beds);
                if after == **before {
                    plan.unchanged += 1;
                } else {
                    plan.changed.push((differences(before, &after), after));
                }
            }
        }
    }
    let in_file: HashSet<&str> = file.hospitals.iter().map(|row| row.ccn.as_str()).collect();
    // A row that could not be read may still name its hospital, which is then not gone.
    let named_in_refused = |ccn: &str| file.refused.iter().any(|row| row.what.to_ascii_uppercase().contains(ccn));
    let missing = known.iter().filter(|hospital| {
        let ccn = hospital.ccn.as_deref().unwrap_or_default();
        hospital.source == CMS && hospital.gone_at.is_none() && !in_file.contains(ccn) && !named_in_refused(ccn)
    });
    plan.gone = missing.cloned().collect();
    Ok(plan)
}

/// Imports a list; refused as a whole when rows of it were unreadable, unless those are to be skipped.
/// One audit entry tells of it: the counts, what the changed facts were before, and which hospitals are gone.
/// `progress` hears how many of how many hospitals are done.
pub fn import(tx: &mut Tx<'_>, file: &CmsFile, skip_refused: bool, progress: &mut dyn FnMut(usize, usize)) -> Result<Imported> {
    if !file.refused.is_empty() && !skip_refused {
        let message = format!("Nothing was imported: {} rows of the list could not be read.", file.refused.len());
        return Err(Error::refused("hospitals.rows_refused", message));
    }
    hold_list(tx.db)?;
    let plan = plan(tx.db, file)?;
    let counts = plan.counts();
    let total = counts.added + counts.changed + counts.gone + counts.unchanged;
    let mut done = counts.unchanged;
    progress(done, total);
    for batch in plan.added.chunks(BATCH) {
        on_either!(&mut *tx.db, connection => diesel::insert_into(hospitals::table).values(batch).execute(connection))?;
        done += batch.len();
        progress(done, total);
    }
    let changed: Vec<Hospital> = plan.changed.iter().map(|(_, hospital)| hospital.clone()).collect();
    for batch in changed.chunks(BATCH) {
        overwrite(tx.db, batch)?;
        done += batch.len();
        progress(done, total);
    }
    for batch in plan.gone.chunks(BATCH) {
        let ids = batch.iter().map(|hospital| &hospital.id);
        diesel::update(hospitals::table.filter(hospitals::id.eq_any(ids))).set(hospitals::gone_at.eq(Some(tx.now))).execute(tx.db)?;
        done += batch.len();
        progress(done, total);
    }
    if total > counts.unchanged {
        let entry: Entry = entry_of(&plan);
        entry.record(tx)?;
    }
    Ok(counts)
}

/// Two imports at once would both add what is new, so the second waits. SQLite's one writer is alone anyway.
fn hold_list(db: &mut Db) -> Result<()> {
    if let Db::Postgres(connection) = db {
        diesel::sql_query("LOCK TABLE hospitals IN SHARE ROW EXCLUSIVE MODE").execute(connection)?;
    }
    Ok(())
}

/// Writes several known hospitals in one statement.
fn overwrite(db: &mut Db, batch: &[Hospital]) -> Result<()> {
    on_either!(db, connection => diesel::insert_into(hospitals::table)
        .values(batch)
        .on_conflict(hospitals::id)
        .do_update()
        .set((
            hospitals::name.eq(excluded(hospitals::name)),
            hospitals::address.eq(excluded(hospitals::address)),
            hospitals::city.eq(excluded(hospitals::city)),
            hospitals::state.eq(excluded(hospitals::state)),
            hospitals::zip.eq(excluded(hospitals::zip)),
            hospitals::county.eq(excluded(hospitals::county)),
            hospitals::phone.eq(excluded(hospitals::phone)),
            hospitals::kind.eq(excluded(hospitals::kind)),
            hospitals::ownership.eq(excluded(hospitals::ownership)),
            hospitals::search_key.eq(excluded(hospitals::search_key)),
            hospitals::source.eq(excluded(hospitals::source)),
            hospitals::gone_at.eq(excluded(hospitals::gone_at)),
        ))
        .execute(connection))?;
    Ok(())
}

fn entry_of(plan: &Plan) -> Entry {
    let counts = plan.counts();
    let before: Map<String, Value> =
        plan.changed.iter().map(|(facts, hospital)| (hospital.ccn.clone().unwrap_or_default(), Value::Object(facts.clone()))).collect();
    let gone: Vec<&str> = plan.gone.iter().filter_map(|hospital| hospital.ccn.as_deref()).collect();
    Entry::of("hospitals.imported", "hospitals", CMS).before(Value::Object(before)).after(json!({
        "added": counts.added, "changed": counts.changed, "gone": gone, "unchanged": counts.unchanged,
    }))
}

/// The hospital as the list has it; the list does not know beds.
fn listed(row: &CmsHospital, id: HospitalId, beds: Option<i32>) -> Hospital {
    Hospital {
        id,
        search_key: rules::search_key(&row.name, &row.city, &row.state, Some(&row.ccn)),
        ccn: Some(row.ccn.clone()),
        name: row.name.clone(),
        address: row.address.clone(),
        city: row.city.clone(),
        state: row.state.clone(),
        zip: row.zip.clone(),
        county: row.county.clone(),
        phone: row.phone.clone(),
        kind: row.kind.clone(),
        ownership: row.ownership.clone(),
        beds,
        source: CMS.to_owned(),
        gone_at: None,
    }
}

/// The facts of a hospital that are about to change, as they were.
pub(super) fn differences(before: &Hospital, after: &Hospital) -> Map<String, Value> {
    let facts = |hospital: &Hospital| {
        json!({
            "ccn": hospital.ccn, "name": hospital.name, "address": hospital.address, "city": hospital.city, "state": hospital.state,
            "zip": hospital.zip, "county": hospital.county, "phone": hospital.phone, "kind": hospital.kind,
            "ownership": hospital.ownership, "beds": hospital.beds, "source": hospital.source, "gone_at": hospital.gone_at,
        })
    };
    let (Value::Object(was), Value::Object(is)) = (facts(before), facts(after)) else { return Map::new() };
    was.into_iter().filter(|(name, value)| is.get(name) != Some(value)).collect()
}
