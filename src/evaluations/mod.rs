//! Evaluations: what people say about sessions and the event, kept apart from who they are (CEU-3).

pub mod admin;
pub mod api;
pub mod forms;
pub mod pages;
pub mod queries;
pub mod results;
pub mod rules;
pub mod views;

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::json;

use crate::agenda::Session;
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{evaluation_answers, evaluation_completions, evaluation_drafts, evaluation_responses, presences};
use crate::enrollment::{self, queries::covers};
use crate::error::{Checks, Error, Result};
use crate::events::Event;
use crate::ids::{EvaluationFormId, QuestionId, RegistrationId, ResponseId, SessionId};
use crate::on_either;
use crate::registration::{self, Registration, Status};

use rules::{Answers, Refusal, Scope, Standing};

/// What is evaluated.
#[derive(Clone, Debug)]
pub enum Subject {
    Session(Box<Session>),
    /// The event as a whole.
    Overall,
}

/// The subject of the event as a whole, where a session would have its id.
pub const OVERALL: &str = "overall";

impl Subject {
    pub fn of(session: &Session) -> Self {
        Self::Session(Box::new(session.clone()))
    }

    pub fn scope(&self) -> Scope {
        match self {
            Self::Session(_) => Scope::Session,
            Self::Overall => Scope::Overall,
        }
    }

    fn key(&self) -> &str {
        self.session_id().map_or(OVERALL, SessionId::as_str)
    }

    fn session_id(&self) -> Option<&SessionId> {
        match self {
            Self::Session(session) => Some(&session.id),
            Self::Overall => None,
        }
    }

    /// What refusals call it.
    fn words(&self) -> String {
        match self {
            Self::Session(session) => format!("“{}”", session.title),
            Self::Overall => "The event".to_owned(),
        }
    }

    /// When its evaluation opens: with the session's end; for the whole with the event's first day, since
    /// nobody knows when somebody leaves.
    pub fn opens_at(&self, event: &Event) -> Instant {
        match self {
            Self::Session(session) => session.ends_at,
            Self::Overall => event.starts_at(),
        }
    }
}

/// What somebody typed and did not submit.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = evaluation_drafts, check_for_backend(crate::db::Either))]
struct Draft {
    registration_id: RegistrationId,
    subject: String,
    /// [`Answers`] as JSON.
    answers: String,
    saved_at: Instant,
}

#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = evaluation_completions)]
struct Completion {
    registration_id: RegistrationId,
    subject: String,
    form_id: EvaluationFormId,
    completed_at: Instant,
}

#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = evaluation_responses, treat_none_as_default_value = false)]
struct Response {
    id: ResponseId,
    form_id: EvaluationFormId,
    session_id: Option<SessionId>,
}

#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = evaluation_answers)]
struct AnswerRow {
    response_id: ResponseId,
    question_id: QuestionId,
    value: String,
    explanation: String,
}

/// What one person has evaluated and what they have begun.
#[derive(Clone, Debug, Default)]
pub struct Done {
    submitted: HashMap<String, Instant>,
    drafts: HashMap<String, Answers>,
}

impl Done {
    /// When this was submitted.
    pub fn submitted_at(&self, subject: &Subject) -> Option<Instant> {
        self.submitted.get(subject.key()).copied()
    }

    /// What was typed and not submitted.
    pub fn draft(&self, subject: &Subject) -> Option<&Answers> {
        self.drafts.get(subject.key())
    }

    /// Where the person stands with this evaluation.
    pub fn standing(&self, event: &Event, subject: &Subject, now: Instant) -> Standing {
        rules::standing(subject.opens_at(event), self.submitted_at(subject).is_some(), self.draft(subject).is_some(), now)
    }
}

/// What a registration has evaluated and begun.
pub fn done(db: &mut Db, registration: &RegistrationId) -> Result<Done> {
    let submitted: Vec<(String, Instant)> = evaluation_completions::table
        .filter(evaluation_completions::registration_id.eq(registration))
        .select((evaluation_completions::subject, evaluation_completions::completed_at))
        .load(db)?;
    let drafts: Vec<Draft> =
        evaluation_drafts::table.filter(evaluation_drafts::registration_id.eq(registration)).select(Draft::as_select()).load(db)?;
    let drafts = drafts.into_iter().map(|draft| {
        let answers = serde_json::from_str(&draft.answers).map_err(|cause| Error::internal(format!("a draft: {cause}")))?;
        Ok((draft.subject, answers))
    });
    Ok(Done { submitted: submitted.into_iter().collect(), drafts: drafts.collect::<Result<_>>()? })
}

