//! Doors under many scans at once, other devices, other clocks.

use super::*;

/// The minutes of B1.
pub(super) fn attended_b1(marks: &[(checkin::Direction, Instant)]) -> checkin::presence::Attended {
    let (starts, ends) = (instant("2026-03-09T10:30:00-07:00"), instant("2026-03-09T11:30:00-07:00"));
    checkin::presence::attended(marks, starts, ends, checkin::presence::ExitRule::SessionEnd)
}

on_both! {
    async fn a_late_scan_changes_the_past_and_not_who_is_inside(app) {
        let event = safety_days(app);
        let api = app.api_of(Role::Onsite, Some(event.id)).await;
        let ada = register(app, "free", "Ada", &["B1"]);
        let token = badge(app, &ada);
        app.set_clock("2026-03-09T11:00:00-07:00");
        assert_eq!(ask(&api, body("side-B1", &token)).await["present"], 1);
        let mut out = body("side-B1", &token);
        out["direction"] = json!("out");
        out["scanned_at"] = json!("2026-03-09T10:40:00-07:00");
        out["offline"] = json!(true);
        assert_eq!(ask(&api, out).await["present"], 1);
        let mut early = body("side-B1", &token);
        early["scanned_at"] = json!("2026-03-09T10:31:00-07:00");
        early["offline"] = json!(true);
        assert_eq!(ask(&api, early).await["outcome"], "already_in");
        let mut out = body("side-B1", &token);
        out["direction"] = json!("out");
        app.wait_minutes(10);
        assert_eq!(ask(&api, out).await["present"], 0);
        assert_eq!(inside(app), (0, 0));
        let marks: Vec<(checkin::Direction, Instant)> =
            app.look(|db| Ok(attendance_marks::table.select((attendance_marks::direction, attendance_marks::at)).load(db)?));
        let attended = attended_b1(&marks);
        assert_eq!((attended.minutes, attended.is_assumed), (19, false));
    }

    async fn forty_scans_of_one_badge_at_once_are_one_person_in_the_room(app) {
        let event = safety_days(app);
        let api = app.api_of(Role::Onsite, Some(event.id)).await;
        let ada = register(app, "free", "Ada", &["B1"]);
        let token = badge(app, &ada);
        let scans = (0..40).map(|number| {
            let (api, scan) = (api.clone(), body(if number % 2 == 0 { "door-B1" } else { "side-B1" }, &token));
            async move { ask(&api, scan).await }
        });
        let told = at_once(scans.collect::<Vec<_>>()).await;
        assert_eq!(told.iter().filter(|told| told["outcome"] == "admitted").count(), 1);
        assert!(told.iter().all(|told| told["present"] == 1), "{told:?}");
        assert_eq!(inside(app), (1, 1));
        let marks: i64 = app.look(|db| Ok(attendance_marks::table.count().get_result(db)?));
        assert_eq!(marks, 1);
    }

    async fn one_scan_sent_forty_times_at_once_is_one_scan(app) {
        let event = safety_days(app);
        let api = app.api_of(Role::Onsite, Some(event.id)).await;
        let ada = register(app, "free", "Ada", &["B1"]);
        let scan = body("door-B1", &badge(app, &ada));
        let sending = (0..40).map(|_| {
            let (api, scan) = (api.clone(), scan.clone());
            async move { ask(&api, scan).await }
        });
        let told = at_once(sending.collect::<Vec<_>>()).await;
        assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
        assert_eq!(inside(app), (1, 1));
        assert_eq!(app.look(|db| Ok(scans::table.count().get_result::<i64>(db)?)), 1);
    }

    async fn forty_people_at_once_are_forty_in_the_room_and_queues_do_not_wait_for_each_other(app) {
        let event = safety_days(app);
        app.set_clock("2026-03-09T08:45:00-07:00");
        let api = app.api_of(Role::Onsite, Some(event.id)).await;
        let tokens: Vec<String> = (0..40).map(|number| badge(app, &register(app, "free", &format!("Ada{number}"), &[]))).collect();
        let queues = (0..4).map(|turn| {
            let mut tokens = tokens.clone();
            tokens.rotate_left(turn * 7);
            if turn % 2 == 1 { tokens.reverse(); }
            let scans: Vec<Value> = tokens.iter().map(|token| body("door-K1", token)).collect();
            let api = api.clone();
            async move { api.post("/scans/batch", json!({ "scans": scans })).await }
        });
        let answers: Vec<Answer> = at_once(queues.collect::<Vec<_>>()).await;
        let admitted: usize = answers
            .iter()
            .map(|answer| answer.json()["results"].as_array().unwrap().iter().filter(|result| result["outcome"] == "admitted").count())
            .sum();
        assert_eq!(admitted, 40);
        assert_eq!(inside(app), (40, 40));
    }

    async fn a_queue_is_counted_in_its_own_order(app) {
        let event = safety_days(app);
        app.set_clock("2026-03-09T08:45:00-07:00");
        let api = app.api_of(Role::Onsite, Some(event.id)).await;
        let people: Vec<String> = (0..6).map(|number| badge(app, &register(app, "free", &format!("Ada{number}"), &[]))).collect();
        let scans: Vec<Value> = people.iter().map(|token| body("door-K1", token)).collect();
        let answer = api.post("/scans/batch", json!({ "scans": scans })).await.expect(200).json();
        let present: Vec<i64> = answer["results"].as_array().unwrap().iter().map(|result| result["present"].as_i64().unwrap()).collect();
        assert_eq!(present, [1, 2, 3, 4, 5, 6]);
    }

    async fn an_override_needs_a_role_and_a_reason_and_is_kept(app) {
        let event = safety_days(app);
        let onsite = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let cy = register(app, "free", "Cy", &[]);
        let _full = register(app, "free", "Ada", &["B1"]);
        let token = badge(app, &cy);
        assert_eq!(outcome(&onsite, "door-B1", &token).await, "full");
        let mut over = body("door-B1", &token);
        over["override"] = json!({ "reason": "  " });
        assert_eq!(onsite.post("/scans", over.clone()).await.expect(422).json()["errors"][0]["field"], "override.reason");
        over["override"] = json!({ "reason": "Speaker's guide dog handler" });
        let told = ask(&onsite, over).await;
        assert_eq!((&told["outcome"], &told["present"]), (&json!("admitted"), &json!(1)));
        let reasons: Vec<Option<String>> = app.look(|db| {
            let taken = audit_trail::table.filter(audit_trail::action.eq("scan.taken")).order(audit_trail::id.asc());
            Ok(taken.select(audit_trail::reason).load(db)?)
        });
        assert_eq!(reasons, [None, Some("Speaker's guide dog handler".to_owned())]);
        app.api_of(Role::Education, Some(event.id)).await.post("/scans", body("door-B1", &token)).await.expect(403);
    }

    async fn a_device_scans_at_its_own_door_and_lists_nobody(app) {
        let event = safety_days(app);
        let ada = register(app, "free", "Ada", &["B1"]);
        let token = badge(app, &ada);
        let of_event = event.id.clone();
        let secret = app.must(move |tx| {
            let own = staff::checkpoint_of_code(tx.db, &of_event, "door-B1")?;
            staff::create_token(tx, "Phone 4", Role::Onsite, Some(of_event), Some(own))
        });
        let device = app.api_with(&secret).await;
        assert_eq!(outcome(&device, "door-B1", &token).await, "admitted");
        device.post("/scans", body("side-B1", &token)).await.expect(403);
        device.post("/scans", body("no-such-door", &token)).await.expect(404);
        let listed = device.get("/events/safety-days/checkpoints").await.expect(200).json();
        let own = listed["items"].as_array().unwrap();
        assert_eq!(own.len(), 1);
        assert_eq!((&own[0]["code"], &own[0]["kind"], &own[0]["session"]), (&json!("door-B1"), &json!("session_door"), &json!("B1")));
        assert_eq!(own[0]["opens_at"], "2026-03-09T09:30:00-07:00");
        assert_eq!(own[0]["closes_at"], "2026-03-09T11:30:00-07:00");
        for path in ["", "/badge", "/agenda"] {
            device.get(&format!("/registrations/{}{path}", ada.code)).await.expect(404);
        }
    }

    async fn a_token_of_one_event_scans_nowhere_else(app) {
        let event = safety_days(app);
        let ada = register(app, "free", "Ada", &[]);
        app.must(|tx| setup::import(tx, &document::read(EVENT.replace("safety-days", "other-days").as_bytes())?));
        let other = app.look(|db| events::get(db, "other-days"));
        let stranger = app.api_of(Role::Onsite, Some(other.id)).await;
        stranger.post("/scans", body("pickup", &badge(app, &ada))).await.expect(404);
        let mut named = body("pickup", &badge(app, &ada));
        named["event"] = json!("safety-days");
        stranger.post("/scans", named).await.expect(404);
        stranger.get("/events/safety-days/checkpoints").await.expect(403);
        app.public_api().await.post("/scans", body("pickup", "x")).await.expect(401);
        let api = app.api_of(Role::Onsite, Some(event.id)).await;
        for (field, value) in [("surprise", json!(1)), ("direction", json!("sideways")), ("clock_offset_ms", json!(i64::MAX)), ("scanned_at", json!("noon"))] {
            let mut wrong = body("pickup", "x");
            wrong[field] = value;
            assert_eq!(api.post("/scans", wrong).await.expect(422).json()["errors"][0]["field"], field);
        }
    }

    async fn a_clock_that_is_a_day_off_is_told_and_the_scan_kept(app) {
        let event = safety_days(app);
        let api = app.api_of(Role::Onsite, Some(event.id)).await;
        let ada = register(app, "free", "Ada", &["B1"]);
        let mut scan = body("door-B1", &badge(app, &ada));
        scan["scanned_at"] = json!("2026-03-10T10:15:00-07:00");
        let told = ask(&api, scan).await;
        assert_eq!((&told["outcome"], &told["present"]), (&json!("admitted"), &json!(1)));
        assert!(told["message"].as_str().unwrap().ends_with("Set the clock."));
        let (sent, marked): (Instant, Instant) =
            app.look(|db| Ok((scans::table.select(scans::scanned_at).first(db)?, attendance_marks::table.select(attendance_marks::at).first(db)?)));
        assert_eq!((sent, marked), (instant("2026-03-10T10:15:00-07:00"), app.now()));
    }

    async fn the_door_page_scans_without_a_script_and_with_one(app) {
        let event = safety_days(app);
        let ada = register(app, "free", "Ada", &["B1"]);
        let bo = register(app, "free", "Bo", &[]);
        let staff = app.as_staff_of(Role::Onsite, Some(event.id)).await;
        staff.open("/staff/events/safety-days/checkpoints").await.says("The door-B1").says("Not open yet");
        staff.click("The door-B1").await.expect(200).says("READY");
        let base = "/staff/events/safety-days/checkpoints/door-B1";
        staff.submit("/scans", &[("token", &badge(app, &ada))]).await.expect(200).says("ADMIT").says("Ada Okonkwo");
        staff.submit("/scans", &[("token", "garbage")]).await.expect(200).says("NOT KNOWN");
        staff.open(base).await;
        let told = staff.script(Method::POST, &format!("{base}/scans"), &body("door-B1", &badge(app, &ada))).await.expect(200).json();
        assert_eq!((&told["word"], &told["tone"], &told["outcome"]), (&json!("WELCOME BACK"), &json!("yes"), &json!("already_in")));
        staff.open(base).await;
        staff.click("Find by name").await.expect(200);
        staff.submit("search", &[("q", "bo okonk")]).await.expect(200).says("Bo Okonkwo").says_nothing_of("Ada Okonkwo");
        let found = staff.submit("/scans", &[("registration", &bo.code)]).await.expect(200);
        found.says("FULL");
        staff.open(&format!("{base}/search?q=bo")).await;
        staff.submit("/scans", &[("reason", "Chair asked")]).await.expect(200).says("ADMIT").says("override");
        staff.get(&format!("{base}/search?q=%25")).await.expect(200).says("Nobody found");
        staff.get("/staff/events/safety-days/checkpoints/none").await.expect(404);
        assert_eq!(inside(app), (2, 2));
    }

    async fn a_checkpoint_that_was_used_stays_what_it_was(app) {
        let event = safety_days(app);
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        outcome(&api, "door-B1", "nothing").await;
        let (of_event, k1) = (event.clone(), app.look(|db| agenda::get(db, &event.id, "K1")).id);
        let kept: Vec<lanyard::error::Error> = app.must(move |tx| {
            let b1 = agenda::get(tx.db, &of_event.id, "B1")?.id;
            let input = |code: &str, session| CheckpointInput {
                code: code.to_owned(), kind: Kind::SessionDoor, name: "Main door".to_owned(), session: Some(session), in_only: false, windows: Vec::new(),
            };
            checkin::update(tx, &of_event, "door-B1", &input("door-B1", b1.clone()))?;
            checkin::delete_unused(tx, &of_event, "side-B1")?;
            Ok([
                checkin::update(tx, &of_event, "door-B1", &input("door-B1", k1)).map(drop),
                checkin::delete_unused(tx, &of_event, "door-B1"),
                checkin::create(tx, &of_event, &input("door-B1", b1.clone())).map(drop),
                checkin::create(tx, &of_event, &input("door B1", b1)).map(drop),
                checkin::delete_unused(tx, &of_event, "side-B1"),
            ].into_iter().filter_map(Result::err).collect())
        });
        let codes: Vec<&str> = kept.iter().map(lanyard::error::Error::code).collect();
        assert_eq!(codes, ["checkin.in_use", "checkin.in_use", "invalid", "invalid", "not_found"]);
        // The change is known to the next scan at once.
        let ada = register(app, "free", "Ada", &["B1"]);
        assert_eq!(outcome(&api, "door-B1", &badge(app, &ada)).await, "admitted");
        let again = ask(&api, body("door-B1", &badge(app, &ada))).await;
        assert!(again["message"].as_str().unwrap().starts_with("Inside since"), "{again}");
        assert_eq!(app.look(|db| enrollment::of_registration(db, &ada.id)).len(), 1);
    }
}
