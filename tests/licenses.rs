//! Licenses that people tell by phone: entered and corrected by staff, by the rules of the person's own form (CEU-7).

use lanyard::credits::rules::Code;
use lanyard::reports::details;
use lanyard::reports::rules::License;
use lanyard::staff::Role;

use crate::on_both;
use crate::reports::{a, a_reported, earns};
use crate::support::app::TestApp;
use crate::support::builders::a_congress;

fn kept(app: &TestApp, who: &lanyard::registration::Registration) -> details::Details {
    app.look(|db| details::of_person(db, &who.person_id))
}

on_both! {
    async fn staff_enter_and_correct_a_persons_licenses_and_say_how_they_know(app) {
        let event = a_reported(app, a_congress());
        let nils = a(app, &event, ("Nils", "Nimble"), "nurse");
        app.set_clock("2026-03-11T09:00:00-07:00");
        earns(app, &event, &nils, Code::Ancc.as_str(), &[("B1", 100)]);
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        staff.open("/staff/events/congress-2026/credits/reports/ce-broker").await.says("License number and state");
        staff.click("Enter the license of Nils Nimble").await.expect(200).says("Licenses of Nils Nimble");
        let wrong = [("license_number_1", "=1+1"), ("license_profession_1", "R.N."), ("reason", "")];
        staff.submit("/licenses", &wrong).await.expect(422)
            .says("Choose the state").says("as it stands on the license").says("short form on the license").says("Say how you know");
        assert!(kept(app, &nils).licenses.is_empty());
        let told = [("license_state_1", "FL"), ("license_number_1", " RN12345 "), ("license_profession_1", "rn"), ("reason", "told by phone")];
        staff.submit("/licenses", &told).await.expect(303);
        staff.follow().await.says("The licenses are kept.").says("Licenses corrected").says("told by phone").says_nothing_of("RN12345");
        assert_eq!(kept(app, &nils).licenses, [License { state: "FL".to_owned(), profession: "RN".to_owned(), number: "RN12345".to_owned() }]);
        staff.open("/staff/events/congress-2026/credits/reports/ce-broker").await.says_nothing_of("License number and state");
        // What the person told beside it stays when the desk corrects a number.
        let browser = app.as_attendee(&nils).await;
        let page = format!("/my/{}/reporting", nils.code);
        assert!(browser.open(&page).await.html().contains("RN12345"));
        browser.submit("/reporting", &[("npi", "1234567893")]).await.expect(303);
        let desk = app.as_staff(Role::Registrar).await;
        desk.open(&format!("/staff/events/congress-2026/people/{}", nils.code)).await;
        desk.click("Licenses for reports").await.expect(200);
        desk.submit("/licenses", &[("reason", "read from the card")]).await.expect(303);
        desk.follow().await.says("These are the licenses that are kept already.");
        desk.open(&format!("/staff/events/congress-2026/people/{}/licenses", nils.code)).await;
        desk.submit("/licenses", &[("license_number_1", "RN12346"), ("reason", "read from the card")]).await.expect(303);
        let now = kept(app, &nils);
        assert_eq!((now.licenses[0].number.as_str(), now.npi.as_str()), ("RN12346", "1234567893"));
        let entries = app.look(|db| lanyard::audit::of_registration(db, &nils.id, 50));
        assert_eq!(entries.iter().filter(|entry| entry.action == "licenses.corrected").count(), 2);
        assert!(entries.iter().all(|entry| !entry.facts.contains("RN1234")), "numbers stand in no entry");
        for role in [Role::Onsite, Role::Auditor, Role::Finance] {
            let other = app.as_staff(role).await;
            other.get(&format!("/staff/events/congress-2026/people/{}/licenses", nils.code)).await.expect(403);
        }
    }
}
