//! Credit types that an event has switched on, and the versions of each one's rule (CEU-1, CEU-2).

use std::collections::HashMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::providers;
use super::rules::{Code, Method, Rounding, Terms};
use crate::app::Tx;
use crate::audit::Entry;
use crate::checkin::presence::ExitRule;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{credit_rules, credit_types};
use crate::error::{Checks, Error, Result};
use crate::events::{self, Event, MissingExit};
use crate::ids::{CreditRuleId, CreditTypeId, EventId};
use crate::typed::text;

/// A credit type of an event, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = credit_types, check_for_backend(crate::db::Either))]
pub struct CreditType {
    pub id: CreditTypeId,
    pub event_id: EventId,
    pub code: Code,
    /// Words of professions with spaces between them; empty means everybody.
    pub professions: String,
    pub switched_on_at: Instant,
}

impl CreditType {
    /// Whether it serves somebody of this profession (CEU-4).
    pub fn serves(&self, profession: &str) -> bool {
        self.professions.is_empty() || self.professions.split(' ').any(|word| word == profession)
    }
}

/// One version of a rule, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = credit_rules, check_for_backend(crate::db::Either))]
pub struct CreditRule {
    pub id: CreditRuleId,
    pub credit_type_id: CreditTypeId,
    pub version: i32,
    pub method: Method,
    pub threshold_percent: i32,
    pub grace_minutes: i32,
    pub unit_minutes: i32,
    pub increment_hundredths: i32,
    pub minimum_hundredths: i32,
    pub rounding: Rounding,
    /// What counts of a stay whose end nobody scanned; never nothing (CEU-2).
    pub missing_exit: MissingExit,
    pub missing_exit_minutes: i32,
    pub made_at: Instant,
    pub actor: String,
    pub reason: String,
}

impl CreditRule {
    /// How it counts.
    pub fn terms(&self) -> Terms {
        Terms {
            method: self.method,
            threshold_percent: self.threshold_percent,
            grace_minutes: self.grace_minutes,
            unit_minutes: self.unit_minutes,
            increment_hundredths: self.increment_hundredths,
            minimum_hundredths: self.minimum_hundredths,
            rounding: self.rounding,
        }
    }

    /// How it closes a stay whose end nobody scanned. A missing out scan alone never refuses.
    pub fn exit(&self) -> ExitRule {
        match self.missing_exit {
            MissingExit::Minutes => ExitRule::Minutes(self.missing_exit_minutes.into()),
            MissingExit::SessionEnd | MissingExit::Nothing => ExitRule::SessionEnd,
        }
    }

    fn of_terms(kind: &CreditTypeId, version: i32, terms: &Terms, now: Instant, actor: String, reason: &str) -> Self {
        Self {
            id: CreditRuleId::new(),
            credit_type_id: kind.clone(),
            version,
            method: terms.method,
            threshold_percent: terms.threshold_percent,
            grace_minutes: terms.grace_minutes,
            unit_minutes: terms.unit_minutes,
            increment_hundredths: terms.increment_hundredths,
            minimum_hundredths: terms.minimum_hundredths,
            rounding: terms.rounding,
            missing_exit: MissingExit::SessionEnd,
            missing_exit_minutes: 0,
            made_at: now,
            actor,
            reason: reason.to_owned(),
        }
    }
}

/// A rule as staff type it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleDraft {
    pub method: String,
    #[serde(deserialize_with = "text")]
    pub threshold_percent: String,
    #[serde(deserialize_with = "text")]
    pub grace_minutes: String,
    #[serde(deserialize_with = "text")]
    pub unit_minutes: String,
    #[serde(deserialize_with = "text")]
    pub increment: String,
    #[serde(deserialize_with = "text")]
    pub minimum: String,
    pub rounding: String,
    pub missing_exit: String,
    #[serde(deserialize_with = "text")]
    pub missing_exit_minutes: String,
    pub professions: Vec<String>,
    pub reason: String,
}

impl RuleDraft {
    pub fn of(kind: &CreditType, rule: &CreditRule) -> Self {
        use super::rules::hundredths_words;
        Self {
            method: rule.method.to_string(),
            threshold_percent: rule.threshold_percent.to_string(),
            grace_minutes: rule.grace_minutes.to_string(),
            unit_minutes: rule.unit_minutes.to_string(),
            increment: hundredths_words(rule.increment_hundredths.into()),
            minimum: hundredths_words(rule.minimum_hundredths.into()),
            rounding: rule.rounding.to_string(),
            missing_exit: rule.missing_exit.to_string(),
            missing_exit_minutes: rule.missing_exit_minutes.to_string(),
            professions: kind.professions.split_whitespace().map(str::to_owned).collect(),
            reason: String::new(),
        }
    }

