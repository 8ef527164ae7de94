//! Evaluations: asked after each session, kept apart from who answered, drawn from five answers on (CEU-3).

use diesel::prelude::*;
use lanyard::db::schema::{evaluation_answers, evaluation_completions, evaluation_drafts, evaluation_responses};
use lanyard::evaluations::forms;
use lanyard::events::Event;
use lanyard::registration::Registration;
use lanyard::staff::Role;
use serde_json::{Value, json};

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_registration};

/// Monday afternoon of a congress with the ready set of questions.
pub fn an_afternoon(app: &TestApp) -> Event {
    app.ignore_letters();
    let event = a_congress().make(app);
    let own = event.clone();
    app.must(move |tx| forms::take_ready_set(tx, &own));
    event
}

fn after_b1(app: &TestApp) {
    app.set_clock("2026-03-09T11:30:00-07:00");
}

/// Answers that fit the ready set about a session.
pub fn of_session() -> Value {
    json!({ "objectives": 5, "practice": "4", "balance": { "value": true, "explanation": "No logos anywhere" }, "next_step": "Teach-back" })
}

fn counts(app: &TestApp) -> (i64, i64, i64, i64) {
    app.look(|db| {
        Ok((
            evaluation_drafts::table.count().get_result(db)?,
            evaluation_completions::table.count().get_result(db)?,
            evaluation_responses::table.count().get_result(db)?,
            evaluation_answers::table.count().get_result(db)?,
        ))
    })
}

fn address(registration: &Registration) -> String {
    format!("/registrations/{}/evaluations", registration.code)
}

