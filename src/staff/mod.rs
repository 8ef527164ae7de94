//! Staff: accounts, roles for one event or all, sign-ins, one-time links, API tokens.

pub mod rules;

use chrono::Duration;
use diesel::prelude::*;

use crate::app::{Actor, Tx};
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{api_tokens, staff, staff_links, staff_roles, staff_sign_ins};
use crate::error::{Error, Result};
use crate::ids::{CheckpointId, EventId, LinkId, SignInId, StaffId, StaffRoleId, TokenId, new_secret, secret_hash};

pub use rules::{Permission, Role};

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

/// An API token as it is stored; the token itself is shown once.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_tokens, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct ApiToken {
    pub id: TokenId,
    pub token_hash: String,
    pub label: String,
    pub role: Role,
    pub event_id: Option<EventId>,
    pub checkpoint_id: Option<CheckpointId>,
    pub created_at: Instant,
    pub revoked_at: Option<Instant>,
}

/// Somebody who acts for staff in this request: a signed-in person or a token.
#[derive(Clone, Debug)]
pub struct Identity {
    pub actor: Actor,
    pub name: String,
    pub roles: Vec<(Role, Option<EventId>)>,
    /// A scanning device's token sees this checkpoint only.
    pub checkpoint: Option<CheckpointId>,
}

impl Identity {
    /// Whether any role allows it for this event.
    pub fn may(&self, permission: Permission, event: &EventId) -> bool {
        self.roles.iter().any(|(role, scope)| role.may(permission) && scope.as_ref().is_none_or(|scope| scope == event))
    }

    /// Whether a role for all events allows it.
    pub fn may_everywhere(&self, permission: Permission) -> bool {
        self.roles.iter().any(|(role, scope)| scope.is_none() && role.may(permission))
    }

    /// Whether any role allows it for some event.
    pub fn may_somewhere(&self, permission: Permission) -> bool {
        self.roles.iter().any(|(role, _)| role.may(permission))
    }

    /// `Forbidden` unless allowed for this event.
    pub fn require(&self, permission: Permission, event: &EventId) -> Result<()> {
        if self.may(permission, event) { Ok(()) } else { Err(Error::Forbidden) }
    }
}

/// How long a staff sign-in lasts.
pub const SIGN_IN: Duration = Duration::hours(12);

/// How long a link to set one's password may be used.
pub const SETUP_LINK: Duration = Duration::days(7);

/// What a one-time link is good for.
pub const PURPOSE_PASSWORD: &str = "password";
pub const PURPOSE_SIGN_IN: &str = "sign_in";

/// Adds an account with one role; an account with this e-mail gets the role added.
pub fn add(tx: &mut Tx<'_>, email: &str, name: &str, role: Role, event: Option<EventId>) -> Result<StaffId> {
    let email_key =
        crate::people::rules::email_key(email).ok_or_else(|| Error::invalid("email", "email", "Enter a complete e-mail address."))?;
    let id = match find_by_email(tx.db, &email_key)? {
        Some(member) => member.id,
        None => {
            let member = StaffMember {
                id: StaffId::new(),
                email: email.trim().to_owned(),
                email_key,
                name: name.trim().to_owned(),
                password_hash: None,
                disabled_at: None,
                created_at: tx.now,
            };
            diesel::insert_into(staff::table).values(&member).execute(tx.db)?;
            member.id
        }
    };
    let row = StaffRole { id: StaffRoleId::new(), staff_id: id.clone(), role, event_id: event };
    diesel::insert_into(staff_roles::table).values(&row).execute(tx.db)?;
    Entry::of("staff.role_added", "staff", &id).after(serde_json::json!({ "role": role, "event": row.event_id })).record(tx)?;
    Ok(id)
}

/// The account with this folded e-mail.
pub fn find_by_email(db: &mut Db, email_key: &str) -> Result<Option<StaffMember>> {
    Ok(staff::table.filter(staff::email_key.eq(email_key)).select(StaffMember::as_select()).first(db).optional()?)
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
    diesel::delete(staff_sign_ins::table.filter(staff_sign_ins::staff_id.eq(id))).execute(tx.db)?;
    Entry::of("staff.password_set", "staff", id).record(tx)
}

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

/// Ends the sign-in of this cookie.
pub fn sign_out(tx: &mut Tx<'_>, secret: &str) -> Result<()> {
    diesel::delete(staff_sign_ins::table.filter(staff_sign_ins::token_hash.eq(secret_hash(secret)))).execute(tx.db)?;
    Ok(())
}

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

/// Uses a one-time link up; refused when it was used before or is too old.
pub fn use_link(tx: &mut Tx<'_>, secret: &str, purpose: &str) -> Result<StaffId> {
    let member = find_link(tx.db, secret, purpose, tx.now)?
        .ok_or_else(|| Error::refused("staff.link_used", "This link was used before or is too old. Ask an owner for a new one."))?;
    let used = diesel::update(staff_links::table.filter(staff_links::token_hash.eq(secret_hash(secret))))
        .filter(staff_links::used_at.is_null())
        .set(staff_links::used_at.eq(Some(tx.now)))
        .execute(tx.db)?;
    if used == 1 { Ok(member.id) } else { Err(Error::refused("staff.link_used", "This link was used before.")) }
}

/// Makes an API token; the token itself is returned here and never again.
pub fn create_token(tx: &mut Tx<'_>, label: &str, role: Role, event: Option<EventId>, checkpoint: Option<CheckpointId>) -> Result<String> {
    let secret = format!("lyd_{}", new_secret());
    let token = ApiToken {
        id: TokenId::new(),
        token_hash: secret_hash(&secret),
        label: label.to_owned(),
        role,
        event_id: event,
        checkpoint_id: checkpoint,
        created_at: tx.now,
        revoked_at: None,
    };
    diesel::insert_into(api_tokens::table).values(&token).execute(tx.db)?;
    Entry::of("token.created", "token", &token.id).after(serde_json::json!({ "role": role, "event": token.event_id })).record(tx)?;
    Ok(secret)
}

/// Who a bearer token acts for, while it is not revoked.
pub fn identity_of_token(db: &mut Db, secret: &str) -> Result<Option<Identity>> {
    let token: Option<ApiToken> = api_tokens::table
        .filter(api_tokens::token_hash.eq(secret_hash(secret)))
        .filter(api_tokens::revoked_at.is_null())
        .select(ApiToken::as_select())
        .first(db)
        .optional()?;
    Ok(token.map(|token| Identity {
        actor: Actor::Token(token.id),
        name: token.label,
        roles: vec![(token.role, token.event_id)],
        checkpoint: token.checkpoint_id,
    }))
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
    Ok(Some(Identity { actor: Actor::Staff(member.id), name: member.name, roles, checkpoint: None }))
}

/// Forgets every link of one purpose; those who hold one need a new one.
pub fn forget_links(tx: &mut Tx<'_>, purpose: &str) -> Result<usize> {
    Ok(diesel::delete(staff_links::table.filter(staff_links::purpose.eq(purpose))).execute(tx.db)?)
}

/// Forgets sign-ins and links whose time is over; returns how many.
pub fn forget_expired(tx: &mut Tx<'_>) -> Result<usize> {
    let sign_ins = diesel::delete(staff_sign_ins::table.filter(staff_sign_ins::expires_at.lt(tx.now))).execute(tx.db)?;
    let links = diesel::delete(staff_links::table.filter(staff_links::expires_at.lt(tx.now))).execute(tx.db)?;
    Ok(sign_ins + links)
}
