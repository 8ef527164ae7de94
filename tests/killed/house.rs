//! A congress that is on right now, served by the real program, which can be killed and started again.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant as Moment};

use lanyard::app::{Actor, App};
use lanyard::clock::{Clock, Instant};
use lanyard::db::{self, Address, Db};
use lanyard::error::Result;
use lanyard::events::{self, Event};
use lanyard::mailer::Mailer;
use lanyard::orders::place::{Buyer, NewOrder, place};
use lanyard::orders::{Payment, quote::Trust, quote::WantedLine};
use lanyard::registration::{Registration, rules::Details};
use lanyard::setup::{self, document};
use lanyard::staff::{self, Role};
use lanyard::{agenda, badges, enrollment};

use crate::support::app::config;
use crate::support::free_port;
use crate::support::line::Line;
use crate::support::programs::{Folder, Program};

/// So many people are at the congress; the first few have seats in S1, the last want one in F1.
const PEOPLE: usize = 60;
pub const SEATED: usize = 3;
/// Seats of S1, and of F1.
pub const SEATS: (i64, i64) = (5, 2);

/// The event on its database, and the program that serves it.
pub struct House {
    pub port: u16,
    pub token: String,
    /// What the codes on the badges say.
    pub badges: Vec<String>,
    pub registrations: Vec<Registration>,
    event: Event,
    url: String,
    data: PathBuf,
    server: Mutex<Option<Program>>,
}

impl House {
    /// Makes the event two hours ago on an empty database, and opens.
    pub fn open(url: &str, folder: &Folder) -> Self {
        let now = Clock::system().now();
        let mut connection = Address::parse(url).and_then(|address| address.open()).expect("the database opens");
        db::migrate(&mut connection).expect("the migrations run");
        let clock = Clock::by_hand(now.plus(-chrono::Duration::hours(2)));
        let app = App::start(config(url), clock, Mailer::Memory(Mutex::default())).expect("the service starts");
        let (event, registrations, token) = app.write_here(Actor::Service("test"), move |tx| make(tx, now)).expect("the event is made");
        let badges = registrations.iter().map(|one| badges::of_registration(&mut connection, &one.id).unwrap().unwrap().token(&event));
        let badges = badges.collect::<Result<_>>().expect("the badges' codes");
        let data = folder.path().join("data");
        let house = Self { port: free_port(), token, badges, registrations, event, url: url.to_owned(), data, server: Mutex::default() };
        house.start();
        house
    }

    /// Starts the program on the port it had and waits until it is ready.
    pub fn start(&self) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lanyard"));
        command.arg("serve").env_clear().current_dir("/").stdout(Stdio::null()).env("RUST_LOG", "error").envs([
            ("DATABASE_URL", self.url.as_str()),
            ("LANYARD_LISTEN", &format!("127.0.0.1:{}", self.port)),
            ("LANYARD_URL", "https://congress.example.org"),
            ("LANYARD_DATA", &self.data.display().to_string()),
            ("LANYARD_SECRET_KEY", &config(&self.url).secret_key),
            ("LANYARD_MAIL_FROM", "Congress <congress@example.org>"),
        ]);
        *self.server() = Some(Program::start(&mut command, "TERM"));
        self.wait_until_ready();
    }

    /// Ends the program at once, whatever it is doing.
    pub fn kill(&self) {
        if let Some(mut server) = self.server().take() {
            server.kill();
        }
    }

    pub fn wait_until_ready(&self) {
        let until = Moment::now() + Duration::from_secs(20);
        while !self.line().get("/readyz").is_ok_and(|reply| reply.status == 200) {
            assert!(self.is_running(), "the program ended by itself");
            assert!(Moment::now() < until, "the program is not ready after 20 seconds");
            sleep(Duration::from_millis(10));
        }
    }

    pub fn is_running(&self) -> bool {
        self.server().as_mut().is_some_and(Program::is_running)
    }

    fn server(&self) -> std::sync::MutexGuard<'_, Option<Program>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn line(&self) -> Line {
        Line::to(self.port, &self.token)
    }

    /// A look into the database beside the program.
    pub fn look<T>(&self, work: impl FnOnce(&mut Db) -> Result<T>) -> T {
        let mut connection = Address::parse(&self.url).and_then(|address| address.open()).expect("the database opens");
        work(&mut connection).unwrap_or_else(|error| panic!("a look into the database failed: {error:?}"))
    }

    /// Seats that are taken in a session.
    pub fn taken(&self, session: &str) -> i64 {
        self.look(|db| {
            let session = agenda::get(db, &self.event.id, session)?;
            enrollment::seats_taken(db, &session.id)
        })
    }

    pub fn session_id(&self, session: &str) -> lanyard::ids::SessionId {
        self.look(|db| agenda::get(db, &self.event.id, session)).id
    }
}

