//! The live page: what it counts, that many watchers cost one reading, and how its stream begins and ends.

use std::future::poll_fn;
use std::pin::Pin;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::http::header::ACCEPT;
use actix_web::test::{TestRequest, call_service, init_service};
use lanyard::badges;
use lanyard::devices::{self as phones, NewDevice, Proof};
use lanyard::events::{self, Event};
use lanyard::http::asker::DEVICE_COOKIE;
use lanyard::registration::Registration;
use lanyard::staff::{self, Role};
use serde_json::{Value, json};

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{a_congress, registrations, session};
use crate::support::html;
use crate::support::visitor::{Api, Visitor, at_once};

const LIVE: &str = "/staff/events/congress-2026/live";

fn congress(app: &TestApp) -> Event {
    app.ignore_letters();
    app.set_clock("2026-03-09T08:50:00-07:00");
    a_congress().make(app)
}

async fn scan_at(app: &TestApp, api: &Api, at: &str, door: &str, token: &str) -> Value {
    app.set_clock(&format!("2026-03-09T{at}-07:00"));
    let id = uuid::Uuid::new_v4().to_string();
    api.post("/scans", json!({ "id": id, "event": "congress-2026", "checkpoint": door, "token": token, "direction": "in" }))
        .await
        .expect(200)
        .json()
}

fn token(app: &TestApp, registration: &Registration) -> String {
    app.look(|db| {
        let event = events::get_by_id(db, &registration.event_id)?;
        badges::of_registration(db, &registration.id)?.expect("a badge").token(&event)
    })
}

/// A phone that is paired for one door.
async fn phone(app: &TestApp, name: &str, every_door: bool) -> Visitor {
    let new = NewDevice { name: name.to_owned(), doors: vec!["door-K1".to_owned()], every_door, may_override: false, hours: None };
    let secret = app.must(move |tx| {
        let event = events::get(tx.db, "congress-2026")?;
        let secrets = phones::create(tx, &event, &new)?.1;
        Ok(phones::pair(tx, &Proof::Link(secrets.link))?.1)
    });
    let phone = app.visitor().await;
    phone.set_cookie(DEVICE_COOKIE, &secret);
    phone
}

/// The next piece of a streaming body.
async fn piece(body: &mut Pin<Box<BoxBody>>) -> Option<String> {
    let bytes = poll_fn(|context| body.as_mut().poll_next(context)).await?;
    Some(String::from_utf8(bytes.expect("a piece").to_vec()).expect("text"))
}

