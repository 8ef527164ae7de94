//! Seats that nobody claimed, given out at the door: the waitlist first, then the line, and never one twice (CHK-2).

use diesel::prelude::*;
use lanyard::clock::Instant;
use lanyard::db::schema::{audit_entries, enrollments};
use lanyard::enrollment::{self, Status};
use lanyard::events::Event;
use lanyard::registration::Registration;
use lanyard::staff::Role;
use serde_json::json;

use crate::checkin::{ask, badge, body, inside, outcome};
use crate::on_both;
use crate::support::app::{TestApp, instant};
use crate::support::builders::{EventMaker, a_congress, a_registration, session, standing};
use crate::support::visitor::{Api, at_once};

/// The congress with a free type, a quarter of an hour before the breakouts.
pub fn a_morning(app: &TestApp, congress: EventMaker) -> Event {
    app.set_clock("2026-03-09T10:15:00-07:00");
    app.ignore_letters();
    app.ignore_jobs();
    let free = "code = 'free'\nname = 'Guest'\ncovers = 'all'\ntiers = [{ name = 'Free', price = '0.00' }]";
    congress.with("registration_types", free).make(app)
}

/// Somebody who owes nothing, with these sessions and a badge.
pub fn a_guest(app: &TestApp, event: &Event, name: &str, sessions: &[&str]) -> (Registration, String) {
    let registration = a_registration(event).named(name, "Okonkwo").buying("free").in_sessions(sessions).make(app);
    let token = badge(app, &registration);
    (registration, token)
}

async fn told(api: &Api, token: &str) -> (String, String) {
    let told = ask(api, body("door-B3", token)).await;
    (told["outcome"].as_str().unwrap().to_owned(), told["message"].as_str().unwrap().to_owned())
}

fn taken(app: &TestApp, event: &Event) -> i64 {
    let b3 = session(app, event, "B3").id;
    app.look(|db| enrollment::seats_taken(db, &b3))
}

fn at(app: &TestApp, time: &str) {
    app.set_clock(&format!("2026-03-09T{time}:00-07:00"));
}

