//! The list that a desk's laptop goes on with when it hears nothing of the server: everyone's card, sealed under a key
//! of this sign-in alone, good until the sign-in ends (CHK-4).

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::cards::{Card, cards};
use super::rules::{Whereabouts, whereabouts};
use crate::checkin::rules::Place;
use crate::checkin::{Door, roster};
use crate::clock::Instant;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{hex, mac, secret_hash};
use crate::pricing;

/// The list as the laptop gets it.
#[derive(Clone, Debug, Serialize)]
pub struct List {
    /// Our time when it was made.
    pub made_at: Instant,
    /// When the sign-in ends; the laptop forgets the list then, or when somebody signs out.
    pub expires_at: Instant,
    /// In hex; the laptop keeps it where no script can read it.
    pub key: String,
    /// [`Contents`], sealed, in hex.
    pub sealed: String,
    /// Changes when anything but the first time does.
    pub version: String,
}

/// What is sealed.
#[derive(Serialize)]
struct Contents<'a> {
    place: Place,
    /// Where each registration type gets its badges.
    kinds: BTreeMap<String, Whereabouts>,
    cards: &'a [Card],
}

/// The key of a sign-in's lists; whoever signs in next has another.
pub fn key_of(installation_key: &[u8], sign_in: &str) -> [u8; 32] {
    mac(installation_key, &["list of the pick-up desk", &secret_hash(sign_in)])
}

/// Makes the list of a desk.
pub fn make(db: &mut Db, door: &Door, sees_needs: bool, key: &[u8; 32], expires_at: Instant, now: Instant) -> Result<List> {
    let all = cards(db, door, None, sees_needs, now)?;
    let contents = Contents { place: Place { pickups: Vec::new(), ..door.place.clone() }, kinds: kinds(db, door)?, cards: &all };
    let sealed = roster::seal_under(key, &serde_json::to_vec(&contents).map_err(Error::internal)?)?;
    let version = hex(&Sha256::digest(format!("{sealed} {}", expires_at.rfc3339_in(door.place.zone)))[..16]);
    Ok(List { made_at: now, expires_at, key: hex(key), sealed, version })
}

/// Where each registration type of the event gets its badges, seen from this desk.
pub fn kinds(db: &mut Db, door: &Door) -> Result<BTreeMap<String, Whereabouts>> {
    let types = pricing::list_types(db, &door.event.id)?.into_iter();
    let place = &door.place;
    Ok(types.map(|kind| (kind.name.clone(), whereabouts(&kind.name, &door.checkpoint.name, &place.pickups, place.zone))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sign_in_has_a_key_of_its_own() {
        assert_eq!(key_of(b"installation", "one"), key_of(b"installation", "one"));
        assert_ne!(key_of(b"installation", "one"), key_of(b"installation", "other"));
        assert_ne!(key_of(b"installation", "one"), key_of(b"another", "one"));
    }
}
