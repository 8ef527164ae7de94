//! The rules of the house (docs/ARCHITECTURE.md) as tests on the source tree. Each rule is also tried on
//! a piece of code that breaks it, since a rule that cannot fail keeps nothing.

mod audit_of_changes;
mod imports;
mod pages;
mod schema;
mod shape;
mod writes;

use crate::support::source::Source;

/// Modules that are doors as a whole: they may use every other, and nothing but doors uses them.
const DOOR_MODULES: [&str; 11] = ["portal", "desk", "http", "routes", "timetable", "node", "openapi", "demo", "cli", "main", "lib"];

/// Files of door modules that read the database themselves.
const READS_IN_DOORS: [&str; 1] = ["queries"];

/// Whether a file is a door: it parses, authorizes, calls one verb and renders.
fn is_door(source: &Source) -> bool {
    let name = source.name();
    let is_named_so = ["pages", "admin", "api"].iter().any(|door| name == *door || name.ends_with(&format!("_{door}")));
    let in_folder = source.path.split('/').rev().skip(1).any(|folder| ["pages", "admin", "api"].contains(&folder));
    is_named_so || in_folder || (DOOR_MODULES.contains(&source.module()) && !READS_IN_DOORS.contains(&name))
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
