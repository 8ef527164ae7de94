//! Reminders 7, 3 and 1 days before claims close, to those alone who attended and have not finished (CEU-5).

use std::collections::{BTreeMap, HashSet};

use chrono::{Duration, NaiveDate};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::rules::claims_close_at;
use super::{chain, deadlines, forecast, letters};
use crate::app::Tx;
use crate::audit::Entry;
use crate::db::schema::claim_reminders;
use crate::error::Result;
use crate::events::{self, Event};
use crate::ids::{EventId, RegistrationId};
use crate::jobs::{self, Job};
use crate::on_either;
use crate::registration::{self, Registration};

/// Reminds some people, where they still have not finished.
pub const REMIND: &str = "remind_to_claim";
/// Looks for whom the deadline comes near.
pub const LOOK: &str = "look_for_unclaimed_credit";

/// So many days before the last day people are reminded.
const DAYS_BEFORE: [i64; 3] = [7, 3, 1];

/// So many people are seen to in one job, so that no write takes long.
const AT_ONCE: usize = 50;

#[derive(Debug, Serialize, Deserialize)]
struct Wanted {
    registrations: Vec<RegistrationId>,
    /// `7`, `3`, `1`, or the day on which staff asked for it.
    occasion: String,
}

/// The job: for every event, those who may have something unclaimed on one of the days get jobs of their own.
pub fn look(tx: &mut Tx<'_>, _: &Job) -> Result<()> {
    for event in events::list(tx.db, false)? {
        let today = tx.now.date_in(event.zone());
        let extensions = deadlines::extensions(tx.db, &event.id)?;
        let last_days = event.claims_close_on.into_iter().chain(extensions.iter().map(|extension| extension.until_on));
        let left: Vec<i64> = last_days.map(|day| (day - today).num_days()).filter(|left| DAYS_BEFORE.contains(left)).collect();
        if left.is_empty() || tx.now < event.starts_at() {
            continue;
        }
        let mut reached: BTreeMap<i64, Vec<RegistrationId>> = BTreeMap::new();
        for registration in forecast::candidates(tx.db, &event.id)? {
            let last = deadlines::last_day(&event, &extensions, &registration.id, &[]);
            if let Some(left) = last.map(|last| (last - today).num_days()).filter(|left| DAYS_BEFORE.contains(left)) {
                reached.entry(left).or_default().push(registration.id);
            }
        }
        for (left, registrations) in reached {
            want(tx, registrations, &left.to_string())?;
        }
    }
    Ok(())
}

/// Reminds everybody who has not finished, now, because staff say so; returns how many are looked at.
pub fn remind_all(tx: &mut Tx<'_>, event: &Event) -> Result<usize> {
    let occasion = tx.now.date_in(event.zone()).to_string();
    let all = forecast::candidates(tx.db, &event.id)?.into_iter().map(|registration| registration.id).collect();
    let count = want(tx, all, &occasion)?;
    Entry::of("reminders.sent", "event", &event.id).event(&event.id).after(json!({ "people": count })).record(tx)?;
    Ok(count)
}

/// Reminds one person now, because staff say so; false when they were reminded today.
pub fn remind_one(tx: &mut Tx<'_>, event: &Event, registration: &Registration) -> Result<bool> {
    let occasion = tx.now.date_in(event.zone()).to_string();
    let is_new = want(tx, vec![registration.id.clone()], &occasion)? == 1;
    if is_new {
        Entry::of("reminder.sent", "registration", &registration.id).event(&event.id).registration(&registration.id).record(tx)?;
    }
    Ok(is_new)
}

/// Enqueues reminders for those who had none on this occasion; returns how many.
fn want(tx: &mut Tx<'_>, mut registrations: Vec<RegistrationId>, occasion: &str) -> Result<usize> {
    let had = claim_reminders::table.filter(claim_reminders::occasion.eq(occasion)).select(claim_reminders::registration_id);
    let had: HashSet<RegistrationId> = had.load(tx.db)?.into_iter().collect();
    registrations.retain(|registration| !had.contains(registration));
    for some in registrations.chunks(AT_ONCE) {
        let wanted = Wanted { registrations: some.to_vec(), occasion: occasion.to_owned() };
        jobs::enqueue(tx, REMIND, &wanted, tx.now)?;
    }
    Ok(registrations.len())
}

/// The job that reminds some: each once on an occasion.
pub fn run_remind(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let Wanted { registrations, occasion } = job.payload()?;
    for registration in registrations {
        let row =
            (claim_reminders::registration_id.eq(&registration), claim_reminders::occasion.eq(&occasion), claim_reminders::at.eq(tx.now));
        let is_new = on_either!(&mut *tx.db, connection =>
            diesel::insert_into(claim_reminders::table).values(row).on_conflict_do_nothing().execute(connection))?;
        if is_new == 1 {
            remind(tx, &registration)?;
        }
    }
    Ok(())
}

/// Looks once more, and writes only while claims are open and something is unclaimed.
fn remind(tx: &mut Tx<'_>, registration: &RegistrationId) -> Result<()> {
    let registration = registration::get_by_id(tx.db, registration)?;
    let event = events::get_by_id(tx.db, &registration.event_id)?;
    let chain = chain::of_registration(tx.db, &event, &registration, tx.now)?;
    let Some(last_day) = chain.last_day.filter(|day| tx.now < claims_close_at(*day, event.zone())) else { return Ok(()) };
    let open: Vec<&chain::Link> = chain.links.iter().filter(|link| link.is_open() && link.is_over(tx.now)).collect();
    if open.is_empty() {
        return Ok(());
    }
    let hours = |link: &&chain::Link| link.shares.iter().map(|share| share.most).max().unwrap_or_default();
    letters::remind(tx, &event, &registration, last_day, (open.iter().map(hours).sum(), open.len()))
}

/// How many reminders of an event went out on each occasion.
pub fn sent(db: &mut crate::db::Db, event: &EventId) -> Result<Vec<(String, i64)>> {
    use crate::db::schema::registrations;
    let of_event = claim_reminders::table.inner_join(registrations::table).filter(registrations::event_id.eq(event));
    let mut counted: Vec<(String, i64)> =
        of_event.group_by(claim_reminders::occasion).select((claim_reminders::occasion, diesel::dsl::count_star())).load(db)?;
    counted.sort();
    Ok(counted)
}

/// The days on which people with this last day are reminded.
pub fn days_before(last_day: NaiveDate) -> Vec<NaiveDate> {
    DAYS_BEFORE.iter().map(|days| last_day - Duration::days(*days)).collect()
}
