//! Sends a daily letter: who gets it is written down once, then some at a time get theirs, each by a row of their own.

use std::collections::HashSet;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::audience::{Audience, attending};
use super::daily::{self, DailyLetter};
use super::personal::Sheet;
use super::rules::{Values, fill, is_missed};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{daily_letter_people, daily_letters};
use crate::error::Result;
use crate::events::{self, Event};
use crate::ids::{DailyLetterId, RegistrationId};
use crate::jobs::{self, Job};
use crate::mail;
use crate::on_either;
use crate::registration::letters::letter;
use crate::registration::{self, Registration, Status};

/// Sends a daily letter, or goes on with it.
pub const SEND: &str = "send_daily_letter";

/// So many letters are written in one job, so that no write takes long.
const AT_ONCE: i64 = 50;
/// Rows a statement.
const ROWS: usize = 1000;

/// What the job is about: a letter, for the time that it was scheduled for. Another schedule has a job of its own.
#[derive(Debug, Serialize, Deserialize)]
pub struct Wanted {
    pub letter: DailyLetterId,
    pub send_at: Instant,
}

#[derive(Insertable)]
#[diesel(table_name = daily_letter_people, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
struct Turn {
    daily_letter_id: DailyLetterId,
    registration_id: RegistrationId,
    written_at: Option<Instant>,
}

/// The job. Several nodes and repeated runs write to nobody twice: the letter is held, and each person is a row.
pub fn run_send(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let wanted: Wanted = job.payload()?;
    daily::hold(tx, &wanted.letter)?;
    let letter: DailyLetter = daily_letters::table.find(&wanted.letter).select(DailyLetter::as_select()).first(tx.db)?;
    if letter.send_at != Some(wanted.send_at) || letter.finished_at.is_some() {
        return Ok(());
    }
    let event = events::get_by_id(tx.db, &letter.event_id)?;
    if is_missed(letter.about_on, event.zone(), tx.now) && letter.begun_at.is_none() {
        return finish(tx, &letter, "daily_letter.missed");
    }
    if letter.begun_at.is_none() {
        begin(tx, &event, &letter)?;
    }
    let left = write_some(tx, &event, &letter)?;
    match left {
        true => jobs::enqueue(tx, SEND, &wanted, tx.now),
        false => finish(tx, &letter, "daily_letter.sent"),
    }
}

/// Writes down who gets the letter: those of its audience whose registration stands now.
fn begin(tx: &mut Tx<'_>, event: &Event, letter: &DailyLetter) -> Result<()> {
    let people = recipients(tx.db, event, &letter.audience())?;
    let turn = |one: &Registration| Turn { daily_letter_id: letter.id.clone(), registration_id: one.id.clone(), written_at: None };
    let turns: Vec<Turn> = people.iter().map(turn).collect();
    for some in turns.chunks(ROWS) {
        on_either!(&mut *tx.db, connection =>
            diesel::insert_into(daily_letter_people::table).values(some).on_conflict_do_nothing().execute(connection))?;
    }
    diesel::update(daily_letters::table.find(&letter.id)).set(daily_letters::begun_at.eq(Some(tx.now))).execute(tx.db)?;
    let entry = Entry::of("daily_letter.begun", "daily_letter", &letter.id).event(&event.id);
    entry.after(json!({ "people": turns.len() })).record(tx)
}

/// Writes to the next; true while others wait.
fn write_some(tx: &mut Tx<'_>, event: &Event, letter: &DailyLetter) -> Result<bool> {
    let waiting = || {
        let own = daily_letter_people::table.filter(daily_letter_people::daily_letter_id.eq(&letter.id));
        own.filter(daily_letter_people::written_at.is_null())
    };
    let next: Vec<RegistrationId> = waiting()
        .order(daily_letter_people::registration_id.asc())
        .limit(AT_ONCE)
        .select(daily_letter_people::registration_id)
        .load(tx.db)?;
    let mut people = Vec::with_capacity(next.len());
    for id in next {
        let row = daily_letter_people::table.find((&letter.id, &id));
        let person = registration::get_by_id(tx.db, &id)?;
        // Canceled since the letter began to go out: nothing is written, and nobody counts them.
        if person.status == Status::Confirmed {
            diesel::update(row).set(daily_letter_people::written_at.eq(Some(tx.now))).execute(tx.db)?;
            people.push(person);
        } else {
            diesel::delete(row).execute(tx.db)?;
            let_another_stand_in(tx, event, letter, &person)?;
        }
    }
    let base_url = tx.site.config.base_url.clone();
    let sheet = Sheet::load(tx.db, event, letter.about_on, &people, &base_url)?;
    for person in &people {
        write(tx, event, person, &rendered(letter, &sheet.values(person)))?;
    }
    Ok(waiting().count().get_result::<i64>(tx.db)? > 0)
}

/// Who was to get the letter by a registration that was canceled since gets it by another one that it is for, if any.
fn let_another_stand_in(tx: &mut Tx<'_>, event: &Event, letter: &DailyLetter, canceled: &Registration) -> Result<()> {
    let others = registration::confirmed_of_people(tx.db, &event.id, std::slice::from_ref(&canceled.person_id))?;
    let attending = attending(tx.db, &event.id, &others)?;
    let audience = letter.audience();
    if let Some(other) = others.into_iter().find(|one| audience.has(one, &attending)) {
        let turn = Turn { daily_letter_id: letter.id.clone(), registration_id: other.id, written_at: None };
        on_either!(&mut *tx.db, connection =>
            diesel::insert_into(daily_letter_people::table).values(&turn).on_conflict_do_nothing().execute(connection))?;
    }
    Ok(())
}

fn write(tx: &mut Tx<'_>, event: &Event, person: &Registration, (subject, text): &(String, String)) -> Result<()> {
    let why = format!("You get this letter because you are registered for {} ({}).", event.name, person.code);
    let (draft, mut fields) = letter(tx, "daily_letter", event, person, &why)?;
    for (name, value) in [
        ("portal_url", json!(format!("{}/events/{}/lobby", tx.site.config.base_url, event.slug))),
        ("subject", json!(subject)),
        ("text", json!(text)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

fn finish(tx: &mut Tx<'_>, letter: &DailyLetter, action: &str) -> Result<()> {
    diesel::update(daily_letters::table.find(&letter.id)).set(daily_letters::finished_at.eq(Some(tx.now))).execute(tx.db)?;
    let people = daily::written(tx.db, &letter.id)?;
    Entry::of(action, "daily_letter", &letter.id).event(&letter.event_id).after(json!({ "people": people })).record(tx)
}

/// A letter's subject and text for one person. A subject that would be empty for them names the day.
pub fn rendered(letter: &DailyLetter, values: &Values) -> (String, String) {
    let subject = Some(fill(&letter.subject, values)).filter(|subject| !subject.is_empty());
    let subject = subject.unwrap_or_else(|| format!("{}: {}", values.get("event"), values.get("day")));
    (subject, fill(&letter.body, values))
}

/// Whose registration stands and who is in an audience, each person once, oldest registration first. The letter tells of
/// all that they are registered for.
pub fn recipients(db: &mut Db, event: &Event, audience: &Audience) -> Result<Vec<Registration>> {
    let mut all = registration::with_status(db, &event.id, Status::Confirmed)?;
    let attending = attending(db, &event.id, &all)?;
    let mut there = HashSet::new();
    all.retain(|one| audience.has(one, &attending) && there.insert(one.person_id.clone()));
    Ok(all)
}
