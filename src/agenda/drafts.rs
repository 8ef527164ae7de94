//! What staff type about tracks, rooms and sessions, read and checked field by field (AGD-1).

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{Kind, Room, Session, Track};
use crate::clock::Instant;
use crate::db::Db;
use crate::error::{Checks, Result};
use crate::ids::EventId;
use crate::incoming::tidy_line;
use crate::money::plain_cents;
use crate::pssm::rules as measure;
use crate::typed::{self, some_text, tidy_text};

/// What an agenda has already, so that codes can be looked up.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub tracks: Vec<Track>,
    pub rooms: Vec<Room>,
    pub sessions: Vec<Session>,
}

impl Known {
    pub fn load(db: &mut Db, event: &EventId) -> Result<Self> {
        Ok(Self { tracks: super::tracks(db, event)?, rooms: super::rooms(db, event)?, sessions: super::list(db, event)? })
    }

    /// The session with this code, whatever its case: codes that differ only in case would be mistaken for one another.
    pub fn session(&self, code: &str) -> Option<&Session> {
        self.sessions.iter().find(|session| session.code.eq_ignore_ascii_case(code.trim()))
    }
}

/// The longest title and abstract, in characters.
pub const LONGEST_TITLE: usize = 300;
pub const LONGEST_ABSTRACT: usize = 40_000;

/// A track as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrackDraft {
    #[serde(deserialize_with = "typed::text")]
    pub code: String,
    pub name: String,
    #[serde(deserialize_with = "typed::text")]
    pub position: String,
}

impl TrackDraft {
    pub fn of(track: &Track) -> Self {
        Self { code: track.code.clone(), name: track.name.clone(), position: track.position.to_string() }
    }

    /// Puts what was typed into `track` and says what cannot be read.
    pub fn read(&self, known: &Known, track: &mut Track) -> Checks {
        let mut checks = Checks::new();
        track.code = checks.code("code", &self.code);
        if known.tracks.iter().any(|other| other.id != track.id && other.code.eq_ignore_ascii_case(&track.code)) {
            checks.wrong("code", "taken", format!("Another track has the code {}.", track.code));
        }
        track.name = tidy_line(&self.name);
        checks.required("name", &track.name, "Enter the track's name.");
        checks.at_most("name", &track.name, 200);
        track.position = checks.whole("position", &self.position, 0..=9999).unwrap_or(track.position);
        checks
    }
}

/// A room as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoomDraft {
    #[serde(deserialize_with = "typed::text")]
    pub code: String,
    pub name: String,
    #[serde(deserialize_with = "typed::text")]
    pub capacity: String,
    #[serde(deserialize_with = "typed::text")]
    pub position: String,
}

impl RoomDraft {
    pub fn of(room: &Room) -> Self {
        let number = |number: Option<i32>| number.map(|number| number.to_string()).unwrap_or_default();
        Self { code: room.code.clone(), name: room.name.clone(), capacity: number(room.capacity), position: room.position.to_string() }
    }

    /// Puts what was typed into `room` and says what cannot be read.
    pub fn read(&self, known: &Known, room: &mut Room) -> Checks {
        let mut checks = Checks::new();
        room.code = checks.code("code", &self.code);
        if known.rooms.iter().any(|other| other.id != room.id && other.code.eq_ignore_ascii_case(&room.code)) {
            checks.wrong("code", "taken", format!("Another room has the code {}.", room.code));
        }
        room.name = tidy_line(&self.name);
        checks.required("name", &room.name, "Enter the room's name.");
        checks.at_most("name", &room.name, 200);
        room.capacity = checks.whole("capacity", &self.capacity, 0..=i32::MAX);
        room.position = checks.whole("position", &self.position, 0..=9999).unwrap_or(room.position);
        checks
    }
}

