//! Staff pages of paired phones: offer a pairing, see how each is, extend or revoke it.

use actix_web::{HttpResponse, web};
use base64::Engine;
use serde::Deserialize;
use serde_json::{Value, json};

use super::rules::{self, State, ago_words, is_silent, shown_code};
use super::{Device, Listed, NewDevice, Secrets};
use crate::app::App;
use crate::checkin;
use crate::clock::Instant;
use crate::desk::history::{Names, split_label};
use crate::error::{Error, FieldError, Result};
use crate::events::{Event, rules::deadline_words, rules::instant_words};
use crate::http::asker::{Allowed, permit};
use crate::http::pages::{form_errors, see_other_saying};
use crate::http::{Page, PostedForm};
use crate::ids::DeviceId;
use crate::qr;
use crate::staff::Permission;

type Desk = Allowed<permit::PairDevices>;

/// What the form of a new device sends.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct DeviceForm {
    name: String,
    every_door: String,
    doors: Vec<String>,
    hours: String,
    may_override: String,
}

/// How long a device works from now on; blank is until the end of today.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct HoursForm {
    hours: String,
}

/// A form of which only the button counts.
#[derive(Deserialize)]
pub struct Pressed {}

fn hours_of(text: &str) -> Result<Option<i64>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Error::invalid("hours", "out_of_range", rules::HOURS_SENTENCE))
}

fn list_of(event: &Event) -> String {
    format!("/staff/events/{}/devices", event.slug)
}

/// `GET /staff/events/{event}/devices`
pub async fn index(app: web::Data<App>, desk: Desk) -> Result<HttpResponse> {
    let event = desk.event()?.clone();
    let of_event = event.id.clone();
    let (listed, names) = app
        .read(move |db| {
            let listed = super::list(db, &of_event)?;
            let names = Names::of(db, listed.iter().map(|one| split_label(&one.device.made_by)))?;
            Ok((listed, names))
        })
        .await?;
    let now = app.now();
    let rows: Vec<Value> = listed.iter().map(|one| row(&event, one, &names, now)).collect();
    let view = json!({ "base": list_of(&event), "doors": format!("/staff/events/{}/checkpoints", event.slug), "devices": rows });
    Page::new(&app, &desk.asker, "devices/index").event(&event).render(&view)
}

/// A device as lists and its own page show it.
pub fn row(event: &Event, listed: &Listed, names: &Names, now: Instant) -> Value {
    let device = &listed.device;
    let state = listed.state(now);
    let works = state == State::Works;
    let seen = listed.seen_at();
    let silent = works && seen.is_some_and(|at| is_silent(at, now));
    let (kind, text) = if silent { ("wait", "Silent") } else { state.words() };
    let report = listed.report.as_ref();
    json!({
        "id": device.id, "name": device.name, "href": format!("{}/{}", list_of(event), device.id),
        "doors": if device.every_door { vec!["Every door".to_owned()] } else { listed.doors.iter().map(|door| door.name.clone()).collect() },
        "at": report.filter(|_| works).map(|report| report.checkpoint_code.clone()),
        "may_override": device.may_override,
        "made_by": names.of_label(&device.made_by),
        "paired": device.paired_at.map(|at| instant_words(at, event.zone())),
        "until": instant_words(device.expires_at, event.zone()),
        "seen": seen.map(|at| ago_words(at, now)),
        "battery": report.and_then(|report| battery_words(report.battery, report.charging)),
        "battery_low": report.and_then(|report| report.battery).is_some_and(|percent| percent <= 20),
        "queued": report.map_or(0, |report| report.queued),
        "oldest": report.and_then(|report| report.oldest_queued_at).map(|at| ago_words(at, now)),
        "version": report.map(|report| report.app_version.clone()),
        "chip": { "kind": kind, "text": text },
        "may_revoke": state != State::Revoked,
        "may_offer": !matches!(state, State::Revoked | State::Ended),
    })
}

/// `64 %, charging`
pub fn battery_words(percent: Option<i32>, charging: Option<bool>) -> Option<String> {
    percent.map(|percent| format!("{percent} %{}", if charging == Some(true) { ", charging" } else { "" }))
}

/// `GET /staff/events/{event}/devices/new`
pub async fn new(app: web::Data<App>, desk: Desk) -> Result<HttpResponse> {
    form_page(&app, &desk, &DeviceForm::default(), &[]).await
}

async fn form_page(app: &App, desk: &Desk, typed: &DeviceForm, wrong: &[FieldError]) -> Result<HttpResponse> {
    let event = desk.event()?.clone();
    let of_event = event.id.clone();
    let checkpoints = app.read(move |db| checkin::checkpoints(db, &of_event)).await?;
    let doors: Vec<Value> = checkpoints
        .iter()
        .map(|door| json!({ "value": door.code, "text": door.name, "hint": door.code, "checked": typed.doors.contains(&door.code) }))
        .collect();
    let today = deadline_words(app.now().date_in(event.zone()), event.zone());
    let (errors, error_for) = form_errors(wrong);
    let view = json!({
        "base": list_of(&event), "name": typed.name, "doors": doors, "every_door": typed.every_door == "yes", "hours": typed.hours,
        "hours_hint": format!("Empty: until the end of today, {today}."), "may_override": typed.may_override == "yes",
        "may_give_override": desk.identity.may(Permission::OverrideDoor, &event.id), "errors": errors, "error_for": error_for,
    });
    Page::new(app, &desk.asker, "devices/new").event(&event).status(if wrong.is_empty() { 200 } else { 422 }).render(&view)
}

