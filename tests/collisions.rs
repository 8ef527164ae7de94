//! What collides when the queues of devices arrive: listed with both times, decided by staff, audited (CHK-4).

use diesel::prelude::*;
use lanyard::badges;
use lanyard::db::schema::{attendance_marks, audit_entries, collision_decisions, collisions};
use lanyard::staff::Role;
use serde_json::{Value, json};

use crate::checkin::{ask, badge, body, inside};
use crate::door_mode::{a_guest, a_morning};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::a_congress;

const LIST: &str = "/staff/events/congress-2026/collisions";

/// A scan that was taken without a connection.
fn late(checkpoint: &str, token: &str, time: &str, decided: &str) -> Value {
    let mut scan = body(checkpoint, token);
    scan["scanned_at"] = json!(format!("2026-03-09T{time}-07:00"));
    scan["offline"] = json!(true);
    scan["decided"] = json!(decided);
    scan
}

fn kinds(app: &TestApp) -> Vec<String> {
    app.look(|db| Ok(collisions::table.order(collisions::id.asc()).select(collisions::kind).load(db)?))
}

fn marks(app: &TestApp) -> i64 {
    app.look(|db| Ok(attendance_marks::table.count().get_result(db)?))
}

on_both! {
    async fn one_badge_at_two_doors_offline_is_listed_and_decided(app) {
        let event = a_morning(app, a_congress());
        let (phone, tablet) = (app.api_of(Role::Onsite, Some(event.id.clone())).await, app.api_of(Role::Onsite, Some(event.id.clone())).await);
        let (ada, token) = a_guest(app, &event, "Ada", &["B1"]);
        let (_, bo) = a_guest(app, &event, "Bo", &["B1"]);
        app.set_clock("2026-03-09T10:50:00-07:00");
        ask(&phone, late("door-B1", &token, "10:35:10", "admitted")).await;
        ask(&phone, late("door-B1", &bo, "10:35:20", "admitted")).await;
        assert!(kinds(app).is_empty());
        let second = late("door-B3", &token, "10:36:40", "admitted");
        let queue = json!({ "scans": [second.clone(), late("door-B3", &bo, "10:37:00", "not_enrolled")] });
        tablet.post("/scans/batch", queue).await.expect(200);
        // Sent again, it is the same scan and the same collision.
        ask(&tablet, second).await;
        assert_eq!(kinds(app), ["refused", "two_places"]);
        let staff = app.as_staff_of(Role::Onsite, Some(event.id)).await;
        staff.open("/staff/events/congress-2026/checkpoints").await.says("Scans that came late contradict others");
        staff.click("Decide 2").await.expect(200).says("One badge at two doors").says("Ada Okonkwo").says_nothing_of("Bo Okonkwo");
        let page = staff.open(LIST).await.says("10:35:10 AM").says("10:36:40 AM").says("Reached the server Mon 9 Mar 2026, 10:50:00 AM");
        page.says("taken offline").says("(token)");
        staff.submit("/decision", &[("ruling", "voided_other"), ("reason", "")]).await.expect(422).says("Say why this mark does not count");
        staff.open(LIST).await;
        staff.submit("/decision", &[("ruling", "voided_other"), ("reason", "Her colleague took the badge")]).await.expect(303);
        staff.open(LIST).await.says("Let in offline, refused by the server").says_nothing_of("One badge at two doors");
        staff.submit("/decision", &[("ruling", "accepted")]).await.expect(303);
        staff.open(LIST).await.says("Nothing collides");
        staff.get(&format!("{LIST}?all=yes")).await.says("A mark was voided").says("Her colleague took the badge");
        staff.get(&format!("{LIST}?all=yes&checkpoint=door-K1")).await.says_nothing_of("Ada Okonkwo");
        staff.get(&format!("{LIST}?all=yes&registration={}", ada.code)).await.says("Ada Okonkwo");
        let person = format!("/staff/events/congress-2026/people/{}/attendance", ada.code);
        staff.open(&person).await.says("Her colleague took the badge");
        let (decisions, audited): (i64, i64) = app.look(|db| {
            let audited = audit_entries::table.filter(audit_entries::action.eq("collision.decided"));
            Ok((collision_decisions::table.count().get_result(db)?, audited.count().get_result(db)?))
        });
        assert_eq!((decisions, audited, marks(app)), (2, 2, 3));
        assert_eq!(inside(app), (2, 2));
    }

    async fn whom_a_device_let_in_offline_is_in_the_room_until_the_mark_is_voided(app) {
        let event = a_morning(app, a_congress().seats("B3", 1));
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let (ada, lost) = a_guest(app, &event, "Ada", &["B3"]);
        let (_, bo) = a_guest(app, &event, "Bo", &[]);
        let of_ada = ada.id.clone();
        app.must(move |tx| badges::replace(tx, &of_ada, "lost"));
        app.set_clock("2026-03-09T10:36:00-07:00");
        let revoked = ask(&api, late("door-B3", &lost, "10:20:00", "admitted")).await;
        assert_eq!((&revoked["outcome"], &revoked["present"]), (&json!("revoked"), &json!(1)));
        assert!(revoked["message"].as_str().unwrap().ends_with("The device let the person in while it was offline."));
        let full = ask(&api, late("door-B3", &bo, "10:21:00", "admitted")).await;
        assert_eq!((&full["outcome"], &full["present"]), (&json!("full"), &json!(2)));
        assert_eq!(kinds(app), ["refused", "refused"]);
        assert_eq!(inside(app), (2, 2));
        let staff = app.as_staff_of(Role::Registrar, Some(event.id)).await;
        staff.open(LIST).await.says("The device decided: Admitted").says("Revoked").says("Full");
        staff.submit("/decision", &[("ruling", "voided_this"), ("reason", "Sent away by the moderator")]).await.expect(303);
        assert_eq!((inside(app), marks(app)), ((1, 1), 2));
        let auditor = app.as_staff(Role::Auditor).await;
        auditor.open(LIST).await.expect(200).says("Not decided yet");
    }

    async fn what_agrees_is_no_collision(app) {
        let event = a_morning(app, a_congress());
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let (_, ada) = a_guest(app, &event, "Ada", &["B1"]);
        let (_, bo) = a_guest(app, &event, "Bo", &["B1"]);
        app.set_clock("2026-03-09T11:29:00-07:00");
        // Two devices at one door, online and offline; a pick-up and a door within moments.
        ask(&api, late("pickup", &ada, "10:34:30", "admitted")).await;
        ask(&api, late("door-B1", &ada, "10:35:00", "admitted")).await;
        ask(&api, late("door-B1", &ada, "10:35:02", "admitted")).await;
        ask(&api, body("door-B1", &ada)).await;
        // Out of one session, into another.
        let mut out = late("door-B1", &bo, "10:50:00", "admitted");
        out["direction"] = json!("out");
        ask(&api, late("door-B1", &bo, "10:35:00", "admitted")).await;
        ask(&api, out).await;
        let mut over = late("door-B3", &bo, "10:55:00", "not_enrolled");
        over["override"] = json!({ "reason": "The chair asked" });
        ask(&api, over).await;
        // The device and the server both say no.
        ask(&api, late("door-B3", "nothing of ours", "10:56:00", "unknown")).await;
        assert_eq!(kinds(app), Vec::<String>::new());
        app.as_staff(Role::Owner).await.open(LIST).await.says("Nothing collides");
    }

    async fn whom_a_device_turned_away_offline_was_not_there(app) {
        let event = a_morning(app, a_congress());
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let (ada, _) = a_guest(app, &event, "Ada", &["B1"]);
        app.set_clock("2026-03-09T10:50:00-07:00");
        let told = ask(&api, late("door-B1", &badge(app, &ada), "10:35:00", "not_enrolled")).await;
        assert_eq!((&told["outcome"], &told["present"]), (&json!("admitted"), &json!(0)));
        assert_eq!((marks(app), kinds(app).len()), (0, 0));
    }
}
