//! Staff change the sessions of a person: a seat, a place in the line, or giving one up.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::person::{self, Choice, registration_of};
use super::person_admin::base;
use crate::agenda;
use crate::app::App;
use crate::enrollment::queries::Standing;
use crate::enrollment::rules::{closes_at, has_free_seat, ordinal};
use crate::enrollment::{Status, selection};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::events::rules::span_words;
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::{Page, see_other_saying};

/// What the forms of this page send: a session's code.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    session: String,
}

/// `GET /staff/events/{event}/people/{registration}/sessions`
pub async fn index(
    app: web::Data<App>,
    allowed: Allowed<permit::EditRegistrations>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let (_, code) = path.into_inner();
    let event = allowed.event()?.clone();
    let of_event = event.clone();
    let (registration, choices) = app
        .read(move |db| {
            let registration = registration_of(db, &of_event, &code)?;
            let choices = person::choices(db, &of_event, &registration)?;
            Ok((registration, choices))
        })
        .await?;
    let now = app.now();
    let rows: Vec<Value> = choices
        .iter()
        .filter(|choice| choice.covered || choice.standing.is_some())
        .map(|choice| row(&event, choice, closes_at(&choice.session, event.selection_closes_minutes_before) > now))
        .collect();
    let view = json!({ "base": base(&event, &registration.code), "name": registration.full_name(), "sessions": rows });
    Page::new(&app, &allowed.asker, "desk/sessions").event(&event).render(&view)
}

fn row(event: &Event, choice: &Choice, open: bool) -> Value {
    let free = has_free_seat(choice.session.capacity, choice.taken);
    let seats = match choice.session.capacity {
        None => "No limit".to_owned(),
        Some(capacity) if free => format!("{} left", i64::from(capacity) - choice.taken),
        Some(_) if choice.waiting > 0 => format!("Full, {} waiting", choice.waiting),
        Some(_) => "Full".to_owned(),
    };
    let chip = choice.standing.map(|standing| {
        let kind = if standing == Standing::Enrolled { "yes" } else { "wait" };
        json!({ "kind": kind, "text": standing.words() })
    });
    json!({
        "code": choice.session.code, "title": choice.session.title, "room": choice.room,
        "when": span_words(choice.session.starts_at, choice.session.ends_at, event.zone()),
        "seats": seats, "chip": chip, "open": open, "mine": choice.standing.is_some(),
        "add": if free { "Give a seat" } else { "Put in line" },
        "leave": if choice.standing == Some(Standing::Enrolled) { "Give up the seat" } else { "Leave the line" },
    })
}

/// `POST /staff/events/{event}/people/{registration}/enrollments`
pub async fn create(
    app: web::Data<App>,
    allowed: Allowed<permit::EditRegistrations>,
    path: web::Path<(String, String)>,
    form: PostedForm<Chosen>,
) -> Result<HttpResponse> {
    let (_, code) = path.into_inner();
    let event = allowed.event()?.clone();
    let to = format!("{}/sessions", base(&event, &code));
    let done = app.write(allowed.actor(), move |tx| {
        let registration = registration_of(tx.db, &event, &code)?;
        let session = agenda::get(tx.db, &event.id, &form.0.session)?;
        let placed = selection::choose(tx, &event, &session, &registration)?;
        let what = placed.position.map_or_else(|| "Added".to_owned(), |position| format!("Waiting ({})", ordinal(position)));
        let said = format!("{}: {what}.", session.code);
        Ok(said)
    });
    back(&app, &to, done.await)
}

/// `POST /staff/events/{event}/people/{registration}/enrollments/removal`
pub async fn delete(
    app: web::Data<App>,
    allowed: Allowed<permit::EditRegistrations>,
    path: web::Path<(String, String)>,
    form: PostedForm<Chosen>,
) -> Result<HttpResponse> {
    let (_, code) = path.into_inner();
    let event = allowed.event()?.clone();
    let to = format!("{}/sessions", base(&event, &code));
    let done = app.write(allowed.actor(), move |tx| {
        let registration = registration_of(tx.db, &event, &code)?;
        let session = agenda::get(tx.db, &event.id, &form.0.session)?;
        let what = match selection::give_up(tx, &event, &session, &registration)? {
            Status::Enrolled => "given up",
            Status::Waitlisted => "left the line",
        };
        let said = format!("{}: {what}.", session.code);
        Ok(said)
    });
    back(&app, &to, done.await)
}

fn back(app: &App, to: &str, done: Result<String>) -> Result<HttpResponse> {
    match done {
        Ok(said) => Ok(see_other_saying(app, to, "yes", &format!("{said} A letter with the new selection goes out."))),
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(app, to, "no", &message)),
        Err(error) => Err(error),
    }
}
