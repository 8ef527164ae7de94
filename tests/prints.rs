//! Badges on paper: every code is read, every name stands there or is listed before, and what was printed is known.

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::{a_congress, a_hospital, a_registration, registrations};
use crate::support::databases::Database;
use crate::support::paper::{printed, words};
use crate::support::programs::Folder;
use crate::support::visitor::Visitor;
use diesel::prelude::*;
use lanyard::badges::layouts::{Front, Layout};
use lanyard::badges::typeset::{self, BackLine, PrintJob, ToPrint};
use lanyard::badges::{self, candidates};
use lanyard::db::Kind;
use lanyard::db::schema::{printed_badges, prints, scans};
use lanyard::events::Event;
use lanyard::mailer::Mailer;
use lanyard::pdf::fonts::Fonts;
use lanyard::registration::Registration;
use lanyard::staff::Role;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

const BADGES: &str = "/staff/events/congress-2026/badges";
const PRINTS: &str = "/staff/events/congress-2026/badges/prints";

fn person(registration: &Registration) -> String {
    format!("/staff/events/congress-2026/people/{}", registration.code)
}

fn token(app: &TestApp, event: &Event, registration: &Registration) -> String {
    let badge = app.look(|db| badges::of_registration(db, &registration.id)).expect("a badge");
    badge.token(event).expect("a token")
}

fn tokens(app: &TestApp, event: &Event, people: &[Registration]) -> Vec<String> {
    let mut tokens: Vec<String> = people.iter().map(|person| token(app, event, person)).collect();
    tokens.sort();
    tokens
}

/// Prints by the form and gives the PDF, as the page's link has it.
async fn print(desk: &Visitor, fields: &[(&str, &str)]) -> Vec<u8> {
    desk.open(BADGES).await;
    let page = desk.post(PRINTS, fields).await.expect(303).location().to_owned();
    desk.open(&page).await;
    file(desk, &format!("{page}/badges.pdf")).await
}

async fn file(desk: &Visitor, address: &str) -> Vec<u8> {
    let answer = desk.open(address).await;
    assert_eq!(answer.header("content-type"), Some("application/pdf"));
    assert!(answer.body.starts_with(b"%PDF-1.7"), "a PDF");
    answer.body.to_vec()
}

fn counts(app: &TestApp) -> (i64, i64) {
    app.look(|db| Ok((prints::table.count().get_result(db)?, printed_badges::table.count().get_result(db)?)))
}

