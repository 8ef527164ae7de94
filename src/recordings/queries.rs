//! Reads across sessions, registrations and recordings: what is due, and what somebody may watch.

use std::collections::HashMap;

use diesel::prelude::*;

use super::Recording;
use super::rules::{self, Facts, Refusal};
use super::settings::{self, Settings};
use crate::agenda::{self, Session};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{recording_publications, recordings, sessions};
use crate::enrollment::queries::Coverage;
use crate::error::Result;
use crate::events::Event;
use crate::ids::{EventId, PersonId, SessionId};
use crate::registration::{self, Registration, Status};

/// The recordings of an event by session, each with the instant of its publication.
pub fn of_event(db: &mut Db, event: &EventId) -> Result<HashMap<SessionId, (Recording, Option<Instant>)>> {
    let rows: Vec<(Recording, Option<Instant>)> = recordings::table
        .inner_join(sessions::table)
        .left_join(recording_publications::table)
        .filter(sessions::event_id.eq(event))
        .select((Recording::as_select(), recording_publications::at.nullable()))
        .load(db)?;
    Ok(rows.into_iter().map(|(recording, at)| (recording.session_id.clone(), (recording, at))).collect())
}

/// A session that is to be recorded, or was.
pub struct Listed {
    pub session: Session,
    pub recording: Option<Recording>,
    pub published_at: Option<Instant>,
}

/// What is recorded of an event, by start: sessions that are to be, and others that have a recording. Canceled ones are
/// left out unless they have one (REC-1).
pub fn listed(db: &mut Db, event: &EventId) -> Result<Vec<Listed>> {
    let mut there = of_event(db, event)?;
    let all = agenda::list(db, event)?.into_iter().filter_map(|session| {
        let found = there.remove(&session.id);
        let wanted = session.canceled_at.is_none() && rules::is_recorded(session.kind, session.recorded);
        let (recording, published_at) = found.map_or((None, None), |(recording, at)| (Some(recording), at));
        (wanted || recording.is_some()).then_some(Listed { session, recording, published_at })
    });
    Ok(all.collect())
}

/// What decides about one person at one event, read once for all of its sessions.
pub struct Access {
    own: Vec<(Registration, Coverage, bool)>,
    pub settings: Settings,
    event: Event,
    now: Instant,
}

impl Access {
    pub fn of_person(db: &mut Db, event: &Event, person: &PersonId, now: Instant) -> Result<Self> {
        let own = registration::of_person(db, person)?;
        Self::new(db, event, own.into_iter().filter(|own| own.event_id == event.id), now)
    }

    pub fn of_registration(db: &mut Db, event: &Event, registration: &Registration, now: Instant) -> Result<Self> {
        Self::new(db, event, [registration.clone()], now)
    }

    fn new(db: &mut Db, event: &Event, own: impl IntoIterator<Item = Registration>, now: Instant) -> Result<Self> {
        let without = settings::types_without(db)?;
        let own = own.into_iter().map(|registration| {
            let coverage = Coverage::of(db, &registration)?;
            let type_brings = !without.contains(&registration.registration_type_id);
            Ok((registration, coverage, type_brings))
        });
        let own: Vec<_> = own.collect::<Result<_>>()?;
        let settings = settings::of_event(db, event)?;
        Ok(Self { own, settings, event: event.clone(), now })
    }

    /// Whether the person may watch a session's recording, or why not (REC-2).
    pub fn verdict(&self, session: &Session) -> std::result::Result<(), Refusal> {
        rules::best(self.own.iter().map(|(registration, coverage, type_brings)| {
            rules::may_watch(&Facts {
                status: registration.status,
                covers: coverage.covers(session),
                type_brings: *type_brings,
                closes_on: self.settings.closes_on,
                zone: self.event.zone(),
                now: self.now,
            })
        }))
    }

    /// Whether there is any registration that was not canceled.
    pub fn is_registered(&self) -> bool {
        self.own.iter().any(|(registration, ..)| registration.status != Status::Canceled)
    }
}
