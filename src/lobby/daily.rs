//! Daily letters: composed by content staff for a day of the event, and scheduled in its zone.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use super::audience::{Audience, Audiences};
use super::rules::{is_missed, unknown_placeholders};
use super::sending::{SEND, Wanted};
use crate::app::Tx;
use crate::audit::{self, Entry};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{daily_letter_people, daily_letters};
use crate::error::{Checks, Error, Result};
use crate::events::{Event, rules as days};
use crate::ids::{DailyLetterId, EventId, RegistrationTypeId, SessionId};
use crate::incoming::tidy_line;
use crate::jobs;
use crate::typed::tidy_text;

const LONGEST_SUBJECT: usize = 150;
const LONGEST_BODY: usize = 6000;

/// A daily letter, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = daily_letters, check_for_backend(crate::db::Either), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct DailyLetter {
    pub id: DailyLetterId,
    pub event_id: EventId,
    pub subject: String,
    pub body: String,
    pub registration_type_id: Option<RegistrationTypeId>,
    pub session_id: Option<SessionId>,
    /// The day that it is about.
    pub about_on: NaiveDate,
    /// When it is to be sent; none until it is scheduled.
    pub send_at: Option<Instant>,
    pub made_at: Instant,
    pub actor: String,
    /// When who gets it was written down.
    pub begun_at: Option<Instant>,
    pub finished_at: Option<Instant>,
}

/// Where a daily letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Draft,
    Scheduled(Instant),
    Sending,
    Sent(Instant),
    /// Its day was over before it could be sent, so nobody got it.
    Missed,
}

impl DailyLetter {
    pub fn audience(&self) -> Audience {
        Audience::of(self.registration_type_id.as_ref(), self.session_id.as_ref())
    }

    pub fn standing(&self) -> Standing {
        match (self.send_at, self.begun_at, self.finished_at) {
            (_, Some(_), Some(at)) => Standing::Sent(at),
            (_, None, Some(_)) => Standing::Missed,
            (_, Some(_), None) => Standing::Sending,
            (Some(at), None, None) => Standing::Scheduled(at),
            (None, None, None) => Standing::Draft,
        }
    }
}

/// What staff type.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Draft {
    pub subject: String,
    pub body: String,
    /// `all`, `type:general`, `session:B1`.
    pub audience: String,
    pub about_on: String,
}

impl Draft {
    /// A stored letter as it would be typed.
    pub fn of(stored: &DailyLetter, audiences: &Audiences) -> Self {
        Self {
            subject: stored.subject.clone(),
            body: stored.body.clone(),
            audience: audiences.value(&stored.audience()),
            about_on: stored.about_on.to_string(),
        }
    }

    /// Puts what was typed into `letter`, or says what cannot be read.
    fn read(&self, event: &Event, audiences: &Audiences, letter: &mut DailyLetter) -> Result<()> {
        let mut checks = Checks::new();
        (letter.subject, letter.body) = (tidy_line(&self.subject), tidy_text(&self.body));
        checks.required("subject", &letter.subject, "Enter a subject.");
        checks.at_most("subject", &letter.subject, LONGEST_SUBJECT);
        checks.required("body", &letter.body, "Write the letter.");
        checks.at_most("body", &letter.body, LONGEST_BODY);
        for (field, text) in [("subject", &letter.subject), ("body", &letter.body)] {
            let unknown: Vec<String> = unknown_placeholders(text).into_iter().map(|name| format!("{{{name}}}")).collect();
            if !unknown.is_empty() {
                checks.wrong(field, "unknown", format!("{} is none of the placeholders listed here.", unknown.join(", ")));
            }
        }
        let audience = audiences.read(&mut checks, "audience", &self.audience);
        (letter.registration_type_id, letter.session_id) = (audience.registration_type().cloned(), audience.session().cloned());
        let day = checks.needed_day("about_on", &self.about_on, "Enter the day that it is about.");
        if let Some(day) = day.filter(|day| *day < event.starts_on || *day > event.ends_on) {
            checks.wrong("about_on", "out_of_range", format!("{} is no day of the event.", days::day_words(day)));
        }
        letter.about_on = day.unwrap_or(letter.about_on);
        checks.finish()
    }
}

/// Keeps a new letter as a draft.
pub fn compose(tx: &mut Tx<'_>, event: &Event, draft: &Draft) -> Result<DailyLetter> {
    let audiences = Audiences::load(tx.db, &event.id)?;
    let mut letter = DailyLetter {
        id: DailyLetterId::new(),
        event_id: event.id.clone(),
        subject: String::new(),
        body: String::new(),
        registration_type_id: None,
        session_id: None,
        about_on: event.starts_on,
        send_at: None,
        made_at: tx.now,
        actor: tx.actor.label(),
        begun_at: None,
        finished_at: None,
    };
    draft.read(event, &audiences, &mut letter)?;
    diesel::insert_into(daily_letters::table).values(&letter).execute(tx.db)?;
    let after = json!(Draft::of(&letter, &audiences));
    Entry::of("daily_letter.composed", "daily_letter", &letter.id).event(&event.id).after(after).record(tx)?;
    Ok(letter)
}

