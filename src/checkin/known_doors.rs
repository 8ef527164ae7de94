//! The doors this process knows, so that a scan does not read what hardly ever changes.

use std::sync::Arc;

use super::{Door, door, lookup};
use crate::app::App;
use crate::badges::rules::{Read, read};
use crate::error::{Error, Result};
use crate::events;
use crate::ids::EventId;
use crate::known::Known;
use crate::staff::{Identity, Permission};

/// Copies of doors.
#[derive(Default)]
pub struct KnownDoors {
    doors: Known<(EventId, String), Arc<Door>>,
    /// The events that have a checkpoint of a code.
    codes: Known<String, Vec<EventId>>,
}

impl KnownDoors {
    /// The door with this code at this event, or not found.
    pub async fn get(&self, app: &App, event: &EventId, code: &str) -> Result<Arc<Door>> {
        let key = (event.clone(), code.to_owned());
        let (version, now) = (app.version_of(event), app.now());
        if let Some(door) = self.doors.get(&key, version, now) {
            return Ok(door);
        }
        let (event, code) = key.clone();
        let door = Arc::new(app.read(move |db| door::get(db, &event, &code)).await?);
        self.doors.keep(key, Arc::clone(&door), version, now);
        Ok(door)
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
        let wanted = code.to_owned();
        if let Some(events) = self.codes.get(&wanted, 0, now) {
            return Ok(events);
        }
        let events = app.read(move |db| door::events_with_code(db, &wanted)).await?;
        // Codes that exist nowhere are not kept: anybody could think of more of them.
        if !events.is_empty() {
            self.codes.keep(code.to_owned(), events.clone(), 0, now);
        }
        Ok(events)
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
