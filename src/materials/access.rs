//! What one person may have of an event's materials, and the links that work for that person alone.

use chrono::{Duration, NaiveDate};

use super::rules::{self, Facts, Refusal};
use super::{Material, Version};
use crate::agenda::Session;
use crate::app::Site;
use crate::clock::Instant;
use crate::db::Db;
use crate::enrollment::queries::Coverage;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::PersonId;
use crate::recordings::rules::links::{self, Bound};
use crate::recordings::settings;
use crate::registration::{self, Registration};

/// What decides about one person at one event, read once for all of its sessions.
pub struct Access {
    own: Vec<(Registration, Coverage)>,
    /// The last day of access, the same as that of recordings.
    pub closes_on: NaiveDate,
    event: Event,
    now: Instant,
}

impl Access {
    pub fn of_person(db: &mut Db, event: &Event, person: &PersonId, now: Instant) -> Result<Self> {
        let own = registration::live_of_person(db, &event.id, person)?.into_iter();
        let own: Vec<_> = own.map(|one| Coverage::of(db, &one).map(|coverage| (one, coverage))).collect::<Result<_>>()?;
        Ok(Self { own, closes_on: settings::of_event(db, event)?.closes_on, event: event.clone(), now })
    }

    /// Whether the person gets the materials of a session, or why not (REC-2).
    pub fn verdict(&self, session: &Session) -> std::result::Result<(), Refusal> {
        rules::best(self.own.iter().map(|(registration, coverage)| {
            rules::may_have(&Facts {
                status: registration.status,
                covers: coverage.covers(session),
                closes_on: self.closes_on,
                zone: self.event.zone(),
                now: self.now,
            })
        }))
    }

    /// Whether there is any registration that was not canceled.
    pub fn is_registered(&self) -> bool {
        !self.own.is_empty()
    }
}

/// The key of the links to materials.
pub fn key_of(site: &Site) -> [u8; 32] {
    site.config.key_for("material links")
}

fn bound<'a>(material: &'a Material, version: &'a Version, person: &'a PersonId) -> Bound<'a> {
    Bound { recording: material.id.as_str(), upload: version.id.as_str(), person: person.as_str() }
}

/// A link's token that works for this person, this version and a few minutes.
pub fn token(key: &[u8], material: &Material, version: &Version, person: &PersonId, now: Instant) -> String {
    links::token(key, bound(material, version, person), now)
}

/// For how long a link still works that was made for this person.
pub fn check(key: &[u8], material: &Material, version: &Version, person: &PersonId, token: &str, now: Instant) -> Result<Duration> {
    links::check(key, bound(material, version, person), token, now).map_err(|refusal| match refusal {
        // A link of somebody else tells nobody what it led to.
        links::Refusal::Foreign => Error::NotFound,
        links::Refusal::Over => Error::refused("materials.link_over", "This link is over. Open the materials page again for a fresh one."),
    })
}
