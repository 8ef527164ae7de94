//! The complimentary webinar taken on into the series: one tap, nothing double, and everything is kept.

use lanyard::app::Actor;
use lanyard::enrollment::queries::covers;
use lanyard::events::Event;
use lanyard::ids::PaymentId;
use lanyard::orders::conversion::{self, Converted};
use lanyard::orders::rules::Standing;
use lanyard::orders::{self, MoneyKind, Payment};
use lanyard::registration::{Registration, Status};
use lanyard::staff::Role;
use lanyard::{badges, pricing, registration, webinars};

use super::reports::{a_report, import};
use super::whole_story::accredit;
use super::{STAFF, a_guest, a_ready_series, link};
use crate::certificates::evaluates_all;
use crate::credits::{claims, evaluates};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::a_registration;
use crate::support::visitor::at_once;

/// Takes a guest's registration on into the series; as it is then.
fn taken_on(app: &TestApp, event: &Event, guest: &Registration) -> Registration {
    let (event, id) = (event.clone(), guest.id.clone());
    let done = app.must(move |tx| conversion::convert(tx, &event, &id, 39_500));
    assert!(matches!(done, Converted::Done(_)), "{done:?}");
    app.look(|db| registration::get(db, &guest.code))
}

on_both! {
    async fn a_conversion_is_taken_back_while_nothing_is_paid_and_the_free_webinar_keeps_its_credit(app) {
        let event = a_ready_series(app);
        accredit(app, &event);
        let ada = a_guest(app, &event, "Ada", "Okonkwo");
        let converted = taken_on(app, &event, &ada);
        app.expect_letter("ada@hospital.example", "registration_confirmed");
        let staff = app.as_staff_of(Role::Registrar, Some(event.id.clone())).await;
        staff.open(&format!("/staff/events/series-2026/people/{}", ada.code)).await;
        staff.click("Take the conversion back").await.expect(200);
        staff.submit("/conversion/removal", &[("reason", " ")]).await.expect(422).says("Say why");
        staff.submit("/conversion/removal", &[("reason", "Ordered by mistake")]).await.expect(303);
        staff.follow().await.says("Webinar 1").says("Ordered by mistake").says_nothing_of("Take the conversion back");
        let letter = app.expect_letter("ada@hospital.example", "conversion_taken_back");
        letter.says("Whole series").says("$395.00").says("nothing is owed for it");
        let back = app.look(|db| registration::get(db, &ada.code));
        assert_eq!((&back.registration_type_id, &back.order_id, back.status), (&ada.registration_type_id, &ada.order_id, Status::Confirmed));
        let (balance, standing) = app.look(|db| {
            Ok((orders::balance_cents(db, &converted.order_id)?, orders::standing(db, &converted.order_id)?))
        });
        assert_eq!((balance, standing), (0, Standing::Canceled));
        let money = app.look(|db| orders::money_rows(db, &converted.order_id));
        assert_eq!(money.iter().map(|row| (row.kind, row.amount_cents)).collect::<Vec<_>>(), [(MoneyKind::Credit, 39_500)]);
        let ended = app.look(|db| conversion::ended(db, &ada.id));
        assert_eq!((ended.len(), &ended[0].order_id, ended[0].reason.as_str()), (1, &converted.order_id, "Ordered by mistake"));
        let (own, id) = (event.clone(), ada.id.clone());
        let again = app.write_here(Actor::Service("test"), move |tx| conversion::take_back(tx, &own, &id, "twice"));
        assert_eq!(again.unwrap_err().code(), "orders.not_converted");
        // The webinar that was hers all along.
        app.set_clock("2026-04-22T15:00:00-04:00");
        let education = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        import(&education, &a_report(&[("Ada Okonkwo", "ada@hospital.example", "12:51:00 PM", "02:03:00 PM")])).await;
        let api = app.api_of(Role::Education, Some(event.id.clone())).await;
        evaluates(&api, &ada, "P1").await;
        evaluates_all(&api, &ada).await;
        claims(&api, &ada, "ancc", &[("P1", "1.00")]).await.expect(201);
        // And taken on again: another order, and the record of the first stays.
        let again = taken_on(app, &event, &ada);
        assert!(again.order_id != converted.order_id && again.order_id != ada.order_id);
        assert_eq!(app.look(|db| orders::balance_cents(db, &again.order_id)), 39_500);
        assert_eq!(app.look(|db| conversion::ended(db, &ada.id)).len(), 1);
        app.ignore_letters();
        app.ignore_jobs();
    }

    async fn a_conversion_that_was_paid_for_is_not_taken_back(app) {
        let event = a_ready_series(app);
        let ada = a_guest(app, &event, "Ada", "Okonkwo");
        let converted = taken_on(app, &event, &ada);
        app.expect_letter("ada@hospital.example", "registration_confirmed");
        let order = converted.order_id.clone();
        app.must(move |tx| orders::record_payment(tx, PaymentId::new(), &order, 10_000, "check 17"));
        let staff = app.as_staff_of(Role::Registrar, Some(event.id.clone())).await;
        let page = format!("/staff/events/series-2026/people/{}", ada.code);
        staff.open(&page).await.says("$100.00").says_nothing_of("Take the conversion back");
        staff.open(&format!("{page}/conversion/removal")).await;
        staff.submit("/conversion/removal", &[("reason", "Ordered by mistake")]).await.expect(303);
        staff.follow().await.says("Money came in for it");
        let after = app.look(|db| registration::get(db, &ada.code));
        assert_eq!((after.order_id, after.registration_type_id), (converted.order_id, converted.registration_type_id));
    }

    async fn a_complimentary_registration_is_taken_on_into_the_series_with_one_tap_and_keeps_everything(app) {
        let event = a_ready_series(app);
        let ada = a_guest(app, &event, "Ada", "Okonkwo");
        let before = link(app, &event, &ada);
        let badge = app.look(|db| badges::of_registration(db, &ada.id)).expect("a badge").number;
        app.set_clock("2026-04-22T12:50:00-04:00");
        let browser = app.as_attendee(&ada).await;
        browser.open(&before).await;
        browser.submit("/join/", &[]).await.expect(303);
        browser.open(&format!("/my/{}", ada.code)).await.says("Take the others too").says("Whole series, $395.00");
        let page = browser.click("See the price").await.expect(200).says("Whole series").says("$395.00").says("You keep your place");
        page.says("From a goal to a plan").says("After the survey").says("Take it for $395.00 and get the invoice");
        browser.submit("/conversion", &[]).await.expect(303);
        browser.follow().await.says("you keep your place").says("$395.00").says("due by");
        let letter = app.expect_letter("ada@hospital.example", "registration_confirmed");
        letter.says("Whole series").says("$395.00").says("From a goal to a plan");
        let after = app.look(|db| registration::get(db, &ada.code));
        let order = app.look(|db| orders::get(db, &after.order_id));
        assert_eq!((&after.id, &after.person_id), (&ada.id, &ada.person_id));
        assert_ne!(after.order_id, ada.order_id);
        assert_eq!((order.payment, app.look(|db| orders::balance_cents(db, &order.id))), (Payment::Invoice, 39_500));
        assert_eq!(app.look(|db| pricing::get_type_by_id(db, &after.registration_type_id)).code, "series");
        assert_eq!(app.look(|db| badges::of_registration(db, &ada.id)).expect("a badge").number, badge);
        for code in ["P1", "P2", "P3"] {
            let session = app.look(|db| webinars::get(db, &event, code));
            assert!(app.look(|db| covers(db, &after, &session)), "{code}");
        }
        assert_eq!(link(app, &event, &after), before, "the link stays");
        app.as_staff(Role::Education).await.open(STAFF).await.says("Ada Okonkwo").says("once, 1 browser");
        // A second time, by the form that is still open elsewhere.
        browser.open(&format!("/my/{}/conversion", ada.code)).await.says("You have it");
        browser.post(&format!("/my/{}/conversion", ada.code), &[("total", "39500")]).await.expect(303);
        browser.follow().await.says("You have it already");
        let all = app.look(|db| registration::live_of_person(db, &event.id, &ada.person_id));
        assert_eq!(all.len(), 1);
    }

    async fn taken_by_two_forms_at_once_it_is_ordered_once(app) {
        let event = a_ready_series(app);
        let ada = a_guest(app, &event, "Ada", "Okonkwo");
        let both = (0..2).map(|_| {
            let (app, event, id) = (app.app(), event.clone(), ada.id.clone());
            async move {
                let done = app.write(lanyard::app::Actor::Public, move |tx| orders::conversion::convert(tx, &event, &id, 39_500)).await;
                matches!(done, Ok(orders::conversion::Converted::Done(_)))
            }
        });
        let done = at_once(both).await;
        assert_eq!(done.iter().filter(|done| **done).count(), 1);
        app.expect_letter("ada@hospital.example", "registration_confirmed");
    }

    async fn it_is_offered_only_for_what_was_free_while_there_are_places_and_never_dearer_than_shown(app) {
        let event = a_ready_series(app);
        let ada = a_guest(app, &event, "Ada", "Okonkwo");
        let paid = a_registration(&event).buying("webinar-2").make(app);
        let browser = app.as_attendee(&paid).await;
        browser.open(&format!("/my/{}/conversion", paid.code)).await.says("Nothing to add");
        let (own, id) = (event.clone(), ada.id.clone());
        let dearer = app.must(move |tx| orders::conversion::convert(tx, &own, &id, 30_000));
        assert!(matches!(dearer, orders::conversion::Converted::Dearer));
        // The last three places are sold meanwhile.
        let browser = app.as_attendee(&ada).await;
        browser.open(&format!("/my/{}/conversion", ada.code)).await.says("$395.00");
        for _ in 0..3 {
            a_registration(&event).buying("series").make(app);
        }
        browser.submit("/conversion", &[]).await.expect(303);
        browser.follow().await.says("There is nothing that this registration could be taken on into");
        assert_eq!(app.look(|db| registration::get(db, &ada.code)).order_id, ada.order_id);
    }
}
