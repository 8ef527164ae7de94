//! Changing one's selection: a seat taken or given up, with the letter about it (ENR-5).

use super::letters::{Change, selection_changed};
use super::{Placed, Status, enroll, find, leave, rules};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::error::Result;
use crate::events::Event;
use crate::registration::Registration;

/// Takes a seat, or a place in the line, and mails the changed selection.
pub fn choose(tx: &mut Tx<'_>, event: &Event, session: &Session, registration: &Registration) -> Result<Placed> {
    let placed = enroll(tx, session, registration)?;
    let what = placed.position.map_or_else(|| "Added".to_owned(), |position| format!("Waiting ({})", rules::ordinal(position)));
    selection_changed(tx, event, registration, &[Change { what, session: session.clone() }])?;
    Ok(placed)
}

/// Gives up a seat, or the place in the line, and mails the changed selection; tells which it was.
pub fn give_up(tx: &mut Tx<'_>, event: &Event, session: &Session, registration: &Registration) -> Result<Status> {
    // Held before looking: meanwhile the line may have become a seat.
    agenda::hold(tx, &session.id)?;
    let status = find(tx.db, &registration.id, &session.id)?.map_or(Status::Enrolled, |enrollment| enrollment.status);
    leave(tx, session, registration)?;
    let what = match status {
        Status::Enrolled => "Given up",
        Status::Waitlisted => "Left the line",
    };
    selection_changed(tx, event, registration, &[Change { what: what.to_owned(), session: session.clone() }])?;
    Ok(status)
}
