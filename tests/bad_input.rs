//! What a door is shown that is no good: each kind has an answer of its own, said clearly (BDG-1, CHK-1, CHK-4).

use std::collections::BTreeSet;

use diesel::prelude::*;
use lanyard::badges::{self, rules};
use lanyard::checkin::collisions::{self, Filter};
use lanyard::clock::Clock;
use lanyard::db::schema::scans;
use lanyard::events::Event;
use lanyard::staff::Role;
use serde_json::{Value, json};

use crate::checkin::{ask, badge, body, inside};
use crate::door_mode::{a_guest, a_morning};
use crate::offline_door::{paired_phone, tell, wait_for_state};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::a_congress;
use crate::support::visitor::Api;

/// The number inside a genuine code.
fn number(event: &Event, token: &str) -> String {
    match rules::read(token, &event.tag_key) {
        rules::Read::Ours(number) => number,
        other => panic!("{other:?}"),
    }
}

/// A badge of another event, whose registration stands.
fn badge_of_another_event(app: &TestApp) -> String {
    let other = a_congress().event("slug = 'other-days'\nname = 'Other Days'").make(app);
    let someone = crate::support::builders::a_registration(&other).make(app);
    badge(app, &someone)
}

async fn told(api: &Api, scan: Value) -> (String, String) {
    let told = ask(api, scan).await;
    (told["outcome"].as_str().unwrap().to_owned(), told["message"].as_str().unwrap().to_owned())
}

