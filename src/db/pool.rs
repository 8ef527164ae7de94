//! Pooled connections for reads on both databases and for writes on PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{Address, Db, Kind, ping};
use crate::error::{Error, Result};

/// A pooled connection that remembers whether it died, so that the pool replaces it.
pub struct Slot {
    pub db: Db,
    broken: bool,
}

impl Slot {
    /// What work on this connection came to; when it failed because the connection died, whoever asked hears `Busy`.
    pub fn checked<T>(&mut self, result: Result<T>) -> Result<T> {
        if !matches!(result, Err(Error::Internal(_) | Error::Busy)) {
            return result;
        }
        self.broken = ping(&mut self.db).is_err();
        if self.broken { Err(Error::Busy) } else { result }
    }
}

/// Opens connections by hand, since diesel's own manager hides why a URL is no good.
pub struct Opener {
    address: Address,
    is_away: Arc<AtomicBool>,
}

impl r2d2::ManageConnection for Opener {
    type Connection = Slot;
    type Error = Error;

    fn connect(&self) -> Result<Slot> {
        let db = self.address.open()?;
        if self.is_away.swap(false, Ordering::Relaxed) {
            tracing::info!("the database can be reached again");
        }
        Ok(Slot { db, broken: false })
    }

    fn is_valid(&self, slot: &mut Slot) -> Result<()> {
        ping(&mut slot.db)
    }

    fn has_broken(&self, slot: &mut Slot) -> bool {
        slot.broken
    }
}

/// The pool; cloning it is cheap.
#[derive(Clone)]
pub struct Pool {
    connections: r2d2::Pool<Opener>,
    /// The last connection that was tried could not be opened.
    is_away: Arc<AtomicBool>,
}

/// So long a request waits for a connection while the database is away: others stand behind it.
const WAIT_WHILE_AWAY: Duration = Duration::from_millis(250);

impl Pool {
    /// A pool of `size` connections; the first is opened now, so that a bad address is known at start-up.
    pub fn open(address: &Address, size: u32) -> Result<Self> {
        let is_away = Arc::new(AtomicBool::new(false));
        let connections = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(match address.kind {
                Kind::Sqlite => Duration::from_secs(10),
                Kind::Postgres => Duration::from_secs(5),
            })
            .error_handler(Box::new(Quiet(Arc::clone(&is_away))))
            .build_unchecked(Opener { address: address.clone(), is_away: Arc::clone(&is_away) });
        address.open()?;
        Ok(Self { connections, is_away })
    }

    /// A connection, or `Busy` when none came free in time.
    pub fn take(&self) -> Result<r2d2::PooledConnection<Opener>> {
        let taken =
            if self.is_away.load(Ordering::Relaxed) { self.connections.get_timeout(WAIT_WHILE_AWAY) } else { self.connections.get() };
        taken.map_err(|_| Error::Busy)
    }
}

/// Says once that the pool cannot reach the database, without the address.
#[derive(Debug)]
struct Quiet(Arc<AtomicBool>);

impl r2d2::HandleError<Error> for Quiet {
    fn handle_error(&self, error: Error) {
        let cause = match error {
            Error::Internal(cause) => cause,
            other => other.to_string(),
        };
        if !self.0.swap(true, Ordering::Relaxed) {
            tracing::warn!(cause, "the database cannot be reached");
        }
    }
}
