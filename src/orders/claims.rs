//! Whether somebody is staff of a recognized hospital: decided at once, by a mailed code, or by our staff (PRC-3, PRC-4).

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use super::quote::{Trust, WantedLine};
use super::rules::proof;
use super::uses::{self, UsedAbove};
use super::{OrderLine, letters};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{discount_claims, registrations};
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::hospitals::{self, Hospital};
use crate::ids::{DiscountClaimId, EventId, HospitalId, RegistrationId};
use crate::people::rules::{domain_of, email_key};
use crate::pricing;
use crate::pricing::rules::{Candidate, DiscountKind, EventFacts, HospitalFacts, HospitalVerdict, Proof, hospital_verdict};
use crate::registration::{self, Registration};

crate::words! {
    /// Where a claim to the recognized-hospital discount stands.
    ClaimStatus { Approved => "approved", Pending => "pending", Denied => "denied", NotRecognized => "not_recognized" }
}

/// A claim as it is stored, one for everyone who names a hospital.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = discount_claims, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct DiscountClaim {
    pub id: DiscountClaimId,
    pub event_id: EventId,
    pub registration_id: RegistrationId,
    pub hospital_id: HospitalId,
    /// One of [`super::rules::proof`].
    pub proof: String,
    /// Why staff have to look, while it is doubtful.
    pub doubt: Option<String>,
    pub status: ClaimStatus,
    pub decided_at: Option<Instant>,
    pub decided_by: Option<String>,
    pub reason: Option<String>,
    pub created_at: Instant,
}

/// What was decided about one person and their hospital.
#[derive(Clone, Debug)]
pub struct HospitalClaim {
    pub hospital: Hospital,
    pub verdict: HospitalVerdict,
    pub proof: Proof,
}

impl HospitalClaim {
    /// The discount as it is weighed against others.
    pub fn candidate(&self, event: &Event) -> Candidate {
        let (usable, reason) = match &self.verdict {
            HospitalVerdict::Given { reason } => (true, reason),
            HospitalVerdict::VerifyFirst { reason } | HospitalVerdict::Doubtful { reason } | HospitalVerdict::No { reason } => {
                (false, reason)
            }
        };
        let code_id = if let Proof::StaffCode { code_id } = &self.proof { Some(code_id.clone()) } else { None };
        Candidate {
            kind: DiscountKind::RecognizedHospital,
            percent: event.recognized_discount_percent,
            usable,
            reason: reason.clone(),
            code_id,
        }
    }

    /// The status and the doubt that its row begins with.
    fn beginning(&self) -> (ClaimStatus, Option<String>) {
        match &self.verdict {
            HospitalVerdict::Given { .. } => (ClaimStatus::Approved, None),
            HospitalVerdict::VerifyFirst { .. } => (ClaimStatus::Pending, Some("The e-mail address was not verified.".to_owned())),
            HospitalVerdict::Doubtful { .. } => (ClaimStatus::Pending, Some(self.doubt())),
            HospitalVerdict::No { .. } => (ClaimStatus::NotRecognized, Some(self.doubt()).filter(|_| !self.is_proven())),
        }
    }

    fn is_proven(&self) -> bool {
        matches!(self.proof, Proof::StaffCode { .. } | Proof::Domain { .. })
    }

    fn doubt(&self) -> String {
        match &self.proof {
            Proof::SharedDomain { domain } => format!("{domain} is used by several hospitals."),
            Proof::DeadCode { why } => why.clone(),
            Proof::UnverifiedDomain { .. } => "The e-mail address was not verified.".to_owned(),
            _ => "Nothing shows that this person works there.".to_owned(),
        }
    }

    fn proof_word(&self) -> &'static str {
        match self.proof {
            Proof::StaffCode { .. } => proof::STAFF_CODE,
            Proof::Domain { .. } => proof::DOMAIN,
            _ => proof::NONE,
        }
    }
}

