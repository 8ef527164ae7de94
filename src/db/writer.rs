//! The one writer of SQLite: takes all writes that wait, runs each in a savepoint inside one transaction, and answers
//! everyone after the commit (group commit). A write that comes alone is a transaction itself and needs no savepoint.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, Connection, SimpleConnection, TransactionManager};
use diesel::sqlite::SqliteConnection;

use super::checkpoints::Bell;
use super::{Address, Db};
use crate::error::{Error, Result};

/// A write: runs on the connection, then hands back what to do once it is known whether the commit held.
pub type Work = Box<dyn FnOnce(&mut Db) -> Answer + Send>;

/// Tells the caller, given whether the commit held.
pub type Answer = Box<dyn FnOnce(Result<()>) + Send>;

/// At most so many writes share one commit; enough for every connection that a node serves at once.
const MOST_PER_COMMIT: usize = 512;

/// At most so many writes wait; past that callers hear `Busy` instead of waiting longer and longer.
const MOST_WAITING: usize = 4096;

/// The writer keeps what it changes again and again: the ends of tables and their indexes; 8 MB at most. SQLite walks the
/// whole cache after each commit that moved pages of an index about, so a large one costs more than it spares.
const CACHE: &str = "PRAGMA cache_size = -8192";

/// After so long without a write the writer gives back what it kept; the next ones read it again. Shorter than the pause
/// of anything that writes by the clock, or it would never rest.
const RESTS_AFTER: Duration = Duration::from_millis(500);

/// The way to the writer thread; cloning it is cheap, and the thread ends with the last clone.
#[derive(Clone)]
pub struct Writer(SyncSender<Work>);

impl Writer {
    /// Starts the writer thread, and the one that moves the log behind it, on connections of their own.
    pub fn start(address: &Address) -> Result<Self> {
        let (sender, receiver) = sync_channel(MOST_WAITING);
        let (mut db, bell) = (address.open()?, Bell::start(address.open()?)?);
        db.batch_execute(CACHE)?;
        thread::Builder::new().name("writer".to_owned()).spawn(move || run(db, &receiver, &bell)).map_err(Error::internal)?;
        Ok(Self(sender))
    }

    /// Queues a write; `Busy` when too many wait already.
    pub fn send(&self, work: Work) -> Result<()> {
        self.0.try_send(work).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Disconnected(_) => Error::internal("the writer has stopped"),
        })
    }
}

fn run(mut db: Db, receiver: &Receiver<Work>, bell: &Bell) {
    while let Some(first) = next(&mut db, receiver) {
        match receiver.try_recv() {
            Ok(second) => write_all(&mut db, [first, second], receiver),
            // The commit is part of the work here.
            Err(_) => first(&mut db)(Ok(())),
        }
        bell.ring();
    }
}

/// The write that comes next; none when nobody can send one any more.
fn next(db: &mut Db, receiver: &Receiver<Work>) -> Option<Work> {
    match receiver.recv_timeout(RESTS_AFTER) {
        Ok(work) => Some(work),
        Err(RecvTimeoutError::Disconnected) => None,
        Err(RecvTimeoutError::Timeout) => {
            if let Err(cause) = db.batch_execute("PRAGMA shrink_memory") {
                tracing::warn!(%cause, "the writer could not give back memory");
            }
            receiver.recv().ok()
        }
    }
}

fn write_all(db: &mut Db, known: [Work; 2], receiver: &Receiver<Work>) {
    if let Err(cause) = begin(db) {
        // Dropped with their callers' ends: everyone hears `Busy`.
        tracing::error!(%cause, "the writer could not begin a transaction");
        return;
    }
    let more = std::iter::from_fn(|| receiver.try_recv().ok()).take(MOST_PER_COMMIT - known.len());
    let answers: Vec<Answer> = known.into_iter().chain(more).map(|work| work(db)).collect();
    let committed = end(db);
    answers.into_iter().for_each(|answer| answer(committed.clone().map_err(Error::Internal)));
}

/// Runs `work` in a transaction of its own, or in a savepoint where one is open. SQLite's begins as a writer: begun as a
/// reader it would fail at its first write when another process wrote meanwhile.
pub fn transaction<T>(db: &mut Db, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
    if !is_idle_sqlite(db) {
        return db.transaction(work);
    }
    begin(db).map_err(|cause| {
        tracing::error!(%cause, "a write could not begin its transaction");
        Error::Busy
    })?;
    match work(db) {
        Ok(value) => end(db).map(|()| value).map_err(Error::Internal),
        Err(error) => {
            if let Db::Sqlite(connection) = db
                && let Err(cause) = <Manager as TransactionManager<SqliteConnection>>::rollback_transaction(connection)
            {
                tracing::error!(%cause, "a write could not be taken back");
            }
            Err(error)
        }
    }
}

fn is_idle_sqlite(db: &mut Db) -> bool {
    let Db::Sqlite(connection) = db else { return false };
    let status = <Manager as TransactionManager<SqliteConnection>>::transaction_manager_status_mut(connection);
    status.transaction_depth().is_ok_and(|depth| depth.is_none())
}

type Manager = AnsiTransactionManager;

fn begin(db: &mut Db) -> std::result::Result<(), String> {
    let Db::Sqlite(connection) = db else { return Err("the writer thread is for SQLite only".to_owned()) };
    Manager::begin_transaction_sql(connection, "BEGIN IMMEDIATE").map_err(|cause| cause.to_string())
}

fn end(db: &mut Db) -> std::result::Result<(), String> {
    let Db::Sqlite(connection) = db else { return Err("the writer thread is for SQLite only".to_owned()) };
    <Manager as TransactionManager<SqliteConnection>>::commit_transaction(connection).map_err(|cause| {
        tracing::error!(%cause, "writes could not be committed");
        cause.to_string()
    })
}
