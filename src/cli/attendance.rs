//! `lanyard attendance import`: a webinar's participant report.

use std::path::PathBuf;

use chrono_tz::Tz;
use clap::Args;

use super::imports::bytes_of;
use super::serve::open;
use super::{Done, Stop};
use crate::agenda::{self, Session};
use crate::app::{Actor, App};
use crate::events::{self, Event, rules as days};
use crate::participation::importing::{self, Plan};
use crate::participation::{file, outline, rules::Standing};

/// What `attendance import` is given.
#[derive(Args)]
pub struct Import {
    /// The session's code, such as P1.
    #[arg(long)]
    session: String,
    /// The event's slug; needed where several events have a session of this code.
    #[arg(long)]
    event: Option<String>,
    /// The zone of the report's times, such as America/Chicago; the event's own unless given.
    #[arg(long, value_parser = zone)]
    zone: Option<Tz>,
    /// Only say what would be imported.
    #[arg(long)]
    dry_run: bool,
    /// The report as CSV, plain or compressed with gzip.
    file: PathBuf,
}

fn zone(name: &str) -> Result<Tz, String> {
    name.parse().map_err(|_| "give an IANA zone, such as America/New_York".to_owned())
}

/// Imports a participant report, or says what it would mean.
pub fn import(given: &Import) -> Done {
    let app = open(&[])?;
    let report = file::read(&bytes_of(&given.file)?).map_err(|cause| Stop::because(cause.to_string()))?;
    let (event, session) = find(&app, given)?;
    let zone = given.zone.unwrap_or_else(|| event.zone());
    let own = event.clone();
    let outline = outline::outline(&event, &session, &report, zone)?;
    let plan = if given.dry_run {
        app.read_here(|db| importing::plan(db, &event, &session, outline))?
    } else {
        app.write_here(Actor::Service("command"), move |tx| importing::import(tx, &event, &session, outline))?
    };
    tell(&own, &plan);
    println!("{}{}.", if given.dry_run { "Would be imported: " } else { "Imported: " }, plan.words());
    Ok(())
}

/// The session with this code, of the event that was named or of the only one that has it.
fn find(app: &App, given: &Import) -> Result<(Event, Session), Stop> {
    let (code, slug) = (given.session.clone(), given.event.clone());
    let mut found: Vec<(Event, Session)> = app.read_here(move |db| {
        let mut found = Vec::new();
        for event in events::list(db, true)?.into_iter().filter(|event| slug.as_ref().is_none_or(|slug| event.slug == *slug)) {
            if let Some(session) = agenda::find(db, &event.id, &code)? {
                found.push((event, session));
            }
        }
        Ok(found)
    })?;
    match (found.len(), found.pop()) {
        (1, Some(only)) => Ok(only),
        (0, _) => Err(Stop::because(format!("There is no session {}.", given.session))),
        _ => Err(Stop::because(format!("Several events have a session {}; name one with --event.", given.session))),
    }
}

/// What the report covers, and every row that was not read.
fn tell(event: &Event, plan: &Plan) {
    let (zone, told) = (event.zone(), &plan.outline);
    println!("The report covers {} {}.", days::span_words(told.span.0, told.span.1, zone), days::zone_words(zone));
    if let Some(better) = told.better_zone {
        eprintln!("In the zone {better} much more of it would lie in the session; is --zone right?");
    }
    for sentence in plan.place_words(event) {
        println!("{sentence}");
    }
    if told.others > 0 {
        println!("{} rows of other meetings in the file are left out.", told.others);
    }
    if plan.people.iter().any(|one| one.somebody.is_at_least()) {
        println!("It has totals only: counted is what they prove.");
    }
    for row in &told.unread {
        let line = row.line.map_or_else(String::new, |line| format!("Line {line}: "));
        eprintln!("{line}{}", row.reason);
    }
    let waiting = plan.count(Standing::Waiting);
    if waiting > 0 {
        println!("{waiting} are decided by staff, on the session's page “Who is who”.");
    }
}
