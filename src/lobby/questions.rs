//! What registered people ask the help desk from the lobby, and what it answers.

use diesel::prelude::*;
use serde_json::json;

use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{help_questions, registrations};
use crate::error::{Checks, Error, Result};
use crate::events::Event;
use crate::ids::{EventId, HelpQuestionId, RegistrationId};
use crate::mail;
use crate::registration::letters::letter;
use crate::registration::{self, Registration, Status};
use crate::typed::tidy_text;

/// So many questions of one registration may wait for an answer at a time.
pub const MOST_OPEN: i64 = 5;
const LONGEST: usize = 2000;

/// A question, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = help_questions, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Question {
    pub id: HelpQuestionId,
    pub event_id: EventId,
    pub registration_id: RegistrationId,
    pub question: String,
    pub asked_at: Instant,
    pub answer: Option<String>,
    pub answered_at: Option<Instant>,
    pub answered_by: Option<String>,
}

fn read(field: &str, text: &str, missing: &str) -> Result<String> {
    let text = tidy_text(text);
    let mut checks = Checks::new();
    checks.required(field, &text, missing);
    checks.at_most(field, &text, LONGEST);
    checks.finish()?;
    Ok(text)
}

/// Asks the help desk; refused while too many questions wait, or where the registration does not stand.
pub fn ask(tx: &mut Tx<'_>, event: &Event, registration: &RegistrationId, text: &str) -> Result<Question> {
    let question = read("question", text, "Write your question.")?;
    registration::hold(tx, registration)?;
    if registration::get_by_id(tx.db, registration)?.status != Status::Confirmed {
        return Err(Error::refused("lobby.not_confirmed", "This registration is not confirmed. Write to the help desk's e-mail address."));
    }
    let waiting: i64 = help_questions::table
        .filter(help_questions::registration_id.eq(registration))
        .filter(help_questions::answered_at.is_null())
        .count()
        .get_result(tx.db)?;
    if waiting >= MOST_OPEN {
        let said = format!("{waiting} of your questions wait for an answer. Come to the help desk or call it, if it is urgent.");
        return Err(Error::refused("lobby.too_many_questions", said));
    }
    let row = Question {
        id: HelpQuestionId::new(),
        event_id: event.id.clone(),
        registration_id: registration.clone(),
        question,
        asked_at: tx.now,
        answer: None,
        answered_at: None,
        answered_by: None,
    };
    diesel::insert_into(help_questions::table).values(&row).execute(tx.db)?;
    // What somebody wrote stays in its row, which may be erased.
    let entry = Entry::of("help_question.asked", "help_question", &row.id).event(&event.id).registration(registration);
    entry.record(tx)?;
    Ok(row)
}

/// Answers a question: the answer stands in the lobby and is mailed. Refused when somebody was quicker.
pub fn answer(tx: &mut Tx<'_>, event: &Event, id: &HelpQuestionId, text: &str) -> Result<()> {
    let answer = read("answer", text, "Write the answer.")?;
    let own = help_questions::table.filter(help_questions::id.eq(id)).filter(help_questions::event_id.eq(&event.id));
    let question: Question = own.select(Question::as_select()).first(tx.db)?;
    let open = help_questions::table.find(id);
    let columns = (
        help_questions::answer.eq(Some(answer.clone())),
        help_questions::answered_at.eq(Some(tx.now)),
        help_questions::answered_by.eq(Some(tx.actor.label())),
    );
    // Conditional, so that of two who answer one is told.
    if diesel::update(open.filter(help_questions::answered_at.is_null())).set(columns).execute(tx.db)? == 0 {
        return Err(Error::refused("lobby.answered_already", "Somebody answered this question before you."));
    }
    let registration = registration::get_by_id(tx.db, &question.registration_id)?;
    let entry = Entry::of("help_question.answered", "help_question", id).event(&event.id).registration(&registration.id);
    entry.record(tx)?;
    tell(tx, event, &registration, &question.question, &answer)
}

fn tell(tx: &mut Tx<'_>, event: &Event, registration: &Registration, question: &str, answer: &str) -> Result<()> {
    let why = format!("You get this letter because you asked the help desk with your registration {}.", registration.code);
    let (draft, mut fields) = letter(tx, "question_answered", event, registration, &why)?;
    for (name, value) in [
        ("portal_url", json!(format!("{}/events/{}/lobby", tx.site.config.base_url, event.slug))),
        ("question", json!(question)),
        ("answer", json!(answer)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

/// The questions of these registrations, newest first.
pub fn of_registrations(db: &mut Db, registrations: &[RegistrationId]) -> Result<Vec<Question>> {
    Ok(help_questions::table
        .filter(help_questions::registration_id.eq_any(registrations))
        .order(help_questions::id.desc())
        .select(Question::as_select())
        .load(db)?)
}

/// A question with who asks it.
type Asked = (Question, Registration);

/// An event's questions with who asks: those that wait, oldest first, then the newest hundred that were answered.
pub fn of_event(db: &mut Db, event: &EventId) -> Result<(Vec<Asked>, Vec<Asked>)> {
    let own = || {
        help_questions::table
            .inner_join(registrations::table)
            .filter(help_questions::event_id.eq(event))
            .select((Question::as_select(), Registration::as_select()))
    };
    let waiting = own().filter(help_questions::answered_at.is_null()).order(help_questions::id.asc()).load(db)?;
    let answered = own().filter(help_questions::answered_at.is_not_null()).order(help_questions::answered_at.desc()).limit(100).load(db)?;
    Ok((waiting, answered))
}

/// How many questions of an event wait for an answer.
pub fn waiting(db: &mut Db, event: &EventId) -> Result<i64> {
    let own = help_questions::table.filter(help_questions::event_id.eq(event));
    Ok(own.filter(help_questions::answered_at.is_null()).count().get_result(db)?)
}
