//! The times of a schedule, in every way schedules write them.

use chrono::{DateTime, Days, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;

/// The zones in which local times are understood.
#[derive(Debug, Clone, Copy)]
pub(super) struct Zones {
    /// The zone that the file names.
    pub(super) stated: Option<Tz>,
    /// The zone used when it names none.
    pub(super) fallback: Tz,
}

/// Something odd about a time that was read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// The offset is not the one of the file's zone at that time.
    OtherOffset,
    /// The start is not the time of the date.
    StartDisagrees,
    /// The local time comes twice because the clocks go back.
    TwiceThatNight,
    /// The start is before the hour at which the conference's day begins.
    NextDay,
}

/// When a session of a schedule.json or schedule.xml starts and ends, as written.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// A date with the time, or the date alone.
    pub(super) date: String,
    /// Local time of day.
    pub(super) start: String,
    /// Hours and minutes.
    pub(super) duration: String,
    /// A date with the time; goes before the duration.
    pub(super) end: String,
    /// The date of the day it stands under.
    pub(super) day: String,
    /// Time of day at which the conference's days begin.
    pub(super) day_change: String,
}

/// Start and end in UTC.
pub(super) type Span = (NaiveDateTime, NaiveDateTime);

impl Written {
    /// Start and end in UTC, or why there are none.
    pub(super) fn span(&self, zones: Zones, doubts: &mut Vec<Doubt>) -> Result<Span, String> {
        let starts_at = self.starts_at(zones, doubts)?;
        let ends_at = if self.end.is_empty() {
            starts_at.checked_add_signed(duration(&self.duration)?).ok_or("Its end is out of range.")?
        } else {
            instant(&self.end, zones, doubts)?
        };
        Ok((starts_at, ends_at))
    }

    fn starts_at(&self, zones: Zones, doubts: &mut Vec<Doubt>) -> Result<NaiveDateTime, String> {
        if self.date.contains([':', 'T']) {
            let starts_at = instant(&self.date, zones, doubts)?;
            let written = self.date.get(11..16).and_then(|text| time(text).ok());
            if written.is_some() && time(&self.start).is_ok_and(|start| Some(start) != written) {
                doubts.push(Doubt::StartDisagrees);
            }
            return Ok(starts_at);
        }
        let date = if self.date.is_empty() { &self.day } else { &self.date };
        if date.is_empty() || self.start.is_empty() {
            return Err("It has no date and time.".to_owned());
        }
        let mut day = NaiveDate::parse_from_str(date, "%Y-%m-%d").map_err(|_| format!("“{date}” is not a date."))?;
        let start = time(&self.start)?;
        if time(&self.day_change).is_ok_and(|change| start < change) {
            doubts.push(Doubt::NextDay);
            day = day.checked_add_days(Days::new(1)).ok_or("Its date is out of range.")?;
        }
        from_local(day.and_time(start), zones, doubts)
    }
}

/// Reads a date with a time; without an offset it is local.
pub(super) fn instant(text: &str, zones: Zones, doubts: &mut Vec<Doubt>) -> Result<NaiveDateTime, String> {
    if text.is_empty() {
        return Err("It has no date and time.".to_owned());
    }
    let spelled = text.replacen(' ', "T", 1);
    for format in ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"] {
        if let Ok(moment) = DateTime::parse_from_str(&spelled.replace(['Z', 'z'], "+00:00"), format) {
            let utc = whole_seconds(moment.naive_utc());
            let other = |zone: Tz| zone.offset_from_utc_datetime(&utc).fix() != *moment.offset();
            if zones.stated.is_some_and(other) {
                doubts.push(Doubt::OtherOffset);
            }
            return Ok(utc);
        }
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"] {
        if let Ok(local) = NaiveDateTime::parse_from_str(&spelled, format) {
            return from_local(whole_seconds(local), zones, doubts);
        }
    }
    Err(format!("“{text}” is not a date with a time."))
}

fn whole_seconds(moment: NaiveDateTime) -> NaiveDateTime {
    moment.with_nanosecond(0).unwrap_or(moment)
}

fn from_local(local: NaiveDateTime, zones: Zones, doubts: &mut Vec<Doubt>) -> Result<NaiveDateTime, String> {
    let zone = zones.stated.unwrap_or(zones.fallback);
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(moment) => Ok(moment.naive_utc()),
        MappedLocalTime::Ambiguous(first, _) => {
            doubts.push(Doubt::TwiceThatNight);
            Ok(first.naive_utc())
        }
        MappedLocalTime::None => Err(format!("{} does not exist in {zone}: the clocks go forward then.", local.format("%Y-%m-%d %H:%M"))),
    }
}

fn time(text: &str) -> Result<NaiveTime, String> {
    NaiveTime::parse_from_str(text, "%H:%M:%S")
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"))
        .map_err(|_| format!("“{text}” is not a time of day."))
}

