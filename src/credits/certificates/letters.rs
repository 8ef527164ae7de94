//! Letters about certificates: one is ready, one reads otherwise now, one is no longer good.

use serde_json::{Value, json};

use super::issuing::{Printing, Settled};
use super::printed::Printed;
use super::rules::grouped;
use super::views::verify_url;
use crate::app::Tx;
use crate::error::Result;
use crate::events::Event;
use crate::mail;
use crate::registration::Registration;
use crate::registration::letters::letter;

/// Tells a person what became of their certificates: one letter for all that is new, one for all that changed,
/// one for each that was withdrawn.
pub fn tell(tx: &mut Tx<'_>, event: &Event, registration: &Registration, settled: &Settled, reason: &str) -> Result<()> {
    if !settled.issued.is_empty() {
        ready(tx, event, registration, &settled.issued)?;
    }
    if !settled.renewed.is_empty() {
        changed(tx, event, registration, &settled.renewed, reason)?;
    }
    for one in &settled.withdrawn {
        revoked(tx, event, registration, &one.serial, &one.printed, reason)?;
    }
    Ok(())
}

fn page(tx: &Tx<'_>, registration: &Registration) -> Value {
    json!(format!("{}/my/{}/credits#certificates", tx.site.config.base_url, registration.code))
}

fn listed(tx: &Tx<'_>, some: &[Printing]) -> Value {
    let row = |one: &Printing| {
        json!({
            "credit": one.printed.credit, "title": one.printed.title, "number": grouped(&one.serial),
            "verify_url": verify_url(&tx.site.config.base_url, &one.serial, None), "cause": one.cause.words(),
        })
    };
    some.iter().map(row).collect()
}

/// Certificates are ready; staff send it again with the same words.
pub fn ready(tx: &mut Tx<'_>, event: &Event, registration: &Registration, some: &[Printing]) -> Result<()> {
    let why = format!("You get this letter because a certificate was issued for your registration {}.", registration.code);
    let (draft, mut fields) = letter(tx, "certificate_ready", event, registration, &why)?;
    fields.insert("portal_url".to_owned(), page(tx, registration));
    fields.insert("certificates".to_owned(), listed(tx, some));
    fields.insert("several".to_owned(), json!(some.len() > 1));
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

fn changed(tx: &mut Tx<'_>, event: &Event, registration: &Registration, some: &[Printing], reason: &str) -> Result<()> {
    let why = format!("You get this letter because a certificate of your registration {} has a new version.", registration.code);
    let (draft, mut fields) = letter(tx, "certificate_changed", event, registration, &why)?;
    for (name, value) in [
        ("portal_url", page(tx, registration)),
        ("certificates", listed(tx, some)),
        ("several", json!(some.len() > 1)),
        ("has_reason", json!(!reason.is_empty())),
        ("reason", json!(reason)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    mail::queue(tx, draft, &fields)?;
    Ok(())
}

/// A certificate is no longer good.
pub fn revoked(tx: &mut Tx<'_>, event: &Event, registration: &Registration, serial: &str, printed: &Printed, reason: &str) -> Result<()> {
    let why = format!("You get this letter because a certificate of your registration {} was revoked.", registration.code);
    let (draft, mut fields) = letter(tx, "certificate_revoked", event, registration, &why)?;
    for (name, value) in [
        ("portal_url", page(tx, registration)),
        ("credit", json!(printed.credit)),
        ("title", json!(printed.title)),
        ("number", json!(grouped(serial))),
        ("verify_url", json!(verify_url(&tx.site.config.base_url, serial, None))),
        ("has_reason", json!(!reason.is_empty())),
        ("reason", json!(reason)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    mail::queue(tx, draft, &fields)?;
    Ok(())
}
