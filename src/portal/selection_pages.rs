//! Changing one's sessions: a day at a time, one form for each session (ENR-2 to ENR-5).

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;

use super::selection::{self, Refused, Shown};
use crate::agenda::{self, Session};
use crate::app::App;
use crate::enrollment::rules::ordinal;
use crate::enrollment::{Status, selection as seats};
use crate::error::{Error, Result};
use crate::http::pages::see_other_saying;
use crate::http::{Mine, Page, PostedForm};

/// `?day=2026-03-09`.
#[derive(Deserialize)]
pub struct DayQuery {
    day: Option<String>,
}

/// A form of which only the button counts.
#[derive(Deserialize)]
pub struct Pressed {}

/// `GET /my/{registration}/sessions?day=`.
pub async fn index(app: web::Data<App>, mine: Mine, query: web::Query<DayQuery>) -> Result<HttpResponse> {
    let day = query.day.as_deref().and_then(|day| day.parse().ok());
    page(&app, &mine, day, None).await
}

async fn page(app: &App, mine: &Mine, day: Option<NaiveDate>, refused: Option<Refused>) -> Result<HttpResponse> {
    let now = app.now();
    let status = if refused.is_some() { 409 } else { 200 };
    let (event, registration) = (mine.event.clone(), mine.registration.clone());
    let shown: Shown = app.read(move |db| selection::day(db, &event, &registration, day, now, refused.as_ref())).await?;
    let base = format!("/my/{}", mine.registration.code);
    Page::new(app, &mine.asker, "portal/sessions").event(&mine.event).status(status).render(&json!({ "base": base, "shown": shown }))
}

/// `POST /my/{registration}/sessions/{session}/seat`: a seat, or a place in the line.
pub async fn create(
    app: web::Data<App>,
    mine: Mine,
    path: web::Path<(String, String)>,
    _form: PostedForm<Pressed>,
) -> Result<HttpResponse> {
    let (event, registration) = (mine.event.clone(), mine.registration.clone());
    let (_, code) = path.into_inner();
    let session = app.read(move |db| agenda::get(db, &event.id, &code)).await?;
    let (event, wanted) = (mine.event.clone(), session.clone());
    let placed = app.write(mine.actor(), move |tx| seats::choose(tx, &event, &wanted, &registration)).await;
    let said = placed.map(|placed| match placed.position {
        None => ("yes", format!("You have a seat in {}. We mailed you the new calendar.", session.code)),
        Some(position) => {
            ("wait", format!("{} is full: you are {} in line. We write to you when the seat is yours.", session.code, ordinal(position)))
        }
    });
    back(&app, &mine, &session, said).await
}

/// `POST /my/{registration}/sessions/{session}/departure`: gives up the seat, or leaves the line.
pub async fn delete(
    app: web::Data<App>,
    mine: Mine,
    path: web::Path<(String, String)>,
    _form: PostedForm<Pressed>,
) -> Result<HttpResponse> {
    let (event, registration) = (mine.event.clone(), mine.registration.clone());
    let (_, code) = path.into_inner();
    let session = app.read(move |db| agenda::get(db, &event.id, &code)).await?;
    let (event, left) = (mine.event.clone(), session.clone());
    let was = app.write(mine.actor(), move |tx| seats::give_up(tx, &event, &left, &registration)).await;
    let said = was.map(|was| match was {
        Status::Enrolled => ("yes", format!("You gave up your seat in {}. We mailed you the new calendar.", session.code)),
        Status::Waitlisted => ("yes", format!("You left the line for {}. We mailed you the change.", session.code)),
    });
    back(&app, &mine, &session, said).await
}

/// Back to the session's day with what came of it; a refusal stands beside the session.
async fn back(app: &App, mine: &Mine, session: &Session, said: Result<(&'static str, String)>) -> Result<HttpResponse> {
    let day = session.starts_at.date_in(mine.event.zone());
    match said {
        Ok((kind, text)) => {
            let to = format!("/my/{}/sessions?day={day}#{}", mine.registration.code, selection::anchor(&session.code));
            Ok(see_other_saying(app, &to, kind, &text))
        }
        Err(Error::Refused { message, .. }) => page(app, mine, Some(day), Some(Refused { session: session.id.clone(), message })).await,
        Err(other) => Err(other),
    }
}
