//! What a certificate says: gathered once, frozen in its version, and never looked up again (CEU-6).

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::rules::{credit_words, heading};
use crate::agenda::{self, Session};
use crate::credits::activities::{Accredited, Format, accredited};
use crate::credits::catalogue::ACCREDITATION;
use crate::credits::claims::Standing;
use crate::credits::providers::{self, Filling, Provider, filled};
use crate::credits::rules::{Code, hundredths_words};
use crate::credits::types::{self, CreditRule};
use crate::db::Db;
use crate::error::Result;
use crate::evaluations::{forms, rules::Scope};
use crate::events::{Event, rules::dates_words};
use crate::ids::{ClaimId, CreditRuleId, SessionId};
use crate::registration::Registration;

/// A label and what stands beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub label: String,
    pub value: String,
}

/// A session that counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    pub code: String,
    pub title: String,
    pub on: NaiveDate,
    pub minutes: i64,
    pub hundredths: i64,
}

/// Everything that a version of a certificate says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    pub code: Code,
    pub heading: String,
    pub name: String,
    pub credentials: String,
    /// How much of which credit, in words and in hundredths.
    pub credit: String,
    pub hundredths: i64,
    /// What is certified, in a sentence.
    pub sentence: String,
    pub event: String,
    pub title: String,
    pub format: String,
    pub place: String,
    pub dates: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub provider: String,
    pub address: String,
    pub web_address: String,
    /// Numbers of the provider and the activity, and who the participant is to the provider.
    pub facts: Vec<Fact>,
    pub statements: Vec<String>,
    pub sessions: Vec<Counted>,
    pub rule: String,
    pub rule_version: i32,
    pub signatory: String,
    pub signatory_post: String,
    /// The claims that it is the sum of.
    pub claims: Vec<ClaimId>,
}

/// What all certificates of an event share; read once for many.
pub struct Setting {
    pub event: Event,
    pub accredited: Vec<Accredited>,
    /// Whether the whole event is evaluated.
    pub asks_overall: bool,
    provider: Option<Provider>,
    words: HashMap<String, String>,
    rules: HashMap<CreditRuleId, CreditRule>,
    sessions: HashMap<SessionId, Session>,
}

impl Setting {
    pub fn of(db: &mut Db, event: &Event) -> Result<Self> {
        let accredited = accredited(db, &event.id)?;
        let mut rules = HashMap::new();
        for (kind, _) in types::list(db, &event.id)? {
            rules.extend(types::versions(db, &kind.id)?.into_iter().map(|rule| (rule.id.clone(), rule)));
        }
        Ok(Self {
            asks_overall: forms::current(db, &event.id, Scope::Overall)?.is_some(),
            provider: providers::find(db, &event.id)?,
            words: providers::statements(db, &event.id)?,
            sessions: agenda::list(db, &event.id)?.into_iter().map(|session| (session.id.clone(), session)).collect(),
            event: event.clone(),
            accredited,
            rules,
        })
    }

    /// The version of the rule that a claim was awarded under.
    pub fn rule_of<'a>(&'a self, one: &'a Accredited, claim: &Standing) -> &'a CreditRule {
        self.rules.get(&claim.claim.rule_id).unwrap_or(&one.rule)
    }

    pub fn session(&self, id: &SessionId) -> Option<&Session> {
        self.sessions.get(id)
    }

    fn statement(&self, kind: &str, filling: &Filling) -> String {
        filled(self.words.get(kind).map(String::as_str), kind, filling)
    }

    /// The certificate of one activity and credit type: the sum of these claims.
    pub fn of_claims(&self, registration: &Registration, one: &Accredited, claims: &[&Standing]) -> Printed {
        let lines = claims.iter().flat_map(|claim| &claim.lines);
        let sessions = self.in_time(lines.map(|line| (&line.session_id, i64::from(line.minutes), i64::from(line.hundredths))));
        let rule = claims.last().map_or(&one.rule, |claim| self.rule_of(one, claim));
        let about = About {
            code: one.kind.code,
            title: one.activity.title.clone(),
            format: one.activity.format,
            hundredths: claims.iter().map(|claim| i64::from(claim.claim.hundredths)).sum(),
            activity: Some(one),
            rule: Some(rule),
            claims: claims.iter().map(|claim| claim.claim.id.clone()).collect(),
            sessions,
        };
        self.print(registration, about)
    }

