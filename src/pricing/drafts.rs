//! What staff type about registration types, tiers and discount codes, read and checked field by field (PRC-1).

use serde::{Deserialize, Serialize};

use super::{CodeKind, DiscountCode, Eligibility, PriceTier, RegistrationType, code_key};
use crate::agenda::Session;
use crate::error::Checks;
use crate::ids::{PriceTierId, RegistrationTypeId, SessionId};
use crate::incoming::tidy_line;
use crate::money::plain_cents;
use crate::typed::{self, some_text, tidy_text};

/// A tier as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TierDraft {
    pub name: String,
    #[serde(deserialize_with = "typed::text")]
    pub price: String,
    /// The last day of this price; blank for the last tier.
    pub until: String,
}

/// A registration type with its tiers and the sessions it covers, as it is typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypeDraft {
    #[serde(deserialize_with = "typed::text")]
    pub code: String,
    pub name: String,
    pub description: String,
    #[serde(deserialize_with = "typed::text")]
    pub capacity: String,
    pub sale_opens_on: String,
    pub sale_closes_on: String,
    pub eligibility: String,
    #[serde(deserialize_with = "typed::text")]
    pub access_code: String,
    #[serde(deserialize_with = "typed::yes")]
    pub discountable: bool,
    /// `all`, or the codes of sessions.
    #[serde(deserialize_with = "typed::texts")]
    pub covers: Vec<String>,
    #[serde(deserialize_with = "typed::text")]
    pub position: String,
    pub tiers: Vec<TierDraft>,
}

impl Default for TypeDraft {
    /// A general conference type: for anyone, discountable, covering every session without a price of its own (PRC-3).
    fn default() -> Self {
        let blank = String::new;
        Self {
            code: blank(),
            name: blank(),
            description: blank(),
            capacity: blank(),
            sale_opens_on: blank(),
            sale_closes_on: blank(),
            eligibility: Eligibility::Anyone.to_string(),
            access_code: blank(),
            discountable: true,
            covers: vec!["all".to_owned()],
            position: blank(),
            tiers: Vec::new(),
        }
    }
}

/// What a draft of a type becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub registration_type: RegistrationType,
    pub tiers: Vec<PriceTier>,
    /// The sessions it lists; empty when it covers all.
    pub covered: Vec<SessionId>,
}

impl TypeDraft {
    /// A stored type as it would be typed; `sessions` are the event's.
    pub fn of(offer: &Offer, sessions: &[Session]) -> Self {
        let kind = &offer.registration_type;
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let listed = sessions.iter().filter(|session| offer.covered.contains(&session.id)).map(|session| session.code.clone());
        Self {
            code: kind.code.clone(),
            name: kind.name.clone(),
            description: kind.description.clone(),
            capacity: kind.capacity.map(|most| most.to_string()).unwrap_or_default(),
            sale_opens_on: day(kind.sale_opens_on),
            sale_closes_on: day(kind.sale_closes_on),
            eligibility: kind.eligibility.to_string(),
            access_code: kind.access_code_key.clone().unwrap_or_default(),
            discountable: kind.discountable,
            covers: if kind.covers_all { vec!["all".to_owned()] } else { listed.collect() },
            position: kind.position.to_string(),
            tiers: offer.tiers.iter().map(TierDraft::of).collect(),
        }
    }

    /// Puts what was typed into `offer` and says what cannot be read; `others` are the event's other types.
    pub fn read(&self, others: &[RegistrationType], sessions: &[Session], offer: &mut Offer) -> Checks {
        let mut checks = Checks::new();
        self.read_type(others, &mut offer.registration_type, &mut checks);
        offer.tiers = read_tiers(&self.tiers, &offer.registration_type.id, &mut checks);
        let all = self.covers.iter().any(|code| code.trim() == "all");
        offer.registration_type.covers_all = all;
        offer.covered = if all { Vec::new() } else { read_covered(&self.covers, sessions, &mut checks) };
        checks
    }

