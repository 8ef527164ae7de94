//! One-time links by which staff set their password (or, in the demo, sign in).

use chrono::Duration;
use diesel::prelude::*;

use super::StaffMember;
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{staff, staff_links};
use crate::error::{Error, Result};
use crate::ids::{LinkId, StaffId, new_secret, secret_hash};

/// How long a link to set one's password may be used.
pub const SETUP_LINK: Duration = Duration::days(7);

/// What a one-time link is good for.
pub const PURPOSE_PASSWORD: &str = "password";
pub const PURPOSE_SIGN_IN: &str = "sign_in";

/// Makes a one-time link's secret for an account.
pub fn new_link(tx: &mut Tx<'_>, id: &StaffId, purpose: &str, lasts: Duration) -> Result<String> {
    let secret = new_secret();
    diesel::insert_into(staff_links::table)
        .values((
            staff_links::id.eq(LinkId::new()),
            staff_links::staff_id.eq(id),
            staff_links::token_hash.eq(secret_hash(&secret)),
            staff_links::purpose.eq(purpose),
            staff_links::expires_at.eq(tx.now.plus(lasts)),
        ))
        .execute(tx.db)?;
    Entry::of("staff.link_made", "staff", id).after(serde_json::json!({ "purpose": purpose })).record(tx)?;
    Ok(secret)
}

/// Whose link this is, while it is unused and in time. Looking never uses it up.
pub fn find_link(db: &mut Db, secret: &str, purpose: &str, now: Instant) -> Result<Option<StaffMember>> {
    Ok(staff_links::table
        .inner_join(staff::table)
        .filter(staff_links::token_hash.eq(secret_hash(secret)))
        .filter(staff_links::purpose.eq(purpose))
        .filter(staff_links::used_at.is_null())
        .filter(staff_links::expires_at.gt(now))
        .filter(staff::disabled_at.is_null())
        .select(StaffMember::as_select())
        .first(db)
        .optional()?)
}

/// Uses a one-time link up, and with it every other of the same account and purpose; refused when it
/// was used before or is too old.
pub fn use_link(tx: &mut Tx<'_>, secret: &str, purpose: &str) -> Result<StaffId> {
    let member = find_link(tx.db, secret, purpose, tx.now)?.ok_or_else(used)?;
    let this_one = staff_links::table.filter(staff_links::token_hash.eq(secret_hash(secret)));
    let count =
        diesel::update(this_one).filter(staff_links::used_at.is_null()).set(staff_links::used_at.eq(Some(tx.now))).execute(tx.db)?;
    if count != 1 {
        return Err(used());
    }
    retire(tx, &member.id, purpose)?;
    Ok(member.id)
}

/// Takes the unused links of an account back.
pub fn retire(tx: &mut Tx<'_>, id: &StaffId, purpose: &str) -> Result<()> {
    diesel::update(staff_links::table.filter(staff_links::staff_id.eq(id)))
        .filter(staff_links::purpose.eq(purpose))
        .filter(staff_links::used_at.is_null())
        .set(staff_links::used_at.eq(Some(tx.now)))
        .execute(tx.db)?;
    Ok(())
}

fn used() -> Error {
    Error::refused("staff.link_used", "This link was used before or is too old. Ask an owner for a new one.")
}

/// Forgets links whose time is over; returns how many.
pub fn forget_expired(tx: &mut Tx<'_>) -> Result<usize> {
    Ok(diesel::delete(staff_links::table.filter(staff_links::expires_at.lt(tx.now))).execute(tx.db)?)
}

/// Forgets every link of one purpose; those who hold one need a new one.
pub fn forget_links(tx: &mut Tx<'_>, purpose: &str) -> Result<usize> {
    Ok(diesel::delete(staff_links::table.filter(staff_links::purpose.eq(purpose))).execute(tx.db)?)
}