/// Names that are hard to print, with their credentials.
pub fn names() -> Vec<(String, String)> {
    let path = format!("{}/tests/data/hard_names.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::None).from_path(path).expect("the names");
    reader.records().map(|row| row.expect("a row")).map(|row| (row[0].to_owned(), row[1].to_owned())).collect()
}

fn with_hard_names(app: &TestApp, event: &Event) -> Vec<Registration> {
    let makers = names().into_iter().map(|(name, credentials)| {
        a_registration(event).named("", &name).with_details(|details| details.credentials.clone_from(&credentials))
    });
    let made = makers.map(|maker| maker.make(app)).collect();
    app.letters();
    made
}

on_both! {
    async fn every_code_that_is_printed_is_read(app) {
        let event = a_congress().make(app);
        let people = with_hard_names(app, &event);
        let desk = app.as_staff(Role::Onsite).await;
        let pdf = print(&desk, &[("whom", "everyone"), ("layout", "letter_4x3"), ("asked", "yes"), ("first", "3")]).await;
        let pictures = printed(&pdf);
        assert_eq!(pictures.pages.len(), (people.len() + 2).div_ceil(6));
        assert_eq!(pictures.codes_of(people.len()), tokens(app, &event, &people));
    }

    async fn every_layout_prints_codes_that_are_read(app) {
        let event = a_congress().make(app);
        let long = "María de los Ángeles Fernández-Castañeda y Gutiérrez de la Vega";
        let people = [("Maya", "Okafor"), (long, ""), ("محمد بن", "عبد الله"), ("Hubert", "Wolfeschlegelsteinhausenbergerdorff")]
            .map(|(given, family)| a_registration(&event).named(given, family).in_sessions(&["B1"]).make(app));
        let desk = app.as_staff(Role::Registrar).await;
        for layout in Layout::ALL {
            let pdf = print(&desk, &[("whom", "everyone"), ("layout", layout.as_str()), ("asked", "yes"), ("backs", "yes")]).await;
            let pictures = printed(&pdf);
            let sides = if layout.design().has_backs { 2 } else { 1 };
            assert_eq!(pictures.pages.len(), sides * layout.design().sheets(0, people.len()), "{layout}");
            assert_eq!(pictures.codes_of(people.len()), tokens(app, &event, &people), "{layout}");
        }
    }

    async fn a_badge_says_who_and_whence_and_its_back_which_sessions(app) {
        let event = a_congress().make(app);
        let hospital = a_hospital("Harborview").make(app);
        let maya = a_registration(&event).named("Maya", "Okafor").at_hospital(&hospital).in_sessions(&["B1"]).with_details(|details| {
            details.credentials = "MSN, RN".to_owned();
            details.organization = "Harborview Medical Center".to_owned();
        });
        maya.make(app);
        let desk = app.as_staff(Role::Onsite).await;
        let pdf = print(&desk, &[("whom", "everyone"), ("layout", "a6"), ("asked", "yes"), ("backs", "yes")]).await;
        let text = words(&pdf);
        // A long organization stands on two lines.
        let front_back: Vec<String> = text.split('\u{c}').map(|side| side.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        for said in ["Patient Safety Congress 2026", "Maya", "Okafor", "MSN, RN", "Harborview Medical Center", &hospital.city, "General"] {
            assert!(front_back[0].contains(said), "{said:?} in:\n{}", front_back[0]);
        }
        for said in ["Maya Okafor", "Handoffs that hold", "Room 1", "What we owe each other", "Mon 9 Mar 2026"] {
            assert!(front_back[1].contains(said), "{said:?} in:\n{}", front_back[1]);
        }
        let plain = print(&desk, &[("whom", "everyone"), ("layout", "a6"), ("asked", "yes")]).await;
        assert!(!words(&plain).contains("Handoffs that hold"), "no back was asked for");
    }

    async fn what_is_not_printed_yet_and_what_changed_since_is_known(app) {
        let event = a_congress().make(app);
        let maya = a_registration(&event).named("Maja", "Okafor").make(app);
        a_registration(&event).named("Sam", "Rivera").make(app);
        let desk = app.as_staff(Role::Registrar).await;
        desk.open(BADGES).await.says("2 badges");
        print(&desk, &[("whom", "unprinted"), ("layout", "label_62mm"), ("asked", "yes")]).await;
        desk.open(BADGES).await.says("0 badges").says("Label printer, 62 mm roll");
        desk.post(PRINTS, &[("whom", "unprinted")]).await.expect(303);
        desk.open(BADGES).await.says("There is no badge to print");
        assert_eq!(counts(app), (1, 2));

        let before = token(app, &event, &maya);
        let page = person(&maya);
        desk.open(&format!("{page}/correction")).await;
        desk.submit(&format!("{page}/correction"), &[("given_name", "Maya")]).await.expect(303);
        desk.open(&format!("{BADGES}?whom=changed")).await.says("1 badge");
        let again = print(&desk, &[("whom", "changed"), ("layout", "label_62mm"), ("asked", "yes")]).await;
        assert_eq!(printed(&again).codes(), [before], "a new name keeps the code");
        assert!(words(&again).contains("Maya"));
        desk.open(&format!("{BADGES}?whom=changed")).await.says("0 badges");
    }

    async fn only_confirmed_people_of_the_wanted_type_are_printed(app) {
        let event = a_congress().make(app);
        let [maya, sam] = ["Maya", "Sam"].map(|given| a_registration(&event).named(given, "Okafor").make(app));
        a_registration(&event).named("Wendy", "Workshop").buying("general-workshop").make(app);
        app.must(move |tx| lanyard::orders::cancel_registration(tx, &sam, "asked"));
        app.letters();
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(&format!("{BADGES}?whom=everyone")).await.says("2 badges");
        let pdf = print(&desk, &[("whom", "everyone"), ("type", "general"), ("asked", "yes")]).await;
        assert_eq!(printed(&pdf).codes(), [token(app, &event, &maya)]);
    }

    async fn looking_at_a_print_changes_nothing(app) {
        let event = a_congress().make(app);
        registrations(app, &event, 3);
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(BADGES).await;
        let page = desk.post(PRINTS, &[("whom", "everyone")]).await.expect(303).location().to_owned();
        let first = file(&desk, &format!("{page}/badges.pdf")).await;
        let before = counts(app);
        assert_eq!(file(&desk, &format!("{page}/badges.pdf")).await, first);
        desk.open(&page).await.says("3 badges").says("Open the PDF").says("Actual size");
        assert_eq!(counts(app), before);
        desk.get(&format!("{PRINTS}/no-such-print")).await.expect(404);
        app.as_staff(Role::Education).await.get(&page).await.expect(403);
    }

    async fn a_lost_badge_is_revoked_and_printed_again_by_one_button(app) {
        let event = a_congress().make(app);
        let maya = a_registration(&event).named("Maya", "Okafor").make(app);
        let desk = app.as_staff(Role::Onsite).await;
        let old = token(app, &event, &maya);
        let api = app.api(Role::Onsite).await;
        let scan = serde_json::json!({ "id": uuid::Uuid::new_v4().to_string(), "checkpoint": "door-B1", "token": old, "direction": "in" });
        api.post("/scans", scan).await.expect(200);

        desk.open(&person(&maya)).await.says("not printed yet");
        let at = desk.submit(&format!("{}/badge/print", person(&maya)), &[]).await.expect(303).location().to_owned();
        assert_eq!(printed(&file(&desk, &at).await).codes(), [old.as_str()]);
        desk.open(&person(&maya)).await.says("last printed");
        let new_at = desk.submit(&format!("{}/badge/loss", person(&maya)), &[]).await.expect(303).location().to_owned();
        let new = token(app, &event, &maya);
        assert_ne!(new, old);
        assert_eq!(printed(&file(&desk, &new_at).await).codes(), [new.as_str()]);
        let scanned: i64 = app.look(|db| Ok(scans::table.filter(scans::registration_id.eq(&maya.id)).count().get_result(db)?));
        assert_eq!(scanned, 1, "the old badge's scans stay");
        // The old print no longer gives the revoked code; a press of another node would have nothing kept.
        let other = app.must({
            let event = event.clone();
            move |tx| {
                let found = badges::prints::latest(tx.db, &event.id, 10)?;
                Ok(found.into_iter().map(|(print, _)| badges::prints::job(tx.db, &event, &print)).map(|job| job.is_ok()).collect::<Vec<_>>())
            }
        });
        assert_eq!(other, [true, false]);
    }

    async fn a_lost_badge_that_is_posted_twice_keeps_the_badge_just_printed(app) {
        let event = a_congress().make(app);
        let maya = a_registration(&event).named("Maya", "Okafor").make(app);
        let noor = a_registration(&event).make(app);
        let (desk, slower) = (app.as_staff(Role::Onsite).await, app.as_staff(Role::Registrar).await);
        let loss = format!("{}/badge/loss", person(&maya));
        // Two pages are open before either button is pressed, and one of the buttons is pressed twice.
        desk.open(&person(&maya)).await;
        slower.open(&format!("{}/badge", person(&maya))).await;
        let shown = app.look(|db| badges::of_registration(db, &maya.id)).unwrap().id.to_string();
        desk.open(&person(&maya)).await;
        let first = desk.submit(&loss, &[]).await.expect(303).location().to_owned();
        let new = token(app, &event, &maya);
        assert_eq!(counts(app), (1, 1));
        desk.open(&person(&maya)).await;
        let again = desk.post(&loss, &[("badge", &shown)]).await.expect(303).location().to_owned();
        assert_eq!((again, token(app, &event, &maya), counts(app)), (first.clone(), new.clone(), (1, 1)));
        assert_eq!(printed(&file(&desk, &first).await).codes(), [new.as_str()]);
        slower.submit("/badge", &[("reason", "lost")]).await.expect(303);
        slower.follow().await.says("This badge was replaced before, and its replacement stands.");
        assert_eq!(token(app, &event, &maya), new);
        // A badge of somebody else, or none at all, is not what the page showed.
        let of_noor = app.look(|db| badges::of_registration(db, &noor.id)).unwrap().id.to_string();
        for badge in [of_noor.as_str(), ""] {
            desk.open(&person(&maya)).await;
            desk.post(&loss, &[("badge", badge)]).await.expect(303);
            desk.follow().await.says("This page does not show the badge of today");
        }
        assert_eq!((token(app, &event, &maya), counts(app)), (new, (1, 1)));
    }

    async fn each_event_has_its_printer(app) {
        let event = a_congress().make(app);
        let maya = a_registration(&event).make(app);
        let desk = app.as_staff(Role::Onsite).await;
        desk.open(BADGES).await;
        desk.submit(&format!("{BADGES}/printer"), &[("layout", "label_62mm")]).await.expect(303);
        desk.open(BADGES).await.says("The printer of this event is saved").says("1 label");
        desk.open(&person(&maya)).await;
        let at = desk.submit(&format!("{}/badge/print", person(&maya)), &[]).await.expect(303).location().to_owned();
        let pages = printed(&file(&desk, &at).await);
        assert_eq!(pages.pages.len(), 1);
        desk.open(BADGES).await;
        desk.post(&format!("{BADGES}/printer"), &[("layout", "wallpaper")]).await.expect(422);
    }

    async fn the_paper_list_has_everyone_by_family_name(app) {
        let event = a_congress().make(app);
        for (given, family) in [("Zoë", "Äpfel"), ("Ada", "Zorn"), ("Maya", "Okafor")] {
            a_registration(&event).named(given, family).with_details(|details| details.organization = "Saint Brigid".to_owned()).make(app);
        }
        let desk = app.as_staff(Role::Onsite).await;
        let list = desk.open(&format!("{BADGES}/list")).await.says("3 people").says("Saint Brigid").text();
        let places = ["Äpfel, Zoë", "Okafor, Maya", "Zorn, Ada"].map(|name| list.find(name).unwrap_or_else(|| panic!("{name} in:\n{list}")));
        assert!(places.is_sorted(), "{list}");
        assert!(!list.contains("Printed"));
        print(&desk, &[("whom", "everyone")]).await;
        assert_eq!(desk.open(&format!("{BADGES}/list")).await.text().matches("Printed").count(), 3);
    }
}

/// A service whose folder of further fonts is this one.
fn with_fonts(folder: &Path) -> TestApp {
    let mailer = Mailer::Memory(std::sync::Mutex::default());
    TestApp::start_with(Database::new(Kind::Sqlite), mailer, |config| config.fonts = folder.to_owned())
}

#[test]
fn names_with_letters_that_no_font_has_are_listed_before_they_are_printed() {
    let none = Folder::on_disk();
    let app = with_fonts(none.path());
    actix_web::rt::System::new().block_on(async {
        let event = a_congress().make(&app);
        a_registration(&event).named("王小明", "").make(&app);
        a_registration(&event).named("ศิริรัตน์", "").make(&app);
        a_registration(&event).named("Þórdís", "Łukasz").make(&app);
        let desk = app.as_staff(Role::Onsite).await;
        let page = desk.open(&format!("{BADGES}?whom=everyone")).await.says("Letters that no font here has").says("王小明").says("ศิริรัตน์");
        page.says_nothing_of("Þórdís");
        // They are printed all the same, and their codes are read.
        let pdf = print(&desk, &[("whom", "everyone")]).await;
        assert_eq!(printed(&pdf).codes().len(), 3);
    });
}

#[test]
fn every_script_of_the_list_is_set_with_the_fonts_of_the_system() {
    let app = with_fonts(Path::new("/usr/share/fonts"));
    actix_web::rt::System::new().block_on(async {
        let event = a_congress().make(&app);
        let people = with_hard_names(&app, &event);
        let found =
            app.look(|db| candidates::find(db, &event.id, &candidates::Wanted { whom: candidates::Whom::Everyone, kind: None, one: None }));
        assert_eq!(found.len(), people.len());
        let fonts = Fonts::of(Path::new("/usr/share/fonts")).expect("fonts");
        let lacking: Vec<String> =
            found.iter().filter(|one| !fonts.missing(&one.front.name()).is_empty()).map(|one| one.front.name()).collect();
        // Pictures are no letters.
        assert_eq!(
            lacking.iter().filter(|name| !name.contains(['🦄', '👩'])).count(),
            0,
            "install fonts-noto-core and fonts-noto-cjk, as bin/test does: {lacking:?}"
        );
    });
}

/// A job of made-up people, as many as a large congress has.
fn a_large_job(badges: usize, backs: bool) -> PrintJob {
    let names = names();
    let line = |number: usize| BackLine {
        day: format!("Mon {} Mar 2026", 8 + number / 8),
        hours: "10:30–11:30 AM".to_owned(),
        title: format!("Session {number}: what a handoff needs so that it holds"),
        room: "Harbor Hall".to_owned(),
    };
    let key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let badge = |number: usize| ToPrint {
        front: Front {
            first: if number.is_multiple_of(20) { names[number / 20 % names.len()].0.clone() } else { format!("Maya{number}") },
            rest: "Okafor".to_owned(),
            credentials: "MSN, RN".to_owned(),
            organization: format!("Harborview Medical Center {}", number % 300),
            city: "Seattle, WA".to_owned(),
            kind: "General conference".to_owned(),
        },
        token: badges::rules::token(&format!("{number:032x}"), key).expect("a token"),
        ribbon: number,
        sessions: (0..12).map(|session| (session, session == 5)).collect(),
    };
    PrintJob {
        event: "Patient Safety Congress 2026".to_owned(),
        layout: Layout::Letter,
        backs,
        first_slot: 0,
        badges: (0..badges).map(badge).collect(),
        lines: (0..24).map(line).collect(),
    }
}

#[test]
fn a_thousand_badges_are_made_in_seconds() {
    let fonts = Fonts::of(Path::new("/usr/share/fonts")).expect("fonts");
    let (job, done) = (a_large_job(1_000, true), AtomicUsize::new(0));
    let begun = std::time::Instant::now();
    let pdf = typeset::pdf(&job, fonts, &done).expect("a PDF that keeps to PDF/UA");
    // Told, not held to: an unoptimized build on a busy machine says little about a release.
    println!("1,000 badges with backs: {:.2} s, {} KB", begun.elapsed().as_secs_f32(), pdf.len() / 1024);
    assert_eq!(done.load(Ordering::Relaxed), 1_000);
}
