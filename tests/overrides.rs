//! Letting somebody in against the door's answer: a role, a reason, with and without a script or a network (CHK-2).

use actix_web::http::Method;
use diesel::prelude::*;
use fantoccini::Locator;
use lanyard::checkin::Scan;
use lanyard::db::schema::scans;
use lanyard::devices::{self, NewDevice};
use lanyard::events::Event;
use lanyard::staff::Role;
use serde_json::json;

use crate::checkin::{badge, body, inside};
use crate::door_mode::{a_guest, a_morning};
use crate::offline_door::{congress, kept, paired_phone, scan, tell, token, wait_for_state};
use crate::on_both;
use crate::support::accessibility;
use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_registration};
use crate::support::visitor::Visitor;

const DOOR: &str = "/staff/events/congress-2026/checkpoints/door-B1";
const OFFER: &str = "Let in anyway";

/// Why each of them was let in against the answer, in the order of the scans.
fn reasons(app: &TestApp) -> Vec<Option<String>> {
    app.look(|db| Ok(scans::table.order(scans::id.asc()).select(Scan::as_select()).load(db)?))
        .into_iter()
        .map(|scan: Scan| scan.override_reason)
        .collect()
}

/// A phone that is paired for the door, as a browser without scripts.
async fn phone(app: &TestApp, event: &Event, may_override: bool) -> Visitor {
    let new = NewDevice { name: "Phone 3".to_owned(), doors: vec!["door-B1".to_owned()], every_door: false, may_override, hours: None };
    let event = event.clone();
    let secrets = app.must(move |tx| Ok(devices::create(tx, &event, &new)?.1));
    let phone = app.visitor().await;
    phone.open("/pair").await;
    phone.submit("/pair", &[("code", &secrets.code)]).await.expect(303);
    phone
}

on_both! {
    async fn after_a_refusal_the_door_offers_to_let_in_with_a_reason_and_works_without_a_script(app) {
        let event = a_morning(app, a_congress().seats("B1", 1));
        let _seated = a_guest(app, &event, "Ada", &["B1"]);
        let (_, full) = a_guest(app, &event, "Cy", &[]);
        let (_, waiting) = a_guest(app, &event, "Dee", &["B1"]);
        let desk = app.as_staff_of(Role::Onsite, Some(event.id.clone())).await;
        desk.open(DOOR).await;
        desk.submit("/scans", &[("token", &full)]).await.says("FULL").says(OFFER).says("Support person").says("Another reason");
        let before = reasons(app).len();
        // Neither chosen nor typed: nothing is let in and nothing kept.
        let blank = [("override", "yes"), ("reason", " ")];
        desk.submit("/scans", &blank).await.expect(422).says("An override needs a reason.");
        assert_eq!((reasons(app).len(), inside(app)), (before, (0, 0)));
        desk.open(DOOR).await;
        desk.submit("/scans", &[("token", &full)]).await.says("FULL");
        desk.submit("/scans", &[("override", "yes"), ("choice", "Support person")]).await.expect(200).says("ADMIT").says("Let in by override");
        desk.open(DOOR).await;
        desk.submit("/scans", &[("token", &waiting)]).await.says("WAITING").says(OFFER);
        desk.submit("/scans", &[("override", "yes"), ("reason", "Chair of the session asked")]).await.expect(200).says("ADMIT");
        let kept: Vec<String> = reasons(app).into_iter().flatten().collect();
        assert_eq!(kept.len(), 2);
        assert!(kept.contains(&"Support person".to_owned()) && kept.contains(&"Chair of the session asked".to_owned()), "{kept:?}");
        assert_eq!(inside(app), (2, 2));
    }

    async fn what_is_wrong_with_the_badge_itself_is_not_for_the_door_to_override(app) {
        let event = a_morning(app, a_congress());
        let (ada, old) = a_guest(app, &event, "Ada", &["B1"]);
        let desk = app.as_staff_of(Role::Onsite, Some(event.id.clone())).await;
        let offers = async |token: &str| {
            desk.open(DOOR).await;
            let told = desk.script(Method::POST, &format!("{DOOR}/scans"), &body("door-B1", token)).await.expect(200).json();
            told["may_be_overridden"].as_bool().unwrap()
        };
        assert!(!offers(&old).await, "whoever is let in needs no override");
        let of_ada = ada.id.clone();
        app.must(move |tx| lanyard::badges::replace(tx, &of_ada, "lost"));
        assert!(!offers(&old).await);
        assert!(!offers("https://menu.example").await);
        let of_ada = ada.id.clone();
        app.must(move |tx| lanyard::registration::set_status(tx, &of_ada, lanyard::registration::Status::Canceled));
        let token = app.look(|db| lanyard::badges::of_registration(db, &ada.id)).unwrap().token(&event).unwrap();
        assert!(!offers(&token).await);
        let (_, seatless) = a_guest(app, &event, "Bo", &[]);
        assert!(offers(&seatless).await);
    }

    async fn a_phone_offers_an_override_only_where_its_pairing_says_so(app) {
        let event = a_morning(app, a_congress().seats("B1", 1));
        let _seated = a_guest(app, &event, "Ada", &["B1"]);
        let (_, full) = a_guest(app, &event, "Cy", &[]);
        let volunteer = phone(app, &event, false).await;
        volunteer.open(DOOR).await;
        volunteer.submit("/scans", &[("token", &full)]).await.says("FULL").says_nothing_of(OFFER);
        volunteer.open(DOOR).await;
        let told = volunteer.script(Method::POST, &format!("{DOOR}/scans"), &body("door-B1", &full)).await.json();
        assert_eq!((&told["outcome"], &told["may_be_overridden"]), (&json!("full"), &json!(false)));
        volunteer.open(DOOR).await;
        let mut sneaked = body("door-B1", &full);
        sneaked["override"] = json!({ "reason": "I know them" });
        volunteer.script(Method::POST, &format!("{DOOR}/scans"), &sneaked).await.expect(403);
        let trusted = phone(app, &event, true).await;
        trusted.open(DOOR).await;
        trusted.submit("/scans", &[("token", &full)]).await.says("FULL").says(OFFER);
        trusted.submit("/scans", &[("override", "yes"), ("choice", "Speaker or moderator")]).await.expect(200).says("ADMIT");
        let last: Scan = app.look(|db| {
            Ok(scans::table.filter(scans::override_reason.is_not_null()).select(Scan::as_select()).first(db)?)
        });
        assert_eq!(last.override_reason.as_deref(), Some("Speaker or moderator"));
        assert!(last.actor.starts_with("device:"), "{}", last.actor);
    }

    async fn who_is_found_by_name_and_refused_is_let_in_by_name(app) {
        let event = a_morning(app, a_congress().seats("B1", 1));
        let _seated = a_guest(app, &event, "Ada", &["B1"]);
        let (cy, of_cy) = a_guest(app, &event, "Cyrus", &[]);
        let desk = app.as_staff_of(Role::Onsite, Some(event.id.clone())).await;
        desk.open(&format!("{DOOR}/search?q=cyrus")).await.says("Cyrus Okonkwo");
        let refused = desk.submit("/scans", &[("registration", &cy.code)]).await.expect(200).says("FULL").says(OFFER);
        assert!(!refused.html().contains(&of_cy), "the page shows no code of a badge it did not read");
        assert_eq!(badge(app, &cy), of_cy);
        desk.submit("/scans", &[("override", "yes"), ("choice", "Staff or crew")]).await.expect(200).says("ADMIT").says("Cyrus Okonkwo");
        assert_eq!(inside(app), (1, 1));
    }
}