    fn read_type(&self, others: &[RegistrationType], kind: &mut RegistrationType, checks: &mut Checks) {
        kind.code = checks.code("code", &self.code);
        if others.iter().any(|other| other.id != kind.id && other.code.eq_ignore_ascii_case(&kind.code)) {
            checks.wrong("code", "taken", format!("Another registration type has the code {}.", kind.code));
        }
        kind.name = tidy_line(&self.name);
        checks.required("name", &kind.name, "Enter the name people choose by.");
        checks.at_most("name", &kind.name, 200);
        kind.description = tidy_text(&self.description);
        checks.at_most("description", &kind.description, 4000);
        kind.capacity = checks.whole("capacity", &self.capacity, 0..=i32::MAX);
        kind.sale_opens_on = checks.day("sale_opens_on", &self.sale_opens_on);
        kind.sale_closes_on = checks.day("sale_closes_on", &self.sale_closes_on);
        if kind.sale_opens_on.zip(kind.sale_closes_on).is_some_and(|(opens, closes)| closes < opens) {
            checks.wrong("sale_closes_on", "order", "The sale closes before it opens.");
        }
        kind.eligibility = checks.word("eligibility", &self.eligibility, Eligibility::ALL).unwrap_or(kind.eligibility);
        kind.access_code_key = some_text(&code_key(&self.access_code)).filter(|_| kind.eligibility == Eligibility::Code);
        if kind.eligibility == Eligibility::Code && kind.access_code_key.is_none() {
            checks.wrong("access_code", "required", "Enter the code that lets people choose this type.");
        }
        kind.discountable = self.discountable;
        kind.position = checks.whole("position", &self.position, 0..=9999).unwrap_or(kind.position);
    }
}

impl TierDraft {
    fn of(tier: &PriceTier) -> Self {
        let until = tier.until.map(|day| day.to_string()).unwrap_or_default();
        Self { name: tier.name.clone(), price: plain_cents(tier.price_cents), until }
    }
}

/// Tiers follow one another by their last day; the last has none, so that there is always a price.
fn read_tiers(drafts: &[TierDraft], kind: &RegistrationTypeId, checks: &mut Checks) -> Vec<PriceTier> {
    if drafts.is_empty() {
        checks.wrong("tiers", "required", "Enter at least one price.");
    }
    let mut tiers: Vec<PriceTier> = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        let field = |name: &str| format!("tiers[{index}].{name}");
        let name = tidy_line(&draft.name);
        checks.required(&field("name"), &name, "Enter the price's name, such as Early.");
        checks.required(&field("price"), &draft.price, "Enter the price; 0.00 is free of charge.");
        let price_cents = checks.price(&field("price"), &draft.price).unwrap_or_default();
        let until = checks.day(&field("until"), &draft.until);
        let is_last = index + 1 == drafts.len();
        if is_last && until.is_some() {
            checks.wrong(&field("until"), "last", "The last price has no last day: it holds until the sale closes.");
        } else if !is_last && draft.until.trim().is_empty() {
            checks.wrong(&field("until"), "required", "Enter the last day of this price; only the last price has none.");
        }
        if until.zip(tiers.last().and_then(|tier| tier.until)).is_some_and(|(this, before)| this <= before) {
            checks.wrong(&field("until"), "order", "This price ends before the one above it. Put them in the order of their days.");
        }
        let position = i32::try_from(index).unwrap_or(i32::MAX);
        tiers.push(PriceTier { id: PriceTierId::new(), registration_type_id: kind.clone(), name, price_cents, until, position });
    }
    tiers
}

fn read_covered(codes: &[String], sessions: &[Session], checks: &mut Checks) -> Vec<SessionId> {
    let mut covered = Vec::new();
    for code in codes.iter().map(|code| code.trim()).filter(|code| !code.is_empty()) {
        match sessions.iter().find(|session| session.code == code) {
            Some(session) if covered.contains(&session.id) => {}
            Some(session) => covered.push(session.id.clone()),
            None => checks.wrong("covers", "unknown", format!("There is no session with the code {code}.")),
        }
    }
    if covered.is_empty() && checks.is_clean() {
        checks.wrong("covers", "required", "Choose the sessions that this type covers, or all of them.");
    }
    covered
}

