//! A door without a network (CHK-4): the device decides as the server does, and nothing scanned is lost.

use crate::support::app::TestApp;
use crate::support::browser::{self, Browser};
use crate::support::builders::{a_congress, a_registration};
use crate::support::wire::Wire;
use diesel::prelude::*;
use fantoccini::Locator;
use lanyard::badges;
use lanyard::checkin::Scan;
use lanyard::checkin::collisions::{self, Filter};
use lanyard::db::Kind;
use lanyard::db::schema::scans;
use lanyard::devices::{self, NewDevice};
use lanyard::events::{self, Event};
use lanyard::registration::Registration;
use lanyard::staff::Role;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const DOOR: &str = "/staff/events/congress-2026/checkpoints/door-B1";

pub fn tell(story: impl AsyncFnOnce(&TestApp, &Wire)) {
    let app = TestApp::listening(Kind::Sqlite);
    let service = app.site.config.base_url.trim_start_matches("http://").parse().expect("an address and a port");
    let wire = Wire::to(service);
    actix_web::rt::System::new().block_on(story(&app, &wire));
    app.ignore_jobs();
    app.ignore_letters();
}

pub fn congress(app: &TestApp) -> Event {
    app.set_clock("2026-03-09T10:20:00-07:00");
    a_congress().make(app)
}

pub fn token(app: &TestApp, registration: &Registration) -> String {
    app.look(|db| {
        let event = events::get_by_id(db, &registration.event_id)?;
        badges::of_registration(db, &registration.id)?.expect("a badge").token(&event)
    })
}

/// A phone that was paired for this door with the short code.
pub async fn paired_phone(app: &TestApp, wire: &Wire, may_override: bool) -> Browser {
    let new = NewDevice { name: "Phone 3".to_owned(), doors: vec!["door-B1".to_owned()], every_door: false, may_override, hours: None };
    let secrets = app.must(move |tx| {
        let event = events::get(tx.db, "congress-2026")?;
        Ok(devices::create(tx, &event, &new)?.1)
    });
    let phone = browser::phone().start().await;
    phone.open(&wire.url("/pair")).await;
    phone.fill("code", &secrets.code).await;
    phone.press("Pair this phone").await;
    phone.wait_for("Room 1").await;
    phone
}

