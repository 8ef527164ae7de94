//! Minutes to credit, what may be claimed, and until when (CEU-1, CEU-2, CEU-4, CEU-5): pure decisions.

#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::clock::Instant;
use crate::error::Error;
use crate::events::rules::{end_of_day, instant_words};
use crate::ids::{ActivityId, SessionId};

crate::words! {
    /// A kind of credit.
    Code {
        Ama => "ama", Ancc => "ancc", Acpe => "acpe", Ipce => "ipce", Aapa => "aapa", Cphq => "cphq", Cpps => "cpps",
        Aswb => "aswb", Attendance => "attendance",
    }
}
crate::words! {
    /// How minutes become credit: all that were attended, all of a session of which enough was attended, or
    /// all of the activity or nothing.
    Method { Proportional => "proportional", Threshold => "threshold", Whole => "whole" }
}
crate::words! {
    Rounding { Nearest => "nearest", Down => "down" }
}

/// How a credit type counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub method: Method,
    /// With [`Method::Threshold`]: so much of a session must have been attended.
    pub threshold_percent: i32,
    /// So many minutes missed of a session count as none.
    pub grace_minutes: i32,
    /// The minutes of one whole unit: 60, on some boards 50.
    pub unit_minutes: i32,
    pub increment_hundredths: i32,
    /// Less than this is no credit.
    pub minimum_hundredths: i32,
    pub rounding: Rounding,
}

impl Terms {
    /// The minutes of a session that are needed for any credit of it; none where every minute counts.
    pub fn needed(&self, of: i64) -> Option<i64> {
        let grace = i64::from(self.grace_minutes);
        match self.method {
            Method::Proportional => None,
            Method::Threshold => Some(((of * i64::from(self.threshold_percent) + 99) / 100 - grace).clamp(1, of.max(1))),
            Method::Whole => Some((of - grace).clamp(1, of.max(1))),
        }
    }

    /// The minutes of a session that count, out of those attended; `of` are its educational minutes.
    pub fn counted(&self, attended: i64, of: i64) -> i64 {
        let attended = attended.clamp(0, of);
        match self.needed(of) {
            Some(needed) if attended >= needed => of,
            Some(_) => 0,
            None if attended > 0 && of - attended <= i64::from(self.grace_minutes) => of,
            None => attended,
        }
    }

    /// The credit for so many minutes that count, in hundredths: rounded once, and nothing below the minimum.
    pub fn credit(&self, minutes: i64) -> i64 {
        let (steps, step) = (minutes.max(0) * 100, self.step());
        let rounded = match self.rounding {
            Rounding::Nearest => (2 * steps + step) / (2 * step),
            Rounding::Down => steps / step,
        };
        let credit = rounded * i64::from(self.increment_hundredths.max(1));
        if credit < i64::from(self.minimum_hundredths) { 0 } else { credit }
    }

    /// The most that one line may claim of so many minutes: rounded up, since rounding is of the total.
    pub fn ceiling(&self, minutes: i64) -> i64 {
        let step = self.step();
        (minutes.max(0) * 100 + step - 1) / step * i64::from(self.increment_hundredths.max(1))
    }

    fn step(&self) -> i64 {
        i64::from(self.unit_minutes.max(1)) * i64::from(self.increment_hundredths.max(1))
    }

    /// The credit of an activity from the minutes that count and those it has, session by session.
    pub fn earned(&self, sessions: &[(i64, i64)], maximum: i64) -> i64 {
        let is_whole = sessions.iter().all(|(counted, of)| counted >= of);
        if self.method == Method::Whole && !is_whole {
            return 0;
        }
        self.credit(sessions.iter().map(|(counted, _)| counted).sum()).min(maximum)
    }

