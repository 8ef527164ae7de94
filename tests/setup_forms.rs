//! Staff set up an event by hand: from an empty database to open registration, with every mistake told beside its field.

use crate::on_both;
use crate::support::builders::{a_congress, a_registration, session, standing};
use crate::support::visitor::Visitor;
use lanyard::enrollment::Status;
use lanyard::staff::Role;
use lanyard::{agenda, audit, checkin, events, pricing};

const BASE: &str = "/staff/events/congress-2026";
const TOML: &[u8] = include_bytes!("data/congress.toml");

/// Sends the form of a page, filled in.
async fn fill(visitor: &Visitor, page: &str, action: &str, fields: &[(&str, &str)]) -> crate::support::visitor::Answer {
    visitor.open(page).await;
    visitor.submit(action, fields).await
}

/// The preview's own form, sent as a browser does.
async fn confirm(visitor: &Visitor, action: &str, more: &[(&str, &str)]) -> crate::support::visitor::Answer {
    visitor.confirm_upload(action, more).await
}

/// A schedule with one good session, and one whose duration is given.
fn schedule(start: &str, duration: &str) -> String {
    format!(
        "<schedule><conference><title>C</title><time_zone_name>America/Los_Angeles</time_zone_name></conference>\n\
         <day date='2026-03-09'>\n<room name='Room 1'>\n\
         <event guid='aaaaaaaa-0000-4000-8000-000000000001'><start>{start}</start><duration>01:00</duration><title>Rounds</title></event>\n\
         <event guid='aaaaaaaa-0000-4000-8000-000000000002'><start>16:00</start><duration>{duration}</duration><title>Huddles</title></event>\n\
         </room></day></schedule>"
    )
}

