//! Credit that attendance contradicts since it was corrected: listed, and lowered or taken back with one press (CEU-4, CEU-6).

use lanyard::checkin::attendance;
use lanyard::credits::certificates::rules::Status;
use lanyard::credits::claims as claimed;

use super::*;
use crate::support::visitor::Visitor;

const PAGE: &str = "/staff/events/congress-2026/credits/certificates";

/// Voids the marks of somebody at the sessions with these codes; all of them where none is named.
fn was_not_there(app: &TestApp, event: &Event, who: &Registration, sessions: &[&str]) {
    let (own, id) = (event.clone(), who.id.clone());
    let wanted: Vec<String> = sessions.iter().map(|code| (*code).to_owned()).collect();
    app.must(move |tx| {
        for told in attendance::of_registration(tx.db, &id)? {
            let session = lanyard::agenda::list(tx.db, &own.id)?.into_iter().find(|session| session.id == told.mark.session_id);
            if wanted.is_empty() || session.is_some_and(|session| wanted.contains(&session.code)) {
                attendance::void_mark(tx, &own, &id, &told.mark.id, "The badge was swapped")?;
            }
        }
        Ok(())
    });
}

async fn education(app: &TestApp, event: &Event) -> Visitor {
    app.as_staff_of(Role::Education, Some(event.id.clone())).await
}

/// What stands of somebody's claims: lines with their session's minutes and hundredths.
fn lines(app: &TestApp, who: &Registration) -> Vec<(i32, i32)> {
    let standing = app.look(|db| claimed::of_registration(db, &who.id));
    standing.iter().flat_map(|one| &one.lines).map(|line| (line.minutes, line.hundredths)).collect()
}

/// Somebody whom no credit type serves, with a certificate of the keynote and B1.
async fn a_participant(app: &TestApp) -> (Event, Registration) {
    app.ignore_letters();
    app.ignore_jobs();
    let free = "code = 'free'\nname = 'Guest'\ncovers = 'all'\ntiers = [{ name = 'Free', price = '0.00' }]";
    let event = a_congress().with("registration_types", free).make(app);
    let own = event.clone();
    app.must(move |tx| {
        lanyard::evaluations::forms::take_ready_set(tx, &own)?;
        providers::save(tx, &own, &a_provider())?;
        types::switch_on(tx, &own, Code::Ama)?;
        activities::save(tx, &own, None, &an_activity("MONDAY", "K1\nB1\nB2", "ama 3.00")).map(drop)
    });
    let partner = a(app, &event, "patient_partner", &["B1"]);
    let door = app.api_of(Role::Onsite, Some(event.id.clone())).await;
    was_there(app, &door, &partner, "door-K1", "08:50", None).await;
    was_there(app, &door, &partner, "door-B1", "10:20", None).await;
    app.set_clock("2026-04-10T12:00:00-07:00");
    let api = app.api_of(Role::Education, Some(event.id.clone())).await;
    evaluates_all(&api, &partner).await;
    assert_eq!(standing(app, &partner).len(), 1);
    (event, partner)
}

