//! Attendance: minutes of people and sessions, corrections that add and never remove, pages that print as an audit (CHK-3).

use diesel::prelude::*;
use lanyard::db::schema::{attendance_marks, audit_entries, voided_marks};
use lanyard::events::Event;
use lanyard::registration::Registration;
use lanyard::staff::Role;
use serde_json::json;

use crate::checkin::{ask, body, inside};
use crate::door_mode::{a_guest, a_morning};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{EventMaker, a_congress};

const SESSION: &str = "/staff/events/congress-2026/sessions/B1/attendance";

/// Ada was there from 10:35 to 11:20, Bo came at 10:40 and was never seen leaving, Cy has a seat and did not come.
async fn a_session(app: &TestApp, congress: EventMaker) -> (Event, Registration, Registration) {
    let event = a_morning(app, congress);
    let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
    let (ada, ada_badge) = a_guest(app, &event, "Ada", &["B1"]);
    let (bo, bo_badge) = a_guest(app, &event, "Bo", &["B1"]);
    let _absent = a_guest(app, &event, "Cy", &["B1"]);
    for (token, time, direction) in [(&ada_badge, "10:35", "in"), (&bo_badge, "10:40", "in"), (&ada_badge, "11:20", "out")] {
        app.set_clock(&format!("2026-03-09T{time}:00-07:00"));
        let mut scan = body("door-B1", token);
        scan["direction"] = json!(direction);
        ask(&api, scan).await;
    }
    app.set_clock("2026-03-09T11:45:00-07:00");
    (event, ada, bo)
}

fn page_of(registration: &Registration) -> String {
    format!("/staff/events/congress-2026/people/{}/attendance", registration.code)
}

