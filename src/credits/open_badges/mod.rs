//! Open Badges 3.0 of certificates: credentials that wallets keep and strangers verify by themselves (CEU-6).

pub mod achievements;
pub mod admin;
pub mod alignment_admin;
pub mod alignments;
pub mod api;
pub mod baking;
pub mod credential;
pub mod keys;
pub mod keys_admin;
pub mod pages;
pub mod picture;
pub mod public_api;
pub mod rules;
pub mod status;
pub mod taking;

use diesel::prelude::*;
use serde_json::json;

use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::credits::providers;
use crate::db::Db;
use crate::db::schema::{certificate_versions, certificates, open_badge_stops, open_badges, registrations};
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::ids::{CertificateVersionId, EventId, RegistrationId, SigningKeyId, StatusListId, hex, random_bytes};

use rules::{Missing, missing};

/// The Open Badge of a version of a certificate, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = open_badges, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct OpenBadge {
    pub version_id: CertificateVersionId,
    pub list_id: StatusListId,
    /// Its place in the status list.
    pub place: i32,
    /// What the holder is called in this badge and in no other, so that two badges do not betray that they are one person's.
    pub subject: String,
    pub salt: String,
    pub made_at: Instant,
    pub key_id: Option<SigningKeyId>,
    /// The signed text, as it is given out; once there it stays, unless its key is withdrawn.
    pub credential: Option<String>,
}

/// Where the issuer's profile answers: the provider of record of an event.
pub fn issuer_address(base_url: &str, event: &Event) -> String {
    format!("{base_url}/open-badges/issuers/{}", event.slug)
}

/// The Open Badge of a version, where it was made.
pub fn find(db: &mut Db, version: &CertificateVersionId) -> Result<Option<OpenBadge>> {
    Ok(open_badges::table.find(version).select(OpenBadge::as_select()).first(db).optional()?)
}

/// How many Open Badges of an event were taken.
pub fn count(db: &mut Db, event: &EventId) -> Result<i64> {
    Ok(open_badges::table
        .inner_join(certificate_versions::table.inner_join(certificates::table.inner_join(registrations::table)))
        .filter(registrations::event_id.eq(event))
        .count()
        .get_result(db)?)
}

/// Makes the Open Badge of a version with its place in a status list, or finds the one that is there. It is not signed yet.
fn make(tx: &mut Tx<'_>, event: &Event, registration: &RegistrationId, version: &CertificateVersionId) -> Result<OpenBadge> {
    // Whoever asks at the same time waits here, and finds the badge that was made first.
    events::hold(tx, &event.id)?;
    if let Some(badge) = find(tx.db, version)? {
        return Ok(badge);
    }
    let (list_id, place) = status::allot(tx, event)?;
    let badge = OpenBadge {
        version_id: version.clone(),
        list_id,
        place,
        subject: format!("urn:uuid:{}", uuid::Uuid::new_v4()),
        salt: hex(&random_bytes::<16>()),
        made_at: tx.now,
        key_id: None,
        credential: None,
    };
    diesel::insert_into(open_badges::table).values(&badge).execute(tx.db)?;
    let entry = Entry::of("open_badge.made", "certificate_version", version).event(&event.id).registration(registration);
    entry.record(tx)?;
    Ok(badge)
}

/// Keeps the signed text of an Open Badge, and gives the one that stays: of two that are signed at once the first.
fn keep(tx: &mut Tx<'_>, event: &Event, version: &CertificateVersionId, key: &SigningKeyId, signed: &str) -> Result<Option<String>> {
    // Withdrawn while this was signed: nobody would verify it.
    if keys::find(tx.db, key)?.is_none() {
        return Err(Error::Busy);
    }
    let columns = (open_badges::key_id.eq(Some(key.clone())), open_badges::credential.eq(Some(signed.to_owned())));
    let unsigned = open_badges::table.find(version).filter(open_badges::credential.is_null());
    let kept = diesel::update(unsigned).set(columns).execute(tx.db)?;
    if kept > 0 {
        let entry = Entry::of("open_badge.signed", "certificate_version", version).event(&event.id);
        entry.after(json!({ "key": key })).record(tx)?;
    }
    Ok(find(tx.db, version)?.and_then(|badge| badge.credential))
}

/// Whether staff stopped giving Open Badges for an event.
pub fn is_stopped(db: &mut Db, event: &EventId) -> Result<bool> {
    Ok(open_badge_stops::table.find(event).select(open_badge_stops::at).first::<Instant>(db).optional()?.is_some())
}

/// Why Open Badges are not given for an event, or not for a version that is revoked; none where they are.
pub fn lacks(db: &mut Db, event: &EventId, is_revoked: bool) -> Result<Option<Missing>> {
    let has_provider = providers::find(db, event)?.is_some();
    Ok(missing(has_provider, is_stopped(db, event)?, is_revoked))
}

/// Stops giving Open Badges for an event, or gives them again. Those that were taken stay as they are.
pub fn offer(tx: &mut Tx<'_>, event: &Event, is_offered: bool) -> Result<()> {
    events::hold(tx, &event.id)?;
    if is_stopped(tx.db, &event.id)? != is_offered {
        return Ok(());
    }
    if is_offered {
        diesel::delete(open_badge_stops::table.find(&event.id)).execute(tx.db)?;
    } else {
        let columns =
            (open_badge_stops::event_id.eq(&event.id), open_badge_stops::at.eq(tx.now), open_badge_stops::actor.eq(tx.actor.label()));
        diesel::insert_into(open_badge_stops::table).values(columns).execute(tx.db)?;
    }
    let action = if is_offered { "open_badges.offered" } else { "open_badges.stopped" };
    Entry::of(action, "event", &event.id).event(&event.id).record(tx)
}
