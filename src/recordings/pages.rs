//! Recordings for attendees: the list, the player, and what it asks for: bytes, captions, a fresh link, and what was watched.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::queries::Access;
use super::rules::{links, watched};
use super::views::{ListView, Player, PlayerView, Progress, bound, key_of, media_href, refused_link};
use super::watching::{self, Report};
use super::{Recording, captions};
use crate::agenda::{self, Session};
use crate::app::{Actor, App};
use crate::clock::Instant;
use crate::db::Db;
use crate::error::Result;
use crate::events::{self, Event};
use crate::http::headers::allow_media_from;
use crate::http::{AttendeeOnly, Page, PostedForm, files};
use crate::ids::PersonId;
use crate::uploads::Upload;

/// Event and session of an address.
type Named = web::Path<(String, String)>;

/// `GET /events/{event}/recordings`
pub async fn index(app: web::Data<App>, attendee: AttendeeOnly, slug: web::Path<String>) -> Result<HttpResponse> {
    let (person, now) = (attendee.person.id.clone(), app.now());
    let (event, view) = app
        .read(move |db| {
            let event = events::get_published(db, &slug)?;
            let view = ListView::build(db, &event, &person, now)?;
            Ok((event, view))
        })
        .await?;
    Page::new(&app, &attendee.asker, "recordings/index").event(&event).render(&view)
}

/// `GET /events/{event}/recordings/{session}`
pub async fn show(app: web::Data<App>, attendee: AttendeeOnly, path: Named) -> Result<HttpResponse> {
    let (person, now, key) = (attendee.person.id.clone(), app.now(), key_of(&app.site));
    let (event, view) = app
        .read(move |db| {
            let event = events::get_published(db, &path.0)?;
            let view = PlayerView::build(db, &Player { event: &event, code: &path.1, person: &person, key: &key, now })?;
            Ok((event, view))
        })
        .await?;
    let mut response = Page::new(&app, &attendee.asker, "recordings/show").event(&event).render(&view)?;
    allow_media_from(&mut response, app.storage.origin());
    Ok(response)
}

/// What a person asks for, once it is known that they may have it.
struct Opened {
    event: Event,
    session: Session,
    recording: Recording,
    upload: Upload,
}

/// The published recording of a session, without asking who wants it.
fn named(db: &mut Db, slug: &str, code: &str) -> Result<Opened> {
    let event = events::get_published(db, slug)?;
    let session = agenda::get(db, &event.id, code)?;
    let (recording, upload) = super::get_published(db, &session.id)?;
    Ok(Opened { event, session, recording, upload })
}

fn open(db: &mut Db, slug: &str, code: &str, person: &PersonId, now: Instant) -> Result<Opened> {
    let opened = named(db, slug, code)?;
    Access::of_person(db, &opened.event, person, now)?.verdict(&opened.session)?;
    Ok(opened)
}

/// `GET /events/{event}/recordings/{session}/link`: a fresh link, for a player whose link is over.
pub async fn link(app: web::Data<App>, attendee: AttendeeOnly, path: Named) -> Result<HttpResponse> {
    let (person, now, key) = (attendee.person.id, app.now(), key_of(&app.site));
    let src = app.read(move |db| {
        let Opened { event, session, recording, upload } = open(db, &path.0, &path.1, &person, now)?;
        Ok(media_href(&key, &event, &session, (&recording, &upload), &person, now))
    });
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(json!({ "src": src.await? })))
}

/// `GET /events/{event}/recordings/{session}/media/{token}`: the bytes, or the store's own link to them. Whoever shares the
/// link shares nothing: it is followed for its person alone, and only as long as that person may watch (REC-2).
pub async fn media(
    app: web::Data<App>,
    attendee: AttendeeOnly,
    path: web::Path<(String, String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (person, now, key) = (attendee.person.id, app.now(), key_of(&app.site));
    let found = app.read(move |db| {
        let Opened { event, session, recording, upload } = named(db, &path.0, &path.1)?;
        let left = links::check(&key, bound(&recording, &upload, &person), &path.2, now).map_err(refused_link)?;
        Access::of_person(db, &event, &person, now)?.verdict(&session)?;
        Ok((upload, left))
    });
    let (upload, left) = found.await?;
    files::give(&app, &request, &upload, true, links::for_store(left)).await
}

/// `GET /events/{event}/recordings/{session}/captions/{language}`
pub async fn captions(app: web::Data<App>, attendee: AttendeeOnly, path: web::Path<(String, String, String)>) -> Result<HttpResponse> {
    let (person, now) = (attendee.person.id, app.now());
    let text = app.read(move |db| {
        let opened = open(db, &path.0, &path.1, &person, now)?;
        captions::text(db, &opened.recording.id, &path.2)
    });
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "private, no-cache")).content_type("text/vtt; charset=utf-8").body(text.await?))
}

/// What the player reports, in seconds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reported {
    /// `0-12.5,30-45`
    watched: String,
    position: String,
    duration: String,
}

/// `POST /events/{event}/recordings/{session}/progress`
pub async fn progress(
    app: web::Data<App>,
    attendee: AttendeeOnly,
    path: Named,
    PostedForm(reported): PostedForm<Reported>,
) -> Result<HttpResponse> {
    let (person, now) = (attendee.person.id, app.now());
    let report = Report {
        watched: watched::read(&reported.watched),
        position: watched::milliseconds(&reported.position).unwrap_or_default(),
        duration: watched::milliseconds(&reported.duration).unwrap_or_default(),
    };
    // Asked outside of the write: every player reports four times a minute, and scans wait for no access check.
    let asking = person.clone();
    let recording = app.read(move |db| Ok(open(db, &path.0, &path.1, &asking, now)?.recording.id)).await?;
    let view = app.write(Actor::Attendee(person.clone()), move |tx| watching::add(tx, &recording, &person, &report)).await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(Progress::of(&view)))
}
