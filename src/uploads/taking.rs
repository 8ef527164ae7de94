//! Taking a file's bytes as they come: part by part into the storage, never more than one part in memory.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::rules::{MediaType, Purpose, TELLING, sniff};
use super::{New, Refusal, Upload};
use crate::app::{Actor, App, Tx};
use crate::error::{Error, Result};
use crate::ids::{EventId, UploadId, hex};
use crate::storage::{INCOMING, Key, PART};

/// A sender that is silent for so long is gone; what came in whole parts stays.
const SILENT: Duration = Duration::from_secs(60);

/// So much of the disk stays free for everything else.
const RESERVE: u64 = 1024 * 1024 * 1024;

/// Announces a file that will come in parts, where there is room for it.
pub async fn begin(app: &App, actor: Actor, new: New) -> Result<Upload> {
    let promised = app.read(super::promised).await?;
    check_room(app, new.size.saturating_add(promised))?;
    app.write(actor, move |tx| super::begin(tx, &new)).await
}

/// Refused when the disk would be full. It is asked again at each part: others fill the disk too.
fn check_room(app: &App, coming: u64) -> Result<()> {
    let Some(free) = app.storage.free_bytes()? else { return Ok(()) };
    if free >= coming.saturating_add(RESERVE) {
        return Ok(());
    }
    Err(Error::refused("uploads.disk_full", "There is no room for this file on the server's disk. Tell whoever runs it."))
}

/// Throws away a file that came whole and that nothing took; the answer's own reason is what is told.
pub async fn unwanted<T>(app: &App, actor: Actor, id: UploadId, done: Result<T>) -> Result<T> {
    if done.is_err()
        && let Err(cause) = app.write(actor, move |tx| super::give_up(tx, &id)).await
    {
        tracing::warn!(?cause, "a file that nothing took stays for a day");
    }
    done
}

/// Takes bytes of an upload from this offset on, as far as they come; the answer tells how far that was. A sender that
/// is cut off goes on later.
pub async fn take<E>(
    app: &App,
    actor: Actor,
    upload: Upload,
    at: u64,
    body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<Upload> {
    if at != upload.received() {
        return Err(Refusal::Moved(upload.received()).into());
    }
    let mut taker = Taker { app, actor, upload, waiting: Vec::new() };
    let _ = taker.take(body).await?;
    taker.keep_rest().await?;
    taker.finish_when_whole().await
}

/// Takes a whole file whose size nobody announced, at most `new.size` bytes; when it is cut off nothing of it stays.
pub async fn take_whole<E>(app: &App, actor: Actor, new: New, mut body: impl Stream<Item = Result<Bytes, E>> + Unpin) -> Result<Upload> {
    let upload = begin(app, actor.clone(), new).await?;
    let id = upload.id.clone();
    let mut taker = Taker { app, actor: actor.clone(), upload, waiting: Vec::new() };
    let taken = match taker.take(&mut body).await {
        Ok(true) => taker.finish_open_ended().await,
        Ok(false) => Err(Error::invalid("file", "cut_off", "The upload was cut off. Send it again.")),
        Err(cause) => Err(cause),
    };
    if taken.is_err() {
        // What was refused by its kind is gone already.
        let _ = app.write(actor, move |tx| super::remove(tx, &id, "not finished")).await;
        // A browser hears an answer only when it has sent all of its form.
        while let Ok(Some(Ok(_))) = timeout(SILENT, body.next()).await {}
    }
    taken
}

struct Taker<'a> {
    app: &'a App,
    actor: Actor,
    upload: Upload,
    /// Came and is no part yet.
    waiting: Vec<u8>,
}

