//! Recordings: what of a session can be watched afterwards, by whom and until when (REC-1 to REC-3).

pub mod admin;
pub mod captions;
pub mod letters;
pub mod media_admin;
pub mod pages;
pub mod queries;
pub mod rules;
pub mod settings;
pub mod settings_admin;
pub mod views;
pub mod watching;

use diesel::prelude::*;
use serde_json::json;

use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{captions as caption_rows, recording_publications, recording_views, recordings};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::{RecordingId, SessionId, UploadId};
use crate::uploads::rules::Purpose;
use crate::uploads::{self, Upload};

/// A session's recording as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = recordings, check_for_backend(crate::db::Either))]
pub struct Recording {
    pub id: RecordingId,
    pub session_id: SessionId,
    pub upload_id: UploadId,
    pub added_at: Instant,
    pub actor: String,
}

/// Why staff are refused.
enum Refusal {
    ThereAlready,
    Published,
    NoneYet,
    PublishedAlready,
    NotPublished,
    UploadGone,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let (code, said) = match refusal {
            Refusal::ThereAlready => ("recordings.there_already", "This session has a recording. Remove it before you add another."),
            Refusal::Published => ("recordings.published", "This recording is published. Take it back first."),
            Refusal::NoneYet => ("recordings.none_yet", "This session has no recording yet. Upload it first."),
            Refusal::PublishedAlready => ("recordings.published_already", "This recording is published already."),
            Refusal::NotPublished => ("recordings.not_published", "This recording is not published."),
            Refusal::UploadGone => ("recordings.upload_gone", "This upload is gone. Send the file again."),
        };
        Self::refused(code, said)
    }
}

/// A session's recording, published or not.
pub fn find(db: &mut Db, session: &SessionId) -> Result<Option<Recording>> {
    Ok(recordings::table.filter(recordings::session_id.eq(session)).select(Recording::as_select()).first(db).optional()?)
}

/// When a recording was published.
pub fn published_at(db: &mut Db, recording: &RecordingId) -> Result<Option<Instant>> {
    Ok(recording_publications::table.find(recording).select(recording_publications::at).first(db).optional()?)
}

/// A session's recording with its file, once it is published; otherwise it is not found.
pub fn get_published(db: &mut Db, session: &SessionId) -> Result<(Recording, Upload)> {
    let recording = find(db, session)?.ok_or(Error::NotFound)?;
    published_at(db, &recording.id)?.ok_or(Error::NotFound)?;
    let upload = file_of(db, &recording)?;
    Ok((recording, upload))
}

/// The file of a recording.
pub fn file_of(db: &mut Db, recording: &Recording) -> Result<Upload> {
    uploads::find(db, &recording.upload_id)?.ok_or_else(|| Error::internal("a recording without its file"))
}

/// Makes a finished upload the recording of a session.
pub fn attach(tx: &mut Tx<'_>, event: &Event, session: &Session, upload: &UploadId) -> Result<Recording> {
    agenda::hold(tx, &session.id)?;
    if find(tx.db, &session.id)?.is_some() {
        return Err(Refusal::ThereAlready.into());
    }
    let file = match uploads::keep(tx, &event.id, upload, Purpose::Recording) {
        Err(Error::NotFound) => return Err(Refusal::UploadGone.into()),
        kept => kept?,
    };
    let recording = Recording {
        id: RecordingId::new(),
        session_id: session.id.clone(),
        upload_id: upload.clone(),
        added_at: tx.now,
        actor: tx.actor.label(),
    };
    diesel::insert_into(recordings::table).values(&recording).execute(tx.db)?;
    let facts = json!({ "session": session.code, "file": file.original_name, "bytes": file.size_bytes, "media_type": file.media_type });
    Entry::of("recording.added", "recording", &recording.id).event(&event.id).after(facts).record(tx)?;
    Ok(recording)
}

/// Holds a session and gives its recording.
fn held(tx: &mut Tx<'_>, session: &Session) -> Result<Recording> {
    agenda::hold(tx, &session.id)?;
    find(tx.db, &session.id)?.ok_or_else(|| Refusal::NoneYet.into())
}

/// Removes a recording that is not published, with its captions and what people watched of it; its file goes too.
pub fn remove(tx: &mut Tx<'_>, event: &Event, session: &Session, reason: &str) -> Result<()> {
    let recording = held(tx, session)?;
    if published_at(tx.db, &recording.id)?.is_some() {
        return Err(Refusal::Published.into());
    }
    diesel::delete(recording_views::table.filter(recording_views::recording_id.eq(&recording.id))).execute(tx.db)?;
    diesel::delete(caption_rows::table.filter(caption_rows::recording_id.eq(&recording.id))).execute(tx.db)?;
    diesel::delete(recordings::table.find(&recording.id)).execute(tx.db)?;
    uploads::remove(tx, &recording.upload_id, reason)?;
    Entry::of("recording.removed", "recording", &recording.id)
        .event(&event.id)
        .before(json!({ "session": session.code }))
        .reason(reason)
        .record(tx)
}

/// Publishes a recording and tells those who may watch it, each once however often it is published (REC-1).
pub fn publish(tx: &mut Tx<'_>, event: &Event, session: &Session) -> Result<()> {
    let recording = held(tx, session)?;
    if published_at(tx.db, &recording.id)?.is_some() {
        return Err(Refusal::PublishedAlready.into());
    }
    let row = (
        recording_publications::recording_id.eq(&recording.id),
        recording_publications::at.eq(tx.now),
        recording_publications::actor.eq(tx.actor.label()),
    );
    diesel::insert_into(recording_publications::table).values(row).execute(tx.db)?;
    letters::want(tx, event, session)?;
    Entry::of("recording.published", "recording", &recording.id).event(&event.id).after(json!({ "session": session.code })).record(tx)
}

/// Takes a published recording back: from now on nobody watches it.
pub fn unpublish(tx: &mut Tx<'_>, event: &Event, session: &Session) -> Result<()> {
    let recording = held(tx, session)?;
    let gone = diesel::delete(recording_publications::table.find(&recording.id)).execute(tx.db)?;
    if gone == 0 {
        return Err(Refusal::NotPublished.into());
    }
    Entry::of("recording.unpublished", "recording", &recording.id).event(&event.id).before(json!({ "session": session.code })).record(tx)
}
