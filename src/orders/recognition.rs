//! Recognition that comes after the order: credited without asking, and mailed (PRC-3).

use diesel::prelude::*;
use serde_json::json;

use super::claims::{self, ClaimStatus, DiscountClaim};
use super::rules::proof;
use super::{OrderLine, letters, lines};
use crate::app::Tx;
use crate::audit::Entry;
use crate::db::schema::order_lines;
use crate::error::Result;
use crate::events::{self, Event};
use crate::hospitals::{self, Hospital, terms::RecognitionChanged};
use crate::ids::HospitalId;
use crate::jobs::Job;
use crate::money::discount_cents;
use crate::pricing::rules::{DiscountKind, Weighed, term_that_counts};
use crate::registration::Registration;

/// Runs the job: whoever ordered before the recognition and whose event has not begun gets the discount,
/// or goes to the staff queue where it is doubtful that they work there.
pub fn credit_where_due(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let RecognitionChanged { hospital_id } = job.payload()?;
    credit_of_hospital(tx, &hospital_id)
}

/// Runs the daily job: an approval or payment that is dated ahead counts when its day has come.
pub fn credit_what_became_due(tx: &mut Tx<'_>, _: &Job) -> Result<()> {
    let waiting = claims::hospitals_with(tx.db, ClaimStatus::NotRecognized)?;
    waiting.iter().try_for_each(|hospital| credit_of_hospital(tx, hospital))
}

fn credit_of_hospital(tx: &mut Tx<'_>, hospital_id: &HospitalId) -> Result<()> {
    let hospital = hospitals::get(tx.db, hospital_id)?;
    let terms = hospitals::recognitions(tx.db, hospital_id)?;
    for (claim, registration) in claims::of_hospital(tx.db, hospital_id, ClaimStatus::NotRecognized)? {
        let event = events::get_by_id(tx.db, &claim.event_id)?;
        let today = tx.now.date_in(event.zone());
        let eligible = event.is_congress() && today < event.starts_on;
        if eligible && term_that_counts(&terms, event.starts_on, today).is_some() {
            credit(tx, &event, &claim, &registration, &hospital)?;
        }
    }
    Ok(())
}

fn credit(tx: &mut Tx<'_>, event: &Event, claim: &DiscountClaim, registration: &Registration, hospital: &Hospital) -> Result<()> {
    if claim.proof == proof::NONE {
        return claims::settle(tx, claim, ClaimStatus::Pending, None);
    }
    claims::settle(tx, claim, ClaimStatus::Approved, Some("recognized after the order"))?;
    let own: Vec<OrderLine> =
        lines(tx.db, &registration.order_id)?.into_iter().filter(|line| line.registration_id == registration.id).collect();
    // The lines stay as they were promised; what the discount would have taken off more is given as a credit.
    let better = own.iter().map(|line| (gain(event, line), line)).filter(|(gain, _)| *gain > 0);
    let better: Vec<(i64, OrderLine)> = better.map(|(gain, line)| (gain, line.clone())).collect();
    let Some((_, first)) = better.first() else { return Ok(()) };
    let total: i64 = better.iter().map(|(gain, _)| gain).sum();
    super::credit(tx, registration, total, &format!("{} recognized, {}", hospital.name, registration.code))?;
    letters::recognition_credited(tx, event, registration, hospital, first, total)
}

/// How much more the recognized-hospital discount takes off a line than the discount it has.
fn gain(event: &Event, line: &OrderLine) -> i64 {
    if !line.discountable {
        return 0;
    }
    discount_cents(line.list_cents, event.recognized_discount_percent) - line.discount_cents
}

/// Gives the discount on the lines of a registration whose invoice has waited for the decision;
/// the first line that changed, or none where another discount was better already.
pub fn reprice_lines(tx: &mut Tx<'_>, event: &Event, registration: &Registration, hospital: &Hospital) -> Result<Option<OrderLine>> {
    let mut first = None;
    for line in lines(tx.db, &registration.order_id)? {
        if line.registration_id != registration.id || gain(event, &line) <= 0 {
            continue;
        }
        let discount = discount_cents(line.list_cents, event.recognized_discount_percent);
        let candidates = with_winner(&line, event.recognized_discount_percent, discount, hospital);
        diesel::update(order_lines::table.find(&line.id))
            .set((
                order_lines::discount_cents.eq(discount),
                order_lines::net_cents.eq(line.list_cents - discount),
                order_lines::discount_kind.eq(Some(DiscountKind::RecognizedHospital.as_str())),
                order_lines::discount_code_id.eq(None::<crate::ids::DiscountCodeId>),
                order_lines::candidates.eq(candidates),
            ))
            .execute(tx.db)?;
        Entry::of("order_line.repriced", "order_line", &line.id)
            .event(&event.id)
            .registration(&registration.id)
            .before(json!({ "discount_cents": line.discount_cents }))
            .after(json!({ "discount_cents": discount }))
            .record(tx)?;
        let repriced = OrderLine { discount_cents: discount, net_cents: line.list_cents - discount, ..line };
        first.get_or_insert(repriced);
    }
    Ok(first)
}

/// The line's candidates with the recognized-hospital discount as the winner.
fn with_winner(line: &OrderLine, percent: i32, amount_cents: i64, hospital: &Hospital) -> String {
    let mut candidates: Vec<Weighed> = serde_json::from_str(&line.candidates).unwrap_or_default();
    candidates.retain(|candidate| candidate.kind != DiscountKind::RecognizedHospital);
    for candidate in candidates.iter_mut().filter(|candidate| candidate.applied) {
        candidate.applied = false;
        candidate.reason = format!("Recognized hospital takes off more ({percent} %); only the best discount is given.");
    }
    let reason = format!("Our staff confirmed that you work at {}, a recognized hospital.", hospital.name);
    candidates.insert(0, Weighed { kind: DiscountKind::RecognizedHospital, percent, amount_cents, applied: true, reason, code_id: None });
    serde_json::to_string(&candidates).unwrap_or_else(|_| line.candidates.clone())
}
