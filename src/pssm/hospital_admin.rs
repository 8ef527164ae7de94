//! What a hospital's people learned about, for staff, with the link for its coordinator.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::learned_pages::learned;
use super::links;
use crate::app::App;
use crate::clock::Instant;
use crate::error::Result;
use crate::events::rules::instant_words;
use crate::hospitals;
use crate::http::asker::{Allowed, permit};
use crate::http::pages::see_other_after;
use crate::http::{Page, PostedForm};
use crate::ids::HospitalId;
use crate::staff::Permission;

/// A form of which only the button counts.
#[derive(serde::Deserialize)]
pub struct Pressed {}

fn words(at: Instant) -> String {
    instant_words(at, chrono_tz::Tz::America__New_York)
}

/// `GET /staff/hospitals/{hospital}/pssm`
pub async fn show(app: web::Data<App>, allowed: Allowed<permit::SeeHospitals>, hospital: web::Path<String>) -> Result<HttpResponse> {
    page(&app, &allowed.asker, HospitalId::from(hospital.into_inner()), allowed.identity.may_everywhere(Permission::EditHospitals), None)
        .await
}

/// The page; with the link just made, which is shown this once.
async fn page(app: &App, asker: &crate::http::Asker, id: HospitalId, may_edit: bool, link: Option<String>) -> Result<HttpResponse> {
    let (now, of) = (app.now(), id.clone());
    let (found, until) = app.read(move |db| Ok((learned(db, &of, now)?, links::works_until(db, &of, now)?))).await?;
    let mut view = found.view();
    view["staff"] = json!({
        "back": format!("/staff/hospitals/{id}"), "may_edit": may_edit, "make": format!("/staff/hospitals/{id}/pssm/link"),
        "withdraw": format!("/staff/hospitals/{id}/pssm/link/withdrawal"), "until": until.map(words), "link": link,
        "days": links::LASTS.num_days(),
    });
    Page::new(app, asker, "pssm/learned").render(&view)
}

/// `POST /staff/hospitals/{hospital}/pssm/link`: a new link, shown once; the one before stops working.
pub async fn make_link(
    app: web::Data<App>,
    allowed: Allowed<permit::EditHospitals>,
    hospital: web::Path<String>,
    _: PostedForm<Pressed>,
) -> Result<HttpResponse> {
    let id = HospitalId::from(hospital.into_inner());
    let of = id.clone();
    let secret = app
        .write(allowed.actor(), move |tx| {
            hospitals::get(tx.db, &of)?;
            links::make(tx, &of)
        })
        .await?;
    let link = format!("{}/pssm/{secret}", app.site.config.base_url);
    page(&app, &allowed.asker, id, true, Some(link)).await
}

/// `POST /staff/hospitals/{hospital}/pssm/link/withdrawal`
pub async fn withdraw_link(
    app: web::Data<App>,
    allowed: Allowed<permit::EditHospitals>,
    hospital: web::Path<String>,
    _: PostedForm<Pressed>,
) -> Result<HttpResponse> {
    let id = HospitalId::from(hospital.into_inner());
    let of = id.clone();
    let done = app.write(allowed.actor(), move |tx| links::withdraw(tx, &of)).await;
    see_other_after(&app, &format!("/staff/hospitals/{id}/pssm"), done.map(|()| "The link works no more."))
}
