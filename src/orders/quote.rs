//! The explained price of an order before it is placed; placing calls the same function (PRC-1 to PRC-4).

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::ItemKind;
use super::claims::{self, HospitalClaim};
use super::uses::{self, UsedAbove};
use crate::agenda::{self, Session};
use crate::clock::Instant;
use crate::db::Db;
use crate::enrollment::queries::type_covers;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::hospitals::{self, Hospital};
use crate::money::discount_cents;
use crate::people::rules::email_key;
use crate::pricing::rules::{Candidate, DiscountKind, GROUP_PERCENT, GROUP_SIZE, Weighed, code_opens, on_sale, tier_in_force, weigh};
use crate::pricing::{self, CodeKind, DiscountCode, Eligibility, RegistrationType};

/// What somebody wants to buy.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub lines: Vec<WantedLine>,
    /// Promotional, scholarship and access codes.
    pub codes: Vec<String>,
}

/// One person's part of it.
#[derive(Clone, Debug, Default)]
pub struct WantedLine {
    pub registration_type: String,
    pub email: String,
    /// The hospital they work at.
    pub hospital: Option<Hospital>,
    /// A code that their hospital gave them.
    pub staff_code: Option<String>,
    /// Codes of sessions they choose, priced or not.
    pub sessions: Vec<String>,
}

/// Which e-mail addresses are known to be those of who orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// As if every address were verified: quotes, and orders by a registrar.
    AsIfVerified,
    /// Only these (folded) addresses were verified by a mailed code.
    Verified(BTreeSet<String>),
}

impl Trust {
    pub fn covers(&self, email_key: &str) -> bool {
        match self {
            Self::AsIfVerified => true,
            Self::Verified(known) => known.contains(email_key),
        }
    }
}

/// A priced item of a line: the type, or an extra session.
#[derive(Clone, Debug)]
pub struct Item {
    pub kind: ItemKind,
    pub code: String,
    pub description: String,
    pub list_cents: i64,
    pub discountable: bool,
    pub weighed: Vec<Weighed>,
}

impl Item {
    /// The discount that won.
    pub fn winner(&self) -> Option<&Weighed> {
        self.weighed.iter().find(|discount| discount.applied)
    }

    pub fn discount_cents(&self) -> i64 {
        self.winner().map_or(0, |discount| discount_cents(self.list_cents, discount.percent))
    }

    pub fn net_cents(&self) -> i64 {
        self.list_cents - self.discount_cents()
    }
}

/// One person's part of a quote.
#[derive(Clone, Debug)]
pub struct Line {
    pub kind: RegistrationType,
    /// The hospital they chose or that their code names, and what was decided about its discount.
    pub claim: Option<HospitalClaim>,
    pub sessions: Vec<Session>,
    pub items: Vec<Item>,
}

/// The price of what is wanted, explained.
#[derive(Clone, Debug)]
pub struct Quote {
    pub lines: Vec<Line>,
    pub currency: String,
}

impl Quote {
    pub fn total_cents(&self) -> i64 {
        self.lines.iter().flat_map(|line| &line.items).map(Item::net_cents).sum()
    }
}

/// Prices what is wanted at this instant. Unknown types, sessions and codes are `Invalid` by field.
pub fn quote(db: &mut Db, event: &Event, wanted: &Wanted, trust: &Trust, now: Instant) -> Result<Quote> {
    if wanted.lines.is_empty() {
        return Err(Error::invalid("lines", "required", "An order has at least one line."));
    }
    let today = now.date_in(event.zone());
    let codes = discount_codes(db, event, wanted)?;
    let keys: Vec<String> = wanted.codes.iter().map(|code| pricing::code_key(code)).collect();
    let mut lines = Vec::with_capacity(wanted.lines.len());
    let mut used = UsedAbove::default();
    for (index, wanted_line) in wanted.lines.iter().enumerate() {
        let prefix = format!("lines[{index}].");
        let kind = sellable_type(db, event, wanted_line, &keys, &prefix, today)?;
        let sessions = chosen_sessions(db, event, wanted_line, &prefix)?;
        if needs_approval(&kind) && !sessions.is_empty() {
            let detail = "Sessions are chosen once our staff have approved this registration.";
            return Err(Error::invalid(&format!("{prefix}sessions"), "approval_first", detail));
        }
        let claim = claims::verdict(db, event, wanted_line, trust, &used, today, &prefix)?;
        let candidates = candidates(db, event, wanted, claim.as_ref(), &codes, &used, today)?;
        let items = items(db, &kind, &sessions, &candidates, today)?;
        used.add(&items);
        lines.push(Line { kind, claim, sessions, items });
    }
    Ok(Quote { lines, currency: event.currency.clone() })
}

fn sellable_type(
    db: &mut Db,
    event: &Event,
    line: &WantedLine,
    keys: &[String],
    prefix: &str,
    today: NaiveDate,
) -> Result<RegistrationType> {
    let kind = pricing::get_type(db, &event.id, &line.registration_type).map_err(|cause| match cause {
        Error::NotFound => {
            Error::invalid(&format!("{prefix}registration_type"), "unknown", "There is no such registration type at this event.")
        }
        other => other,
    })?;
    on_sale(&kind, today, event.ends_on).map_err(|why| Error::refused("orders.not_on_sale", why))?;
    if !code_opens(&kind, keys) {
        return Err(Error::refused("orders.code_needed", format!("“{}” needs its access code.", kind.name)));
    }
    Ok(kind)
}

