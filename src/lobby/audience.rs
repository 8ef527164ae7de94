//! Whom news and daily letters are for: everyone registered, those of a registration type, or those in a session.

use serde::Serialize;

use crate::agenda::{self, Session};
use crate::db::Db;
use crate::enrollment::queries::{Agendas, agendas_with_canceled};
use crate::error::{Checks, Result};
use crate::ids::{EventId, RegistrationTypeId, SessionId};
use crate::pricing::{self, RegistrationType};
use crate::registration::Registration;

/// Whom something is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    #[default]
    All,
    Type(RegistrationTypeId),
    /// Who has a seat, or is in it without choosing; not who waits. Of a canceled one, who would have come.
    Session(SessionId),
}

impl Audience {
    /// As two columns keep it.
    pub fn of(kind: Option<&RegistrationTypeId>, session: Option<&SessionId>) -> Self {
        match (kind, session) {
            (Some(kind), _) => Self::Type(kind.clone()),
            (None, Some(session)) => Self::Session(session.clone()),
            (None, None) => Self::All,
        }
    }

    pub fn registration_type(&self) -> Option<&RegistrationTypeId> {
        if let Self::Type(kind) = self { Some(kind) } else { None }
    }

    pub fn session(&self) -> Option<&SessionId> {
        if let Self::Session(session) = self { Some(session) } else { None }
    }

    /// Whether it is for a registration, with the agendas that [`attending`] read for it.
    pub fn has(&self, registration: &Registration, attending: &Agendas) -> bool {
        match self {
            Self::All => true,
            Self::Type(kind) => *kind == registration.registration_type_id,
            Self::Session(session) => attending.is_in(&registration.id, session),
        }
    }
}

/// Who of these is in which session of the event; canceled sessions too, since their people are told where to go instead.
pub fn attending(db: &mut Db, event: &EventId, registrations: &[Registration]) -> Result<Agendas> {
    let keys: Vec<_> = registrations.iter().map(|one| (one.id.clone(), one.registration_type_id.clone())).collect();
    agendas_with_canceled(db, event, &keys)
}

/// The audiences of an event.
#[derive(Clone, Debug)]
pub struct Audiences {
    types: Vec<RegistrationType>,
    sessions: Vec<Session>,
}

/// An audience as a select offers it.
#[derive(Clone, Debug, Serialize)]
pub struct Offered {
    pub value: String,
    pub text: String,
}

impl Audiences {
    pub fn load(db: &mut Db, event: &EventId) -> Result<Self> {
        Ok(Self { types: pricing::list_types(db, event)?, sessions: agenda::list(db, event)? })
    }

    /// Everyone first, then types, then sessions; those that were canceled last.
    pub fn offered(&self) -> Vec<Offered> {
        let all = std::iter::once(Audience::All);
        let types = self.types.iter().map(|kind| Audience::Type(kind.id.clone()));
        let (canceled, on): (Vec<_>, Vec<_>) = self.sessions.iter().partition(|session| session.canceled_at.is_some());
        let sessions = on.into_iter().chain(canceled).map(|session| Audience::Session(session.id.clone()));
        all.chain(types).chain(sessions).map(|one| Offered { value: self.value(&one), text: self.words(&one) }).collect()
    }

    /// As it is typed: `all`, `type:general`, `session:B1`.
    pub fn value(&self, audience: &Audience) -> String {
        match audience {
            Audience::All => "all".to_owned(),
            Audience::Type(id) => {
                self.types.iter().find(|kind| kind.id == *id).map(|kind| format!("type:{}", kind.code)).unwrap_or_default()
            }
            Audience::Session(id) => self
                .sessions
                .iter()
                .find(|session| session.id == *id)
                .map(|session| format!("session:{}", session.code))
                .unwrap_or_default(),
        }
    }

    /// As people read it; a canceled session says so.
    pub fn words(&self, audience: &Audience) -> String {
        let canceled = |session: &Session| if session.canceled_at.is_some() { " (canceled)" } else { "" };
        let found = match audience {
            Audience::All => Some("Everyone registered".to_owned()),
            Audience::Type(id) => self.types.iter().find(|kind| kind.id == *id).map(|kind| format!("Registered as {}", kind.name)),
            Audience::Session(id) => self
                .sessions
                .iter()
                .find(|session| session.id == *id)
                .map(|session| format!("In {} {}{}", session.code, session.title, canceled(session))),
        };
        found.unwrap_or_else(|| "An audience that is no longer there".to_owned())
    }

    /// What was typed, or what is wrong with it. Nothing typed is nobody, never everyone by mistake.
    pub fn read(&self, checks: &mut Checks, field: &str, text: &str) -> Audience {
        let text = text.trim();
        let found = match text.split_once(':') {
            _ if text == "all" => Some(Audience::All),
            Some(("type", code)) => self.types.iter().find(|kind| kind.code == code).map(|kind| Audience::Type(kind.id.clone())),
            Some(("session", code)) => {
                self.sessions.iter().find(|session| session.code == code).map(|session| Audience::Session(session.id.clone()))
            }
            _ => None,
        };
        if found.is_none() {
            checks.wrong(field, "unknown", "Choose whom it is for: everyone, a registration type, or a session.");
        }
        found.unwrap_or_default()
    }
}
