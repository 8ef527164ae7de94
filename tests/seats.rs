//! Seats and lines as people live through them: refusals with their reasons, freed seats, moved and canceled sessions.

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_registration, registrations, session, standing};
use crate::support::visitor::Api;
use lanyard::enrollment::{Status, selection};
use lanyard::events::Event;
use lanyard::registration::Registration;
use lanyard::setup;
use lanyard::staff::Role;
use serde_json::json;

async fn ask(api: &Api, registration: &Registration, session: &str) -> (u16, String) {
    let answer = api.post(&format!("/registrations/{}/enrollments", registration.code), json!({ "session": session })).await;
    let said = if answer.status == 201 { answer.json()["status"].as_str().unwrap().to_owned() } else { answer.code() };
    (answer.status, said)
}

fn said(status: u16, what: &str) -> (u16, String) {
    (status, what.to_owned())
}

/// Takes a seat or a place in the line, with its letter, which is read.
fn choose(app: &TestApp, event: &Event, registration: &Registration, code: &str) {
    let (event, registration, session) = (event.clone(), registration.clone(), session(app, event, code));
    app.must(move |tx| selection::choose(tx, &event, &session, &registration));
    app.letters();
}

fn give_up(app: &TestApp, event: &Event, registration: &Registration, code: &str) {
    let (event, registration, session) = (event.clone(), registration.clone(), session(app, event, code));
    app.must(move |tx| selection::give_up(tx, &event, &session, &registration));
    app.run_jobs();
}

fn email(app: &TestApp, registration: &Registration) -> String {
    app.look(|db| lanyard::people::get(db, &registration.person_id)).email
}

const SEATED: Option<(Status, Option<i64>)> = Some((Status::Enrolled, None));

fn waits(position: i64) -> Option<(Status, Option<i64>)> {
    Some((Status::Waitlisted, Some(position)))
}

/// UID and SEQUENCE of the session with this title in a calendar file.
fn entry(calendar: &str, title: &str) -> (String, u32) {
    let event = calendar.split("BEGIN:VEVENT").find(|event| event.contains(title)).unwrap_or_else(|| panic!("no {title} in {calendar}"));
    let value = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    (value("UID:"), value("SEQUENCE:").parse().unwrap_or_default())
}

