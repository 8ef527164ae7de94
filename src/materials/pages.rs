//! Materials for attendees: the list, and links that work for who asked and a few minutes (REC-2).

use actix_web::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use actix_web::{HttpRequest, HttpResponse, web};

use super::access::{Access, check, key_of, token};
use super::views::ListView;
use super::{Material, Version, Whole};
use crate::agenda::{self, Session};
use crate::app::App;
use crate::clock::Instant;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::http::{AttendeeOnly, Page, files, see_other};
use crate::ids::{MaterialId, PersonId};
use crate::recordings::rules::links;
use crate::uploads::{self, Upload};

/// `GET /events/{event}/materials`
pub async fn index(app: web::Data<App>, attendee: AttendeeOnly, slug: web::Path<String>) -> Result<HttpResponse> {
    let (person, now) = (attendee.person.id.clone(), app.now());
    let read = app.read(move |db| {
        let event = events::get(db, &slug)?;
        if !Access::of_person(db, &event, &person, now)?.is_registered() {
            return Err(Error::NotFound);
        }
        Ok((ListView::build(db, &event, &person, now)?, event))
    });
    let (view, event) = read.await?;
    Page::new(&app, &attendee.asker, "materials/index").event(&event).render(&view)
}

/// A material with the version that is shown, for somebody who may have it.
struct Opened {
    event: Event,
    material: Material,
    version: Version,
    file: Option<Upload>,
}

fn open(db: &mut Db, slug: &str, id: &str, person: &PersonId, now: Instant) -> Result<Opened> {
    let event = events::get(db, slug)?;
    let (session, whole) = named(db, &event, id)?;
    Access::of_person(db, &event, person, now)?.verdict(&session)?;
    let version = whole.shown().cloned().ok_or(Error::NotFound)?;
    let file = match &version.upload_id {
        Some(id) => Some(uploads::find(db, id)?.ok_or_else(|| Error::internal("a material without its file"))?),
        None => None,
    };
    Ok(Opened { event, material: whole.material, version, file })
}

fn named(db: &mut Db, event: &Event, id: &str) -> Result<(Session, Whole)> {
    let session = super::session_of(db, &MaterialId::from(id.to_owned()))?;
    let session = agenda::get_by_id(db, &session)?;
    if session.event_id != event.id || session.canceled_at.is_some() {
        return Err(Error::NotFound);
    }
    let whole = super::of_session(db, &session.id)?.into_iter().find(|one| one.material.id.as_str() == id);
    Ok((session, whole.ok_or(Error::NotFound)?))
}

/// `GET /events/{event}/materials/{material}`: on to a fresh link of one's own.
pub async fn show(app: web::Data<App>, attendee: AttendeeOnly, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (person, now, key) = (attendee.person.id.clone(), app.now(), key_of(&app.site));
    let to = app.read(move |db| {
        let opened = open(db, &path.0, &path.1, &person, now)?;
        let token = token(&key, &opened.material, &opened.version, &person, now);
        Ok(format!("/events/{}/materials/{}/{token}", opened.event.slug, opened.material.id))
    });
    Ok(see_other(&to.await?))
}

/// `GET /events/{event}/materials/{material}/{token}`: the file, always to be saved and never shown as a page of ours; or
/// on to the address. Whoever shares this link shares nothing.
pub async fn file(
    app: web::Data<App>,
    attendee: AttendeeOnly,
    path: web::Path<(String, String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (person, now, key) = (attendee.person.id.clone(), app.now(), key_of(&app.site));
    let found = app.read(move |db| {
        let opened = open(db, &path.0, &path.1, &person, now)?;
        let left = check(&key, &opened.material, &opened.version, &person, &path.2, now)?;
        Ok((opened, left))
    });
    let (Opened { version, file, .. }, left) = found.await?;
    if let Some(link) = version.link {
        let mut response = HttpResponse::SeeOther();
        return Ok(response
            .insert_header((LOCATION, link))
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((REFERRER_POLICY, "no-referrer"))
            .finish());
    }
    let file = file.ok_or_else(|| Error::internal("a material with neither a file nor an address"))?;
    files::give(&app, &request, &file, false, links::for_store(left)).await
}
