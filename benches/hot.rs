//! The functions that every scan, page or quote runs through.

use criterion::{Criterion, criterion_group, criterion_main};
use lanyard::app::{Actor, App};
use lanyard::badges::layouts::{Front, Layout};
use lanyard::badges::rules::{read, token};
use lanyard::badges::typeset::{self, PrintJob, ToPrint};
use lanyard::clock::Clock;
use lanyard::config::Config;
use lanyard::credits::certificates::press::Type;
use lanyard::credits::certificates::printed::Printed;
use lanyard::credits::certificates::sheet::{self, Copy};
use lanyard::db;
use lanyard::events::{self, Event};
use lanyard::mailer::Mailer;
use lanyard::participation::{file, importing, outline};
use lanyard::people::rules::fold;
use lanyard::pricing::rules::{Candidate, DiscountKind, weigh};
use lanyard::setup::{self, document};
use lanyard::webinars;
use std::hint::black_box;
use std::sync::atomic::AtomicUsize;

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn a_sheet(token: &str) -> PrintJob {
    let front = |number: usize| Front {
        first: format!("Maya{number}"),
        rest: "Okafor".to_owned(),
        credentials: "MSN, RN".to_owned(),
        organization: "Harborview Medical Center".to_owned(),
        city: "Seattle, WA".to_owned(),
        kind: "General conference".to_owned(),
    };
    let badge = |number| ToPrint { front: front(number), token: token.to_owned(), ribbon: number, sessions: Vec::new() };
    let (event, badges) = ("Patient Safety Congress".to_owned(), (0..6).map(badge).collect());
    PrintJob { event, layout: Layout::Letter, backs: false, first_slot: 0, badges, lines: Vec::new() }
}

/// A certificate as its version keeps it.
const PRINTED: &str = r#"{"code":"ama","heading":"Certificate of Credit","name":"Maya Okafor","credentials":"MD, MPH",
"credit":"1.75 AMA PRA Category 1 Credits™","hundredths":175,"sentence":"Quay Institute certifies that Maya Okafor has participated in the live activity titled “Patient Safety Congress” on Mon 9 Mar 2026 and is awarded 1.75 AMA PRA Category 1 Credits™.",
"event":"Patient Safety Congress","title":"Patient Safety Congress","format":"live activity","place":"Tideline Convention Center, Port Alder",
"dates":"Mon 9 Mar 2026","starts_on":"2026-03-09","ends_on":"2026-03-09","provider":"Quay Institute","address":"400 Lantern Quay","web_address":"",
"facts":[{"label":"ACCME provider","value":"0001234"},{"label":"Participant","value":"REG-7K3M9P"}],
"statements":["In support of improving patient care, Quay Institute is jointly accredited by the Accreditation Council for Continuing Medical Education (ACCME), the Accreditation Council for Pharmacy Education (ACPE), and the American Nurses Credentialing Center (ANCC), to provide continuing education for the healthcare team."],
"sessions":[{"code":"K1","title":"What we owe each other","on":"2026-03-09","minutes":60,"hundredths":100},{"code":"B1","title":"Handoffs that hold","on":"2026-03-09","minutes":52,"hundredths":75}],
"rule":"In proportion to participation, rounded to the nearest 0.25 on the total.","rule_version":1,"signatory":"Edda Marchetti","signatory_post":"Director","claims":[]}"#;

/// Certificates of different people with different numbers, so that nothing but what they share is set once.
fn certificates(count: usize) -> Vec<Copy> {
    let printed: Printed = serde_json::from_str(PRINTED).expect("a certificate");
    let copy = |number: usize| {
        let name = format!("Maya {number} Okafor");
        let sentence = printed.sentence.replace("Maya Okafor", &name);
        Copy {
            serial: format!("{:0>20}", number + 23_456),
            version: 1,
            credential_id: format!("urn:uuid:00000000-0000-4000-8000-{number:012}"),
            issued_on: "Fri 10 Apr 2026".to_owned(),
            revoked: false,
            printed: Printed { name, sentence, ..printed.clone() },
        }
    };
    (0..count).map(copy).collect()
}

