//! Staff sign-ins: a secret in a cookie, kept as its hash, that ends by itself.

use chrono::Duration;
use diesel::prelude::*;

use super::{Identity, StaffMember};
use crate::app::{Actor, Tx};
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{staff, staff_roles, staff_sign_ins};
use crate::error::{Error, Result};
use crate::ids::{SignInId, StaffId, new_secret, secret_hash};

/// How long a staff sign-in lasts.
pub const SIGN_IN: Duration = Duration::hours(12);

/// Signs an account in; returns the secret for its cookie.
pub fn sign_in(tx: &mut Tx<'_>, id: &StaffId) -> Result<String> {
    let secret = new_secret();
    diesel::insert_into(staff_sign_ins::table)
        .values((
            staff_sign_ins::id.eq(SignInId::new()),
            staff_sign_ins::staff_id.eq(id),
            staff_sign_ins::token_hash.eq(secret_hash(&secret)),
            staff_sign_ins::created_at.eq(tx.now),
            staff_sign_ins::expires_at.eq(tx.now.plus(SIGN_IN)),
        ))
        .execute(tx.db)?;
    Entry::of("staff.signed_in", "staff", id).record(tx)?;
    Ok(secret)
}

/// Signs in an account whose password was checked outside the transaction against `checked`; refused
/// when the password was changed or the account disabled meanwhile.
pub fn sign_in_checked(tx: &mut Tx<'_>, id: &StaffId, checked: &str) -> Result<String> {
    let member = super::get(tx.db, id)?;
    if member.disabled_at.is_some() || member.password_hash.as_deref() != Some(checked) {
        return Err(Error::refused("staff.wrong_password", super::rules::WRONG_PASSWORD));
    }
    sign_in(tx, id)
}

/// Ends the sign-in of this cookie.
pub fn sign_out(tx: &mut Tx<'_>, secret: &str) -> Result<()> {
    diesel::delete(staff_sign_ins::table.filter(staff_sign_ins::token_hash.eq(secret_hash(secret)))).execute(tx.db)?;
    Ok(())
}

/// Ends every sign-in of an account, for example when its password changes.
pub fn end_all(tx: &mut Tx<'_>, id: &StaffId) -> Result<usize> {
    Ok(diesel::delete(staff_sign_ins::table.filter(staff_sign_ins::staff_id.eq(id))).execute(tx.db)?)
}

/// Who a staff cookie belongs to, while the sign-in lasts and the account is not disabled.
pub fn identity_of_cookie(db: &mut Db, secret: &str, now: Instant) -> Result<Option<Identity>> {
    let member: Option<StaffMember> = staff_sign_ins::table
        .inner_join(staff::table)
        .filter(staff_sign_ins::token_hash.eq(secret_hash(secret)))
        .filter(staff_sign_ins::expires_at.gt(now))
        .filter(staff::disabled_at.is_null())
        .select(StaffMember::as_select())
        .first(db)
        .optional()?;
    let Some(member) = member else { return Ok(None) };
    let roles =
        staff_roles::table.filter(staff_roles::staff_id.eq(&member.id)).select((staff_roles::role, staff_roles::event_id)).load(db)?;
    Ok(Some(Identity { actor: Actor::Staff(member.id), name: member.name, roles, bound: None }))
}

/// When the sign-in of this cookie ends; none where it is over.
pub fn ends_at(db: &mut Db, secret: &str, now: Instant) -> Result<Option<Instant>> {
    let own = staff_sign_ins::table.filter(staff_sign_ins::token_hash.eq(secret_hash(secret))).filter(staff_sign_ins::expires_at.gt(now));
    Ok(own.select(staff_sign_ins::expires_at).first(db).optional()?)
}

/// Forgets sign-ins whose time is over; returns how many.
pub fn forget_expired(tx: &mut Tx<'_>) -> Result<usize> {
    Ok(diesel::delete(staff_sign_ins::table.filter(staff_sign_ins::expires_at.lt(tx.now))).execute(tx.db)?)
}
