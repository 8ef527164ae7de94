//! Copies that can be trusted: made while the service writes, checked before anything is put back, whole afterwards.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::prelude::*;
use lanyard::app::{Actor, Tx};
use lanyard::audit::Entry;
use lanyard::backup::{self, Folders, Manifest};
use lanyard::clock::Clock;
use lanyard::db::schema::{audit_trail, scans};
use lanyard::db::{self, Address, Kind};
use lanyard::error::Result;
use lanyard::mailer::Mailer;
use lanyard::staff::Role;
use serde_json::Value;

use crate::checkin::{ask, body, inside};
use crate::door_mode::{a_guest, a_morning};
use crate::on_both;
use crate::support::app::TestApp;
use crate::support::builders::a_congress;
use crate::support::databases::Database;
use crate::support::programs::Folder;

/// The folders of a service whose storage lies among its data.
fn folders(data: &Path) -> Folders {
    Folders { data: data.to_path_buf(), files: Some(data.join("files")) }
}

fn make(database: &Database, data: &Path, to: &Path) -> Result<Manifest> {
    backup::make(&Address::parse(&database.url)?, &folders(data), to, Clock::system().now())
}

fn restore(database: &Database, data: &Path, from: &Path) -> Result<Manifest> {
    backup::restore(&Address::parse(&database.url)?, &folders(data), from)
}

/// The stable code of a refusal.
fn code(result: Result<Manifest>) -> &'static str {
    result.err().map_or("done", |error| error.code())
}

/// A folder with files of a service in it: a letter that was written, and what lies deeper.
fn data_of(folder: &Folder) -> PathBuf {
    let data = folder.path().join("data");
    std::fs::create_dir_all(data.join("mail/2026")).unwrap();
    std::fs::write(data.join("mail/2026/letter.eml"), "Subject: Grüße\r\n\r\nHello").unwrap();
    std::fs::write(data.join("secret.key"), "0123456789").unwrap();
    std::fs::create_dir_all(data.join("files/objects/ab")).unwrap();
    std::fs::write(data.join("files/objects/ab/cdef"), "a recording").unwrap();
    std::fs::create_dir_all(data.join("files/unfinished")).unwrap();
    std::fs::write(data.join("files/unfinished/x"), "half of one").unwrap();
    data
}

/// The lines of every table of a backup of PostgreSQL; SQLite's is one file.
fn tables(backup: &Path) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(backup.join("tables")).into_iter().flatten().flatten();
    files.map(|file| (file.file_name().to_string_lossy().into_owned(), std::fs::read_to_string(file.path()).unwrap())).collect()
}

fn entries(database: &Database, action: &str) -> i64 {
    audit_trail::table.filter(audit_trail::action.eq(action)).count().get_result(&mut database.open()).unwrap()
}

/// Scans and their audit entries in a database; each scan leaves one.
fn scans_and_entries(database: &Database) -> (i64, i64) {
    (scans::table.count().get_result(&mut database.open()).unwrap(), entries(database, "scan.taken"))
}

fn write_two(tx: &mut Tx<'_>) -> Result<()> {
    Entry::of("test.first", "test", "one").record(tx)?;
    Entry::of("test.second", "test", "one").record(tx)
}

