//! Materials: what staff and speakers hand in, who gets it by which link, and what is refused.

use std::path::Path;

use lanyard::events::Event;
use lanyard::http::asker::ATTENDEE_COOKIE;
use lanyard::people::sign_in as signing_in;
use lanyard::registration::{self, Registration};
use lanyard::staff::Role;

use crate::in_a_browser::{look_at, sign_in, sign_in_staff, tell};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::browser;
use crate::support::builders::{a_congress, a_registration};
use crate::support::visitor::{Answer, Visitor};

const LIST: &str = "/events/congress-2026/materials";
const STAFF: &str = "/staff/events/congress-2026/materials";
const PDF: &[u8] = b"%PDF-1.7\nslides of the keynote\n%%EOF\n";

/// The congress with Ada, who has the general conference, and content staff.
async fn a_place(app: &TestApp) -> (Event, Registration, Visitor) {
    let event = a_congress().make(app);
    let ada = a_registration(&event).named("Ada", "Person").make(app);
    (event, ada, app.as_staff(Role::Content).await)
}

/// Hands a file in on the page at `path`.
async fn hand_in(visitor: &Visitor, path: &str, title: &str, name: &str, bytes: &[u8]) -> Answer {
    visitor.open(path).await;
    visitor.hand_in(path, &[("title", title), ("link", "")], name, bytes).await
}

/// The address of a material on the list, as its reader follows it.
fn address_of(answer: &Answer, title: &str) -> String {
    crate::support::html::link(&answer.html(), title).unwrap_or_else(|| panic!("no {title} in {}", answer.text()))
}

/// The speaker's link that staff make for the keynote.
async fn a_link(staff: &Visitor) -> String {
    staff.open(&format!("{STAFF}/K1")).await;
    let page = staff.submit("K1/invitations", &[("speaker", "Amara Diallo")]).await.expect(200).text();
    let word = page.split_whitespace().find(|word| word.contains("/speakers/")).unwrap();
    word[word.find("/speakers/").unwrap()..].to_owned()
}

