//! Somebody's credit over all events and years, and how far it carries them toward a renewal (CEU-7).

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::learners::earned;
use super::rules::progress::{GOALS, Progress};
use super::rules::rows::Line;
use crate::clock::Instant;
use crate::credits::certificates::{self, rules::Status};
use crate::credits::providers;
use crate::credits::rules::Code;
use crate::db::Db;
use crate::db::schema::credit_activities;
use crate::error::Result;
use crate::events::{self, Event};
use crate::ids::{ActivityId, EventId, PersonId, RegistrationId};
use crate::registration;

/// The credit of one event, by day.
#[derive(Clone, Debug)]
pub struct Part {
    pub event: Event,
    pub registration: String,
    pub lines: Vec<Line>,
}

/// Everything that somebody was given and that stands.
#[derive(Clone, Debug)]
pub struct Transcript {
    /// As certificates name them, by the newest registration.
    pub name: String,
    pub made_on: NaiveDate,
    /// Newest event first.
    pub parts: Vec<Part>,
    /// What each year brought, by type, newest first.
    pub years: Vec<(i32, Vec<(Code, i64)>)>,
    pub progress: Vec<Progress>,
}

/// When somebody's own cycles begin, where they say so.
#[derive(Clone, Copy, Debug, Default)]
pub struct Begins {
    pub cpps: Option<NaiveDate>,
    pub cphq: Option<NaiveDate>,
}

impl Begins {
    fn of(&self, code: Code) -> Option<NaiveDate> {
        if code == Code::Cpps { self.cpps } else { self.cphq }
    }
}

/// Gathers the transcript of a person, of those events that `may_see` allows.
pub fn of_person(db: &mut Db, person: &PersonId, begins: Begins, now: Instant, may_see: impl Fn(&EventId) -> bool) -> Result<Transcript> {
    let own = registration::of_person(db, person)?;
    let name = own.first().map(|newest| newest.certificate_name.clone()).unwrap_or_default();
    let ids: Vec<RegistrationId> = own.iter().map(|one| one.id.clone()).collect();
    let mut credit = earned(db, &ids)?;
    let mut parts = Vec::new();
    let mut zone = None;
    for registration in own.iter().filter(|one| may_see(&one.event_id)) {
        let event = events::get_by_id(db, &registration.event_id)?;
        zone = zone.or(Some(event.zone()));
        let Some(earned) = credit.remove(&registration.id) else { continue };
        let provider = providers::find(db, &event.id)?.map(|provider| provider.name).unwrap_or_default();
        let known = activities(db, &event.id)?;
        let numbers = numbers(db, &registration.id)?;
        let line = |one: super::rules::Earned| {
            let (activity_code, activity) = known.get(&one.activity).cloned().unwrap_or_default();
            let certificate =
                numbers.get(&(one.activity.clone(), one.code)).map(|number| (number.clone(), format!("/certificates/{number}")));
            let (completed_on, provider) = (one.completed_at.date_in(event.zone()), provider.clone());
            Line { code: one.code, activity, activity_code, provider, completed_on, hundredths: one.hundredths, certificate }
        };
        let mut lines: Vec<Line> = earned.into_iter().filter(|one| one.hundredths > 0).map(line).collect();
        lines.sort_by(|left, right| {
            (left.completed_on, left.code, &left.activity_code).cmp(&(right.completed_on, right.code, &right.activity_code))
        });
        if !lines.is_empty() {
            parts.push(Part { registration: registration.code.clone(), lines, event });
        }
    }
    parts.sort_by(|left, right| right.event.starts_on.cmp(&left.event.starts_on).then_with(|| left.registration.cmp(&right.registration)));
    let made_on = now.date_in(zone.unwrap_or(chrono_tz::Tz::UTC));
    let lines = || parts.iter().flat_map(|part| &part.lines);
    let progress = GOALS.map(|goal| {
        let cycle = goal.cycle(begins.of(goal.code), made_on);
        Progress::of(goal, cycle, lines().map(|line| (line.code, line.completed_on, &line.hundredths)))
    });
    Ok(Transcript { years: years(lines()), progress: progress.to_vec(), name, made_on, parts })
}

fn years<'a>(lines: impl Iterator<Item = &'a Line>) -> Vec<(i32, Vec<(Code, i64)>)> {
    use chrono::Datelike;
    let mut years: BTreeMap<i32, BTreeMap<Code, i64>> = BTreeMap::new();
    for line in lines {
        *years.entry(line.completed_on.year()).or_default().entry(line.code).or_default() += line.hundredths;
    }
    years.into_iter().rev().map(|(year, sums)| (year, sums.into_iter().collect())).collect()
}

/// The numbers of a registration's certificates that stand, by what they are about.
fn numbers(db: &mut Db, registration: &RegistrationId) -> Result<HashMap<(ActivityId, Code), String>> {
    let mut numbers = HashMap::new();
    for whole in certificates::of_registration(db, registration)?.into_iter().filter(|whole| whole.status() == Status::Valid) {
        if let Some(activity) = whole.certificate.activity_id.clone() {
            numbers.insert((activity, whole.newest()?.0.read()?.code), whole.number());
        }
    }
    Ok(numbers)
}

fn activities(db: &mut Db, event: &EventId) -> Result<HashMap<ActivityId, (String, String)>> {
    let rows: Vec<(ActivityId, String, String)> = credit_activities::table
        .filter(credit_activities::event_id.eq(event))
        .select((credit_activities::id, credit_activities::code, credit_activities::title))
        .load(db)?;
    Ok(rows.into_iter().map(|(id, code, title)| (id, (code, title))).collect())
}
