//! Letters with the join link, 7 days, one day and one hour before a webinar, each once to each person (WEB-1).

use chrono::Duration;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::links;
use super::queries::{self, Reader};
use super::rules::{self, Had, LETTERS, Occasion, letter_due};
use crate::agenda::{self, Kind, Session};
use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::webinar_letters;
use crate::enrollment::calendar;
use crate::error::Result;
use crate::events::{self, Event, rules as days};
use crate::ids::{RegistrationId, SessionId};
use crate::jobs::{Job, Next};
use crate::mail;
use crate::money::format_cents;
use crate::on_either;
use crate::orders::conversion::{self, Offer, Range};
use crate::registration::letters::letter;
use crate::registration::{self, Registration, Status};

/// Looks which webinars come near, without keeping others from writing.
pub const LOOK: &str = "look_for_webinars";
/// Writes the letters to some people, where they are still due.
pub const WRITE: &str = "write_webinar_letters";

/// So many people are seen to in one job, so that no write takes long.
const AT_ONCE: usize = 50;
/// Rows a statement.
const ROWS: usize = 1000;

#[derive(Debug, Serialize, Deserialize)]
struct Wanted {
    session: SessionId,
    registrations: Vec<RegistrationId>,
}

/// A letter that went out, as it is stored.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = webinar_letters, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
struct Sent {
    session_id: SessionId,
    registration_id: RegistrationId,
    number: i32,
    occasion: Occasion,
    starts_at: Instant,
    at: Instant,
}

/// Of every webinar in the next seven days, those to whom a letter is due, as jobs of their own.
pub fn look(db: &mut Db, now: Instant) -> Result<Vec<Next>> {
    let until = now.plus(LETTERS.iter().map(|(_, before)| *before).max().unwrap_or_else(Duration::zero));
    let mut next = Vec::new();
    for event in events::list(db, false)? {
        for session in queries::list(db, &event.id)? {
            if session.canceled_at.is_none() && session.starts_at > now && session.starts_at <= until {
                want(db, &session, now, &mut next)?;
            }
        }
    }
    Ok(next)
}

fn want(db: &mut Db, session: &Session, now: Instant, next: &mut Vec<Next>) -> Result<()> {
    let confirmed = registration::with_status(db, &session.event_id, Status::Confirmed)?;
    let due = queries::readers(db, session, confirmed)?.into_iter().filter(|one| letter_due(now, session.starts_at, &one.had).is_some());
    let due: Vec<RegistrationId> = due.map(|one| one.registration.id).collect();
    for some in due.chunks(AT_ONCE) {
        next.push(Next::of(WRITE, &Wanted { session: session.id.clone(), registrations: some.to_vec() })?);
    }
    Ok(())
}

/// The job that writes to the people of some registrations, to each only while a letter is due.
pub fn run_write(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let Wanted { session, registrations } = job.payload()?;
    let session = agenda::get_by_id(tx.db, &session)?;
    if session.canceled_at.is_some() {
        return Ok(());
    }
    let event = events::get_by_id(tx.db, &session.event_id)?;
    let people = registration::people_of(tx.db, &registrations)?;
    let confirmed = registration::confirmed_of_people(tx.db, &event.id, &people)?;
    let range = Range::load(tx.db, &event)?;
    for reader in queries::readers(tx.db, &session, confirmed)? {
        if let Some(occasion) = letter_due(tx.now, session.starts_at, &reader.had) {
            let offer = conversion::offer_of(tx.db, &event, &range, &reader.registration, tx.now)?;
            write(tx, (&event, &session), &reader, occasion, offer.as_ref())?;
        }
    }
    Ok(())
}

/// Writes the letter with a new link, because the one before was replaced.
pub fn write_again(tx: &mut Tx<'_>, event: &Event, session: &Session, registration: &Registration) -> Result<()> {
    let had = queries::letters_to(tx.db, &session.id, &registration.id)?;
    let offer = conversion::offer(tx.db, event, registration, tx.now)?;
    write(tx, (event, session), &Reader { registration: registration.clone(), had }, Occasion::Again, offer.as_ref())
}

/// Notes that a webinar's new start is told by the letter about the move: whoever had a letter with the link is not told
/// of it a second time, and the letters of the new start follow.
pub fn note_move(tx: &mut Tx<'_>, before: &Session, after: &Session) -> Result<()> {
    if after.kind != Kind::Webinar || before.starts_at == after.starts_at {
        return Ok(());
    }
    let note = |(registration_id, had): (RegistrationId, Vec<Had>)| Sent {
        session_id: after.id.clone(),
        registration_id,
        number: next_number(&had),
        occasion: Occasion::Moved,
        starts_at: after.starts_at,
        at: tx.now,
    };
    let notes: Vec<Sent> = queries::letters(tx.db, &after.id)?.into_iter().map(note).collect();
    for some in notes.chunks(ROWS) {
        on_either!(&mut *tx.db, connection =>
            diesel::insert_into(webinar_letters::table).values(some).on_conflict_do_nothing().execute(connection))?;
    }
    Ok(())
}

fn next_number(had: &[Had]) -> i32 {
    had.iter().map(|one| one.number).max().map_or(0, |number| number.saturating_add(1))
}

/// Writes one letter, unless another node has just written it.
fn write(
    tx: &mut Tx<'_>,
    (event, session): (&Event, &Session),
    Reader { registration, had }: &Reader,
    occasion: Occasion,
    offer: Option<&Offer>,
) -> Result<()> {
    let row = Sent {
        session_id: session.id.clone(),
        registration_id: registration.id.clone(),
        number: next_number(had),
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
    for (name, value) in [
        ("session_title", json!(session.title)),
        ("session_when", json!(format!("{} {}", days::span_words(session.starts_at, session.ends_at, zone), days::zone_words(zone)))),
        ("other_zones", json!(rules::elsewhere(session.starts_at, zone).join(" · "))),
        ("begins", json!(rules::begins_words(session.starts_at, tx.now, zone))),
        ("opens", json!(format!("{} {}", days::time_words(rules::opens_at(session.starts_at), zone), days::zone_words(zone)))),
        ("join_url", json!(link.address(tx.site)?)),
        ("is_again", json!(occasion == Occasion::Again)),
        ("has_calendar", json!(true)),
        ("has_offer", json!(offer.is_some())),
        ("offer_name", json!(offer.map_or("", |offer| offer.kind.name.as_str()))),
        ("offer_price", json!(offer.map(|offer| format_cents(offer.quote.total_cents(), &event.currency)).unwrap_or_default())),
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
