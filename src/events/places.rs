//! Adds, changes and removes badge pick-up places; a change of a published event is shown as one and mailed (EVT-1).

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{BadgePlace, BadgePlaceDraft, Event, rules};
use crate::app::Tx;
use crate::audit::{self, Entry};
use crate::db::schema::badge_places;
use crate::error::Result;
use crate::ids::BadgePlaceId;
use crate::jobs;

/// The job that mails a changed place to everyone registered.
pub const BADGE_PLACE_CHANGED: &str = "badge_place_changed";

/// What that job needs to know: the place, and where and when it was before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BadgePlaceChanged {
    pub badge_place: BadgePlaceId,
    pub old_place: String,
    pub old_when: String,
}

/// Adds a place.
pub fn add_badge_place(tx: &mut Tx<'_>, event: &Event, draft: &BadgePlaceDraft) -> Result<BadgePlace> {
    let mut place = BadgePlace {
        id: BadgePlaceId::new(),
        event_id: event.id.clone(),
        place: String::new(),
        opens_at: tx.now,
        closes_at: tx.now,
        audience: String::new(),
        changed_at: None,
        changed_from: None,
    };
    draft.read(event.zone(), &mut place).finish()?;
    diesel::insert_into(badge_places::table).values(&place).execute(tx.db)?;
    let after = json!(BadgePlaceDraft::of(&place, event.zone()));
    Entry::of("badge_place.added", "badge_place", &place.id).event(&event.id).after(after).record(tx)?;
    tx.event_changed(&event.id);
    Ok(place)
}

/// Changes a place; the flag says whether anything was different. Where or when is news once the event is published:
/// it is marked as a change, and everyone registered gets a letter.
pub fn change_badge_place(tx: &mut Tx<'_>, event: &Event, before: &BadgePlace, draft: &BadgePlaceDraft) -> Result<bool> {
    let zone = event.zone();
    let mut place = before.clone();
    draft.read(zone, &mut place).finish()?;
    if place == *before {
        return Ok(false);
    }
    let other_window = (place.opens_at, place.closes_at) != (before.opens_at, before.closes_at);
    let is_news = event.published && (place.place != before.place || other_window);
    if is_news {
        let old_when = rules::span_words(before.opens_at, before.closes_at, zone);
        place.changed_at = Some(tx.now);
        place.changed_from = Some(if other_window { format!("{}, {old_when}", before.place) } else { before.place.clone() });
        if place.closes_at > tx.now {
            let news = BadgePlaceChanged { badge_place: place.id.clone(), old_place: before.place.clone(), old_when };
            jobs::enqueue(tx, BADGE_PLACE_CHANGED, &news, tx.now)?;
        }
    }
    diesel::update(badge_places::table.find(&place.id)).set(&place).execute(tx.db)?;
    let (old, new) = audit::differences(&BadgePlaceDraft::of(before, zone), &BadgePlaceDraft::of(&place, zone))?;
    Entry::of("badge_place.changed", "badge_place", &place.id).event(&event.id).before(old).after(new).record(tx)?;
    tx.event_changed(&event.id);
    Ok(true)
}

/// Takes a place off the page.
pub fn remove_badge_place(tx: &mut Tx<'_>, event: &Event, place: &BadgePlace) -> Result<()> {
    diesel::delete(badge_places::table.find(&place.id)).execute(tx.db)?;
    let before = json!(BadgePlaceDraft::of(place, event.zone()));
    Entry::of("badge_place.removed", "badge_place", &place.id).event(&event.id).before(before).record(tx)?;
    tx.event_changed(&event.id);
    Ok(())
}
