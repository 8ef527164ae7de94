//! What staff type about an event, read and checked field by field (EVT-1).

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{Audience, BadgePlace, Event, InfoItem, Kind, MissingExit, UnpaidAtDoor};
use crate::clock::Instant;
use crate::error::Checks;
use crate::incoming::tidy_line;
use crate::people::rules::email_key;
use crate::typed::{self, tidy_text};

/// An event as a form or a file gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventDraft {
    pub slug: String,
    pub name: String,
    pub kind: String,
    pub zone: String,
    pub starts_on: String,
    pub ends_on: String,
    pub currency: String,
    pub claims_close_on: String,
    #[serde(deserialize_with = "typed::yes")]
    pub published: bool,
    pub summary: String,
    pub venue: String,
    pub address: String,
    pub help_email: String,
    pub help_phone: String,
    pub hotel_block_closes_on: String,
    pub wifi_network: String,
    pub wifi_password: String,
    #[serde(deserialize_with = "typed::text")]
    pub invoice_due_days: String,
    pub unpaid_at_door: String,
    #[serde(deserialize_with = "typed::text")]
    pub selection_closes_minutes_before: String,
    #[serde(deserialize_with = "typed::text")]
    pub recognized_discount_percent: String,
    #[serde(deserialize_with = "typed::text")]
    pub unclaimed_after_minutes: String,
    pub missing_exit: String,
    #[serde(deserialize_with = "typed::text")]
    pub missing_exit_minutes: String,
}

impl Default for EventDraft {
    /// The settings that are right for most: a congress in dollars, invoices due in 30 days, 15 % for recognized hospitals (PRC-3).
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            slug: String::new(),
            name: String::new(),
            kind: text("congress"),
            zone: text("America/Los_Angeles"),
            starts_on: String::new(),
            ends_on: String::new(),
            currency: text("USD"),
            claims_close_on: String::new(),
            published: false,
            summary: String::new(),
            venue: String::new(),
            address: String::new(),
            help_email: String::new(),
            help_phone: String::new(),
            hotel_block_closes_on: String::new(),
            wifi_network: String::new(),
            wifi_password: String::new(),
            invoice_due_days: text("30"),
            unpaid_at_door: text("admit"),
            selection_closes_minutes_before: text("0"),
            recognized_discount_percent: text("15"),
            unclaimed_after_minutes: text("10"),
            missing_exit: text("session_end"),
            missing_exit_minutes: text("0"),
        }
    }
}

