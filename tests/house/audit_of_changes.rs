//! Every verb that changes something leaves an audit entry in the same transaction (ACC-4).

use super::nothing_breaks;
use super::writes::writes;
use crate::support::source::{Source, Token, item_end, sources};

/// Tables whose rows are no change by anyone, and why.
const NOT_AUDITED: &[(&str, &str)] = &[
    ("room_counts", "how many are inside now, derived from attendance marks"),
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
    ("webinar_letters", "that somebody was sent their link, which the letter tells too"),
    ("claim_reminders", "that somebody was reminded, which the letter tells too"),
    ("detail_requests", "that somebody was asked for details, which the letter tells too"),
    ("certificate_run_people", "how far a run is; each certificate has an entry of its own"),
    ("status_lists", "room for Open Badges, each of which has an entry of its own"),
    ("evaluation_drafts", "what somebody typed and did not submit"),
    ("presences", "who is inside now, derived from attendance marks"),
    ("device_reports", "what a phone last said of itself"),
    ("upload_parts", "pieces of an upload, whose end is recorded"),
    ("object_removals", "objects that wait to be thrown away; what was removed is recorded"),
    ("recording_letters", "that somebody was told, which the letter tells too"),
    ("recording_views", "a bookmark of who watches, which nobody else sees"),
    ("scans", "append-only, each an entry of the audit trail itself"),
];

/// Functions whose entry is written by their callers, or that need none, and why.
const EXCUSED: &[(&str, &str)] = &[
    ("registration/correction.rs: refresh_search_keys", "derived from names whose correction is audited by who calls it"),
    ("people/mod.rs: find_or_add", "the registration that brings the person is recorded"),
    ("people/correction.rs: correct", "the correction of the registration is recorded by who calls"),
    ("registration/mod.rs: add", "the order that brings the registration records it"),
    ("devices/pairing.rs: retire", "what takes the place of the codes, or revokes the device, is recorded"),
    ("devices/pairing.rs: forget_expired", "what is over opens nothing any more"),
    ("pssm/mod.rs: seed", "the words as they came, which nobody changed"),
    ("uploads/mod.rs: open", "how far an upload is; its end is recorded"),
    ("uploads/mod.rs: keep_part", "how far an upload is; its end is recorded"),
    ("staff/links.rs: use_link", "what the link was used for is recorded"),
    ("staff/links.rs: retire", "what takes the place of the links is recorded"),
    ("staff/links.rs: forget_expired", "what is over opens nothing any more"),
    ("staff/links.rs: forget_links", "the demo's own sign-in links, at its start"),
];

struct Function {
    name: String,
    line: usize,
    /// Which tokens of the file it is.
    from: usize,
    to: usize,
}

fn functions(source: &Source) -> Vec<Function> {
    let mut functions = Vec::new();
    for (index, pair) in source.tokens.windows(2).enumerate() {
        if pair[0].text == "fn" && !pair[0].is_string {
            let to = item_end(&source.tokens, index);
            functions.push(Function { name: pair[1].text.clone(), line: pair[0].line, from: index, to });
        }
    }
    functions
}

fn names<'a>(source: &'a Source, function: &Function) -> impl Iterator<Item = &'a Token> {
    source.tokens[function.from + 2..function.to].iter().filter(|token| !token.is_string)
}

fn records(source: &Source, function: &Function) -> bool {
    names(source, function).any(|token| token.text == "Entry")
}

/// Functions that change something, where neither they, nor what they call or are called by in the same file, record it.
fn silent(source: &Source) -> Vec<String> {
    let functions = functions(source);
    let calls =
        |caller: &Function, called: &Function| caller.name != called.name && names(source, caller).any(|token| token.text == called.name);
    let is_covered = |function: &Function| {
        let neighbors = functions.iter().filter(|other| calls(function, other) || calls(other, function));
        records(source, function) || neighbors.into_iter().any(|other| records(source, other))
    };
    let is_audited = |table: &str| !NOT_AUDITED.iter().any(|(known, _)| *known == table);
    let writes = writes(source);
    let changes = |function: &Function| {
        let mut inside = writes.iter().filter(|write| (function.from..function.to).contains(&write.at));
        // To hold a row is to set a column to itself.
        !function.name.starts_with("hold") && inside.any(|write| is_audited(&write.table))
    };
    let silent = functions.iter().filter(|function| changes(function) && !is_covered(function));
    silent.map(|function| format!("src/{}: {} (line {})", source.path, function.name, function.line)).collect()
}

#[test]
fn every_change_leaves_an_audit_entry() {
    let is_excused = |found: &String| EXCUSED.iter().any(|(function, _)| found.starts_with(&format!("src/{function} ")));
    let found = sources().iter().flat_map(silent).filter(|found| !is_excused(found)).collect();
    nothing_breaks("Every change leaves an audit entry in the same transaction (ACC-4).", found);
    let breach = Source::of("x/mod.rs", "fn f(tx: &mut Tx) { diesel::delete(rooms::table.find(id)).execute(tx.db) }");
    assert_eq!(silent(&breach).len(), 1);
}
