//! How the cost of a scan grows with the number of badges: the same people at the same door, among ever more others.

use std::fmt::Write;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use lanyard::badges::rules;
use lanyard::on_either;

use crate::server::Server;

/// So many rows go into one statement.
const AT_ONCE: usize = 500;

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

/// Fills the database up to so many badges, copies of one registration's, and gives the tokens of some of the new ones,
/// spread over all.
pub fn fill(server: &Server, badges: usize, wanted: usize) -> Vec<String> {
    let mut db = server.open();
    let text = |db: &mut lanyard::db::Db, sql: &str| {
        let row: Word = on_either!(db, connection => diesel::sql_query(sql).get_result(connection)).expect("a word");
        row.word
    };
    let model = text(&mut db, "SELECT max(id) AS word FROM registrations WHERE given_name = 'Load'");
    let tag_key = text(&mut db, "SELECT tag_key AS word FROM events WHERE slug = 'congress-2026'");
    let there = usize::try_from(server.count("badges")).expect("a count");
    let mut tokens = Vec::with_capacity(wanted);
    for begin in (there..badges).step_by(AT_ONCE) {
        let end = badges.min(begin + AT_ONCE);
        db.batch_execute(&rows(begin, end, &model)).expect("rows of a crowd");
        let step = ((badges - there) / wanted).max(1);
        tokens.extend((begin..end).filter(|index| index % step == 0).map(|index| rules::token(&number(index), &tag_key).expect("a token")));
    }
    // PostgreSQL gathers its statistics by itself, only later; SQLite's planner has none in service.
    if matches!(db, lanyard::db::Db::Postgres(_)) {
        db.batch_execute("ANALYZE").expect("statistics");
    }
    tokens
}

/// Scattered over all numbers, as random ones are, and another for every index.
fn number(index: usize) -> String {
    let scattered = (index as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
    format!("{scattered:032x}")
}

fn rows(begin: usize, end: usize, model: &str) -> String {
    let mut sql = String::from("BEGIN;");
    let copied = "event_id, order_id, person_id, registration_type_id, status, given_name, family_name, badge_name, certificate_name, \
        credentials, profession, organization, hospital_id, dietary, accommodation, represents, sponsors_opt_in, search_key, created_at";
    let each = format!("WITH RECURSIVE numbers (n) AS (SELECT {begin} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {end})");
    write!(
        sql,
        "INSERT INTO registrations (id, code, {copied}) {each} SELECT 'crowd-' || n, 'CROWD-' || n, {copied} FROM registrations, numbers \
         WHERE registrations.id = '{model}';"
    )
    .expect("text");
    sql.push_str("INSERT INTO badges (id, registration_id, number, created_at) VALUES ");
    for index in begin..end {
        let comma = if index == begin { "" } else { "," };
        write!(sql, "{comma}('crowd-{index}', 'crowd-{index}', '{}', '2026-01-02 10:00:00')", number(index)).expect("text");
    }
    sql.push_str(";COMMIT;");
    sql
}
