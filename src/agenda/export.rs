//! The public agenda as files for other programs: iCalendar, schedule.json, schedule.xml.

use icalendar::{Calendar, Component, EventLike, EventStatus};

use super::schedule_out::Schedule;
use super::{Room, Session};
use crate::clock::Instant;
use crate::db::Db;
use crate::error::Result;
use crate::events::Event;

crate::words! {
    /// A kind of file.
    Format { Json => "json", Xml => "xml", Ics => "ics" }
}

impl Format {
    /// The type under which the file is served.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml; charset=utf-8",
            Self::Ics => "text/calendar; charset=utf-8",
        }
    }

    /// The name under which it is saved.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Json => "schedule.json",
            Self::Xml => "schedule.xml",
            Self::Ics => "agenda.ics",
        }
    }
}

/// An event's agenda as a file; `base_url` is the site's address.
pub fn file(db: &mut Db, event: &Event, format: Format, base_url: &str, now: Instant) -> Result<String> {
    let (sessions, rooms, tracks) = (super::list(db, &event.id)?, super::rooms(db, &event.id)?, super::tracks(db, &event.id)?);
    match format {
        Format::Json => Schedule::new(event, &sessions, &rooms, &tracks, base_url).json(),
        Format::Xml => Schedule::new(event, &sessions, &rooms, &tracks, base_url).xml(),
        Format::Ics => Ok(calendar(event, &sessions, &rooms, base_url, now)),
    }
}

/// The file of these sessions; times in UTC, since calendars know their owner's zone. UIDs stay and
/// SEQUENCE numbers rise with every change, so that a new copy replaces the one before (ENR-6).
fn calendar(event: &Event, sessions: &[Session], rooms: &[Room], base_url: &str, now: Instant) -> String {
    let base_url = base_url.trim_end_matches('/');
    let host = url::Url::parse(base_url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "lanyard".to_owned());
    let mut calendar = Calendar::new();
    calendar.name(&event.name).append_property(("METHOD", "PUBLISH"));
    for session in sessions {
        let room = session.room_id.as_ref().and_then(|id| rooms.iter().find(|room| room.id == *id));
        let place: Vec<&str> =
            [room.map_or("", |room| room.name.as_str()), event.venue.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
        let mut entry = icalendar::Event::new();
        entry
            .uid(&format!("{}@{host}", session.id))
            .timestamp(now.utc().and_utc())
            .sequence(u32::try_from(session.calendar_sequence).unwrap_or_default())
            .summary(&session.title)
            .description(&session.abstract_text)
            .url(&format!("{base_url}/events/{}/sessions/{}", event.slug, session.code))
            .starts(session.starts_at.utc().and_utc())
            .ends(session.ends_at.utc().and_utc());
        if !place.is_empty() {
            entry.location(&place.join(", "));
        }
        if session.canceled_at.is_some() {
            entry.status(EventStatus::Cancelled);
        }
        calendar.push(entry.done());
    }
    calendar.done().to_string()
}
