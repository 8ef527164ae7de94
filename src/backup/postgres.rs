//! PostgreSQL: every table as one moment saw it, one row a line as JSON, and back.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::pg::{PgConnection, PgRowByRowLoadingMode};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use super::{Copied, Manifest, files, refuse};
use crate::db::{self, Db};
use crate::error::{Error, Result};

const TABLES: &str = "tables";
/// A statement takes so many bytes of rows, more or less.
const BYTES_AT_ONCE: usize = 4 * 1024 * 1024;

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

/// A foreign key.
#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

fn words(connection: &mut PgConnection, sql: &str) -> Result<Vec<String>> {
    Ok(sql_query(sql).load::<Word>(connection)?.into_iter().map(|row| row.word).collect())
}

/// Writes every table into the folder, all as the same moment saw them.
pub fn dump(connection: &mut PgConnection, folder: &Path) -> Result<Copied> {
    let folder = folder.join(TABLES);
    files::make_private(&folder)?;
    connection.build_transaction().repeatable_read().read_only().run(|connection| {
        connection.batch_execute("SET LOCAL statement_timeout = 0")?;
        let names = words(
            connection,
            "SELECT CAST(table_name AS TEXT) AS word FROM information_schema.tables WHERE table_schema = current_schema() \
             AND table_type = 'BASE TABLE' AND table_name <> '__diesel_schema_migrations'",
        )?;
        let mut tables = BTreeMap::new();
        for table in names {
            let rows = dump_table(connection, &table, &folder)?;
            tables.insert(table, rows);
        }
        let migrations = words(connection, "SELECT CAST(version AS TEXT) AS word FROM __diesel_schema_migrations ORDER BY version")?;
        Ok(Copied { migrations, tables })
    })
}

fn dump_table(connection: &mut PgConnection, table: &str, folder: &Path) -> Result<u64> {
    let name = folder.join(format!("{table}.jsonl"));
    let mut file = BufWriter::new(File::create(&name).map_err(files::about(&name))?);
    // In an order of its own, so that the same rows give the same file.
    let rows = sql_query(format!("SELECT CAST(row_to_json(one) AS TEXT) AS word FROM \"{table}\" AS one ORDER BY 1"));
    let mut count = 0;
    for row in rows.load_iter::<Word, PgRowByRowLoadingMode>(connection)? {
        writeln!(file, "{}", row?.word).map_err(files::about(&name))?;
        count += 1;
    }
    let file = file.into_inner().map_err(|cause| Error::internal(format!("{}: {cause}", name.display())))?;
    file.sync_all().map_err(files::about(&name))?;
    Ok(count)
}

/// Builds the schema of the backup in a database without rows and fills it; all of the rows or none.
pub fn load(db: &mut Db, folder: &Path, manifest: &Manifest) -> Result<()> {
    // What is there holds no row: it may have been made by a newer Lanyard.
    db::revert_all(db)?;
    db::migrate_to(db, manifest.migrations.last().map_or("", String::as_str))?;
    let Db::Postgres(connection) = db else { return Err(Error::internal("this is not PostgreSQL")) };
    let built = words(connection, "SELECT CAST(version AS TEXT) AS word FROM __diesel_schema_migrations ORDER BY version")?;
    if built != manifest.migrations {
        return refuse("backup.other_schema", "This backup was made by a newer Lanyard. Restore it with that one.");
    }
    connection.transaction(|connection| {
        connection.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")?;
        let keys = foreign_keys(connection)?;
        // Rows come table by table, in whatever order; what they refer to is checked when all are there.
        for key in &keys {
            connection.batch_execute(&format!("ALTER TABLE {} DROP CONSTRAINT {}", key.of, key.name))?;
        }
        for (table, rows) in &manifest.tables {
            if load_table(connection, table, folder)? != *rows {
                return Err(Error::internal(format!("{table} has other rows than the backup says")));
            }
        }
        for key in &keys {
            connection.batch_execute(&format!("ALTER TABLE {} ADD CONSTRAINT {} {}", key.of, key.name, key.definition))?;
        }
        Ok(())
    })
}

fn foreign_keys(connection: &mut PgConnection) -> Result<Vec<Key>> {
    Ok(sql_query(
        "SELECT CAST(conrelid::regclass AS TEXT) AS of, CAST(quote_ident(conname) AS TEXT) AS name, \
         pg_get_constraintdef(oid) AS definition FROM pg_constraint \
         WHERE contype = 'f' AND connamespace = to_regnamespace(CAST(current_schema() AS TEXT))",
    )
    .load(connection)?)
}

fn load_table(connection: &mut PgConnection, table: &str, folder: &Path) -> Result<u64> {
    let name = folder.join(TABLES).join(format!("{table}.jsonl"));
    let lines = BufReader::new(File::open(&name).map_err(files::about(&name))?).lines();
    let (mut rows, mut waiting) = (0, String::new());
    for line in lines {
        let line = line.map_err(files::about(&name))?;
        waiting.push(if waiting.is_empty() { '[' } else { ',' });
        waiting.push_str(&line);
        rows += 1;
        if waiting.len() > BYTES_AT_ONCE {
            insert(connection, table, &mut waiting)?;
        }
    }
    insert(connection, table, &mut waiting)?;
    Ok(rows)
}

fn insert(connection: &mut PgConnection, table: &str, rows: &mut String) -> Result<()> {
    if !rows.is_empty() {
        rows.push(']');
        let sql = format!("INSERT INTO \"{table}\" SELECT * FROM json_populate_recordset(NULL::\"{table}\", CAST($1 AS json))");
        sql_query(sql).bind::<Text, _>(rows.as_str()).execute(connection)?;
        rows.clear();
    }
    Ok(())
}
