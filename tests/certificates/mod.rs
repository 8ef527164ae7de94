//! Certificates: issued with the claim, checked by anybody, corrected and revoked under one number (CEU-3, CEU-4, CEU-6, CEU-9).

mod bulk;
mod lowering;
mod model;
mod paper;

use diesel::prelude::*;
use lanyard::credits::certificates::rules::Status;
use lanyard::credits::certificates::{self, Whole};
use lanyard::credits::providers::{self, ProviderDraft};
use lanyard::credits::rules::Code;
use lanyard::credits::{activities, types};
use lanyard::db::schema::{certificate_versions, certificates as table};
use lanyard::events::Event;
use lanyard::registration::Registration;
use lanyard::staff::Role;
use serde_json::{Value, json};

use crate::credits::{a, a_physician, a_provider, an_activity, awarded, claims, evaluates, was_there};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_registration};
use crate::support::visitor::{Answer, Api, at_once};

/// Answers that fit the ready set about the whole event.
pub fn of_event() -> Value {
    json!({ "needs": 5, "confidence": 4, "team": 4, "domain": "A learning system", "barrier": "Time", "balance": true })
}

pub async fn evaluates_all(api: &Api, registration: &Registration) {
    let body = json!({ "session": null, "answers": of_event() });
    api.post(&format!("/registrations/{}/evaluations", registration.code), body).await.expect(201);
}

pub fn certificates_of(app: &TestApp, registration: &Registration) -> Vec<Whole> {
    app.look(|db| certificates::of_registration(db, &registration.id))
}

/// Number, version, credit and standing of the newest version of each.
pub fn standing(app: &TestApp, registration: &Registration) -> Vec<(i32, i64, Status)> {
    let row = |whole: &Whole| {
        let (version, _) = whole.newest().expect("a version");
        (version.version, i64::from(version.hundredths), whole.status())
    };
    certificates_of(app, registration).iter().map(row).collect()
}

/// A physician who attended K1 and B1, evaluated both and the whole event, and claimed both.
pub async fn a_certified_physician(app: &TestApp) -> (Event, Registration, Api, Answer) {
    let (event, ada, api) = a_physician(app).await;
    for session in ["B1", "K1"] {
        evaluates(&api, &ada, session).await;
    }
    evaluates_all(&api, &ada).await;
    let answer = claims(&api, &ada, "ama", &[("B1", "0.75"), ("K1", "1.00")]).await.expect(201);
    (event, ada, api, answer)
}

fn person(registration: &Registration) -> String {
    format!("/staff/events/congress-2026/credits/people/{}", registration.code)
}

/// The letters of these kinds that were not read before.
fn letters(app: &TestApp, registration: &Registration, kind: &str) -> Vec<String> {
    let email = app.look(|db| Ok(lanyard::people::get(db, &registration.person_id)?.email));
    let mine = app.letters_to(&email).into_iter().filter(|letter| letter.kind == kind);
    mine.map(|letter| letter.part("text/plain").map(|part| String::from_utf8_lossy(&part.body).into_owned()).unwrap_or_default()).collect()
}

