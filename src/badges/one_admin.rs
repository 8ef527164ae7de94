//! One person's badge: print it, or revoke a lost one and print another, by one button each.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::candidates::{Wanted, Whom};
use super::print_admin::pdf_address;
use super::{prints, replace_shown};
use crate::app::{App, Tx};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::{see_other, see_other_saying};
use crate::ids::BadgeId;
use crate::registration::{self, Status};
use crate::staff::pages::Nothing;

type Path = web::Path<(String, String)>;

/// What the button of a lost badge sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Loss {
    /// The badge that the page showed.
    badge: String,
}

async fn print(app: &App, allowed: &Allowed<permit::PrintBadges>, code: String, lost: Option<BadgeId>) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let (of_event, wanted) = (event.clone(), code.clone());
    let made = app.write(allowed.actor(), move |tx| print_one(tx, &of_event, &wanted, lost.as_ref())).await;
    match made {
        Ok(print) => Ok(see_other(&pdf_address(&event, &print))),
        Err(Error::Refused { message, .. }) => {
            let person = format!("/staff/events/{}/people/{}", event.slug, code.to_uppercase());
            Ok(see_other_saying(app, &person, "no", &message))
        }
        Err(error) => Err(error),
    }
}

fn print_one(tx: &mut Tx<'_>, event: &Event, code: &str, lost: Option<&BadgeId>) -> Result<prints::Print> {
    let found = registration::get(tx.db, code)?;
    if found.event_id != event.id {
        return Err(Error::NotFound);
    }
    registration::hold(tx, &found.id)?;
    let current = registration::get_by_id(tx.db, &found.id)?;
    if current.status != Status::Confirmed {
        return Err(Error::refused("badges.not_confirmed", "This registration is not confirmed, so no badge is printed."));
    }
    if let Some(lost) = lost {
        let replaced = replace_shown(tx, &current.id, lost, "lost")?;
        // Pressed twice: the badge that was just printed is shown again, and no other is made.
        if replaced.was_before
            && let Some(print) = prints::latest_of(tx.db, &replaced.badge.id)?
        {
            return Ok(print);
        }
    }
    let printer = prints::printer(tx.db, &event.id)?;
    prints::print(tx, event, &Wanted { whom: Whom::Everyone, kind: None, one: Some(current.id) }, printer, 0)
}

/// `POST /staff/events/{event}/people/{registration}/badge/print`
pub async fn create(
    app: web::Data<App>,
    allowed: Allowed<permit::PrintBadges>,
    path: Path,
    _: PostedForm<Nothing>,
) -> Result<HttpResponse> {
    print(&app, &allowed, path.into_inner().1, None).await
}

/// `POST /staff/events/{event}/people/{registration}/badge/loss`: the badge of the page stops working, its scans stay.
pub async fn report_loss(
    app: web::Data<App>,
    allowed: Allowed<permit::PrintBadges>,
    path: Path,
    form: PostedForm<Loss>,
) -> Result<HttpResponse> {
    print(&app, &allowed, path.into_inner().1, Some(BadgeId::from(form.0.badge))).await
}
