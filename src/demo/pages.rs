//! The attendee's one-click link of the demo.

use actix_web::{HttpResponse, web};

use super::access;
use crate::app::{Actor, App};
use crate::error::{Error, Result};
use crate::http::asker::{ATTENDEE_COOKIE, cookie};
use crate::http::see_other;
use crate::people::sign_in::{self, SIGN_IN_LASTS};

/// `GET /enter/{secret}`: signs the attendee of the access file in, as often as wanted until the next start.
pub async fn enter(app: web::Data<App>, secret: web::Path<String>) -> Result<HttpResponse> {
    if !app.site.config.demo {
        return Err(Error::NotFound);
    }
    let person = app.read(move |db| access::person_of_link(db, &secret)).await?.ok_or(Error::NotFound)?;
    let id = person.id.clone();
    let session = app.write(Actor::Attendee(person.id), move |tx| sign_in::sign_in(tx, &id)).await?;
    let mut response = see_other("/my");
    response.add_cookie(&cookie(&app, ATTENDEE_COOKIE, session, SIGN_IN_LASTS)).map_err(Error::internal)?;
    Ok(response)
}
