//! Audit entries as people read them: who, what, before and after, with personal values put back in.

use std::collections::{BTreeSet, HashMap, HashSet};

use diesel::prelude::*;
use serde_json::Value;

use super::rules::{self, Change};
use crate::audit::AuditEntry;
use crate::clock::Instant;
use crate::db::schema::{api_tokens, audit_entries, audit_trail, audit_values, devices, people, scans, staff};
use crate::db::{Db, Either};
use crate::error::Result;
use crate::ids::{AuditEntryId, DeviceId, EventId, PersonId, StaffId, TokenId};
use crate::people::rules::full_name;

/// The action that a scan is in the trail.
const SCAN_TAKEN: &str = "scan.taken";

/// Which entries of an event are looked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// `staff`, `attendee`, `token`, `device`, `public` or `service`.
    pub actor_kind: Option<String>,
    /// The actor's id.
    pub actor: Option<String>,
    /// The beginning of an action, such as `enrollment` or `enrollment.created`.
    pub action: Option<String>,
    /// From this instant on, and before that one.
    pub from: Option<Instant>,
    pub until: Option<Instant>,
    /// Only entries older than this one: the next page.
    pub before: Option<AuditEntryId>,
}

/// The newest entries of an event that fit, at most `limit`.
pub fn of_event(db: &mut Db, event: &EventId, filter: &Filter, limit: i64) -> Result<Vec<AuditEntry>> {
    let mut query = audit_trail::table.filter(audit_trail::event_id.eq(event.clone())).into_boxed::<Either>();
    if let Some(kind) = &filter.actor_kind {
        query = query.filter(audit_trail::actor_kind.eq(kind.clone()));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(audit_trail::actor_id.eq(actor.clone()));
    }
    if let Some(action) = &filter.action {
        query = query.filter(audit_trail::action.eq(action.clone()));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_trail::at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit_trail::at.lt(until));
    }
    if let Some(before) = &filter.before {
        let at: Option<Instant> = audit_trail::table.filter(audit_trail::id.eq(before)).select(audit_trail::at).first(db).optional()?;
        // An entry that is not there is no place to go on from: the list begins with the newest.
        if let Some(at) = at {
            // Said twice, since PostgreSQL finds no place to begin in the second.
            query = query
                .filter(audit_trail::at.le(at))
                .filter(audit_trail::at.lt(at).or(audit_trail::at.eq(at).and(audit_trail::id.lt(before.clone()))));
        }
    }
    Ok(query.order((audit_trail::at.desc(), audit_trail::id.desc())).limit(limit).select(audit_trail::all_columns).load(db)?)
}

/// The actions that an event's entries have, for a list to choose from.
pub fn actions_of(db: &mut Db, event: &EventId) -> Result<Vec<String>> {
    let own = audit_entries::table.filter(audit_entries::event_id.eq(event)).select(audit_entries::action).distinct();
    let mut actions: Vec<String> = own.load(db)?;
    // Asked apart: there are many scans, and all are the same action.
    let scanned = scans::table.filter(scans::event_id.eq(event)).select(scans::id).first::<String>(db).optional()?;
    if scanned.is_some() && !actions.iter().any(|action| action == SCAN_TAKEN) {
        actions.push(SCAN_TAKEN.to_owned());
    }
    actions.sort();
    Ok(actions)
}

/// The staff who have entries at an event: id and name, by name.
pub fn staff_of(db: &mut Db, event: &EventId) -> Result<Vec<(String, String)>> {
    let own = audit_entries::table.filter(audit_entries::event_id.eq(event)).filter(audit_entries::actor_kind.eq("staff"));
    let ids: Vec<Option<String>> = own.select(audit_entries::actor_id).distinct().load(db)?;
    let scanned: Vec<String> = scans::table.filter(scans::event_id.eq(event)).select(scans::actor).distinct().load(db)?;
    let scanners = scanned.iter().filter_map(|label| split_label(label).1.filter(|_| label.starts_with("staff:")));
    let ids: BTreeSet<String> = ids.into_iter().flatten().chain(scanners.map(str::to_owned)).collect();
    let names = Names::of(db, ids.iter().map(|id| ("staff", Some(id.as_str()))))?;
    let mut rows: Vec<(String, String)> = ids.into_iter().map(|id| (id.clone(), names.of_actor("staff", Some(&id)))).collect();
    rows.sort_by(|left, right| left.1.cmp(&right.1));
    Ok(rows)
}

