//! Credit: from the chair to the claim before the deadline, and what is refused (CEU-1, CEU-2, CEU-4, CEU-5, CEU-9).

mod looks;
mod setting_up;

use lanyard::agenda;
use lanyard::credits::activities::{self, ActivityDraft};
use lanyard::credits::providers::{self, ProviderDraft};
use lanyard::credits::rules::Code;
use lanyard::credits::{claims, types};
use lanyard::enrollment;
use lanyard::events::Event;
use lanyard::registration::Registration;
use lanyard::staff::Role;
use serde_json::{Value, json};

use crate::checkin::{ask, body};
use crate::evaluations::of_session;
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{EventMaker, a_congress, a_registration};
use crate::support::visitor::{Answer, Api, Visitor};

const FREE: &str = "code = 'free'\nname = 'Guest'\ncovers = 'all'\ntiers = [{ name = 'Free', price = '0.00' }]";
/// B1's evaluation as its form sends it.
const EVALUATED: [(&str, &str); 3] = [("B1--objectives", "5"), ("B1--practice", "4"), ("B1--balance", "yes")];

/// A provider as education staff type it.
pub fn a_provider() -> ProviderDraft {
    ProviderDraft { name: "Quay Institute".to_owned(), address: "400 Lantern Quay".to_owned(), ..ProviderDraft::default() }
}

/// An activity with these sessions and maximums, one a line.
pub fn an_activity(code: &str, sessions: &str, maximums: &str) -> ActivityDraft {
    ActivityDraft {
        code: code.to_owned(),
        title: format!("Activity {code}"),
        format: "live".to_owned(),
        sessions: sessions.to_owned(),
        maximums: vec![maximums.to_owned()],
        ..ActivityDraft::default()
    }
}

/// A congress with its Monday designated for physicians, nurses and pharmacists, and the ready questions.
pub fn an_accredited(app: &TestApp, congress: EventMaker) -> Event {
    app.ignore_letters();
    app.ignore_jobs();
    let event = congress.with("registration_types", FREE).make(app);
    let own = event.clone();
    app.must(move |tx| {
        lanyard::evaluations::forms::take_ready_set(tx, &own)?;
        providers::save(tx, &own, &a_provider())?;
        for code in [Code::Ama, Code::Ancc, Code::Acpe, Code::Attendance] {
            types::switch_on(tx, &own, code)?;
        }
        let whole = an_activity("MONDAY", "K1\nB1\nB2\nB3\nB4", "ama 3.00\nancc 3.00\nattendance 3.00");
        activities::save(tx, &own, None, &whole)?;
        activities::save(tx, &own, None, &an_activity("RX", "B1", "acpe 1.00")).map(drop)
    });
    event
}

pub fn a(app: &TestApp, event: &Event, profession: &str, sessions: &[&str]) -> Registration {
    let profession = profession.to_owned();
    a_registration(event).buying("free").in_sessions(sessions).with_details(|details| details.profession = profession).make(app)
}

/// Scans somebody in and, where told, out.
pub async fn was_there(app: &TestApp, api: &Api, registration: &Registration, door: &str, from: &str, until: Option<&str>) {
    let token = crate::checkin::badge(app, registration);
    for (time, direction) in [(Some(from), "in"), (until, "out")] {
        let Some(time) = time else { continue };
        app.set_clock(&format!("2026-03-09T{time}:00-07:00"));
        let mut scan = body(door, &token);
        scan["direction"] = json!(direction);
        ask(api, scan).await;
    }
}

/// A physician with a seat in B1 who was at the keynote and, from 10:38, in B1.
pub async fn a_physician(app: &TestApp) -> (Event, Registration, Api) {
    let event = an_accredited(app, a_congress());
    let ada = a(app, &event, "physician", &["B1"]);
    let door = app.api_of(Role::Onsite, Some(event.id.clone())).await;
    was_there(app, &door, &ada, "door-K1", "08:50", None).await;
    was_there(app, &door, &ada, "door-B1", "10:38", None).await;
    app.set_clock("2026-04-10T12:00:00-07:00");
    let education = app.api_of(Role::Education, Some(event.id.clone())).await;
    (event, ada, education)
}

