//! Pairing: a link and a short code, for ten minutes and once, turn a phone into the device they were made for.

use chrono::Duration;
use diesel::prelude::*;

use super::rules::{CODE_LASTS, typed_code};
use super::{Device, get_unrevoked};
use crate::app::{Actor, Tx};
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{devices, pairing_codes};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::{DeviceId, PairingCodeId, keyed_hash, new_secret, random_letters, secret_hash};

/// Letters of a typed code: 30 to the 8th, each try counted, ten minutes.
const CODE_LETTERS: usize = 8;

/// The two secrets of an offer, shown once and kept nowhere.
pub struct Secrets {
    pub link: String,
    pub code: String,
    pub until: Instant,
}

/// What a phone shows to be paired.
#[derive(Clone, Debug)]
pub enum Proof {
    /// The secret of the link behind the QR code.
    Link(String),
    /// The code as it was typed.
    Code(String),
}

/// Makes the link and the code of a device; the ones before are good no more.
pub(super) fn offer(tx: &mut Tx<'_>, device: &Device, lasts: Duration) -> Result<Secrets> {
    retire(tx, &device.id)?;
    let until = tx.now.plus(lasts).min(device.expires_at);
    let secrets = Secrets { link: new_secret(), code: random_letters(CODE_LETTERS), until };
    diesel::insert_into(pairing_codes::table)
        .values((
            pairing_codes::id.eq(PairingCodeId::new()),
            pairing_codes::device_id.eq(&device.id),
            pairing_codes::link_hash.eq(secret_hash(&secrets.link)),
            pairing_codes::code_hash.eq(hash_of_code(tx, &secrets.code)),
            pairing_codes::expires_at.eq(until),
        ))
        .execute(tx.db)?;
    Ok(secrets)
}

fn hash_of_code(tx: &Tx<'_>, code: &str) -> String {
    keyed_hash(&tx.site.code_key, &["pairing", code])
}

/// A new link and code for a device: the first ones were too old, or the phone lost its cookie.
pub fn new_code(tx: &mut Tx<'_>, event: &Event, id: &DeviceId) -> Result<(Device, Secrets)> {
    new_code_for(tx, event, id, CODE_LASTS)
}

/// The same for another time than the usual one.
pub fn new_code_for(tx: &mut Tx<'_>, event: &Event, id: &DeviceId, lasts: Duration) -> Result<(Device, Secrets)> {
    let device = get_unrevoked(tx.db, &event.id, id)?;
    if tx.now >= device.expires_at {
        return Err(Error::refused("devices.ended", "The time of this phone is over. Extend it first."));
    }
    Entry::of("device.offered_again", "device", id).event(&event.id).record(tx)?;
    let secrets = offer(tx, &device, lasts)?;
    Ok((device, secrets))
}

/// Takes the unused codes of a device back.
pub(super) fn retire(tx: &mut Tx<'_>, id: &DeviceId) -> Result<()> {
    let unused = pairing_codes::table.filter(pairing_codes::device_id.eq(id)).filter(pairing_codes::used_at.is_null());
    diesel::update(unused).set(pairing_codes::used_at.eq(Some(tx.now))).execute(tx.db)?;
    Ok(())
}

/// The device that a link would pair, while it is good; looking uses nothing up.
pub fn find_link(db: &mut Db, link: &str, now: Instant) -> Result<Option<Device>> {
    Ok(pairing_codes::table
        .inner_join(devices::table)
        .filter(pairing_codes::link_hash.eq(secret_hash(link)))
        .filter(pairing_codes::used_at.is_null())
        .filter(pairing_codes::expires_at.gt(now))
        .filter(devices::revoked_at.is_null())
        .filter(devices::expires_at.gt(now))
        .select(Device::as_select())
        .first(db)
        .optional()?)
}

/// Makes this phone the device, and uses link and code up; the phone that was the device before is not any more.
/// Returns the secret for the cookie.
pub fn pair(tx: &mut Tx<'_>, proof: &Proof) -> Result<(Device, String)> {
    let mut good = pairing_codes::table
        .inner_join(devices::table)
        .filter(pairing_codes::used_at.is_null())
        .filter(pairing_codes::expires_at.gt(tx.now))
        .filter(devices::revoked_at.is_null())
        .filter(devices::expires_at.gt(tx.now))
        .select((pairing_codes::id, Device::as_select()))
        .into_boxed::<crate::db::Either>();
    good = match proof {
        Proof::Link(link) => good.filter(pairing_codes::link_hash.eq(secret_hash(link))),
        Proof::Code(typed) => good.filter(pairing_codes::code_hash.eq(hash_of_code(tx, &typed_code(typed)))),
    };
    let (code, mut device): (PairingCodeId, Device) = good.first(tx.db).optional()?.ok_or_else(over)?;
    // Of several phones at the same moment one finds it unused.
    let unused = pairing_codes::table.find(&code).filter(pairing_codes::used_at.is_null());
    if diesel::update(unused).set(pairing_codes::used_at.eq(Some(tx.now))).execute(tx.db)? != 1 {
        return Err(over());
    }
    let secret = new_secret();
    diesel::update(devices::table.find(&device.id))
        .set((devices::token_hash.eq(Some(secret_hash(&secret))), devices::paired_at.eq(Some(tx.now))))
        .execute(tx.db)?;
    tx.actor = Actor::Device(device.id.clone());
    Entry::of("device.paired", "device", &device.id).event(&device.event_id).record(tx)?;
    device.paired_at = Some(tx.now);
    Ok((device, secret))
}

fn over() -> Error {
    Error::refused("devices.code_over", "This code is wrong, was used, or is too old. Ask for a new one.")
}

/// Forgets codes whose time is over; returns how many.
pub fn forget_expired(tx: &mut Tx<'_>) -> Result<usize> {
    Ok(diesel::delete(pairing_codes::table.filter(pairing_codes::expires_at.lt(tx.now))).execute(tx.db)?)
}
