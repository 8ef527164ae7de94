//! Results: how often each answer was given, by question; nothing where fewer than five answered.

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::forms::{Question, questions};
use super::rules::{FEWEST_SHOWN, Kind, STEPS, Scope};
use crate::db::Db;
use crate::db::schema::{evaluation_answers, evaluation_forms, evaluation_responses};
use crate::error::Result;
use crate::ids::{EvaluationFormId, EventId, QuestionId, SessionId};

/// What was answered to one question.
#[derive(Clone, Debug)]
pub struct Told {
    pub question: Question,
    /// How many answered it.
    pub count: i64,
    /// Fewer than five did, so nothing of it is shown.
    pub is_suppressed: bool,
    /// Each answer with what it says and how often it was given.
    pub bars: Vec<(String, i64)>,
    /// What was written, in no order that tells anything.
    pub texts: Vec<String>,
}

/// The versions of a form that were answered or are in force, newest first.
pub fn versions(db: &mut Db, event: &EventId, scope: Scope) -> Result<Vec<(EvaluationFormId, i32)>> {
    Ok(evaluation_forms::table
        .filter(evaluation_forms::event_id.eq(event))
        .filter(evaluation_forms::scope.eq(scope))
        .order(evaluation_forms::version.desc())
        .select((evaluation_forms::id, evaluation_forms::version))
        .load(db)?)
}

/// How many responses each session has, to every version of its form.
pub fn responses_by_session(db: &mut Db, event: &EventId) -> Result<HashMap<SessionId, i64>> {
    let rows: Vec<(Option<SessionId>, i64)> = evaluation_responses::table
        .inner_join(evaluation_forms::table)
        .filter(evaluation_forms::event_id.eq(event))
        .filter(evaluation_responses::session_id.is_not_null())
        .group_by(evaluation_responses::session_id)
        .select((evaluation_responses::session_id, count_star()))
        .load(db)?;
    Ok(rows.into_iter().filter_map(|(session, count)| Some((session?, count))).collect())
}

/// The results of one version, of one session or of all of them.
pub fn of_form(db: &mut Db, form: &EvaluationFormId, session: Option<&SessionId>) -> Result<Vec<Told>> {
    let questions = questions(db, form)?;
    let mut counts: HashMap<QuestionId, HashMap<String, i64>> = HashMap::new();
    for (question, value, count) in counted(db, form, session)? {
        counts.entry(question).or_default().insert(value, count);
    }
    let mut results = Vec::new();
    for question in questions {
        let counted = counts.remove(&question.id).unwrap_or_default();
        let (count, texts) = match question.kind {
            Kind::Text => {
                let texts = written(db, &question.id, session, false)?;
                (i64::try_from(texts.len()).unwrap_or_default(), texts)
            }
            Kind::YesNo => (counted.values().sum(), written(db, &question.id, session, true)?),
            Kind::Scale | Kind::Choice => (counted.values().sum(), Vec::new()),
        };
        let is_suppressed = count < FEWEST_SHOWN;
        // Explanations are told apart from counts: four who explain are too few, though fifty answered.
        let shows_texts = i64::try_from(texts.len()).unwrap_or_default() >= FEWEST_SHOWN;
        results.push(Told {
            bars: if is_suppressed { Vec::new() } else { bars(&question, &counted) },
            texts: if shows_texts { texts } else { Vec::new() },
            question,
            count,
            is_suppressed,
        });
    }
    Ok(results)
}

fn counted(db: &mut Db, form: &EvaluationFormId, session: Option<&SessionId>) -> Result<Vec<(QuestionId, String, i64)>> {
    use crate::db::schema::evaluation_questions;
    let rows = evaluation_answers::table
        .inner_join(evaluation_responses::table)
        .inner_join(evaluation_questions::table)
        .filter(evaluation_responses::form_id.eq(form))
        .filter(evaluation_questions::kind.ne(Kind::Text))
        .filter(evaluation_answers::value.ne(""));
    let columns = (evaluation_answers::question_id, evaluation_answers::value);
    let rows = match session {
        None => rows.group_by(columns).select((columns.0, columns.1, count_star())).load(db)?,
        Some(session) => rows
            .filter(evaluation_responses::session_id.eq(session).assume_not_null())
            .group_by(columns)
            .select((columns.0, columns.1, count_star()))
            .load(db)?,
    };
    Ok(rows)
}

/// What was written to one question, sorted by the responses' random ids.
fn written(db: &mut Db, question: &QuestionId, session: Option<&SessionId>, explanations: bool) -> Result<Vec<String>> {
    let rows: Vec<(String, String, Option<SessionId>)> = evaluation_answers::table
        .inner_join(evaluation_responses::table)
        .filter(evaluation_answers::question_id.eq(question))
        .order(evaluation_answers::response_id.asc())
        .select((evaluation_answers::value, evaluation_answers::explanation, evaluation_responses::session_id))
        .load(db)?;
    let here = rows.into_iter().filter(|(.., of)| session.is_none() || of.as_ref() == session);
    let texts = here.map(|(value, explanation, _)| if explanations { explanation } else { value });
    Ok(texts.filter(|text| !text.is_empty()).collect())
}

fn bars(question: &Question, counted: &HashMap<String, i64>) -> Vec<(String, i64)> {
    let count = |value: &str| counted.get(value).copied().unwrap_or_default();
    match question.kind {
        Kind::Scale => STEPS.iter().rev().map(|(step, words)| (format!("{step} {words}"), count(step))).collect(),
        Kind::YesNo => vec![("Yes".to_owned(), count("yes")), ("No".to_owned(), count("no"))],
        Kind::Choice => question.choices().map(|option| (option.to_owned(), count(option))).collect(),
        Kind::Text => Vec::new(),
    }
}
