//! Paired phones: offered, paired once, bound to their doors, seen, extended and revoked (ACC-3).

use actix_web::http::Method;
use diesel::prelude::*;
use lanyard::db::schema::{audit_entries, devices, pairing_codes};
use lanyard::devices::{self as phones, NewDevice, Proof};
use lanyard::events::Event;
use lanyard::http::asker::{DEVICE_COOKIE, STAFF_COOKIE};
use lanyard::registration::Registration;
use lanyard::staff::Role;
use lanyard::{badges, events};
use serde_json::{Value, json};

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_registration};
use crate::support::visitor::{Visitor, at_once};

const LIST: &str = "/staff/events/congress-2026/devices";
const DOORS: &str = "/staff/events/congress-2026/checkpoints";

/// The congress on its first conference morning.
fn congress(app: &TestApp) -> Event {
    app.set_clock("2026-03-09T09:40:00-07:00");
    a_congress().make(app)
}

/// A phone offered for these doors, every one where none is named.
fn offer(app: &TestApp, name: &str, doors: &[&str]) -> phones::Secrets {
    let new = NewDevice {
        name: name.to_owned(),
        doors: doors.iter().map(|door| (*door).to_owned()).collect(),
        every_door: doors.is_empty(),
        may_override: false,
        hours: None,
    };
    app.must(move |tx| {
        let event = events::get(tx.db, "congress-2026")?;
        Ok(phones::create(tx, &event, &new)?.1)
    })
}

/// A phone that is paired for these doors.
async fn paired(app: &TestApp, name: &str, doors: &[&str]) -> Visitor {
    let secrets = offer(app, name, doors);
    let phone = app.visitor().await;
    phone.open(&format!("/pair/{}", secrets.link)).await;
    phone.submit("/pair/", &[]).await.expect(303);
    phone
}

fn badge(app: &TestApp, registration: &Registration) -> String {
    app.look(|db| {
        let event = events::get_by_id(db, &registration.event_id)?;
        badges::of_registration(db, &registration.id)?.expect("a badge").token(&event)
    })
}

fn scan(checkpoint: &str, token: &str) -> Value {
    json!({ "id": uuid::Uuid::new_v4().to_string(), "checkpoint": checkpoint, "token": token, "direction": "in" })
}

fn count_of(app: &TestApp, action: &'static str) -> i64 {
    app.look(move |db| Ok(audit_entries::table.filter(audit_entries::action.eq(action)).count().get_result(db)?))
}