/// What the page keeps in this attribute of its body, once it says so.
pub async fn wait_for_state(phone: &Browser, script: &str, wanted: &str) {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let now = phone.client().execute(&format!("return String({script})"), vec![]).await.expect("the page's state");
        if now.as_str() == Some(wanted) {
            return;
        }
        assert!(Instant::now() < until, "{script} is {now} and not {wanted}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Types a code as a hardware scanner does and returns the word that answers it.
pub async fn scan(phone: &Browser, token: &str) -> String {
    let before = "document.getElementById('answer-word').textContent = ''";
    phone.client().execute(before, vec![]).await.expect("the answer is emptied");
    let field = phone.client().find(Locator::Css("#token")).await.expect("the field for codes");
    field.send_keys(&format!("{token}\u{e007}")).await.expect("a code is typed");
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let word = phone.client().execute("return document.getElementById('answer-word').textContent", vec![]).await.expect("the answer");
        match word.as_str() {
            Some(word) if !word.is_empty() => return word.to_owned(),
            _ => assert!(Instant::now() < until, "no answer came"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn the_device_decides_every_case_as_the_server_does() {
    tell(async |app, wire| {
        congress(app);
        let laptop = browser::laptop().start().await;
        laptop.open(&wire.url("/events/congress-2026")).await;
        let table: Value = serde_json::from_str(include_str!("data/door_cases.json")).unwrap();
        let script = r#"
            const [table, done] = arguments;
            const whole = (named, given) => { const { like, ...own } = given; return { ...(like ? named[like] : {}), ...own }; };
            import("/static/decide.js").then(({ decide }) => done(table.cases.map((one) => {
                const actual = decide(whole(table.places, one.place), whole(table.seen, one.seen), one.asked);
                const same = Object.entries(one.expected).every(([name, value]) => actual[name] === value);
                return same ? null : `${one.case}: ${JSON.stringify(actual)}`;
            }).filter(Boolean)), (error) => done([String(error)]));
        "#;
        let cases = table["cases"].as_array().unwrap().len();
        let others = laptop.client().execute_async(script, vec![table]).await.expect("the cases run");
        assert_eq!(others, serde_json::json!([]), "of {cases} cases");
        laptop.close().await;
    });
}

#[test]
fn ids_that_a_device_makes_rise_and_are_those_of_their_time() {
    tell(async |app, wire| {
        congress(app);
        let laptop = browser::laptop().start().await;
        laptop.open(&wire.url("/events/congress-2026")).await;
        // Far beyond 32 bits of milliseconds, several within one, and a clock that is set back.
        let script = r#"
            const [times, done] = arguments;
            import("/static/ids.js").then(({ newId }) => {
                const now = Date.now;
                const ids = times.map((time) => { Date.now = () => time; return newId(); });
                Date.now = now;
                done(ids);
            }, (error) => done([String(error)]));
        "#;
        let times: [u64; 7] =
            [4_294_967_295, 4_294_967_296, 1_773_073_800_000, 1_773_073_800_000, 1_773_073_800_000, 1_773_070_000_000, 1_900_000_000_001];
        let told = laptop.client().execute_async(script, vec![json!(times)]).await.expect("ids");
        let ids: Vec<String> = serde_json::from_value(told).expect("a list of ids");
        assert!(ids.is_sorted() && ids.len() == times.len(), "{ids:?}");
        let made_at = |id: &String| {
            let id = uuid::Uuid::parse_str(id).expect("a UUID");
            assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122), "{id}");
            let (seconds, nanos) = id.get_timestamp().expect("a time").to_unix();
            seconds * 1000 + u64::from(nanos) / 1_000_000
        };
        let made: Vec<u64> = ids.iter().map(made_at).collect();
        let expected =
            [4_294_967_295, 4_294_967_296, 1_773_073_800_000, 1_773_073_800_001, 1_773_073_800_002, 1_773_073_800_003, 1_900_000_000_001];
        assert_eq!(made, expected);
        let many: Vec<String> = serde_json::from_value(
            laptop
                .client()
                .execute_async(
                    "const done = arguments[0]; import('/static/ids.js').then(({ newId }) => done(Array.from({ length: 2000 }, newId)));",
                    vec![],
                )
                .await
                .expect("many ids"),
        )
        .expect("a list of ids");
        assert!(many.windows(2).all(|two| two[0] < two[1]));
        laptop.close().await;
    });
}

/// What was scanned before, during and after the cut, as the server kept it.
pub fn kept(app: &TestApp) -> Vec<Scan> {
    app.look(|db| Ok(scans::table.order(scans::scanned_at.asc()).select(Scan::as_select()).load(db)?))
}

#[test]
fn a_door_that_is_cut_off_knows_whom_it_let_in_a_moment_ago() {
    tell(async |app, wire| {
        let event = congress(app);
        let ada = a_registration(&event).in_sessions(&["B1"]).make(app);
        let badge = token(app, &ada);
        let phone = paired_phone(app, wire, false).await;
        wait_for_state(&phone, "document.body.dataset.roster", "kept").await;
        assert_eq!(scan(&phone, &badge).await, "ADMIT");
        wait_for_state(&phone, "document.getElementById('net').dataset.waiting", "0").await;
        wire.cut();
        // Between the two another code: the same one is not read twice within three seconds.
        assert_eq!(scan(&phone, "https://example.org/menu").await, "NOT KNOWN");
        assert_eq!(scan(&phone, &badge).await, "ALREADY IN", "the same badge, passed back through the door");
        phone.close().await;
        app.ignore_letters();
        app.ignore_jobs();
    });
}

#[test]
fn a_door_goes_on_without_a_network_through_a_reload_and_loses_nothing() {
    tell(async |app, wire| {
        let event = congress(app);
        let people: Vec<Registration> = (0..10).map(|_| a_registration(&event).in_sessions(&["B1"]).make(app)).collect();
        let tokens: Vec<String> = people.iter().map(|one| token(app, one)).collect();
        let lost = people[9].id.clone();
        app.must(move |tx| badges::replace(tx, &lost, "lost"));
        let phone = paired_phone(app, wire, false).await;
        wait_for_state(&phone, "document.body.dataset.roster", "kept").await;
        wait_for_state(&phone, "document.body.dataset.page", "kept").await;
        assert_eq!(scan(&phone, &tokens[0]).await, "ADMIT");
        wait_for_state(&phone, "document.getElementById('net').dataset.waiting", "0").await;
        // Somebody registers after the phone learned its roster: only the badge's tag can be checked.
        let late = a_registration(&event).in_sessions(&["B1"]).make(app);
        wire.cut();
        for token in &tokens[1..9] {
            assert_eq!(scan(&phone, token).await, "ADMIT");
        }
        assert!(phone.text().await.contains("Decided by this phone"));
        assert_eq!(scan(&phone, &tokens[1]).await, "ALREADY IN");
        assert_eq!(scan(&phone, &tokens[9]).await, "OLD BADGE");
        assert_eq!(scan(&phone, "https://example.org/menu").await, "NOT KNOWN");
        assert_eq!(scan(&phone, &token(app, &late)).await, "ADMIT");
        assert_eq!(kept(app).len(), 1, "nothing came through");
        // Meanwhile one of these badges passes another door.
        let desk = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let elsewhere = json!({ "id": uuid::Uuid::new_v4().to_string(), "checkpoint": "door-B3", "token": tokens[4], "direction": "in",
            "override": { "reason": "A speaker" } });
        desk.post("/scans", elsewhere).await.expect(200);
        phone.open(&wire.url(DOOR)).await;
        phone.wait_for("12 waiting to send").await;
        // Also a page that was opened anew decides by the roster.
        assert_eq!(scan(&phone, &tokens[2]).await, "ALREADY IN");
        wire.mend();
        wait_for_state(&phone, "document.getElementById('net').dataset.waiting", "0").await;
        assert!(phone.text().await.contains("Online"));
        let found = app.look(|db| collisions::list(db, &event.id, &Filter::default(), 10));
        let found: Vec<_> =
            found.iter().map(|one| (one.collision.kind.as_str(), one.person.as_ref().map(|(code, _)| code.as_str()))).collect();
        assert_eq!(found, [("two_places", Some(people[4].code.as_str()))], "exactly what was planted");
        let all: Vec<Scan> = kept(app).into_iter().filter(|scan| scan.override_reason.is_none()).collect();
        assert_eq!(all.len(), 14);
        assert_eq!(all.iter().filter(|scan| scan.offline).count(), 13);
        let outcomes: Vec<&str> = all.iter().map(|scan| scan.outcome.as_str()).collect();
        // Their invoices are open, which lets them in with a hint.
        let expected = [&["unpaid"; 9][..], &["already_in", "revoked", "unknown", "unpaid", "already_in"]].concat();
        assert_eq!(outcomes, expected);
        let decided: Vec<&str> = all.iter().filter_map(|scan| scan.decided.map(|decided| decided.as_str())).collect();
        let alone = [&["unpaid"; 8][..], &["already_in", "revoked", "unknown", "admitted", "already_in"]].concat();
        assert_eq!(decided, alone, "of the badge that is newer than the roster only the tag was known");
        assert!(all.windows(2).all(|pair| pair[0].scanned_at < pair[1].scanned_at), "each has its own time");
        assert_eq!(scan(&phone, &tokens[3]).await, "ALREADY IN");
        phone.close().await;
    });
}
