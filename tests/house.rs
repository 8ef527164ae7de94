//! The rules of the house (docs/ARCHITECTURE.md) as tests on the source tree. Each rule is also tried on
//! a piece of code that breaks it, since a rule that cannot fail keeps nothing.

mod audit_of_changes;
mod imports;
mod pages;
mod rules_page;
mod schema;
mod shape;
mod writes;

use crate::support::source::Source;

/// Modules that are doors as a whole: they may use every other, and nothing but doors uses them.
const DOOR_MODULES: [&str; 9] = ["http", "routes", "timetable", "node", "openapi", "demo", "cli", "main", "lib"];

/// Modules without tables of their own: beside their doors stand reads across everybody's tables.
const READING_MODULES: [&str; 4] = ["portal", "desk", "live", "pickup"];

/// Files of door modules that are none, and why.
const NO_DOORS: [(&str, &str); 1] = [("demo/mark.rs", "keeps the demo's own mark in the table of the installation")];

/// Whether a file is a door: it parses, authorizes, calls one verb and renders.
fn is_door(source: &Source) -> bool {
    let name = source.name();
    let is_named_so = ["pages", "admin", "api"].iter().any(|door| name == *door || name.ends_with(&format!("_{door}")));
    let in_folder = source.path.split('/').rev().skip(1).any(|folder| ["pages", "admin", "api"].contains(&folder));
    let is_whole = DOOR_MODULES.contains(&source.module()) && !NO_DOORS.iter().any(|(path, _)| source.path == *path);
    is_named_so || in_folder || is_whole
}

/// The modules of lib.rs in their order.
fn modules() -> Vec<String> {
    let lib = std::fs::read_to_string(crate::support::source::root().join("src/lib.rs")).expect("src/lib.rs");
    lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).map(str::to_owned).collect()
}

/// Fails with every breach, one a line.
#[track_caller]
fn nothing_breaks(rule: &str, breaches: Vec<String>) {
    assert!(breaches.is_empty(), "{rule}\n{}", breaches.join("\n"));
}