on_both! {
    async fn each_kind_of_bad_input_has_an_answer_of_its_own(app) {
        let event = a_morning(app, a_congress());
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let (ada, genuine) = a_guest(app, &event, "Ada", &["B1"]);
        let (bo, old) = a_guest(app, &event, "Bo", &["B1"]);
        app.must(move |tx| badges::replace(tx, &bo.id, "lost"));
        let forged = rules::token(&number(&event, &genuine), &"12".repeat(32)).unwrap();
        let invented = rules::token(&"ab".repeat(16), &event.tag_key).unwrap();
        let elsewhere = badge_of_another_event(app);
        let strange: [(&str, &str, &str); 8] = [
            ("https://menu.example/today", "unknown", "This code is not from one of our badges. Ask for the badge with the name on it."),
            ("4006381333931", "unknown", "This code is not from one of our badges. Ask for the badge with the name on it."),
            (&genuine[..40], "unknown", "Only a part of the code could be read. Smooth the badge and scan again, or find the person by name."),
            (&format!("{genuine}A"), "unknown", "Only a part of the code could be read. Smooth the badge and scan again, or find the person by name."),
            (&forged, "unknown", "This code was not made by us. Do not let it pass; send the person to the registration desk."),
            (&invented, "unknown", "The code is genuine, but no such badge is known here. Send the person to the registration desk."),
            (&elsewhere, "wrong_event", "This badge is for another event. Ask for the badge of Patient Safety Congress 2026."),
            (&old, "revoked", "This badge was replaced by a new one. Ask for the new badge, or send the person to the desk."),
        ];
        let mut messages = BTreeSet::new();
        for (token, outcome, message) in strange {
            assert_eq!(told(&api, body("door-B1", token)).await, (outcome.to_owned(), message.to_owned()), "{token}");
            messages.insert(message);
        }
        assert_eq!(messages.len(), 6, "foreign, damaged, forged, invented, of another event, revoked");
        assert_eq!(inside(app), (0, 0), "nobody came in with any of them");
        assert_eq!(told(&api, body("door-B1", &genuine)).await.0, "admitted");
        assert_eq!(told(&api, body("door-B1", &badge(app, &ada))).await.0, "already_in");
    }

    async fn a_clock_a_day_off_in_either_direction_is_said_and_the_scan_counts(app) {
        let event = a_morning(app, a_congress());
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let wrong = "This device's clock is wrong; the time of our server was kept. Set the clock.";
        let old = "This scan is hours old; if that is not so, set this device's clock.";
        // A device that tells its clock's offset is corrected and has nothing to be told.
        let cases: [(&str, i64, bool, Option<&str>); 6] = [
            ("2026-03-10T10:15:00-07:00", 0, false, Some(wrong)),
            ("2026-03-08T10:15:00-07:00", 0, false, Some(wrong)),
            ("2026-03-10T10:15:00-07:00", 0, true, Some(wrong)),
            ("2026-03-08T10:15:00-07:00", 0, true, Some(old)),
            ("2026-03-10T10:15:00-07:00", -86_400_000, false, None),
            ("2026-03-08T10:15:00-07:00", 86_400_000, true, None),
        ];
        for (index, (scanned_at, clock_offset_ms, offline, doubt)) in cases.into_iter().enumerate() {
            let (_, token) = a_guest(app, &event, &format!("Ada{index}"), &["B1"]);
            let mut scan = body("door-B1", &token);
            scan["scanned_at"] = json!(scanned_at);
            scan["clock_offset_ms"] = json!(clock_offset_ms);
            scan["offline"] = json!(offline);
            let (outcome, message) = told(&api, scan).await;
            let is_told = doubt.is_none_or(|doubt| message.ends_with(doubt)) && doubt.is_some() == message.contains("clock");
            assert!(is_told, "{index}: {message}");
            // At its own time, yesterday, the door was closed; every other scan happened now.
            assert_eq!(outcome, if doubt == Some(old) { "outside_window" } else { "admitted" }, "{index}");
        }
    }

    async fn one_badge_at_two_devices_is_one_person_and_staff_hear_of_it(app) {
        let event = a_morning(app, a_congress());
        let (first, second) = (app.api_of(Role::Onsite, Some(event.id.clone())).await, app.api_of(Role::Onsite, Some(event.id.clone())).await);
        let (_, token) = a_guest(app, &event, "Ada", &["B1"]);
        // The same scan from two devices (a copied queue) is one scan; the same badge scanned twice is "already in".
        let scan = body("door-B1", &token);
        let answer = ask(&first, scan.clone()).await;
        assert_eq!(ask(&second, scan).await, answer);
        let (outcome, message) = told(&second, body("door-B1", &token)).await;
        assert_eq!(outcome, "already_in");
        assert!(message.contains("the way out was not scanned"), "{message}");
        assert_eq!((inside(app), app.look(|db| Ok(scans::table.count().get_result::<i64>(db)?))), ((1, 1), 2));
        // Offline, each let the badge in at its own door: both scans stand, and staff see that it cannot be.
        let mut apart = body("door-B3", &token);
        (apart["offline"], apart["decided"], apart["scanned_at"]) = (json!(true), json!("admitted"), json!("2026-03-09T10:15:00-07:00"));
        ask(&second, apart).await;
        let found = app.look(|db| collisions::list(db, &event.id, &Filter::default(), 10));
        assert!(found.iter().any(|one| one.collision.kind.as_str() == "two_places"), "{}", found.len());
        // An id that was used for another badge is the device's mistake, and said to be.
        let mut mixed = body("door-B1", &a_guest(app, &event, "Bo", &["B1"]).1);
        mixed["id"] = answer["id"].clone();
        assert_eq!(second.post("/scans", mixed).await.expect(409).code(), "checkin.scan_id_used");
    }
}

#[test]
fn a_phone_whose_clock_is_wrong_says_so_at_the_door() {
    tell(async |app, wire| {
        // The browser's clock is the machine's, so ours is put beside it.
        let cases =
            [(-24, "clock is 1 day ahead. Scans are kept with the right time; set the clock."), (24, "clock is 1 day behind."), (0, "")];
        for (hours, words) in cases {
            app.clock.set(Clock::system().now().plus(chrono::Duration::hours(hours)));
            if hours == -24 {
                a_congress().make(app);
            }
            let phone = paired_phone(app, wire, false).await;
            wait_for_state(&phone, "document.body.dataset.roster", "kept").await;
            wait_for_state(&phone, "document.getElementById('clock').hidden", if words.is_empty() { "true" } else { "false" }).await;
            let shown = phone.text().await;
            assert_eq!(shown.contains("This device’s clock"), !words.is_empty(), "{shown}");
            assert!(shown.contains(words), "{words:?} is not in:\n{shown}");
            phone.close().await;
        }
    });
}
