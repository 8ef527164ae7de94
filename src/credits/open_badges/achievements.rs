//! Achievements: what an Open Badge is given for, one for each activity and credit type, and one for taking part (CEU-6).

use diesel::prelude::*;
use serde_json::{Value, json};

use super::{alignments, issuer_address};
use crate::credits::activities::{Activity, Format};
use crate::credits::certificates::rules::credit_words;
use crate::credits::certificates::{Certificate, Version};
use crate::credits::providers::{self, Provider};
use crate::credits::rules::Code;
use crate::credits::types;
use crate::db::Db;
use crate::db::schema::{credit_activities, designations, events as event_rows};
use crate::error::{Error, Result};
use crate::events::rules::dates_words;
use crate::events::{self, Event};
use crate::ids::{ActivityId, EventId};
use crate::pssm::{self, Catalogue};

/// What an Open Badge is given for.
#[derive(Clone, Debug)]
pub struct Achievement {
    pub event: Event,
    pub code: Code,
    /// The activity, or the event where it is about taking part.
    pub of: String,
    pub title: String,
    /// The provider's own id of the activity; empty for taking part.
    pub human_code: String,
    pub format: Format,
    pub provider: Provider,
    /// The most that could be earned, in hundredths.
    pub maximum: Option<i32>,
    /// How minutes count, in words; empty for taking part.
    pub rule: String,
    /// Domains and statements of the safety measure.
    pub statements: Vec<String>,
    /// The measure as it is in force for the event.
    pub measure: Catalogue,
}

/// What the Open Badge of this certificate is given for.
pub fn of_certificate(db: &mut Db, certificate: &Certificate, event: &Event, version: &Version) -> Result<Achievement> {
    let code = version.read()?.code;
    let of = certificate.activity_id.as_ref().map_or_else(|| event.id.to_string(), ToString::to_string);
    load(db, &of, code)?.ok_or_else(|| Error::internal("a certificate without its achievement"))
}

/// The achievement at an address: of an activity and a credit type, or of an event and attendance. None where its event
/// is a draft or has no provider of record.
pub fn find(db: &mut Db, of: &str, code: Code) -> Result<Option<Achievement>> {
    Ok(load(db, of, code)?.filter(|achievement| achievement.event.published))
}

fn load(db: &mut Db, of: &str, code: Code) -> Result<Option<Achievement>> {
    match credit_activities::table.find(ActivityId::from(of.to_owned())).select(Activity::as_select()).first(db).optional()? {
        Some(activity) => of_activity(db, &activity, code),
        None if code == Code::Attendance => of_event(db, of),
        None => Ok(None),
    }
}

fn of_event(db: &mut Db, of: &str) -> Result<Option<Achievement>> {
    let event: Option<Event> = event_rows::table.find(EventId::from(of.to_owned())).select(Event::as_select()).first(db).optional()?;
    let Some(event) = event else { return Ok(None) };
    let Some(provider) = providers::find(db, &event.id)? else { return Ok(None) };
    Ok(Some(Achievement {
        code: Code::Attendance,
        of: of.to_owned(),
        title: event.name.clone(),
        human_code: String::new(),
        format: Format::Live,
        provider,
        maximum: None,
        rule: String::new(),
        statements: Vec::new(),
        measure: pssm::of_event(db, &event)?,
        event,
    }))
}

fn of_activity(db: &mut Db, activity: &Activity, code: Code) -> Result<Option<Achievement>> {
    let event = events::get_by_id(db, &activity.event_id)?;
    let (Some(provider), Some((kind, rule))) = (providers::find(db, &event.id)?, types::find(db, &event.id, code)?) else {
        return Ok(None);
    };
    let maximum: Option<i32> = designations::table
        .filter(designations::activity_id.eq(&activity.id))
        .filter(designations::credit_type_id.eq(&kind.id))
        .select(designations::maximum_hundredths)
        .first(db)
        .optional()?;
    if maximum.is_none() {
        return Ok(None);
    }
    Ok(Some(Achievement {
        code,
        of: activity.id.to_string(),
        title: activity.title.clone(),
        human_code: activity.code.clone(),
        format: activity.format,
        provider,
        maximum,
        rule: rule.terms().words(),
        statements: alignments::of_activity(db, &activity.id)?,
        measure: pssm::of_event(db, &event)?,
        event,
    }))
}