#[test]
fn an_override_on_a_phone_without_a_network_is_provisional_and_sent_with_its_reason() {
    tell(async |app, wire| {
        let event = congress(app);
        let people: Vec<_> = (0..2).map(|_| a_registration(&event).make(app)).collect();
        let tokens: Vec<String> = people.iter().map(|one| token(app, one)).collect();
        let phone = paired_phone(app, wire, true).await;
        wait_for_state(&phone, "document.body.dataset.roster", "kept").await;
        let press = async |what: &str, words: &str| {
            let path = format!("//*[@id='override']//{what}[contains(., '{words}')]");
            let found = phone.client().find(Locator::XPath(&path)).await.unwrap_or_else(|error| panic!("nothing says {words}: {error}"));
            found.click().await.unwrap_or_else(|error| panic!("{words} cannot be pressed: {error}"));
        };
        // With a network: refused, let in with a typed reason.
        assert_eq!(scan(&phone, &tokens[0]).await, "NOT ON LIST");
        press("summary", OFFER).await;
        assert_eq!((phone.overflow().await, accessibility::violations(&phone).await), (0, Vec::<String>::new()));
        if let Ok(folder) = std::env::var("LANYARD_PICTURES") {
            phone.screenshot(std::path::Path::new(&format!("{folder}/override.png"))).await;
        }
        phone.fill("reason", "The chair asked").await;
        press("button", "Let in").await;
        phone.wait_for("Let in by override").await;
        wait_for_state(&phone, "document.getElementById('net').dataset.waiting", "0").await;
        wait_for_state(&phone, "document.getElementById('override').hidden", "true").await;
        // Without one: refused by the phone, let in by a quick choice, marked as provisional.
        wire.cut();
        assert_eq!(scan(&phone, &tokens[1]).await, "NOT ON LIST");
        wait_for_state(&phone, "document.getElementById('override').hidden", "false").await;
        press("summary", OFFER).await;
        press("button", "Support person").await;
        let shown = phone.wait_for("Let in by override").await;
        assert!(shown.contains("Decided by this phone") && shown.contains("ADMIT"), "{shown}");
        assert_eq!(kept(app).len(), 2, "nothing came through");
        wire.mend();
        wait_for_state(&phone, "document.getElementById('net').dataset.waiting", "0").await;
        let all = kept(app);
        let told: Vec<_> = all.iter().map(|scan| (scan.offline, scan.outcome.as_str(), scan.override_reason.as_deref())).collect();
        assert_eq!(
            told,
            [
                (false, "not_enrolled", None),
                (false, "admitted", Some("The chair asked")),
                (true, "not_enrolled", None),
                (true, "admitted", Some("Support person")),
            ]
        );
        assert_eq!(all[3].decided.map(|decided| decided.as_str()), Some("admitted"));
        phone.close().await;
    });
}
