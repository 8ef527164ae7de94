//! Pooled connections for reads on both databases and for writes on PostgreSQL.

use std::time::Duration;

use super::{Address, Db, Kind, ping};
use crate::error::{Error, Result};

/// A pooled connection that remembers whether it died, so that the pool replaces it.
pub struct Slot {
    pub db: Db,
    broken: bool,
}

impl Slot {
    /// Looks after a failure whether the connection is still there.
    pub fn check_after(&mut self, failed: bool) {
        if failed {
            self.broken = ping(&mut self.db).is_err();
        }
    }
}

/// Opens connections by hand, since diesel's own manager hides why a URL is no good.
pub struct Opener(Address);

impl r2d2::ManageConnection for Opener {
    type Connection = Slot;
    type Error = Error;

    fn connect(&self) -> Result<Slot> {
        Ok(Slot { db: self.0.open()?, broken: false })
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
pub struct Pool(r2d2::Pool<Opener>);

impl Pool {
    /// A pool of `size` connections; the first is opened now, so that a bad address is known at start-up.
    pub fn open(address: &Address, size: u32) -> Result<Self> {
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(match address.kind {
                Kind::Sqlite => Duration::from_secs(10),
                Kind::Postgres => Duration::from_secs(5),
            })
            .error_handler(Box::new(Quiet))
            .build_unchecked(Opener(address.clone()));
        address.open()?;
        Ok(Self(pool))
    }

    /// A connection, or `Busy` when none came free in time.
    pub fn take(&self) -> Result<r2d2::PooledConnection<Opener>> {
        self.0.get().map_err(|_| Error::Busy)
    }
}

/// Says once a failure that the pool cannot reach the database, without the address.
#[derive(Debug)]
struct Quiet;

impl r2d2::HandleError<Error> for Quiet {
    fn handle_error(&self, error: Error) {
        let cause = match error {
            Error::Internal(cause) => cause,
            other => other.to_string(),
        };
        tracing::warn!(cause, "a database connection could not be opened");
    }
}
