//! Money after the order: credits that end with their registration, invoices that waited, payments sent twice.

use crate::on_both;
use crate::support::builders::{a_congress, a_hospital, a_registration};
use lanyard::hospitals::{self, Recognition};
use lanyard::ids::{PaymentId, RecognitionId};
use lanyard::orders::{self, claims};
use lanyard::timetable;

on_both! {
    async fn a_credit_is_worth_nothing_once_its_registration_is_canceled(app) {
        let event = a_congress().make(app);
        let hospital = a_hospital("Late Bloomer").domain("late.example").make(app);
        let ada = a_registration(&event).email("ada@late.example").at_hospital(&hospital).make(app);
        a_hospital("Late Bloomer").of(&hospital).recognized("2026-01-01", "2027-12-31").make(app);
        app.run_jobs();
        app.ignore_letters();
        assert_eq!(app.look(|db| orders::balance_cents(db, &ada.order_id)), 110_415);
        let order = ada.order_id.clone();
        app.must(move |tx| orders::cancel_registration(tx, &ada, "cannot come"));
        assert_eq!(app.look(|db| orders::balance_cents(db, &order)), 0, "nobody gets back what nobody paid");
    }

    async fn an_invoice_that_waited_is_due_so_many_days_after_the_decision(app) {
        let event = a_congress().make(app);
        app.ignore_jobs();
        app.ignore_letters();
        let hospital = a_hospital("One of Two").domain("shared.example").recognized("2025-07-01", "2027-06-30").make(app);
        a_hospital("The Other").domain("shared.example").make(app);
        let ada = a_registration(&event).email("ada@shared.example").at_hospital(&hospital).make(app);
        let order = app.look(|db| orders::get(db, &ada.order_id));
        app.wait_minutes(3 * 24 * 60);
        let claim = app.look(|db| claims::of_registration(db, &ada.id)).unwrap();
        app.must(move |tx| claims::decide(tx, claim.id.as_str(), false, "works elsewhere"));
        let later = app.look(|db| orders::get(db, &ada.order_id));
        assert_eq!(later.due_on.unwrap() - order.due_on.unwrap(), chrono::Duration::days(3));
    }

    async fn a_payment_that_is_sent_twice_is_one_payment(app) {
        let event = a_congress().make(app);
        let ada = a_registration(&event).make(app);
        app.ignore_letters();
        let id = PaymentId::new();
        for _ in 0..2 {
            let (id, order) = (id.clone(), ada.order_id.clone());
            app.must(move |tx| orders::record_payment(tx, id, &order, 129_900, "check 7"));
        }
        assert_eq!(app.look(|db| orders::balance_cents(db, &ada.order_id)), 0);
    }

    async fn a_recognition_that_is_paid_on_a_later_day_is_credited_when_the_day_has_come(app) {
        let event = a_congress().make(app);
        app.ignore_letters();
        let hospital = a_hospital("Pays Tomorrow").domain("tomorrow.example").make(app);
        let ada = a_registration(&event).email("ada@tomorrow.example").at_hospital(&hospital).make(app);
        let term = Recognition {
            id: RecognitionId::new(),
            hospital_id: hospital.id.clone(),
            term_starts_on: "2026-01-01".parse().unwrap(),
            term_ends_on: "2027-12-31".parse().unwrap(),
            conditional: false,
            approved_on: Some("2026-02-01".parse().unwrap()),
            paid_on: Some("2026-03-04".parse().unwrap()),
            revoked_on: None,
        };
        app.must(move |tx| hospitals::save_recognition(tx, &term));
        app.run_jobs();
        assert_eq!(app.look(|db| orders::balance_cents(db, &ada.order_id)), 129_900);
        app.wait_minutes(3 * 24 * 60);
        let mut known = vec![-1; timetable::PERIODIC.len()];
        timetable::enqueue_periodic(app, &mut known).unwrap();
        app.run_jobs();
        assert_eq!(app.look(|db| orders::balance_cents(db, &ada.order_id)), 110_415);
    }

    async fn a_code_of_the_desk_is_given_though_five_were_mailed(app) {
        let event = a_congress().make(app);
        let ada = a_registration(&event).email("ada@hospital.example").make(app);
        app.ignore_letters();
        let given = app.must(move |tx| {
            let person = lanyard::people::get(tx.db, &ada.person_id)?;
            for _ in 0..6 {
                lanyard::people::sign_in::new_code(tx, lanyard::people::sign_in::Purpose::SignIn, &person.email_key, Some(&person.id))?;
            }
            lanyard::people::sign_in::give_code(tx, &person, "photo ID")
        });
        assert_eq!(given.len(), 6);
    }
}