on_both! {
    async fn every_refusal_has_its_code_and_names_what_is_in_the_way(app) {
        let event = a_congress().but("registration_types", "support-person", "covers = ['K1', 'B2']").make(app);
        let api = app.api(Role::Registrar).await;
        let ada = a_registration(&event).in_sessions(&["B1"]).make(app);
        assert_eq!(ask(&api, &ada, "B1").await, said(409, "enrollment.already"));
        assert_eq!(ask(&api, &ada, "B2").await, said(409, "enrollment.conflict"));
        assert_eq!(ask(&api, &ada, "W1").await, said(409, "enrollment.not_included"));
        assert_eq!(ask(&api, &ada, "K1").await, said(409, "enrollment.not_chosen"));
        assert_eq!(ask(&api, &ada, "B4").await, said(201, "enrolled"), "back-to-back is fine");
        assert_eq!(ask(&api, &ada, "X9").await, said(422, "invalid"));
        let conflict = api.post(&format!("/registrations/{}/enrollments", ada.code), json!({ "session": "B2" })).await.json();
        assert!(conflict["detail"].as_str().unwrap().contains("B1, “Handoffs that hold”"), "{conflict}");
        let sam = a_registration(&event).buying("support-person").with_code("WITH-YOU-26").make(app);
        assert_eq!(ask(&api, &sam, "B1").await, said(409, "enrollment.not_included"));
        assert_eq!(ask(&api, &sam, "B2").await, said(201, "enrolled"));
        app.set_clock("2026-03-09T10:29:59-07:00");
        let late = a_registration(&event).make(app);
        assert_eq!(ask(&api, &late, "B2").await, said(201, "enrolled"));
        app.set_clock("2026-03-09T10:30:00-07:00");
        assert_eq!(ask(&api, &late, "B1").await, said(409, "enrollment.closed"));
        let leave = api.delete(&format!("/registrations/{}/enrollments/B2", late.code)).await.expect(409);
        assert_eq!(leave.code(), "enrollment.closed");
        app.ignore_letters();
    }

    async fn selections_close_so_many_minutes_before_as_the_event_says(app) {
        let event = a_congress().event("selection_closes_minutes_before = 60").make(app);
        let api = app.api(Role::Registrar).await;
        let all = registrations(app, &event, 2);
        app.set_clock("2026-03-09T09:29:59-07:00");
        assert_eq!(ask(&api, &all[0], "B1").await, said(201, "enrolled"));
        app.set_clock("2026-03-09T09:30:00-07:00");
        assert_eq!(ask(&api, &all[1], "B1").await, said(409, "enrollment.closed"));
        app.ignore_letters();
    }

    async fn a_freed_seat_goes_to_the_next_and_who_is_passed_over_keeps_the_place_and_is_told_once(app) {
        let event = a_congress().seats("B3", 1).make(app);
        let all = registrations(app, &event, 5);
        let [sits, busy, next, third, last] = [&all[0], &all[1], &all[2], &all[3], &all[4]];
        choose(app, &event, sits, "B3");
        choose(app, &event, busy, "B1");
        for waiting in [busy, next, third, last] {
            choose(app, &event, waiting, "B3");
        }
        let b3 = session(app, &event, "B3");
        give_up(app, &event, sits, "B3");
        assert_eq!([busy, next, third].map(|one| standing(app, one, &b3)), [waits(1), SEATED, waits(2)]);
        let told = app.expect_letter(&email(app, busy), "passed_over").text();
        assert!(told.contains("Handoffs that hold") && told.contains("1st of"), "{told}");
        let promoted = app.expect_letter(&email(app, next), "promoted");
        assert!(promoted.text_of("text/calendar").contains("Small room\\, big questions"), "{}", promoted.text_of("text/calendar"));
        app.letters();
        give_up(app, &event, next, "B3");
        let kinds: Vec<String> = app.letters_to(&email(app, busy)).into_iter().map(|letter| letter.kind).collect();
        assert!(kinds.is_empty(), "told once: {kinds:?}");
        assert_eq!([busy, third, last].map(|one| standing(app, one, &b3)), [waits(1), SEATED, waits(2)]);
        give_up(app, &event, third, "B3");
        assert_eq!(standing(app, last, &b3), SEATED);
        give_up(app, &event, last, "B3");
        assert_eq!(standing(app, busy, &b3), waits(1), "nobody is left who could take it");
        app.letters();
        give_up(app, &event, busy, "B1");
        assert_eq!(standing(app, busy, &b3), SEATED, "nothing is in the way any more");
        app.letters();
    }

    async fn a_larger_room_takes_the_first_in_line_and_a_smaller_one_evicts_nobody(app) {
        let event = a_congress().seats("B3", 2).make(app);
        let all = registrations(app, &event, 5);
        all.iter().for_each(|one| choose(app, &event, one, "B3"));
        let b3 = session(app, &event, "B3");
        let stand = |app: &TestApp| all.iter().map(|one| standing(app, one, &b3)).collect::<Vec<_>>();
        a_congress().seats("B3", 4).make(app);
        assert_eq!(stand(app), [SEATED, SEATED, SEATED, SEATED, waits(1)]);
        app.expect_letter(&email(app, &all[2]), "promoted");
        app.expect_letter(&email(app, &all[3]), "promoted");
        a_congress().seats("B3", 1).make(app);
        assert_eq!(stand(app), [SEATED, SEATED, SEATED, SEATED, waits(1)]);
        give_up(app, &event, &all[0], "B3");
        assert_eq!(stand(app)[4], waits(1), "more sit there than the room has seats");
        app.letters();
    }

    async fn a_moved_session_tells_everyone_and_names_the_conflicts(app) {
        let event = a_congress().seats("B3", 1).make(app);
        let all = registrations(app, &event, 3);
        let [sits, both, waiting] = [&all[0], &all[1], &all[2]];
        choose(app, &event, both, "B3");
        choose(app, &event, both, "B4");
        choose(app, &event, waiting, "B3");
        choose(app, &event, sits, "B1");
        a_congress().seats("B3", 1).but("sessions", "B3", "starts = '11:30'\nends = '12:30'").make(app);
        app.run_jobs();
        let told = app.expect_letter(&email(app, both), "session_moved");
        assert!(told.text().contains("YOU ARE NOW IN TWO SESSIONS AT ONCE") && told.text().contains("Back to back"), "{}", told.text());
        let told = app.expect_letter(&email(app, waiting), "session_moved");
        assert!(told.text().contains("Waiting (1st)") && !told.text().contains("TWO SESSIONS"), "{}", told.text());
        assert_eq!(app.letters().len(), 0, "who has nothing to do with it hears nothing");
        app.run_jobs();
    }

    async fn a_canceled_session_tells_everyone_and_frees_who_sat_there(app) {
        let event = a_congress().seats("B3", 1).make(app);
        let all = registrations(app, &event, 2);
        choose(app, &event, &all[0], "B3");
        choose(app, &event, &all[1], "B1");
        choose(app, &event, &all[1], "B3");
        give_up(app, &event, &all[0], "B3");
        app.letters();
        let b3 = session(app, &event, "B3");
        assert_eq!(standing(app, &all[1], &b3), waits(1));
        let b1 = session(app, &event, "B1");
        app.must(move |tx| setup::sessions::cancel(tx, &b1, "the speaker is ill"));
        app.run_jobs();
        let told = app.expect_letter(&email(app, &all[1]), "session_canceled");
        assert!(told.text().contains("the speaker is ill") && told.text().contains("Medication lists that agree"), "{}", told.text());
        app.run_jobs();
        assert_eq!(standing(app, &all[1], &b3), SEATED, "only the canceled session was in the way");
        app.expect_letter(&email(app, &all[1]), "promoted");
        let api = app.api(Role::Registrar).await;
        assert_eq!(ask(&api, &all[0], "B1").await, said(409, "enrollment.closed"));
    }

    async fn a_calendar_keeps_its_uids_and_its_sequence_rises_with_a_change(app) {
        let event = a_congress().make(app);
        let ada = a_registration(&event).in_sessions(&["B1"]).make(app);
        let browser = app.as_attendee(&ada).await;
        let path = format!("/my/{}/agenda.ics", ada.code);
        let before = browser.open(&path).await;
        assert!(before.header("content-type").unwrap().starts_with("text/calendar"));
        let (uid, sequence) = entry(&before.html(), "Handoffs that hold");
        assert!(before.html().contains("What we owe each other"), "included sessions stand in it");
        a_congress().but("sessions", "B1", "room = 'r2'").but("sessions", "B2", "room = 'r1'").make(app);
        app.run_jobs();
        app.letters();
        let after = entry(&browser.open(&path).await.html(), "Handoffs that hold");
        assert_eq!(after.0, uid);
        assert!(after.1 > sequence, "{} is not above {sequence}", after.1);
        a_congress().but("sessions", "B1", "room = 'r2'").but("sessions", "B2", "room = 'r1'").make(app);
        assert_eq!(entry(&browser.open(&path).await.html(), "Handoffs that hold"), after, "importing it again changes nothing");
    }
}
