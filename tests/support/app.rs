//! A whole service for one story: its own database, a clock set by hand, letters in memory.

use super::databases::Database;
use super::letters::Letter;
use super::programs::Folder;
use super::visitor::{Api, Service, Visitor, service_of};
use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use diesel::prelude::*;
use lanyard::app::{Actor, App, Tx};
use lanyard::clock::{Clock, Instant};
use lanyard::config::Config;
use lanyard::db::schema::{jobs, letters};
use lanyard::db::{Db, Kind};
use lanyard::error::Result;
use lanyard::ids::{EventId, StaffId};
use lanyard::mailer::Mailer;
use lanyard::people::sign_in;
use lanyard::registration::Registration;
use lanyard::staff::{self, Role};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::ops::Deref;
use std::sync::PoisonError;

/// Tells a story on one database, or says that it is left out.
pub fn tell(kind: Kind, story: impl AsyncFnOnce(&TestApp)) {
    if super::databases::is_wanted(kind) {
        let app = TestApp::start(kind);
        actix_web::rt::System::new().block_on(story(&app));
    }
}

/// Tells each story on both databases: `on_both! { async fn a_freed_seat_goes_to_the_first(app) { … } }`
/// makes the tests `a_freed_seat_goes_to_the_first::sqlite` and `…::postgres`; `app` is a `&TestApp`.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident) $story:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn story($app: &$crate::support::app::TestApp) $story

            #[test]
            fn sqlite() {
                $crate::support::app::tell(lanyard::db::Kind::Sqlite, story);
            }

            #[test]
            fn postgres() {
                $crate::support::app::tell(lanyard::db::Kind::Postgres, story);
            }
        }
    )+};
}

/// When every story begins, unless it sets the clock: the Monday before the congress, 9 AM Pacific.
pub const MONDAY_BEFORE: &str = "2026-03-02T09:00:00-08:00";

/// The service under test; it can be used wherever an [`App`] can. Dropping it fails the test when a
/// due job was left or a letter was sent that nobody read.
pub struct TestApp {
    app: App,
    service: OnceCell<Service>,
    read: RefCell<BTreeSet<String>>,
    ignores_letters: Cell<bool>,
    ignores_jobs: Cell<bool>,
    visitors: Cell<u8>,
    server: OnceCell<ServerHandle>,
    // Last, so that the connections close first.
    pub database: Database,
    _files: Folder,
}

impl Deref for TestApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

/// The settings of a story's service.
pub fn config(database_url: &str) -> Config {
    Config {
        database_url: database_url.to_owned(),
        listen: "127.0.0.1:0".to_owned(),
        base_url: "https://congress.example.org".to_owned(),
        data: std::env::temp_dir(),
        secret_key: "a secret of the tests, which nobody keeps".to_owned(),
        smtp_url: None,
        mail_from: "Patient Safety Congress <congress@example.org>".to_owned(),
        metrics_listen: None,
        metrics_token: None,
        trusted_proxies: Vec::new(),
        fonts: "/usr/share/fonts".into(),
        storage_url: format!("file://{}", std::env::temp_dir().join("lanyard-test-nothing").display()),
        aws: BTreeMap::new(),
        demo: false,
    }
}

impl TestApp {
    /// A service with an empty database.
    pub fn start(kind: Kind) -> Self {
        Self::start_with(Database::new(kind), Mailer::Memory(std::sync::Mutex::default()), |_| {})
    }

    /// A service that real browsers reach too, at its `base_url`.
    pub fn listening(kind: Kind) -> Self {
        Self::listening_with(kind, |_| {})
    }

    /// A service that real browsers reach too, with other settings.
    pub fn listening_with(kind: Kind, change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let mailer = Mailer::Memory(std::sync::Mutex::default());
        let app = Self::start_with(Database::new(kind), mailer, |config| {
            config.base_url = format!("http://{address}");
            change(config);
        });
        let _ = app.server.set(serve(app.app(), listener));
        app
    }