    /// The rule that is typed, as the next version, or what is wrong with it.
    pub fn read(&self, before: &CreditRule, now: Instant, actor: String) -> Result<CreditRule> {
        let mut checks = Checks::new();
        let method = checks.word("method", &self.method, Method::ALL);
        let rounding = checks.word("rounding", &self.rounding, Rounding::ALL);
        // Nothing would refuse everybody whom nobody scanned out.
        let missing_exit = checks.word("missing_exit", &self.missing_exit, &[MissingExit::SessionEnd, MissingExit::Minutes]);
        let threshold_percent = checks.whole("threshold_percent", &self.threshold_percent, 1..=100);
        let grace_minutes = checks.whole("grace_minutes", &self.grace_minutes, 0..=120);
        let unit_minutes = checks.whole("unit_minutes", &self.unit_minutes, 30..=90);
        let exit_minutes = checks.whole("missing_exit_minutes", &self.missing_exit_minutes, 0..=720);
        let mut hundredths = |field: &str, text: &str, least: i64| {
            let read = super::rules::parse_hundredths(text).filter(|read| (least..=1000).contains(read));
            if read.is_none() {
                checks.wrong(field, "number", "Write it as 0.25.");
            }
            read.and_then(|read| i32::try_from(read).ok()).unwrap_or_default()
        };
        let increment_hundredths = hundredths("increment", &self.increment, 1);
        let minimum_hundredths = hundredths("minimum", &self.minimum, 0);
        checks.required("reason", &self.reason, "Say why, for example “the provider’s criterion is 90 %”.");
        checks.at_most("reason", &self.reason, 500);
        checks.finish()?;
        Ok(CreditRule {
            id: CreditRuleId::new(),
            credit_type_id: before.credit_type_id.clone(),
            version: before.version + 1,
            method: method.unwrap_or(before.method),
            threshold_percent: threshold_percent.unwrap_or(before.threshold_percent),
            grace_minutes: grace_minutes.unwrap_or_default(),
            unit_minutes: unit_minutes.unwrap_or(before.unit_minutes),
            increment_hundredths,
            minimum_hundredths,
            rounding: rounding.unwrap_or(before.rounding),
            missing_exit: missing_exit.unwrap_or(before.missing_exit),
            missing_exit_minutes: exit_minutes.unwrap_or_default(),
            made_at: now,
            actor,
            reason: self.reason.trim().to_owned(),
        })
    }
}

/// The credit types of an event with the rule in force, in the order of the catalogue.
pub fn list(db: &mut Db, event: &EventId) -> Result<Vec<(CreditType, CreditRule)>> {
    let mut types: Vec<CreditType> =
        credit_types::table.filter(credit_types::event_id.eq(event)).select(CreditType::as_select()).load(db)?;
    types.sort_by_key(|kind| kind.code);
    let ids: Vec<&CreditTypeId> = types.iter().map(|kind| &kind.id).collect();
    let rules: Vec<CreditRule> = credit_rules::table
        .filter(credit_rules::credit_type_id.eq_any(ids))
        .order(credit_rules::version.asc())
        .select(CreditRule::as_select())
        .load(db)?;
    // Later versions replace earlier ones.
    let mut newest: HashMap<CreditTypeId, CreditRule> = rules.into_iter().map(|rule| (rule.credit_type_id.clone(), rule)).collect();
    Ok(types.into_iter().filter_map(|kind| newest.remove(&kind.id).map(|rule| (kind, rule))).collect())
}

/// A credit type of an event with the rule in force.
pub fn find(db: &mut Db, event: &EventId, code: Code) -> Result<Option<(CreditType, CreditRule)>> {
    Ok(list(db, event)?.into_iter().find(|(kind, _)| kind.code == code))
}

/// Every version of a type's rule, newest first.
pub fn versions(db: &mut Db, kind: &CreditTypeId) -> Result<Vec<CreditRule>> {
    let rules = credit_rules::table.filter(credit_rules::credit_type_id.eq(kind)).order(credit_rules::version.desc());
    Ok(rules.select(CreditRule::as_select()).load(db)?)
}

/// Switches a credit type on, with the rule of the catalogue. Refused without a provider of record (CEU-1).
pub fn switch_on(tx: &mut Tx<'_>, event: &Event, code: Code) -> Result<CreditType> {
    events::hold(tx, &event.id)?;
    if let Some((kind, _)) = find(tx.db, &event.id, code)? {
        return Ok(kind);
    }
    if code != Code::Attendance && providers::find(tx.db, &event.id)?.is_none() {
        return Err(Error::refused(
            "credits.no_provider",
            "Enter the accredited provider of record first; without one only attendance counts.",
        ));
    }
    let known = code.known();
    let kind = CreditType {
        id: CreditTypeId::new(),
        event_id: event.id.clone(),
        code,
        professions: known.professions.join(" "),
        switched_on_at: tx.now,
    };
    diesel::insert_into(credit_types::table).values(&kind).execute(tx.db)?;
    let rule = CreditRule::of_terms(&kind.id, 1, &known.terms, tx.now, tx.actor.label(), "as the accreditor has it");
    diesel::insert_into(credit_rules::table).values(&rule).execute(tx.db)?;
    let entry = Entry::of("credit_type.switched_on", "credit_type", &kind.id).event(&event.id);
    entry.after(json!({ "code": code, "rule": known.terms.words() })).record(tx)?;
    Ok(kind)
}

/// Saves the next version of a type's rule; what was awarded keeps the version it was awarded under.
pub fn save_rule(tx: &mut Tx<'_>, event: &Event, code: Code, draft: &RuleDraft) -> Result<()> {
    events::hold(tx, &event.id)?;
    let (kind, before) = find(tx.db, &event.id, code)?.ok_or(Error::NotFound)?;
    let rule = draft.read(&before, tx.now, tx.actor.label())?;
    diesel::insert_into(credit_rules::table).values(&rule).execute(tx.db)?;
    let professions = draft.professions.iter().map(|word| word.trim()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    diesel::update(credit_types::table.find(&kind.id)).set(credit_types::professions.eq(&professions)).execute(tx.db)?;
    let facts =
        |rule: &CreditRule, professions: &str| json!({ "version": rule.version, "rule": rule.terms().words(), "professions": professions });
    let entry = Entry::of("credit_rule.saved", "credit_type", &kind.id).event(&event.id);
    entry.before(facts(&before, &kind.professions)).after(facts(&rule, &professions)).reason(&rule.reason).record(tx)
}
