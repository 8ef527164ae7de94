//! The keys that sign: made once, sealed, retired without spoiling what they signed.

use diesel::prelude::*;
use lanyard::app::{Actor, App};
use lanyard::clock::Clock;
use lanyard::credits::open_badges::{keys, taking};
use lanyard::db::schema::signing_keys;
use lanyard::mailer::Mailer;
use lanyard::staff::Role;

use super::{a_holder, education, number, said, taken};
use crate::on_both;
use crate::reports::{a, earns};
use crate::support::app::{TestApp, config};
use crate::support::open_badge::{checked, parts, path};
use crate::support::visitor::at_once;

/// What is kept of each key's private half, oldest first.
fn sealed(app: &TestApp) -> Vec<Option<String>> {
    app.look(|db| Ok(signing_keys::table.order(signing_keys::id.asc()).select(signing_keys::sealed).load(db)?))
}

on_both! {
    async fn a_retired_key_signs_nothing_more_and_what_it_signed_stays_good(app) {
        let (event, ada) = a_holder(app);
        app.set_clock("2026-03-02T09:00:00-08:00");
        let ben = a(app, &event, ("Ben", "Abel"), "physician");
        app.set_clock("2026-04-10T12:30:00-07:00");
        earns(app, &event, &ben, "ama", &[("K1", 100)]);
        let api = education(app, &event).await;
        let before = taken(app, &api, &ada).await;
        let owner = app.as_staff(Role::Owner).await;
        owner.open("/staff/tokens").await.says("Signing keys");
        owner.open("/staff/signing-keys").await.says("Signs").says_nothing_of("Only verifies");
        owner.submit("/signing-keys", &[("reason", " ")]).await.expect(422).says("Say why there is a new key.");
        assert_eq!(sealed(app).len(), 1);
        owner.open("/staff/signing-keys").await;
        owner.submit("/signing-keys", &[("reason", "A backup was lost")]).await.expect(303);
        owner.follow().await.says("A new key signs from now on").says("Only verifies");
        let kept = sealed(app);
        assert!(kept.len() == 2 && kept[0].is_none() && kept[1].is_some(), "the private half of a retired key is gone");
        let after = taken(app, &api, &ben).await;
        let kid = |told: &serde_json::Value| parts(told["credential"].as_str().unwrap()).0["kid"].clone();
        assert_ne!(kid(&before), kid(&after));
        for told in [&before, &after, &taken(app, &api, &ada).await] {
            checked(&app.visitor().await, told["credential"].as_str().unwrap()).await;
        }
        assert_eq!(app.visitor().await.get("/open-badges/keys").await.json()["keys"].as_array().unwrap().len(), 2);
        app.as_staff_of(Role::Owner, Some(event.id)).await.get("/staff/signing-keys").await.expect(403);
    }

    async fn what_a_withdrawn_key_signed_is_not_verified_and_is_signed_anew(app) {
        let (event, ada) = a_holder(app);
        let api = education(app, &event).await;
        let before = taken(app, &api, &ada).await;
        let (owner, stranger) = (app.as_staff(Role::Owner).await, app.visitor().await);
        let address = path(&parts(before["credential"].as_str().unwrap()).0["kid"]);
        let in_use = address.replace("/open-badges/keys/", "/staff/signing-keys/") + "/withdrawal";
        owner.open("/staff/signing-keys").await.says_nothing_of("Withdraw it");
        owner.post(&in_use, &[("reason", "It is everywhere")]).await.expect(303);
        owner.follow().await.says("Put a new one in place first.");
        owner.submit("/signing-keys", &[("reason", "A disk was stolen")]).await.expect(303);
        owner.follow().await;
        owner.submit("/withdrawal", &[("reason", "")]).await.expect(303);
        owner.follow().await.says("Say why the key is withdrawn.");
        stranger.get(&address).await.expect(200);
        owner.submit("/withdrawal", &[("reason", "A disk was stolen")]).await.expect(303);
        owner.follow().await.says("Holders take their Open Badges again.").says("Withdrawn").says_nothing_of("Withdraw it");
        stranger.get(&address).await.expect(404);
        assert_eq!(stranger.get("/open-badges/keys").await.json()["keys"].as_array().unwrap().len(), 1);
        let after = taken(app, &api, &ada).await;
        let (old, new) = (parts(before["credential"].as_str().unwrap()), parts(after["credential"].as_str().unwrap()));
        assert_ne!(old.0["kid"], new.0["kid"]);
        assert_eq!(old.1, new.1, "the same badge, at the same place");
        checked(&stranger, after["credential"].as_str().unwrap()).await;
    }

    async fn the_first_key_is_made_once_though_forty_ask_at_once(app) {
        a_holder(app);
        let asked = (0..40).map(|_| app.app()).map(|service| async move { keys::signer(&service).await.expect("a signer").id });
        let ids: std::collections::BTreeSet<_> = at_once(asked.collect::<Vec<_>>()).await.into_iter().collect();
        assert_eq!((ids.len(), sealed(app).len()), (1, 1));
    }

    async fn a_changed_secret_of_the_installation_brings_a_new_key(app) {
        let (event, ada) = a_holder(app);
        let before = said(app, &education(app, &event).await, &ada).await;
        app.set_clock("2026-03-02T09:00:00-08:00");
        let ben = a(app, &event, ("Ben", "Abel"), "physician");
        app.set_clock("2026-04-10T12:30:00-07:00");
        earns(app, &event, &ben, "ama", &[("K1", 100)]);
        let settings = lanyard::config::Config { secret_key: "another secret, which nobody knew before".to_owned(), ..config(&app.database.url) };
        let other = App::start(settings, Clock::by_hand(app.now()), Mailer::Memory(std::sync::Mutex::default())).expect("a service");
        let badge = taking::take(&other, Actor::Service("test"), &event, &ben, &number(app, &ben)).await.expect("an Open Badge");
        checked(&app.visitor().await, &badge.credential).await;
        let kept = sealed(app);
        assert!(kept.len() == 2 && kept[0].is_none(), "the key that does not open was retired");
        assert_eq!(said(app, &education(app, &event).await, &ada).await, before);
    }
}