/// A session as it is typed; tracks, rooms and the session it repeats by their codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionDraft {
    #[serde(deserialize_with = "typed::text")]
    pub code: String,
    pub kind: String,
    pub title: String,
    #[serde(rename = "abstract")]
    pub abstract_text: String,
    /// One speaker a line.
    #[serde(deserialize_with = "typed::lines")]
    pub speakers: String,
    #[serde(deserialize_with = "typed::text")]
    pub track: String,
    #[serde(deserialize_with = "typed::text")]
    pub room: String,
    pub date: String,
    pub starts: String,
    pub ends: String,
    /// The day it ends on, where that is not the day it starts on.
    pub ends_date: String,
    #[serde(deserialize_with = "typed::text")]
    pub capacity: String,
    #[serde(deserialize_with = "typed::yes")]
    pub registration_required: bool,
    #[serde(deserialize_with = "typed::yes")]
    pub included: bool,
    #[serde(deserialize_with = "typed::text")]
    pub price: String,
    #[serde(deserialize_with = "typed::yes")]
    pub discountable: bool,
    #[serde(deserialize_with = "typed::yes")]
    pub recorded: bool,
    #[serde(deserialize_with = "typed::text")]
    pub repeats: String,
    /// Codes of the safety measure that it is about, and those that it touches.
    #[serde(deserialize_with = "typed::lines")]
    pub pssm: String,
    #[serde(deserialize_with = "typed::lines")]
    pub pssm_also: String,
}

impl Default for SessionDraft {
    fn default() -> Self {
        let blank = String::new;
        Self {
            code: blank(),
            kind: Kind::Breakout.to_string(),
            title: blank(),
            abstract_text: blank(),
            speakers: blank(),
            track: blank(),
            room: blank(),
            date: blank(),
            starts: blank(),
            ends: blank(),
            ends_date: blank(),
            capacity: blank(),
            registration_required: false,
            included: false,
            price: blank(),
            discountable: false,
            recorded: false,
            repeats: blank(),
            pssm: blank(),
            pssm_also: blank(),
        }
    }
}

impl SessionDraft {
    /// A stored session as it would be typed in the event's zone.
    pub fn of(session: &Session, zone: Tz, known: &Known) -> Self {
        let typed = |at: Instant, form: &str| at.in_zone(zone).format(form).to_string();
        let time = |at: Instant| typed(at, if at.utc().and_utc().timestamp() % 60 == 0 { "%H:%M" } else { "%H:%M:%S" });
        let other_day = session.ends_at.date_in(zone) != session.starts_at.date_in(zone);
        let track = known.tracks.iter().find(|track| Some(&track.id) == session.track_id.as_ref());
        let room = known.rooms.iter().find(|room| Some(&room.id) == session.room_id.as_ref());
        let original = known.sessions.iter().find(|other| Some(&other.id) == session.repeats_session_id.as_ref());
        Self {
            code: session.code.clone(),
            kind: session.kind.to_string(),
            title: session.title.clone(),
            abstract_text: session.abstract_text.clone(),
            speakers: session.speakers.clone(),
            track: track.map(|track| track.code.clone()).unwrap_or_default(),
            room: room.map(|room| room.code.clone()).unwrap_or_default(),
            date: typed(session.starts_at, "%Y-%m-%d"),
            starts: time(session.starts_at),
            ends: time(session.ends_at),
            ends_date: if other_day { typed(session.ends_at, "%Y-%m-%d") } else { String::new() },
            capacity: session.capacity.map(|seats| seats.to_string()).unwrap_or_default(),
            registration_required: session.registration_required,
            included: session.included,
            price: session.price_cents.map(plain_cents).unwrap_or_default(),
            discountable: session.discountable,
            recorded: session.recorded,
            repeats: original.map(|original| original.code.clone()).unwrap_or_default(),
            pssm: session.pssm.clone(),
            pssm_also: session.pssm_also.clone(),
        }
    }

