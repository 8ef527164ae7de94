//! Who is in a webinar, who joined, and which letters went out.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::Join;
use super::rules::Occasion;
use crate::agenda::{self, Kind, Session};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{webinar_joins, webinar_letters};
use crate::enrollment::queries::{Standing, agendas, my_agenda};
use crate::error::Result;
use crate::ids::{EventId, RegistrationId, SessionId};
use crate::registration::{self, Registration, Status};

/// An event's webinars by start, canceled ones included.
pub fn list(db: &mut Db, event: &EventId) -> Result<Vec<Session>> {
    let mut all = agenda::list(db, event)?;
    all.retain(|session| session.kind == Kind::Webinar);
    Ok(all)
}

/// The webinars that are part of a registration, by start; those that were canceled or are waited for are left out.
pub fn of_registration(db: &mut Db, registration: &Registration) -> Result<Vec<Session>> {
    let items = my_agenda(db, registration)?.into_iter();
    let theirs = items.filter(|item| item.session.kind == Kind::Webinar && !matches!(item.standing, Standing::Waiting(_)));
    Ok(theirs.map(|item| item.session).collect())
}

/// Everybody with a confirmed registration that a webinar is part of, by name. Of a canceled one nobody.
pub fn people(db: &mut Db, session: &Session) -> Result<Vec<Registration>> {
    let confirmed = registration::with_status(db, &session.event_id, Status::Confirmed)?;
    let keys: Vec<_> = confirmed.iter().map(|one| (one.id.clone(), one.registration_type_id.clone())).collect();
    let agendas = agendas(db, &session.event_id, &keys)?;
    let Some(number) = agendas.sessions.iter().position(|(other, _)| other.id == session.id) else { return Ok(Vec::new()) };
    let is_in = |one: &Registration| agendas.of.get(&one.id).is_some_and(|own| own.contains(&(number, false)));
    let mut people: Vec<Registration> = confirmed.into_iter().filter(is_in).collect();
    people.sort_by(|left, right| {
        (&left.family_name, &left.given_name, &left.code).cmp(&(&right.family_name, &right.given_name, &right.code))
    });
    Ok(people)
}

/// How somebody joined a webinar.
#[derive(Clone, Debug)]
pub struct Joined {
    pub first: Instant,
    pub last: Instant,
    pub times: usize,
    /// Different browsers: two are a laptop and a phone, many are a link that was passed on.
    pub browsers: BTreeSet<String>,
}

/// Who joined a webinar.
pub fn joined(db: &mut Db, session: &SessionId) -> Result<HashMap<RegistrationId, Joined>> {
    let rows: Vec<(RegistrationId, String, Instant)> = webinar_joins::table
        .filter(webinar_joins::session_id.eq(session))
        .order(webinar_joins::at.asc())
        .select((webinar_joins::registration_id, webinar_joins::browser, webinar_joins::at))
        .load(db)?;
    let mut joined: HashMap<RegistrationId, Joined> = HashMap::new();
    for (registration, browser, at) in rows {
        let one = joined.entry(registration).or_insert(Joined { first: at, last: at, times: 0, browsers: BTreeSet::new() });
        one.last = at;
        one.times += 1;
        one.browsers.insert(browser);
    }
    Ok(joined)
}

/// The letters of a webinar that each person had, oldest first: which, and for what start.
pub fn letters(db: &mut Db, session: &SessionId) -> Result<HashMap<RegistrationId, Vec<(Occasion, Instant)>>> {
    let rows: Vec<(RegistrationId, Occasion, Instant)> = webinar_letters::table
        .filter(webinar_letters::session_id.eq(session))
        .order((webinar_letters::registration_id.asc(), webinar_letters::number.asc()))
        .select((webinar_letters::registration_id, webinar_letters::occasion, webinar_letters::starts_at))
        .load(db)?;
    let mut had: HashMap<RegistrationId, Vec<(Occasion, Instant)>> = HashMap::new();
    for (registration, occasion, starts_at) in rows {
        had.entry(registration).or_default().push((occasion, starts_at));
    }
    Ok(had)
}

/// The letters of a webinar that one person had, oldest first.
pub fn letters_to(db: &mut Db, session: &SessionId, registration: &RegistrationId) -> Result<Vec<(Occasion, Instant)>> {
    Ok(webinar_letters::table
        .filter(webinar_letters::session_id.eq(session))
        .filter(webinar_letters::registration_id.eq(registration))
        .order(webinar_letters::number.asc())
        .select((webinar_letters::occasion, webinar_letters::starts_at))
        .load(db)?)
}

/// When somebody joined which webinar, earliest first.
pub fn joins_of(db: &mut Db, registration: &RegistrationId) -> Result<Vec<Join>> {
    Ok(webinar_joins::table
        .filter(webinar_joins::registration_id.eq(registration))
        .order(webinar_joins::at.asc())
        .select(Join::as_select())
        .load(db)?)
}
