//! Open Badges as programs see them: the signed credential and the picture, for their holder and for education staff.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::issuer_address;
use super::pages::download;
use super::taking::{Taken, baked, take};
use crate::app::App;
use crate::credits::admin::permits;
use crate::error::Result;
use crate::http::{Answer, Owned};

/// An Open Badge 3.0: the credential of a certificate's newest version.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenBadgeDetail {
    #[schema(example = "7K3M9-PQRST-VWXYZ-23456")]
    pub serial: String,
    /// The version of the certificate that it says.
    pub version: i32,
    #[schema(example = "urn:uuid:0b4e…")]
    pub credential_id: String,
    /// Where the issuer's profile answers.
    #[schema(example = "https://congress.example.org/open-badges/issuers/congress-2026")]
    pub issuer: String,
    /// Where the achievement answers.
    pub achievement: String,
    /// The credential as a compact JWS (VC-JWT, RS256); the key's address stands in its header.
    #[schema(example = "eyJhbGciOiJSUzI1NiIs….…")]
    pub credential: String,
    /// When it was signed first; the text stays the same from then on.
    pub made_at: String,
}

/// An Open Badge: made and signed when it is first asked for, the same text afterwards.
#[utoipa::path(get, path = "/api/v1/registrations/{registration}/certificates/{serial}/open-badge", tag = "credit", security(("token" = [])),
    params(("registration" = String, Path, description = "The registration's code.", example = "REG-7K3M9P"),
        ("serial" = String, Path, description = "The certificate's number.", example = "7K3M9-PQRST-VWXYZ-23456")),
    responses((status = 200, description = "The Open Badge.", body = OpenBadgeDetail),
        (status = 409, description = "`open_badges.revoked`, `open_badges.stopped` or `open_badges.no_provider`")))]
pub async fn show(app: web::Data<App>, owned: Owned<permits::SeeCredits>, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let taken = take(&app, owned.actor(), &owned.event, &owned.registration, &path.1).await?;
    let base_url = &app.site.config.base_url;
    let Taken { number, version, credential_id, made_at, credential, achievement, .. } = taken;
    Answer::ok(&OpenBadgeDetail {
        serial: number,
        version,
        credential_id,
        issuer: issuer_address(base_url, &owned.event),
        achievement: achievement.address(base_url),
        credential,
        made_at: made_at.rfc3339_in(owned.event.zone()),
    })
}

/// The Open Badge as a PNG with the credential baked in (`iTXt`, keyword `openbadgecredential`).
#[utoipa::path(get, path = "/api/v1/registrations/{registration}/certificates/{serial}/open-badge.png", tag = "credit",
    security(("token" = [])),
    params(("registration" = String, Path, description = "The registration's code.", example = "REG-7K3M9P"),
        ("serial" = String, Path, description = "The certificate's number.", example = "7K3M9-PQRST-VWXYZ-23456")),
    responses((status = 200, description = "The picture.", content_type = "image/png", body = String),
        (status = 409, description = "`open_badges.revoked`, `open_badges.stopped` or `open_badges.no_provider`")))]
pub async fn picture(app: web::Data<App>, owned: Owned<permits::SeeCredits>, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let taken = take(&app, owned.actor(), &owned.event, &owned.registration, &path.1).await?;
    let name = format!("open-badge-{}.png", taken.number);
    Ok(download("image/png", &name, baked(&app, taken).await?))
}