on_both! {
    async fn a_certificate_comes_with_the_claim_and_anybody_who_has_its_number_may_check_it(app) {
        let (_, ada, api, answer) = a_certified_physician(app).await;
        let told = answer.json();
        let serial = told["certificate"]["serial"].as_str().expect("a certificate").to_owned();
        assert_eq!(serial.len(), 23, "twenty letters in groups of five: {serial}");
        assert_eq!(told["certificate"]["verify_url"], format!("https://congress.example.org/certificates/{serial}"));
        assert_eq!(standing(app, &ada), [(1, 175, Status::Valid)]);
        let letter = letters(app, &ada, "certificate_ready").pop().expect("a letter");
        assert!(letter.contains(&serial) && letter.contains("1.75 AMA PRA Category 1 Credits™") && letter.contains("/credits#certificates"), "{letter}");

        let public = app.visitor().await;
        let page = public.open(told["certificate"]["verify_url"].as_str().unwrap()).await;
        assert_eq!(page.header("x-robots-tag"), Some("noindex, nofollow, noarchive"));
        assert!(page.html().contains("<meta name=\"robots\" content=\"noindex, nofollow\">"));
        page.says("This certificate is valid").says(&ada.full_name()).says("1.75 AMA PRA Category 1 Credits™")
            .says("Quay Institute certifies that").says("Handoffs that hold").says("Tideline Convention Center, 400 Lantern Quay").says_nothing_of(&ada.code).says_nothing_of("3.00");
        let plain = serial.replace('-', " ").to_lowercase();
        public.open("/certificates").await.says("Check a certificate");
        let found = public.submit("/certificates", &[("serial", &plain)]).await.expect(303);
        assert_eq!(found.location(), format!("/certificates/{serial}"));
        let by_api = app.public_api().await.get(&format!("/certificates/{}", serial.replace('-', ""))).await.expect(200).json();
        assert_eq!((&by_api["status"], &by_api["credits"], &by_api["version"]), (&json!("valid"), &json!("1.75"), &json!(1)));

        let browser = app.as_attendee(&ada).await;
        browser.open(&format!("/my/{}/credits", ada.code)).await.says(&serial).says("Valid").says("You have evaluated the whole event.");
        browser.open(&format!("/my/{}/transcript", ada.code)).await.says(&format!("Certificate {serial}"));
        let pdf = browser.open(&format!("/my/{}/certificates/{serial}/certificate.pdf", ada.code)).await;
        assert_eq!(pdf.header("content-type"), Some("application/pdf"));
        let url = told["certificate"]["url"].as_str().unwrap().split("/api/v1").nth(1).unwrap().to_owned();
        assert!(api.get(&url).await.expect(200).body.starts_with(b"%PDF-1.7"));
        app.public_api().await.get(&url).await.expect(401);
        assert_eq!(api.get(&format!("/registrations/{}/certificates", ada.code)).await.expect(200).json()[0]["serial"], serial);
    }

    async fn the_evaluation_of_the_whole_event_gates_the_certificate(app) {
        let (_, ada, api) = a_physician(app).await;
        evaluates(&api, &ada, "B1").await;
        let answer = claims(&api, &ada, "ama", &[("B1", "0.75")]).await.expect(201).json();
        assert_eq!(answer["certificate"], Value::Null);
        let browser = app.as_attendee(&ada).await;
        browser.open(&format!("/my/{}/credits", ada.code)).await.says("The certificate waits for your evaluation of the whole event");
        assert!(standing(app, &ada).is_empty());
        browser.open(&format!("/my/{}/evaluations?day=overall", ada.code)).await;
        let typed = [
            ("overall--needs", "5"), ("overall--confidence", "4"), ("overall--team", "4"), ("overall--domain", "A learning system"),
            ("overall--barrier", "Time"), ("overall--balance", "yes"),
        ];
        browser.submit("/evaluations", &typed).await.expect(303);
        assert_eq!(standing(app, &ada), [(1, 75, Status::Valid)]);
        browser.open(&format!("/my/{}/credits", ada.code)).await.says("0.75 AMA PRA Category 1 Credits™").says("Open the PDF");
        assert_eq!(letters(app, &ada, "certificate_ready").len(), 1);
    }

    async fn a_certificate_of_the_last_second_and_of_a_late_claim_is_issued_and_verified(app) {
        let (event, ada, api) = a_physician(app).await;
        for session in ["B1", "K1"] {
            evaluates(&api, &ada, session).await;
        }
        evaluates_all(&api, &ada).await;
        app.set_clock("2026-04-17T23:59:59-07:00");
        let answer = claims(&api, &ada, "ama", &[("K1", "1.00")]).await.expect(201).json();
        let serial = answer["certificate"]["serial"].as_str().unwrap().to_owned();
        app.set_clock("2026-04-18T00:00:00-07:00");
        assert_eq!(claims(&api, &ada, "ama", &[("B1", "0.75")]).await.expect(409).code(), "credits.claims_closed");
        assert_eq!(standing(app, &ada), [(1, 100, Status::Valid)]);
        let browser = app.as_attendee(&ada).await;
        browser.open(&format!("/my/{}/credits", ada.code)).await;
        browser.submit("/late-request", &[("words", "I was ill")]).await.expect(303);
        let staff = app.as_staff_of(Role::Education, Some(event.id)).await;
        staff.open("/staff/events/congress-2026/credits/late-claims").await;
        staff.submit("/decision", &[("until_on", "2026-04-25"), ("decision", "approve")]).await.expect(303);
        browser.open(&format!("/my/{}/credits/ama", ada.code)).await;
        let done = browser.submit("/credits/ama", &[("claim-B1", "yes"), ("credits-B1", "0.75"), ("confirm", "yes")]).await.expect(303);
        assert!(done.location().ends_with("/credits#certificates"), "{}", done.location());
        browser.follow().await.says("You claimed 0.75 credits").says("Your certificate is ready.").says(&serial);
        assert_eq!(standing(app, &ada), [(2, 175, Status::Valid)]);
        let public = app.visitor().await;
        public.open(&format!("/certificates/{serial}?version=1")).await
            .says("There is a newer version").says("The copy in your hand is version 1").says("1.75 AMA PRA Category 1 Credits™").says("More credit was claimed");
        public.open(&format!("/certificates/{serial}?version=2")).await.says_nothing_of("in your hand").says("Superseded");
    }

    async fn a_corrected_name_is_a_new_version_under_the_same_number(app) {
        let (event, ada, _, answer) = a_certified_physician(app).await;
        let serial = answer.json()["certificate"]["serial"].as_str().unwrap().to_owned();
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        staff.open(&person(&ada)).await.says(&serial).says("kept until Thu 10 Mar 2033");
        staff.submit("/certificate-name", &[("certificate_name", "Ada A. Okafor"), ("credentials", "MD, MPH"), ("reason", "")]).await.expect(303);
        staff.open(&person(&ada)).await.says("Say why the name is corrected.");
        staff.submit("/certificate-name", &[("certificate_name", "Ada A. Okafor"), ("credentials", "MD, MPH"), ("reason", "Married")]).await.expect(303);
        staff.open(&person(&ada)).await.says("The name is corrected. New versions: 1 certificate.").says("Ada A. Okafor, MD, MPH").says("version 2");
        let public = app.visitor().await;
        public.open(&format!("/certificates/{serial}")).await.says("certifies that Ada A. Okafor has participated").says("The name was corrected");
        let all = certificates_of(app, &ada);
        let (first, second) = (all[0].version(1).unwrap(), all[0].version(2).unwrap());
        assert_eq!(first.0.read().unwrap().name, ada.full_name(), "what was printed is frozen");
        assert_ne!(first.0.credential_id, second.0.credential_id);
        assert!(letters(app, &ada, "certificate_changed").pop().expect("a letter").contains("Reason: Married"));
        // The desk’s correction of the registration does the same.
        let registrar = app.as_staff(Role::Registrar).await;
        registrar.open(&format!("/staff/events/congress-2026/people/{}/correction", ada.code)).await;
        registrar.submit("/correction", &[("certificate_name", "Ada B. Okafor"), ("reason", "A slip")]).await.expect(303);
        public.open(&format!("/certificates/{serial}?version=2")).await.says("There is a newer version").says("Ada B. Okafor");
        assert_eq!(standing(app, &ada), [(3, 175, Status::Valid)]);
    }

    async fn a_revoked_certificate_says_so_and_comes_back_only_with_a_reason(app) {
        let (event, ada, api) = a_physician(app).await;
        for session in ["B1", "K1"] {
            evaluates(&api, &ada, session).await;
        }
        evaluates_all(&api, &ada).await;
        let answer = claims(&api, &ada, "ama", &[("K1", "1.00")]).await.expect(201);
        let serial = answer.json()["certificate"]["serial"].as_str().unwrap().to_owned();
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        staff.open(&person(&ada)).await;
        staff.submit("/revocation", &[("reason", "")]).await.expect(303);
        staff.open(&person(&ada)).await.says("Say why the certificate is revoked");
        staff.submit("/revocation", &[("reason", "Issued to the wrong person")]).await.expect(303);
        staff.open(&person(&ada)).await.says("Revoked Fri 10 Apr 2026: Issued to the wrong person");
        app.visitor().await.open(&format!("/certificates/{serial}")).await
            .says("This certificate was revoked").says("Fri 10 Apr 2026: Issued to the wrong person").says_nothing_of("This certificate is valid");
        let told = app.public_api().await.get(&format!("/certificates/{serial}")).await.expect(200).json();
        assert_eq!((&told["status"], &told["revocation_reason"]), (&json!("revoked"), &json!("Issued to the wrong person")));
        assert_eq!(letters(app, &ada, "certificate_revoked").len(), 1);
        // Neither a further claim nor a plain press brings it back.
        assert_eq!(claims(&api, &ada, "ama", &[("B1", "0.75")]).await.expect(201).json()["certificate"], Value::Null);
        assert_eq!(standing(app, &ada), [(1, 100, Status::Revoked)]);
        staff.open(&person(&ada)).await;
        staff.submit("/certificates", &[("reason", "")]).await.expect(303);
        staff.open(&person(&ada)).await.says("It was revoked: issue it again only with a reason. Say why");
        staff.submit("/certificates", &[("reason", "It was the right person")]).await.expect(303);
        assert_eq!(standing(app, &ada), [(2, 175, Status::Valid)]);
        app.as_staff(Role::Auditor).await.get(&person(&ada)).await.expect(200).says_nothing_of("Revoke it");
    }

    async fn credit_that_is_taken_back_makes_a_new_version_or_withdraws_it(app) {
        let (event, ada, api) = a_physician(app).await;
        for session in ["B1", "K1"] {
            evaluates(&api, &ada, session).await;
        }
        evaluates_all(&api, &ada).await;
        claims(&api, &ada, "ama", &[("B1", "0.75")]).await.expect(201);
        claims(&api, &ada, "ama", &[("K1", "1.00")]).await.expect(201);
        assert_eq!(standing(app, &ada), [(2, 175, Status::Valid)]);
        let staff = app.as_staff_of(Role::Education, Some(event.id)).await;
        for (version, credit, status) in [(3, 100, Status::Valid), (3, 100, Status::Revoked)] {
            staff.open(&person(&ada)).await;
            staff.submit("/reversal", &[("reason", "Badge was swapped")]).await.expect(303);
            assert_eq!(standing(app, &ada), [(version, credit, status)]);
        }
        let serial = certificates_of(app, &ada)[0].number();
        app.visitor().await.open(&format!("/certificates/{serial}")).await.says("This certificate was revoked").says("Badge was swapped");
        claims(&api, &ada, "ama", &[("K1", "1.00")]).await.expect(201);
        assert_eq!(standing(app, &ada), [(4, 100, Status::Valid)]);
        assert_eq!(letters(app, &ada, "certificate_revoked").len(), 1);
    }

    async fn who_is_served_by_no_credit_type_gets_a_certificate_of_participation(app) {
        app.ignore_letters();
        app.ignore_jobs();
        let event = a_congress().with("registration_types", "code = 'free'\nname = 'Guest'\ncovers = 'all'\ntiers = [{ name = 'Free', price = '0.00' }]").make(app);
        let own = event.clone();
        app.must(move |tx| {
            lanyard::evaluations::forms::take_ready_set(tx, &own)?;
            providers::save(tx, &own, &a_provider())?;
            types::switch_on(tx, &own, Code::Ama)?;
            activities::save(tx, &own, None, &an_activity("MONDAY", "K1\nB1\nB2", "ama 3.00")).map(drop)
        });
        let pat = a(app, &event, "patient_partner", &["B1"]);
        let door = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        was_there(app, &door, &pat, "door-K1", "08:50", None).await;
        was_there(app, &door, &pat, "door-B1", "10:38", Some("11:10")).await;
        let api = app.api_of(Role::Education, Some(event.id.clone())).await;
        app.set_clock("2026-03-10T12:00:00-07:00");
        evaluates_all(&api, &pat).await;
        assert!(standing(app, &pat).is_empty(), "the event goes on");
        app.set_clock("2026-03-11T08:00:00-07:00");
        let staff = app.as_staff_of(Role::Education, Some(event.id)).await;
        staff.open(&person(&pat)).await;
        staff.submit("/certificates", &[("reason", "")]).await.expect(303);
        // 60 and 32 minutes.
        assert_eq!(standing(app, &pat), [(1, 150, Status::Valid)]);
        let serial = certificates_of(app, &pat)[0].number();
        app.visitor().await.open(&format!("/certificates/{serial}")).await
            .says("Certificate of Participation").says("1.50 hours attended").says("It is not an accredited credit certificate")
            .says("This activity was designated for 3.00 AMA PRA Category 1 Credit(s)™.").says_nothing_of("is jointly accredited").says_nothing_of("is awarded");
    }

    async fn a_number_that_was_never_issued_is_told_so_on_a_page(app) {
        let (_, _, _, answer) = a_certified_physician(app).await;
        let serial = answer.json()["certificate"]["serial"].as_str().unwrap().to_owned();
        let forged = if serial.starts_with('2') { serial.replacen('2', "3", 1) } else { serial.replacen(|_: char| true, "2", 1) };
        let public = app.visitor().await;
        for wrong in [forged.as_str(), "23456", "no-such-thing", "%F0%9F%A6%84", &"A".repeat(400)] {
            let page = public.get(&format!("/certificates/{wrong}")).await.expect(404);
            assert_eq!(page.header("x-robots-tag"), Some("noindex, nofollow, noarchive"));
            page.says("There is no certificate with this number");
        }
        public.get("/certificates?serial=abc").await.expect(404).says("There is no certificate with this number");
        assert_eq!(app.public_api().await.get(&format!("/certificates/{forged}")).await.expect(404).code(), "not_found");
    }

    async fn certificates_are_their_owners_and_staffs_alone(app) {
        let (event, ada, _, answer) = a_certified_physician(app).await;
        let serial = answer.json()["certificate"]["serial"].as_str().unwrap().to_owned();
        app.set_clock("2026-03-02T09:00:00-08:00");
        let other = a_registration(&event).make(app);
        app.set_clock("2026-04-10T12:00:00-07:00");
        let stranger = app.as_attendee(&other).await;
        stranger.get(&format!("/my/{}/certificates/{serial}/certificate.pdf", other.code)).await.expect(404);
        stranger.get(&format!("/my/{}/certificates/{serial}/certificate.pdf", ada.code)).await.expect(404);
        stranger.get(&format!("/my/{}/certificates.pdf", other.code)).await.expect(404);
        let staff = app.as_staff_of(Role::Education, Some(event.id)).await;
        staff.open(&format!("{}/certificates/{serial}/certificate.pdf", person(&ada))).await;
        staff.get(&format!("{}/certificates/{serial}/certificate.pdf", person(&other))).await.expect(404);
        staff.open(&person(&ada)).await;
        letters(app, &ada, "certificate_ready");
        staff.submit("/sending", &[]).await.expect(303);
        assert_eq!(letters(app, &ada, "certificate_ready").len(), 1);
        app.as_staff(Role::Registrar).await.get(&format!("{}/certificates.pdf", person(&ada))).await.expect(403);
    }

    async fn forty_claims_and_forty_issues_at_once_make_one_certificate_for_each_type(app) {
        let (event, ada, api) = a_physician(app).await;
        evaluates(&api, &ada, "B1").await;
        evaluates_all(&api, &ada).await;
        let asked = (0..40).map(|number| {
            let (api, ada) = (api.clone(), ada.clone());
            let kind = if number % 2 == 0 { "ama" } else { "attendance" };
            async move { claims(&api, &ada, kind, &[("B1", "0.75")]).await.status }
        });
        let answers = at_once(asked).await;
        assert_eq!(answers.iter().filter(|status| **status == 201).count(), 2, "{answers:?}");
        assert_eq!((standing(app, &ada).len(), awarded(app, &ada).len()), (2, 2));
        let asked = (0..40).map(|_| {
            let (service, event, ada) = (app.app(), event.clone(), ada.clone());
            async move {
                let write = service.write(lanyard::app::Actor::Service("test"), move |tx| certificates::issuing::follow(tx, &event, &ada, ""));
                write.await.expect("nothing to do").made()
            }
        });
        assert_eq!(at_once(asked).await.into_iter().sum::<usize>(), 0);
        let counts: (i64, i64) = app.look(|db| Ok((table::table.count().get_result(db)?, certificate_versions::table.count().get_result(db)?)));
        assert_eq!(counts, (2, 2));
    }
}

/// A provider with every number.
pub fn a_full_provider() -> ProviderDraft {
    ProviderDraft {
        web_address: "https://education.quay.example".to_owned(),
        accme_number: "0001234".to_owned(),
        acpe_number: "0999".to_owned(),
        ancc_number: "P0123".to_owned(),
        cep_number: "CEP 12345".to_owned(),
        signatory: "Edda Marchetti".to_owned(),
        signatory_post: "Director of Continuing Education".to_owned(),
        ..a_provider()
    }
}
