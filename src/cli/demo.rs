//! `lanyard demo`: makes or reopens the demo year, says how to come in, and serves.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Mutex;

use clap::Args;

use super::progress::Progress;
use super::serve::listen;
use super::{Done, Stop, start_log_at};
use crate::app::App;
use crate::clock::{Clock, Instant};
use crate::config::{self, Config};
use crate::db::{self, Address, Db};
use crate::demo::access::{self, Access};
use crate::demo::mark::{self, Contents};
use crate::demo::{ACTOR, doors, key, seed, year};
use crate::events::rules::instant_words;
use crate::ids::new_secret;
use crate::mailer::Mailer;
use crate::{node, timetable};

/// What `demo` is given.
#[derive(Args)]
pub struct Demo {
    /// Start the clock there and let it run, for example 2026-04-17T23:59:50-07:00.
    #[arg(long, value_parser = instant)]
    now: Option<Instant>,
    /// Throw the demo's data away and start over.
    #[arg(long)]
    fresh: bool,
    /// Address and port; 127.0.0.1:8080 unless LANYARD_LISTEN says otherwise.
    #[arg(long)]
    listen: Option<SocketAddr>,
}

fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text).ok_or_else(|| "give date, time and offset, such as 2026-04-17T23:59:50-07:00".to_owned())
}

/// The demo from start to stop.
pub fn demo(given: Demo) -> Done {
    start_log_at("warn");
    let mut settings = settings(&given);
    // Bound first: were the address taken, nothing would have been made or changed.
    let listener = listen(settings.get("LANYARD_LISTEN").map_or("127.0.0.1:8080", String::as_str))?;
    name_address(&mut settings, &given, &listener)?;
    // Until it is known whether the demo is reopened, any key will do.
    let names_key = settings.contains_key("LANYARD_SECRET_KEY");
    settings.entry("LANYARD_SECRET_KEY".to_owned()).or_insert_with(new_secret);
    let mut config = Config { demo: true, ..Config::from_settings(&settings)? };
    std::fs::create_dir_all(&config.data)
        .map_err(|cause| Stop::because(format!("Cannot make the folder {}: {cause}.", config.data.display())))?;
    let address = Address::parse(&config.database_url)?;
    let is_new = prepare(&address, given.fresh)?;
    if !names_key {
        config.secret_key = key::open(&config.data, is_new)?;
    }
    let begins = seed::parse(year::BEGINS)?;
    let start = match given.now {
        Some(now) => now,
        None => mark::clock(&mut address.open()?)?.unwrap_or(begins),
    };
    let mailer = Mailer::from_config(&config)?;
    if is_new {
        make(&config, start)?;
    }
    let app = App::start(config, Clock::starting_at(start), mailer)?;
    let access = access::open(&app)?;
    say(&app, &access);
    let served = node::run(app.clone(), listener, Some(Box::new(doors::every_second())));
    app.write_here(ACTOR, mark::keep_clock)?;
    Ok(served?)
}

/// The environment's settings with the demo's own where there are none.
fn settings(given: &Demo) -> BTreeMap<String, String> {
    let mut all = config::environment();
    all.retain(|_, value| !value.trim().is_empty());
    let data = all.entry("LANYARD_DATA".to_owned()).or_insert_with(|| "demo".to_owned()).clone();
    all.entry("DATABASE_URL".to_owned()).or_insert_with(|| format!("sqlite://{data}/lanyard.db"));
    all.entry("LANYARD_MAIL_FROM".to_owned()).or_insert_with(|| "Safer Together Congress <congress@congress.example>".to_owned());
    if let Some(listen) = given.listen {
        all.insert("LANYARD_LISTEN".to_owned(), listen.to_string());
    }
    all
}

/// The address people type follows the port that is listened on, unless the environment names one.
fn name_address(settings: &mut BTreeMap<String, String>, given: &Demo, listener: &TcpListener) -> Done {
    let bound = listener.local_addr().map_err(|cause| Stop::because(format!("Cannot listen: {cause}.")))?;
    settings.insert("LANYARD_LISTEN".to_owned(), bound.to_string());
    if given.listen.is_some() || !settings.contains_key("LANYARD_URL") {
        let host = match bound {
            SocketAddr::V6(_) if !bound.ip().is_unspecified() => format!("[{}]", bound.ip()),
            _ if bound.ip().is_unspecified() => "127.0.0.1".to_owned(),
            _ => bound.ip().to_string(),
        };
        settings.insert("LANYARD_URL".to_owned(), format!("http://{host}:{}", bound.port()));
    }
    Ok(())
}

/// Brings the database to an up-to-date schema; tells whether the demo has to be made. Refused when
/// somebody's data is in it.
fn prepare(address: &Address, fresh: bool) -> Result<bool, Stop> {
    let mut connection = address.open()?;
    let found = mark::look(&mut connection)?;
    match found {
        Contents::Foreign => {
            return Err(Stop::because(
                "The database of DATABASE_URL holds data that no demo made. The demo does not touch it; name another database.",
            ));
        }
        Contents::Demo if !fresh => {
            migrate(&mut connection)?;
            return Ok(false);
        }
        Contents::Demo | Contents::HalfADemo => {
            drop(connection);
            mark::start_over(address)?;
            connection = address.open()?;
        }
        Contents::Nothing => {}
    }
    migrate(&mut connection)?;
    Ok(true)
}

fn migrate(connection: &mut Db) -> Done {
    db::migrate(connection).map(drop).map_err(|cause| {
        let Stop(mut sentences) = cause.into();
        sentences.push("The schema could not be brought up to date; `lanyard demo --fresh` starts over.".to_owned());
        Stop(sentences)
    })
}

/// Makes the year with a clock set by hand; no letter leaves.
fn make(config: &Config, until: Instant) -> Done {
    let app = App::start(config.clone(), Clock::by_hand(until), Mailer::Memory(Mutex::default()))?;
    let progress = Progress::start("Making the demo year");
    seed::seed(&app, until, timetable::JOBS, &mut |done, of| progress.at(done, of))?;
    progress.finish();
    Ok(())
}

fn say(app: &App, access: &Access) {
    let config = &app.site.config;
    println!("Lanyard demo at {}", access.base_url);
    println!("The clock says {} and runs.\n", instant_words(app.now(), seed::ZONE));
    println!("One click signs you in (the links are new at every start):");
    for (role, url) in &access.sign_in {
        println!("  {role:<12} {url}");
    }
    println!("  {:<12} {}  ({})", "attendee", access.attendee.sign_in, access.attendee.registration);
    println!("\nA phone or a private window becomes a scanner: open {} there and type {}", access.pairing.address, access.pairing.code);
    println!("Letters are shown at {}/dev/mail", access.base_url);
    println!("Tokens and links are in {}", config.data.join("access.json").display());
    println!("Ctrl-C stops; the next start goes on from there, `--fresh` starts over.");
}
