//! Registering in three screens: who, what, and the explained price; then the confirmation.

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::visitor::{Answer, Visitor};
use chrono::NaiveDate;
use lanyard::hospitals::{self, NewCode, Recognition};
use lanyard::ids::RecognitionId;
use lanyard::registration::Registration;
use lanyard::setup::{self, document};
use lanyard::{events, people, registration};

const REGISTER: &str = "/events/congress-2026/register";
const EMANUEL: &str = "380007";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The demo's congress on the Monday before it, and its hospitals: Legacy Emanuel is recognized and has a
/// domain of its own and one that it shares with Legacy Mount Hood.
pub fn congress(app: &TestApp) {
    app.set_clock("2026-03-02T09:00:00-08:00");
    app.must(|tx| setup::import(tx, &document::read(include_bytes!("../data/demo/congress-2026.toml"))?));
    let list = hospitals::cms_file::read(include_bytes!("../data/demo_hospitals.csv")).unwrap();
    app.must(move |tx| {
        hospitals::import(tx, &list, false, &mut |_, _| {})?;
        let emanuel = hospitals::find_by_ccn(tx.db, EMANUEL)?.unwrap().id;
        let sibling = hospitals::find_by_ccn(tx.db, "380025")?.unwrap().id;
        hospitals::add_domain(tx, &emanuel, "emanuel-demo.example")?;
        hospitals::add_domain(tx, &emanuel, "legacy-system-demo.example")?;
        hospitals::add_domain(tx, &sibling, "legacy-system-demo.example")?;
        hospitals::add_code(tx, &emanuel, &NewCode { event: None, code: "EMANUEL-26".to_owned(), cap: 5, expires_on: day("2026-12-31") })?;
        hospitals::save_recognition(
            tx,
            &Recognition {
                id: RecognitionId::new(),
                hospital_id: emanuel,
                term_starts_on: day("2025-07-01"),
                term_ends_on: day("2027-06-30"),
                conditional: false,
                approved_on: Some(day("2025-06-01")),
                paid_on: Some(day("2025-06-15")),
                revoked_on: None,
            },
        )
    });
    app.run_jobs();
}

/// Sends the first screen: Maya Okafor, a physician, with changes.
pub async fn who(visitor: &Visitor, changes: &[(&str, &str)]) -> Answer {
    visitor.open(REGISTER).await;
    send_who(visitor, changes).await
}

async fn send_who(visitor: &Visitor, changes: &[(&str, &str)]) -> Answer {
    let usual = [
        ("given_name", "Maya"),
        ("family_name", "Okafor"),
        ("email", "maya.okafor@example.org"),
        ("profession", "physician"),
        ("hospital_ccn", ""),
    ];
    let kept = usual.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let fields: Vec<(&str, &str)> = kept.chain(changes).copied().collect();
    visitor.submit("/register", &fields).await
}

/// Goes through the first two screens; shows the third.
pub async fn review(visitor: &Visitor, changes: &[(&str, &str)], sessions: &[&str]) -> Answer {
    who(visitor, changes).await.expect(303);
    visitor.follow().await.expect(200).says("What you attend");
    let fields: Vec<(&str, &str)> = sessions.iter().map(|code| ("sessions[]", *code)).collect();
    visitor.submit("/sessions", &fields).await.expect(303);
    visitor.follow().await
}

fn only_registration(app: &TestApp, email: &str) -> Registration {
    let (key, family) = (email.to_lowercase(), "okafor");
    app.look(|db| {
        let person = people::find(db, &key, family)?.expect("a person");
        Ok(registration::of_person(db, &person.id)?.remove(0))
    })
}

