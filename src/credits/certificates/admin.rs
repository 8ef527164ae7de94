//! What education staff do with one person's certificates: issue, send again, correct the name, revoke (CEU-6).

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::corrections::{self, Left};
use super::issuing::{self, Printing, Settled};
use super::pages::file;
use super::{changing, get, letters, of_registration, views};
use crate::app::{App, Tx};
use crate::audit::Entry;
use crate::credits::admin::{Educator, Reader};
use crate::desk::person::registration_of;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::http::PostedForm;
use crate::http::pages::see_other_after;
use crate::ids::ClaimId;
use crate::registration::Registration;
use crate::setup::forms_admin::to;

/// What the forms send; each uses its own part.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    certificate_name: String,
    credentials: String,
    reason: String,
}

/// `GET /staff/events/{event}/credits/people/{registration}/certificates/{serial}/certificate.pdf`
pub async fn show(app: web::Data<App>, allowed: Reader, path: web::Path<(String, String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (_, code, serial) = path.into_inner();
    let own = event.clone();
    let whole = app
        .read(move |db| {
            let registration = registration_of(db, &own, &code)?;
            get(db, &registration.id, &serial)
        })
        .await?;
    let name = format!("certificate-{}", whole.number());
    Ok(file(views::pdf(&app, event, &[whole]).await?, &name))
}

/// `GET /staff/events/{event}/credits/people/{registration}/certificates.pdf`
pub async fn index(app: web::Data<App>, allowed: Reader, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let code = path.into_inner().1;
    let own = event.clone();
    let (registration, all) = app
        .read(move |db| {
            let registration = registration_of(db, &own, &code)?;
            let all = of_registration(db, &registration.id)?;
            Ok((registration, all))
        })
        .await?;
    Ok(file(views::pdf(&app, event, &all).await?, &format!("certificates-{}", registration.code)))
}

/// What the form for credit that attendance contradicts sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Lowering {
    /// One of its claims; blank for participation.
    claim: String,
    left: String,
    reason: String,
}

/// `POST /staff/events/{event}/credits/people/{registration}/lowering`: credit says no more than attendance gives now.
pub async fn lower(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<Lowering>,
) -> Result<HttpResponse> {
    let event = allowed.event()?;
    let (own, code) = (event.clone(), path.into_inner().1);
    let done = app
        .write(allowed.actor(), move |tx| {
            let registration = registration_of(tx.db, &own, &code)?;
            let left = Left::from_word(&typed.left).ok_or(Error::NotFound)?;
            let claim = Some(ClaimId::from(typed.claim)).filter(|claim| !claim.as_str().is_empty());
            let settled = corrections::lower(tx, &own, &registration, claim.as_ref(), left, &typed.reason)?;
            Ok(format!("{}: {}", registration.full_name(), lowered_words(&settled)))
        })
        .await;
    see_other_after(&app, &to(event, "credits/certificates#contradicted"), done)
}

fn lowered_words(settled: &Settled) -> &'static str {
    match (settled.renewed.len(), settled.withdrawn.len()) {
        (0, 0) => "the credit is lowered.",
        (_, 0) => "the credit is lowered, the certificate has a new version, and a letter says so.",
        _ => "the credit is taken back, the certificate is revoked, and a letter says so.",
    }
}

/// Writes for the person with this code, and goes back to their page with what came of it.
async fn change<F>(app: &App, allowed: &Educator, code: String, work: F) -> Result<HttpResponse>
where
    F: FnOnce(&mut Tx<'_>, &Event, &Registration) -> Result<String> + Send + 'static,
{
    let event = allowed.event()?;
    let (own, of) = (event.clone(), code.clone());
    let done = app
        .write(allowed.actor(), move |tx| {
            let registration = registration_of(tx.db, &own, &of)?;
            work(tx, &own, &registration)
        })
        .await;
    see_other_after(app, &to(event, &format!("credits/people/{code}#certificates")), done)
}

fn certificates_words(count: usize) -> String {
    if count == 1 { "1 certificate".to_owned() } else { format!("{count} certificates") }
}

/// `POST /staff/events/{event}/credits/people/{registration}/certificates`
pub async fn create(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<Typed>,
) -> Result<HttpResponse> {
    change(&app, &allowed, path.into_inner().1, move |tx, event, registration| {
        let settled = issuing::issue(tx, event, registration, &typed.reason)?;
        Ok(format!("Issued: {}. A letter goes out.", certificates_words(settled.made())))
    })
    .await
}

/// `POST /staff/events/{event}/credits/people/{registration}/certificates/{serial}/sending`
pub async fn send(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String, String)>,
    _form: PostedForm<Typed>,
) -> Result<HttpResponse> {
    let (_, code, serial) = path.into_inner();
    change(&app, &allowed, code, move |tx, event, registration| {
        let whole = get(tx.db, &registration.id, &serial)?;
        let (version, revocation) = whole.newest()?;
        if revocation.is_some() {
            return Err(Error::refused("certificates.revoked_before", "This certificate was revoked, so it is not sent."));
        }
        let one =
            Printing { serial: whole.certificate.serial.clone(), version: version.version, cause: version.cause, printed: version.read()? };
        letters::ready(tx, event, registration, &[one])?;
        let entry = Entry::of("certificate.sent_again", "certificate", &whole.certificate.id);
        entry.event(&event.id).registration(&registration.id).record(tx)?;
        Ok("The letter goes out again.".to_owned())
    })
    .await
}

/// `POST /staff/events/{event}/credits/people/{registration}/certificate-name`
pub async fn correct_name(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String)>,
    PostedForm(typed): PostedForm<Typed>,
) -> Result<HttpResponse> {
    change(&app, &allowed, path.into_inner().1, move |tx, event, registration| {
        let settled = changing::correct_name(tx, event, registration, &typed.certificate_name, &typed.credentials, &typed.reason)?;
        let said = "The name is corrected.";
        Ok(if settled.renewed.is_empty() {
            said.to_owned()
        } else {
            format!("{said} New versions: {}.", certificates_words(settled.renewed.len()))
        })
    })
    .await
}

/// `POST /staff/events/{event}/credits/people/{registration}/certificates/{serial}/revocation`
pub async fn revoke(
    app: web::Data<App>,
    allowed: Educator,
    path: web::Path<(String, String, String)>,
    PostedForm(typed): PostedForm<Typed>,
) -> Result<HttpResponse> {
    let (_, code, serial) = path.into_inner();
    change(&app, &allowed, code, move |tx, event, registration| {
        changing::revoke(tx, event, registration, &serial, &typed.reason)?;
        Ok("The certificate is revoked; its verification page says so.".to_owned())
    })
    .await
}
