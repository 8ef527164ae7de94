//! The one place that reads the time: an injected clock, and the instants it gives.

use std::fmt;
use std::sync::Mutex;
use std::time;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, TimeZone, Utc};
use chrono_tz::Tz;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Timestamp;
use diesel::sqlite::Sqlite;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in UTC, in whole microseconds so that both databases keep it unchanged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Timestamp)]
pub struct Instant(NaiveDateTime);

impl Instant {
    /// [`Instant::utc`] without a copy: what is bound to a statement must outlive it.
    pub fn as_utc(&self) -> &NaiveDateTime {
        &self.0
    }

    /// The instant of a UTC date and time; anything finer than a microsecond is dropped.
    pub fn from_utc(at: NaiveDateTime) -> Self {
        Self(at.trunc_subsecs(6))
    }

    /// Reads RFC 3339 with any offset, such as `2026-04-17T23:59:50-07:00`.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| Self::from_utc(at.naive_utc()))
    }

    /// The instant of a wall-clock time in a zone; `None` where a daylight-saving change skips it.
    /// Of a time that happens twice, the first is meant.
    pub fn from_local(local: NaiveDateTime, zone: Tz) -> Option<Self> {
        zone.from_local_datetime(&local).earliest().map(|at| Self::from_utc(at.naive_utc()))
    }

    /// The first instant of a day in a zone (which is not midnight where a change skips midnight).
    pub fn start_of_day(day: NaiveDate, zone: Tz) -> Self {
        let midnight = day.and_time(NaiveTime::MIN);
        (0..=4)
            .find_map(|half_hours| Self::from_local(midnight + Duration::minutes(30 * half_hours), zone))
            .unwrap_or(Self::from_utc(midnight))
    }

    pub fn utc(self) -> NaiveDateTime {
        self.0
    }

    pub fn in_zone(self, zone: Tz) -> DateTime<Tz> {
        zone.from_utc_datetime(&self.0)
    }

    /// The calendar date of this instant in a zone.
    pub fn date_in(self, zone: Tz) -> NaiveDate {
        self.in_zone(zone).date_naive()
    }

    /// RFC 3339 with the zone's offset, as the API writes instants.
    pub fn rfc3339_in(self, zone: Tz) -> String {
        self.in_zone(zone).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false)
    }

    pub fn plus(self, duration: Duration) -> Self {
        Self::from_utc(self.0 + duration)
    }

    pub fn minus(self, duration: Duration) -> Self {
        Self::from_utc(self.0 - duration)
    }

    /// The time from `earlier` to this instant; negative when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        self.0 - earlier.0
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", self.0)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.and_utc().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected an instant such as 2026-03-09T09:00:00-07:00"))
    }
}

impl ToSql<Timestamp, Pg> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Timestamp, Pg>::to_sql(&self.0, out)
    }
}

/// The text is diesel's own, written without reading a format first: a scan holds four of them.
impl ToSql<Timestamp, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

impl<DB: Backend> FromSql<Timestamp, DB> for Instant
where
    NaiveDateTime: FromSql<Timestamp, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        NaiveDateTime::from_sql(bytes).map(Self)
    }
}

/// Where "now" comes from.
pub struct Clock(Source);

enum Source {
    System,
    /// Runs at the system's pace, from another starting point (the demo).
    Shifted {
        start: Instant,
        since: time::Instant,
    },
    /// Stands still until it is set (tests).
    ByHand(Mutex<Instant>),
}

impl Clock {
    pub fn system() -> Self {
        Self(Source::System)
    }

    pub fn starting_at(start: Instant) -> Self {
        Self(Source::Shifted { start, since: time::Instant::now() })
    }

    pub fn by_hand(start: Instant) -> Self {
        Self(Source::ByHand(Mutex::new(start)))
    }

    pub fn now(&self) -> Instant {
        match &self.0 {
            Source::System => Instant::from_utc(Utc::now().naive_utc()),
            Source::Shifted { start, since } => start.plus(Duration::from_std(since.elapsed()).unwrap_or(Duration::zero())),
            Source::ByHand(at) => *lock(at),
        }
    }

    /// Moves a clock that is set by hand; every other clock goes its own way.
    pub fn set(&self, to: Instant) {
        if let Source::ByHand(at) = &self.0 {
            *lock(at) = to;
        }
    }
}

/// Measures how long something takes; not a source of "now".
pub struct Stopwatch(time::Instant);

impl Stopwatch {
    pub fn start() -> Self {
        Self(time::Instant::now())
    }

    pub fn elapsed(&self) -> time::Duration {
        self.0.elapsed()
    }
}

fn lock(at: &Mutex<Instant>) -> std::sync::MutexGuard<'_, Instant> {
    at.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
