//! Quotes and orders through the API: what things cost, which discount wins, and why (PRC-1 to PRC-4).

use crate::on_both;
use crate::support::builders::{a_congress, a_hospital, a_registration};
use crate::support::visitor::{Answer, Api};
use lanyard::hospitals::Hospital;
use lanyard::orders::claims;
use lanyard::staff::Role;
use serde_json::{Value, json};

/// One line of a quote: `general`, at this address, with nothing else.
fn line(email: &str) -> Value {
    json!({ "registration_type": "general", "email": email })
}

fn at(hospital: &Hospital, email: &str) -> Value {
    json!({ "registration_type": "general", "email": email, "hospital_ccn": hospital.ccn })
}

async fn quote(api: &Api, lines: &[Value], codes: &[&str]) -> Value {
    api.post("/events/congress-2026/quotes", json!({ "lines": lines, "codes": codes })).await.expect(200).json()
}

async fn order(api: &Api, lines: &[Value], codes: &[&str]) -> Answer {
    let mut people = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let mut line = line.clone();
        line["person"] = json!({ "given_name": "Ada", "family_name": format!("Okonkwo{number}") });
        people.push(line);
    }
    let buyer = json!({ "name": "Ada Okonkwo", "email": "buyer@hospital.example" });
    api.post("/events/congress-2026/orders", json!({ "lines": people, "codes": codes, "buyer": buyer, "payment": "invoice" })).await
}

/// The discounts of a priced item as `kind percent amount applied`.
fn discounts(item: &Value) -> Vec<String> {
    let all = item["discounts"].as_array().unwrap().iter();
    all.map(|one| format!("{} {} {} {}", one["kind"].as_str().unwrap(), one["percent"], one["amount"]["amount"], one["applied"])).collect()
}

fn reason(quote: &Value, kind: &str) -> String {
    let all = quote["lines"][0]["discounts"].as_array().unwrap().iter();
    let found = all.filter(|one| one["kind"] == kind).map(|one| one["reason"].as_str().unwrap().to_owned()).next();
    found.unwrap_or_else(|| panic!("no {kind} in {quote:#}"))
}

