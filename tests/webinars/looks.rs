//! The pages of webinars as their readers see them: on a small phone and a laptop, in the light and in the dark.

use lanyard::http::asker::ATTENDEE_COOKIE;
use lanyard::people::sign_in as signing_in;
use lanyard::staff::Role;

use super::reports::{a_report, import};
use super::{a_guest, a_ready_series, link};
use crate::in_a_browser::{look_at, sign_in, sign_in_staff, tell};
use crate::support::browser;

#[test]
fn every_page_of_webinars_fits_a_small_phone_and_breaks_no_rule_of_accessibility() {
    tell(async |app| {
        app.ignore_letters();
        app.ignore_jobs();
        let event = a_ready_series(app);
        let ada = a_guest(app, &event, "Ada", "Okonkwo");
        let brian = a_guest(app, &event, "Brian", "Smith");
        let path = link(app, &event, &ada);
        let person = ada.person_id.clone();
        app.set_clock("2026-04-22T12:50:00-04:00");
        let visitor = app.visitor().await;
        visitor.open(&path).await;
        visitor.submit("/join/", &[]).await.expect(303);
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        let rows = [
            ("Ada Okonkwo", "ada@hospital.example", "12:55:00 PM", "01:48:00 PM"),
            ("iPhone (Brian Smith)", "", "01:00:00 PM", "01:40:00 PM"),
            ("15550001234", "", "01:00:00 PM", "01:30:00 PM"),
        ];
        import(&staff, &a_report(&rows)).await;
        let attendee = app.must(move |tx| signing_in::sign_in(tx, &person));
        let mut wrong = Vec::new();
        for (name, options) in [("phone", browser::phone()), ("laptop-dark", browser::laptop().dark())] {
            let browser = options.start().await;
            for (when, time) in [("early", "10:02"), ("open", "12:50"), ("over", "14:30")] {
                app.set_clock(&format!("2026-04-22T{time}:00-04:00"));
                look_at(app, &browser, &format!("{name}-{when}"), &[&path], &ada.code, &mut wrong).await;
            }
            app.set_clock("2026-04-22T12:50:00-04:00");
            sign_in(app, &browser, ATTENDEE_COOKIE, &attendee).await;
            look_at(app, &browser, name, &["/my/{code}", "/my/{code}/webinars", "/my/{code}/conversion"], &ada.code, &mut wrong).await;
            sign_in_staff(app, &browser, &format!("{name}@staff.example"), Role::Owner).await;
            let person = format!("/staff/events/series-2026/webinars/P1/people/{}", brian.code);
            let pages = [
                "/staff/events/series-2026/webinars",
                "/staff/events/series-2026/webinars/P1",
                &person,
                "/staff/events/series-2026/sessions/P1/report",
                "/staff/events/series-2026/sessions/P1/participants",
                "/staff/events/series-2026/sessions/P1/participants?show=matched",
                "/staff/events/series-2026/sessions/P1/attendance",
            ];
            look_at(app, &browser, name, &pages, &ada.code, &mut wrong).await;
            browser.close().await;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}
