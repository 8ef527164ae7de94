//! An event's settings of its recordings: until when they are watched, how soon they are due, and which types bring none.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::rules;
use crate::app::Tx;
use crate::audit::{Entry, differences};
use crate::db::Db;
use crate::db::schema::{recording_settings, types_without_recordings};
use crate::error::{Checks, Result};
use crate::events::{self, Event};
use crate::ids::{EventId, RegistrationTypeId};
use crate::pricing;

/// The settings of an event as they are stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = recording_settings, check_for_backend(crate::db::Either))]
pub struct Settings {
    pub event_id: EventId,
    /// The last day of watching, in the event's zone.
    pub closes_on: NaiveDate,
    /// So many days after the event's end recordings are due.
    pub due_days: i32,
}

/// Settings as staff type them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingsDraft {
    pub closes_on: String,
    pub due_days: String,
    /// The codes of the types that bring recordings.
    pub types: Vec<String>,
}

/// The settings of an event, or what holds where nobody set any.
pub fn of_event(db: &mut Db, event: &Event) -> Result<Settings> {
    let found = recording_settings::table.find(&event.id).select(Settings::as_select()).first(db).optional()?;
    Ok(found.unwrap_or_else(|| Settings {
        event_id: event.id.clone(),
        closes_on: rules::closes_on(event.ends_on),
        due_days: rules::DUE_DAYS,
    }))
}

/// The types that bring no recordings.
pub fn types_without(db: &mut Db) -> Result<HashSet<RegistrationTypeId>> {
    let all: Vec<RegistrationTypeId> = types_without_recordings::table.select(types_without_recordings::registration_type_id).load(db)?;
    Ok(all.into_iter().collect())
}

/// The settings of an event as a form shows them.
pub fn draft(db: &mut Db, event: &Event) -> Result<SettingsDraft> {
    let settings = of_event(db, event)?;
    let without = types_without(db)?;
    let types = pricing::list_types(db, &event.id)?;
    Ok(SettingsDraft {
        closes_on: settings.closes_on.to_string(),
        due_days: settings.due_days.to_string(),
        types: types.into_iter().filter(|kind| !without.contains(&kind.id)).map(|kind| kind.code).collect(),
    })
}

/// Saves the settings of an event.
pub fn save(tx: &mut Tx<'_>, event: &Event, typed: &SettingsDraft) -> Result<()> {
    events::hold(tx, &event.id)?;
    let before = draft(tx.db, event)?;
    let settings = read(event, typed)?;
    diesel::delete(recording_settings::table.find(&event.id)).execute(tx.db)?;
    diesel::insert_into(recording_settings::table).values(&settings).execute(tx.db)?;
    for kind in pricing::list_types(tx.db, &event.id)? {
        diesel::delete(types_without_recordings::table.find(&kind.id)).execute(tx.db)?;
        if !typed.types.contains(&kind.code) {
            let row = types_without_recordings::registration_type_id.eq(&kind.id);
            diesel::insert_into(types_without_recordings::table).values(row).execute(tx.db)?;
        }
    }
    let (old, new) = differences(&before, &draft(tx.db, event)?)?;
    if new == json!({}) {
        return Ok(());
    }
    Entry::of("recording_settings.saved", "event", &event.id).event(&event.id).before(old).after(new).record(tx)
}

fn read(event: &Event, typed: &SettingsDraft) -> Result<Settings> {
    let mut checks = Checks::new();
    let closes_on: Option<NaiveDate> = typed.closes_on.trim().parse().ok();
    let due_days: Option<i32> = typed.due_days.trim().parse().ok().filter(|days| (0..=90).contains(days));
    match closes_on {
        None => checks.wrong("closes_on", "malformed", "Enter the last day of watching."),
        Some(day) if day < event.starts_on => checks.wrong("closes_on", "too_early", "The last day of watching lies before the event."),
        Some(_) => {}
    }
    if due_days.is_none() {
        checks.wrong("due_days", "malformed", "Enter a number of days between 0 and 90.");
    }
    checks.finish()?;
    Ok(Settings {
        event_id: event.id.clone(),
        closes_on: closes_on.unwrap_or(event.ends_on),
        due_days: due_days.unwrap_or(rules::DUE_DAYS),
    })
}