on_both! {
    async fn somebody_with_an_empty_database_opens_a_congress_for_registration(app) {
        let owner = app.as_staff(Role::Owner).await;
        owner.open("/staff").await.says("No event yet");
        owner.click("New event").await.expect(200);
        let event = [
            ("name", "Nordic Safety Congress"), ("slug", "nordic-2026"), ("starts_on", "2026-06-01"), ("ends_on", "2026-06-02"),
            ("zone", "Europe/Oslo"), ("venue", "Harbor House"), ("help_email", "help@nordic.example"), ("currency", "EUR"),
        ];
        owner.submit("/staff/events", &event).await.expect(303);
        owner.follow().await.expect(200).says("Not open for registration").says("Still missing before people can register: 2");
        let base = "/staff/events/nordic-2026";
        let kind = [("name", "Everything"), ("code", "all-days"), ("tier_name[]", "Only"), ("tier_price[]", "450.00"), ("tier_until[]", "")];
        let answer = fill(&owner, &format!("{base}/setup/types/new"), "setup/types", &kind).await.expect(303);
        assert_eq!(answer.location(), format!("{base}/setup/types"));
        fill(&owner, &format!("{base}/setup"), "setup/publication", &[("published", "yes")]).await.expect(303);
        owner.follow().await.says("Open for registration");
        let public = app.visitor().await;
        public.open("/events/nordic-2026").await.says("Nordic Safety Congress").says("Everything").says("450");
        public.open("/events/nordic-2026/register").await.expect(200).says("Who you are");
        let event = app.look(|db| events::get(db, "nordic-2026"));
        assert!(app.look(|db| audit::of_event(db, &event.id, 10)).len() >= 3);
    }

    async fn everything_wrong_with_a_form_is_told_beside_its_field_and_what_was_typed_stays(app) {
        a_congress().make(app);
        let owner = app.as_staff(Role::Owner).await;
        let wrong = [("name", ""), ("slug", "Not A Slug"), ("starts_on", "2026-06-02"), ("ends_on", "2026-06-01"), ("venue", "Höfn & Co")];
        let answer = fill(&owner, "/staff/events/new", "/staff/events", &wrong).await.expect(422);
        let answer = answer.says("Enter the event's name.").says("Use lower-case letters").says("The last day is before the first.");
        assert!(answer.html().contains("value=\"Höfn &amp; Co\""), "{}", answer.html());
        let wrong = [("code", "b1"), ("title", "Again"), ("starts", "10:00"), ("ends", "09:00"), ("capacity", "many")];
        let page = fill(&owner, &format!("{BASE}/sessions/new"), "/sessions", &wrong).await.expect(422);
        page.says("Another session has the code b1.").says("It ends before it starts.").says("“many” does not fit.");
        let wrong = [("code", "late"), ("name", "Late"), ("tier_name[]", "Early"), ("tier_price[]", "10"), ("tier_until[]", "2026-03-01")];
        let page = fill(&owner, &format!("{BASE}/setup/types/new"), "setup/types", &wrong).await.expect(422);
        page.says("The last price has no last day");
        let wrong = [("code", "general"), ("name", "Late"), ("covers[]", "")];
        let page = fill(&owner, &format!("{BASE}/setup/types/new"), "setup/types", &wrong).await.expect(422);
        page.says("Another registration type has the code general.").says("Enter at least one price.");
        let wrong = [("code", "door-B2"), ("name", "Room 2"), ("window_opens[]", "2026-03-08T02:30"), ("window_closes[]", "2026-03-08T04:00")];
        let page = fill(&owner, &format!("{BASE}/setup/checkpoints/new"), "setup/checkpoints", &wrong).await.expect(422);
        page.says("Choose the session behind this door.").says("the clocks go forward then");
        let page = fill(&owner, &format!("{BASE}/setup/badge-places/new"), "setup/badge-places", &[("closes", "")]).await.expect(422);
        page.says("Enter where badges are picked up.").says("Enter a day and a time.");
        let page = fill(&owner, &format!("{BASE}/setup/codes/new"), "setup/codes", &[("code", "safer-10"), ("percent", "200")]).await;
        page.expect(422).says("There is already a code SAFER-10.").says("“200” does not fit.").says("Enter how many people may use it.");
    }

    async fn each_thing_is_added_changed_and_taken_away(app) {
        let event = a_congress().make(app);
        let owner = app.as_staff(Role::Owner).await;
        fill(&owner, &format!("{BASE}/setup/rooms/new"), "setup/rooms", &[("name", "Alder"), ("code", "alder")]).await.expect(303);
        fill(&owner, &format!("{BASE}/setup/rooms/alder"), "rooms/alder", &[("capacity", "40")]).await.expect(303);
        owner.follow().await.says("Alder").says("40");
        fill(&owner, &format!("{BASE}/setup/rooms/r1"), "rooms/r1/removal", &[]).await.expect(303);
        owner.follow().await.says("sessions are in this room");
        fill(&owner, &format!("{BASE}/setup/rooms/alder"), "rooms/alder/removal", &[]).await.expect(303);
        owner.follow().await.says_nothing_of("Alder");
        fill(&owner, &format!("{BASE}/setup/tracks/new"), "setup/tracks", &[("name", "Learning"), ("code", "learning")]).await.expect(303);
        fill(&owner, &format!("{BASE}/setup/tracks/learning"), "tracks/learning", &[("name", "Learning system")]).await.expect(303);
        owner.follow().await.says("Learning system");
        let hours = [("title", "Hours"), ("body", "From eight.")];
        fill(&owner, &format!("{BASE}/setup/info/new"), "setup/info", &hours).await.expect(303);
        owner.follow().await.says("Hours");
        owner.click("Hours").await.expect(200);
        owner.submit("setup/info/", &[("body", "From seven.")]).await.expect(303);
        app.visitor().await.open("/events/congress-2026").await.says("From seven.");
        let code = [("code", "Spring-20"), ("percent", "20"), ("cap", "5")];
        fill(&owner, &format!("{BASE}/setup/codes/new"), "setup/codes", &code).await.expect(303);
        fill(&owner, &format!("{BASE}/setup/codes/SPRING20"), "codes/SPRING20", &[("percent", "25")]).await.expect(303);
        assert_eq!(app.look(|db| pricing::find_discount_code(db, &event.id, "SPRING20")).map(|code| code.percent), Some(25));
        let door = [("code", "door-B2"), ("name", "Room 2"), ("session", "B2")];
        fill(&owner, &format!("{BASE}/setup/checkpoints/new"), "setup/checkpoints", &door).await.expect(303);
        let open = [("window_opens[]", "2026-03-09T09:30"), ("window_closes[]", "2026-03-09T11:30")];
        fill(&owner, &format!("{BASE}/setup/checkpoints/door-B2"), "checkpoints/door-B2", &open).await.expect(303);
        let doors = app.look(|db| checkin::checkpoints(db, &event.id));
        let door = doors.iter().find(|door| door.code == "door-B2").expect("the door");
        assert_eq!((app.look(|db| checkin::windows(db, &door.id)).len(), door.in_only), (1, true));
        fill(&owner, &format!("{BASE}/setup/checkpoints/door-B2"), "door-B2/removal", &[]).await.expect(303);
    }

    async fn an_unchanged_form_changes_nothing_and_leaves_no_entry(app) {
        let event = a_congress().make(app);
        let owner = app.as_staff(Role::Owner).await;
        let entries = || app.look(|db| audit::of_event(db, &event.id, 500)).len();
        let before = entries();
        for (page, action) in [
            ("setup/event", "setup/event"), ("setup/types/general", "types/general"), ("setup/types/general-workshop", "types/general-workshop"),
            ("setup/types/support-person", "types/support-person"), ("setup/codes/SAFER10", "codes/SAFER10"), ("setup/rooms/r1", "rooms/r1"),
            ("setup/tracks/teams", "tracks/teams"), ("sessions/W1", "sessions/W1"), ("sessions/K1", "sessions/K1"),
            ("setup/checkpoints/pickup", "checkpoints/pickup"), ("setup/checkpoints/door-K1", "checkpoints/door-K1"),
        ] {
            owner.open(&format!("{BASE}/{page}")).await;
            owner.submit(action, &[]).await.expect(303);
        }
        assert_eq!(entries(), before);
        let bundle = app.look(|db| pricing::get_type(db, &event.id, "general-workshop"));
        assert_eq!(app.look(|db| pricing::covered_sessions(db, &bundle.id)).len(), 7);
    }
}

