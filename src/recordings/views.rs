//! What pages show of recordings: an attendee's list and player, and the list of what is due.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::captions::{self, language_words};
use super::queries::{self, Access, Listed};
use super::rules::links::{self, Bound};
use super::rules::{self, Due, NO_CREDIT, watched};
use super::watching::{self, View};
use super::{Recording, settings};
use crate::agenda::rules::speaker_names;
use crate::agenda::{self, Session};
use crate::app::Site;
use crate::clock::Instant;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::events::{Event, rules as days};
use crate::ids::{PersonId, RecordingId};
use crate::uploads::Upload;

/// The key of the links to recordings.
pub fn key_of(site: &Site) -> [u8; 32] {
    site.config.key_for("recording links")
}

/// Where a person's link to a recording leads.
pub fn media_href(key: &[u8], event: &Event, session: &Session, found: (&Recording, &Upload), person: &PersonId, now: Instant) -> String {
    format!("/events/{}/recordings/{}/media/{}", event.slug, session.code, links::token(key, bound(found.0, found.1, person), now))
}

/// How much somebody watched, for a bar and its words.
#[derive(Clone, Debug, Serialize)]
pub struct Progress {
    pub percent: i64,
    pub words: String,
}

impl Progress {
    pub fn of(view: &View) -> Option<Self> {
        (view.duration_ms > 0 || view.watched_ms > 0).then(|| Self {
            percent: watched::percent(view.watched_ms, view.duration_ms),
            words: watched::words(view.watched_ms, view.duration_ms),
        })
    }
}

/// An attendee's list of an event's recordings: what can be watched, what is still to come, and what is not theirs.
#[derive(Serialize)]
pub struct ListView {
    event_href: String,
    ready: Vec<Ready>,
    coming: Vec<Coming>,
    others: Vec<Other>,
    /// Why nothing can be watched at all.
    refused: Option<String>,
    is_registered: bool,
    until: Value,
    no_credit: &'static str,
}

#[derive(Serialize)]
struct Ready {
    href: String,
    title: String,
    when: String,
    speakers: String,
    progress: Option<Progress>,
}

#[derive(Serialize)]
struct Coming {
    title: String,
    when: String,
    due: String,
}

#[derive(Serialize)]
struct Other {
    title: String,
    when: String,
    why: String,
}

/// A deadline for the part of that name.
pub fn deadline(event: &Event, day: chrono::NaiveDate, now: Instant) -> Value {
    let until = days::end_of_day(day, event.zone());
    let left = until.since(now);
    json!({
        "at": until.rfc3339_in(event.zone()), "text": days::deadline_words(day, event.zone()), "left": days::left_words(until, now),
        "soon": left < chrono::Duration::days(7), "over": now >= until,
    })
}

fn when(event: &Event, session: &Session) -> String {
    days::span_words(session.starts_at, session.ends_at, event.zone())
}

impl ListView {
    pub fn build(db: &mut Db, event: &Event, person: &PersonId, now: Instant) -> Result<Self> {
        let access = Access::of_person(db, event, person, now)?;
        let views: HashMap<RecordingId, View> =
            watching::of_person(db, person)?.into_iter().map(|view| (view.recording_id.clone(), view)).collect();
        let (mut ready, mut coming, mut others, mut refused) = (Vec::new(), Vec::new(), Vec::new(), None);
        for Listed { session, recording, published_at } in queries::listed(db, &event.id)? {
            let (title, when) = (session.title.clone(), when(event, &session));
            match (access.verdict(&session), recording.filter(|_| published_at.is_some())) {
                (Ok(()), Some(recording)) => ready.push(Ready {
                    href: format!("/events/{}/recordings/{}", event.slug, session.code),
                    title,
                    when,
                    speakers: speaker_names(&session.speakers),
                    progress: views.get(&recording.id).and_then(Progress::of),
                }),
                (Ok(()), None) if session.canceled_at.is_none() => {
                    let on =
                        rules::due_on(event.is_congress(), event.ends_on, session.ends_at.date_in(event.zone()), access.settings.due_days);
                    let due =
                        if days::has_ended(on, event.zone(), now) { "soon".to_owned() } else { format!("by {}", days::day_words(on)) };
                    coming.push(Coming { title, when, due });
                }
                (Err(refusal @ rules::Refusal::NotCovered), Some(_)) => others.push(Other { title, when, why: refusal.message() }),
                (Err(rules::Refusal::NotCovered), None) | (Ok(()), None) => {}
                (Err(refusal), _) => refused = Some(refusal.message()),
            }
        }
        Ok(Self {
            event_href: format!("/events/{}", event.slug),
            ready,
            coming,
            others,
            refused,
            is_registered: access.is_registered(),
            until: deadline(event, access.settings.closes_on, now),
            no_credit: NO_CREDIT,
        })
    }
}

/// The page that plays a recording.
#[derive(Serialize)]
pub struct PlayerView {
    base: String,
    session_href: String,
    title: String,
    when: String,
    speakers: String,
    /// Where the bytes are, for this person and a few minutes.
    src: String,
    is_sound: bool,
    tracks: Vec<Track>,
    /// Seconds from the beginning, to go on from; 0 where there is nothing to go on with.
    position: f64,
    progress: Progress,
    until: Value,
    lasts_minutes: i64,
    no_credit: &'static str,
}

