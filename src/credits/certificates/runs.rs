//! Certificates for a whole event: a run that works through its people in small writes, and goes on where it stopped (CEU-6).

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::issuing::{Occasion, settle};
use super::printed::Setting;
use super::rules::Lack;
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{attestations, certificate_run_people, certificate_runs, credit_claims, presences, registrations};
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::ids::{CertificateRunId, EventId, RegistrationId};
use crate::jobs::{self, Job};
use crate::on_either;
use crate::registration::{self, Registration, Status};

/// Sees to the next few people of a run.
pub const ISSUE: &str = "issue_certificates";

/// So many people are seen to in one write.
const AT_ONCE: i64 = 20;

crate::words! {
    /// What became of one person in a run.
    Outcome { Issued => "issued", Kept => "kept", Lacking => "lacking", Failed => "failed" }
}

/// A run, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = certificate_runs, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Run {
    pub id: CertificateRunId,
    pub event_id: EventId,
    pub started_at: Instant,
    pub finished_at: Option<Instant>,
    pub actor: String,
}

/// One person of a run, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = certificate_run_people, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct RunPerson {
    pub run_id: CertificateRunId,
    pub registration_id: RegistrationId,
    pub outcome: Option<Outcome>,
    pub lacks: String,
    pub issued: i32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    run: CertificateRunId,
}

/// Who may get certificates: everybody whom a scan or a word of their own places in a session of the event, and
/// everybody with a claim.
pub fn candidates(db: &mut Db, event: &EventId) -> Result<Vec<RegistrationId>> {
    let seen = presences::table.select(presences::registration_id);
    let said = attestations::table.select(attestations::registration_id);
    let claimed = credit_claims::table.select(credit_claims::registration_id);
    Ok(registrations::table
        .filter(registrations::event_id.eq(event))
        .filter(registrations::status.eq(Status::Confirmed))
        .filter(registrations::id.eq_any(seen).or(registrations::id.eq_any(said)).or(registrations::id.eq_any(claimed)))
        .order(registrations::id.asc())
        .select(registrations::id)
        .load(db)?)
}

/// Begins a run for everybody; refused while another of this event goes on.
pub fn start(tx: &mut Tx<'_>, event: &Event) -> Result<Run> {
    events::hold(tx, &event.id)?;
    if latest(tx.db, &event.id, 1)?.iter().any(|run| run.finished_at.is_none()) {
        return Err(Error::refused("certificates.run_under_way", "Certificates of this event are being issued already."));
    }
    let people = candidates(tx.db, &event.id)?;
    if people.is_empty() {
        return Err(Error::refused("certificates.nobody", "Nobody attended yet, so there is nobody to issue certificates to."));
    }
    let run =
        Run { id: CertificateRunId::new(), event_id: event.id.clone(), started_at: tx.now, finished_at: None, actor: tx.actor.label() };
    diesel::insert_into(certificate_runs::table).values(&run).execute(tx.db)?;
    let row = |registration: RegistrationId| RunPerson {
        run_id: run.id.clone(),
        registration_id: registration,
        outcome: None,
        lacks: String::new(),
        issued: 0,
    };
    let count = people.len();
    let rows: Vec<RunPerson> = people.into_iter().map(row).collect();
    for rows in rows.chunks(500) {
        on_either!(&mut *tx.db, connection => diesel::insert_into(certificate_run_people::table).values(rows).execute(connection))?;
    }
    Entry::of("certificates.run_started", "certificate_run", &run.id).event(&event.id).after(json!({ "people": count })).record(tx)?;
    jobs::enqueue(tx, ISSUE, &Payload { run: run.id.clone() }, tx.now)?;
    Ok(run)
}

/// The job: sees to the next few, and enqueues itself for the rest in the same write. What a crash interrupts is
/// undone as a whole and done again; who was seen to is not seen to twice.
pub fn run_some(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let Payload { run } = job.payload()?;
    let run: Run = certificate_runs::table.find(&run).select(Run::as_select()).first(tx.db)?;
    if run.finished_at.is_some() {
        return Ok(());
    }
    let event = events::get_by_id(tx.db, &run.event_id)?;
    let open =
        certificate_run_people::table.filter(certificate_run_people::run_id.eq(&run.id)).filter(certificate_run_people::outcome.is_null());
    let next: Vec<RegistrationId> = open
        .order(certificate_run_people::registration_id.asc())
        .limit(AT_ONCE)
        .select(certificate_run_people::registration_id)
        .load(tx.db)?;
    if next.is_empty() {
        return finish(tx, &run);
    }
    let setting = Setting::of(tx.db, &event)?;
    for registration in next {
        see_to(tx, &setting, &run, &registration)?;
    }
    jobs::enqueue(tx, ISSUE, &Payload { run: run.id }, tx.now)
}

