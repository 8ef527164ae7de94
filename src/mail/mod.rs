//! Letters: written in the transaction that causes them, sent afterwards, never dropped (MAIL-1).

pub mod outbox;
pub mod pages;

use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::letters;
use crate::error::{Error, Result};
use crate::ids::{EventId, LetterId, PersonId, RegistrationId};

crate::words! {
    /// Where a letter is on its way.
    State { Queued => "queued", Sending => "sending", Sent => "sent", Failed => "failed", Suppressed => "suppressed" }
}

/// A letter as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = letters, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Letter {
    pub id: LetterId,
    pub kind: String,
    pub person_id: Option<PersonId>,
    pub registration_id: Option<RegistrationId>,
    pub event_id: Option<EventId>,
    pub to_email: String,
    pub to_name: String,
    pub subject: String,
    pub body_text: String,
    pub body_html: String,
    /// An iCalendar file that goes along.
    pub calendar: Option<String>,
    /// The text of the QR code that goes along as the inline image `badge`.
    pub badge_text: Option<String>,
    /// Holds a code or a link that opens something: shown to nobody, and blanked once sent.
    pub confidential: bool,
    pub state: State,
    pub attempts: i32,
    pub next_try_at: Instant,
    pub claimed_until: Option<Instant>,
    pub sent_at: Option<Instant>,
    pub last_error: Option<String>,
    pub created_at: Instant,
}

/// What a letter is and whom it goes to; the words come from `templates/mail/<kind>/`.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The folder of its three templates.
    pub kind: &'static str,
    pub to_email: String,
    pub to_name: String,
    pub person: Option<PersonId>,
    pub registration: Option<RegistrationId>,
    pub event: Option<EventId>,
    pub calendar: Option<String>,
    pub badge_text: Option<String>,
    pub confidential: bool,
}

/// Renders a letter's three parts and queues it. `view` gives the letter's own fields.
pub fn queue(tx: &mut Tx<'_>, draft: Draft, view: &impl Serialize) -> Result<LetterId> {
    let folder = format!("mail/{}", draft.kind);
    let templates = &tx.site.templates;
    let subject = templates.text(&format!("{folder}/subject.txt"), view)?;
    let letter = Letter {
        id: LetterId::new(),
        kind: draft.kind.to_owned(),
        person_id: draft.person,
        registration_id: draft.registration,
        event_id: draft.event,
        to_email: draft.to_email,
        to_name: draft.to_name,
        subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
        body_text: templates.text(&format!("{folder}/body.txt"), view)?,
        body_html: templates.html(&format!("{folder}/body.html"), view)?,
        calendar: draft.calendar,
        badge_text: draft.badge_text,
        confidential: draft.confidential,
        state: State::Queued,
        attempts: 0,
        next_try_at: tx.now,
        claimed_until: None,
        sent_at: None,
        last_error: None,
        created_at: tx.now,
    };
    diesel::insert_into(letters::table).values(&letter).execute(tx.db)?;
    tx.letters_wait();
    Ok(letter.id)
}

/// The fields that every letter's templates may use, as a JSON object to be extended.
pub fn shared_fields(greeting_name: &str, event_name: &str, event_url: &str, portal_url: &str, help_email: &str, why: &str) -> Value {
    json!({
        "greeting_name": greeting_name, "event_name": event_name, "event_url": event_url,
        "portal_url": portal_url, "help_email": help_email, "why": why,
    })
}

/// Letters to a registration, newest first.
pub fn of_registration(db: &mut Db, registration: &RegistrationId) -> Result<Vec<Letter>> {
    Ok(letters::table
        .filter(letters::registration_id.eq(registration))
        .order(letters::id.desc())
        .limit(200)
        .select(Letter::as_select())
        .load(db)?)
}

/// The newest letters to addresses that contain this lower-case text (all, when it is empty), for the demo's mailbox.
pub fn newest_to(db: &mut Db, part: &str, limit: i64) -> Result<Vec<Letter>> {
    // Addresses are compared in lower case here, since the databases differ in what LIKE does.
    let to: Vec<(LetterId, String)> =
        letters::table.order((letters::created_at.desc(), letters::id.desc())).select((letters::id, letters::to_email)).load(db)?;
    let wanted = to.into_iter().filter(|(_, email)| email.to_lowercase().contains(part)).map(|(id, _)| id);
    let wanted: Vec<LetterId> = wanted.take(usize::try_from(limit).unwrap_or_default()).collect();
    Ok(letters::table
        .filter(letters::id.eq_any(wanted))
        .order((letters::created_at.desc(), letters::id.desc()))
        .select(Letter::as_select())
        .load(db)?)
}

/// One letter by id.
pub fn get(db: &mut Db, id: &str) -> Result<Letter> {
    letters::table.find(LetterId::from(id.to_owned())).select(Letter::as_select()).first(db).map_err(Error::from)
}

/// How many letters are in this state.
pub fn count(db: &mut Db, state: State) -> Result<i64> {
    Ok(letters::table.filter(letters::state.eq(state)).count().get_result(db)?)
}
