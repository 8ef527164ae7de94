//! Who walks in is registered at the desk by the same verb as everybody else (EVT-2, EVT-3).

use std::collections::BTreeSet;

use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::error::Result;
use crate::events::Event;
use crate::hospitals;
use crate::orders::Payment;
use crate::orders::place::{Buyer, NewOrder, PlacedOrder, place};
use crate::orders::quote::{Trust, WantedLine};
use crate::pricing::rules::{on_sale, tier_in_force};
use crate::pricing::{self, Eligibility, code_key};
use crate::registration::rules::Details;

/// Somebody who stands at the desk and is not registered yet.
#[derive(Clone, Debug)]
pub struct WalkIn {
    pub details: Details,
    /// The code of the registration type.
    pub registration_type: String,
    /// A promotional or access code, or one that a hospital gave its staff.
    pub code: String,
    pub payment: Payment,
}

/// What may be bought at the desk now.
#[derive(Clone, Debug)]
pub struct Offer {
    pub code: String,
    pub name: String,
    pub price_cents: i64,
    pub needs_code: bool,
}

/// The registration types that are sold today; one that waits for approval is nothing for somebody at the desk.
pub fn offers(db: &mut Db, event: &Event, now: Instant) -> Result<Vec<Offer>> {
    let today = now.date_in(event.zone());
    let mut offers = Vec::new();
    for kind in pricing::list_types(db, &event.id)? {
        if kind.eligibility == Eligibility::Approval || on_sale(&kind, today, event.ends_on).is_err() {
            continue;
        }
        let tiers = pricing::tiers(db, &kind.id)?;
        if let Some(tier) = tier_in_force(&tiers, today) {
            let needs_code = kind.eligibility == Eligibility::Code;
            offers.push(Offer { code: kind.code, name: kind.name, price_cents: tier.price_cents, needs_code });
        }
    }
    Ok(offers)
}

/// Registers a walk-in. A discount for staff of a hospital needs the hospital's code here: nobody has verified an address.
pub fn register(tx: &mut Tx<'_>, event: &Event, walk_in: &WalkIn) -> Result<PlacedOrder> {
    let details = walk_in.details.tidied();
    let key = code_key(&walk_in.code);
    let is_of_hospital = !key.is_empty() && hospitals::find_code(tx.db, &key)?.is_some();
    let (staff_code, codes) = match (key.is_empty(), is_of_hospital) {
        (true, _) => (None, Vec::new()),
        (false, true) => (Some(walk_in.code.clone()), Vec::new()),
        (false, false) => (None, vec![walk_in.code.clone()]),
    };
    let line = WantedLine {
        registration_type: walk_in.registration_type.clone(),
        email: details.email.clone(),
        hospital: None,
        staff_code,
        sessions: Vec::new(),
    };
    let buyer = Buyer {
        name: crate::people::rules::full_name(&details.given_name, &details.family_name),
        email: details.email.clone(),
        organization: details.organization.clone(),
    };
    let trust = Trust::Verified(BTreeSet::new());
    let new = NewOrder { lines: vec![(line, details)], codes, buyer, payment: walk_in.payment, trust };
    place(tx, event, &new)
}
