//! The pick-up desk: found by code or name, printed and handed out, taken back, walk-ins, and the list for a laptop
//! without a network (CHK-4, EVT-1, EVT-2, BDG-1).

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{RegistrationMaker, a_congress, a_registration};
use crate::support::paper::printed;
use crate::support::visitor::Visitor;
use actix_web::http::Method;
use diesel::prelude::*;
use lanyard::badges;
use lanyard::checkin::Scan;
use lanyard::checkin::collisions::{self, Filter};
use lanyard::db::schema::{audit_trail, printed_badges, scans};
use lanyard::devices::{self, NewDevice};
use lanyard::events::{self, Event};
use lanyard::http::asker::STAFF_COOKIE;
use lanyard::orders;
use lanyard::registration::Registration;
use lanyard::staff::{self, Role};
use serde_json::{Value, json};

const DESK: &str = "/staff/events/congress-2026/checkpoints/pickup/desk";
const PICK_UPS: &str = "/staff/events/congress-2026/checkpoints/pickup/desk/pick-ups";
const WALK_IN: &str = "/staff/events/congress-2026/checkpoints/pickup/desk/walk-in";

/// The congress at twenty to eight on its first conference morning.
fn congress(app: &TestApp) -> Event {
    app.set_clock("2026-03-09T07:42:00-07:00");
    a_congress().make(app)
}

fn maya(event: &Event) -> RegistrationMaker {
    a_registration(event).named("Maya", "Okafor").with_details(|details| {
        details.credentials = "MSN, RN".to_owned();
        details.organization = "Harborview Medical Center".to_owned();
    })
}

fn token(app: &TestApp, registration: &Registration) -> String {
    app.look(|db| {
        let event = events::get_by_id(db, &registration.event_id)?;
        badges::of_registration(db, &registration.id)?.expect("a badge").token(&event)
    })
}

fn card(registration: &Registration) -> String {
    format!("{DESK}/people/{}", registration.code)
}

/// What the page's script is told about what was typed.
async fn found(desk: &Visitor, typed: &str) -> Value {
    let typed = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect::<String>();
    desk.open(&format!("{DESK}/people?q={typed}")).await.json()
}