fn chosen_sessions(db: &mut Db, event: &Event, line: &WantedLine, prefix: &str) -> Result<Vec<Session>> {
    let mut sessions: Vec<Session> = Vec::with_capacity(line.sessions.len());
    for (index, code) in line.sessions.iter().enumerate() {
        let session = agenda::find(db, &event.id, code)?.ok_or_else(|| {
            Error::invalid(&format!("{prefix}sessions[{index}]"), "unknown", format!("There is no session {code} at this event."))
        })?;
        if !sessions.contains(&session) {
            sessions.push(session);
        }
    }
    Ok(sessions)
}

/// The codes that were given, less access codes; an unknown one is said.
fn discount_codes(db: &mut Db, event: &Event, wanted: &Wanted) -> Result<Vec<DiscountCode>> {
    let access: Vec<String> = pricing::list_types(db, &event.id)?.into_iter().filter_map(|kind| kind.access_code_key).collect();
    let mut found: Vec<DiscountCode> = Vec::new();
    for (index, code) in wanted.codes.iter().enumerate() {
        let key = pricing::code_key(code);
        let given_before = found.iter().any(|known| known.code_key == key);
        if key.is_empty() || given_before || access.contains(&key) {
            continue;
        }
        let known = pricing::find_discount_code(db, &event.id, &key)?;
        found.push(known.ok_or_else(|| Error::invalid(&format!("codes[{index}]"), "unknown", "This code is not known at this event."))?);
    }
    Ok(found)
}

/// Every discount that is looked at for one person (PRC-2).
fn candidates(
    db: &mut Db,
    event: &Event,
    wanted: &Wanted,
    claim: Option<&HospitalClaim>,
    codes: &[DiscountCode],
    used: &UsedAbove,
    today: NaiveDate,
) -> Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    candidates.extend(claim.map(|claim| claim.candidate(event)));
    if event.is_congress() {
        candidates.push(group_candidate(wanted.lines.len()));
    }
    for code in codes {
        candidates.push(code_candidate(db, code, used, today)?);
    }
    Ok(candidates)
}

fn group_candidate(people: usize) -> Candidate {
    let usable = people >= GROUP_SIZE;
    let reason = if usable {
        format!("You register {people} people together.")
    } else {
        format!("It is given to {GROUP_SIZE} or more people in one order; this order has {people}.")
    };
    Candidate { kind: DiscountKind::Group, percent: GROUP_PERCENT, usable, reason, code_id: None }
}

fn code_candidate(db: &mut Db, code: &DiscountCode, used: &UsedAbove, today: NaiveDate) -> Result<Candidate> {
    let used = uses::of_discount_code(db, &code.id)? + used.of(code.id.as_str());
    let (usable, reason) = if today > code.expires_on {
        (false, format!("The code {} ended on {}.", code.code, crate::events::rules::day_words(code.expires_on)))
    } else if used >= i64::from(code.cap) {
        (false, format!("The code {} was used as often as it may be.", code.code))
    } else {
        (true, format!("You gave the code {}.", code.code))
    };
    let kind = match code.kind {
        CodeKind::Promotional => DiscountKind::Promotional,
        CodeKind::Scholarship => DiscountKind::Scholarship,
    };
    Ok(Candidate { kind, percent: code.percent, usable, reason, code_id: Some(code.id.to_string()) })
}

fn items(db: &mut Db, kind: &RegistrationType, sessions: &[Session], candidates: &[Candidate], today: NaiveDate) -> Result<Vec<Item>> {
    let tiers = pricing::tiers(db, &kind.id)?;
    let tier = tier_in_force(&tiers, today)
        .ok_or_else(|| Error::refused("orders.not_on_sale", format!("“{}” has no price on this day.", kind.name)))?;
    let listed = pricing::covered_sessions(db, &kind.id)?;
    let description = if tiers.len() > 1 { format!("{}, {} price", kind.name, tier.name.to_lowercase()) } else { kind.name.clone() };
    let mut items = vec![item(ItemKind::Type, &kind.code, description, tier.price_cents, kind.discountable, candidates)];
    for session in sessions {
        if type_covers(kind, &listed, session) {
            continue;
        }
        let Some(price) = session.price_cents else {
            return Err(Error::refused("enrollment.not_included", format!("“{}” does not cover “{}”.", kind.name, session.title)));
        };
        items.push(item(ItemKind::Session, &session.code, session.title.clone(), price, session.discountable, candidates));
    }
    Ok(items)
}

fn item(kind: ItemKind, code: &str, description: String, list_cents: i64, discountable: bool, candidates: &[Candidate]) -> Item {
    Item { kind, code: code.to_owned(), description, list_cents, discountable, weighed: weigh(list_cents, discountable, candidates) }
}

/// Whether a type waits for staff before it stands.
pub fn needs_approval(kind: &RegistrationType) -> bool {
    kind.eligibility == Eligibility::Approval
}

/// The hospital with this CCN, or `Invalid` at the field.
pub fn hospital_by_ccn(db: &mut Db, ccn: &str, field: &str) -> Result<Hospital> {
    hospitals::find_by_ccn(db, &ccn.trim().to_uppercase())?
        .ok_or_else(|| Error::invalid(field, "unknown", "There is no hospital with this CCN in the list."))
}

/// The folded address, or `Invalid` at the field.
pub fn required_email(email: &str, field: &str) -> Result<String> {
    email_key(email).ok_or_else(|| Error::invalid(field, "email", "Enter a complete e-mail address, such as name@hospital.org."))
}
