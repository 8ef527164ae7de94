//! `lanyard backup` and `lanyard restore`.

use std::path::PathBuf;

use clap::Args;

use super::{Done, Stop, settings_with};
use crate::backup;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{self, Address};
use crate::events::rules::instant_words;

/// Where a backup lies.
#[derive(Args)]
pub struct Folder {
    /// The backup's folder.
    dir: PathBuf,
}

fn settings() -> Result<(Config, Address), Stop> {
    let config = settings_with(&["LANYARD_DATA"])?;
    let address = Address::parse(&config.database_url)?;
    Ok((config, address))
}

/// Copies database and files into a folder, while the service runs.
pub fn backup(given: &Folder) -> Done {
    let (config, address) = settings()?;
    let made = backup::make(&address, &config.data, &given.dir, Clock::system().now())?;
    println!("{} rows of {} tables and {} files are in {}.", made.rows(), made.tables.len(), made.data_files(), given.dir.display());
    println!("Keep LANYARD_SECRET_KEY too, in another place: it is not in the backup.");
    Ok(())
}

/// Puts a backup back into an empty database and folder.
pub fn restore(given: &Folder) -> Done {
    let (config, address) = settings()?;
    let made = backup::restore(&address, &config.data, &given.dir)?;
    println!(
        "{} rows of {} tables and {} files are back, as of {}.",
        made.rows(),
        made.tables.len(),
        made.data_files(),
        instant_words(made.made_at, chrono_tz::UTC)
    );
    if db::pending_migrations(&mut address.open()?)? > 0 {
        println!("The backup is of an older schema. Run `lanyard migrate` before you serve.");
    }
    Ok(())
}
