//! Several reports of one session: what corrects, what is added, and what is of another meeting (WEB-1).

use diesel::prelude::*;
use lanyard::db::schema::{participants, report_ends};
use lanyard::participation;

use super::reports::{REPORT, a_report, after_p1, import, minutes};
use crate::on_both;
use crate::support::app::TestApp;

/// The same meeting without the number that the platform gave it.
fn nameless(report: &str) -> String {
    report.split_once("\n\n").expect("a summary").1.to_owned()
}

fn ended(app: &TestApp) -> i64 {
    app.look(|db| Ok(report_ends::table.count().get_result(db)?))
}

on_both! {
    async fn the_second_half_of_a_meeting_that_was_begun_again_is_added_and_the_preview_says_so(app) {
        let (event, ada, _, staff) = after_p1(app).await;
        let half = |from, to| a_report(&[("Ada", "ada@hospital.example", from, to)]);
        import(&staff, &half("01:00:00 PM", "01:20:00 PM")).await;
        let second = half("01:22:00 PM", "02:00:00 PM");
        staff.open(REPORT).await;
        let preview = staff.upload(&format!("{REPORT}/preview"), "file", second.as_bytes()).await.expect(200);
        preview.says("It is added to what counts already: the report of Wed 22 Apr 2026, 1:00–1:20 PM").says_nothing_of("takes the place");
        staff.confirm_upload(REPORT, &[]).await.expect(303);
        assert_eq!((minutes(app, &event, &ada.id), ended(app)), (58, 0));
        staff.open(REPORT).await;
        let again = half("01:22:00 PM", "01:50:00 PM");
        let preview = staff.upload(&format!("{REPORT}/preview"), "file", again.as_bytes()).await.expect(200);
        preview.says("It takes the place of the report of Wed 22 Apr 2026, 1:22–2:00 PM").says("added to what counts already: the report of Wed 22 Apr 2026, 1:00–1:20 PM");
        staff.confirm_upload(REPORT, &[]).await.expect(303);
        assert_eq!((minutes(app, &event, &ada.id), ended(app)), (48, 1));
        // The whole takes the place of both.
        import(&staff, &half("01:05:00 PM", "01:45:00 PM")).await;
        assert_eq!((minutes(app, &event, &ada.id), ended(app)), (40, 3));
    }

    async fn reports_without_a_number_take_the_place_of_one_another_only_where_they_overlap(app) {
        let (event, ada, _, staff) = after_p1(app).await;
        let part = |from, to| nameless(&a_report(&[("Ada", "ada@hospital.example", from, to)]));
        import(&staff, &part("01:00:00 PM", "01:20:00 PM")).await;
        import(&staff, &part("01:22:00 PM", "02:00:00 PM")).await;
        assert_eq!(minutes(app, &event, &ada.id), 58);
        import(&staff, &part("01:00:00 PM", "01:10:00 PM")).await;
        assert_eq!((minutes(app, &event, &ada.id), ended(app)), (48, 1));
        // With its number it corrects what had none.
        import(&staff, &a_report(&[("Ada", "ada@hospital.example", "01:22:00 PM", "01:30:00 PM")])).await;
        assert_eq!((minutes(app, &event, &ada.id), ended(app)), (18, 2));
    }

    async fn a_report_read_in_the_wrong_zone_is_corrected_by_reading_it_in_the_right_one(app) {
        let (event, ada, _, staff) = after_p1(app).await;
        // Downloaded in Central: from ten before the hour to five after it of another clock.
        let central = "Attendee Report\nReport Generated:,\"Apr 22, 2026 1:30 PM\"\nTopic,Webinar ID,Actual Start Time\nX,99,\"Apr 22, 2026 11:50 AM\"\n\
            Attendee Details\nAttended,User Name,Email,Join Time,Leave Time\n\
            Yes,Ada,ada@hospital.example,\"Apr 22, 2026 11:50:00\",\"Apr 22, 2026 13:05:00\"\n";
        import(&staff, central).await;
        assert_eq!(minutes(app, &event, &ada.id), 5);
        for (zone, counted, gone) in [("America/Chicago", 60, 1), ("America/New_York", 5, 2), ("America/Chicago", 60, 3)] {
            staff.open(REPORT).await;
            staff.upload(&format!("{REPORT}/preview"), "file", central.as_bytes()).await.expect(200);
            staff.confirm_upload(&format!("{REPORT}/preview"), &[("zone", zone)]).await.expect(200).says("takes the place of the report");
            staff.confirm_upload(REPORT, &[]).await.expect(303);
            assert_eq!((minutes(app, &event, &ada.id), ended(app)), (counted, gone), "{zone}");
        }
    }

    async fn of_an_export_of_several_meetings_the_sessions_is_taken_and_nobody_of_the_others(app) {
        let (event, ada, brian, staff) = after_p1(app).await;
        let mut export = "Topic,Meeting ID,Start Time,Name,Email,Join Time,Leave Time\n".to_owned();
        let rows = [
            ("Huddle", "111", "Brian", "brian@hospital.example", "11:00:00 AM", "01:05:00 PM"),
            ("Huddle", "111", "Cleo", "cleo@elsewhere.example", "11:00:00 AM", "01:05:00 PM"),
            ("The board meeting", "812 0000 0001", "Ada", "ada@hospital.example", "12:50:00 PM", "01:40:00 PM"),
            ("The board meeting", "812 0000 0001", "Dana", "dana@elsewhere.example", "01:00:00 PM", "02:00:00 PM"),
            ("The board meeting", "812 0000 0001", "Early", "early@elsewhere.example", "12:30:00 PM", "12:40:00 PM"),
        ];
        for (topic, number, name, email, from, to) in rows {
            export.push_str(&format!("{topic},{number},04/22/2026 {from},{name},{email},04/22/2026 {from},04/22/2026 {to}\n"));
        }
        // A meeting begins when it begins, whoever joins when.
        let export = export.replace("0001,04/22/2026 12:50:00 PM,", "0001,04/22/2026 12:30:00 PM,").replace("0001,04/22/2026 01:00:00 PM,", "0001,04/22/2026 12:30:00 PM,");
        staff.open(REPORT).await;
        let preview = staff.upload(&format!("{REPORT}/preview"), "file", export.as_bytes()).await.expect(200);
        preview.says("Meeting 81200000001").says("2 rows of other meetings in the file are left out").says("To decide: 1").says("Dana").says_nothing_of("Cleo");
        staff.confirm_upload(REPORT, &[]).await.expect(303);
        assert_eq!((minutes(app, &event, &ada.id), minutes(app, &event, &brian.id)), (40, 0));
        let waiting: Vec<String> = app.look(|db| {
            Ok(participants::table.filter(participants::standing.eq("waiting")).select(participants::name).load(db)?)
        });
        assert_eq!(waiting, ["Dana"], "who was gone before it began is nobody's to decide");
    }

    async fn a_program_with_a_persons_email_gives_and_takes_no_minutes(app) {
        let (event, ada, brian, staff) = after_p1(app).await;
        let rows = [
            ("Ada's Notetaker (Otter.ai)", "ada@hospital.example", "01:00:00 PM", "02:00:00 PM"), ("Ada", "ada@hospital.example", "01:00:00 PM", "01:20:00 PM"),
            ("Brian", "brian@hospital.example", "01:00:00 PM", "01:30:00 PM"), ("Brian's Notetaker", "brian@hospital.example", "01:00:00 PM", "02:00:00 PM"),
            ("iPhone", "", "01:00:00 PM", "01:30:00 PM"), ("iPhone", "", "01:40:00 PM", "01:50:00 PM"),
        ];
        import(&staff, &a_report(&rows)).await;
        assert_eq!((minutes(app, &event, &ada.id), minutes(app, &event, &brian.id)), (20, 30));
        let session = app.look(|db| lanyard::webinars::get(db, &event, "P1"));
        assert_eq!(app.look(|db| participation::queue::waiting(db, &session.id)), 2, "two telephones are two until staff say otherwise");
    }
}
