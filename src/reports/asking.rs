//! Who lacks what a report needs, and the letter that asks for it: each person once for each report (CEU-7).

use std::collections::HashMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::rules::{Kind, Lack, Learner, lacks, to_correct, told};
use super::{identities, learners, letters, settings};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{detail_requests, registrations};
use crate::error::Result;
use crate::events::{self, Event};
use crate::ids::{EventId, RegistrationId};
use crate::jobs::{self, Job};
use crate::on_either;
use crate::registration;

/// The job that writes to some.
pub const ASK: &str = "ask_reporting_details";

/// So many people are seen to in one job, so that no write takes long.
const AT_ONCE: usize = 50;

#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    kind: Kind,
    registrations: Vec<RegistrationId>,
}

/// How a report stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// People with credit that it tells.
    pub people: usize,
    /// Rows of the next file.
    pub rows: usize,
    /// People who are left out of it.
    pub lacking: usize,
    /// Credit that was told and changed since, to be corrected by hand.
    pub to_correct: usize,
}

/// How every report of credit stands, in the order of [`Kind::OF_CREDIT`].
pub fn summaries(db: &mut Db, key: &[u8; 32], event: &Event) -> Result<[Summary; 3]> {
    let setting = settings::of_event(db, event)?;
    let mut all = [Summary::default(); 3];
    learners::each(db, key, &event.id, |learner| {
        for (summary, kind) in all.iter_mut().zip(Kind::OF_CREDIT) {
            summary.people += usize::from(!learner.credit(kind).is_empty());
            summary.rows += told(kind, &learner, &setting, false).len();
            summary.lacking += usize::from(lacks(kind, &learner, &setting).iter().any(|lack| lack.is_needed()));
            summary.to_correct += to_correct(kind, &learner);
        }
        Ok(())
    })?;
    Ok(all)
}

/// Somebody who lacks something.
#[derive(Clone, Debug)]
pub struct Lacking {
    pub learner: Learner,
    pub lacks: Vec<Lack>,
    /// When a letter asked for it.
    pub asked_at: Option<Instant>,
}

/// Those who lack something for a report, at most `limit` of them, and how many there are in all.
pub fn lacking(db: &mut Db, key: &[u8; 32], event: &Event, kind: Kind, limit: usize) -> Result<(Vec<Lacking>, usize)> {
    let setting = settings::of_event(db, event)?;
    let asked = asked(db, &event.id, kind)?;
    let (mut found, mut count) = (Vec::new(), 0);
    learners::each(db, key, &event.id, |learner| {
        let lacks = lacks(kind, &learner, &setting);
        if !lacks.is_empty() {
            count += 1;
            if found.len() < limit {
                found.push(Lacking { lacks, asked_at: asked.get(&learner.registration).copied(), learner });
            }
        }
        Ok(())
    })?;
    Ok((found, count))
}

fn asked(db: &mut Db, event: &EventId, kind: Kind) -> Result<HashMap<RegistrationId, Instant>> {
    let of_event = detail_requests::table.inner_join(registrations::table).filter(registrations::event_id.eq(event));
    let rows: Vec<(RegistrationId, Instant)> =
        of_event.filter(detail_requests::kind.eq(kind)).select((detail_requests::registration_id, detail_requests::at)).load(db)?;
    Ok(rows.into_iter().collect())
}

/// Whether somebody is written to: what is needed and theirs to tell.
fn is_asked_for(lacks: &[Lack]) -> bool {
    lacks.iter().any(|lack| lack.is_needed() && lack.is_personal())
}

/// Asks everybody who lacks something that a report needs and was not asked before; returns how many.
pub fn ask(tx: &mut Tx<'_>, event: &Event, kind: Kind) -> Result<usize> {
    let key = identities::key_of(tx.site);
    let setting = settings::of_event(tx.db, event)?;
    let asked = asked(tx.db, &event.id, kind)?;
    let mut wanted = Vec::new();
    learners::each(tx.db, &key, &event.id, |learner| {
        if is_asked_for(&lacks(kind, &learner, &setting)) && !asked.contains_key(&learner.registration) {
            wanted.push(learner.registration);
        }
        Ok(())
    })?;
    for some in wanted.chunks(AT_ONCE) {
        jobs::enqueue(tx, ASK, &Asked { kind, registrations: some.to_vec() }, tx.now)?;
    }
    if !wanted.is_empty() {
        Entry::of("reporting_details.asked", "event", &event.id)
            .event(&event.id)
            .after(json!({ "report": kind, "people": wanted.len() }))
            .record(tx)?;
    }
    Ok(wanted.len())
}

/// The job: writes to each once, where something is still missing.
pub fn run_ask(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let Asked { kind, registrations } = job.payload()?;
    let key = identities::key_of(tx.site);
    for id in registrations {
        let row = (detail_requests::registration_id.eq(&id), detail_requests::kind.eq(kind), detail_requests::at.eq(tx.now));
        let is_new = on_either!(&mut *tx.db, connection =>
            diesel::insert_into(detail_requests::table).values(row).on_conflict_do_nothing().execute(connection))?;
        let Some(learner) = learners::of_registration(tx.db, &key, &id)?.filter(|_| is_new == 1) else { continue };
        let registration = registration::get_by_id(tx.db, &id)?;
        let event = events::get_by_id(tx.db, &registration.event_id)?;
        let setting = settings::of_event(tx.db, &event)?;
        let lacks: Vec<Lack> = lacks(kind, &learner, &setting).into_iter().filter(|lack| lack.is_personal()).collect();
        if is_asked_for(&lacks) {
            letters::ask(tx, &event, &registration, kind, &lacks)?;
        }
    }
    Ok(())
}
