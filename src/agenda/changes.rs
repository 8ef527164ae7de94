//! Adds, changes and cancels sessions. Nobody loses a seat here: a lower capacity evicts nobody (ENR-7).

use diesel::prelude::*;
use serde_json::json;

use super::{Kind, Known, Session, SessionDraft};
use crate::app::Tx;
use crate::audit::{self, Entry};
use crate::db::schema::sessions;
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::ids::SessionId;

/// Adds a session and makes it known.
pub fn add_session(tx: &mut Tx<'_>, event: &Event, draft: &SessionDraft, known: &mut Known) -> Result<Session> {
    events::hold(tx, &event.id)?;
    let mut session = blank(event);
    draft.read(event.zone(), known, &mut session).finish()?;
    diesel::insert_into(sessions::table).values(&session).execute(tx.db)?;
    let after = json!(SessionDraft::of(&session, event.zone(), known));
    Entry::of("session.added", "session", &session.id).event(&event.id).after(after).record(tx)?;
    tx.event_changed(&event.id);
    known.sessions.push(session.clone());
    Ok(session)
}

/// Changes a session; none when nothing was different. A new time, room or title raises its calendar number.
pub fn change_session(
    tx: &mut Tx<'_>,
    event: &Event,
    before: &Session,
    draft: &SessionDraft,
    known: &mut Known,
) -> Result<Option<Session>> {
    events::hold(tx, &event.id)?;
    let mut session = before.clone();
    draft.read(event.zone(), known, &mut session).finish()?;
    save_changed_session(tx, event, before, session, known)
}

/// Saves a session that was changed and checked; none when nothing is different.
pub fn save_changed_session(
    tx: &mut Tx<'_>,
    event: &Event,
    before: &Session,
    mut session: Session,
    known: &mut Known,
) -> Result<Option<Session>> {
    if session == *before {
        return Ok(None);
    }
    let seen_in_calendars = |session: &Session| (session.starts_at, session.ends_at, session.room_id.clone(), session.title.clone());
    // Somebody may have canceled it since it was read; that stands, and its calendar number rises from there.
    super::hold(tx, &session.id)?;
    let current = super::get_by_id(tx.db, &session.id)?;
    session.canceled_at = current.canceled_at;
    session.calendar_sequence = current.calendar_sequence + i32::from(seen_in_calendars(&session) != seen_in_calendars(before));
    diesel::update(sessions::table.find(&session.id)).set(&session).execute(tx.db)?;
    let typed = |session: &Session| SessionDraft::of(session, event.zone(), known);
    let (old, new) = audit::differences(&typed(before), &typed(&session))?;
    Entry::of("session.changed", "session", &session.id).event(&event.id).before(old).after(new).record(tx)?;
    tx.event_changed(&event.id);
    if let Some(place) = known.sessions.iter_mut().find(|other| other.id == session.id) {
        *place = session.clone();
    }
    Ok(Some(session))
}

/// Cancels a session for a reason that is told to everyone enrolled; refused when it is canceled already.
pub fn cancel_session(tx: &mut Tx<'_>, before: &Session, reason: &str) -> Result<Session> {
    if reason.trim().is_empty() {
        return Err(Error::invalid("reason", "required", "Say why; everyone enrolled will read it."));
    }
    super::hold(tx, &before.id)?;
    let mut session = super::get_by_id(tx.db, &before.id)?;
    if session.canceled_at.is_some() {
        return Err(Error::refused("agenda.canceled_already", "This session is canceled already."));
    }
    session.canceled_at = Some(tx.now);
    session.calendar_sequence += 1;
    diesel::update(sessions::table.find(&session.id)).set(&session).execute(tx.db)?;
    Entry::of("session.canceled", "session", &session.id).event(&session.event_id).reason(reason.trim()).record(tx)?;
    tx.event_changed(&session.event_id);
    Ok(session)
}

/// A session before anything was typed: a breakout that anyone covered may walk into.
pub fn blank(event: &Event) -> Session {
    Session {
        id: SessionId::new(),
        event_id: event.id.clone(),
        code: String::new(),
        kind: Kind::Breakout,
        title: String::new(),
        abstract_text: String::new(),
        speakers: String::new(),
        track_id: None,
        room_id: None,
        starts_at: event.starts_at(),
        ends_at: event.starts_at(),
        capacity: None,
        registration_required: false,
        included: false,
        price_cents: None,
        discountable: false,
        recorded: false,
        repeats_session_id: None,
        external_id: None,
        calendar_sequence: 0,
        canceled_at: None,
        pssm: String::new(),
        pssm_also: String::new(),
    }
}
