//! The pages about reports as their readers see them: on a small phone and a laptop, in the light and in the dark.

use lanyard::http::asker::ATTENDEE_COOKIE;
use lanyard::people::sign_in as signing_in;
use lanyard::staff::Role;

use super::{a, a_reported, earns};
use crate::in_a_browser::{look_at, sign_in, sign_in_staff, tell};
use crate::support::browser;
use crate::support::builders::a_congress;

const OWN: [&str; 4] = ["/my/{code}/credits", "/my/{code}/credits/acpe", "/my/{code}/reporting", "/my/{code}/transcript"];
const STAFF: [&str; 7] = [
    "/staff/events/congress-2026/credits/reports",
    "/staff/events/congress-2026/credits/reports/settings",
    "/staff/events/congress-2026/credits/reports/pars",
    "/staff/events/congress-2026/credits/reports/ce-broker",
    "/staff/events/congress-2026/credits/reports/cpe-monitor",
    "/staff/events/congress-2026/credits/people",
    "/staff/events/congress-2026/credits/people/{code}/transcript",
];

#[test]
fn every_page_about_reports_fits_a_small_phone_and_breaks_no_rule_of_accessibility() {
    tell(async |app| {
        let event = a_reported(app, a_congress());
        let rosa = a(app, &event, ("María de los Ángeles", "Fernández-Castañeda y Gutiérrez de la Vega"), "pharmacist");
        let ada = a(app, &event, ("Ada", "Able"), "physician");
        app.set_clock("2026-04-20T09:00:00-07:00");
        let (own, until) = (event.clone(), "2026-04-30".parse().expect("a day"));
        app.must(move |tx| lanyard::credits::deadlines::extend(tx, &own, &Default::default(), until, "for the pictures").map(drop));
        earns(app, &event, &rosa, "cpps", &[("K1", 100), ("B1", 100)]);
        earns(app, &event, &ada, "ama", &[("K1", 100)]);
        let person = rosa.person_id.clone();
        let attendee = app.must(move |tx| signing_in::sign_in(tx, &person));
        let mut wrong = Vec::new();
        for (name, options) in [("phone", browser::phone()), ("laptop-dark", browser::laptop().dark())] {
            let browser = options.start().await;
            if name == "phone" {
                let narrow = serde_json::json!({ "width": 320, "height": 640, "deviceScaleFactor": 2, "mobile": true });
                browser.devtools("Emulation.setDeviceMetricsOverride", narrow).await;
            }
            sign_in(app, &browser, ATTENDEE_COOKIE, &attendee).await;
            look_at(app, &browser, name, &OWN, &rosa.code, &mut wrong).await;
            sign_in_staff(app, &browser, &format!("{name}@staff.example"), Role::Owner).await;
            look_at(app, &browser, name, &STAFF, &rosa.code, &mut wrong).await;
            browser.close().await;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}
