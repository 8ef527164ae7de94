//! Joining: too early, in time, after the end, canceled, by another's link, by one that was passed on.

use diesel::prelude::*;
use lanyard::db::schema::{audit_entries, join_links, webinar_joins};
use lanyard::ids::JoinLinkId;
use lanyard::orders;
use lanyard::setup::sessions;
use lanyard::staff::Role;
use lanyard::webinars;

use super::{PLATFORM, STAFF, a_guest, a_ready_series, link, look_around};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{a_registration, a_series};

fn joins(app: &TestApp) -> Vec<String> {
    app.look(|db| Ok(webinar_joins::table.order(webinar_joins::at.asc()).select(webinar_joins::registration_id).load(db)?))
}

on_both! {
    async fn a_link_waits_until_fifteen_minutes_before_the_start_and_then_leads_to_the_platform(app) {
        let event = a_ready_series(app);
        let ada = a_guest(app, &event, "Ada", "Okonkwo");
        let path = link(app, &event, &ada);
        app.set_clock("2026-04-22T09:31:00-04:00");
        let phone = app.visitor().await;
        let early = phone.open(&path).await.says("The board meeting").says("Wed 22 Apr 2026, 1:00–2:00 PM Eastern");
        let early = early.says("12:00 PM Central").says("Opens in 3 hours 14 minutes").says("12:45 PM Eastern");
        assert_eq!(early.header("refresh"), Some("600"));
        early.says_nothing_of("Join as").says_nothing_of("platform.example");
        phone.open(&format!("{path}?zone=Europe/Berlin")).await.says("7:00 PM Berlin time");
        app.set_clock("2026-04-22T12:44:30-04:00");
        assert_eq!(phone.open(&path).await.says("Opens in less than a minute").header("refresh"), Some("31"));
        // Pressed by force it stays shut.
        phone.open("/sign-in").await;
        phone.post(&path, &[]).await.expect(409).says("Opens in less than a minute");
        assert_eq!(joins(app).len(), 0);
        app.set_clock("2026-04-22T12:45:00-04:00");
        let open = phone.open(&path).await.says("Join as Ada Okonkwo").says("It starts in 15 minutes");
        assert_eq!(open.header("refresh"), None);
        assert!(!open.html().contains("platform.example"), "the address is in the page");
        let sent = phone.submit("/join/", &[]).await.expect(303);
        assert_eq!((sent.location(), sent.header("referrer-policy"), sent.header("cache-control")), (PLATFORM, Some("no-referrer"), Some("no-store")));
        app.set_clock("2026-04-22T13:20:00-04:00");
        phone.open(&path).await.says("It has begun");
        phone.submit("/join/", &[]).await.expect(303);
        assert_eq!(joins(app), [ada.id.to_string(), ada.id.to_string()]);
        app.set_clock("2026-04-22T14:00:00-04:00");
        phone.open(&path).await.says("This webinar is over").says_nothing_of("Join as");
    }

    async fn a_dead_link_opens_nothing_and_tells_nothing(app) {
        let event = a_ready_series(app);
        let (ada, bo) = (a_guest(app, &event, "Ada", "Okonkwo"), a_guest(app, &event, "Bo", "Chen"));
        let (adas, bos) = (link(app, &event, &ada), link(app, &event, &bo));
        app.set_clock("2026-04-22T12:50:00-04:00");
        let canceled = ada.clone();
        app.must(move |tx| orders::cancel_registration(tx, &canceled, "asked for it"));
        let visitor = app.visitor().await;
        let dead = visitor.open(&adas).await.says("This link opens nothing").says("not confirmed");
        dead.says_nothing_of("Ada").says_nothing_of("The board meeting").says_nothing_of("Join as");
        // Made up, cut off, and with another's tag.
        let mixed = format!("{}{}", &adas[..30], &bos[30..]);
        for path in ["/join/x".to_owned(), adas[..adas.len() - 1].to_owned(), mixed, format!("{adas}A")] {
            visitor.get(&path).await.expect(404);
        }
        let session = app.look(|db| webinars::get(db, &event, "P1"));
        app.must(move |tx| sessions::cancel(tx, &session, "The speaker is ill").map(drop));
        visitor.open(&bos).await.says("This webinar was canceled").says_nothing_of("Join as");
        // Nobody chose a seat, and everybody is told.
        app.run_jobs();
        app.expect_letter("bo@hospital.example", "session_canceled").says("The speaker is ill");
        assert_eq!(joins(app).len(), 0);
    }

    async fn a_link_that_was_passed_on_is_seen_by_staff_and_replaced(app) {
        let event = a_ready_series(app);
        let ada = a_guest(app, &event, "Ada", "Okonkwo");
        let path = link(app, &event, &ada);
        app.set_clock("2026-04-22T12:50:00-04:00");
        for _ in 0..3 {
            let somebody = app.visitor().await;
            somebody.open(&path).await.says("For Ada Okonkwo").says("Not you?");
            somebody.submit("/join/", &[]).await.expect(303);
        }
        let staff = app.as_staff_of(Role::Registrar, Some(event.id.clone())).await;
        staff.open(STAFF).await.says("3 times, 3 browsers").says("Shared?");
        staff.click("Ada Okonkwo").await.expect(200).says("From 3 browsers").says("Browser 3");
        staff.submit("/link", &[("reason", " ")]).await.expect(422).says("Say why");
        staff.submit("/link", &[("reason", "It was posted in a chat")]).await.expect(303);
        let letter = app.expect_letter("ada@hospital.example", "webinar");
        letter.says("The one before no longer works");
        let fresh = letter.link_with("/join/");
        let visitor = app.visitor().await;
        visitor.open(&path).await.says("replaced by a newer one").says_nothing_of("Join as");
        visitor.open(&fresh).await.says("Join as Ada Okonkwo");
        let kept: i64 = app.look(|db| Ok(join_links::table.filter(join_links::replaced_at.is_not_null()).count().get_result(db)?));
        assert_eq!((kept, joins(app).len()), (1, 3));
        let reasons: Vec<Option<String>> = app.look(|db| {
            Ok(audit_entries::table.filter(audit_entries::action.eq("join_link.replaced")).select(audit_entries::reason).load(db)?)
        });
        assert_eq!(reasons, [Some("It was posted in a chat".to_owned())]);
    }

    async fn a_corrected_address_ends_the_link_in_the_wrong_mailbox_and_mails_a_new_one(app) {
        let event = a_ready_series(app);
        let ada = a_guest(app, &event, "Ada", "Okonkwo");
        app.set_clock("2026-04-21T13:01:00-04:00");
        look_around(app);
        let wrong = app.expect_letter("ada@hospital.example", "webinar").link_with("/join/");
        let staff = app.as_staff_of(Role::Registrar, Some(event.id.clone())).await;
        let form = format!("/staff/events/series-2026/people/{}/correction", ada.code);
        staff.open(&form).await;
        staff.submit("/correction", &[("email", "ada.okonkwo@clinic.example"), ("reason", "Misspelled")]).await.expect(303);
        let letter = app.expect_letter("ada.okonkwo@clinic.example", "webinar");
        letter.says("The one before no longer works");
        let fresh = letter.link_with("/join/");
        // Another spelling of the name is no other mailbox.
        staff.open(&form).await;
        staff.submit("/correction", &[("badge_name", "Ada O."), ("reason", "As she asked")]).await.expect(303);
        app.set_clock("2026-04-22T12:50:00-04:00");
        let stranger = app.visitor().await;
        let dead = stranger.open(&wrong).await.says("replaced by a newer one");
        dead.says_nothing_of("Ada").says_nothing_of("The board meeting").says_nothing_of("Join as");
        stranger.open("/sign-in").await;
        let wrong = wrong[wrong.find("/join/").expect("a path")..].to_owned();
        stranger.post(&wrong, &[]).await.expect(409);
        app.visitor().await.open(&fresh).await.says("Join as Ada Okonkwo");
        let replaced: Vec<JoinLinkId> = app.look(|db| {
            Ok(join_links::table.filter(join_links::replaced_at.is_not_null()).select(join_links::id).load(db)?)
        });
        assert_eq!((replaced.len(), joins(app).len()), (1, 0));
    }

    async fn the_platforms_address_is_for_content_staff_alone(app) {
        let event = a_series().make(app);
        let ada = a_guest(app, &event, "Ada", "Okonkwo");
        let path = link(app, &event, &ada);
        app.set_clock("2026-04-22T12:50:00-04:00");
        let visitor = app.visitor().await;
        visitor.open(&path).await.says("One moment").says_nothing_of("Join as");
        let content = app.as_staff_of(Role::Content, Some(event.id.clone())).await;
        content.open(STAFF).await.says("No address is set").says_nothing_of("Ada Okonkwo");
        content.submit("/platform", &[("address", "http://platform.example")]).await.expect(422).says("begins with https://");
        content.submit("/platform", &[("address", PLATFORM)]).await.expect(303);
        assert!(content.open(STAFF).await.html().contains("hidden-word"));
        for role in [Role::Education, Role::Registrar, Role::Finance, Role::Auditor] {
            let other = app.as_staff(role).await;
            let page = other.open(STAFF).await.says("The address is set").says("Ada Okonkwo");
            assert!(!page.html().contains("hidden-word"), "{role}");
            other.post(&format!("{STAFF}/platform"), &[("address", "https://x.example")]).await.expect(403);
        }
        visitor.open(&path).await.says("Join as Ada Okonkwo");
        let facts: Vec<String> = app.look(|db| Ok(audit_entries::table.select(audit_entries::facts).load(db)?));
        assert!(facts.iter().all(|facts| !facts.contains("platform.example")));
        content.open(STAFF).await;
        content.submit("/platform", &[("address", "")]).await.expect(303);
        visitor.open(&path).await.says("One moment");
    }

    async fn the_portal_leads_to_ones_own_link_and_to_no_others(app) {
        let event = a_ready_series(app);
        let ada = a_guest(app, &event, "Ada", "Okonkwo");
        let bo = a_registration(&event).buying("webinar-2").make(app);
        app.set_clock("2026-04-22T10:00:00-04:00");
        let browser = app.as_attendee(&ada).await;
        browser.open(&format!("/my/{}", ada.code)).await.says("My join link").says("Opens in 2 hours 45 minutes");
        let list = browser.open(&format!("/my/{}/webinars", ada.code)).await;
        list.says("The board meeting").says("Opens in 2 hours 45 minutes").says_nothing_of("From a goal to a plan");
        app.set_clock("2026-04-22T12:46:00-04:00");
        browser.open(&format!("/my/{}/webinars", ada.code)).await.says("Open now");
        let to = browser.get(&format!("/my/{}/webinars/P1", ada.code)).await.expect(303);
        assert_eq!(to.location(), link(app, &event, &ada));
        browser.follow().await.says("Join as Ada Okonkwo");
        browser.submit("/join/", &[]).await.expect(303);
        browser.open(&format!("/my/{}/webinars", ada.code)).await.says("You joined at 12:46 PM");
        // A link that is there is only looked up.
        browser.get(&format!("/my/{}/webinars/P1", ada.code)).await.expect(303);
        let made: i64 = app.look(|db| {
            Ok(audit_entries::table.filter(audit_entries::action.eq("join_link.made")).count().get_result(db)?)
        });
        assert_eq!(made, 1);
        // Not theirs: neither another webinar, nor another's registration.
        browser.get(&format!("/my/{}/webinars/P2", ada.code)).await.expect(404);
        browser.get(&format!("/my/{}/webinars/P2", bo.code)).await.expect(404);
        app.visitor().await.get(&format!("/my/{}/webinars/P1", ada.code)).await.expect(303);
    }
}
