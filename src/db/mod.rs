//! The database behind everything: one connection type over SQLite and PostgreSQL, opened by URL.

mod checkpoints;
mod one_of;
mod pool;
#[rustfmt::skip]
pub mod schema;
mod writer;

pub use one_of::one_of;
pub use pool::{Pool, Slot};
pub use writer::{Work, Writer, transaction};

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Timestamp;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::clock::Instant;
use crate::error::{Error, Result};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// A connection to whichever database the service runs on.
#[derive(diesel::MultiConnection)]
pub enum Db {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// diesel's name for "either database", for boxed queries and checks.
pub type Either = self::multi_connection_impl::MultiBackend;

impl ToSql<Timestamp, Either> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Either>) -> serialize::Result {
        ToSql::<Timestamp, Either>::to_sql(self.as_utc(), out)
    }
}

/// Runs the same expression on the connection inside, for what does not compile on `Db` itself:
/// `on_either!(db, connection => diesel::insert_into(table).values(&rows).execute(connection))`.
#[macro_export]
macro_rules! on_either {
    ($db:expr, $connection:ident => $body:expr) => {
        match $db {
            $crate::db::Db::Postgres($connection) => $body,
            $crate::db::Db::Sqlite($connection) => $body,
        }
    };
}

/// Which database a URL names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Postgres,
    Sqlite,
}

/// What opening a database by URL needs, or a sentence saying why the URL is no good.
#[derive(Clone, Debug)]
pub struct Address {
    pub kind: Kind,
    /// A file path (SQLite) or a connection string (PostgreSQL).
    pub target: String,
}

impl Address {
    pub fn parse(url: &str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            if path.is_empty() {
                return Err(Error::internal("DATABASE_URL names no file after sqlite://"));
            }
            return Ok(Self { kind: Kind::Sqlite, target: path.to_owned() });
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self { kind: Kind::Postgres, target: url.to_owned() });
        }
        Err(Error::internal("DATABASE_URL must start with sqlite:// or postgres://"))
    }

    /// Opens one connection. The error names what failed, never the password in the URL.
    pub fn open(&self) -> Result<Db> {
        match self.kind {
            Kind::Sqlite => {
                make_folder_of(&self.target)?;
                let mut connection = SqliteConnection::establish(&self.target)
                    .map_err(|cause| Error::internal(format!("cannot open the SQLite file {}: {cause}", self.target)))?;
                connection.batch_execute(SQLITE_SETTINGS)?;
                Ok(Db::Sqlite(connection))
            }
            Kind::Postgres => {
                let mut connection =
                    PgConnection::establish(&self.target).map_err(|cause| Error::internal(format!("cannot reach PostgreSQL: {cause}")))?;
                connection.batch_execute("SET TIME ZONE 'UTC'")?;
                connection.batch_execute(POSTGRES_LIMITS)?;
                Ok(Db::Postgres(connection))
            }
        }
    }
}

/// Makes the folder that a file is to lie in, where it is missing.
fn make_folder_of(file: &str) -> Result<()> {
    let folder = Path::new(file).parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    let Some(folder) = folder else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|cause| Error::internal(format!("cannot make the folder {}: {cause}", folder.display())))
}

/// Waiting comes first, so that the other settings do not fail on a busy file; FULL keeps what was acknowledged. The log
/// is moved into the file by a thread of its own (`checkpoints.rs`); at 64 MB whoever writes does it, whatever it takes.
/// Nothing is mapped: mapped pages count as the process's memory, and the system keeps the file in its own anyway.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY; \
     PRAGMA wal_autocheckpoint = 16384";

/// What PostgreSQL may take for one statement, and for one lock.
const POSTGRES_LIMITS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '20s'";

/// A change of the schema takes as long as its tables are large; nobody waits for an answer to it.
fn without_limits<T>(db: &mut Db, change: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
    if let Db::Postgres(connection) = db {
        connection.batch_execute("SET statement_timeout = 0; SET lock_timeout = 0")?;
    }
    let changed = change(db);
    if let Db::Postgres(connection) = db {
        connection.batch_execute(POSTGRES_LIMITS)?;
    }
    changed
}

/// Brings the schema up to date; returns how many migrations ran.
pub fn migrate(db: &mut Db) -> Result<usize> {
    without_limits(db, run_pending)
}

fn run_pending(db: &mut Db) -> Result<usize> {
    on_either!(db, connection => connection.run_pending_migrations(MIGRATIONS).map(|ran| ran.len())).map_err(Error::internal)
}

/// How many migrations have not run yet.
pub fn pending_migrations(db: &mut Db) -> Result<usize> {
    on_either!(db, connection => connection.pending_migrations(MIGRATIONS).map(|left| left.len())).map_err(Error::internal)
}

/// Runs migrations, first to last, until the one of this version has run.
pub fn migrate_to(db: &mut Db, version: &str) -> Result<()> {
    without_limits(db, |db| run_until(db, version))
}

fn run_until(db: &mut Db, version: &str) -> Result<()> {
    on_either!(db, connection => {
        while connection.has_pending_migration(MIGRATIONS).map_err(Error::internal)? {
            let ran = connection.run_next_migration(MIGRATIONS).map_err(Error::internal)?.to_string();
            if ran.as_str() >= version {
                break;
            }
        }
    });
    Ok(())
}

/// Takes every migration back, last first (tests compare what is left with what was there before).
pub fn revert_all(db: &mut Db) -> Result<usize> {
    on_either!(db, connection => connection.revert_all_migrations(MIGRATIONS).map(|ran| ran.len())).map_err(Error::internal)
}

/// Answers whether the database does.
pub fn ping(db: &mut Db) -> Result<()> {
    db.batch_execute("SELECT 1").map_err(Error::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_as_diesel_writes_it() {
        let mut db = SqliteConnection::establish(":memory:").expect("SQLite in memory");
        let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 9).expect("a day");
        for micros in [0, 1, 120_000, 500_000, 123_456, 999_999] {
            let at = day.and_hms_micro_opt(5, 7, 0, micros).expect("a time");
            let (ours, diesels) = (Instant::from_utc(at).into_sql::<Timestamp>(), at.into_sql::<Timestamp>());
            assert_eq!(diesel::select(ours.eq(diesels)).get_result(&mut db), Ok(true), "{at}");
        }
    }
}
