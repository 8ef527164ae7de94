//! The public page of a certificate: what was issued, to whom, and whether it is still good; kept out of indexes (CEU-6, CEU-9).

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::printed::Printed;
use super::rules::{Status, grouped, serial_of};
use super::{Revocation, Version, Whole, find, views};
use crate::app::App;
use crate::credits::open_badges;
use crate::error::Result;
use crate::events::rules::day_words;
use crate::events::{self, Event};
use crate::http::Page;
use crate::http::asker::Asker;
use crate::http::pages::see_other;
use crate::registration;

/// What was typed into the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    serial: String,
}

/// The version that a printed copy names.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    version: String,
}

/// Nothing of this is for search engines.
fn unlisted(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow, noarchive"));
    response
}

/// `GET /certificates?serial=`: a form to type a number into.
pub async fn new(app: web::Data<App>, asker: Asker, typed: web::Query<Typed>) -> Result<HttpResponse> {
    let typed = typed.into_inner().serial;
    if let Some(serial) = serial_of(&typed) {
        return Ok(unlisted(see_other(&format!("/certificates/{}", grouped(&serial)))));
    }
    let status = if typed.trim().is_empty() { 200 } else { 404 };
    form(&app, &asker, &typed, status)
}

fn form(app: &App, asker: &Asker, typed: &str, status: u16) -> Result<HttpResponse> {
    let view = json!({ "typed": typed.chars().take(60).collect::<String>(), "is_unknown": status == 404 });
    Ok(unlisted(Page::new(app, asker, "credits/certificates/form").status(status).render(&view)?))
}

/// `GET /certificates/{serial}?version=`
pub async fn show(app: web::Data<App>, asker: Asker, path: web::Path<String>, asked: web::Query<Asked>) -> Result<HttpResponse> {
    if asker.staff.is_none() {
        app.limits.public.take_address(&asker.address)?;
    }
    let typed = path.into_inner();
    let wanted = typed.clone();
    let found = app
        .read(move |db| {
            let Some(whole) = find(db, &wanted)? else { return Ok(None) };
            let registration = registration::get_by_id(db, &whole.certificate.registration_id)?;
            let lacks = open_badges::lacks(db, &registration.event_id, whole.newest()?.1.is_some())?;
            Ok(Some((events::get_by_id(db, &registration.event_id)?, whole, registration.person_id, lacks)))
        })
        .await?;
    let Some((event, whole, holder, lacks)) = found else { return form(&app, &asker, &typed, 404) };
    let in_hand =
        asked.version.parse().ok().and_then(|number| whole.version(number)).filter(|one| whole.status_of(one) == Status::Superseded);
    let newest = whole.newest()?;
    let printed = newest.0.read()?;
    let view = json!({
        "number": whole.number(), "chip": views::chip(whole.status()), "is_valid": whole.status() == Status::Valid,
        "printed": printed, "whole_name": printed.whole_name(), "sessions": sessions(&printed), "version": newest.0.version,
        "credential": newest.0.credential_id, "issued": day_words(newest.0.issued_at.date_in(event.zone())),
        "revoked": newest.1.as_ref().map(|revocation| revoked(&event, revocation)),
        "in_hand": in_hand.map(|(version, _)| json!({ "version": version.version })),
        "versions": versions(&event, &whole)?,
        // Whoever is signed in as somebody else could not follow the link.
        "open_badge": (lacks.is_none() && asker.attendee.as_ref().is_none_or(|person| person.id == holder))
            .then(|| format!("/certificates/{}/open-badge", whole.number())),
    });
    Ok(unlisted(Page::new(&app, &asker, "credits/certificates/show").render(&view)?))
}

fn revoked(event: &Event, revocation: &Revocation) -> Value {
    json!({ "when": day_words(revocation.at.date_in(event.zone())), "reason": revocation.reason })
}

fn sessions(printed: &Printed) -> Vec<Value> {
    let credit = |hundredths: i64| (hundredths > 0).then(|| crate::credits::rules::hundredths_words(hundredths));
    let row = |session: &super::printed::Counted| json!({ "day": day_words(session.on), "title": session.title, "minutes": session.minutes, "credit": credit(session.hundredths) });
    printed.sessions.iter().map(row).collect()
}

fn versions(event: &Event, whole: &Whole) -> Result<Vec<Value>> {
    let row = |one: &(Version, Option<Revocation>)| {
        Ok(json!({
            "version": one.0.version, "issued": day_words(one.0.issued_at.date_in(event.zone())), "cause": one.0.cause.words(),
            "credit": one.0.read()?.credit, "chip": views::chip(whole.status_of(one)),
        }))
    };
    whole.versions.iter().rev().map(row).collect()
}
