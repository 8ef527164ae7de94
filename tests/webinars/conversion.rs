//! The complimentary webinar taken on into the series: one tap, nothing double, and everything is kept.

use lanyard::enrollment::queries::covers;
use lanyard::orders::{self, Payment};
use lanyard::staff::Role;
use lanyard::{badges, pricing, registration, webinars};

use super::{STAFF, a_guest, a_ready_series, link};
use crate::on_both;
use crate::support::builders::a_registration;
use crate::support::visitor::at_once;

on_both! {
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
