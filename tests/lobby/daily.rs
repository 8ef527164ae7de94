//! Daily letters: each person's own first session, badge place and lunch, sent once, on time in the event's zone.

use std::collections::BTreeMap;

use diesel::prelude::*;
use lanyard::db::schema::{daily_letter_people as people, daily_letters as letters};
use lanyard::events::Event;
use lanyard::ids::{DailyLetterId, JobId};
use lanyard::jobs::{self, Job};
use lanyard::lobby::daily::{self, Draft, Standing};
use lanyard::lobby::sending::{SEND, Wanted, run_send};
use lanyard::setup::sessions;
use lanyard::staff::Role;
use lanyard::timetable;

use super::{STAFF, ada, cancel};
use crate::on_both;
use crate::support::app::{TestApp, instant};
use crate::support::builders::{a_congress, a_registration, a_series, registrations, session};

const BODY: &str =
    "Good morning {name}.\n\nFirst: {first_session} at {first_time}\nRoom: {first_room}\n\nBadges: {badge_place}\nLunch: {lunch}";
const LUNCH: &str =
    "code = 'L1'\nkind = 'meal'\ntitle = 'Lunch'\nroom = 'hall'\ndate = '2026-03-09'\nstarts = '12:30'\nends = '13:30'\nincluded = true";

/// A letter about the Monday.
fn a_letter(app: &TestApp, event: &Event, audience: &str) -> DailyLetterId {
    let (event, audience) = (event.clone(), audience.to_owned());
    app.must(move |tx| {
        let text = str::to_owned;
        let draft = Draft { subject: text("Today at {event}"), body: text(BODY), audience, about_on: text("2026-03-09") };
        Ok(daily::compose(tx, &event, &draft)?.id)
    })
}

fn schedule(app: &TestApp, event: &Event, letter: &DailyLetterId, when: &str) -> lanyard::error::Result<lanyard::clock::Instant> {
    let (event, letter, when) = (event.clone(), letter.clone(), when.to_owned());
    app.write_here(lanyard::app::Actor::Service("test"), move |tx| daily::schedule(tx, &event, &letter, &when))
}

fn standing(app: &TestApp, event: &Event, letter: &DailyLetterId) -> Standing {
    app.look(|db| Ok(daily::get(db, &event.id, letter)?.standing()))
}

/// How many daily letters each address got that were not read before.
fn sent(app: &TestApp) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for letter in app.letters().into_iter().filter(|letter| letter.kind == "daily_letter") {
        *counts.entry(letter.to.concat()).or_default() += 1;
    }
    counts
}