    /// Puts what was typed into `session` and says what cannot be read.
    pub fn read(&self, zone: Tz, known: &Known, session: &mut Session) -> Checks {
        let mut checks = Checks::new();
        self.read_words(known, session, &mut checks);
        self.read_times(zone, session, &mut checks);
        self.read_references(known, session, &mut checks);
        self.read_places(session, &mut checks);
        session.pssm = measure::read(&mut checks, "pssm", &self.pssm);
        session.pssm_also = measure::read(&mut checks, "pssm_also", &self.pssm_also);
        measure::check_apart(&mut checks, "pssm_also", &session.pssm, &session.pssm_also);
        checks
    }

    fn read_words(&self, known: &Known, session: &mut Session, checks: &mut Checks) {
        session.code = checks.code("code", &self.code);
        if known.session(&session.code).is_some_and(|other| other.id != session.id) {
            checks.wrong("code", "taken", format!("Another session has the code {}.", session.code));
        }
        session.kind = checks.word("kind", &self.kind, Kind::ALL).unwrap_or(session.kind);
        session.title = tidy_line(&self.title);
        checks.required("title", &session.title, "Enter a title.");
        checks.at_most("title", &session.title, LONGEST_TITLE);
        session.abstract_text = tidy_text(&self.abstract_text);
        checks.at_most("abstract", &session.abstract_text, LONGEST_ABSTRACT);
        let speakers: Vec<String> = self.speakers.lines().map(tidy_line).filter(|line| !line.is_empty()).collect();
        session.speakers = speakers.join("\n");
    }

    fn read_times(&self, zone: Tz, session: &mut Session, checks: &mut Checks) {
        let day = checks.needed_day("date", &self.date, "Enter the day.");
        let last_day = if self.ends_date.trim().is_empty() { day } else { checks.day("ends_date", &self.ends_date) };
        let starts_at = checks.time_on("starts", &self.starts, day, zone);
        let ends_at = checks.time_on("ends", &self.ends, last_day, zone);
        if let (Some(starts_at), Some(ends_at)) = (starts_at, ends_at) {
            if ends_at <= starts_at {
                checks.wrong("ends", "order", "It ends before it starts. When it ends after midnight, enter the day it ends on too.");
            }
            (session.starts_at, session.ends_at) = (starts_at, ends_at);
        }
    }

    fn read_references(&self, known: &Known, session: &mut Session, checks: &mut Checks) {
        session.track_id = some_text(&self.track).and_then(|code| {
            let found = known.tracks.iter().find(|track| track.code == code);
            if found.is_none() {
                checks.wrong("track", "unknown", format!("There is no track with the code {code}."));
            }
            found.map(|track| track.id.clone())
        });
        session.room_id = some_text(&self.room).and_then(|code| {
            let found = known.rooms.iter().find(|room| room.code == code);
            if found.is_none() {
                checks.wrong("room", "unknown", format!("There is no room with the code {code}."));
            }
            found.map(|room| room.id.clone())
        });
        session.repeats_session_id =
            some_text(&self.repeats).and_then(|code| match known.sessions.iter().find(|other| other.code == code) {
                None => {
                    checks.wrong("repeats", "unknown", format!("There is no session with the code {code}."));
                    None
                }
                Some(original) if original.id == session.id => {
                    checks.wrong("repeats", "itself", "A session cannot repeat itself.");
                    None
                }
                Some(original) if original.repeats_session_id.is_some() => {
                    checks.wrong("repeats", "a_repeat", format!("{code} is a repeat too; name the session that both repeat."));
                    None
                }
                Some(original) => Some(original.id.clone()),
            });
        let is_original = known.sessions.iter().any(|other| other.repeats_session_id.as_ref() == Some(&session.id));
        if session.repeats_session_id.is_some() && is_original {
            checks.wrong("repeats", "an_original", "Other sessions repeat this one, so it cannot be a repeat itself.");
        }
    }