/// Reads hours and minutes (1:30, 01:30:00) or a number of minutes (90); not more than a month.
fn duration(text: &str) -> Result<TimeDelta, String> {
    if text.is_empty() {
        return Err("It has neither a duration nor an end.".to_owned());
    }
    let number = |part: &str| part.parse::<u16>().ok().filter(|_| !part.starts_with('+')).map(i64::from);
    let parts: Option<Vec<i64>> = text.split(':').map(number).collect();
    let seconds = match parts.as_deref() {
        Some([minutes]) => minutes * 60,
        Some([hours, minutes]) => hours * 3600 + minutes * 60,
        Some([hours, minutes, seconds]) => hours * 3600 + minutes * 60 + seconds,
        _ => return Err(format!("“{text}” is not a duration.")),
    };
    let duration = TimeDelta::seconds(seconds);
    if duration > TimeDelta::days(31) {
        return Err(format!("“{text}” is longer than a month."));
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{Australia, Europe};

    const BRUSSELS: Zones = Zones { stated: Some(Europe::Brussels), fallback: chrono_tz::UTC };

    fn read(date: &str, start: &str, duration: &str) -> (Result<String, String>, Vec<Doubt>) {
        let written = Written {
            date: date.to_owned(),
            start: start.to_owned(),
            duration: duration.to_owned(),
            day: "2026-03-28".to_owned(),
            day_change: "04:00".to_owned(),
            ..Written::default()
        };
        let mut doubts = Vec::new();
        let span = written.span(BRUSSELS, &mut doubts);
        (span.map(|(from, to)| format!("{} {}", from.format("%m-%d %H:%M"), to.format("%m-%d %H:%M"))), doubts)
    }

    #[test]
    fn times_are_read_in_every_spelling() {
        for (date, start, duration, span, doubts) in [
            ("2026-01-31T09:30:00+01:00", "09:30", "00:20", "01-31 08:30 01-31 08:50", vec![]),
            ("2026-01-31T09:30:00.250+01:00", "", "1:00:00", "01-31 08:30 01-31 09:30", vec![]),
            ("2026-01-31T08:30:00Z", "", "90", "01-31 08:30 01-31 10:00", vec![Doubt::OtherOffset]),
            ("2026-01-31 09:30+0100", "", "00:20", "01-31 08:30 01-31 08:50", vec![]),
            ("2026-01-31T09:30", "09:45", "00:20", "01-31 08:30 01-31 08:50", vec![Doubt::StartDisagrees]),
            ("2026-01-31", "9:30", "00:20", "01-31 08:30 01-31 08:50", vec![]),
            ("", "23:30", "01:00", "03-28 22:30 03-28 23:30", vec![]),
            ("2026-10-24", "02:30", "00:20", "10-25 00:30 10-25 00:50", vec![Doubt::NextDay, Doubt::TwiceThatNight]),
            ("2026-03-29T01:30:00", "01:30", "01:00", "03-29 00:30 03-29 01:30", vec![]),
        ] {
            assert_eq!(read(date, start, duration), (Ok(span.to_owned()), doubts), "{date} {start}");
        }
    }

    #[test]
    fn a_time_that_cannot_be_read_is_refused_with_the_reason() {
        for (date, start, duration, reason) in [
            ("2026-03-29T02:30:00", "", "1", "2026-03-29 02:30 does not exist in Europe/Brussels: the clocks go forward then."),
            ("", "02:30", "1", "2026-03-29 02:30 does not exist in Europe/Brussels: the clocks go forward then."),
            ("2026-02-30T02:30:00Z", "", "1", "“2026-02-30T02:30:00Z” is not a date with a time."),
            ("Sunday", "09:00", "1", "“Sunday” is not a date."),
            ("2026-01-31", "", "1", "It has no date and time."),
            ("2026-01-31", "noon", "1", "“noon” is not a time of day."),
            ("2026-01-31", "12:00", "", "It has neither a duration nor an end."),
            ("2026-01-31", "12:00", "-0:30", "“-0:30” is not a duration."),
            ("2026-01-31", "12:00", "short", "“short” is not a duration."),
            ("2026-01-31", "12:00", "99999:00", "“99999:00” is not a duration."),
            ("2026-01-31", "12:00", "800:00", "“800:00” is longer than a month."),
        ] {
            assert_eq!(read(date, start, duration).0, Err(reason.to_owned()), "{date} {start} {duration}");
        }
    }

    #[test]
    fn a_half_hour_zone_is_right_and_the_fallback_serves_where_no_zone_is_stated() {
        let zones = Zones { stated: None, fallback: Australia::Adelaide };
        let read = instant("2023-08-18T09:00:00", zones, &mut Vec::new());
        assert_eq!(read.map(|at| at.to_string()), Ok("2023-08-17 23:30:00".to_owned()));
    }
}
