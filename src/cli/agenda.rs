//! `lanyard agenda export`.

use clap::Args;

use super::serve::open;
use super::{Done, Stop};
use crate::agenda::export::{self, Format};
use crate::events;

/// What `agenda export` is given.
#[derive(Args)]
pub struct Export {
    /// The event's slug, such as congress-2026.
    #[arg(long)]
    event: String,
    /// json (schedule.json), xml (schedule.xml) or ics (a calendar).
    #[arg(long, value_parser = format)]
    format: Format,
}

fn format(word: &str) -> Result<Format, String> {
    Format::from_word(word).ok_or_else(|| "a format is one of json, xml, ics".to_owned())
}

/// Prints an event's agenda; links in it name the address that people type.
pub fn export(given: &Export) -> Done {
    let app = open(&["LANYARD_URL"])?;
    let found = app.read_here(|db| events::find(db, &given.event))?;
    let event = found.ok_or_else(|| Stop::because(format!("There is no event {}.", given.event)))?;
    let now = app.now();
    let text = app.read_here(|db| export::file(db, &event, given.format, &app.site.config.base_url, now))?;
    println!("{}", text.trim_end());
    Ok(())
}
