//! API tokens: a program or scanning device that acts with one role (ACC-3).

use diesel::prelude::*;

use super::{Bound, Identity, Role};
use crate::app::{Actor, Tx};
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{api_tokens, checkpoints, events};
use crate::error::{Error, Result};
use crate::ids::{CheckpointId, EventId, TokenId, new_secret, secret_hash};

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

/// A token with the names of what it is bound to.
pub struct ListedToken {
    pub token: ApiToken,
    pub event_name: Option<String>,
    pub checkpoint_code: Option<String>,
}

/// Makes an API token; the token itself is returned here and never again.
pub fn create_token(tx: &mut Tx<'_>, label: &str, role: Role, event: Option<EventId>, checkpoint: Option<CheckpointId>) -> Result<String> {
    let secret = format!("lyd_{}", new_secret());
    let token = ApiToken {
        id: TokenId::new(),
        token_hash: secret_hash(&secret),
        label: crate::people::rules::tidy(label),
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

/// Takes a token back; revoking it again changes nothing.
pub fn revoke_token(tx: &mut Tx<'_>, id: &TokenId) -> Result<()> {
    let token: ApiToken = api_tokens::table.find(id).select(ApiToken::as_select()).first(tx.db)?;
    if token.revoked_at.is_none() {
        diesel::update(api_tokens::table.find(id)).set(api_tokens::revoked_at.eq(Some(tx.now))).execute(tx.db)?;
        tx.access_changed();
        Entry::of("token.revoked", "token", id).record(tx)?;
    }
    Ok(())
}

/// Every token with the names of what it is bound to, newest first.
pub fn list_tokens(db: &mut Db) -> Result<Vec<ListedToken>> {
    let rows: Vec<(ApiToken, Option<String>, Option<String>)> = api_tokens::table
        .left_join(events::table.on(api_tokens::event_id.eq(events::id.nullable())))
        .left_join(checkpoints::table.on(api_tokens::checkpoint_id.eq(checkpoints::id.nullable())))
        .order(api_tokens::id.desc())
        .select((ApiToken::as_select(), events::name.nullable(), checkpoints::code.nullable()))
        .load(db)?;
    Ok(rows.into_iter().map(|(token, event_name, checkpoint_code)| ListedToken { token, event_name, checkpoint_code }).collect())
}

/// The checkpoint of an event with this code, or a sentence for the form that asked.
pub fn checkpoint_of_code(db: &mut Db, event: &EventId, code: &str) -> Result<CheckpointId> {
    checkpoints::table
        .filter(checkpoints::event_id.eq(event))
        .filter(checkpoints::code.eq(code.trim()))
        .select(checkpoints::id)
        .first(db)
        .optional()?
        .ok_or_else(|| Error::invalid("checkpoint", "unknown", "This event has no checkpoint with this code."))
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
        bound: token.checkpoint_id.map(|checkpoint| Bound { checkpoints: Some(vec![checkpoint]), may_override: true }),
    }))
}
