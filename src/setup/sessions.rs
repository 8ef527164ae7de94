//! What changing or canceling a session does to the people in it (ENR-7).

use crate::agenda::{self, Known, Session, SessionDraft};
use crate::app::Tx;
use crate::enrollment::{Status, queries, telling, waitlist};
use crate::error::Result;
use crate::events::Event;
use crate::webinars;

/// Changes a session and tells everyone it concerns; none when nothing was different.
pub fn change(tx: &mut Tx<'_>, event: &Event, before: &Session, draft: &SessionDraft, known: &mut Known) -> Result<Option<Session>> {
    let saved = agenda::change_session(tx, event, before, draft, known)?;
    tell(tx, event, before, saved)
}

/// Saves a session that was changed and checked, and tells everyone it concerns; none when nothing was different.
pub fn save(tx: &mut Tx<'_>, event: &Event, before: &Session, after: Session, known: &mut Known) -> Result<Option<Session>> {
    let saved = agenda::save_changed_session(tx, event, before, after, known)?;
    tell(tx, event, before, saved)
}

/// A new time or room is mailed with the conflicts it causes. Seats that were added, and seats that a new time makes
/// possible, go to the line. A canceled session is news no more.
fn tell(tx: &mut Tx<'_>, event: &Event, before: &Session, saved: Option<Session>) -> Result<Option<Session>> {
    let Some(after) = saved.as_ref().filter(|after| after.canceled_at.is_none()) else { return Ok(saved) };
    telling::moved(tx, before, after)?;
    webinars::letters::note_move(tx, before, after)?;
    let other_time = (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at);
    if other_time || before.capacity != after.capacity {
        waitlist::seats_changed(tx, event, after)?;
    }
    if other_time {
        free_lines(tx, before)?;
    }
    Ok(saved)
}

/// Cancels a session, tells everyone in it why, and lets them be promoted where only this session was in the way.
pub fn cancel(tx: &mut Tx<'_>, session: &Session, reason: &str) -> Result<Session> {
    let canceled = agenda::cancel_session(tx, session, reason)?;
    telling::canceled(tx, &canceled, reason)?;
    free_lines(tx, &canceled)?;
    Ok(canceled)
}

fn free_lines(tx: &mut Tx<'_>, no_longer_there: &Session) -> Result<()> {
    for (enrollment, registration) in queries::people_of(tx.db, &no_longer_there.id)? {
        if enrollment.status == Status::Enrolled {
            waitlist::move_unblocked_lines(tx, no_longer_there, &registration.id)?;
        }
    }
    Ok(())
}
