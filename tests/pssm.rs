//! The safety measure: its catalogue in versions, what sessions say with it, and what a hospital's people learned about.

use lanyard::hospitals::Hospital;
use lanyard::registration::Registration;
use lanyard::staff::Role;
use lanyard::{agenda, events, pssm};

use crate::checkin::{ask, badge, body};
use crate::in_a_browser::{look_at, sign_in_staff, tell};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::browser;
use crate::support::builders::{EventMaker, a_congress, a_hospital, a_registration, session};
use crate::support::visitor::{Answer, Api, Visitor};

const BASE: &str = "/staff/events/congress-2026";

/// The congress with three sessions that carry parts of the measure.
fn a_tagged() -> EventMaker {
    a_congress().but("sessions", "K1", "pssm = '1'").but("sessions", "B1", "pssm = ['4D', '2E']\npssm_also = '3B'").but(
        "sessions",
        "B4",
        "pssm = '5a'",
    )
}

async fn new_version(staff: &Visitor, fields: &[(&str, &str)]) -> Answer {
    staff.open("/staff/pssm/new").await;
    staff.submit("/staff/pssm", fields).await
}

const NEXT_YEAR: [(&str, &str); 4] = [
    ("framework", "CMS Patient Safety Structural Measure (2027)"),
    ("from_on", "2027-01-01"),
    ("words_4D", "A program like CANDOR"),
    ("reason", "IPPS final rule 2027"),
];

/// Somebody of a hospital who was scanned at the keynote's door.
async fn at_the_keynote(app: &TestApp, door: &Api, registration: &Registration) {
    let token = badge(app, registration);
    ask(door, body("door-K1", &token)).await;
}

/// So many people of a hospital, all of them at the keynote.
async fn people_of(app: &TestApp, hospital: &Hospital, count: usize) -> Vec<Registration> {
    let event = app.look(|db| events::get(db, "congress-2026"));
    let door = app.api_of(Role::Onsite, Some(event.id.clone())).await;
    let mut people = Vec::new();
    for number in 0..count {
        let named = a_registration(&event).named("Somebody", &format!("Of-Harborview-{number}"));
        people.push(named.at_hospital(hospital).make(app));
    }
    app.set_clock("2026-03-09T08:55:00-07:00");
    for one in &people {
        at_the_keynote(app, &door, one).await;
    }
    people
}