impl EventDraft {
    /// A stored event as it would be typed.
    pub fn of(event: &Event) -> Self {
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            slug: event.slug.clone(),
            name: event.name.clone(),
            kind: event.kind.to_string(),
            zone: event.zone.clone(),
            starts_on: event.starts_on.to_string(),
            ends_on: event.ends_on.to_string(),
            currency: event.currency.clone(),
            claims_close_on: day(event.claims_close_on),
            published: event.published,
            summary: event.summary.clone(),
            venue: event.venue.clone(),
            address: event.address.clone(),
            help_email: event.help_email.clone(),
            help_phone: event.help_phone.clone(),
            hotel_block_closes_on: day(event.hotel_block_closes_on),
            wifi_network: event.wifi_network.clone(),
            wifi_password: event.wifi_password.clone(),
            invoice_due_days: event.invoice_due_days.to_string(),
            unpaid_at_door: event.unpaid_at_door.to_string(),
            selection_closes_minutes_before: event.selection_closes_minutes_before.to_string(),
            recognized_discount_percent: event.recognized_discount_percent.to_string(),
            unclaimed_after_minutes: event.unclaimed_after_minutes.to_string(),
            missing_exit: event.missing_exit.to_string(),
            missing_exit_minutes: event.missing_exit_minutes.to_string(),
        }
    }

    /// Puts what was typed into `event`, as far as it can be read, and says what cannot.
    pub fn read(&self, event: &mut Event) -> Checks {
        let mut checks = Checks::new();
        self.read_names(event, &mut checks);
        self.read_days(event, &mut checks);
        self.read_settings(event, &mut checks);
        checks
    }

    fn read_names(&self, event: &mut Event, checks: &mut Checks) {
        event.slug = self.slug.trim().to_owned();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        checks.required("slug", &event.slug, "Enter the short name that stands in the event's address, such as congress-2027.");
        if !event.slug.chars().all(fits) || event.slug.len() > 60 || event.slug == "new" {
            checks.wrong("slug", "slug", "Use lower-case letters, digits and dashes only, such as congress-2027.");
        }
        event.name = tidy_line(&self.name);
        checks.required("name", &event.name, "Enter the event's name.");
        checks.at_most("name", &event.name, 200);
        event.summary = tidy_text(&self.summary);
        checks.at_most("summary", &event.summary, 4000);
        event.venue = tidy_line(&self.venue);
        checks.required("venue", &event.venue, "Enter where it is; “Online” is an answer.");
        checks.at_most("venue", &event.venue, 200);
        event.address = tidy_text(&self.address);
        event.help_email = self.help_email.trim().to_owned();
        checks.required("help_email", &event.help_email, "Enter the address that attendees write to for help.");
        if !event.help_email.is_empty() && email_key(&event.help_email).is_none() {
            checks.wrong("help_email", "email", "Enter a complete e-mail address.");
        }
        event.help_phone = tidy_line(&self.help_phone);
        event.wifi_network = tidy_line(&self.wifi_network);
        event.wifi_password = self.wifi_password.trim().to_owned();
    }

    fn read_days(&self, event: &mut Event, checks: &mut Checks) {
        event.zone = self.zone.trim().to_owned();
        if event.zone.parse::<Tz>().is_err() {
            let said = format!("“{}” is not a time zone. Use a name such as America/Chicago.", event.zone);
            checks.wrong("zone", "zone", said);
        }
        let first = checks.needed_day("starts_on", &self.starts_on, "Enter the first day.");
        let last = checks.needed_day("ends_on", &self.ends_on, "Enter the last day.");
        if let (Some(first), Some(last)) = (first, last) {
            if last < first {
                checks.wrong("ends_on", "order", "The last day is before the first.");
            }
            if (last - first).num_days() > 730 {
                checks.wrong("ends_on", "order", "An event lasts at most two years.");
            }
        }
        event.starts_on = first.unwrap_or(event.starts_on);
        event.ends_on = last.unwrap_or(event.ends_on);
        event.claims_close_on = checks.day("claims_close_on", &self.claims_close_on);
        if event.claims_close_on.zip(last).is_some_and(|(close, last)| close < last) {
            checks.wrong("claims_close_on", "order", "Claims cannot close before the event has ended.");
        }
        event.hotel_block_closes_on = checks.day("hotel_block_closes_on", &self.hotel_block_closes_on);
    }

    fn read_settings(&self, event: &mut Event, checks: &mut Checks) {
        event.kind = checks.word("kind", &self.kind, Kind::ALL).unwrap_or(event.kind);
        event.currency = self.currency.trim().to_uppercase();
        if event.currency.len() != 3 || !event.currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
            checks.wrong("currency", "currency", "Enter a currency's three letters, such as USD.");
        }
        event.published = self.published;
        event.unpaid_at_door = checks.word("unpaid_at_door", &self.unpaid_at_door, UnpaidAtDoor::ALL).unwrap_or(event.unpaid_at_door);
        event.missing_exit = checks.word("missing_exit", &self.missing_exit, MissingExit::ALL).unwrap_or(event.missing_exit);
        let mut number = |field, text, most, missing| checks.whole(field, text, 0..=most).unwrap_or(missing);
        event.invoice_due_days = number("invoice_due_days", &self.invoice_due_days, 365, 30);
        event.selection_closes_minutes_before =
            number("selection_closes_minutes_before", &self.selection_closes_minutes_before, 525_600, 0);
        event.recognized_discount_percent = number("recognized_discount_percent", &self.recognized_discount_percent, 100, 0);
        event.unclaimed_after_minutes = number("unclaimed_after_minutes", &self.unclaimed_after_minutes, 1440, 10);
        event.missing_exit_minutes = number("missing_exit_minutes", &self.missing_exit_minutes, 1440, 0);
    }
}