/// Decides the discount for one line; none where neither a hospital nor a code was named.
pub fn verdict(
    db: &mut Db,
    event: &Event,
    line: &WantedLine,
    trust: &Trust,
    used: &UsedAbove,
    today: NaiveDate,
    prefix: &str,
) -> Result<Option<HospitalClaim>> {
    let code = match line.staff_code.as_deref().map(pricing::code_key).filter(|key| !key.is_empty()) {
        Some(key) => {
            let unknown = || {
                Error::invalid(
                    &format!("{prefix}staff_code"),
                    "unknown",
                    "This hospital code is not known. Check it with your hospital's coordinator.",
                )
            };
            Some(hospitals::find_code(db, &key)?.ok_or_else(unknown)?)
        }
        None => None,
    };
    let hospital = match (&line.hospital, &code) {
        (Some(hospital), _) => hospital.clone(),
        (None, Some(code)) => hospitals::get(db, &code.hospital_id)?,
        (None, None) => return Ok(None),
    };
    let dead = match &code {
        Some(code) => why_dead(db, event, &hospital, code, used, today)?,
        None => None,
    };
    let proof = find_proof(db, &hospital, code.as_ref(), dead, line, trust)?;
    let terms = hospitals::recognitions(db, &hospital.id)?;
    let facts = HospitalFacts { hospital_name: &hospital.name, terms: &terms, proof: proof.clone() };
    let verdict = hospital_verdict(facts_of(event), &facts, today);
    Ok(Some(HospitalClaim { hospital, verdict, proof }))
}

/// What the discount depends on at the event's side.
pub fn facts_of(event: &Event) -> EventFacts {
    EventFacts { is_congress: event.is_congress(), first_day: event.starts_on, percent: event.recognized_discount_percent }
}

/// The strongest proof there is: a code that works, then the address (PRC-4).
fn find_proof(
    db: &mut Db,
    hospital: &Hospital,
    code: Option<&hospitals::HospitalCode>,
    dead: Option<String>,
    line: &WantedLine,
    trust: &Trust,
) -> Result<Proof> {
    if let (Some(code), None) = (code, &dead) {
        return Ok(Proof::StaffCode { code_id: code.id.to_string() });
    }
    let by_address = match email_key(&line.email) {
        Some(key) => proof_by_address(db, hospital, &key, trust)?,
        None => Proof::Nothing,
    };
    Ok(match (by_address, dead) {
        (Proof::Nothing, Some(why)) => Proof::DeadCode { why },
        (proof, _) => proof,
    })
}

fn why_dead(
    db: &mut Db,
    event: &Event,
    hospital: &Hospital,
    code: &hospitals::HospitalCode,
    used: &UsedAbove,
    today: NaiveDate,
) -> Result<Option<String>> {
    Ok(if code.hospital_id != hospital.id {
        Some("The code that was given is not of the hospital that was chosen.".to_owned())
    } else if code.event_id.as_ref().is_some_and(|id| *id != event.id) {
        Some("The hospital code that was given is for another event.".to_owned())
    } else if today > code.expires_on {
        Some(format!("The hospital code that was given ended on {}.", events::rules::day_words(code.expires_on)))
    } else if uses::of_hospital_code(db, &code.id)? + used.of(code.id.as_str()) >= i64::from(code.cap) {
        Some("The hospital code that was given was used as often as it may be.".to_owned())
    } else {
        None
    })
}

fn proof_by_address(db: &mut Db, hospital: &Hospital, key: &str, trust: &Trust) -> Result<Proof> {
    let domain = domain_of(key).to_owned();
    let users = hospitals::of_domain(db, &domain)?;
    Ok(if !users.contains(&hospital.id) {
        Proof::Nothing
    } else if users.len() > 1 {
        Proof::SharedDomain { domain }
    } else if trust.covers(key) {
        Proof::Domain { domain }
    } else {
        Proof::UnverifiedDomain { domain }
    })
}

/// Writes the claim of a registration being placed.
pub fn add(tx: &mut Tx<'_>, event: &Event, registration: &RegistrationId, claim: &HospitalClaim) -> Result<ClaimStatus> {
    let (status, doubt) = claim.beginning();
    let row = DiscountClaim {
        id: DiscountClaimId::new(),
        event_id: event.id.clone(),
        registration_id: registration.clone(),
        hospital_id: claim.hospital.id.clone(),
        proof: claim.proof_word().to_owned(),
        doubt,
        status,
        decided_at: None,
        decided_by: None,
        reason: None,
        created_at: tx.now,
    };
    diesel::insert_into(discount_claims::table).values(&row).execute(tx.db)?;
    Entry::of("discount_claim.created", "discount_claim", &row.id)
        .event(&event.id)
        .registration(registration)
        .after(json!({ "hospital": row.hospital_id, "proof": row.proof, "status": row.status }))
        .record(tx)?;
    Ok(status)
}

/// The claim of a registration.
pub fn of_registration(db: &mut Db, registration: &RegistrationId) -> Result<Option<DiscountClaim>> {
    Ok(discount_claims::table
        .filter(discount_claims::registration_id.eq(registration))
        .select(DiscountClaim::as_select())
        .first(db)
        .optional()?)
}