    /// The rule in words.
    pub fn words(&self) -> String {
        let round = match self.rounding {
            Rounding::Nearest => "to the nearest",
            Rounding::Down => "down to",
        };
        let rounded = format!("rounded {round} {}", hundredths_words(self.increment_hundredths.into()));
        let grace = if self.grace_minutes > 0 { format!(" {} missed minutes are forgiven.", self.grace_minutes) } else { String::new() };
        match self.method {
            Method::Proportional => format!("In proportion to participation, {rounded} on the total.{grace}"),
            Method::Threshold => {
                format!("All of a session of which at least {} % was attended, {rounded} on the total.{grace}", self.threshold_percent)
            }
            Method::Whole => format!("All of the activity or nothing.{grace}"),
        }
    }
}

/// `1.75`.
pub fn hundredths_words(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Reads credit such as `1`, `0.5` or `1.75`; none when it is not that.
pub fn parse_hundredths(text: &str) -> Option<i64> {
    let (whole, rest) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 4 || rest.len() > 2 || !digits(whole) || !digits(rest) {
        return None;
    }
    Some(whole.parse::<i64>().ok()? * 100 + format!("{rest:0<2}").parse::<i64>().ok()?)
}

/// The first instant at which claims are closed, of a deadline that is a date (TIM-2).
pub fn claims_close_at(day: NaiveDate, zone: Tz) -> Instant {
    end_of_day(day, zone)
}

/// The last day on which claims are open: the event's, or the latest extension that applies. None never closes.
pub fn closing_day(of_event: Option<NaiveDate>, extended_until: impl IntoIterator<Item = NaiveDate>) -> Option<NaiveDate> {
    let day = of_event?;
    Some(extended_until.into_iter().fold(day, NaiveDate::max))
}

/// The last day on which a pharmacy provider may report an activity that ended then: 60 days later (CEU-8).
pub fn pharmacy_last_day(activity_ends_on: NaiveDate) -> NaiveDate {
    activity_ends_on.checked_add_days(chrono::Days::new(60)).unwrap_or(NaiveDate::MAX)
}

/// Whether claims until this day come too late for CPE Monitor.
pub fn is_past_pharmacy_clock(until: NaiveDate, activity_ends_on: NaiveDate) -> bool {
    until > pharmacy_last_day(activity_ends_on)
}

/// A session that somebody claims, with what decides it.
#[derive(Clone, Debug)]
pub struct Line {
    pub session: SessionId,
    pub code: String,
    pub title: String,
    pub starts_at: Instant,
    pub ends_at: Instant,
    /// The session it repeats, or itself: the same content counts once.
    pub content: SessionId,
    /// What is claimed, in hundredths.
    pub asked: i64,
    /// Minutes attended; none without evidence.
    pub attended: Option<i64>,
    pub is_presenter: bool,
    pub evaluation_missing: bool,
    /// The activity for which the session is designated, with its educational minutes.
    pub designated: Option<(ActivityId, i64)>,
}

impl Line {
    fn overlaps(&self, starts_at: Instant, ends_at: Instant) -> bool {
        self.starts_at < ends_at && starts_at < self.ends_at
    }
}

/// A line that was claimed before.
#[derive(Clone, Debug)]
pub struct Earlier {
    pub session: SessionId,
    pub code: String,
    pub title: String,
    pub starts_at: Instant,
    pub ends_at: Instant,
    pub content: SessionId,
    pub activity: ActivityId,
    /// Of the credit type that is claimed now.
    pub is_same_type: bool,
    /// Minutes that counted, and hundredths that were awarded.
    pub minutes: i64,
    pub hundredths: i64,
}

/// An activity as it is designated for the credit type that is claimed.
#[derive(Clone, Debug)]
pub struct Designated {
    pub activity: ActivityId,
    pub title: String,
    pub maximum: i64,
    /// Its sessions with their educational minutes.
    pub sessions: Vec<(SessionId, i64)>,
}

/// What a claim depends on, apart from the deadline, which is tested before anything else.
pub struct Facts<'a> {
    pub code: Code,
    pub is_active: bool,
    pub is_served: bool,
    pub terms: Terms,
    pub now: Instant,
    pub lines: &'a [Line],
    pub earlier: &'a [Earlier],
    pub activities: &'a [Designated],
}

