//! After registering: the code, what happens next, the badge, and the calendar.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::{Registration, Status, drafts};
use crate::app::App;
use crate::clock::Instant;
use crate::db::Db;
use crate::enrollment::calendar;
use crate::enrollment::queries::{Standing, my_agenda};
use crate::error::{Error, Result};
use crate::events::{self, Event, rules as days};
use crate::http::{Asker, Page, see_other};
use crate::money::format_cents;
use crate::orders::drafted::order_of;
use crate::orders::rules::Standing as OrderStanding;
use crate::orders::{self, Order};
use crate::{badges, people, qr};

/// The event, order and registration that a draft became; none while it is still a draft.
fn placed(db: &mut Db, slug: &str, secret: &str, now: Instant) -> Result<(Event, Option<(Order, Registration)>)> {
    let event = events::get_published(db, slug)?;
    let draft = drafts::get(db, &event.id, secret, now)?;
    if draft.order_id.is_none() {
        return Ok((event, None));
    }
    let order = order_of(db, &draft)?;
    let registration = super::of_order(db, &order.id)?.into_iter().next().ok_or(Error::NotFound)?;
    Ok((event, Some((order, registration))))
}

fn registration_of(db: &mut Db, slug: &str, secret: &str, now: Instant) -> Result<(Event, Registration)> {
    let (event, placed) = placed(db, slug, secret, now)?;
    placed.map(|(_, registration)| (event, registration)).ok_or(Error::NotFound)
}

/// `GET /events/{event}/register/{draft}/confirmation`.
pub async fn show(app: web::Data<App>, asker: Asker, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (slug, secret) = path.into_inner();
    let now = app.now();
    let base = format!("/events/{slug}/register/{secret}");
    let own = base.clone();
    let shown = app.read(move |db| {
        let (event, placed) = placed(db, &slug, &secret, now)?;
        let Some((order, registration)) = placed else { return Ok(None) };
        let view = view(db, &event, &order, &registration, &own)?;
        Ok(Some((event, view)))
    });
    match shown.await? {
        Some((event, view)) => Page::new(&app, &asker, "registration/confirmation").event(&event).render(&view),
        None => Ok(see_other(&format!("{base}/review"))),
    }
}

fn view(db: &mut Db, event: &Event, order: &Order, registration: &Registration, base: &str) -> Result<Value> {
    let sessions: Vec<Value> = my_agenda(db, registration)?
        .into_iter()
        .map(|item| {
            let kind = if matches!(item.standing, Standing::Waiting(_)) { "wait" } else { "yes" };
            json!({
                "when": days::span_words(item.session.starts_at, item.session.ends_at, event.zone()), "title": item.session.title,
                "room": item.room, "chip": { "kind": kind, "text": item.standing.words() },
            })
        })
        .collect();
    let balance = orders::balance_cents(db, &order.id)?;
    let standing = orders::standing(db, &order.id)?;
    Ok(json!({
        "code": registration.code, "email": people::get(db, &registration.person_id)?.email, "event_name": event.name,
        "confirmed": registration.status == Status::Confirmed, "pending": registration.status == Status::Pending,
        "held": standing == OrderStanding::Held && registration.status != Status::Pending,
        "invoice": balance > 0, "balance": format_cents(balance, &order.currency),
        "due_on": order.due_on.map(days::day_words), "order_code": order.code, "sessions": sessions,
        "badge": {
            "name": registration.badge_name, "credentials": registration.credentials, "organization": registration.organization,
            "picture": format!("{base}/badge.svg"),
        },
        "calendar_href": format!("{base}/agenda.ics"), "next": crate::portal::sign_in::encoded(&format!("/my/{}", registration.code)),
    }))
}

/// `GET /events/{event}/register/{draft}/badge.svg`: the badge's QR code.
pub async fn badge(app: web::Data<App>, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (slug, secret) = path.into_inner();
    let now = app.now();
    let token = app.read(move |db| {
        let (event, registration) = registration_of(db, &slug, &secret, now)?;
        badges::of_registration(db, &registration.id)?.ok_or(Error::NotFound)?.token(&event)
    });
    let picture = qr::svg(&token.await?)?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).content_type("image/svg+xml").body(picture))
}

/// `GET /events/{event}/register/{draft}/agenda.ics`: the agenda as a calendar file.
pub async fn calendar(app: web::Data<App>, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (slug, secret) = path.into_inner();
    let (now, base_url) = (app.now(), app.site.config.base_url.clone());
    let file = app.read(move |db| {
        let (event, registration) = registration_of(db, &slug, &secret, now)?;
        calendar::of_registration(db, &event, &registration, &base_url, now)
    });
    Ok(calendar_file(file.await?))
}

/// A calendar file to be downloaded.
pub fn calendar_file(body: String) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store")).insert_header((CONTENT_DISPOSITION, "attachment; filename=\"my-agenda.ics\""));
    response.content_type("text/calendar; charset=utf-8").body(body)
}