on_both! {
    async fn a_daily_letter_tells_each_person_their_own_day(app) {
        let event = a_congress().with("sessions", LUNCH).make(app);
        let ada = a_registration(&event).named("Ada", "Person").email("ada@hospital.example").in_sessions(&["B1"]).make(app);
        let bo = a_registration(&event).email("bo@hospital.example").buying("general-workshop").with_details(|details| details.badge_name = "Bo <3 {lunch}".to_owned()).make(app);
        let letter = a_letter(app, &event, "all");
        schedule(app, &event, &letter, "2026-03-09T06:30").unwrap();
        app.set_clock("2026-03-09T06:29:59-07:00");
        assert_eq!(app.run_jobs(), 0);
        app.set_clock("2026-03-09T06:30:00-07:00");
        app.run_jobs();
        let hers = app.expect_letter("ada@hospital.example", "daily_letter");
        assert_eq!(hers.subject, "Today at Patient Safety Congress 2026");
        hers.says(&format!("Good morning {}.", ada.badge_name)).says("First: K1 “What we owe each other” at 9:00 AM").says("Room: Harbor Hall");
        hers.says("Badges: Harbor Hall foyer, 7:00 AM–Tue 10 Mar 2026 4:00 PM").says("Lunch: 12:30–1:30 PM, Harbor Hall").says("/events/congress-2026/lobby");
        let theirs = app.expect_letter("bo@hospital.example", "daily_letter");
        // What somebody is called is text, whatever it looks like. Their type has no lunch, so no line says so.
        assert!(theirs.text().contains("Good morning Bo <3 {lunch}.") && !theirs.text().contains("Lunch:"), "{}", theirs.text());
        assert!(theirs.text_of("text/html").contains("Bo &lt;3 {lunch}"));
        theirs.says("Badges: Harbor Hall foyer");
        let _ = bo;
    }

    async fn several_nodes_and_repeated_runs_send_each_letter_once(app) {
        let event = a_congress().make(app);
        let people = registrations(app, &event, 120);
        cancel(app, &people[7]);
        let letter = a_letter(app, &event, "all");
        schedule(app, &event, &letter, "2026-03-09T06:30").unwrap();
        schedule(app, &event, &letter, "2026-03-09T06:30").unwrap();
        app.set_clock("2026-03-09T06:31:00-07:00");
        let nodes: Vec<_> = (0..4)
            .map(|_| {
                let node = app.app();
                std::thread::spawn(move || while !matches!(jobs::run_due(&node, timetable::JOBS), Ok(0)) {})
            })
            .collect();
        nodes.into_iter().for_each(|node| node.join().unwrap());
        // What two nodes got into each other's way with is tried again later.
        for _ in 0..5 {
            app.wait_minutes(3);
            app.run_jobs();
        }
        let counts = sent(app);
        assert_eq!((counts.len(), counts.values().sum::<usize>()), (119, 119), "{counts:?}");
        assert!(matches!(standing(app, &event, &letter), Standing::Sent(_)));
        assert_eq!(app.look(|db| daily::written(db, &letter)), 119);
        app.wait_minutes(60);
        app.run_jobs();
        assert!(sent(app).is_empty());
        app.ignore_jobs();
    }

    async fn who_cancels_while_a_letter_goes_out_gets_none(app) {
        let event = a_congress().make(app);
        let people = registrations(app, &event, 60);
        let letter = a_letter(app, &event, "all");
        schedule(app, &event, &letter, "2026-03-09T06:30").unwrap();
        app.set_clock("2026-03-09T06:30:00-07:00");
        // One step by itself: fifty are written to, and the last have still to come.
        let wanted = Wanted { letter: letter.clone(), send_at: app.now() };
        let step = Job {
            id: JobId::new(),
            kind: SEND.to_owned(),
            payload: serde_json::to_string(&wanted).unwrap(),
            run_at: app.now(),
            attempts: 0,
            claimed_until: None,
            finished_at: None,
            last_error: None,
        };
        app.must(move |tx| run_send(tx, &step));
        assert_eq!((sent(app).len(), standing(app, &event, &letter)), (50, Standing::Sending));
        cancel(app, people.iter().max_by_key(|one| one.id.clone()).unwrap());
        app.run_jobs();
        assert_eq!(sent(app).len(), 9);
        assert_eq!(app.look(|db| daily::written(db, &letter)), 59);
    }

    async fn a_letter_goes_to_a_type_or_to_those_in_a_session_and_to_nobody_else(app) {
        let (event, _) = ada(app);
        a_registration(&event).email("bo@hospital.example").buying("general-workshop").make(app);
        for (audience, expected) in [("type:general-workshop", "bo@hospital.example"), ("session:B1", "ada@hospital.example")] {
            let letter = a_letter(app, &event, audience);
            schedule(app, &event, &letter, "2026-03-09T06:30").unwrap();
            app.set_clock("2026-03-09T06:30:00-07:00");
            app.run_jobs();
            assert_eq!(sent(app).into_keys().collect::<Vec<_>>(), [expected], "{audience}");
            app.set_clock("2026-03-08T06:30:00-07:00");
        }
    }

    async fn a_letter_to_a_canceled_session_reaches_exactly_those_who_had_a_seat_in_it(app) {
        let (event, _) = ada(app);
        a_registration(&event).email("bo@hospital.example").in_sessions(&["B2"]).make(app);
        let letter = a_letter(app, &event, "session:B1");
        let b1 = session(app, &event, "B1");
        app.must(move |tx| sessions::cancel(tx, &b1, "The speaker is ill").map(drop));
        app.run_jobs();
        app.expect_letter("ada@hospital.example", "session_canceled");
        // Changed after that, as staff do who now write where to go instead.
        let (own, id) = (event.clone(), letter.clone());
        let change = |audience: &str| {
            let text = str::to_owned;
            let draft = Draft { subject: text("B1 is canceled, go to B2"), body: text(BODY), audience: text(audience), about_on: text("2026-03-09") };
            let (own, id) = (own.clone(), id.clone());
            app.write_here(lanyard::app::Actor::Service("test"), move |tx| daily::change(tx, &own, &id, &draft))
        };
        assert_eq!(change("").unwrap_err().code(), "invalid");
        assert!(change("session:B1").unwrap());
        schedule(app, &event, &letter, "2026-03-09T06:30").unwrap();
        app.set_clock("2026-03-09T06:30:00-07:00");
        app.run_jobs();
        assert_eq!(sent(app).into_keys().collect::<Vec<_>>(), ["ada@hospital.example"]);
    }

    async fn who_has_two_registrations_gets_one_daily_letter_that_tells_of_both(app) {
        let event = a_series().make(app);
        for kind in ["webinar-2", "webinar-1"] {
            a_registration(&event).buying(kind).named("Ada", "Person").email("ada@hospital.example").make(app);
        }
        let own = event.clone();
        let letter = app.must(move |tx| {
            let text = str::to_owned;
            let draft = Draft { subject: text("Today"), body: text("First: {first_session}"), audience: text("all"), about_on: text("2026-04-22") };
            Ok(daily::compose(tx, &own, &draft)?.id)
        });
        schedule(app, &event, &letter, "2026-04-22T06:30").unwrap();
        app.set_clock("2026-04-22T06:30:00-04:00");
        app.run_jobs();
        // The older registration has nothing that day; the letter tells of the other's webinar all the same.
        app.expect_letter("ada@hospital.example", "daily_letter").says("P1 “The board meeting”");
        assert_eq!(app.look(|db| daily::written(db, &letter)), 1);
    }

    async fn who_cancels_one_of_two_registrations_while_a_letter_goes_out_gets_it_by_the_other(app) {
        let event = a_series().make(app);
        let mut own = Vec::new();
        for kind in ["webinar-2", "webinar-1"] {
            own.push(a_registration(&event).buying(kind).named("Ada", "Person").email("ada@hospital.example").make(app));
        }
        let of = event.clone();
        let letter = app.must(move |tx| {
            let text = str::to_owned;
            let draft = Draft { subject: text("Today"), body: text("Hello {name}"), audience: text("all"), about_on: text("2026-04-22") };
            Ok(daily::compose(tx, &of, &draft)?.id)
        });
        schedule(app, &event, &letter, "2026-04-22T06:30").unwrap();
        app.set_clock("2026-04-22T06:30:00-04:00");
        // Who gets it was written down by a node that stopped then.
        let (id, first) = (letter.clone(), own[0].id.clone());
        app.must(move |tx| {
            let turn = (people::daily_letter_id.eq(id.clone()), people::registration_id.eq(first));
            diesel::insert_into(people::table).values(turn).execute(tx.db)?;
            diesel::update(letters::table.find(id)).set(letters::begun_at.eq(Some(tx.now))).execute(tx.db)?;
            Ok(())
        });
        cancel(app, &own[0]);
        app.run_jobs();
        app.expect_letter("ada@hospital.example", "daily_letter");
        assert_eq!(app.look(|db| daily::written(db, &letter)), 1);
    }

    async fn a_letter_is_scheduled_in_the_events_zone_across_the_change_of_clocks(app) {
        let (event, _) = ada(app);
        let letter = a_letter(app, &event, "all");
        // The clocks go forward on Sunday at two: half past two does not exist, half past six is seven hours behind.
        let skipped = schedule(app, &event, &letter, "2026-03-08T02:30").unwrap_err().to_string();
        assert_eq!(skipped, "2026-03-08 02:30 does not exist in America/Los_Angeles: the clocks go forward then.");
        assert_eq!(schedule(app, &event, &letter, "2026-03-08T01:30").unwrap(), instant("2026-03-08T09:30:00Z"));
        assert_eq!(schedule(app, &event, &letter, "2026-03-08T06:30").unwrap(), instant("2026-03-08T13:30:00Z"));
        app.set_clock("2026-03-08T13:29:59Z");
        app.run_jobs();
        assert!(sent(app).is_empty());
        app.set_clock("2026-03-08T13:30:00Z");
        app.run_jobs();
        assert_eq!(sent(app).len(), 1);
    }

    async fn a_letter_that_is_scheduled_anew_goes_out_at_the_new_time_alone(app) {
        let (event, _) = ada(app);
        let letter = a_letter(app, &event, "all");
        schedule(app, &event, &letter, "2026-03-09T06:00").unwrap();
        schedule(app, &event, &letter, "2026-03-09T07:00").unwrap();
        app.set_clock("2026-03-09T06:30:00-07:00");
        app.run_jobs();
        assert!(sent(app).is_empty());
        app.set_clock("2026-03-09T07:00:00-07:00");
        app.run_jobs();
        assert_eq!(sent(app).len(), 1);
        assert_eq!(schedule(app, &event, &letter, "2026-03-09T08:00").unwrap_err().code(), "lobby.letter_sent");
    }

    async fn a_letter_whose_schedule_was_taken_back_is_not_sent(app) {
        let (event, _) = ada(app);
        let letter = a_letter(app, &event, "all");
        schedule(app, &event, &letter, "2026-03-09T06:00").unwrap();
        let (own, id) = (event.clone(), letter.clone());
        app.must(move |tx| daily::unschedule(tx, &own, &id));
        app.set_clock("2026-03-09T06:30:00-07:00");
        app.run_jobs();
        assert!(sent(app).is_empty());
        assert_eq!(standing(app, &event, &letter), Standing::Draft);
    }

    async fn a_letter_whose_day_is_over_is_not_sent(app) {
        let (event, _) = ada(app);
        let letter = a_letter(app, &event, "all");
        schedule(app, &event, &letter, "2026-03-09T06:00").unwrap();
        // The service was away all day.
        app.set_clock("2026-03-10T00:00:00-07:00");
        app.run_jobs();
        assert!(sent(app).is_empty());
        assert_eq!(standing(app, &event, &letter), Standing::Missed);
        let late = a_letter(app, &event, "all");
        assert_eq!(schedule(app, &event, &late, "2026-03-10T06:00").unwrap_err().code(), "invalid");
    }

    async fn an_unknown_placeholder_or_a_day_that_is_none_of_the_events_is_said_beside_its_field(app) {
        ada(app);
        let staff = app.as_staff(Role::Content).await;
        staff.open(&format!("{STAFF}/letters/new")).await.says("{badge_place}").says("where and when badges are given out that day");
        let fields = [("subject", "Today"), ("body", "Hello {first_name}"), ("about_on", "2026-03-11"), ("audience", "all")];
        let wrong = staff.submit("lobby/letters", &fields).await.expect(422);
        wrong.says("{first_name} is none of the placeholders listed here.").says("Wed 11 Mar 2026 is no day of the event.").says("Hello {first_name}");
    }

    async fn a_letter_is_previewed_for_a_real_person_of_each_audience_and_named_only_to_who_may_see_people(app) {
        let (event, ada) = ada(app);
        let letter = a_letter(app, &event, "all");
        let path = format!("{STAFF}/letters/{letter}");
        let owner = app.as_staff(Role::Owner).await;
        owner.open(&path).await.says("Ada Person").says("Good morning").says("K1 “What we owe each other” at 9:00 AM");
        owner.open(&format!("{path}?audience=session:B1")).await.says("In B1 Handoffs that hold: 1 person. Shown for Ada Person");
        owner.open(&format!("{path}?audience=session:B2")).await.says("nobody would get it");
        let content = app.as_staff(Role::Content).await;
        let page = content.open(&path).await.says("Good morning Alex Example.").says("K1 “What we owe each other”");
        page.says_nothing_of("Ada").says_nothing_of(&ada.code);
    }

    async fn staff_compose_look_schedule_and_take_back_on_the_pages(app) {
        let (event, _) = ada(app);
        let staff = app.as_staff(Role::Content).await;
        staff.open(&format!("{STAFF}/letters/new")).await;
        staff.submit("lobby/letters", &[("about_on", "2026-03-09")]).await.expect(303);
        staff.follow().await.says("Draft").says("Preview");
        staff.submit("/schedule", &[("send_at", "2026-03-01T06:30")]).await.expect(422).says("This time is over.");
        staff.submit("/schedule", &[("send_at", "2026-03-09T06:30")]).await.expect(303);
        staff.follow().await.says("Goes out Mon 9 Mar 2026, 6:30 AM Pacific");
        staff.submit("lobby/letters", &[("subject", "Your Monday")]).await.expect(303);
        staff.open(STAFF).await.says("Your Monday").says("Goes out Mon 9 Mar 2026, 6:30 AM Pacific");
        staff.click("Your Monday").await;
        staff.submit("schedule/removal", &[]).await.expect(303);
        staff.follow().await.says("Draft");
        let all = app.look(|db| daily::list(db, &event.id));
        assert_eq!((all.len(), all[0].standing()), (1, Standing::Draft));
        app.ignore_jobs();
    }
}
