//! What several pages of the portal show: session cards with what they are to the attendee, and the badge.

use chrono::NaiveDate;
use serde::Serialize;

use crate::agenda::cards::{Card, Chip, Deck};
use crate::agenda::queries::Listed;
use crate::agenda::{self, Session};
use crate::db::Db;
use crate::enrollment::queries::{AgendaItem, Standing};
use crate::error::Result;
use crate::events::{Event, rules as days};
use crate::registration::{Registration, Status};

/// The chip of where somebody stands with a session, in the words of the letters.
pub fn chip(standing: Standing) -> Chip {
    Chip::new(if matches!(standing, Standing::Waiting(_)) { "wait" } else { "yes" }, standing.words())
}

/// What the cards of an event share.
pub fn deck(db: &mut Db, event: &Event) -> Result<Deck> {
    Ok(Deck::new(event, &agenda::rooms(db, &event.id)?, &agenda::tracks(db, &event.id)?))
}

/// A session's card without seats, for a list of one's own.
pub fn own_card(deck: &Deck, session: &Session, standing: Standing) -> Card {
    let card = deck.card(&Listed::from(session), 0, 0);
    Card { chip: Some(chip(standing)), seats: None, price: None, mine: !matches!(standing, Standing::Waiting(_)), ..card }
}

/// A day of an agenda with its cards.
#[derive(Debug, Serialize)]
pub struct DayOfCards {
    pub name: String,
    pub cards: Vec<Card>,
}

/// Somebody's agenda by day.
pub fn by_day(deck: &Deck, event: &Event, items: &[AgendaItem]) -> Vec<DayOfCards> {
    let mut found: Vec<(NaiveDate, DayOfCards)> = Vec::new();
    for item in items {
        let date = item.session.starts_at.date_in(event.zone());
        if found.last().is_none_or(|(last, _)| *last != date) {
            found.push((date, DayOfCards { name: days::day_words(date), cards: Vec::new() }));
        }
        if let Some((_, day)) = found.last_mut() {
            day.cards.push(own_card(deck, &item.session, item.standing));
        }
    }
    found.into_iter().map(|(_, day)| day).collect()
}

/// The badge as `pass` shows it.
#[derive(Debug, Serialize)]
pub struct Pass {
    pub name: String,
    pub credentials: String,
    pub organization: String,
    pub code: String,
    /// The address of the QR code's picture; none where no badge is valid.
    pub picture: Option<String>,
}

impl Pass {
    pub fn of(registration: &Registration, has_badge: bool) -> Self {
        Self {
            name: registration.badge_name.clone(),
            credentials: registration.credentials.clone(),
            organization: registration.organization.clone(),
            code: registration.code.clone(),
            picture: has_badge.then(|| format!("/my/{}/badge.svg", registration.code)),
        }
    }
}

/// The event's WiFi, for registered people (EVT-1).
#[derive(Debug, Serialize)]
pub struct Wifi {
    pub network: String,
    pub password: String,
}

impl Wifi {
    /// Nothing where the event has none, or the registration does not stand.
    pub fn of(event: &Event, registration: &Registration) -> Option<Self> {
        let is_known = registration.status == Status::Confirmed && !event.wifi_network.is_empty();
        is_known.then(|| Self { network: event.wifi_network.clone(), password: event.wifi_password.clone() })
    }
}
