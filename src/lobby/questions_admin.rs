//! Questions to the help desk, for who answers them.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::questions::{self, Question};
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::events::rules as days;
use crate::http::asker::{Allowed, permit};
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::{Page, PostedForm};
use crate::ids::HelpQuestionId;
use crate::registration::Registration;
use crate::setup::forms_admin::to;

type Answerer = Allowed<permit::AnswerQuestions>;

/// What the form sends.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    answer: String,
}

/// `GET /staff/events/{event}/lobby/questions`
pub async fn index(app: web::Data<App>, allowed: Answerer) -> Result<HttpResponse> {
    page(&app, &allowed, None, &[]).await
}

/// The page; `typed` is an answer that was not taken, and to which question.
async fn page(app: &App, allowed: &Answerer, typed: Option<(&str, &str)>, wrong: &[FieldError]) -> Result<HttpResponse> {
    let (event, of) = (allowed.event()?, allowed.event()?.id.clone());
    let (waiting, answered) = app.read(move |db| questions::of_event(db, &of)).await?;
    let words = |at| days::instant_words(at, event.zone());
    let row = |(one, who): &(Question, Registration)| -> Value {
        let kept = typed.filter(|(id, _)| *id == one.id.as_str());
        json!({
            "id": one.id, "action": to(event, &format!("lobby/questions/{}/answer", one.id)), "question": one.question, "asked": words(one.asked_at),
            "name": who.full_name(), "code": who.code, "person": to(event, &format!("people/{}", who.code)), "answer": one.answer,
            "answered": one.answered_at.map(words), "typed": kept.map(|(_, text)| text),
            "error": kept.and_then(|_| wrong.first()).map(|wrong| wrong.detail.as_str()),
        })
    };
    let (errors, _) = form_errors(wrong);
    let view = json!({
        "waiting": waiting.iter().map(row).collect::<Vec<_>>(), "answered": answered.iter().map(row).collect::<Vec<_>>(), "errors": errors,
    });
    Page::new(app, &allowed.asker, "lobby/questions").event(event).status(if wrong.is_empty() { 200 } else { 422 }).render(&view)
}

/// `POST /staff/events/{event}/lobby/questions/{question}/answer`
pub async fn answer(
    app: web::Data<App>,
    allowed: Answerer,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<Typed>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (_, id) = path.into_inner();
    let (own, of, text) = (event.clone(), HelpQuestionId::from(id.clone()), typed.answer.clone());
    let back = to(event, "lobby/questions");
    match app.write(allowed.actor(), move |tx| questions::answer(tx, &own, &of, &text)).await {
        Ok(()) => Ok(see_other_saying(&app, &back, "yes", "Answered: it is mailed, and stands in the lobby of who asked.")),
        Err(Error::Invalid(wrong)) => {
            let wrong: Vec<FieldError> = wrong.into_iter().map(|one| FieldError { field: format!("answer-{id}"), ..one }).collect();
            page(&app, &allowed, Some((&id, &typed.answer)), &wrong).await
        }
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(&app, &back, "no", &message)),
        Err(other) => Err(other),
    }
}
