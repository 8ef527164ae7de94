//! `lanyard event import` and `lanyard agenda import`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::serve::open;
use super::{Done, Stop};
use crate::agenda::schedule_file;
use crate::app::Actor;
use crate::error::{Error, FieldError};
use crate::events;
use crate::setup::agenda_import::{self, Plan};
use crate::setup::{self, document};

/// What `event import` is given.
#[derive(Args)]
pub struct ImportEvent {
    /// The document, TOML or JSON.
    file: PathBuf,
}

/// What `agenda import` is given.
#[derive(Args)]
pub struct ImportAgenda {
    /// The event's slug, such as congress-2026.
    #[arg(long)]
    event: String,
    /// Print what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Import the rest where rows of the file are refused.
    #[arg(long)]
    skip_refused: bool,
    /// The schedule, plain or gzip.
    file: PathBuf,
}

/// Imports an event document, or prints everything that is wrong with it.
pub fn import_event(given: &ImportEvent) -> Done {
    let bytes = contents(&given.file)?;
    let document = document::read(&bytes).map_err(problems)?;
    let app = open(&[])?;
    let summary = app.write_here(Actor::Service("command"), move |tx| setup::import(tx, &document)).map_err(problems)?;
    for note in &summary.notes {
        eprintln!("{note}");
    }
    println!("{}", summary.words());
    Ok(())
}

/// Imports a schedule, or prints what importing it would change.
pub fn import_agenda(given: &ImportAgenda) -> Done {
    let bytes = contents(&given.file)?;
    let app = open(&[])?;
    let event = app
        .read_here(|db| events::find(db, &given.event))?
        .ok_or_else(|| Stop::because(format!("There is no event “{}”. `lanyard event import` makes one.", given.event)))?;
    let file = schedule_file::read(&bytes, event.zone()).map_err(|unreadable| Stop::because(unreadable.to_string()))?;
    let planned = app.read_here(|db| agenda_import::plan(db, &event, &file))?;
    let bad_rows: Vec<String> = planned
        .refused
        .iter()
        .map(|row| format!("{}refused “{}”: {}", row.line.map(|line| format!("line {line}: ")).unwrap_or_default(), row.what, row.reason))
        .collect();
    for row in &bad_rows {
        eprintln!("{row}");
    }
    if !bad_rows.is_empty() && !given.skip_refused {
        let said = format!("{} rows are refused, so nothing was imported. With --skip-refused the rest is.", bad_rows.len());
        return Err(Stop::because(said));
    }
    let plan = if given.dry_run {
        planned
    } else {
        let skip_refused = given.skip_refused;
        app.write_here(Actor::Service("command"), move |tx| agenda_import::import(tx, &event, &file, skip_refused))?
    };
    print(&plan);
    println!("{}{}", if given.dry_run { "would be: " } else { "" }, plan.words());
    Ok(())
}

fn print(plan: &Plan) {
    for note in &plan.notes {
        eprintln!("{note}");
    }
    let new_rooms = plan.new_rooms.iter().map(|room| format!("new room   {}  {}", room.code, room.name));
    let new_tracks = plan.new_tracks.iter().map(|track| format!("new track  {}  {}", track.code, track.name));
    let added = plan.added.iter().map(|session| format!("added      {}  {}", session.code, session.title));
    let changed = plan.changed.iter().map(|change| format!("changed    {}  {}: {}", change.before.code, change.after.title, change.what));
    let gone = plan.gone.iter().map(|session| format!("gone       {}  {} (left as it is)", session.code, session.title));
    new_rooms.chain(new_tracks).chain(added).chain(changed).chain(gone).for_each(|line| println!("{line}"));
}

fn contents(path: &Path) -> Result<Vec<u8>, Stop> {
    std::fs::read(path).map_err(|cause| Stop::because(format!("Cannot read {}: {cause}.", path.display())))
}

/// Every problem on a line of its own, with its place in the document.
fn problems(error: Error) -> Stop {
    match error {
        Error::Invalid(fields) => {
            let mut lines: Vec<String> = fields.iter().map(|FieldError { field, detail, .. }| format!("{field}: {detail}")).collect();
            lines.push("Nothing was imported.".to_owned());
            Stop::from(lines)
        }
        other => Stop::from(other),
    }
}