/// Why credit is not given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    ClaimsClosed { at: Instant, zone: Tz },
    NotActive,
    Overlap { title: String, other: String },
    Repeated { title: String, other: String },
    AlreadyClaimed { title: String },
    NotServed { name: &'static str },
    NotAttended { title: String },
    NotDesignated { title: String, name: &'static str },
    Presented { title: String },
    NotOver { title: String },
    EvaluationMissing { title: String },
    AboveMaximum { title: String, asked: i64, most: i64 },
    NotWhole { title: String },
    WrongIncrement { title: String, increment: i64 },
}

impl Refusal {
    pub fn code(&self) -> &'static str {
        match self {
            Self::ClaimsClosed { .. } => "credits.claims_closed",
            Self::NotActive => "credits.not_active",
            Self::Overlap { .. } => "credits.overlap",
            Self::Repeated { .. } => "credits.repeated",
            Self::AlreadyClaimed { .. } => "credits.already_claimed",
            Self::NotServed { .. } => "credits.not_served",
            Self::NotAttended { .. } => "credits.not_attended",
            Self::NotDesignated { .. } => "credits.not_designated",
            Self::Presented { .. } => "credits.presented",
            Self::NotOver { .. } => "credits.not_over",
            Self::EvaluationMissing { .. } => "credits.evaluation_missing",
            Self::AboveMaximum { .. } => "credits.above_maximum",
            Self::NotWhole { .. } => "credits.not_whole",
            Self::WrongIncrement { .. } => "credits.wrong_increment",
        }
    }

    pub fn message(&self) -> String {
        let number = |hundredths: &i64| hundredths_words(*hundredths);
        match self {
            Self::ClaimsClosed { at, zone } => format!(
                "Claims have closed: the last moment was {}. A late claim can be asked for on the credit page.",
                instant_words(at.minus(chrono::Duration::seconds(1)), *zone)
            ),
            Self::NotActive => "This registration is not confirmed, so nothing can be claimed with it.".to_owned(),
            Self::Overlap { title, other } => format!("“{title}” and “{other}” were at the same time. Only one of them can be claimed."),
            Self::Repeated { title, other } => format!("“{title}” has the same content as “{other}”, which counts once."),
            Self::AlreadyClaimed { title } => format!("“{title}” was claimed before."),
            Self::NotServed { name } => {
                format!(
                    "{name} is not for your profession. Claim attendance instead; its certificate says what the activity was designated for."
                )
            }
            Self::NotAttended { title } => format!("Nothing says that you attended “{title}”: no scan and no word of yours."),
            Self::NotDesignated { title, name } => format!("“{title}” is not designated for {name}."),
            Self::Presented { title } => format!("You presented “{title}”, so it gives you no learner’s credit."),
            Self::NotOver { title } => format!("“{title}” is not over yet."),
            Self::EvaluationMissing { title } => format!("Evaluate “{title}” first; its credit waits for that."),
            Self::AboveMaximum { title, asked, most } => {
                format!("{} for “{title}” is more than can be claimed: {} at most.", number(asked), number(most))
            }
            Self::NotWhole { title } => format!("“{title}” gives all of its credit or none, and not all of it was attended and claimed."),
            Self::WrongIncrement { title, increment } => format!("Claim “{title}” in steps of {}.", number(increment)),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::refused(refusal.code(), refusal.message())
    }
}

/// Whether everything that is claimed may be awarded (CEU-4). What the lines contradict in each other comes
/// first, then what is missing of each, then the maximum.
pub fn judge(facts: &Facts<'_>) -> Result<(), Refusal> {
    if !facts.is_active {
        return Err(Refusal::NotActive);
    }
    contradictions(facts)?;
    let name = facts.code.known().name;
    if !facts.is_served {
        return Err(Refusal::NotServed { name });
    }
    for line in facts.lines {
        let title = || line.title.clone();
        if line.attended.unwrap_or_default() <= 0 {
            return Err(Refusal::NotAttended { title: title() });
        }
        if line.designated.is_none() {
            return Err(Refusal::NotDesignated { title: title(), name });
        }
        if line.is_presenter {
            return Err(Refusal::Presented { title: title() });
        }
        if facts.now < line.ends_at {
            return Err(Refusal::NotOver { title: title() });
        }
        if line.evaluation_missing {
            return Err(Refusal::EvaluationMissing { title: title() });
        }
    }
    facts.activities.iter().try_for_each(|activity| within(facts, activity))
}

fn contradictions(facts: &Facts<'_>) -> Result<(), Refusal> {
    for (index, line) in facts.lines.iter().enumerate() {
        let title = || line.title.clone();
        if facts.earlier.iter().any(|other| other.is_same_type && other.session == line.session) {
            return Err(Refusal::AlreadyClaimed { title: title() });
        }
        for other in facts.lines.iter().take(index) {
            if other.session == line.session {
                return Err(Refusal::AlreadyClaimed { title: title() });
            }
            if other.content == line.content {
                return Err(Refusal::Repeated { title: title(), other: other.title.clone() });
            }
            if line.overlaps(other.starts_at, other.ends_at) {
                return Err(Refusal::Overlap { title: title(), other: other.title.clone() });
            }
        }
        for other in facts.earlier.iter().filter(|other| other.session != line.session) {
            if other.content == line.content {
                return Err(Refusal::Repeated { title: title(), other: other.title.clone() });
            }
            if line.overlaps(other.starts_at, other.ends_at) {
                return Err(Refusal::Overlap { title: title(), other: other.title.clone() });
            }
        }
    }
    Ok(())
}

/// Whether what is claimed of one activity, with what was claimed of it before, is within its maximum and
/// within the participation.
fn within(facts: &Facts<'_>, activity: &Designated) -> Result<(), Refusal> {
    let terms = &facts.terms;
    let mine =
        facts.lines.iter().filter_map(|line| line.designated.as_ref().filter(|(id, _)| *id == activity.activity).map(|of| (line, of.1)));
    let (mut minutes, mut asked, mut claimed) = (Vec::new(), 0, Vec::new());
    for (line, of) in mine {
        let counted = terms.counted(line.attended.unwrap_or_default(), of);
        if terms.method == Method::Whole && counted < of {
            return Err(Refusal::NotWhole { title: line.title.clone() });
        }
        let most = terms.ceiling(counted).min(activity.maximum);
        if line.asked > most {
            return Err(Refusal::AboveMaximum { title: line.title.clone(), asked: line.asked, most });
        }
        let increment = i64::from(terms.increment_hundredths.max(1));
        if line.asked <= 0 || line.asked % increment != 0 {
            return Err(Refusal::WrongIncrement { title: line.title.clone(), increment });
        }
        minutes.push((counted, of));
        asked += line.asked;
        claimed.push(&line.session);
    }
    if minutes.is_empty() {
        return Ok(());
    }
    for earlier in facts.earlier.iter().filter(|earlier| earlier.is_same_type && earlier.activity == activity.activity) {
        minutes.push((earlier.minutes, earlier.minutes));
        asked += earlier.hundredths;
        claimed.push(&earlier.session);
    }
    if terms.method == Method::Whole && !activity.sessions.iter().all(|(session, _)| claimed.contains(&session)) {
        return Err(Refusal::NotWhole { title: activity.title.clone() });
    }
    let most = terms.earned(&minutes, activity.maximum);
    if asked > most {
        return Err(Refusal::AboveMaximum { title: activity.title.clone(), asked, most });
    }
    Ok(())
}

/// What a claim offers first for `most` hundredths of a session: no more than is `left` of the total, which it lowers.
pub fn offered(most: i64, left: &mut i64) -> i64 {
    let offered = most.min(*left).max(0);
    *left -= offered;
    offered
}
