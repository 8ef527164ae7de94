//! Pages by which a phone becomes a scanning device: the link behind the QR code, and the typed code (ACC-3).

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::rules::CODE_LASTS;
use super::{Device, Proof, pair, pairing};
use crate::app::{Actor, App};
use crate::checkin::{self, Checkpoint};
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::events::{self, Event, rules::instant_words};
use crate::http::asker::{Asker, DEVICE_COOKIE, STAFF_COOKIE, cookie, removed_cookie};
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::{Page, PostedForm};
use crate::staff;

/// The typed code.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CodeForm {
    code: String,
}

/// A form of which only the button counts.
#[derive(Deserialize)]
pub struct Pressed {}

/// `GET /pair`
pub async fn new(app: web::Data<App>, asker: Asker) -> Result<HttpResponse> {
    code_page(&app, &asker, "", &[])
}

fn code_page(app: &App, asker: &Asker, code: &str, wrong: &[FieldError]) -> Result<HttpResponse> {
    let (errors, error_for) = form_errors(wrong);
    Page::new(app, asker, "devices/pair").status(if wrong.is_empty() { 200 } else { 422 }).render(&json!({
        "code": code, "minutes": CODE_LASTS.num_minutes(), "was_paired": asker.was_paired,
        "signs_out": person_signed_in(asker), "errors": errors, "error_for": error_for,
    }))
}

/// The name of the staff member who is signed in here, and will not be any more.
fn person_signed_in(asker: &Asker) -> Option<String> {
    asker.staff.as_ref().filter(|staff| matches!(staff.actor, Actor::Staff(_))).map(|staff| staff.name.clone())
}

/// `POST /pair`: the code makes this phone the device.
pub async fn create_by_code(app: web::Data<App>, asker: Asker, request: HttpRequest, form: PostedForm<CodeForm>) -> Result<HttpResponse> {
    app.limits.sign_ins.take_address(&asker.address)?;
    let typed = form.0.code;
    match make(&app, &request, Proof::Code(typed.clone())).await {
        Err(Error::Refused { code: "devices.code_over", message }) => {
            let wrong = FieldError { field: "code".to_owned(), code: "wrong", detail: message };
            code_page(&app, &asker, &typed, &[wrong])
        }
        other => other,
    }
}

/// `GET /pair/{secret}`: a page with a button; opening it uses nothing up.
pub async fn show_link(app: web::Data<App>, asker: Asker, secret: web::Path<String>) -> Result<HttpResponse> {
    app.limits.public.take_address(&asker.address)?;
    let (link, now) = (secret.clone(), app.now());
    let found = app.read(move |db| match pairing::find_link(db, &link, now)? {
        Some(device) => facts(db, device).map(Some),
        None => Ok(None),
    });
    let Some((device, event, doors)) = found.await? else { return link_is_over(&app, &asker) };
    let doors: Vec<Value> = doors.iter().map(|door| json!({ "name": door.name })).collect();
    Page::new(&app, &asker, "devices/pair_link").event(&event).render(&json!({
        "name": device.name, "secret": *secret, "doors": doors, "every_door": device.every_door,
        "until": instant_words(device.expires_at, event.zone()), "signs_out": person_signed_in(&asker),
    }))
}

fn facts(db: &mut Db, device: Device) -> Result<(Device, Event, Vec<Checkpoint>)> {
    let event = events::get_by_id(db, &device.event_id)?;
    let listed = super::get_listed(db, &event.id, &device.id)?;
    Ok((device, event, listed.doors))
}

/// `POST /pair/{secret}`: uses the link up and makes this phone the device.
pub async fn create_by_link(
    app: web::Data<App>,
    asker: Asker,
    request: HttpRequest,
    secret: web::Path<String>,
    _form: PostedForm<Pressed>,
) -> Result<HttpResponse> {
    app.limits.sign_ins.take_address(&asker.address)?;
    match make(&app, &request, Proof::Link(secret.into_inner())).await {
        Err(Error::Refused { code: "devices.code_over", .. }) => link_is_over(&app, &asker),
        other => other,
    }
}

fn link_is_over(app: &App, asker: &Asker) -> Result<HttpResponse> {
    Page::new(app, asker, "devices/pairing_over").status(410).render(&json!({ "minutes": CODE_LASTS.num_minutes() }))
}

/// Pairs this browser and goes on to its door, or to the list of its doors. Whoever of staff is signed in here
/// is signed out: the phone goes into other hands.
async fn make(app: &App, request: &HttpRequest, proof: Proof) -> Result<HttpResponse> {
    let staff_secret = request.cookie(STAFF_COOKIE).map(|cookie| cookie.value().to_owned());
    let (device, event, doors, secret, now) = app
        .write(Actor::Public, move |tx| {
            let (device, secret) = pair(tx, &proof)?;
            if let Some(staff_secret) = &staff_secret {
                staff::sign_out(tx, staff_secret)?;
            }
            let every = device.every_door;
            let (device, event, mut doors) = facts(tx.db, device)?;
            if every {
                doors = checkin::checkpoints(tx.db, &event.id)?;
            }
            Ok((device, event, doors, secret, tx.now))
        })
        .await?;
    let base = format!("/staff/events/{}/checkpoints", event.slug);
    let to = match doors.as_slice() {
        [only] => format!("{base}/{}", only.code),
        _ => base,
    };
    let mut response = see_other_saying(app, &to, "yes", &format!("This phone is “{}” now.", device.name));
    // A cookie that cannot be added only means to be paired again.
    let _ = response.add_cookie(&cookie(app, DEVICE_COOKIE, secret, device.expires_at.since(now)));
    let _ = response.add_cookie(&removed_cookie(app, STAFF_COOKIE));
    Ok(response)
}
