//! Times as reports write them: with a 12- or 24-hour clock, day or month first, hardly ever with a zone.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

use crate::clock::Instant;

/// Which of two numbers is the month in `05/04/2026`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    MonthFirst,
    DayFirst,
}

/// A time that was read; of a date that can be read both ways, both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// The report named the offset or UTC.
    Exact(Instant),
    Local {
        month_first: Option<NaiveDateTime>,
        day_first: Option<NaiveDateTime>,
    },
}

impl Stamp {
    /// The instant, with local times in this zone; none where this order gives no date, or the clocks skip it.
    pub fn at(self, order: Order, zone: Tz) -> Option<Instant> {
        match self {
            Self::Exact(at) => Some(at),
            Self::Local { month_first, day_first } => {
                let local = if order == Order::MonthFirst { month_first.or(day_first) } else { day_first.or(month_first) };
                Instant::from_local(local?, zone)
            }
        }
    }
}

/// Reads a time; none where it is none.
pub fn stamp(text: &str) -> Option<Stamp> {
    let text = text.trim().trim_matches('"').trim();
    if let Some(at) = Instant::parse(text) {
        return Some(Stamp::Exact(at));
    }
    let mut words = text.split([' ', ',', '\u{a0}', '\u{202f}']).filter(|word| !word.is_empty());
    let first = words.next()?;
    let (date, time) = match first.split_once('T').filter(|(date, _)| date.ends_with(|c: char| c.is_ascii_digit())) {
        Some((date, time)) => (read_date(date, &mut words)?, time),
        None => (read_date(first, &mut words)?, words.next()?),
    };
    let (time, rest) = read_time(time, words.next())?;
    let on = |day: Option<NaiveDate>| day.map(|day| day.and_time(time));
    match rest.or_else(|| words.next()) {
        None => Some(Stamp::Local { month_first: on(date.0), day_first: on(date.1) }),
        Some("UTC" | "GMT" | "Z") => Some(Stamp::Exact(Instant::from_utc(on(date.0.or(date.1))?))),
        Some(_) => None,
    }
}

type Days = (Option<NaiveDate>, Option<NaiveDate>);

/// A date in one word (`08/09/2026`, `2026-09-08`) or in three (`Sep 8 2026`, `8 Sep 2026`): month first, day first.
fn read_date<'a>(first: &str, words: &mut impl Iterator<Item = &'a str>) -> Option<Days> {
    if let Some(month) = month_of(first) {
        let day: u32 = words.next()?.parse().ok()?;
        let day = NaiveDate::from_ymd_opt(year_of(words.next()?)?, month, day)?;
        return Some((Some(day), None));
    }
    if let Ok(day) = first.parse::<u32>() {
        let month = month_of(words.next()?)?;
        return Some((Some(NaiveDate::from_ymd_opt(year_of(words.next()?)?, month, day)?), None));
    }
    let mut parts = first.split(['/', '-', '.']);
    let (one, two, three) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    if one.len() == 4 {
        let day = NaiveDate::from_ymd_opt(year_of(one)?, two.parse().ok()?, three.parse().ok()?)?;
        return Some((Some(day), None));
    }
    let (one, two, year): (u32, u32, i32) = (one.parse().ok()?, two.parse().ok()?, year_of(three)?);
    let (month_first, day_first) = (NaiveDate::from_ymd_opt(year, one, two), NaiveDate::from_ymd_opt(year, two, one));
    (month_first.is_some() || day_first.is_some()).then_some((month_first, day_first))
}

fn year_of(text: &str) -> Option<i32> {
    let year: i32 = text.parse().ok()?;
    match text.len() {
        2 => Some(2000 + year),
        4 => Some(year),
        _ => None,
    }
}

fn month_of(text: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start: String = text.trim_end_matches('.').chars().take(3).flat_map(char::to_lowercase).collect();
    if !text.trim_end_matches('.').chars().all(char::is_alphabetic) {
        return None;
    }
    (1u32..).zip(MONTHS).find(|(_, name)| *name == start).map(|(number, _)| number)
}