on_both! {
    async fn a_session_tells_who_was_there_how_long_and_how_it_is_known(app) {
        let (event, ada, _) = a_session(app, a_congress()).await;
        let staff = app.as_staff_of(Role::Education, Some(event.id)).await;
        let page = staff.open(SESSION).await.expect(200);
        let page = page.says("Ada Okonkwo").says("10:35–11:20 AM").says("45").says("10:40–11:30 AM").says("50").says("End assumed");
        page.says("Not seen").says("2 of 3 with minutes, 95 minutes together").says_nothing_of("by hand");
        let audit = staff.get(&format!("{SESSION}?marks=yes")).await.says("device Mon 9 Mar 2026, 10:35:00 AM");
        audit.says("server Mon 9 Mar 2026, 10:35:00 AM").says("Room 1 (door-B1)");
        staff.get(&format!("{SESSION}?show=assumed")).await.says("Bo Okonkwo").says_nothing_of("Ada Okonkwo");
        staff.get(&format!("{SESSION}?show=absent")).await.says("Cy Okonkwo").says_nothing_of("Bo Okonkwo");
        staff.get(&format!("{SESSION}?q=ada")).await.says("Ada Okonkwo").says_nothing_of("Bo Okonkwo");
        staff.get(&format!("{SESSION}?q=zzz")).await.says("Nobody fits");
        let csv = staff.get(&format!("{SESSION}.csv?show=present")).await.expect(200).html();
        let line = format!("B1,{},Ada,Okonkwo,,yes,45,2026-03-09T10:35:00-07:00,2026-03-09T11:20:00-07:00,no,no", ada.code);
        assert!(csv.contains(&line), "{csv}");
        assert_eq!(csv.lines().count(), 3);
        staff.get("/staff/events/congress-2026/sessions/B9/attendance").await.expect(404);
        app.as_staff(Role::Content).await.get(SESSION).await.expect(403);
    }

    async fn a_missed_scan_is_added_and_a_wrong_one_voided_with_name_and_reason(app) {
        let (event, _, bo) = a_session(app, a_congress()).await;
        assert_eq!(inside(app), (1, 1));
        let staff = app.as_staff_of(Role::Education, Some(event.id)).await;
        staff.open(&page_of(&bo)).await.expect(200).says("50 of 60 minutes").says("10:40:00 AM");
        let missed = [("session", "B1"), ("direction", "out"), ("at", "2026-03-09T11:00"), ("reason", "Seen leaving")];
        staff.submit("/attendance", &missed).await.expect(303);
        staff.open(&page_of(&bo)).await.says("20 of 60 minutes").says("Corrected").says("by hand").says("Seen leaving");
        assert_eq!(inside(app), (0, 0));
        staff.click("Void Out Mon 9 Mar 2026, 11:00:00 AM").await.expect(200).says("Void this mark");
        staff.submit("/voiding", &[("reason", " ")]).await.expect(422).says("Say why it does not count");
        staff.submit("/voiding", &[("reason", "Somebody else")]).await.expect(303);
        staff.open(&page_of(&bo)).await.says("50 of 60 minutes").says("voided").says("Somebody else");
        assert_eq!(inside(app), (1, 1));
        // Voiding the way in as well: nobody came.
        staff.click("Void In Mon 9 Mar 2026, 10:40:00 AM").await.expect(200);
        staff.submit("/voiding", &[("reason", "The badge was swapped")]).await.expect(303);
        staff.open(&page_of(&bo)).await.says("0 of 60 minutes");
        assert_eq!(inside(app), (0, 0));
        let (marks, voids): (i64, i64) =
            app.look(|db| Ok((attendance_marks::table.count().get_result(db)?, voided_marks::table.count().get_result(db)?)));
        assert_eq!((marks, voids), (4, 2));
        let reasons: Vec<Option<String>> = app.look(|db| {
            let own = audit_entries::table.filter(audit_entries::action.eq_any(["attendance.added", "attendance.voided"]));
            Ok(own.order(audit_entries::id.asc()).select(audit_entries::reason).load(db)?)
        });
        assert_eq!(reasons.into_iter().flatten().collect::<Vec<_>>(), ["Seen leaving", "Somebody else", "The badge was swapped"]);
    }

    async fn a_correction_says_what_is_wrong_with_it_and_keeps_what_was_typed(app) {
        let (event, ada, bo) = a_session(app, a_congress()).await;
        let staff = app.as_staff_of(Role::Registrar, Some(event.id)).await;
        staff.open(&page_of(&bo)).await;
        for (fields, words) in [
            ([("session", "B9"), ("direction", "in"), ("at", "2026-03-09T11:00"), ("reason", "Seen")], "Enter the code of a session"),
            ([("session", "B1"), ("direction", "in"), ("at", "noon"), ("reason", "Seen")], "is not a day and time"),
            ([("session", "B1"), ("direction", "in"), ("at", "2026-03-09T12:00"), ("reason", "Seen")], "This is still to come"),
            ([("session", "B1"), ("direction", "in"), ("at", "2026-03-01T12:00"), ("reason", "Seen")], "more than a day from the session"),
            ([("session", "B1"), ("direction", "in"), ("at", "2026-03-09T11:00"), ("reason", "")], "Say how you know"),
        ] {
            staff.submit("/attendance", &fields).await.expect(422).says(words);
        }
        let mark: String = app.look(|db| {
            let of_ada = attendance_marks::table.filter(attendance_marks::registration_id.eq(&ada.id));
            Ok(of_ada.select(attendance_marks::id).first(db)?)
        });
        // A mark is voided on the page of whose it is, and once.
        staff.get(&format!("{}/{mark}/voiding", page_of(&bo))).await.expect(404);
        let voiding = format!("{}/{mark}/voiding", page_of(&ada));
        staff.open(&voiding).await.expect(200);
        staff.submit("/voiding", &[("reason", "Twice")]).await.expect(303);
        staff.open(&voiding).await;
        staff.submit("/voiding", &[("reason", "Twice")]).await.expect(303);
        staff.open(&page_of(&ada)).await.says("This mark was voided before.");
        let finance = app.as_staff(Role::Finance).await;
        finance.open(&page_of(&bo)).await.expect(200).says_nothing_of("Add a missed scan");
        finance.get(&voiding).await.expect(403);
    }

    async fn a_missing_exit_counts_as_the_event_says(app) {
        let (event, _, bo) = a_session(app, a_congress().event("missing_exit = 'minutes'\nmissing_exit_minutes = 15")).await;
        let staff = app.as_staff_of(Role::Auditor, Some(event.id)).await;
        staff.open(&page_of(&bo)).await.says("15 of 60 minutes").says("a stay counts 15 minutes").says("End assumed");
        staff.open(SESSION).await.says("10:40–10:55 AM").says("60 minutes together");
    }
}
