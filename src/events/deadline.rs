//! A deadline as pages show it: when, in which zone, and what is left (TIM-2).

use chrono::{Duration, NaiveDate};
use chrono_tz::Tz;
use serde::Serialize;

use super::rules;
use crate::clock::Instant;

/// What `parts/deadline` shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deadline {
    /// The last second in which it is open, in RFC 3339 with the event's offset.
    pub at: String,
    /// `Fri 17 Apr 2026, 11:59 PM Pacific`.
    pub text: String,
    /// `3 days left`, or when it was: `closed`.
    pub left: String,
    /// Within three days.
    pub soon: bool,
    pub over: bool,
}

impl Deadline {
    /// A deadline that is a date in the event's zone.
    pub fn of_day(day: NaiveDate, zone: Tz, now: Instant) -> Self {
        let ends = rules::end_of_day(day, zone);
        let over = now >= ends;
        Self {
            at: ends.minus(Duration::seconds(1)).rfc3339_in(zone),
            text: rules::deadline_words(day, zone),
            left: if over { "closed".to_owned() } else { rules::left_words(ends, now) },
            soon: !over && ends.since(now) <= Duration::days(3),
            over,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_shown_in_the_events_zone_with_what_is_left() {
        let day = "2026-04-17".parse().unwrap();
        let zone = Tz::America__Los_Angeles;
        let early = Deadline::of_day(day, zone, Instant::parse("2026-03-09T08:30:00-07:00").unwrap());
        assert_eq!(early.at, "2026-04-17T23:59:59-07:00");
        assert_eq!((early.left.as_str(), early.soon, early.over), ("39 days left", false, false));
        let late = Deadline::of_day(day, zone, Instant::parse("2026-04-18T00:00:00-07:00").unwrap());
        assert_eq!((late.left.as_str(), late.soon, late.over), ("closed", false, true));
    }
}
