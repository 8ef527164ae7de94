//! `lanyard backup` and `lanyard restore`.

use std::path::PathBuf;

use clap::Args;

use super::{Done, Stop, settings_with};
use crate::backup::{self, Folders};
use crate::clock::Clock;
use crate::db::{self, Address};
use crate::events::rules::instant_words;
use crate::storage::Storage;

/// Where a backup lies.
#[derive(Args)]
pub struct Folder {
    /// The backup's folder.
    dir: PathBuf,
}

fn settings() -> Result<(Folders, Address), Stop> {
    let config = settings_with(&["LANYARD_DATA"])?;
    let address = Address::parse(&config.database_url)?;
    let files = Storage::from_config(&config)?.folder().map(std::path::Path::to_path_buf);
    Ok((Folders { data: config.data, files }, address))
}

/// Copies database and files into a folder, while the service runs.
pub fn backup(given: &Folder) -> Done {
    let (folders, address) = settings()?;
    let made = backup::make(&address, &folders, &given.dir, Clock::system().now())?;
    let (rows, tables, files) = (made.rows(), made.tables.len(), made.data_files() + made.stored_files());
    println!("{rows} rows of {tables} tables and {files} files are in {}.", given.dir.display());
    if folders.files.is_none() {
        println!("Recordings and other uploads lie in a bucket and are NOT in the backup: copy the bucket with the store's own tools.");
    }
    println!("Keep LANYARD_SECRET_KEY too, in another place: it is not in the backup.");
    Ok(())
}

/// Puts a backup back into an empty database and folder.
pub fn restore(given: &Folder) -> Done {
    let (folders, address) = settings()?;
    let made = backup::restore(&address, &folders, &given.dir)?;
    println!(
        "{} rows of {} tables and {} files are back, as of {}.",
        made.rows(),
        made.tables.len(),
        made.data_files() + made.stored_files(),
        instant_words(made.made_at, chrono_tz::UTC)
    );
    if db::pending_migrations(&mut address.open()?)? > 0 {
        println!("The backup is of an older schema. Run `lanyard migrate` before you serve.");
    }
    Ok(())
}
