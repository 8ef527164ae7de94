//! Status lists: a badge reads revoked with its certificate, in the same transaction, and no other does.

use std::collections::BTreeSet;

use diesel::prelude::*;
use lanyard::credits::certificates::{changing, issuing};
use lanyard::credits::open_badges::status::{self, set_places};
use lanyard::db::schema::{open_badges, status_lists};
use lanyard::events::Event;
use lanyard::registration::Registration;
use lanyard::staff::Role;

use super::{a_holder, by_api, education, number, said, taken};
use crate::on_both;
use crate::reports::{a, earns};
use crate::support::app::TestApp;
use crate::support::open_badge::{parts, place, set_in_list_of};
use crate::support::visitor::at_once;

/// So many more physicians with certificates.
fn others(app: &TestApp, event: &Event, count: usize) -> Vec<Registration> {
    app.set_clock("2026-03-02T09:00:00-08:00");
    let all: Vec<Registration> = (0..count).map(|number| a(app, event, ("Ben", &format!("Number {number}")), "physician")).collect();
    app.set_clock("2026-04-10T12:30:00-07:00");
    all.iter().for_each(|who| earns(app, event, who, "ama", &[("K1", 100)]));
    all
}

/// The places that are set in the event's first list, as the database has it at this moment.
fn set_now(app: &TestApp, event: &Event) -> Vec<usize> {
    let places = app.look(|db| {
        let list = status::find(db, &event.id, 1)?.expect("a list");
        set_places(db, &list)
    });
    places.into_iter().map(|place| usize::try_from(place).expect("a place")).collect()
}

