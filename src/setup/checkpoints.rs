//! Checkpoints and their windows as they are typed, and their part of an event document (CHK-1).

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::document::{Fields, name_of, over};
use super::import::{Done, Import};
use crate::agenda::Known;
use crate::checkin::{self, Checkpoint, CheckpointInput, Kind, Window};
use crate::clock::Instant;
use crate::error::{Checks, Error, Result};
use crate::typed::{self, some_text};

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
        let kind = Kind::SessionDoor.to_string();
        Self { code: blank(), kind, name: blank(), session: blank(), in_only: true, windows: Vec::new() }
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
            session: session.map(|session| session.code.clone()).unwrap_or_default(),
            in_only: checkpoint.in_only,
            windows: windows.iter().map(|window| WindowDraft { opens: typed(window.opens_at), closes: typed(window.closes_at) }).collect(),
        }
    }

    /// What was typed, for [`checkin::create`] and [`checkin::update`], which check the rest.
    pub fn read(&self, known: &Known, zone: Tz) -> Result<CheckpointInput> {
        let mut checks = Checks::new();
        let code = checks.code("code", &self.code);
        let kind = checks.word("kind", &self.kind, Kind::ALL).unwrap_or(Kind::SessionDoor);
        checks.required("name", &self.name, "Give the checkpoint a name that people at the door know.");
        let session = some_text(&self.session).and_then(|code| {
            let found = known.sessions.iter().find(|session| session.code == code);
            if found.is_none() {
                checks.wrong("session", "unknown", format!("There is no session with the code {code}."));
            }
            found.map(|session| session.id.clone())
        });
        if kind == Kind::SessionDoor && self.session.trim().is_empty() {
            checks.wrong("session", "required", "Choose the session behind this door.");
        }
        let mut windows = Vec::new();
        for (index, window) in self.windows.iter().enumerate() {
            let (opens_field, closes_field) = (format!("windows[{index}].opens"), format!("windows[{index}].closes"));
            let opens = checks.moment(&opens_field, &window.opens, zone);
            let closes = checks.moment(&closes_field, &window.closes, zone);
            let Some((opens, closes)) = opens.zip(closes) else { continue };
            if closes <= opens {
                checks.wrong(&closes_field, "order", "It closes before it opens.");
            }
            windows.push((opens, closes));
        }
        windows.sort();
        checks.finish()?;
        Ok(CheckpointInput { code, kind, name: self.name.clone(), session, in_only: self.in_only, windows })
    }
}

/// Imports the checkpoints of a document.
pub(super) fn import(import: &mut Import<'_, '_>, items: &[Fields]) -> Result<()> {
    let event = import.event.clone();
    let stored = checkin::checkpoints(import.tx.db, &event.id)?;
    for (index, fields) in items.iter().enumerate() {
        let code = name_of(fields, "code");
        let before = stored.iter().find(|checkpoint| checkpoint.code == code);
        let result = import_one(import, before, fields).map_err(|error| match error {
            Error::Refused { code, message } => Error::invalid("kind", code, message),
            other => other,
        });
        import.took("checkpoints", index, fields, result)?;
    }
    import.missing("checkpoints", stored.iter().map(|checkpoint| checkpoint.code.as_str()), items, "code");
    Ok(())
}

fn import_one(import: &mut Import<'_, '_>, before: Option<&Checkpoint>, fields: &Fields) -> Result<Done> {
    let (event, zone) = (import.event.clone(), import.event.zone());
    let Some(before) = before else {
        let input = over(&CheckpointDraft::default(), fields)?.read(&import.known, zone)?;
        checkin::create(import.tx, &event, &input)?;
        return Ok(Done::Added);
    };
    let windows = checkin::windows(import.tx.db, &before.id)?;
    let stored = CheckpointDraft::of(before, &windows, &import.known, zone);
    let draft = over(&stored, fields)?;
    if draft == stored {
        return Ok(Done::Unchanged);
    }
    let input = draft.read(&import.known, zone)?;
    checkin::update(import.tx, &event, &before.code, &input)?;
    Ok(Done::Changed)
}
