//! Quotes, orders, registrations and enrollments, as programs call them.

use crate::on_both;
use crate::registering::congress;
use crate::support::app::TestApp;
use crate::support::visitor::Api;
use lanyard::staff::Role;
use serde_json::{Value, json};

fn line(changes: Value) -> Value {
    let mut line =
        json!({ "registration_type": "general", "email": "maya@emanuel-demo.example", "hospital_ccn": "380007", "sessions": ["W1", "B1"] });
    for (name, value) in changes.as_object().unwrap() {
        line[name] = value.clone();
    }
    line
}

fn order(changes: Value) -> Value {
    let line = line(changes);
    let person = json!({ "given_name": "Maya", "family_name": "Okafor", "email": line["email"] });
    let mut line = line;
    line["person"] = person;
    json!({
        "lines": [line], "codes": [], "buyer": { "name": "Maya Okafor", "email": "maya@emanuel-demo.example" }, "payment": "invoice",
    })
}

async fn register(app: &TestApp, api: &Api) -> Value {
    let answer = api.post("/events/congress-2026/orders", order(json!({ "sessions": ["B1"] }))).await.expect(201).json();
    app.expect_letter("maya@emanuel-demo.example", "registration_confirmed");
    answer
}

on_both! {
    async fn a_quote_prices_each_item_and_tells_of_every_discount_why(app) {
        congress(app);
        let api = app.public_api().await;
        let answer = api.post("/events/congress-2026/quotes", json!({ "lines": [line(json!({}))], "codes": [] })).await.expect(200).json();
        let lines = answer["lines"].as_array().unwrap();
        assert_eq!(lines.len(), 2, "{answer}");
        assert_eq!((&lines[0]["item"], &lines[0]["list"]), (&json!("general"), &json!({ "amount": 129_900, "currency": "USD" })));
        let discounts = lines[0]["discounts"].as_array().unwrap();
        assert_eq!(discounts[0]["kind"], "recognized_hospital");
        assert_eq!(discounts[0]["amount"], json!({ "amount": 19_485, "currency": "USD" }));
        assert_eq!((&discounts[0]["percent"], &discounts[0]["applied"]), (&json!(15), &json!(true)));
        assert!(discounts[0]["reason"].as_str().unwrap().contains("LEGACY EMANUEL MEDICAL CENTER"));
        assert_eq!((&discounts[1]["kind"], &discounts[1]["applied"]), (&json!("group"), &json!(false)));
        assert_eq!(lines[0]["net"]["amount"], 110_415);
        assert_eq!((&lines[1]["item"], &lines[1]["net"]["amount"]), (&json!("W1"), &json!(42_500)));
        assert_eq!(answer["total"], json!({ "amount": 152_915, "currency": "USD" }));
        assert_eq!(answer["email_taken_as_verified"], true);
    }

    async fn an_order_of_the_public_waits_for_proof_and_a_registrars_counts_as_verified(app) {
        congress(app);
        app.ignore_letters();
        let public = order(json!({ "sessions": ["B1"] }));
        let answer = app.public_api().await.post("/events/congress-2026/orders", public).await.expect(201).json();
        assert_eq!((&answer["status"], &answer["total"]["amount"]), (&json!("held"), &json!(129_900)));
        let changes = json!({ "sessions": ["B1"], "email": "ada@emanuel-demo.example" });
        let answer = app.api(Role::Registrar).await.post("/events/congress-2026/orders", order(changes)).await.expect(201).json();
        assert_eq!((&answer["status"], &answer["total"]["amount"]), (&json!("awaiting_payment"), &json!(110_415)));
        let registration = &answer["registrations"][0];
        assert_eq!(registration["status"], "confirmed");
        assert_eq!(registration["enrollments"], json!([{ "session": "B1", "status": "enrolled" }]));
    }

    async fn bad_input_is_named_field_by_field(app) {
        congress(app);
        let api = app.public_api().await;
        let field_of = |answer: &Value| answer["errors"][0]["field"].as_str().unwrap_or_default().to_owned();
        for (changes, field) in [
            (json!({ "email": "maya" }), "lines[0].email"),
            (json!({ "registration_type": "gold" }), "lines[0].registration_type"),
            (json!({ "hospital_ccn": "999999" }), "lines[0].hospital_ccn"),
            (json!({ "staff_code": "NO-SUCH" }), "lines[0].staff_code"),
            (json!({ "sessions": ["B1", "X9"] }), "lines[0].sessions[1]"),
            (json!({ "person": {} }), "lines[0].person"),
            (json!({ "coupon": "x" }), "lines[0].coupon"),
        ] {
            let answer = api.post("/events/congress-2026/quotes", json!({ "lines": [line(changes)] })).await.expect(422).json();
            assert_eq!(field_of(&answer), field, "{answer}");
        }
        let answer = api.post("/events/congress-2026/quotes", json!({ "lines": [line(json!({}))], "codes": ["NOPE"] })).await.expect(422);
        assert_eq!(field_of(&answer.json()), "codes[0]");
        let mut differs = order(json!({}));
        differs["lines"][0]["person"]["email"] = json!("other@example.org");
        let answer = api.post("/events/congress-2026/orders", differs).await.expect(422).json();
        assert_eq!(field_of(&answer), "lines[0].person.email");
        let mut nameless = order(json!({}));
        nameless["lines"][0]["person"] = json!({ "given_name": "", "family_name": " " });
        let answer = api.post("/events/congress-2026/orders", nameless).await.expect(422).json();
        assert_eq!(field_of(&answer), "lines[0].person.given_name");
        let mut by_card = order(json!({}));
        by_card["payment"] = json!("card");
        assert_eq!(api.post("/events/congress-2026/orders", by_card).await.expect(409).code(), "orders.card_not_taken");
        api.post("/events/no-such/quotes", json!({ "lines": [] })).await.expect(404);
    }

    async fn the_same_key_places_one_order(app) {
        congress(app);
        let api = app.api(Role::Registrar).await;
        let body = order(json!({ "sessions": [] }));
        let first = api.post_once("k-1", "/events/congress-2026/orders", body.clone()).await.expect(201).json();
        let again = api.post_once("k-1", "/events/congress-2026/orders", body).await.expect(201).json();
        assert_eq!(first, again);
        let other = api.post_once("k-1", "/events/congress-2026/orders", order(json!({ "sessions": ["B1"] }))).await.expect(422);
        assert_eq!(other.json()["errors"][0]["code"], "idempotency_mismatch");
        app.expect_letter("maya@emanuel-demo.example", "registration_confirmed");
    }

    async fn a_registration_is_seen_by_its_attendee_and_by_staff_who_may(app) {
        congress(app);
        let registrar = app.api(Role::Registrar).await;
        let code = register(app, &registrar).await["registrations"][0]["code"].as_str().unwrap().to_owned();
        let path = format!("/registrations/{code}");
        app.public_api().await.get(&path).await.expect(401);
        app.api(Role::Content).await.get(&path).await.expect(404);
        let detail = app.api(Role::Auditor).await.get(&path).await.expect(200).json();
        assert_eq!((&detail["code"], &detail["status"], &detail["email"]), (&json!(code), &json!("confirmed"), &json!("maya@emanuel-demo.example")));
        registrar.get("/registrations/REG-NOBODY").await.expect(404);
        let own = app.look(|db| lanyard::registration::get(db, &code));
        let visitor = app.as_attendee(&own).await;
        visitor.get(&format!("/api/v1{path}")).await.expect(200);
        let badge = visitor.get(&format!("/api/v1{path}/badge")).await.expect(200).json();
        assert_eq!(badge["code"], json!(code));
        assert!(badge["token"].as_str().unwrap().len() > 30);
        let agenda = registrar.get(&format!("{path}/agenda?limit=500")).await.expect(200).json();
        let b1 = agenda["items"].as_array().unwrap().iter().find(|item| item["session"] == "B1").unwrap().clone();
        assert_eq!((&b1["status"], &b1["starts_at"]), (&json!("enrolled"), &json!("2026-03-09T10:30:00-07:00")));
    }

    async fn enrollments_are_made_and_ended_with_the_codes_of_the_contract(app) {
        congress(app);
        let registrar = app.api(Role::Registrar).await;
        let code = register(app, &registrar).await["registrations"][0]["code"].as_str().unwrap().to_owned();
        let path = format!("/registrations/{code}/enrollments");
        app.ignore_letters();
        app.public_api().await.post(&path, json!({ "session": "B2" })).await.expect(401);
        app.api(Role::Auditor).await.post(&path, json!({ "session": "B2" })).await.expect(403);
        for (session, refusal) in [("B1", "enrollment.already"), ("B2", "enrollment.conflict"), ("W1", "enrollment.not_included")] {
            assert_eq!(registrar.post(&path, json!({ "session": session })).await.expect(409).code(), refusal);
        }
        registrar.post(&path, json!({ "session": "X9" })).await.expect(422);
        registrar.post(&path, json!({ "session": "B2", "force": true })).await.expect(422);
        registrar.delete(&format!("{path}/B1")).await.expect(204);
        registrar.delete(&format!("{path}/B1")).await.expect(404);
        let placed = registrar.post(&path, json!({ "session": "B3" })).await.expect(201).json();
        assert_eq!(placed, json!({ "session": "B3", "status": "enrolled" }));
        app.set_clock("2026-03-09T10:30:00-07:00");
        assert_eq!(registrar.delete(&format!("{path}/B3")).await.expect(409).code(), "enrollment.closed");
        // A write that is known by a cookie alone needs the page's form token.
        app.set_clock("2026-03-09T09:00:00-07:00");
        let own = app.look(|db| lanyard::registration::get(db, &code));
        let visitor = app.as_attendee(&own).await;
        visitor.open(&format!("/my/{code}/sessions")).await;
        let method = actix_web::http::Method::POST;
        visitor.script(method, &format!("/api/v1{path}"), &json!({ "session": "B9" })).await.expect(201);
        let forged = app.as_attendee(&own).await;
        forged.script(actix_web::http::Method::DELETE, &format!("/api/v1{path}/B9"), &Value::Null).await.expect(403);
    }
}