/// The letter as it is now, held, unless it went out already.
fn to_change(tx: &mut Tx<'_>, event: &Event, id: &DailyLetterId) -> Result<DailyLetter> {
    hold(tx, id)?;
    let letter = get(tx.db, &event.id, id)?;
    match letter.standing() {
        Standing::Draft | Standing::Scheduled(_) => Ok(letter),
        Standing::Sending | Standing::Sent(_) => Err(Error::refused("lobby.letter_sent", "This letter went out; it cannot be changed.")),
        Standing::Missed => Err(Error::refused("lobby.letter_missed", "The day of this letter is over.")),
    }
}

/// Makes every other write of this letter wait.
pub fn hold(tx: &mut Tx<'_>, id: &DailyLetterId) -> Result<()> {
    diesel::update(daily_letters::table.find(id)).set(daily_letters::subject.eq(daily_letters::subject)).execute(tx.db)?;
    Ok(())
}

/// Changes a letter that was not sent yet; a schedule stands. False when nothing was different.
pub fn change(tx: &mut Tx<'_>, event: &Event, id: &DailyLetterId, draft: &Draft) -> Result<bool> {
    let audiences = Audiences::load(tx.db, &event.id)?;
    let before = to_change(tx, event, id)?;
    let mut after = before.clone();
    draft.read(event, &audiences, &mut after)?;
    if before == after {
        return Ok(false);
    }
    if let Some(at) = after.send_at.filter(|at| is_missed(after.about_on, event.zone(), *at)) {
        let said = format!("It is scheduled for {}, when this day is over.", days::instant_words(at, event.zone()));
        return Err(Error::invalid("about_on", "out_of_range", said));
    }
    diesel::update(daily_letters::table.find(id)).set(&after).execute(tx.db)?;
    let (old, new) = audit::differences(&Draft::of(&before, &audiences), &Draft::of(&after, &audiences))?;
    Entry::of("daily_letter.changed", "daily_letter", id).event(&event.id).before(old).after(new).record(tx)?;
    Ok(true)
}

/// Schedules a letter for a local time of the event, such as `2026-03-09T06:30`, or anew.
pub fn schedule(tx: &mut Tx<'_>, event: &Event, id: &DailyLetterId, when: &str) -> Result<Instant> {
    let mut checks = Checks::new();
    let at = checks.moment("send_at", when, event.zone());
    checks.finish()?;
    let at = at.ok_or(Error::NotFound)?;
    let letter = to_change(tx, event, id)?;
    if at <= tx.now {
        return Err(Error::invalid("send_at", "past", "This time is over. Choose one that is still to come."));
    }
    if is_missed(letter.about_on, event.zone(), at) {
        let said = format!("The letter is about {}, which is over then.", days::day_words(letter.about_on));
        return Err(Error::invalid("send_at", "out_of_range", said));
    }
    set_time(tx, event, &letter, Some(at))?;
    jobs::enqueue(tx, SEND, &Wanted { letter: id.clone(), send_at: at }, at)?;
    Ok(at)
}

/// Takes a letter's schedule back; it is a draft again.
pub fn unschedule(tx: &mut Tx<'_>, event: &Event, id: &DailyLetterId) -> Result<()> {
    let letter = to_change(tx, event, id)?;
    set_time(tx, event, &letter, None)
}

fn set_time(tx: &mut Tx<'_>, event: &Event, letter: &DailyLetter, send_at: Option<Instant>) -> Result<()> {
    diesel::update(daily_letters::table.find(&letter.id)).set(daily_letters::send_at.eq(send_at)).execute(tx.db)?;
    let entry = Entry::of("daily_letter.scheduled", "daily_letter", &letter.id).event(&event.id);
    entry.before(json!({ "send_at": letter.send_at })).after(json!({ "send_at": send_at })).record(tx)
}

/// A letter of an event, or not found.
pub fn get(db: &mut Db, event: &EventId, id: &DailyLetterId) -> Result<DailyLetter> {
    let own = daily_letters::table.filter(daily_letters::id.eq(id)).filter(daily_letters::event_id.eq(event));
    own.select(DailyLetter::as_select()).first(db).map_err(Error::from)
}

/// An event's letters by the day that they are about.
pub fn list(db: &mut Db, event: &EventId) -> Result<Vec<DailyLetter>> {
    Ok(daily_letters::table
        .filter(daily_letters::event_id.eq(event))
        .order((daily_letters::about_on.asc(), daily_letters::id.asc()))
        .select(DailyLetter::as_select())
        .load(db)?)
}

/// To how many people a letter was written.
pub fn written(db: &mut Db, id: &DailyLetterId) -> Result<i64> {
    let own = daily_letter_people::table.filter(daily_letter_people::daily_letter_id.eq(id));
    Ok(own.filter(daily_letter_people::written_at.is_not_null()).count().get_result(db)?)
}
