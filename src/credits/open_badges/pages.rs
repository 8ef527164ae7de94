//! An attendee's own Open Badges: the picture with the credential inside, or the credential alone (CEU-6).

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpResponse, web};

use super::taking::{baked, take};
use crate::app::App;
use crate::credits::certificates;
use crate::error::{Error, Result};
use crate::http::pages::see_other;
use crate::http::{AttendeeOnly, Mine};
use crate::registration;

/// A file to keep.
pub fn download(kind: &str, name: &str, content: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(kind).insert_header((CACHE_CONTROL, "no-store"));
    response.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    response.body(content)
}

/// `GET /my/{registration}/certificates/{serial}/open-badge.png`
pub async fn picture(app: web::Data<App>, mine: Mine, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let taken = take(&app, mine.actor(), &mine.event, &mine.registration, &path.1).await?;
    let name = format!("open-badge-{}.png", taken.number);
    Ok(download("image/png", &name, baked(&app, taken).await?))
}

/// `GET /my/{registration}/certificates/{serial}/open-badge.jws`
pub async fn credential(app: web::Data<App>, mine: Mine, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let taken = take(&app, mine.actor(), &mine.event, &mine.registration, &path.1).await?;
    let name = format!("open-badge-{}.jws", taken.number);
    Ok(download("text/plain; charset=utf-8", &name, taken.credential.into_bytes()))
}

/// `GET /certificates/{serial}/open-badge`: whoever holds the certificate is led to their own page, signing in before;
/// to everybody else it is not there.
pub async fn show(app: web::Data<App>, attendee: AttendeeOnly, path: web::Path<String>) -> Result<HttpResponse> {
    let (serial, person) = (path.into_inner(), attendee.person.id.clone());
    let code = app
        .read(move |db| {
            let whole = certificates::find(db, &serial)?.ok_or(Error::NotFound)?;
            let registration = registration::get_by_id(db, &whole.certificate.registration_id)?;
            if registration.person_id == person { Ok(registration.code) } else { Err(Error::NotFound) }
        })
        .await?;
    Ok(see_other(&format!("/my/{code}/credits#certificates")))
}
