//! Badges: a random number with a tag, in a QR code that says nothing about anybody (BDG-1).

pub mod candidates;
pub mod drawing;
pub mod layouts;
pub mod list_admin;
pub mod one_admin;
pub mod press;
pub mod print_admin;
pub mod prints;
pub mod rules;
pub mod typeset;

use diesel::prelude::*;

use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{badges, registrations};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::{BadgeId, RegistrationId, hex, random_bytes};
use crate::registration::Status;

/// A badge as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = badges, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Badge {
    pub id: BadgeId,
    pub registration_id: RegistrationId,
    /// 128 random bits in hex.
    pub number: String,
    pub created_at: Instant,
    pub revoked_at: Option<Instant>,
}

impl Badge {
    /// The text of the badge's QR code.
    pub fn token(&self, event: &Event) -> Result<String> {
        rules::token(&self.number, &event.tag_key).ok_or_else(|| Error::internal("a badge number is not hex"))
    }
}

/// Makes the badge of a registration.
pub fn issue(tx: &mut Tx<'_>, registration: &RegistrationId) -> Result<Badge> {
    let badge = Badge {
        id: BadgeId::new(),
        registration_id: registration.clone(),
        number: hex(&random_bytes::<16>()),
        created_at: tx.now,
        revoked_at: None,
    };
    diesel::insert_into(badges::table).values(&badge).execute(tx.db)?;
    Entry::of("badge.issued", "badge", &badge.id).registration(registration).record(tx)?;
    Ok(badge)
}

/// The badge of a registration that is not revoked.
pub fn of_registration(db: &mut Db, registration: &RegistrationId) -> Result<Option<Badge>> {
    Ok(badges::table
        .filter(badges::registration_id.eq(registration))
        .filter(badges::revoked_at.is_null())
        .order(badges::id.desc())
        .select(Badge::as_select())
        .first(db)
        .optional()?)
}

/// Every badge that a registration ever had, newest first.
pub fn all_of_registration(db: &mut Db, registration: &RegistrationId) -> Result<Vec<Badge>> {
    let own = badges::table.filter(badges::registration_id.eq(registration)).order(badges::id.desc());
    Ok(own.select(Badge::as_select()).load(db)?)
}

/// Whether this text is on the one badge that its registration has now, and the registration stands.
pub fn is_current(db: &mut Db, text: &str) -> Result<bool> {
    let (rules::Read::Ours(number) | rules::Read::WrongTag(number)) = rules::read(text, "") else { return Ok(false) };
    let current = badges::table
        .inner_join(registrations::table)
        .filter(badges::number.eq(number))
        .filter(badges::revoked_at.is_null())
        .filter(registrations::status.ne(Status::Canceled));
    Ok(diesel::select(diesel::dsl::exists(current)).get_result(db)?)
}

/// Makes every other scan of these badges wait until this transaction ends. SQLite's one writer is alone anyway.
pub fn hold(tx: &mut Tx<'_>, numbers: &[String]) -> Result<()> {
    if let Db::Postgres(connection) = tx.db {
        // Always in the order of their numbers, so that two who hold several never wait for each other.
        let held = badges::table.filter(badges::number.eq_any(numbers)).order(badges::number.asc()).select(badges::id).for_update();
        held.load::<BadgeId>(connection)?;
    }
    Ok(())
}

/// What came of a form that asked for another badge.
#[derive(Clone, Debug)]
pub struct Replaced {
    /// The badge that works now.
    pub badge: Badge,
    /// The badge of the page was replaced before, by a button pressed twice or by somebody else; nothing was changed.
    pub was_before: bool,
}

/// Replaces the badge that a page showed. Where that one is revoked already, what replaced it stands. The
/// registration is held by the caller.
pub fn replace_shown(tx: &mut Tx<'_>, registration: &RegistrationId, shown: &BadgeId, reason: &str) -> Result<Replaced> {
    let own = badges::table.find(shown).filter(badges::registration_id.eq(registration)).select(badges::id);
    let known: Option<BadgeId> = own.first(tx.db).optional()?;
    if known.is_none() {
        return Err(Error::refused("badges.not_shown", "This page does not show the badge of today. Open it again; nothing was changed."));
    }
    match of_registration(tx.db, registration)? {
        Some(badge) if badge.id != *shown => Ok(Replaced { badge, was_before: true }),
        _ => Ok(Replaced { badge: replace(tx, registration, reason)?, was_before: false }),
    }
}

/// Revokes a lost badge and makes another; the scans of the old one stay.
pub fn replace(tx: &mut Tx<'_>, registration: &RegistrationId, reason: &str) -> Result<Badge> {
    if reason.trim().is_empty() {
        return Err(Error::invalid("reason", "required", "Say why the badge is replaced, for example “lost”."));
    }
    let old = of_registration(tx.db, registration)?;
    if let Some(old) = old {
        diesel::update(badges::table.find(&old.id)).set(badges::revoked_at.eq(Some(tx.now))).execute(tx.db)?;
        Entry::of("badge.revoked", "badge", &old.id).registration(registration).reason(reason).record(tx)?;
    }
    issue(tx, registration)
}
