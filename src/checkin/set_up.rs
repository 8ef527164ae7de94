//! Setting up checkpoints: added, changed and, while nobody has used them, taken away.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::door::{find_checkpoint, windows};
use super::rules::Kind;
use super::{Checkpoint, Window};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::schema::{api_tokens, checkpoint_windows, checkpoints, device_checkpoints, scans};
use crate::error::{Checks, Error, Result};
use crate::events::Event;
use crate::ids::{CheckpointId, SessionId, WindowId};
use crate::people::rules::tidy;

/// What a checkpoint is to be.
#[derive(Clone, Debug)]
pub struct CheckpointInput {
    /// Letters, digits, dashes and underscores, such as `door-B1`; unique in the event.
    pub code: String,
    pub kind: Kind,
    pub name: String,
    pub session: Option<SessionId>,
    pub in_only: bool,
    /// Open from the first instant until just before the second. Without any, the door of a session
    /// opens an hour before it and closes with it, and every other checkpoint is always open.
    pub windows: Vec<(Instant, Instant)>,
}

/// The longest code and name, in characters.
const LONGEST_CODE: usize = 40;
const LONGEST_NAME: usize = 120;

impl CheckpointInput {
    fn check(&self) -> Result<()> {
        let mut checks = Checks::new();
        checks.required("code", &self.code, "Give the checkpoint a code, such as door-B1.");
        checks.at_most("code", &self.code, LONGEST_CODE);
        if !self.code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            checks.wrong("code", "malformed", "A code has letters, digits, dashes and underscores only.");
        }
        checks.required("name", &self.name, "Give the checkpoint a name that people at the door know.");
        checks.at_most("name", &self.name, LONGEST_NAME);
        match (self.kind, &self.session) {
            (Kind::SessionDoor, None) => checks.wrong("session", "required", "Choose the session behind this door."),
            (Kind::BadgePickup, Some(_)) => checks.wrong("session", "not_here", "Badges are not picked up for one session; leave it out."),
            _ => {}
        }
        for (index, (opens, closes)) in self.windows.iter().enumerate() {
            if opens >= closes {
                checks.wrong(&format!("windows[{index}].closes_at"), "order", "A checkpoint closes after it opens.");
            }
        }
        checks.finish()
    }

    fn facts(&self) -> Value {
        json!({
            "code": self.code, "kind": self.kind, "name": self.name, "session": self.session, "in_only": self.in_only,
            "windows": self.windows,
        })
    }

    fn row(&self, id: CheckpointId, event: &Event) -> Checkpoint {
        Checkpoint {
            id,
            event_id: event.id.clone(),
            code: self.code.trim().to_owned(),
            kind: self.kind,
            name: tidy(&self.name),
            session_id: self.session.clone(),
            in_only: self.in_only,
        }
    }
}

/// Adds a checkpoint to an event.
pub fn create(tx: &mut Tx<'_>, event: &Event, input: &CheckpointInput) -> Result<Checkpoint> {
    input.check()?;
    if find_checkpoint(tx.db, &event.id, input.code.trim())?.is_some() {
        return Err(Error::invalid("code", "taken", "Another checkpoint of this event has this code."));
    }
    let checkpoint = input.row(CheckpointId::new(), event);
    diesel::insert_into(checkpoints::table).values(&checkpoint).execute(tx.db)?;
    insert_windows(tx, &checkpoint.id, &input.windows)?;
    Entry::of("checkpoint.created", "checkpoint", &checkpoint.id).event(&event.id).after(input.facts()).record(tx)?;
    tx.event_changed(&event.id);
    Ok(checkpoint)
}

