//! The lobby: who is in it, what is on now, news, the help desk, and what staff put there.

mod daily;
mod looks;

use lanyard::enrollment;
use lanyard::events::Event;
use lanyard::lobby::announcements;
use lanyard::registration::{self, Registration};
use lanyard::setup::sessions;
use lanyard::staff::Role;

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_registration, a_series, session};
use crate::support::visitor::Visitor;

const LOBBY: &str = "/events/congress-2026/lobby";
const STAFF: &str = "/staff/events/congress-2026/lobby";

const APPROVED: &str =
    "code = 'board'\nname = 'Board'\neligibility = 'approval'\ncovers = 'all'\ntiers = [{ name = 'Only', price = '0.00' }]";

/// The congress, with Ada who has a seat in B1.
fn ada(app: &TestApp) -> (Event, Registration) {
    let event = a_congress().make(app);
    let ada = a_registration(&event).named("Ada", "Person").email("ada@hospital.example").in_sessions(&["B1"]).make(app);
    (event, ada)
}

/// Posts an announcement.
async fn post(staff: &Visitor, title: &str, audience: &str) {
    staff.open(&format!("{STAFF}/announcements/new")).await;
    let fields = [("title", title), ("body", "Read on."), ("audience", audience)];
    staff.submit("lobby/announcements", &fields).await.expect(303);
}

fn cancel(app: &TestApp, one: &Registration) {
    let one = one.clone();
    app.must(move |tx| registration::cancel(tx, &one, "ill"));
}

