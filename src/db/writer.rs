//! The one writer of SQLite: takes all writes that wait, runs each in a savepoint inside one
//! transaction, and answers everyone after the commit (group commit).

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::sqlite::SqliteConnection;

use super::Db;
use crate::error::{Error, Result};

/// A write: runs on the connection, then hands back what to do once it is known whether the commit held.
pub type Work = Box<dyn FnOnce(&mut Db) -> Answer + Send>;

/// Tells the caller, given whether the commit held.
pub type Answer = Box<dyn FnOnce(Result<()>) + Send>;

/// At most so many writes share one commit; enough for every connection that a node serves at once.
const MOST_PER_COMMIT: usize = 512;

/// At most so many writes wait; past that callers hear `Busy` instead of waiting longer and longer.
const MOST_WAITING: usize = 4096;

/// The way to the writer thread; cloning it is cheap, and the thread ends with the last clone.
#[derive(Clone)]
pub struct Writer(SyncSender<Work>);

impl Writer {
    /// Starts the writer thread on a connection of its own.
    pub fn start(db: Db) -> Result<Self> {
        let (sender, receiver) = sync_channel(MOST_WAITING);
        thread::Builder::new().name("writer".to_owned()).spawn(move || run(db, &receiver)).map_err(Error::internal)?;
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

fn run(mut db: Db, receiver: &Receiver<Work>) {
    while let Ok(first) = receiver.recv() {
        let answers = match begin(&mut db) {
            Ok(()) => Ok(write_all(&mut db, first, receiver)),
            Err(cause) => Err((first, cause)),
        };
        match answers {
            Ok(answers) => {
                let committed = commit(&mut db);
                for answer in answers {
                    answer(committed.clone().map_err(Error::Internal));
                }
            }
            Err((_dropped, cause)) => tracing::error!(cause, "the writer could not begin a transaction"),
        }
    }
}

fn write_all(db: &mut Db, first: Work, receiver: &Receiver<Work>) -> Vec<Answer> {
    let mut answers = vec![first(db)];
    while answers.len() < MOST_PER_COMMIT
        && let Ok(next) = receiver.try_recv()
    {
        answers.push(next(db));
    }
    answers
}

type Manager = AnsiTransactionManager;

fn begin(db: &mut Db) -> std::result::Result<(), String> {
    match db {
        Db::Sqlite(connection) => Manager::begin_transaction_sql(connection, "BEGIN IMMEDIATE").map_err(|cause| cause.to_string()),
        Db::Postgres(_) => Err("the writer thread is for SQLite only".to_owned()),
    }
}

fn commit(db: &mut Db) -> std::result::Result<(), String> {
    let Db::Sqlite(connection) = db else { return Err("the writer thread is for SQLite only".to_owned()) };
    <Manager as TransactionManager<SqliteConnection>>::commit_transaction(connection).map_err(|cause| {
        tracing::error!(%cause, "a group of writes could not be committed");
        cause.to_string()
    })
}
