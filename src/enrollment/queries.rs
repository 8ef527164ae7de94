//! Reads across sessions, what was bought, and who sits where.

use std::collections::{HashMap, HashSet};

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::{Enrollment, Status, of_registration, position};
use crate::agenda::{self, Kind, Session};
use crate::db::Db;
use crate::db::schema::{enrollments, order_lines, sessions};
use crate::error::Result;
use crate::ids::{EventId, RegistrationId, RegistrationTypeId, SessionId};
use crate::pricing::{self, RegistrationType};
use crate::registration::{self, Registration};

/// Seats taken and people waiting of one session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seats {
    pub taken: i64,
    pub waiting: i64,
}

/// The seats of every session of an event that has any enrollment, by one query.
pub fn seats(db: &mut Db, event: &EventId) -> Result<HashMap<SessionId, Seats>> {
    let rows: Vec<(SessionId, Status, i64)> = enrollments::table
        .inner_join(sessions::table)
        .filter(sessions::event_id.eq(event))
        .filter(enrollments::left_at.is_null())
        .group_by((enrollments::session_id, enrollments::status))
        .select((enrollments::session_id, enrollments::status, count_star()))
        .load(db)?;
    let mut seats: HashMap<SessionId, Seats> = HashMap::new();
    for (session, status, count) in rows {
        let entry = seats.entry(session).or_default();
        match status {
            Status::Enrolled => entry.taken = count,
            Status::Waitlisted => entry.waiting = count,
        }
    }
    Ok(seats)
}

/// Whether what a type covers includes a session without paying extra (PRC-1).
pub fn type_covers(kind: &RegistrationType, listed: &[SessionId], session: &Session) -> bool {
    if kind.covers_all { session.price_cents.is_none() } else { listed.contains(&session.id) }
}

/// Whether a type brings a session without its being chosen.
fn is_included(kind: &RegistrationType, listed: &[SessionId], session: &Session) -> bool {
    session.included && type_covers(kind, listed, session)
}

/// What a registration covers: by its type, or by extras that were bought.
pub struct Coverage {
    kind: RegistrationType,
    listed: Vec<SessionId>,
    extras: Vec<String>,
}

impl Coverage {
    pub fn of(db: &mut Db, registration: &Registration) -> Result<Self> {
        let kind = pricing::get_type_by_id(db, &registration.registration_type_id)?;
        let listed = pricing::covered_sessions(db, &kind.id)?;
        Ok(Self { kind, listed, extras: bought_extras(db, &registration.id)? })
    }

    pub fn covers(&self, session: &Session) -> bool {
        type_covers(&self.kind, &self.listed, session) || self.extras.contains(&session.code)
    }
}

/// Whether a registration covers a session.
pub fn covers(db: &mut Db, registration: &Registration, session: &Session) -> Result<bool> {
    Ok(Coverage::of(db, registration)?.covers(session))
}

/// The codes of the priced sessions that were bought with a registration.
fn bought_extras(db: &mut Db, registration: &RegistrationId) -> Result<Vec<String>> {
    Ok(order_lines::table
        .filter(order_lines::registration_id.eq(registration))
        .filter(order_lines::item_kind.eq("session"))
        .select(order_lines::item_code)
        .load(db)?)
}

/// Where a person stands with a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Enrolled,
    /// With the place in the line.
    Waiting(i64),
    /// Part of the registration without being chosen.
    Included,
}

impl Standing {
    /// The words of the status chip, the same everywhere.
    pub fn words(self) -> String {
        match self {
            Self::Enrolled => "Enrolled".to_owned(),
            Self::Waiting(position) => format!("Waiting ({})", super::rules::ordinal(position)),
            Self::Included => "Included".to_owned(),
        }
    }
}

/// One line of somebody's agenda.
#[derive(Clone, Debug)]
pub struct AgendaItem {
    pub session: Session,
    pub standing: Standing,
    /// The room's name, or empty.
    pub room: String,
}

/// What a registration chose and what it includes, by start (ENR-6). Canceled sessions are left out.
pub fn my_agenda(db: &mut Db, registration: &Registration) -> Result<Vec<AgendaItem>> {
    let all = agenda::list(db, &registration.event_id)?;
    let rooms: HashMap<_, _> = agenda::rooms(db, &registration.event_id)?.into_iter().map(|room| (room.id, room.name)).collect();
    let kind = pricing::get_type_by_id(db, &registration.registration_type_id)?;
    let listed = pricing::covered_sessions(db, &kind.id)?;
    let mine: HashMap<SessionId, Enrollment> =
        of_registration(db, &registration.id)?.into_iter().map(|enrollment| (enrollment.session_id.clone(), enrollment)).collect();
    let mut items = Vec::new();
    for session in all.into_iter().filter(|session| session.canceled_at.is_none()) {
        let standing = match mine.get(&session.id) {
            Some(enrollment) if enrollment.status == Status::Enrolled => Standing::Enrolled,
            Some(enrollment) => Standing::Waiting(position(db, enrollment)?),
            None if is_included(&kind, &listed, &session) => Standing::Included,
            None => continue,
        };
        let room = session.room_id.as_ref().and_then(|id| rooms.get(id)).cloned().unwrap_or_default();
        items.push(AgendaItem { session, standing, room });
    }
    Ok(items)
}

