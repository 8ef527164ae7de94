//! The lobby's part about recordings.

use serde::Serialize;

use crate::clock::Instant;
use crate::db::Db;
use crate::error::Result;
use crate::events::Event;
use crate::ids::PersonId;
use crate::recordings::queries::{Access, listed};
use crate::recordings::views::Progress;
use crate::recordings::watching;

/// So many recordings stand in the lobby; the rest is on their own page.
const MOST: usize = 4;

/// What the lobby tells of recordings.
#[derive(Debug, Serialize)]
pub struct Part {
    /// Where they are.
    href: String,
    /// `9 recordings`.
    text: String,
    /// The newest, each with how far it was watched.
    newest: Vec<Item>,
}

#[derive(Debug, Serialize)]
struct Item {
    href: String,
    title: String,
    progress: Option<Progress>,
}

/// The recordings that somebody may watch, with how far they have watched; none where there are none for them.
pub fn recordings_with_progress(db: &mut Db, event: &Event, person: &PersonId, now: Instant) -> Result<Option<Part>> {
    let access = Access::of_person(db, event, person, now)?;
    let views = watching::of_person(db, person)?;
    let mut ready = Vec::new();
    for one in listed(db, &event.id)? {
        let Some((recording, at)) = one.recording.zip(one.published_at) else { continue };
        if access.verdict(&one.session).is_ok() {
            let progress = views.iter().find(|view| view.recording_id == recording.id).and_then(Progress::of);
            let href = format!("/events/{}/recordings/{}", event.slug, one.session.code);
            ready.push((at, Item { href, title: one.session.title, progress }));
        }
    }
    if ready.is_empty() {
        return Ok(None);
    }
    let count = ready.len();
    ready.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(Some(Part {
        href: format!("/events/{}/recordings", event.slug),
        text: format!("{count} recording{}", if count == 1 { "" } else { "s" }),
        newest: ready.into_iter().take(MOST).map(|(_, item)| item).collect(),
    }))
}