on_both! {
    async fn an_evaluation_opens_with_the_end_of_its_session_and_is_final(app) {
        let event = an_afternoon(app);
        let ada = a_registration(&event).in_sessions(&["B1"]).make(app);
        let api = app.api_of(Role::Education, Some(event.id.clone())).await;
        let body = json!({ "session": "B1", "answers": of_session() });
        app.set_clock("2026-03-09T11:29:59-07:00");
        assert_eq!(api.post(&address(&ada), body.clone()).await.expect(409).code(), "evaluations.not_open");
        after_b1(app);
        let told = api.post(&address(&ada), body.clone()).await.expect(201).json();
        assert_eq!(told, json!({ "session": "B1", "status": "submitted" }));
        assert_eq!(api.post(&address(&ada), body).await.expect(409).code(), "evaluations.already");
        assert_eq!(counts(app), (0, 1, 1, 4));
        let other = json!({ "session": "B2", "answers": of_session() });
        assert_eq!(api.post(&address(&ada), other).await.expect(409).code(), "evaluations.not_attended");
        let overall = json!({ "session": null, "answers": { "needs": 5, "confidence": 4, "team": 4, "domain": "A learning system", "barrier": "Time", "balance": true } });
        api.post(&address(&ada), overall).await.expect(201);
    }

    async fn what_does_not_fit_an_evaluation_is_said_by_question(app) {
        let event = an_afternoon(app);
        let ada = a_registration(&event).in_sessions(&["B1"]).make(app);
        after_b1(app);
        let api = app.api_of(Role::Education, Some(event.id.clone())).await;
        let body = json!({ "session": "B1", "answers": { "objectives": 9, "balance": true, "sponsor": "Acme" } });
        let told = api.post(&address(&ada), body).await.expect(422).json();
        let fields: Vec<(&str, &str)> = told["errors"].as_array().unwrap().iter()
            .map(|error| (error["field"].as_str().unwrap(), error["code"].as_str().unwrap())).collect();
        assert_eq!(fields, [("answers.objectives", "choice"), ("answers.practice", "required"), ("answers.sponsor", "unknown_field")]);
        api.post(&address(&ada), json!({ "session": "B1", "answers": { "objectives": [1] } })).await.expect(422);
        api.post(&address(&ada), json!({ "session": "B9", "answers": {} })).await.expect(422);
        api.post(&address(&ada), json!({ "session": "B1", "answers": {}, "name": "Ada" })).await.expect(422);
        assert_eq!(counts(app), (0, 0, 0, 0));
        let registrar = app.api(Role::Registrar).await;
        registrar.post(&address(&ada), json!({ "session": "B1", "answers": of_session() })).await.expect(403);
    }

    async fn a_draft_stays_with_its_person_until_it_is_submitted_and_then_belongs_to_nobody(app) {
        let event = an_afternoon(app);
        let ada = a_registration(&event).in_sessions(&["B1"]).make(app);
        after_b1(app);
        let browser = app.as_attendee(&ada).await;
        let page = format!("/my/{}/evaluations?day=2026-03-09", ada.code);
        browser.open(&page).await.expect(200).says("Handoffs that hold").says("What we owe each other").says("Not evaluated yet");
        let typed = [("B1--objectives", "5"), ("B1--next_step", "Teach-back at every discharge")];
        browser.submit("/evaluations", &[&typed[..], &[("action", "save")]].concat()).await.expect(303);
        assert_eq!(counts(app), (1, 0, 0, 0));
        let shown = browser.open(&page).await.expect(200).says("Begun, not submitted").says("Kept for later");
        assert!(shown.html().contains("Teach-back at every discharge"));
        // Half an evaluation is not taken, and what was typed stays.
        browser.submit("/evaluations", &[("action", "submit")]).await.expect(422).says("Answer “Will it change how you or your team work?”.");
        browser.submit("/evaluations", &[("B1--practice", "4"), ("B1--balance", "yes"), ("action", "submit")]).await.expect(303);
        browser.open(&page).await.expect(200).says("One evaluation is submitted").says("Evaluated");
        assert_eq!(counts(app), (0, 1, 1, 4));
        let (response, registration): (String, String) = app.look(|db| {
            Ok((
                evaluation_responses::table.select(evaluation_responses::id).first(db)?,
                evaluation_completions::table.select(evaluation_completions::registration_id).first(db)?,
            ))
        });
        // The one id rises with time and names a person; the other is random.
        assert_eq!((registration == ada.id.to_string(), response.as_bytes()[14]), (true, b'4'));
        browser.open(&format!("/my/{}/evaluations?day=overall", ada.code)).await.expect(200).says("Evaluate the whole event");
    }

    async fn what_is_typed_is_kept_by_a_script_too(app) {
        let event = an_afternoon(app);
        let ada = a_registration(&event).in_sessions(&["B1"]).make(app);
        after_b1(app);
        let browser = app.as_attendee(&ada).await;
        browser.open(&format!("/my/{}/evaluations?day=2026-03-09", ada.code)).await.expect(200);
        let token = browser.form_token().unwrap();
        let fields = [("csrf", token.as_str()), ("day", "2026-03-09"), ("K1--objectives", "3"), ("B2--objectives", "3")];
        browser.post_exactly(&format!("/my/{}/evaluations/drafts", ada.code), &fields).await.expect(204);
        assert_eq!(counts(app), (1, 0, 0, 0));
    }

    async fn results_are_drawn_from_five_answers_on(app) {
        let event = an_afternoon(app);
        let api = app.api_of(Role::Education, Some(event.id.clone())).await;
        let people: Vec<Registration> = (0..5).map(|_| a_registration(&event).in_sessions(&["B1"]).make(app)).collect();
        after_b1(app);
        let education = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        let results = "/staff/events/congress-2026/evaluations/results/session?session=B1";
        for (number, person) in people.iter().enumerate() {
            let mut answers = of_session();
            answers["next_step"] = json!(format!("Step {number}"));
            if number == 4 {
                education.get(results).await.expect(200).says("Fewer than five answered").says_nothing_of("Step 1").says_nothing_of("Fully");
            }
            api.post(&address(person), json!({ "session": "B1", "answers": answers })).await.expect(201);
        }
        education.get(results).await.expect(200).says("5 Fully: 5").says("100 %").says("Step 1").says("No logos anywhere").says("Moore 2 Satisfaction");
        education.get("/staff/events/congress-2026/evaluations").await.expect(200).says("Handoffs that hold").says("version 1");
        app.as_staff(Role::Auditor).await.get(results).await.expect(200);
        app.as_staff(Role::Registrar).await.get(results).await.expect(403);
    }

    async fn a_changed_form_is_a_new_version_and_old_answers_stay_with_theirs(app) {
        app.ignore_letters();
        let event = a_congress().make(app);
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        staff.open("/staff/events/congress-2026/evaluations").await.expect(200).says("Nothing is asked yet");
        staff.submit("/ready-set", &[]).await.expect(303);
        staff.open("/staff/events/congress-2026/evaluations/forms/session").await.expect(200);
        staff.submit("/forms/session", &[("prompt_0", ""), ("prompt_1", "Would you come again?"), ("kind_1", "choice"), ("options_1", "Yes")]).await
            .expect(422).says("Write at least two options");
        staff.submit("/forms/session", &[("options_1", "Yes\nNo")]).await.expect(303);
        staff.open("/staff/events/congress-2026/evaluations").await.says("version 2").says("Would you come again?").says_nothing_of("meet its objectives");
        staff.get("/staff/events/congress-2026/evaluations/results/session?version=1").await.expect(200).says("Version 2").says("meet its objectives");
        app.as_staff(Role::Auditor).await.get("/staff/events/congress-2026/evaluations/forms/session").await.expect(403);
    }
}
