//! The marks by which a database is known as the demo's, and what the demo keeps from one start to the next.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Integer, Text};

use crate::app::Tx;
use crate::clock::Instant;
use crate::db::schema::installation;
use crate::db::{self, Address, Db, Kind};
use crate::error::{Error, Result};
use crate::on_either;

/// What a database holds before the demo touches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Nothing, or a schema without a single row.
    Nothing,
    /// A finished demo.
    Demo,
    /// A demo that was interrupted while it was made.
    HalfADemo,
    /// Somebody's data.
    Foreign,
}

const MADE_BY: &str = "made_by";
const BEGUN: &str = "demo, not finished";
const FINISHED: &str = "demo";
const CLOCK: &str = "demo_clock";

/// What is kept under a name, if anything is.
pub fn get(db: &mut Db, name: &str) -> Result<Option<String>> {
    Ok(installation::table.find(name).select(installation::value).first(db).optional()?)
}

/// Keeps a text under a name.
pub fn set(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<()> {
    let known = diesel::update(installation::table.find(name)).set(installation::value.eq(value)).execute(tx.db)?;
    if known == 0 {
        diesel::insert_into(installation::table).values((installation::name.eq(name), installation::value.eq(value))).execute(tx.db)?;
    }
    Ok(())
}

/// From now on the database is a demo's, though not a finished one.
pub fn begin(tx: &mut Tx<'_>) -> Result<()> {
    set(tx, MADE_BY, BEGUN)
}

/// The demo is made.
pub fn finish(tx: &mut Tx<'_>) -> Result<()> {
    set(tx, MADE_BY, FINISHED)
}

/// Keeps what the demo's clock says, for the next start.
pub fn keep_clock(tx: &mut Tx<'_>) -> Result<()> {
    let now = tx.now.rfc3339_in(chrono_tz::Tz::UTC);
    set(tx, CLOCK, &now)
}

/// What the demo's clock said last.
pub fn clock(db: &mut Db) -> Result<Option<Instant>> {
    Ok(get(db, CLOCK)?.and_then(|text| Instant::parse(&text)))
}

#[derive(QueryableByName)]
struct TableName {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct One {
    #[diesel(sql_type = Integer)]
    #[allow(dead_code)]
    one: i32,
}

/// What a service writes by itself when it starts on an empty database: nobody's data.
const MADE_AT_START: [&str; 2] = ["pssm_versions", "pssm_words"];

/// Looks at what a database holds, whatever tables there are.
pub fn look(db: &mut Db) -> Result<Contents> {
    let tables = tables(db)?;
    if tables.iter().any(|name| name == "installation") {
        match get(db, MADE_BY)?.as_deref() {
            Some(FINISHED) => return Ok(Contents::Demo),
            Some(BEGUN) => return Ok(Contents::HalfADemo),
            _ => {}
        }
    }
    let is_somebodys = |name: &&String| *name != "__diesel_schema_migrations" && !MADE_AT_START.contains(&name.as_str());
    for name in tables.iter().filter(is_somebodys) {
        let query = format!("SELECT 1 AS one FROM \"{}\" LIMIT 1", name.replace('"', "\"\""));
        let rows: Vec<One> = on_either!(db, connection => sql_query(&query).load(connection))?;
        if !rows.is_empty() {
            return Ok(Contents::Foreign);
        }
    }
    Ok(Contents::Nothing)
}

fn tables(db: &mut Db) -> Result<Vec<String>> {
    let names: Vec<TableName> = match db {
        Db::Sqlite(connection) => {
            sql_query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'").load(connection)?
        }
        Db::Postgres(connection) => sql_query(
            "SELECT CAST(table_name AS TEXT) AS name FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'",
        )
        .load(connection)?,
    };
    Ok(names.into_iter().map(|table| table.name).collect())
}

/// Empties a demo's database; whoever calls has looked that it is one.
pub fn start_over(address: &Address) -> Result<()> {
    match address.kind {
        Kind::Sqlite => {
            for ending in ["", "-wal", "-shm"] {
                let file = format!("{}{ending}", address.target);
                match std::fs::remove_file(&file) {
                    Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                        return Err(Error::internal(format!("cannot remove {file}: {cause}")));
                    }
                    _ => {}
                }
            }
            Ok(())
        }
        Kind::Postgres => db::revert_all(&mut address.open()?).map(drop),
    }
}