on_both! {
    async fn a_file_of_staff_is_listed_and_given_to_who_may_have_it(app) {
        let (_, ada, staff) = a_place(app).await;
        hand_in(&staff, &format!("{STAFF}/K1"), "Slides", "keynote <b>final.pdf", PDF).await.expect(303);
        staff.follow().await.says("It is listed for everyone").says("keynote <b>final.pdf").says("Shown");
        let hers = app.as_attendee(&ada).await;
        let list = hers.open(LIST).await.says("What is not listed here is not available").says("Slides").says("Nothing listed: not available.");
        let own = hers.get(&address_of(&list, "Slides")).await.expect(303);
        let file = hers.get(own.location()).await.expect(200);
        assert_eq!(file.body, PDF);
        assert_eq!(file.header("content-type"), Some("application/pdf"));
        // Never shown as a page of ours, whatever it is called.
        let named = file.header("content-disposition").unwrap();
        assert!(named.starts_with("attachment; filename=\"keynote _b_final.pdf\""), "{named}");
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
        hers.open("/events/congress-2026/lobby").await.says("1 file or link");
    }

    async fn a_link_works_for_its_person_alone_and_for_ten_minutes(app) {
        let (event, ada, staff) = a_place(app).await;
        hand_in(&staff, &format!("{STAFF}/K1"), "Slides", "a.pdf", PDF).await.expect(303);
        let hers = app.as_attendee(&ada).await;
        let list = hers.open(LIST).await;
        let mine = hers.get(&address_of(&list, "Slides")).await.location().to_owned();
        let other = a_registration(&event).make(app);
        app.as_attendee(&other).await.get(&mine).await.expect(404);
        app.visitor().await.get(&mine).await.expect(303);
        hers.get(&mine).await.expect(200);
        app.wait_minutes(10);
        hers.get(&mine).await.expect(409).says("This link is over.");
        hers.get(&address_of(&list, "Slides")).await.expect(303);
        hers.get(&format!("{}x", &mine)).await.expect(404);
    }

    async fn who_is_not_covered_canceled_or_too_late_gets_nothing(app) {
        let (event, ada, staff) = a_place(app).await;
        hand_in(&staff, &format!("{STAFF}/W1"), "Workbook", "a.pdf", PDF).await.expect(303);
        hand_in(&staff, &format!("{STAFF}/K1"), "Slides", "a.pdf", PDF).await.expect(303);
        // The workshop costs extra, and she did not buy it.
        let hers = app.as_attendee(&ada).await;
        let list = hers.open(LIST).await.says("Your registration does not include this session");
        assert!(!list.text().contains("Workbook"));
        let slides = address_of(&list, "Slides");
        let covered = a_registration(&event).buying("general-workshop").make(app);
        let theirs = app.as_attendee(&covered).await;
        let workbook = address_of(&theirs.open(LIST).await, "Workbook");
        theirs.get(&workbook).await.expect(303);
        hers.get(&workbook).await.expect(409).says("Your registration does not include this session");
        app.set_clock("2026-06-09T00:00:00-07:00");
        let hers = app.as_attendee(&ada).await;
        hers.get(&slides).await.expect(409).says("Materials of this event were open until Mon 8 Jun 2026, 11:59 PM Pacific.");
        hers.open(LIST).await.says("were open until").says_nothing_of("Slides");
        app.set_clock("2026-03-10T09:00:00-07:00");
        let id = ada.clone();
        app.must(move |tx| registration::cancel(tx, &id, "refunded"));
        hers.get(&slides).await.expect(404);
        hers.get(LIST).await.expect(404);
    }

    async fn a_new_version_replaces_what_is_shown_and_older_ones_stay_for_staff(app) {
        let (_, ada, staff) = a_place(app).await;
        let page = format!("{STAFF}/K1");
        hand_in(&staff, &page, "Slides", "first.pdf", PDF).await.expect(303);
        let id = address_of(&app.as_attendee(&ada).await.open(LIST).await, "Slides").rsplit('/').next().unwrap().to_owned();
        staff.open(&page).await;
        staff.hand_in(&page, &[("title", ""), ("link", ""), ("material", &id)], "second.pdf", b"%PDF-1.7 second").await.expect(303);
        staff.open(&page).await.says("Version 2").says("first.pdf").says("second.pdf");
        let hers = app.as_attendee(&ada).await;
        let get = async || {
            let own = hers.get(&format!("{LIST}/{id}")).await.expect(303);
            hers.get(own.location()).await.expect(200).body
        };
        assert_eq!(get().await, b"%PDF-1.7 second");
        // Staff may look at the older one, and show it again.
        let older = address_of(&staff.open(&page).await, "first.pdf");
        assert_eq!(staff.get(&older).await.expect(200).body, PDF);
        hers.get(&older).await.expect(303);
        app.wait_minutes(1);
        staff.open(&page).await;
        staff.submit("showing", &[]).await.expect(303);
        assert_eq!(get().await, PDF);
        staff.open(&page).await;
        staff.submit("removal", &[]).await.expect(303);
        hers.get(&format!("{LIST}/{id}")).await.expect(404);
        hers.open(LIST).await.says_nothing_of("Slides");
    }

    async fn a_link_to_a_page_is_followed_without_telling_where_from_and_never_runs(app) {
        let (_, ada, staff) = a_place(app).await;
        let page = format!("{STAFF}/K1");
        staff.open(&page).await;
        for bad in ["javascript:alert(1)", "data:text/html,x", "example.org"] {
            let wrong = staff.hand_in(&page, &[("title", "Page"), ("link", bad)], "", b"").await.expect(422);
            wrong.says("Enter a whole address that begins with https://.");
            staff.open(&page).await;
        }
        staff.hand_in(&page, &[("title", "Page"), ("link", "https://example.org/slides")], "", b"").await.expect(303);
        let hers = app.as_attendee(&ada).await;
        let list = hers.open(LIST).await.says("a page of example.org");
        assert!(!list.html().contains("https://example.org/slides"));
        let own = hers.get(&address_of(&list, "Page")).await.location().to_owned();
        let out = hers.get(&own).await.expect(303);
        assert_eq!((out.location(), out.header("referrer-policy")), ("https://example.org/slides", Some("no-referrer")));
    }

    async fn what_is_no_document_is_refused_whatever_its_name_says(app) {
        let (_, _, staff) = a_place(app).await;
        let page = format!("{STAFF}/K1");
        let html = b"<!doctype html><script>alert(1)</script>".as_slice();
        for (name, bytes) in [("slides.pdf", html), ("slides.pdf", b"MZ\x90\0\x03\0\0\0".as_slice()), ("../../x.svg", b"<svg onload=x>".as_slice())] {
            hand_in(&staff, &page, "Slides", name, bytes).await.expect(422).says("whatever its name says");
        }
        hand_in(&staff, &page, "", "slides.pdf", PDF).await.expect(422).says("Enter what it is");
        hand_in(&staff, &page, "Slides", "slides.pdf", b"").await.expect(422);
        staff.open(&page).await.says("Nothing listed");
        // A name is text and never a place.
        hand_in(&staff, &page, "Slides", "../../../etc/passwd", PDF).await.expect(303);
        staff.open(&page).await.says("passwd").says_nothing_of("etc/passwd");
        assert!(!Path::new("/etc/passwd.pdf").exists());
    }

    async fn a_speaker_hands_in_by_the_own_link_and_staff_look_first(app) {
        let (_, ada, staff) = a_place(app).await;
        let link = a_link(&staff).await;
        let speaker = app.visitor().await;
        speaker.open(&link).await.says("Hello Amara Diallo").says("What we owe each other");
        let sent = hand_in(&speaker, &link, "My slides", "talk.pdf", PDF).await.expect(303);
        assert_eq!(sent.location(), link);
        speaker.follow().await.says("The program team looks at it").says("talk.pdf");
        let hers = app.as_attendee(&ada).await;
        hers.open(LIST).await.says_nothing_of("My slides");
        staff.open(STAFF).await.says("A speaker sent something");
        staff.open(&format!("{STAFF}/K1")).await.says("Amara Diallo, by the speaker's link").says("Waits for you");
        staff.submit("showing", &[]).await.expect(303);
        hers.open(LIST).await.says("My slides");
        speaker.open(&link).await.says("Accepted");
    }

    async fn a_speakers_link_ends_when_it_is_replaced_taken_back_or_too_old(app) {
        let (_, _, staff) = a_place(app).await;
        let first = a_link(&staff).await;
        let second = a_link(&staff).await;
        let speaker = app.visitor().await;
        speaker.get(&first).await.expect(404);
        speaker.open(&second).await;
        app.set_clock("2026-03-23T09:59:59-07:00");
        speaker.open(&second).await;
        app.set_clock("2026-03-23T10:00:00-07:00");
        speaker.get(&second).await.expect(404);
        app.set_clock("2026-03-02T10:00:00-08:00");
        staff.open(&format!("{STAFF}/K1")).await;
        staff.submit("withdrawal", &[]).await.expect(303);
        speaker.get(&second).await.expect(404);
        staff.open(&format!("{STAFF}/K1")).await;
        staff.post(&format!("{STAFF}/K1/invitations"), &[("speaker", "Nobody Else")]).await.expect(422).says("Choose one of the session's speakers.");
    }

    async fn a_speaker_changes_nothing_that_came_from_others(app) {
        let (_, ada, staff) = a_place(app).await;
        let page = format!("{STAFF}/K1");
        hand_in(&staff, &page, "Slides", "a.pdf", PDF).await.expect(303);
        let id = address_of(&app.as_attendee(&ada).await.open(LIST).await, "Slides").rsplit('/').next().unwrap().to_owned();
        let link = a_link(&staff).await;
        let speaker = app.visitor().await;
        speaker.open(&link).await.says_nothing_of("a.pdf");
        speaker.hand_in(&link, &[("title", ""), ("link", ""), ("material", &id)], "b.pdf", PDF).await.expect(404);
        staff.open(&page).await.says_nothing_of("b.pdf");
    }
}

