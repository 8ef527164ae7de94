//! What pages about certificates share: addresses, rows, and what goes to the press.

use serde_json::{Value, json};

use super::press::Type;
use super::rules::{Status, grouped};
use super::sheet::{self, Copy};
use super::{Revocation, Version, Whole};
use crate::app::App;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::events::rules::day_words;

/// The public page of a certificate; a printed copy names its version.
pub fn verify_url(base_url: &str, serial: &str, version: Option<i32>) -> String {
    let version = version.map(|number| format!("?version={number}")).unwrap_or_default();
    format!("{base_url}/certificates/{}{version}", grouped(serial))
}

/// The chip of a status.
pub fn chip(status: Status) -> Value {
    let (kind, text) = match status {
        Status::Valid => ("yes", "Valid"),
        Status::Superseded => ("wait", "Superseded"),
        Status::Revoked => ("no", "Revoked"),
    };
    json!({ "kind": kind, "text": text })
}

/// One certificate in a list; `base` is where the registration's certificates are.
pub fn row(event: &Event, base: &str, whole: &Whole) -> Result<Value> {
    let newest = whole.newest()?;
    let printed = newest.0.read()?;
    let number = whole.number();
    Ok(json!({
        "credit": printed.credit, "title": printed.title, "name": printed.whole_name(), "number": number,
        "chip": chip(whole.status()), "version": newest.0.version,
        "issued": day_words(newest.0.issued_at.date_in(event.zone())),
        "pdf": format!("{base}/{number}/certificate.pdf"), "verify": format!("/certificates/{number}"), "base": format!("{base}/{number}"),
        "open_badge": format!("{base}/{number}/open-badge"),
        "revoked": newest.1.as_ref().map(|revocation| json!({
            "when": day_words(revocation.at.date_in(event.zone())), "reason": revocation.reason,
        })),
        "is_revoked": newest.1.is_some(),
    }))
}

/// All of a registration's certificates.
pub fn rows(event: &Event, base: &str, all: &[Whole]) -> Result<Vec<Value>> {
    all.iter().map(|whole| row(event, base, whole)).collect()
}

/// A version as it is printed.
pub fn copy(event: &Event, whole: &Whole, (version, revocation): &(Version, Option<Revocation>)) -> Result<Copy> {
    Ok(Copy {
        serial: whole.certificate.serial.clone(),
        version: version.version,
        credential_id: version.credential_id.clone(),
        issued_on: day_words(version.issued_at.date_in(event.zone())),
        revoked: revocation.is_some(),
        printed: version.read()?,
    })
}

/// The PDF of these certificates, each by its newest version.
pub async fn pdf(app: &App, event: &Event, certificates: &[Whole]) -> Result<Vec<u8>> {
    let mut copies = Vec::new();
    for whole in certificates {
        copies.push(copy(event, whole, whole.newest()?)?);
    }
    if copies.is_empty() {
        return Err(Error::NotFound);
    }
    let (folder, base) = (app.site.config.fonts.clone(), app.site.config.base_url.clone());
    tokio::task::spawn_blocking(move || sheet::pdf(&Type::of(&folder)?, &base, &copies)).await.map_err(Error::internal)?
}
