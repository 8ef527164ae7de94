//! The demo year, its marks, and the commands that say no.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use lanyard::agenda::export::{self, Format};
use lanyard::agenda::schedule_file;
use lanyard::credits::chain;
use lanyard::credits::rules::Code;
use lanyard::db::schema::{installation, scans};
use lanyard::db::{self, Kind};
use lanyard::demo::mark::{self, Contents};
use lanyard::demo::{access, doors, seed, year};
use lanyard::events::Event;
use lanyard::mail::{self, State};
use lanyard::registration::{Registration, Status};
use lanyard::reports::rules::Kind as Report;
use lanyard::reports::{asking, identities, settings};
use lanyard::setup::{self, agenda_import, document};
use lanyard::{agenda, enrollment, events, orders, pricing, registration, timetable};

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::databases::Database;
use crate::support::free_port;
use crate::support::line::Line;
use crate::support::programs::{Folder, Program};

fn make(app: &TestApp) {
    // They were sent long ago, to people of the past.
    app.ignore_letters();
    // The letter of the second day waits for its hour.
    app.ignore_jobs();
    let now = seed::parse(year::BEGINS).unwrap();
    seed::seed(&app.app(), now, timetable::JOBS, &mut |_, _| {}).unwrap();
}

fn attendee(app: &TestApp) -> Registration {
    let code = app.look(|db| mark::get(db, access::ATTENDEE)).unwrap();
    app.look(|db| registration::get(db, &code))
}

fn scanned(app: &TestApp, registration: &Registration) -> Vec<String> {
    let rows = scans::table.filter(scans::registration_id.eq(&registration.id)).order(scans::scanned_at.asc());
    app.look(|db| Ok(rows.select(scans::outcome).load(db)?))
}

fn is_let_in_as_the_clock_goes(app: &TestApp, maya: &Registration) {
    assert_eq!(scanned(app, maya), ["admitted"]);
    let mut every_second = doors::every_second();
    app.set_clock("2026-03-09T08:49:59-07:00");
    every_second(&app.app()).unwrap();
    assert_eq!(scanned(app, maya).len(), 1);
    app.set_clock("2026-03-09T10:25:00-07:00");
    every_second(&app.app()).unwrap();
    assert_eq!(scanned(app, maya), ["admitted", "admitted", "admitted"]);
    doors::every_second()(&app.app()).unwrap();
    assert_eq!(scanned(app, maya).len(), 3);
}

/// The keynote and B1 are designated for physicians; the attendee was there, and the seventeenth of April is the last day.
fn has_credit_to_claim(app: &TestApp, event: &Event, maya: &Registration) {
    app.set_clock("2026-04-17T23:59:59-07:00");
    let told = app.look(|db| chain::of_registration(db, event, maya, app.now()));
    assert!(told.is_open(event, app.now()));
    for code in ["K1", "B1"] {
        let link = told.links.iter().find(|link| link.session.code == code).expect("a link of the chain");
        let share = link.shares.iter().find(|share| share.code == Code::Ama).expect("designated for physicians");
        assert_eq!((share.counted, share.of, share.most), (60, 60, 100), "{code}");
    }
    assert!(!told.is_open(event, app.now().plus(chrono::Duration::seconds(1))));
}

/// CE Broker's file has rows, and somebody lacks something, so that the check has something to show.
fn has_something_to_report(app: &TestApp, event: &Event) {
    let (key, own) = (identities::key_of(&app.site), event.clone());
    let [pars, ce_broker, _] = app.look(move |db| asking::summaries(db, &key, &own));
    assert!(ce_broker.rows > 2 && ce_broker.lacking > 0 && ce_broker.lacking < ce_broker.people, "{ce_broker:?}");
    assert!(pars.people > 0, "{pars:?}");
    let setting = app.look(|db| settings::of_event(db, event));
    assert_eq!(setting.lacks(Report::CeBroker), Vec::<String>::new());
    assert!(setting.activities.values().all(|activity| !activity.course.is_empty() && !activity.subject_area.is_empty()));
}

