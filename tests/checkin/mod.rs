//! Doors: every answer, each scan once, queues, races, and the pages that scan.

mod crowds;
mod together;

use std::cell::RefCell;

use actix_web::http::Method;
use diesel::prelude::*;
use lanyard::app::Tx;
use lanyard::checkin::{self, CheckpointInput, Kind};
use lanyard::clock::Instant;
use lanyard::db::schema::{attendance_marks, audit_trail, presences, room_counts, scans};
use lanyard::error::Result;
use lanyard::events::{self, Event};
use lanyard::orders::place::{Buyer, NewOrder};
use lanyard::orders::quote::{Trust, WantedLine};
use lanyard::orders::{self, MoneyKind, Payment};
use lanyard::registration::{self, Registration, Status, rules::Details};
use lanyard::setup::{self, document};
use lanyard::staff::{self, Role};
use lanyard::{agenda, badges, enrollment};
use serde_json::{Value, json};

use crate::on_both;
use crate::support::app::{TestApp, instant};
use crate::support::visitor::{Answer, Api, at_once};

/// An event of two days: K1 open to all, B1 with one seat, W1 that costs extra.
const EVENT: &str = r#"
[event]
slug = "safety-days"
name = "Safety Days"
zone = "America/Los_Angeles"
starts_on = "2026-03-09"
ends_on = "2026-03-10"
venue = "Quay Hall"
address = "1 Quay"
help_email = "help@safety.example"
published = true
unpaid_at_door = "admit"

[[rooms]]
code = "hall"
name = "Hall"

[[sessions]]
code = "K1"
kind = "keynote"
title = "Opening"
room = "hall"
date = "2026-03-09"
starts = "09:00"
ends = "10:00"
registration_required = false
included = true

[[sessions]]
code = "B1"
kind = "breakout"
title = "Handover"
room = "hall"
date = "2026-03-09"
starts = "10:30"
ends = "11:30"
capacity = 1
registration_required = true

[[sessions]]
code = "W1"
kind = "workshop"
title = "Full day"
room = "hall"
date = "2026-03-10"
starts = "09:00"
ends = "16:00"
capacity = 10
registration_required = true
price = "100.00"

[[registration_types]]
code = "general"
name = "General conference"
covers = "all"
[[registration_types.tiers]]
name = "Regular"
price = "100.00"

[[registration_types]]
code = "free"
name = "Guest of the house"
covers = "all"
[[registration_types.tiers]]
name = "Free"
price = "0.00"

[[badge_places]]
place = "Foyer"
opens = "2026-03-09T07:00"
closes = "2026-03-09T18:00"
audience = "General conference"
"#;

fn event(app: &TestApp) -> Event {
    app.look(|db| events::get(db, "safety-days"))
}

fn door(tx: &mut Tx<'_>, event: &Event, code: &str, kind: Kind, session: Option<&str>, in_only: bool) -> Result<()> {
    let session = session.map(|code| agenda::get(tx.db, &event.id, code)).transpose()?.map(|session| session.id);
    let windows = if kind == Kind::BadgePickup {
        vec![(instant("2026-03-09T07:00:00-07:00"), instant("2026-03-09T18:00:00-07:00"))]
    } else {
        Vec::new()
    };
    let input = CheckpointInput { code: code.to_owned(), kind, name: format!("The {code}"), session, in_only, windows };
    checkin::create(tx, event, &input).map(drop)
}

/// The event with its doors, at a quarter past ten on its first day.
fn safety_days(app: &TestApp) -> Event {
    app.set_clock("2026-03-09T10:15:00-07:00");
    app.ignore_letters();
    app.must(|tx| {
        setup::import(tx, &document::read(EVENT.as_bytes())?)?;
        let event = events::get(tx.db, "safety-days")?;
        door(tx, &event, "pickup", Kind::BadgePickup, None, true)?;
        door(tx, &event, "door-K1", Kind::SessionDoor, Some("K1"), true)?;
        door(tx, &event, "door-B1", Kind::SessionDoor, Some("B1"), true)?;
        door(tx, &event, "side-B1", Kind::SessionDoor, Some("B1"), false)?;
        door(tx, &event, "door-W1", Kind::SessionDoor, Some("W1"), true)?;
        door(tx, &event, "reception", Kind::SpecialEvent, None, true)
    });
    event(app)
}

