//! A session as a card: what `parts/session` shows.

use std::collections::HashMap;

use chrono_tz::Tz;
use serde::Serialize;

use super::queries::Listed;
use super::{Kind, Room, Track, rules};
use crate::events::Event;
use crate::events::rules::hours_words;
use crate::ids::{RoomId, TrackId};
use crate::money::format_cents;

/// A status chip: `yes`, `wait`, `no` or `note`, and its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chip {
    pub kind: &'static str,
    pub text: String,
}

impl Chip {
    pub fn new(kind: &'static str, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

/// What a card's button posts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Action {
    pub href: String,
    pub text: String,
    pub plain: bool,
}

/// A session's card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Card {
    pub code: String,
    pub title: String,
    pub href: String,
    pub time: String,
    pub room: Option<String>,
    pub track: Option<String>,
    pub people: Option<String>,
    pub chip: Option<Chip>,
    pub seats: Option<String>,
    pub price: Option<String>,
    pub credit: Option<String>,
    pub action: Option<Action>,
    pub mine: bool,
    pub flat: bool,
    pub canceled: bool,
}

/// What the cards of one event share.
pub struct Deck {
    zone: Tz,
    slug: String,
    currency: String,
    /// What a webinar belongs to differs from registration type to type, so that only a congress says "Included".
    tells_included: bool,
    rooms: HashMap<RoomId, String>,
    tracks: HashMap<TrackId, String>,
}

impl Deck {
    pub fn new(event: &Event, rooms: &[Room], tracks: &[Track]) -> Self {
        Self {
            zone: event.zone(),
            slug: event.slug.clone(),
            currency: event.currency.clone(),
            tells_included: event.is_congress(),
            rooms: rooms.iter().map(|room| (room.id.clone(), room.name.clone())).collect(),
            tracks: tracks.iter().map(|track| (track.id.clone(), track.name.clone())).collect(),
        }
    }

    /// The name of a room.
    pub fn room(&self, id: Option<&RoomId>) -> Option<String> {
        self.rooms.get(id?).cloned()
    }

    /// The name of a track.
    pub fn track(&self, id: Option<&TrackId>) -> Option<String> {
        self.tracks.get(id?).cloned()
    }

    /// The public page of a session.
    pub fn href(&self, code: &str) -> String {
        format!("/events/{}/sessions/{}", self.slug, url::form_urlencoded::byte_serialize(code.as_bytes()).collect::<String>())
    }

    /// What a session costs beside the registration, in words.
    pub fn price(&self, price_cents: Option<i64>, included: bool) -> Option<String> {
        match price_cents {
            Some(cents) => Some(format!("{} extra", format_cents(cents, &self.currency))),
            None if included && self.tells_included => Some("Included".to_owned()),
            None => None,
        }
    }

    /// A session's card for everybody, with seats taken and people waiting.
    pub fn card(&self, session: &Listed, taken: i64, waiting: i64) -> Card {
        let canceled = session.canceled_at.is_some();
        let people = rules::speaker_names(&session.speakers);
        let seats = rules::seats_words(session.registration_required, session.capacity, taken, waiting);
        Card {
            code: session.code.clone(),
            title: session.title.clone(),
            href: self.href(&session.code),
            time: hours_words(session.starts_at, session.ends_at, self.zone),
            room: self.room(session.room_id.as_ref()),
            track: self.track(session.track_id.as_ref()),
            people: Some(people).filter(|people| !people.is_empty()),
            chip: canceled.then(|| Chip::new("no", "Canceled")),
            seats: seats.filter(|_| !canceled),
            price: self.price(session.price_cents, session.included).filter(|_| !canceled),
            // Labeled so, unless said otherwise (CEU-9).
            credit: (session.kind == Kind::InnovationTheater).then(|| "No credit".to_owned()),
            action: None,
            mine: false,
            flat: matches!(session.kind, Kind::Meal | Kind::Networking),
            canceled,
        }
    }
}
