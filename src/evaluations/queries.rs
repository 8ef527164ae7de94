//! Which sessions somebody may evaluate.

use std::collections::HashSet;

use diesel::prelude::*;

use super::rules::is_evaluated;
use crate::agenda::{self, Session};
use crate::db::Db;
use crate::db::schema::presences;
use crate::enrollment::queries::{Standing, my_agenda};
use crate::error::Result;
use crate::ids::SessionId;
use crate::registration::Registration;

/// The sessions of a registration that are evaluated, by start: those of its agenda and those it was seen in.
pub fn sessions_of(db: &mut Db, registration: &Registration) -> Result<Vec<Session>> {
    let agenda = my_agenda(db, registration)?;
    let mut sessions: Vec<Session> =
        agenda.into_iter().filter(|item| !matches!(item.standing, Standing::Waiting(_))).map(|item| item.session).collect();
    let seen: Vec<SessionId> =
        presences::table.filter(presences::registration_id.eq(&registration.id)).select(presences::session_id).load(db)?;
    let known: HashSet<SessionId> = sessions.iter().map(|session| session.id.clone()).collect();
    for id in seen.into_iter().filter(|id| !known.contains(id)) {
        sessions.push(agenda::get_by_id(db, &id)?);
    }
    sessions.retain(|session| is_evaluated(session.kind) && session.canceled_at.is_none());
    sessions.sort_by(|left, right| (left.starts_at, &left.code).cmp(&(right.starts_at, &right.code)));
    Ok(sessions)
}