on_both! {
    async fn the_demo_year_has_what_is_promised_and_its_attendee_is_let_in_as_the_clock_goes(app) {
        make(app);
        let event = app.look(|db| events::get(db, "congress-2026"));
        let people = app.look(|db| {
            let mut people = Vec::new();
            for kind in pricing::list_types(db, &event.id)? {
                people.extend(registration::of_type(db, &kind.id)?);
            }
            Ok(people)
        });
        assert_eq!(people.iter().filter(|person| person.status == Status::Confirmed).count(), 300);
        for (code, capacity, free) in [("B1", 60, 10), ("B2", 60, 10), ("B3", 2, 2)] {
            let session = app.look(|db| agenda::get(db, &event.id, code));
            let taken = app.look(|db| enrollment::seats_taken(db, &session.id));
            assert_eq!(session.capacity, Some(capacity), "{code}");
            assert!(i64::from(capacity) - taken >= free, "{code}: {taken} taken");
        }
        let maya = attendee(app);
        let order = app.look(|db| orders::get(db, &maya.order_id));
        let paid: i64 = app.look(|db| orders::lines(db, &order.id)).iter().map(|line| line.net_cents).sum();
        assert_eq!((maya.profession.as_str(), paid, app.look(|db| orders::balance_cents(db, &order.id))), ("physician", 84_915, 0));
        assert_eq!(app.look(|db| Ok((mail::count(db, State::Queued)?, mail::count(db, State::Failed)?))), (0, 0));
        assert_eq!(app.look(mark::look), Contents::Demo);
        has_something_to_report(app, &event);
        is_let_in_as_the_clock_goes(app, &maya);
        has_credit_to_claim(app, &event, &maya);
    }

    async fn an_agenda_that_was_printed_reads_back_as_the_same(app) {
        let document = document::read(year::EVENTS[0].1.as_bytes()).unwrap();
        app.must(move |tx| setup::import(tx, &document));
        let event = app.look(|db| events::get(db, "congress-2026"));
        let sessions = app.look(|db| agenda::list(db, &event.id));
        for format in [Format::Json, Format::Xml] {
            let text = app.look(|db| export::file(db, &event, format, "https://congress.example.org", app.now()));
            let file = schedule_file::read(text.as_bytes(), event.zone()).unwrap();
            assert_eq!((file.sessions.len(), file.refused.len(), file.zone), (sessions.len(), 0, Some(event.zone())));
            let plan = app.look(|db| agenda_import::plan(db, &event, &file));
            let beyond_ids: Vec<&str> = plan.changed.iter().filter(|change| change.what != "id").map(|change| change.what.as_str()).collect();
            assert_eq!((plan.added.len(), plan.new_rooms.len(), plan.new_tracks.len(), beyond_ids), (0, 0, 0, Vec::new()));
        }
    }

    async fn a_database_with_somebodys_data_is_not_the_demos(app) {
        assert_eq!(app.look(mark::look), Contents::Nothing);
        app.must(mark::begin);
        assert_eq!(app.look(mark::look), Contents::HalfADemo);
        app.must(|tx| {
            diesel::delete(installation::table).execute(tx.db)?;
            lanyard::staff::add(tx, "owner@example.org", "Owner", lanyard::staff::Role::Owner, None).map(drop)
        });
        assert_eq!(app.look(mark::look), Contents::Foreign);
    }
}

#[test]
fn the_access_file_names_every_role_and_keeps_its_tokens() {
    let folder = Folder::on_disk();
    let data = folder.path().to_path_buf();
    let app = TestApp::start_with(Database::new(Kind::Sqlite), lanyard::mailer::Mailer::Memory(Default::default()), |config| {
        config.data = data;
    });
    make(&app);
    let first = access::open(&app.app()).unwrap();
    let again = access::open(&app.app()).unwrap();
    assert_eq!(first.tokens.len(), lanyard::staff::Role::ALL.len());
    assert_eq!((&first.tokens, first.sign_in.len()), (&again.tokens, again.tokens.len()));
    assert!(first.sign_in.iter().all(|(role, link)| again.sign_in.get(role) != Some(link)));
    let secret = |access: &access::Access| access.attendee.sign_in.rsplit('/').next().unwrap().to_owned();
    let (old, new) = (secret(&first), secret(&again));
    assert!(app.look(|db| access::person_of_link(db, &old)).is_none());
    assert_eq!(app.look(|db| access::person_of_link(db, &new)).map(|person| person.email), Some(again.attendee.email));
}

/// Runs the program with only these settings.
fn lanyard(folder: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lanyard"));
    command.args(arguments).current_dir(folder).env_clear().envs(settings.iter().copied());
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Starts the demo in this folder and waits until it is ready.
fn demo(folder: &Path, port: u16) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lanyard"));
    command.args(["demo", "--listen", &format!("127.0.0.1:{port}")]).current_dir(folder).env_clear().stdout(Stdio::null());
    let mut program = Program::start(&mut command, "TERM");
    let until = Instant::now() + Duration::from_secs(180);
    while !Line::to(port, "").get("/readyz").is_ok_and(|reply| reply.status == 200) {
        assert!(program.is_running() && Instant::now() < until, "the demo does not start");
        std::thread::sleep(Duration::from_millis(50));
    }
    program
}