/// `POST /staff/events/{event}/devices`: offers the pairing and shows its QR code and its typed code, once.
pub async fn create(app: web::Data<App>, desk: Desk, form: PostedForm<DeviceForm>) -> Result<HttpResponse> {
    let (event, typed) = (desk.event()?.clone(), form.0);
    if typed.may_override == "yes" {
        desk.identity.require(Permission::OverrideDoor, &event.id)?;
    }
    let (own, sent) = (event.clone(), typed.clone());
    let made = app.write(desk.actor(), move |tx| {
        let new = NewDevice {
            hours: hours_of(&sent.hours)?,
            name: sent.name,
            doors: sent.doors,
            every_door: sent.every_door == "yes",
            may_override: sent.may_override == "yes",
        };
        super::create(tx, &own, &new)
    });
    match made.await {
        Ok((device, secrets)) => offer_page(&app, &desk, &event, &device, &secrets),
        Err(Error::Invalid(fields)) => form_page(&app, &desk, &typed, &fields).await,
        Err(error) => Err(error),
    }
}

fn offer_page(app: &App, desk: &Desk, event: &Event, device: &Device, secrets: &Secrets) -> Result<HttpResponse> {
    let base_url = app.site.config.base_url.trim_end_matches('/');
    let picture = base64::engine::general_purpose::STANDARD.encode(qr::svg(&format!("{base_url}/pair/{}", secrets.link))?);
    let view = json!({
        "base": list_of(event), "name": device.name, "picture": format!("data:image/svg+xml;base64,{picture}"),
        "address": format!("{base_url}/pair"), "code": shown_code(&secrets.code),
        "until": instant_words(secrets.until, event.zone()), "expires": instant_words(device.expires_at, event.zone()),
    });
    Page::new(app, &desk.asker, "devices/offer").event(event).render(&view)
}

/// `GET /staff/events/{event}/devices/{device}`
pub async fn show(app: web::Data<App>, desk: Desk, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    show_page(&app, &desk, path.into_inner().1, "", &[]).await
}

async fn show_page(app: &App, desk: &Desk, id: String, hours: &str, wrong: &[FieldError]) -> Result<HttpResponse> {
    let event = desk.event()?.clone();
    let (of_event, id) = (event.id.clone(), DeviceId::from(id));
    let (listed, names) = app
        .read(move |db| {
            let listed = super::get_listed(db, &of_event, &id)?;
            let names = Names::of(db, std::iter::once(split_label(&listed.device.made_by)))?;
            Ok((listed, names))
        })
        .await?;
    let now = app.now();
    let (errors, error_for) = form_errors(wrong);
    let today = deadline_words(now.date_in(event.zone()), event.zone());
    let view = json!({
        "base": list_of(&event), "device": row(&event, &listed, &names, now), "hours": hours,
        "hours_hint": format!("Counted from now. Empty: until the end of today, {today}."), "errors": errors, "error_for": error_for,
    });
    Page::new(app, &desk.asker, "devices/show").event(&event).status(if wrong.is_empty() { 200 } else { 422 }).render(&view)
}

/// `POST /staff/events/{event}/devices/{device}/codes`: another QR code and typed code; those before work no more.
pub async fn create_code(
    app: web::Data<App>,
    desk: Desk,
    path: web::Path<(String, String)>,
    _form: PostedForm<Pressed>,
) -> Result<HttpResponse> {
    let event = desk.event()?.clone();
    let (own, id) = (event.clone(), DeviceId::from(path.into_inner().1));
    let (device, secrets) = app.write(desk.actor(), move |tx| super::new_code(tx, &own, &id)).await?;
    offer_page(&app, &desk, &event, &device, &secrets)
}

/// `POST /staff/events/{event}/devices/{device}/extension`
pub async fn extend(
    app: web::Data<App>,
    desk: Desk,
    path: web::Path<(String, String)>,
    form: PostedForm<HoursForm>,
) -> Result<HttpResponse> {
    let event = desk.event()?.clone();
    let (own, device, typed) = (event.clone(), path.into_inner().1, form.0.hours);
    let (id, sent) = (DeviceId::from(device.clone()), typed.clone());
    let extended = app.write(desk.actor(), move |tx| super::extend(tx, &own, &id, hours_of(&sent)?));
    match extended.await {
        Ok(device) => {
            let said = format!("“{}” works until {}.", device.name, instant_words(device.expires_at, event.zone()));
            Ok(see_other_saying(&app, &format!("{}/{}", list_of(&event), device.id), "yes", &said))
        }
        Err(Error::Invalid(fields)) => show_page(&app, &desk, device, &typed, &fields).await,
        Err(error) => Err(error),
    }
}

/// `POST /staff/events/{event}/devices/{device}/revocation`
pub async fn revoke(
    app: web::Data<App>,
    desk: Desk,
    path: web::Path<(String, String)>,
    _form: PostedForm<Pressed>,
) -> Result<HttpResponse> {
    let event = desk.event()?.clone();
    let (own, id) = (event.clone(), DeviceId::from(path.into_inner().1));
    let device = app.write(desk.actor(), move |tx| super::revoke(tx, &own, &id)).await?;
    let said = format!("“{}” is revoked and scans no more.", device.name);
    Ok(see_other_saying(&app, &list_of(&event), "yes", &said))
}
