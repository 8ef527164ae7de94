//! Throw-away PostgreSQL clusters: a quick shared one for the stories, a durable one for restarts.

use super::programs::{Folder, Program, find_program};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

const USER: &str = "lanyard";
const MAX_CONNECTIONS: u32 = 300;

/// Speed for data nobody will miss: nothing is flushed to disk.
const CARELESS: [&str; 4] = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"];

/// The URL of the shared cluster's maintenance database; the cluster starts with the first call.
pub fn server_url() -> String {
    shared().url("postgres")
}

/// Makes a new database in the shared cluster and returns its URL; `template` is the URL or the
/// name of a database to copy, to which nobody should be connected any more.
pub fn create_database(template: Option<&str>) -> String {
    shared().create_database(template)
}

/// Drops a database of the shared cluster, given by URL or name, and cuts who is still connected.
pub fn drop_database(database: &str) {
    shared().drop_database(database);
}

/// Refuses new connections to a database of the shared cluster, so that copying it never fails.
pub fn seal_template(database: &str) {
    let name = name_of(database);
    shared().run(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false"));
}

fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start(Folder::in_memory(), &CARELESS))
}

/// A cluster of its own that keeps what it acknowledged through stops, restarts and crashes.
pub struct DurableCluster(Cluster);

impl DurableCluster {
    /// Starts an empty cluster on disk, with fsync on.
    pub fn start() -> Self {
        Self(Cluster::start(Folder::on_disk(), &[]))
    }

    /// Makes a new database and returns its URL, which stays the same over restarts.
    pub fn create_database(&self, template: Option<&str>) -> String {
        self.0.create_database(template)
    }

    /// Stops the cluster in an orderly way and cuts every connection.
    pub fn stop(&self) {
        self.0.program().take();
    }

    /// Ends the server at once, as a power cut would; the next start recovers from its log.
    pub fn crash(&self) {
        if let Some(mut program) = self.0.program().take() {
            program.kill();
        }
    }

    /// Starts the stopped cluster on the port it had.
    pub fn start_again(&self) {
        for attempt in 1.. {
            match self.0.launch(self.0.port) {
                Ok(()) => return,
                // After a crash the last of the old processes may take a moment to notice.
                Err(log) if attempt < 50 && log.contains("still in use") => sleep(Duration::from_millis(100)),
                Err(log) => panic!("PostgreSQL does not start again:\n{log}"),
            }
        }
    }
}

struct Cluster {
    // Before the folder, so that the server ends before its files go.
    program: Mutex<Option<Program>>,
    folder: Folder,
    binaries: PathBuf,
    owner: Option<(u32, u32)>,
    settings: &'static [&'static str],
    port: u16,
    changing: Mutex<()>,
}

