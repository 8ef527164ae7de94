//! Who writes which table: one module each, and audit entries are never touched again.

use super::nothing_breaks;
use crate::support::source::{Source, Token, sources};
use std::collections::{BTreeMap, BTreeSet};

/// One statement that writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    pub verb: String,
    pub table: String,
    place: String,
    module: String,
    /// Which token of its file it begins at.
    pub at: usize,
}

/// Every insert, update and delete of a file. A statement whose table cannot be seen is named with the table `?`.
pub fn writes(source: &Source) -> Vec<Write> {
    let mut found = Vec::new();
    for (index, window) in source.tokens.windows(2).enumerate() {
        let verb = window[0].text.as_str();
        let is_verb = ["insert_into", "update", "delete"].contains(&verb) && window[1].text == "(" && !window[0].is_string;
        let before: Vec<&str> = source.tokens[index.saturating_sub(2)..index].iter().map(|token| token.text.as_str()).collect();
        if !is_verb || before != ["diesel", "::"] {
            continue;
        }
        let table = table_of(&source.tokens, index + 2).unwrap_or_else(|| "?".to_owned());
        let place = format!("src/{}:{}", source.path, window[0].line);
        found.push(Write { verb: verb.to_owned(), table, place, module: source.module().to_owned(), at: index });
    }
    found
}

/// The table named at this place: `letters::table…`, or a variable that was made from one in the same file above.
fn table_of(tokens: &[Token], at: usize) -> Option<String> {
    let text = |index: usize| tokens.get(index).map(|token| token.text.as_str());
    if text(at + 1) == Some("::") && text(at + 2) == Some("table") {
        return text(at).map(str::to_owned);
    }
    let variable = text(at)?;
    let made = (0..at).rev().find(|index| {
        text(*index) == Some("let")
            && (text(index + 1) == Some(variable) || (text(index + 1) == Some("mut") && text(index + 2) == Some(variable)))
    })?;
    let table = (made..at).find(|index| text(*index) == Some("table") && text(index - 1) == Some("::"))?;
    text(table - 2).map(str::to_owned)
}

fn all_writes() -> Vec<Write> {
    sources().iter().flat_map(writes).collect()
}

fn shared(writes: &[Write]) -> Vec<String> {
    let mut modules: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for write in writes {
        modules.entry(&write.table).or_default().insert(&write.module);
    }
    let shared = modules.into_iter().filter(|(table, modules)| modules.len() > 1 || *table == "?");
    shared
        .flat_map(|(table, modules)| {
            let places = writes.iter().filter(|write| write.table == table).map(|write| write.place.as_str());
            vec![format!("{table} is written by {modules:?}: {}", places.collect::<Vec<_>>().join(", "))]
        })
        .collect()
}

#[test]
fn a_table_is_written_by_one_module() {
    let writes = all_writes();
    assert!(writes.len() > 30, "only {} writes were found", writes.len());
    nothing_breaks("A module's tables are written by that module alone, and every write shows its table.", shared(&writes));
    let mut breach = writes;
    breach.extend(self::writes(&Source::of("desk/x.rs", "fn f() { diesel::delete(enrollments::table.find(id)).execute(db) }")));
    assert_eq!(shared(&breach).len(), 1);
    let hidden = self::writes(&Source::of("desk/x.rs", "fn f(rows: R) { diesel::delete(rows).execute(db) }"));
    assert_eq!(hidden[0].table, "?");
    let by_name = self::writes(&Source::of("mail/x.rs", "fn f() { let old = letters::table.filter(x); diesel::delete(old) }"));
    assert_eq!(by_name[0].table, "letters");
}

#[test]
fn modules_that_only_read_write_nothing() {
    let reading = |write: &Write| super::READING_MODULES.contains(&write.module.as_str());
    let writes = all_writes();
    nothing_breaks("The desk and the portal own no tables.", writes.into_iter().filter(reading).map(|write| write.place).collect());
}

/// The tables that the audit trail and attendance are read from.
const TRAIL: [&str; 4] = ["audit_entries", "scans", "marks_by_hand", "voided_marks"];

fn touched_again(writes: &[Write]) -> Vec<String> {
    let again = writes.iter().filter(|write| TRAIL.contains(&write.table.as_str()) && write.verb != "insert_into");
    again.map(|write| write.place.clone()).collect()
}

#[test]
fn what_the_audit_trail_is_read_from_is_never_changed_or_removed() {
    let writes = all_writes();
    assert!(TRAIL.iter().all(|table| writes.iter().any(|write| write.table == *table)));
    nothing_breaks("Audit entries and scans are written once (ACC-4).", touched_again(&writes));
    let breach = self::writes(&Source::of("audit/x.rs", "fn f() { diesel::delete(audit_entries::table).execute(db) }"));
    assert_eq!(touched_again(&breach).len(), 1);
    let breach = self::writes(&Source::of("checkin/x.rs", "fn f() { diesel::update(scans::table.find(id)).set(x).execute(db) }"));
    assert_eq!(touched_again(&breach).len(), 1);
}

/// Who writes by statements in text, and why.
const IN_TEXT: [(&str, &str); 2] = [
    ("backup/postgres.rs", "a backup's rows go back into the tables of its own schema, older than those that the compiler knows"),
    ("checkin/moved.rs", "diesel prepares each of its updates again, which takes longer than this one"),
];

/// Statements in text go past the compiler and past these rules.
fn raw_statements(source: &Source) -> Vec<String> {
    if IN_TEXT.iter().any(|(path, _)| source.path == *path) {
        return Vec::new();
    }
    let starts = ["INSERT ", "UPDATE ", "DELETE ", "DROP ", "ALTER ", "TRUNCATE "];
    let is_statement = |token: &&Token| token.is_string && starts.iter().any(|start| token.text.trim_start_matches('"').starts_with(start));
    source.tokens.iter().filter(is_statement).map(|token| format!("src/{}:{}", source.path, token.line)).collect()
}

#[test]
fn nothing_is_written_by_statements_in_text() {
    nothing_breaks("Writes are diesel's, not text.", sources().iter().flat_map(raw_statements).collect());
    assert_eq!(raw_statements(&Source::of("x.rs", "fn f() { sql_query(\"DELETE FROM jobs\") }")).len(), 1);
}
