//! Reports of totals prove only the least, and a stay beside the session proves nothing: what somebody says counts beside
//! them (CEU-2, WEB-1).

use lanyard::credits::evidence;
use lanyard::events::Event;
use lanyard::registration::Registration;
use lanyard::staff::Role;
use lanyard::webinars;
use serde_json::json;

use super::reports::{a_report, import};
use super::whole_story::{accredit, of_p1};
use super::{a_guest, a_ready_series};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::visitor::Visitor;

/// A report of a meeting of eighty minutes around the session, with minutes in all and no joins.
fn totals(minutes: i64) -> String {
    format!(
        "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\n\
         812 0000 0001,The board meeting,04/22/2026 12:45:00 PM,04/22/2026 02:05:00 PM,host@example.org,80,1\n\n\
         Name (Original Name),User Email,Total Duration (Minutes),Guest\nAda,ada@hospital.example,{minutes},Yes\n"
    )
}

fn says(app: &TestApp, event: &Event, registration: &Registration, minutes: i64) {
    let (event, registration) = (event.clone(), registration.clone());
    app.must(move |tx| {
        let session = webinars::get(tx.db, &event, "P1")?;
        evidence::attest(tx, &event, &registration, &session, minutes, None)
    });
}

/// A series with credit, its first webinar over, and two people of it.
async fn accredited(app: &TestApp) -> (Event, Registration, Registration, Visitor) {
    let event = a_ready_series(app);
    accredit(app, &event);
    let (ada, brian) = (a_guest(app, &event, "Ada", "Okonkwo"), a_guest(app, &event, "Brian", "Smith"));
    app.set_clock("2026-04-22T15:00:00-04:00");
    let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
    (event, ada, brian, staff)
}

on_both! {
    async fn what_totals_prove_is_told_as_the_least_and_the_greater_of_report_and_person_counts(app) {
        let (event, ada, _, staff) = accredited(app).await;
        import(&staff, &totals(70)).await;
        let api = app.api_of(Role::Education, Some(event.id.clone())).await;
        let browser = app.as_attendee(&ada).await;
        let page = format!("/my/{}/credits", ada.code);
        // Of 70 minutes twenty may have been before and after it.
        let told = of_p1(&api, &ada).await;
        assert_eq!((&told["evidence"], &told["minutes"]), (&json!("report"), &json!(50)));
        browser.open(&page).await.says("You were there at least 50 of 60 minutes").says("It has totals and not every join");
        let sheet = staff.open(&format!("/staff/events/series-2026/people/{}/attendance", ada.code)).await;
        sheet.says("Online, as the participant report says: at least 50 minutes");
        for (said, source, counted) in [(40, "report", 50), (58, "attestation", 58), (45, "report", 50)] {
            says(app, &event, &ada, said);
            let told = of_p1(&api, &ada).await;
            assert_eq!((&told["evidence"], &told["minutes"]), (&json!(source), &json!(counted)), "{said}");
        }
        says(app, &event, &ada, 58);
        browser.open(&page).await.says("You said that you were there 58 of 60 minutes");
        // A report with every join is exact, whatever she says.
        import(&staff, &a_report(&[("Ada", "ada@hospital.example", "01:00:00 PM", "01:30:00 PM")])).await;
        assert_eq!(of_p1(&api, &ada).await["minutes"], 30);
        browser.open(&page).await.says("You were there 30 of 60 minutes").says_nothing_of("at least 30").says_nothing_of("totals");
        app.ignore_letters();
        app.ignore_jobs();
    }

    async fn somebody_who_was_only_there_before_the_session_may_say_how_long_they_attended(app) {
        let (event, ada, brian, staff) = accredited(app).await;
        let rows = [("Ada", "ada@hospital.example", "01:00:00 PM", "01:30:00 PM"), ("Brian", "brian@hospital.example", "12:45:00 PM", "12:58:00 PM")];
        import(&staff, &a_report(&rows)).await;
        let api = app.api_of(Role::Education, Some(event.id.clone())).await;
        assert_eq!((&of_p1(&api, &brian).await["evidence"], &of_p1(&api, &ada).await["evidence"]), (&json!(null), &json!("report")));
        says(app, &event, &brian, 45);
        let told = of_p1(&api, &brian).await;
        assert_eq!((&told["evidence"], &told["minutes"]), (&json!("attestation"), &json!(45)));
        app.ignore_letters();
        app.ignore_jobs();
    }
}
