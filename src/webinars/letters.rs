//! Letters with the join link, 7 days, one day and one hour before a webinar, each once to each person (WEB-1).

use chrono::Duration;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::rules::{self, LETTERS, Occasion, letter_due};
use super::{is_theirs, links, queries};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::clock::Instant;
use crate::db::schema::webinar_letters;
use crate::enrollment::calendar;
use crate::error::Result;
use crate::events::{self, Event, rules as days};
use crate::ids::{RegistrationId, SessionId};
use crate::jobs::{self, Job};
use crate::mail;
use crate::money::format_cents;
use crate::on_either;
use crate::orders::conversion;
use crate::registration::letters::letter;
use crate::registration::{self, Registration, Status};

/// Looks which webinars come near.
pub const LOOK: &str = "look_for_webinars";
/// Writes the letters to some people, where they are still due.
pub const WRITE: &str = "write_webinar_letters";

/// So many people are seen to in one job, so that no write takes long.
const AT_ONCE: usize = 50;

#[derive(Debug, Serialize, Deserialize)]
struct Wanted {
    session: SessionId,
    registrations: Vec<RegistrationId>,
}

/// A letter that went out, as it is stored.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = webinar_letters)]
struct Sent {
    session_id: SessionId,
    registration_id: RegistrationId,
    number: i32,
    occasion: Occasion,
    starts_at: Instant,
    at: Instant,
}

/// The job: of every webinar in the next seven days, those to whom a letter is due get jobs of their own.
pub fn look(tx: &mut Tx<'_>, _: &Job) -> Result<()> {
    let (from, until) = (tx.now, tx.now.plus(LETTERS.iter().map(|(_, before)| *before).max().unwrap_or_else(Duration::zero)));
    for event in events::list(tx.db, false)? {
        for session in queries::list(tx.db, &event.id)? {
            if session.canceled_at.is_none() && session.starts_at > from && session.starts_at <= until {
                want(tx, &session)?;
            }
        }
    }
    Ok(())
}

fn want(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    let had = queries::letters(tx.db, &session.id)?;
    let is_due = |one: &Registration| letter_due(tx.now, session.starts_at, had.get(&one.id).map_or(&[], Vec::as_slice)).is_some();
    let due: Vec<RegistrationId> = queries::people(tx.db, session)?.into_iter().filter(is_due).map(|one| one.id).collect();
    for some in due.chunks(AT_ONCE) {
        let wanted = Wanted { session: session.id.clone(), registrations: some.to_vec() };
        jobs::enqueue(tx, WRITE, &wanted, tx.now)?;
    }
    Ok(())
}

/// The job that writes to some, each only while a letter is due.
pub fn run_write(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let Wanted { session, registrations } = job.payload()?;
    let session = agenda::get_by_id(tx.db, &session)?;
    let event = events::get_by_id(tx.db, &session.event_id)?;
    for registration in registrations {
        let registration = registration::get_by_id(tx.db, &registration)?;
        let stands = registration.status == Status::Confirmed && session.canceled_at.is_none();
        if !stands || !is_theirs(tx.db, &registration, &session)? {
            continue;
        }
        let had = queries::letters_to(tx.db, &session.id, &registration.id)?;
        if let Some(occasion) = letter_due(tx.now, session.starts_at, &had) {
            write(tx, &event, &session, &registration, occasion, &had)?;
        }
    }
    Ok(())
}

/// Writes the letter with a new link, because the one before was replaced.
pub fn write_again(tx: &mut Tx<'_>, event: &Event, session: &Session, registration: &Registration) -> Result<()> {
    let had = queries::letters_to(tx.db, &session.id, &registration.id)?;
    write(tx, event, session, registration, Occasion::Again, &had)
}

/// Writes one letter, unless another node has just written it.
fn write(
    tx: &mut Tx<'_>,
    event: &Event,
    session: &Session,
    registration: &Registration,
    occasion: Occasion,
    had: &[(Occasion, Instant)],
) -> Result<()> {
    let row = Sent {
        session_id: session.id.clone(),
        registration_id: registration.id.clone(),
        number: i32::try_from(had.len()).unwrap_or(i32::MAX),
        occasion,
        starts_at: session.starts_at,
        at: tx.now,
    };
    let is_new = on_either!(&mut *tx.db, connection =>
        diesel::insert_into(webinar_letters::table).values(&row).on_conflict_do_nothing().execute(connection))?;
    if is_new == 0 {
        return Ok(());
    }
    let why = format!("You get this letter because “{}” is part of your registration {}.", session.title, registration.code);
    let (mut draft, mut fields) = letter(tx, "webinar", event, registration, &why)?;
    let zone = event.zone();
    let link = links::find_or_make(tx, session, registration)?;
    let base = tx.site.config.base_url.clone();
    let offer = conversion::offer(tx.db, event, registration, tx.now)?;
    for (name, value) in [
        ("session_title", json!(session.title)),
        ("session_when", json!(format!("{} {}", days::span_words(session.starts_at, session.ends_at, zone), days::zone_words(zone)))),
        ("other_zones", json!(rules::elsewhere(session.starts_at, zone).join(" · "))),
        ("begins", json!(rules::begins_words(session.starts_at, tx.now, zone))),
        ("opens", json!(format!("{} {}", days::time_words(rules::opens_at(session.starts_at), zone), days::zone_words(zone)))),
        ("join_url", json!(link.address(tx.site)?)),
        ("is_again", json!(occasion == Occasion::Again)),
        ("is_moved", json!(rules::is_moved(session.starts_at, had))),
        ("has_calendar", json!(true)),
        ("has_offer", json!(offer.is_some())),
        ("offer_name", json!(offer.as_ref().map_or("", |offer| offer.kind.name.as_str()))),
        ("offer_price", json!(offer.as_ref().map(|offer| format_cents(offer.quote.total_cents(), &event.currency)).unwrap_or_default())),
        ("offer_url", json!(format!("{base}/my/{}/conversion", registration.code))),
    ] {
        fields.insert(name.to_owned(), value);
    }
    draft.calendar = Some(calendar::of_registration(tx.db, event, registration, &base, tx.now)?);
    // The link opens a door under this person's name.
    draft.confidential = true;
    mail::queue(tx, draft, &fields)?;
    Ok(())
}