on_both! {
    async fn sessions_carry_statements_from_a_document_a_form_and_the_api(app) {
        let event = a_tagged().make(app);
        let stored = session(app, &event, "B1");
        assert_eq!((stored.pssm.as_str(), stored.pssm_also.as_str()), ("2E 4D", "3B"));
        assert_eq!(session(app, &event, "B4").pssm, "5A");
        let staff = app.as_staff(Role::Content).await;
        staff.open(&format!("{BASE}/sessions/B2")).await.says("A communication and resolution program after harm");
        staff.submit("sessions/B2", &[("pssm", "4d, 3"), ("pssm_also", "1A")]).await.expect(303);
        assert_eq!(session(app, &event, "B2").pssm, "3 4D");
        let all = app.public_api().await.get("/events/congress-2026/sessions?limit=500").await.expect(200).json();
        let b1 = all["items"].as_array().unwrap().iter().find(|one| one["code"] == "B1").unwrap().clone();
        assert_eq!(b1["pssm"][0], serde_json::json!({ "code": "2E", "weight": "primary" }));
        assert_eq!(b1["pssm"][1], serde_json::json!({ "code": "3B", "weight": "secondary" }));
    }

    async fn what_is_no_code_of_the_measure_is_said_beside_its_field(app) {
        let event = a_tagged().make(app);
        let staff = app.as_staff(Role::Content).await;
        staff.open(&format!("{BASE}/sessions/B2")).await;
        let wrong = staff.submit("sessions/B2", &[("pssm", "4D 9Z"), ("pssm_also", "4D")]).await.expect(422);
        wrong.says("“9Z” is no code of the measure").says("4D stands in both lists. Leave it in the first.");
        assert_eq!(session(app, &event, "B2").pssm, "");
    }

    async fn the_agenda_is_filtered_by_a_domain(app) {
        a_tagged().make(app);
        let visitor = app.visitor().await;
        let page = visitor.open("/events/congress-2026/agenda?day=2026-03-09").await.says("4 Accountability and transparency");
        page.says("What we owe each other").says("Handoffs that hold");
        let filtered = visitor.open("/events/congress-2026/agenda?day=2026-03-09&domain=4").await.says("Handoffs that hold");
        filtered.says_nothing_of("What we owe each other").says("1 session.");
        // A statement that is only touched belongs to its domain too.
        visitor.open("/events/congress-2026/agenda?day=2026-03-09&domain=3").await.says("Handoffs that hold");
        visitor.open("/events/congress-2026/agenda?day=2026-03-09&domain=9").await.says("No session fits");
    }

    async fn the_map_draws_twenty_five_statements_with_their_sessions_and_says_that_attending_attests_nothing(app) {
        let event = a_tagged().make(app);
        let visitor = app.visitor().await;
        let page = visitor.open("/events/congress-2026/pssm").await.says("Attending a session attests nothing.");
        let html = page.html();
        assert_eq!(html.matches("measure__square measure__square--").count(), 25);
        assert!(html.contains("aria-label=\"4D, 1 session\"") && html.contains("aria-label=\"1A, 0 sessions\""), "{html}");
        page.says("Handoffs that hold").says("(touched)").says("3 of 7 sessions are about a part of the measure.");
        visitor.open("/events/congress-2026/sessions/B1").await.says("4D A communication and resolution program after harm");
        // A canceled session is no session of a statement.
        let b1 = session(app, &event, "B1");
        app.must(move |tx| agenda::cancel_session(tx, &b1, "The speaker is ill.").map(drop));
        visitor.open("/events/congress-2026/pssm").await.says_nothing_of("Handoffs that hold");
    }

    async fn a_new_version_holds_for_events_that_begin_on_its_day_or_later(app) {
        let event = a_tagged().make(app);
        let later = a_congress().event("slug = 'later'\nstarts_on = '2027-03-08'\nends_on = '2027-03-10'\nclaims_close_on = '2027-04-17'").make(app);
        let staff = app.as_staff(Role::Content).await;
        new_version(&staff, &NEXT_YEAR).await.expect(303);
        let words = |event: &events::Event| {
            let event = event.clone();
            app.look(move |db| Ok(pssm::of_event(db, &event)?.words_of("4D").unwrap().to_owned()))
        };
        assert_eq!(words(&event), "A communication and resolution program after harm");
        assert_eq!(words(&later), "A program like CANDOR");
        staff.open("/staff/pssm").await.says("IPPS final rule 2027").says("In force").says("Later");
    }

    async fn a_version_needs_all_its_words_and_a_reason_and_the_same_again_is_none(app) {
        let staff = app.as_staff(Role::Content).await;
        let wrong = new_version(&staff, &[("words_2C", " "), ("reason", ""), ("address", "qualitynet")]).await.expect(422);
        wrong.says("Enter the words of 2C.").says("Say what changed").says("begins with https://");
        new_version(&staff, &[("reason", "Nothing")]).await.expect(422).says("Nothing is different from the newest version.");
        new_version(&staff, &NEXT_YEAR).await.expect(303);
        let versions = app.look(|db| Ok(pssm::versions(db)?.len()));
        assert_eq!(versions, 2);
    }

    async fn a_role_for_one_event_does_not_change_the_catalogue_of_all(app) {
        let event = a_tagged().make(app);
        let staff = app.as_staff_of(Role::Content, Some(event.id)).await;
        staff.get("/staff/pssm").await.expect(403);
        staff.get("/staff/pssm/new").await.expect(403);
    }

    async fn a_hospitals_page_counts_people_by_evidence_and_hides_small_numbers_and_names(app) {
        let event = a_tagged().make(app);
        let hospital = a_hospital("Harborview").make(app);
        people_of(app, &hospital, 4).await;
        // Registered and never scanned.
        a_registration(&event).named("Somebody", "Absent").at_hospital(&hospital).make(app);
        app.set_clock("2026-03-09T10:05:00-07:00");
        let staff = app.as_staff(Role::Recognition).await;
        let path = format!("/staff/hospitals/{}/pssm", hospital.id);
        let page = staff.open(&path).await.says("Attendance attests nothing").says("registered: 5").says("fewer than 5 people");
        page.says_nothing_of("Of-Harborview").says_nothing_of("Absent").says_nothing_of(" 4 people");
        // Nobody was in domain 4 yet; its next session is named.
        page.says("Domains nobody was in yet").says("Handoffs that hold");
        let page = staff.open(&format!("/staff/hospitals/{}", hospital.id)).await;
        assert!(page.html().contains(&path));
        app.ignore_jobs();
    }

    async fn five_people_of_a_hospital_are_counted_and_those_of_others_are_not(app) {
        a_tagged().make(app);
        let (hospital, other) = (a_hospital("Harborview").make(app), a_hospital("Quayside").make(app));
        people_of(app, &hospital, 5).await;
        people_of(app, &other, 1).await;
        app.set_clock("2026-03-09T10:05:00-07:00");
        let staff = app.as_staff(Role::Recognition).await;
        let html = staff.open(&format!("/staff/hospitals/{}/pssm", hospital.id)).await.says("5 people").html();
        // About the domain as a whole: no statement of it is said to be learned.
        assert!(html.contains("aria-label=\"1A, nobody yet\""), "{html}");
        app.ignore_jobs();
    }

    async fn a_coordinators_link_shows_numbers_until_it_is_replaced_taken_back_or_too_old(app) {
        a_tagged().make(app);
        let hospital = a_hospital("Harborview").make(app);
        let staff = app.as_staff(Role::Recognition).await;
        let path = format!("/staff/hospitals/{}/pssm", hospital.id);
        let link_of = |answer: Answer| {
            let text = answer.expect(200).text();
            text.split_whitespace().find(|word| word.contains("/pssm/") && word.starts_with("http")).unwrap().to_owned()
        };
        staff.open(&path).await;
        let first = link_of(staff.submit("pssm/link", &[]).await);
        let visitor = app.visitor().await;
        visitor.open(&first).await.says("Harborview").says("Attendance attests nothing").says_nothing_of("Replace the link");
        let second = link_of(staff.submit("pssm/link", &[]).await);
        visitor.get(&first).await.expect(404);
        visitor.open(&second).await;
        app.set_clock("2026-05-31T09:01:00-07:00");
        visitor.get(&second).await.expect(404);
        app.set_clock("2026-03-03T09:00:00-08:00");
        staff.open(&path).await;
        staff.submit("link/withdrawal", &[]).await.expect(303);
        visitor.get(&second).await.expect(404);
        let auditor = app.as_staff(Role::Auditor).await;
        auditor.open(&path).await.says_nothing_of("Make a link");
    }

    async fn what_a_service_writes_at_its_start_is_nobodys_data(app) {
        use lanyard::demo::mark::{Contents, look};
        app.must(pssm::seed);
        app.must(pssm::seed);
        assert_eq!(app.look(|db| Ok(pssm::versions(db)?.len())), 1);
        assert_eq!(app.look(look), Contents::Nothing);
        let came = app.look(|db| Ok(pssm::on(db, "2026-03-09".parse().unwrap())?.words_of("4D").unwrap().to_owned()));
        assert_eq!(came, "A communication and resolution program after harm");
    }
}

