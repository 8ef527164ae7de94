//! Uploads: files of people on their way into the storage, in parts that can be resumed, and what is known of them there.

pub mod admin;
pub mod cleaning;
pub mod rules;
pub mod taking;

use diesel::prelude::*;
use serde_json::json;

use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{object_removals, upload_parts, uploads};
use crate::error::{Error, Result};
use crate::events;
use crate::ids::{EventId, UploadId};
use crate::storage::Key;
use rules::{MediaType, Purpose, size_words};

/// So many uploads of an event may be unfinished, or finished and shown by nothing, at once.
const UNUSED_AT_ONCE: i64 = 50;

/// A file as it is stored, or as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = uploads, check_for_backend(crate::db::Either), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Upload {
    pub id: UploadId,
    pub event_id: EventId,
    pub purpose: Purpose,
    pub object_key: String,
    /// Its own name: text to be read, never a place.
    pub original_name: String,
    /// What its bytes say it is; none before the first of them came.
    pub media_type: Option<MediaType>,
    /// How many bytes it has, or will have.
    pub size_bytes: i64,
    pub received_bytes: i64,
    /// How many parts were stored.
    pub parts: i32,
    /// Where the SHA-256 of what came stands, in hex.
    pub sum_state: String,
    /// In hex; none before it is finished, and of objects that were there already.
    pub sha256: Option<String>,
    /// The store's own name of an upload in parts.
    pub begun: Option<String>,
    /// False for an object that was there already: it is never removed.
    pub is_ours: bool,
    /// Who sent it.
    pub actor: String,
    pub created_at: Instant,
    pub touched_at: Instant,
    pub finished_at: Option<Instant>,
    /// Something shows it; until then it is thrown away after a day.
    pub kept_at: Option<Instant>,
}

impl Upload {
    /// The object's name in the storage.
    pub fn key(&self) -> Result<Key> {
        Key::parse(&self.object_key).ok_or_else(|| Error::internal("an upload with an impossible key"))
    }

    pub fn size(&self) -> u64 {
        u64::try_from(self.size_bytes).unwrap_or_default()
    }

    pub fn received(&self) -> u64 {
        u64::try_from(self.received_bytes).unwrap_or_default()
    }

    pub fn is_finished(&self) -> bool {
        self.finished_at.is_some()
    }

    /// What its bytes say it is.
    pub fn kind(&self) -> MediaType {
        self.media_type.unwrap_or(MediaType::Unknown)
    }

    /// The entity tag of its bytes, which never change.
    pub fn tag(&self) -> String {
        format!("\"{}\"", self.sha256.as_deref().map_or(self.id.as_str(), |sum| &sum[..sum.len().min(32)]))
    }
}

/// A file that is announced.
#[derive(Clone, Debug)]
pub struct New {
    pub event: EventId,
    pub purpose: Purpose,
    pub name: String,
    pub size: u64,
}

/// Why a file is not taken.
pub enum Refusal {
    Kind(String),
    /// Where the upload stands instead.
    Moved(u64),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Kind(said) => Self::refused("uploads.not_taken", said),
            Refusal::Moved(at) => Self::refused("uploads.moved", format!("This upload stands at byte {at}. Go on from there.")),
        }
    }
}

/// An upload by id.
pub fn find(db: &mut Db, id: &UploadId) -> Result<Option<Upload>> {
    Ok(uploads::table.find(id).select(Upload::as_select()).first(db).optional()?)
}

/// An upload of an event, or not found.
pub fn get(db: &mut Db, event: &EventId, id: &UploadId) -> Result<Upload> {
    find(db, id)?.filter(|upload| upload.event_id == *event).ok_or(Error::NotFound)
}

/// How many bytes the unfinished uploads of all events have still to come.
fn promised(db: &mut Db) -> Result<u64> {
    let unfinished = uploads::table.filter(uploads::finished_at.is_null());
    let sizes: Vec<(i64, i64)> = unfinished.select((uploads::size_bytes, uploads::received_bytes)).load(db)?;
    Ok(sizes.into_iter().map(|(size, received)| u64::try_from(size - received).unwrap_or_default()).sum())
}

/// Several uploads by their ids.
pub fn list(db: &mut Db, ids: &[UploadId]) -> Result<Vec<Upload>> {
    Ok(uploads::table.filter(uploads::id.eq_any(ids)).select(Upload::as_select()).load(db)?)
}

