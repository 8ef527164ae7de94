//! What is recorded and when it is due, who may watch it, and how much of it somebody watched (REC-1 to REC-3).

pub mod captions;
pub mod links;
pub mod watched;

use chrono::{Duration, NaiveDate};
use chrono_tz::Tz;

use crate::agenda::Kind;
use crate::clock::Instant;
use crate::error::Error;
use crate::events::rules::{deadline_words, end_of_day, left_words};
use crate::registration::Status;

/// So many days after the event's end recordings are due, unless its setting says otherwise (REC-1).
pub const DUE_DAYS: i32 = 7;

/// So many days after the event's end they may be watched, unless its setting says otherwise (REC-2).
const WATCHED_DAYS: i64 = 90;

/// What every page with a recording says (REC-3).
pub const NO_CREDIT: &str = "Watching a recording does not count as attending the session: it earns no credit for it.";

/// Whether a session is to be recorded: mainstage and Innovation Theater always, others where the agenda says so (REC-1).
pub fn is_recorded(kind: Kind, marked: bool) -> bool {
    marked || matches!(kind, Kind::Keynote | Kind::General | Kind::InnovationTheater)
}

/// The last day on which a recording is in time. At a congress all are due together, in a series each after its session.
pub fn due_on(is_congress: bool, event_ends_on: NaiveDate, session_on: NaiveDate, due_days: i32) -> NaiveDate {
    let from = if is_congress { event_ends_on } else { session_on };
    from + Duration::days(i64::from(due_days))
}

/// The last day of watching where nobody set one.
pub fn closes_on(event_ends_on: NaiveDate) -> NaiveDate {
    event_ends_on + Duration::days(WATCHED_DAYS)
}

/// Where a session's recording stands for staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// The session is not over.
    NotYet,
    Published,
    /// With what is left, such as `3 days left`.
    Open(String),
    /// By so many whole days, at least one.
    Overdue(i64),
}

impl Due {
    pub fn of(session_ends_at: Instant, published: bool, due_on: NaiveDate, zone: Tz, now: Instant) -> Self {
        let until = end_of_day(due_on, zone);
        match published {
            true => Self::Published,
            false if now >= until => Self::Overdue((now.date_in(zone) - due_on).num_days().max(1)),
            false if now < session_ends_at => Self::NotYet,
            false => Self::Open(left_words(until, now)),
        }
    }

    /// Kind and words of its chip.
    pub fn chip(&self) -> (&'static str, String) {
        match self {
            Self::NotYet => ("note", "To be recorded".to_owned()),
            Self::Published => ("yes", "Published".to_owned()),
            Self::Open(left) => ("wait", left.clone()),
            Self::Overdue(1) => ("no", "1 day overdue".to_owned()),
            Self::Overdue(days) => ("no", format!("{days} days overdue")),
        }
    }
}

/// What decides whether somebody may watch a recording, for one registration.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub status: Status,
    /// The registration's type, or what was bought beside it, covers the session.
    pub covers: bool,
    /// The registration's type brings recordings.
    pub type_brings: bool,
    /// The last day of watching, in the event's zone.
    pub closes_on: NaiveDate,
    pub zone: Tz,
    pub now: Instant,
}

/// Why somebody may not watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    NotRegistered,
    NotConfirmed,
    Canceled,
    NotCovered,
    TypeWithout,
    Over(String),
}

impl Refusal {
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotRegistered => "recordings.not_registered",
            Self::NotConfirmed => "recordings.not_confirmed",
            Self::Canceled => "recordings.canceled",
            Self::NotCovered => "recordings.not_covered",
            Self::TypeWithout => "recordings.type_without",
            Self::Over(_) => "recordings.over",
        }
    }

    pub fn message(&self) -> String {
        match self {
            Self::NotRegistered => "Recordings are for people who are registered for this event.".to_owned(),
            Self::NotConfirmed => "Your registration waits for a decision. Recordings open when it is confirmed.".to_owned(),
            Self::Canceled => "Your registration was canceled, so its recordings are closed.".to_owned(),
            Self::NotCovered => "Your registration does not include this session, so its recording is not part of it.".to_owned(),
            Self::TypeWithout => "Your type of registration comes without recordings.".to_owned(),
            Self::Over(until) => format!("Recordings of this event could be watched until {until}."),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::refused(refusal.code(), refusal.message())
    }
}

/// Decides whether a registration opens a recording (REC-2).
pub fn may_watch(facts: &Facts) -> Result<(), Refusal> {
    match facts.status {
        Status::Canceled => return Err(Refusal::Canceled),
        Status::Pending => return Err(Refusal::NotConfirmed),
        Status::Confirmed => {}
    }
    if !facts.type_brings {
        return Err(Refusal::TypeWithout);
    }
    if !facts.covers {
        return Err(Refusal::NotCovered);
    }
    if facts.now >= end_of_day(facts.closes_on, facts.zone) {
        return Err(Refusal::Over(deadline_words(facts.closes_on, facts.zone)));
    }
    Ok(())
}

