//! What a paired phone may be, and how its state is told.

use chrono::Duration;
use chrono_tz::Tz;

use crate::clock::Instant;
use crate::events::rules::end_of_day;

/// How long a pairing code and its link may be used.
pub const CODE_LASTS: Duration = Duration::minutes(10);
/// A congress with its days of setting up; no phone is paired for longer.
pub const MOST_HOURS: i64 = 14 * 24;
pub const HOURS_SENTENCE: &str = "Give whole hours from 1 to 336, or leave it empty for the end of today.";
/// A device reports every half minute; after three that did not come it is silent.
pub const SILENT_AFTER: Duration = Duration::seconds(95);

/// Where a device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Offered; a phone may use the code.
    Waiting,
    /// Offered, and the code is too old by now.
    CodeOver,
    Works,
    Ended,
    Revoked,
}

impl State {
    /// The kind of its chip and its words.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Waiting => ("wait", "Waits for the phone"),
            Self::CodeOver => ("note", "Code too old"),
            Self::Works => ("yes", "Works"),
            Self::Ended => ("note", "Ended"),
            Self::Revoked => ("no", "Revoked"),
        }
    }
}

/// The state of a device, from what is stored of it.
pub fn state(is_paired: bool, is_revoked: bool, expires_at: Instant, code_until: Option<Instant>, now: Instant) -> State {
    match (is_revoked, now >= expires_at, is_paired) {
        (true, ..) => State::Revoked,
        (_, true, _) => State::Ended,
        (.., true) => State::Works,
        _ if code_until.is_some_and(|until| now < until) => State::Waiting,
        _ => State::CodeOver,
    }
}

/// When a device that is paired now stops: after so many hours, or with today in the event's zone.
/// `None` where the hours make no sense.
pub fn ends_at(hours: Option<i64>, now: Instant, zone: Tz) -> Option<Instant> {
    match hours {
        None => Some(end_of_day(now.date_in(zone), zone)),
        Some(hours @ 1..=MOST_HOURS) => Some(now.plus(Duration::hours(hours))),
        Some(_) => None,
    }
}

/// A typed code as it was made: case, spaces and dashes do not count.
pub fn typed_code(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
}

/// A code as it is read out: `7K3M-9PQW`.
pub fn shown_code(code: &str) -> String {
    match code.split_at_checked(4) {
        Some((first, rest)) if !rest.is_empty() => format!("{first}-{rest}"),
        _ => code.to_owned(),
    }
}

/// Whether a device that ought to report has not for some time.
pub fn is_silent(seen_at: Instant, now: Instant) -> bool {
    now.since(seen_at) > SILENT_AFTER
}

/// `just now`, `4 minutes ago`: when something was last heard of.
pub fn ago_words(at: Instant, now: Instant) -> String {
    let seconds = now.since(at).num_seconds();
    let (count, unit) = match seconds {
        ..60 => return "just now".to_owned(),
        60..7200 => (seconds / 60, "minute"),
        7200..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn a_device_works_until_the_end_of_today_in_the_events_zone_unless_hours_are_given() {
        let (zone, now) = (Tz::America__Los_Angeles, at("2026-03-09T07:40:00-07:00"));
        assert_eq!(ends_at(None, now, zone), Some(at("2026-03-10T00:00:00-07:00")));
        assert_eq!(ends_at(Some(5), now, zone), Some(at("2026-03-09T12:40:00-07:00")));
        for wrong in [0, -1, MOST_HOURS + 1, i64::MAX] {
            assert_eq!(ends_at(Some(wrong), now, zone), None, "{wrong}");
        }
    }

    #[test]
    fn revoked_comes_before_ended_before_working() {
        let (now, past, future) = (at("2026-03-09T07:00:00Z"), at("2026-03-09T07:00:00Z"), at("2026-03-09T07:00:01Z"));
        let cases = [
            ((true, true, future, None), State::Revoked),
            ((true, true, past, None), State::Revoked),
            ((true, false, past, None), State::Ended),
            ((false, false, past, Some(future)), State::Ended),
            ((true, false, future, Some(future)), State::Works),
            ((false, false, future, Some(future)), State::Waiting),
            ((false, false, future, Some(past)), State::CodeOver),
            ((false, false, future, None), State::CodeOver),
        ];
        for ((is_paired, is_revoked, expires_at, code_until), expected) in cases {
            assert_eq!(state(is_paired, is_revoked, expires_at, code_until, now), expected);
        }
    }

    #[test]
    fn a_code_is_typed_as_one_likes() {
        for typed in ["7k3m9pqw", " 7K3M-9PQW ", "7k3m 9pqw", "7K3M–9PQW"] {
            assert_eq!(typed_code(typed), "7K3M9PQW", "{typed}");
        }
        assert_eq!(shown_code("7K3M9PQW"), "7K3M-9PQW");
        assert_eq!(shown_code("7K"), "7K");
    }

    #[test]
    fn what_is_long_ago_is_told_in_whole_units() {
        let now = at("2026-03-09T07:00:00Z");
        for (seconds, words) in [
            (-3, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (7199, "119 minutes ago"),
            (7200, "2 hours ago"),
            (172_800, "2 days ago"),
        ] {
            assert_eq!(ago_words(now.minus(Duration::seconds(seconds)), now), words);
        }
        assert!(!is_silent(now.minus(Duration::seconds(95)), now) && is_silent(now.minus(Duration::seconds(96)), now));
    }
}