on_both! {
    async fn the_quote_names_every_candidate_and_why_it_won_or_lost(app) {
        a_congress().make(app);
        let hospital = a_hospital("Harborview").domain("harborview.example").recognized("2025-07-01", "2027-06-30").make(app);
        let api = app.public_api().await;
        let quote = quote(&api, &[at(&hospital, "ada@harborview.example")], &["SAFER10"]).await;
        assert_eq!(
            discounts(&quote["lines"][0]),
            ["recognized_hospital 15 19485 true", "group 15 19485 false", "promotional 10 12990 false"]
        );
        assert_eq!((quote["lines"][0]["list"]["amount"].as_i64(), quote["total"]["amount"].as_i64()), (Some(129_900), Some(110_415)));
        assert!(reason(&quote, "recognized_hospital").contains("harborview.example"));
        assert_eq!(reason(&quote, "group"), "It is given to 3 or more people in one order; this order has 1.");
        assert!(reason(&quote, "promotional").contains("only the best discount is given"), "{}", reason(&quote, "promotional"));
        assert_eq!(quote["email_taken_as_verified"], true);
    }

    async fn the_price_is_that_of_the_day_of_the_order(app) {
        a_congress().make(app);
        let api = app.public_api().await;
        for (now, cents) in [
            ("2026-01-09T23:59:59-08:00", 99_900),
            ("2026-01-10T00:00:00-08:00", 114_900),
            ("2026-02-27T23:59:59-08:00", 114_900),
            ("2026-02-28T00:00:00-08:00", 129_900),
            ("2026-03-10T23:59:59-07:00", 129_900),
        ] {
            app.set_clock(now);
            assert_eq!(quote(&api, &[line("ada@x.example")], &[]).await["total"]["amount"], cents, "{now}");
        }
        app.set_clock("2026-03-11T00:00:00-07:00");
        let late = api.post("/events/congress-2026/quotes", json!({ "lines": [line("ada@x.example")] })).await.expect(409);
        assert_eq!(late.code(), "orders.not_on_sale");
    }

    async fn three_people_are_a_group_and_two_are_not(app) {
        a_congress().make(app);
        let api = app.public_api().await;
        let people = |count: usize| (0..count).map(|number| line(&format!("p{number}@x.example"))).collect::<Vec<_>>();
        assert_eq!(quote(&api, &people(2), &[]).await["total"]["amount"], 2 * 129_900);
        let three = quote(&api, &people(3), &[]).await;
        assert_eq!(three["total"]["amount"], 3 * 110_415);
        assert!(three["lines"].as_array().unwrap().iter().all(|item| item["discounts"][0]["kind"] == "group"));
    }

    async fn a_workshop_is_its_own_line_without_the_discount(app) {
        a_congress().make(app);
        let hospital = a_hospital("Harborview").domain("harborview.example").recognized("2025-07-01", "2027-06-30").make(app);
        let mut wanted = at(&hospital, "ada@harborview.example");
        wanted["sessions"] = json!(["W1", "B1"]);
        let quote = quote(&app.public_api().await, &[wanted], &[]).await;
        let items: Vec<(&str, i64)> =
            quote["lines"].as_array().unwrap().iter().map(|item| (item["item"].as_str().unwrap(), item["net"]["amount"].as_i64().unwrap())).collect();
        assert_eq!(items, [("general", 110_415), ("W1", 39_500)]);
        assert_eq!(quote["total"]["amount"], 149_915);
    }

    async fn only_a_term_that_is_approved_and_paid_and_covers_the_first_day_counts(app) {
        a_congress().make(app);
        let api = app.public_api().await;
        let hospitals = [
            (a_hospital("Covered").recognized("2026-03-08", "2028-03-07"), true),
            (a_hospital("Last day").recognized("2024-03-09", "2026-03-08"), true),
            (a_hospital("Ended").recognized("2024-01-01", "2025-12-31"), false),
            (a_hospital("Begins later").recognized("2026-03-09", "2028-03-08"), false),
            (a_hospital("Conditional").conditional("2025-07-01", "2027-06-30"), false),
            (a_hospital("Unpaid").unpaid("2025-07-01", "2027-06-30"), false),
            (a_hospital("Revoked").revoked("2025-07-01", "2027-06-30", "2026-02-01"), false),
            (a_hospital("Never"), false),
        ];
        for (number, (maker, counts)) in hospitals.into_iter().enumerate() {
            let domain = format!("h{number}.example");
            let hospital = maker.domain(&domain).make(app);
            let quote = quote(&api, &[at(&hospital, &format!("ada@{domain}"))], &[]).await;
            assert_eq!(quote["total"]["amount"], if counts { 110_415 } else { 129_900 }, "{}: {}", hospital.name, reason(&quote, "recognized_hospital"));
        }
    }

    async fn a_sibling_of_a_recognized_hospital_is_not_recognized(app) {
        a_congress().make(app);
        a_hospital("UCI Health Orange").domain("uci.example").recognized("2025-07-01", "2027-06-30").make(app);
        let sibling = a_hospital("UCI Health Fountain Valley").domain("fountain.uci.example").make(app);
        let quote = quote(&app.public_api().await, &[at(&sibling, "ada@fountain.uci.example")], &[]).await;
        assert_eq!(quote["total"]["amount"], 129_900);
        assert!(reason(&quote, "recognized_hospital").contains("each hospital by itself"));
    }

    async fn a_shared_domain_holds_the_place_and_waits_for_staff(app) {
        let event = a_congress().make(app);
        let hospital = a_hospital("UCI Health Orange").domain("uci.example").recognized("2025-07-01", "2027-06-30").make(app);
        a_hospital("UCI Health Placentia").domain("uci.example").make(app);
        let registrar = app.api(Role::Registrar).await;
        let placed = order(&registrar, &[at(&hospital, "ada@uci.example")], &[]).await.expect(201).json();
        assert_eq!((placed["total"]["amount"].as_i64(), placed["status"].as_str()), (Some(129_900), Some("held")));
        app.expect_letter("ada@uci.example", "registration_confirmed");
        let waiting = app.look(|db| claims::list(db, &event.id, claims::ClaimStatus::Pending));
        let (claim, registration) = waiting.into_iter().next().unwrap();
        let code = registration.code.clone();
        app.must(move |tx| claims::decide(tx, claim.id.as_str(), true, "on the coordinator's list"));
        let letter = app.expect_letter("ada@uci.example", "discount_decided");
        assert!(letter.text().contains("$1,104.15"), "{}", letter.text());
        let detail = registrar.get(&format!("/registrations/{code}")).await.expect(200).json();
        assert_eq!(detail["order"]["balance"]["amount"], 110_415);
    }

    async fn a_recognition_after_the_order_is_credited_without_asking(app) {
        let event = a_congress().make(app);
        let hospital = a_hospital("Late Bloomer").domain("late.example").make(app);
        let ada = a_registration(&event).email("ada@late.example").at_hospital(&hospital).make(app);
        let stranger = a_registration(&event).email("eve@elsewhere.example").at_hospital(&hospital).make(app);
        a_hospital("Late Bloomer").of(&hospital).recognized("2026-01-01", "2027-12-31").make(app);
        app.run_jobs();
        let letter = app.expect_letter("ada@late.example", "recognition_credited");
        assert!(letter.text().contains("$194.85"), "{}", letter.text());
        let registrar = app.api(Role::Registrar).await;
        let balance = |answer: Value| answer["order"]["balance"]["amount"].as_i64().unwrap();
        assert_eq!(balance(registrar.get(&format!("/registrations/{}", ada.code)).await.json()), 110_415);
        assert_eq!(balance(registrar.get(&format!("/registrations/{}", stranger.code)).await.json()), 129_900);
        assert_eq!(app.look(|db| claims::list(db, &event.id, claims::ClaimStatus::Pending)).len(), 1, "who shows no proof waits for staff");
        app.run_jobs();
        assert_eq!(app.letters().len(), 0, "and it is credited once");
    }

    async fn a_later_end_of_recognition_bills_nobody_again(app) {
        let event = a_congress().make(app);
        let hospital = a_hospital("Was There").domain("was.example").recognized("2025-07-01", "2027-06-30").make(app);
        let ada = a_registration(&event).email("ada@was.example").at_hospital(&hospital).make(app);
        let mut term = app.look(|db| lanyard::hospitals::recognitions(db, &hospital.id)).remove(0);
        term.revoked_on = Some("2026-03-02".parse().unwrap());
        app.must(move |tx| lanyard::hospitals::save_recognition(tx, &term));
        app.run_jobs();
        let registrar = app.api(Role::Registrar).await;
        let detail = registrar.get(&format!("/registrations/{}", ada.code)).await.json();
        assert_eq!(detail["order"]["balance"]["amount"], 110_415);
    }

    async fn an_order_of_the_public_gets_the_discount_only_for_a_verified_address(app) {
        a_congress().make(app);
        let hospital = a_hospital("Harborview").domain("harborview.example").recognized("2025-07-01", "2027-06-30").make(app);
        let public = order(&app.public_api().await, &[at(&hospital, "ada@harborview.example")], &[]).await.expect(201).json();
        assert_eq!((public["total"]["amount"].as_i64(), public["status"].as_str()), (Some(129_900), Some("held")));
        let registrar = app.api(Role::Registrar).await;
        let desk = order(&registrar, &[at(&hospital, "bea@harborview.example")], &[]).await.expect(201).json();
        assert_eq!(desk["total"]["amount"], 110_415);
        assert_eq!(app.letters().len(), 2);
    }

    async fn a_staff_code_proves_it_as_often_as_it_may(app) {
        let event = a_congress().make(app);
        let hospital = a_hospital("Harborview").recognized("2025-07-01", "2027-06-30").staff_code("HARBOR-2026", 2).make(app);
        let registrar = app.api(Role::Registrar).await;
        let mut totals = Vec::new();
        for number in 0..3 {
            let mut wanted = line(&format!("p{number}@elsewhere.example"));
            wanted["staff_code"] = json!("harbor 2026");
            totals.push(order(&registrar, &[wanted], &[]).await.expect(201).json()["total"]["amount"].as_i64().unwrap());
        }
        assert_eq!(totals, [110_415, 110_415, 129_900]);
        let waiting = app.look(|db| claims::list(db, &event.id, claims::ClaimStatus::Pending));
        assert_eq!(waiting[0].1.hospital_id.as_ref(), Some(&hospital.id));
        app.ignore_letters();
    }

    async fn a_group_uses_a_code_as_often_as_it_may_be(app) {
        a_congress().make(app);
        let registrar = app.api(Role::Registrar).await;
        let people: Vec<Value> = (0..5).map(|number| line(&format!("p{number}@x.example"))).collect();
        let quoted = quote(&registrar, &people, &["VOICE50"]).await;
        let nets = |answer: &Value| answer["lines"].as_array().unwrap().iter().map(|item| item["net"]["amount"].as_i64().unwrap()).collect::<Vec<_>>();
        assert_eq!(nets(&quoted), [64_950, 64_950, 110_415, 110_415, 110_415], "its cap is two; the others are a group");
        let placed = order(&registrar, &people, &["VOICE50"]).await.expect(201).json();
        assert_eq!(placed["total"], quoted["total"]);
        app.ignore_letters();
    }

    async fn a_code_given_twice_counts_once(app) {
        a_congress().make(app);
        let quote = quote(&app.public_api().await, &[line("ada@x.example")], &["VOICE50", "voice-50"]).await;
        assert_eq!(discounts(&quote["lines"][0]), ["scholarship 50 64950 true", "group 15 19485 false"]);
    }

    async fn what_is_placed_costs_what_was_quoted(app) {
        a_congress().make(app);
        let hospital = a_hospital("Harborview").domain("harborview.example").recognized("2025-07-01", "2027-06-30").make(app);
        let registrar = app.api(Role::Registrar).await;
        let mut with_workshop = at(&hospital, "ada@harborview.example");
        with_workshop["sessions"] = json!(["W1", "B1"]);
        let mut support = line("sam@harborview.example");
        support["registration_type"] = json!("support-person");
        let lines = [with_workshop, line("bea@x.example"), support];
        let codes = ["SAFER10", "WITH-YOU-26"];
        let quoted = quote(&registrar, &lines, &codes).await;
        let placed = order(&registrar, &lines, &codes).await.expect(201).json();
        assert_eq!(placed["total"], quoted["total"]);
        let enrolled = &placed["registrations"][0]["enrollments"];
        let seats: Vec<&str> = enrolled.as_array().unwrap().iter().map(|one| one["session"].as_str().unwrap()).collect();
        assert_eq!((seats.len(), seats.contains(&"B1"), seats.contains(&"W1")), (2, true, true));
        assert!(enrolled.as_array().unwrap().iter().all(|one| one["status"] == "enrolled"));
        app.ignore_letters();
    }

    async fn what_cannot_be_priced_is_said_at_its_field(app) {
        a_congress().make(app);
        let api = app.public_api().await;
        let cases = [
            (json!({ "lines": [] }), "lines"),
            (json!({ "lines": [{ "registration_type": "gold", "email": "a@x.example" }] }), "lines[0].registration_type"),
            (json!({ "lines": [{ "registration_type": "general", "email": "nobody" }] }), "lines[0].email"),
            (json!({ "lines": [{ "registration_type": "general", "email": "a@x.example", "sessions": ["B1", "X9"] }] }), "lines[0].sessions[1]"),
            (json!({ "lines": [{ "registration_type": "general", "email": "a@x.example", "hospital_ccn": "999999" }] }), "lines[0].hospital_ccn"),
            (json!({ "lines": [{ "registration_type": "general", "email": "a@x.example", "staff_code": "NONE-SUCH" }] }), "lines[0].staff_code"),
            (json!({ "lines": [line("a@x.example")], "codes": ["NONE"] }), "codes[0]"),
            (json!({ "lines": [line("a@x.example")], "coupon": "X" }), "coupon"),
            (json!({ "lines": [{ "registration_type": "general" }] }), "lines[0].email"),
        ];
        for (body, field) in cases {
            let answer = api.post("/events/congress-2026/quotes", body.clone()).await.expect(422);
            assert_eq!(answer.json()["errors"][0]["field"], field, "{body}");
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        }
        let closed = json!({ "lines": [{ "registration_type": "support-person", "email": "a@x.example" }] });
        assert_eq!(api.post("/events/congress-2026/quotes", closed).await.expect(409).code(), "orders.code_needed");
    }
}
