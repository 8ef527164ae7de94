//! What reports need of people and who lacks it, what is new since the last file, and when details are erased (CEU-7, CEU-8): pure decisions.

mod numbers;
pub mod progress;
pub mod rows;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::clock::Instant;
use crate::credits::rules::{Code, pharmacy_last_day};
use crate::ids::{ActivityId, PersonId, RegistrationId};

pub use numbers::{STATES, is_nabp_id, is_npi, is_state};

crate::words! {
    /// A report; the word stands in addresses and file names.
    Kind {
        Pars => "pars", CeBroker => "ce-broker", CpeMonitor => "cpe-monitor", Attendance => "attendance", People => "people",
    }
}
crate::words! {
    Format { Csv => "csv", Xlsx => "xlsx", Xls => "xls", Json => "json" }
}
crate::words! {
    /// What is told of somebody's credit. Accreditors know no change: what changed is deleted and added.
    Action { Add => "add", Delete => "delete" }
}
crate::words! {
    /// Something that a report needs of somebody.
    Lack {
        BirthDay => "birth_day", License => "license", NabpId => "nabp_id", SubjectArea => "subject_area", Specialty => "specialty",
    }
}

impl Kind {
    /// What is reported to accreditors, person by person.
    pub const OF_CREDIT: [Self; 3] = [Self::Pars, Self::CeBroker, Self::CpeMonitor];

    /// What staff call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Pars => "PARS learner report",
            Self::CeBroker => "CE Broker roster",
            Self::CpeMonitor => "CPE Monitor",
            Self::Attendance => "Attendance",
            Self::People => "People and their credit",
        }
    }

    /// Whom the credit is reported to.
    pub fn receiver(self) -> &'static str {
        match self {
            Self::Pars => "the Accreditation Council for Continuing Medical Education (ACCME)",
            Self::CeBroker => "your state board, through CE Broker",
            Self::CpeMonitor => "your NABP e-Profile (CPE Monitor)",
            Self::Attendance | Self::People => "nobody",
        }
    }

    /// The formats of its files, the usual one first.
    pub fn formats(self) -> &'static [Format] {
        match self {
            Self::Pars => &[Format::Xlsx, Format::Json],
            Self::CeBroker => &[Format::Xls],
            Self::CpeMonitor | Self::Attendance | Self::People => &[Format::Xlsx, Format::Csv],
        }
    }
}

impl Lack {
    /// As staff and letters name it.
    pub fn words(self) -> &'static str {
        match self {
            Self::BirthDay => "month and day of birth",
            Self::License => "license number and state",
            Self::NabpId => "NABP e-Profile ID",
            Self::SubjectArea => "subject area of the activity, for partial credit",
            Self::Specialty => "specialty",
        }
    }

    /// Whether nothing can be reported without it.
    pub fn is_needed(self) -> bool {
        self != Self::Specialty
    }

    /// Whether the person can tell it; the rest staff enter.
    pub fn is_personal(self) -> bool {
        self != Self::SubjectArea
    }
}

/// A license to practice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct License {
    /// Two letters.
    pub state: String,
    /// As the board writes it: `RN`, `MD`.
    pub profession: String,
    pub number: String,
}

/// Month and day of somebody's birth; nobody asks for the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BirthDay {
    pub month: u8,
    pub day: u8,
}

impl BirthDay {
    /// Reads both as they are typed or chosen; 29 February is a birthday.
    pub fn read(month: &str, day: &str) -> Option<Self> {
        let (month, day) = (month.trim().parse().ok()?, day.trim().parse().ok()?);
        // A leap year has every day that there is.
        NaiveDate::from_ymd_opt(2000, u32::from(month), u32::from(day)).map(|_| Self { month, day })
    }

    /// `03<between>09`.
    pub fn words(self, between: &str) -> String {
        format!("{:02}{between}{:02}", self.month, self.day)
    }
}

/// What tells a person apart at the accreditor; kept sealed, and only until reporting is over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub nabp_id: Option<String>,
    pub birth_day: Option<BirthDay>,
}

/// Credit of one type for one activity, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earned {
    pub activity: ActivityId,
    pub code: Code,
    pub hundredths: i64,
    /// The end of the last session that it was given for.
    pub completed_at: Instant,
}

/// Somebody with credit, and all that reports want to know.
#[derive(Clone, Debug)]
pub struct Learner {
    pub registration: RegistrationId,
    pub person: PersonId,
    pub code: String,
    pub given_name: String,
    pub family_name: String,
    pub profession: String,
    pub licenses: Vec<License>,
    pub npi: String,
    pub specialty: String,
    pub identity: Identity,
    pub earned: Vec<Earned>,
    /// What files told last, by activity and license: credit, or none after a deletion.
    pub reported: BTreeMap<(Kind, ActivityId, String), Option<i64>>,
}

