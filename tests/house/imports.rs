//! Who may know whom.

use super::{is_door, modules, nothing_breaks};
use crate::support::source::{Source, files};

/// Macros stand at the crate's root and belong to the module that defines them.
fn module_of(name: &str) -> &str {
    match name {
        "words" => "ids",
        "on_either" => "db",
        other => other,
    }
}

fn out_of_order(source: &Source, order: &[String]) -> Vec<String> {
    let place = |module: &str| order.iter().position(|known| known == module);
    if is_door(source) {
        return Vec::new();
    }
    let Some(own) = place(source.module()) else {
        return vec![format!("src/{}: {} is not in lib.rs", source.path, source.module())];
    };
    let names = source.names_after("crate");
    let later = names.iter().filter(|(name, _)| place(module_of(name)).is_none_or(|other| other > own));
    later.map(|(name, line)| format!("src/{}:{line}: {} uses {name}, which comes later", source.path, source.module())).collect()
}

#[test]
fn a_module_uses_only_modules_above_it() {
    let order = modules();
    let rule = "A module uses only modules above it in lib.rs; what needs more is a door, or belongs further down.";
    nothing_breaks(rule, files("src").iter().flat_map(|source| out_of_order(source, &order)).collect());
    let breach = Source::of("events/rules.rs", "use crate::{clock::Instant, orders::Order};");
    assert_eq!(out_of_order(&breach, &order).len(), 1);
    let group = Source::of("audit/mod.rs", "fn f() { crate::enrollment::enroll() }");
    assert_eq!(out_of_order(&group, &order).len(), 1);
}

fn calls_of_doors(source: &Source) -> Vec<String> {
    if is_door(source) {
        return Vec::new();
    }
    let is_door_name = |name: &str| ["pages", "admin", "api"].iter().any(|door| name == *door || name.ends_with(&format!("_{door}")));
    let mut calls = Vec::new();
    for window in source.tokens.windows(3) {
        let leads_there = window[0].text == "::" && is_door_name(&window[1].text) && window[2].text == "::";
        if leads_there && !window[1].is_string {
            calls.push(format!("src/{}:{}: {}", source.path, window[1].line, window[1].text));
        }
    }
    calls
}

#[test]
fn no_verb_calls_a_door() {
    nothing_breaks("No verb calls a door.", files("src").iter().flat_map(calls_of_doors).collect());
    assert_eq!(calls_of_doors(&Source::of("orders/mod.rs", "fn f() { crate::events::pages::show() }")).len(), 1);
}

fn database_in_doors(source: &Source) -> Vec<String> {
    if !is_door(source) {
        return Vec::new();
    }
    let found = [source.line_of(&["diesel", "::"]), source.line_of(&["db", "::", "schema"]), source.line_of(&["schema", "::", "{"])];
    found.into_iter().flatten().map(|line| format!("src/{}:{line}", source.path)).collect()
}

#[test]
fn doors_never_name_the_tables() {
    nothing_breaks("Doors never name diesel or the schema.", files("src").iter().flat_map(database_in_doors).collect());
    assert_eq!(database_in_doors(&Source::of("events/pages.rs", "use diesel::prelude::*;")).len(), 1);
    assert_eq!(database_in_doors(&Source::of("desk/admin.rs", "use crate::db::schema::events;")).len(), 1);
}

fn impure(source: &Source) -> Vec<String> {
    let is_rules = source.name() == "rules" || source.path.contains("/rules/");
    if !is_rules || source.name() == "tests" {
        return Vec::new();
    }
    let forbidden = ["Db", "diesel", "actix_web", "Clock", "App", "Tx", "schema", "Utc", "SystemTime"];
    let named = source.tokens.iter().filter(|token| !token.is_string && forbidden.contains(&token.text.as_str()));
    named.map(|token| format!("src/{}:{}: {}", source.path, token.line, token.text)).collect()
}

#[test]
fn rules_are_pure() {
    let rule = "rules.rs takes plain values and gives an answer: no database, no actix, no clock.";
    nothing_breaks(rule, files("src").iter().flat_map(impure).collect());
    assert_eq!(impure(&Source::of("events/rules.rs", "fn f(db: &mut Db) {}")).len(), 1);
}

fn actix_outside_doors(source: &Source) -> Vec<String> {
    let knows = source.tokens.iter().find(|token| !token.is_string && token.text.starts_with("actix"));
    knows.filter(|_| !is_door(source)).map(|token| format!("src/{}:{}", source.path, token.line)).into_iter().collect()
}

#[test]
fn only_doors_know_actix() {
    nothing_breaks("Outside the doors nobody knows actix.", files("src").iter().flat_map(actix_outside_doors).collect());
    assert_eq!(actix_outside_doors(&Source::of("orders/mod.rs", "use actix_web::web;")).len(), 1);
}

/// Who reads the time besides the clock, and why that is no breach.
const READS_TIME: [(&str, &str); 1] = [("limits.rs", "limits measure real time between tries, whatever the service's clock says")];

fn reads_of_time(source: &Source) -> Vec<String> {
    if source.path == "clock.rs" || READS_TIME.iter().any(|(path, _)| source.path == *path) {
        return Vec::new();
    }
    let ways: [&[&str]; 6] = [
        &["Utc", "::", "now"],
        &["Local", "::", "now"],
        &["SystemTime", "::", "now"],
        &["Instant", "::", "now"],
        &["DefaultClock"],
        &["OffsetDateTime", "::", "now_utc"],
    ];
    ways.iter().filter_map(|way| source.line_of(way)).map(|line| format!("src/{}:{line}", source.path)).collect()
}

#[test]
fn only_the_clock_reads_the_time() {
    nothing_breaks("Only clock.rs reads the time.", files("src").iter().flat_map(reads_of_time).collect());
    assert_eq!(reads_of_time(&Source::of("orders/mod.rs", "fn f() { let now = chrono::Utc::now(); }")).len(), 1);
}

fn reads_of_environment(source: &Source) -> Vec<String> {
    if source.path == "config.rs" || source.module() == "cli" {
        return Vec::new();
    }
    let ways: [&[&str]; 6] =
        [&["env", "::", "var"], &["env", "::", "vars"], &["env", "::", "var_os"], &["env", "::", "vars_os"], &["dotenvy"], &["option_env"]];
    ways.iter().filter_map(|way| source.line_of(way)).map(|line| format!("src/{}:{line}", source.path)).collect()
}

#[test]
fn only_the_configuration_reads_the_environment() {
    nothing_breaks(
        "Only config.rs and the command line read the environment.",
        files("src").iter().flat_map(reads_of_environment).collect(),
    );
    assert_eq!(reads_of_environment(&Source::of("orders/mod.rs", "fn f() { std::env::var(\"X\"); }")).len(), 1);
}
