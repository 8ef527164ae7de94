//! A database of its own for every story: a copy of one that was migrated once in this run.

use super::postgres;
use super::programs::Folder;
use lanyard::db::{self, Address, Kind};
use std::io::Write;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A migrated, empty database; dropping it removes it.
pub struct Database {
    pub kind: Kind,
    pub url: String,
}

impl Database {
    /// A copy of the migrated template.
    pub fn new(kind: Kind) -> Self {
        let url = match kind {
            Kind::Sqlite => {
                let file = new_file();
                std::fs::copy(sqlite_template(), &file).expect("a copy of the SQLite template");
                format!("sqlite://{}", file.display())
            }
            Kind::Postgres => postgres::create_database(Some(postgres_template())),
        };
        Self { kind, url }
    }

    /// A database without any table.
    pub fn empty(kind: Kind) -> Self {
        let url = match kind {
            Kind::Sqlite => format!("sqlite://{}", new_file().display()),
            Kind::Postgres => postgres::create_database(None),
        };
        Self { kind, url }
    }

    /// A connection beside the service's own.
    pub fn open(&self) -> db::Db {
        Address::parse(&self.url).and_then(|address| address.open()).expect("a connection to the story's database")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        match self.kind {
            Kind::Postgres => postgres::drop_database(&self.url),
            Kind::Sqlite => {
                let file = self.url.trim_start_matches("sqlite://");
                for ending in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{file}{ending}"));
                }
            }
        }
    }
}

/// Whether stories are told on this database; leaving one out is said once, past the test runner's capture.
pub fn is_wanted(kind: Kind) -> bool {
    static SAID: OnceLock<()> = OnceLock::new();
    let wanted = std::env::var("LANYARD_TEST_DATABASES").unwrap_or_else(|_| "both".to_owned());
    let told = match wanted.as_str() {
        "both" => true,
        "sqlite" => kind == Kind::Sqlite,
        "postgres" => kind == Kind::Postgres,
        other => panic!("LANYARD_TEST_DATABASES is both, sqlite or postgres, not {other:?}"),
    };
    if !told {
        SAID.get_or_init(|| {
            let _ = writeln!(std::io::stderr(), "\n*** {kind:?} IS NOT TESTED: LANYARD_TEST_DATABASES={wanted} ***\n");
        });
    }
    told
}

fn folder() -> &'static Folder {
    static FOLDER: OnceLock<Folder> = OnceLock::new();
    FOLDER.get_or_init(Folder::in_memory)
}

fn new_file() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    folder().path().join(format!("{}.db", COUNT.fetch_add(1, Ordering::Relaxed)))
}

fn migrate(url: &str) {
    let mut connection = Address::parse(url).and_then(|address| address.open()).expect("a connection to the template");
    db::migrate(&mut connection).expect("the migrations run");
}

fn sqlite_template() -> &'static PathBuf {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let file = folder().path().join("template.db");
        // The last connection to close writes the log back into the file, which can then be copied.
        migrate(&format!("sqlite://{}", file.display()));
        file
    })
}

fn postgres_template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let url = postgres::create_database(None);
        migrate(&url);
        postgres::seal_template(&url);
        url
    })
}
