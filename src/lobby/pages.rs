//! The lobby's page for registered people, and their questions to the help desk.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::overview::{Overview, overview};
use super::questions;
use crate::app::{Actor, App};
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::events::{self, Event};
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::{AttendeeOnly, Page, PostedForm};
use crate::ids::PersonId;
use crate::registration::{self, Registration, Status};

/// What the form sends.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    question: String,
}

/// The event, and the registrations with which a person is in its lobby: all that are confirmed, or else those that wait;
/// oldest first. Who has none finds nothing.
pub fn guest(db: &mut Db, slug: &str, person: &PersonId) -> Result<(Event, Vec<Registration>)> {
    let event = events::get(db, slug)?;
    let mut live = registration::live_of_person(db, &event.id, person)?;
    live.sort_by(|left, right| left.id.cmp(&right.id));
    if live.iter().any(|one| one.status == Status::Confirmed) {
        live.retain(|one| one.status == Status::Confirmed);
    }
    if live.is_empty() { Err(Error::NotFound) } else { Ok((event, live)) }
}

/// `GET /events/{event}/lobby`
pub async fn show(app: web::Data<App>, attendee: AttendeeOnly, slug: web::Path<String>) -> Result<HttpResponse> {
    page(&app, &attendee, slug.into_inner(), "", &[]).await
}

async fn page(app: &App, attendee: &AttendeeOnly, slug: String, typed: &str, wrong: &[FieldError]) -> Result<HttpResponse> {
    let (now, person, base_url) = (app.now(), attendee.person.id.clone(), app.site.config.base_url.clone());
    let read = app.read(move |db| {
        let (event, own) = guest(db, &slug, &person)?;
        Ok((overview(db, &event, &own, now, &base_url)?, event))
    });
    let (view, event): (Overview, Event) = read.await?;
    let (errors, error_for) = form_errors(wrong);
    let mut view = serde_json::to_value(view).map_err(Error::internal)?;
    for (name, value) in [("errors", errors), ("error_for", error_for), ("typed", json!(typed))] {
        view[name] = value;
    }
    Page::new(app, &attendee.asker, "lobby/show").event(&event).status(if wrong.is_empty() { 200 } else { 422 }).render(&view)
}

/// `POST /events/{event}/lobby/questions`
pub async fn ask(
    app: web::Data<App>,
    attendee: AttendeeOnly,
    slug: web::Path<String>,
    PostedForm(typed): PostedForm<Typed>,
) -> Result<HttpResponse> {
    let slug = slug.into_inner();
    let (of, person, text) = (slug.clone(), attendee.person.id.clone(), typed.question.clone());
    let done = app
        .write(Actor::Attendee(attendee.person.id.clone()), move |tx| {
            let (event, own) = guest(tx.db, &of, &person)?;
            let own = own.first().ok_or(Error::NotFound)?;
            questions::ask(tx, &event, &own.id, &text)
        })
        .await;
    match done {
        Ok(_) => Ok(see_other_saying(
            &app,
            &format!("/events/{slug}/lobby#help"),
            "yes",
            "The help desk has your question. The answer comes here and by mail.",
        )),
        Err(Error::Invalid(wrong)) => page(&app, &attendee, slug, &typed.question, &wrong).await,
        Err(Error::Refused { code, message }) => {
            let wrong = [FieldError { field: "question".to_owned(), code, detail: message }];
            page(&app, &attendee, slug, &typed.question, &wrong).await
        }
        Err(other) => Err(other),
    }
}