/// A time of day, and the next word where it is no half of the day.
fn read_time<'a>(text: &str, next: Option<&'a str>) -> Option<(NaiveTime, Option<&'a str>)> {
    let letters = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (digits, attached) = text.split_at(letters);
    let half = |word: &str| match word.to_ascii_lowercase().trim_matches('.').replace('.', "").as_str() {
        "am" => Some(false),
        "pm" => Some(true),
        _ => None,
    };
    let (is_afternoon, rest) = match (attached, next) {
        ("", Some(word)) => match half(word) {
            Some(afternoon) => (Some(afternoon), None),
            None => (None, Some(word)),
        },
        ("", None) => (None, None),
        (word, next) => (Some(half(word)?), next),
    };
    let mut parts = digits.split(':');
    let (hour, minute): (u32, u32) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let second: u32 = match parts.next() {
        Some(text) => text.split('.').next()?.parse().ok()?,
        None => 0,
    };
    let hour = match is_afternoon {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
        None => hour,
    };
    Some((NaiveTime::from_hms_opt(hour, minute, second)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Option<String> {
        stamp(text)?.at(Order::MonthFirst, Tz::UTC).map(|at| at.utc().format("%Y-%m-%d %H:%M:%S").to_string())
    }

    #[test]
    fn times_are_read_however_a_report_writes_them() {
        for (text, read) in [
            ("Mar 22, 2025 19:13:27", "2025-03-22 19:13:27"),
            ("Apr 09, 2020 8:50 PM", "2020-04-09 20:50:00"),
            ("08/09/2026 02:31:08 PM", "2026-08-09 14:31:08"),
            ("09/24/2020 11:35:16 AM", "2020-09-24 11:35:16"),
            ("08/09/2026 12:05:00 AM", "2026-08-09 00:05:00"),
            ("08/09/2026 12:05 PM", "2026-08-09 12:05:00"),
            ("2026-09-15 09:00", "2026-09-15 09:00:00"),
            ("2026-09-15T09:00:30.250", "2026-09-15 09:00:30"),
            ("15/08/2022 01:27", "2022-08-15 01:27:00"),
            ("11/29/24 22:28", "2024-11-29 22:28:00"),
            ("22 Mar 2025 7:13pm", "2025-03-22 19:13:00"),
            ("\"Mar 22, 2025 19:13:27\"", "2025-03-22 19:13:27"),
            ("2026-04-22T13:00:00-04:00", "2026-04-22 17:00:00"),
            ("2026-04-22 17:00:00 UTC", "2026-04-22 17:00:00"),
            ("9/26/2026,\u{202f}7:05 PM", "2026-09-26 19:05:00"),
        ] {
            assert_eq!(utc(text).as_deref(), Some(read), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_not_taken_for_one() {
        for text in [
            "",
            "--",
            "219",
            "Yes",
            "13:00",
            "2026-13-40 10:00",
            "08/09/2026",
            "08/09/2026 25:00",
            "08/09/2026 13:00 PM",
            "Mar 22 2025 7:00 EDT",
        ] {
            assert_eq!(stamp(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_that_can_be_read_both_ways_is_read_as_it_is_asked() {
        let both = stamp("05/04/2026 13:00").unwrap();
        assert_eq!(both.at(Order::MonthFirst, Tz::UTC), Instant::parse("2026-05-04T13:00:00Z"));
        assert_eq!(both.at(Order::DayFirst, Tz::UTC), Instant::parse("2026-04-05T13:00:00Z"));
        assert_eq!(both.at(Order::DayFirst, Tz::America__New_York), Instant::parse("2026-04-05T13:00:00-04:00"));
        let only = stamp("22/04/2026 13:00").unwrap();
        assert_eq!(only.at(Order::MonthFirst, Tz::UTC), only.at(Order::DayFirst, Tz::UTC));
    }
}
