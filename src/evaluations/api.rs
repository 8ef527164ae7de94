//! Evaluations as programs submit them.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::forms::Question;
use super::rules::{Answer, Answers, Kind, Level, STEPS};
use super::{Subject, submit};
use crate::agenda;
use crate::app::App;
use crate::credits::{admin::permits, certificates::issuing};
use crate::error::{Checks, Error, Result};
use crate::http::{JsonBody, Owned, idempotency};

/// An evaluation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluationRequest {
    /// The session's code; null for the event as a whole.
    #[schema(example = "B1")]
    pub session: Option<String>,
    /// By the question's code (see the registration's credits): 1 to 5, one of the options, true or false
    /// (or `{ "value": false, "explanation": "…" }`), or text.
    #[schema(value_type = Object, example = json!({ "objectives": 5, "practice": 4, "balance": true, "next_step": "Teach-back at every discharge" }))]
    pub answers: BTreeMap<String, Value>,
}

/// That an evaluation was taken. What was said is kept apart from who said it.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvaluationAnswer {
    pub session: Option<String>,
    #[schema(example = "submitted")]
    pub status: &'static str,
}

/// A question of an evaluation.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionDetail {
    #[schema(example = "objectives")]
    pub code: String,
    pub kind: Kind,
    pub prompt: String,
    /// What may be answered, where that is limited.
    pub options: Vec<String>,
    pub required: bool,
    /// Moore's level of outcome.
    pub level: Level,
}

impl QuestionDetail {
    pub fn of(question: &Question) -> Self {
        let options = match question.kind {
            Kind::Scale => STEPS.iter().map(|(step, _)| (*step).to_owned()).collect(),
            Kind::YesNo => vec!["yes".to_owned(), "no".to_owned()],
            Kind::Choice => question.choices().map(str::to_owned).collect(),
            Kind::Text => Vec::new(),
        };
        Self {
            code: question.code.clone(),
            kind: question.kind,
            prompt: question.prompt.clone(),
            options,
            required: question.is_required(),
            level: question.level,
        }
    }
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn read(answers: &BTreeMap<String, Value>) -> Result<Answers> {
    let mut checks = Checks::new();
    let mut read = Answers::new();
    for (code, value) in answers {
        let answer = match value {
            Value::Object(parts) if parts.keys().all(|key| ["value", "explanation"].contains(&key.as_str())) => {
                let part = |name: &str| parts.get(name).map_or(Some(String::new()), word);
                part("value").zip(part("explanation"))
            }
            plain => word(plain).map(|value| (value, String::new())),
        };
        match answer {
            Some((value, explanation)) => _ = read.insert(code.clone(), Answer { value, explanation }),
            None => checks.wrong(
                &format!("answers.{code}"),
                "malformed",
                "Send a number, a text, true or false, or an object with value and explanation.",
            ),
        }
    }
    checks.finish()?;
    Ok(read)
}

/// Submits the evaluation of a session, or of the event as a whole. It is final, and anonymous from then on.
#[utoipa::path(post, path = "/api/v1/registrations/{registration}/evaluations", tag = "credit", security(("token" = [])),
    params(("registration" = String, Path, description = "The registration's code.", example = "REG-7K3M9P")),
    request_body = EvaluationRequest,
    responses((status = 201, description = "Taken.", body = EvaluationAnswer)))]
pub async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    owned: Owned<permits::EditCredits>,
    body: JsonBody<EvaluationRequest>,
) -> Result<HttpResponse> {
    let actor = owned.actor();
    let Owned { registration, event, .. } = owned;
    let JsonBody { value: EvaluationRequest { session: code, answers }, bytes } = body;
    idempotency::write(&app, &request, &bytes, actor, move |tx| {
        let subject = match &code {
            None => Subject::Overall,
            Some(code) => Subject::of(
                &agenda::find(tx.db, &event.id, code)?
                    .ok_or_else(|| Error::invalid("session", "unknown", format!("There is no session {code} at this event.")))?,
            ),
        };
        submit(tx, &event, &registration, &subject, &read(&answers)?, "answers.")?;
        if matches!(subject, Subject::Overall) {
            // It may be what a certificate waited for (CEU-3).
            issuing::follow(tx, &event, &registration, "")?;
        }
        Ok((201, EvaluationAnswer { session: code, status: "submitted" }))
    })
    .await
}