impl Learner {
    pub fn full_name(&self) -> String {
        crate::people::rules::full_name(&self.given_name, &self.family_name)
    }

    /// The credit that a report tells: each activity once. CE Broker knows hours and no credit types, so of several
    /// types of one activity the most counts.
    pub fn credit(&self, kind: Kind) -> Vec<Earned> {
        let is_told = |code: Code| match kind {
            Kind::Pars => code == Code::Ama,
            Kind::CpeMonitor => code == Code::Acpe,
            Kind::CeBroker => code != Code::Attendance,
            Kind::Attendance | Kind::People => false,
        };
        let mut told: BTreeMap<ActivityId, Earned> = BTreeMap::new();
        for earned in self.earned.iter().filter(|earned| is_told(earned.code) && earned.hundredths > 0) {
            let known = told.entry(earned.activity.clone()).or_insert_with(|| earned.clone());
            if earned.hundredths > known.hundredths {
                known.hundredths = earned.hundredths;
                known.code = earned.code;
            }
            known.completed_at = known.completed_at.max(earned.completed_at);
        }
        told.into_values().collect()
    }
}

/// What the provider entered for reports of an event.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    pub provider: String,
    /// Seven digits.
    pub accme_number: String,
    /// Four digits.
    pub acpe_number: String,
    pub ce_broker_provider: String,
    /// States whose boards take CE Broker; none means every license.
    pub ce_broker_states: Vec<String>,
    pub activities: BTreeMap<ActivityId, Activity>,
}

/// An activity as reports know it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    pub code: String,
    pub title: String,
    /// Nine digits, or empty.
    pub pars_id: String,
    pub uan: String,
    /// CE Broker's number of the course, or empty: then the own code stands for it.
    pub course: String,
    /// CE Broker's subject area for who earned a part only.
    pub subject_area: String,
    /// The largest maximum of its credit types.
    pub maximum: i64,
    /// Whether pharmacy credit is designated, and on which day it ends.
    pub is_pharmacy: bool,
    pub ends_on: NaiveDate,
}

impl Setting {
    /// The licenses that CE Broker is told about.
    pub fn licenses<'a>(&self, learner: &'a Learner) -> Vec<&'a License> {
        let is_told = |license: &&License| self.ce_broker_states.is_empty() || self.ce_broker_states.contains(&license.state);
        learner.licenses.iter().filter(is_told).collect()
    }

    /// What a report cannot do without and staff enter, in words.
    pub fn lacks(&self, kind: Kind) -> Vec<String> {
        let mut lacks = Vec::new();
        let mut says = |is_missing: bool, words: String| {
            if is_missing {
                lacks.push(words)
            }
        };
        let own = self.activities.values();
        match kind {
            Kind::Pars => {
                says(self.accme_number.is_empty(), "The provider of record has no ACCME number.".to_owned());
                own.for_each(|one| says(!one.is_pharmacy && one.pars_id.is_empty(), format!("Activity {} has no PARS id.", one.code)));
            }
            Kind::CeBroker => says(self.ce_broker_provider.is_empty(), "CE Broker’s number of the provider is missing.".to_owned()),
            Kind::CpeMonitor => {
                says(self.acpe_number.is_empty(), "The provider of record has no ACPE number.".to_owned());
                own.for_each(|one| says(one.is_pharmacy && one.uan.is_empty(), format!("Activity {} has no UAN.", one.code)));
            }
            Kind::Attendance | Kind::People => {}
        }
        lacks
    }

    /// Whether the activity itself can be told of.
    fn is_known(&self, kind: Kind, activity: &ActivityId) -> bool {
        self.activities.get(activity).is_some_and(|one| match kind {
            Kind::Pars => !one.pars_id.is_empty(),
            Kind::CpeMonitor => !one.uan.is_empty(),
            _ => true,
        })
    }
}

/// What a report lacks of somebody with credit that it tells; nothing of those whom it does not concern.
pub fn lacks(kind: Kind, learner: &Learner, setting: &Setting) -> Vec<Lack> {
    let credit = learner.credit(kind);
    if credit.is_empty() {
        return Vec::new();
    }
    let mut lacks = Vec::new();
    let mut needs = |is_missing: bool, lack: Lack| {
        if is_missing {
            lacks.push(lack)
        }
    };
    match kind {
        Kind::Pars => {
            needs(learner.identity.birth_day.is_none(), Lack::BirthDay);
            needs(learner.npi.is_empty() && learner.licenses.is_empty(), Lack::License);
            needs(learner.specialty.is_empty(), Lack::Specialty);
        }
        Kind::CeBroker => {
            needs(learner.licenses.is_empty(), Lack::License);
            let concerns = !setting.licenses(learner).is_empty();
            let has_area = |one: &Earned| {
                setting.activities.get(&one.activity).is_none_or(|of| one.hundredths >= of.maximum || !of.subject_area.is_empty())
            };
            needs(concerns && !credit.iter().all(has_area), Lack::SubjectArea);
        }
        Kind::CpeMonitor => {
            needs(learner.identity.nabp_id.is_none(), Lack::NabpId);
            needs(learner.identity.birth_day.is_none(), Lack::BirthDay);
        }
        Kind::Attendance | Kind::People => {}
    }
    lacks
}

