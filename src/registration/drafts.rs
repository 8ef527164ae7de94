//! Drafts: what somebody typed on the screens of a registration that is not placed yet.

use chrono::Duration;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::rules::Details;
use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::drafts;
use crate::error::{Error, Result};
use crate::ids::{DraftId, EventId, OrderId, new_secret, secret_hash};

/// How long a draft is kept.
pub const LASTS: Duration = Duration::hours(48);

/// A draft as it is stored. It is nobody's record yet, so its changes leave no audit entries; the order does.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = drafts, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Draft {
    pub id: DraftId,
    pub event_id: EventId,
    /// Of the secret in the address of its screens.
    pub token_hash: String,
    /// JSON of [`Content`].
    content: String,
    /// The folded address whose mailed code was typed right.
    pub verified_email_key: Option<String>,
    /// The order it became.
    pub order_id: Option<OrderId>,
    pub created_at: Instant,
    pub expires_at: Instant,
}

/// Everything that was typed, kept as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    pub details: Details,
    /// The hospital's CCN; empty for "I don't work at a hospital", none while unanswered.
    pub hospital_ccn: Option<String>,
    pub staff_code: String,
    pub registration_type: String,
    pub access_code: String,
    /// Codes of chosen sessions.
    pub sessions: Vec<String>,
    pub discount_code: String,
    pub buyer: BuyerText,
    /// The folded address that a code was mailed to.
    pub code_mailed_to: Option<String>,
}

/// Who pays, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BuyerText {
    pub name: String,
    pub email: String,
    pub organization: String,
}

impl Content {
    /// The codes that were given: for access, and for a discount.
    pub fn codes(&self) -> Vec<String> {
        [&self.access_code, &self.discount_code].into_iter().filter(|code| !code.trim().is_empty()).cloned().collect()
    }
}

impl Draft {
    pub fn content(&self) -> Result<Content> {
        serde_json::from_str(&self.content).map_err(Error::internal)
    }
}

/// The longest draft, in bytes; anybody can begin one, so none fills the disk.
const LONGEST: usize = 32 * 1024;

fn text_of(content: &Content) -> Result<String> {
    let text = serde_json::to_string(content).map_err(Error::internal)?;
    let too_long = || Error::refused("registration.too_long", "This is more text than a registration can hold. Shorten what you typed.");
    if text.len() > LONGEST { Err(too_long()) } else { Ok(text) }
}

/// Begins a draft; returns the secret for its address.
pub fn create(tx: &mut Tx<'_>, event: &EventId, content: &Content) -> Result<String> {
    let secret = new_secret();
    let draft = Draft {
        id: DraftId::new(),
        event_id: event.clone(),
        token_hash: secret_hash(&secret),
        content: text_of(content)?,
        verified_email_key: None,
        order_id: None,
        created_at: tx.now,
        expires_at: tx.now.plus(LASTS),
    };
    diesel::insert_into(drafts::table).values(&draft).execute(tx.db)?;
    Ok(secret)
}

/// The draft of an event with this secret, while it is kept, or not found.
pub fn get(db: &mut Db, event: &EventId, secret: &str, now: Instant) -> Result<Draft> {
    Ok(drafts::table
        .filter(drafts::token_hash.eq(secret_hash(secret)))
        .filter(drafts::event_id.eq(event))
        .filter(drafts::expires_at.gt(now))
        .select(Draft::as_select())
        .first(db)?)
}

/// The same for writing: every other write of this draft waits, so that it becomes one order and no more.
pub fn hold(tx: &mut Tx<'_>, event: &EventId, secret: &str) -> Result<Draft> {
    let draft = get(tx.db, event, secret, tx.now)?;
    diesel::update(drafts::table.find(&draft.id)).set(drafts::token_hash.eq(drafts::token_hash)).execute(tx.db)?;
    get(tx.db, event, secret, tx.now)
}

/// Keeps what was typed.
pub fn save(tx: &mut Tx<'_>, draft: &Draft, content: &Content) -> Result<()> {
    let content = text_of(content)?;
    diesel::update(drafts::table.find(&draft.id)).set(drafts::content.eq(content)).execute(tx.db)?;
    Ok(())
}

/// Keeps that the code mailed to this folded address was typed right.
pub fn verified(tx: &mut Tx<'_>, draft: &Draft, email_key: &str) -> Result<()> {
    diesel::update(drafts::table.find(&draft.id)).set(drafts::verified_email_key.eq(Some(email_key))).execute(tx.db)?;
    Ok(())
}

/// The draft became an order: what was typed is dropped, since the order has it.
pub fn placed(tx: &mut Tx<'_>, draft: &Draft, order: &OrderId) -> Result<()> {
    diesel::update(drafts::table.find(&draft.id)).set((drafts::order_id.eq(Some(order)), drafts::content.eq("{}"))).execute(tx.db)?;
    Ok(())
}

/// Forgets drafts whose time is over.
pub fn forget_expired(tx: &mut Tx<'_>) -> Result<usize> {
    Ok(diesel::delete(drafts::table.filter(drafts::expires_at.le(tx.now))).execute(tx.db)?)
}