/// The agendas of many people at one event.
pub struct Agendas {
    /// The event's sessions that were asked for, by start, each with its room's name.
    pub sessions: Vec<(Session, String)>,
    /// For each registration the numbers of its sessions, and whether it only waits.
    pub of: HashMap<RegistrationId, Vec<(usize, bool)>>,
}

impl Agendas {
    /// Whether a registration has a seat in a session or includes it; who waits for one is not in it.
    pub fn is_in(&self, registration: &RegistrationId, session: &SessionId) -> bool {
        let own = self.of.get(registration).into_iter().flatten().filter(|(_, waits)| !waits);
        own.filter_map(|(number, _)| self.sessions.get(*number)).any(|(own, _)| own.id == *session)
    }
}

/// What each of these registrations chose and what it includes, as [`my_agenda`] has it, by a handful of queries.
pub fn agendas(db: &mut Db, event: &EventId, registrations: &[(RegistrationId, RegistrationTypeId)]) -> Result<Agendas> {
    let mut live = agenda::list(db, event)?;
    live.retain(|session| session.canceled_at.is_none());
    agendas_among(db, event, live, registrations)
}

/// The same with canceled sessions among them: who had a seat there, or would have come without one.
pub fn agendas_with_canceled(db: &mut Db, event: &EventId, registrations: &[(RegistrationId, RegistrationTypeId)]) -> Result<Agendas> {
    let all = agenda::list(db, event)?;
    agendas_among(db, event, all, registrations)
}

fn agendas_among(
    db: &mut Db,
    event: &EventId,
    among: Vec<Session>,
    registrations: &[(RegistrationId, RegistrationTypeId)],
) -> Result<Agendas> {
    let rooms: HashMap<_, _> = agenda::rooms(db, event)?.into_iter().map(|room| (room.id, room.name)).collect();
    let room_of = |session: &Session| session.room_id.as_ref().and_then(|id| rooms.get(id)).cloned().unwrap_or_default();
    let sessions: Vec<(Session, String)> =
        among.into_iter().map(|session| (room_of(&session), session)).map(|(room, session)| (session, room)).collect();
    let numbers: HashMap<&SessionId, usize> = sessions.iter().enumerate().map(|(number, (session, _))| (&session.id, number)).collect();
    let mut included: HashMap<RegistrationTypeId, Vec<usize>> = HashMap::new();
    for kind in pricing::list_types(db, event)? {
        let listed = pricing::covered_sessions(db, &kind.id)?;
        let brought = sessions.iter().enumerate().filter(|(_, (session, _))| is_included(&kind, &listed, session));
        included.insert(kind.id.clone(), brought.map(|(number, _)| number).collect());
    }
    let mut of: HashMap<RegistrationId, Vec<(usize, bool)>> = HashMap::new();
    for chunk in registrations.chunks(500) {
        let ids: Vec<&RegistrationId> = chunk.iter().map(|(id, _)| id).collect();
        let rows: Vec<(RegistrationId, SessionId, Status)> = enrollments::table
            .filter(enrollments::registration_id.eq_any(ids))
            .filter(enrollments::left_at.is_null())
            .select((enrollments::registration_id, enrollments::session_id, enrollments::status))
            .load(db)?;
        for (registration, session, status) in rows {
            if let Some(number) = numbers.get(&session) {
                of.entry(registration).or_default().push((*number, status == Status::Waitlisted));
            }
        }
    }
    for (registration, kind) in registrations {
        let mine = of.entry(registration.clone()).or_default();
        for number in included.get(kind).into_iter().flatten() {
            if !mine.iter().any(|(chosen, _)| chosen == number) {
                mine.push((*number, false));
            }
        }
        mine.sort_unstable();
    }
    Ok(Agendas { sessions, of })
}

/// The registrations with a live enrollment in a session, seats before the line, each in order.
pub fn people_of(db: &mut Db, session: &SessionId) -> Result<Vec<(Enrollment, Registration)>> {
    use crate::db::schema::registrations;
    Ok(enrollments::table
        .inner_join(registrations::table)
        .filter(enrollments::session_id.eq(session))
        .filter(enrollments::left_at.is_null())
        .order((enrollments::status.asc(), enrollments::id.asc()))
        .select((Enrollment::as_select(), Registration::as_select()))
        .load(db)?)
}

/// Everybody whom a change of a session concerns: seats before the line, and of a webinar those whose registration
/// includes it too, since nobody chooses a seat there.
pub fn concerned(db: &mut Db, session: &Session) -> Result<Vec<(Option<Enrollment>, Registration)>> {
    let mut all: Vec<(Option<Enrollment>, Registration)> =
        people_of(db, &session.id)?.into_iter().map(|(enrollment, registration)| (Some(enrollment), registration)).collect();
    if session.kind != Kind::Webinar || !session.included {
        return Ok(all);
    }
    let mut covering: HashSet<RegistrationTypeId> = HashSet::new();
    for kind in pricing::list_types(db, &session.event_id)? {
        let listed = pricing::covered_sessions(db, &kind.id)?;
        if type_covers(&kind, &listed, session) {
            covering.insert(kind.id);
        }
    }
    let seated: HashSet<RegistrationId> = all.iter().map(|(_, registration)| registration.id.clone()).collect();
    let confirmed = registration::with_status(db, &session.event_id, registration::Status::Confirmed)?.into_iter();
    let included = confirmed.filter(|one| covering.contains(&one.registration_type_id) && !seated.contains(&one.id));
    all.extend(included.map(|one| (None, one)));
    Ok(all)
}