on_both! {
    async fn a_revoked_badge_reads_so_in_its_list_and_no_other_does(app) {
        let (event, ada) = a_holder(app);
        let ben = others(app, &event, 1).remove(0);
        let api = education(app, &event).await;
        let (hers, his) = (said(app, &api, &ada).await, said(app, &api, &ben).await);
        let (status, stranger) = (&hers["credentialStatus"], app.visitor().await);
        assert_ne!(place(status), place(&his["credentialStatus"]));
        assert!(set_in_list_of(&stranger, status).await.is_empty());
        let (own, of, serial) = (event.clone(), ada.clone(), number(app, &ada));
        app.must(move |tx| {
            changing::revoke(tx, &own, &of, &serial, "Issued to the wrong person")?;
            // Not a moment later: what is set follows from the revocation itself.
            let list = status::find(tx.db, &own.id, 1)?.expect("a list");
            assert_eq!(set_places(tx.db, &list)?.len(), 1);
            Ok(())
        });
        app.wait_minutes(1);
        assert_eq!(set_in_list_of(&stranger, status).await, [place(status)]);
        assert_eq!(api.get(&by_api(app, &ada)).await.expect(409).code(), "open_badges.revoked");
        let holder = app.as_attendee(&ada).await;
        holder.open(&format!("/my/{}/credits", ada.code)).await.says_nothing_of("credential alone");
        // Issued again it is another badge at another place; the one before stays revoked.
        let (own, of) = (event.clone(), ada.clone());
        app.must(move |tx| issuing::issue(tx, &own, &of, "It was the right person").map(drop));
        let again = said(app, &api, &ada).await;
        assert_ne!((&again["id"], place(&again["credentialStatus"])), (&hers["id"], place(status)));
        app.wait_minutes(1);
        assert_eq!(set_in_list_of(&stranger, status).await, [place(status)]);
    }

    async fn a_corrected_certificate_revokes_its_badge_and_brings_another(app) {
        let (event, ada) = a_holder(app);
        let api = education(app, &event).await;
        let first = said(app, &api, &ada).await;
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        staff.open(&format!("/staff/events/congress-2026/credits/people/{}", ada.code)).await;
        staff.submit("/certificate-name", &[("certificate_name", "Ada A. Okonkwo"), ("credentials", "MD"), ("reason", "Married")]).await.expect(303);
        assert_eq!(set_now(app, &event), [place(&first["credentialStatus"])]);
        let second = said(app, &api, &ada).await;
        assert_ne!(first["id"], second["id"]);
        // A badge that nobody took has no place, so nothing is set for it.
        staff.open(&format!("/staff/events/congress-2026/credits/people/{}", ada.code)).await;
        staff.submit("/certificate-name", &[("certificate_name", "Ada B. Okonkwo"), ("credentials", "MD"), ("reason", "A slip")]).await.expect(303);
        staff.open(&format!("/staff/events/congress-2026/credits/people/{}", ada.code)).await;
        staff.submit("/certificate-name", &[("certificate_name", "Ada C. Okonkwo"), ("credentials", "MD"), ("reason", "Another")]).await.expect(303);
        let both: BTreeSet<usize> = [&first, &second].iter().map(|badge| place(&badge["credentialStatus"])).collect();
        assert_eq!(set_now(app, &event).into_iter().collect::<BTreeSet<_>>(), both);
    }

    async fn forty_who_ask_at_once_get_one_badge_and_no_place_is_given_twice(app) {
        let (event, ada) = a_holder(app);
        let everybody = others(app, &event, 20);
        let api = education(app, &event).await;
        let asked = (0..40).map(|_| (api.clone(), by_api(app, &ada))).map(|(api, path)| async move { api.get(&path).await.expect(200).json()["credential"].to_string() });
        let texts: BTreeSet<String> = at_once(asked).await.into_iter().collect();
        assert_eq!(texts.len(), 1, "one certificate has one badge");
        let asked = everybody.iter().map(|who| (api.clone(), by_api(app, who))).map(|(api, path)| async move { api.get(&path).await.expect(200).json()["credential"].as_str().unwrap().to_owned() });
        let asked: Vec<_> = asked.collect();
        let places: BTreeSet<usize> = at_once(asked).await.iter().map(|jws| place(&parts(jws).1["credentialStatus"])).collect();
        assert_eq!(places.len(), 20);
        assert!(places.iter().max() > places.iter().min().map(|least| least + 20).as_ref(), "places tell nothing of who came after whom: {places:?}");
        let lists: i64 = app.look(|db| Ok(status_lists::table.count().get_result(db)?));
        let badges: i64 = app.look(|db| Ok(open_badges::table.count().get_result(db)?));
        assert_eq!((lists, badges), (1, 21));
    }

    async fn a_full_list_is_followed_by_another(app) {
        let (event, ada) = a_holder(app);
        let more = others(app, &event, 2);
        let api = education(app, &event).await;
        taken(app, &api, &ada).await;
        app.must(|tx| diesel::update(status_lists::table).set(status_lists::holds.eq(2)).execute(tx.db).map(drop).map_err(Into::into));
        let (second, third) = (said(app, &api, &more[0]).await, said(app, &api, &more[1]).await);
        let list_of = |badge: &serde_json::Value| badge["credentialStatus"]["statusListCredential"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        assert_eq!((list_of(&second).as_str(), list_of(&third).as_str()), ("1", "2"));
        assert!(set_in_list_of(&app.visitor().await, &third["credentialStatus"]).await.is_empty());
        let staff = app.as_staff_of(Role::Education, Some(event.id)).await;
        staff.open("/staff/events/congress-2026/credits/open-badges").await.says("2 given out").says("1 given out").says("/open-badges/status/congress-2026/2");
    }

    async fn staff_stop_giving_them_and_those_that_were_taken_stay_good(app) {
        let (event, ada) = a_holder(app);
        let api = education(app, &event).await;
        let before = said(app, &api, &ada).await;
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        staff.open("/staff/events/congress-2026/credits/open-badges").await.says("Given").says("Quay Institute");
        staff.submit("/open-badges", &[]).await.expect(303);
        staff.follow().await.says("No more Open Badges are given.").says("Not given");
        assert_eq!(api.get(&by_api(app, &ada)).await.expect(409).code(), "open_badges.stopped");
        app.as_attendee(&ada).await.open(&format!("/my/{}/credits", ada.code)).await.says_nothing_of("Open Badge");
        app.visitor().await.open(&format!("/certificates/{}", number(app, &ada))).await.says_nothing_of("Open Badge");
        assert!(set_in_list_of(&app.visitor().await, &before["credentialStatus"]).await.is_empty());
        staff.open("/staff/events/congress-2026/credits/open-badges").await;
        staff.submit("/open-badges", &[]).await.expect(303);
        assert_eq!(said(app, &api, &ada).await, before);
        app.as_staff(Role::Auditor).await.open("/staff/events/congress-2026/credits/open-badges").await.says_nothing_of("Stop giving");
    }
}