/// Somebody with a registration of this type and these sessions.
fn register(app: &TestApp, kind: &str, name: &str, sessions: &[&str]) -> Registration {
    let email = format!("{name}@mail.example");
    let line = WantedLine {
        registration_type: kind.to_owned(),
        email: email.clone(),
        sessions: sessions.iter().map(|code| (*code).to_owned()).collect(),
        ..WantedLine::default()
    };
    let details = Details {
        email: email.clone(),
        given_name: name.to_owned(),
        family_name: "Okonkwo".to_owned(),
        profession: "nurse".to_owned(),
        credentials: "RN".to_owned(),
        ..Details::default()
    };
    let order = NewOrder {
        lines: vec![(line, details)],
        codes: Vec::new(),
        buyer: Buyer { name: name.to_owned(), email, organization: String::new() },
        payment: if kind == "free" && !sessions.contains(&"W1") { Payment::Nothing } else { Payment::Invoice },
        trust: Trust::AsIfVerified,
    };
    app.must(move |tx| {
        let event = events::get(tx.db, "safety-days")?;
        Ok(orders::place::place(tx, &event, &order)?.registered.remove(0).registration)
    })
}

pub(crate) fn badge(app: &TestApp, registration: &Registration) -> String {
    app.look(|db| {
        let event = events::get_by_id(db, &registration.event_id)?;
        badges::of_registration(db, &registration.id)?.expect("a badge").token(&event)
    })
}

fn id() -> String {
    uuid::Uuid::new_v4().to_string()
}

pub(crate) fn body(checkpoint: &str, token: &str) -> Value {
    json!({ "id": id(), "checkpoint": checkpoint, "token": token, "direction": "in" })
}

pub(crate) async fn ask(api: &Api, scan: Value) -> Value {
    api.post("/scans", scan).await.expect(200).json()
}

pub(crate) async fn outcome(api: &Api, checkpoint: &str, token: &str) -> String {
    ask(api, body(checkpoint, token)).await["outcome"].as_str().unwrap().to_owned()
}

/// How many are inside by the rows, by the marks' net, and by the number that doors show.
pub(crate) fn inside(app: &TestApp) -> (i64, i64) {
    app.look(|db| {
        let rows = presences::table.filter(presences::inside.eq(true)).count().get_result(db)?;
        let shown: Option<i64> = room_counts::table.select(diesel::dsl::sum(room_counts::inside)).first(db)?;
        Ok((rows, shown.unwrap_or_default()))
    })
}

