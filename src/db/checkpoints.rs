//! Moves what SQLite's log holds into the database file, beside the writer: it goes on writing meanwhile.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;

use super::Db;
use crate::error::{Error, Result};

/// At most so often; what is written meanwhile several times is moved once.
const REST: Duration = Duration::from_millis(250);

/// Rings when something was written; the thread ends with it.
pub(super) struct Bell(SyncSender<()>);

impl Bell {
    /// Starts the thread on a connection of its own.
    pub fn start(db: Db) -> Result<Self> {
        let (sender, receiver) = sync_channel(1);
        thread::Builder::new().name("checkpoints".to_owned()).spawn(move || run(db, &receiver)).map_err(Error::internal)?;
        Ok(Self(sender))
    }

    /// Something was written.
    pub fn ring(&self) {
        // It rang already and was not heard yet: that is enough.
        let _ = self.0.try_send(());
    }
}

fn run(mut db: Db, receiver: &Receiver<()>) {
    while receiver.recv().is_ok() {
        // PASSIVE waits for nobody: what a reader still needs stays in the log until the next time.
        if let Err(cause) = db.batch_execute("PRAGMA wal_checkpoint(PASSIVE)") {
            tracing::warn!(%cause, "the log of the database could not be moved into its file; it grows until it can");
        }
        thread::sleep(REST);
    }
}
