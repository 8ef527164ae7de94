//! SQLite: the file is copied whole, by the database itself, as one moment saw it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;

use super::{Copied, Manifest, files};
use crate::db::{Address, Kind};
use crate::demo::mark;
use crate::error::{Error, Result};

const FILE: &str = "lanyard.db";

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The files of an SQLite database, which are no files of `LANYARD_DATA` though they may lie there.
pub fn files_of(address: &Address) -> Vec<PathBuf> {
    let endings = if address.kind == Kind::Sqlite { ["", "-wal", "-shm"].as_slice() } else { &[] };
    endings.iter().filter_map(|ending| files::whole(Path::new(&format!("{}{ending}", address.target))).ok()).collect()
}

/// Copies the database into the folder; others read and write meanwhile.
pub fn copy(connection: &mut SqliteConnection, folder: &Path) -> Result<Copied> {
    let file = folder.join(FILE);
    let name = file.to_str().ok_or_else(|| Error::internal(format!("{} is not UTF-8", file.display())))?;
    sql_query("VACUUM INTO ?").bind::<Text, _>(name).execute(connection)?;
    look(name)
}

/// What a copied file holds; an error when it is not whole.
fn look(name: &str) -> Result<Copied> {
    let mut copy = SqliteConnection::establish(name).map_err(|cause| Error::internal(format!("{name}: {cause}")))?;
    let words = |copy: &mut SqliteConnection, sql: &str| -> Result<Vec<String>> {
        Ok(sql_query(sql).load::<Word>(copy)?.into_iter().map(|row| row.word).collect())
    };
    let checked = words(&mut copy, "SELECT quick_check AS word FROM pragma_quick_check")?;
    if checked != ["ok"] {
        return Err(Error::internal(format!("{name} is damaged: {}", checked.join("; "))));
    }
    let names = "SELECT name AS word FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         AND name <> '__diesel_schema_migrations'";
    let mut tables = BTreeMap::new();
    for table in words(&mut copy, names)? {
        let rows: Count = sql_query(format!("SELECT count(*) AS count FROM \"{table}\"")).get_result(&mut copy)?;
        tables.insert(table, u64::try_from(rows.count).map_err(Error::internal)?);
    }
    let migrations = words(&mut copy, "SELECT version AS word FROM __diesel_schema_migrations ORDER BY version")?;
    Ok(Copied { migrations, tables })
}

/// Puts the copy in the place of the empty database.
pub fn put_back(address: &Address, folder: &Path, manifest: &Manifest) -> Result<()> {
    let target = PathBuf::from(&address.target);
    let unfinished = PathBuf::from(format!("{}.new", address.target));
    files::copy(&folder.join(FILE), &unfinished)?;
    mark::start_over(address)?;
    std::fs::rename(&unfinished, &target).map_err(files::about(&target))?;
    if look(&address.target)?.tables == manifest.tables {
        Ok(())
    } else {
        Err(Error::internal("the restored database has other rows than the backup says"))
    }
}
