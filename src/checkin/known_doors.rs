//! The doors this process knows, so that a scan does not read what hardly ever changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::Duration;

use super::{Door, door, lookup};
use crate::app::App;
use crate::badges::rules::{Read, read};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::events;
use crate::ids::EventId;
use crate::staff::{Identity, Permission};

/// What another process changed is known here after this long; what this one changed, at once.
const TRUSTED_FOR: Duration = Duration::seconds(2);

/// Doors by event and code.
type Doors = HashMap<(EventId, String), Known<Arc<Door>>>;

/// Copies of doors, fresh by the event's version and their age.
#[derive(Default)]
pub struct KnownDoors {
    doors: Mutex<Doors>,
    /// The events that have a checkpoint of a code.
    codes: Mutex<HashMap<String, Known<Vec<EventId>>>>,
}

struct Known<T> {
    value: T,
    version: u64,
    read_at: Instant,
}

impl<T> Known<T> {
    fn is_fresh(&self, version: u64, now: Instant) -> bool {
        let age = now.since(self.read_at);
        self.version == version && age >= Duration::zero() && age < TRUSTED_FOR
    }
}

impl KnownDoors {
    /// The door with this code at this event, or not found.
    pub async fn get(&self, app: &App, event: &EventId, code: &str) -> Result<Arc<Door>> {
        let key = (event.clone(), code.to_owned());
        let (version, now) = (app.version_of(event), app.now());
        if let Some(known) = lock(&self.doors).get(&key).filter(|known| known.is_fresh(version, now)) {
            return Ok(known.value.clone());
        }
        let (event, code) = key.clone();
        let value = Arc::new(app.read(move |db| door::get(db, &event, &code)).await?);
        lock(&self.doors).insert(key, Known { value: value.clone(), version, read_at: now });
        Ok(value)
    }

    /// The door that a scan means. Codes are unique within an event only, so the event is: the one that is
    /// named; else the only one where this identity may scan and such a checkpoint exists; among several the
    /// badge's own; else the one that takes place now. Nothing found is not found; several left are `Invalid`.
    pub async fn find(&self, app: &App, scope: &Identity, event: Option<&str>, code: &str, token: &str) -> Result<Arc<Door>> {
        if let Some(slug) = event {
            let slug = slug.to_owned();
            let event = app.read(move |db| events::get(db, &slug)).await?;
            if !scope.may(Permission::ScanBadges, &event.id) {
                return Err(Error::NotFound);
            }
            return self.get(app, &event.id, code).await;
        }
        let mut candidates = self.events_with(app, code).await?;
        candidates.retain(|event| scope.may(Permission::ScanBadges, event));
        match candidates.as_slice() {
            [] => Err(Error::NotFound),
            [only] => self.get(app, only, code).await,
            several => {
                let event = choose(app, several.to_vec(), token).await?;
                self.get(app, &event, code).await
            }
        }
    }

    async fn events_with(&self, app: &App, code: &str) -> Result<Vec<EventId>> {
        let now = app.now();
        if let Some(known) = lock(&self.codes).get(code).filter(|known| known.is_fresh(0, now)) {
            return Ok(known.value.clone());
        }
        let wanted = code.to_owned();
        let value = app.read(move |db| door::events_with_code(db, &wanted)).await?;
        // Codes that exist nowhere are not kept: anybody could think of more of them.
        if !value.is_empty() {
            lock(&self.codes).insert(code.to_owned(), Known { value: value.clone(), version: 0, read_at: now });
        }
        Ok(value)
    }
}

/// Among events with the same checkpoint code: the badge's, else the one that takes place now.
async fn choose(app: &App, candidates: Vec<EventId>, token: &str) -> Result<EventId> {
    // The number stands in the code whatever its tag; the door checks the tag.
    let number = match read(token, "") {
        Read::Ours(number) | Read::WrongTag(number) => Some(number),
        Read::Damaged | Read::Foreign => None,
    };
    let now = app.now();
    app.read(move |db| {
        let of_badge = number.map(|number| lookup::event_of_badge(db, &number)).transpose()?.flatten();
        if let Some(event) = of_badge.filter(|event| candidates.contains(&event.id)) {
            return Ok(event.id);
        }
        let mut running = Vec::new();
        for id in candidates {
            let event = events::get_by_id(db, &id)?;
            if event.starts_at() <= now && now < event.ends_at() {
                running.push(event.id);
            }
        }
        match running.as_slice() {
            [only] => Ok(only.clone()),
            _ => Err(Error::invalid("event", "required", "Several events have this checkpoint: name the event by its slug.")),
        }
    })
    .await
}

fn lock<T>(copies: &Mutex<T>) -> MutexGuard<'_, T> {
    copies.lock().unwrap_or_else(PoisonError::into_inner)
}
