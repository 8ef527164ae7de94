//! Registering, second screen: what you attend.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::drafts::{self, Content, Draft};
use super::pages::{confirmation_href, count, steps};
use crate::app::{App, Tx};
use crate::error::{Error, FieldError, Result};
use crate::events::{self, Event};
use crate::http::pages::form_errors;
use crate::http::{Asker, Page, PostedForm, see_other};
use crate::orders::choices::{self, Choices};
use crate::orders::drafted::{self, fields_of};
use crate::pricing::{self, code_key};

/// The second screen as it is posted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ChoiceForm {
    registration_type: String,
    /// The type whose sessions the page showed.
    shown_type: Option<String>,
    access_code: String,
    sessions: Vec<String>,
    /// Which button: `code`, `type`, or the main one.
    r#do: String,
}

/// What the screen shows, besides its errors.
struct Screen {
    event: Event,
    secret: String,
    content: Content,
    choices: Choices,
}

/// What came of a request.
enum Came {
    Show { screen: Box<Screen>, wrong: Vec<FieldError>, note: Option<&'static str> },
    GoTo(String),
}

/// `GET /events/{event}/register/{draft}/sessions`.
pub async fn edit(app: web::Data<App>, asker: Asker, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (slug, secret) = path.into_inner();
    let now = app.now();
    let came = app.read(move |db| {
        let event = events::get_published(db, &slug)?;
        let draft = drafts::get(db, &event.id, &secret, now)?;
        if draft.order_id.is_some() {
            return Ok(Came::GoTo(confirmation_href(&event, &secret)));
        }
        let content = draft.content()?;
        let choices = choices::choices(db, &event, &content, now)?;
        Ok(Came::Show { screen: Box::new(Screen { event, secret, content, choices }), wrong: Vec::new(), note: None })
    });
    answer(&app, &asker, came.await?)
}

/// `POST /events/{event}/register/{draft}/sessions`.
pub async fn update(
    app: web::Data<App>,
    asker: Asker,
    path: web::Path<(String, String)>,
    form: PostedForm<ChoiceForm>,
) -> Result<HttpResponse> {
    count(&app, &asker)?;
    let (slug, secret) = path.into_inner();
    let form = form.0;
    let came = app.write(asker.actor(), move |tx| {
        let event = events::get_published(tx.db, &slug)?;
        let draft = drafts::hold(tx, &event.id, &secret)?;
        if draft.order_id.is_some() {
            return Ok(Came::GoTo(confirmation_href(&event, &secret)));
        }
        let content = Content {
            registration_type: form.registration_type.clone(),
            access_code: form.access_code.clone(),
            sessions: form.sessions.clone(),
            ..draft.content()?
        };
        drafts::save(tx, &draft, &content)?;
        let is_new_type = form.shown_type.as_ref().is_some_and(|shown| *shown != form.registration_type);
        let wrong = match form.r#do.as_str() {
            "code" => wrong_code(tx, &event, &content)?,
            "type" => Vec::new(),
            _ if is_new_type => Vec::new(),
            _ => check(tx, &event, &draft, &content)?,
        };
        if wrong.is_empty() && form.r#do != "code" && form.r#do != "type" && !is_new_type {
            drafted::mail_code_where_it_helps(tx, &event, &draft, &content)?;
            return Ok(Came::GoTo(format!("/events/{}/register/{secret}/review", event.slug)));
        }
        let choices = choices::choices(tx.db, &event, &content, tx.now)?;
        let note =
            (is_new_type && form.r#do != "code").then_some("These are the sessions of the registration you chose. Check them, then go on.");
        Ok(Came::Show { screen: Box::new(Screen { event, secret, content, choices }), wrong, note })
    });
    answer(&app, &asker, came.await?)
}

/// A code that opens nothing and takes nothing off is said.
fn wrong_code(tx: &mut Tx<'_>, event: &Event, content: &Content) -> Result<Vec<FieldError>> {
    let key = code_key(&content.access_code);
    let opens = pricing::list_types(tx.db, &event.id)?.iter().any(|kind| kind.access_code_key.as_deref() == Some(key.as_str()));
    if key.is_empty() || opens || pricing::find_discount_code(tx.db, &event.id, &key)?.is_some() {
        return Ok(Vec::new());
    }
    Ok(vec![FieldError { field: "access_code".to_owned(), code: "unknown", detail: "This code is not known at this event.".to_owned() }])
}

/// Everything that would be refused when the order is placed, said here where it can be changed.
fn check(tx: &mut Tx<'_>, event: &Event, draft: &Draft, content: &Content) -> Result<Vec<FieldError>> {
    if content.registration_type.is_empty() {
        return Ok(vec![FieldError {
            field: "registration_type".to_owned(),
            code: "required",
            detail: "Choose a registration.".to_owned(),
        }]);
    }
    let clash = choices::clash(tx.db, event, content, tx.now)?;
    let refusal = match drafted::quoted(tx.db, event, draft, content, tx.now) {
        Err(Error::Invalid(wrong)) => fields_of(wrong, content),
        Err(Error::Refused { code, message }) => vec![FieldError { field: "sessions".to_owned(), code, detail: message }],
        other => other.map(|_| Vec::new())?,
    };
    Ok(clash.into_iter().chain(refusal).collect())
}

fn answer(app: &App, asker: &Asker, came: Came) -> Result<HttpResponse> {
    let (screen, wrong, note) = match came {
        Came::GoTo(path) => return Ok(see_other(&path)),
        Came::Show { screen, wrong, note } => (screen, wrong, note),
    };
    let Screen { event, secret, content, choices } = *screen;
    let (errors, error_for) = form_errors(&wrong);
    Page::new(app, asker, "registration/sessions").event(&event).status(if wrong.is_empty() { 200 } else { 422 }).render(&json!({
        "steps": steps(&event, Some(&secret), 1), "errors": errors, "error_for": error_for, "note": note,
        "action": format!("/events/{}/register/{secret}/sessions", event.slug),
        "access_code": content.access_code, "choices": choices,
    }))
}
