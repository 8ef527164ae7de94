//! Whether somebody gets a seat, a place in the line, or a refusal with its reason (ENR-1 to ENR-5): pure decisions.

use chrono::Duration;

use super::Status;
use crate::agenda::Session;
use crate::clock::Instant;
use crate::error::Error;
use crate::registration;

/// What the decision depends on.
pub struct Facts<'a> {
    pub now: Instant,
    pub session: &'a Session,
    /// Minutes before the start at which selections close (ENR-5).
    pub closes_minutes_before: i32,
    pub registration: registration::Status,
    /// What the person bought covers the session.
    pub covered: bool,
    /// The enrollment that exists already.
    pub already: Option<Status>,
    /// Seats taken now.
    pub taken: i64,
    /// A session in which the person sits at an overlapping time.
    pub conflict: Option<&'a Session>,
}

/// What somebody who asks gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Seat,
    Line,
}

/// Why somebody gets neither.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    NotActive,
    Canceled { title: String },
    Closed { title: String },
    NotChosen { title: String },
    NotIncluded { title: String, has_price: bool },
    Already { title: String, status: Status },
    Conflict { title: String, other_code: String, other_title: String },
    NotEnrolled { title: String },
}

impl Refusal {
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotActive => "enrollment.registration_not_active",
            Self::Canceled { .. } | Self::Closed { .. } => "enrollment.closed",
            Self::NotChosen { .. } => "enrollment.not_chosen",
            Self::NotIncluded { .. } => "enrollment.not_included",
            Self::Already { .. } => "enrollment.already",
            Self::Conflict { .. } => "enrollment.conflict",
            Self::NotEnrolled { .. } => "enrollment.not_enrolled",
        }
    }

    pub fn message(&self) -> String {
        match self {
            Self::NotActive => "This registration is not confirmed, so its sessions cannot be changed.".to_owned(),
            Self::Canceled { title } => format!("“{title}” was canceled."),
            Self::Closed { title } => format!("“{title}” can no longer be changed: its selection has closed."),
            Self::NotChosen { title } => format!("“{title}” needs no seat: come as you are."),
            Self::NotIncluded { title, has_price: true } => format!("“{title}” costs extra and is not part of this registration."),
            Self::NotIncluded { title, has_price: false } => format!("This registration does not cover “{title}”."),
            Self::Already { title, status: Status::Enrolled } => format!("You have a seat in “{title}” already."),
            Self::Already { title, status: Status::Waitlisted } => format!("You wait for “{title}” already."),
            Self::Conflict { title, other_code, other_title } => {
                format!(
                    "“{title}” overlaps with {other_code}, “{other_title}”, where you have a seat. Give that seat up first to take this one."
                )
            }
            Self::NotEnrolled { title } => format!("You have neither a seat in “{title}” nor a place in its line."),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::refused(refusal.code(), refusal.message())
    }
}

/// When a session's selection closes.
pub fn closes_at(session: &Session, minutes_before: i32) -> Instant {
    session.starts_at.minus(Duration::minutes(i64::from(minutes_before)))
}

/// Seat, place in the line, or refusal.
pub fn decide(facts: &Facts<'_>) -> Result<Place, Refusal> {
    let title = || facts.session.title.clone();
    if facts.registration != registration::Status::Confirmed {
        return Err(Refusal::NotActive);
    }
    may_change(facts.session, facts.closes_minutes_before, facts.now)?;
    if !facts.session.registration_required {
        return Err(Refusal::NotChosen { title: title() });
    }
    if !facts.covered {
        return Err(Refusal::NotIncluded { title: title(), has_price: facts.session.price_cents.is_some() });
    }
    if let Some(status) = facts.already {
        return Err(Refusal::Already { title: title(), status });
    }
    if !has_free_seat(facts.session.capacity, facts.taken) {
        // A place in the line overlaps with nothing: one may wait for a better session without giving up a seat.
        return Ok(Place::Line);
    }
    match facts.conflict {
        Some(other) => Err(Refusal::Conflict { title: title(), other_code: other.code.clone(), other_title: other.title.clone() }),
        None => Ok(Place::Seat),
    }
}

/// Whether the selection of a session is still open.
pub fn may_change(session: &Session, closes_minutes_before: i32, now: Instant) -> Result<(), Refusal> {
    if session.canceled_at.is_some() {
        return Err(Refusal::Canceled { title: session.title.clone() });
    }
    if now >= closes_at(session, closes_minutes_before) {
        return Err(Refusal::Closed { title: session.title.clone() });
    }
    Ok(())
}