/// An entry as it is shown.
#[derive(Clone, Debug)]
pub struct Line {
    pub id: AuditEntryId,
    pub at: Instant,
    pub what: String,
    pub who: String,
    pub changes: Vec<Change>,
    pub reason: Option<String>,
    /// The id of the registration it is about.
    pub registration: Option<crate::ids::RegistrationId>,
}

/// Puts entries into words, with the names of who acted and the personal values that are not erased.
pub fn lines(db: &mut Db, entries: &[AuditEntry], may_see_accommodation: bool) -> Result<Vec<Line>> {
    let names = Names::of(db, entries.iter().map(|entry| (entry.actor_kind.as_str(), entry.actor_id.as_deref())))?;
    let facts: Vec<Value> = entries.iter().map(|entry| serde_json::from_str(&entry.facts).unwrap_or(Value::Null)).collect();
    let references: Vec<String> = facts.iter().flat_map(rules::references).collect();
    let mut values: HashMap<String, Option<String>> = HashMap::new();
    for chunk in references.chunks(500) {
        let rows: Vec<(String, Option<String>)> =
            audit_values::table.filter(audit_values::id.eq_any(chunk)).select((audit_values::id, audit_values::value)).load(db)?;
        values.extend(rows);
    }
    let value_of = |reference: &str| values.get(reference).cloned().flatten();
    let lines = entries.iter().zip(&facts).map(|(entry, facts)| Line {
        id: entry.id.clone(),
        at: entry.at,
        what: rules::action_words(&entry.action),
        who: names.of_actor(&entry.actor_kind, entry.actor_id.as_deref()),
        changes: rules::changes(facts, may_see_accommodation, &value_of),
        reason: entry.reason.clone().filter(|reason| !reason.is_empty()),
        registration: entry.registration_id.clone(),
    });
    Ok(lines.collect())
}

/// The names of those who acted.
#[derive(Default)]
pub struct Names(HashMap<String, String>);

impl Names {
    /// Looks up the names of these actors, each given as kind and id.
    pub fn of<'a>(db: &mut Db, actors: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Result<Self> {
        let mut ids: HashMap<&str, HashSet<String>> = HashMap::new();
        for (kind, id) in actors {
            if let Some(id) = id {
                ids.entry(kind).or_default().insert(id.to_owned());
            }
        }
        let mut take = |kind: &str| ids.remove(kind).unwrap_or_default();
        let staff_ids: Vec<StaffId> = take("staff").into_iter().map(StaffId::from).collect();
        let token_ids: Vec<TokenId> = take("token").into_iter().map(TokenId::from).collect();
        let device_ids: Vec<DeviceId> = take("device").into_iter().map(DeviceId::from).collect();
        let person_ids: Vec<PersonId> = take("attendee").into_iter().map(PersonId::from).collect();
        let mut names = HashMap::new();
        let members: Vec<(String, String)> = staff::table.filter(staff::id.eq_any(staff_ids)).select((staff::id, staff::name)).load(db)?;
        names.extend(members);
        let tokens: Vec<(String, String)> =
            api_tokens::table.filter(api_tokens::id.eq_any(token_ids)).select((api_tokens::id, api_tokens::label)).load(db)?;
        let phones: Vec<(String, String)> =
            devices::table.filter(devices::id.eq_any(device_ids)).select((devices::id, devices::name)).load(db)?;
        names.extend(phones.into_iter().map(|(id, name)| (id, format!("{name} (phone)"))));
        names.extend(tokens.into_iter().map(|(id, label)| (id, format!("{label} (token)"))));
        let attendees: Vec<(String, String, String)> =
            people::table.filter(people::id.eq_any(person_ids)).select((people::id, people::given_name, people::family_name)).load(db)?;
        names.extend(attendees.into_iter().map(|(id, given, family)| (id, full_name(&given, &family))));
        Ok(Self(names))
    }

    /// The name of an actor, or what is known of it.
    pub fn of_actor(&self, kind: &str, id: Option<&str>) -> String {
        match (kind, id) {
            ("public", _) => "before signing in".to_owned(),
            ("service", Some(part)) => format!("the service ({part})"),
            (_, Some(id)) => self.0.get(id).cloned().unwrap_or_else(|| format!("{kind}, since removed")),
            (kind, None) => kind.to_owned(),
        }
    }

    /// The name of an actor in a column that keeps kind and id in one text (`staff:…`).
    pub fn of_label(&self, label: &str) -> String {
        let (kind, id) = split_label(label);
        self.of_actor(kind, id)
    }
}

/// Kind and id of an actor that is kept in one text.
pub fn split_label(label: &str) -> (&str, Option<&str>) {
    label.split_once(':').map_or((label, None), |(kind, id)| (kind, Some(id)))
}
