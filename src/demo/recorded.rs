//! The demo's recording: after the congress the keynote has one. Nobody spoke, so it is a tone that is made here, and its
//! captions say so.

use bytes::Bytes;
use futures_util::stream;

use super::ACTOR;
use super::people::congress;
use super::seed::parse;
use crate::agenda;
use crate::app::App;
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::recordings::{self, captions, rules};
use crate::uploads::rules::Purpose;
use crate::uploads::{New, Upload, taking};

const SESSION: &str = "K1";
const FROM: &str = "2026-03-11T10:00:00-07:00";
const CAPTIONS: &str = "WEBVTT\n\n00:00.000 --> 00:04.000\nThis demo has no film of a real keynote.\n\n00:04.000 --> 00:08.000\n\
    What you hear is a tone that the demo makes.\n\n00:08.000 --> 00:12.000\nPlay, jump, leave, and come back: your place is kept.\n";

/// So many seconds it lasts, with so many samples each.
const SECONDS: u32 = 12;
const RATE: u32 = 8000;

/// Publishes the keynote's recording where the clock stands after the congress. The clock of `app` is set by hand.
pub fn publish(app: &App, now: Instant) -> Result<()> {
    let from = parse(FROM)?;
    if now < from {
        return Ok(());
    }
    app.clock.set(from);
    let sent = std::thread::scope(|threads| threads.spawn(|| send(app)).join()).map_err(|_| Error::internal("sending panicked"))?;
    app.clock.set(now);
    let upload = match sent {
        // A disk that is nearly full is no reason to have no demo.
        Err(Error::Refused { .. }) => return Ok(()),
        sent => sent?,
    };
    app.clock.set(from);
    app.write_here(ACTOR, move |tx| {
        let event = congress(tx)?;
        let session = agenda::get(tx.db, &event.id, SESSION)?;
        recordings::attach(tx, &event, &session, &upload.id)?;
        let read = rules::captions::read(CAPTIONS.as_bytes()).map_err(Error::internal)?;
        captions::save(tx, &event, &session, "en", read)?;
        recordings::publish(tx, &event, &session)
    })?;
    app.clock.set(now);
    Ok(())
}

/// Sends the file as staff do. On a thread of its own, since whoever makes a demo may be inside a runtime already.
fn send(app: &App) -> Result<Upload> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::internal)?;
    let event = app.write_here(ACTOR, |tx| Ok(congress(tx)?.id))?;
    let file = tone();
    let new = New { event, purpose: Purpose::Recording, name: "a tone instead of a keynote.wav".to_owned(), size: file.len() as u64 };
    let pieces = stream::iter([Ok::<_, Error>(Bytes::from(file))]);
    runtime.block_on(taking::take_whole(app, ACTOR, new, pieces))
}

/// A quiet tone that rises in four steps, as WAV of one byte a sample.
fn tone() -> Vec<u8> {
    let length = SECONDS * RATE;
    let mut file = Vec::with_capacity(44 + length as usize);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + length).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend_from_slice(&RATE.to_le_bytes());
    file.extend_from_slice(&RATE.to_le_bytes());
    file.extend_from_slice(b"\x01\0\x08\0data");
    file.extend_from_slice(&length.to_le_bytes());
    for at in 0..length {
        let step = at * 4 / length;
        let turns = f64::from(at) / f64::from(RATE) * f64::from(220 + 55 * step);
        let swing = (turns * std::f64::consts::TAU).sin() * 24.0;
        file.push((128.0 + swing).round() as u8);
    }
    file
}
