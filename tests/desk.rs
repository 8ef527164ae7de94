//! The help desk: finding people, one page a person, and what staff do there.

use crate::on_both;
use crate::support::app::TestApp;
use lanyard::events;
use lanyard::orders::place::{Buyer, NewOrder, place};
use lanyard::orders::quote::{Trust, WantedLine};
use lanyard::orders::{self, Payment};
use lanyard::registration::rules::Details;
use lanyard::registration::{self, Registration};
use lanyard::setup::{self, document};
use lanyard::staff::Role;

const CONGRESS: &[u8] = include_bytes!("../data/demo/congress-2026.toml");
const PEOPLE: &str = "/staff/events/congress-2026/people";

fn congress(app: &TestApp) {
    app.ignore_letters();
    app.must(move |tx| setup::import(tx, &document::read(CONGRESS)?));
}

fn details(given: &str, family: &str, email: &str) -> Details {
    Details {
        email: email.to_owned(),
        given_name: given.to_owned(),
        family_name: family.to_owned(),
        organization: "Saint Brigid".to_owned(),
        ..Details::default()
    }
}

/// Registers somebody for the general conference with these sessions.
fn register(app: &TestApp, details: Details, sessions: &[&str]) -> Registration {
    let line = WantedLine {
        registration_type: "general".to_owned(),
        email: details.email.clone(),
        sessions: sessions.iter().map(|code| (*code).to_owned()).collect(),
        ..WantedLine::default()
    };
    let buyer = Buyer { name: details.given_name.clone(), email: details.email.clone(), organization: String::new() };
    let order = NewOrder { lines: vec![(line, details)], codes: Vec::new(), buyer, payment: Payment::Invoice, trust: Trust::AsIfVerified };
    app.must(move |tx| {
        let event = events::get(tx.db, "congress-2026")?;
        Ok(place(tx, &event, &order)?.registered.remove(0).registration)
    })
}

fn page(registration: &Registration) -> String {
    format!("{PEOPLE}/{}", registration.code)
}

