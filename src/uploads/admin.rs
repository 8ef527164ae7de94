//! Uploads of staff in parts, sent by a script of ours (`static/upload.js`) or by any client of tus.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::rules::Purpose;
use super::{New, Upload, taking};
use crate::app::App;
use crate::error::Result;
use crate::http::api::check_cookie_writes;
use crate::http::asker::{Allowed, permit};
use crate::http::tus;
use crate::ids::UploadId;

/// Who sends files for sessions.
pub type Sender = Allowed<permit::EditAgenda>;

/// `POST /staff/events/{event}/uploads`: announces a file.
pub async fn create(app: web::Data<App>, allowed: Sender, request: HttpRequest) -> Result<HttpResponse> {
    check_cookie_writes(&request).await?;
    let event = allowed.event()?;
    let announced = tus::announced(&request)?;
    let purpose = announced.purpose.unwrap_or(Purpose::Recording);
    let new = New { event: event.id.clone(), purpose, name: announced.name, size: announced.size };
    let upload = taking::begin(&app, allowed.actor(), new).await?;
    let place = format!("/staff/events/{}/uploads/{}", event.slug, upload.id);
    Ok(tus::standing(StatusCode::CREATED, &upload).insert_header((LOCATION, place)).finish())
}

async fn named(app: &App, allowed: &Sender, path: &web::Path<(String, String)>) -> Result<Upload> {
    let (event, id) = (allowed.event()?.id.clone(), UploadId::from(path.1.clone()));
    app.read(move |db| super::get(db, &event, &id)).await
}

/// `GET /staff/events/{event}/uploads/{upload}`: where it stands.
pub async fn show(app: web::Data<App>, allowed: Sender, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let upload = named(&app, &allowed, &path).await?;
    let told = json!({ "id": upload.id, "offset": upload.received_bytes, "length": upload.size_bytes, "finished": upload.is_finished() });
    Ok(tus::standing(StatusCode::OK, &upload).json(told))
}

/// `PATCH /staff/events/{event}/uploads/{upload}`: the bytes from `Upload-Offset` on.
pub async fn update(
    app: web::Data<App>,
    allowed: Sender,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse> {
    check_cookie_writes(&request).await?;
    let upload = named(&app, &allowed, &path).await?;
    let upload = taking::take(&app, allowed.actor(), upload, tus::offset(&request)?, body).await?;
    Ok(tus::standing(StatusCode::NO_CONTENT, &upload).finish())
}

/// `POST /staff/events/{event}/uploads/{upload}/removal`: gives an upload up that nothing shows yet.
pub async fn remove(app: web::Data<App>, allowed: Sender, path: web::Path<(String, String)>, request: HttpRequest) -> Result<HttpResponse> {
    check_cookie_writes(&request).await?;
    let upload = named(&app, &allowed, &path).await?;
    app.write(allowed.actor(), move |tx| super::give_up(tx, &upload.id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
