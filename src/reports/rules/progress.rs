//! How far somebody is toward a renewal that asks for hours within years: CPPS and CPHQ (CEU-7).

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::credits::rules::Code;

/// A certification that is renewed by hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    pub code: Code,
    pub name: &'static str,
    pub hundredths: i64,
    pub years: u32,
}

/// 45 hours in three years, and 30 in two.
pub const GOALS: [Goal; 2] = [
    Goal { code: Code::Cpps, name: "CPPS", hundredths: 4_500, years: 3 },
    Goal { code: Code::Cphq, name: "CPHQ", hundredths: 3_000, years: 2 },
];

/// The days that count, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cycle {
    pub from: NaiveDate,
    pub until: NaiveDate,
}

impl Goal {
    /// The cycle that begins on this day; without one, what a cycle that ends with this year or month covers: CPHQ
    /// goes by calendar years, CPPS by months.
    pub fn cycle(&self, begins: Option<NaiveDate>, today: NaiveDate) -> Cycle {
        let months = Months::new(12 * self.years);
        if let Some(from) = begins {
            let after = from.checked_add_months(months).unwrap_or(NaiveDate::MAX);
            return Cycle { from, until: after.checked_sub_days(Days::new(1)).unwrap_or(after) };
        }
        let first_after = if self.code == Code::Cphq {
            NaiveDate::from_ymd_opt(today.year() + 1, 1, 1)
        } else {
            today.with_day(1).and_then(|first| first.checked_add_months(Months::new(1)))
        };
        let after = first_after.unwrap_or(today);
        let from = after.checked_sub_months(months).unwrap_or(after);
        Cycle { from, until: after.checked_sub_days(Days::new(1)).unwrap_or(after) }
    }
}

/// How far somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub goal: Goal,
    pub cycle: Cycle,
    pub hundredths: i64,
}

impl Progress {
    /// Sums the hours of the goal's own type that were completed within the cycle.
    pub fn of<'a>(goal: Goal, cycle: Cycle, credit: impl IntoIterator<Item = (Code, NaiveDate, &'a i64)>) -> Self {
        let counts = |(code, on, _): &(Code, NaiveDate, &i64)| *code == goal.code && (cycle.from..=cycle.until).contains(on);
        Self { goal, cycle, hundredths: credit.into_iter().filter(counts).map(|(.., hundredths)| *hundredths).sum() }
    }

    /// How much is still missing.
    pub fn missing(&self) -> i64 {
        (self.goal.hundredths - self.hundredths).max(0)
    }

    /// How far, in thousandths and at most all.
    pub fn thousandths(&self) -> i64 {
        (self.hundredths * 1000 / self.goal.hundredths).clamp(0, 1000)
    }
}
