//! Checkpoints and their windows as they are typed (CHK-1).

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::document::{Fields, name_of, over};
use super::import::{Done, Import};
use crate::agenda::Known;
use crate::checkin::rules::Kind;
use crate::checkin::set_up::{self, CheckpointInput};
use crate::checkin::{Checkpoint, Window, door};
use crate::clock::Instant;
use crate::error::{Checks, Error, Result};
use crate::typed;

/// A checkpoint as a form or a file gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckpointDraft {
    #[serde(deserialize_with = "typed::text")]
    pub code: String,
    pub kind: String,
    pub name: String,
    /// The code of the session behind the door.
    #[serde(deserialize_with = "typed::text")]
    pub session: String,
    #[serde(deserialize_with = "typed::yes")]
    pub in_only: bool,
    pub windows: Vec<WindowDraft>,
}

/// When a checkpoint is open, in the event's zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WindowDraft {
    pub opens: String,
    pub closes: String,
}

impl Default for CheckpointDraft {
    fn default() -> Self {
        let blank = String::new;
        Self { code: blank(), kind: "session_door".to_owned(), name: blank(), session: blank(), in_only: true, windows: Vec::new() }
    }
}

impl CheckpointDraft {
    /// A stored checkpoint as it would be typed.
    pub fn of(checkpoint: &Checkpoint, windows: &[Window], known: &Known, zone: Tz) -> Self {
        let typed = |at: Instant| at.in_zone(zone).format("%Y-%m-%dT%H:%M").to_string();
        let session = known.sessions.iter().find(|session| Some(&session.id) == checkpoint.session_id.as_ref());
        Self {
            code: checkpoint.code.clone(),
            kind: checkpoint.kind.to_string(),
            name: checkpoint.name.clone(),
            session: session.map_or_else(String::new, |session| session.code.clone()),
            in_only: checkpoint.in_only,
            windows: windows.iter().map(|window| WindowDraft { opens: typed(window.opens_at), closes: typed(window.closes_at) }).collect(),
        }
    }

    /// What the draft means at this event; `Invalid` names every wrong field.
    pub fn read(&self, known: &Known, zone: Tz) -> Result<CheckpointInput> {
        let mut checks = Checks::new();
        let code = checks.code("code", &self.code);
        let kind = checks.word("kind", &self.kind, Kind::ALL);
        let session = known.sessions.iter().find(|session| session.code == self.session.trim()).map(|session| session.id.clone());
        if session.is_none() && !self.session.trim().is_empty() {
            checks.wrong("session", "unknown", format!("There is no session “{}”.", self.session.trim()));
        }
        let mut windows = Vec::with_capacity(self.windows.len());
        for (index, window) in self.windows.iter().enumerate() {
            let opens = checks.moment(&format!("windows[{index}].opens"), &window.opens, zone);
            let closes = checks.moment(&format!("windows[{index}].closes"), &window.closes, zone);
            windows.extend(opens.zip(closes));
        }
        checks.finish()?;
        let kind = kind.ok_or_else(|| Error::invalid("kind", "required", "Choose what kind of checkpoint it is."))?;
        Ok(CheckpointInput { code, kind, name: self.name.clone(), session, in_only: self.in_only, windows })
    }
}

pub(super) fn import(import: &mut Import<'_, '_>, items: &[Fields]) -> Result<()> {
    let zone = import.event.zone();
    let stored = door::checkpoints(import.tx.db, &import.event.id)?;
    for (index, fields) in items.iter().enumerate() {
        let code = name_of(fields, "code");
        let before = stored.iter().find(|checkpoint| checkpoint.code == code);
        let result = match before {
            Some(before) => {
                let windows = door::windows(import.tx.db, &before.id)?;
                let old = CheckpointDraft::of(before, &windows, &import.known, zone);
                let draft: CheckpointDraft = over(&old, fields)?;
                draft
                    .read(&import.known, zone)
                    .and_then(|input| set_up::update(import.tx, &import.event, &code, &input))
                    .map(|_| Done::from(draft != old))
            }
            None => {
                let draft: CheckpointDraft = over(&CheckpointDraft::default(), fields)?;
                draft.read(&import.known, zone).and_then(|input| set_up::create(import.tx, &import.event, &input)).map(|_| Done::Added)
            }
        };
        import.took("checkpoints", index, fields, result)?;
    }
    import.missing("checkpoints", stored.iter().map(|checkpoint| checkpoint.code.as_str()), items, "code");
    Ok(())
}
