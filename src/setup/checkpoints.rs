//! Checkpoints and their windows as they are typed (CHK-1).

use serde::{Deserialize, Serialize};

use super::document::Fields;
use super::import::Import;
use crate::error::Result;
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

pub(super) fn import(_import: &mut Import<'_, '_>, _items: &[Fields]) -> Result<()> {
    Ok(())
}