async fn names(desk: &Visitor, typed: &str) -> Vec<String> {
    let found = found(desk, typed).await;
    found["people"].as_array().expect("people").iter().map(|person| person["name"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The large word on the card of the one person who is found.
async fn word(desk: &Visitor, typed: &str) -> String {
    let found = found(desk, typed).await;
    let answer = if found["people"][0].is_null() { &found["answer"] } else { &found["people"][0]["answer"] };
    answer["word"].as_str().unwrap_or_else(|| panic!("{found}")).to_owned()
}

fn kept(app: &TestApp) -> Vec<Scan> {
    app.look(|db| Ok(scans::table.order(scans::received_at.asc()).select(Scan::as_select()).load(db)?))
}

fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// A pick-up as the script's queue sends it.
fn late(registration: &Registration, at: &str) -> Value {
    json!({ "id": new_id(), "registration": registration.code, "direction": "in", "scanned_at": at, "offline": true, "decided": "unpaid" })
}

async fn send(desk: &Visitor, body: &Value) -> Value {
    desk.open("/staff").await;
    desk.script(Method::POST, PICK_UPS, body).await.expect(200).json()
}

on_both! {
    async fn somebody_is_found_by_the_code_of_the_letter_and_by_letters_of_a_name(app) {
        let event = congress(app);
        let maya = maya(&event).make(app);
        a_registration(&event).named("Sam", "Okonkwo").make(app);
        a_registration(&event).named("Zoë", "Äpfel").make(app);
        let desk = app.as_staff(Role::Onsite).await;
        assert_eq!(names(&desk, &token(app, &maya)).await, ["Maya Okafor"]);
        assert_eq!(names(&desk, "ok").await, ["Maya Okafor", "Sam Okonkwo"]);
        assert_eq!(names(&desk, "okaf may").await, ["Maya Okafor"]);
        assert_eq!(names(&desk, "apf").await, ["Zoë Äpfel"]);
        assert_eq!(names(&desk, &maya.code).await, ["Maya Okafor"]);
        // The form without a script lists them too, and one is a card.
        desk.open(&format!("{DESK}?q=ok")).await.says("Maya Okafor").says("Sam Okonkwo");
        desk.open(&card(&maya)).await.says("MSN, RN · Harborview Medical Center");
    }

    async fn a_card_says_who_what_is_to_pay_and_what_the_door_would_answer(app) {
        let event = congress(app);
        let maya = maya(&event).make(app);
        let desk = app.as_staff(Role::Registrar).await;
        let page = desk.open(&card(&maya)).await.says("Maya Okafor").says("MSN, RN · Harborview Medical Center").says("General conference");
        page.says("HAND OVER").says("$1,299.00 to pay").says("An invoice is open").says("Print and hand out");
        let owing = found(&desk, "okafor").await;
        assert_eq!((&owing["people"][0]["answer"]["tone"], &owing["people"][0]["owes"]), (&json!("wait"), &json!("$1,299.00")));
        let order = maya.order_id.clone();
        app.must(move |tx| orders::record_payment(tx, lanyard::ids::PaymentId::new(), &order, 129_900, "check 7"));
        let paid = found(&desk, "okafor").await;
        assert_eq!((&paid["people"][0]["answer"]["tone"], &paid["people"][0]["owes"]), (&json!("yes"), &Value::Null));
    }

    async fn a_badge_is_printed_and_handed_out_by_one_button(app) {
        let event = congress(app);
        let maya = maya(&event).make(app);
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(&card(&maya)).await;
        let to = desk.submit("/pick-ups", &[("print", "yes")]).await.expect(303).location().to_owned();
        let page = desk.open(&to).await.says("PICKED UP").says("7:42 AM by Sam onsite, Badge pick-up").says("Open the badge to print it");
        let pdf = crate::support::html::link(&page.html(), "Open the badge to print it").expect("the badge");
        let paper = desk.open(&pdf).await;
        assert_eq!(printed(&paper.body).codes(), [token(app, &maya)]);
        assert_eq!(paper.header("x-frame-options"), Some("SAMEORIGIN"), "the desk prints from a frame");
        let scans = kept(app);
        assert_eq!((scans.len(), scans[0].outcome.as_str()), (1, "unpaid"));
        // Who has a badge already gets none a second time, printed or not.
        send(&desk, &json!({ "id": new_id(), "registration": maya.code, "direction": "in", "print": true })).await;
        let printed: i64 = app.look(|db| Ok(printed_badges::table.count().get_result(db)?));
        assert_eq!(printed, 1);
    }

    async fn a_badge_that_was_printed_ahead_is_handed_out_without_printing(app) {
        let event = congress(app);
        let maya = maya(&event).make(app);
        let desk = app.as_staff(Role::Onsite).await;
        assert_eq!(found(&desk, "okafor").await["people"][0]["printed"], Value::Null);
        desk.open("/staff/events/congress-2026/badges").await;
        desk.post("/staff/events/congress-2026/badges/prints", &[("whom", "everyone")]).await.expect(303);
        assert_eq!(found(&desk, "okafor").await["people"][0]["printed"], json!("7:42 AM"));
        let answer = send(&desk, &json!({ "id": new_id(), "registration": maya.code, "direction": "in" })).await;
        assert_eq!((&answer["pdf"], &answer["answer"]["word"]), (&Value::Null, &json!("HAND OVER")));
        assert_eq!(answer["person"]["picked_up"], json!("7:42 AM by Sam onsite, Badge pick-up"));
    }

    async fn each_laptop_prints_on_its_own_paper(app) {
        let event = congress(app);
        let maya = maya(&event).make(app);
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(DESK).await.says("Printer: Letter sheet");
        desk.submit("/desk/paper", &[("layout", "label_62mm")]).await.expect(303);
        desk.open(DESK).await.says("Printer: Label printer, 62 mm roll");
        desk.post(&format!("{DESK}/paper"), &[("layout", "wallpaper")]).await.expect(422);
        desk.open(&card(&maya)).await;
        desk.submit("/pick-ups", &[("print", "yes")]).await.expect(303);
        let prints = app.look(|db| badges::prints::latest(db, &event.id, 2));
        assert_eq!(prints[0].0.layout.as_str(), "label_62mm");
        app.as_staff(Role::Registrar).await.open(DESK).await.says("Printer: Letter sheet");
    }

    async fn a_mistaken_pick_up_is_taken_back_with_a_reason_and_nothing_is_deleted(app) {
        let event = congress(app);
        let maya = maya(&event).make(app);
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(&card(&maya)).await;
        desk.submit("/pick-ups", &[("registration", &maya.code), ("direction", "in")]).await.expect(303);
        assert_eq!(word(&desk, "okafor").await, "PICKED UP");
        app.wait_minutes(1);
        desk.open(&card(&maya)).await;
        desk.submit("/pick-ups", &[("direction", "out"), ("reason", " ")]).await.expect(303);
        desk.follow().await.says("Say why the badge is taken back");
        desk.open(&card(&maya)).await;
        desk.submit("/pick-ups", &[("direction", "out"), ("reason", "The other Maya")]).await.expect(303);
        assert_eq!(word(&desk, "okafor").await, "HAND OVER");
        let scans = kept(app);
        let told: Vec<(&str, Option<&str>)> = scans.iter().map(|scan| (scan.direction.as_str(), scan.override_reason.as_deref())).collect();
        assert_eq!(told, [("in", None), ("out", Some("The other Maya"))]);
        let reasons: Vec<Option<String>> =
            app.look(|db| Ok(audit_trail::table.filter(audit_trail::action.eq("scan.taken")).select(audit_trail::reason).load(db)?));
        assert!(reasons.contains(&Some("The other Maya".to_owned())), "{reasons:?}");
        desk.open(&format!("/staff/events/congress-2026/people/{}", maya.code)).await.says("Taken back: The other Maya");
    }

    async fn the_desk_says_why_somebody_gets_no_badge(app) {
        let event = congress(app);
        let (maya, sam, lost) = (maya(&event).make(app), a_registration(&event).named("Sam", "Rivera").make(app), a_registration(&event).make(app));
        let canceled = sam.clone();
        app.must(move |tx| orders::cancel_registration(tx, &canceled, "asked"));
        let old = token(app, &lost);
        app.must(move |tx| badges::replace(tx, &lost.id, "lost"));
        app.letters();
        let desk = app.as_staff(Role::Onsite).await;
        assert_eq!(word(&desk, "rivera").await, "CANCELED");
        assert_eq!(word(&desk, &old).await, "OLD BADGE");
        assert_eq!(word(&desk, "https://example.org/menu").await, "NOT KNOWN");
        assert_eq!(word(&desk, &token(app, &maya)[..20]).await, "NOT KNOWN");
        let forged = badges::rules::token(&"0f".repeat(16), &"aa".repeat(32)).expect("a code");
        assert_eq!(word(&desk, &forged).await, "NOT KNOWN");
        assert_eq!(names(&desk, "nobody").await, Vec::<String>::new());
        desk.open(&format!("{DESK}?q=nobody")).await.says("Nobody found");
        // Who must not have a badge gets none, and none is printed, whatever the button.
        let answer = send(&desk, &json!({ "id": new_id(), "registration": sam.code, "direction": "in", "print": true })).await;
        assert_eq!((&answer["answer"]["word"], &answer["pdf"]), (&json!("CANCELED"), &Value::Null));
    }

    async fn outside_its_hours_the_desk_says_where_this_type_gets_its_badges(app) {
        let event = congress(app);
        let general = maya(&event).make(app);
        let both = a_registration(&event).named("Wendy", "Workshop").buying("general-workshop").make(app);
        app.set_clock("2026-03-08T06:30:00-07:00");
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(&card(&general)).await.says("NOT OPEN").says("Harbor Hall foyer (General conference) from Mon 9 Mar 2026, 7:00 AM Pacific");
        desk.open(&card(&both)).await.says("NOT OPEN").says("Quay Entrance (Workshop day) from Sun 8 Mar 2026, 7:00 AM Pacific");
        // With a reason it is handed out all the same, and the reason is kept.
        desk.open(&card(&general)).await.says("Hand out all the same");
        desk.submit("/pick-ups", &[("direction", "in"), ("reason", "A speaker")]).await.expect(303);
        assert_eq!(kept(app)[0].override_reason.as_deref(), Some("A speaker"));
        assert_eq!(word(&desk, "okafor").await, "NOT OPEN");
        app.set_clock("2026-03-08T07:30:00-07:00");
        assert_eq!(word(&desk, "okafor").await, "PICKED UP");
    }

    async fn pick_ups_that_come_late_keep_their_own_times_and_come_once(app) {
        let event = congress(app);
        let (maya, sam) = (maya(&event).make(app), a_registration(&event).named("Sam", "Rivera").make(app));
        app.set_clock("2026-03-09T08:30:00-07:00");
        let (one, other) = (app.as_staff(Role::Onsite).await, app.as_staff(Role::Registrar).await);
        let first = late(&maya, "2026-03-09T07:50:00-07:00");
        let told = send(&one, &first).await;
        assert_eq!(told["answer"]["word"], "HAND OVER");
        assert_eq!(send(&one, &first).await["answer"], told["answer"], "the same id is the same pick-up");
        send(&one, &late(&sam, "2026-03-09T07:52:00-07:00")).await;
        let kept_now = kept(app);
        let times: Vec<String> = kept_now.iter().map(|scan| scan.scanned_at.rfc3339_in(event.zone())[11..16].to_owned()).collect();
        assert_eq!(times, ["07:50", "07:52"]);
        assert!(kept_now.iter().all(|scan| scan.offline));
        assert_eq!(found(&one, "okafor").await["people"][0]["picked_up"], json!("7:50 AM by Sam onsite, Badge pick-up"));
        // Another laptop handed out the same badge meanwhile: staff decide.
        send(&other, &late(&maya, "2026-03-09T07:55:00-07:00")).await;
        let found = app.look(|db| collisions::list(db, &event.id, &Filter::default(), 10));
        let found: Vec<&str> = found.iter().map(|one| one.collision.kind.as_str()).collect();
        assert_eq!(found, ["refused"]);
    }

    async fn a_badge_that_was_replaced_meanwhile_is_known_as_the_old_one(app) {
        let event = congress(app);
        let maya = maya(&event).make(app);
        let desk = app.as_staff(Role::Onsite).await;
        let old = found(&desk, "okafor").await["people"][0]["badge"].clone();
        let id = maya.id.clone();
        app.must(move |tx| badges::replace(tx, &id, "lost"));
        let mut body = late(&maya, "2026-03-09T07:41:00-07:00");
        body["badge"] = old;
        assert_eq!(send(&desk, &body).await["answer"]["outcome"], "revoked");
        assert_eq!(word(&desk, "okafor").await, "HAND OVER", "the new badge is still here");
        body["id"] = json!(new_id());
        body["badge"] = json!("no such badge");
        desk.open(DESK).await;
        desk.script(Method::POST, PICK_UPS, &body).await.expect(409);
    }
}

/// The list of a desk as the laptop opens it.
async fn list(desk: &Visitor) -> (Value, Value) {
    let sealed = desk.open(&format!("{DESK}/list")).await.json();
    let bytes = |name: &str| hex(sealed[name].as_str().expect("hex"));
    let key = ring::aead::UnboundKey::new(&ring::aead::AES_256_GCM, &bytes("key")).expect("a key");
    let mut text = bytes("sealed");
    let nonce = ring::aead::Nonce::try_assume_unique_for_key(&text[..12]).expect("a nonce");
    let opened = ring::aead::LessSafeKey::new(key).open_in_place(nonce, ring::aead::Aad::empty(), &mut text[12..]).expect("the list opens");
    (serde_json::from_slice(opened).expect("JSON"), sealed)
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hex")).collect()
}

on_both! {
    async fn the_laptops_list_has_no_email_only_a_flag_of_what_somebody_needs_and_ends_with_the_sign_in(app) {
        let event = congress(app);
        maya(&event).email("secret-address@hospital.example").with_details(|details| details.accommodation = "wheelchair".to_owned()).make(app);
        let desk = app.as_staff(Role::Onsite).await;
        let (opened, sealed) = list(&desk).await;
        let card = &opened["cards"][0];
        assert_eq!((&card["name"], &card["accommodation"]), (&json!("Maya Okafor"), &json!(true)));
        let text = opened.to_string();
        assert!(!text.contains("secret-address") && !text.contains("wheelchair") && !text.contains("LYD1"), "{text}");
        assert!(!sealed.to_string().contains("Okafor"), "only sealed");
        assert_eq!(found(&desk, "okafor").await["people"][0]["needs"], json!("wheelchair"), "asked online, the desk is told");
        assert_eq!(sealed["expires_at"], json!("2026-03-10T02:42:00Z"), "twelve hours after signing in");
        // Whoever signs in next has another key.
        let (_, again) = list(&desk).await;
        assert_eq!(again["version"], sealed["version"]);
        let (_, other) = list(&app.as_staff(Role::Registrar).await).await;
        assert_ne!(other["key"], sealed["key"]);
        app.set_clock("2026-03-09T19:42:01-07:00");
        assert!(desk.get(&format!("{DESK}/list")).await.expect(303).location().starts_with("/staff/sign-in"));
    }

    async fn no_phone_and_no_program_gets_the_list_and_no_other_role_works_the_desk(app) {
        let event = congress(app);
        let maya = maya(&event).make(app);
        let new = NewDevice { name: "Phone".to_owned(), doors: vec!["pickup".to_owned()], every_door: false, may_override: true, hours: None };
        let secrets = app.must(move |tx| Ok(devices::create(tx, &event, &new)?.1));
        let phone = app.visitor().await;
        phone.open(&format!("/pair/{}", secrets.link)).await;
        phone.submit("/pair/", &[]).await.expect(303);
        for path in [DESK.to_owned(), format!("{DESK}/list"), format!("{DESK}/people?q=okafor"), card(&maya), WALK_IN.to_owned()] {
            phone.get(&path).await.expect(403);
            for role in [Role::Education, Role::Finance, Role::Auditor, Role::Content] {
                app.as_staff(role).await.get(&path).await.expect(403);
            }
        }
        // A desk is a pick-up; another door has none.
        app.as_staff(Role::Onsite).await.get("/staff/events/congress-2026/checkpoints/door-K1/desk").await.expect(404);
        let stranger = app.must(|tx| staff::add(tx, "s@staff.example", "S", Role::Onsite, None).and_then(|id| staff::sign_in(tx, &id)));
        let signed_out = app.visitor().await;
        signed_out.set_cookie(STAFF_COOKIE, &stranger);
        signed_out.open(DESK).await;
        signed_out.submit("/staff/sign-out", &[]).await.expect(303);
        signed_out.get(&format!("{DESK}/list")).await.expect(303);
    }

    async fn who_walks_in_is_registered_on_one_screen_and_gets_a_badge(app) {
        congress(app);
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(DESK).await;
        desk.click("Register a walk-in").await.expect(200).says("General conference, $1,299.00").says("Support person, free of charge, with a code");
        let to = desk
            .submit("/walk-in", &[("given_name", "Noor"), ("family_name", "Haddad"), ("email", "noor@hospital.example"), ("credentials", "PharmD"),
                ("organization", "Saint Brigid")])
            .await.expect(303).location().to_owned();
        desk.open(&to).await.says("Registered, $1,299.00 to pay").says("Noor Haddad").says("PharmD · Saint Brigid").says("HAND OVER");
        app.expect_letter("noor@hospital.example", "registration_confirmed");
        desk.submit("/pick-ups", &[("print", "yes")]).await.expect(303);
        assert_eq!(word(&desk, "haddad").await, "PICKED UP");
        // The same person again is found instead.
        desk.open(WALK_IN).await;
        let again = desk.submit("/walk-in", &[("given_name", "Noor"), ("family_name", "Haddad"), ("email", "noor@hospital.example")]).await;
        again.expect(422).says("is registered already");
        desk.click("Find this person").await.expect(200).says("PICKED UP");
    }

    async fn what_is_wrong_with_a_walk_in_is_said_at_its_field_and_what_was_typed_stays(app) {
        congress(app);
        let desk = app.as_staff(Role::Registrar).await;
        desk.open(WALK_IN).await;
        let page = desk.submit("/walk-in", &[("given_name", ""), ("email", "noor@"), ("organization", "Saint Brigid")]).await.expect(422);
        let page = page.says("Enter a complete e-mail address").says("Enter your name");
        assert_eq!(page.text().matches("Enter a complete e-mail address").count(), 2, "in the summary and at the field");
        assert!(page.html().contains("Saint Brigid"));
        // Somebody who helps an attendee is free of charge with the code, and the code is checked.
        let helper = [("given_name", "Ines"), ("family_name", "Ito"), ("email", "ines@home.example"), ("registration_type", "support-person")];
        desk.submit("/walk-in", &helper).await.expect(422);
        let with_code = [helper.as_slice(), &[("code", "WITH-YOU-26")]].concat();
        let to = desk.submit("/walk-in", &with_code).await.expect(303).location().to_owned();
        desk.open(&to).await.says("Registered, nothing to pay");
        app.expect_letter("ines@home.example", "registration_confirmed");
        app.as_staff(Role::Onsite).await.open("/staff").await.says("Pick-up desk");
    }
}