    /// These sessions with their minutes and credit, as they followed one another.
    fn in_time<'a>(&self, counted: impl Iterator<Item = (&'a SessionId, i64, i64)>) -> Vec<Counted> {
        let known = counted.filter_map(|(id, minutes, hundredths)| Some((self.session(id)?, minutes, hundredths)));
        let mut known: Vec<(&Session, i64, i64)> = known.collect();
        known.sort_by_key(|(session, ..)| (session.starts_at, session.code.clone()));
        let row = |(session, minutes, hundredths): (&Session, i64, i64)| Counted {
            code: session.code.clone(),
            title: session.title.clone(),
            on: session.starts_at.date_in(self.event.zone()),
            minutes,
            hundredths,
        };
        known.into_iter().map(row).collect()
    }

    /// The certificate of participation of somebody whom no credit type serves (CEU-4).
    pub fn of_participation(&self, registration: &Registration, minutes: i64, attended: &[(SessionId, i64)]) -> Printed {
        let sessions = self.in_time(attended.iter().map(|(id, minutes)| (id, *minutes, 0)));
        let about = About {
            code: Code::Attendance,
            title: self.event.name.clone(),
            format: Format::Live,
            hundredths: Code::Attendance.known().terms.credit(minutes),
            activity: None,
            rule: None,
            claims: Vec::new(),
            sessions,
        };
        self.print(registration, about)
    }

    fn print(&self, registration: &Registration, about: About<'_>) -> Printed {
        let starts_on = about.sessions.first().map_or(self.event.starts_on, |session| session.on);
        let ends_on = about.sessions.iter().map(|session| session.on).max().unwrap_or(self.event.ends_on);
        let (provider, name) = (self.provider.as_ref(), &registration.certificate_name);
        let filling = Filling {
            provider: provider.map_or_else(|| self.event.name.clone(), |provider| provider.name.clone()),
            partners: provider.map(|provider| provider.joint_with.clone()).unwrap_or_default(),
            format: about.format.words().to_owned(),
            hundredths: about.hundredths,
            uan: about.activity.map(|one| one.activity.uan.clone()).unwrap_or_default(),
            name: name.clone(),
            title: about.title.clone(),
            dates: dates_words(starts_on, ends_on),
            credit: credit_words(about.code, about.hundredths),
            cep: provider.map(|provider| provider.cep_number.clone()).unwrap_or_default(),
        };
        let award = if about.code == Code::Attendance { "award_attendance" } else { "award" };
        let of = |part: fn(&Provider) -> &String| provider.map(part).cloned().unwrap_or_default();
        Printed {
            code: about.code,
            heading: heading(about.code).to_owned(),
            name: name.clone(),
            credentials: registration.credentials.clone(),
            credit: filling.credit.clone(),
            hundredths: about.hundredths,
            sentence: self.statement(award, &filling),
            event: self.event.name.clone(),
            format: filling.format.clone(),
            place: self.place(about.format),
            dates: filling.dates.clone(),
            starts_on,
            ends_on,
            provider: filling.provider.clone(),
            address: of(|provider| &provider.address).lines().map(str::trim).collect::<Vec<_>>().join(", "),
            web_address: of(|provider| &provider.web_address),
            facts: facts(provider, &about, registration),
            statements: self.statements(&about, &filling),
            rule: about.rule.map(|rule| rule.terms().words()).unwrap_or_default(),
            rule_version: about.rule.map_or(0, |rule| rule.version),
            signatory: of(|provider| &provider.signatory),
            signatory_post: of(|provider| &provider.signatory_post),
            title: about.title,
            sessions: about.sessions,
            claims: about.claims,
        }
    }

    fn place(&self, format: Format) -> String {
        let parts = [&self.event.venue, &self.event.address].map(|part| part.lines().map(str::trim).collect::<Vec<_>>().join(", "));
        let place = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        if format == Format::Enduring || place.is_empty() { "Online".to_owned() } else { place }
    }

    /// What accreditors want to read on a certificate of this type. None names the designated maximum as earned:
    /// where a wording has a number, it is what was claimed.
    fn statements(&self, about: &About<'_>, filling: &Filling) -> Vec<String> {
        if about.code == Code::Attendance {
            return self.of_attendance(about, filling);
        }
        let mut kinds = Vec::new();
        if !filling.partners.is_empty() {
            kinds.push("joint_providers");
        }
        kinds.push(ACCREDITATION);
        match about.code {
            Code::Acpe => kinds.extend(["acpe", "acpe_record"]),
            Code::Ancc if !filling.cep.is_empty() => kinds.push("california_rn"),
            Code::Aapa => kinds.push("certificate_aapa"),
            Code::Cphq => kinds.push("certificate_cphq"),
            Code::Cpps => kinds.push("certificate_cpps"),
            Code::Ipce | Code::Aswb => kinds.push(about.code.as_str()),
            Code::Ama | Code::Ancc | Code::Attendance => {}
        }
        kinds.into_iter().map(|kind| self.statement(kind, filling)).collect()
    }

    fn of_attendance(&self, about: &About<'_>, filling: &Filling) -> Vec<String> {
        let mut statements = vec![self.statement("attendance", filling)];
        let for_physicians = self.accredited.iter().find(|other| {
            let is_same = about.activity.is_none_or(|one| one.activity.id == other.activity.id);
            is_same && other.kind.code == Code::Ama
        });
        if let Some(other) = for_physicians {
            statements.push(self.statement("designated_for", &Filling { hundredths: other.maximum, ..filling.clone() }));
        }
        statements
    }
}