on_both! {
    async fn a_certificate_is_lowered_to_what_attendance_gives_under_its_number_after_the_deadline_too(app) {
        let (event, ada, _, answer) = a_certified_physician(app).await;
        app.set_clock("2026-05-04T09:00:00-07:00");
        let staff = education(app, &event).await;
        staff.open("/staff/events/congress-2026/credits").await.says("Nothing contradicts");
        was_not_there(app, &event, &ada, &["K1"]);
        staff.open("/staff/events/congress-2026/credits").await.says("1 to decide");
        let marks = format!("/staff/events/congress-2026/people/{}/attendance", ada.code);
        staff.open(&marks).await.says("More credit was given than this attendance gives").says("Decide");
        staff.open(PAGE).await.says(&ada.full_name()).says("1.75 AMA PRA Category 1 Credits™").says("Attendance gives 0.75").says("Lower it to 0.75");
        staff.submit("/lowering", &[("left", "attended"), ("reason", " ")]).await.expect(303);
        staff.open(PAGE).await.says("Say why the credit is taken back.");
        assert_eq!(standing(app, &ada), [(1, 175, Status::Valid)]);
        staff.submit("/lowering", &[("left", "attended"), ("reason", "The badge was swapped")]).await.expect(303);
        staff.open(PAGE).await.says("the certificate has a new version").says("Nobody has more credit than attendance gives.");
        assert_eq!(standing(app, &ada), [(2, 75, Status::Valid)]);
        staff.open(&marks).await.says_nothing_of("More credit was given");
        staff.open(&person(&ada)).await.says("They were there 52 of 60 minutes").says_nothing_of("You were there");
        assert_eq!(lines(app, &ada), [(52, 75)]);
        let letter = letters(app, &ada, "certificate_changed").pop().expect("a letter");
        assert!(letter.contains("0.75 AMA PRA Category 1 Credit") && letter.contains("The badge was swapped"), "{letter}");
        let serial = answer.json()["certificate"]["serial"].as_str().unwrap().to_owned();
        app.visitor().await.open(&format!("/certificates/{serial}")).await.says("This certificate is valid").says("Credit was taken back");
        let entries = app.look(|db| lanyard::audit::of_registration(db, &ada.id, 50));
        assert_eq!(entries.iter().filter(|entry| entry.action == "credit.lowered").count(), 1);
    }

    async fn credit_that_nothing_supports_any_more_is_taken_back_and_the_certificate_revoked(app) {
        let (event, ada, ..) = a_certified_physician(app).await;
        was_not_there(app, &event, &ada, &[]);
        let staff = education(app, &event).await;
        staff.open(PAGE).await.says("Attendance gives 0.00").says_nothing_of("Lower it to");
        staff.submit("/lowering", &[("left", "nothing")]).await.expect(303);
        staff.open(PAGE).await.says("the certificate is revoked").says("0 valid, 1 revoked");
        assert_eq!(standing(app, &ada), [(1, 175, Status::Revoked)]);
        assert!(lines(app, &ada).is_empty());
        let letter = letters(app, &ada, "certificate_revoked").pop().expect("a letter");
        assert!(letter.contains("Attendance was corrected"), "{letter}");
    }

    async fn credit_is_contradicted_before_there_is_a_certificate_and_is_not_lowered_without_a_cause(app) {
        let (event, ada, api) = a_physician(app).await;
        evaluates(&api, &ada, "B1").await;
        claims(&api, &ada, "ama", &[("B1", "0.75")]).await.expect(201);
        let staff = education(app, &event).await;
        let claim = app.look(|db| claimed::of_registration(db, &ada.id)).remove(0).claim.id.to_string();
        staff.open(PAGE).await.says("Nobody has more credit than attendance gives.");
        let lowering = format!("{}/lowering", person(&ada));
        staff.post(&lowering, &[("claim", &claim), ("left", "attended"), ("reason", "I like to")]).await.expect(303);
        staff.open(PAGE).await.says("Attendance gives as much as was claimed.");
        assert_eq!(lines(app, &ada), [(52, 75)]);
        staff.post(&lowering, &[("claim", &claim), ("left", "some"), ("reason", "I like to")]).await.expect(404);
        staff.open(PAGE).await;
        staff.post(&lowering, &[("claim", "no-such-claim"), ("left", "attended"), ("reason", "I like to")]).await.expect(404);
        was_not_there(app, &event, &ada, &["B1"]);
        staff.open(PAGE).await.says("Claimed, without a certificate: 0.75 AMA PRA Category 1 Credits™");
        staff.submit("/lowering", &[("left", "nothing")]).await.expect(303);
        assert!(lines(app, &ada).is_empty());
        app.as_staff(Role::Auditor).await.open(PAGE).await.says_nothing_of("Take all of it back");
    }

    async fn a_certificate_of_participation_follows_attendance_that_was_corrected(app) {
        let (event, partner) = a_participant(app).await;
        let before = standing(app, &partner)[0].1;
        was_not_there(app, &event, &partner, &["B1"]);
        let staff = education(app, &event).await;
        staff.open(PAGE).await.says(&partner.full_name());
        staff.submit(&format!("{}/lowering", partner.code), &[("left", "attended")]).await.expect(303);
        let (version, now, status) = standing(app, &partner)[0];
        assert!(version == 2 && now < before && status == Status::Valid, "{version} {now} {before}");
        staff.open(PAGE).await.says("Nobody has more credit than attendance gives.");
    }
}