#[test]
fn a_door_that_is_open_while_the_demo_starts_again_goes_on() {
    const DOOR: &str = "/staff/events/congress-2026/checkpoints/pickup";
    let (folder, port) = (Folder::on_disk(), free_port());
    let mut first = demo(folder.path(), port);
    let key = folder.path().join("demo/secret.key");
    let kept = std::fs::read_to_string(&key).unwrap();
    let access = std::fs::read_to_string(folder.path().join("demo/access.json")).unwrap();
    let access: serde_json::Value = serde_json::from_str(&access).unwrap();
    let link = access["sign_in"]["onsite"].as_str().unwrap();
    let mut page = Line::to(port, "");
    page.get(&link[link.find("/staff/").unwrap()..]).unwrap();
    let door = page.get(DOOR).unwrap();
    let token = door.body.split("name=\"csrf-token\" content=\"").nth(1).unwrap_or_else(|| panic!("{door:?}")).split('"').next().unwrap();
    let scan = || {
        let id = uuid::Uuid::new_v4().to_string();
        serde_json::json!({ "id": id, "checkpoint": "pickup", "token": "https://menu.example", "direction": "in" })
    };
    let scans = format!("{DOOR}/scans");
    assert_eq!(page.post_as_page(&scans, token, &scan()).unwrap().status, 200);
    first.stop();
    assert!(page.post_as_page(&scans, token, &scan()).is_err());
    let _again = demo(folder.path(), port);
    assert_eq!(std::fs::read_to_string(&key).unwrap(), kept);
    let answer = page.post_as_page(&scans, token, &scan()).unwrap();
    assert_eq!((answer.status, &answer.json()["outcome"]), (200, &serde_json::json!("unknown")), "{answer:?}");
    assert_eq!(page.post_as_page(&scans, "a wrong token", &scan()).unwrap().status, 403);
}

#[test]
fn serve_names_every_missing_setting_at_once() {
    let folder = Folder::on_disk();
    let output = lanyard(folder.path(), &[], &["serve"]);
    assert_eq!(output.status.code(), Some(1));
    for name in ["DATABASE_URL", "LANYARD_URL", "LANYARD_DATA", "LANYARD_SECRET_KEY", "LANYARD_MAIL_FROM"] {
        assert!(said(&output).contains(&format!("{name} is missing.")), "{}", said(&output));
    }
}

#[test]
fn serve_asks_for_migrations_and_the_demo_for_a_database_of_its_own() {
    let folder = Folder::on_disk();
    let database = ("DATABASE_URL", "sqlite://data/lanyard.db");
    let settings = [
        database,
        ("LANYARD_URL", "http://127.0.0.1:8080"),
        ("LANYARD_DATA", "data"),
        ("LANYARD_SECRET_KEY", "0123456789012345678901234567890123456789"),
        ("LANYARD_MAIL_FROM", "Congress <congress@example.org>"),
    ];
    let output = lanyard(folder.path(), &settings, &["serve"]);
    assert!(output.status.code() == Some(1) && said(&output).contains("lanyard migrate"), "{}", said(&output));
    assert_eq!(lanyard(folder.path(), &[database], &["migrate"]).status.code(), Some(0));
    let added = lanyard(folder.path(), &settings, &["staff", "add", "--email", "o@example.org", "--name", "O", "--role", "owner"]);
    assert!(String::from_utf8_lossy(&added.stdout).starts_with("http://127.0.0.1:8080/staff/links/"), "{}", said(&added));
    assert_eq!(
        lanyard(folder.path(), &settings, &["staff", "add", "--email", "o@example.org", "--name", "O", "--role", "king"]).status.code(),
        Some(2)
    );
    let demo = lanyard(folder.path(), &[database], &["demo", "--fresh", "--listen", "127.0.0.1:0"]);
    assert!(demo.status.code() == Some(1) && said(&demo).contains("no demo made"), "{}", said(&demo));
    assert_eq!(lanyard(folder.path(), &settings, &["doctor"]).status.code(), Some(0));
}

#[test]
fn a_list_with_bad_rows_is_refused_as_a_whole_with_lines_and_reasons() {
    let folder = Folder::on_disk();
    let database = [("DATABASE_URL", "sqlite://lanyard.db")];
    assert_eq!(lanyard(folder.path(), &database, &["migrate"]).status.code(), Some(0));
    let list = "Facility ID,Facility Name,City/Town,State\n010001,GOOD HOSPITAL,DOTHAN,AL\n12,SHORT NUMBER,DOTHAN,AL\n";
    std::fs::write(folder.path().join("list.csv"), list).unwrap();
    let output = lanyard(folder.path(), &database, &["hospitals", "import", "list.csv"]);
    assert!(output.status.code() == Some(1) && said(&output).contains("Line 3: "), "{}", said(&output));
    let again = lanyard(folder.path(), &database, &["hospitals", "import", "--skip-refused", "list.csv"]);
    assert_eq!(String::from_utf8_lossy(&again.stdout), "added 1, changed 0, gone 0, unchanged 0, refused 1\n");
}

#[test]
fn an_unmigrated_database_of_either_kind_is_nothing_to_the_demo() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        if crate::support::databases::is_wanted(kind) {
            let database = Database::empty(kind);
            let mut connection = database.open();
            assert_eq!(mark::look(&mut connection).unwrap(), Contents::Nothing, "{kind:?}");
            db::migrate(&mut connection).unwrap();
            assert_eq!(mark::look(&mut connection).unwrap(), Contents::Nothing, "{kind:?}");
        }
    }
}
