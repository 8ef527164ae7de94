//! The server under test: the release binary's demo on a fresh database, and a look into that database.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::Value;

use crate::programs::{Folder, Program};

/// A running server on data of its own.
pub struct Server {
    port: u16,
    folder: Folder,
    database: String,
    access: Value,
    started_in: Duration,
    program: Mutex<Option<Program>>,
    codes: Mutex<Vec<String>>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl Server {
    /// Starts the demo on this database (PostgreSQL), or on a file of its own (SQLite).
    pub fn start(database: Option<String>) -> Self {
        let folder = Folder::on_disk();
        let database = database.unwrap_or_else(|| format!("sqlite://{}", folder.path().join("load.db").display()));
        let port = crate::free_port();
        let begun = Instant::now();
        let program = run(port, folder.path(), &database);
        wait_until_ready(port);
        let access = std::fs::read(folder.path().join("access.json")).expect("access.json");
        let access = serde_json::from_slice(&access).expect("access.json is JSON");
        let program = Mutex::new(Some(program));
        Self { port, folder, database, access, started_in: begun.elapsed(), program, codes: Mutex::default() }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn started_in(&self) -> Duration {
        self.started_in
    }

    /// The API token of a role.
    pub fn token(&self, role: &str) -> String {
        self.access["tokens"][role].as_str().expect("a token of this role").to_owned()
    }

    /// The path that signs the demo's attendee in.
    pub fn attendee_sign_in(&self) -> String {
        let link = self.access["attendee"]["sign_in"].as_str().expect("a sign-in link");
        let path = link.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
        path.expect("a path")
    }

    pub fn remember_codes(&self, codes: Vec<String>) {
        *self.codes.lock().expect("codes") = codes;
    }

    pub async fn codes(&self) -> Vec<String> {
        self.codes.lock().expect("codes").clone()
    }

    /// Rows of a table, counted in the database itself.
    pub fn count(&self, table: &str) -> i64 {
        self.query(&format!("SELECT COUNT(*) AS count FROM {table}"))
    }

    /// Seats taken and seats there are.
    pub fn seats(&self, session: &str) -> (i64, i64) {
        let of = format!("FROM sessions WHERE code = '{session}'");
        let taken = format!(
            "SELECT COUNT(*) AS count FROM enrollments WHERE status = 'enrolled' AND left_at IS NULL AND session_id IN (SELECT id {of})"
        );
        (self.query(&taken), self.query(&format!("SELECT CAST(MAX(capacity) AS BIGINT) AS count {of}")))
    }

    /// A connection of its own to the server's database.
    pub fn open(&self) -> lanyard::db::Db {
        lanyard::db::Address::parse(&self.database).and_then(|address| address.open()).expect("the database opens")
    }

    fn query(&self, sql: &str) -> i64 {
        let mut db = self.open();
        let row: Count = lanyard::on_either!(&mut db, connection => diesel::sql_query(sql).get_result(connection)).expect("a count");
        row.count
    }

    /// Resident memory of the server, in megabytes.
    pub fn memory_mb(&self) -> f64 {
        std::thread::sleep(Duration::from_millis(500));
        let id = pid_listening_on(self.port).expect("the server's process");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<f64>().ok()).unwrap_or_default() / 1024.0
    }

    /// Starts again on the database that is there now, and says how long that took.
    pub fn check_restart(&self) {
        let mut program = self.program.lock().expect("the program");
        drop(program.take());
        let begun = Instant::now();
        *program = Some(run(self.port, self.folder.path(), &self.database));
        wait_until_ready(self.port);
        println!("start on the existing database: {} ms", begun.elapsed().as_millis());
        drop(program);
        std::thread::sleep(crate::IDLE);
        println!("memory when idle after that: {:.0} MB", self.memory_mb());
    }
}

fn run(port: u16, data: &Path, database: &str) -> Program {
    let mut command = Command::new(binary());
    command
        .args(["demo", "--listen", &format!("127.0.0.1:{port}")])
        .env("DATABASE_URL", database)
        .env("LANYARD_DATA", data)
        .env("RUST_LOG", "error")
        .stdout(Stdio::null())
        .stderr(Stdio::inherit());
    Program::start(&mut command, "TERM")
}

fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_lanyard"))
}

fn wait_until_ready(port: u16) {
    let begun = Instant::now();
    loop {
        if status_of(port, "/readyz") == Some(200) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "the server is not ready after a minute");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn status_of(port: u16, path: &str) -> Option<u16> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}

/// The process that listens on a port, found by the arguments it was started with.
fn pid_listening_on(port: u16) -> Option<u32> {
    let wanted = format!("127.0.0.1:{port}");
    std::fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        let arguments = std::fs::read_to_string(entry.path().join("cmdline")).ok()?;
        arguments.contains(&wanted).then_some(id)
    })
}
