//! What people are asked so that their credit can be reported: when, once, and how long it is kept (CEU-8).

use diesel::prelude::*;
use lanyard::db::schema::reporting_identities;
use lanyard::jobs;
use lanyard::reports::identities;
use lanyard::staff::Role;

use super::{BIRTHDAY, LICENSE, REPORTS, a, a_reported, earns, education, export, tells};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::a_congress;
use crate::support::sheets::texts;

/// What is kept, as it stands in the table.
fn sealed(app: &TestApp) -> Vec<String> {
    app.look(|db| Ok(reporting_identities::table.select(reporting_identities::sealed).load(db)?))
}

/// Runs the job that erases, as the timetable does.
fn erase(app: &TestApp, name: &'static str) {
    app.must(move |tx| jobs::enqueue_once(tx, identities::ERASE, name, tx.now));
    app.run_jobs();
}

on_both! {
    async fn who_they_are_to_nabp_is_asked_at_the_first_pharmacy_claim_and_kept_sealed(app) {
        let event = a_reported(app, a_congress());
        let rosa = a(app, &event, ("Rosa", "Recipe"), "pharmacist");
        app.set_clock("2026-03-09T14:00:00-07:00");
        let browser = app.as_attendee(&rosa).await;
        browser.open(&format!("/my/{}/credits/attendance", rosa.code)).await.expect(200).says_nothing_of("NABP");
        let page = format!("/my/{}/credits/acpe", rosa.code);
        browser.open(&page).await.expect(200).says("Who you are to NABP").says("never for the year");
        let claim = [("claim-B1", "yes"), ("minutes-B1", "60"), ("credits-B1", "1.00"), ("confirm", "yes")];
        browser.submit("/credits/acpe", &claim).await.expect(422).says("Enter your NABP e-Profile ID").says("Choose the month and the day");
        let wrong = [("nabp_id", "12 34"), ("birth_month", "2"), ("birth_day", "30")];
        browser.submit("/credits/acpe", &[&claim[..], &wrong].concat()).await.expect(422).says("five to eight digits").says("such as March and 9");
        assert!(sealed(app).is_empty());
        browser.submit("/credits/acpe", &[("nabp_id", "123 456"), ("birth_month", "3"), ("birth_day", "9")]).await.expect(303);
        browser.open(&format!("/my/{}/credits", rosa.code)).await.says("You claimed 1.00 contact hour");
        let kept = sealed(app);
        assert_eq!(kept.len(), 1);
        assert!(!kept[0].contains("123456"), "sealed");
        app.set_clock("2026-04-20T09:00:00-07:00");
        let staff = education(app, &event).await;
        let page = format!("{REPORTS}/cpe-monitor");
        staff.open(&page).await.expect(200).says("report until Fri 8 May 2026, 11:59 PM Pacific").says("18 days left").says("Nobody lacks anything").says_nothing_of("123456");
        let made = export(&staff, &page, &[("format", "xlsx")]).await.expect(200);
        let told = texts(&made.body, "xlsx");
        assert_eq!(told[0], ["provider_number", "epid", "dob_mmdd", "uan", "date_of_participation", "action"]);
        assert_eq!(told[1..], [["0999", "123456", "0309", "0999-9999-26-101-L05-P", "2026-03-09", "I"]]);
        app.set_clock("2026-05-09T00:00:00-07:00");
        app.as_staff(Role::Education).await.open(&page).await.says("closed");
    }

    async fn who_has_no_nabp_id_at_hand_claims_all_the_same_and_is_asked_by_letter_once(app) {
        let event = a_reported(app, a_congress());
        let rosa = a(app, &event, ("Rosa", "Recipe"), "pharmacist");
        app.set_clock("2026-03-09T14:00:00-07:00");
        let browser = app.as_attendee(&rosa).await;
        browser.open(&format!("/my/{}/credits/acpe", rosa.code)).await.expect(200);
        let claim = [("claim-B1", "yes"), ("minutes-B1", "60"), ("credits-B1", "1.00"), ("confirm", "yes"), ("nabp_later", "yes")];
        browser.submit("/credits/acpe", &claim).await.expect(303);
        let staff = education(app, &event).await;
        let page = format!("{REPORTS}/cpe-monitor");
        staff.open(&page).await.says("Rosa Recipe").says("NABP e-Profile ID, month and day of birth");
        staff.submit("/letters", &[]).await.expect(303);
        app.run_jobs();
        let email = app.look(|db| Ok(lanyard::people::get(db, &rosa.person_id)?.email));
        let letter = app.expect_letter(&email, "reporting_details");
        let text = letter.text();
        assert!(text.contains("NABP e-Profile ID") && text.contains(&format!("/my/{}/reporting", rosa.code)), "{text}");
        staff.open(&page).await.says("One person gets a letter").says("Mon 9 Mar 2026, 2:00 PM Pacific");
        staff.post(&format!("{page}/letters"), &[]).await.expect(303);
        app.run_jobs();
        assert!(app.letters_to(&email).iter().all(|letter| letter.kind != "reporting_details"), "once for a report");
        browser.open(&format!("/my/{}/reporting", rosa.code)).await.expect(200).says("Who you are to NABP");
        browser.submit("/reporting", &[("nabp_id", "123456"), ("birth_month", "12"), ("birth_day", "31")]).await.expect(303);
        staff.open(&page).await.says("Nobody lacks anything");
    }

    async fn what_people_tell_is_checked_field_by_field_and_can_be_erased(app) {
        let event = a_reported(app, a_congress());
        let ada = a(app, &event, ("Ada", "Able"), "physician");
        let browser = app.as_attendee(&ada).await;
        let page = format!("/my/{}/reporting", ada.code);
        browser.open(&page).await.expect(200);
        let wrong = [("license_state_1", ""), ("license_number_1", "=1+1"), ("license_profession_1", "M.D."), ("npi", "1234567890"), ("birth_month", "4"), ("birth_day", "31")];
        let said = browser.submit("/reporting", &wrong).await.expect(422);
        said.says("Choose the state").says("as it stands on the license").says("short form on the license").says("An NPI has ten digits").says("such as March and 9");
        browser.submit("/reporting", &[&LICENSE[..], &BIRTHDAY, &[("npi", "1234567893"), ("specialty", "Surgery")]].concat()).await.expect(303);
        let shown = browser.open(&page).await.expect(200).says("Told on Mon 2 Mar 2026: month and day of birth");
        assert!(shown.html().contains("ME12345") && shown.html().contains("value=\"MD\""), "what is kept openly is shown again");
        // Left empty it stays; ticked it goes.
        browser.submit("/reporting", &[]).await.expect(303);
        assert_eq!(sealed(app).len(), 1);
        browser.open(&page).await;
        browser.submit("/reporting", &[("forget", "yes")]).await.expect(303);
        assert!(sealed(app).is_empty());
        let entries = app.look(|db| lanyard::audit::of_registration(db, &ada.id, 50));
        assert!(entries.iter().all(|entry| !entry.facts.contains("ME12345")), "numbers stand in no entry");
    }

    async fn birthdays_and_nabp_ids_are_erased_half_a_year_after_reporting_is_over(app) {
        let event = a_reported(app, a_congress());
        let (rosa, idle) = (a(app, &event, ("Rosa", "Recipe"), "pharmacist"), a(app, &event, ("Ida", "Idle"), "pharmacist"));
        app.set_clock("2026-03-11T09:00:00-07:00");
        earns(app, &event, &rosa, "acpe", &[("B1", 100)]);
        tells(app, &rosa, &[("nabp_id", "123456"), BIRTHDAY[0], BIRTHDAY[1]]);
        tells(app, &idle, &[("nabp_id", "654321")]);
        app.set_clock("2026-11-08T12:00:00-08:00");
        erase(app, "first");
        assert_eq!(sealed(app).len(), 2);
        // Sixty days and half a year after the last day of the event.
        app.set_clock("2026-11-11T12:00:00-08:00");
        let staff = education(app, &event).await;
        staff.open(&format!("{REPORTS}/settings")).await.expect(200);
        staff.submit("/settings", &[("acknowledged_on", "2026-06-01")]).await.expect(303);
        erase(app, "second");
        assert_eq!(sealed(app).len(), 1, "who never claimed goes by the day it was told, the other by the day that staff named");
        app.set_clock("2026-12-01T12:00:00-08:00");
        erase(app, "third");
        assert!(sealed(app).is_empty());
        let entries = app.look(|db| {
            use lanyard::db::schema::audit_entries;
            Ok(audit_entries::table.filter(audit_entries::action.eq("reporting_identities.erased")).count().get_result::<i64>(db)?)
        });
        assert_eq!(entries, 2);
    }
}
