//! Makes and changes events, with what was changed left in the audit.

use diesel::prelude::*;
use serde_json::json;

use super::{Event, EventDraft, Kind, MissingExit, UnpaidAtDoor, find};
use crate::app::Tx;
use crate::audit::{self, Entry};
use crate::db::schema::{events, sessions};
use crate::error::{Checks, Result};
use crate::ids::{EventId, hex, random_bytes};

/// Makes an event with a new key for its badges; `Invalid` names every wrong field.
pub fn create(tx: &mut Tx<'_>, draft: &EventDraft) -> Result<Event> {
    let mut event = blank(tx);
    let mut checks = draft.read(&mut event);
    refuse_taken_slug(tx, &event, &mut checks)?;
    checks.finish()?;
    diesel::insert_into(events::table).values(&event).execute(tx.db)?;
    Entry::of("event.created", "event", &event.id).event(&event.id).after(json!(EventDraft::of(&event))).record(tx)?;
    tx.event_changed(&event.id);
    Ok(event)
}

/// Changes an event; the flag says whether anything was different. The address of a published event stays, and so does
/// the zone once there are sessions, since their times were meant in it.
pub fn update(tx: &mut Tx<'_>, before: &Event, draft: &EventDraft) -> Result<(Event, bool)> {
    let mut event = before.clone();
    let mut checks = draft.read(&mut event);
    if event == *before && checks.is_clean() {
        return Ok((event, false));
    }
    if event.slug != before.slug {
        refuse_taken_slug(tx, &event, &mut checks)?;
        if before.published {
            checks.wrong("slug", "published", "The event is published: links to its address are already in people's letters.");
        }
    }
    if event.zone != before.zone {
        let agenda = sessions::table.filter(sessions::event_id.eq(&event.id)).count().get_result::<i64>(tx.db)?;
        if agenda > 0 {
            checks.wrong("zone", "has_sessions", "The agenda's times were entered in the old zone, so it cannot change any more.");
        }
    }
    checks.finish()?;
    save(tx, before, &event, "event.changed")?;
    Ok((event, true))
}

/// Shows the event to everyone, or hides it again; the flag says whether that was a change.
pub fn set_published(tx: &mut Tx<'_>, before: &Event, published: bool) -> Result<bool> {
    if before.published == published {
        return Ok(false);
    }
    let event = Event { published, ..before.clone() };
    save(tx, before, &event, if published { "event.published" } else { "event.unpublished" })?;
    Ok(true)
}

/// Makes every other write that sets up this event wait until this transaction ends, so that codes stay unique.
pub fn hold(tx: &mut Tx<'_>, id: &EventId) -> Result<()> {
    diesel::update(events::table.find(id)).set(events::slug.eq(events::slug)).execute(tx.db)?;
    Ok(())
}

fn save(tx: &mut Tx<'_>, before: &Event, event: &Event, action: &str) -> Result<()> {
    diesel::update(events::table.find(&event.id)).set(event).execute(tx.db)?;
    let (old, new) = audit::differences(&EventDraft::of(before), &EventDraft::of(event))?;
    Entry::of(action, "event", &event.id).event(&event.id).before(old).after(new).record(tx)?;
    tx.event_changed(&event.id);
    Ok(())
}

fn refuse_taken_slug(tx: &mut Tx<'_>, event: &Event, checks: &mut Checks) -> Result<()> {
    if find(tx.db, &event.slug)?.is_some_and(|other| other.id != event.id) {
        checks.wrong("slug", "taken", format!("There is already an event at “{}”.", event.slug));
    }
    Ok(())
}

/// An event before anything was typed.
fn blank(tx: &Tx<'_>) -> Event {
    let today = tx.now.utc().date();
    Event {
        id: EventId::new(),
        slug: String::new(),
        name: String::new(),
        kind: Kind::Congress,
        zone: String::new(),
        starts_on: today,
        ends_on: today,
        currency: String::new(),
        claims_close_on: None,
        published: false,
        summary: String::new(),
        venue: String::new(),
        address: String::new(),
        help_email: String::new(),
        help_phone: String::new(),
        hotel_block_closes_on: None,
        wifi_network: String::new(),
        wifi_password: String::new(),
        invoice_due_days: 30,
        unpaid_at_door: UnpaidAtDoor::Admit,
        selection_closes_minutes_before: 0,
        recognized_discount_percent: 0,
        unclaimed_after_minutes: 10,
        missing_exit: MissingExit::SessionEnd,
        missing_exit_minutes: 0,
        tag_key: hex(&random_bytes::<32>()),
        created_at: tx.now,
    }
}