on_both! {
    async fn whose_seat_was_given_away_at_the_door_is_told_in_plain_words(app) {
        let event = a_morning(app, a_congress().seats("B3", 1));
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let (late, late_badge) = a_guest(app, &event, "Noor", &["B3"]);
        let (_, waiting) = a_guest(app, &event, "Cy", &["B3"]);
        let email = app.look(|db| lanyard::people::get(db, &late.person_id)).email;
        app.letters();
        at(app, "10:41");
        assert_eq!(told(&api, &waiting).await.0, "admitted");
        let letter = app.expect_letter(&email, "seat_given_away");
        let title = session(app, &event, "B3").title;
        assert_eq!(letter.subject, format!("Your seat went to somebody at the door: {title}"));
        let kinds: Vec<&str> = letter.parts.iter().map(|part| part.media_type.as_str()).collect();
        assert_eq!(kinds, ["text/plain", "text/html", "text/calendar"]);
        for text in [letter.text(), crate::support::html::text(&letter.text_of("text/html"))] {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for words in ["Hello Noor Okonkwo.", "had not been scanned at its doors by 10:41 AM Pacific", "as soon as a seat is free you are let in", "Room 3"] {
                assert!(text.contains(words), "{words:?} is not in:\n{text}");
            }
        }
        assert!(!letter.text_of("text/calendar").contains(&title), "the calendar has what is left");
        // Scanned again, the person whose seat it was is told the same, and no second letter is written.
        assert_eq!(told(&api, &late_badge).await.0, "full");
        assert_eq!(app.letters_to(&email).len(), 0);
    }

    async fn unclaimed_seats_go_to_the_waitlist_at_the_door_and_then_to_the_line(app) {
        let event = a_morning(app, a_congress().seats("B3", 2));
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let (_, ada) = a_guest(app, &event, "Ada", &["B3"]);
        let (bo, bo_badge) = a_guest(app, &event, "Bo", &["B3"]);
        let (cy, cy_badge) = a_guest(app, &event, "Cy", &["B3"]);
        let (_, dee) = a_guest(app, &event, "Dee", &[]);
        at(app, "10:20");
        assert_eq!(told(&api, &ada).await.0, "admitted");
        at(app, "10:30");
        let full = told(&api, &dee).await;
        assert_eq!(full.0, "full");
        assert!(full.1.ends_with("those that nobody claims here are given out from 10:40 AM."), "{}", full.1);
        at(app, "10:39");
        let waits = told(&api, &cy_badge).await;
        assert_eq!(waits.0, "waitlisted");
        assert!(waits.1.contains("from 10:40 AM, the waitlist first"), "{}", waits.1);
        at(app, "10:40");
        let second = told(&api, &dee).await;
        assert_eq!(second.0, "not_enrolled");
        assert!(second.1.contains("the person who waited here before comes first"), "{}", second.1);
        assert_eq!(told(&api, &cy_badge).await, ("admitted".to_owned(), "Let in: a free seat goes to this person.".to_owned()));
        assert_eq!(told(&api, &dee).await.0, "full");
        at(app, "10:45");
        let gone = told(&api, &bo_badge).await;
        assert_eq!(gone.0, "full");
        assert!(gone.1.starts_with("The person’s seat was given away at 10:40 AM, because nobody had come"), "{}", gone.1);
        let b3 = session(app, &event, "B3");
        assert_eq!((standing(app, &bo, &b3), standing(app, &cy, &b3)), (None, Some((Status::Enrolled, None))));
        assert_eq!((taken(app, &event), inside(app)), (2, (2, 2)));
        let (at_door, given): (i64, Option<Instant>) = app.look(|db| {
            let at_door = enrollments::table.filter(enrollments::taken_at_door.eq(true)).count().get_result(db)?;
            Ok((at_door, enrollments::table.select(diesel::dsl::max(enrollments::given_away_at)).first(db)?))
        });
        assert_eq!((at_door, given), (1, Some(instant("2026-03-09T10:40:00-07:00"))));
        let audited: Vec<String> = app.look(|db| {
            let actions = audit_entries::table.filter(audit_entries::action.eq_any(["enrollment.given_away", "enrollment.seated_at_door"]));
            Ok(actions.order(audit_entries::id.asc()).select(audit_entries::action).load(db)?)
        });
        assert_eq!(audited, ["enrollment.given_away", "enrollment.seated_at_door"]);
    }

    async fn who_comes_after_the_seat_was_given_away_gets_another_while_there_is_one(app) {
        let event = a_morning(app, a_congress().seats("B3", 3));
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let (_, ada) = a_guest(app, &event, "Ada", &["B3"]);
        let (bo, bo_badge) = a_guest(app, &event, "Bo", &["B3"]);
        let (cy, cy_badge) = a_guest(app, &event, "Cy", &["B3"]);
        let (_, dee) = a_guest(app, &event, "Dee", &[]);
        at(app, "10:41");
        assert_eq!(told(&api, &dee).await.0, "admitted");
        let b3 = session(app, &event, "B3");
        // The seat that was taken last passes on first.
        assert_eq!((standing(app, &bo, &b3), standing(app, &cy, &b3)), (Some((Status::Enrolled, None)), None));
        assert_eq!(told(&api, &cy_badge).await.0, "admitted");
        assert_eq!(told(&api, &ada).await, ("admitted".to_owned(), "Let in.".to_owned()));
        assert_eq!(told(&api, &bo_badge).await.0, "full");
        assert_eq!((taken(app, &event), inside(app)), (3, (3, 3)));
    }

    async fn a_seat_at_the_door_gives_up_the_one_at_the_same_time(app) {
        let event = a_morning(app, a_congress().seats("B3", 1));
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let (ada, _) = a_guest(app, &event, "Ada", &["B3"]);
        let (dee, dee_badge) = a_guest(app, &event, "Dee", &["B1"]);
        at(app, "10:41");
        assert_eq!(told(&api, &dee_badge).await.0, "admitted");
        let (b1, b3) = (session(app, &event, "B1"), session(app, &event, "B3"));
        assert_eq!((standing(app, &dee, &b1), standing(app, &dee, &b3)), (None, Some((Status::Enrolled, None))));
        assert_eq!(standing(app, &ada, &b3), None);
    }

    async fn the_event_says_from_when_unclaimed_seats_are_given_out(app) {
        let event = a_morning(app, a_congress().seats("B3", 1).event("unclaimed_after_minutes = 30"));
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let _absent = a_guest(app, &event, "Ada", &["B3"]);
        let (_, dee) = a_guest(app, &event, "Dee", &[]);
        at(app, "10:59");
        assert_eq!(told(&api, &dee).await.0, "full");
        at(app, "11:00");
        assert_eq!(told(&api, &dee).await.0, "admitted");
    }

    async fn forty_at_once_at_the_door_take_the_last_unclaimed_seat_once(app) {
        let event = a_morning(app, a_congress().seats("B3", 2));
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let (_, ada) = a_guest(app, &event, "Ada", &["B3"]);
        let (_, bo) = a_guest(app, &event, "Bo", &["B3"]);
        assert_eq!(outcome(&api, "door-B3", &ada).await, "admitted");
        // The one whose seat it is comes at the same moment.
        let mut tokens = vec![bo];
        tokens.extend((0..39).map(|number| a_guest(app, &event, &format!("Dee{number}"), &[]).1));
        at(app, "10:41");
        let scans = tokens.into_iter().map(|token| {
            let api = api.clone();
            async move { ask(&api, body("door-B3", &token)).await }
        });
        let told = at_once(scans.collect::<Vec<_>>()).await;
        let count = |outcome: &str| told.iter().filter(|told| told["outcome"] == outcome).count();
        assert_eq!((count("admitted"), count("full")), (1, 39), "{told:?}");
        assert_eq!((taken(app, &event), inside(app)), (2, (2, 2)));
    }

    async fn queues_that_arrive_at_once_take_no_unclaimed_seat_twice(app) {
        let event = a_morning(app, a_congress().seats("B3", 4));
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        for number in 0..4 {
            a_guest(app, &event, &format!("Ada{number}"), &["B3"]);
        }
        let tokens: Vec<String> = (0..20).map(|number| a_guest(app, &event, &format!("Dee{number}"), &[]).1).collect();
        at(app, "10:41");
        let queues = (0..4).map(|turn| {
            let mut tokens = tokens.clone();
            tokens.rotate_left(turn * 5);
            let scans: Vec<_> = tokens.iter().map(|token| body("door-B3", token)).collect();
            let api = api.clone();
            async move { api.post("/scans/batch", json!({ "scans": scans })).await.expect(200) }
        });
        at_once(queues.collect::<Vec<_>>()).await;
        assert_eq!((taken(app, &event), inside(app)), (4, (4, 4)));
    }

    async fn the_door_page_counts_reserved_walk_in_and_free(app) {
        let event = a_morning(app, a_congress().seats("B3", 2));
        let (_, ada) = a_guest(app, &event, "Ada", &["B3"]);
        let _absent = a_guest(app, &event, "Bo", &["B3"]);
        let (_, dee) = a_guest(app, &event, "Dee", &[]);
        let staff = app.as_staff_of(Role::Onsite, Some(event.id.clone())).await;
        let base = "/staff/events/congress-2026/checkpoints/door-B3";
        staff.open(base).await.says("2 reserved · 0 walk-ins · full");
        let told = staff.script(actix_web::http::Method::POST, &format!("{base}/scans"), &body("door-B3", &ada)).await.expect(200).json();
        assert_eq!(told["room"], json!({ "present": 1, "reserved": 2, "walk_in": 0, "free": 0, "words": "2 reserved · 0 walk-ins · full" }));
        at(app, "10:40");
        staff.open(base).await.says("2 reserved · 0 walk-ins · 1 free");
        staff.submit("/scans", &[("token", &dee)]).await.expect(200).says("ADMIT").says("1 reserved · 1 walk-in · full");
    }
}
