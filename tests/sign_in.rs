//! Signing in as an attendee: e-mail and last name, then the mailed link or code (ACC-1).

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_registration};
use crate::support::letters::Letter;
use crate::support::visitor::{Answer, Visitor};
use diesel::prelude::*;
use lanyard::db::schema::{attendee_sign_ins, letters};

const MAYA: &str = "maya@hospital.example";

/// Maya Okafor is registered.
fn maya(app: &TestApp) {
    let event = a_congress().make(app);
    a_registration(&event).named("Maya", "Okafor").email(MAYA).make(app);
}

/// Fills in the first page.
async fn ask(visitor: &Visitor, email: &str, last_name: &str) -> Answer {
    visitor.open("/sign-in").await;
    visitor.submit("/sign-in", &[("email", email), ("last_name", last_name)]).await
}

/// Asks for a letter and reads it.
async fn letter(app: &TestApp, visitor: &Visitor) -> Letter {
    ask(visitor, MAYA, "Okafor").await.expect(200).says("Look into your mailbox");
    app.expect_letter(MAYA, "sign_in")
}

async fn type_code(visitor: &Visitor, code: &str) -> Answer {
    visitor.open("/sign-in/code").await;
    visitor.submit("/sign-in/code", &[("email", MAYA), ("code", code)]).await
}

async fn is_signed_in(visitor: &Visitor) -> bool {
    visitor.get("/my").await;
    visitor.follow().await.text().contains("Patient Safety Congress 2026")
}

