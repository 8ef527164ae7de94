//! The pages about Open Badges as their readers see them: on a small phone and a laptop, in the light and in the dark.

use lanyard::http::asker::ATTENDEE_COOKIE;
use lanyard::people::sign_in as signing_in;
use lanyard::staff::Role;

use super::{a_holder, education, number, taken};
use crate::in_a_browser::{look_at, sign_in, sign_in_staff, tell};
use crate::support::browser;
use crate::support::open_badge::parts;

const STAFF: [&str; 3] =
    ["/staff/events/congress-2026/credits/open-badges", "/staff/events/congress-2026/credits/activities", "/staff/signing-keys"];

#[test]
fn every_page_about_open_badges_fits_a_small_phone_and_breaks_no_rule_of_accessibility() {
    tell(async |app| {
        let (event, ada) = a_holder(app);
        let told = taken(app, &education(app, &event).await, &ada).await;
        let (_, badge) = parts(told["credential"].as_str().expect("a text"));
        let whole = badge["credentialSubject"]["achievement"]["id"].as_str().expect("an address").to_owned();
        let achievement = whole.strip_prefix(&app.url("")).expect("of this service").to_owned();
        let activity = achievement.split('/').nth(3).expect("an activity").to_owned();
        let statements = format!("/staff/events/congress-2026/credits/activities/{activity}/statements");
        let check = format!("/certificates/{}", number(app, &ada));
        let person = ada.person_id.clone();
        let attendee = app.must(move |tx| signing_in::sign_in(tx, &person));
        let mut wrong = Vec::new();
        for (name, options) in [("phone", browser::phone()), ("laptop-dark", browser::laptop().dark())] {
            let browser = options.start().await;
            if name == "phone" {
                let narrow = serde_json::json!({ "width": 320, "height": 640, "deviceScaleFactor": 2, "mobile": true });
                browser.devtools("Emulation.setDeviceMetricsOverride", narrow).await;
            }
            sign_in(app, &browser, ATTENDEE_COOKIE, &attendee).await;
            look_at(app, &browser, name, &["/my/{code}/credits", &check, &achievement], &ada.code, &mut wrong).await;
            sign_in_staff(app, &browser, &format!("{name}@staff.example"), Role::Owner).await;
            look_at(app, &browser, name, &STAFF, &ada.code, &mut wrong).await;
            look_at(app, &browser, name, &[&statements], &ada.code, &mut wrong).await;
            browser.close().await;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}
