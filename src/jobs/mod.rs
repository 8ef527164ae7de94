//! Work for later: rows written with the change that causes them, claimed by one node, run once.

use chrono::Duration;
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::{Actor, App, Tx};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::jobs;
use crate::error::{Error, Result};
use crate::ids::JobId;
use crate::on_either;

/// A job as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    pub payload: String,
    pub run_at: Instant,
    pub attempts: i32,
    pub claimed_until: Option<Instant>,
    pub finished_at: Option<Instant>,
    pub last_error: Option<String>,
}

impl Job {
    /// The payload as the verb wants it.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.payload).map_err(|cause| Error::internal(format!("job {}: {cause}", self.kind)))
    }
}

/// What runs a job of one kind.
#[derive(Clone, Copy)]
pub enum Run {
    /// A short function that calls a verb, in the job's own transaction.
    Write(fn(&mut Tx<'_>, &Job) -> Result<()>),
    /// A look that only reads, and tells which jobs there is work for: whoever asks in vain keeps nobody from writing.
    Look(fn(&mut Db, Instant) -> Result<Vec<Next>>),
}

/// A job that a look found work for.
#[derive(Clone, Debug)]
pub struct Next {
    kind: &'static str,
    payload: String,
}

impl Next {
    pub fn of(kind: &'static str, payload: &impl Serialize) -> Result<Self> {
        Ok(Self { kind, payload: serde_json::to_string(payload).map_err(Error::internal)? })
    }
}

/// How long a node may hold a job before another takes it over.
const CLAIM: Duration = Duration::minutes(5);

/// Enqueues a job in the transaction that causes it.
pub fn enqueue(tx: &mut Tx<'_>, kind: &'static str, payload: &impl Serialize, run_at: Instant) -> Result<()> {
    add(tx, Next::of(kind, payload)?, run_at)
}

fn add(tx: &mut Tx<'_>, next: Next, run_at: Instant) -> Result<()> {
    let job = Job {
        id: JobId::new(),
        kind: next.kind.to_owned(),
        payload: next.payload,
        run_at,
        attempts: 0,
        claimed_until: None,
        finished_at: None,
        last_error: None,
    };
    diesel::insert_into(jobs::table).values(&job).execute(tx.db)?;
    Ok(())
}

/// Enqueues a job under a name of its own, unless that was done before; tells whether it was new.
/// Of several nodes that try, one succeeds.
pub fn enqueue_once(tx: &mut Tx<'_>, kind: &str, name: &str, run_at: Instant) -> Result<bool> {
    let job = Job {
        id: JobId::from(name.to_owned()),
        kind: kind.to_owned(),
        payload: "null".to_owned(),
        run_at,
        attempts: 0,
        claimed_until: None,
        finished_at: None,
        last_error: None,
    };
    let rows = on_either!(tx.db, connection => {
        diesel::insert_into(jobs::table).values(&job).on_conflict_do_nothing().execute(connection)
    })?;
    Ok(rows == 1)
}

/// Forgets jobs that were finished before this instant; returns how many.
pub fn forget_finished(tx: &mut Tx<'_>, before: Instant) -> Result<usize> {
    let old = jobs::table.filter(jobs::finished_at.lt(before).assume_not_null());
    Ok(diesel::delete(old).execute(tx.db)?)
}

/// Runs every job that is due, each in its own transaction; returns how many were finished.
pub fn run_due(app: &App, kinds: &[(&'static str, Run)]) -> Result<usize> {
    let mut finished = 0;
    // Asked by reading first: the writer is not woken every second for nothing.
    while is_one_due(app)? {
        let Some(job) = claim(app)? else { continue };
        let run = kinds.iter().find(|(kind, _)| *kind == job.kind).map(|(_, run)| *run);
        let Some(run) = run else {
            fail(app, job, "no part of this version runs such a job".to_owned())?;
            continue;
        };
        match run_one(app, job.clone(), run) {
            Ok(()) => finished += 1,
            Err(cause) => fail(app, job, format!("{cause:?}"))?,
        }
    }
    Ok(finished)
}

fn run_one(app: &App, job: Job, run: Run) -> Result<()> {
    let found = match run {
        Run::Look(look) => {
            let now = app.now();
            app.read_here(|db| look(db, now))?
        }
        Run::Write(_) => Vec::new(),
    };
    app.write_here(Actor::Service("job"), move |tx| {
        if let Run::Write(write) = run {
            write(tx, &job)?;
        }
        for next in found {
            add(tx, next, tx.now)?;
        }
        finish(tx, &job)
    })
}

/// How many jobs are due or still to come.
pub fn waiting(db: &mut Db) -> Result<i64> {
    Ok(jobs::table.filter(jobs::finished_at.is_null()).count().get_result(db)?)
}

fn is_one_due(app: &App) -> Result<bool> {
    let now = app.now();
    app.read_here(|db| Ok(diesel::select(exists(due(now))).get_result(db)?))
}

/// Jobs whose time has come and that no node is running.
#[diesel::dsl::auto_type]
fn due(now: Instant) -> _ {
    let free = jobs::claimed_until.is_null().or(jobs::claimed_until.lt(now).assume_not_null());
    jobs::table.filter(jobs::finished_at.is_null()).filter(jobs::run_at.le(now)).filter(free)
}

fn claim(app: &App) -> Result<Option<Job>> {
    app.write_here(Actor::Service("jobs"), |tx| {
        let next: Option<Job> = due(tx.now).order(jobs::run_at.asc()).select(Job::as_select()).first(tx.db).optional()?;
        let Some(job) = next else { return Ok(None) };
        // Conditional, so that of two nodes that saw the same job one claims it.
        let claimed = diesel::update(jobs::table.find(&job.id))
            .filter(jobs::attempts.eq(job.attempts))
            .set((jobs::claimed_until.eq(Some(tx.now.plus(CLAIM))), jobs::attempts.eq(job.attempts + 1)))
            .execute(tx.db)?;
        Ok((claimed == 1).then_some(job))
    })
}

fn finish(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    diesel::update(jobs::table.find(&job.id)).set(jobs::finished_at.eq(Some(tx.now))).execute(tx.db)?;
    Ok(())
}

/// Puts a failed job back with a growing delay, at most six hours.
fn fail(app: &App, job: Job, cause: String) -> Result<()> {
    tracing::warn!(kind = job.kind, cause, "a job failed and will be tried again");
    app.write_here(Actor::Service("jobs"), move |tx| {
        let minutes = i64::from(1 << job.attempts.clamp(0, 8)).min(360);
        diesel::update(jobs::table.find(&job.id))
            .set((
                jobs::claimed_until.eq(None::<Instant>),
                jobs::run_at.eq(tx.now.plus(Duration::minutes(minutes))),
                jobs::last_error.eq(Some(cause)),
            ))
            .execute(tx.db)?;
        Ok(())
    })
}
