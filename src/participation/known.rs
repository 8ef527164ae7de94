//! Who of ours might be in a report: everybody with a confirmed registration at the session's event.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::rules::{ByEmail, Known};
use crate::agenda::Session;
use crate::db::Db;
use crate::db::schema::{enrollments, people, registrations};
use crate::enrollment::{Status as Seat, queries::type_covers};
use crate::error::Result;
use crate::ids::{PersonId, RegistrationId, RegistrationTypeId};
use crate::people::rules::full_name;
use crate::pricing;
use crate::registration::Status;

/// Everybody, oldest registration first, each with whether it includes the session.
pub fn known(db: &mut Db, session: &Session) -> Result<Vec<Known>> {
    let mut covering: HashSet<RegistrationTypeId> = HashSet::new();
    for kind in pricing::list_types(db, &session.event_id)? {
        let listed = pricing::covered_sessions(db, &kind.id)?;
        if type_covers(&kind, &listed, session) {
            covering.insert(kind.id);
        }
    }
    let seated: HashSet<RegistrationId> = enrollments::table
        .filter(enrollments::session_id.eq(&session.id))
        .filter(enrollments::status.eq(Seat::Enrolled))
        .filter(enrollments::left_at.is_null())
        .select(enrollments::registration_id)
        .load(db)?
        .into_iter()
        .collect();
    type Row = (RegistrationId, PersonId, RegistrationTypeId, String, String, String, String);
    let rows: Vec<Row> = registrations::table
        .inner_join(people::table)
        .filter(registrations::event_id.eq(&session.event_id))
        .filter(registrations::status.eq(Status::Confirmed))
        .order(registrations::id.asc())
        .select((
            registrations::id,
            registrations::person_id,
            registrations::registration_type_id,
            registrations::code,
            registrations::given_name,
            registrations::family_name,
            people::email_key,
        ))
        .load(db)?;
    let known = |(registration, person, kind, code, given, family, email): Row| Known {
        covers: covering.contains(&kind) || seated.contains(&registration),
        name: full_name(&given, &family),
        registration,
        person,
        code,
        email,
    };
    Ok(rows.into_iter().map(known).collect())
}

/// Our people by their e-mail.
pub fn by_email(all: &[Known]) -> ByEmail<'_> {
    let mut map = ByEmail::new();
    for one in all {
        map.entry(one.email.as_str()).or_default().push(one);
    }
    map
}

/// The codes of registrations.
pub fn codes(all: &[Known]) -> HashMap<&RegistrationId, &Known> {
    all.iter().map(|one| (&one.registration, one)).collect()
}
