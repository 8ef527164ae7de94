//! Somebody's agenda as an iCalendar file, with UIDs that stay and SEQUENCE numbers that rise (ENR-6).

use icalendar::{Calendar, Component, EventLike};

use super::queries::{AgendaItem, Standing, my_agenda};
use crate::clock::Instant;
use crate::db::Db;
use crate::error::Result;
use crate::events::Event;
use crate::registration::Registration;

/// The calendar of a registration: seats and included sessions; places in a line are no appointments.
pub fn of_registration(db: &mut Db, event: &Event, registration: &Registration, base_url: &str, now: Instant) -> Result<String> {
    let items = my_agenda(db, registration)?;
    Ok(file(event, &items, base_url, now))
}

/// The file for these lines of an agenda, stamped with `now`.
pub fn file(event: &Event, items: &[AgendaItem], base_url: &str, now: Instant) -> String {
    let host = url::Url::parse(base_url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "lanyard".to_owned());
    let mut calendar = Calendar::new();
    calendar.name(&event.name).append_property(("METHOD", "PUBLISH"));
    for item in items.iter().filter(|item| !matches!(item.standing, Standing::Waiting(_))) {
        let session = &item.session;
        let mut entry = icalendar::Event::new();
        entry
            .uid(&format!("{}@{host}", session.id))
            .timestamp(now.utc().and_utc())
            .sequence(u32::try_from(session.calendar_sequence).unwrap_or_default())
            .summary(&session.title)
            .description(&format!("{} {base_url}/events/{}/sessions/{}", item.standing.words(), event.slug, session.code))
            .starts(session.starts_at.utc().and_utc())
            .ends(session.ends_at.utc().and_utc());
        let place: Vec<&str> = [item.room.as_str(), event.venue.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
        if !place.is_empty() {
            entry.location(&place.join(", "));
        }
        calendar.push(entry.done());
    }
    calendar.done().to_string()
}
