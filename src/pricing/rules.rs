//! Which price is in force, which discount wins, and why (PRC-1 to PRC-4): pure decisions.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Eligibility, PriceTier, RegistrationType};
use crate::hospitals::Recognition;
use crate::hospitals::rules::{gives_benefits, last_day};
use crate::money::discount_cents;

crate::words! {
    /// What a discount is given for. The order breaks ties: recognized hospitals first (PRC-2).
    DiscountKind {
        RecognizedHospital => "recognized_hospital", Group => "group", Scholarship => "scholarship", Promotional => "promotional",
    }
}

impl DiscountKind {
    /// As it stands on a receipt.
    pub fn words(self) -> &'static str {
        match self {
            Self::RecognizedHospital => "Recognized hospital",
            Self::Group => "Group of three or more",
            Self::Scholarship => "Scholarship",
            Self::Promotional => "Promotional code",
        }
    }
}

/// People in one order from which on the group discount is given, and its percentage.
pub const GROUP_SIZE: usize = 3;
pub const GROUP_PERCENT: i32 = 15;

/// The first year of congresses that recognized hospitals get their discount for (PRC-3).
const FIRST_DISCOUNT_YEAR: i32 = 2026;

/// A discount that might apply to an item, before it is weighed against the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub kind: DiscountKind,
    pub percent: i32,
    /// Whether its own conditions are met.
    pub usable: bool,
    /// Why they are, or why they are not.
    pub reason: String,
    /// The code it rests on, as its row's id.
    pub code_id: Option<String>,
}

/// A discount after weighing: what it takes off, whether it won, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weighed {
    pub kind: DiscountKind,
    pub percent: i32,
    pub amount_cents: i64,
    pub applied: bool,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_id: Option<String>,
}

/// Weighs the candidates for one item: the single best for the buyer wins, a tie goes to the first kind (PRC-2).
pub fn weigh(list_cents: i64, discountable: bool, candidates: &[Candidate]) -> Vec<Weighed> {
    let worth = |candidate: &Candidate| discount_cents(list_cents, candidate.percent);
    let usable = |candidate: &&Candidate| candidate.usable && discountable && worth(candidate) > 0;
    let best = candidates.iter().filter(usable).min_by_key(|candidate| (-worth(candidate), candidate.kind)).cloned();
    let mut weighed: Vec<Weighed> = candidates
        .iter()
        .map(|candidate| {
            let applied = best.as_ref() == Some(candidate);
            Weighed {
                kind: candidate.kind,
                percent: candidate.percent,
                amount_cents: worth(candidate),
                applied,
                reason: reason(list_cents, discountable, candidate, applied, best.as_ref()),
                code_id: candidate.code_id.clone(),
            }
        })
        .collect();
    weighed.sort_by_key(|discount| (!discount.applied, discount.kind));
    weighed
}

fn reason(list_cents: i64, discountable: bool, candidate: &Candidate, applied: bool, best: Option<&Candidate>) -> String {
    if applied || !candidate.usable {
        return candidate.reason.clone();
    }
    if !discountable {
        return "This item is sold without discounts.".to_owned();
    }
    if list_cents <= 0 {
        return "There is nothing to take a discount from.".to_owned();
    }
    match best {
        Some(best) if best.percent == candidate.percent => {
            format!("{} takes off the same; only one discount is given.", best.kind.words())
        }
        Some(best) => format!("{} takes off more ({} %); only the best discount is given.", best.kind.words(), best.percent),
        None => candidate.reason.clone(),
    }
}

/// The tier in force on a day: the first that has not ended.
pub fn tier_in_force(tiers: &[PriceTier], today: NaiveDate) -> Option<&PriceTier> {
    tiers.iter().find(|tier| tier.until.is_none_or(|until| today <= until))
}

/// Whether a type is sold on a day, and if not, why.
pub fn on_sale(kind: &RegistrationType, today: NaiveDate, event_ends_on: NaiveDate) -> Result<(), String> {
    if let Some(opens) = kind.sale_opens_on.filter(|opens| today < *opens) {
        return Err(format!("“{}” is sold from {} on.", kind.name, crate::events::rules::day_words(opens)));
    }
    let closes = kind.sale_closes_on.unwrap_or(event_ends_on);
    if today > closes {
        return Err(format!("“{}” was sold until {}.", kind.name, crate::events::rules::day_words(closes)));
    }
    Ok(())
}

/// Whether the codes that were given open a type that is sold by code.
pub fn code_opens(kind: &RegistrationType, code_keys: &[String]) -> bool {
    match (kind.eligibility, &kind.access_code_key) {
        (Eligibility::Code, Some(key)) => code_keys.iter().any(|given| crate::ids::same(given, key)),
        (Eligibility::Code, None) => false,
        (Eligibility::Anyone | Eligibility::Approval, _) => true,
    }
}

