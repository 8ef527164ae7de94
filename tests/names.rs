//! Names that break software, through registration, letter, badge, search and export.

use crate::on_both;
use crate::support::builders::{a_congress, a_registration};
use lanyard::people::rules::tidy;
use lanyard::registration;
use lanyard::staff::Role;

struct HardName {
    name: String,
    credentials: String,
    why: String,
}

fn hard_names() -> Vec<HardName> {
    let path = format!("{}/tests/data/hard_names.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::None).from_path(path).unwrap();
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| HardName { name: row[0].to_owned(), credentials: row[1].to_owned(), why: row[2].to_owned() }).collect()
}

on_both! {
    async fn every_name_is_registered_printed_mailed_and_found(app) {
        let event = a_congress().make(app);
        let api = app.api(Role::Registrar).await;
        let desk = app.as_staff(Role::Registrar).await;
        let names = hard_names();
        assert!(names.len() > 35);
        for (index, hard) in names.iter().enumerate() {
            let email = format!("name-{index}@hospital.example");
            let maker = a_registration(&event).named("", &hard.name).email(&email).with_details(|details| details.credentials.clone_from(&hard.credentials));
            let order = maker.order();
            let congress = event.clone();
            let placed = app.must(move |tx| lanyard::orders::place::place(tx, &congress, &order));
            let code = placed.registered[0].registration.code.clone();
            let printed = tidy(&hard.name);
            let stored = app.look(|db| registration::get(db, &code));
            assert_eq!(stored.badge_name, printed, "{}", hard.why);

            let letter = app.expect_letter(&email, "registration_confirmed");
            assert_eq!(letter.to, [email.as_str()], "{}: one recipient", hard.why);
            assert!(letter.text().contains(&printed), "{}: {printed:?} in\n{}", hard.why, letter.text());
            let html = letter.text_of("text/html");
            assert!(crate::support::html::text(&html).contains(&printed), "{}: {printed:?} in the HTML part", hard.why);
            assert!(!html.contains("<script"), "{}", hard.why);

            let detail = api.get(&format!("/registrations/{code}")).await.expect(200);
            assert_eq!(detail.json()["badge_name"], printed, "{}", hard.why);

            let found = desk.get(&format!("/staff/events/congress-2026/people?q={}", encoded(&hard.name))).await.expect(200);
            assert!(found.text().contains(&code), "{}: {:?} is not found by its own name:\n{}", hard.why, hard.name, found.text());
            assert!(!found.html().contains("<script>alert"), "{}", hard.why);
        }
        let list = desk.get("/staff/events/congress-2026/people.csv").await.expect(200);
        let mut reader = csv::ReaderBuilder::new().from_reader(list.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&list.body));
        let mut rows = 0;
        for row in reader.records() {
            let row = row.unwrap();
            rows += 1;
            assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '@', '\t'])), "a spreadsheet takes this for a formula: {row:?}");
        }
        assert_eq!(rows, names.len());
    }

    async fn names_that_look_alike_sign_in_alike(app) {
        let event = a_congress().make(app);
        a_registration(&event).named("José", "Álvarez-Núñez").email("jose@hospital.example").make(app);
        for typed in ["Álvarez-Núñez", "A\u{301}lvarez-Nu\u{301}n\u{303}ez", "ALVAREZ NUNEZ", " alvarez-nunez "] {
            let key = lanyard::people::rules::fold(typed);
            assert!(app.look(|db| lanyard::people::find(db, "jose@hospital.example", &key)).is_some(), "{typed:?}");
        }
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