fn hold(tx: &mut Tx<'_>, id: &UploadId) -> Result<Upload> {
    diesel::update(uploads::table.find(id)).set(uploads::object_key.eq(uploads::object_key)).execute(tx.db)?;
    find(tx.db, id)?.ok_or(Error::NotFound)
}

/// Announces a file: its size is checked, and a name in the storage is made.
pub fn begin(tx: &mut Tx<'_>, new: &New) -> Result<Upload> {
    if new.size == 0 {
        return Err(Error::invalid("file", "empty", "This file is empty. Choose another."));
    }
    if new.size > new.purpose.largest() {
        let said = format!("This file has {}. The most is {}.", size_words(new.size), size_words(new.purpose.largest()));
        return Err(Error::invalid("file", "too_large", said));
    }
    events::hold(tx, &new.event)?;
    let unused = uploads::table.filter(uploads::event_id.eq(&new.event)).filter(uploads::kept_at.is_null());
    if unused.count().get_result::<i64>(tx.db)? >= UNUSED_AT_ONCE {
        return Err(Error::refused(
            "uploads.too_many",
            "Too many uploads of this event are unfinished or used by nothing. Finish them, or wait a day.",
        ));
    }
    let upload = Upload {
        id: UploadId::new(),
        event_id: new.event.clone(),
        purpose: new.purpose,
        object_key: Key::random().as_str().to_owned(),
        original_name: rules::tidy_name(&new.name),
        media_type: None,
        size_bytes: i64::try_from(new.size).map_err(Error::internal)?,
        received_bytes: 0,
        parts: 0,
        sum_state: String::new(),
        sha256: None,
        begun: None,
        is_ours: true,
        actor: tx.actor.label(),
        created_at: tx.now,
        touched_at: tx.now,
        finished_at: None,
        kept_at: None,
    };
    diesel::insert_into(uploads::table).values(&upload).execute(tx.db)?;
    recorded(tx, "upload.begun", &upload)?;
    Ok(upload)
}

fn recorded(tx: &mut Tx<'_>, action: &str, upload: &Upload) -> Result<()> {
    let facts = json!({
        "file": upload.original_name, "bytes": upload.size_bytes, "purpose": upload.purpose,
        "media_type": upload.media_type, "sha256": upload.sha256,
    });
    Entry::of(action, "upload", &upload.id).event(&upload.event_id).after(facts).record(tx)
}

/// The first bytes came: what the file is, and under which name of its own the store takes its parts.
fn open(tx: &mut Tx<'_>, id: &UploadId, kind: MediaType, begun: String) -> Result<Upload> {
    let upload = hold(tx, id)?;
    if upload.media_type.is_some() {
        return Err(Refusal::Moved(upload.received()).into());
    }
    let opened = Upload { media_type: Some(kind), begun: Some(begun), touched_at: tx.now, ..upload };
    diesel::update(uploads::table.find(id)).set(&opened).execute(tx.db)?;
    Ok(opened)
}

/// A part that lies in the storage counts from now on, unless another did meanwhile.
fn keep_part(tx: &mut Tx<'_>, before: &Upload, length: usize, content_id: &str, sum_state: String) -> Result<Upload> {
    let upload = hold(tx, &before.id)?;
    if upload.received_bytes != before.received_bytes || upload.is_finished() {
        return Err(Refusal::Moved(upload.received()).into());
    }
    let part = (
        upload_parts::upload_id.eq(&upload.id),
        upload_parts::number.eq(upload.parts),
        upload_parts::content_id.eq(content_id),
        upload_parts::bytes.eq(i64::try_from(length).map_err(Error::internal)?),
    );
    diesel::insert_into(upload_parts::table).values(part).execute(tx.db)?;
    let received_bytes = upload.received_bytes + i64::try_from(length).map_err(Error::internal)?;
    let grown = Upload { received_bytes, parts: upload.parts + 1, sum_state, touched_at: tx.now, ..upload };
    diesel::update(uploads::table.find(&grown.id)).set(&grown).execute(tx.db)?;
    Ok(grown)
}

/// What the store said of the parts, in their order.
fn parts(db: &mut Db, id: &UploadId) -> Result<Vec<String>> {
    let of_upload = upload_parts::table.filter(upload_parts::upload_id.eq(id)).order(upload_parts::number.asc());
    Ok(of_upload.select(upload_parts::content_id).load(db)?)
}

