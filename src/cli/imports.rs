//! Commands that read lists of hospitals and of recognitions. All of a file is taken or nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::progress::Progress;
use super::serve::open;
use super::{Done, Stop};
use crate::app::Actor;
use crate::hospitals::{self, cms_file, recognitions_file};
use crate::incoming::RefusedRow;

/// A list with rows, some of which may be refused.
#[derive(Args)]
pub struct ListFile {
    /// A CSV file, plain or compressed with gzip.
    file: PathBuf,
    /// Import the good rows although others are refused.
    #[arg(long)]
    skip_refused: bool,
}

const COMMAND: Actor = Actor::Service("command");

/// The bytes of a file, or why they cannot be had.
pub fn bytes_of(file: &Path) -> Result<Vec<u8>, Stop> {
    std::fs::read(file).map_err(|cause| Stop::because(format!("Cannot read {}: {cause}.", file.display())))
}

/// Prints every refused row; stops unless they are to be skipped.
fn tell_refused(refused: &[RefusedRow], skip: bool) -> Done {
    for row in refused {
        let line = row.line.map_or_else(String::new, |line| format!("Line {line}: "));
        let what = if row.what.is_empty() { String::new() } else { format!(" ({})", row.what) };
        eprintln!("{line}{}{what}", row.reason);
    }
    match refused.len() {
        0 => Ok(()),
        count if skip => {
            eprintln!("{count} rows refused and skipped.");
            Ok(())
        }
        count => Err(Stop::because(format!("{count} rows refused; nothing was imported. Correct them, or use --skip-refused."))),
    }
}

/// `lanyard hospitals import FILE`
pub fn hospitals(given: &ListFile) -> Done {
    let app = open(&[])?;
    let file = cms_file::read(&bytes_of(&given.file)?).map_err(|cause| Stop::because(cause.to_string()))?;
    tell_refused(&file.refused, given.skip_refused)?;
    let (refused, skip) = (file.refused.len(), given.skip_refused);
    let progress = Arc::new(Progress::start("Importing hospitals"));
    let shown = progress.clone();
    let done = app.write_here(COMMAND, move |tx| hospitals::import(tx, &file, skip, &mut |done, of| shown.at(done, of)))?;
    progress.finish();
    println!("added {}, changed {}, gone {}, unchanged {}, refused {refused}", done.added, done.changed, done.gone, done.unchanged);
    Ok(())
}

/// `lanyard recognitions import FILE`; letters about credits name the address that people type.
pub fn recognitions(given: &ListFile) -> Done {
    let app = open(&["LANYARD_URL"])?;
    let file = recognitions_file::read(&bytes_of(&given.file)?).map_err(|cause| Stop::because(cause.to_string()))?;
    let file = app.read_here(|db| hospitals::check_recognitions(db, file))?;
    file.notes.iter().for_each(|note| eprintln!("{note}"));
    tell_refused(&file.refused, given.skip_refused)?;
    let (refused, skip) = (file.refused.len(), given.skip_refused);
    let done = app.write_here(COMMAND, move |tx| hospitals::import_recognitions(tx, &file, skip))?;
    println!(
        "added {}, changed {}, unchanged {}, domains added {}, refused {refused}",
        done.added, done.changed, done.unchanged, done.domains_added
    );
    Ok(())
}
