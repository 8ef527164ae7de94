//! `lanyard agenda export`.

use clap::{Args, ValueEnum};

use super::serve::open;
use super::{Done, Stop};
use crate::agenda::export::{self, Format};
use crate::events;

/// What `agenda export` is given.
#[derive(Args)]
pub struct ExportAgenda {
    /// The event's slug, such as congress-2026.
    #[arg(long)]
    event: String,
    /// The kind of file.
    #[arg(long)]
    format: FormatChoice,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatChoice {
    Json,
    Xml,
    Ics,
}

/// Prints the agenda of an event, published or not.
pub fn export(given: &ExportAgenda) -> Done {
    let format = match given.format {
        FormatChoice::Json => Format::Json,
        FormatChoice::Xml => Format::Xml,
        FormatChoice::Ics => Format::Ics,
    };
    let app = open(&["LANYARD_URL"])?;
    let (now, base_url) = (app.now(), app.site.config.base_url.clone());
    let event = app
        .read_here(|db| events::find(db, &given.event))?
        .ok_or_else(|| Stop::because(format!("There is no event “{}”.", given.event)))?;
    print!("{}", app.read_here(|db| export::file(db, &event, format, &base_url, now))?);
    Ok(())
}
