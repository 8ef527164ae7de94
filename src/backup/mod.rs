//! Consistent copies of all that is stored, database and files, and the way back from one.
//!
//! A backup is a folder: `backup.json` says when it was made, of which schema, how many rows each table has, and the
//! length and SHA-256 of every other file; it is written last, so a folder without it is no backup. SQLite is copied
//! whole (`lanyard.db`). Of PostgreSQL each table is a file (`tables/NAME.jsonl`) with one row a line, as JSON by
//! column; all of them show the same moment. `data/` holds what lay in `LANYARD_DATA`, `files/` the objects of a storage
//! that is a folder; what lies in a bucket is not copied.

mod files;
mod postgres;
mod sqlite;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::clock::Instant;
use crate::db::{Address, Db, Kind};
use crate::demo::mark::{self, Contents};
use crate::error::{Error, Result};
use crate::storage::UNFINISHED;
use files::Part;

/// The only format there is so far.
const FORMAT: u32 = 1;
const MANIFEST: &str = "backup.json";
/// Where the files of `LANYARD_DATA` lie in a backup.
const DATA: &str = "data";
/// Where the objects of the storage lie in a backup.
const FILES: &str = "files";

/// The folders that a backup copies, and puts back.
#[derive(Clone, Debug)]
pub struct Folders {
    /// `LANYARD_DATA`.
    pub data: PathBuf,
    /// The storage, where it is a folder.
    pub files: Option<PathBuf>,
}

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    format: u32,
    pub made_at: Instant,
    /// `sqlite` or `postgres`.
    database: String,
    /// The steps of the schema, in their order.
    migrations: Vec<String>,
    /// How many rows each table has.
    pub tables: BTreeMap<String, u64>,
    files: Vec<Part>,
}

impl Manifest {
    pub fn rows(&self) -> u64 {
        self.tables.values().sum()
    }

    /// How many files of `LANYARD_DATA` are in it.
    pub fn data_files(&self) -> usize {
        self.data().count()
    }

    /// How many objects of the storage are in it.
    pub fn stored_files(&self) -> usize {
        self.stored().count()
    }

    fn data(&self) -> impl Iterator<Item = PathBuf> {
        self.below(DATA)
    }

    fn stored(&self) -> impl Iterator<Item = PathBuf> {
        self.below(FILES)
    }

    fn below(&self, folder: &'static str) -> impl Iterator<Item = PathBuf> {
        self.files.iter().filter_map(move |part| Path::new(&part.path).strip_prefix(folder).ok().map(Path::to_path_buf))
    }
}

/// What a database is at one moment, besides its rows.
struct Copied {
    migrations: Vec<String>,
    tables: BTreeMap<String, u64>,
}

fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => "sqlite",
        Kind::Postgres => "postgres",
    }
}

fn refuse<T>(code: &'static str, sentence: impl Into<String>) -> Result<T> {
    Err(Error::refused(code, sentence))
}