fn claim(kind: &str, lines: &[(&str, &str)]) -> Value {
    let lines: Vec<Value> = lines.iter().map(|(session, credits)| json!({ "session": session, "credits": credits })).collect();
    json!({ "credit_type": kind, "lines": lines })
}

pub async fn claims(api: &Api, registration: &Registration, kind: &str, lines: &[(&str, &str)]) -> Answer {
    api.post(&format!("/registrations/{}/claims", registration.code), claim(kind, lines)).await
}

pub async fn evaluates(api: &Api, registration: &Registration, session: &str) {
    let body = json!({ "session": session, "answers": of_session() });
    api.post(&format!("/registrations/{}/evaluations", registration.code), body).await.expect(201);
}

async fn chain(api: &Api, registration: &Registration) -> Value {
    api.get(&format!("/registrations/{}/credits", registration.code)).await.expect(200).json()
}

fn line_of<'a>(chain: &'a Value, session: &str) -> &'a Value {
    chain["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["session"] == session)
        .unwrap_or_else(|| panic!("no {session} in {chain}"))
}

async fn page(browser: &Visitor, registration: &Registration) -> Answer {
    browser.open(&format!("/my/{}/credits", registration.code)).await.expect(200)
}

pub fn awarded(app: &TestApp, registration: &Registration) -> Vec<i32> {
    let id = registration.id.clone();
    app.look(|db| Ok(claims::of_registration(db, &id)?.into_iter().map(|one| one.claim.hundredths).collect()))
}

