//! Migrations: one history for both databases, each step undone by its own down, every foreign key indexed.

use super::nothing_breaks;
use crate::support::databases::{Database, is_wanted};
use crate::support::source::{root, sources};
use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use lanyard::db::{Db, Kind};
use lanyard::on_either;
use std::collections::{BTreeMap, BTreeSet};

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Nullable<Text>)]
    line: Option<String>,
}

fn lines(db: &mut Db, sql: &str) -> Vec<String> {
    let found: Vec<Line> =
        on_either!(db, connection => diesel::sql_query(sql).load(connection)).unwrap_or_else(|error| panic!("{sql}: {error}"));
    found.into_iter().filter_map(|line| line.line).collect()
}

/// Everything that a schema is made of, without diesel's own table.
fn dump(db: &mut Db, kind: Kind) -> Vec<String> {
    match kind {
        Kind::Sqlite => lines(
            db,
            "SELECT type || ' ' || name || ' on ' || tbl_name || ': ' || coalesce(sql, '') AS line FROM sqlite_master \
             WHERE tbl_name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND name NOT LIKE 'sqlite_stat%' ORDER BY line",
        ),
        Kind::Postgres => {
            let columns = "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || \
                 coalesce(column_default, '') || ' ' || ordinal_position AS line FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%' ORDER BY line";
            let indexes =
                "SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_diesel%' ORDER BY line";
            let constraints = "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) AS line FROM pg_constraint \
                 WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE '\\_\\_diesel%' ORDER BY line";
            let others = "SELECT relkind::text || ' ' || relname AS line FROM pg_class WHERE relnamespace = 'public'::regnamespace \
                 AND relkind IN ('S', 'v', 'm') ORDER BY line";
            [columns, indexes, constraints, others].iter().flat_map(|sql| lines(db, sql)).collect()
        }
    }
}

fn every_down_restores(kind: Kind) {
    if !is_wanted(kind) {
        return;
    }
    let database = Database::empty(kind);
    let mut db = database.open();
    let history = || FileBasedMigrations::from_path(root().join("migrations")).expect("the migrations");
    let mut dumps = vec![dump(&mut db, kind)];
    while on_either!(&mut db, connection => connection.has_pending_migration(history())).expect("an answer") {
        on_either!(&mut db, connection => connection.run_next_migration(history()).map(drop)).expect("the step runs");
        dumps.push(dump(&mut db, kind));
    }
    assert!(dumps.len() > 4, "there are {} migrations", dumps.len() - 1);
    let last = dumps.pop().expect("at least one");
    assert!(last.len() > 40, "a dump that sees nothing proves nothing: {last:?}");
    while let Some(before) = dumps.pop() {
        let undone = on_either!(&mut db, connection => connection.revert_last_migration(history()).map(|step| step.to_string()));
        let step = undone.expect("the step is undone");
        assert_eq!(dump(&mut db, kind), before, "what the down of {step} leaves");
    }
}

#[test]
fn every_down_restores_the_schema_on_sqlite() {
    every_down_restores(Kind::Sqlite);
}

#[test]
fn every_down_restores_the_schema_on_postgres() {
    every_down_restores(Kind::Postgres);
}

#[derive(diesel::QueryableByName)]
struct ForeignKey {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = BigInt)]
    indexed: i64,
}

/// Foreign keys with the number of whole indexes that begin with their column.
const FOREIGN_KEYS: &str = "SELECT t.name AS table_name, f.\"from\" AS column_name, (SELECT count(*) FROM pragma_index_list(t.name) i \
     JOIN pragma_index_info(i.name) c WHERE c.seqno = 0 AND c.name = f.\"from\" AND i.partial = 0) AS indexed \
     FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table' ORDER BY 1, 2";

/// What a scan writes and what they point at is never removed, and nobody looks for scans this way: an index would only
/// make every scan dearer.
const WRITTEN_BY_SCANS: [&str; 2] = ["scans.badge_id", "scans.checkpoint_id"];

fn unindexed(db: &mut Db) -> Vec<String> {
    let keys: Vec<ForeignKey> = on_either!(db, connection => diesel::sql_query(FOREIGN_KEYS).load(connection)).expect("the foreign keys");
    assert!(!keys.is_empty());
    let unindexed = keys.into_iter().filter(|key| key.indexed == 0).map(|key| format!("{}.{}", key.table_name, key.column_name));
    unindexed.filter(|key| !WRITTEN_BY_SCANS.contains(&key.as_str())).collect()
}

#[test]
fn every_foreign_key_is_indexed() {
    let database = Database::new(Kind::Sqlite);
    let mut db = database.open();
    nothing_breaks("Every foreign key is the first column of an index that covers all rows.", unindexed(&mut db));
    let breach = "CREATE TABLE breach (id TEXT PRIMARY KEY, event_id TEXT REFERENCES events (id)); \
        CREATE INDEX breach_some ON breach (event_id) WHERE id = '1'";
    diesel::connection::SimpleConnection::batch_execute(&mut db, breach).expect("a table that breaks the rule");
    assert_eq!(unindexed(&mut db), ["breach.event_id"]);
}

/// Table to columns, each `name nullable?`, as schema.rs tells diesel.
fn told_to_diesel() -> BTreeMap<String, BTreeSet<String>> {
    let schema = sources().iter().find(|source| source.path == "db/schema.rs").expect("schema.rs");
    let mut tables = BTreeMap::new();
    for part in schema.text.split("diesel::table! {").skip(1) {
        let name = part.split_whitespace().next().unwrap_or_default().to_owned();
        let columns = part.split_once(" {").map_or("", |(_, rest)| rest).split_once('}').map_or("", |(inside, _)| inside);
        let columns = columns.lines().filter_map(|line| line.trim().trim_end_matches(',').split_once(" -> "));
        tables.insert(name, columns.map(|(column, kind)| format!("{column} {}", kind.starts_with("Nullable"))).collect());
    }
    tables
}

/// Table to columns, each `name nullable?`, as the database has them; of a view it does not know what is nullable.
fn there(db: &mut Db, kind: &str) -> BTreeMap<String, BTreeSet<String>> {
    let sql = format!(
        "SELECT t.name || ' ' || c.name || ' ' || CASE WHEN c.\"notnull\" THEN 'false' ELSE 'true' END AS line FROM sqlite_master t \
         JOIN pragma_table_info(t.name) c WHERE t.type = '{kind}' AND t.name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND t.name NOT LIKE 'sqlite%'"
    );
    let mut there: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in lines(db, &sql) {
        let (table, column) = line.split_once(' ').expect("a table and a column");
        there.entry(table.to_owned()).or_default().insert(column.to_owned());
    }
    there
}

#[test]
fn the_schema_that_diesel_is_told_is_the_one_that_is_there() {
    let database = Database::new(Kind::Sqlite);
    let mut db = database.open();
    let (tables, views) = (there(&mut db, "table"), there(&mut db, "view"));
    let (told_views, told_tables): (BTreeMap<_, _>, BTreeMap<_, _>) =
        told_to_diesel().into_iter().partition(|(name, _)| views.contains_key(name));
    assert_eq!(told_tables, tables);
    let names = |columns: &BTreeSet<String>| columns.iter().filter_map(|column| Some(column.split_once(' ')?.0.to_owned())).collect();
    let names_of = |all: &BTreeMap<String, BTreeSet<String>>| -> BTreeMap<String, BTreeSet<String>> {
        all.iter().map(|(name, columns)| (name.clone(), names(columns))).collect()
    };
    assert_eq!(names_of(&told_views), names_of(&views));
}
