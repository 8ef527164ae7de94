//! The table of cases, held by the browser's copy of the decision too (tests/data/door_cases.json).

use serde_json::{Map, Value, json};

use super::*;

fn at(text: &str) -> Instant {
    Instant::parse(&format!("2026-03-09T{text}:00-07:00")).unwrap()
}

fn table() -> Value {
    serde_json::from_str(include_str!("../../../tests/data/door_cases.json")).unwrap()
}

/// The named thing it is `like`, with its own fields put in.
fn whole(named: &Value, given: &Value) -> Value {
    let mut fields = match given["like"].as_str() {
        Some(name) => named[name].as_object().unwrap_or_else(|| panic!("nothing is called {name}")).clone(),
        None => Map::new(),
    };
    fields.extend(given.as_object().unwrap().clone());
    fields.remove("like");
    Value::Object(fields)
}

fn asked_of(table: &Value, case: &Value) -> Decision {
    let place: Place = serde_json::from_value(whole(&table["places"], &case["place"])).unwrap();
    let seen: Seen = serde_json::from_value(whole(&table["seen"], &case["seen"])).unwrap();
    let asked: Asked = serde_json::from_value(case["asked"].clone()).unwrap();
    decide(&place, &seen, &asked)
}

#[test]
fn every_situation_at_a_door_has_its_answer() {
    let table = table();
    let mut others = Vec::new();
    for case in table["cases"].as_array().unwrap() {
        let told = asked_of(&table, case);
        let actual = json!({
            "outcome": told.outcome, "tone": told.tone, "word": told.word, "lets_pass": told.lets_pass,
            "mark": told.mark, "takes_seat": told.takes_seat, "message": told.message,
            "may_be_overridden": may_be_overridden(told.outcome, told.lets_pass, &told.message),
        });
        if actual != case["expected"] {
            others.push(json!({ "case": case["case"], "actual": actual }).to_string());
        }
    }
    assert!(others.is_empty(), "answered otherwise than the table says:\n{}", others.join("\n"));
}

#[test]
fn an_override_is_offered_where_it_changes_the_answer_and_nowhere_else() {
    let table = table();
    for case in table["cases"].as_array().unwrap().iter().filter(|case| case["asked"]["is_overridden"] == false) {
        let told = asked_of(&table, case);
        let mut overridden = case.clone();
        overridden["asked"]["is_overridden"] = json!(true);
        let changed = asked_of(&table, &overridden);
        assert_eq!(may_be_overridden(told.outcome, told.lets_pass, &told.message), changed != told, "{}", case["case"]);
        assert!(changed == told || changed.lets_pass, "{}", case["case"]);
    }
}

#[test]
fn whoever_is_let_in_is_told_so_and_whoever_takes_a_seat_is_let_in() {
    let table = table();
    for case in table["cases"].as_array().unwrap() {
        let (told, name) = (asked_of(&table, case), &case["case"]);
        assert!(told.message.ends_with('.') && told.message.len() > 6, "{name}");
        assert!(told.lets_pass || (told.mark.is_none() && !told.takes_seat), "{name}");
        assert_eq!(told.tone == Tone::No, !told.lets_pass && told.tone != Tone::Wait, "{name}");
        assert!(told.lets_pass || told.outcome != Outcome::Admitted, "{name}");
    }
}

#[test]
fn forged_damaged_foreign_and_missing_codes_each_have_their_own_message() {
    let table = table();
    let unknown = table["cases"].as_array().unwrap().iter().filter(|case| case["expected"]["outcome"] == "unknown");
    let messages: std::collections::BTreeSet<&str> = unknown.map(|case| case["expected"]["message"].as_str().unwrap()).collect();
    assert_eq!(messages.len(), 4);
}

#[test]
fn a_clock_that_is_a_day_off_does_not_move_the_scan() {
    let now = at("10:30");
    let day = Duration::days(1);
    assert_eq!(time_of_scan(None, 0, now, false), (now, None));
    assert_eq!(time_of_scan(Some(at("10:20")), 0, now, false), (at("10:20"), None));
    assert_eq!(time_of_scan(Some(at("10:20")), 300_000, now, false), (at("10:25"), None));
    assert_eq!(time_of_scan(Some(at("10:31")), 0, now, false), (now, None));
    for (sent, offline) in [(now.plus(day), false), (now.plus(day), true), (now.minus(day), false)] {
        let (kept, doubt) = time_of_scan(Some(sent), 0, now, offline);
        assert_eq!(kept, now);
        assert!(doubt.is_some());
    }
    let (kept, doubt) = time_of_scan(Some(now.minus(day)), 0, now, true);
    assert_eq!(kept, now.minus(day));
    assert!(doubt.is_some());
    assert_eq!(time_of_scan(Some(now.minus(day)), 86_400_000, now, false), (now, None));
}
