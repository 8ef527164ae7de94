//! Time online: what participant reports that stand say of who was in a session when (WEB-1), read beside the marks of
//! its doors. Nothing here is in the room: nobody of it is counted there.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::Presence;
use crate::agenda;
use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{attendance_marks, participant_stays, participants, presences, report_ends, sessions, voided_marks};
use crate::error::Result;
use crate::ids::{EventId, RegistrationId, SessionId};

/// From when to when somebody was there, as the platform has it: not clipped to the session.
pub type Stay = (Instant, Instant);

/// When a registration was online, by session.
pub fn of_registration(db: &mut Db, registration: &RegistrationId) -> Result<HashMap<SessionId, Vec<Stay>>> {
    let rows: Vec<(SessionId, Instant, Instant)> = participant_stays::table
        .inner_join(participants::table)
        .left_join(report_ends::table.on(report_ends::report_id.eq(participants::report_id)))
        .filter(participants::registration_id.eq(registration))
        .filter(report_ends::report_id.is_null())
        .select((participants::session_id, participant_stays::starts_at, participant_stays::ends_at))
        .load(db)?;
    let mut online: HashMap<SessionId, Vec<Stay>> = HashMap::new();
    for (session, from, to) in rows {
        online.entry(session).or_default().push((from, to));
    }
    Ok(online)
}

/// When everybody was online in a session.
pub fn of_session(db: &mut Db, session: &SessionId) -> Result<HashMap<RegistrationId, Vec<Stay>>> {
    let rows: Vec<(Option<RegistrationId>, Instant, Instant)> = participant_stays::table
        .inner_join(participants::table)
        .left_join(report_ends::table.on(report_ends::report_id.eq(participants::report_id)))
        .filter(participants::session_id.eq(session))
        .filter(participants::registration_id.is_not_null())
        .filter(report_ends::report_id.is_null())
        .select((participants::registration_id, participant_stays::starts_at, participant_stays::ends_at))
        .load(db)?;
    let mut online: HashMap<RegistrationId, Vec<Stay>> = HashMap::new();
    for (registration, from, to) in rows {
        if let Some(registration) = registration {
            online.entry(registration).or_default().push((from, to));
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
    let session_row = agenda::get_by_id(tx.db, session)?;
    let is_inside_times = |(from, to): &&Stay| *from < session_row.ends_at && *to > session_row.starts_at;
    let first = |stays: &Vec<Stay>| stays.iter().filter(is_inside_times).map(|(from, _)| *from).min();
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
    let found: i64 = participants::table
        .left_join(report_ends::table.on(report_ends::report_id.eq(participants::report_id)))
        .filter(participants::session_id.eq(session))
        .filter(participants::registration_id.eq(registration))
        .filter(report_ends::report_id.is_null())
        .count()
        .get_result(db)?;
    Ok(found > 0)
}
