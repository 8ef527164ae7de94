//! Certificates on paper: read in order, drawn for any name, checked by strangers, and what accreditors demand on each.

use std::process::Command;

use lanyard::credits::certificates::press::Type;
use lanyard::credits::certificates::sheet::{self, Copy};
use lanyard::credits::certificates::{self, printed::Setting};
use lanyard::credits::providers;
use lanyard::credits::rules::Code;
use lanyard::events::Event;
use lanyard::registration::Registration;
use lanyard::staff::Role;

use super::{a_certified_physician, a_full_provider, evaluates_all};
use crate::credits::{a, an_accredited, claims, evaluates, was_there};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::a_congress;
use crate::support::paper::{printed, words};
use crate::support::programs::Folder;
use crate::support::visitor::Api;

/// The text of a PDF with every run of spaces as one.
fn flat(pdf: &[u8]) -> String {
    words(pdf).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Fails where these do not stand in this order.
#[track_caller]
fn in_order(text: &str, all: &[&str]) {
    let mut rest = text;
    for one in all {
        let at = rest.find(one).unwrap_or_else(|| panic!("{one:?} is not where it should be in:\n{text}"));
        rest = &rest[at + one.len()..];
    }
}

/// Asks programs of others: whether the file is sound, and whether it is PDF/UA as far as a machine can tell.
#[track_caller]
fn is_sound(pdf: &[u8]) {
    let folder = Folder::in_memory();
    let file = folder.path().join("certificate.pdf");
    std::fs::write(&file, pdf).expect("the PDF is written");
    let checked = Command::new("qpdf").arg("--check").arg(&file).output().expect("qpdf can be run: install qpdf, as bin/test does");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    let program = std::env::current_exe().expect("the test program's place");
    let tools = program.ancestors().map(|folder| folder.join("tools/pdfua")).find(|folder| folder.join("requirements.txt").is_file());
    let tools = tools.expect("no pdfua in target/tools: bin/test installs it from tests/tools");
    let rules = Command::new("python3").env("PYTHONPATH", tools).args(["-m", "pdfua", "check"]).arg(&file).output().expect("python3");
    assert!(rules.status.success(), "{}{}", String::from_utf8_lossy(&rules.stdout), String::from_utf8_lossy(&rules.stderr));
    let fonts = Command::new("pdffonts").arg(&file).output().expect("pdffonts can be run: install poppler-utils");
    let fonts = String::from_utf8_lossy(&fonts.stdout).into_owned();
    let embedded = |line: &str| line.split_whitespace().rev().nth(4).is_some_and(|word| word == "yes");
    assert!(fonts.lines().count() > 2 && fonts.lines().skip(2).all(embedded), "every font is embedded:\n{fonts}");
}

async fn download(app: &TestApp, registration: &Registration, path: &str) -> Vec<u8> {
    let browser = app.as_attendee(registration).await;
    let answer = browser.open(&format!("/my/{}/{path}", registration.code)).await;
    assert_eq!(answer.header("content-type"), Some("application/pdf"));
    answer.body
}

fn with_a_full_provider(app: &TestApp, event: &Event) {
    let own = event.clone();
    app.must(move |tx| providers::save(tx, &own, &a_full_provider()));
}

/// Somebody of this profession who was in B1 from its beginning, and claims it for these types.
async fn claimant(app: &TestApp, event: &Event, api: &Api, profession: &str, types: &[&str]) -> Registration {
    app.set_clock("2026-03-08T08:00:00-07:00");
    let one = a(app, event, profession, &["B1"]);
    let door = app.api_of(Role::Onsite, Some(event.id.clone())).await;
    was_there(app, &door, &one, "door-B1", "10:20", None).await;
    app.set_clock("2026-04-10T12:00:00-07:00");
    evaluates(api, &one, "B1").await;
    evaluates_all(api, &one).await;
    for kind in types {
        claims(api, &one, kind, &[("B1", "1.00")]).await.expect(201);
    }
    one
}

on_both! {
    async fn a_physicians_certificate_has_what_the_ama_demands_in_reading_order(app) {
        let (_, ada, _, answer) = a_certified_physician(app).await;
        let serial = answer.json()["certificate"]["serial"].as_str().unwrap().to_owned();
        let pdf = download(app, &ada, &format!("certificates/{serial}/certificate.pdf")).await;
        let text = flat(&pdf);
        in_order(&text, &[
            "Quay Institute", "Certificate of Credit", &ada.full_name(), "has participated in the live activity titled “Activity MONDAY” on Mon 9 Mar 2026",
            "is awarded 1.75 AMA PRA Category 1 Credits™", "1.75 AMA PRA Category 1 Credits™", "Format", "live activity", "Place",
            "Tideline Convention Center, 400 Lantern Quay", "Provider", "Quay Institute, 400 Lantern Quay", "What we owe each other: 1.00", "Handoffs that hold: 0.75",
            "is jointly accredited by the Accreditation Council", &serial, "Version 1, issued Fri 10 Apr 2026", "/certificates",
        ]);
        assert!(!text.contains("3.00") && !text.contains("maximum") && !text.contains("CEU"), "the maximum is not shown as earned:\n{text}");
        let pictures = printed(&pdf);
        assert_eq!(pictures.pages.len(), 1);
        assert_eq!(pictures.codes(), [format!("https://congress.example.org/certificates/{serial}?version=1")]);
        is_sound(&pdf);
    }

    async fn each_credit_type_has_the_numbers_and_statements_of_its_accreditor(app) {
        let event = an_accredited(app, a_congress());
        with_a_full_provider(app, &event);
        let api = app.api_of(Role::Education, Some(event.id.clone())).await;
        let nurse = claimant(app, &event, &api, "nurse", &["ancc", "attendance"]).await;
        let all = download(app, &nurse, "certificates.pdf").await;
        assert_eq!(printed(&all).pages.len(), 2, "a combined statement has a page for each");
        let text = flat(&all);
        in_order(&text, &[
            "1.00 nursing contact hour", "ANCC provider", "P0123", "California nursing provider", "CEP 12345", "Participant", &nurse.code,
            "Provider approved by the California Board of Registered Nursing, Provider Number CEP 12345, for 1.00 contact hours",
            "retained by the licensee for a period of four years after the course concludes", "Edda Marchetti", "Director of Continuing Education",
            "Certificate of Participation", "1.00 hour attended", "It is not an accredited credit certificate.", "designated for 3.00 AMA PRA Category 1 Credit(s)™",
        ]);
        let after = text.split("Certificate of Participation").nth(1).unwrap();
        assert!(!after.contains("jointly accredited") && !after.contains("is awarded"), "attendance is no credit:\n{after}");
        is_sound(&all);
        let pharmacist = claimant(app, &event, &api, "pharmacist", &["acpe"]).await;
        let text = flat(&download(app, &pharmacist, "certificates.pdf").await);
        in_order(&text, &[
            "Certificate of Credit", "1.00 contact hour (0.100 CEUs)", "ACPE provider", "0999",
            "provides 1.00 contact hours (0.100 CEUs) of continuing education credit", "The official record of pharmacy credit is in CPE Monitor",
        ]);
    }

    async fn a_copy_that_somebody_edited_is_told_from_what_was_issued(app) {
        let (_, ada, _, answer) = a_certified_physician(app).await;
        let serial = answer.json()["certificate"]["serial"].as_str().unwrap().to_owned();
        let whole = app.look(|db| certificates::find(db, &serial)).expect("a certificate");
        let (version, _) = whole.newest().unwrap();
        // The forger prints another name and more credit beside the same code.
        let mut forged = version.read().unwrap();
        forged.name = "Mallory Forger".to_owned();
        forged.credit = "17.50 AMA PRA Category 1 Credits™".to_owned();
        let copy = Copy {
            serial: whole.certificate.serial.clone(), version: 1, credential_id: version.credential_id.clone(),
            issued_on: "Fri 10 Apr 2026".to_owned(), revoked: false, printed: forged,
        };
        let kept = Type::of(std::path::Path::new("/usr/share/fonts")).unwrap();
        let pdf = sheet::pdf(&kept, &app.site.config.base_url, &[copy]).unwrap();
        assert!(flat(&pdf).contains("Mallory Forger"));
        let code = printed(&pdf).codes().remove(0);
        app.visitor().await.open(&code).await
            .says(&ada.full_name()).says("1.75 AMA PRA Category 1 Credits™").says("Where a paper or a file says something else, it was changed.")
            .says_nothing_of("Mallory").says_nothing_of("17.50");
    }
}

/// Every name that is hard to print, on certificates whose words are as long as they may be.
#[test]
fn a_certificate_is_drawn_for_any_name_on_one_page() {
    crate::support::app::tell(lanyard::db::Kind::Sqlite, async |app| {
        let event = an_accredited(
            app,
            a_congress().event("venue = 'The Very Long Name of a Convention Center at the Far End of the Harbor Boulevard'"),
        );
        with_a_full_provider(app, &event);
        let api = app.api_of(Role::Education, Some(event.id.clone())).await;
        let nurse = claimant(app, &event, &api, "nurse", &["ancc"]).await;
        let whole = app.look(|db| certificates::of_registration(db, &nurse.id)).remove(0);
        let said = whole.newest().unwrap().0.read().unwrap();
        let copies: Vec<Copy> = crate::prints::names()
            .into_iter()
            .map(|(name, credentials)| {
                let sentence = said.sentence.replace(&nurse.certificate_name, &name);
                let printed = certificates::printed::Printed { name, credentials, sentence, ..said.clone() };
                Copy {
                    serial: whole.certificate.serial.clone(),
                    version: 1,
                    credential_id: "urn:uuid:0".to_owned(),
                    issued_on: "Fri 10 Apr 2026".to_owned(),
                    revoked: false,
                    printed,
                }
            })
            .collect();
        let kept = Type::of(std::path::Path::new("/usr/share/fonts")).unwrap();
        let begun = std::time::Instant::now();
        let pdf = sheet::pdf(&kept, "https://congress.example.org", &copies).unwrap();
        println!("{} certificates in {:?}", copies.len(), begun.elapsed());
        for copy in copies.iter().take(20) {
            sheet::pdf(&kept, "https://congress.example.org", std::slice::from_ref(copy)).unwrap();
        }
        println!("and 20 one by one: {:?}", begun.elapsed());
        let pictures = printed(&pdf);
        assert_eq!(pictures.pages.len(), copies.len(), "each on one page");
        if let Ok(folder) = std::env::var("LANYARD_PICTURES") {
            std::fs::write(format!("{folder}/certificates.pdf"), &pdf).unwrap();
        }
        let text = words(&pdf);
        for name in ["محمد بن عبد الله", "王小明", "María de los Ángeles", "Wolfeschlegelsteinhausenbergerdorff", "Nguyễn Thị Minh Khai"]
        {
            assert!(text.contains(name), "{name}");
        }
        is_sound(&pdf);
        let setting = app.look(|db| Setting::of(db, &event));
        assert!(setting.accredited.iter().any(|one| one.kind.code == Code::Ancc));
    });
}