on_both! {
    async fn the_lobby_is_for_registered_people(app) {
        let (event, ada) = ada(app);
        let visitor = app.visitor().await;
        let answer = visitor.get(LOBBY).await.expect(303);
        assert!(answer.location().starts_with("/sign-in?next="), "{}", answer.location());
        app.as_attendee(&ada).await.open(LOBBY).await.says("On now").says("wash-your-hands");
        let elsewhere = a_congress().event("slug = 'another'").make(app);
        let stranger = a_registration(&elsewhere).make(app);
        app.as_attendee(&stranger).await.get(LOBBY).await.expect(404);
        let gone = a_registration(&event).make(app);
        cancel(app, &gone);
        let browser = app.as_attendee(&gone).await;
        browser.get(LOBBY).await.expect(404);
        browser.open(&format!("/my/{}", gone.code)).await.says_nothing_of("Lobby");
    }

    async fn who_waits_for_approval_reads_no_news_and_may_ask(app) {
        let event = a_congress().with("registration_types", APPROVED).make(app);
        let pending = a_registration(&event).buying("board").make(app);
        assert_eq!(pending.status, registration::Status::Pending);
        let staff = app.as_staff(Role::Content).await;
        post(&staff, "Doors open at eight", "all").await;
        let browser = app.as_attendee(&pending).await;
        let page = browser.open(LOBBY).await.says("Your registration waits for approval").says("help@congress.example");
        page.says_nothing_of("Doors open at eight").says_nothing_of("wash-your-hands").says_nothing_of("On now");
    }

    async fn the_portal_and_the_event_lead_to_the_lobby(app) {
        let (_, ada) = ada(app);
        let browser = app.as_attendee(&ada).await;
        browser.open(&format!("/my/{}", ada.code)).await;
        browser.click("Lobby").await.expect(200).says("My sessions");
        browser.open("/events/congress-2026").await;
        browser.click("Lobby").await.expect(200);
        app.visitor().await.open("/sign-in").await.says("the event’s lobby");
    }

    async fn now_and_next_follow_the_services_clock(app) {
        let (_, ada) = ada(app);
        let browser = app.as_attendee(&ada).await;
        app.set_clock("2026-03-09T09:30:00-07:00");
        let page = browser.open(LOBBY).await.says("Mon 9 Mar 2026, 9:30 AM Pacific").says("Next 10:30 AM").text();
        let (now, next) = page.split_once("Next 10:30 AM").unwrap();
        assert!(now.contains("What we owe each other") && next.contains("Handoffs that hold"), "{page}");
        // Somebody else's seat is no session of hers.
        assert!(!page.contains("Medication lists that agree"), "{page}");
        app.set_clock("2026-03-09T10:30:00-07:00");
        let page = browser.open(LOBBY).await.says("Next 12:45 PM").text();
        let (now, next) = page.split_once("Next 12:45 PM").unwrap();
        assert!(now.contains("Handoffs that hold") && next.contains("A pump that listens"), "{page}");
        app.set_clock("2026-03-11T09:00:00-07:00");
        browser.open(LOBBY).await.says("The event is over.").says("None of your sessions is still to come.");
    }

    async fn who_waits_in_a_line_is_not_told_to_go_there(app) {
        let event = a_congress().seats("B1", 1).make(app);
        a_registration(&event).in_sessions(&["B1"]).make(app);
        let second = a_registration(&event).make(app);
        let (b1, id) = (session(app, &event, "B1"), second.id.clone());
        app.must(move |tx| {
            let own = registration::get_by_id(tx.db, &id)?;
            enrollment::enroll(tx, &b1, &own).map(drop)
        });
        app.set_clock("2026-03-09T10:35:00-07:00");
        let page = app.as_attendee(&second).await.open(LOBBY).await.says("Nothing you can walk into at the moment.").says("Waiting (1st)");
        page.says("Next 12:45 PM");
        app.ignore_letters();
    }

    async fn who_has_two_registrations_is_in_the_lobby_with_both(app) {
        let event = a_series().make(app);
        let free = a_registration(&event).buying("webinar-1").named("Ada", "Person").email("ada@hospital.example").make(app);
        let paid = a_registration(&event).buying("webinar-2").named("Ada", "Person").email("ada@hospital.example").make(app);
        assert_eq!(free.person_id, paid.person_id);
        let (lobby, own) = ("/events/series-2026/lobby", event.clone());
        app.must(move |tx| {
            for (title, audience) in [("For the first", "session:P1"), ("For the second", "type:webinar-2"), ("For the third", "session:P3")] {
                let draft = announcements::Draft { title: title.to_owned(), body: "Read on.".to_owned(), audience: audience.to_owned() };
                announcements::post(tx, &own, &draft)?;
            }
            Ok(())
        });
        let page = app.as_attendee(&free).await.open(lobby).await;
        let page = page.says(&free.code).says(&paid.code).says("The board meeting").says("From a goal to a plan");
        page.says("For the first").says("For the second").says_nothing_of("For the third").says_nothing_of("After the survey");
    }

    async fn news_are_read_by_those_they_are_for_until_they_are_taken_down(app) {
        let (event, ada) = ada(app);
        let other = a_registration(&event).buying("general-workshop").make(app);
        let staff = app.as_staff(Role::Content).await;
        post(&staff, "Shuttles run late", "all").await;
        post(&staff, "Room change for Handoffs", "session:B1").await;
        post(&staff, "Workshop breakfast", "type:general-workshop").await;
        let (hers, others) = (app.as_attendee(&ada).await, app.as_attendee(&other).await);
        let page = hers.open(LOBBY).await.says("Shuttles run late").says("Room change for Handoffs").says("Mon 2 Mar 2026, 9:00 AM Pacific");
        page.says_nothing_of("Workshop breakfast");
        others.open(LOBBY).await.says("Workshop breakfast").says_nothing_of("Room change for Handoffs");
        app.wait_minutes(10);
        staff.open(STAFF).await;
        staff.click("Shuttles run late").await.expect(200);
        staff.submit("lobby/announcements", &[("title", "Shuttles run again")]).await.expect(303);
        hers.open(LOBBY).await.says("Shuttles run again").says("changed Mon 2 Mar 2026, 9:10 AM Pacific");
        staff.open(STAFF).await;
        staff.click("Shuttles run again").await;
        staff.submit("removal", &[]).await.expect(303);
        hers.open(LOBBY).await.says_nothing_of("Shuttles");
        staff.open(STAFF).await.says("Taken down");
        staff.click("Shuttles run again").await;
        staff.submit("removal", &[]).await.expect(303);
        hers.open(LOBBY).await.says("Shuttles run again");
    }

    async fn what_was_for_a_canceled_session_stays_for_its_people_and_is_never_for_everyone_by_mistake(app) {
        let (event, ada) = ada(app);
        let other = a_registration(&event).make(app);
        let staff = app.as_staff(Role::Content).await;
        post(&staff, "Room change for Handoffs", "session:B1").await;
        let b1 = session(app, &event, "B1");
        app.must(move |tx| sessions::cancel(tx, &b1, "The speaker is ill").map(drop));
        let (hers, others) = (app.as_attendee(&ada).await, app.as_attendee(&other).await);
        staff.open(STAFF).await.says("In B1 Handoffs that hold (canceled)");
        staff.click("Room change for Handoffs").await.expect(200);
        // Nothing chosen is nobody: it is asked again.
        staff.submit("lobby/announcements", &[("audience", "")]).await.expect(422).says("Choose whom it is for");
        staff.open(STAFF).await;
        staff.click("Room change for Handoffs").await;
        staff.submit("lobby/announcements", &[("title", "Handoffs is canceled, go to B2")]).await.expect(303);
        hers.open(LOBBY).await.says("Handoffs is canceled, go to B2");
        others.open(LOBBY).await.says_nothing_of("Handoffs is canceled");
        app.run_jobs();
        app.ignore_letters();
    }

    async fn what_is_wrong_with_an_announcement_is_said_and_what_was_typed_stays(app) {
        ada(app);
        let staff = app.as_staff(Role::Content).await;
        staff.open(&format!("{STAFF}/announcements/new")).await;
        let wrong = staff.submit("lobby/announcements", &[("title", ""), ("body", "<b>Loud</b> & clear"), ("audience", "session:B9")]).await;
        wrong.expect(422).says("Enter a title.").says("Choose whom it is for").says("<b>Loud</b> & clear");
    }

    async fn news_are_text_and_never_markup(app) {
        let (_, ada) = ada(app);
        let staff = app.as_staff(Role::Content).await;
        post(&staff, "<script>alert(1)</script>", "all").await;
        let html = app.as_attendee(&ada).await.open(LOBBY).await.says("<script>alert(1)</script>").html();
        assert!(!html.contains("<script>alert"), "{html}");
    }

    async fn a_question_goes_to_the_help_desk_and_its_answer_comes_back_by_mail(app) {
        let (_, ada) = ada(app);
        let hers = app.as_attendee(&ada).await;
        hers.open(LOBBY).await;
        hers.submit("lobby/questions", &[("question", "Where is the quiet room?")]).await.expect(303);
        hers.open(LOBBY).await.says("Where is the quiet room?").says("Waiting for an answer");
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(&format!("{STAFF}/questions")).await.says("Where is the quiet room?").says("Ada Person").says(&ada.code);
        desk.submit("/answer", &[("answer", " ")]).await.expect(422).says("Write the answer.");
        desk.open(&format!("{STAFF}/questions")).await;
        desk.submit("/answer", &[("answer", "Level 2, the Fern Room.")]).await.expect(303);
        app.expect_letter("ada@hospital.example", "question_answered").says("Where is the quiet room?").says("Level 2, the Fern Room.");
        hers.open(LOBBY).await.says("Answered").says("Level 2, the Fern Room.");
        desk.open(&format!("{STAFF}/questions")).await.says("No question waits").says("Level 2, the Fern Room.");
    }

    async fn a_question_is_answered_once_though_two_answer_it(app) {
        let (event, ada) = ada(app);
        let id = app.must(move |tx| Ok(lanyard::lobby::questions::ask(tx, &event, &ada.id, "When?")?.id));
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(&format!("{STAFF}/questions")).await;
        let path = format!("{STAFF}/questions/{id}/answer");
        desk.post(&path, &[("answer", "Now.")]).await.expect(303);
        desk.open(&format!("{STAFF}/questions")).await;
        desk.post(&path, &[("answer", "Later.")]).await.expect(303);
        desk.follow().await.says("Somebody answered this question before you.");
        app.expect_letter("ada@hospital.example", "question_answered").says("Now.");
    }

    async fn five_questions_of_one_person_may_wait_and_a_sixth_is_refused(app) {
        let (_, ada) = ada(app);
        let hers = app.as_attendee(&ada).await;
        for number in 1..=5 {
            hers.open(LOBBY).await;
            hers.submit("lobby/questions", &[("question", &format!("Question {number}"))]).await.expect(303);
        }
        hers.open(LOBBY).await;
        let refused = hers.submit("lobby/questions", &[("question", "Question 6")]).await.expect(422);
        refused.says("5 of your questions wait for an answer.").says("Question 6");
        hers.open(LOBBY).await;
        hers.submit("lobby/questions", &[("question", "")]).await.expect(422).says("Write your question.");
    }

    async fn content_staff_post_news_and_the_help_desk_answers(app) {
        ada(app);
        let (content, onsite) = (app.as_staff(Role::Content).await, app.as_staff(Role::Onsite).await);
        content.open(STAFF).await.says_nothing_of("Questions to the help desk");
        content.get(&format!("{STAFF}/questions")).await.expect(403);
        onsite.get(STAFF).await.expect(403);
        app.as_staff(Role::Registrar).await.open(&format!("{STAFF}/questions")).await.says("No question waits");
    }
}
