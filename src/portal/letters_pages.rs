//! My letters: what was mailed to a registration, and whether it arrived on its way (MAIL-1).

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::app::App;
use crate::error::{Error, Result};
use crate::events::{Event, rules as days};
use crate::http::{Mine, Page};
use crate::mail::{self, Letter, State};

/// `GET /my/{registration}/letters`.
pub async fn index(app: web::Data<App>, mine: Mine) -> Result<HttpResponse> {
    let id = mine.registration.id.clone();
    let letters = app.read(move |db| mail::of_registration(db, &id)).await?;
    let base = format!("/my/{}", mine.registration.code);
    let listed: Vec<Value> = letters.iter().map(|letter| line(letter, &mine.event, &base)).collect();
    Page::new(&app, &mine.asker, "portal/letters")
        .event(&mine.event)
        .render(&json!({ "base": base, "letters": listed, "help_email": mine.event.help_email }))
}

fn line(letter: &Letter, event: &Event, base: &str) -> Value {
    let (kind, state) = state_words(letter.state);
    json!({
        "when": days::instant_words(letter.created_at, event.zone()), "subject": letter.subject, "to": letter.to_email,
        "chip": { "kind": kind, "text": state },
        // One that holds a code is shown to nobody, not even here.
        "href": (!letter.confidential).then(|| format!("{base}/letters/{}", letter.id)),
    })
}

/// The chip of a letter's state.
fn state_words(state: State) -> (&'static str, &'static str) {
    match state {
        State::Queued => ("wait", "Waiting to be sent"),
        State::Sending => ("wait", "Sending"),
        State::Sent => ("yes", "Sent"),
        State::Failed => ("no", "Could not be sent"),
        State::Suppressed => ("note", "Not sent"),
    }
}

/// `GET /my/{registration}/letters/{letter}`: its words; one that holds a code is not found.
pub async fn show(app: web::Data<App>, mine: Mine, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (_, letter) = path.into_inner();
    let letter = app.read(move |db| mail::get(db, &letter)).await?;
    if letter.registration_id.as_ref() != Some(&mine.registration.id) || letter.confidential {
        return Err(Error::NotFound);
    }
    let base = format!("/my/{}", mine.registration.code);
    let mut view = line(&letter, &mine.event, &base);
    view["base"] = json!(base);
    view["text"] = json!(letter.body_text);
    view["has_calendar"] = json!(letter.calendar.is_some());
    view["has_badge"] = json!(letter.badge_text.is_some());
    Page::new(&app, &mine.asker, "portal/letter").event(&mine.event).render(&view)
}
