//! The badge of a registration, for its owner and for staff.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::app::App;
use crate::error::{Door, Error, Result};
use crate::http::{Answer, Caller};
use crate::staff::Permission;
use crate::{badges, events, registration};

/// What stands in a badge's QR code.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BadgeAnswer {
    /// The registration's code.
    pub code: String,
    /// The QR code's text.
    pub token: String,
}

/// The badge of a registration: for the attendee whose it is, and for staff who may see people.
#[utoipa::path(get, path = "/api/v1/registrations/{code}/badge", tag = "registrations",
    params(("code" = String, Path, description = "The registration's code")),
    responses((status = 200, body = BadgeAnswer), (status = 401), (status = 404, description = "Not there, not yours, or no badge yet")))]
pub async fn show(app: web::Data<App>, caller: Caller, code: web::Path<String>) -> Result<HttpResponse> {
    if caller.staff.is_none() && caller.attendee.is_none() {
        return Err(Error::SignInFirst(Door::Attendee));
    }
    let answer = app
        .read(move |db| {
            let registration = registration::get(db, &code)?;
            let is_own = caller.attendee.as_ref().is_some_and(|person| person.id == registration.person_id);
            let is_seen = caller.staff.as_ref().is_some_and(|staff| staff.may(Permission::SeePeople, &registration.event_id));
            if !is_own && !is_seen {
                return Err(Error::NotFound);
            }
            let event = events::get_by_id(db, &registration.event_id)?;
            let badge = badges::of_registration(db, &registration.id)?.ok_or(Error::NotFound)?;
            Ok(BadgeAnswer { token: badge.token(&event)?, code: registration.code })
        })
        .await?;
    Answer::ok(&answer)
}