/// Copies the database and the files of both folders into a folder that is empty or not there yet, while the service runs.
pub fn make(address: &Address, from: &Folders, folder: &Path, now: Instant) -> Result<Manifest> {
    let Folders { data, files: stored } = from;
    files::make_private(folder)?;
    if !files::list(folder, &[])?.is_empty() {
        return refuse("backup.not_empty", format!("{} is not empty. A backup goes into a folder of its own.", folder.display()));
    }
    let folder = files::whole(folder)?;
    if data.exists() && files::whole(data)?.starts_with(&folder) {
        return refuse("backup.inside", format!("{} holds LANYARD_DATA itself. Choose another folder.", folder.display()));
    }
    // The database first: a file that is written meanwhile belongs to rows of later.
    let copied = match &mut address.open()? {
        Db::Sqlite(connection) => sqlite::copy(connection, &folder)?,
        Db::Postgres(connection) => postgres::dump(connection, &folder)?,
    };
    let stored = stored.as_ref().filter(|stored| stored.exists()).map(|stored| files::whole(stored)).transpose()?;
    let skipped = [sqlite::files_of(address), vec![folder.clone()], stored.iter().cloned().collect()].concat();
    for path in files::list(data, &skipped)? {
        files::copy(&data.join(&path), &folder.join(DATA).join(&path))?;
    }
    if let Some(stored) = stored {
        // An upload that is under way is sent again from its start after a restore.
        for path in files::list(&stored, &[folder.clone(), stored.join(UNFINISHED)])? {
            files::copy(&stored.join(&path), &folder.join(FILES).join(&path))?;
        }
    }
    let parts = files::list(&folder, &[])?.iter().map(|path| Part::of(&folder, path)).collect::<Result<_>>()?;
    let database = name_of(address.kind).to_owned();
    let manifest = Manifest { format: FORMAT, made_at: now, database, migrations: copied.migrations, tables: copied.tables, files: parts };
    let text = serde_json::to_string_pretty(&manifest).map_err(Error::internal)?;
    files::write(&folder.join(MANIFEST), format!("{text}\n").as_bytes())?;
    Ok(manifest)
}

/// Puts a backup back: into a database without rows, of the kind it was made from, and folders where none of its
/// files lies. Nothing is written before every part of it was read and found whole.
pub fn restore(address: &Address, to: &Folders, folder: &Path) -> Result<Manifest> {
    let data = &to.data;
    let manifest = read(folder)?;
    if manifest.database != name_of(address.kind) {
        let sentence = format!("This backup was made from {} and goes back into one.", manifest.database);
        return refuse("backup.other_database", sentence);
    }
    if let Some(there) = manifest.data().map(|path| data.join(path)).find(|file| file.exists()) {
        return refuse("backup.files_there", format!("{} is there already. Restore into an empty LANYARD_DATA.", there.display()));
    }
    let stored: Vec<PathBuf> = manifest.stored().collect();
    let storage = match &to.files {
        Some(storage) => storage,
        None if stored.is_empty() => data,
        None => {
            return refuse(
                "backup.no_folder",
                "This backup has files of a storage. Restore it with a LANYARD_STORAGE_URL that is a folder.",
            );
        }
    };
    if let Some(there) = stored.iter().map(|path| storage.join(path)).find(|file| file.exists()) {
        return refuse("backup.files_there", format!("{} is there already. Restore into an empty storage.", there.display()));
    }
    let mut connection = address.open()?;
    if mark::look(&mut connection)? != Contents::Nothing {
        return refuse("backup.database_in_use", "The database of DATABASE_URL holds data. Restore into an empty one.");
    }
    match connection {
        Db::Sqlite(_) => {
            drop(connection);
            sqlite::put_back(address, folder, &manifest)?;
        }
        Db::Postgres(_) => postgres::load(&mut connection, folder, &manifest)?,
    }
    for path in manifest.data() {
        files::copy(&folder.join(DATA).join(&path), &data.join(&path))?;
    }
    for path in stored {
        files::copy(&folder.join(FILES).join(&path), &storage.join(&path))?;
    }
    Ok(manifest)
}

/// Reads what a backup says of itself and checks that every file is as it was written.
fn read(folder: &Path) -> Result<Manifest> {
    let file = folder.join(MANIFEST);
    let Ok(text) = fs::read_to_string(&file) else {
        return refuse("backup.unfinished", format!("{} is no finished backup: it has no {MANIFEST}.", folder.display()));
    };
    let manifest: Manifest = match serde_json::from_str(&text) {
        Ok(manifest) => manifest,
        Err(cause) => return refuse("backup.unreadable", format!("{} cannot be read: {cause}.", file.display())),
    };
    if manifest.format != FORMAT {
        return refuse("backup.format", format!("This backup has format {}; this Lanyard reads format {FORMAT}.", manifest.format));
    }
    for part in &manifest.files {
        part.check(folder)?;
    }
    Ok(manifest)
}
