//! Staff look at a recording and its captions before they publish them.

use std::time::Duration;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{captions, file_of, find};
use crate::agenda;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::files;
use crate::uploads::admin::Sender;

/// How long a bucket's link works for staff.
const LASTS: Duration = Duration::from_secs(600);

/// `GET /staff/events/{event}/recordings/{session}/media`
pub async fn show(app: web::Data<App>, allowed: Sender, path: web::Path<(String, String)>, request: HttpRequest) -> Result<HttpResponse> {
    let event = allowed.event()?.id.clone();
    let upload = app.read(move |db| {
        let session = agenda::get(db, &event, &path.1)?;
        let recording = find(db, &session.id)?.ok_or(Error::NotFound)?;
        file_of(db, &recording)
    });
    files::give(&app, &request, &upload.await?, true, LASTS).await
}

/// `GET /staff/events/{event}/recordings/{session}/captions/{language}`
pub async fn track(app: web::Data<App>, allowed: Sender, path: web::Path<(String, String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?.id.clone();
    let text = app.read(move |db| {
        let session = agenda::get(db, &event, &path.1)?;
        let recording = find(db, &session.id)?.ok_or(Error::NotFound)?;
        captions::text(db, &recording.id, &path.2)
    });
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "private, no-cache")).content_type("text/vtt; charset=utf-8").body(text.await?))
}
