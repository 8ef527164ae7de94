//! What a daily letter says to each person: their own first session, badge place and lunch, read for many at once.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::rules::{Values, is_first_of_day, is_lunch};
use crate::agenda::Session;
use crate::checkin::rules::Pickup;
use crate::clock::Instant;
use crate::db::Db;
use crate::enrollment::queries::{Agendas, agendas, type_covers};
use crate::error::Result;
use crate::events::{self, Event, rules as days};
use crate::ids::{PersonId, RegistrationId, RegistrationTypeId, SessionId};
use crate::pickup::rules::whereabouts;
use crate::pricing::{self, RegistrationType};
use crate::registration::{self, Registration};

/// What many letters about one day need to know.
pub struct Sheet {
    event: Event,
    zone: Tz,
    about_on: NaiveDate,
    agendas: Agendas,
    /// The confirmed registrations of each person: a letter tells of all of them.
    people: HashMap<PersonId, Vec<(RegistrationId, RegistrationTypeId)>>,
    types: HashMap<RegistrationTypeId, (RegistrationType, Vec<SessionId>)>,
    pickups: Vec<Pickup>,
    lobby: String,
}

impl Sheet {
    pub fn load(db: &mut Db, event: &Event, about_on: NaiveDate, people: &[Registration], base_url: &str) -> Result<Self> {
        let ids: Vec<PersonId> = people.iter().map(|one| one.person_id.clone()).collect();
        let mut wanted = Vec::new();
        let mut of_people: HashMap<PersonId, Vec<(RegistrationId, RegistrationTypeId)>> = HashMap::new();
        for one in registration::confirmed_of_people(db, &event.id, &ids)? {
            wanted.push((one.id.clone(), one.registration_type_id.clone()));
            of_people.entry(one.person_id).or_default().push((one.id, one.registration_type_id));
        }
        let mut types = HashMap::new();
        for kind in pricing::list_types(db, &event.id)? {
            let listed = pricing::covered_sessions(db, &kind.id)?;
            types.insert(kind.id.clone(), (kind, listed));
        }
        let places = events::badge_places(db, &event.id)?.into_iter();
        let pickup =
            |at: events::BadgePlace| Pickup { place: at.place, opens_at: at.opens_at, closes_at: at.closes_at, audience: at.audience };
        Ok(Self {
            zone: event.zone(),
            about_on,
            agendas: agendas(db, &event.id, &wanted)?,
            people: of_people,
            types,
            pickups: places.map(pickup).collect(),
            lobby: format!("{base_url}/events/{}/lobby", event.slug),
            event: event.clone(),
        })
    }

    /// The registrations that the person of one has.
    fn all_of(&self, registration: &Registration) -> &[(RegistrationId, RegistrationTypeId)] {
        self.people.get(&registration.person_id).map_or(&[], Vec::as_slice)
    }

    /// Somebody's own sessions, those they wait for left out, each with its room.
    fn own(&self, registration: &Registration) -> impl Iterator<Item = &(Session, String)> {
        let mine = self.all_of(registration).iter().filter_map(|(id, _)| self.agendas.of.get(id)).flatten();
        let numbers: BTreeSet<usize> = mine.filter(|(_, waits)| !waits).map(|(number, _)| *number).collect();
        numbers.into_iter().filter_map(|number| self.agendas.sessions.get(number))
    }

    fn is_that_day(&self, session: &Session) -> bool {
        session.starts_at.date_in(self.zone) == self.about_on
    }

    /// What each placeholder is for somebody of this sheet.
    pub fn values(&self, registration: &Registration) -> Values {
        let first = self.own(registration).filter(|(session, _)| self.is_that_day(session) && is_first_of_day(session.kind));
        let first = first.min_by_key(|(session, _)| session.starts_at);
        let lunch = first.and_then(|_| self.lunch(registration)).unwrap_or_default();
        let (title, time, room) = match first {
            Some((session, room)) => {
                let time = days::time_words(session.starts_at, self.zone);
                (format!("{} “{}”", session.code, session.title), time, room.clone())
            }
            None => Default::default(),
        };
        Values(vec![
            ("name", registration.badge_name.clone()),
            ("day", days::day_words(self.about_on)),
            ("event", self.event.name.clone()),
            ("first_session", title),
            ("first_time", time),
            ("first_room", room),
            ("badge_place", self.badge_place(registration)),
            ("lunch", lunch),
            ("lobby", self.lobby.clone()),
        ])
    }

    /// Where and when badges are given out that day to people of the types that somebody has.
    pub fn badge_place(&self, registration: &Registration) -> String {
        let mut places: Vec<String> = Vec::new();
        for (_, kind) in self.all_of(registration) {
            for place in self.badge_places_of(kind) {
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        places.join("; ")
    }

    fn badge_places_of(&self, kind: &RegistrationTypeId) -> Vec<String> {
        let kind = self.types.get(kind).map_or("", |(kind, _)| kind.name.as_str());
        let right = whereabouts(kind, "", &self.pickups, self.zone).pickups;
        let (begins, ends) = (Instant::start_of_day(self.about_on, self.zone), days::end_of_day(self.about_on, self.zone));
        let today = right.iter().filter(|pickup| pickup.opens_at < ends && pickup.closes_at > begins);
        let words = |pickup: &Pickup| format!("{}, {}", pickup.place, days::hours_words(pickup.opens_at, pickup.closes_at, self.zone));
        today.map(words).collect()
    }

    /// The lunch of that day that somebody's registrations cover without a choice.
    pub fn lunch(&self, registration: &Registration) -> Option<String> {
        let types: Vec<_> = self.all_of(registration).iter().filter_map(|(_, kind)| self.types.get(kind)).collect();
        let is_covered = |session: &Session| types.iter().any(|(kind, listed)| type_covers(kind, listed, session));
        let is_open = |session: &Session| !session.registration_required && is_covered(session);
        let own = |session: &Session| self.own(registration).any(|(mine, _)| mine.id == session.id);
        let all = self.agendas.sessions.iter().filter(|(session, _)| self.is_that_day(session) && is_lunch(session, self.zone));
        let (session, room) = all.into_iter().find(|(session, _)| is_open(session) || own(session))?;
        let hours = days::hours_words(session.starts_at, session.ends_at, self.zone);
        Some(if room.is_empty() { hours } else { format!("{hours}, {room}") })
    }
}