on_both! {
    async fn a_phone_is_paired_by_its_link_and_opening_it_uses_nothing_up(app) {
        congress(app);
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(LIST).await.says("No phones yet");
        desk.click("Pair a phone").await.expect(200);
        desk.submit("/devices", &[("name", "")]).await.expect(422).says("Name the phone").says("Choose the doors");
        desk.submit("/devices", &[("name", "Phone 3"), ("doors[]", "door-B1"), ("hours", "400")]).await.expect(422).says("1 to 336");
        let shown = desk.submit("/devices", &[("name", "Phone 3"), ("doors[]", "door-B1"), ("hours", "")]).await.expect(200);
        shown.clone().says("Mon 9 Mar 2026, 9:50 AM Pacific").says("works until Tue 10 Mar 2026, 12:00 AM Pacific");
        assert!(shown.html().contains("data:image/svg+xml;base64,"));
        // The code in the picture is a link that the test cannot see; another offer of the same verb shows one.
        let secrets = offer(app, "Phone 4", &["door-B1"]);
        let link = format!("/pair/{}", secrets.link);
        let phone = app.visitor().await;
        for _ in 0..3 {
            phone.open(&link).await.says("Make this phone Phone 4").says("Room 1").says("Tue 10 Mar 2026, 12:00 AM Pacific");
        }
        phone.submit("/pair/", &[]).await.expect(303);
        assert!(phone.cookie(DEVICE_COOKIE).is_some());
        phone.follow().await.expect(200).says("Room 1").says("Phone 4").says_nothing_of("Find by name");
        let late = app.visitor().await;
        late.get(&link).await.expect(410).says("This code is over");
        desk.open(LIST).await.says("Phone 4").says("Works").says("Phone 3").says("Waits for the phone").says("Sam onsite");
        assert_eq!((count_of(app, "device.offered"), count_of(app, "device.paired")), (2, 1));
    }

    async fn a_phone_is_paired_by_a_typed_code_for_ten_minutes(app) {
        congress(app);
        let secrets = offer(app, "Phone 1", &[]);
        let kept = app.look(|db| Ok(pairing_codes::table.select((pairing_codes::code_hash, pairing_codes::link_hash)).load::<(String, String)>(db)?));
        assert!(!format!("{kept:?}").contains(&secrets.code) && !format!("{kept:?}").contains(&secrets.link));
        let phone = app.visitor().await;
        phone.open("/pair").await.says_nothing_of("not paired any more");
        phone.submit("/pair", &[("code", "ABCD-EFGH")]).await.expect(422).says("wrong, was used, or is too old");
        app.wait_minutes(10);
        phone.submit("/pair", &[("code", &secrets.code)]).await.expect(422);
        let desk = app.as_staff(Role::Registrar).await;
        desk.open(LIST).await.says("Code too old");
        desk.click("Phone 1").await.expect(200);
        let again = desk.submit("/codes", &[]).await.expect(200).text();
        let code = again.split_whitespace().find(|word| word.len() == 9 && word.as_bytes()[4] == b'-').expect("a code").to_owned();
        let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
        phone.open("/pair").await;
        let answer = phone.submit("/pair", &[("code", &typed)]).await.expect(303);
        assert_eq!(answer.location(), DOORS);
        phone.follow().await.expect(200).says("Room 1").says("Harbor Hall").says("Badge pick-up").says_nothing_of("Sign out");
        let other = app.visitor().await;
        other.open("/pair").await;
        other.submit("/pair", &[("code", &code)]).await.expect(422);
    }

    async fn too_many_typed_codes_from_one_address_have_to_wait(app) {
        congress(app);
        let phone = app.visitor().await;
        phone.open("/pair").await;
        let mut last = 0;
        for _ in 0..400 {
            last = phone.post("/pair", &[("code", "22222222")]).await.status;
            if last == 429 {
                break;
            }
        }
        assert_eq!(last, 429);
    }

    async fn one_pairing_code_posted_ten_times_at_once_pairs_one_phone(app) {
        congress(app);
        let secrets = offer(app, "Phone 1", &["door-B1"]);
        let mut phones = Vec::new();
        for number in 0..10 {
            let phone = app.visitor().await;
            phone.open("/pair").await;
            let (link, code) = (format!("/pair/{}", secrets.link), secrets.code.clone());
            phones.push(async move {
                let answer = if number % 2 == 0 { phone.post(&link, &[]).await } else { phone.post("/pair", &[("code", &code)]).await };
                (answer.status, phone)
            });
        }
        let answers = at_once(phones).await;
        let won: Vec<&Visitor> = answers.iter().filter(|(status, _)| *status == 303).map(|(_, phone)| phone).collect();
        assert_eq!(won.len(), 1, "{:?}", answers.iter().map(|(status, _)| status).collect::<Vec<_>>());
        won[0].open(&format!("{DOORS}/door-B1")).await;
        assert_eq!(count_of(app, "device.paired"), 1);
    }

    async fn a_phone_works_its_own_doors_sees_no_email_and_lists_nobody(app) {
        let event = congress(app);
        let maya = a_registration(&event).named("Maya", "Okafor").email("maya@mail.example").in_sessions(&["B1"]).make(app);
        let token = badge(app, &maya);
        let phone = paired(app, "Phone 1", &["door-B1", "pickup"]).await;
        phone.open(DOORS).await.says("Room 1").says("Badge pick-up").says_nothing_of("Harbor Hall");
        phone.open(&format!("{DOORS}/door-B1")).await;
        let path = format!("{DOORS}/door-B1/scans");
        let told = phone.script(Method::POST, &path, &scan("door-B1", &token)).await.expect(200);
        assert_eq!(told.json()["outcome"], "unpaid");
        assert!(!told.html().contains("maya@mail.example"));
        phone.open(&format!("{DOORS}/door-B1")).await;
        let mut overriding = scan("door-B1", "nobody's");
        overriding["override"] = json!({ "reason": "a friend" });
        phone.script(Method::POST, &path, &overriding).await.expect(403);
        for elsewhere in ["door-K1", "door-B3"] {
            phone.get(&format!("{DOORS}/{elsewhere}")).await.expect(404);
        }
        for refused in ["/staff", LIST, "/staff/events/congress-2026/people", "/staff/events/congress-2026/audit", "/staff/members"] {
            phone.get(refused).await.expect(403);
        }
        phone.get(&format!("{DOORS}/door-B1/search?q=oka")).await.expect(403).says_nothing_of("Maya");
        // The history names the phone, not a person.
        let owner = app.as_staff(Role::Owner).await;
        owner.open("/staff/events/congress-2026/audit").await.says("Phone 1 (phone)");
    }

    async fn a_phone_overrides_only_where_the_pairing_says_so(app) {
        let event = congress(app);
        let bo = a_registration(&event).make(app);
        let token = badge(app, &bo);
        let new = NewDevice { name: "Captain".to_owned(), doors: vec!["door-B1".to_owned()], every_door: false, may_override: true, hours: Some(3) };
        let secret = app.must(move |tx| {
            let event = events::get(tx.db, "congress-2026")?;
            let secrets = phones::create(tx, &event, &new)?.1;
            Ok(phones::pair(tx, &Proof::Link(secrets.link))?.1)
        });
        let phone = app.visitor().await;
        phone.set_cookie(DEVICE_COOKIE, &secret);
        phone.open(&format!("{DOORS}/door-B1")).await;
        let mut overriding = scan("door-B1", &token);
        overriding["override"] = json!({ "reason": "speaker's guest" });
        phone.script(Method::POST, &format!("{DOORS}/door-B1/scans"), &overriding).await.expect(200);
    }

    async fn a_revoked_phone_is_refused_at_once(app) {
        congress(app);
        let phone = paired(app, "Phone 1", &["door-B1"]).await;
        let door = format!("{DOORS}/door-B1");
        phone.open(&door).await;
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(LIST).await;
        desk.submit("/revocation", &[]).await.expect(303);
        desk.follow().await.says("“Phone 1” is revoked").says("Revoked");
        phone.script(Method::POST, &format!("{door}/scans"), &scan("door-B1", "x")).await.expect(401);
        assert_eq!(phone.get(&door).await.expect(303).location(), "/pair");
        phone.follow().await.says("This phone is not paired any more");
        desk.open(LIST).await;
        desk.click("Phone 1").await.says_nothing_of("Revoke this phone").says_nothing_of("Extend");
        assert_eq!(count_of(app, "device.revoked"), 1);
    }

    async fn a_revoked_offer_pairs_nobody(app) {
        congress(app);
        let secrets = offer(app, "Phone 1", &["door-B1"]);
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(LIST).await;
        desk.submit("/revocation", &[]).await.expect(303);
        let phone = app.visitor().await;
        phone.get(&format!("/pair/{}", secrets.link)).await.expect(410);
    }

    async fn a_phone_stops_with_its_hours_and_goes_on_when_they_are_extended(app) {
        congress(app);
        let phone = paired(app, "Phone 1", &["door-B1"]).await;
        let door = format!("{DOORS}/door-B1");
        app.set_clock("2026-03-09T23:59:59-07:00");
        phone.open(&door).await;
        app.set_clock("2026-03-10T00:00:00-07:00");
        phone.get(&door).await.expect(303);
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(LIST).await.says("Ended");
        desk.click("Phone 1").await;
        desk.submit("/extension", &[("hours", "many")]).await.expect(422).says("whole hours");
        desk.submit("/extension", &[("hours", "9")]).await.expect(303);
        desk.follow().await.says("works until Tue 10 Mar 2026, 9:00 AM Pacific");
        phone.open(&door).await;
        // The phone's cookie lasts as long as the phone does.
        let beat = json!({ "queued": 0 });
        let answer = phone.script(Method::POST, &format!("{door}/heartbeats"), &beat).await.expect(200);
        assert_eq!(answer.json()["expires_at"], "2026-03-10T16:00:00Z");
        let set = answer.headers().iter().find(|(name, value)| name == "set-cookie" && value.contains(DEVICE_COOKIE));
        let set = set.map(|(_, value)| value.clone()).expect("a cookie");
        for part in ["HttpOnly", "SameSite=Lax", "Secure", "Max-Age=32400"] {
            assert!(set.contains(part), "{part} in {set}");
        }
    }

    async fn the_list_shows_battery_queue_and_when_a_phone_was_seen(app) {
        congress(app);
        let phone = paired(app, "Phone 1", &["door-B1", "pickup"]).await;
        let path = format!("{DOORS}/door-B1/heartbeats");
        phone.open(&format!("{DOORS}/door-B1")).await;
        let told = json!({ "battery": 14, "charging": false, "queued": 12, "oldest_queued_at": "2026-03-09T09:31:00-07:00", "app_version": "9.9" });
        phone.script(Method::POST, &path, &told).await.expect(200);
        phone.open(&format!("{DOORS}/door-B1")).await;
        for wrong in [json!({}), json!({ "queued": -1 }), json!({ "queued": 1, "battery": 101 }), json!({ "queued": 1, "name": "x" })] {
            phone.script(Method::POST, &path, &wrong).await.expect(422);
            phone.open(&format!("{DOORS}/door-B1")).await;
        }
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(LIST).await.says("14 %").says("12").says("9 minutes ago").says("just now").says("door-B1").says("Works");
        app.wait_minutes(2);
        desk.open(LIST).await.says("Silent").says("2 minutes ago");
        let audited = app.look(|db| Ok(audit_entries::table.filter(audit_entries::subject_kind.eq("device")).count().get_result::<i64>(db)?));
        assert_eq!(audited, 2, "offered and paired; a heartbeat is no change by anyone");
        // Nothing is kept of staff who open a door themselves.
        desk.open(&format!("{DOORS}/door-B1")).await;
        desk.script(Method::POST, &path, &json!({ "queued": 3 })).await.expect(200);
        desk.open(LIST).await.says("12");
    }

    async fn pairing_signs_staff_out_and_a_new_code_replaces_the_phone(app) {
        congress(app);
        let secrets = offer(app, "Phone 1", &["door-B1"]);
        let phone = app.as_staff(Role::Owner).await;
        let session = phone.cookie(STAFF_COOKIE).expect("a sign-in");
        phone.open(&format!("/pair/{}", secrets.link)).await.says("Sam owner is signed in here and will be signed out");
        phone.submit("/pair/", &[]).await.expect(303);
        assert!(phone.cookie(STAFF_COOKIE).is_none());
        phone.get("/staff").await.expect(403);
        let thief = app.visitor().await;
        thief.set_cookie(STAFF_COOKIE, &session);
        thief.get("/staff").await.expect(303);
        let id: String = app.look(|db| Ok(devices::table.select(devices::id).first(db)?));
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(&format!("{LIST}/{id}")).await;
        desk.submit("/codes", &[]).await.expect(200);
        // The phone works until another takes its place.
        phone.open(&format!("{DOORS}/door-B1")).await;
        let second = app.must(move |tx| {
            let event = events::get(tx.db, "congress-2026")?;
            let secrets = phones::new_code(tx, &event, &id.into())?.1;
            Ok(phones::pair(tx, &Proof::Code(secrets.code))?.1)
        });
        phone.get(&format!("{DOORS}/door-B1")).await.expect(303);
        let other = app.visitor().await;
        other.set_cookie(DEVICE_COOKIE, &second);
        other.open(&format!("{DOORS}/door-B1")).await;
    }

    async fn a_checkpoint_with_a_phone_is_not_taken_away(app) {
        congress(app);
        offer(app, "Phone 1", &["door-B3"]);
        let owner = app.as_staff(Role::Owner).await;
        owner.open("/staff/events/congress-2026/setup/checkpoints/door-B3").await;
        owner.submit("/removal", &[]).await.expect(303);
        owner.follow().await.says("a device is bound to it");
    }
}