impl Cluster {
    fn start(folder: Folder, settings: &'static [&'static str]) -> Self {
        let owner = owner();
        if let Some((user, group)) = owner {
            chown(folder.path(), Some(user), Some(group)).expect("the cluster's folder changes hands");
        }
        let binaries = binaries();
        let mut cluster = Self { program: Mutex::new(None), folder, binaries, owner, settings, port: 0, changing: Mutex::new(()) };
        cluster.init();
        for attempt in 1.. {
            cluster.port = super::free_port();
            match cluster.launch(cluster.port) {
                Ok(()) => break,
                Err(log) if attempt < 5 && log.contains("Address already in use") => {}
                Err(log) => panic!("PostgreSQL does not start:\n{log}"),
            }
        }
        cluster
    }

    fn init(&self) {
        let mut command = self.command("initdb");
        command.arg("--pgdata").arg(self.data()).args(["--username", USER, "--auth", "trust"]);
        command.args(["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]);
        let output = command.output().expect("initdb does not start");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "initdb failed:\n{said}");
    }

    /// Runs the server and waits until it answers; the error is the server's log.
    fn launch(&self, port: u16) -> Result<(), String> {
        let log = self.folder.path().join("log");
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).args(["-p", &port.to_string()]);
        command.arg("-c").arg("listen_addresses=127.0.0.1");
        command.arg("-c").arg(format!("unix_socket_directories={}", self.folder.path().display()));
        command.arg("-c").arg(format!("max_connections={MAX_CONNECTIONS}"));
        for setting in self.settings {
            command.arg("-c").arg(setting);
        }
        let output = fs::File::create(&log).expect("the server's log");
        command.stderr(output.try_clone().expect("the server's log")).stdout(output);
        // QUIT would be quicker and skip the last checkpoint, INT is an orderly stop.
        let stop_with = if self.settings.is_empty() { "INT" } else { "QUIT" };
        let mut program = Program::start(&mut command, stop_with);
        let deadline = Instant::now() + Duration::from_secs(60);
        let url = format!("postgres://{USER}@127.0.0.1:{port}/postgres");
        while PgConnection::establish(&url).is_err() {
            if !program.is_running() || Instant::now() > deadline {
                return Err(fs::read_to_string(&log).unwrap_or_default());
            }
            sleep(Duration::from_millis(20));
        }
        *self.program() = Some(program);
        Ok(())
    }

    fn create_database(&self, template: Option<&str>) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let template = template.map_or("template1", name_of);
        let strategy = self.copying();
        self.run(&format!("CREATE DATABASE {name} TEMPLATE {template} {strategy}"));
        self.url(&name)
    }

    /// Copying files takes half the time of copying through the log, which is the newer default.
    fn copying(&self) -> &'static str {
        let version = fs::read_to_string(self.data().join("PG_VERSION")).unwrap_or_default();
        let knows_strategies = version.trim().parse::<u32>().is_ok_and(|version| version >= 15);
        if knows_strategies { "STRATEGY file_copy" } else { "" }
    }

    fn drop_database(&self, database: &str) {
        let name = name_of(database);
        self.run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }

    /// One at a time: a database that is just being copied cannot be copied by another.
    fn run(&self, statement: &str) {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut connection =
            PgConnection::establish(&self.url("postgres")).unwrap_or_else(|error| panic!("the test cluster does not answer: {error}"));
        connection.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self) -> MutexGuard<'_, Option<Program>> {
        self.program.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A server program as its owner, without this shell's own PostgreSQL settings.
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.binaries.join(name));
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        for (key, _) in std::env::vars_os().filter(|(key, _)| key.to_string_lossy().starts_with("PG")) {
            command.env_remove(key);
        }
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

/// The name in a database's URL; a name stays as it is.
fn name_of(database: &str) -> &str {
    database.rsplit('/').next().unwrap_or(database)
}

/// Whose the cluster is: PostgreSQL refuses to run as root, so then its own account or nobody's.
fn owner() -> Option<(u32, u32)> {
    let is_root = fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    if !is_root {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").expect("/etc/passwd");
    let account = |name: &str| {
        let fields: Vec<&str> = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == name)?;
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    Some(account("postgres").or_else(|| account("nobody")).expect("neither a postgres nor a nobody account to run PostgreSQL as"))
}

/// The folder of `initdb` and `postgres`: the newest of the system's, else pg_config's, else PATH's.
fn binaries() -> PathBuf {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| is_server(folder))
        .collect();
    versions.sort();
    let configured = || {
        let output = Command::new("pg_config").arg("--bindir").output().ok()?;
        Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
    };
    versions
        .pop()
        .map(|(_, folder)| folder)
        .or_else(|| configured().filter(|folder| is_server(folder)))
        .or_else(|| find_program(&["initdb"], &[])?.parent().map(Path::to_path_buf))
        .filter(|folder| is_server(folder))
        .expect("no PostgreSQL server on this machine: bin/test installs it (Debian's package postgresql)")
}

fn is_server(folder: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|name| fs::metadata(folder.join(name)).is_ok_and(|file| file.permissions().mode() & 0o111 != 0))
}
