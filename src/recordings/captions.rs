//! Captions of a recording: checked when they come, one text a language.

use diesel::prelude::*;
use serde_json::json;

use super::Recording;
use super::rules::captions::Captions;
use crate::agenda::Session;
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::captions;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::RecordingId;

/// The languages that are offered, with their own names; the first is chosen unless told.
pub const LANGUAGES: &[(&str, &str)] =
    &[("en", "English"), ("es", "Español"), ("fr", "Français"), ("de", "Deutsch"), ("pt", "Português"), ("zh", "中文"), ("ar", "العربية")];

/// Captions as they are stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = captions, check_for_backend(crate::db::Either), primary_key(recording_id, language))]
pub struct Track {
    pub recording_id: RecordingId,
    pub language: String,
    pub body: String,
    pub cues: i32,
    pub changed_at: Instant,
}

/// A language's own name.
pub fn language_words(language: &str) -> &str {
    LANGUAGES.iter().find(|(code, _)| *code == language).map_or(language, |(_, name)| name)
}

/// The languages of a recording, each with the number of its captions.
pub fn list(db: &mut Db, recording: &RecordingId) -> Result<Vec<(String, i32)>> {
    let of_recording = captions::table.filter(captions::recording_id.eq(recording)).order(captions::language.asc());
    Ok(of_recording.select((captions::language, captions::cues)).load(db)?)
}

/// The text in a language, or not found.
pub fn text(db: &mut Db, recording: &RecordingId, language: &str) -> Result<String> {
    Ok(captions::table.find((recording, language)).select(captions::body).first(db)?)
}

/// Keeps captions in a language, instead of those that were there.
pub fn save(tx: &mut Tx<'_>, event: &Event, session: &Session, language: &str, read: Captions) -> Result<()> {
    let Recording { id, .. } = super::held(tx, session)?;
    if !LANGUAGES.iter().any(|(code, _)| *code == language) {
        return Err(Error::invalid("language", "unknown", "Choose the language of the captions."));
    }
    let cues = i32::try_from(read.cues).map_err(Error::internal)?;
    let track = Track { recording_id: id.clone(), language: language.to_owned(), body: read.text, cues, changed_at: tx.now };
    diesel::delete(captions::table.find((&id, language))).execute(tx.db)?;
    diesel::insert_into(captions::table).values(&track).execute(tx.db)?;
    let facts = json!({ "session": session.code, "language": language, "captions": cues });
    Entry::of("captions.saved", "recording", &id).event(&event.id).after(facts).record(tx)
}

/// Removes the captions in a language.
pub fn remove(tx: &mut Tx<'_>, event: &Event, session: &Session, language: &str) -> Result<()> {
    let Recording { id, .. } = super::held(tx, session)?;
    if diesel::delete(captions::table.find((&id, language))).execute(tx.db)? == 0 {
        return Err(Error::NotFound);
    }
    let facts = json!({ "session": session.code, "language": language });
    Entry::of("captions.removed", "recording", &id).event(&event.id).before(facts).record(tx)
}
