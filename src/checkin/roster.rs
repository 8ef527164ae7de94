//! What a door's device is given so that it can decide while it hears nothing of us (CHK-4): a record per badge,
//! found by a hash of the badge's token and sealed under a key derived from it. A badge that is presented opens
//! its own record and no other; a device without badges reveals nobody.

use std::collections::{BTreeMap, HashMap};

use chrono::Duration;
use diesel::prelude::*;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Door;
use super::lookup;
use super::rules::{Holder, Place};
use crate::badges::rules::token;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{badges, enrollments, presences, registrations};
use crate::enrollment;
use crate::error::{Error, Result};
use crate::ids::{RegistrationId, RegistrationTypeId, SessionId, hex, mac};
use crate::orders::balance::OwedCents;
use crate::registration::Status;

/// A roster decides this long without being renewed; then the device forgets it.
const LASTS: Duration = Duration::hours(24);

/// What the device of one door is given.
#[derive(Clone, Debug, Serialize)]
pub struct Roster {
    /// Our time when it was made; the device learns its clock's offset from it.
    pub made_at: Instant,
    pub expires_at: Instant,
    pub place: Place,
    /// The event's tag key in hex, for badges made after this roster; the device keeps it where no script can read it.
    pub tag_key: String,
    /// Where to look for the records of badges that were replaced.
    pub revoked: Vec<String>,
    /// Sealed records in hex (nonce, then text and tag) by where a badge looks for its own.
    pub records: BTreeMap<String, String>,
    /// Changes when anything but the times does.
    pub version: String,
}

/// One person as the device may know them once their badge is presented.
#[derive(Serialize)]
struct Record<'a> {
    name: &'a str,
    line: String,
    holder: Holder,
}

/// A badge with what the door wants to know about it.
#[derive(Queryable)]
struct Row {
    number: String,
    revoked_at: Option<Instant>,
    registration: RegistrationId,
    registration_type: RegistrationTypeId,
    status: Status,
    badge_name: String,
    credentials: String,
    organization: String,
    seat: Option<enrollment::Status>,
    inside: Option<bool>,
    since: Option<Instant>,
    owed_cents: i64,
}

/// Makes the roster of a door.
pub fn make(db: &mut Db, door: &Door, now: Instant) -> Result<Roster> {
    let rows = rows(db, door)?;
    let free_seats = match door.session.as_ref().and_then(|session| Some((session, session.capacity?))) {
        Some((session, capacity)) => Some(i64::from(capacity) - enrollment::seats_taken(db, &session.id)?),
        None => None,
    };
    let let_in = if door.session.is_none() { lookup::let_in(db, &door.checkpoint)? } else { HashMap::new() };
    let key = &door.event.tag_key;
    let (mut revoked, mut records) = (Vec::new(), BTreeMap::new());
    for row in &rows {
        let token = token(&row.number, key).ok_or_else(|| Error::internal("a badge's number or the event's key is not hex"))?;
        if row.revoked_at.is_some() {
            revoked.push(place_of(&token));
            continue;
        }
        let here_since = row.since.filter(|_| row.inside == Some(true)).or_else(|| let_in.get(&row.registration).copied());
        let holder = Holder {
            is_revoked: false,
            status: row.status,
            owes: row.owed_cents > 0,
            is_covered: door.covering.contains(&row.registration_type),
            seat: row.seat,
            // None means no limit, so only who has a seat may go without the number.
            free_seats: free_seats.filter(|_| row.seat != Some(enrollment::Status::Enrolled)),
            unclaimed_seats: 0,
            ahead: 0,
            given_away_at: None,
            here_since,
        };
        let line = [row.credentials.as_str(), row.organization.as_str()].into_iter().filter(|part| !part.is_empty());
        let record = Record { name: &row.badge_name, line: line.collect::<Vec<_>>().join(" · "), holder };
        records.insert(place_of(&token), seal(&token, &serde_json::to_vec(&record).map_err(Error::internal)?)?);
    }
    revoked.sort();
    let version = version(&door.place, &revoked, &records)?;
    Ok(Roster { made_at: now, expires_at: now.plus(LASTS), place: door.place.clone(), tag_key: key.clone(), revoked, records, version })
}

