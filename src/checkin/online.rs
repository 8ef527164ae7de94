//! Time online: what participant reports that stand say of who was in a session when (WEB-1), read beside the marks of
//! its doors. Nothing here is in the room: nobody of it is counted there.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::Presence;
pub use super::presence::Stay;
use crate::agenda;
use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{attendance_marks, participant_stays, participants, presences, report_ends, sessions, voided_marks};
use crate::error::Result;
use crate::ids::{EventId, RegistrationId, SessionId};

/// When a registration was online, by session: the stays that lie in it at least in part, as the platform has them.
pub fn of_registration(db: &mut Db, registration: &RegistrationId) -> Result<HashMap<SessionId, Vec<Stay>>> {
    let rows: Vec<(SessionId, Instant, Instant, bool)> = participant_stays::table
        .inner_join(participants::table.inner_join(sessions::table))
        .left_join(report_ends::table.on(report_ends::report_id.eq(participants::report_id)))
        .filter(participants::registration_id.eq(registration))
        .filter(report_ends::report_id.is_null())
        // Whoever was only there before or after says nothing of the session.
        .filter(participant_stays::starts_at.lt(sessions::ends_at))
        .filter(participant_stays::ends_at.gt(sessions::starts_at))
        .select((participants::session_id, participant_stays::starts_at, participant_stays::ends_at, participant_stays::at_least))
        .load(db)?;
    let mut online: HashMap<SessionId, Vec<Stay>> = HashMap::new();
    for (session, from, to, at_least) in rows {
        online.entry(session).or_default().push((from, to, at_least));
    }
    Ok(online)
}

/// When everybody was online in a session, by the same rule.
pub fn of_session(db: &mut Db, session: &SessionId) -> Result<HashMap<RegistrationId, Vec<Stay>>> {
    let (starts_at, ends_at): (Instant, Instant) =
        sessions::table.find(session).select((sessions::starts_at, sessions::ends_at)).first(db)?;
    let rows: Vec<(Option<RegistrationId>, Instant, Instant, bool)> = participant_stays::table
        .inner_join(participants::table)
        .left_join(report_ends::table.on(report_ends::report_id.eq(participants::report_id)))
        .filter(participants::session_id.eq(session))
        .filter(participants::registration_id.is_not_null())
        .filter(report_ends::report_id.is_null())
        .filter(participant_stays::starts_at.lt(ends_at))
        .filter(participant_stays::ends_at.gt(starts_at))
        .select((participants::registration_id, participant_stays::starts_at, participant_stays::ends_at, participant_stays::at_least))
        .load(db)?;
    let mut online: HashMap<RegistrationId, Vec<Stay>> = HashMap::new();
    for (registration, from, to, at_least) in rows {
        if let Some(registration) = registration {
            online.entry(registration).or_default().push((from, to, at_least));
        }
    }
    Ok(online)
}

/// When everybody was online at an event.
pub fn of_event(db: &mut Db, event: &EventId) -> Result<HashMap<RegistrationId, HashMap<SessionId, Vec<Stay>>>> {
    let with_reports: Vec<SessionId> = participants::table
        .filter(participants::session_id.eq_any(sessions::table.filter(sessions::event_id.eq(event)).select(sessions::id)))
        .select(participants::session_id)
        .distinct()
        .load(db)?;
    let mut online: HashMap<RegistrationId, HashMap<SessionId, Vec<Stay>>> = HashMap::new();
    for session in with_reports {
        for (registration, stays) in of_session(db, &session)? {
            online.entry(registration).or_default().insert(session.clone(), stays);
        }
    }
    Ok(online)
}

/// Puts in step who was seen in a session with what its reports say now: somebody online was there and is not inside;
/// who is in no report any more and has no mark was not.
pub fn settle(tx: &mut Tx<'_>, session: &SessionId) -> Result<()> {
    agenda::hold(tx, session)?;
    let first = |stays: &Vec<Stay>| stays.iter().map(|(from, ..)| *from).min();
    let online: HashMap<RegistrationId, Instant> =
        of_session(tx.db, session)?.into_iter().filter_map(|(registration, stays)| Some((registration, first(&stays)?))).collect();
    let known: HashSet<RegistrationId> =
        presences::table.filter(presences::session_id.eq(session)).select(presences::registration_id).load(tx.db)?.into_iter().collect();
    let marked: HashSet<RegistrationId> = attendance_marks::table
        .left_join(voided_marks::table)
        .filter(attendance_marks::session_id.eq(session))
        .filter(voided_marks::mark_id.is_null())
        .select(attendance_marks::registration_id)
        .distinct()
        .load(tx.db)?
        .into_iter()
        .collect();
    let gone: Vec<&RegistrationId> = known.iter().filter(|one| !online.contains_key(one) && !marked.contains(one)).collect();
    for some in gone.chunks(500) {
        let rows = presences::table.filter(presences::session_id.eq(session)).filter(presences::registration_id.eq_any(some.to_vec()));
        diesel::delete(rows).execute(tx.db)?;
    }
    let new: Vec<Presence> = online
        .into_iter()
        .filter(|(registration, _)| !known.contains(registration))
        .map(|(registration_id, since)| Presence { session_id: session.clone(), registration_id, inside: false, since })
        .collect();
    for some in new.chunks(500) {
        match &mut *tx.db {
            // A scan at the same moment may have been first.
            Db::Postgres(connection) => {
                diesel::insert_into(presences::table).values(some).on_conflict_do_nothing().execute(connection)?;
            }
            Db::Sqlite(connection) => {
                diesel::insert_into(presences::table).values(some).execute(connection)?;
            }
        }
    }
    Ok(())
}

/// Whether a report that stands says that a registration was in a session.
pub fn is_known(db: &mut Db, session: &SessionId, registration: &RegistrationId) -> Result<bool> {
    Ok(of_registration(db, registration)?.contains_key(session))
}