/// The object is whole in the storage. Said twice it stays as it was.
fn finish(tx: &mut Tx<'_>, id: &UploadId, sha256: &str) -> Result<Upload> {
    let upload = hold(tx, id)?;
    if upload.is_finished() {
        return Ok(upload);
    }
    let whole = Upload {
        size_bytes: upload.received_bytes,
        sha256: Some(sha256.to_owned()),
        sum_state: String::new(),
        begun: None,
        touched_at: tx.now,
        finished_at: Some(tx.now),
        ..upload
    };
    diesel::update(uploads::table.find(id)).set(&whole).execute(tx.db)?;
    diesel::delete(upload_parts::table.filter(upload_parts::upload_id.eq(id))).execute(tx.db)?;
    recorded(tx, "upload.finished", &whole)?;
    Ok(whole)
}

/// Enters an object that staff put into the storage by other ways.
fn enter(tx: &mut Tx<'_>, new: &New, key: &Key, kind: MediaType) -> Result<Upload> {
    events::hold(tx, &new.event)?;
    let known = uploads::table.filter(uploads::object_key.eq(key.as_str())).count().get_result::<i64>(tx.db)?;
    if known > 0 {
        return Err(Error::refused("uploads.registered", "This object is registered already."));
    }
    let size_bytes = i64::try_from(new.size).map_err(Error::internal)?;
    let upload = Upload {
        id: UploadId::new(),
        event_id: new.event.clone(),
        purpose: new.purpose,
        object_key: key.as_str().to_owned(),
        original_name: rules::tidy_name(&new.name),
        media_type: Some(kind),
        size_bytes,
        received_bytes: size_bytes,
        parts: 0,
        sum_state: String::new(),
        sha256: None,
        begun: None,
        is_ours: false,
        actor: tx.actor.label(),
        created_at: tx.now,
        touched_at: tx.now,
        finished_at: Some(tx.now),
        kept_at: None,
    };
    diesel::insert_into(uploads::table).values(&upload).execute(tx.db)?;
    recorded(tx, "upload.registered", &upload)?;
    Ok(upload)
}

/// Something shows this file from now on (a recording, a material), so that it stays. It must be whole, of this event,
/// for this purpose, and shown by nothing else.
pub fn keep(tx: &mut Tx<'_>, event: &EventId, id: &UploadId, purpose: Purpose) -> Result<Upload> {
    let upload = hold(tx, id)?;
    if upload.event_id != *event || upload.purpose != purpose {
        return Err(Error::NotFound);
    }
    if !upload.is_finished() {
        return Err(Error::refused("uploads.unfinished", "This upload is not finished yet."));
    }
    if upload.kept_at.is_some() {
        return Err(Error::refused("uploads.in_use", "This upload is in use already. Upload the file again."));
    }
    let kept = Upload { kept_at: Some(tx.now), ..upload };
    diesel::update(uploads::table.find(id)).set(&kept).execute(tx.db)?;
    recorded(tx, "upload.kept", &kept)?;
    Ok(kept)
}

/// Gives up an upload that nothing shows.
pub fn give_up(tx: &mut Tx<'_>, id: &UploadId) -> Result<()> {
    if hold(tx, id)?.kept_at.is_some() {
        return Err(Error::refused("uploads.in_use", "This upload is in use. Remove what shows it first."));
    }
    remove(tx, id, "given up")
}

/// Forgets a file; its object is thrown away after the commit, unless it was there before us. Nothing may point at it.
pub fn remove(tx: &mut Tx<'_>, id: &UploadId, reason: &str) -> Result<()> {
    let upload = hold(tx, id)?;
    if upload.is_ours {
        let removal = (
            object_removals::object_key.eq(&upload.object_key),
            object_removals::begun.eq(&upload.begun),
            object_removals::wanted_at.eq(tx.now),
        );
        diesel::insert_into(object_removals::table).values(removal).execute(tx.db)?;
    }
    diesel::delete(upload_parts::table.filter(upload_parts::upload_id.eq(id))).execute(tx.db)?;
    diesel::delete(uploads::table.find(id)).execute(tx.db)?;
    let facts = json!({ "file": upload.original_name, "bytes": upload.size_bytes, "received": upload.received_bytes });
    Entry::of("upload.removed", "upload", id).event(&upload.event_id).before(facts).reason(reason).record(tx)
}
