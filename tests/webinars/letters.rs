//! Letters seven days, one day and one hour before a webinar, each once to each person, also with two nodes.

use diesel::prelude::*;
use lanyard::agenda::{Known, SessionDraft};
use lanyard::app::Actor;
use lanyard::db::schema::jobs as jobs_table;
use lanyard::enrollment::telling;
use lanyard::events::Event;
use lanyard::registration::Registration;
use lanyard::setup::sessions;
use lanyard::timetable;
use lanyard::{agenda, jobs, orders, webinars};

use super::{a_guest, a_ready_series, link, look_around};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::a_registration;

fn at(app: &TestApp, time: &str) -> usize {
    app.set_clock(time);
    look_around(app);
    app.letters().into_iter().filter(|letter| letter.kind == "webinar").count()
}

fn move_p1(app: &TestApp, event: &Event, starts: &str, ends: &str) {
    let (event, starts, ends) = (event.clone(), starts.to_owned(), ends.to_owned());
    app.must(move |tx| {
        let session = webinars::get(tx.db, &event, "P1")?;
        let mut known = Known {
            rooms: agenda::rooms(tx.db, &event.id)?,
            tracks: agenda::tracks(tx.db, &event.id)?,
            sessions: agenda::list(tx.db, &event.id)?,
        };
        let draft = SessionDraft { starts, ends, ..SessionDraft::of(&session, event.zone(), &known) };
        sessions::change(tx, &event, &session, &draft, &mut known).map(drop)
    });
}

fn two(app: &TestApp) -> (Event, Registration, Registration) {
    let event = a_ready_series(app);
    let ada = a_guest(app, &event, "Ada", "Okonkwo");
    let bo = a_registration(&event).buying("series").named("Bo", "Chen").email("bo@hospital.example").make(app);
    a_registration(&event).buying("webinar-2").make(app);
    (event, ada, bo)
}