/// One person: what cannot be issued is told, and stops nobody else.
fn see_to(tx: &mut Tx<'_>, setting: &Setting, run: &Run, id: &RegistrationId) -> Result<()> {
    let done = tx.savepoint(|tx| {
        let registration = registration::get_by_id(tx.db, id)?;
        settle(tx, setting, &registration, &Occasion::default())
    });
    let (outcome, lacks, issued) = match done {
        Ok(settled) => {
            let outcome = match (settled.made(), settled.lacks.is_empty()) {
                (1.., _) => Outcome::Issued,
                (0, true) => Outcome::Kept,
                (0, false) => Outcome::Lacking,
            };
            (outcome, settled.lacks.iter().map(|lack| lack.as_str()).collect::<Vec<_>>().join(" "), settled.made())
        }
        // Another write is in the way: the whole step is tried again.
        Err(Error::Busy) => return Err(Error::Busy),
        Err(cause) => {
            tracing::error!(?cause, "a person's certificates could not be issued");
            (Outcome::Failed, String::new(), 0)
        }
    };
    let columns = (
        certificate_run_people::outcome.eq(Some(outcome)),
        certificate_run_people::lacks.eq(lacks),
        certificate_run_people::issued.eq(i32::try_from(issued).map_err(Error::internal)?),
    );
    diesel::update(certificate_run_people::table.find((&run.id, id))).set(columns).execute(tx.db)?;
    Ok(())
}

fn finish(tx: &mut Tx<'_>, run: &Run) -> Result<()> {
    diesel::update(certificate_runs::table.find(&run.id)).set(certificate_runs::finished_at.eq(Some(tx.now))).execute(tx.db)?;
    let told = progress(tx.db, run)?;
    let facts = json!({ "people": told.people, "certificates": told.certificates, "lacking": told.of(Outcome::Lacking) });
    Entry::of("certificates.run_finished", "certificate_run", &run.id).event(&run.event_id).after(facts).record(tx)
}

/// How far a run is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub people: usize,
    pub done: usize,
    pub certificates: i64,
    outcomes: Vec<Outcome>,
    /// Everything that is missing, with how many lack it.
    pub lacks: Vec<(Lack, usize)>,
}

impl Progress {
    /// How many people came out so.
    pub fn of(&self, outcome: Outcome) -> usize {
        self.outcomes.iter().filter(|one| **one == outcome).count()
    }
}

/// How far a run is, and who lacks what.
pub fn progress(db: &mut Db, run: &Run) -> Result<Progress> {
    let rows: Vec<RunPerson> =
        certificate_run_people::table.filter(certificate_run_people::run_id.eq(&run.id)).select(RunPerson::as_select()).load(db)?;
    let outcomes: Vec<Outcome> = rows.iter().filter_map(|row| row.outcome).collect();
    let count = |lack: Lack| rows.iter().filter(|row| row.lacks.split(' ').any(|word| word == lack.as_str())).count();
    let lacks = Lack::ALL.iter().map(|lack| (*lack, count(*lack))).filter(|(_, count)| *count > 0);
    Ok(Progress {
        people: rows.len(),
        done: outcomes.len(),
        certificates: rows.iter().map(|row| i64::from(row.issued)).sum(),
        lacks: lacks.collect(),
        outcomes,
    })
}

/// Who got nothing in a run and what each lacks, by name, at most so many.
pub fn lacking(db: &mut Db, run: &Run, limit: i64) -> Result<Vec<(Registration, Outcome, Vec<Lack>)>> {
    let rows: Vec<(Registration, RunPerson)> = certificate_run_people::table
        .inner_join(registrations::table)
        .filter(certificate_run_people::run_id.eq(&run.id))
        .filter(certificate_run_people::outcome.eq(Outcome::Failed).or(certificate_run_people::lacks.ne("")).assume_not_null())
        .order((registrations::family_name.asc(), registrations::given_name.asc(), registrations::id.asc()))
        .limit(limit)
        .select((Registration::as_select(), RunPerson::as_select()))
        .load(db)?;
    let read = |(registration, row): (Registration, RunPerson)| {
        let lacks = row.lacks.split(' ').filter_map(Lack::from_word).collect();
        Some((registration, row.outcome?, lacks))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// An event's runs, newest first.
pub fn latest(db: &mut Db, event: &EventId, limit: i64) -> Result<Vec<Run>> {
    let runs = certificate_runs::table.filter(certificate_runs::event_id.eq(event)).order(certificate_runs::id.desc()).limit(limit);
    Ok(runs.select(Run::as_select()).load(db)?)
}

/// A run of an event, or not found.
pub fn get(db: &mut Db, event: &EventId, id: &str) -> Result<Run> {
    let run = certificate_runs::table.find(CertificateRunId::from(id.to_owned())).filter(certificate_runs::event_id.eq(event));
    Ok(run.select(Run::as_select()).first(db)?)
}
