//! When a webinar opens and for whom, which letter is due, and how long it is until then (WEB-1): pure decisions.

use chrono::Duration;
use chrono_tz::Tz;

use crate::clock::Instant;
use crate::error::Error;
use crate::events::rules::{day_words, instant_words, time_words, zone_words};
use crate::registration::Status;

/// So long before its start a webinar opens.
const OPENS_BEFORE: Duration = Duration::minutes(15);

/// When a webinar that starts then opens.
pub fn opens_at(starts_at: Instant) -> Instant {
    starts_at.minus(OPENS_BEFORE)
}

/// What is known when somebody opens a link.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub now: Instant,
    pub starts_at: Instant,
    pub ends_at: Instant,
    pub is_session_canceled: bool,
    pub registration: Status,
    /// The registration covers the webinar, and where a seat has to be chosen, has one.
    pub is_theirs: bool,
    pub is_link_replaced: bool,
    /// Staff have entered the platform's address.
    pub has_platform: bool,
}

/// Why somebody cannot join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    LinkReplaced,
    RegistrationEnded,
    NotTheirs,
    SessionCanceled,
    Over,
    TooEarly { opens_at: Instant },
    NoPlatform,
}

impl Refusal {
    pub fn code(self) -> &'static str {
        match self {
            Self::LinkReplaced => "webinars.link_replaced",
            Self::RegistrationEnded => "webinars.registration_ended",
            Self::NotTheirs => "webinars.not_yours",
            Self::SessionCanceled => "webinars.canceled",
            Self::Over => "webinars.over",
            Self::TooEarly { .. } => "webinars.too_early",
            Self::NoPlatform => "webinars.no_platform",
        }
    }

    pub fn message(self) -> &'static str {
        match self {
            Self::LinkReplaced => "This link was replaced by a newer one. Use the newest letter, or sign in to your registration.",
            Self::RegistrationEnded => "This link belongs to a registration that is not confirmed, so it opens nothing.",
            Self::NotTheirs => "This link belongs to a registration that does not include this webinar.",
            Self::SessionCanceled => "This webinar was canceled.",
            Self::Over => "This webinar is over.",
            Self::TooEarly { .. } => "This webinar opens 15 minutes before it starts.",
            Self::NoPlatform => "The organizer is still preparing this webinar. Look again in a moment.",
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::refused(refusal.code(), refusal.message())
    }
}

/// Whether somebody may join now: from 15 minutes before the start to the end, by a link that stands, for a
/// confirmed registration that includes the webinar (WEB-1).
pub fn may_join(facts: &Facts) -> Result<(), Refusal> {
    let opens_at = opens_at(facts.starts_at);
    match () {
        () if facts.is_link_replaced => Err(Refusal::LinkReplaced),
        () if facts.registration != Status::Confirmed => Err(Refusal::RegistrationEnded),
        () if !facts.is_theirs => Err(Refusal::NotTheirs),
        () if facts.is_session_canceled => Err(Refusal::SessionCanceled),
        () if facts.now >= facts.ends_at => Err(Refusal::Over),
        () if facts.now < opens_at => Err(Refusal::TooEarly { opens_at }),
        () if !facts.has_platform => Err(Refusal::NoPlatform),
        () => Ok(()),
    }
}

crate::words! {
    /// Which letter brings the link: 7 days, one day or one hour before the start, or because the link was replaced. Moved
    /// brings none: the letter about the session's new time told whoever had the link already.
    Occasion { Week => "week", Day => "day", Hour => "hour", Again => "again", Moved => "moved" }
}

impl Occasion {
    /// As staff read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Week => "7 days before",
            Self::Day => "One day before",
            Self::Hour => "One hour before",
            Self::Again => "With a new link",
            Self::Moved => "About its new time",
        }
    }
}

/// The letters before a start and how long before it each is due, earliest first.
pub const LETTERS: [(Occasion, Duration); 3] =
    [(Occasion::Week, Duration::days(7)), (Occasion::Day, Duration::days(1)), (Occasion::Hour, Duration::hours(1))];

/// A letter about a webinar that somebody had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Had {
    pub occasion: Occasion,
    /// The start that it named.
    pub starts_at: Instant,
    pub at: Instant,
    /// Rises with each letter of a person, so that of two nodes one writes it.
    pub number: i32,
}

/// The latest letter whose time has come at an instant.
fn in_force(at: Instant, starts_at: Instant) -> Option<Occasion> {
    LETTERS.iter().rev().find(|(_, before)| at >= starts_at.minus(*before)).map(|(occasion, _)| *occasion)
}

