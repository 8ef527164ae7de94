//! From the join to the certificate: a webinar's minutes reach the claim by the report, together with a badge's, and a
//! later report contradicts what was claimed.

use lanyard::credits::activities;
use lanyard::credits::providers;
use lanyard::credits::rules::Code;
use lanyard::credits::types;
use lanyard::evaluations::forms;
use lanyard::events::Event;
use lanyard::registration::Registration;
use lanyard::staff::Role;
use serde_json::{Value, json};

use super::reports::{a_report, import};
use super::{PLATFORM, a_guest, a_ready_series, look_around};
use crate::certificates::evaluates_all;
use crate::checkin::{ask, body};
use crate::credits::{a_provider, an_activity, claims, evaluates};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::a_series;
use crate::support::visitor::Api;

pub fn accredit(app: &TestApp, event: &Event) {
    let event = event.clone();
    app.must(move |tx| {
        forms::take_ready_set(tx, &event)?;
        providers::save(tx, &event, &a_provider())?;
        for code in [Code::Ama, Code::Ancc] {
            types::switch_on(tx, &event, code)?;
        }
        activities::save(tx, &event, None, &an_activity("SERIES", "P1\nP2\nP3", "ama 3.00\nancc 3.00")).map(drop)
    });
}

pub async fn of_p1(api: &Api, registration: &Registration) -> Value {
    let chain = api.get(&format!("/registrations/{}/credits", registration.code)).await.expect(200).json();
    chain["sessions"].as_array().and_then(|all| all.iter().find(|line| line["session"] == "P1")).cloned().expect("P1")
}

on_both! {
    async fn a_webinars_credit_works_from_the_join_to_the_certificate_and_is_contradicted_by_a_later_report(app) {
        let event = a_ready_series(app);
        accredit(app, &event);
        let ada = a_guest(app, &event, "Ada", "Okonkwo");
        app.set_clock("2026-04-22T12:50:00-04:00");
        look_around(app);
        let letter = app.expect_letter("ada@hospital.example", "webinar");
        let phone = app.visitor().await;
        phone.open(&letter.link_with("/join/")).await.says("Join as Ada Okonkwo");
        assert_eq!(phone.submit("/join/", &[]).await.expect(303).location(), PLATFORM);
        app.ignore_letters();
        app.ignore_jobs();
        app.set_clock("2026-04-22T15:00:00-04:00");
        let browser = app.as_attendee(&ada).await;
        browser.open(&format!("/my/{}/credits", ada.code)).await.says("No participant report says yet that you were there");
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        let rows = [("Ada Okonkwo", "ada@hospital.example", "12:51:00 PM", "01:20:00 PM"), ("iPad", "ada@hospital.example", "01:28:00 PM", "02:03:00 PM")];
        import(&staff, &a_report(&rows)).await;
        let api = app.api_of(Role::Education, Some(event.id.clone())).await;
        let told = of_p1(&api, &ada).await;
        assert_eq!((&told["evidence"], &told["minutes"], &told["assumed_end"]), (&json!("report"), &json!(52), &json!(false)));
        let chain = browser.open(&format!("/my/{}/credits", ada.code)).await.says("You were there 52 of 60 minutes");
        chain.says("The minutes come from the webinar’s participant report").says("Evaluation missing");
        evaluates(&api, &ada, "P1").await;
        evaluates_all(&api, &ada).await;
        // Nursing needs 48 of 60 minutes and counts the session whole.
        assert_eq!(claims(&api, &ada, "ancc", &[("P1", "1.25")]).await.expect(409).code(), "credits.above_maximum");
        let claimed = claims(&api, &ada, "ancc", &[("P1", "1.00")]).await.expect(201).json();
        let serial = claimed["certificate"]["serial"].as_str().expect("a certificate").to_owned();
        browser.open(&format!("/certificates/{serial}")).await.says("1.00");
        staff.open("/staff/events/series-2026/credits/certificates").await.says_nothing_of("Ada Okonkwo");
        // The platform made a better report the next day: she left after twenty minutes.
        app.set_clock("2026-04-23T09:00:00-04:00");
        // A sign-in lasts a working day.
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        import(&staff, &a_report(&rows[..1])).await;
        assert_eq!(of_p1(&api, &ada).await["minutes"], 20);
        staff.open("/staff/events/series-2026/credits/certificates").await.says("Ada Okonkwo");
    }

    async fn minutes_at_a_door_and_in_a_report_are_put_together(app) {
        let door = "code = 'door-P1'\nkind = 'session_door'\nname = 'Watch party'\nsession = 'P1'\nin_only = false";
        let event = a_series().with("checkpoints", door).make(app);
        accredit(app, &event);
        let ada = a_guest(app, &event, "Ada", "Okonkwo");
        let onsite = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let token = crate::checkin::badge(app, &ada);
        for (time, direction) in [("13:00", "in"), ("13:25", "out")] {
            app.set_clock(&format!("2026-04-22T{time}:00-04:00"));
            let mut scan = body("door-P1", &token);
            scan["direction"] = json!(direction);
            ask(&onsite, scan).await;
        }
        app.set_clock("2026-04-22T15:00:00-04:00");
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        import(&staff, &a_report(&[("Ada", "ada@hospital.example", "01:20:00 PM", "01:50:00 PM")])).await;
        let api = app.api_of(Role::Education, Some(event.id.clone())).await;
        let told = of_p1(&api, &ada).await;
        assert_eq!((&told["evidence"], &told["minutes"]), (&json!("scan_and_report"), &json!(50)));
        let browser = app.as_attendee(&ada).await;
        browser.open(&format!("/my/{}/credits", ada.code)).await.says("each minute counts once");
        let sheet = staff.open(&format!("/staff/events/series-2026/people/{}/attendance", ada.code)).await;
        sheet.says("50 of 60 minutes").says("Online, as the participant report says: 1:20–1:50 PM");
        app.ignore_letters();
        app.ignore_jobs();
    }
}