on_both! {
    async fn letters_with_the_link_go_out_seven_days_one_day_and_one_hour_before_each_once(app) {
        let (event, ada, _) = two(app);
        assert_eq!(at(app, "2026-04-15T12:59:00-04:00"), 0);
        app.set_clock("2026-04-15T13:04:00-04:00");
        look_around(app);
        let letter = app.expect_letter("ada@hospital.example", "webinar");
        assert_eq!(letter.subject, "The board meeting, on Wed 22 Apr 2026 at 1:00 PM Eastern");
        letter.says("Your personal join link").says("10:00 AM Pacific").says("It opens at 12:45 PM Eastern");
        assert!(letter.link_with("/join/").ends_with(&link(app, &event, &ada)));
        assert!(letter.text_of("text/html").contains("Join the webinar"));
        assert!(letter.text_of("text/calendar").contains("SUMMARY:The board meeting"));
        letter.says("Whole series, $395.00");
        let paid = app.expect_letter("bo@hospital.example", "webinar");
        assert!(!paid.text().contains("complimentary"), "{}", paid.text());
        for (time, count) in [
            ("2026-04-15T13:09:00-04:00", 0), ("2026-04-19T13:00:00-04:00", 0), ("2026-04-21T13:01:00-04:00", 2),
            ("2026-04-21T13:06:00-04:00", 0), ("2026-04-22T11:59:00-04:00", 0), ("2026-04-22T12:00:30-04:00", 2),
            ("2026-04-22T12:40:00-04:00", 0), ("2026-04-22T13:00:00-04:00", 0), ("2026-04-23T13:00:00-04:00", 0),
        ] {
            assert_eq!(at(app, time), count, "{time}");
        }
    }

    async fn two_nodes_write_each_letter_once(app) {
        let (event, ..) = two(app);
        app.set_clock("2026-04-21T13:00:00-04:00");
        // Both looked before either wrote.
        let session = app.look(|db| webinars::get(db, &event, "P1"));
        let people = app.look(|db| webinars::queries::people(db, &session));
        let ids: Vec<String> = people.iter().map(|one| one.id.to_string()).collect();
        for _ in 0..2 {
            let payload = serde_json::json!({ "session": session.id, "registrations": ids });
            app.must(move |tx| jobs::enqueue(tx, webinars::letters::WRITE, &payload, tx.now));
        }
        let nodes: Vec<_> = (0..2)
            .map(|_| {
                let node = app.app();
                std::thread::spawn(move || jobs::run_due(&node, timetable::JOBS).expect("the jobs run"))
            })
            .collect();
        for node in nodes {
            node.join().expect("a node");
        }
        app.run_jobs();
        assert_eq!(app.letters().len(), 2);
    }

    async fn who_registers_late_gets_one_letter_and_who_is_canceled_none(app) {
        let (event, ada, _) = two(app);
        app.write_here(Actor::Service("test"), move |tx| orders::cancel_registration(tx, &ada, "asked for it")).unwrap();
        app.set_clock("2026-04-22T12:20:00-04:00");
        let late = a_guest(app, &event, "Cy", "Dahl");
        look_around(app);
        let letters = app.letters();
        let to: Vec<&str> = letters.iter().map(|letter| letter.to[0].as_str()).collect();
        assert_eq!(to, ["bo@hospital.example", "cy@hospital.example"], "{}", late.code);
        assert!(letters[1].subject.ends_with("today at 1:00 PM Eastern"));
        assert_eq!(at(app, "2026-04-22T12:30:00-04:00"), 0);
    }

    async fn a_moved_webinar_is_told_by_one_letter_and_those_of_its_new_start_follow(app) {
        let (event, ..) = two(app);
        assert_eq!(at(app, "2026-04-21T13:00:00-04:00"), 2);
        move_p1(app, &event, "15:30", "16:30");
        app.run_jobs();
        for email in ["ada@hospital.example", "bo@hospital.example"] {
            app.expect_letter(email, "session_moved").says("3:30–4:30 PM Eastern");
        }
        // Whoever had the link already is not told a second time; who came since gets it.
        assert_eq!(at(app, "2026-04-21T14:00:00-04:00"), 0);
        a_guest(app, &event, "Cy", "Dahl");
        app.set_clock("2026-04-21T14:10:00-04:00");
        look_around(app);
        assert_eq!(app.expect_letter("cy@hospital.example", "webinar").subject, "The board meeting, tomorrow at 3:30 PM Eastern");
        // The letters of the new start follow; none of the old one.
        assert_eq!(at(app, "2026-04-21T15:31:00-04:00"), 3);
        assert_eq!(at(app, "2026-04-22T12:30:00-04:00"), 0);
        assert_eq!(at(app, "2026-04-22T14:31:00-04:00"), 3);
    }

    async fn a_moved_webinar_of_many_is_told_some_at_a_time_each_once(app) {
        let event = a_ready_series(app);
        let people: Vec<Registration> = (0..53).map(|number| a_guest(app, &event, &format!("Guest{number}"), "Person")).collect();
        move_p1(app, &event, "15:30", "16:30");
        let jobs: i64 = app.look(|db| Ok(jobs_table::table.filter(jobs_table::kind.eq(telling::TELL)).count().get_result(db)?));
        assert_eq!(jobs, 2);
        let canceled = people[7].clone();
        app.must(move |tx| orders::cancel_registration(tx, &canceled, "asked for it"));
        app.run_jobs();
        let mut told: Vec<String> = app.letters().into_iter().filter(|letter| letter.kind == "session_moved").map(|letter| letter.to.concat()).collect();
        told.sort();
        told.dedup();
        assert_eq!(told.len(), 52, "who was canceled meanwhile is told nothing");
    }

    async fn a_person_with_two_registrations_gets_one_letter_with_one_link(app) {
        let event = a_ready_series(app);
        let free = a_guest(app, &event, "Ada", "Okonkwo");
        let paid = a_registration(&event).buying("series").named("Ada", "Okonkwo").email("ada@hospital.example").make(app);
        assert_eq!(free.person_id, paid.person_id);
        app.set_clock("2026-04-15T13:04:00-04:00");
        look_around(app);
        let letter = app.expect_letter("ada@hospital.example", "webinar");
        assert!(letter.link_with("/join/").ends_with(&link(app, &event, &paid)), "the link of what was paid for");
        assert_eq!(at(app, "2026-04-21T13:01:00-04:00"), 1);
        // Where the paid one is canceled, the other stands in.
        app.must(move |tx| orders::cancel_registration(tx, &paid, "asked for it"));
        app.set_clock("2026-04-22T12:01:00-04:00");
        look_around(app);
        assert!(app.expect_letter("ada@hospital.example", "webinar").link_with("/join/").ends_with(&link(app, &event, &free)));
        move_p1(app, &event, "15:30", "16:30");
        app.run_jobs();
        app.expect_letter("ada@hospital.example", "session_moved");
    }

    async fn a_letter_with_a_link_is_shown_to_nobody_and_blanked_once_sent(app) {
        let (_, ada, _) = two(app);
        assert_eq!(at(app, "2026-04-22T12:10:00-04:00"), 2);
        let letters = app.look(|db| lanyard::mail::of_registration(db, &ada.id));
        let letter = letters.iter().find(|letter| letter.kind == "webinar").expect("the letter");
        assert_eq!((letter.body_text.as_str(), letter.body_html.as_str()), ("", ""));
        let browser = app.as_attendee(&ada).await;
        browser.open(&format!("/my/{}/letters", ada.code)).await.says("The board meeting, today at 1:00 PM Eastern");
        browser.get(&format!("/my/{}/letters/{}", ada.code, letter.id)).await.expect(404);
    }
}
