//! An attendee's own certificates: one as a PDF, or all of them in one (CEU-6).

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpResponse, web};

use super::{get, of_registration, views};
use crate::app::App;
use crate::error::Result;
use crate::http::Mine;

/// A PDF that is shown in the browser and saved under this name.
pub fn file(pdf: Vec<u8>, name: &str) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type("application/pdf").insert_header((CACHE_CONTROL, "no-store"));
    response.insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{name}.pdf\"")));
    response.body(pdf)
}

/// `GET /my/{registration}/certificates/{serial}/certificate.pdf`
pub async fn show(app: web::Data<App>, mine: Mine, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (id, serial) = (mine.registration.id.clone(), path.into_inner().1);
    let whole = app.read(move |db| get(db, &id, &serial)).await?;
    let name = format!("certificate-{}", whole.number());
    Ok(file(views::pdf(&app, &mine.event, &[whole]).await?, &name))
}

/// `GET /my/{registration}/certificates.pdf`: all of them, each on a page of its own.
pub async fn index(app: web::Data<App>, mine: Mine) -> Result<HttpResponse> {
    let id = mine.registration.id.clone();
    let all = app.read(move |db| of_registration(db, &id)).await?;
    Ok(file(views::pdf(&app, &mine.event, &all).await?, &format!("certificates-{}", mine.registration.code)))
}
