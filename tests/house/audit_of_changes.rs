//! Every verb that changes something leaves an audit entry in the same transaction (ACC-4).

use super::nothing_breaks;
use crate::support::source::{Source, Token, files, item_end};
use std::collections::BTreeSet;

/// Tables whose rows are no change by anyone, and why.
const NOT_AUDITED: [(&str, &str); 13] = [
    ("audit_entries", "the entries themselves"),
    ("audit_values", "what entries refer to"),
    ("jobs", "work of the service, which leaves its own entries"),
    ("letters", "a letter's own state, which staff and its reader see"),
    ("idempotent_answers", "an answer kept to be given again"),
    ("installation", "marks of the installation itself"),
    ("attendee_sign_ins", "the sign-in is audited as the person's"),
    ("mailed_codes", "a code that proves nothing until it is used"),
    ("staff_sign_ins", "the sign-in is audited as the staff member's"),
    ("drafts", "what somebody typed and did not send"),
    ("presences", "who is inside now, derived from attendance marks"),
    ("attendance_marks", "append-only, each with its actor and reason"),
    ("scans", "append-only, each with its actor and answer"),
];

struct Function {
    name: String,
    line: usize,
    tokens: Vec<Token>,
}

fn functions(source: &Source) -> Vec<Function> {
    let mut functions = Vec::new();
    for (index, pair) in source.tokens.windows(2).enumerate() {
        if pair[0].text == "fn" && !pair[0].is_string {
            let tokens = source.tokens[index..item_end(&source.tokens, index)].to_vec();
            functions.push(Function { name: pair[1].text.clone(), line: pair[0].line, tokens });
        }
    }
    functions
}

impl Function {
    fn says(&self, words: &[&str]) -> bool {
        self.tokens.windows(words.len()).any(|window| window.iter().zip(words).all(|(token, word)| token.text == *word))
    }

    /// Writes a table that is audited; holding a row (setting a column to itself) is no write.
    fn changes(&self) -> bool {
        let write = |window: &[Token]| {
            let is_write = window[0].text == "diesel" && ["insert_into", "update", "delete"].contains(&window[2].text.as_str());
            let table = window[4].text.as_str();
            is_write && !NOT_AUDITED.iter().any(|(known, _)| *known == table)
        };
        let names_unaudited = || NOT_AUDITED.iter().any(|(table, _)| self.says(&[table, "::", "table"]));
        let holds = self.name.starts_with("hold");
        let found = self.tokens.windows(5).any(|window| {
            write(window) && !(window[4].text != "?" && window[4].text.len() > 1 && self.is_local(&window[4].text) && names_unaudited())
        });
        found && !holds
    }

    fn is_local(&self, name: &str) -> bool {
        self.says(&["let", name])
    }

    fn records(&self) -> bool {
        self.says(&["Entry", "::", "of"]) || self.tokens.iter().any(|token| token.text.starts_with("record"))
    }
}

/// Functions that change something without an entry, in themselves or in a function of the same file that calls them.
fn silent(source: &Source) -> Vec<String> {
    let functions = functions(source);
    let recording: BTreeSet<&str> = functions.iter().filter(|one| one.records()).map(|one| one.name.as_str()).collect();
    let is_covered = |function: &Function| {
        function.records()
            || function.tokens.iter().any(|token| recording.contains(token.text.as_str()) && token.text != function.name)
            || functions.iter().any(|caller| caller.records() && caller.name != function.name && caller.says(&[&function.name, "("]))
    };
    let silent = functions.iter().filter(|function| function.changes() && !is_covered(function));
    silent.map(|function| format!("src/{}:{}: {}", source.path, function.line, function.name)).collect()
}

/// Functions whose entry is written by their callers in other files, and by whom.
const RECORDED_ELSEWHERE: [(&str, &str); 0] = [];

#[test]
fn every_change_leaves_an_audit_entry() {
    let found: Vec<String> = files("src").iter().flat_map(silent).collect();
    let unexcused = found.into_iter().filter(|one| !RECORDED_ELSEWHERE.iter().any(|(function, _)| one.ends_with(&format!(": {function}"))));
    nothing_breaks("Every change leaves an audit entry in the same transaction (ACC-4).", unexcused.collect());
    let breach = Source::of("x/mod.rs", "fn f(tx: &mut Tx) { diesel::delete(rooms::table.find(id)).execute(tx.db) }");
    assert_eq!(silent(&breach).len(), 1);
}
