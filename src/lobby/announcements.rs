//! Announcements: news that staff post in the lobby, change and take down.

use diesel::prelude::*;
use serde_json::json;

use super::audience::{Audience, Audiences};
use crate::app::Tx;
use crate::audit::{self, Entry};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::announcements;
use crate::error::{Checks, Error, Result};
use crate::events::Event;
use crate::ids::{AnnouncementId, EventId, RegistrationTypeId, SessionId};
use crate::incoming::tidy_line;
use crate::typed::tidy_text;

const LONGEST_TITLE: usize = 120;
const LONGEST_BODY: usize = 4000;

/// An announcement, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = announcements, check_for_backend(crate::db::Either), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Announcement {
    pub id: AnnouncementId,
    pub event_id: EventId,
    pub title: String,
    pub body: String,
    pub registration_type_id: Option<RegistrationTypeId>,
    pub session_id: Option<SessionId>,
    pub posted_at: Instant,
    /// When its words were last changed.
    pub changed_at: Option<Instant>,
    pub taken_down_at: Option<Instant>,
    pub actor: String,
}

impl Announcement {
    pub fn audience(&self) -> Audience {
        Audience::of(self.registration_type_id.as_ref(), self.session_id.as_ref())
    }
}

/// What staff type.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Draft {
    pub title: String,
    pub body: String,
    /// `all`, `type:general`, `session:B1`.
    pub audience: String,
}

impl Draft {
    /// A stored announcement as it would be typed.
    pub fn of(stored: &Announcement, audiences: &Audiences) -> Self {
        Self { title: stored.title.clone(), body: stored.body.clone(), audience: audiences.value(&stored.audience()) }
    }

    fn read(&self, audiences: &Audiences) -> Result<(String, String, Audience)> {
        let mut checks = Checks::new();
        let (title, body) = (tidy_line(&self.title), tidy_text(&self.body));
        checks.required("title", &title, "Enter a title.");
        checks.at_most("title", &title, LONGEST_TITLE);
        checks.required("body", &body, "Enter what is new.");
        checks.at_most("body", &body, LONGEST_BODY);
        let audience = audiences.read(&mut checks, "audience", &self.audience);
        checks.finish()?;
        Ok((title, body, audience))
    }
}

/// Posts an announcement; whoever it is for reads it in the lobby from now on.
pub fn post(tx: &mut Tx<'_>, event: &Event, draft: &Draft) -> Result<Announcement> {
    let audiences = Audiences::load(tx.db, &event.id)?;
    let (title, body, audience) = draft.read(&audiences)?;
    let row = Announcement {
        id: AnnouncementId::new(),
        event_id: event.id.clone(),
        title,
        body,
        registration_type_id: audience.registration_type().cloned(),
        session_id: audience.session().cloned(),
        posted_at: tx.now,
        changed_at: None,
        taken_down_at: None,
        actor: tx.actor.label(),
    };
    diesel::insert_into(announcements::table).values(&row).execute(tx.db)?;
    let after = json!(Draft::of(&row, &audiences));
    Entry::of("announcement.posted", "announcement", &row.id).event(&event.id).after(after).record(tx)?;
    Ok(row)
}

/// Changes an announcement; readers see that it was changed, and when. False when nothing was different.
pub fn change(tx: &mut Tx<'_>, event: &Event, id: &AnnouncementId, draft: &Draft) -> Result<bool> {
    let audiences = Audiences::load(tx.db, &event.id)?;
    let (title, body, audience) = draft.read(&audiences)?;
    let before = get(tx.db, &event.id, id)?;
    let after = Announcement {
        title,
        body,
        registration_type_id: audience.registration_type().cloned(),
        session_id: audience.session().cloned(),
        ..before.clone()
    };
    if before == after {
        return Ok(false);
    }
    let after = Announcement { changed_at: Some(tx.now), ..after };
    diesel::update(announcements::table.find(id)).set(&after).execute(tx.db)?;
    let (old, new) = audit::differences(&Draft::of(&before, &audiences), &Draft::of(&after, &audiences))?;
    Entry::of("announcement.changed", "announcement", id).event(&event.id).before(old).after(new).record(tx)?;
    Ok(true)
}

/// Takes an announcement down, or puts it up again. False when it was so already.
pub fn take_down(tx: &mut Tx<'_>, event: &Event, id: &AnnouncementId, is_down: bool) -> Result<bool> {
    let before = get(tx.db, &event.id, id)?;
    if before.taken_down_at.is_some() == is_down {
        return Ok(false);
    }
    diesel::update(announcements::table.find(id)).set(announcements::taken_down_at.eq(is_down.then_some(tx.now))).execute(tx.db)?;
    let action = if is_down { "announcement.taken_down" } else { "announcement.put_up" };
    Entry::of(action, "announcement", id).event(&event.id).record(tx)?;
    Ok(true)
}

/// An announcement of an event, or not found.
pub fn get(db: &mut Db, event: &EventId, id: &AnnouncementId) -> Result<Announcement> {
    let own = announcements::table.filter(announcements::id.eq(id)).filter(announcements::event_id.eq(event));
    own.select(Announcement::as_select()).first(db).map_err(Error::from)
}

/// An event's announcements, newest first, those taken down too.
pub fn list(db: &mut Db, event: &EventId) -> Result<Vec<Announcement>> {
    Ok(announcements::table
        .filter(announcements::event_id.eq(event))
        .order((announcements::posted_at.desc(), announcements::id.desc()))
        .select(Announcement::as_select())
        .load(db)?)
}
