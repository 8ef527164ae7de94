//! Who gets the material of a session and until when (REC-2), and what may be entered: pure decisions.

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::clock::Instant;
use crate::error::{Checks, Error};
use crate::events::rules::{deadline_words, end_of_day};
use crate::incoming::tidy_line;
use crate::registration::Status;

/// What the page says of whatever it does not list.
pub const NOT_LISTED: &str = "What is not listed here is not available: not every speaker hands something out.";

const LONGEST_TITLE: usize = 150;
const LONGEST_LINK: usize = 1000;

/// What decides whether somebody gets the material of a session, for one registration.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub status: Status,
    /// The registration's type, or what was bought beside it, covers the session.
    pub covers: bool,
    /// The last day of access, in the event's zone.
    pub closes_on: NaiveDate,
    pub zone: Tz,
    pub now: Instant,
}

/// Why somebody gets none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    NotRegistered,
    NotConfirmed,
    NotCovered,
    Over(String),
}

impl Refusal {
    pub fn message(&self) -> String {
        match self {
            Self::NotRegistered => "Materials are for people who are registered for this event.".to_owned(),
            Self::NotConfirmed => "Your registration waits for a decision. Materials open when it is confirmed.".to_owned(),
            Self::NotCovered => "Your registration does not include this session, so its materials are not part of it.".to_owned(),
            Self::Over(until) => format!("Materials of this event were open until {until}."),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            // Whoever has no registration is not told what there is.
            Refusal::NotRegistered => return Self::NotFound,
            Refusal::NotConfirmed => "materials.not_confirmed",
            Refusal::NotCovered => "materials.not_covered",
            Refusal::Over(_) => "materials.over",
        };
        Self::refused(code, refusal.message())
    }
}

/// Decides for one registration (REC-2). One that was canceled is as none, so a refund ends it.
pub fn may_have(facts: &Facts) -> Result<(), Refusal> {
    match facts.status {
        Status::Canceled => return Err(Refusal::NotRegistered),
        Status::Pending => return Err(Refusal::NotConfirmed),
        Status::Confirmed => {}
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
    let mut nearest = Refusal::NotRegistered;
    for verdict in verdicts {
        match verdict {
            Ok(()) => return Ok(()),
            Err(refusal) => nearest = nearest.max(refusal),
        }
    }
    Err(nearest)
}

/// The title as it is kept, or what is wrong with it.
pub fn title(checks: &mut Checks, typed: &str) -> String {
    let title = tidy_line(typed);
    checks.required("title", &title, "Enter what it is, such as “Slides”.");
    checks.at_most("title", &title, LONGEST_TITLE);
    title
}

/// An address of the web: never a script or a place on the reader's own machine.
pub fn link(checks: &mut Checks, typed: &str) -> Option<String> {
    let typed = typed.trim();
    let parsed = url::Url::parse(typed).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    match parsed {
        Some(url) if url.as_str().len() <= LONGEST_LINK => Some(url.into()),
        Some(_) => {
            checks.at_most("link", typed, LONGEST_LINK);
            None
        }
        None => {
            checks.wrong("link", "malformed", "Enter a whole address that begins with https://.");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            status: Status::Confirmed,
            covers: true,
            closes_on: "2026-06-08".parse().unwrap(),
            zone: Tz::America__Los_Angeles,
            now: Instant::parse("2026-06-08T23:59:59-07:00").unwrap(),
        }
    }

    #[test]
    fn material_is_for_a_confirmed_registration_that_covers_its_session_until_the_last_day() {
        assert_eq!(may_have(&facts()), Ok(()));
        let refused = |facts: Facts| may_have(&facts).unwrap_err();
        assert_eq!(refused(Facts { status: Status::Pending, ..facts() }), Refusal::NotConfirmed);
        assert_eq!(refused(Facts { status: Status::Canceled, ..facts() }), Refusal::NotRegistered);
        assert_eq!(refused(Facts { covers: false, ..facts() }), Refusal::NotCovered);
        let over = refused(Facts { now: Instant::parse("2026-06-09T00:00:00-07:00").unwrap(), ..facts() });
        assert_eq!(over.message(), "Materials of this event were open until Mon 8 Jun 2026, 11:59 PM Pacific.");
        assert_eq!(best([Err(Refusal::NotConfirmed), Err(Refusal::NotCovered)]), Err(Refusal::NotCovered));
        assert_eq!(best([Err(Refusal::NotCovered), Ok(())]), Ok(()));
        assert_eq!(best([]), Err(Refusal::NotRegistered));
    }

    #[test]
    fn a_link_leads_to_the_web_and_nowhere_else() {
        let read = |typed: &str| {
            let mut checks = Checks::new();
            let link = link(&mut checks, typed);
            checks.finish().ok().and(link)
        };
        assert_eq!(read(" https://example.org/a b ").as_deref(), Some("https://example.org/a%20b"));
        for bad in
            ["", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "example.org", "//example.org", "https://", "ftp://x.org"]
        {
            assert_eq!(read(bad), None, "{bad:?}");
        }
        assert_eq!(read(&format!("https://example.org/{}", "x".repeat(1000))), None);
    }
}