/// Whether one more fits; a session without a capacity never fills.
pub fn has_free_seat(capacity: Option<i32>, taken: i64) -> bool {
    capacity.is_none_or(|capacity| taken < i64::from(capacity))
}

/// `3rd`.
pub fn ordinal(position: i64) -> String {
    let suffix = match (position % 10, position % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{position}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agenda::Kind;
    use crate::ids::{EventId, SessionId};

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn session(code: &str, capacity: Option<i32>, from: &str, to: &str) -> Session {
        Session {
            id: SessionId::new(),
            event_id: EventId::new(),
            code: code.to_owned(),
            kind: Kind::Breakout,
            title: format!("Session {code}"),
            abstract_text: String::new(),
            speakers: String::new(),
            track_id: None,
            room_id: None,
            starts_at: at(from),
            ends_at: at(to),
            capacity,
            registration_required: true,
            included: false,
            price_cents: None,
            discountable: true,
            recorded: false,
            repeats_session_id: None,
            external_id: None,
            calendar_sequence: 0,
            canceled_at: None,
            pssm: String::new(),
            pssm_also: String::new(),
        }
    }

    fn facts(session: &Session) -> Facts<'_> {
        Facts {
            now: at("2026-03-09T09:00:00Z"),
            session,
            closes_minutes_before: 0,
            registration: registration::Status::Confirmed,
            covered: true,
            already: None,
            taken: 0,
            conflict: None,
        }
    }

    #[test]
    fn who_asks_gets_a_seat_a_place_in_the_line_or_a_reason() {
        let b1 = session("B1", Some(2), "2026-03-09T10:30:00Z", "2026-03-09T11:30:00Z");
        let b2 = session("B2", Some(2), "2026-03-09T11:00:00Z", "2026-03-09T12:00:00Z");
        let code = |facts: Facts<'_>| decide(&facts).map_err(|refusal| refusal.code());
        assert_eq!(code(facts(&b1)), Ok(Place::Seat));
        assert_eq!(code(Facts { taken: 2, ..facts(&b1) }), Ok(Place::Line));
        assert_eq!(code(Facts { taken: 3, ..facts(&b1) }), Ok(Place::Line), "a lowered capacity evicts nobody");
        assert_eq!(code(Facts { conflict: Some(&b2), ..facts(&b1) }), Err("enrollment.conflict"));
        assert_eq!(
            code(Facts { conflict: Some(&b2), taken: 2, ..facts(&b1) }),
            Ok(Place::Line),
            "a place in the line overlaps with nothing"
        );
        assert_eq!(code(Facts { covered: false, ..facts(&b1) }), Err("enrollment.not_included"));
        assert_eq!(code(Facts { already: Some(Status::Waitlisted), ..facts(&b1) }), Err("enrollment.already"));
        assert_eq!(code(Facts { registration: registration::Status::Canceled, ..facts(&b1) }), Err("enrollment.registration_not_active"));
        let open = Session { registration_required: false, ..b1.clone() };
        assert_eq!(code(facts(&open)), Err("enrollment.not_chosen"));
    }

    #[test]
    fn selections_close_when_the_session_starts() {
        let b1 = session("B1", None, "2026-03-09T10:30:00Z", "2026-03-09T11:30:00Z");
        for (now, minutes, open) in [
            ("2026-03-09T10:29:59.999999Z", 0, true),
            ("2026-03-09T10:30:00Z", 0, false),
            ("2026-03-09T09:29:59Z", 60, true),
            ("2026-03-09T09:30:00Z", 60, false),
        ] {
            assert_eq!(may_change(&b1, minutes, at(now)).is_ok(), open, "{now} {minutes}");
        }
        let canceled = Session { canceled_at: Some(at("2026-03-01T00:00:00Z")), ..b1 };
        assert!(may_change(&canceled, 0, at("2026-03-09T09:00:00Z")).is_err());
    }

    #[test]
    fn back_to_back_is_no_overlap() {
        let first = session("A", None, "2026-03-09T09:00:00Z", "2026-03-09T10:00:00Z");
        let next = session("B", None, "2026-03-09T10:00:00Z", "2026-03-09T11:00:00Z");
        let across = session("C", None, "2026-03-09T09:59:00Z", "2026-03-09T10:01:00Z");
        assert!(!first.overlaps(&next) && !next.overlaps(&first));
        assert!(across.overlaps(&first) && across.overlaps(&next));
    }

    #[test]
    fn positions_are_written_as_people_say_them() {
        let words: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 102, 111].into_iter().map(ordinal).collect();
        assert_eq!(words, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th"]);
    }
}