on_both! {
    async fn the_live_page_counts_arrivals_rooms_refusals_and_phones(app) {
        let event = congress(app);
        let people = registrations(app, &event, 4);
        let tokens: Vec<String> = people.iter().map(|person| token(app, person)).collect();
        let api = app.api(Role::Onsite).await;
        scan_at(app, &api, "07:58:00", "pickup", &tokens[0]).await;
        scan_at(app, &api, "08:51:00", "door-K1", &tokens[0]).await;
        scan_at(app, &api, "08:52:30", "door-K1", &tokens[1]).await;
        scan_at(app, &api, "08:53:00", "door-K1", &tokens[2]).await;
        scan_at(app, &api, "08:53:10", "door-B1", &tokens[2]).await;
        scan_at(app, &api, "08:53:20", "door-K1", "a foreign code").await;
        let phone = phone(app, "Phone 7", false).await;
        phone.open("/staff/events/congress-2026/checkpoints/door-K1").await;
        let told = json!({ "battery": 18, "charging": false, "queued": 5 });
        phone.script(actix_web::http::Method::POST, "/staff/events/congress-2026/checkpoints/door-K1/heartbeats", &told).await.expect(200);
        app.set_clock("2026-03-09T08:54:00-07:00");
        let desk = app.as_staff(Role::Onsite).await;
        let text = desk.open(LIVE).await.text().replace('\n', " ");
        let reads = |words: &str| assert!(text.contains(words), "{words:?} is not in:\n{text}");
        for words in ["Arrived today 3", "These 5 minutes 2", "In the rooms 3", "Refused today 2", "Not open 1", "Not known 1", "Phone 7", "18 %", "8:50–8:55 AM 2", "7:55–8:00 AM 1"] {
            reads(words);
        }
        let k1 = session(app, &event, "K1");
        reads(&format!("K1 · {}", k1.title));
        app.set_clock("2026-03-10T06:00:00-07:00");
        // The sign-in of the day before is over.
        app.as_staff(Role::Registrar).await.open(LIVE).await.says("Arrived today\n0").says("Nobody has arrived in the last two hours").says("Nobody was refused");
    }

    async fn however_many_watch_the_board_is_read_once_a_second(app) {
        congress(app);
        let desk = app.as_staff(Role::Onsite).await;
        let secret = desk.cookie(lanyard::http::asker::STAFF_COOKIE).expect("a sign-in");
        let mut watching = Vec::new();
        for number in 0..20 {
            let one = app.visitor().await;
            one.set_cookie(lanyard::http::asker::STAFF_COOKIE, &secret);
            watching.push(async move { one.get(if number % 2 == 0 { LIVE } else { "/staff/events/congress-2026/live/events" }).await.status });
        }
        assert_eq!(at_once(watching).await, [200; 20]);
        assert_eq!(app.snapshots.made(), 1);
        app.wait_minutes(1);
        desk.open(LIVE).await;
        assert_eq!(app.snapshots.made(), 2);
    }

    async fn the_stream_tells_each_change_and_ends_when_the_service_stops(app) {
        let event = congress(app);
        let person = registrations(app, &event, 1).remove(0);
        let badge = token(app, &person);
        let secret = app.must(|tx| staff::create_token(tx, "a wall", Role::Onsite, None, None));
        let service = init_service(lanyard::http::server::application(app.app(), lanyard::routes::Shared::default())).await;
        let request = TestRequest::get()
            .uri("/staff/events/congress-2026/live/events")
            .insert_header(("authorization", format!("Bearer {secret}")))
            .insert_header((ACCEPT, "text/event-stream"))
            .peer_addr(std::net::SocketAddr::from(([203, 0, 113, 200], 40_000)));
        let response = call_service(&service, request.to_request()).await;
        assert_eq!(response.headers().get("content-type").and_then(|kind| kind.to_str().ok()), Some("text/event-stream"));
        let mut body = Box::pin(response.into_body().boxed());
        let first = piece(&mut body).await.expect("the board");
        assert!(first.starts_with("retry: 3000\nevent: board\ndata: ") && first.ends_with("\n\n"), "{first}");
        let words = |event: &str| html::text(&event.replace("\ndata: ", "\n")).replace('\n', " ");
        assert!(words(&first).contains("Arrived today 0"));
        let api = app.api(Role::Onsite).await;
        scan_at(app, &api, "08:53:00", "door-K1", &badge).await;
        app.set_clock("2026-03-09T08:54:00-07:00");
        let second = piece(&mut body).await.expect("what changed");
        assert!(words(&second).contains("Arrived today 1"), "{}", words(&second));
        app.closing.send_replace(true);
        assert_eq!(piece(&mut body).await, None);
    }

    async fn the_live_page_is_for_staff_of_the_doors_and_for_no_phone(app) {
        congress(app);
        app.as_staff(Role::Auditor).await.get(LIVE).await.expect(403);
        for every_door in [false, true] {
            let phone = phone(app, "Phone 1", every_door).await;
            phone.get(LIVE).await.expect(403);
            phone.get("/staff/events/congress-2026/live/events").await.expect(403);
            phone.open("/staff/events/congress-2026/checkpoints").await.says_nothing_of("Live numbers");
        }
        let desk = app.as_staff(Role::Registrar).await;
        desk.open("/staff/events/congress-2026/checkpoints").await;
        desk.click("Live numbers").await.expect(200).says("Reload");
        let event = app.look(|db| events::get(db, "congress-2026"));
        assert_eq!(app.look(|db| phones::list(db, &event.id)).len(), 2);
    }
}
