//! Who is in a webinar, who joined, and which letters went out.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::Join;
use super::rules::{self, Had, Occasion};
use crate::agenda::{self, Kind, Session};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{webinar_joins, webinar_letters};
use crate::enrollment::queries::{Standing, agendas, my_agenda};
use crate::error::Result;
use crate::ids::{EventId, PersonId, RegistrationId, RegistrationTypeId, SessionId};
use crate::orders;
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
    let agendas = agendas(db, &session.event_id, &keys(&confirmed))?;
    let mut people: Vec<Registration> = confirmed.into_iter().filter(|one| agendas.is_in(&one.id, &session.id)).collect();
    people.sort_by(|left, right| {
        (&left.family_name, &left.given_name, &left.code).cmp(&(&right.family_name, &right.given_name, &right.code))
    });
    Ok(people)
}

fn keys(registrations: &[Registration]) -> Vec<(RegistrationId, RegistrationTypeId)> {
    registrations.iter().map(|one| (one.id.clone(), one.registration_type_id.clone())).collect()
}

/// Somebody a webinar is part of, by the registration that letters about it are for.
#[derive(Clone, Debug)]
pub struct Reader {
    pub registration: Registration,
    /// The letters about it that they had for any registration that it is part of, oldest first.
    pub had: Vec<Had>,
}

/// Whom of these confirmed registrations a webinar is part of, each person once: two registrations of one series are no
/// reason for two letters with two links.
pub fn readers(db: &mut Db, session: &Session, confirmed: Vec<Registration>) -> Result<Vec<Reader>> {
    let agendas = agendas(db, &session.event_id, &keys(&confirmed))?;
    let mut people: Vec<Vec<Registration>> = Vec::new();
    let mut numbers: HashMap<PersonId, usize> = HashMap::new();
    for one in confirmed.into_iter().filter(|one| agendas.is_in(&one.id, &session.id)) {
        let number = *numbers.entry(one.person_id.clone()).or_insert(people.len());
        if number == people.len() {
            people.push(Vec::new());
        }
        people[number].push(one);
    }
    let several: Vec<RegistrationId> = people.iter().filter(|own| own.len() > 1).flatten().map(|one| one.id.clone()).collect();
    let paid = orders::with_price(db, &several)?;
    let ids: Vec<RegistrationId> = people.iter().flatten().map(|one| one.id.clone()).collect();
    let mut had_by = letters_of(db, &session.id, &ids)?;
    let reader = |own: Vec<Registration>| {
        let mut had: Vec<Had> = own.iter().filter_map(|one| had_by.remove(&one.id)).flatten().collect();
        had.sort_by_key(|one| (one.at, one.number));
        let width = |one: &Registration| agendas.of.get(&one.id).map_or(0, Vec::len);
        let each: Vec<(bool, usize)> = own.iter().map(|one| (paid.contains(&one.id), width(one))).collect();
        own.into_iter().nth(rules::speaks(&each)).map(|registration| Reader { registration, had })
    };
    Ok(people.into_iter().filter_map(reader).collect())
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

type LetterRow = (RegistrationId, Occasion, Instant, Instant, i32);

type LetterColumns =
    (webinar_letters::registration_id, webinar_letters::occasion, webinar_letters::starts_at, webinar_letters::at, webinar_letters::number);

const LETTER_COLUMNS: LetterColumns =
    (webinar_letters::registration_id, webinar_letters::occasion, webinar_letters::starts_at, webinar_letters::at, webinar_letters::number);

fn by_registration(rows: Vec<LetterRow>) -> HashMap<RegistrationId, Vec<Had>> {
    let mut had: HashMap<RegistrationId, Vec<Had>> = HashMap::new();
    for (registration, occasion, starts_at, at, number) in rows {
        had.entry(registration).or_default().push(Had { occasion, starts_at, at, number });
    }
    had
}

/// The letters of a webinar that were written for each registration, oldest first.
pub fn letters(db: &mut Db, session: &SessionId) -> Result<HashMap<RegistrationId, Vec<Had>>> {
    let rows: Vec<LetterRow> = webinar_letters::table
        .filter(webinar_letters::session_id.eq(session))
        .order((webinar_letters::registration_id.asc(), webinar_letters::number.asc()))
        .select(LETTER_COLUMNS)
        .load(db)?;
    Ok(by_registration(rows))
}

/// The letters of a webinar that were written for each of these registrations, oldest first.
pub fn letters_of(db: &mut Db, session: &SessionId, registrations: &[RegistrationId]) -> Result<HashMap<RegistrationId, Vec<Had>>> {
    let mut had = HashMap::new();
    for some in registrations.chunks(500) {
        let rows: Vec<LetterRow> = webinar_letters::table
            .filter(webinar_letters::session_id.eq(session))
            .filter(webinar_letters::registration_id.eq_any(some))
            .order((webinar_letters::registration_id.asc(), webinar_letters::number.asc()))
            .select(LETTER_COLUMNS)
            .load(db)?;
        had.extend(by_registration(rows));
    }
    Ok(had)
}

/// The letters of a webinar that were written for one registration, oldest first.
pub fn letters_to(db: &mut Db, session: &SessionId, registration: &RegistrationId) -> Result<Vec<Had>> {
    Ok(letters_of(db, session, std::slice::from_ref(registration))?.remove(registration).unwrap_or_default())
}

/// When somebody joined which webinar, earliest first.
pub fn joins_of(db: &mut Db, registration: &RegistrationId) -> Result<Vec<Join>> {
    Ok(webinar_joins::table
        .filter(webinar_joins::registration_id.eq(registration))
        .order(webinar_joins::at.asc())
        .select(Join::as_select())
        .load(db)?)
}
