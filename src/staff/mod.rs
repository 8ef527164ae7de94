//! Staff: accounts, roles for one event or all, sign-ins, one-time links, API tokens.

pub mod admin;
pub mod letters;
pub mod links;
pub mod pages;
pub mod passwords;
pub mod rules;
mod sign_ins;
mod tokens;
pub mod tokens_admin;

use diesel::prelude::*;
use serde_json::json;

use crate::app::{Actor, Tx};
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{staff, staff_roles};
use crate::error::{Checks, Error, Result};
use crate::ids::{CheckpointId, EventId, StaffId, StaffRoleId};
use crate::people::rules::{email_key, tidy};

pub use links::{PURPOSE_PASSWORD, PURPOSE_SIGN_IN, SETUP_LINK, find_link, forget_links, new_link, use_link};
pub use rules::{Permission, Role};
pub use sign_ins::{SIGN_IN, ends_at as sign_in_ends_at, identity_of_cookie, sign_in, sign_in_checked, sign_out};
pub use tokens::{ApiToken, ListedToken, checkpoint_of_code, create_token, identity_of_token, list_tokens, revoke_token};

/// A staff account as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = staff, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct StaffMember {
    pub id: StaffId,
    pub email: String,
    pub email_key: String,
    pub name: String,
    pub password_hash: Option<String>,
    pub disabled_at: Option<Instant>,
    pub created_at: Instant,
}

/// A role of a staff account, for one event or (without one) for all.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = staff_roles, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct StaffRole {
    pub id: StaffRoleId,
    pub staff_id: StaffId,
    pub role: Role,
    pub event_id: Option<EventId>,
}

/// Somebody who acts for staff in this request: a signed-in person, a token or a paired phone.
#[derive(Clone, Debug)]
pub struct Identity {
    pub actor: Actor,
    pub name: String,
    pub roles: Vec<(Role, Option<EventId>)>,
    /// What a scanning device is bound to; people and programs are not.
    pub bound: Option<Bound>,
}

/// The doors that a scanning device works, within the scopes of its roles (ACC-3).
#[derive(Clone, Debug)]
pub struct Bound {
    /// These checkpoints only; `None` is every one.
    pub checkpoints: Option<Vec<CheckpointId>>,
    /// It may let somebody in against the answer, where its role may.
    pub may_override: bool,
}

impl Identity {
    /// Whether any role allows it for this event.
    pub fn may(&self, permission: Permission, event: &EventId) -> bool {
        self.grants(permission).any(|scope| scope.is_none_or(|scope| scope == event))
    }

    /// Whether a role for all events allows it.
    pub fn may_everywhere(&self, permission: Permission) -> bool {
        self.grants(permission).any(|scope| scope.is_none())
    }

    /// Whether any role allows it for some event.
    pub fn may_somewhere(&self, permission: Permission) -> bool {
        self.grants(permission).next().is_some()
    }

    /// A scanning device: it works its doors, sees no e-mail and lists nobody (ACC-3).
    pub fn is_device(&self) -> bool {
        self.bound.is_some()
    }

    /// Whether this checkpoint is one that it may work.
    pub fn reaches(&self, checkpoint: &CheckpointId) -> bool {
        let own = self.bound.as_ref().and_then(|bound| bound.checkpoints.as_ref());
        own.is_none_or(|own| own.contains(checkpoint))
    }

    /// The scopes in which a role allows it. A scanning device works its doors and sees nobody, whatever its role (ACC-3).
    fn grants(&self, permission: Permission) -> impl Iterator<Item = Option<&EventId>> {
        let reaches = self.bound.as_ref().is_none_or(|bound| match permission {
            Permission::ScanBadges => true,
            Permission::OverrideDoor => bound.may_override,
            _ => false,
        });
        self.roles.iter().filter(move |(role, _)| reaches && role.may(permission)).map(|(_, scope)| scope.as_ref())
    }

    /// `Forbidden` unless allowed for this event.
    pub fn require(&self, permission: Permission, event: &EventId) -> Result<()> {
        if self.may(permission, event) { Ok(()) } else { Err(Error::Forbidden) }
    }
}

