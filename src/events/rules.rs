//! Days, deadlines and how they are written (TIM-1, TIM-2).

use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Tz;

use crate::clock::Instant;

/// The first instant after a day in a zone: a deadline that is a date closes here (TIM-2).
pub fn end_of_day(day: NaiveDate, zone: Tz) -> Instant {
    Instant::start_of_day(day.checked_add_days(Days::new(1)).unwrap_or(day), zone)
}

/// Whether a deadline that is a date has passed.
pub fn has_ended(day: NaiveDate, zone: Tz, now: Instant) -> bool {
    now >= end_of_day(day, zone)
}

/// `Fri 17 Apr 2026, 11:59 PM Pacific`: how a deadline that is a date is written.
pub fn deadline_words(day: NaiveDate, zone: Tz) -> String {
    format!("{}, 11:59 PM {}", day.format("%a %-d %b %Y"), zone_words(zone))
}

/// `Mon 9 Mar 2026`.
pub fn day_words(day: NaiveDate) -> String {
    day.format("%a %-d %b %Y").to_string()
}

/// `9:00 AM` in the zone.
pub fn time_words(at: Instant, zone: Tz) -> String {
    at.in_zone(zone).format("%-I:%M %p").to_string()
}

/// `Mon 9 Mar 2026, 9:00 AM Pacific`.
pub fn instant_words(at: Instant, zone: Tz) -> String {
    format!("{}, {} {}", day_words(at.date_in(zone)), time_words(at, zone), zone_words(zone))
}

/// `Mon 9 Mar 2026, 9:00–10:00 AM`, the second day named where it differs.
pub fn span_words(from: Instant, to: Instant, zone: Tz) -> String {
    format!("{}, {}", day_words(from.date_in(zone)), hours_words(from, to, zone))
}

/// `9:00–10:00 AM`, the second day named where it differs.
pub fn hours_words(from: Instant, to: Instant, zone: Tz) -> String {
    let (start, end) = (from.in_zone(zone), to.in_zone(zone));
    let same_day = start.date_naive() == end.date_naive();
    let first = if same_day && start.format("%p").to_string() == end.format("%p").to_string() {
        start.format("%-I:%M").to_string()
    } else {
        start.format("%-I:%M %p").to_string()
    };
    let last =
        if same_day { end.format("%-I:%M %p").to_string() } else { format!("{} {}", day_words(end.date_naive()), end.format("%-I:%M %p")) };
    format!("{first}–{last}")
}

/// `Sun 8 – Tue 10 Mar 2026`: the days of an event, month and year named once where they can.
pub fn dates_words(first: NaiveDate, last: NaiveDate) -> String {
    if first == last {
        return day_words(first);
    }
    let start = if first.year() != last.year() {
        "%a %-d %b %Y"
    } else if first.month() != last.month() {
        "%a %-d %b"
    } else {
        "%a %-d"
    };
    format!("{} – {}", first.format(start), day_words(last))
}

/// What is left until an instant, in whole units: `3 days left`, `5 hours left`, `1 minute left`, `over`.
pub fn left_words(until: Instant, now: Instant) -> String {
    let minutes = until.since(now).num_minutes();
    if until <= now {
        return "over".to_owned();
    }
    let (count, unit) = match minutes {
        0 => return "less than a minute left".to_owned(),
        1..=119 => (minutes, "minute"),
        120..=2879 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    format!("{count} {unit}{} left", if count == 1 { "" } else { "s" })
}

/// What people call a zone: `Pacific`, `Eastern`; elsewhere the city of its IANA name.
pub fn zone_words(zone: Tz) -> String {
    match zone {
        Tz::America__Los_Angeles => "Pacific".to_owned(),
        Tz::America__Denver | Tz::America__Phoenix => "Mountain".to_owned(),
        Tz::America__Chicago => "Central".to_owned(),
        Tz::America__New_York => "Eastern".to_owned(),
        Tz::UTC => "UTC".to_owned(),
        other => format!("{} time", other.name().rsplit('/').next().unwrap_or("local").replace('_', " ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_deadline_that_is_a_date_ends_with_that_date_in_the_events_zone() {
        let zone = Tz::America__Los_Angeles;
        let day = date("2026-04-17");
        assert!(!has_ended(day, zone, Instant::parse("2026-04-17T23:59:59.999999-07:00").unwrap()));
        assert!(has_ended(day, zone, Instant::parse("2026-04-18T00:00:00-07:00").unwrap()));
        assert_eq!(deadline_words(day, zone), "Fri 17 Apr 2026, 11:59 PM Pacific");
    }

    #[test]
    fn a_series_at_one_pm_eastern_is_at_different_hours_in_utc() {
        for (day, utc) in [("2026-04-14", 17), ("2026-11-10", 18)] {
            let at = Instant::from_local(date(day).and_hms_opt(13, 0, 0).unwrap(), Tz::America__New_York).unwrap();
            assert_eq!(at.utc().format("%H").to_string(), utc.to_string());
        }
    }

    #[test]
    fn a_time_that_daylight_saving_skips_does_not_exist() {
        let skipped = date("2026-03-08").and_hms_opt(2, 30, 0).unwrap();
        assert_eq!(Instant::from_local(skipped, Tz::America__Los_Angeles), None);
        let workshop = date("2026-03-08").and_hms_opt(8, 0, 0).unwrap();
        assert_eq!(Instant::from_local(workshop, Tz::America__Los_Angeles), Instant::parse("2026-03-08T15:00:00Z"));
    }

    #[test]
    fn spans_name_the_half_of_the_day_once_where_they_can() {
        let zone = Tz::America__Los_Angeles;
        let at = |text| Instant::parse(text).unwrap();
        assert_eq!(span_words(at("2026-03-09T09:00:00-07:00"), at("2026-03-09T10:00:00-07:00"), zone), "Mon 9 Mar 2026, 9:00–10:00 AM");
        assert_eq!(span_words(at("2026-03-09T11:30:00-07:00"), at("2026-03-09T13:00:00-07:00"), zone), "Mon 9 Mar 2026, 11:30 AM–1:00 PM");
    }

    #[test]
    fn the_days_of_an_event_name_month_and_year_once_where_they_can() {
        assert_eq!(dates_words(date("2026-03-08"), date("2026-03-10")), "Sun 8 – Tue 10 Mar 2026");
        assert_eq!(dates_words(date("2026-04-22"), date("2026-11-18")), "Wed 22 Apr – Wed 18 Nov 2026");
        assert_eq!(dates_words(date("2026-12-31"), date("2027-01-01")), "Thu 31 Dec 2026 – Fri 1 Jan 2027");
        assert_eq!(dates_words(date("2026-03-08"), date("2026-03-08")), "Sun 8 Mar 2026");
    }

    #[test]
    fn what_is_left_is_told_in_whole_units_and_never_too_much() {
        let until = Instant::parse("2026-04-18T00:00:00-07:00").unwrap();
        let left = |before: &str| left_words(until, Instant::parse(before).unwrap());
        assert_eq!(left("2026-04-14T23:59:59-07:00"), "3 days left");
        assert_eq!(left("2026-04-16T00:00:01-07:00"), "47 hours left");
        assert_eq!(left("2026-04-17T23:59:00-07:00"), "1 minute left");
        assert_eq!(left("2026-04-17T23:59:50-07:00"), "less than a minute left");
        assert_eq!(left("2026-04-18T00:00:00-07:00"), "over");
    }
}
