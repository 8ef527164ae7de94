//! One person's badge: print it, or revoke a lost one and print another, by one button each.

use actix_web::{HttpResponse, web};

use super::candidates::{Wanted, Whom};
use super::print_admin::pdf_address;
use super::{prints, replace};
use crate::app::{App, Tx};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::{see_other, see_other_saying};
use crate::registration::{self, Status};
use crate::staff::pages::Nothing;

type Path = web::Path<(String, String)>;

async fn print(app: &App, allowed: &Allowed<permit::PrintBadges>, code: String, is_lost: bool) -> Result<HttpResponse> {
    let event = allowed.event()?.clone();
    let (of_event, wanted) = (event.clone(), code.clone());
    let made = app.write(allowed.actor(), move |tx| print_one(tx, &of_event, &wanted, is_lost)).await;
    match made {
        Ok(print) => Ok(see_other(&pdf_address(&event, &print))),
        Err(Error::Refused { message, .. }) => {
            let person = format!("/staff/events/{}/people/{}", event.slug, code.to_uppercase());
            Ok(see_other_saying(app, &person, "no", &message))
        }
        Err(error) => Err(error),
    }
}

fn print_one(tx: &mut Tx<'_>, event: &Event, code: &str, is_lost: bool) -> Result<prints::Print> {
    let found = registration::get(tx.db, code)?;
    if found.event_id != event.id {
        return Err(Error::NotFound);
    }
    registration::hold(tx, &found.id)?;
    let current = registration::get_by_id(tx.db, &found.id)?;
    if current.status != Status::Confirmed {
        return Err(Error::refused("badges.not_confirmed", "This registration is not confirmed, so no badge is printed."));
    }
    if is_lost {
        replace(tx, &current.id, "lost")?;
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
    print(&app, &allowed, path.into_inner().1, false).await
}

/// `POST /staff/events/{event}/people/{registration}/badge/loss`: the old badge stops working, its scans stay.
pub async fn report_loss(
    app: web::Data<App>,
    allowed: Allowed<permit::PrintBadges>,
    path: Path,
    _: PostedForm<Nothing>,
) -> Result<HttpResponse> {
    print(&app, &allowed, path.into_inner().1, true).await
}
