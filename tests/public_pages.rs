//! What everybody reads: events, an event's page, its agenda, and the same as JSON.

use crate::on_both;
use crate::support::app::TestApp;
use lanyard::orders::Payment;
use lanyard::orders::place::{Buyer, NewOrder, place};
use lanyard::orders::quote::{Trust, WantedLine};
use lanyard::registration::Registration;
use lanyard::registration::rules::Details;
use lanyard::setup::{self, document};
use lanyard::staff::Role;
use lanyard::{enrollment, events};

const CONGRESS: &[u8] = include_bytes!("../data/demo/congress-2026.toml");
const SERIES: &[u8] = include_bytes!("../data/demo/pssm-series-2026.toml");
const AGENDA: &str = "/events/congress-2026/agenda";

/// The demo's congress and series, at 8:30 on the congress's Monday.
fn congress(app: &TestApp) {
    app.set_clock("2026-03-09T08:30:00-07:00");
    for bytes in [CONGRESS, SERIES] {
        app.must(move |tx| setup::import(tx, &document::read(bytes)?));
    }
}

/// Registers somebody for the general conference with these sessions.
fn register(app: &TestApp, email: &str, sessions: &[&str]) -> Registration {
    let line = WantedLine {
        registration_type: "general".to_owned(),
        email: email.to_owned(),
        sessions: sessions.iter().map(|code| (*code).to_owned()).collect(),
        ..WantedLine::default()
    };
    let details = Details {
        email: email.to_owned(),
        given_name: "Ada".to_owned(),
        family_name: "Okonkwo".to_owned(),
        profession: "nurse".to_owned(),
        ..Details::default()
    };
    let order = NewOrder {
        lines: vec![(line, details)],
        codes: Vec::new(),
        buyer: Buyer { name: "Ada".to_owned(), email: email.to_owned(), organization: String::new() },
        payment: Payment::Invoice,
        trust: Trust::AsIfVerified,
    };
    app.ignore_letters();
    app.must(move |tx| {
        let event = events::get(tx.db, "congress-2026")?;
        Ok(place(tx, &event, &order)?.registered.remove(0).registration)
    })
}

