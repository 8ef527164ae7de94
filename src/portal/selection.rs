//! A day of sessions as an attendee may change them: what each is to them, and the one thing they can do.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::views::{chip, deck};
use crate::agenda::cards::{Action, Card};
use crate::agenda::queries::Listed;
use crate::agenda::rules::day_to_show;
use crate::agenda::{self, Session};
use crate::clock::Instant;
use crate::db::Db;
use crate::enrollment::Status;
use crate::enrollment::queries::{Coverage, Seats, Standing, my_agenda, seats};
use crate::enrollment::rules::{Facts, Place, Refusal, decide, may_change};
use crate::error::Result;
use crate::events::{Event, rules as days};
use crate::ids::SessionId;
use crate::registration::Registration;

/// A day as the page shows it.
#[derive(Debug, Serialize)]
pub struct Shown {
    pub heading: String,
    pub zone: String,
    pub days: Vec<DayLink>,
    pub slots: Vec<Slot>,
}

#[derive(Debug, Serialize)]
pub struct DayLink {
    pub text: String,
    pub href: String,
    pub current: bool,
}

/// Sessions that begin together.
#[derive(Debug, Serialize)]
pub struct Slot {
    pub at: String,
    pub from: String,
    pub choices: Vec<Choice>,
}

/// A session with what can be done about it.
#[derive(Debug, Serialize)]
pub struct Choice {
    pub anchor: String,
    pub card: Card,
    /// Why nothing can be done, or not yet.
    pub note: Option<String>,
    /// What was refused just now.
    pub refused: Option<String>,
}

/// A refusal of a moment ago.
pub struct Refused {
    pub session: SessionId,
    pub message: String,
}

/// The id of a session on the page.
pub fn anchor(code: &str) -> String {
    format!("session-{code}")
}

/// What the decisions about all sessions of a registration depend on, gathered once.
struct Known<'a> {
    event: &'a Event,
    registration: &'a Registration,
    now: Instant,
    coverage: Coverage,
    seats: HashMap<SessionId, Seats>,
    standings: HashMap<SessionId, Standing>,
    seated: Vec<Session>,
}

/// The sessions of a day; without one, of today or the next day that has some.
pub fn day(
    db: &mut Db,
    event: &Event,
    registration: &Registration,
    asked: Option<NaiveDate>,
    now: Instant,
    refused: Option<&Refused>,
) -> Result<Shown> {
    let zone = event.zone();
    let all = agenda::list(db, &event.id)?;
    let dates = agenda::queries::days(db, &event.id, zone)?;
    let shown = day_to_show(&dates, asked, now.date_in(zone));
    let known = known(db, event, registration, now)?;
    let deck = deck(db, event)?;
    let mut slots: Vec<Slot> = Vec::new();
    for session in all.iter().filter(|session| Some(session.starts_at.date_in(zone)) == shown && session.canceled_at.is_none()) {
        let Seats { taken, waiting } = known.seats.get(&session.id).copied().unwrap_or_default();
        let mut choice = choice(&known, session, deck.card(&Listed::from(session), taken, waiting));
        choice.refused = refused.filter(|refused| refused.session == session.id).map(|refused| refused.message.clone());
        let at = session.starts_at.rfc3339_in(zone);
        match slots.last_mut().filter(|slot| slot.at == at) {
            Some(slot) => slot.choices.push(choice),
            None => slots.push(Slot { at, from: days::time_words(session.starts_at, zone), choices: vec![choice] }),
        }
    }
    Ok(Shown {
        heading: shown.map(days::day_words).unwrap_or_default(),
        zone: days::zone_words(zone),
        days: dates.iter().map(|day| day_link(registration, *day, shown)).collect(),
        slots,
    })
}

fn day_link(registration: &Registration, day: NaiveDate, shown: Option<NaiveDate>) -> DayLink {
    DayLink {
        text: day.format("%a %-d %b").to_string(),
        href: format!("/my/{}/sessions?day={day}", registration.code),
        current: Some(day) == shown,
    }
}

fn known<'a>(db: &mut Db, event: &'a Event, registration: &'a Registration, now: Instant) -> Result<Known<'a>> {
    let items = my_agenda(db, registration)?;
    let seated = items.iter().filter(|item| item.standing == Standing::Enrolled).map(|item| item.session.clone()).collect();
    Ok(Known {
        event,
        registration,
        now,
        coverage: Coverage::of(db, registration)?,
        seats: seats(db, &event.id)?,
        standings: items.into_iter().map(|item| (item.session.id, item.standing)).collect(),
        seated,
    })
}

/// The card with its chip and its one button, decided by the very rule that enrolls.
fn choice(known: &Known<'_>, session: &Session, mut card: Card) -> Choice {
    let standing = known.standings.get(&session.id).copied();
    card.chip = standing.map(chip);
    // The chip says it already.
    card.price = card.price.filter(|_| standing != Some(Standing::Included));
    card.mine = standing.is_some_and(|standing| !matches!(standing, Standing::Waiting(_)));
    let (action, note) = match standing {
        Some(Standing::Included) => (None, None),
        Some(own) => departure(known, session, own),
        None => arrival(known, session),
    };
    card.action = action;
    Choice { anchor: anchor(&session.code), card, note, refused: None }
}

type Offer = (Option<Action>, Option<String>);

fn action(known: &Known<'_>, session: &Session, end: &str, text: String, plain: bool) -> Action {
    let code: String = url::form_urlencoded::byte_serialize(session.code.as_bytes()).collect();
    Action { href: format!("/my/{}/sessions/{}/{end}", known.registration.code, code.replace('+', "%20")), text, plain }
}

fn departure(known: &Known<'_>, session: &Session, own: Standing) -> Offer {
    if may_change(session, known.event.selection_closes_minutes_before, known.now).is_err() {
        return (None, Some("Its selection has closed.".to_owned()));
    }
    let text = if own == Standing::Enrolled { "Give up my seat" } else { "Leave the line" };
    (Some(action(known, session, "departure", text.to_owned(), true)), None)
}

fn arrival(known: &Known<'_>, session: &Session) -> Offer {
    let Seats { taken, waiting } = known.seats.get(&session.id).copied().unwrap_or_default();
    let decision = decide(&Facts {
        now: known.now,
        session,
        closes_minutes_before: known.event.selection_closes_minutes_before,
        registration: known.registration.status,
        covered: known.coverage.covers(session),
        already: None::<Status>,
        taken,
        conflict: known.seated.iter().find(|other| other.overlaps(session)),
    });
    match decision {
        Ok(Place::Seat) => (Some(action(known, session, "seat", "Take a seat".to_owned(), false)), None),
        Ok(Place::Line) => {
            let text =
                if waiting == 0 { format!("Wait for {}", session.code) } else { format!("Wait for {} ({waiting} waiting)", session.code) };
            (Some(action(known, session, "seat", text, true)), None)
        }
        Err(Refusal::NotChosen { .. }) => (None, Some("No seat needed: come as you are.".to_owned())),
        Err(Refusal::Closed { .. }) => (None, Some("Its selection has closed.".to_owned())),
        Err(Refusal::Conflict { other_code, other_title, .. }) => {
            (None, Some(format!("Overlaps with {other_code}, “{other_title}”, where you have a seat. Give that seat up to take this one.")))
        }
        Err(refusal) => (None, Some(refusal.message())),
    }
}