on_both! {
    async fn moving_a_session_tells_everyone_enrolled_and_names_the_conflict(app) {
        let event = a_congress().make(app);
        let ada = a_registration(&event).email("ada@hospital.example").in_sessions(&["B1", "B4"]).make(app);
        let content = app.as_staff(Role::Content).await;
        let later = [("starts", "11:00"), ("ends", "12:00")];
        fill(&content, &format!("{BASE}/sessions/B1"), "sessions/B1", &later).await.expect(303);
        app.run_jobs();
        app.expect_letter("ada@hospital.example", "session_moved").says("Handoffs that hold").says("Back to back");
        let moved = session(app, &event, "B1");
        assert_eq!((moved.calendar_sequence, standing(app, &ada, &moved)), (1, Some((Status::Enrolled, None))));
        // What nobody's calendar shows is no news.
        fill(&content, &format!("{BASE}/sessions/B1"), "sessions/B1", &[("abstract", "New words.")]).await.expect(303);
        assert_eq!(session(app, &event, "B1").calendar_sequence, 1);
    }

    async fn fewer_seats_take_nobodys_seat_and_more_seats_go_to_the_line(app) {
        let event = a_congress().seats("B3", 2).make(app);
        let people: Vec<_> = (0..4).map(|_| a_registration(&event).in_sessions(&["B3"]).make(app)).collect();
        let content = app.as_staff(Role::Content).await;
        let b3 = session(app, &event, "B3");
        let enrolled = || people.iter().filter(|person| standing(app, person, &b3) == Some((Status::Enrolled, None))).count();
        fill(&content, &format!("{BASE}/sessions/B3"), "sessions/B3", &[("capacity", "1")]).await.expect(303);
        assert_eq!(enrolled(), 2);
        fill(&content, &format!("{BASE}/sessions/B3"), "sessions/B3", &[("capacity", "3")]).await.expect(303);
        assert_eq!(enrolled(), 3);
        assert_eq!(app.letters().iter().filter(|letter| letter.kind == "promoted").count(), 1);
    }

    async fn canceling_a_session_needs_a_reason_and_tells_it(app) {
        let event = a_congress().make(app);
        a_registration(&event).email("ada@hospital.example").in_sessions(&["B1"]).make(app);
        let content = app.as_staff(Role::Content).await;
        let page = format!("{BASE}/sessions/B1");
        fill(&content, &page, "B1/cancellation", &[("reason", " ")]).await.expect(422).says("Say why; everyone enrolled will read it.");
        fill(&content, &page, "B1/cancellation", &[("reason", "The speaker is ill.")]).await.expect(303);
        app.run_jobs();
        app.expect_letter("ada@hospital.example", "session_canceled").says("The speaker is ill.");
        content.follow().await.says("Canceled");
        content.post(&format!("{page}/cancellation"), &[("reason", "Again.")]).await.expect(422).says("canceled already");
    }

    async fn a_changed_badge_place_is_shown_as_a_change_and_mailed_to_everyone_registered(app) {
        let event = a_congress().make(app);
        a_registration(&event).email("ada@hospital.example").make(app);
        let owner = app.as_staff(Role::Owner).await;
        owner.open(&format!("{BASE}/setup/badge-places")).await;
        owner.click("Quay Entrance").await.expect(200);
        owner.submit("badge-places/", &[("audience", "Sunday")]).await.expect(303);
        assert_eq!(app.run_jobs(), 0, "for whom is no news");
        owner.open(&format!("{BASE}/setup/badge-places")).await;
        owner.click("Quay Entrance").await.expect(200);
        owner.submit("badge-places/", &[("place", "North Entrance")]).await.expect(303);
        app.run_jobs();
        app.expect_letter("ada@hospital.example", "badge_place_changed").says("North Entrance").says("Quay Entrance");
        app.visitor().await.open("/events/congress-2026").await.says("North Entrance").says("Quay Entrance");
    }

    async fn settings_that_others_rely_on_stay_once_they_do(app) {
        a_congress().make(app);
        let owner = app.as_staff(Role::Owner).await;
        let change = [("slug", "other-name"), ("zone", "America/New_York")];
        let page = fill(&owner, &format!("{BASE}/setup/event"), "setup/event", &change).await.expect(422);
        page.says("links to its address are already in people's letters").says("it cannot change any more");
    }

    async fn content_staff_change_the_agenda_and_nothing_else(app) {
        let event = a_congress().make(app);
        let other = a_congress().event("slug = 'other'").make(app);
        let content = app.as_staff_of(Role::Content, Some(event.id.clone())).await;
        content.open("/staff").await.says("Patient Safety Congress").says_nothing_of("New event");
        content.open(&format!("{BASE}/sessions")).await.says("Handoffs that hold");
        content.get(&format!("{BASE}/setup/types")).await.expect(403);
        content.get(&format!("/staff/events/{}/sessions", other.slug)).await.expect(403);
        content.get(&format!("{BASE}/sessions/nothing")).await.expect(404);
        let owner = app.as_staff_of(Role::Owner, Some(event.id.clone())).await;
        owner.get("/staff/events/new").await.expect(403);
        // Somebody else's answer is not there.
        let item = app.look(|db| events::info_items(db, &other.id)).remove(0);
        owner.get(&format!("{BASE}/setup/info/{}", item.id)).await.expect(404);
    }
}

