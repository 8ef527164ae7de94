//! What pages show of materials: an attendee's list by day, a version with its file, and the list of staff.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::access::Access;
use super::rules::{NOT_LISTED, Refusal};
use super::{Version, Whole, files_of, of_event};
use crate::agenda::rules::speaker_names;
use crate::agenda::{self, Kind};
use crate::clock::Instant;
use crate::db::Db;
use crate::error::Result;
use crate::events::{Event, rules as days};
use crate::ids::{PersonId, UploadId};
use crate::recordings::views::deadline;
use crate::uploads::Upload;
use crate::uploads::rules::size_words;

/// What a version is, in words: `PDF, 1.2 MB`, or the host of a link.
pub fn content_words(version: &Version, files: &HashMap<UploadId, Upload>) -> String {
    match (&version.link, version.upload_id.as_ref().and_then(|id| files.get(id))) {
        (Some(link), _) => {
            url::Url::parse(link).ok().and_then(|url| url.host_str().map(|host| format!("a page of {host}"))).unwrap_or_default()
        }
        (None, Some(file)) => format!("{}, {}", file.kind().words(), size_words(file.size())),
        (None, None) => String::new(),
    }
}

/// An attendee's list of an event's materials.
#[derive(Debug, Serialize)]
pub struct ListView {
    slug: String,
    days: Vec<Day>,
    not_listed: &'static str,
    /// Why nothing can be had at all.
    refused: Option<String>,
    /// For the part of deadlines.
    until: Value,
    is_empty: bool,
}

#[derive(Debug, Serialize)]
struct Day {
    name: String,
    sessions: Vec<Sitting>,
}

/// A session with what is handed out.
#[derive(Debug, Serialize)]
struct Sitting {
    code: String,
    title: String,
    href: String,
    when: String,
    speakers: String,
    items: Vec<Item>,
    /// Their registration does not include it.
    refused: Option<String>,
}

#[derive(Debug, Serialize)]
struct Item {
    href: String,
    title: String,
    what: String,
    changed: String,
    is_link: bool,
}

/// Whether a session is one that somebody hands something out at.
fn has_speech(kind: Kind) -> bool {
    !matches!(kind, Kind::Meal | Kind::Networking)
}

impl ListView {
    pub fn build(db: &mut Db, event: &Event, person: &PersonId, now: Instant) -> Result<Self> {
        let access = Access::of_person(db, event, person, now)?;
        let all = of_event(db, &event.id)?;
        let shown = all.values().flatten().filter_map(Whole::shown);
        let files = files_of(db, shown)?;
        let (mut days_of, mut refused): (Vec<Day>, Option<String>) = (Vec::new(), None);
        let sessions = agenda::list(db, &event.id)?;
        for session in sessions.iter().filter(|session| session.canceled_at.is_none() && has_speech(session.kind)) {
            let why = match access.verdict(session) {
                Ok(()) => None,
                Err(Refusal::NotCovered) => Some(Refusal::NotCovered.message()),
                Err(other) => {
                    refused = Some(other.message());
                    continue;
                }
            };
            let whole = all.get(&session.id).map(Vec::as_slice).unwrap_or_default();
            let item = |one: &Whole| one.shown().map(|version| item(event, one, version, &files));
            let items: Vec<Item> = whole.iter().filter_map(item).collect();
            if why.is_some() && items.is_empty() {
                continue;
            }
            let name = days::day_words(session.starts_at.date_in(event.zone()));
            if days_of.last().is_none_or(|day| day.name != name) {
                days_of.push(Day { name, sessions: Vec::new() });
            }
            let sitting = Sitting {
                code: session.code.clone(),
                title: session.title.clone(),
                href: format!("/events/{}/sessions/{}", event.slug, session.code),
                when: days::hours_words(session.starts_at, session.ends_at, event.zone()),
                speakers: speaker_names(&session.speakers),
                items: if why.is_some() { Vec::new() } else { items },
                refused: why,
            };
            if let Some(day) = days_of.last_mut() {
                day.sessions.push(sitting);
            }
        }
        Ok(Self {
            slug: event.slug.clone(),
            is_empty: days_of.is_empty(),
            days: days_of,
            not_listed: NOT_LISTED,
            refused,
            until: deadline(event, access.closes_on, now),
        })
    }

    /// How many things this person may have.
    pub fn count(&self) -> usize {
        self.days.iter().flat_map(|day| &day.sessions).map(|sitting| sitting.items.len()).sum()
    }
}

fn item(event: &Event, one: &Whole, version: &Version, files: &HashMap<UploadId, Upload>) -> Item {
    Item {
        href: format!("/events/{}/materials/{}", event.slug, one.material.id),
        title: one.material.title.clone(),
        what: content_words(version, files),
        changed: days::instant_words(version.shown_at.unwrap_or(version.added_at), event.zone()),
        is_link: version.link.is_some(),
    }
}

/// The materials of a session for staff or its speaker: each with its versions.
pub fn session_view(
    event: &Event,
    all: &[Whole],
    files: &HashMap<UploadId, Upload>,
    base: &str,
    names: impl Fn(&Version) -> String,
) -> Value {
    let version = |one: &Whole, version: &Version| {
        let is_shown = one.shown().is_some_and(|shown| shown.id == version.id);
        let file = version.upload_id.as_ref().and_then(|id| files.get(id));
        json!({
            "number": version.number, "what": content_words(version, files), "name": file.map(|file| file.original_name.clone()),
            "link": version.link, "who": names(version), "when": days::instant_words(version.added_at, event.zone()), "is_shown": is_shown,
            "is_waiting": version.shown_at.is_none(), "file": format!("{base}/versions/{}/file", version.id),
            "show": format!("{base}/versions/{}/showing", version.id),
        })
    };
    let material = |one: &Whole| {
        json!({
            "id": one.material.id, "title": one.material.title, "is_down": one.material.taken_down_at.is_some(), "waiting": one.waiting(),
            "removal": format!("{base}/items/{}/removal", one.material.id),
            "versions": one.versions.iter().map(|own| version(one, own)).collect::<Vec<_>>(),
        })
    };
    json!(all.iter().map(material).collect::<Vec<_>>())
}