    fn read_places(&self, session: &mut Session, checks: &mut Checks) {
        session.capacity = checks.whole("capacity", &self.capacity, 0..=i32::MAX);
        session.registration_required = self.registration_required;
        session.included = self.included;
        session.price_cents = checks.price("price", &self.price);
        session.discountable = self.discountable;
        session.recorded = self.recorded;
        if session.included && session.registration_required {
            checks.wrong("included", "choice", "Either everyone is in it without choosing, or a seat has to be chosen; not both.");
        }
        if session.price_cents.is_some() && !session.registration_required {
            checks.wrong("price", "choice", "A session with its own price has to be chosen: let it require registration.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SessionId;

    fn session(code: &str) -> Session {
        let at = Instant::parse("2026-03-09T16:00:00Z").unwrap();
        Session {
            id: SessionId::new(),
            event_id: EventId::new(),
            code: code.to_owned(),
            kind: Kind::Breakout,
            title: code.to_owned(),
            abstract_text: String::new(),
            speakers: String::new(),
            track_id: None,
            room_id: None,
            starts_at: at,
            ends_at: at.plus(chrono::Duration::hours(1)),
            capacity: None,
            registration_required: false,
            included: false,
            price_cents: None,
            discountable: false,
            recorded: false,
            repeats_session_id: None,
            external_id: None,
            calendar_sequence: 0,
            canceled_at: None,
            pssm: String::new(),
            pssm_also: String::new(),
        }
    }

    const ZONE: Tz = Tz::America__Los_Angeles;

    fn draft() -> SessionDraft {
        let text = str::to_owned;
        SessionDraft {
            code: text("B1"),
            title: text("Talking"),
            date: text("2026-03-09"),
            starts: text("10:30"),
            ends: text("11:30"),
            ..Default::default()
        }
    }

    fn fields(draft: &SessionDraft, known: &Known) -> Vec<String> {
        match draft.read(ZONE, known, &mut session("B1")).finish() {
            Err(crate::error::Error::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_session_ends_after_it_starts_at_times_that_exist() {
        let known = Known::default();
        assert!(fields(&draft(), &known).is_empty());
        assert_eq!(fields(&SessionDraft { ends: "10:30".to_owned(), ..draft() }, &known), ["ends"]);
        let past_midnight = SessionDraft { starts: "23:00".to_owned(), ends: "00:30".to_owned(), ..draft() };
        assert_eq!(fields(&past_midnight, &known), ["ends"]);
        assert!(fields(&SessionDraft { ends_date: "2026-03-10".to_owned(), ..past_midnight }, &known).is_empty());
        let skipped = SessionDraft { date: "2026-03-08".to_owned(), starts: "02:15".to_owned(), ends: "04:00".to_owned(), ..draft() };
        assert_eq!(fields(&skipped, &known), ["starts"]);
    }

    #[test]
    fn everything_wrong_with_a_session_is_said_at_once() {
        let wrong = SessionDraft {
            title: String::new(),
            track: "nowhere".to_owned(),
            capacity: "-1".to_owned(),
            price: "x".to_owned(),
            repeats: "B9".to_owned(),
            ..draft()
        };
        assert_eq!(fields(&wrong, &Known::default()), ["title", "track", "repeats", "capacity", "price"]);
    }

    #[test]
    fn a_repeat_names_the_original_and_codes_are_unique_whatever_their_case() {
        let (original, mut repeat) = (session("K1"), session("b1"));
        repeat.repeats_session_id = Some(original.id.clone());
        let known = Known { sessions: vec![original, repeat], ..Known::default() };
        assert_eq!(fields(&SessionDraft { repeats: "b1".to_owned(), ..draft() }, &known), ["code", "repeats"]);
        assert_eq!(fields(&SessionDraft { code: "B2".to_owned(), repeats: "K1".to_owned(), ..draft() }, &known), [""; 0]);
    }

    #[test]
    fn what_is_stored_reads_back_as_it_was_typed() {
        let mut stored = session("B1");
        let typed = SessionDraft { starts: "22:00".to_owned(), ends: "01:00".to_owned(), ends_date: "2026-03-10".to_owned(), ..draft() };
        assert!(typed.read(ZONE, &Known::default(), &mut stored).is_clean());
        assert_eq!(SessionDraft::of(&stored, ZONE, &Known::default()), typed);
    }
}
