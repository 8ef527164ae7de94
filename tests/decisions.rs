//! Staff decide what proves nothing by itself: doubtful hospital discounts and registrations that need approval (PRC-1, PRC-4).

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_registration};
use lanyard::hospitals::{self, Facts, Hospital, Recognition};
use lanyard::ids::RecognitionId;
use lanyard::orders;
use lanyard::staff::Role;

const QUEUE: &str = "/staff/events/congress-2026/discount-claims";

/// A recognized hospital whose e-mail domain a second one uses too.
fn hospital_with_shared_domain(app: &TestApp) -> Hospital {
    // What was ordered before a recognition is looked at by a job, and there is nothing yet.
    app.ignore_jobs();
    app.must(|tx| {
        let facts = |name: &str| Facts { name: name.to_owned(), city: "Tacoma".to_owned(), state: "WA".to_owned(), ..Facts::default() };
        let id = hospitals::add(tx, &facts("Saint Brigid Regional"))?;
        let other = hospitals::add(tx, &facts("Saint Brigid Children's"))?;
        for hospital in [&id, &other] {
            hospitals::add_domain(tx, hospital, "saintbrigid.example")?;
        }
        let term = Recognition {
            id: RecognitionId::new(),
            hospital_id: id.clone(),
            term_starts_on: "2025-07-01".parse().unwrap(),
            term_ends_on: "2027-06-30".parse().unwrap(),
            conditional: false,
            approved_on: Some("2025-05-20".parse().unwrap()),
            paid_on: Some("2025-06-03".parse().unwrap()),
            revoked_on: None,
        };
        hospitals::save_recognition(tx, &term)?;
        hospitals::get(tx.db, &id)
    })
}

on_both! {
    async fn an_approved_discount_is_on_the_order_and_the_person_is_told(app) {
        let event = a_congress().make(app);
        let hospital = hospital_with_shared_domain(app);
        let maya = a_registration(&event).named("Maya", "Okafor").email("maya@saintbrigid.example").at_hospital(&hospital).make(app);
        let order = maya.order_id.clone();
        assert_eq!(app.look(|db| orders::balance_cents(db, &order)), 129_900);
        let desk = app.as_staff(Role::Registrar).await;
        desk.open(QUEUE).await.says("Does Maya Okafor work at Saint Brigid Regional").says("used by several hospitals").says("$194.85");
        desk.open(&format!("/staff/events/congress-2026/people/{}", maya.code)).await.says("Hospital to check");
        desk.open(QUEUE).await;
        desk.submit("/decision", &[("decision", "approve"), ("reason", " ")]).await.expect(422).says("Say why");
        desk.submit("/decision", &[("decision", "approve"), ("reason", "on the coordinator's list")]).await.expect(303);
        desk.follow().await.says("No doubtful discount");
        assert_eq!(app.look(|db| orders::balance_cents(db, &order)), 110_415);
        assert!(app.expect_letter("maya@saintbrigid.example", "discount_decided").text().contains("on the coordinator's list"));
    }

    async fn a_denied_discount_leaves_the_price_and_is_decided_once(app) {
        let event = a_congress().make(app);
        let hospital = hospital_with_shared_domain(app);
        let maya = a_registration(&event).email("maya@saintbrigid.example").at_hospital(&hospital).make(app);
        let desk = app.as_staff(Role::Finance).await;
        desk.open(QUEUE).await;
        desk.submit("/decision", &[("decision", "deny"), ("reason", "works elsewhere")]).await.expect(303);
        let claim = app.look(|db| orders::claims::of_registration(db, &maya.id)).unwrap();
        desk.open(QUEUE).await;
        desk.post(&format!("{QUEUE}/{}/decision", claim.id), &[("decision", "approve"), ("reason", "after all")]).await.expect(303);
        desk.follow().await.says("decided already");
        assert_eq!(app.look(|db| orders::balance_cents(db, &maya.order_id)), 129_900);
        app.expect_letter("maya@saintbrigid.example", "discount_decided");
        app.as_staff(Role::Onsite).await.get(QUEUE).await.expect(403);
    }

    async fn a_claim_of_another_event_is_not_found_here(app) {
        let event = a_congress().make(app);
        a_congress().event("slug = 'another'").make(app);
        let hospital = hospital_with_shared_domain(app);
        let maya = a_registration(&event).email("maya@saintbrigid.example").at_hospital(&hospital).make(app);
        let claim = app.look(|db| orders::claims::of_registration(db, &maya.id)).unwrap();
        let desk = app.as_staff(Role::Registrar).await;
        desk.open(QUEUE).await;
        let elsewhere = QUEUE.replace("congress-2026", "another");
        desk.post(&format!("{elsewhere}/{}/decision", claim.id), &[("decision", "approve"), ("reason", "x")]).await.expect(404);
    }

    async fn a_registration_that_needs_approval_waits_for_it(app) {
        let event = a_congress().but("registration_types", "general", "eligibility = 'approval'").make(app);
        let maya = a_registration(&event).named("Maya", "Okafor").email("maya@hospital.example").make(app);
        let desk = app.as_staff(Role::Registrar).await;
        desk.open(QUEUE).await.says("Maya Okafor");
        desk.submit("/approvals/", &[("decision", "approve"), ("reason", "")]).await.expect(303);
        desk.follow().await.says("Nobody waits for approval");
        desk.open(&format!("/staff/events/congress-2026/people/{}", maya.code)).await.says("Confirmed");
        app.expect_letter("maya@hospital.example", "registration_confirmed");
    }
}