/// The letter that somebody has to get now, by the letters they had, oldest first: the latest that is due, once for
/// each start. Whoever registers late gets that one alone. Where a webinar is moved, the letter about that stands for the
/// one whose time had come by then; later ones follow for the new start.
pub fn letter_due(now: Instant, starts_at: Instant, had: &[Had]) -> Option<Occasion> {
    if now >= starts_at {
        return None;
    }
    let due = in_force(now, starts_at)?;
    let stands_for_it = |one: &Had| match one.occasion {
        // A link that was replaced is no letter of these.
        Occasion::Again => false,
        Occasion::Moved => in_force(one.at, starts_at) >= Some(due),
        occasion => occasion >= due,
    };
    let had_it = had.iter().rev().take_while(|one| one.starts_at == starts_at).any(stands_for_it);
    (!had_it).then_some(due)
}

/// Of several registrations of one person the one that letters about a webinar are for, each told by whether it has a price
/// and how many sessions it has: a paid one first, then the one with most sessions, then the oldest, which stands first.
pub fn speaks(each: &[(bool, usize)]) -> usize {
    each.iter().enumerate().rev().max_by_key(|(_, one)| **one).map_or(0, |(number, _)| number)
}

/// `in 3 days 4 hours`, `in 14 minutes`, `in less than a minute`: never more than is left.
pub fn left_words(until: Instant, now: Instant) -> String {
    let minutes = until.since(now).num_minutes();
    let count = |number: i64, unit: &str| format!("{number} {unit}{}", if number == 1 { "" } else { "s" });
    let two = |(big, big_unit): (i64, &str), (small, small_unit): (i64, &str)| match small {
        0 => format!("in {}", count(big, big_unit)),
        small => format!("in {} {}", count(big, big_unit), count(small, small_unit)),
    };
    match minutes {
        ..=0 => "in less than a minute".to_owned(),
        1..=59 => format!("in {}", count(minutes, "minute")),
        60..=1439 => two((minutes / 60, "hour"), (minutes % 60, "minute")),
        _ => two((minutes / 1440, "day"), (minutes % 1440 / 60, "hour")),
    }
}

/// `today at 1:00 PM Eastern`, `tomorrow at …`, `on Wed 22 Apr 2026 at …`.
pub fn begins_words(starts_at: Instant, now: Instant, zone: Tz) -> String {
    let (day, today) = (starts_at.date_in(zone), now.date_in(zone));
    let at = format!("{} {}", time_words(starts_at, zone), zone_words(zone));
    match (day - today).num_days() {
        0 => format!("today at {at}"),
        1 => format!("tomorrow at {at}"),
        _ => format!("on {} at {at}", day_words(day)),
    }
}

/// After so many seconds a waiting page comes again by itself: at the opening, and rarely while that is far.
pub fn look_again_after(opens_at: Instant, now: Instant) -> i64 {
    let left = opens_at.since(now).num_seconds();
    match left {
        ..=1 => 2,
        2..=120 => left + 1,
        121..=3600 => 60,
        _ => 600,
    }
}

/// The zones of most who take part, in which a start is told beside the event's own.
const COMMON: [Tz; 4] = [Tz::America__New_York, Tz::America__Chicago, Tz::America__Denver, Tz::America__Los_Angeles];

/// A start in the zones of most people, the event's own left out: `12:00 PM Central`, the day named where it is another.
pub fn elsewhere(starts_at: Instant, zone: Tz) -> Vec<String> {
    let others = COMMON.into_iter().filter(|other| *other != zone);
    others.map(|other| in_zone(starts_at, zone, other)).collect()
}

/// A start in another zone than the event's, the day named where it is another.
pub fn in_zone(starts_at: Instant, zone: Tz, other: Tz) -> String {
    if starts_at.date_in(zone) == starts_at.date_in(other) {
        format!("{} {}", time_words(starts_at, other), zone_words(other))
    } else {
        instant_words(starts_at, other)
    }
}

/// A platform's address as staff type it: https, with a host, and nothing that signs in.
pub fn platform_address(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.chars().count() > 2000 {
        return Err("This address is too long.");
    }
    let address =
        url::Url::parse(text).map_err(|_| "This is no address. Copy it from the platform, such as https://zoom.example/j/81200000000.")?;
    let is_plain = address.username().is_empty() && address.password().is_none();
    if address.scheme() != "https" || !address.has_host() || !is_plain {
        return Err("Enter an address that begins with https://, without a name or password before the host.");
    }
    Ok(address.into())
}

#[cfg(test)]
mod tests;