    /// The whole address of a page.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.site.config.base_url)
    }

    /// A service on this database, with other settings or another mailer.
    pub fn start_with(database: Database, mailer: Mailer, change: impl FnOnce(&mut Config)) -> Self {
        let files = Folder::promised();
        let mut config = config(&database.url);
        config.storage_url = format!("file://{}", files.path().display());
        change(&mut config);
        let clock = Clock::by_hand(instant(MONDAY_BEFORE));
        let app = App::start(config, clock, mailer).expect("the service starts");
        Self {
            app,
            database,
            service: OnceCell::new(),
            read: RefCell::default(),
            ignores_letters: Cell::new(false),
            ignores_jobs: Cell::new(false),
            visitors: Cell::new(0),
            server: OnceCell::new(),
            _files: files,
        }
    }

    /// The service itself, to be cloned into threads.
    pub fn app(&self) -> App {
        self.app.clone()
    }

    /// Sets the clock, such as `2026-03-09T09:00:00-07:00`.
    pub fn set_clock(&self, at: &str) {
        self.clock.set(instant(at));
    }

    /// Lets minutes pass.
    pub fn wait_minutes(&self, minutes: i64) {
        self.clock.set(self.now().plus(chrono::Duration::minutes(minutes)));
    }

    /// Writes as the service itself and expects that to work.
    pub fn must<T: Send + 'static>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static) -> T {
        self.write_here(Actor::Service("test"), work).unwrap_or_else(|error| panic!("a preparation failed: {error:?}"))
    }

    /// Reads and expects that to work.
    pub fn look<T>(&self, work: impl FnOnce(&mut Db) -> Result<T>) -> T {
        self.read_here(work).unwrap_or_else(|error| panic!("a look into the database failed: {error:?}"))
    }

    async fn service(&self) -> Service {
        if self.service.get().is_none() {
            let made = service_of(self.app()).await;
            let _ = self.service.set(made);
        }
        self.service.get().expect("just made").clone()
    }

    /// A new browser, at an address of its own, that nobody has signed in.
    pub async fn visitor(&self) -> Visitor {
        let number = self.visitors.get().wrapping_add(1);
        self.visitors.set(number);
        Visitor::new(self.service().await, number)
    }

    /// A browser in which somebody with this role for all events is signed in.
    pub async fn as_staff(&self, role: Role) -> Visitor {
        self.as_staff_of(role, None).await
    }

    /// A browser in which somebody with this role, for one event or all, is signed in.
    pub async fn as_staff_of(&self, role: Role, event: Option<EventId>) -> Visitor {
        let email = format!("{role}-{}@staff.example", if event.is_some() { "of-one" } else { "of-all" });
        let secret = self.must(move |tx| {
            let id: StaffId = staff::add(tx, &email, &format!("Sam {role}"), role, event)?;
            staff::sign_in(tx, &id)
        });
        let visitor = self.visitor().await;
        visitor.set_cookie(lanyard::http::asker::STAFF_COOKIE, &secret);
        visitor
    }

    /// A browser in which the person of this registration is signed in.
    pub async fn as_attendee(&self, registration: &Registration) -> Visitor {
        let person = registration.person_id.clone();
        let secret = self.must(move |tx| sign_in::sign_in(tx, &person));
        let visitor = self.visitor().await;
        visitor.set_cookie(lanyard::http::asker::ATTENDEE_COOKIE, &secret);
        visitor
    }

    /// A program without a token.
    pub async fn public_api(&self) -> Api {
        Api::new(self.service().await, None)
    }

    /// A program with a token of this role for all events.
    pub async fn api(&self, role: Role) -> Api {
        self.api_of(role, None).await
    }

    /// A program with a token of this role, for one event or all.
    pub async fn api_of(&self, role: Role, event: Option<EventId>) -> Api {
        let token = self.must(move |tx| staff::create_token(tx, "a test's", role, event, None));
        Api::new(self.service().await, Some(token))
    }

    /// A program with this token.
    pub async fn api_with(&self, token: &str) -> Api {
        Api::new(self.service().await, Some(token.to_owned()))
    }

    /// Runs every job that is due; returns how many were finished.
    pub fn run_jobs(&self) -> usize {
        lanyard::jobs::run_due(&self.app, lanyard::timetable::JOBS).expect("the jobs run")
    }

    /// Delivers what waits in the outbox and returns the letters not read before, oldest first; they count as read.
    pub fn letters(&self) -> Vec<Letter> {
        self.read_letters(|_| true)
    }

    /// The letters to this address not read before, oldest first; they count as read.
    pub fn letters_to(&self, email: &str) -> Vec<Letter> {
        self.read_letters(|letter| letter.to.iter().any(|to| to.eq_ignore_ascii_case(email)))
    }

    /// The one letter of this kind to this address not read before; it counts as read.
    pub fn expect_letter(&self, email: &str, kind: &str) -> Letter {
        let is_it = |letter: &Letter| letter.kind == kind && letter.to.iter().any(|to| to.eq_ignore_ascii_case(email));
        let mut found = self.read_letters(is_it);
        assert_eq!(found.len(), 1, "letters {kind} to {email}; unread are {:?}", self.unread());
        found.remove(0)
    }

    /// What is sent from now on, or was, need not be read.
    pub fn ignore_letters(&self) {
        self.ignores_letters.set(true);
    }

    /// Jobs may be left.
    pub fn ignore_jobs(&self) {
        self.ignores_jobs.set(true);
    }

    fn read_letters(&self, wanted: impl Fn(&Letter) -> bool) -> Vec<Letter> {
        lanyard::mail::outbox::deliver_due(&self.app).expect("the outbox is emptied");
        let Mailer::Memory(memory) = &self.mailer else { panic!("the letters of this story went somewhere else") };
        let raw = memory.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let kinds: BTreeMap<String, String> =
            self.look(|db| Ok(letters::table.select((letters::id, letters::kind)).load(db)?)).into_iter().collect();
        let mut found = Vec::new();
        for raw in raw {
            let mut letter = Letter::parse(raw);
            let id = letter.message_id.split('@').next().unwrap_or_default().to_owned();
            letter.kind = kinds.get(&id).cloned().unwrap_or_default();
            if wanted(&letter) && self.read.borrow_mut().insert(id) {
                found.push(letter);
            }
        }
        // Several are handed over at once; their ids tell which was written first.
        found.sort_by(|left, right| left.message_id.cmp(&right.message_id));
        found
    }

    /// Kind, address and state of every letter that nobody read.
    fn unread(&self) -> Vec<String> {
        let columns = (letters::id, letters::kind, letters::to_email, letters::state);
        let all: Vec<(String, String, String, String)> = self.look(|db| Ok(letters::table.select(columns).order(letters::id).load(db)?));
        let read = self.read.borrow();
        all.into_iter().filter(|letter| !read.contains(&letter.0)).map(|(_, kind, to, state)| format!("{kind} to {to} ({state})")).collect()
    }

    /// Kind and last error of every job that is due and not finished.
    fn due_jobs(&self) -> Vec<String> {
        let due = jobs::table.filter(jobs::finished_at.is_null()).filter(jobs::run_at.le(self.now()));
        let left: Vec<(String, Option<String>)> = self.look(|db| Ok(due.select((jobs::kind, jobs::last_error)).load(db)?));
        left.into_iter().map(|(kind, error)| format!("{kind} {}", error.unwrap_or_default())).collect()
    }
}

/// Serves on a thread of its own until it is told to stop.
fn serve(app: App, listener: TcpListener) -> ServerHandle {
    let (sender, handle) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let shared = lanyard::routes::Shared::default();
            let application = move || lanyard::http::server::application(app.clone(), shared.clone());
            let server = HttpServer::new(application).workers(2).disable_signals();
            let running = server.listen(listener).expect("a bound listener can be listened on").run();
            sender.send(running.handle()).expect("the test waits for the handle");
            running.await.expect("the server runs");
        });
    });
    handle.recv().expect("the server starts")
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(server) = self.server.get() {
            // Telling it is enough; nobody waits for the answer.
            drop(server.stop(false));
        }
        if std::thread::panicking() {
            return;
        }
        let jobs = if self.ignores_jobs.get() { Vec::new() } else { self.due_jobs() };
        assert!(jobs.is_empty(), "jobs are due and nobody ran them: {jobs:#?}");
        let letters = if self.ignores_letters.get() { Vec::new() } else { self.unread() };
        assert!(letters.is_empty(), "letters were sent and nobody read them: {letters:#?}");
    }
}

/// Reads an instant such as `2026-03-09T09:00:00-07:00`.
pub fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap_or_else(|| panic!("{text} is no instant"))
}
