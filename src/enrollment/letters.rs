//! Letters about seats: selection changed, promoted, passed over, session moved or canceled.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::queries::{AgendaItem, my_agenda};
use super::{Enrollment, Status, calendar, conflict_with, position, rules};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::clock::Instant;
use crate::error::Result;
use crate::events::{Event, rules as days};
use crate::mail;
use crate::registration::Registration;
use crate::registration::letters::letter;

/// What somebody did to their selection, one line of the letter.
#[derive(Clone, Debug)]
pub struct Change {
    /// `Added`, `Given up`, `Waiting (3rd)` or `Left the line`.
    pub what: String,
    pub session: Session,
}

/// Tells a person about changes to their selection, with the new calendar (ENR-5).
pub fn selection_changed(tx: &mut Tx<'_>, event: &Event, registration: &Registration, changes: &[Change]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let why = format!("You get this letter because the sessions of your registration {} were changed.", registration.code);
    let (mut draft, mut fields) = letter(tx, "selection_changed", event, registration, &why)?;
    let mut lines = Vec::new();
    for change in changes {
        lines.push(json!({
            "what": change.what, "title": change.session.title,
            "when": when(event, &change.session), "room": room_name(tx, &change.session)?,
        }));
    }
    fields.insert("changes".to_owned(), Value::Array(lines));
    let items = my_agenda(tx.db, registration)?;
    add_sessions(&mut fields, event, &items);
    draft.calendar = Some(calendar::file(event, &items, &tx.site.config.base_url, tx.now));
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

/// Adds `sessions`, `has_sessions` and `has_calendar`, which several letters show.
pub fn add_sessions(fields: &mut Map<String, Value>, event: &Event, items: &[AgendaItem]) {
    let sessions: Vec<Value> = items
        .iter()
        .map(|item| json!({ "when": when(event, &item.session), "title": item.session.title, "room": item.room, "status": item.standing.words() }))
        .collect();
    fields.insert("has_sessions".to_owned(), json!(!sessions.is_empty()));
    fields.insert("has_calendar".to_owned(), json!(!sessions.is_empty()));
    fields.insert("sessions".to_owned(), Value::Array(sessions));
}

/// Tells somebody who waited that the seat is theirs.
pub fn promoted(tx: &mut Tx<'_>, event: &Event, session: &Session, registration: &Registration) -> Result<()> {
    let why = format!("You get this letter because you were waiting for a seat in “{}”.", session.title);
    let (mut draft, mut fields) = letter(tx, "promoted", event, registration, &why)?;
    session_fields(tx, &mut fields, event, session)?;
    draft.calendar = Some(calendar::of_registration(tx.db, event, registration, &tx.site.config.base_url, tx.now)?);
    fields.insert("has_calendar".to_owned(), json!(true));
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

/// Tells somebody who had not come that their seat went to somebody at the door (CHK-2).
pub fn seat_given_away(tx: &mut Tx<'_>, event: &Event, session: &Session, registration: &Registration) -> Result<()> {
    let why = format!("You get this letter because you had a seat in “{}”.", session.title);
    let (mut draft, mut fields) = letter(tx, "seat_given_away", event, registration, &why)?;
    session_fields(tx, &mut fields, event, session)?;
    let at = format!("{} {}", days::time_words(tx.now, event.zone()), days::zone_words(event.zone()));
    fields.insert("given_away_text".to_owned(), json!(at));
    draft.calendar = Some(calendar::of_registration(tx.db, event, registration, &tx.site.config.base_url, tx.now)?);
    fields.insert("has_calendar".to_owned(), json!(true));
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

/// Tells somebody that a seat went to the next in line because of the session they sit in, and that their place stays.
pub fn passed_over(
    tx: &mut Tx<'_>,
    event: &Event,
    session: &Session,
    waiting: &Enrollment,
    other: &Session,
    registration: &Registration,
) -> Result<()> {
    let why = format!("You get this letter because you are waiting for a seat in “{}”.", session.title);
    let (draft, mut fields) = letter(tx, "passed_over", event, registration, &why)?;
    let place = position(tx.db, waiting)?;
    let all = super::waiting(tx.db, &session.id)?;
    session_fields(tx, &mut fields, event, session)?;
    fields.insert("conflict_title".to_owned(), json!(other.title));
    fields.insert("conflict_when".to_owned(), json!(when(event, other)));
    fields.insert("position".to_owned(), json!(format!("{} of {all}", rules::ordinal(place))));
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

/// Why somebody hears of a change: they chose the session, or it is included in what they have.
fn why(session: &Session, registration: &Registration, chose: bool) -> String {
    if chose {
        format!("You get this letter because you chose “{}”.", session.title)
    } else {
        format!("You get this letter because “{}” is part of your registration {}.", session.title, registration.code)
    }
}

/// Where and when a session was, and is now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Move {
    from: Slot,
    to: Slot,
    time_changed: bool,
}

/// A time and a room in words.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Slot {
    starts_at: Instant,
    ends_at: Instant,
    room: String,
}

/// What a change of a session moved; none where time and room stayed.
pub fn what_moved(tx: &mut Tx<'_>, before: &Session, after: &Session) -> Result<Option<Move>> {
    let time_changed = before.starts_at != after.starts_at || before.ends_at != after.ends_at;
    if !time_changed && before.room_id == after.room_id {
        return Ok(None);
    }
    let slot = |of: &Session, room: String| Slot { starts_at: of.starts_at, ends_at: of.ends_at, room };
    let (from, to) = (slot(before, room_name(tx, before)?), slot(after, room_name(tx, after)?));
    Ok(Some(Move { from, to, time_changed }))
}

/// Tells somebody enrolled, waiting or included that a session moved, and names the conflict it causes (ENR-7).
pub fn session_moved(
    tx: &mut Tx<'_>,
    event: &Event,
    (session, news): (&Session, &Move),
    enrollment: Option<&Enrollment>,
    registration: &Registration,
) -> Result<()> {
    let waits = enrollment.filter(|enrollment| enrollment.status != Status::Enrolled);
    let seated = enrollment.is_some() && waits.is_none();
    let conflict = if seated { conflict_with(tx.db, session, &registration.id)? } else { None };
    let standing = match waits {
        Some(enrollment) => format!("Waiting ({})", rules::ordinal(position(tx.db, enrollment)?)),
        None if seated => "Enrolled".to_owned(),
        None => "Included".to_owned(),
    };
    let why = why(session, registration, enrollment.is_some());
    let (mut draft, mut fields) = letter(tx, "session_moved", event, registration, &why)?;
    let at = |slot: &Slot| format!("{} {}", days::span_words(slot.starts_at, slot.ends_at, event.zone()), days::zone_words(event.zone()));
    for (name, value) in [
        ("session_title", json!(session.title)),
        ("status", json!(standing)),
        ("time_changed", json!(news.time_changed)),
        ("old_when", json!(at(&news.from))),
        ("old_room", json!(news.from.room)),
        ("new_when", json!(at(&news.to))),
        ("new_room", json!(news.to.room)),
        ("has_conflict", json!(conflict.is_some())),
        ("conflict_title", json!(conflict.as_ref().map_or("", |other| other.title.as_str()))),
        ("conflict_when", json!(conflict.as_ref().map(|other| when(event, other)).unwrap_or_default())),
        ("has_calendar", json!(true)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    draft.calendar = Some(calendar::of_registration(tx.db, event, registration, &tx.site.config.base_url, tx.now)?);
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

/// Tells somebody enrolled, waiting or included that a session was canceled, and why (ENR-7).
pub fn session_canceled(
    tx: &mut Tx<'_>,
    event: &Event,
    (session, reason, alternatives): (&Session, &str, &[Value]),
    chose: bool,
    registration: &Registration,
) -> Result<()> {
    let why = why(session, registration, chose);
    let (mut draft, mut fields) = letter(tx, "session_canceled", event, registration, &why)?;
    session_fields(tx, &mut fields, event, session)?;
    for (name, value) in [
        ("has_reason", json!(!reason.is_empty())),
        ("reason", json!(reason)),
        ("has_credit", json!(false)),
        ("credit", json!("")),
        ("has_alternatives", json!(!alternatives.is_empty())),
        ("alternatives", Value::Array(alternatives.to_vec())),
        ("has_calendar", json!(true)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    draft.calendar = Some(calendar::of_registration(tx.db, event, registration, &tx.site.config.base_url, tx.now)?);
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

/// Up to three sessions at the same time that still have seats.
pub fn alternatives(tx: &mut Tx<'_>, event: &Event, canceled: &Session) -> Result<Vec<Value>> {
    let seats = super::queries::seats(tx.db, &event.id)?;
    let mut found = Vec::new();
    for other in agenda::list(tx.db, &event.id)? {
        let taken = seats.get(&other.id).map_or(0, |seats| seats.taken);
        let fits = other.id != canceled.id && other.canceled_at.is_none() && other.registration_required && other.price_cents.is_none();
        if fits && other.overlaps(canceled) && rules::has_free_seat(other.capacity, taken) && found.len() < 3 {
            let left = other.capacity.map_or_else(|| "seats free".to_owned(), |capacity| format!("{} left", i64::from(capacity) - taken));
            found.push(json!({ "title": other.title, "when": when(event, &other), "room": room_name(tx, &other)?, "seats": left }));
        }
    }
    Ok(found)
}

fn session_fields(tx: &mut Tx<'_>, fields: &mut Map<String, Value>, event: &Event, session: &Session) -> Result<()> {
    fields.insert("session_title".to_owned(), json!(session.title));
    fields.insert("session_when".to_owned(), json!(when(event, session)));
    fields.insert("session_room".to_owned(), json!(room_name(tx, session)?));
    Ok(())
}

/// `Mon 9 Mar 2026, 10:30–11:30 AM Pacific`.
pub fn when(event: &Event, session: &Session) -> String {
    format!("{} {}", days::span_words(session.starts_at, session.ends_at, event.zone()), days::zone_words(event.zone()))
}

fn room_name(tx: &mut Tx<'_>, session: &Session) -> Result<String> {
    let rooms = agenda::rooms(tx.db, &session.event_id)?;
    Ok(rooms.into_iter().find(|room| Some(&room.id) == session.room_id.as_ref()).map(|room| room.name).unwrap_or_default())
}