on_both! {
    async fn every_answer_of_a_door_comes_over_http(app) {
        let event = safety_days(app);
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let ada = register(app, "free", "Ada", &["B1"]);
        let bo = register(app, "free", "Bo", &["B1"]);
        let cy = register(app, "free", "Cy", &[]);
        let owing = register(app, "general", "Dee", &[]);
        let (ada_badge, bo_badge, cy_badge) = (badge(app, &ada), badge(app, &bo), badge(app, &cy));

        let admitted = ask(&api, body("door-B1", &ada_badge)).await;
        assert_eq!((&admitted["outcome"], &admitted["name"], &admitted["line"], &admitted["present"]),
            (&json!("admitted"), &json!("Ada Okonkwo"), &json!("RN"), &json!(1)));
        let again = ask(&api, body("door-B1", &ada_badge)).await;
        assert_eq!((&again["outcome"], &again["present"]), (&json!("already_in"), &json!(1)));
        assert!(again["message"].as_str().unwrap().starts_with("Welcome back."));
        assert_eq!(outcome(&api, "door-B1", &bo_badge).await, "waitlisted");
        assert_eq!(outcome(&api, "door-B1", &cy_badge).await, "full");
        assert_eq!(outcome(&api, "door-K1", &cy_badge).await, "outside_window");
        app.set_clock("2026-03-09T08:30:00-07:00");
        assert_eq!(outcome(&api, "door-K1", &cy_badge).await, "admitted");
        assert_eq!(outcome(&api, "door-K1", &badge(app, &owing)).await, "unpaid");
        let early = ask(&api, body("door-B1", &ada_badge)).await;
        assert_eq!(early["outcome"], "outside_window");
        assert_eq!(early["message"], "This opens Mon 9 Mar 2026, 9:30 AM Pacific. Ask the person to come back then.");
        app.set_clock("2026-03-10T09:10:00-07:00");
        assert_eq!(outcome(&api, "door-W1", &cy_badge).await, "not_enrolled");

        app.set_clock("2026-03-09T10:15:00-07:00");
        let messages = RefCell::new(std::collections::BTreeSet::new());
        let other_key = badges::rules::token(&"ab".repeat(16), &"cd".repeat(32)).unwrap();
        let missing = badges::rules::token(&"ab".repeat(16), &event.tag_key).unwrap();
        let damaged = ada_badge[..40].to_owned();
        for strange in [other_key.as_str(), damaged.as_str(), "https://example.org", missing.as_str()] {
            let told = ask(&api, body("door-B1", strange)).await;
            assert_eq!((&told["outcome"], &told["name"], &told["present"]), (&json!("unknown"), &Value::Null, &json!(1)), "{strange}");
            messages.borrow_mut().insert(told["message"].to_string());
        }
        assert_eq!(messages.borrow().len(), 4);
        let lost = ada_badge.clone();
        let of_ada = ada.id.clone();
        app.must(move |tx| badges::replace(tx, &of_ada, "lost"));
        assert_eq!(outcome(&api, "door-B1", &lost).await, "revoked");
        assert_eq!(outcome(&api, "door-B1", &badge(app, &ada)).await, "already_in");
        app.must(move |tx| registration::set_status(tx, &cy.id, Status::Canceled));
        assert_eq!(outcome(&api, "door-K1", &cy_badge).await, "canceled");
        assert_eq!(inside(app), (3, 3));
    }

    async fn a_badge_of_another_event_is_told_from_a_forged_one(app) {
        let event = safety_days(app);
        let ada = register(app, "free", "Ada", &[]);
        let token = badge(app, &ada);
        app.must(|tx| {
            let other = EVENT.replace("safety-days", "other-days").replace("Safety Days", "Other Days");
            setup::import(tx, &document::read(other.as_bytes())?)?;
            let event = events::get(tx.db, "other-days")?;
            door(tx, &event, "pickup", Kind::BadgePickup, None, true)
        });
        let other = app.look(|db| events::get(db, "other-days"));
        let there = app.api_of(Role::Onsite, Some(other.id.clone())).await;
        let told = ask(&there, body("pickup", &token)).await;
        assert_eq!((&told["outcome"], &told["name"]), (&json!("wrong_event"), &Value::Null));
        assert_eq!(told["message"], "This badge is for another event. Ask for the badge of Other Days.");
        let number = match badges::rules::read(&token, &event.tag_key) {
            badges::rules::Read::Ours(number) => number,
            other => panic!("{other:?}"),
        };
        let forged = badges::rules::token(&number, &"12".repeat(32)).unwrap();
        assert_eq!(outcome(&there, "pickup", &forged).await, "unknown");
        // Two events have a pick-up: the badge says which is meant, and a name says it louder.
        let everywhere = app.api(Role::Onsite).await;
        assert_eq!(outcome(&everywhere, "pickup", &token).await, "admitted");
        let mut named = body("pickup", &token);
        named["event"] = json!("other-days");
        assert_eq!(ask(&everywhere, named).await["outcome"], "wrong_event");
        let both_run = everywhere.post("/scans", body("pickup", "nothing of ours")).await.expect(422);
        assert_eq!(both_run.json()["errors"][0]["field"], "event");
    }

    async fn a_badge_is_picked_up_once_at_whichever_desk(app) {
        let event = safety_days(app);
        app.must(|tx| {
            let event = events::get(tx.db, "safety-days")?;
            door(tx, &event, "pickup-2", Kind::BadgePickup, None, true)
        });
        let api = app.api_of(Role::Onsite, Some(event.id)).await;
        let ada = register(app, "free", "Ada", &[]);
        assert_eq!(outcome(&api, "pickup", &badge(app, &ada)).await, "admitted");
        let told = ask(&api, body("pickup-2", &badge(app, &ada))).await;
        assert_eq!(told["outcome"], "already_in");
        assert_eq!(told.get("present"), None);
        let of_ada = ada.id.clone();
        app.must(move |tx| badges::replace(tx, &of_ada, "lost"));
        assert_eq!(outcome(&api, "pickup-2", &badge(app, &ada)).await, "admitted");
        assert_eq!(outcome(&api, "reception", &badge(app, &ada)).await, "admitted");
        assert_eq!(outcome(&api, "reception", &badge(app, &ada)).await, "already_in");
        app.set_clock("2026-03-09T06:00:00-07:00");
        let early = ask(&api, body("pickup", &badge(app, &ada))).await;
        assert!(early["message"].as_str().unwrap().contains("Badges are given out at Foyer"), "{early}");
    }

    async fn an_event_may_refuse_who_owes_money(app) {
        let event = safety_days(app);
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let dee = register(app, "general", "Dee", &["B1"]);
        let token = badge(app, &dee);
        let balance = app.look(|db| orders::balance_cents(db, &dee.order_id));
        assert_eq!(balance, 10_000);
        app.must(|tx| setup::import(tx, &document::read(EVENT.replace(r#"unpaid_at_door = "admit""#, r#"unpaid_at_door = "refuse""#).as_bytes())?));
        let refused = ask(&api, body("door-B1", &token)).await;
        assert_eq!((&refused["outcome"], &refused["present"]), (&json!("unpaid"), &json!(0)));
        assert!(refused["message"].as_str().unwrap().contains("lets nobody in"));
        assert_eq!(inside(app), (0, 0));
        let order = dee.order_id.clone(); // What the door adds up is what the order adds up, refunds included.
        app.must(move |tx| {
            for (kind, amount_cents) in [(MoneyKind::Payment, 15_000), (MoneyKind::Refund, 5_000)] {
                let row = orders::MoneyRow {
                    id: lanyard::ids::PaymentId::new(),
                    order_id: order.clone(),
                    registration_id: None,
                    kind,
                    amount_cents,
                    reference: "check 7".to_owned(),
                    actor: "test".to_owned(),
                    at: tx.now,
                };
                diesel::insert_into(lanyard::db::schema::payments::table).values(&row).execute(tx.db)?;
            }
            Ok(())
        });
        assert_eq!(app.look(|db| orders::balance_cents(db, &dee.order_id)), 0);
        assert_eq!(outcome(&api, "door-B1", &token).await, "admitted");
    }

    async fn the_same_id_again_is_the_same_scan(app) {
        let event = safety_days(app);
        let api = app.api_of(Role::Onsite, Some(event.id)).await;
        let (ada, bo) = (register(app, "free", "Ada", &[]), register(app, "free", "Bo", &[]));
        app.set_clock("2026-03-09T08:45:00-07:00");
        let scan = body("door-K1", &badge(app, &ada));
        let first = ask(&api, scan.clone()).await;
        assert_eq!(first["present"], 1);
        assert_eq!(ask(&api, body("door-K1", &badge(app, &bo))).await["present"], 2);
        app.wait_minutes(5);
        assert_eq!(ask(&api, scan.clone()).await, first);
        for (field, value) in [("checkpoint", json!("reception")), ("token", json!(badge(app, &bo))), ("direction", json!("out"))] {
            let mut other = scan.clone();
            other[field] = value;
            assert_eq!(api.post("/scans", other).await.expect(409).code(), "checkin.scan_id_used", "{field}");
        }
        let strange = json!({ "id": id(), "checkpoint": "door-K1", "token": "nothing", "direction": "in" });
        assert_eq!(ask(&api, strange.clone()).await, ask(&api, strange).await);
        let (kept, marks, entries): (i64, i64, i64) = app.look(|db| {
            let of_scans = audit_trail::table.filter(audit_trail::action.eq("scan.taken"));
            Ok((scans::table.count().get_result(db)?, attendance_marks::table.count().get_result(db)?, of_scans.count().get_result(db)?))
        });
        assert_eq!((kept, marks, entries), (3, 2, 3));
    }

    async fn a_queue_keeps_its_order_and_one_bad_scan_harms_no_other(app) {
        let event = safety_days(app);
        let api = app.api_of(Role::Onsite, Some(event.id)).await;
        let ada = register(app, "free", "Ada", &["B1"]);
        let bo = register(app, "free", "Bo", &[]);
        let late = |token: &str, at: &str, direction: &str, checkpoint: &str| {
            json!({ "id": id(), "checkpoint": checkpoint, "token": token, "direction": direction, "offline": true,
                "decided": "admitted", "scanned_at": format!("2026-03-09T{at}-07:00"), "clock_offset_ms": 60_000 })
        };
        app.set_clock("2026-03-09T11:45:00-07:00");
        let (ada_badge, bo_badge) = (badge(app, &ada), badge(app, &bo));
        let mut bad = late(&ada_badge, "10:20:00", "in", "side-B1");
        bad["id"] = json!("no uuid");
        let first = late(&ada_badge, "10:20:00", "in", "side-B1");
        let queue = json!({ "scans": [
            first, bad, late(&ada_badge, "10:50:00", "out", "side-B1"), late(&ada_badge, "11:00:00", "in", "side-B1"),
            late(&bo_badge, "08:59:00", "in", "door-K1"), late(&bo_badge, "10:55:00", "in", "no-such-door"), first,
        ] });
        let answer = api.post("/scans/batch", queue.clone()).await.expect(200).json();
        let results = answer["results"].as_array().unwrap();
        let told: Vec<String> = results.iter().map(|result| result.get("outcome").or(result.get("code")).unwrap().as_str().unwrap().to_owned()).collect();
        assert_eq!(told, ["admitted", "invalid", "admitted", "admitted", "admitted", "not_found", "admitted"]);
        assert_eq!(results[0], results[6]);
        assert_eq!(api.post("/scans/batch", queue).await.expect(200).json(), answer);
        let marks: Vec<(checkin::Direction, Instant)> = app.look(|db| {
            let of_ada = attendance_marks::table.filter(attendance_marks::registration_id.eq(&ada.id)).order(attendance_marks::id.asc());
            Ok(of_ada.select((attendance_marks::direction, attendance_marks::at)).load(db)?)
        });
        let attended = crowds::attended_b1(&marks);
        assert_eq!((attended.minutes, attended.is_assumed), (50, true));
        let (sent, received, offset): (Instant, Instant, i64) = app.look(|db| {
            let row = scans::table.filter(scans::id.eq(results[0]["id"].as_str().unwrap()));
            Ok(row.select((scans::scanned_at, scans::received_at, scans::clock_offset_ms)).first(db)?)
        });
        assert_eq!((sent, received, offset), (instant("2026-03-09T10:20:00-07:00"), app.now(), 60_000));
        assert_eq!(inside(app), (2, 2));
        let too_many = json!({ "scans": vec![body("door-K1", "x"); 501] });
        assert_eq!(api.post("/scans/batch", too_many).await.expect(422).json()["errors"][0]["code"], "too_many");
    }
}