on_both! {
    async fn the_mailed_link_signs_in_once_and_opening_it_uses_nothing_up(app) {
        maya(app);
        let phone = app.visitor().await;
        let link = letter(app, &phone).await.link_with("/sign-in/link/");
        let scanner = app.visitor().await;
        for _ in 0..3 {
            scanner.get(&link).await.expect(200).says("Maya Okafor");
        }
        assert!(!is_signed_in(&scanner).await, "opening a link signs nobody in");
        phone.open(&link).await;
        phone.submit("/sign-in/link", &[]).await.expect(303);
        assert!(is_signed_in(&phone).await);
        let other = app.visitor().await;
        other.get(&link).await.expect(404).says("no longer works");
        other.open("/sign-in").await;
        other.post(&link, &[]).await.expect(404);
        assert!(!is_signed_in(&other).await);
    }

    async fn the_code_signs_in_once_on_another_device(app) {
        maya(app);
        let laptop = app.visitor().await;
        let letter = letter(app, &laptop).await;
        let phone = app.visitor().await;
        type_code(&phone, &letter.code()).await.expect(303);
        assert!(is_signed_in(&phone).await);
        let other = app.visitor().await;
        type_code(&other, &letter.code()).await.expect(422).says("was used");
        other.get(&letter.link_with("/sign-in/link/")).await.expect(404);
        // Spaces that people type along do no harm.
        let again = self::letter(app, &laptop).await.code();
        type_code(&other, &format!(" {} {} ", &again[..3], &again[3..])).await.expect(303);
    }

    async fn a_link_and_a_code_work_for_fifteen_minutes(app) {
        maya(app);
        let visitor = app.visitor().await;
        let first = letter(app, &visitor).await;
        app.wait_minutes(14);
        visitor.get(&first.link_with("/sign-in/link/")).await.expect(200);
        app.wait_minutes(1);
        visitor.get(&first.link_with("/sign-in/link/")).await.expect(404);
        type_code(&visitor, &first.code()).await.expect(422);
        let second = letter(app, &visitor).await;
        app.wait_minutes(14);
        type_code(&visitor, &second.code()).await.expect(303);
    }

    async fn nobody_is_told_whether_a_person_exists(app) {
        maya(app);
        let mut said = Vec::new();
        for (email, last_name) in [(MAYA, "Okafor"), (MAYA, "Nobody"), ("nobody@hospital.example", "Okafor")] {
            let visitor = app.visitor().await;
            let begun = std::time::Instant::now();
            let answer = ask(&visitor, email, last_name).await;
            assert!(begun.elapsed().as_millis() >= 150, "the time tells nothing");
            let names: Vec<String> = answer.headers().iter().map(|(name, _)| name.clone()).filter(|name| name != "set-cookie").collect();
            let lines: Vec<String> = answer.text().lines().filter(|line| !line.contains("Request")).map(|line| line.replace(email, "…")).collect();
            said.push((answer.status, names, lines));
        }
        assert_eq!(said[0], said[1]);
        assert_eq!(said[0], said[2]);
        assert_eq!(app.letters().len(), 1);
    }

    async fn five_wrong_codes_kill_a_code(app) {
        maya(app);
        let visitor = app.visitor().await;
        let right = letter(app, &visitor).await.code();
        let wrong = if right == "123456" { "654321" } else { "123456" };
        for _ in 0..5 {
            type_code(&visitor, wrong).await.expect(422);
        }
        type_code(&visitor, &right).await.expect(422);
    }

    async fn at_most_five_letters_go_to_one_address_in_fifteen_minutes(app) {
        maya(app);
        for _ in 0..7 {
            let visitor = app.visitor().await;
            ask(&visitor, MAYA, "Okafor").await.expect(200).says("Look into your mailbox");
        }
        assert_eq!(app.letters().len(), 5);
        app.wait_minutes(16);
        let visitor = app.visitor().await;
        letter(app, &visitor).await;
    }

    async fn too_many_tries_from_one_address_have_to_wait(app) {
        let visitor = app.visitor().await;
        let mut last = None;
        for number in 0..160 {
            visitor.open("/sign-in/code").await;
            let email = format!("guess-{number}@hospital.example");
            let answer = visitor.submit("/sign-in/code", &[("email", &email), ("code", "123456")]).await;
            if answer.status == 429 {
                last = Some(answer);
                break;
            }
            answer.expect(422);
        }
        let refused = last.expect("all tries were let through");
        assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
        app.visitor().await.open("/sign-in/code").await;
    }

    async fn signing_out_ends_the_sign_in_itself(app) {
        maya(app);
        let visitor = app.visitor().await;
        let code = letter(app, &visitor).await.code();
        type_code(&visitor, &code).await.expect(303);
        let stolen = visitor.cookie("lanyard_attendee").unwrap();
        visitor.get("/my").await;
        visitor.follow().await;
        visitor.submit("/sign-out", &[]).await.expect(303);
        assert_eq!(visitor.cookie("lanyard_attendee"), None);
        assert_eq!(app.look(|db| Ok(attendee_sign_ins::table.count().get_result::<i64>(db)?)), 0);
        let thief = app.visitor().await;
        thief.set_cookie("lanyard_attendee", &stolen);
        assert!(!is_signed_in(&thief).await);
    }

    async fn a_sign_in_ends_after_thirty_days(app) {
        maya(app);
        let visitor = app.visitor().await;
        let code = letter(app, &visitor).await.code();
        type_code(&visitor, &code).await.expect(303);
        app.wait_minutes(30 * 24 * 60 - 1);
        assert!(is_signed_in(&visitor).await);
        app.wait_minutes(1);
        assert!(!is_signed_in(&visitor).await);
    }

    async fn what_a_sign_in_letter_held_is_not_kept(app) {
        maya(app);
        let visitor = app.visitor().await;
        let letter = letter(app, &visitor).await;
        let (code, link) = (letter.code(), letter.link_with("/sign-in/link/"));
        let secret = link.rsplit('/').next().unwrap().to_owned();
        let kept: Vec<(String, String, String)> =
            app.look(|db| Ok(letters::table.select((letters::subject, letters::body_text, letters::body_html)).load(db)?));
        let all = format!("{kept:?}");
        assert!(!all.contains(&code) && !all.contains(&secret), "{all}");
        type_code(&visitor, &code).await.expect(303);
        visitor.get("/my").await;
        visitor.follow().await;
        let page = visitor.get("/my").await;
        let own = page.location().to_owned();
        visitor.open(&format!("{own}/letters")).await.says_nothing_of(&code);
    }

    async fn one_goes_on_to_the_page_that_was_asked_for_and_never_to_another_site(app) {
        maya(app);
        for (next, to) in [
            ("/events/congress-2026/agenda", "/events/congress-2026/agenda"),
            ("https://evil.example/", "/my"),
            ("//evil.example/", "/my"),
            ("/\\evil.example", "/my"),
        ] {
            let visitor = app.visitor().await;
            let encoded: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
            visitor.open(&format!("/sign-in?next={encoded}")).await;
            visitor.submit("/sign-in", &[("email", MAYA), ("last_name", "Okafor")]).await.expect(200);
            let code = app.expect_letter(MAYA, "sign_in").code();
            let answer = visitor.submit("/sign-in/code", &[("code", &code)]).await.expect(303);
            assert_eq!(answer.location(), to, "{next}");
            app.wait_minutes(16);
        }
    }

    async fn what_is_missing_is_said_at_its_field_and_what_was_typed_is_kept(app) {
        let visitor = app.visitor().await;
        let page = ask(&visitor, "maya@hospital", "").await.expect(422);
        let page = page.says("Enter the complete e-mail address").says("Enter the last name you registered with");
        assert!(page.html().contains("value=\"maya@hospital\""));
    }

    async fn last_names_are_typed_as_people_type_them(app) {
        let event = a_congress().make(app);
        a_registration(&event).named("José", "Álvarez-Núñez").email(MAYA).make(app);
        for typed in ["alvarez nunez", "ÁLVAREZ-NÚÑEZ", " A\u{301}lvarez-Nu\u{301}n\u{303}ez "] {
            let visitor = app.visitor().await;
            ask(&visitor, &MAYA.to_uppercase(), typed).await.expect(200);
            app.expect_letter(MAYA, "sign_in");
        }
        a_registration(&event).named("", "Sukarno").email("sukarno@hospital.example").make(app);
        ask(&app.visitor().await, "sukarno@hospital.example", "sukarno").await.expect(200);
        app.expect_letter("sukarno@hospital.example", "sign_in");
    }
}