on_both! {
    async fn the_first_page_lists_published_events(app) {
        let visitor = app.visitor().await;
        visitor.get("/").await.expect(303);
        visitor.follow().await.expect(200).says("No event is open yet");
        congress(app);
        let page = visitor.open("/events").await.says("Sun 8 – Tue 10 Mar 2026").says("On now").says("Tideline Convention Center");
        page.says("Learning series · Wed 22 Apr – Wed 18 Nov 2026");
        app.must(|tx| {
            let event = events::get(tx.db, "congress-2026")?;
            events::set_published(tx, &event, false)
        });
        visitor.open("/events").await.says_nothing_of("Safer Together");
        visitor.get("/events/congress-2026").await.expect(404);
        visitor.get(AGENDA).await.expect(404);
        app.public_api().await.get("/events/congress-2026").await.expect(404);
        app.as_staff(Role::Content).await.open("/events/congress-2026").await.says("Safer Together Congress 2026");
    }

    async fn an_event_page_answers_what_attendees_ask(app) {
        congress(app);
        let page = app.visitor().await.open("/events/congress-2026").await;
        for answer in [
            "400 Lantern Quay", "Hours", "Hotel and room block", "Fri 13 Feb 2026, 11:59 PM Pacific: closed", "Meals", "WiFi",
            "Quay Entrance lobby, counters 1 to 4", "7:00 AM–6:00 PM", "Luggage", "Our letter did not arrive",
            "Help desk", "help@congress.example", "Fri 17 Apr 2026, 11:59 PM Pacific: 39 days left", "No guests",
        ] {
            page.clone().says(answer);
        }
        page.clone().says("$1,299.00 Now").says("15 % less for: General conference.");
        page.says("Tideline-Congress").says_nothing_of("wash-your-hands-26");
    }

    async fn the_wifi_password_is_for_registered_people_who_are_signed_in(app) {
        congress(app);
        let registered = app.as_attendee(&register(app, "ada@example.org", &[])).await;
        registered.open("/events/congress-2026").await.says("wash-your-hands-26").says("My registration");
        registered.open("/events/pssm-series-2026").await.says_nothing_of("wash-your-hands-26");
        app.as_staff(Role::Auditor).await.open("/events/congress-2026").await.says_nothing_of("wash-your-hands-26");
        app.visitor().await.open("/events/congress-2026").await.says_nothing_of("wash-your-hands-26");
        app.public_api().await.get("/events/congress-2026").await.expect(200).says_nothing_of("wash-your-hands-26");
    }

    async fn a_changed_badge_place_is_shown_as_a_change(app) {
        congress(app);
        let visitor = app.visitor().await;
        visitor.open("/events/congress-2026").await.says_nothing_of("Badge pick-up has changed");
        app.ignore_letters();
        app.must(|tx| {
            let event = events::get(tx.db, "congress-2026")?;
            let before = events::badge_places(tx.db, &event.id)?.remove(0);
            let mut draft = events::BadgePlaceDraft::of(&before, event.zone());
            draft.place = "Promenade Lobby".to_owned();
            events::change_badge_place(tx, &event, &before, &draft)
        });
        let page = visitor.open("/events/congress-2026").await;
        page.says("Badge pick-up has changed").says("Promenade Lobby").says("Before, it was Quay Entrance lobby, counters 1 to 4");
    }

    async fn the_agenda_shows_today_with_seats_and_prices(app) {
        congress(app);
        register(app, "ada@example.org", &["B3"]);
        let visitor = app.visitor().await;
        visitor.open(AGENDA).await.says("10:30 AM until 11:30 AM").says("B3").says("1 left").says_nothing_of("W1");
        register(app, "bo@example.org", &["B3"]);
        register(app, "cy@example.org", &["B3"]);
        visitor.open(AGENDA).await.says("Full, 1 waiting");
        visitor.open("/events/congress-2026/agenda?day=2026-03-08").await.says("W1").says("$425.00 extra");
        visitor.open("/events/congress-2026/agenda?day=1999-01-01").await.says("B3");
        visitor.get("/events/no-such/agenda").await.expect(404);
    }

    async fn the_agenda_is_filtered_by_its_address(app) {
        congress(app);
        let visitor = app.visitor().await;
        let filtered = visitor.open("/events/congress-2026/agenda?kind=keynote").await;
        filtered.says("K1").says_nothing_of("B3");
        visitor.click("Tue 10 Mar").await.expect(200).says("K2").says_nothing_of("B13");
        visitor.open("/events/congress-2026/agenda?room=no-such").await.says("No session fits");
        visitor.click("Show the whole day").await.expect(200).says("B3");
        visitor.open("/events/pssm-series-2026/agenda").await.says("Wed 22 Apr 2026").says("Wed 18 Nov 2026");
    }

    async fn who_is_signed_in_sees_the_own_sessions_marked(app) {
        congress(app);
        register(app, "bo@example.org", &["B3"]);
        register(app, "cy@example.org", &["B3"]);
        let ada = register(app, "ada@example.org", &["B1"]);
        app.must({
            let ada = ada.clone();
            move |tx| {
                let session = lanyard::agenda::get(tx.db, &ada.event_id, "B3")?;
                enrollment::enroll(tx, &session, &ada).map(drop)
            }
        });
        let page = app.as_attendee(&ada).await.open(AGENDA).await;
        page.says("Enrolled").says("Waiting (1st)").says("Included").says("Change your sessions");
        app.visitor().await.open(AGENDA).await.says_nothing_of("Enrolled").says_nothing_of("Waiting (");
    }

    async fn a_page_for_everybody_carries_nothing_of_anybody(app) {
        congress(app);
        let first = app.visitor().await.open(AGENDA).await;
        let second = app.visitor().await;
        let second = second.open(AGENDA).await;
        assert_eq!(first.html(), second.html());
        assert!(!first.html().contains("csrf"), "a form token was kept for everybody");
        assert_eq!(first.header("set-cookie"), None);
        assert_eq!(first.header("cache-control"), Some("no-cache"));
        assert!(first.header("vary").is_some_and(|vary| vary.contains("Cookie")));
        assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
        assert_eq!(first.header("etag"), second.header("etag"));
    }

    async fn a_kept_page_is_made_anew_at_once_after_a_change_and_after_two_seconds(app) {
        congress(app);
        let visitor = app.visitor().await;
        let before = visitor.open(AGENDA).await.header("etag").map(str::to_owned);
        register(app, "ada@example.org", &["B3"]);
        let after = visitor.open(AGENDA).await.says("1 left").header("etag").map(str::to_owned);
        assert_ne!(before, after);
        app.set_clock("2026-03-10T08:30:00-07:00");
        visitor.open(AGENDA).await.says("Tue 10 Mar 2026").says("K2");
    }

    async fn a_session_page_tells_all_about_one_session(app) {
        congress(app);
        let visitor = app.visitor().await;
        let page = visitor.open("/events/congress-2026/sessions/W1").await;
        page.says("Sun 8 Mar 2026, 8:30 AM–4:30 PM Pacific").says("40 left of 40").says("$425.00 extra").says("Ingunn Achterberg");
        visitor.open("/events/congress-2026/sessions/IT1").await.says("This session carries no credit");
        visitor.get("/events/congress-2026/sessions/NONE").await.expect(404);
        visitor.get("/events/pssm-series-2026/sessions/W1").await.expect(404);
    }

    async fn programs_read_events_and_sessions(app) {
        congress(app);
        register(app, "ada@example.org", &["B3"]);
        let api = app.public_api().await;
        let list = api.get("/events?limit=1").await.expect(200).json();
        assert_eq!(list["items"][0]["slug"], "congress-2026");
        let rest = api.get(&format!("/events?cursor={}", list["next"].as_str().unwrap())).await.expect(200).json();
        assert_eq!((&rest["items"][0]["slug"], &rest["next"]), (&"pssm-series-2026".into(), &serde_json::Value::Null));
        let event = api.get("/events/congress-2026").await.expect(200).json();
        assert_eq!(event["claims_close_at"], "2026-04-18T00:00:00-07:00");
        assert_eq!(event["registration_types"][0]["price"], serde_json::json!({ "amount": 129900, "currency": "USD" }));
        let sessions = api.get("/events/congress-2026/sessions?limit=500").await.expect(200).json();
        let b3 = sessions["items"].as_array().unwrap().iter().find(|session| session["code"] == "B3").unwrap().clone();
        assert_eq!(b3["starts_at"], "2026-03-09T10:30:00-07:00");
        assert_eq!((&b3["capacity"], &b3["taken"], &b3["waitlisted"]), (&2.into(), &1.into(), &0.into()));
        assert_eq!((&b3["kind"], &b3["registration_required"]), (&"breakout".into(), &true.into()));
        assert_eq!(api.get("/events?limit=501").await.expect(422).code(), "invalid");
        assert_eq!(api.get("/events?colour=red").await.expect(422).code(), "invalid");
        assert_eq!(api.get("/events/none").await.expect(404).code(), "not_found");
        app.api_with("no-such-token").await.get("/events").await.expect(401);
    }

    async fn the_agenda_is_a_calendar_file_too(app) {
        congress(app);
        let file = app.visitor().await.open("/events/congress-2026/agenda.ics").await;
        assert_eq!(file.header("content-type"), Some("text/calendar; charset=utf-8"));
        let text = file.html();
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
        assert!(text.contains("DTSTART:20260309T160000Z\r\n"), "the keynote is at 9 AM Pacific");
    }

    async fn the_agenda_goes_out_as_a_schedule_that_reads_back_the_same(app) {
        congress(app);
        let visitor = app.visitor().await;
        for name in ["schedule.json", "schedule.xml"] {
            let file = visitor.open(&format!("/events/congress-2026/{name}")).await;
            let read = lanyard::agenda::schedule_file::read(&file.body, chrono_tz::UTC).unwrap();
            assert!(read.refused.is_empty() && read.notes.is_empty(), "{name}: {:?} {:?}", read.refused, read.notes);
            assert_eq!(read.zone, Some(chrono_tz::America::Los_Angeles));
            let sessions = app.look(|db| {
                let event = events::get(db, "congress-2026")?;
                lanyard::agenda::list(db, &event.id)
            });
            let mut told: Vec<_> = read.sessions.iter().map(|it| (it.external_id.clone(), it.title.clone(), it.starts_at, it.ends_at)).collect();
            let mut stored: Vec<_> =
                sessions.iter().map(|it| (it.id.to_string(), it.title.clone(), it.starts_at.utc(), it.ends_at.utc())).collect();
            told.sort();
            stored.sort();
            assert_eq!(told, stored, "{name}");
            let plan = app.look(|db| {
                let event = events::get(db, "congress-2026")?;
                lanyard::setup::agenda_import::plan(db, &event, &read)
            });
            let changes: Vec<_> = plan.changed.iter().map(|change| (&change.before.code, &change.what)).collect();
            assert!(changes.is_empty() && plan.added.is_empty() && plan.gone.is_empty(), "{name}: {changes:?} {:?}", plan.added);
        }
    }

    async fn the_api_document_and_its_page_are_served(app) {
        let visitor = app.visitor().await;
        assert_eq!(visitor.open("/api/openapi.json").await.json()["openapi"], "3.1.0");
        visitor.get("/api/docs").await.expect(303);
        assert!(visitor.follow().await.expect(200).html().contains("swagger-ui-bundle.js"));
        assert!(visitor.open("/api/docs/swagger-initializer.js").await.html().contains("/api/openapi.json"));
        visitor.get("/api/docs/none.js").await.expect(404);
    }
}
