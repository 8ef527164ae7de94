//! What reports know the provider and the activities by: numbers of CE Broker, and when everything was acknowledged.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::rules::{Activity, Setting, is_state};
use crate::agenda;
use crate::app::Tx;
use crate::audit::{Entry, differences};
use crate::credits::activities::{self, Whole};
use crate::credits::rules::Code;
use crate::credits::{providers, types};
use crate::db::Db;
use crate::db::schema::{report_courses, report_settings};
use crate::error::{Checks, Result};
use crate::events::{self, Event};
use crate::ids::{ActivityId, EventId, SessionId};

/// The settings of an event, as they are stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = report_settings, check_for_backend(crate::db::Either), treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    event_id: EventId,
    ce_broker_provider: String,
    ce_broker_states: String,
    acknowledged_on: Option<NaiveDate>,
}

/// The settings as staff type them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingDraft {
    pub ce_broker_provider: String,
    pub ce_broker_states: String,
    /// `MONDAY 20-123456 PS1`: an activity a line, its course number or `-`, and its subject area.
    pub courses: String,
    pub acknowledged_on: String,
}

/// CE Broker writes its numbers with a prefix that its files leave out.
fn without(prefix: &str, number: &str) -> String {
    number.strip_prefix(prefix).unwrap_or(number).to_owned()
}

fn row(db: &mut Db, event: &EventId) -> Result<Option<Row>> {
    Ok(report_settings::table.find(event).select(Row::as_select()).first(db).optional()?)
}

fn courses(db: &mut Db, activities: &[Whole]) -> Result<HashMap<ActivityId, (String, String)>> {
    let ids: Vec<&ActivityId> = activities.iter().map(|whole| &whole.activity.id).collect();
    let rows: Vec<(ActivityId, String, String)> =
        report_courses::table.filter(report_courses::activity_id.eq_any(ids)).select(report_courses::all_columns).load(db)?;
    Ok(rows.into_iter().map(|(activity, course, area)| (activity, (course, area))).collect())
}

/// The settings as a form shows them.
pub fn draft(db: &mut Db, event: &Event) -> Result<SettingDraft> {
    let stored = row(db, &event.id)?;
    let all = activities::list(db, &event.id)?;
    let known = courses(db, &all)?;
    let line = |whole: &Whole| {
        let (course, area) = known.get(&whole.activity.id)?;
        let course = if course.is_empty() { "-" } else { course };
        Some(format!("{} {course} {area}", whole.activity.code).trim_end().to_owned())
    };
    Ok(SettingDraft {
        ce_broker_provider: stored.as_ref().map(|row| row.ce_broker_provider.clone()).unwrap_or_default(),
        ce_broker_states: stored.as_ref().map(|row| row.ce_broker_states.clone()).unwrap_or_default(),
        courses: all.iter().filter_map(line).collect::<Vec<_>>().join("\n"),
        acknowledged_on: stored.and_then(|row| row.acknowledged_on).map(|day| day.to_string()).unwrap_or_default(),
    })
}