/// Adds an account with one role; an account with this e-mail gets the role added.
pub fn add(tx: &mut Tx<'_>, email: &str, name: &str, role: Role, event: Option<EventId>) -> Result<StaffId> {
    let mut checks = Checks::new();
    checks.required("name", name, "Enter the name that others know this person by.");
    checks.at_most("name", name, 200);
    let key = email_key(email);
    if key.is_none() {
        checks.wrong("email", "email", "Enter a complete e-mail address, such as name@hospital.org.");
    }
    checks.finish()?;
    let email_key = key.unwrap_or_default();
    let id = match find_by_email(tx.db, &email_key)? {
        Some(member) => member.id,
        None => {
            let member = StaffMember {
                id: StaffId::new(),
                email: email.trim().to_owned(),
                email_key,
                name: tidy(name),
                password_hash: None,
                disabled_at: None,
                created_at: tx.now,
            };
            diesel::insert_into(staff::table).values(&member).execute(tx.db)?;
            Entry::of("staff.added", "staff", &member.id).record(tx)?;
            member.id
        }
    };
    give_role(tx, &id, role, event)?;
    Ok(id)
}

/// Gives an account a role; giving what it has changes nothing.
pub fn give_role(tx: &mut Tx<'_>, id: &StaffId, role: Role, event: Option<EventId>) -> Result<()> {
    if get(tx.db, id)?.disabled_at.is_some() {
        return Err(Error::refused("staff.disabled", "This account is disabled. Enable it before you give it a role."));
    }
    if roles_of(tx.db, id)?.iter().any(|held| held.role == role && held.event_id == event) {
        return Ok(());
    }
    let row = StaffRole { id: StaffRoleId::new(), staff_id: id.clone(), role, event_id: event };
    diesel::insert_into(staff_roles::table).values(&row).execute(tx.db)?;
    Entry::of("staff.role_added", "staff", id).after(json!({ "role": role, "event": row.event_id })).record(tx)
}

/// Takes a role away; refused for the last owner of all events.
pub fn remove_role(tx: &mut Tx<'_>, id: &StaffId, role: &StaffRoleId) -> Result<()> {
    hold_owners(tx)?;
    let held = roles_of(tx.db, id)?.into_iter().find(|held| &held.id == role).ok_or(Error::NotFound)?;
    if held.role == Role::Owner && held.event_id.is_none() {
        keep_an_owner(tx, id)?;
    }
    diesel::delete(staff_roles::table.find(role)).execute(tx.db)?;
    Entry::of("staff.role_removed", "staff", id).before(json!({ "role": held.role, "event": held.event_id })).record(tx)
}

/// Closes an account: its sign-ins and links end at once. Refused for the last owner of all events.
pub fn disable(tx: &mut Tx<'_>, id: &StaffId) -> Result<()> {
    get(tx.db, id)?;
    hold_owners(tx)?;
    if roles_of(tx.db, id)?.iter().any(|held| held.role == Role::Owner && held.event_id.is_none()) {
        keep_an_owner(tx, id)?;
    }
    diesel::update(staff::table.find(id)).set(staff::disabled_at.eq(Some(tx.now))).execute(tx.db)?;
    sign_ins::end_all(tx, id)?;
    links::retire(tx, id, PURPOSE_PASSWORD)?;
    Entry::of("staff.disabled", "staff", id).record(tx)
}

/// Opens a disabled account again, with the roles and the password it had.
pub fn enable(tx: &mut Tx<'_>, id: &StaffId) -> Result<()> {
    get(tx.db, id)?;
    diesel::update(staff::table.find(id)).set(staff::disabled_at.eq(None::<Instant>)).execute(tx.db)?;
    Entry::of("staff.enabled", "staff", id).record(tx)
}

/// Makes every other write that takes owners away wait, so that they can be counted.
fn hold_owners(tx: &mut Tx<'_>) -> Result<()> {
    let owners = staff_roles::table.filter(staff_roles::role.eq(Role::Owner)).filter(staff_roles::event_id.is_null());
    diesel::update(owners).set(staff_roles::role.eq(Role::Owner)).execute(tx.db)?;
    Ok(())
}

