//! The pages about credit as their readers see them: on a small phone and a laptop, in the light and in the dark.

use lanyard::http::asker::ATTENDEE_COOKIE;
use lanyard::people::sign_in as signing_in;
use lanyard::staff::Role;

use super::{a_physician, claims, evaluates};
use crate::in_a_browser::{look_at, sign_in, sign_in_staff, tell};
use crate::support::browser;

const PUBLIC: [&str; 3] = ["/events/congress-2026/agenda", "/events/congress-2026/sessions/B1", "/certificates"];
const OWN: [&str; 4] =
    ["/my/{code}/credits", "/my/{code}/credits/ama", "/my/{code}/evaluations?day=2026-03-09", "/my/{code}/evaluations?day=overall"];
const STAFF: [&str; 18] = [
    "/staff/events/congress-2026/credits",
    "/staff/events/congress-2026/credits/provider",
    "/staff/events/congress-2026/credits/types",
    "/staff/events/congress-2026/credits/types/ama",
    "/staff/events/congress-2026/credits/statements",
    "/staff/events/congress-2026/credits/statements/ama",
    "/staff/events/congress-2026/credits/activities",
    "/staff/events/congress-2026/credits/activities/new",
    "/staff/events/congress-2026/credits/sessions",
    "/staff/events/congress-2026/credits/sessions/B1",
    "/staff/events/congress-2026/credits/extensions",
    "/staff/events/congress-2026/credits/late-claims",
    "/staff/events/congress-2026/credits/forecast",
    "/staff/events/congress-2026/credits/certificates",
    "/staff/events/congress-2026/credits/people",
    "/staff/events/congress-2026/credits/people/{code}",
    "/staff/events/congress-2026/evaluations",
    "/staff/events/congress-2026/evaluations/results/session",
];

#[test]
fn every_page_about_credit_fits_a_small_phone_and_breaks_no_rule_of_accessibility() {
    tell(async |app| {
        let (event, ada, api) = a_physician(app).await;
        evaluates(&api, &ada, "K1").await;
        crate::certificates::evaluates_all(&api, &ada).await;
        let claimed = claims(&api, &ada, "ama", &[("K1", "1.00")]).await.expect(201).json();
        let own = event.clone();
        let run = app.must(move |tx| lanyard::credits::certificates::runs::start(tx, &own));
        let run_page = format!("/staff/events/congress-2026/credits/certificates/runs/{}", run.id);
        app.run_jobs();
        let serial = claimed["certificate"]["serial"].as_str().unwrap().to_owned();
        let checked = format!("/certificates/{serial}");
        let person = ada.person_id.clone();
        let attendee = app.must(move |tx| signing_in::sign_in(tx, &person));
        let mut wrong = Vec::new();
        for (name, options) in [("phone", browser::phone()), ("laptop-dark", browser::laptop().dark())] {
            let browser = options.start().await;
            if name == "phone" {
                let narrow = serde_json::json!({ "width": 320, "height": 640, "deviceScaleFactor": 2, "mobile": true });
                browser.devtools("Emulation.setDeviceMetricsOverride", narrow).await;
            }
            look_at(app, &browser, name, &PUBLIC, &ada.code, &mut wrong).await;
            look_at(app, &browser, name, &[&checked], &ada.code, &mut wrong).await;
            sign_in(app, &browser, ATTENDEE_COOKIE, &attendee).await;
            look_at(app, &browser, name, &OWN, &ada.code, &mut wrong).await;
            sign_in_staff(app, &browser, &format!("{name}@staff.example"), Role::Owner).await;
            look_at(app, &browser, name, &STAFF, &ada.code, &mut wrong).await;
            look_at(app, &browser, name, &[&run_page], &ada.code, &mut wrong).await;
            browser.close().await;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn a_deadline_is_told_once_in_the_time_of_a_reader_elsewhere() {
    tell(async |app| {
        let (_, ada, api) = a_physician(app).await;
        evaluates(&api, &ada, "K1").await;
        let person = ada.person_id.clone();
        let attendee = app.must(move |tx| signing_in::sign_in(tx, &person));
        let browser = browser::laptop().start().await;
        browser.devtools("Emulation.setTimezoneOverride", serde_json::json!({ "timezoneId": "Europe/Berlin" })).await;
        sign_in(app, &browser, ATTENDEE_COOKIE, &attendee).await;
        for page in ["credits", "credits/ama"] {
            browser.open(&app.url(&format!("/my/{}/{page}", ada.code))).await;
            let text = browser.wait_for("where you are").await;
            assert_eq!(text.matches("where you are").count(), 1, "{page}:\n{text}");
            assert!(text.contains("Fri 17 Apr 2026, 11:59 PM Pacific") && text.contains("Sat, Apr 18"), "{page}:\n{text}");
        }
        browser.close().await;
        app.ignore_jobs();
        app.ignore_letters();
    });
}