on_both! {
    async fn what_is_backed_up_while_scans_come_in_is_restored_whole_and_goes_on(app) {
        let event = a_morning(app, a_congress());
        let api = app.api_of(Role::Onsite, Some(event.id.clone())).await;
        let people: Vec<_> = (0..5).map(|number| a_guest(app, &event, &format!("Ada “{number}” Ünal"), &["B1"])).collect();
        let first = body("door-B1", &people[0].1);
        let answer = ask(&api, first.clone()).await;
        let (folder, other) = (Folder::on_disk(), Folder::on_disk());
        let (data, copy) = (data_of(&folder), folder.path().join("backup"));
        // Others write while the copy is made, always two rows at once.
        let (is_over, service) = (AtomicBool::new(false), app.app());
        let manifest = std::thread::scope(|threads| {
            let writer = threads.spawn(|| {
                let mut count = 0;
                while !is_over.load(Ordering::Relaxed) {
                    service.write_here(Actor::Service("test"), write_two).unwrap();
                    count += 1;
                }
                count
            });
            while entries(&app.database, "test.first") < 3 {}
            let manifest = make(&app.database, &data, &copy).unwrap();
            is_over.store(true, Ordering::Relaxed);
            assert!(writer.join().unwrap() > 0);
            manifest
        });
        assert_eq!((manifest.data_files(), manifest.stored_files()), (2, 1), "an unfinished upload stays behind");
        let restored = Database::empty(app.database.kind);
        let new_data = other.path().join("data");
        assert_eq!(restore(&restored, &new_data, &copy).unwrap(), manifest);
        assert_eq!(std::fs::read(new_data.join("mail/2026/letter.eml")).unwrap(), std::fs::read(data.join("mail/2026/letter.eml")).unwrap());
        assert_eq!(std::fs::read(new_data.join("files/objects/ab/cdef")).unwrap(), b"a recording");
        assert_eq!(db::pending_migrations(&mut restored.open()).unwrap(), 0);
        assert_eq!(scans_and_entries(&restored), (1, 1));
        let both = (entries(&restored, "test.first"), entries(&restored, "test.second"));
        assert!(both.0 == both.1 && both.0 >= 3, "{both:?}: the copy shows one moment");
        // The same rows once more: a copy of the copy is the copy.
        let again = make(&restored, &new_data, &other.path().join("again")).unwrap();
        assert_eq!(again.tables, manifest.tables);
        assert_eq!(tables(&other.path().join("again")), tables(&copy));
        // And the service goes on from there.
        let next = TestApp::start_with(restored, Mailer::Memory(Mutex::default()), |_| {});
        next.set_clock("2026-03-09T10:20:00-07:00");
        next.ignore_letters();
        next.ignore_jobs();
        let api = next.api_of(Role::Onsite, Some(event.id.clone())).await;
        assert_eq!(ask(&api, first).await, answer, "a scan of before is known");
        let second: Value = ask(&api, body("door-B1", &people[1].1)).await;
        assert_eq!((second["outcome"].as_str(), second["name"].as_str()), (Some("admitted"), Some("Ada “1” Ünal Okonkwo")));
        assert_eq!((inside(&next), scans_and_entries(&next.database)), ((2, 2), (2, 2)));
    }

    async fn nothing_is_restored_over_what_is_there_nor_from_what_is_not_whole(app) {
        let event = a_morning(app, a_congress());
        let _ada = a_guest(app, &event, "Ada", &["B1"]);
        let (folder, other) = (Folder::on_disk(), Folder::on_disk());
        let (data, copy) = (data_of(&folder), folder.path().join("backup"));
        make(&app.database, &data, &copy).unwrap();
        assert_eq!(code(make(&app.database, &data, &copy)), "backup.not_empty");
        assert_eq!(code(make(&app.database, &data, folder.path())), "backup.not_empty");
        let (empty, new_data) = (Database::empty(app.database.kind), other.path().join("data"));
        assert_eq!(code(restore(&app.database, &new_data, &copy)), "backup.database_in_use");
        assert_eq!(code(restore(&empty, &data, &copy)), "backup.files_there");
        let another = if app.database.kind == Kind::Sqlite { "postgres://127.0.0.1:1/x" } else { "sqlite:///nowhere/x.db" };
        assert_eq!(code(backup::restore(&Address::parse(another).unwrap(), &folders(&new_data), &copy)), "backup.other_database");
        // One letter changed, a file gone, a way out of the folder, no list at all: each time nothing is written.
        let letter = copy.join("data/mail/2026/letter.eml");
        let whole = std::fs::read(&letter).unwrap();
        std::fs::write(&letter, String::from_utf8(whole.clone()).unwrap().replace("Hello", "Hallo")).unwrap();
        assert_eq!(code(restore(&empty, &new_data, &copy)), "backup.damaged");
        std::fs::remove_file(&letter).unwrap();
        assert_eq!(code(restore(&empty, &new_data, &copy)), "backup.damaged");
        std::fs::write(&letter, whole).unwrap();
        let list = std::fs::read_to_string(copy.join("backup.json")).unwrap();
        std::fs::write(copy.join("backup.json"), list.replace("data/secret.key", "data/../data/secret.key")).unwrap();
        assert_eq!(code(restore(&empty, &new_data, &copy)), "backup.damaged");
        std::fs::write(copy.join("backup.json"), list.replace("\"format\": 1", "\"format\": 2")).unwrap();
        assert_eq!(code(restore(&empty, &new_data, &copy)), "backup.format");
        std::fs::remove_file(copy.join("backup.json")).unwrap();
        assert_eq!(code(restore(&empty, &new_data, &copy)), "backup.unfinished");
        assert!(!new_data.exists());
        std::fs::write(copy.join("backup.json"), list).unwrap();
        restore(&empty, &new_data, &copy).unwrap();
        app.ignore_letters();
    }
}

#[test]
fn the_commands_back_up_and_restore() {
    let folder = Folder::on_disk();
    let run = |database: &str, data: &str, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lanyard"));
        command.args(arguments).current_dir(folder.path()).env_clear();
        let output = command.env("DATABASE_URL", database).env("LANYARD_DATA", data).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code(), said)
    };
    let list = "Facility ID,Facility Name,City/Town,State\n010001,GOOD HOSPITAL,DOTHAN,AL\n";
    std::fs::write(folder.path().join("list.csv"), list).unwrap();
    assert_eq!(run("sqlite://data/lanyard.db", "data", &["migrate"]).0, Some(0));
    assert_eq!(run("sqlite://data/lanyard.db", "data", &["hospitals", "import", "list.csv"]).0, Some(0));
    // The database lies among the files; it is copied once, as a database.
    let made = run("sqlite://data/lanyard.db", "data", &["backup", "copy"]);
    assert!(made.0 == Some(0) && made.1.contains(" and 0 files are in copy."), "{made:?}");
    assert!(folder.path().join("copy/lanyard.db").exists() && !folder.path().join("copy/data").exists());
    let back = run("sqlite://new/lanyard.db", "new", &["restore", "copy"]);
    assert!(back.0 == Some(0) && back.1.contains(" are back, as of "), "{back:?}");
    let again = run("sqlite://new/lanyard.db", "new", &["hospitals", "import", "list.csv"]);
    assert!(again.1.contains("added 0, changed 0, gone 0, unchanged 1"), "{again:?}");
    let over = run("sqlite://new/lanyard.db", "new", &["restore", "copy"]);
    assert!(over.0 == Some(1) && over.1.contains("Restore into an empty one."), "{over:?}");
}