/// One thing that a file tells: who, of what, and how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub activity: ActivityId,
    /// The license that it is told for, where the report goes by licenses.
    pub license: Option<License>,
    pub action: Action,
    pub hundredths: i64,
    pub completed_at: Option<Instant>,
}

impl Told {
    /// By what the next file knows that this was told.
    pub fn target(&self) -> String {
        self.license.as_ref().map(target).unwrap_or_default()
    }
}

fn target(license: &License) -> String {
    format!("{} {}", license.state, license.profession)
}

/// What is told of one credit, by what was told last: nothing where it is the same.
pub fn changes(told: Option<i64>, now: Option<i64>) -> Vec<(Action, i64)> {
    match (told, now) {
        (Some(told), Some(now)) if told == now => Vec::new(),
        (told, now) => told.map(|told| (Action::Delete, told)).into_iter().chain(now.map(|now| (Action::Add, now))).collect(),
    }
}

/// Everything that a file tells of somebody: what is new or changed, or with `everything` all that stands. Who lacks
/// what is needed is left out.
pub fn told(kind: Kind, learner: &Learner, setting: &Setting, everything: bool) -> Vec<Told> {
    if lacks(kind, learner, setting).iter().any(|lack| lack.is_needed() && *lack != Lack::SubjectArea) {
        return Vec::new();
    }
    let mut credit = learner.credit(kind);
    credit.retain(|one| setting.is_known(kind, &one.activity) && (kind != Kind::CeBroker || has_room(one, setting)));
    let licenses: Vec<Option<&License>> =
        if kind == Kind::CeBroker { setting.licenses(learner).into_iter().map(Some).collect() } else { vec![None] };
    let mut all = Vec::new();
    for license in licenses {
        let name = license.map(target).unwrap_or_default();
        let of = |(of, _, target): &(Kind, ActivityId, String)| *of == kind && *target == name;
        let known = learner.reported.iter().filter(|(key, _)| of(key)).map(|((_, activity, _), told)| (activity, *told));
        let known: BTreeMap<&ActivityId, Option<i64>> = if everything { BTreeMap::new() } else { known.collect() };
        let mut activities: Vec<&ActivityId> = credit.iter().map(|one| &one.activity).chain(known.keys().copied()).collect();
        activities.sort();
        activities.dedup();
        for activity in activities {
            let now = credit.iter().find(|one| one.activity == *activity);
            let before = known.get(activity).copied().flatten();
            // Only PARS takes changes in its file; elsewhere staff correct by hand what was told and changed.
            if kind != Kind::Pars && before.is_some() {
                continue;
            }
            for (action, hundredths) in changes(before, now.map(|one| one.hundredths)) {
                let completed_at = now.map(|one| one.completed_at);
                let told = Told { activity: activity.clone(), license: license.cloned(), action, hundredths, completed_at };
                all.push(told);
            }
        }
    }
    all
}

/// Whether CE Broker can be told of this credit: all of the activity, or a part in a subject area.
fn has_room(one: &Earned, setting: &Setting) -> bool {
    setting.activities.get(&one.activity).is_some_and(|of| one.hundredths >= of.maximum || !of.subject_area.is_empty())
}

/// Credit that was told and changed or taken back since, where a file cannot take it back: for staff to correct by hand.
pub fn to_correct(kind: Kind, learner: &Learner) -> usize {
    if kind == Kind::Pars {
        return 0;
    }
    let credit = learner.credit(kind);
    let differs = |activity: &ActivityId, told: i64| !credit.iter().any(|one| one.activity == *activity && one.hundredths == told);
    let of = learner.reported.iter().filter(|((of, ..), _)| *of == kind);
    of.filter(|((_, activity, _), told)| told.is_some_and(|told| differs(activity, told))).count()
}

/// The first day on which month and day of birth and the NABP id are erased: half a year after reporting was
/// acknowledged, or after pharmacy's sixty days where nobody said so. In that half year a report may still be late.
pub fn erase_on(ends_on: NaiveDate, acknowledged_on: Option<NaiveDate>) -> NaiveDate {
    let over = acknowledged_on.unwrap_or_else(|| pharmacy_last_day(ends_on));
    over.checked_add_months(Months::new(6)).unwrap_or(NaiveDate::MAX)
}

/// What a file is called: report, event, and the day in the event's zone.
pub fn file_name(kind: Kind, slug: &str, day: NaiveDate, format: Format) -> String {
    let slug: String = slug.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '-').collect();
    format!("{kind}-{slug}-{day}.{format}")
}
