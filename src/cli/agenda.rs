//! `lanyard agenda export`.

use clap::{Args, ValueEnum};

use super::serve::open;
use super::{Done, Stop};
use crate::agenda;
use crate::agenda::export::calendar;
use crate::agenda::schedule_export::Agenda;
use crate::events;

/// What `agenda export` is given.
#[derive(Args)]
pub struct Export {
    /// The event's slug, such as congress-2026.
    #[arg(long)]
    event: String,
    #[arg(long)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// schedule.json of pretalx and frab.
    Json,
    /// schedule.xml of pretalx, frab and Pentabarf.
    Xml,
    /// A calendar file.
    Ics,
}

/// Prints an event's agenda; links in it name the address that people type.
pub fn export(given: &Export) -> Done {
    let app = open(&["LANYARD_URL"])?;
    let found = app.read_here(|db| events::find(db, &given.event))?;
    let event = found.ok_or_else(|| Stop::because(format!("There is no event {}.", given.event)))?;
    let (sessions, rooms, tracks) =
        app.read_here(|db| Ok((agenda::list(db, &event.id)?, agenda::rooms(db, &event.id)?, agenda::tracks(db, &event.id)?)))?;
    let base_url = app.site.config.base_url.as_str();
    let agenda = Agenda { event: &event, sessions: &sessions, rooms: &rooms, tracks: &tracks, base_url };
    match given.format {
        Format::Json => println!("{}", agenda.json()?),
        Format::Xml => println!("{}", agenda.xml()?),
        Format::Ics => print!("{}", calendar(&event, &sessions, &rooms, base_url, app.now())),
    }
    Ok(())
}