/// A discount code as it is typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DiscountCodeDraft {
    #[serde(deserialize_with = "typed::text")]
    pub code: String,
    pub kind: String,
    #[serde(deserialize_with = "typed::text")]
    pub percent: String,
    #[serde(deserialize_with = "typed::text")]
    pub cap: String,
    pub expires_on: String,
}

impl Default for DiscountCodeDraft {
    fn default() -> Self {
        let blank = String::new;
        Self { code: blank(), kind: CodeKind::Promotional.to_string(), percent: blank(), cap: blank(), expires_on: blank() }
    }
}

impl DiscountCodeDraft {
    /// A stored code as it would be typed.
    pub fn of(code: &DiscountCode) -> Self {
        Self {
            code: code.code.clone(),
            kind: code.kind.to_string(),
            percent: code.percent.to_string(),
            cap: code.cap.to_string(),
            expires_on: code.expires_on.to_string(),
        }
    }

    /// Puts what was typed into `code` and says what cannot be read; `others` are the event's other codes.
    pub fn read(&self, others: &[DiscountCode], code: &mut DiscountCode) -> Checks {
        let mut checks = Checks::new();
        code.code = tidy_line(&self.code).to_uppercase();
        code.code_key = code_key(&code.code);
        if code.code_key.chars().count() < 4 {
            checks.wrong("code", "short", "Enter a code of at least four letters or digits.");
        }
        checks.at_most("code", &code.code, 40);
        if others.iter().any(|other| other.id != code.id && other.code_key == code.code_key) {
            checks.wrong("code", "taken", format!("There is already a code {}.", code.code));
        }
        code.kind = checks.word("kind", &self.kind, CodeKind::ALL).unwrap_or(code.kind);
        checks.required("percent", &self.percent, "Enter how many percent it takes off.");
        code.percent = checks.whole("percent", &self.percent, 1..=100).unwrap_or(code.percent);
        checks.required("cap", &self.cap, "Enter how many people may use it.");
        code.cap = checks.whole("cap", &self.cap, 1..=i32::MAX).unwrap_or(code.cap);
        code.expires_on = checks.needed_day("expires_on", &self.expires_on, "Enter its last day.").unwrap_or(code.expires_on);
        checks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(tiers: &[(&str, &str, &str)]) -> Vec<String> {
        let tiers: Vec<TierDraft> = tiers
            .iter()
            .map(|(name, price, until)| TierDraft { name: (*name).into(), price: (*price).into(), until: (*until).into() })
            .collect();
        let mut checks = Checks::new();
        read_tiers(&tiers, &RegistrationTypeId::new(), &mut checks);
        match checks.finish() {
            Err(crate::error::Error::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn tiers_follow_one_another_and_the_last_has_no_last_day() {
        assert_eq!(said(&[("Early", "999.00", "2026-01-09"), ("On site", "1299", "")]), [""; 0]);
        assert_eq!(said(&[("Only", "0.00", "")]), [""; 0]);
        assert_eq!(said(&[]), ["tiers"]);
        assert_eq!(said(&[("Early", "999.00", "2026-01-09")]), ["tiers[0].until"]);
        assert_eq!(said(&[("Early", "999.00", ""), ("Late", "1", "")]), ["tiers[0].until"]);
        assert_eq!(said(&[("A", "1", "2026-02-01"), ("B", "2", "2026-01-01"), ("C", "3", "")]), ["tiers[1].until"]);
        assert_eq!(said(&[("", "", "")]), ["tiers[0].name", "tiers[0].price"]);
        assert_eq!(said(&[("A", "12.345", "")]), ["tiers[0].price"]);
    }
}