/// The claims of an event with this status and their registrations, oldest first.
pub fn list(db: &mut Db, event: &EventId, status: ClaimStatus) -> Result<Vec<(DiscountClaim, Registration)>> {
    Ok(discount_claims::table
        .inner_join(registrations::table)
        .filter(discount_claims::event_id.eq(event))
        .filter(discount_claims::status.eq(status))
        .filter(registrations::status.ne(registration::Status::Canceled))
        .order(discount_claims::id.asc())
        .select((DiscountClaim::as_select(), Registration::as_select()))
        .load(db)?)
}

/// A claim by id.
pub fn get(db: &mut Db, id: &str) -> Result<DiscountClaim> {
    Ok(discount_claims::table.find(DiscountClaimId::from(id.to_owned())).select(DiscountClaim::as_select()).first(db)?)
}

/// Live claims of a hospital with this status.
pub fn of_hospital(db: &mut Db, hospital: &HospitalId, status: ClaimStatus) -> Result<Vec<(DiscountClaim, Registration)>> {
    Ok(discount_claims::table
        .inner_join(registrations::table)
        .filter(discount_claims::hospital_id.eq(hospital))
        .filter(discount_claims::status.eq(status))
        .filter(registrations::status.ne(registration::Status::Canceled))
        .order(discount_claims::id.asc())
        .select((DiscountClaim::as_select(), Registration::as_select()))
        .load(db)?)
}

/// The hospitals that live claims with this status name.
pub fn hospitals_with(db: &mut Db, status: ClaimStatus) -> Result<Vec<HospitalId>> {
    Ok(discount_claims::table
        .inner_join(registrations::table)
        .filter(discount_claims::status.eq(status))
        .filter(registrations::status.ne(registration::Status::Canceled))
        .select(discount_claims::hospital_id)
        .distinct()
        .order(discount_claims::hospital_id.asc())
        .load(db)?)
}

/// Staff decide a doubtful claim with a reason; the person is told, and the invoice waits no longer.
pub fn decide(tx: &mut Tx<'_>, id: &str, approve: bool, reason: &str) -> Result<()> {
    let claim = get(tx.db, id)?;
    if claim.status != ClaimStatus::Pending {
        return Err(Error::refused("orders.claim_decided", "This was decided already."));
    }
    if reason.trim().is_empty() {
        return Err(Error::invalid("reason", "required", "Say why, for example “on the coordinator's list”."));
    }
    let registration = registration::get_by_id(tx.db, &claim.registration_id)?;
    let event = events::get_by_id(tx.db, &claim.event_id)?;
    let hospital = hospitals::get(tx.db, &claim.hospital_id)?;
    let repriced = if approve { super::recognition::reprice_lines(tx, &event, &registration, &hospital)? } else { None };
    settle(tx, &claim, if approve { ClaimStatus::Approved } else { ClaimStatus::Denied }, Some(reason.trim()))?;
    super::invoice_after_decision(tx, &event, &registration.order_id)?;
    letters::discount_decided(tx, &event, &registration, &hospital, approve, reason.trim(), repriced.as_ref())
}

/// Sets what became of a claim.
pub fn settle(tx: &mut Tx<'_>, claim: &DiscountClaim, status: ClaimStatus, reason: Option<&str>) -> Result<()> {
    let changed = diesel::update(discount_claims::table.find(&claim.id))
        .filter(discount_claims::status.eq(claim.status))
        .set((
            discount_claims::status.eq(status),
            discount_claims::decided_at.eq(Some(tx.now)),
            discount_claims::decided_by.eq(Some(tx.actor.label())),
            discount_claims::reason.eq(reason),
        ))
        .execute(tx.db)?;
    if changed != 1 {
        return Err(Error::refused("orders.claim_decided", "This was decided already."));
    }
    let entry = Entry::of("discount_claim.decided", "discount_claim", &claim.id)
        .event(&claim.event_id)
        .registration(&claim.registration_id)
        .before(json!({ "status": claim.status }))
        .after(json!({ "status": status }));
    match reason {
        Some(reason) => entry.reason(reason).record(tx),
        None => entry.record(tx),
    }
}

/// Whether anything about an order waits for staff: then its invoice waits too.
pub fn is_undecided(db: &mut Db, lines: &[OrderLine]) -> Result<bool> {
    let ids: Vec<&RegistrationId> = lines.iter().map(|line| &line.registration_id).collect();
    let pending: i64 = discount_claims::table
        .filter(discount_claims::registration_id.eq_any(ids))
        .filter(discount_claims::status.eq(ClaimStatus::Pending))
        .count()
        .get_result(db)?;
    Ok(pending > 0)
}