/// How it is known that a person is staff of a hospital (PRC-4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A code that the hospital gave to its staff; its row's id.
    StaffCode { code_id: String },
    /// A hospital code that does not work any more or not here, and why.
    DeadCode { why: String },
    /// A verified e-mail at a domain of this hospital alone.
    Domain { domain: String },
    /// An e-mail at a domain of this hospital alone that nobody has verified yet.
    UnverifiedDomain { domain: String },
    /// A domain that other hospitals use too.
    SharedDomain { domain: String },
    /// Nothing that proves it.
    Nothing,
}

/// What the recognized-hospital discount depends on.
pub struct HospitalFacts<'a> {
    pub hospital_name: &'a str,
    pub terms: &'a [Recognition],
    pub proof: Proof,
}

/// The event's side of it.
#[derive(Clone, Copy)]
pub struct EventFacts {
    pub is_congress: bool,
    pub first_day: NaiveDate,
    pub percent: i32,
}

/// What is decided about the recognized-hospital discount, apart from weighing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HospitalVerdict {
    Given {
        reason: String,
    },
    /// The person has to enter the code that was mailed to them.
    VerifyFirst {
        reason: String,
    },
    /// The place is held and the invoice waits until staff have decided.
    Doubtful {
        reason: String,
    },
    No {
        reason: String,
    },
}

/// The term that counts: approved and paid by the day of the order, not revoked, and the event's first day in it (PRC-3).
pub fn term_that_counts(terms: &[Recognition], first_day: NaiveDate, ordered_on: NaiveDate) -> Option<&Recognition> {
    terms.iter().find(|term| gives_benefits(term, ordered_on) && term.term_starts_on <= first_day && first_day <= last_day(term))
}

/// Decides the recognized-hospital discount for one person (PRC-3, PRC-4).
pub fn hospital_verdict(event: EventFacts, facts: &HospitalFacts<'_>, ordered_on: NaiveDate) -> HospitalVerdict {
    let name = facts.hospital_name;
    let no = |reason: String| HospitalVerdict::No { reason };
    if !event.is_congress || event.first_day < NaiveDate::from_ymd_opt(FIRST_DISCOUNT_YEAR, 1, 1).unwrap_or_default() {
        return no(format!("The discount for recognized hospitals is given at congresses from {FIRST_DISCOUNT_YEAR} on."));
    }
    if term_that_counts(facts.terms, event.first_day, ordered_on).is_none() {
        return no(why_not_recognized(name, facts.terms, event.first_day, ordered_on));
    }
    match &facts.proof {
        Proof::StaffCode { .. } => HospitalVerdict::Given { reason: format!("You gave a staff code of {name}, a recognized hospital.") },
        Proof::Domain { domain } => {
            HospitalVerdict::Given { reason: format!("Your e-mail at {domain} shows that you work at {name}, a recognized hospital.") }
        }
        Proof::UnverifiedDomain { domain } => HospitalVerdict::VerifyFirst {
            reason: format!("{name} is recognized. Enter the code that was mailed to your address at {domain} to get the discount."),
        },
        Proof::SharedDomain { domain } => HospitalVerdict::Doubtful {
            reason: format!(
                "{domain} is used by several hospitals, so our staff check that you work at {name}. Your place is held, and the invoice waits."
            ),
        },
        Proof::DeadCode { why } => HospitalVerdict::Doubtful {
            reason: format!("{why} Our staff check that you work at {name}. Your place is held, and the invoice waits."),
        },
        Proof::Nothing => HospitalVerdict::Doubtful {
            reason: format!(
                "Your e-mail does not show that you work at {name}, so our staff check it. Your place is held, and the invoice waits."
            ),
        },
    }
}

fn why_not_recognized(name: &str, terms: &[Recognition], first_day: NaiveDate, ordered_on: NaiveDate) -> String {
    use crate::events::rules::day_words;
    if terms.is_empty() {
        return format!("{name} is not a recognized hospital. Recognition counts for each hospital by itself, not for its health system.");
    }
    let covering = terms.iter().find(|term| term.term_starts_on <= first_day && first_day <= term.term_ends_on);
    match covering {
        Some(term) if term.revoked_on.is_some_and(|day| day <= ordered_on) => format!("The recognition of {name} was withdrawn."),
        Some(term) if term.conditional => format!("{name} is recognized conditionally; the discount begins with full recognition."),
        Some(term) if term.approved_on.is_none_or(|day| day > ordered_on) => format!("The recognition of {name} is not approved yet."),
        Some(_) => format!("The recognition of {name} is approved but not paid yet. Once it is, the discount is credited without asking."),
        None => {
            let last = terms.iter().max_by_key(|term| term.term_ends_on);
            match last.filter(|term| term.term_ends_on < first_day) {
                Some(term) => format!("The recognition of {name} ended on {}, before the event begins.", day_words(term.term_ends_on)),
                None => format!("The recognition of {name} begins after the event does."),
            }
        }
    }
}

#[cfg(test)]
mod tests;