/// A report of 50,000 rows: 25,000 people, each twice.
fn a_report() -> String {
    let mut text = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n".to_owned();
    for number in 0..50_000 {
        let (person, from) = (number / 2, number % 2 * 30);
        let to = from + 25;
        text.push_str(&format!("Person {person},p{person}@example.org,04/22/2026 01:{from:02}:07 PM,04/22/2026 01:{to:02}:51 PM,25,No\n"));
    }
    text
}

/// A service on a database of its own, with one webinar.
fn a_service(folder: &std::path::Path) -> (App, Event) {
    let url = format!("sqlite://{}/bench.db", folder.display());
    db::migrate(&mut db::Address::parse(&url).expect("an address").open().expect("a database")).expect("the schema");
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("LANYARD_URL", "https://bench.example.org"),
        ("LANYARD_SECRET_KEY", "a secret of the benches, which nobody keeps"),
        ("LANYARD_DATA", &folder.display().to_string()),
        ("LANYARD_MAIL_FROM", "bench@example.org"),
        ("LANYARD_LISTEN", "127.0.0.1:0"),
    ];
    let settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let config = Config::from_settings(&settings).expect("settings");
    let app = App::start(config, Clock::system(), Mailer::Memory(std::sync::Mutex::default())).expect("the service");
    let event = app
        .write_here(Actor::Service("bench"), |tx| {
            setup::import(tx, &document::read(include_bytes!("../tests/data/series.toml"))?)?;
            events::get(tx.db, "series-2026")
        })
        .expect("the series");
    (app, event)
}

/// Reads and imports the report, each time taking the place of the one before.
fn report(criterion: &mut Criterion) {
    let text = a_report();
    let folder = tempfile::tempdir().expect("a folder");
    let (app, event) = a_service(folder.path());
    let session = app.read_here(|db| webinars::get(db, &event, "P1")).expect("the webinar");
    let mut group = criterion.benchmark_group("participant report");
    group.sample_size(10);
    group.bench_function("read 50,000 rows", |b| b.iter(|| file::read(black_box(text.as_bytes())).expect("a report").rows.len()));
    group.bench_function("import 50,000 rows", |b| {
        b.iter(|| {
            let (event, session) = (event.clone(), session.clone());
            let report = file::read(text.as_bytes()).expect("a report");
            let outline = outline::outline(&event, &session, &report, event.zone()).expect("of the webinar");
            app.write_here(Actor::Service("bench"), move |tx| importing::import(tx, &event, &session, outline))
                .expect("imported")
                .outline
                .rows
        });
    });
    group.finish();
}

fn hot(criterion: &mut Criterion) {
    let badge = token("00112233445566778899aabbccddeeff", KEY).expect("a token");
    criterion.bench_function("read a badge's token", |bencher| bencher.iter(|| read(black_box(&badge), KEY)));
    criterion.bench_function("fold a name", |bencher| bencher.iter(|| fold(black_box("María de los Ángeles Fernández-Castañeda"))));
    criterion.bench_function("QR code as SVG", |bencher| bencher.iter(|| lanyard::qr::svg(black_box(&badge))));
    let fonts = lanyard::pdf::fonts::Fonts::of(std::path::Path::new("/usr/share/fonts")).expect("fonts");
    let sheet = a_sheet(&badge);
    criterion.bench_function("a sheet of six badges as PDF", |bencher| {
        bencher.iter(|| typeset::pdf(black_box(&sheet), fonts, &AtomicUsize::new(0)));
    });
    let (kept, copies) = (Type::of(std::path::Path::new("/usr/share/fonts")).expect("fonts"), certificates(500));
    let mut next = copies.iter().cycle();
    criterion.bench_function("a certificate as PDF with its QR code", |bencher| {
        bencher.iter(|| {
            let one = next.next().expect("endless");
            sheet::pdf(&kept, "https://congress.example.org", std::slice::from_ref(black_box(one)))
        });
    });
    let candidate = |kind, percent| Candidate { kind, percent, usable: true, reason: String::new(), code_id: None };
    let candidates =
        [candidate(DiscountKind::RecognizedHospital, 15), candidate(DiscountKind::Group, 15), candidate(DiscountKind::Promotional, 10)];
    criterion.bench_function("weigh three discounts", |bencher| bencher.iter(|| weigh(black_box(129_910), true, &candidates)));
}

criterion_group!(benches, report, hot);
criterion_main!(benches);
