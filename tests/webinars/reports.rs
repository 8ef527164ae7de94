//! Participant reports: what they mean before they count, the queue, later reports that correct, and what is refused.

use diesel::prelude::*;
use lanyard::checkin::online;
use lanyard::checkin::presence::{union, whole_minutes};
use lanyard::db::schema::{attendance_marks, audit_entries, participant_stays, presences};
use lanyard::events::Event;
use lanyard::ids::RegistrationId;
use lanyard::participation::file;
use lanyard::registration::Registration;
use lanyard::staff::Role;
use lanyard::webinars;

use super::{STAFF, a_guest, a_ready_series, link};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::visitor::Visitor;

pub const REPORT: &str = "/staff/events/series-2026/sessions/P1/report";
pub const QUEUE: &str = "/staff/events/series-2026/sessions/P1/participants";
pub const HEAD: &str = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n";

/// A meeting's report with these rows, times in Eastern on the day.
pub fn a_report(rows: &[(&str, &str, &str, &str)]) -> String {
    let row = |(name, email, from, to): &(&str, &str, &str, &str)| format!("{name},{email},04/22/2026 {from},04/22/2026 {to},1,Yes\n");
    let top = "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\n\
        812 0000 0001,The board meeting,04/22/2026 12:45:00 PM,04/22/2026 02:05:00 PM,host@example.org,80,3\n\n";
    format!("{top}{HEAD}{}", rows.iter().map(row).collect::<String>())
}

/// Imports a report as staff do, after its preview.
pub async fn import(staff: &Visitor, report: &str) {
    staff.open(REPORT).await;
    staff.upload(&format!("{REPORT}/preview"), "file", report.as_bytes()).await.expect(200);
    staff.confirm_upload(REPORT, &[]).await.expect(303);
}

pub fn minutes(app: &TestApp, event: &Event, registration: &RegistrationId) -> i64 {
    let session = app.look(|db| webinars::get(db, event, "P1"));
    let stays = app.look(|db| online::of_registration(db, registration)).remove(&session.id).unwrap_or_default();
    whole_minutes(&union(stays.into_iter().map(|(from, to, _)| (from, to)).collect(), session.starts_at, session.ends_at))
}

fn seen(app: &TestApp) -> i64 {
    app.look(|db| Ok(presences::table.count().get_result(db)?))
}

pub async fn after_p1(app: &TestApp) -> (Event, Registration, Registration, Visitor) {
    let event = a_ready_series(app);
    let (ada, bo) = (a_guest(app, &event, "Ada", "Okonkwo"), a_guest(app, &event, "Brian", "Smith"));
    app.set_clock("2026-04-22T15:00:00-04:00");
    let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
    (event, ada, bo, staff)
}