fn make(tx: &mut lanyard::app::Tx<'_>, now: Instant) -> Result<(Event, Vec<Registration>, String)> {
    setup::import(tx, &document::read(text(now).as_bytes())?)?;
    let event = events::get(tx.db, "congress")?;
    let mut all = Vec::new();
    for number in 0..PEOPLE {
        let sessions: &[&str] = if number < SEATED { &["S1"] } else { &[] };
        all.push(place(tx, &event, &order(number, sessions))?.registered.remove(0).registration);
    }
    let token = staff::create_token(tx, "the doors and the desk", Role::Registrar, None, None)?;
    Ok((event, all, token))
}

fn order(number: usize, sessions: &[&str]) -> NewOrder {
    let email = format!("person-{number}@hospital.example");
    let details = Details {
        email: email.clone(),
        given_name: "Ada".to_owned(),
        family_name: format!("Person{number}"),
        profession: "nurse".to_owned(),
        ..Details::default()
    };
    let sessions = sessions.iter().map(|code| (*code).to_owned()).collect();
    let line = WantedLine { registration_type: "free".to_owned(), email: email.clone(), sessions, ..WantedLine::default() };
    let buyer = Buyer { name: "Ada".to_owned(), email, organization: String::new() };
    NewOrder { lines: vec![(line, details)], codes: Vec::new(), buyer, payment: Payment::Nothing, trust: Trust::AsIfVerified }
}

/// K1 is open to all, the few seats of S1 are being given out at its door, F1 is tomorrow and can be chosen.
fn text(now: Instant) -> String {
    let at = |hours: i64, format: &str| now.plus(chrono::Duration::hours(hours)).utc().format(format).to_string();
    let session = |code: &str, kind: &str, from: i64, to: i64, seats: String| {
        format!(
            "[[sessions]]\ncode = '{code}'\nkind = '{kind}'\ntitle = '{code}'\ndate = '{}'\nstarts = '{}'\nends_date = '{}'\n\
             ends = '{}'\n{seats}\n",
            at(from, "%Y-%m-%d"),
            at(from, "%H:%M"),
            at(to, "%Y-%m-%d"),
            at(to, "%H:%M"),
        )
    };
    let seats = |many: i64| format!("capacity = {many}\nregistration_required = true");
    format!(
        "[event]\nslug = 'congress'\nname = 'Congress'\nzone = 'Etc/UTC'\nstarts_on = '{}'\nends_on = '{}'\nvenue = 'Hall'\n\
         address = '1 Quay'\nhelp_email = 'help@congress.example'\npublished = true\n\
         [[registration_types]]\ncode = 'free'\nname = 'Guest'\ncovers = 'all'\ntiers = [{{ name = 'Free', price = '0.00' }}]\n{}{}{}\
         [[checkpoints]]\ncode = 'door-K1'\nname = 'Hall'\nkind = 'session_door'\nsession = 'K1'\nin_only = false\n\
         [[checkpoints]]\ncode = 'door-S1'\nname = 'Small room'\nkind = 'session_door'\nsession = 'S1'\n",
        at(-48, "%Y-%m-%d"),
        at(72, "%Y-%m-%d"),
        session("K1", "keynote", -1, 3, "registration_required = false".to_owned()),
        session("S1", "breakout", -1, 3, seats(SEATS.0)),
        session("F1", "workshop", 20, 22, seats(SEATS.1)),
    )
}
