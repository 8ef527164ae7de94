//! The transcript: all that stands, over events and years, as a page and on paper (CEU-7).

use lanyard::credits::claims;
use lanyard::staff::Role;

use super::{a, a_reported, earns, education};
use crate::on_both;
use crate::support::builders::{a_congress, a_registration};
use crate::support::paper::{printed, words};

on_both! {
    async fn a_transcript_sums_what_stands_over_events_and_years(app) {
        let event = a_reported(app, a_congress());
        let earlier = a_reported(app, a_congress().event("slug = 'congress-2025'\nname = 'Congress of last year'"));
        let nora = a(app, &event, ("Nora", "王"), "nurse");
        let email = app.look(|db| Ok(lanyard::people::get(db, &nora.person_id)?.email));
        let before = a_registration(&earlier).named("Nora", "王").email(&email).buying("free").in_sessions(&["B1"])
            .with_details(|details| details.profession = "nurse".to_owned()).make(app);
        assert_eq!(before.person_id, nora.person_id);
        app.set_clock("2026-03-11T09:00:00-07:00");
        earns(app, &event, &nora, "ancc", &[("K1", 100), ("B1", 100)]);
        earns(app, &event, &nora, "cpps", &[("K1", 100)]);
        earns(app, &event, &nora, "cpps", &[("B1", 75)]);
        earns(app, &earlier, &before, "cpps", &[("B1", 100)]);
        earns(app, &earlier, &before, "cphq", &[("B1", 50)]);
        // What is taken back is in no sum.
        let (own, of) = (earlier.clone(), before.clone());
        app.must(move |tx| {
            let found = claims::of_registration(tx.db, &of.id)?.into_iter().find(|one| one.code == lanyard::credits::rules::Code::Cphq).unwrap();
            claims::reverse(tx, &own, &of, &found.claim.id, "by mistake")
        });
        let browser = app.as_attendee(&nora).await;
        let page = format!("/my/{}/transcript", nora.code);
        let shown = browser.open(&page).await.expect(200);
        shown.says("Patient Safety Congress 2026").says("Congress of last year").says("2.00 contact hours").says("1.75 hours").says("Quay Institute")
            .says("CPPS: 2.75 of 45 hours, 1 Apr 2023 to 31 Mar 2026; 42.25 missing.").says("CPHQ: 0.00 of 30 hours, 1 Jan 2025 to 31 Dec 2026; 30.00 missing.");
        browser.submit("/transcript", &[("cpps", "2026-03-10"), ("cphq", "nonsense")]).await.expect(200)
            .says("CPPS: 0.00 of 45 hours, 10 Mar 2026 to 9 Mar 2029");
        let pdf = browser.open(&format!("{page}.pdf")).await.expect(200);
        assert_eq!(pdf.header("content-type"), Some("application/pdf"));
        let text = words(&pdf.body);
        for told in ["Transcript of Nora 王", "CPPS: 2.75 of 45 hours", "Congress of last year", "Activity MONDAY", "Page 1 of 1"] {
            assert!(text.contains(told), "{told} in {text}");
        }
        if let Ok(folder) = std::env::var("LANYARD_PICTURES") {
            std::fs::copy(&printed(&pdf.body).pages[0], format!("{folder}/transcript.png")).unwrap();
        }
        let staff = education(app, &event).await;
        let person = format!("/staff/events/congress-2026/credits/people/{}", nora.code);
        staff.open(&person).await.expect(200);
        staff.click("Transcript").await.expect(200).says("2.00 contact hours").says_nothing_of("Congress of last year");
        staff.open(&format!("{person}/transcript.pdf")).await.expect(200);
        app.as_staff(Role::Education).await.open(&format!("{person}/transcript")).await.says("Congress of last year");
        app.as_staff(Role::Registrar).await.get(&format!("{person}/transcript")).await.expect(403);
    }

    async fn a_transcript_without_credit_says_what_comes_next_and_a_long_one_goes_on_over_pages(app) {
        let event = a_reported(app, a_congress());
        let nora = a(app, &event, ("Nora", "Nurse"), "nurse");
        let browser = app.as_attendee(&nora).await;
        browser.open(&format!("/my/{}/transcript", nora.code)).await.expect(200).says("No credit yet");
        browser.open(&format!("/my/{}/transcript.pdf", nora.code)).await.expect(200);
        let line = |number: i64| lanyard::reports::rules::rows::Line {
            code: lanyard::credits::rules::Code::Ancc,
            activity: format!("A session with a long name about handoffs, alarms and what people owe each other, number {number}"),
            activity_code: format!("S{number}"),
            provider: "Quay Institute".to_owned(),
            completed_on: "2026-03-09".parse().unwrap(),
            hundredths: 100,
            certificate: (number == 1).then(|| ("LC-1".to_owned(), "/certificates/LC-1".to_owned())),
        };
        let part = lanyard::reports::transcript::Part { event: event.clone(), registration: nora.code.clone(), lines: (1..=80).map(line).collect() };
        let (person, now) = (nora.person_id.clone(), app.now());
        let mut transcript = app.look(|db| lanyard::reports::transcript::of_person(db, &person, Default::default(), now, |_| true));
        transcript.parts.push(part);
        let fonts = lanyard::pdf::fonts::Fonts::of(std::path::Path::new("/usr/share/fonts")).unwrap();
        let text = words(&lanyard::reports::transcript_pdf::pdf(&transcript, fonts).unwrap());
        for told in ["number 1 (certificate LC-1)", "number 80", "Page 4 of 4"] {
            assert!(text.contains(told), "{told} in {text}");
        }
    }
}