on_both! {
    async fn a_report_is_shown_before_it_counts_and_minutes_are_matched_by_email(app) {
        let (event, ada, _, staff) = after_p1(app).await;
        staff.open(STAFF).await.says("None imported yet");
        staff.click("Import a report").await.expect(200).says("Zone of its times");
        let report = a_report(&[
            ("Ada Okonkwo", "ADA@hospital.example", "12:50:00 PM", "01:20:00 PM"), ("Ada Okonkwo", "ada@hospital.example", "01:30:00 PM", "02:05:00 PM"),
            ("Ada’s phone", "ada@hospital.example", "01:10:00 PM", "01:15:00 PM"), ("Host", "host@example.org", "12:45:00 PM", "02:05:00 PM"),
            ("Ada's Notetaker (Otter.ai)", "bot@otter.example", "01:00:00 PM", "02:00:00 PM"), ("Late", "late@example.org", "soon", "02:00:00 PM"),
        ]);
        let preview = staff.upload(&format!("{REPORT}/preview"), "file", report.as_bytes()).await.expect(200);
        let preview = preview.says("Wed 22 Apr 2026, 12:45–2:05 PM Eastern").says("The session is").says("12:50–1:20 PM");
        preview.says("Matched: 1").says("Left out: 2").says("10").says("The times of joining and leaving cannot be read");
        assert_eq!((minutes(app, &event, &ada.id), seen(app)), (0, 0), "nothing is written yet");
        staff.confirm_upload(REPORT, &[]).await.expect(303);
        staff.follow().await.says("1 matched, 0 to decide, 2 left out, 1 row not read").says("Participants, one row a join, 5 rows");
        assert_eq!((minutes(app, &event, &ada.id), seen(app)), (50, 1));
        let page = staff.open("/staff/events/series-2026/sessions/P1/attendance").await;
        page.says("Ada Okonkwo").says("50").says("Online").says("1:00–1:20 PM").says("1:30–2:00 PM");
        let facts: Vec<String> = app.look(|db| {
            Ok(audit_entries::table.filter(audit_entries::action.eq("participant_report.imported")).select(audit_entries::facts).load(db)?)
        });
        assert!(facts.len() == 1 && !facts[0].contains("hospital.example"), "{facts:?}");
    }

    async fn a_later_report_corrects_and_never_doubles_and_an_earlier_one_is_refused(app) {
        let (event, ada, _, staff) = after_p1(app).await;
        let row = |to| a_report(&[("Ada", "ada@hospital.example", "01:00:00 PM", to)]);
        for (to, counted) in [("01:20:00 PM", 20), ("01:20:00 PM", 20), ("01:50:00 PM", 50), ("01:10:00 PM", 10)] {
            import(&staff, &row(to)).await;
            assert_eq!(minutes(app, &event, &ada.id), counted);
        }
        // Another meeting of the same webinar is not corrected by it but added.
        import(&staff, &a_report(&[("Ada", "ada@hospital.example", "01:40:00 PM", "01:50:00 PM")]).replace("812 0000 0001", "812 0000 0002")).await;
        assert_eq!(minutes(app, &event, &ada.id), 20);
        // Somebody whom the later report does not name was not there.
        import(&staff, &a_report(&[("Brian", "brian@hospital.example", "01:00:00 PM", "02:00:00 PM")])).await;
        assert_eq!((minutes(app, &event, &ada.id), seen(app)), (10, 2));
        let webinar = |made: &str, to: &str| {
            format!("Attendee Report\nReport Generated:,\"{made}\"\nTopic,Webinar ID,Actual Start Time\nX,99,\"Apr 22, 2026 1:00 PM\"\nAttendee Details\n\
                Attended,User Name,Email,Join Time,Leave Time\nYes,Ada,ada@hospital.example,\"Apr 22, 2026 13:00:00\",\"{to}\"\n")
        };
        import(&staff, &webinar("Apr 22, 2026 3:00 PM", "Apr 22, 2026 13:30:00")).await;
        staff.open(REPORT).await;
        let older = webinar("Apr 22, 2026 2:00 PM", "Apr 22, 2026 13:15:00");
        staff.upload(&format!("{REPORT}/preview"), "file", older.as_bytes()).await.expect(422).says("A later report of this meeting counts already");
    }

    async fn staff_say_who_is_who_with_suggestions_and_later_reports_know_it(app) {
        let (event, ada, brian, staff) = after_p1(app).await;
        app.set_clock("2026-04-22T12:58:00-04:00");
        let path = link(app, &event, &ada);
        let visitor = app.visitor().await;
        visitor.open(&path).await;
        visitor.submit("/join/", &[]).await.expect(303);
        app.set_clock("2026-04-22T15:00:00-04:00");
        let rows = [
            ("iPhone (Brian Smith)", "", "01:00:00 PM", "01:40:00 PM"), ("Ada O", "", "12:59:00 PM", "01:30:00 PM"),
            ("15550001234", "", "01:00:00 PM", "01:30:00 PM"), ("Eve Nobody", "eve@elsewhere.example", "01:00:00 PM", "02:00:00 PM"),
        ];
        import(&staff, &a_report(&rows)).await;
        let queue = staff.open(QUEUE).await.says("iPhone (Brian Smith)").says("same name").says("40 of 60 minutes");
        queue.says("joined by their link at that time").says("15550001234");
        assert_eq!((minutes(app, &event, &ada.id), minutes(app, &event, &brian.id)), (0, 0), "names alone count for nobody");
        staff.submit(QUEUE, &[]).await.expect(303);
        staff.follow().await.says("1 matched by their names").says_nothing_of("iPhone");
        assert_eq!(minutes(app, &event, &brian.id), 40);
        // Ada by her code, the phone by nobody's.
        for (name, code) in [("15550001234", "REG-ZZZZZZ"), ("Ada O", ada.code.as_str())] {
            let page = staff.open(QUEUE).await.html();
            let action = card_of(&page, name);
            let answer = staff.submit(&action, &[("registration", code)]).await;
            if code == ada.code { answer.expect(303) } else { answer.expect(422).says("Enter the code of a confirmed registration") };
        }
        assert_eq!(minutes(app, &event, &ada.id), 30);
        let page = staff.open(QUEUE).await.html();
        staff.submit(&card_of(&page, "Eve Nobody"), &[("nobody", "yes")]).await.expect(303);
        staff.follow().await.says_nothing_of("Eve Nobody");
        staff.open(&format!("{QUEUE}?show=left-out")).await.says("Eve Nobody");
        // A later report of the same people needs no decision again.
        let later: Vec<_> = rows.iter().map(|(name, email, from, _)| (*name, *email, *from, "02:00:00 PM")).collect();
        import(&staff, &a_report(&later)).await;
        assert_eq!((minutes(app, &event, &ada.id), minutes(app, &event, &brian.id)), (60, 60));
        staff.open(&format!("{QUEUE}?show=matched")).await.says("Decided by staff").says("Ada Okonkwo");
        app.as_staff(Role::Finance).await.get(QUEUE).await.expect(403);
    }

    async fn the_zone_is_asked_and_a_report_that_does_not_touch_the_session_is_refused(app) {
        let (event, ada, _, staff) = after_p1(app).await;
        let central = a_report(&[("Ada", "ada@hospital.example", "12:05:00 PM", "12:50:00 PM")]);
        staff.open(REPORT).await;
        let refused = staff.upload(&format!("{REPORT}/preview"), "file", central.as_bytes()).await.expect(422);
        refused.says("Nobody in it was in the session").says("In the zone America/Chicago it would fit");
        let shifted = a_report(&[("Ada", "ada@hospital.example", "11:50:00 AM", "01:05:00 PM")]);
        staff.open(REPORT).await;
        let preview = staff.upload(&format!("{REPORT}/preview"), "file", shifted.as_bytes()).await.expect(200);
        preview.says("Is the zone right?").says("Read in America/Chicago");
        let again = staff.confirm_upload(&format!("{REPORT}/preview"), &[("zone", "America/Chicago")]).await.expect(200);
        again.says("12:50–2:05 PM").says_nothing_of("Is the zone right?");
        staff.confirm_upload(REPORT, &[]).await.expect(303);
        assert_eq!(minutes(app, &event, &ada.id), 60);
        let other_day = a_report(&[("Ada", "ada@hospital.example", "01:00:00 PM", "02:00:00 PM")]).replace("04/22/2026", "03/22/2026");
        staff.open(REPORT).await;
        let refused = staff.upload(&format!("{REPORT}/preview"), "file", other_day.as_bytes()).await.expect(422);
        refused.says("This report is of Sun 22 Mar 2026").says("is Wed 22 Apr 2026, 1:00–2:00 PM Eastern");
        for (bytes, words) in [(&b"PK\x03\x04"[..], "This is a spreadsheet"), (b"a,b\n1,2\n", "This is no participant report"), (b"", "Choose the file first")] {
            staff.open(REPORT).await;
            staff.upload(&format!("{REPORT}/preview"), "file", bytes).await.expect(422).says(words);
        }
    }

    async fn a_report_is_taken_back_with_a_reason(app) {
        let (event, ada, _, staff) = after_p1(app).await;
        import(&staff, &a_report(&[("Ada", "ada@hospital.example", "01:00:00 PM", "02:00:00 PM")])).await;
        staff.open(STAFF).await;
        staff.click("Take it back").await.expect(200).says("stays on record and counts no more");
        staff.submit("/withdrawal", &[("reason", "")]).await.expect(422).says("Say why");
        staff.submit("/withdrawal", &[("reason", "It is of the rehearsal")]).await.expect(303);
        staff.follow().await.says("None imported yet");
        assert_eq!((minutes(app, &event, &ada.id), seen(app)), (0, 0));
        let kept: i64 = app.look(|db| Ok(participant_stays::table.count().get_result(db)?));
        assert_eq!((kept, app.look(|db| Ok(attendance_marks::table.count().get_result::<i64>(db)?))), (1, 0));
    }
}

/// The address that the form for a code posts to, in the card of this name.
fn card_of(page: &str, name: &str) -> String {
    let card =
        page.split("<li class=\"card\"").find(|card| card.contains(&format!("name\">{name}</h2>"))).unwrap_or_else(|| panic!("no {name}"));
    let form = card.split("<form class=\"bar\"").nth(1).expect("a form");
    form.split("action=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an address").to_owned()
}

#[test]
fn fifty_thousand_rows_are_read_and_put_together() {
    let mut text = HEAD.to_owned();
    for number in 0..50_000 {
        let minute = number % 50;
        text.push_str(&format!(
            "Person {n},p{n}@example.org,04/22/2026 01:{minute:02}:00 PM,04/22/2026 01:{minute:02}:59 PM,1,No\n",
            n = number / 2
        ));
    }
    let file = file::read(text.as_bytes()).unwrap();
    assert_eq!((file.rows.len(), file.unread.len()), (50_000, 0));
}
