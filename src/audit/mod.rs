//! What was changed, by whom and why: entries that are written with every change and never touched again (ACC-4). A scan
//! is an entry by itself; the trail tells both.

use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{audit_entries, audit_trail, audit_values};
use crate::error::{Error, Result};
use crate::ids::{AuditEntryId, EventId, PersonId, RegistrationId};
use crate::on_either;

/// One entry as it is stored, or a scan as the trail tells it.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = audit_entries, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct AuditEntry {
    pub id: AuditEntryId,
    pub at: Instant,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub event_id: Option<EventId>,
    pub registration_id: Option<RegistrationId>,
    /// JSON with `before` and `after`; personal values stand in it as references.
    pub facts: String,
    pub reason: Option<String>,
}

/// An entry being written: `Entry::of("enrollment.created", "enrollment", &id).event(..).after(json!(..)).record(tx)`.
pub struct Entry(AuditEntry, Value, Value);

impl Entry {
    /// What was done (`noun.done`) to which thing.
    pub fn of(action: &str, subject_kind: &str, subject_id: impl ToString) -> Self {
        let entry = AuditEntry {
            id: AuditEntryId::new(),
            at: Instant::from_utc(chrono::NaiveDateTime::default()),
            actor_kind: String::new(),
            actor_id: None,
            action: action.to_owned(),
            subject_kind: subject_kind.to_owned(),
            subject_id: subject_id.to_string(),
            event_id: None,
            registration_id: None,
            facts: String::new(),
            reason: None,
        };
        Self(entry, Value::Null, Value::Null)
    }

    pub fn event(mut self, event: &EventId) -> Self {
        self.0.event_id = Some(event.clone());
        self
    }

    pub fn registration(mut self, registration: &RegistrationId) -> Self {
        self.0.registration_id = Some(registration.clone());
        self
    }

    pub fn before(mut self, facts: Value) -> Self {
        self.1 = facts;
        self
    }

    pub fn after(mut self, facts: Value) -> Self {
        self.2 = facts;
        self
    }

    pub fn reason(mut self, reason: &str) -> Self {
        self.0.reason = Some(reason.to_owned());
        self
    }

    /// Writes the entry with the transaction's actor and instant.
    pub fn record(self, tx: &mut Tx<'_>) -> Result<()> {
        let Self(mut entry, before, after) = self;
        entry.at = tx.now;
        entry.actor_kind = tx.actor.kind().to_owned();
        entry.actor_id = tx.actor.id().map(str::to_owned);
        entry.facts = json!({ "before": before, "after": after }).to_string();
        on_either!(&mut *tx.db, connection => diesel::insert_into(audit_entries::table).values(&entry).execute(connection))?;
        Ok(())
    }
}

/// What differs between two objects of facts: the fields before and after, and nothing that stayed as it was.
pub fn differences(before: &impl Serialize, after: &impl Serialize) -> Result<(Value, Value)> {
    let object = |facts: Value| if let Value::Object(map) = facts { map } else { serde_json::Map::new() };
    let mut old = object(serde_json::to_value(before).map_err(Error::internal)?);
    let mut new = object(serde_json::to_value(after).map_err(Error::internal)?);
    let same: Vec<String> = new.iter().filter(|(name, value)| old.get(*name) == Some(value)).map(|(name, _)| name.clone()).collect();
    for name in same {
        old.remove(&name);
        new.remove(&name);
    }
    Ok((Value::Object(old), Value::Object(new)))
}

/// Keeps a personal value apart from the entry, in a row that may be erased, and gives the reference to write instead.
pub fn personal(tx: &mut Tx<'_>, person: &PersonId, value: &str) -> Result<Value> {
    let id = AuditEntryId::new();
    diesel::insert_into(audit_values::table)
        .values((audit_values::id.eq(id.as_str()), audit_values::person_id.eq(person.as_str()), audit_values::value.eq(Some(value))))
        .execute(tx.db)?;
    Ok(json!({ "ref": id.as_str() }))
}

/// The entries about a registration, newest first, at most `limit`.
pub fn of_registration(db: &mut Db, registration: &RegistrationId, limit: i64) -> Result<Vec<AuditEntry>> {
    Ok(audit_trail::table
        .filter(audit_trail::registration_id.eq(registration))
        .order((audit_trail::at.desc(), audit_trail::id.desc()))
        .limit(limit)
        .select(audit_trail::all_columns)
        .load(db)?)
}

/// The newest entries of an event, at most `limit`.
pub fn of_event(db: &mut Db, event: &EventId, limit: i64) -> Result<Vec<AuditEntry>> {
    Ok(audit_trail::table
        .filter(audit_trail::event_id.eq(event))
        .order((audit_trail::at.desc(), audit_trail::id.desc()))
        .limit(limit)
        .select(audit_trail::all_columns)
        .load(db)?)
}