fn rows(db: &mut Db, door: &Door) -> Result<Vec<Row>> {
    // No session has an empty id, so a door without one finds no seat and no presence.
    let session = door.session.as_ref().map_or_else(|| SessionId::from(String::new()), |session| session.id.clone());
    let seat = enrollments::registration_id
        .eq(registrations::id)
        .and(enrollments::session_id.eq(session.clone()))
        .and(enrollments::left_at.is_null());
    let presence = presences::registration_id.eq(registrations::id).and(presences::session_id.eq(session));
    Ok(badges::table
        .inner_join(registrations::table)
        .left_join(enrollments::table.on(seat))
        .left_join(presences::table.on(presence))
        .filter(registrations::event_id.eq(&door.event.id))
        .select((
            badges::number,
            badges::revoked_at,
            registrations::id,
            registrations::registration_type_id,
            registrations::status,
            registrations::badge_name,
            registrations::credentials,
            registrations::organization,
            enrollments::status.nullable(),
            presences::inside.nullable(),
            presences::since.nullable(),
            OwedCents,
        ))
        .load(db)?)
}

/// Where a badge looks for its record: 16 bytes of a hash of its token, in hex.
pub fn place_of(token: &str) -> String {
    hex(&Sha256::digest(format!("lanyard roster place {token}"))[..16])
}

/// Seals a record under the key that only its own badge knows.
fn seal(token: &str, text: &[u8]) -> Result<String> {
    seal_under(&Sha256::digest(format!("lanyard roster key {token}")), text)
}

/// Seals a text under a key of 32 bytes, in hex: nonce, then text and tag. The nonce follows from the text, so the
/// same text is sealed to the same bytes, and no key ever seals two texts under one nonce.
pub fn seal_under(key: &[u8], text: &[u8]) -> Result<String> {
    let failed = |_| Error::internal("a record could not be sealed");
    let whole = mac(key, &["nonce", &hex(&Sha256::digest(text))]);
    let mut nonce = [0; NONCE_LEN];
    nonce.copy_from_slice(&whole[..NONCE_LEN]);
    let sealing = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).map_err(failed)?);
    let mut sealed = text.to_vec();
    sealing.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed).map_err(failed)?;
    Ok(format!("{}{}", hex(&nonce), hex(&sealed)))
}

/// Opens what [`seal_under`] sealed; none where it was sealed under another key, or was changed.
pub fn open_under(key: &[u8], sealed: &str) -> Option<Vec<u8>> {
    let mut bytes = bytes_of(sealed).filter(|bytes| bytes.len() > NONCE_LEN)?;
    let mut text = bytes.split_off(NONCE_LEN);
    let nonce = Nonce::try_assume_unique_for_key(&bytes).ok()?;
    let opening = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    Some(opening.open_in_place(nonce, Aad::empty(), &mut text).ok()?.to_vec())
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = hex.chars().map(|sign| sign.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<_>>()?;
    Some(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

fn version(place: &Place, revoked: &[String], records: &BTreeMap<String, String>) -> Result<String> {
    let mut sum = Sha256::new();
    sum.update(serde_json::to_vec(&(place, revoked, records)).map_err(Error::internal)?);
    Ok(hex(&sum.finalize()[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "LYD1AAAA";

    #[test]
    fn the_same_record_is_sealed_to_the_same_bytes_and_another_to_others() {
        let first = seal(TOKEN, b"Maya").unwrap();
        assert_eq!(first, seal(TOKEN, b"Maya").unwrap());
        let other = seal(TOKEN, b"Noor").unwrap();
        assert_ne!(first[..24], other[..24]);
        assert_ne!(first[24..], seal("LYD1BBBB", b"Maya").unwrap()[24..]);
        assert!(!first.contains(&hex(b"Maya")));
    }

    #[test]
    fn where_a_badge_looks_says_nothing_about_its_key() {
        assert_eq!(place_of(TOKEN).len(), 32);
        assert_ne!(place_of(TOKEN), hex(&Sha256::digest(format!("lanyard roster key {TOKEN}"))[..16]));
    }
}