#[test]
fn every_page_of_materials_fits_a_small_phone_and_breaks_no_rule_of_accessibility() {
    tell(async |app| {
        let (_, ada, staff) = a_place(app).await;
        hand_in(&staff, &format!("{STAFF}/K1"), "Slides", "keynote.pdf", PDF).await.expect(303);
        let link = a_link(&staff).await;
        let speaker = app.visitor().await;
        hand_in(&speaker, &link, "My slides", "talk.pdf", PDF).await.expect(303);
        let person = ada.person_id.clone();
        let attendee = app.must(move |tx| signing_in::sign_in(tx, &person));
        let one = format!("{STAFF}/K1");
        let mut wrong = Vec::new();
        for (name, options) in [("phone", browser::phone()), ("laptop-dark", browser::laptop().dark()), ("laptop", browser::laptop())] {
            let browser = options.start().await;
            if name == "phone" {
                let narrow = serde_json::json!({ "width": 390, "height": 760, "deviceScaleFactor": 2, "mobile": true });
                browser.devtools("Emulation.setDeviceMetricsOverride", narrow).await;
            }
            look_at(app, &browser, name, &[&link], "", &mut wrong).await;
            sign_in(app, &browser, ATTENDEE_COOKIE, &attendee).await;
            look_at(app, &browser, name, &[LIST, "/events/congress-2026/lobby"], "", &mut wrong).await;
            sign_in_staff(app, &browser, &format!("{name}@staff.example"), Role::Owner).await;
            look_at(app, &browser, name, &[STAFF, &one], "", &mut wrong).await;
            browser.close().await;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        app.ignore_jobs();
        app.ignore_letters();
    });
}
