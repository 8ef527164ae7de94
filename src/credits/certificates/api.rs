//! Certificates as programs see them: what was issued, for anybody who has the number, and the PDF for its owner.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::pages::file;
use super::rules::{Cause, Status};
use super::{Revocation, Version, Whole, find, get, of_registration, views};
use crate::app::App;
use crate::credits::admin::permits;
use crate::credits::rules::Code;
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::http::api::Caller;
use crate::http::{Answer, Owned};
use crate::registration;

/// A certificate: what its newest version says, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateDetail {
    #[schema(example = "7K3M9-PQRST-VWXYZ-23456")]
    pub serial: String,
    /// `valid` or `revoked`; versions before the newest are superseded.
    pub status: Status,
    pub version: i32,
    #[schema(example = "urn:uuid:0b4e…")]
    pub credential_id: String,
    pub name: String,
    pub credentials: String,
    pub credit_type: Code,
    /// What was earned, in words and as a number; never the designated maximum.
    #[schema(example = "1.75 AMA PRA Category 1 Credits™")]
    pub credit: String,
    #[schema(example = "1.75")]
    pub credits: String,
    pub event: String,
    pub title: String,
    pub format: String,
    pub place: String,
    pub starts_on: String,
    pub ends_on: String,
    pub provider: String,
    pub statements: Vec<String>,
    /// When the newest version was issued.
    pub issued_at: String,
    pub revoked_at: Option<String>,
    pub revocation_reason: Option<String>,
    /// Every version, oldest first.
    pub versions: Vec<CertificateVersion>,
    /// The public page.
    pub verify_url: String,
}

/// One version of a certificate.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateVersion {
    pub version: i32,
    pub status: Status,
    pub cause: Cause,
    pub credential_id: String,
    pub credits: String,
    pub issued_at: String,
}

fn version(event: &Event, whole: &Whole, one: &(Version, Option<Revocation>)) -> Result<CertificateVersion> {
    Ok(CertificateVersion {
        version: one.0.version,
        status: whole.status_of(one),
        cause: one.0.cause,
        credential_id: one.0.credential_id.clone(),
        credits: one.0.read()?.amount(),
        issued_at: one.0.issued_at.rfc3339_in(event.zone()),
    })
}

fn detail(app: &App, event: &Event, whole: &Whole) -> Result<CertificateDetail> {
    let (newest, revocation) = whole.newest()?;
    let printed = newest.read()?;
    Ok(CertificateDetail {
        serial: whole.number(),
        status: whole.status(),
        version: newest.version,
        credential_id: newest.credential_id.clone(),
        credits: printed.amount(),
        issued_at: newest.issued_at.rfc3339_in(event.zone()),
        revoked_at: revocation.as_ref().map(|revocation| revocation.at.rfc3339_in(event.zone())),
        revocation_reason: revocation.as_ref().map(|revocation| revocation.reason.clone()),
        versions: whole.versions.iter().map(|one| version(event, whole, one)).collect::<Result<_>>()?,
        verify_url: views::verify_url(&app.site.config.base_url, &whole.certificate.serial, None),
        name: printed.name,
        credentials: printed.credentials,
        credit_type: printed.code,
        credit: printed.credit,
        event: printed.event,
        title: printed.title,
        format: printed.format,
        place: printed.place,
        starts_on: printed.starts_on.to_string(),
        ends_on: printed.ends_on.to_string(),
        provider: printed.provider,
        statements: printed.statements,
    })
}

/// What the verification page shows. Lower case, spaces and missing hyphens are forgiven.
#[utoipa::path(get, path = "/api/v1/certificates/{serial}", tag = "credit",
    params(("serial" = String, Path, description = "The certificate's number.", example = "7K3M9-PQRST-VWXYZ-23456")),
    responses((status = 200, description = "The certificate.", body = CertificateDetail),
        (status = 429, description = "Too many look-ups; Retry-After says when to go on")))]
pub async fn show(app: web::Data<App>, caller: Caller, path: web::Path<String>) -> Result<HttpResponse> {
    if caller.staff.is_none() {
        app.limits.public.take_address(&caller.address)?;
    }
    let serial = path.into_inner();
    let (event, whole) = app
        .read(move |db| {
            let whole = find(db, &serial)?.ok_or(Error::NotFound)?;
            let registration = registration::get_by_id(db, &whole.certificate.registration_id)?;
            Ok((events::get_by_id(db, &registration.event_id)?, whole))
        })
        .await?;
    let mut answer = Answer::ok(&detail(&app, &event, &whole)?)?;
    let unlisted = actix_web::http::header::HeaderValue::from_static("noindex, nofollow, noarchive");
    answer.headers_mut().insert(actix_web::http::header::HeaderName::from_static("x-robots-tag"), unlisted);
    Ok(answer)
}

/// A registration's certificates, oldest first.
#[utoipa::path(get, path = "/api/v1/registrations/{registration}/certificates", tag = "credit", security(("token" = [])),
    params(("registration" = String, Path, description = "The registration's code.", example = "REG-7K3M9P")),
    responses((status = 200, description = "The certificates.", body = Vec<CertificateDetail>)))]
pub async fn index(app: web::Data<App>, owned: Owned<permits::SeeCredits>) -> Result<HttpResponse> {
    let Owned { registration, event, .. } = owned;
    let all = app.read(move |db| of_registration(db, &registration.id)).await?;
    Answer::ok(&all.iter().map(|whole| detail(&app, &event, whole)).collect::<Result<Vec<_>>>()?)
}

/// A certificate as a tagged PDF (PDF/UA).
#[utoipa::path(get, path = "/api/v1/registrations/{registration}/certificates/{serial}/pdf", tag = "credit", security(("token" = [])),
    params(("registration" = String, Path, description = "The registration's code.", example = "REG-7K3M9P"),
        ("serial" = String, Path, description = "The certificate's number.", example = "7K3M9-PQRST-VWXYZ-23456")),
    responses((status = 200, description = "The PDF.", content_type = "application/pdf", body = String)))]
pub async fn pdf(app: web::Data<App>, owned: Owned<permits::SeeCredits>, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let Owned { registration, event, .. } = owned;
    let serial = path.into_inner().1;
    let whole = app.read(move |db| get(db, &registration.id, &serial)).await?;
    let name = format!("certificate-{}", whole.number());
    Ok(file(views::pdf(&app, &event, &[whole]).await?, &name))
}