#[test]
fn the_measures_pages_fit_a_small_phone_and_break_no_rule_of_accessibility() {
    tell(async |app| {
        a_tagged().make(app);
        let hospital = a_hospital("Harborview").make(app);
        let event = app.look(|db| events::get(db, "congress-2026"));
        for _ in 0..6 {
            let one = a_registration(&event).at_hospital(&hospital).make(app);
            let door = app.api_of(Role::Onsite, Some(event.id.clone())).await;
            app.set_clock("2026-03-09T08:55:00-07:00");
            at_the_keynote(app, &door, &one).await;
        }
        app.set_clock("2026-03-09T10:05:00-07:00");
        let of_hospital = format!("/staff/hospitals/{}/pssm", hospital.id);
        let mut wrong = Vec::new();
        for (name, options) in [("phone", browser::phone()), ("laptop-dark", browser::laptop().dark()), ("laptop", browser::laptop())] {
            let browser = options.start().await;
            if name == "phone" {
                let narrow = serde_json::json!({ "width": 390, "height": 760, "deviceScaleFactor": 2, "mobile": true });
                browser.devtools("Emulation.setDeviceMetricsOverride", narrow).await;
            }
            let public =
                ["/events/congress-2026/pssm", "/events/congress-2026/sessions/B1", "/events/congress-2026/agenda?day=2026-03-09&domain=4"];
            look_at(app, &browser, name, &public, "", &mut wrong).await;
            sign_in_staff(app, &browser, &format!("{name}@staff.example"), Role::Owner).await;
            let staff = [of_hospital.as_str(), "/staff/pssm", "/staff/pssm/new", "/staff/events/congress-2026/sessions/B1"];
            look_at(app, &browser, name, &staff, "", &mut wrong).await;
            browser.close().await;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        app.ignore_jobs();
        app.ignore_letters();
    });
}