/// Whether somebody may evaluate a session at all: it is among theirs, or a scan says that they were there.
pub fn was_theirs(db: &mut Db, registration: &Registration, session: &Session) -> Result<bool> {
    let seen: i64 = presences::table
        .filter(presences::session_id.eq(&session.id))
        .filter(presences::registration_id.eq(&registration.id))
        .count()
        .get_result(db)?;
    let has_seat = seen > 0
        || enrollment::find(db, &registration.id, &session.id)?.is_some_and(|enrollment| enrollment.status == enrollment::Status::Enrolled);
    Ok(has_seat || (session.included && covers(db, registration, session)?))
}

fn refusal(tx: &mut Tx<'_>, event: &Event, registration: &Registration, subject: &Subject, standing: Standing) -> Result<Option<Refusal>> {
    let what = subject.words();
    if registration.status != Status::Confirmed {
        return Ok(Some(Refusal::NotActive));
    }
    match standing {
        Standing::Submitted => return Ok(Some(Refusal::Already { what })),
        Standing::NotOpen { .. } => return Ok(Some(Refusal::NotOpen { what })),
        Standing::Open | Standing::Draft => {}
    }
    if let Subject::Session(session) = subject
        && (session.event_id != event.id || !was_theirs(tx.db, registration, session)?)
    {
        return Ok(Some(Refusal::NotAttended { what }));
    }
    Ok(None)
}

/// Keeps what somebody typed; it stays theirs until they submit it. Answers that do not fit are kept too.
pub fn save_draft(tx: &mut Tx<'_>, event: &Event, registration: &Registration, subject: &Subject, answers: &Answers) -> Result<()> {
    registration::hold(tx, &registration.id)?;
    let standing = done(tx.db, &registration.id)?.standing(event, subject, tx.now);
    if let Some(refusal) = refusal(tx, event, registration, subject, standing)? {
        return Err(refusal.into());
    }
    remove_draft(tx, &registration.id, subject)?;
    let answers = rules::tidy(answers);
    if answers.is_empty() {
        return Ok(());
    }
    let draft = Draft {
        registration_id: registration.id.clone(),
        subject: subject.key().to_owned(),
        answers: serde_json::to_string(&answers).map_err(Error::internal)?,
        saved_at: tx.now,
    };
    diesel::insert_into(evaluation_drafts::table).values(&draft).execute(tx.db)?;
    Ok(())
}

fn remove_draft(tx: &mut Tx<'_>, registration: &RegistrationId, subject: &Subject) -> Result<()> {
    diesel::delete(evaluation_drafts::table.find((registration, subject.key()))).execute(tx.db)?;
    Ok(())
}

/// Submits an evaluation: that it was done is kept with the person, what was said is kept with nobody (CEU-3).
/// `prefix` names the fields of what does not fit.
pub fn submit(
    tx: &mut Tx<'_>,
    event: &Event,
    registration: &Registration,
    subject: &Subject,
    answers: &Answers,
    prefix: &str,
) -> Result<()> {
    registration::hold(tx, &registration.id)?;
    let registration = &registration::get_by_id(tx.db, &registration.id)?;
    let standing = done(tx.db, &registration.id)?.standing(event, subject, tx.now);
    if let Some(refusal) = refusal(tx, event, registration, subject, standing)? {
        return Err(refusal.into());
    }
    let (form, questions) = forms::current(tx.db, &event.id, subject.scope())?.ok_or(Refusal::NoForm)?;
    let answers = rules::tidy(answers);
    let mut checks = Checks::new();
    rules::check(&questions, &answers, prefix, &mut checks);
    checks.finish()?;
    remove_draft(tx, &registration.id, subject)?;
    let completion = Completion {
        registration_id: registration.id.clone(),
        subject: subject.key().to_owned(),
        form_id: form.id.clone(),
        completed_at: tx.now,
    };
    diesel::insert_into(evaluation_completions::table).values(&completion).execute(tx.db)?;
    // A random id, unlike every other: one that rises with time would tell who answered when.
    let id = ResponseId::from(uuid::Uuid::new_v4().to_string());
    let response = Response { id: id.clone(), form_id: form.id.clone(), session_id: subject.session_id().cloned() };
    diesel::insert_into(evaluation_responses::table).values(&response).execute(tx.db)?;
    let rows: Vec<AnswerRow> = questions
        .into_iter()
        .filter_map(|question| {
            let answer = answers.get(&question.code)?.clone();
            Some(AnswerRow { response_id: id.clone(), question_id: question.id, value: answer.value, explanation: answer.explanation })
        })
        .collect();
    on_either!(&mut *tx.db, connection => diesel::insert_into(evaluation_answers::table).values(&rows).execute(connection))?;
    let code = if let Subject::Session(session) = subject { json!(session.code) } else { json!(null) };
    Entry::of("evaluation.submitted", "registration", &registration.id)
        .event(&event.id)
        .registration(&registration.id)
        .after(json!({ "session": code, "version": form.version }))
        .record(tx)
}
