//! Signing in, the portal, and changing one's sessions.

use crate::on_both;
use crate::registering::{congress, review};
use crate::support::app::TestApp;
use crate::support::visitor::Visitor;
use lanyard::registration::{self, Registration};
use lanyard::{enrollment, people};

/// Registers somebody through the screens.
async fn register(app: &TestApp, given_name: &str, sessions: &[&str]) -> Registration {
    let email = format!("{}@example.org", given_name.to_lowercase());
    let visitor = app.visitor().await;
    review(&visitor, &[("given_name", given_name), ("email", &email)], sessions).await.expect(200);
    visitor.submit("/review", &[("do", "place")]).await.expect(303);
    app.expect_letter(&email, "registration_confirmed");
    app.look(|db| {
        let person = people::find(db, &email, "okafor")?.expect("a person");
        Ok(registration::of_person(db, &person.id)?.remove(0))
    })
}

async fn ask(visitor: &Visitor, email: &str, last_name: &str) -> String {
    visitor.open("/sign-in").await;
    let answer = visitor.submit("/sign-in", &[("email", email), ("last_name", last_name)]).await.expect(200);
    answer.text().replace(email, "")
}

on_both! {
    async fn the_answer_never_tells_whether_such_a_person_exists(app) {
        congress(app);
        register(app, "Maya", &[]).await;
        let known = ask(&app.visitor().await, "maya@example.org", "OKAFOR").await;
        let stranger = ask(&app.visitor().await, "nobody@example.org", "Okafor").await;
        let wrong_name = ask(&app.visitor().await, "maya@example.org", "Okonkwo").await;
        let without_id = |text: &str| text.lines().filter(|line| !line.starts_with("All events")).collect::<Vec<_>>().join("\n");
        assert_eq!(without_id(&known), without_id(&stranger));
        assert_eq!(without_id(&known), without_id(&wrong_name));
        assert_eq!(app.letters().len(), 1);
    }

    async fn opening_a_link_uses_nothing_up_and_its_button_works_once(app) {
        congress(app);
        let own = register(app, "Maya", &["B1"]).await;
        let visitor = app.visitor().await;
        visitor.get(&format!("/my/{}/agenda", own.code)).await.expect(303);
        visitor.follow().await.expect(200);
        visitor.submit("/sign-in", &[("email", "maya@example.org"), ("last_name", "Okafor")]).await.expect(200);
        let link = app.expect_letter("maya@example.org", "sign_in").link_with("/sign-in/link/");
        let scanner = app.visitor().await;
        scanner.open(&link).await;
        scanner.open(&link).await.says("Sign in as Maya Okafor");
        visitor.open(&link).await;
        let to = visitor.submit("/sign-in/link/", &[]).await.expect(303).location().to_owned();
        assert_eq!(to, format!("/my/{}/agenda", own.code));
        visitor.open(&to).await.says("My agenda").says("Enrolled");
        app.visitor().await.get(&link).await.expect(404).says("This link no longer works");
    }

    async fn the_code_can_be_typed_on_another_device_and_dies_after_five_wrong_tries(app) {
        congress(app);
        let own = register(app, "Maya", &[]).await;
        ask(&app.visitor().await, "maya@example.org", "Okafor").await;
        let code = app.expect_letter("maya@example.org", "sign_in").code();
        let other = app.visitor().await;
        other.open("/sign-in/code").await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let fields = [("email", "maya@example.org"), ("code", wrong)];
        other.submit("/sign-in/code", &fields).await.expect(422).says("This code is wrong, was used, or is too old");
        let fields = [("email", "maya@example.org"), ("code", code.as_str())];
        other.submit("/sign-in/code", &fields).await.expect(303);
        other.follow().await.expect(200).says(&own.code);
        assert_eq!(other.get("/sign-in").await.expect(303).location(), "/my");
        // A second code, guessed at five times, opens nothing any more.
        ask(&app.visitor().await, "maya@example.org", "Okafor").await;
        let code = app.expect_letter("maya@example.org", "sign_in").code();
        let guesser = app.visitor().await;
        for _ in 0..5 {
            guesser.open("/sign-in/code").await;
            guesser.submit("/sign-in/code", &[("email", "maya@example.org"), ("code", wrong)]).await.expect(422);
        }
        guesser.submit("/sign-in/code", &[("email", "maya@example.org"), ("code", &code)]).await.expect(422);
    }

    async fn a_code_ends_after_fifteen_minutes_and_signing_out_ends_the_sign_in(app) {
        congress(app);
        let own = register(app, "Maya", &[]).await;
        ask(&app.visitor().await, "maya@example.org", "Okafor").await;
        let letter = app.expect_letter("maya@example.org", "sign_in");
        app.wait_minutes(16);
        app.visitor().await.get(&letter.link_with("/sign-in/link/")).await.expect(404);
        let visitor = app.as_attendee(&own).await;
        visitor.open(&format!("/my/{}", own.code)).await;
        visitor.submit("/sign-out", &[]).await.expect(303);
        visitor.get("/my").await.expect(303);
    }

    async fn signing_in_leads_to_pages_of_ours_only(app) {
        congress(app);
        register(app, "Maya", &[]).await;
        let visitor = app.visitor().await;
        visitor.open("/sign-in?next=//evil.example/").await;
        visitor.submit("/sign-in", &[("email", "maya@example.org"), ("last_name", "Okafor")]).await.expect(200);
        let code = app.expect_letter("maya@example.org", "sign_in").code();
        let token = visitor.form_token().unwrap();
        let fields = [("csrf", token.as_str()), ("email", "maya@example.org"), ("code", code.as_str()), ("next", "//evil.example/")];
        assert_eq!(visitor.post_exactly("/sign-in/code", &fields).await.expect(303).location(), "/my");
    }

    async fn the_portal_shows_what_is_next_what_is_owed_and_why(app) {
        congress(app);
        let own = register(app, "Maya", &["B1"]).await;
        let visitor = app.as_attendee(&own).await;
        assert_eq!(visitor.get("/my").await.expect(303).location(), format!("/my/{}", own.code));
        let page = visitor.follow().await.expect(200).says("Confirmed").says("Balance due").says("$1,299.00 due by Wed 1 Apr 2026");
        page.says("Next").says("Why not group of three or more").says("Maya Okafor");
        app.set_clock("2026-03-09T10:40:00-07:00");
        visitor.open(&format!("/my/{}", own.code)).await.says("On now").says("Five days, five whys");
        visitor.open(&format!("/my/{}/agenda", own.code)).await.says("Mon 9 Mar 2026").says("Enrolled").says("Included");
        let file = visitor.get(&format!("/my/{}/agenda.ics", own.code)).await.expect(200);
        assert!(file.html().contains("SUMMARY:Five days") && file.header("content-type").unwrap().starts_with("text/calendar"));
        let badge = visitor.open(&format!("/my/{}/badge", own.code)).await;
        assert!(badge.html().contains("/badge.svg"));
        let picture = visitor.get(&format!("/my/{}/badge.svg", own.code)).await.expect(200);
        assert!(picture.html().contains("<svg") && picture.header("content-type") == Some("image/svg+xml"));
        visitor.open(&format!("/my/{}/letters", own.code)).await.says("Sent");
        visitor.click(&format!("You are registered for Safer Together Congress 2026 ({})", own.code)).await.expect(200).says(&own.code);
    }

    async fn another_persons_registration_is_not_found(app) {
        congress(app);
        let (own, other) = (register(app, "Maya", &[]).await, register(app, "Ada", &[]).await);
        let visitor = app.as_attendee(&own).await;
        for page in ["", "/agenda", "/agenda.ics", "/sessions", "/badge", "/badge.svg", "/letters"] {
            visitor.get(&format!("/my/{}{page}", other.code)).await.expect(404);
        }
        visitor.open(&format!("/my/{}/sessions", own.code)).await;
        visitor.post(&format!("/my/{}/sessions/B1/seat", other.code), &[]).await.expect(404);
        let letters = app.look(|db| lanyard::mail::of_registration(db, &other.id));
        visitor.get(&format!("/my/{}/letters/{}", own.code, letters[0].id)).await.expect(404);
    }

    async fn attendees_change_their_selection_and_each_change_is_mailed(app) {
        congress(app);
        let own = register(app, "Maya", &["B1"]).await;
        let visitor = app.as_attendee(&own).await;
        let page = visitor.open(&format!("/my/{}/sessions?day=2026-03-09", own.code)).await;
        page.says("Give up my seat").says("Overlaps with B1, “Five days, five whys").says("No seat needed");
        // What overlaps is refused beside its session, and nothing is lost.
        visitor.post(&format!("/my/{}/sessions/B2/seat", own.code), &[]).await.expect(409).says("Give that seat up first to take this one");
        visitor.submit("/B1/departure", &[]).await.expect(303);
        visitor.follow().await.expect(200).says("You gave up your seat in B1");
        assert!(app.expect_letter("maya@example.org", "selection_changed").text().contains("Given up"));
        visitor.submit("/B2/seat", &[]).await.expect(303);
        visitor.follow().await.expect(200).says("You have a seat in B2");
        let letter = app.expect_letter("maya@example.org", "selection_changed");
        assert!(letter.text().contains("Added") && letter.part("text/calendar").is_some());
        app.set_clock("2026-03-09T10:30:00-07:00");
        visitor.open(&format!("/my/{}/sessions?day=2026-03-09", own.code)).await.says("Its selection has closed");
        visitor.post(&format!("/my/{}/sessions/B2/departure", own.code), &[]).await.expect(409).says("can no longer be changed");
    }

    async fn who_waits_sees_the_place_in_line_and_gets_the_seat_that_is_given_up(app) {
        congress(app);
        let first = register(app, "Ada", &["B3"]).await;
        register(app, "Ben", &["B3"]).await;
        let own = register(app, "Maya", &[]).await;
        let visitor = app.as_attendee(&own).await;
        visitor.open(&format!("/my/{}/sessions?day=2026-03-09", own.code)).await.says("Wait for B3");
        visitor.submit("/B3/seat", &[]).await.expect(303);
        visitor.follow().await.says("B3 is full: you are 1st in line").says("Waiting (1st)").says("Leave the line");
        assert!(app.expect_letter("maya@example.org", "selection_changed").text().contains("Waiting (1st)"));
        visitor.open(&format!("/my/{}", own.code)).await.says("You are 1st in line for B3");
        let giving = app.as_attendee(&first).await;
        giving.open(&format!("/my/{}/sessions?day=2026-03-09", first.code)).await;
        giving.submit("/B3/departure", &[]).await.expect(303);
        app.expect_letter("ada@example.org", "selection_changed");
        app.expect_letter("maya@example.org", "promoted");
        app.run_jobs();
        visitor.open(&format!("/my/{}/agenda", own.code)).await.says("Two chairs").says("Enrolled");
        let taken = app.look(|db| {
            let session = lanyard::agenda::get(db, &own.event_id, "B3")?;
            enrollment::seats_taken(db, &session.id)
        });
        assert_eq!(taken, 2);
    }
}
