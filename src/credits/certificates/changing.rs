//! What staff change about certificates: the name on them, and that one is no longer good (CEU-6).

use diesel::prelude::*;
use serde_json::json;

use super::issuing::{Settled, follow};
use super::{Whole, get, letters};
use crate::app::Tx;
use crate::audit::Entry;
use crate::db::schema::certificate_revocations;
use crate::error::{Checks, Error, Result};
use crate::events::Event;
use crate::people;
use crate::registration::rules::Details;
use crate::registration::{self, Registration, correction};

/// Corrects the name and the credentials on a person's certificates: each gets a new version under its number.
pub fn correct_name(
    tx: &mut Tx<'_>,
    event: &Event,
    registration: &Registration,
    name: &str,
    credentials: &str,
    reason: &str,
) -> Result<Settled> {
    let mut checks = Checks::new();
    checks.required("certificate_name", name, "Enter the name as it should stand on certificates.");
    checks.required("reason", reason, "Say why the name is corrected.");
    checks.at_most("reason", reason, 500);
    checks.finish()?;
    registration::hold(tx, &registration.id)?;
    let registration = &registration::get_by_id(tx.db, &registration.id)?;
    let email = people::get(tx.db, &registration.person_id)?.email;
    let details = Details { certificate_name: name.to_owned(), credentials: credentials.to_owned(), ..registration.details(&email) };
    let corrected = correction::correct(tx, registration, &details, reason)?;
    follow(tx, event, &corrected, reason)
}

/// Revokes the newest version of a certificate: the verification page shows it, with the reason and the day.
pub fn revoke(tx: &mut Tx<'_>, event: &Event, registration: &Registration, serial: &str, reason: &str) -> Result<Whole> {
    registration::hold(tx, &registration.id)?;
    let whole = get(tx.db, &registration.id, serial)?;
    let mut checks = Checks::new();
    checks.required("reason", reason, "Say why the certificate is revoked; its verification page shows it.");
    checks.at_most("reason", reason, 500);
    checks.finish()?;
    let (version, revocation) = whole.newest()?;
    if revocation.is_some() {
        return Err(Error::refused("certificates.revoked_before", "This certificate was revoked already."));
    }
    let columns = (
        certificate_revocations::version_id.eq(&version.id),
        certificate_revocations::withdrawn.eq(false),
        certificate_revocations::reason.eq(reason.trim()),
        certificate_revocations::at.eq(tx.now),
        certificate_revocations::actor.eq(tx.actor.label()),
    );
    diesel::insert_into(certificate_revocations::table).values(columns).execute(tx.db)?;
    let entry = Entry::of("certificate.revoked", "certificate", &whole.certificate.id).event(&event.id).registration(&registration.id);
    entry.before(json!({ "version": version.version })).reason(reason.trim()).record(tx)?;
    letters::revoked(tx, event, registration, &whole.certificate.serial, &version.read()?, reason.trim())?;
    get(tx.db, &registration.id, serial)
}
