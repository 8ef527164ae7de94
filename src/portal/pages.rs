//! The portal's pages: overview, my agenda, badge.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use serde_json::json;

use super::overview::{Brief, overview};
use super::views::{Pass, Wifi, by_day, deck};
use crate::app::App;
use crate::enrollment::calendar;
use crate::enrollment::queries::my_agenda;
use crate::error::{Error, Result};
use crate::events::rules as days;
use crate::http::{AttendeeOnly, Mine, Page, see_other};
use crate::registration::confirmation_pages::calendar_file;
use crate::registration::{self, Status};
use crate::{badges, qr};

/// `GET /my`: the registrations of who is signed in; the only one at once.
pub async fn index(app: web::Data<App>, attendee: AttendeeOnly) -> Result<HttpResponse> {
    let person = attendee.person.id.clone();
    let briefs = app.read(move |db| {
        let own = registration::of_person(db, &person)?;
        own.iter().map(|registration| Brief::of(db, registration)).collect::<Result<Vec<Brief>>>()
    });
    let briefs = briefs.await?;
    // A message would be lost with a page that shows nothing, so it goes on with the redirect.
    if let [only] = briefs.as_slice() {
        return Ok(see_other(&only.href));
    }
    Page::new(&app, &attendee.asker, "portal/index").render(&json!({ "registrations": briefs }))
}

/// `GET /my/{registration}`.
pub async fn show(app: web::Data<App>, mine: Mine) -> Result<HttpResponse> {
    let now = app.now();
    let (event, registration) = (mine.event.clone(), mine.registration.clone());
    let view = app.read(move |db| overview(db, &event, &registration, now)).await?;
    Page::new(&app, &mine.asker, "portal/show").event(&mine.event).render(&view)
}

/// `GET /my/{registration}/agenda`: seats, places in lines, and what is included, by day (ENR-6).
pub async fn agenda(app: web::Data<App>, mine: Mine) -> Result<HttpResponse> {
    let (event, registration) = (mine.event.clone(), mine.registration.clone());
    let found = app.read(move |db| {
        let items = my_agenda(db, &registration)?;
        Ok(by_day(&deck(db, &event)?, &event, &items))
    });
    let base = format!("/my/{}", mine.registration.code);
    Page::new(&app, &mine.asker, "portal/agenda").event(&mine.event).render(&json!({
        "sessions_href": format!("{base}/sessions"), "base": base, "code": mine.registration.code, "days": found.await?, "zone": days::zone_words(mine.event.zone()), "wifi": Wifi::of(&mine.event, &mine.registration),
        "may_choose": mine.registration.status == Status::Confirmed && app.now() < mine.event.ends_at(),
    }))
}

/// `GET /my/{registration}/agenda.ics`.
pub async fn calendar(app: web::Data<App>, mine: Mine) -> Result<HttpResponse> {
    let (now, base_url) = (app.now(), app.site.config.base_url.clone());
    let file = app.read(move |db| calendar::of_registration(db, &mine.event, &mine.registration, &base_url, now));
    Ok(calendar_file(file.await?))
}

/// `GET /my/{registration}/badge`: to be shown on a phone, or printed.
pub async fn badge(app: web::Data<App>, mine: Mine) -> Result<HttpResponse> {
    let (id, zone, event) = (mine.registration.id.clone(), mine.event.zone(), mine.event.id.clone());
    let read = app.read(move |db| {
        let places = crate::events::badge_places(db, &event)?;
        let places: Vec<_> = places
            .iter()
            .map(|place| json!({ "place": place.place, "when": days::span_words(place.opens_at, place.closes_at, zone), "audience": place.audience }))
            .collect();
        Ok((badges::of_registration(db, &id)?.is_some(), places))
    });
    let (has_badge, places) = read.await?;
    let pass = Pass::of(&mine.registration, has_badge && mine.registration.status == Status::Confirmed);
    Page::new(&app, &mine.asker, "portal/badge")
        .event(&mine.event)
        .render(&json!({ "base": format!("/my/{}", mine.registration.code), "pass": pass, "places": places }))
}

/// `GET /my/{registration}/badge.svg`: the badge's QR code.
pub async fn badge_picture(app: web::Data<App>, mine: Mine) -> Result<HttpResponse> {
    if mine.registration.status != Status::Confirmed {
        return Err(Error::NotFound);
    }
    let token = app.read(move |db| badges::of_registration(db, &mine.registration.id)?.ok_or(Error::NotFound)?.token(&mine.event));
    let picture = qr::svg(&token.await?)?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).content_type("image/svg+xml").body(picture))
}
