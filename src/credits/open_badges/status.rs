//! Status lists (W3C Bitstring Status List): where verifiers see whether an Open Badge was revoked. A place is given
//! out at random when a badge is made; what is set follows from the certificates themselves, so it changes in the very
//! transaction that revokes a version or makes a newer one.

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::{Value, json};

use super::rules::{HOLDS, TRIES, encoded, place_of};
use super::{OpenBadge, issuer_address};
use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{certificate_revocations, certificate_versions, certificates, open_badges, registrations, status_lists};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::{CertificateId, EventId, StatusListId, random_bytes};

/// So long verifiers may keep a list, in milliseconds.
const KEEPS_MILLISECONDS: i64 = 300_000;

/// A list, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = status_lists, check_for_backend(crate::db::Either))]
pub struct StatusList {
    pub id: StatusListId,
    pub event_id: EventId,
    pub number: i32,
    /// So many places are given out before the next list begins.
    pub holds: i32,
    pub made_at: Instant,
}

/// Where a list answers.
pub fn address(base_url: &str, event: &Event, number: i32) -> String {
    format!("{base_url}/open-badges/status/{}/{number}", event.slug)
}

/// The list of this number.
pub fn find(db: &mut Db, event: &EventId, number: i32) -> Result<Option<StatusList>> {
    Ok(status_lists::table
        .filter(status_lists::event_id.eq(event))
        .filter(status_lists::number.eq(number))
        .select(StatusList::as_select())
        .first(db)
        .optional()?)
}

/// The lists of an event with how many places of each are given out, oldest first.
pub fn list(db: &mut Db, event: &EventId) -> Result<Vec<(StatusList, i64)>> {
    let lists: Vec<StatusList> = status_lists::table
        .filter(status_lists::event_id.eq(event))
        .order(status_lists::number.asc())
        .select(StatusList::as_select())
        .load(db)?;
    lists.into_iter().map(|list| Ok((list.clone(), taken(db, &list.id)?))).collect()
}

fn taken(db: &mut Db, list: &StatusListId) -> Result<i64> {
    Ok(open_badges::table.filter(open_badges::list_id.eq(list)).count().get_result(db)?)
}

/// Finds a free place for an Open Badge of this event, in its newest list or in a new one. Whoever calls holds the event,
/// so that two never get the same place.
pub fn allot(tx: &mut Tx<'_>, event: &Event) -> Result<(StatusListId, i32)> {
    let newest: Option<StatusList> = status_lists::table
        .filter(status_lists::event_id.eq(&event.id))
        .order(status_lists::number.desc())
        .select(StatusList::as_select())
        .first(tx.db)
        .optional()?;
    let list = match newest {
        Some(list) if taken(tx.db, &list.id)? < i64::from(list.holds) => list,
        full => begin(tx, event, full.map_or(1, |list| list.number + 1))?,
    };
    for _ in 0..TRIES {
        let place = place_of(random_bytes());
        let is_free: i64 =
            open_badges::table.filter(open_badges::list_id.eq(&list.id)).filter(open_badges::place.eq(place)).count().get_result(tx.db)?;
        if is_free == 0 {
            return Ok((list.id, place));
        }
    }
    Err(Error::internal("no free place was found in a status list"))
}

fn begin(tx: &mut Tx<'_>, event: &Event, number: i32) -> Result<StatusList> {
    let list = StatusList { id: StatusListId::new(), event_id: event.id.clone(), number, holds: HOLDS, made_at: tx.now };
    diesel::insert_into(status_lists::table).values(&list).execute(tx.db)?;
    Ok(list)
}

/// The places whose certificate versions are no longer good: revoked, or followed by a newer version.
pub fn set_places(db: &mut Db, list: &StatusList) -> Result<Vec<i32>> {
    let rows: Vec<(i32, CertificateId, i32, bool)> = open_badges::table
        .inner_join(certificate_versions::table.left_join(certificate_revocations::table))
        .filter(open_badges::list_id.eq(&list.id))
        .order(open_badges::place.asc())
        .select((
            open_badges::place,
            certificate_versions::certificate_id,
            certificate_versions::version,
            certificate_revocations::version_id.nullable().is_not_null(),
        ))
        .load(db)?;
    // Few certificates have a second version.
    let later: Vec<(CertificateId, i32)> = certificate_versions::table
        .inner_join(certificates::table.inner_join(registrations::table))
        .filter(registrations::event_id.eq(&list.event_id))
        .filter(certificate_versions::version.gt(1))
        .order(certificate_versions::version.asc())
        .select((certificate_versions::certificate_id, certificate_versions::version))
        .load(db)?;
    let newest: HashMap<CertificateId, i32> = later.into_iter().collect();
    let is_set = |(_, certificate, version, revoked): &(i32, CertificateId, i32, bool)| {
        *revoked || newest.get(certificate).is_some_and(|newest| newest > version)
    };
    Ok(rows.iter().filter(|row| is_set(row)).map(|(place, ..)| *place).collect())
}

/// What a list's credential says.
pub fn payload(base_url: &str, event: &Event, list: &StatusList, set: &[i32]) -> Result<Value> {
    let (id, issuer) = (address(base_url, event, list.number), issuer_address(base_url, event));
    let (from, seconds) = super::credential::whole_seconds(list.made_at);
    let subject = format!("{id}#list");
    Ok(json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": id, "type": ["VerifiableCredential", "BitstringStatusListCredential"], "issuer": issuer, "validFrom": from,
        "credentialSubject": {
            "id": subject, "type": "BitstringStatusList", "statusPurpose": "revocation", "encodedList": encoded(set)?, "ttl": KEEPS_MILLISECONDS,
        },
        "iss": issuer, "jti": id, "nbf": seconds, "sub": subject,
    }))
}

/// Where a badge's own status stands.
pub fn entry(base_url: &str, event: &Event, number: i32, badge: &OpenBadge) -> Value {
    let list = address(base_url, event, number);
    json!({
        "id": format!("{list}#{}", badge.place), "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
        "statusListIndex": badge.place.to_string(), "statusListCredential": list,
    })
}
