//! The demo's mailbox: every letter as it would have been sent, in the demo only.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Letter, State, outbox};
use crate::app::App;
use crate::error::{Error, Result};
use crate::events::rules::instant_words;
use crate::http::{Asker, Page, headers};
use crate::{mail, qr};

/// So many letters are listed at most.
const MOST: i64 = 100;
const ZONE: chrono_tz::Tz = chrono_tz::Tz::America__Los_Angeles;

/// Letters bring their own styles; nothing else of theirs may run or load, and links leave the frame.
const LETTER_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'self'; form-action 'none'; \
     frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation";

/// What may be asked of the list.
#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    to: String,
}

/// Nobody but the demo shows its letters.
fn only_demo(app: &App) -> Result<()> {
    if app.site.config.demo { Ok(()) } else { Err(Error::NotFound) }
}

async fn letter(app: &App, id: &web::Path<String>) -> Result<Letter> {
    only_demo(app)?;
    let id = id.to_string();
    app.read(move |db| mail::get(db, &id)).await
}

fn fresh(mut response: HttpResponseBuilder, kind: &str) -> HttpResponseBuilder {
    response.insert_header((CACHE_CONTROL, "no-store")).content_type(kind.to_owned());
    response
}

/// `GET /dev/mail`
pub async fn index(app: web::Data<App>, asker: Asker, search: web::Query<Search>) -> Result<HttpResponse> {
    only_demo(&app)?;
    let to = search.into_inner().to.trim().to_lowercase();
    let wanted = to.clone();
    let letters = app.read(move |db| mail::newest_to(db, &wanted, MOST)).await?;
    let listed: Vec<Value> = letters.iter().map(line).collect();
    let more = i64::try_from(listed.len()).is_ok_and(|count| count == MOST);
    Page::new(&app, &asker, "dev/letters").render(&json!({ "letters": listed, "to": to, "more": more, "most": MOST }))
}

fn line(letter: &Letter) -> Value {
    json!({
        "id": letter.id, "subject": letter.subject, "to": letter.to_email, "when": instant_words(letter.created_at, ZONE),
        "state": letter.state.as_str(), "chip": chip(letter.state),
    })
}

fn chip(state: State) -> &'static str {
    match state {
        State::Sent => "yes",
        State::Queued | State::Sending => "wait",
        State::Failed => "no",
        State::Suppressed => "note",
    }
}

/// `GET /dev/mail/{id}`
pub async fn show(app: web::Data<App>, asker: Asker, id: web::Path<String>) -> Result<HttpResponse> {
    let letter = letter(&app, &id).await?;
    let headers_text = outbox::message(&app, &letter)?.headers().to_string();
    let mut view = line(&letter);
    view["to"] = json!(format!("{} <{}>", letter.to_name, letter.to_email));
    view["written"] = json!(instant_words(letter.created_at, ZONE));
    view["sent"] = json!(letter.sent_at.map_or_else(|| "not yet".to_owned(), |at| instant_words(at, ZONE)));
    view["last_error"] = json!(letter.last_error);
    view["has_calendar"] = json!(letter.calendar.is_some());
    view["has_badge"] = json!(letter.badge_text.is_some());
    view["text"] = json!(letter.body_text);
    view["headers"] = json!(headers_text.trim_end());
    let mut page = Page::new(&app, &asker, "dev/letter").render(&view)?;
    headers::replace_policy(&mut page, &format!("{}; frame-src 'self'", headers::POLICY));
    Ok(page)
}

/// `GET /dev/mail/{id}/html`: the HTML part, for the frame of its page.
pub async fn html(app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse> {
    let letter = letter(&app, &id).await?;
    let body = letter.body_html.replace("cid:badge", &format!("/dev/mail/{}/badge.png", letter.id));
    let body = body.replacen("<head>", "<head><base target=\"_top\">", 1);
    let mut response = fresh(HttpResponse::Ok(), "text/html; charset=utf-8").body(body);
    headers::replace_policy(&mut response, LETTER_POLICY);
    headers::allow_own_frame(&mut response);
    Ok(response)
}

/// `GET /dev/mail/{id}/text`: the text part.
pub async fn text(app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse> {
    Ok(fresh(HttpResponse::Ok(), "text/plain; charset=utf-8").body(letter(&app, &id).await?.body_text))
}

/// `GET /dev/mail/{id}/badge.png`: the QR code that goes along.
pub async fn badge(app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse> {
    let text = letter(&app, &id).await?.badge_text.ok_or(Error::NotFound)?;
    Ok(fresh(HttpResponse::Ok(), "image/png").body(qr::png(&text, 8)?))
}

/// `GET /dev/mail/{id}/my-agenda.ics`: the calendar that goes along.
pub async fn calendar(app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse> {
    let calendar = letter(&app, &id).await?.calendar.ok_or(Error::NotFound)?;
    let mut response = fresh(HttpResponse::Ok(), "text/calendar; charset=utf-8");
    response.insert_header((CONTENT_DISPOSITION, "attachment; filename=\"my-agenda.ics\""));
    Ok(response.body(calendar))
}

/// `GET /dev/mail/{id}/raw`: the letter as it is handed over.
pub async fn raw(app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse> {
    let letter = letter(&app, &id).await?;
    let message = outbox::message(&app, &letter)?;
    Ok(fresh(HttpResponse::Ok(), "text/plain; charset=utf-8").body(message.formatted()))
}