on_both! {
    async fn somebody_registers_in_three_screens_and_gets_code_badge_and_calendar(app) {
        congress(app);
        let visitor = app.visitor().await;
        let page = review(&visitor, &[], &["B1", "B9"]).await.expect(200);
        page.clone().says("Maya Okafor").says("Five days, five whys").says("General conference, on site price").says("Total\n$1,299.00");
        page.says("Why not group of three or more, 15 %?");
        visitor.submit("/review", &[("do", "place")]).await.expect(303);
        let page = visitor.follow().await.expect(200).says("You are registered").says("Pay $1,299.00 by Wed 1 Apr 2026");
        let own = only_registration(app, "maya.okafor@example.org");
        let page = page.says(&own.code).says("Enrolled").says("Included");
        assert!(page.html().contains("badge.svg"));
        visitor.click("Add to calendar").await.expect(200).says("BEGIN:VCALENDAR").says("Five days");
        let letter = app.expect_letter("maya.okafor@example.org", "registration_confirmed");
        assert!(letter.text().contains(&own.code) && letter.part("text/calendar").is_some());
    }

    async fn a_form_that_is_sent_twice_becomes_one_order(app) {
        congress(app);
        app.ignore_letters();
        let visitor = app.visitor().await;
        let shown = review(&visitor, &[], &["B1"]).await.expect(200);
        let total = "129900";
        assert!(shown.html().contains(total));
        let forms = crate::support::html::forms(&shown.html());
        let action = forms.iter().find(|form| form.action.ends_with("/review")).unwrap().action.clone();
        let token = visitor.form_token().unwrap();
        let fields = [("csrf", token.as_str()), ("do", "place"), ("total", total)];
        let first = visitor.post_exactly(&action, &fields).await.expect(303).location().to_owned();
        let again = visitor.post_exactly(&action, &fields).await.expect(303).location().to_owned();
        assert_eq!(first, again);
        assert!(first.ends_with("/confirmation"));
        let own = only_registration(app, "maya.okafor@example.org");
        assert_eq!(app.look(|db| registration::of_order(db, &own.order_id)).len(), 1);
        assert_eq!(app.look(|db| registration::of_person(db, &own.person_id)).len(), 1);
        // Every screen of the draft leads to what became of it.
        let base = action.trim_end_matches("/review");
        for screen in ["", "/sessions", "/review"] {
            assert!(visitor.get(&format!("{base}{screen}")).await.expect(303).location().ends_with("/confirmation"));
        }
    }

    async fn staff_of_a_recognized_hospital_see_the_15_percent_and_why_once_their_address_is_confirmed(app) {
        congress(app);
        let visitor = app.visitor().await;
        let maya = [("email", "maya@emanuel-demo.example"), ("hospital_ccn", EMANUEL)];
        who(&visitor, &[]).await;
        visitor.open(REGISTER).await;
        let found = visitor.submit("/register", &[("hospital_q", "emanuel portland"), ("search_hospital", "yes")]).await.expect(200);
        found.says("LEGACY EMANUEL MEDICAL CENTER").says("CCN 380007 · recognized until Wed 30 Jun 2027");
        send_who(&visitor, &maya).await.expect(303);
        visitor.follow().await.expect(200);
        visitor.submit("/sessions", &[("sessions[]", "B1")]).await.expect(303);
        let page = visitor.follow().await.expect(200);
        let page = page.says("We mailed a code to maya@emanuel-demo.example").says("Confirm your e-mail to get the 15 %");
        page.says("Total\n$1,299.00");
        let code = app.expect_letter("maya@emanuel-demo.example", "email_code").code();
        let wrong = if code == "000000" { "000001" } else { "000000" };
        visitor.submit("/review", &[("email_code", wrong), ("do", "verify")]).await.expect(422).says("This code is wrong or too old");
        let page = visitor.submit("/review", &[("email_code", &code), ("do", "verify")]).await.expect(200);
        let page = page.says("Your e-mail address is confirmed").says("Recognized hospital, 15 %").says("$194.85");
        let page = page.says("Your e-mail at emanuel-demo.example shows that you work at LEGACY EMANUEL MEDICAL CENTER");
        page.says("Total\n$1,104.15").says_nothing_of("We mailed a code to");
        visitor.submit("/review", &[("do", "place")]).await.expect(303);
        visitor.follow().await.expect(200).says("Pay $1,104.15").says_nothing_of("being checked");
        let letter = app.expect_letter("maya@emanuel-demo.example", "registration_confirmed");
        assert!(letter.text().contains("$1,104.15") && letter.text().contains("15"), "{}", letter.text());
        app.ignore_letters();
    }

    async fn who_does_not_type_the_code_keeps_the_place_at_full_price_and_is_checked(app) {
        congress(app);
        app.ignore_letters();
        let visitor = app.visitor().await;
        let page = review(&visitor, &[("email", "maya@emanuel-demo.example"), ("hospital_ccn", EMANUEL)], &[]).await;
        page.says("Register and let staff check my hospital");
        visitor.submit("/review", &[("do", "place")]).await.expect(303);
        visitor.follow().await.says("You are registered").says("is being checked");
        let own = only_registration(app, "maya@emanuel-demo.example");
        app.as_attendee(&own).await.open(&format!("/my/{}", own.code)).await.says("Being checked").says("the invoice waits");
    }

    async fn a_shared_domain_is_checked_by_staff_and_a_staff_code_proves_by_itself(app) {
        congress(app);
        app.ignore_letters();
        let shared = app.visitor().await;
        let page = review(&shared, &[("email", "maya@legacy-system-demo.example"), ("hospital_ccn", EMANUEL)], &[]).await.expect(200);
        page.says("legacy-system-demo.example is used by several hospitals").says("Total\n$1,299.00").says_nothing_of("We mailed a code");
        let coded = app.visitor().await;
        let page = who(&coded, &[("staff_code", "EMANUEL-99")]).await.expect(422).says("This hospital code is not known");
        assert!(page.html().contains("EMANUEL-99"), "what was typed stays");
        let page = review(&coded, &[("staff_code", "emanuel 26"), ("hospital_ccn", EMANUEL)], &[]).await.expect(200);
        page.says("You gave a staff code of LEGACY EMANUEL MEDICAL CENTER").says("Total\n$1,104.15");
    }

    async fn what_is_wrong_is_said_next_to_its_field_and_what_was_typed_stays(app) {
        congress(app);
        let visitor = app.visitor().await;
        visitor.open(REGISTER).await;
        let page = visitor.submit("/register", &[("email", "maya@hospital"), ("given_name", "Maya"), ("credentials", "MD, <b>")]).await.expect(422);
        let page = page.says("Enter a complete e-mail address").says("Choose your profession").says("Search for your hospital and choose it");
        let form = crate::support::html::forms(&page.html()).remove(0);
        let filled = |name: &str| form.filled.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
        assert_eq!(filled("email").as_deref(), Some("maya@hospital"));
        assert_eq!(filled("credentials").as_deref(), Some("MD, <b>"));
    }

    async fn an_overlap_among_chosen_seats_is_refused_with_a_sentence_that_names_both(app) {
        congress(app);
        let visitor = app.visitor().await;
        who(&visitor, &[]).await.expect(303);
        visitor.follow().await;
        let page = visitor.submit("/sessions", &[("sessions[]", "B1"), ("sessions[]", "B2")]).await.expect(422);
        page.says("B1, “Five days, five whys, one fix: making safety huddles decide”, and B2, “Discharge with the family in the room”, overlap");
        visitor.submit("/sessions", &[("sessions[]", "B1")]).await.expect(303);
    }

    async fn another_type_shows_its_own_sessions_before_it_goes_on(app) {
        congress(app);
        let visitor = app.visitor().await;
        who(&visitor, &[]).await.expect(303);
        visitor.follow().await.says("$425.00");
        let page = visitor.submit("/sessions", &[("registration_type", "general-workshop"), ("sessions[]", "W1")]).await.expect(200);
        page.says("These are the sessions of the registration you chose").says("Sessions with “General conference and workshop day”");
        visitor.submit("/sessions", &[]).await.expect(303);
        visitor.follow().await.expect(200).says("Total\n$1,595.00").says("From harm to learning");
    }

    async fn a_type_that_is_sold_by_code_is_offered_once_its_code_was_given(app) {
        congress(app);
        app.ignore_letters();
        let visitor = app.visitor().await;
        who(&visitor, &[]).await.expect(303);
        visitor.follow().await.says_nothing_of("Support person");
        visitor.submit("/sessions", &[("access_code", "wrong"), ("do", "code")]).await.expect(422).says("This code is not known");
        visitor.submit("/sessions", &[("access_code", "with you 26"), ("do", "code")]).await.expect(200).says("Support person");
        visitor.submit("/sessions", &[("registration_type", "support-person")]).await.expect(200);
        visitor.submit("/sessions", &[]).await.expect(303);
        visitor.follow().await.expect(200).says("Nothing to pay.");
        visitor.submit("/review", &[("do", "place")]).await.expect(303);
        visitor.follow().await.says("You are registered").says_nothing_of("Pay $");
    }

    async fn a_wrong_discount_code_is_said_and_the_order_waits_until_it_is_right_or_gone(app) {
        congress(app);
        app.ignore_letters();
        let visitor = app.visitor().await;
        review(&visitor, &[], &[]).await.expect(200);
        let page = visitor.submit("/review", &[("discount_code", "NOPE-26"), ("do", "apply")]).await.expect(422);
        page.says("This code is not known at this event").says("Total\n$1,299.00");
        visitor.submit("/review", &[("do", "place")]).await.expect(422);
        visitor.submit("/review", &[("discount_code", ""), ("do", "place")]).await.expect(303);
        visitor.follow().await.says("You are registered");
    }

    async fn somebody_who_is_registered_already_is_told_so_and_nothing_is_lost(app) {
        congress(app);
        app.ignore_letters();
        let first = app.visitor().await;
        review(&first, &[], &[]).await;
        first.submit("/review", &[("do", "place")]).await.expect(303);
        let second = app.visitor().await;
        review(&second, &[], &["B1"]).await;
        let fields = [("do", "place"), ("buyer_organization", "Heron Lake Hospital")];
        let page = second.submit("/review", &fields).await.expect(409).says("is registered already").says("Five days, five whys");
        assert!(page.html().contains("Heron Lake Hospital"), "{}", page.text());
    }

    async fn the_price_that_is_placed_is_never_dearer_than_the_one_that_was_shown(app) {
        congress(app);
        app.ignore_letters();
        let visitor = app.visitor().await;
        review(&visitor, &[], &[]).await;
        visitor.submit("/review", &[("do", "place"), ("total", "99900")]).await.expect(409).says("The price has changed");
        visitor.submit("/review", &[("do", "place")]).await.expect(303);
    }

    async fn a_draft_is_its_own_secret_and_ends_after_two_days(app) {
        congress(app);
        let visitor = app.visitor().await;
        let path = who(&visitor, &[]).await.expect(303).location().to_owned();
        visitor.open(&path).await;
        visitor.get("/events/congress-2026/register/no-such-draft/review").await.expect(404);
        visitor.get("/events/congress-2026/register/no-such-draft/badge.svg").await.expect(404);
        app.wait_minutes(48 * 60 + 1);
        visitor.get(&path).await.expect(404);
        app.must(|tx| registration::drafts::forget_expired(tx).map(|gone| assert_eq!(gone, 1)));
    }

    async fn hard_names_survive_registration_letter_badge_and_sign_in(app) {
        congress(app);
        app.ignore_letters();
        let rows = csv::Reader::from_reader(include_bytes!("data/hard_names.csv").as_slice()).into_records();
        for (index, row) in rows.enumerate() {
            let row = row.unwrap();
            let (name, credentials) = (&row[0], &row[1]);
            let email = format!("person{index}@example.org");
            let visitor = app.visitor().await;
            let changes = [("given_name", ""), ("family_name", name), ("email", &email), ("credentials", credentials)];
            let sent = who(&visitor, &changes).await;
            let tidy = people::rules::tidy(name);
            if tidy.is_empty() || name.chars().count() > 120 {
                sent.expect(422);
                continue;
            }
            sent.expect(303);
            visitor.follow().await.expect(200);
            visitor.submit("/sessions", &[]).await.expect(303);
            visitor.follow().await.expect(200);
            visitor.submit("/review", &[("do", "place")]).await.expect(303);
            let shown = visitor.follow().await.expect(200);
            let own = app.look(|db| {
                let person = people::find(db, &email, &people::rules::fold(name))?.expect("found by the name");
                Ok(registration::of_person(db, &person.id)?.remove(0))
            });
            assert_eq!(own.badge_name, tidy);
            let read = crate::support::html::unescape(&shown.html());
            assert!(read.contains(&tidy), "{tidy:?} is not on the page");
            let letter = app.letters_to(&email).remove(0);
            assert!(letter.text().contains(&tidy), "{tidy:?} is not in:\n{}", letter.text());
        }
    }

    async fn an_event_that_is_over_sells_nothing(app) {
        congress(app);
        app.set_clock("2026-03-12T09:00:00-07:00");
        app.visitor().await.open(REGISTER).await.says("Nothing is on sale today");
        app.must(|tx| {
            let event = events::get(tx.db, "congress-2026")?;
            events::set_published(tx, &event, false)
        });
        app.visitor().await.get(REGISTER).await.expect(404);
    }
}