on_both! {
    async fn an_uploaded_document_is_shown_first_and_imported_then(app) {
        let owner = app.as_staff(Role::Owner).await;
        owner.open("/staff/event-document").await;
        let bad = b"[event]\nslug = 'x'\n[[rooms]]\nnam = 'A'\n";
        owner.upload("/staff/event-document/preview", "file", bad).await.expect(422).says("rooms[0].nam: there is no field “nam”");
        owner.open("/staff/event-document").await;
        owner.upload("/staff/event-document/preview", "file", TOML).await.expect(200).says("What the document would change").says("New");
        assert!(app.look(|db| events::find(db, "congress-2026")).is_none(), "a preview keeps nothing");
        confirm(&owner, "/staff/event-document", &[]).await.expect(303);
        owner.follow().await.says("The document is imported: 25 added, 0 changed, 0 unchanged.");
        owner.open("/staff/event-document").await;
        owner.upload("/staff/event-document/preview", "file", TOML).await.expect(200).says("Nothing would change");
    }

    async fn an_uploaded_schedule_is_shown_first_and_imported_then(app) {
        let event = a_congress().make(app);
        let content = app.as_staff(Role::Content).await;
        let page = format!("{BASE}/setup/schedule");
        content.open(&page).await;
        content.upload(&format!("{page}/preview"), "file", b"").await.expect(422).says("Choose the file first.");
        content.open(&page).await;
        content.upload(&format!("{page}/preview"), "file", b"<rss/>").await.expect(422).says("a schedule begins with <schedule>");
        content.open(&page).await;
        let bad = schedule("14:00", "soon");
        content.upload(&format!("{page}/preview"), "file", bad.as_bytes()).await.expect(200).says("Rows that cannot be read").says("Huddles");
        confirm(&content, &page, &[]).await.expect(422).says("nothing was imported");
        content.open(&page).await;
        content.upload(&format!("{page}/preview"), "file", bad.as_bytes()).await.expect(200);
        confirm(&content, &page, &[("skip_refused", "yes")]).await.expect(303);
        content.follow().await.says("1 added").says("Rounds");
        let titles: Vec<String> = app.look(|db| agenda::list(db, &event.id)).into_iter().map(|session| session.title).collect();
        assert!(titles.contains(&"Rounds".to_owned()) && !titles.contains(&"Huddles".to_owned()));
    }

    async fn a_session_that_a_new_schedule_moves_is_mailed(app) {
        let event = a_congress().make(app);
        let content = app.as_staff(Role::Content).await;
        let page = format!("{BASE}/setup/schedule");
        for start in ["14:00", "14:30"] {
            content.open(&page).await;
            content.upload(&format!("{page}/preview"), "file", schedule(start, "01:00").as_bytes()).await.expect(200);
            confirm(&content, &page, &[]).await.expect(303);
            if start == "14:00" {
                let rounds = app.look(|db| agenda::list(db, &event.id)).into_iter().find(|session| session.title == "Rounds");
                let code = rounds.expect("the session").code;
                let chosen = [("registration_required", "yes")];
                fill(&content, &format!("{BASE}/sessions/{code}"), &format!("sessions/{code}"), &chosen).await.expect(303);
                a_registration(&event).email("ada@hospital.example").in_sessions(&[&code]).make(app);
            }
        }
        app.run_jobs();
        app.expect_letter("ada@hospital.example", "session_moved").says("Rounds");
    }
}