on_both! {
    async fn the_chain_of_evidence_leads_from_the_seat_to_the_claim(app) {
        let (_, ada, api) = a_physician(app).await;
        let told = chain(&api, &ada).await;
        let b1 = line_of(&told, "B1");
        assert_eq!((&b1["seat"], &b1["evidence"], &b1["minutes"], &b1["assumed_end"]), (&json!("enrolled"), &json!("scan"), &json!(52), &json!(true)));
        assert_eq!((&b1["evaluation"], &b1["missing"]), (&json!("open"), &json!(["evaluation", "claim"])));
        assert_eq!((&told["closes_at"], &told["open"]), (&json!("2026-04-17T23:59:59-07:00"), &json!(true)));
        assert_eq!(line_of(&told, "K1")["seat"], "included");
        let total = &told["totals"][0];
        // 60 and 52 minutes are 1.87 hours: rounded once, 1.75.
        assert_eq!((&total["credit_type"], &total["earned"], &total["maximum"]), (&json!("ama"), &json!("1.75"), &json!("3.00")));
        assert_eq!(told["session_questions"][0]["code"], "objectives");
        assert_eq!(claims(&api, &ada, "ama", &[("B1", "0.75")]).await.expect(409).code(), "credits.evaluation_missing");
        evaluates(&api, &ada, "B1").await;
        evaluates(&api, &ada, "K1").await;
        let answer = claims(&api, &ada, "ama", &[("B1", "0.75"), ("K1", "1.00")]).await.expect(201).json();
        assert_eq!(answer, json!({ "status": "awarded", "credit_type": "ama", "credits": "1.75" }));
        let told = chain(&api, &ada).await;
        assert_eq!((&line_of(&told, "B1")["credits"][0]["claimed"], &line_of(&told, "B1")["missing"]), (&json!("0.75"), &json!([])));
        let browser = app.as_attendee(&ada).await;
        page(&browser, &ada).await.says("You were there 52 of 60 minutes").says("nobody scanned you out").says("Claimed").says("Fri 17 Apr 2026, 11:59 PM Pacific");
    }

    async fn what_may_not_be_claimed_is_refused_in_words(app) {
        let (event, ada, api) = a_physician(app).await;
        evaluates(&api, &ada, "B1").await;
        for (kind, lines, code) in [
            ("ama", &[("B1", "1.00")][..], "credits.above_maximum"),
            ("ama", &[("B1", "99.00")], "credits.above_maximum"),
            ("ama", &[("B2", "1.00")], "credits.not_attended"),
            ("ama", &[("B1", "0.75"), ("B2", "1.00")], "credits.overlap"),
            ("ama", &[("B1", "0.75"), ("B1", "0.75")], "credits.already_claimed"),
            ("ama", &[("K1", "1.00")], "credits.evaluation_missing"),
            ("ama", &[("B1", "0.30")], "credits.wrong_increment"),
            ("ama", &[("B1", "0.00")], "credits.wrong_increment"),
            ("ancc", &[("B1", "1.00")], "credits.not_served"),
            ("cphq", &[("B1", "0.75")], "credits.not_designated"),
        ] {
            assert_eq!(claims(&api, &ada, kind, lines).await.expect(409).code(), code, "{kind} {lines:?}");
        }
        for (kind, lines) in [("ama", &[("B1", "one")][..]), ("ama", &[("B9", "1.00")]), ("magic", &[("B1", "1.00")]), ("ama", &[])] {
            claims(&api, &ada, kind, lines).await.expect(422);
        }
        claims(&app.api(Role::Registrar).await, &ada, "ama", &[("B1", "0.75")]).await.expect(403);
        claims(&api, &ada, "ama", &[("B1", "0.75")]).await.expect(201);
        assert_eq!(claims(&api, &ada, "ama", &[("B1", "0.75")]).await.expect(409).code(), "credits.already_claimed");
        assert_eq!(awarded(app, &ada), [75]);
        // Who presents learns nothing from it.
        let (session, presenter) = (app.look(|db| agenda::get(db, &event.id, "K1")), ada.code.clone());
        let own = event.clone();
        let draft = lanyard::credits::disclosures::DisclosureDraft { nothing_to_disclose: true, presenters: presenter, ..Default::default() };
        app.must(move |tx| lanyard::credits::disclosures::publish(tx, &own, &session, &draft));
        evaluates(&api, &ada, "K1").await;
        assert_eq!(claims(&api, &ada, "ama", &[("K1", "1.00")]).await.expect(409).code(), "credits.presented");
    }

    async fn each_profession_is_counted_by_its_own_rule(app) {
        let event = an_accredited(app, a_congress());
        let (nurse, pharmacist) = (a(app, &event, "nurse", &["B1"]), a(app, &event, "pharmacist", &["B1"]));
        let door = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        was_there(app, &door, &nurse, "door-B1", "10:42", None).await;
        was_there(app, &door, &pharmacist, "door-B1", "10:43", None).await;
        app.set_clock("2026-03-10T12:00:00-07:00");
        let api = app.api_of(Role::Education, Some(event.id)).await;
        for person in [&nurse, &pharmacist] {
            evaluates(&api, person, "B1").await;
        }
        let b1 = chain(&api, &nurse).await;
        let share = &line_of(&b1, "B1")["credits"][0];
        assert_eq!((&share["credit_type"], &share["needed"], &share["counted"], &share["claimable"]), (&json!("ancc"), &json!(48), &json!(60), &json!("1.00")));
        claims(&api, &nurse, "ancc", &[("B1", "1.00")]).await.expect(201);
        let refused = claims(&api, &pharmacist, "acpe", &[("B1", "1.00")]).await.expect(409);
        assert_eq!(refused.code(), "credits.not_whole");
        claims(&api, &pharmacist, "attendance", &[("B1", "0.75")]).await.expect(201);
    }

    async fn one_second_after_the_last_day_a_claim_is_refused_everywhere_and_a_late_request_opens_it_again(app) {
        let (event, ada, api) = a_physician(app).await;
        evaluates(&api, &ada, "B1").await;
        evaluates(&api, &ada, "K1").await;
        app.set_clock("2026-04-17T23:59:59-07:00");
        claims(&api, &ada, "ama", &[("K1", "1.00")]).await.expect(201);
        let browser = app.as_attendee(&ada).await;
        browser.open(&format!("/my/{}/credits/ama", ada.code)).await.expect(200);
        app.set_clock("2026-04-18T00:00:00-07:00");
        let refused = claims(&api, &ada, "ama", &[("B1", "0.75")]).await.expect(409);
        assert_eq!(refused.code(), "credits.claims_closed");
        assert_eq!(claims(&api, &ada, "nonsense", &[("B9", "x")]).await.expect(409).code(), "credits.claims_closed", "tested first");
        browser.submit("/credits/ama", &[("claim-B1", "yes"), ("credits-B1", "0.75"), ("confirm", "yes")]).await
            .expect(422).says("Claims have closed: the last moment was Fri 17 Apr 2026, 11:59 PM Pacific");
        page(&browser, &ada).await.says("Claims closed").says("Ask for a late claim");
        browser.submit("/late-request", &[("words", "")]).await.expect(422).says("Say why you could not claim in time.");
        browser.submit("/late-request", &[("words", "I was ill")]).await.expect(303);
        page(&browser, &ada).await.says("You asked to claim late").says("I was ill");
        let staff = app.as_staff_of(Role::Education, Some(event.id)).await;
        staff.open("/staff/events/congress-2026/credits/late-claims").await.expect(200).says("I was ill");
        staff.submit("/decision", &[("until_on", "2026-04-25"), ("decision", "approve")]).await.expect(303);
        let letters = app.letters();
        let letter = letters.iter().rev().find(|letter| letter.kind == "late_claim_decided").expect("a letter");
        assert!(letter.subject.contains("Sat 25 Apr 2026, 11:59 PM Pacific"), "{}", letter.subject);
        staff.open("/staff/events/congress-2026/credits/late-claims").await.says("Approved");
        claims(&api, &ada, "ama", &[("B1", "0.75")]).await.expect(201);
        assert_eq!(awarded(app, &ada), [100, 75]);
        app.set_clock("2026-04-26T00:00:00-07:00");
        assert_eq!(claims(&api, &ada, "attendance", &[("B1", "0.75")]).await.expect(409).code(), "credits.claims_closed");
    }

    async fn the_claim_is_one_pass_that_attests_evaluates_and_claims(app) {
        let event = an_accredited(app, a_congress());
        let ada = a(app, &event, "physician", &["B1"]);
        app.set_clock("2026-03-09T14:00:00-07:00");
        let browser = app.as_attendee(&ada).await;
        page(&browser, &ada).await.says("Attendance not known").says("No scan says that you were there");
        browser.open(&format!("/my/{}/credits/ama", ada.code)).await.expect(200).says("Minutes you attended").says("Did this session meet its objectives?");
        browser.submit("/credits/ama", &[("confirm", "yes")]).await.expect(422).says("Tick the sessions whose credit you claim.");
        let asked = [("claim-B1", "yes"), ("minutes-B1", "61"), ("credits-B1", "1.00")];
        browser.submit("/credits/ama", &asked).await.expect(422).says("had 60 minutes").says("Answer “Was it balanced");
        let asked = [("claim-B1", "yes"), ("minutes-B1", "45"), ("credits-B1", "1.00"), ("confirm", "yes")];
        browser.submit("/credits/ama", &[&asked[..], &EVALUATED].concat()).await.expect(422).says("more than can be claimed: 0.75 at most");
        assert_eq!(awarded(app, &ada), Vec::<i32>::new());
        let again = browser.submit("/credits/ama", &[("credits-B1", "0.75")]).await.expect(303);
        assert!(again.location().ends_with("/credits"));
        page(&browser, &ada).await.says("You claimed 0.75 credits").says("You said that you were there 45 of 60 minutes").says("Evaluated");
        assert_eq!(awarded(app, &ada), [75]);
    }

    async fn a_credit_is_taken_back_with_a_reason_and_claimed_anew(app) {
        let (event, ada, api) = a_physician(app).await;
        evaluates(&api, &ada, "B1").await;
        claims(&api, &ada, "ama", &[("B1", "0.75")]).await.expect(201);
        let staff = app.as_staff_of(Role::Education, Some(event.id)).await;
        staff.open("/staff/events/congress-2026/credits/people?q=ada").await.expect(200).says(&ada.full_name());
        let person = format!("/staff/events/congress-2026/credits/people/{}", ada.code);
        staff.open(&person).await.expect(200).says("0.75 credits");
        staff.submit("/reversal", &[("reason", "Badge was swapped")]).await.expect(303);
        assert_eq!(awarded(app, &ada), Vec::<i32>::new());
        staff.open(&person).await.says("Nothing is claimed.");
        claims(&api, &ada, "ama", &[("B1", "0.50")]).await.expect(201);
        assert_eq!(awarded(app, &ada), [50]);
    }

    async fn forty_claims_at_once_award_a_session_once(app) {
        let (_, ada, api) = a_physician(app).await;
        evaluates(&api, &ada, "B1").await;
        let asked = (0..40).map(|_| {
            let (api, ada) = (api.clone(), ada.clone());
            async move { claims(&api, &ada, "ama", &[("B1", "0.75")]).await.status }
        });
        let mut answers = crate::support::visitor::at_once(asked).await;
        answers.sort_unstable();
        assert_eq!((answers[0], answers[1], awarded(app, &ada)), (201, 409, vec![75]));
    }

    async fn reminders_go_to_who_attended_and_has_not_finished(app) {
        let (event, ada, api) = a_physician(app).await;
        app.set_clock("2026-03-09T08:00:00-07:00");
        let done = a(app, &event, "nurse", &["B1"]);
        let absent = a(app, &event, "nurse", &["B1"]);
        let door = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        was_there(app, &door, &done, "door-B1", "10:31", None).await;
        app.set_clock("2026-04-09T10:00:00-07:00");
        evaluates(&api, &done, "B1").await;
        claims(&api, &done, "ancc", &[("B1", "1.00")]).await.expect(201);
        app.letters();
        let mut reminded = Vec::new();
        for day in ["09", "10", "11", "14", "16", "17"] {
            app.set_clock(&format!("2026-04-{day}T10:00:00-07:00"));
            for _ in 0..2 {
                app.must(|tx| lanyard::jobs::enqueue(tx, lanyard::credits::reminders::LOOK, &(), tx.now));
                app.run_jobs();
            }
            for letter in app.letters() {
                reminded.push((day, letter.kind.clone(), letter.to.clone()));
            }
        }
        let email = app.look(|db| Ok(lanyard::people::get(db, &ada.person_id)?.email));
        let to_ada: Vec<&str> = reminded.iter().filter(|(_, kind, to)| kind == "claim_reminder" && to.contains(&email)).map(|(day, ..)| *day).collect();
        assert_eq!(to_ada, ["10", "14", "16"]);
        assert_eq!(reminded.len(), 3, "{reminded:?} and nobody else, such as {}", absent.code);
    }

    async fn the_forecast_tells_people_and_hours_and_reminds_by_one_click(app) {
        let (event, ada, api) = a_physician(app).await;
        app.set_clock("2026-04-12T10:00:00-07:00");
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        staff.open("/staff/events/congress-2026/credits/forecast").await.expect(200).says("of 1 who attended").says("2.00").says("Fri 10 Apr 2026, Tue 14 Apr 2026, Thu 16 Apr 2026");
        staff.submit("/reminders", &[]).await.expect(303);
        app.run_jobs();
        let letter = app.letters().into_iter().rev().find(|letter| letter.kind == "claim_reminder").expect("a letter");
        assert!(letter.subject.contains("5 days left"), "{}", letter.subject);
        evaluates(&api, &ada, "B1").await;
        evaluates(&api, &ada, "K1").await;
        claims(&api, &ada, "ama", &[("B1", "0.75"), ("K1", "1.00")]).await.expect(201);
        staff.open("/staff/events/congress-2026/credits/forecast").await.expect(200).says("Nothing is open");
        app.as_staff(Role::Registrar).await.get("/staff/events/congress-2026/credits/forecast").await.expect(403);
    }

    async fn an_extension_opens_what_it_is_for_and_nothing_else(app) {
        let (event, ada, api) = a_physician(app).await;
        evaluates(&api, &ada, "B1").await;
        evaluates(&api, &ada, "K1").await;
        app.set_clock("2026-04-18T09:00:00-07:00");
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        staff.open("/staff/events/congress-2026/credits/extensions").await.expect(200);
        staff.submit("/extensions", &[("session", "B9"), ("until_on", "2026-04-01"), ("reason", "")]).await.expect(422).says("Enter the code of a session").says("Say why");
        staff.submit("/extensions", &[("session", "B1"), ("until_on", "2026-05-20"), ("reason", "The door's reader failed")]).await.expect(303);
        staff.open("/staff/events/congress-2026/credits/extensions").await.says("Everybody for B1").says("Past pharmacy’s 60 days");
        assert_eq!(claims(&api, &ada, "ama", &[("B1", "0.75"), ("K1", "1.00")]).await.expect(409).code(), "credits.claims_closed");
        claims(&api, &ada, "ama", &[("B1", "0.75")]).await.expect(201);
        let seats = app.look(|db| enrollment::of_registration(db, &ada.id)).len();
        assert_eq!(seats, 1);
    }
}