/// What a certificate is about.
struct About<'a> {
    code: Code,
    title: String,
    format: Format,
    hundredths: i64,
    activity: Option<&'a Accredited>,
    rule: Option<&'a CreditRule>,
    claims: Vec<ClaimId>,
    sessions: Vec<Counted>,
}

/// The numbers that this credit's accreditor asks for, and the participant's own.
fn facts(provider: Option<&Provider>, about: &About<'_>, registration: &Registration) -> Vec<Fact> {
    let number = |part: fn(&Provider) -> &String| provider.map(part).cloned().unwrap_or_default();
    let ids = about.activity.map(|one| &one.activity);
    let mut all = match about.code {
        Code::Attendance => Vec::new(),
        Code::Ancc => vec![
            ("ANCC provider", number(|provider| &provider.ancc_number)),
            ("California nursing provider", number(|provider| &provider.cep_number)),
        ],
        Code::Acpe => vec![
            ("ACPE provider", number(|provider| &provider.acpe_number)),
            ("Universal Activity Number", ids.map(|ids| ids.uan.clone()).unwrap_or_default()),
        ],
        Code::Aswb => vec![("ASWB ACE provider", number(|provider| &provider.aswb_number))],
        Code::Ama | Code::Ipce | Code::Aapa | Code::Cphq | Code::Cpps => {
            vec![("ACCME provider", number(|provider| &provider.accme_number))]
        }
    };
    all.push(("Activity", ids.map(|ids| ids.code.clone()).unwrap_or_default()));
    all.push(("Participant", registration.code.clone()));
    let kept = all.into_iter().filter(|(_, value)| !value.is_empty());
    kept.map(|(label, value)| Fact { label: label.to_owned(), value }).collect()
}

impl Printed {
    /// `1.75`.
    pub fn amount(&self) -> String {
        hundredths_words(self.hundredths)
    }

    /// Name and credentials, as they stand together.
    pub fn whole_name(&self) -> String {
        if self.credentials.is_empty() { self.name.clone() } else { format!("{}, {}", self.name, self.credentials) }
    }
}
