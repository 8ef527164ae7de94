//! What is still missing before people can register, and what looks odd.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::agenda_import::is_outside;
use crate::agenda::Known;
use crate::db::Db;
use crate::error::Result;
use crate::events::{self, Event};
use crate::ids::RoomId;
use crate::pricing::{self, RegistrationType};

/// One thing that should be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub is_done: bool,
    /// Nobody can register without it.
    pub is_needed: bool,
    pub text: String,
    /// The page where it is done, below the event's staff pages.
    pub path: &'static str,
}

/// Where an event stands.
#[derive(Clone, Debug)]
pub struct Standing {
    pub items: Vec<Item>,
    /// What looks odd, each as a sentence.
    pub warnings: Vec<String>,
    /// Published and something is on sale today.
    pub is_open: bool,
}

/// Gathers where an event stands today, in its zone.
pub fn standing(db: &mut Db, event: &Event, today: NaiveDate) -> Result<Standing> {
    let known = Known::load(db, &event.id)?;
    let types = pricing::list_types(db, &event.id)?;
    let counts = Counts {
        info: events::info_items(db, &event.id)?.len(),
        badge_places: events::badge_places(db, &event.id)?.len(),
        sessions: known.sessions.len(),
    };
    let sold_today = types.iter().any(|kind| pricing::rules::on_sale(kind, today, event.ends_on).is_ok());
    Ok(Standing { items: items(event, &types, &counts, today), warnings: warnings(event, &known), is_open: event.published && sold_today })
}

/// How much of everything there is.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    info: usize,
    badge_places: usize,
    sessions: usize,
}

fn items(event: &Event, types: &[RegistrationType], counts: &Counts, today: NaiveDate) -> Vec<Item> {
    let item = |is_needed, is_done, path, text: &str| Item { is_done, is_needed, text: text.to_owned(), path };
    let is_sold = |kind: &RegistrationType| {
        pricing::rules::on_sale(kind, today, event.ends_on).is_ok() || kind.sale_opens_on.is_some_and(|opens| opens > today)
    };
    let mut items = vec![
        item(true, types.iter().any(is_sold), "setup/types", "A registration type that is on sale now or later"),
        item(true, event.published, "setup#publish", "The event is published"),
        item(false, counts.sessions > 0, "sessions", "Sessions, by hand or from a schedule file"),
        item(false, counts.info > 0, "setup/info", "Answers on the event's page: hours, hotel, meals, luggage"),
    ];
    if event.is_congress() {
        items.push(item(false, counts.badge_places > 0, "setup/badge-places", "Where and when badges are picked up"));
    }
    items
}

/// Sessions outside the event's days, two in one room at a time, and more seats than the room has.
fn warnings(event: &Event, known: &Known) -> Vec<String> {
    let mut warnings = Vec::new();
    let live: Vec<_> = known.sessions.iter().filter(|session| session.canceled_at.is_none()).collect();
    let outside: Vec<&str> = live.iter().filter(|session| is_outside(event, session)).map(|session| session.code.as_str()).collect();
    if !outside.is_empty() {
        warnings.push(format!("Outside the event's days: {}.", some_of(&outside)));
    }
    let mut last_in_room: HashMap<&RoomId, usize> = HashMap::new();
    let mut doubled = Vec::new();
    for (index, session) in live.iter().enumerate() {
        let Some(room) = &session.room_id else { continue };
        if let Some(earlier) = last_in_room.get(room).and_then(|earlier| live.get(*earlier)).filter(|earlier| earlier.overlaps(session)) {
            doubled.push(format!("{} and {}", earlier.code, session.code));
        }
        last_in_room.insert(room, index);
    }
    if !doubled.is_empty() {
        let pairs: Vec<&str> = doubled.iter().map(String::as_str).collect();
        warnings.push(format!("In one room at the same time: {}.", some_of(&pairs)));
    }
    let crowded: Vec<&str> = live
        .iter()
        .filter(|session| {
            let room = known.rooms.iter().find(|room| Some(&room.id) == session.room_id.as_ref());
            session.capacity.zip(room.and_then(|room| room.capacity)).is_some_and(|(seats, places)| seats > places)
        })
        .map(|session| session.code.as_str())
        .collect();
    if !crowded.is_empty() {
        warnings.push(format!("More seats than the room has: {}.", some_of(&crowded)));
    }
    warnings
}

fn some_of(names: &[&str]) -> String {
    match names.len().checked_sub(10) {
        Some(more) if more > 0 => format!("{} and {more} more", names[..10].join(", ")),
        _ => names.join(", "),
    }
}