impl Achievement {
    /// Where it answers, for programs and for people.
    pub fn address(&self, base_url: &str) -> String {
        format!("{base_url}/open-badges/achievements/{}/{}", self.of, self.code)
    }

    /// What kind of credit it is.
    pub fn kind(&self) -> &'static str {
        if self.is_participation() { "Participation" } else { self.code.known().name }
    }

    fn is_participation(&self) -> bool {
        self.human_code.is_empty()
    }

    pub fn description(&self) -> String {
        let dates = dates_words(self.event.starts_on, self.event.ends_on);
        let (event, title) = (&self.event.name, &self.title);
        match self.is_participation() {
            true => format!("Took part in {event}, {dates}."),
            false => format!("{} for {title}, {} of {event}, {dates}.", self.kind(), a(self.format)),
        }
    }

    /// What was to be done for it.
    pub fn narrative(&self) -> String {
        if self.is_participation() {
            return "Attended sessions of the event. Hours are counted from the scans of the badge or, where nobody scanned, from what the \
                person attested; sessions at the same time count once. This is no accredited credit."
                .to_owned();
        }
        let most = self.maximum.map(|maximum| format!(" At most {} could be earned.", credit_words(self.code, maximum.into())));
        format!(
            "Attended sessions of this activity, submitted the evaluations that were asked for and claimed the credit before the \
             deadline. How minutes count: {}{}",
            self.rule,
            most.unwrap_or_default()
        )
    }

    /// Domains and statements with their words.
    pub fn aligned(&self) -> impl Iterator<Item = (&str, &str)> {
        self.statements.iter().filter_map(|code| Some((code.as_str(), self.measure.words_of(code)?)))
    }

    /// As the specification has it.
    pub fn json(&self, base_url: &str) -> Value {
        let id = self.address(base_url);
        let mut achievement = json!({
            "id": id, "type": ["Achievement"], "achievementType": "CertificateOfCompletion", "name": self.title,
            "description": self.description(), "criteria": { "id": id, "narrative": self.narrative() },
            "creator": issuer(base_url, &self.event, &self.provider), "inLanguage": "en-US",
            "image": { "id": format!("{id}/picture.png"), "type": "Image", "caption": format!("{}: {}", self.kind(), self.title) },
            "resultDescription": [{ "id": credit_result(&id), "type": ["ResultDescription"], "name": self.kind(), "resultType": "Result" }],
        });
        if !self.human_code.is_empty() {
            achievement["humanCode"] = json!(self.human_code);
        }
        if let Some(maximum) = self.maximum {
            achievement["creditsAvailable"] = json!(f64::from(maximum) / 100.0);
        }
        let aligned = self.aligned().map(|(code, words)| {
            json!({
                "type": ["Alignment"], "targetCode": code, "targetName": format!("{code} {words}"), "targetUrl": self.measure.version.address,
                "targetFramework": self.measure.version.framework,
            })
        });
        let aligned: Vec<Value> = aligned.collect();
        if !aligned.is_empty() {
            achievement["alignment"] = json!(aligned);
        }
        achievement
    }
}

fn a(format: Format) -> String {
    match format {
        Format::Live => format!("a {}", format.words()),
        Format::Enduring => format!("an {}", format.words()),
    }
}

/// What the result of an achievement is called: how much credit, of which kind.
pub fn credit_result(achievement: &str) -> String {
    format!("{achievement}#credit")
}

/// The issuer's profile: the provider of record.
pub fn issuer(base_url: &str, event: &Event, provider: &Provider) -> Value {
    let mut profile = json!({ "id": issuer_address(base_url, event), "type": ["Profile"], "name": provider.name });
    let address = provider.web_address.trim();
    if url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
        profile["url"] = json!(address);
    }
    profile
}
