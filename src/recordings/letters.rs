//! The letter that a recording can be watched: to those who may watch it, each once for a session.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries::Access;
use super::rules::NO_CREDIT;
use super::{find, published_at};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::db::schema::recording_letters;
use crate::error::Result;
use crate::events::{self, Event, rules as days};
use crate::ids::{RegistrationId, SessionId};
use crate::jobs::{self, Job};
use crate::registration::letters::letter;
use crate::registration::{self, Registration, Status};
use crate::{mail, on_either};

/// Tells some people that a recording is there.
pub const TELL: &str = "tell_recording_ready";

/// So many people are seen to in one job, so that no write takes long.
const AT_ONCE: usize = 50;

#[derive(Debug, Serialize, Deserialize)]
struct Wanted {
    session: SessionId,
    registrations: Vec<RegistrationId>,
}

/// Enqueues the letters about a session's recording for everybody who is registered.
pub(super) fn want(tx: &mut Tx<'_>, event: &Event, session: &Session) -> Result<()> {
    let all: Vec<RegistrationId> =
        registration::with_status(tx.db, &event.id, Status::Confirmed)?.into_iter().map(|registration| registration.id).collect();
    for some in all.chunks(AT_ONCE) {
        jobs::enqueue(tx, TELL, &Wanted { session: session.id.clone(), registrations: some.to_vec() }, tx.now)?;
    }
    Ok(())
}

/// The job: looks once more who may watch it, and tells each who was not told before.
pub fn run_tell(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let Wanted { session, registrations } = job.payload()?;
    let session = agenda::get_by_id(tx.db, &session)?;
    let event = events::get_by_id(tx.db, &session.event_id)?;
    let Some(recording) = find(tx.db, &session.id)? else { return Ok(()) };
    if published_at(tx.db, &recording.id)?.is_none() {
        return Ok(());
    }
    for id in registrations {
        let registration = registration::get_by_id(tx.db, &id)?;
        let access = Access::of_registration(tx.db, &event, &registration, tx.now)?;
        if access.verdict(&session).is_err() {
            continue;
        }
        let row =
            (recording_letters::session_id.eq(&session.id), recording_letters::registration_id.eq(&id), recording_letters::at.eq(tx.now));
        let is_new = on_either!(&mut *tx.db, connection =>
            diesel::insert_into(recording_letters::table).values(row).on_conflict_do_nothing().execute(connection))?;
        if is_new == 1 {
            tell(tx, &event, &session, &registration, &access)?;
        }
    }
    Ok(())
}

fn tell(tx: &mut Tx<'_>, event: &Event, session: &Session, registration: &Registration, access: &Access) -> Result<()> {
    let why = format!("You get this letter because your registration {} includes this session.", registration.code);
    let (draft, mut fields) = letter(tx, "recording_ready", event, registration, &why)?;
    for (name, value) in [
        ("session_title", json!(session.title)),
        ("recording_url", json!(format!("{}/events/{}/recordings/{}", tx.site.config.base_url, event.slug, session.code))),
        ("until", json!(days::deadline_words(access.settings.closes_on, event.zone()))),
        ("no_credit", json!(NO_CREDIT)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    mail::queue(tx, draft, &fields)?;
    Ok(())
}
