//! Adds, changes and removes the answers of an event's page (EVT-1).

use diesel::prelude::*;
use serde_json::json;

use super::{Audience, Event, InfoDraft, InfoItem, info_items as list_items};
use crate::app::Tx;
use crate::audit::{self, Entry};
use crate::db::schema::info_items;
use crate::error::Result;
use crate::ids::InfoItemId;

/// Adds an answer; without a position it comes last.
pub fn add_info_item(tx: &mut Tx<'_>, event: &Event, draft: &InfoDraft) -> Result<InfoItem> {
    let last = list_items(tx.db, &event.id)?.last().map_or(0, |item| item.position);
    let mut item = InfoItem {
        id: InfoItemId::new(),
        event_id: event.id.clone(),
        topic: String::new(),
        title: String::new(),
        body: String::new(),
        audience: Audience::Public,
        position: last + 1,
    };
    draft.read(&mut item).finish()?;
    diesel::insert_into(info_items::table).values(&item).execute(tx.db)?;
    Entry::of("info_item.added", "info_item", &item.id).event(&event.id).after(json!(InfoDraft::of(&item))).record(tx)?;
    tx.event_changed(&event.id);
    Ok(item)
}

/// Changes an answer; the flag says whether anything was different.
pub fn change_info_item(tx: &mut Tx<'_>, before: &InfoItem, draft: &InfoDraft) -> Result<bool> {
    let mut item = before.clone();
    draft.read(&mut item).finish()?;
    if item == *before {
        return Ok(false);
    }
    diesel::update(info_items::table.find(&item.id)).set(&item).execute(tx.db)?;
    let (old, new) = audit::differences(&InfoDraft::of(before), &InfoDraft::of(&item))?;
    Entry::of("info_item.changed", "info_item", &item.id).event(&item.event_id).before(old).after(new).record(tx)?;
    tx.event_changed(&item.event_id);
    Ok(true)
}

/// Takes an answer off the page.
pub fn remove_info_item(tx: &mut Tx<'_>, item: &InfoItem) -> Result<()> {
    diesel::delete(info_items::table.find(&item.id)).execute(tx.db)?;
    Entry::of("info_item.removed", "info_item", &item.id).event(&item.event_id).before(json!(InfoDraft::of(item))).record(tx)?;
    tx.event_changed(&item.event_id);
    Ok(())
}
