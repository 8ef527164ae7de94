//! Who watches: those whose registration covers it, by links of their own, piece by piece; and never for credit.

use super::{CAPTIONS, Sender, before, page_of, published, source_of, wav};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_registration};
use crate::support::visitor::{Answer, Visitor};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use diesel::prelude::*;
use lanyard::db::schema::{attendance_marks, recording_views};
use lanyard::recordings::rules::watched;
use lanyard::registration::{self, Status};

const PLAYER: &str = "/events/congress-2026/recordings/K1";
const LIST: &str = "/events/congress-2026/recordings";

async fn get(visitor: &Visitor, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers.iter().fold(TestRequest::get(), |request, header| request.insert_header(*header));
    visitor.ask(request, path).await
}

/// What a player reports.
async fn report(visitor: &Visitor, watched: &str, position: &str, duration: &str) -> Answer {
    visitor.open(PLAYER).await;
    visitor.post(&format!("{PLAYER}/progress"), &[("watched", watched), ("position", position), ("duration", duration)]).await
}

/// The congress with K1 published and nobody registered but who is named; letters need not be read.
async fn of(app: &TestApp) -> (lanyard::events::Event, Sender) {
    app.ignore_letters();
    let event = a_congress().make(app);
    let sender = Sender::of(app).await;
    sender.publish("K1", 2).await;
    app.run_jobs();
    (event, sender)
}

