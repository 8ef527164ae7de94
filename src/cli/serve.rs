//! `lanyard serve` and `lanyard migrate`.

use std::net::TcpListener;

use super::{Done, Stop, settings_with, start_log};
use crate::app::{Actor, App};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::db::{self, Address, Kind};
use crate::error::Result;
use crate::mailer::Mailer;
use crate::{node, pssm};

/// Refuses to start on a bad or missing setting, naming all of them, and on a schema that is behind.
pub fn serve() -> Done {
    start_log();
    let config = Config::from_environment()?;
    let pending = db::pending_migrations(&mut Address::parse(&config.database_url)?.open()?)?;
    if pending > 0 {
        return Err(Stop::because(format!("The database's schema is behind by {pending} migrations. Run `lanyard migrate` first.")));
    }
    std::fs::create_dir_all(&config.data)
        .map_err(|cause| Stop::because(format!("LANYARD_DATA: cannot make {}: {cause}", config.data.display())))?;
    let listener = listen(&config.listen)?;
    let mailer = Mailer::from_config(&config)?;
    let app = App::start(config, Clock::system(), mailer)?;
    app.write_here(Actor::Service("start"), pssm::seed)?;
    tracing::info!(listen = app.site.config.listen, "serving");
    node::run(app, listener, None)?;
    tracing::info!("stopped");
    Ok(())
}

/// Binds the address, or says why not.
pub fn listen(address: &str) -> Result<TcpListener, Stop> {
    TcpListener::bind(address).map_err(|cause| Stop::because(format!("Cannot listen on {address}: {cause}.")))
}

/// Brings the schema up to date.
pub fn migrate() -> Done {
    let config = settings_with(&[])?;
    let ran = db::migrate(&mut Address::parse(&config.database_url)?.open()?)?;
    match ran {
        0 => println!("The schema was up to date already."),
        1 => println!("1 migration ran; the schema is up to date."),
        _ => println!("{ran} migrations ran; the schema is up to date."),
    }
    Ok(())
}

/// The service on the database of the settings, for a command that reads or writes and ends.
pub fn open(needed: &[&str]) -> Result<App, Stop> {
    let config = settings_with(needed)?;
    let address = Address::parse(&config.database_url)?;
    if address.kind == Kind::Sqlite && !std::path::Path::new(&address.target).exists() {
        return Err(Stop::because(format!("There is no database at {}. Run `lanyard migrate` to make one.", address.target)));
    }
    if db::pending_migrations(&mut address.open()?)? > 0 {
        return Err(Stop::because("The database's schema is behind. Run `lanyard migrate` first."));
    }
    // Letters that a command causes are only written down; the running service sends them.
    Ok(App::start(config, Clock::system(), Mailer::Memory(std::sync::Mutex::default()))?)
}

/// The settings as `serve` would read them, for the self-check.
pub fn settings() -> Result<Config, Vec<String>> {
    Config::from_settings(&config::environment())
}