/// Refused unless another account that is not disabled owns all events.
fn keep_an_owner(tx: &mut Tx<'_>, leaving: &StaffId) -> Result<()> {
    let others: i64 = staff_roles::table
        .inner_join(staff::table)
        .filter(staff_roles::role.eq(Role::Owner))
        .filter(staff_roles::event_id.is_null())
        .filter(staff::disabled_at.is_null())
        .filter(staff::id.ne(leaving))
        .count()
        .get_result(tx.db)?;
    if others > 0 {
        return Ok(());
    }
    Err(Error::refused("staff.last_owner", "This is the last owner of all events. Make somebody else an owner first."))
}

/// The account with this folded e-mail.
pub fn find_by_email(db: &mut Db, email_key: &str) -> Result<Option<StaffMember>> {
    Ok(staff::table.filter(staff::email_key.eq(email_key)).select(StaffMember::as_select()).first(db).optional()?)
}

/// An account by id, or not found.
pub fn get(db: &mut Db, id: &StaffId) -> Result<StaffMember> {
    Ok(staff::table.find(id).select(StaffMember::as_select()).first(db)?)
}

/// The roles of an account, oldest first.
pub fn roles_of(db: &mut Db, id: &StaffId) -> Result<Vec<StaffRole>> {
    Ok(staff_roles::table.filter(staff_roles::staff_id.eq(id)).order(staff_roles::id.asc()).select(StaffRole::as_select()).load(db)?)
}

/// All accounts with their roles, by name.
pub fn list(db: &mut Db) -> Result<Vec<(StaffMember, Vec<StaffRole>)>> {
    let members: Vec<StaffMember> = staff::table.order(staff::name.asc()).select(StaffMember::as_select()).load(db)?;
    let roles: Vec<StaffRole> = staff_roles::table.order(staff_roles::id.asc()).select(StaffRole::as_select()).load(db)?;
    Ok(members
        .into_iter()
        .map(|member| {
            let own = roles.iter().filter(|role| role.staff_id == member.id).cloned().collect();
            (member, own)
        })
        .collect())
}

/// Stores a password, already hashed outside the transaction, and ends every sign-in of the account.
pub fn set_password(tx: &mut Tx<'_>, id: &StaffId, hash: String) -> Result<()> {
    diesel::update(staff::table.find(id)).set(staff::password_hash.eq(Some(hash))).execute(tx.db)?;
    sign_ins::end_all(tx, id)?;
    Entry::of("staff.password_set", "staff", id).record(tx)
}

/// Forgets sign-ins and links whose time is over; returns how many.
pub fn forget_expired(tx: &mut Tx<'_>) -> Result<usize> {
    Ok(sign_ins::forget_expired(tx)? + links::forget_expired(tx)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scanning_device_works_its_door_and_sees_nobody() {
        let event = EventId::new();
        let person = Identity { actor: Actor::Public, name: String::new(), roles: vec![(Role::Owner, Some(event.clone()))], bound: None };
        let own = CheckpointId::new();
        let bound = Bound { checkpoints: Some(vec![own.clone()]), may_override: true };
        let device = Identity { bound: Some(bound.clone()), ..person.clone() };
        let trusted_less = Identity { bound: Some(Bound { may_override: false, ..bound }), ..person.clone() };
        assert!(device.reaches(&own) && !device.reaches(&CheckpointId::new()) && person.reaches(&own));
        assert!(trusted_less.may(Permission::ScanBadges, &event) && !trusted_less.may(Permission::OverrideDoor, &event));
        for (permission, reaches) in [
            (Permission::ScanBadges, true),
            (Permission::OverrideDoor, true),
            (Permission::SeePeople, false),
            (Permission::EnterBackOffice, false),
        ] {
            assert!(person.may(permission, &event));
            assert_eq!((device.may(permission, &event), device.may_somewhere(permission)), (reaches, reaches), "{permission:?}");
            assert!(!person.may_everywhere(permission) && !person.may(permission, &EventId::new()));
        }
    }
}