/// Of several registrations of one person the one that opens it counts; otherwise the reason that is nearest to a yes.
pub fn best(verdicts: impl IntoIterator<Item = Result<(), Refusal>>) -> Result<(), Refusal> {
    let nearness = |refusal: &Refusal| match refusal {
        Refusal::NotRegistered => 0,
        Refusal::Canceled => 1,
        Refusal::NotConfirmed => 2,
        Refusal::TypeWithout | Refusal::NotCovered => 3,
        Refusal::Over(_) => 4,
    };
    let mut nearest = Refusal::NotRegistered;
    for verdict in verdicts {
        match verdict {
            Ok(()) => return Ok(()),
            Err(refusal) if nearness(&refusal) > nearness(&nearest) => nearest = refusal,
            Err(_) => {}
        }
    }
    Err(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACIFIC: Tz = Tz::America__Los_Angeles;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn mainstage_and_innovation_theater_are_recorded_and_what_the_agenda_marks() {
        for kind in Kind::ALL {
            let always = matches!(kind, Kind::Keynote | Kind::General | Kind::InnovationTheater);
            assert_eq!(is_recorded(*kind, false), always, "{kind}");
            assert!(is_recorded(*kind, true), "{kind}");
        }
    }

    #[test]
    fn a_congress_has_a_week_after_its_end_and_a_webinar_a_week_after_itself() {
        let (ends, session) = (day("2026-03-10"), day("2026-03-09"));
        assert_eq!(due_on(true, ends, session, DUE_DAYS), day("2026-03-17"));
        assert_eq!(due_on(false, day("2026-11-10"), day("2026-04-14"), DUE_DAYS), day("2026-04-21"));
    }

    #[test]
    fn a_recording_is_overdue_from_the_first_instant_after_its_last_day() {
        let ended = at("2026-03-09T10:00:00-07:00");
        let due = |published, now: &str| Due::of(ended, published, day("2026-03-17"), PACIFIC, at(now));
        assert_eq!(due(false, "2026-03-09T09:59:59-07:00"), Due::NotYet);
        assert_eq!(due(false, "2026-03-14T12:00:00-07:00"), Due::Open("3 days left".to_owned()));
        assert!(matches!(due(false, "2026-03-17T23:59:59-07:00"), Due::Open(_)));
        assert_eq!(due(false, "2026-03-18T00:00:00-07:00"), Due::Overdue(1));
        assert_eq!(due(false, "2026-03-20T00:00:00-07:00"), Due::Overdue(3));
        assert_eq!(due(true, "2026-03-20T00:00:00-07:00"), Due::Published);
        assert_eq!(Due::Overdue(3).chip(), ("no", "3 days overdue".to_owned()));
    }

    #[test]
    fn a_recording_opens_for_a_confirmed_registration_that_covers_it_inside_the_window() {
        let open = Facts {
            status: Status::Confirmed,
            covers: true,
            type_brings: true,
            closes_on: day("2026-06-08"),
            zone: PACIFIC,
            now: at("2026-06-08T23:59:59-07:00"),
        };
        assert_eq!(may_watch(&open), Ok(()));
        let refused = |facts: Facts| may_watch(&facts).unwrap_err();
        assert_eq!(refused(Facts { status: Status::Pending, ..open }), Refusal::NotConfirmed);
        assert_eq!(refused(Facts { status: Status::Canceled, ..open }), Refusal::Canceled);
        assert_eq!(refused(Facts { covers: false, ..open }), Refusal::NotCovered);
        assert_eq!(refused(Facts { type_brings: false, ..open }), Refusal::TypeWithout);
        let over = refused(Facts { now: at("2026-06-09T00:00:00-07:00"), ..open });
        assert_eq!(over.message(), "Recordings of this event could be watched until Mon 8 Jun 2026, 11:59 PM Pacific.");
        assert_eq!(closes_on(day("2026-03-10")), day("2026-06-08"));
    }

    #[test]
    fn one_registration_that_opens_it_is_enough() {
        let over = || Refusal::Over("then".to_owned());
        assert_eq!(best([Err(Refusal::Canceled), Ok(())]), Ok(()));
        assert_eq!(best([Err(Refusal::Canceled), Err(Refusal::NotCovered)]), Err(Refusal::NotCovered));
        assert_eq!(best([Err(over()), Err(Refusal::NotConfirmed)]), Err(over()));
        assert_eq!(best([]), Err(Refusal::NotRegistered));
    }
}