/// Changes the checkpoint with this code; refused (`checkin.in_use`) when it was used and would
/// become the door of another session, since its scans would then say something else.
pub fn update(tx: &mut Tx<'_>, event: &Event, code: &str, input: &CheckpointInput) -> Result<Checkpoint> {
    input.check()?;
    let before = find_checkpoint(tx.db, &event.id, code)?.ok_or(Error::NotFound)?;
    if before.code != input.code.trim() && find_checkpoint(tx.db, &event.id, input.code.trim())?.is_some() {
        return Err(Error::invalid("code", "taken", "Another checkpoint of this event has this code."));
    }
    if (before.kind, &before.session_id) != (input.kind, &input.session) && is_used(tx, &before.id)? {
        let message = "Badges were scanned here already, so its kind and session stay. Add another checkpoint instead.";
        return Err(Error::refused("checkin.in_use", message));
    }
    let old_windows: Vec<(Instant, Instant)> =
        windows(tx.db, &before.id)?.into_iter().map(|window| (window.opens_at, window.closes_at)).collect();
    let after = input.row(before.id.clone(), event);
    if after == before && old_windows == input.windows {
        return Ok(after);
    }
    diesel::update(checkpoints::table.find(&before.id)).set(&after).execute(tx.db)?;
    if old_windows != input.windows {
        diesel::delete(checkpoint_windows::table.filter(checkpoint_windows::checkpoint_id.eq(&before.id))).execute(tx.db)?;
        insert_windows(tx, &before.id, &input.windows)?;
    }
    let before_facts = json!({
        "code": before.code, "kind": before.kind, "name": before.name, "session": before.session_id, "in_only": before.in_only,
        "windows": old_windows,
    });
    Entry::of("checkpoint.changed", "checkpoint", &before.id).event(&event.id).before(before_facts).after(input.facts()).record(tx)?;
    tx.event_changed(&event.id);
    Ok(after)
}

/// Takes away a checkpoint that nobody has scanned at; refused (`checkin.in_use`) otherwise.
pub fn delete_unused(tx: &mut Tx<'_>, event: &Event, code: &str) -> Result<()> {
    let checkpoint = find_checkpoint(tx.db, &event.id, code)?.ok_or(Error::NotFound)?;
    if is_used(tx, &checkpoint.id)? {
        return Err(Error::refused("checkin.in_use", "Badges were scanned here, or a device is bound to it, so it stays."));
    }
    diesel::delete(checkpoint_windows::table.filter(checkpoint_windows::checkpoint_id.eq(&checkpoint.id))).execute(tx.db)?;
    diesel::delete(checkpoints::table.find(&checkpoint.id)).execute(tx.db)?;
    let facts = json!({ "code": checkpoint.code, "kind": checkpoint.kind, "name": checkpoint.name });
    Entry::of("checkpoint.deleted", "checkpoint", &checkpoint.id).event(&event.id).before(facts).record(tx)?;
    tx.event_changed(&event.id);
    Ok(())
}

fn insert_windows(tx: &mut Tx<'_>, checkpoint: &CheckpointId, windows: &[(Instant, Instant)]) -> Result<()> {
    for (opens_at, closes_at) in windows {
        let row = Window { id: WindowId::new(), checkpoint_id: checkpoint.clone(), opens_at: *opens_at, closes_at: *closes_at };
        diesel::insert_into(checkpoint_windows::table).values(&row).execute(tx.db)?;
    }
    Ok(())
}

/// Whether scans or device tokens refer to it.
fn is_used(tx: &mut Tx<'_>, checkpoint: &CheckpointId) -> Result<bool> {
    let scanned = scans::table.filter(scans::checkpoint_id.eq(checkpoint)).select(scans::id).first::<String>(tx.db).optional()?;
    let bound = api_tokens::table.filter(api_tokens::checkpoint_id.eq(checkpoint)).select(api_tokens::id).first::<String>(tx.db);
    let paired = device_checkpoints::table.filter(device_checkpoints::checkpoint_id.eq(checkpoint)).select(device_checkpoints::device_id);
    Ok(scanned.is_some() || bound.optional()?.is_some() || paired.first::<String>(tx.db).optional()?.is_some())
}