#[derive(Serialize)]
struct Track {
    src: String,
    language: String,
    name: String,
    chosen: bool,
}

/// Who asks to play what.
pub struct Player<'a> {
    pub event: &'a Event,
    pub code: &'a str,
    pub person: &'a PersonId,
    pub key: &'a [u8],
    pub now: Instant,
}

impl PlayerView {
    /// Refused where the person may not watch; not found while nothing is published and nothing is to come.
    pub fn build(db: &mut Db, asked: &Player<'_>) -> Result<Self> {
        let Player { event, code, person, key, now } = asked;
        let session = agenda::get(db, &event.id, code)?;
        let access = Access::of_person(db, event, person, *now)?;
        let (recording, upload) = super::get_published(db, &session.id)?;
        access.verdict(&session)?;
        let view = watching::find(db, &recording.id, person)?;
        let base = format!("/events/{}/recordings", event.slug);
        let track = |(index, (language, _)): (usize, (String, i32))| Track {
            src: format!("{base}/{}/captions/{language}", session.code),
            name: language_words(&language).to_owned(),
            language,
            chosen: index == 0,
        };
        Ok(Self {
            tracks: captions::list(db, &recording.id)?.into_iter().enumerate().map(track).collect(),
            session_href: format!("/events/{}/sessions/{}", event.slug, session.code),
            when: when(event, &session),
            speakers: speaker_names(&session.speakers),
            src: media_href(key, event, &session, (&recording, &upload), person, *now),
            is_sound: upload.kind().is_sound(),
            position: view.as_ref().map_or(0.0, |view| resume_at(view.position_ms, view.duration_ms)),
            progress: view.as_ref().and_then(Progress::of).unwrap_or_else(|| Progress { percent: 0, words: "Not watched yet".to_owned() }),
            until: deadline(event, access.settings.closes_on, *now),
            lasts_minutes: links::LASTS.num_minutes(),
            no_credit: NO_CREDIT,
            title: session.title,
            base,
        })
    }
}

/// Seconds to go on from: not the first moments, and from the start again where the end was reached.
fn resume_at(position: i64, duration: i64) -> f64 {
    let is_at_end = duration > 0 && position > duration - 3_000.min(duration / 10);
    let is_at_start = position < 5_000 && (duration == 0 || position < duration / 4);
    if is_at_start || is_at_end { 0.0 } else { position as f64 / 1000.0 }
}

/// The staff's list of what is due (REC-1).
#[derive(Serialize)]
pub struct DueView {
    base: String,
    tiles: Vec<Value>,
    rows: Vec<Value>,
    due: Value,
    is_congress: bool,
    due_days: i32,
    watched_until: String,
}

impl DueView {
    pub fn build(db: &mut Db, event: &Event, now: Instant) -> Result<Self> {
        let settings = settings::of_event(db, event)?;
        let zone = event.zone();
        let base = format!("/staff/events/{}/recordings", event.slug);
        let (mut rows, mut published, mut overdue) = (Vec::new(), 0, 0);
        for one in queries::listed(db, &event.id)? {
            let session = &one.session;
            let on = rules::due_on(event.is_congress(), event.ends_on, session.ends_at.date_in(zone), settings.due_days);
            let due = Due::of(session.ends_at, one.published_at.is_some(), on, zone, now);
            published += usize::from(due == Due::Published);
            overdue += usize::from(matches!(due, Due::Overdue(_)));
            let (kind, text) = due.chip();
            let stands = match (&one.recording, one.published_at) {
                (None, _) => "No file yet".to_owned(),
                (Some(_), None) => "Uploaded, not published".to_owned(),
                (Some(_), Some(at)) => format!("Since {}", days::instant_words(at, zone)),
            };
            rows.push(json!({
                "href": format!("{base}/{}", session.code), "code": session.code, "title": session.title, "kind": session.kind.words(),
                "when": when(event, session), "due": days::day_words(on), "stands": stands, "chip": { "kind": kind, "text": text },
            }));
        }
        let tiles = [("Published", published), ("Not published", rows.len() - published), ("Overdue", overdue)];
        let last = rules::due_on(event.is_congress(), event.ends_on, event.ends_on, settings.due_days);
        Ok(Self {
            tiles: tiles.iter().map(|(name, count)| json!({ "name": name, "count": count })).collect(),
            rows,
            due: deadline(event, last, now),
            is_congress: event.is_congress(),
            due_days: settings.due_days,
            watched_until: days::deadline_words(settings.closes_on, zone),
            base,
        })
    }
}

/// The person's bound link, for who checks one.
pub fn bound<'a>(recording: &'a Recording, upload: &'a Upload, person: &'a PersonId) -> Bound<'a> {
    Bound { recording: recording.id.as_str(), upload: upload.id.as_str(), person: person.as_str() }
}

/// What a token that is not followed is answered with: to others than its person it was never there.
pub fn refused_link(refusal: links::Refusal) -> Error {
    match refusal {
        links::Refusal::Foreign => Error::NotFound,
        links::Refusal::Over => Error::refused("recordings.link_over", "This link is over. Open the recording's page again for a new one."),
    }
}