on_both! {
    async fn people_are_found_by_name_address_organization_and_code(app) {
        congress(app);
        let maria = register(app, details("María de los Ángeles", "Fernández-Castañeda", "maria@hospital.example"), &[]);
        register(app, details("Siobhán", "O’Brien", "siobhan_o@clinic.example"), &[]);
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(PEOPLE).await.says("María de los Ángeles Fernández-Castañeda").says("O’Brien").says("1–2 of 2");
        for words in ["maria fernandez", "castaneda", "MARIA@hospital.example", "hospital.example"] {
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", words).finish();
            desk.open(&format!("{PEOPLE}?{query}")).await.says("Fernández-Castañeda").says_nothing_of("Siobhán");
        }
        desk.open(&format!("{PEOPLE}?q=obrien")).await.says("Siobhán").says("1–1 of 1");
        desk.open(&format!("{PEOPLE}?q=brigid")).await.says("1–2 of 2");
        desk.open(&format!("{PEOPLE}?q=%25")).await.says("Nobody fits");
        let answer = desk.get(&format!("{PEOPLE}?q={}", maria.code.to_lowercase())).await.expect(303);
        assert_eq!(answer.location(), page(&maria));
    }

    async fn the_unpaid_are_those_with_a_balance(app) {
        congress(app);
        let paid = register(app, details("Paid", "Up", "paid@hospital.example"), &[]);
        let canceled = register(app, details("Gone", "Away", "gone@hospital.example"), &[]);
        register(app, details("Owes", "Much", "owes@hospital.example"), &[]);
        app.must(move |tx| {
            let owed = orders::balance_cents(tx.db, &paid.order_id)?;
            assert!(owed > 0);
            orders::record_payment(tx, lanyard::ids::PaymentId::new(), &paid.order_id, owed, "check 7")?;
            orders::cancel_registration(tx, &canceled, "asked")
        });
        let desk = app.as_staff(Role::Finance).await;
        desk.open(&format!("{PEOPLE}?unpaid=yes")).await.says("Owes Much").says_nothing_of("Paid Up").says_nothing_of("Gone Away");
        desk.open(&format!("{PEOPLE}?status=canceled")).await.says("Gone Away").says("1–1 of 1");
    }

    async fn the_export_has_no_formulas(app) {
        congress(app);
        register(app, Details { organization: "=HYPERLINK(\"x\")".to_owned(), ..details("Eve", "+1", "eve@hospital.example") }, &[]);
        let file = app.as_staff(Role::Registrar).await.open(&format!("{PEOPLE}.csv")).await;
        assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
        let text = file.html();
        assert!(text.contains("\"'=HYPERLINK(\"\"x\"\")\"") && text.contains(",'+1,"), "{text}");
    }

    async fn a_persons_page_is_the_one_place(app) {
        congress(app);
        let maya = register(app, Details { accommodation: "wheelchair".to_owned(), ..details("Maya", "Okafor", "maya@hospital.example") }, &["B1"]);
        let desk = app.as_staff(Role::Registrar).await;
        let shown = desk.open(&page(&maya)).await.says("Maya Okafor").says("maya@hospital.example").says("wheelchair");
        shown.says("B1").says("Enrolled").says("To pay").says("Session chosen").says("The badge was not scanned yet");
        app.as_staff(Role::Education).await.open(&page(&maya)).await.says("Maya Okafor").says_nothing_of("wheelchair");
        app.as_staff(Role::Content).await.get(&page(&maya)).await.expect(403);
        desk.get(&format!("/staff/events/congress-2026/people/{}", "REG-222222")).await.expect(404);
    }

    async fn a_person_of_another_event_is_not_found_here(app) {
        congress(app);
        app.must(|tx| setup::import(tx, &document::read(include_bytes!("../data/demo/pssm-series-2026.toml"))?));
        let maya = register(app, details("Maya", "Okafor", "maya@hospital.example"), &[]);
        let desk = app.as_staff(Role::Owner).await;
        for path in ["", "/sessions", "/correction", "/cancellation", "/badge", "/sign-in-code", "/payments"] {
            desk.get(&format!("/staff/events/pssm-series-2026/people/{}{path}", maya.code)).await.expect(404);
        }
    }

    async fn staff_change_sessions_and_the_person_is_told(app) {
        congress(app);
        let maya = register(app, details("Maya", "Okafor", "maya@hospital.example"), &["B1"]);
        let desk = app.as_staff(Role::Registrar).await;
        let sessions = format!("{}/sessions", page(&maya));
        desk.open(&sessions).await.says("B1");
        desk.post(&format!("{}/enrollments", page(&maya)), &[("session", "B2")]).await.expect(303);
        desk.follow().await.says("overlaps with B1");
        desk.post(&format!("{}/enrollments/removal", page(&maya)), &[("session", "B1")]).await.expect(303);
        desk.follow().await.says("given up");
        desk.post(&format!("{}/enrollments", page(&maya)), &[("session", "B2")]).await.expect(303);
        desk.follow().await.says("B2: Added.");
        assert_eq!(app.letters_to("maya@hospital.example").iter().filter(|letter| letter.kind == "selection_changed").count(), 2);
        desk.open(&page(&maya)).await.says("Session given up").says("Sam registrar");
    }

    async fn a_correction_is_searchable_and_audited_without_the_names_in_the_entry(app) {
        congress(app);
        let maja = register(app, Details { accommodation: "ramp".to_owned(), ..details("Maja", "Okafor", "maja@hospital.example") }, &[]);
        let desk = app.as_staff(Role::Registrar).await;
        desk.open(&format!("{}/correction", page(&maja))).await;
        desk.submit("/correction", &[("given_name", ""), ("family_name", "")]).await.expect(422).says("Enter your name");
        desk.open(&format!("{}/correction", page(&maja))).await;
        let fields = [("given_name", "Maya"), ("email", "maya@hospital.example"), ("accommodation", "lift"), ("reason", "typing mistake")];
        desk.submit("/correction", &fields).await.expect(303);
        let shown = desk.follow().await.says("Maya Okafor").says("given name: Maja → Maya").says("typing mistake").says("accommodation: ramp → lift");
        shown.says("Name on the badge\nMaya Okafor");
        desk.open(&format!("{PEOPLE}?q=maya@hospital.example")).await.says("Maya Okafor");
        app.as_staff(Role::Finance).await.open(&page(&maja)).await.says("given name").says_nothing_of("ramp").says_nothing_of("lift");
        let entries = app.look(|db| lanyard::audit::of_registration(db, &maja.id, 100));
        assert!(entries.iter().any(|entry| entry.action == "registration.corrected"));
        assert!(entries.iter().all(|entry| !entry.facts.contains("Maya") && !entry.facts.contains("ramp")));
    }

    async fn two_people_never_get_the_same_way_to_sign_in(app) {
        congress(app);
        register(app, details("Ada", "Okafor", "family@hospital.example"), &[]);
        let maya = register(app, details("Maya", "Okafor", "maya@hospital.example"), &[]);
        let desk = app.as_staff(Role::Registrar).await;
        desk.open(&format!("{}/correction", page(&maya))).await;
        desk.submit("/correction", &[("email", "family@hospital.example")]).await.expect(422).says("registered with this address already");
    }

    async fn the_desk_gives_a_code_after_checking_who_it_is(app) {
        congress(app);
        let maya = register(app, details("Maya", "Okafor", "maya@hospital.example"), &[]);
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(&format!("{}/sign-in-code", page(&maya))).await;
        desk.submit("/sign-in-code", &[("checked", " ")]).await.expect(422).says("Say how you checked");
        let shown = desk.submit("/sign-in-code", &[("checked", "photo ID")]).await.expect(200).says("15 minutes");
        let text = shown.text();
        let code = text.split_whitespace().find(|word| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit())).unwrap().to_owned();
        let good = app.must(move |tx| {
            use lanyard::people::sign_in::{Purpose, try_code};
            try_code(tx, Purpose::SignIn, "maya@hospital.example", &code)
        });
        assert_eq!(good, lanyard::people::sign_in::Checked::Good(Some(maya.person_id.clone())));
    }

    async fn a_canceled_registration_frees_its_seats_and_keeps_the_reason(app) {
        congress(app);
        let maya = register(app, details("Maya", "Okafor", "maya@hospital.example"), &["B1"]);
        let desk = app.as_staff(Role::Registrar).await;
        desk.open(&format!("{}/cancellation", page(&maya))).await;
        desk.submit("/cancellation", &[("reason", "")]).await.expect(422).says("Say why");
        desk.submit("/cancellation", &[("reason", "asked by phone")]).await.expect(303);
        desk.follow().await.says("This registration is canceled").says("asked by phone").says("No sessions chosen");
        desk.post(&format!("{}/badge", page(&maya)), &[("reason", "lost")]).await.expect(303);
        desk.follow().await.says("canceled, so it has no badge");
    }

    async fn a_payment_lowers_the_balance(app) {
        congress(app);
        let maya = register(app, details("Maya", "Okafor", "maya@hospital.example"), &[]);
        let desk = app.as_staff(Role::Finance).await;
        desk.open(&format!("{}/payments", page(&maya))).await;
        desk.submit("/payments", &[("amount", "12.345"), ("reference", "")]).await.expect(422).says("Enter the amount that came in");
        desk.submit("/payments", &[("amount", "10.00"), ("reference", "")]).await.expect(422).says("Enter what identifies the payment");
        desk.open(&format!("{}/payments", page(&maya))).await;
        desk.submit("/payments", &[("reference", "check 1044")]).await.expect(303);
        desk.follow().await.says("check 1044").says("$0.00");
        app.as_staff(Role::Onsite).await.get(&format!("{}/payments", page(&maya))).await.expect(403);
    }

    async fn a_lost_badge_is_replaced(app) {
        congress(app);
        let maya = register(app, details("Maya", "Okafor", "maya@hospital.example"), &[]);
        let (id, same) = (maya.id.clone(), maya.id.clone());
        let before = app.look(move |db| lanyard::badges::of_registration(db, &id)).unwrap();
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(&format!("{}/badge", page(&maya))).await;
        desk.submit("/badge", &[("reason", "lost")]).await.expect(303);
        let after = app.look(move |db| lanyard::badges::of_registration(db, &same)).unwrap();
        assert_ne!(before.number, after.number);
    }

    async fn a_letter_goes_again_to_the_address_of_today_unless_it_holds_a_code(app) {
        congress(app);
        let maya = register(app, details("Maya", "Okafor", "maya@hospital.example"), &[]);
        assert_eq!(app.letters_to("maya@hospital.example").len(), 1);
        let desk = app.as_staff(Role::Registrar).await;
        desk.open(&format!("{}/correction", page(&maya))).await;
        desk.submit("/correction", &[("email", "maya.okafor@hospital.example")]).await.expect(303);
        desk.follow().await;
        desk.submit("/sending", &[]).await.expect(303);
        desk.follow().await.says("goes to maya.okafor@hospital.example again").says("Letter sent again");
        let again = app.expect_letter("maya.okafor@hospital.example", "registration_confirmed");
        desk.open(&page(&maya)).await;
        desk.click(&again.subject).await.expect(200).says("Okafor");
        let (event, id) = (maya.event_id.clone(), maya.id.clone());
        let letter = app.must(move |tx| {
            let draft = lanyard::mail::Draft {
                kind: "email_code",
                to_email: "maya.okafor@hospital.example".to_owned(),
                registration: Some(id),
                event: Some(event),
                confidential: true,
                ..lanyard::mail::Draft::default()
            };
            let mut fields = lanyard::mail::shared_fields("Maya", "Congress", "https://x.example", "https://x.example", "help@x.example", "Because.");
            fields["code"] = serde_json::json!("271828");
            fields["expires_text"] = serde_json::json!("soon");
            lanyard::mail::queue(tx, draft, &fields)
        });
        app.letters();
        desk.open(&page(&maya)).await.says("shown to nobody").says_nothing_of("271828");
        desk.get(&format!("{}/letters/{letter}", page(&maya))).await.expect(404);
        desk.open(&page(&maya)).await;
        desk.post(&format!("{}/letters/{letter}/sending", page(&maya)), &[]).await.expect(303);
        desk.follow().await.says("holds a code");
    }

    async fn the_history_of_an_event_is_filtered_by_who_what_and_when(app) {
        congress(app);
        let maya = register(app, details("Maya", "Okafor", "maya@hospital.example"), &["B1"]);
        let desk = app.as_staff(Role::Registrar).await;
        desk.open(&format!("{}/cancellation", page(&maya))).await;
        desk.submit("/cancellation", &[("reason", "asked by phone")]).await.expect(303);
        let audit = "/staff/events/congress-2026/audit";
        let auditor = app.as_staff(Role::Auditor).await;
        auditor.open(audit).await.says("Registration canceled").says("asked by phone").says("Sam registrar").says(&maya.code);
        auditor.open(&format!("{audit}?action=enrollment.created")).await.says("session: B1").says_nothing_of("asked by phone");
        auditor.open(&format!("{audit}?who=staff&to=2026-03-01")).await.says("Nothing fits");
        desk.get(audit).await.expect(403);
    }

    async fn a_role_for_one_event_sees_that_event_only(app) {
        congress(app);
        app.must(|tx| setup::import(tx, &document::read(include_bytes!("../data/demo/pssm-series-2026.toml"))?));
        let event = app.look(|db| events::get(db, "congress-2026")).id;
        let desk = app.as_staff_of(Role::Registrar, Some(event)).await;
        desk.open("/staff").await.says("Congress").says_nothing_of("Learning");
        desk.open(PEOPLE).await.says("Nobody has registered yet");
        desk.get("/staff/events/pssm-series-2026/people").await.expect(403);
    }

    async fn an_event_of_twenty_thousand_is_searched_quickly(app) {
        congress(app);
        let maya = register(app, details("Maya", "Okafor", "maya@hospital.example"), &[]);
        app.must(move |tx| {
            for number in 0..2_000 {
                let code = format!("REG-X{number:05}");
                let row = Registration { id: lanyard::ids::RegistrationId::new(), search_key: format!("family{number} given {}", code.to_lowercase()), code, ..maya.clone() };
                registration::add(tx, &row)?;
            }
            Ok(())
        });
        let desk = app.as_staff(Role::Registrar).await;
        let began = std::time::Instant::now();
        desk.open(&format!("{PEOPLE}?q=family1999&unpaid=yes")).await.says("1–1 of 1");
        assert!(began.elapsed() < std::time::Duration::from_secs(2), "{:?}", began.elapsed());
        desk.open(&format!("{PEOPLE}?page=2")).await.says("51–100 of 2001");
    }
}
