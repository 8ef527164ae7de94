//! The lobby's pages as their readers see them: on a phone and a laptop, in the light and in the dark.

use lanyard::http::asker::ATTENDEE_COOKIE;
use lanyard::lobby::{announcements, daily, questions};
use lanyard::people::sign_in as signing_in;
use lanyard::staff::Role;

use super::{LOBBY, STAFF, ada};
use crate::in_a_browser::{look_at, sign_in, sign_in_staff, tell};
use crate::support::browser;

#[test]
fn every_page_of_the_lobby_fits_a_small_phone_and_breaks_no_rule_of_accessibility() {
    tell(async |app| {
        let (event, ada) = ada(app);
        let (own, person) = (event.clone(), ada.person_id.clone());
        let id = ada.id.clone();
        let letter = app.must(move |tx| {
            let text = str::to_owned;
            let draft = announcements::Draft {
                title: text("Shuttles run late"),
                body: text("The Blue Line waits.\n\nTake the ferry."),
                audience: text("all"),
            };
            announcements::post(tx, &own, &draft)?;
            let asked = questions::ask(tx, &own, &id, "Where is the quiet room?")?;
            questions::answer(tx, &own, &asked.id, "Level 2, the Fern Room.")?;
            questions::ask(tx, &own, &id, "Is there a vegan lunch?")?;
            let body = text("Good morning {name}.\n\nFirst: {first_session}, {first_time}\nBadges: {badge_place}");
            let draft = daily::Draft { subject: text("Today"), body, audience: text("all"), about_on: text("2026-03-09") };
            Ok(daily::compose(tx, &own, &draft)?.id)
        });
        app.set_clock("2026-03-09T09:30:00-07:00");
        let attendee = app.must(move |tx| signing_in::sign_in(tx, &person));
        let letter = format!("{STAFF}/letters/{letter}");
        let (new, questions, fresh) = (format!("{STAFF}/announcements/new"), format!("{STAFF}/questions"), format!("{STAFF}/letters/new"));
        let mut wrong = Vec::new();
        for (name, options) in [("phone", browser::phone()), ("laptop-dark", browser::laptop().dark()), ("laptop", browser::laptop())] {
            let browser = options.start().await;
            if name == "phone" {
                let narrow = serde_json::json!({ "width": 390, "height": 760, "deviceScaleFactor": 2, "mobile": true });
                browser.devtools("Emulation.setDeviceMetricsOverride", narrow).await;
            }
            sign_in(app, &browser, ATTENDEE_COOKIE, &attendee).await;
            look_at(app, &browser, name, &[LOBBY, "/my/{code}", "/events/congress-2026"], &ada.code, &mut wrong).await;
            sign_in_staff(app, &browser, &format!("{name}@staff.example"), Role::Owner).await;
            look_at(app, &browser, name, &[STAFF, &new, &questions, &fresh, &letter], &ada.code, &mut wrong).await;
            browser.close().await;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        app.ignore_jobs();
        app.ignore_letters();
    });
}