on_both! {
    async fn a_recording_is_given_piece_by_piece_as_it_is_asked_for(app) {
        let (_, own, _) = published(app).await;
        let (ada, file) = (app.as_attendee(&own).await, wav(60));
        let media = source_of(&ada.open(PLAYER).await.says("What we owe each other"));
        let whole = get(&ada, &media, &[("accept-encoding", "gzip")]).await.expect(200);
        assert_eq!(whole.body, file);
        let tag = whole.header("etag").unwrap().to_owned();
        for (name, value) in [
            ("content-type", "audio/wav"), ("accept-ranges", "bytes"), ("x-content-type-options", "nosniff"),
            ("content-disposition", "inline; filename=\"talk.wav\"; filename*=UTF-8''talk.wav"), ("cache-control", "private, no-cache"),
        ] {
            assert_eq!(whole.header(name), Some(value), "{name}");
        }
        let part = get(&ada, &media, &[("range", "bytes=1000-300000")]).await.expect(206);
        assert_eq!(part.header("content-range"), Some("bytes 1000-300000/480044"));
        assert_eq!(part.body, &file[1000..=300_000]);
        assert_eq!(get(&ada, &media, &[("range", "bytes=-44")]).await.expect(206).body, &file[file.len() - 44..]);
        let beyond = get(&ada, &media, &[("range", "bytes=480044-")]).await.expect(416);
        assert_eq!(beyond.header("content-range"), Some("bytes */480044"));
        assert_eq!(get(&ada, &media, &[("range", "bytes=0-9"), ("if-range", &tag)]).await.expect(206).body.len(), 10);
        assert_eq!(get(&ada, &media, &[("range", "bytes=0-9"), ("if-range", "\"older\"")]).await.expect(200).body.len(), file.len());
        assert!(get(&ada, &media, &[("if-none-match", &tag)]).await.expect(304).body.is_empty());
        let head = ada.ask(TestRequest::default().method(Method::HEAD), &media).await.expect(200);
        assert_eq!((head.body.len(), head.header("accept-ranges"), head.header("etag")), (0, Some("bytes"), Some(tag.as_str())));
    }

    async fn a_shared_link_works_for_nobody_else_and_for_its_person_only_minutes(app) {
        let (event, own, _) = published(app).await;
        let other = before(app, &event);
        let ada = app.as_attendee(&own).await;
        let link = source_of(&ada.open(PLAYER).await);
        ada.get(&link).await.expect(200);
        let bob = app.as_attendee(&other).await;
        let his = source_of(&bob.open(PLAYER).await);
        bob.get(&his).await.expect(200);
        bob.get(&link).await.expect(404).says("There is nothing at this address, or it is not yours to see.");
        let nobody = app.visitor().await;
        assert!(nobody.get(&link).await.expect(303).location().starts_with("/sign-in"));
        for broken in [format!("{link}0"), link.replace("/K1/", "/B1/"), format!("{}/media/1.0", PLAYER), format!("{}x", &link[..link.len() - 1])] {
            ada.get(&broken).await.expect(404);
        }
        app.wait_minutes(9);
        ada.get(&link).await.expect(200);
        app.wait_minutes(1);
        ada.get(&link).await.expect(409).says("This link is over.");
        // The player asks for the next one.
        let next = ada.get(&format!("{PLAYER}/link")).await.expect(200).json()["src"].as_str().unwrap().to_owned();
        assert_ne!(next, link);
        ada.get(&next).await.expect(200);
        bob.get(&next).await.expect(404);
        assert!(nobody.get(&format!("{PLAYER}/link")).await.expect(303).location().starts_with("/sign-in"));
    }

    async fn a_cancellation_ends_watching_at_once_and_so_does_the_windows_last_day(app) {
        let (event, own, _) = published(app).await;
        let gone = before(app, &event);
        let leaver = app.as_attendee(&gone).await;
        let link = source_of(&leaver.open(PLAYER).await);
        leaver.get(&link).await.expect(200);
        app.must(move |tx| registration::cancel(tx, &gone, "refunded"));
        leaver.get(&link).await.expect(409).says("Your registration was canceled, so its recordings are closed.");
        leaver.get(PLAYER).await.expect(409);
        leaver.get(&format!("{PLAYER}/link")).await.expect(409);
        leaver.open(LIST).await.says("Your registration was canceled").says_nothing_of("Not watched yet");
        // Ninety days after the event unless it is set otherwise, to the end of that day in the event's zone.
        app.set_clock("2026-06-08T23:59:59-07:00");
        let (late, sender) = (app.as_attendee(&own).await, Sender::of(app).await);
        late.open(PLAYER).await.says("Mon 8 Jun 2026, 11:59 PM Pacific");
        let last = source_of(&late.open(PLAYER).await);
        app.set_clock("2026-06-09T00:00:00-07:00");
        late.get(&last).await.expect(409).says("Recordings of this event could be watched until Mon 8 Jun 2026, 11:59 PM Pacific.");
        late.open(LIST).await.says("could be watched until");
        sender.press("K1", "publication/removal").await;
        late.get(PLAYER).await.expect(404);
    }

    async fn only_a_confirmed_registration_that_covers_the_session_opens_it(app) {
        let (event, sender) = of(app).await;
        let member = app.as_attendee(&a_registration(&event).make(app)).await;
        member.open(PLAYER).await;
        // The workshop has a price of its own, and whoever did not buy it does not see it.
        sender.publish("W1", 2).await;
        member.get("/events/congress-2026/recordings/W1").await.expect(409).says("Your registration does not include this session");
        member.open(LIST).await.says("Not in your registration").says("does not include this session");
        let with_workshop = app.as_attendee(&a_registration(&event).buying("general-workshop").make(app)).await;
        with_workshop.open("/events/congress-2026/recordings/W1").await;
        let pending = a_registration(&event).make(app);
        let id = pending.id.clone();
        app.must(move |tx| registration::set_status(tx, &id, Status::Pending));
        app.as_attendee(&pending).await.get(PLAYER).await.expect(409).says("Your registration waits for a decision.");
        // Registered elsewhere is not registered here.
        let another = a_congress().event("slug = 'another'").make(app);
        let stranger = app.as_attendee(&a_registration(&another).make(app)).await;
        stranger.get(PLAYER).await.expect(409).says("Recordings are for people who are registered for this event.");
        stranger.open(LIST).await.says("Recordings are for people who are registered for this event.");
        member.get("/events/congress-2026/recordings/B1").await.expect(404);
        member.get("/events/congress-2026/recordings/none").await.expect(404);
        app.run_jobs();
    }

    async fn a_type_without_recordings_opens_none(app) {
        let (event, sender) = of(app).await;
        let member = app.as_attendee(&a_registration(&event).make(app)).await;
        member.open(PLAYER).await;
        sender.staff.open("/staff/events/congress-2026/recording-settings").await;
        let settings = [("closes_on", "2026-06-30"), ("due_days", "7"), ("types[]", "general-workshop")];
        sender.staff.post("/staff/events/congress-2026/recording-settings", &settings).await.expect(303);
        member.get(PLAYER).await.expect(409).says("Your type of registration comes without recordings.");
    }

    async fn what_was_watched_is_a_union_and_goes_on_where_one_left(app) {
        let (_, own, sender) = published(app).await;
        let ada = app.as_attendee(&own).await;
        ada.open(LIST).await.says("Not watched yet");
        let first = report(&ada, "0-20,10-30", "30", "60.0").await.expect(200).json();
        assert_eq!((first["percent"].as_i64(), first["words"].as_str()), (Some(50), Some("30 of 60 seconds watched")));
        // Again, on another device, past the end, backwards, nonsense: none of it counts twice.
        report(&ada, "0-20,10-30", "30", "60.0").await.expect(200);
        report(&ada, "50-9999,40-35,x-y,-5-3", "55", "60.0").await.expect(200);
        let page = ada.open(LIST).await.says("40 of 60 seconds watched");
        assert!(page.html().contains("value=\"66\""), "{}", page.html());
        assert!(ada.open(PLAYER).await.html().contains("data-position=\"55.0\""));
        let kept: (String, i64) = app.look(|db| Ok(recording_views::table.select((recording_views::watched, recording_views::watched_ms)).first(db)?));
        assert_eq!(kept, ("[[0,30000],[50000,60000]]".to_owned(), 40_000));
        assert_eq!(watched::percent(kept.1, 60_000), 66);
        // Whoever may not watch any more reports nothing.
        sender.press("K1", "publication/removal").await;
        ada.open(LIST).await;
        ada.post(&format!("{PLAYER}/progress"), &[("watched", "0-60"), ("position", "60"), ("duration", "60")]).await.expect(404);
    }

    async fn watching_a_recording_never_becomes_live_credit(app) {
        let (event, own, _) = published(app).await;
        let ada = app.as_attendee(&own).await;
        let page = ada.open(PLAYER).await;
        page.says("Watching a recording does not count as attending the session: it earns no credit for it.");
        let before = app.api(lanyard::staff::Role::Education).await.get(&format!("/registrations/{}/credits", own.code)).await.expect(200).json();
        report(&ada, "0-60", "60", "60").await.expect(200);
        ada.open(LIST).await.says("Watched to the end").says("it earns no credit");
        let after = app.api_of(lanyard::staff::Role::Education, Some(event.id.clone())).await;
        assert_eq!(after.get(&format!("/registrations/{}/credits", own.code)).await.expect(200).json(), before);
        assert_eq!(app.look(|db| Ok(attendance_marks::table.count().get_result::<i64>(db)?)), 0);
    }

    async fn captions_are_for_those_who_may_watch(app) {
        let (event, own, sender) = published(app).await;
        let staff = &sender.staff;
        staff.open(&page_of("K1")).await;
        let token = staff.form_token().unwrap();
        let body = format!(
            "--b7\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--b7\r\nContent-Disposition: form-data; name=\"language\"\r\n\r\n\
             en\r\n--b7\r\nContent-Disposition: form-data; name=\"captions\"; filename=\"a.vtt\"\r\n\r\n{CAPTIONS}\r\n--b7--\r\n"
        );
        let request = TestRequest::post().insert_header(("content-type", "multipart/form-data; boundary=b7"));
        staff.ask(request.set_payload(body), &format!("{}/captions", page_of("K1"))).await.expect(303);
        let ada = app.as_attendee(&own).await;
        let page = ada.open(PLAYER).await;
        assert!(page.html().contains("<track kind=\"captions\" src=\"/events/congress-2026/recordings/K1/captions/en\" srclang=\"en\""));
        let track = ada.get(&format!("{PLAYER}/captions/en")).await.expect(200);
        assert_eq!((track.header("content-type"), track.html().trim()), (Some("text/vtt; charset=utf-8"), CAPTIONS.trim()));
        ada.get(&format!("{PLAYER}/captions/de")).await.expect(404);
        let other = a_congress().event("slug = 'another'").make(app);
        let stranger = app.as_attendee(&before(app, &other)).await;
        stranger.get(&format!("{PLAYER}/captions/en")).await.expect(409);
        assert!(app.visitor().await.get(&format!("{PLAYER}/captions/en")).await.expect(303).location().starts_with("/sign-in"));
        drop(event);
    }

    async fn the_list_says_what_is_still_to_come(app) {
        let event = a_congress().make(app);
        let ada = app.as_attendee(&a_registration(&event).make(app)).await;
        ada.open(LIST).await.says("Nothing to watch yet").says("Still to come").says("What we owe each other").says("by Tue 17 Mar 2026");
        app.set_clock("2026-03-18T00:00:00-07:00");
        ada.open(LIST).await.says("soon");
        assert!(app.visitor().await.get(LIST).await.expect(303).location().starts_with("/sign-in?next="));
        ada.get("/events/nowhere/recordings").await.expect(404);
    }
}