/// Saves the settings.
pub fn save(tx: &mut Tx<'_>, event: &Event, draft: &SettingDraft) -> Result<()> {
    events::hold(tx, &event.id)?;
    let before = self::draft(tx.db, event)?;
    let all = activities::list(tx.db, &event.id)?;
    let mut checks = Checks::new();
    let provider = without("50-", draft.ce_broker_provider.trim());
    if !provider.chars().all(|sign| sign.is_ascii_digit()) || provider.len() > 9 {
        checks.wrong("ce_broker_provider", "digits", "CE Broker’s number of a provider has at most nine digits.");
    }
    let states: Vec<String> = draft.ce_broker_states.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_uppercase).collect();
    for state in states.iter().filter(|state| !is_state(state)) {
        checks.wrong("ce_broker_states", "choice", format!("“{state}” is no state. Write them as FL GA."));
    }
    let mut rows = Vec::new();
    for line in draft.courses.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        let (code, course, area) = (words.next().unwrap_or_default(), words.next().unwrap_or("-"), words.next().unwrap_or_default());
        let Some(whole) = all.iter().find(|whole| whole.activity.code == code) else {
            checks.wrong("courses", "unknown", format!("There is no activity {code}."));
            continue;
        };
        let course = if course == "-" { String::new() } else { without("20-", course) };
        if [course.as_str(), area]
            .iter()
            .any(|part| part.len() > 20 || !part.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-'))
        {
            checks.wrong("courses", "code", format!("“{line}” does not fit. Write it as {code} 123456 PS1."));
        }
        rows.push((whole.activity.id.clone(), course, area.to_owned()));
    }
    let acknowledged_on = checks.day("acknowledged_on", &draft.acknowledged_on);
    if acknowledged_on.is_some_and(|day| day > tx.now.date_in(event.zone())) {
        checks.wrong("acknowledged_on", "future", "This day is not over yet.");
    }
    checks.finish()?;
    let stored = Row { event_id: event.id.clone(), ce_broker_provider: provider, ce_broker_states: states.join(" "), acknowledged_on };
    match row(tx.db, &event.id)? {
        Some(_) => diesel::update(report_settings::table.find(&event.id)).set(&stored).execute(tx.db)?,
        None => diesel::insert_into(report_settings::table).values(&stored).execute(tx.db)?,
    };
    write_courses(tx, &all, rows)?;
    let (old, new) = differences(&before, &self::draft(tx.db, event)?)?;
    Entry::of("report_settings.saved", "event", &event.id).event(&event.id).before(old).after(new).record(tx)
}

fn write_courses(tx: &mut Tx<'_>, all: &[Whole], rows: Vec<(ActivityId, String, String)>) -> Result<()> {
    let ids: Vec<&ActivityId> = all.iter().map(|whole| &whole.activity.id).collect();
    diesel::delete(report_courses::table.filter(report_courses::activity_id.eq_any(ids))).execute(tx.db)?;
    let rows: BTreeMap<ActivityId, (String, String)> = rows.into_iter().map(|(id, course, area)| (id, (course, area))).collect();
    for (id, (course, area)) in rows {
        let columns = (report_courses::activity_id.eq(id), report_courses::course.eq(course), report_courses::subject_area.eq(area));
        diesel::insert_into(report_courses::table).values(columns).execute(tx.db)?;
    }
    Ok(())
}

/// Everything that reports of an event go by.
pub fn of_event(db: &mut Db, event: &Event) -> Result<Setting> {
    let provider = providers::find(db, &event.id)?;
    let stored = row(db, &event.id)?;
    let all = activities::list(db, &event.id)?;
    let known = courses(db, &all)?;
    let ends: HashMap<SessionId, NaiveDate> =
        agenda::list(db, &event.id)?.into_iter().map(|session| (session.id, session.ends_at.date_in(event.zone()))).collect();
    let pharmacy = types::find(db, &event.id, Code::Acpe)?.map(|(kind, _)| kind.id);
    let activity = |whole: &Whole| {
        let (course, subject_area) = known.get(&whole.activity.id).cloned().unwrap_or_default();
        Activity {
            code: whole.activity.code.clone(),
            title: whole.activity.title.clone(),
            pars_id: whole.activity.pars_id.clone(),
            uan: whole.activity.uan.clone(),
            course,
            subject_area,
            maximum: whole.designations.iter().map(|one| i64::from(one.maximum_hundredths)).max().unwrap_or_default(),
            is_pharmacy: whole.designations.iter().any(|one| Some(&one.credit_type_id) == pharmacy.as_ref()),
            ends_on: whole.sessions.iter().filter_map(|(session, _)| ends.get(session)).copied().max().unwrap_or(event.ends_on),
        }
    };
    Ok(Setting {
        provider: provider.as_ref().map(|provider| provider.name.clone()).unwrap_or_default(),
        accme_number: provider.as_ref().map(|provider| provider.accme_number.clone()).unwrap_or_default(),
        acpe_number: provider.map(|provider| provider.acpe_number).unwrap_or_default(),
        ce_broker_provider: stored.as_ref().map(|row| row.ce_broker_provider.clone()).unwrap_or_default(),
        ce_broker_states: stored.iter().flat_map(|row| row.ce_broker_states.split_whitespace()).map(str::to_owned).collect(),
        activities: all.iter().map(|whole| (whole.activity.id.clone(), activity(whole))).collect(),
    })
}
