//! Tells everybody whom it concerns that a session was moved or canceled, some at a time (ENR-7).

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::letters::{self, Move};
use super::queries::concerned;
use crate::agenda::{self, Kind, Session};
use crate::app::Tx;
use crate::error::Result;
use crate::events;
use crate::ids::{RegistrationId, SessionId};
use crate::jobs::{self, Job};
use crate::registration::{self, Status};

/// Tells some people what became of a session.
pub const TELL: &str = "tell_of_session";

/// So many letters are written in one job, so that no write takes long: a webinar has two thousand people.
const AT_ONCE: usize = 50;

#[derive(Debug, Serialize, Deserialize)]
struct Wanted {
    session: SessionId,
    news: News,
    registrations: Vec<RegistrationId>,
}

/// What became of it, as it was when it was decided: a later change is news of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum News {
    Moved(Move),
    Canceled { reason: String },
}

/// Tells of a new time or room; to how many people.
pub fn moved(tx: &mut Tx<'_>, before: &Session, after: &Session) -> Result<usize> {
    match letters::what_moved(tx, before, after)? {
        Some(news) => tell(tx, after, News::Moved(news)),
        None => Ok(0),
    }
}

/// Tells that a session was canceled, and why; to how many people.
pub fn canceled(tx: &mut Tx<'_>, session: &Session, reason: &str) -> Result<usize> {
    tell(tx, session, News::Canceled { reason: reason.trim().to_owned() })
}

/// Who it concerns is decided now, since the next change may be a minute away. A person with two registrations is told
/// once: by the seat, where there is one.
fn tell(tx: &mut Tx<'_>, session: &Session, news: News) -> Result<usize> {
    let mut told = HashSet::new();
    let people = concerned(tx.db, session)?.into_iter().map(|(_, registration)| registration);
    let ids: Vec<RegistrationId> = people.filter(|one| told.insert(one.person_id.clone())).map(|one| one.id).collect();
    for some in ids.chunks(AT_ONCE) {
        let wanted = Wanted { session: session.id.clone(), news: news.clone(), registrations: some.to_vec() };
        jobs::enqueue(tx, TELL, &wanted, tx.now)?;
    }
    Ok(ids.len())
}

/// The job. Who gave the session up meanwhile, or was canceled, is told nothing.
pub fn run_tell(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let Wanted { session, news, registrations } = job.payload()?;
    let session = agenda::get_by_id(tx.db, &session)?;
    let event = events::get_by_id(tx.db, &session.event_id)?;
    let alternatives = match &news {
        News::Canceled { .. } => letters::alternatives(tx, &event, &session)?,
        News::Moved(_) if session.canceled_at.is_some() => return Ok(()),
        News::Moved(_) => Vec::new(),
    };
    let needs_no_seat = session.kind == Kind::Webinar && session.included;
    for id in registrations {
        let registration = registration::get_by_id(tx.db, &id)?;
        let enrollment = super::find(tx.db, &id, &session.id)?;
        if registration.status == Status::Canceled || (enrollment.is_none() && !needs_no_seat) {
            continue;
        }
        match &news {
            News::Moved(news) => letters::session_moved(tx, &event, (&session, news), enrollment.as_ref(), &registration)?,
            News::Canceled { reason } => {
                letters::session_canceled(tx, &event, (&session, reason, &alternatives), enrollment.is_some(), &registration)?;
            }
        }
    }
    Ok(())
}
