//! Staff publish: captions are checked, letters go once, what is late is seen, what is published stays until it is taken back.

use super::{CAPTIONS, Sender, page_of, published, wav};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_registration, registrations};
use diesel::prelude::*;
use lanyard::db::schema::{audit_entries, captions, recordings};
use lanyard::staff::Role;
use lanyard::uploads::cleaning;

async fn with_recording(app: &TestApp) -> Sender {
    a_congress().make(app);
    let sender = Sender::of(app).await;
    let upload = sender.send("talk.wav", &wav(4)).await;
    sender.attach("K1", &upload).await.says("The recording is here.");
    sender
}

on_both! {
    async fn captions_are_checked_and_what_is_wrong_is_said_with_its_line(app) {
        let sender = with_recording(app).await;
        let staff = &sender.staff;
        let path = format!("{}/captions", page_of("K1"));
        for (file, said) in [
            ("", "Choose the file with the captions first."),
            ("1\n00:00:01,000 --> 00:00:02,000\nHi\n", "Captions: Line 1: The first line must be WEBVTT."),
            ("WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n\n00:01,500 --> 00:03.000\nHo\n", "Captions: Line 6: “00:01,500” has a comma"),
        ] {
            staff.open(&page_of("K1")).await;
            staff.upload(&path, "captions", file.as_bytes()).await.expect(303);
            staff.follow().await.says(said);
        }
        assert_eq!(app.look(|db| Ok(captions::table.count().get_result::<i64>(db)?)), 0);
        let body = |language: &str, token: &str| format!(
            "--b7\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--b7\r\nContent-Disposition: form-data; name=\"language\"\r\n\r\n\
             {language}\r\n--b7\r\nContent-Disposition: form-data; name=\"captions\"; filename=\"a.vtt\"\r\n\r\n{CAPTIONS}\r\n--b7--\r\n"
        );
        for (language, said) in [("en", "2 captions"), ("es", "Español"), ("en", "English"), ("xx", "Choose the language of the captions.")] {
            let token = { staff.open(&page_of("K1")).await; staff.form_token().unwrap() };
            let request = actix_web::test::TestRequest::post().insert_header(("content-type", "multipart/form-data; boundary=b7"));
            staff.ask(request.set_payload(body(language, &token)), &path).await.expect(303);
            staff.follow().await.says(said);
        }
        assert_eq!(app.look(|db| Ok(captions::table.count().get_result::<i64>(db)?)), 2);
        let track = staff.get(&format!("{path}/en")).await.expect(200);
        assert_eq!(track.header("content-type"), Some("text/vtt; charset=utf-8"));
        assert_eq!(track.html().trim(), CAPTIONS.trim());
        staff.open(&page_of("K1")).await;
        staff.submit("/captions/removal", &[("language", "es")]).await.expect(303);
        staff.follow().await.says("The captions are removed.");
        staff.get(&format!("{path}/es")).await.expect(404);
    }

    async fn publishing_mails_those_who_may_watch_each_once(app) {
        let event = a_congress().make(app);
        let ada = a_registration(&event).email("ada@hospital.example").make(app);
        let canceled = a_registration(&event).email("gone@hospital.example").make(app);
        let without = a_registration(&event).email("workshop@hospital.example").buying("general-workshop").make(app);
        let crowd = registrations(app, &event, 60);
        app.must(move |tx| lanyard::registration::cancel(tx, &canceled, "cannot come"));
        app.set_clock("2026-03-12T09:00:00-07:00");
        let sender = Sender::of(app).await;
        sender.staff.open("/staff/events/congress-2026/recording-settings").await;
        let types = [("types[]", "general"), ("closes_on", "2026-06-30"), ("due_days", "7")];
        sender.staff.post("/staff/events/congress-2026/recording-settings", &types).await.expect(303);
        sender.publish("K1", 2).await;
        assert!(app.run_jobs() >= 2, "fifty people a job");
        let letter = app.expect_letter("ada@hospital.example", "recording_ready");
        assert_eq!(letter.subject, "You can watch “What we owe each other”");
        letter.says("until Tue 30 Jun 2026, 11:59 PM Pacific").says("it earns no credit for it");
        letter.says("https://congress.example.org/events/congress-2026/recordings/K1");
        let told = app.letters();
        assert_eq!(told.len(), crowd.len(), "neither who canceled nor whose type comes without");
        assert!(told.iter().all(|letter| letter.kind == "recording_ready"));
        // Taken back and published again, and with another file: nobody is mailed twice.
        sender.press("K1", "publication/removal").await.says("Taken back.");
        sender.press("K1", "publication/removal").await.says("This recording is not published.");
        sender.press("K1", "removal").await.says("The recording is removed.");
        sender.publish("K1", 3).await;
        sender.press("K1", "publication").await.says("This recording is published already.");
        app.run_jobs();
        assert!(app.letters().is_empty());
        let page = format!("/staff/events/congress-2026/people/{}", ada.code);
        app.as_staff(Role::Registrar).await.open(&page).await.says("You can watch");
        drop(without);
    }

    async fn who_takes_a_recording_back_before_the_letters_went_tells_nobody(app) {
        let event = a_congress().make(app);
        a_registration(&event).make(app);
        let sender = Sender::of(app).await;
        sender.publish("K1", 1).await;
        sender.press("K1", "publication/removal").await.says("Taken back.");
        app.run_jobs();
        assert!(app.letters().is_empty());
    }

    async fn staff_see_what_is_due_and_what_is_late(app) {
        a_congress().with("sessions", "code = 'G1'\nkind = 'general'\ntitle = 'Closing'\ndate = '2026-03-10'\nstarts = '15:00'\nends = '16:00'")
            .make(app);
        app.set_clock("2026-03-09T12:00:00-07:00");
        let sender = Sender::of(app).await;
        let staff = &sender.staff;
        let list = "/staff/events/congress-2026/recordings";
        let page = staff.open(list).await.says("What we owe each other").says("A pump that listens").says("Closing").says("8 days left");
        page.says("To be recorded").says("Tue 17 Mar 2026, 11:59 PM Pacific").says_nothing_of("Handoffs that hold");
        app.set_clock("2026-03-17T23:59:59-07:00");
        // A sign-in lasts a working day.
        let sender = Sender::of(app).await;
        let staff = &sender.staff;
        staff.open(list).await.says_nothing_of("overdue");
        app.set_clock("2026-03-18T00:00:00-07:00");
        staff.open(list).await.says("1 day overdue");
        sender.publish("K1", 1).await;
        app.set_clock("2026-03-20T00:00:00-07:00");
        let sender = Sender::of(app).await;
        let staff = &sender.staff;
        staff.open(list).await.says("Published").says("3 days overdue");
        staff.open("/staff/events/congress-2026/recording-settings").await;
        staff.submit("/recording-settings", &[("due_days", "x"), ("closes_on", "2026-01-01")]).await.expect(422)
            .says("Enter a number of days between 0 and 90.").says("The last day of watching lies before the event.");
        staff.submit("/recording-settings", &[("due_days", "14"), ("closes_on", "2026-06-30")]).await.expect(303);
        staff.follow().await.says("The settings are saved.").says_nothing_of("days overdue").says("Tue 24 Mar 2026, 11:59 PM Pacific");
        app.run_jobs();
    }

    async fn a_published_recording_is_not_removed_and_one_that_is_goes_with_its_bytes(app) {
        let (_, _, sender) = published(app).await;
        sender.press("K1", "removal").await.says("This recording is published. Take it back first.");
        sender.press("K1", "publication/removal").await.says("Taken back.");
        sender.press("K1", "removal").await.says("The recording is removed.");
        sender.press("K1", "publication").await.says("This session has no recording yet.");
        assert_eq!(app.look(|db| Ok(recordings::table.count().get_result::<i64>(db)?)), 0);
        assert_eq!(cleaning::sweep(app).await.unwrap(), 1);
        assert!(crate::recordings::sending::stored(app).is_empty());
        let kinds = app.look(|db| Ok(audit_entries::table
            .filter(audit_entries::subject_kind.eq("recording")).order(audit_entries::id.asc()).select(audit_entries::action).load::<String>(db)?));
        assert_eq!(kinds, ["recording.added", "recording.published", "recording.unpublished", "recording.removed"]);
    }
}