impl Taker<'_> {
    /// Takes all that comes, in whole parts; true when the sender said the end itself.
    async fn take<E>(&mut self, mut body: impl Stream<Item = Result<Bytes, E>> + Unpin) -> Result<bool> {
        loop {
            let Ok(next) = timeout(SILENT, body.next()).await else { return Ok(false) };
            let bytes = match next {
                None => return Ok(true),
                Some(Err(_)) => return Ok(false),
                Some(Ok(bytes)) => bytes,
            };
            if self.upload.received() + (self.waiting.len() + bytes.len()) as u64 > self.upload.size() {
                return Err(Error::TooLarge);
            }
            self.waiting.extend_from_slice(&bytes);
            while self.waiting.len() >= PART {
                let rest = self.waiting.split_off(PART);
                let part = std::mem::replace(&mut self.waiting, rest);
                self.keep(part).await?;
            }
        }
    }

    fn is_last(&self) -> bool {
        self.upload.received() + self.waiting.len() as u64 == self.upload.size()
    }

    /// Keeps what came after the last whole part, where the store takes it; otherwise it is to come again.
    async fn keep_rest(&mut self) -> Result<()> {
        let least = if self.upload.parts == 0 { self.app.storage.smallest_part().max(TELLING) } else { self.app.storage.smallest_part() };
        if !self.waiting.is_empty() && (self.is_last() || self.waiting.len() >= least) {
            let part = std::mem::take(&mut self.waiting);
            self.keep(part).await?;
        }
        Ok(())
    }

    async fn keep(&mut self, part: Vec<u8>) -> Result<()> {
        check_room(self.app, part.len() as u64)?;
        if self.upload.media_type.is_none() {
            self.open(&part).await?;
        }
        let (key, begun) = (self.upload.key()?, self.upload.begun.clone().unwrap_or_default());
        let (number, length) = (usize::try_from(self.upload.parts).map_err(Error::internal)?, part.len());
        let state = self.upload.sum_state.clone();
        let (part, state) = spawn_blocking(move || added(&state, part)).await.map_err(Error::internal)??;
        let content_id = self.app.storage.put_part(&key, &begun, number, self.upload.received(), part).await?;
        let before = self.upload.clone();
        self.upload = self.app.write(self.actor.clone(), move |tx| super::keep_part(tx, &before, length, &content_id, state)).await?;
        Ok(())
    }

    /// Looks what the file is; one that is not taken is thrown away at once.
    async fn open(&mut self, head: &[u8]) -> Result<()> {
        let kind = sniff(&head[..head.len().min(TELLING)], &self.upload.original_name);
        let id = self.upload.id.clone();
        if let Err(said) = self.upload.purpose.takes(kind) {
            self.app.write(self.actor.clone(), move |tx| super::remove(tx, &id, "not of a kind that is taken")).await?;
            return Err(Refusal::Kind(said).into());
        }
        let begun = self.app.storage.begin(&self.upload.key()?, kind.as_str()).await?;
        self.upload = self.app.write(self.actor.clone(), move |tx| super::open(tx, &id, kind, begun)).await?;
        Ok(())
    }

    async fn finish_when_whole(self) -> Result<Upload> {
        if self.upload.is_finished() || self.upload.received() < self.upload.size() { Ok(self.upload) } else { self.finish().await }
    }

    /// The sender said the end: all that came is the file, however much was allowed.
    async fn finish_open_ended(mut self) -> Result<Upload> {
        if !self.waiting.is_empty() {
            let part = std::mem::take(&mut self.waiting);
            self.keep(part).await?;
        }
        if self.upload.received() == 0 {
            return Err(Error::invalid("file", "required", "Choose a file first."));
        }
        self.finish().await
    }

    async fn finish(self) -> Result<Upload> {
        let id = self.upload.id.clone();
        let parts = self.app.read(move |db| super::parts(db, &id)).await?;
        let begun = self.upload.begun.clone().unwrap_or_default();
        self.app.storage.finish(&self.upload.key()?, &begun, parts, self.upload.received()).await?;
        let sum = hex(&state_of(&self.upload.sum_state)?.finalize());
        let id = self.upload.id.clone();
        self.app.write(self.actor, move |tx| super::finish(tx, &id, &sum)).await
    }
}

/// The sum after these bytes, and the bytes for the storage.
fn added(state: &str, part: Vec<u8>) -> Result<(Bytes, String)> {
    let mut sum = state_of(state)?;
    sum.update(&part);
    Ok((Bytes::from(part), hex(&sum.serialize())))
}

fn state_of(state: &str) -> Result<Sha256> {
    if state.is_empty() {
        return Ok(Sha256::new());
    }
    let digits = |at: usize| state.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    let bytes: Option<Vec<u8>> = (0..state.len() / 2).map(|index| digits(index * 2)).collect();
    let kept = bytes.and_then(|bytes| SerializedState::<Sha256>::try_from(bytes.as_slice()).ok());
    kept.and_then(|kept| Sha256::deserialize(&kept).ok()).ok_or_else(|| Error::internal("the sum of an upload cannot be read"))
}

/// An object that lies in the storage already, as it was looked at.
#[derive(Clone, Debug)]
pub struct Lying {
    new: New,
    key: Key,
    kind: MediaType,
}

impl Lying {
    /// Enters it as an upload; refused where it is one already.
    pub fn enter(&self, tx: &mut Tx<'_>) -> Result<Upload> {
        super::enter(tx, &self.new, &self.key, self.kind)
    }
}

/// Looks at an object that staff put into the storage by other ways, under `incoming/`.
pub async fn look_at(app: &App, event: &EventId, purpose: Purpose, typed: &str) -> Result<Lying> {
    let complain = |code, said: &str| Error::invalid("object_key", code, said);
    let key = Key::parse(typed.trim()).filter(|key| key.as_str().starts_with(INCOMING)).ok_or_else(|| {
        complain(
            "malformed",
            "Give the object's name as it lies in the storage: incoming/, then letters, digits, dots, hyphens and underscores.",
        )
    })?;
    let size = app.storage.size(&key).await?.ok_or_else(|| complain("unknown", "There is no such object in the storage."))?;
    let mut head = Vec::new();
    let mut pieces = app.storage.read(&key, 0..size.min(TELLING as u64)).await?;
    while let Some(piece) = pieces.next().await {
        head.extend_from_slice(&piece?);
    }
    let kind: MediaType = sniff(&head, key.as_str());
    purpose.takes(kind).map_err(|said| complain("not_taken", &said))?;
    let new = New { event: event.clone(), purpose, name: key.as_str().to_owned(), size };
    Ok(Lying { new, key, kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_is_put_aside_and_taken_up_again_is_the_same() {
        let whole: Vec<u8> = (0..1000u32).flat_map(u32::to_be_bytes).collect();
        let mut state = String::new();
        for part in whole.chunks(333) {
            state = added(&state, part.to_vec()).unwrap().1;
        }
        assert_eq!(state_of(&state).unwrap().finalize(), Sha256::digest(&whole));
        assert!(state_of("00").is_err() && state_of("zz").is_err());
    }
}