/// What an info item is about, and how that is written.
pub const TOPICS: &[(&str, &str)] = &[
    ("hours", "Hours"),
    ("hotel", "Hotel and room block"),
    ("meals", "Meals"),
    ("badge", "Badges"),
    ("wifi", "WiFi"),
    ("luggage", "Luggage"),
    ("mail", "Missing mail"),
    ("help", "Help desk"),
    ("travel", "Getting here"),
    ("access", "Access and care needs"),
    ("other", "Anything else"),
];

/// An answer on an event's page as it is typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InfoDraft {
    pub topic: String,
    pub title: String,
    pub body: String,
    pub audience: String,
    #[serde(deserialize_with = "typed::text")]
    pub position: String,
}

impl Default for InfoDraft {
    fn default() -> Self {
        let blank = String::new;
        Self { topic: "hours".to_owned(), title: blank(), body: blank(), audience: "public".to_owned(), position: blank() }
    }
}

impl InfoDraft {
    /// A stored item as it would be typed.
    pub fn of(item: &InfoItem) -> Self {
        Self {
            topic: item.topic.clone(),
            title: item.title.clone(),
            body: item.body.clone(),
            audience: item.audience.to_string(),
            position: item.position.to_string(),
        }
    }

    /// Puts what was typed into `item` and says what cannot be read.
    pub fn read(&self, item: &mut InfoItem) -> Checks {
        let mut checks = Checks::new();
        item.topic = self.topic.trim().to_owned();
        if !TOPICS.iter().any(|(topic, _)| *topic == item.topic) {
            let topics: Vec<&str> = TOPICS.iter().map(|(topic, _)| *topic).collect();
            checks.wrong("topic", "choice", format!("Choose one of {}.", topics.join(", ")));
        }
        item.title = tidy_line(&self.title);
        checks.required("title", &item.title, "Enter a title.");
        checks.at_most("title", &item.title, 200);
        item.body = tidy_text(&self.body);
        checks.required("body", &item.body, "Enter the answer.");
        checks.at_most("body", &item.body, 8000);
        item.audience = checks.word("audience", &self.audience, Audience::ALL).unwrap_or(item.audience);
        item.position = checks.whole("position", &self.position, 0..=9999).unwrap_or(item.position);
        checks
    }
}

/// A badge pick-up place as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BadgePlaceDraft {
    pub place: String,
    pub opens: String,
    pub closes: String,
    pub audience: String,
}

impl BadgePlaceDraft {
    /// A stored place as it would be typed.
    pub fn of(place: &BadgePlace, zone: Tz) -> Self {
        let typed = |at: Instant| at.in_zone(zone).format("%Y-%m-%dT%H:%M").to_string();
        Self { place: place.place.clone(), opens: typed(place.opens_at), closes: typed(place.closes_at), audience: place.audience.clone() }
    }

    /// Puts what was typed into `place` and says what cannot be read.
    pub fn read(&self, zone: Tz, place: &mut BadgePlace) -> Checks {
        let mut checks = Checks::new();
        place.place = tidy_line(&self.place);
        checks.required("place", &place.place, "Enter where badges are picked up.");
        checks.at_most("place", &place.place, 200);
        place.audience = tidy_line(&self.audience);
        checks.required("audience", &place.audience, "Enter for whom, such as General conference.");
        let (opens, closes) = (checks.moment("opens", &self.opens, zone), checks.moment("closes", &self.closes, zone));
        if opens.zip(closes).is_some_and(|(opens, closes)| closes <= opens) {
            checks.wrong("closes", "order", "It closes before it opens.");
        }
        place.opens_at = opens.unwrap_or(place.opens_at);
        place.closes_at = closes.unwrap_or(place.closes_at);
        checks
    }
}
