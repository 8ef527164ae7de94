//! The 300 people of the demo: each places an order at a plausible moment, most pay, some hospitals' claims are decided.

use std::collections::BTreeSet;

use chrono::Duration;

use super::access;
use super::mark;
use super::seed::{ZONE, parse};
use super::year::{self, PersonRow};
use crate::app::{Actor, Tx};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::ids::{OrderId, PaymentId};
use crate::orders::claims::{self, ClaimStatus};
use crate::orders::place::{Buyer, NewOrder, PlacedOrder, place};
use crate::orders::quote::{Trust, WantedLine};
use crate::orders::{self, Payment};
use crate::people::rules::email_key;
use crate::registration::Represents;
use crate::registration::rules::Details;
use crate::{hospitals, staff};

/// The event that the people register for.
pub const EVENT: &str = "congress-2026";

/// The first and last moment of the orders.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub begins: Instant,
    pub ends: Instant,
}

impl Window {
    /// December to the eve of the workshop day; nothing lies after `now`.
    pub fn until(now: Instant) -> Result<Self> {
        let ends = parse("2026-03-07T18:00:00-08:00")?.min(now.minus(Duration::hours(1)));
        let begins = parse("2025-12-01T08:00:00-08:00")?.min(ends.minus(Duration::days(60)));
        Ok(Self { begins, ends })
    }

    /// When the `index`-th of `count` people orders: in the order of the list, between seven and ten in the evening.
    fn moment(&self, index: usize, count: usize) -> Instant {
        let step = self.ends.since(self.begins).num_seconds() / i64::try_from(count).unwrap_or(1).max(1);
        let index = i64::try_from(index).unwrap_or_default();
        let day = self.begins.plus(Duration::seconds(step * index)).date_in(ZONE);
        // A stride that shares no factor with the minutes of the day spreads the hours without a pattern.
        let minutes = 7 * 60 + (index * 137) % (15 * 60);
        let at = Instant::start_of_day(day, ZONE).plus(Duration::minutes(minutes)).plus(Duration::seconds(index % 60));
        at.max(self.begins).min(self.ends)
    }
}

/// Somebody who is about to register.
pub struct Coming {
    pub at: Instant,
    index: usize,
    row: PersonRow,
}

/// Everybody, in the order in which they register.
pub fn in_order(window: &Window) -> Result<Vec<Coming>> {
    let people = year::people()?;
    let count = people.len();
    let timed = people.into_iter().enumerate().map(|(index, row)| Coming { at: window.moment(index, count), index, row });
    let mut all: Vec<Coming> = timed.collect();
    all.sort_by_key(|one| (one.at, one.index));
    Ok(all)
}

/// Registers some of them, each at their moment.
pub fn register(tx: &mut Tx<'_>, window: &Window, some: &[Coming]) -> Result<()> {
    let event = congress(tx)?;
    for Coming { at, index, row } in some {
        (tx.actor, tx.now) = (Actor::Public, *at);
        let order = order_of(tx, row)?;
        let placed = place(tx, &event, &order).map_err(|cause| of_row(*index, cause))?;
        if *index == 0 {
            let attendee = placed.registered.first().ok_or(Error::NotFound)?;
            mark::set(tx, access::ATTENDEE, &attendee.registration.code)?;
        }
        if row.paid == "yes" {
            pay(tx, window, *index, &placed)?;
        }
    }
    Ok(())
}

fn of_row(index: usize, cause: Error) -> Error {
    Error::internal(format!("people.csv, row {}: {cause} {cause:?}", index + 2))
}

pub(super) fn order_of(tx: &mut Tx<'_>, row: &PersonRow) -> Result<NewOrder> {
    let hospital = match row.hospital_ccn.as_str() {
        "" => None,
        ccn => hospitals::find_by_ccn(tx.db, ccn)?,
    };
    let line = WantedLine {
        registration_type: row.registration_type.clone(),
        email: row.email.clone(),
        hospital,
        staff_code: None,
        sessions: row.sessions.split_whitespace().map(str::to_owned).collect(),
    };
    let details = Details {
        email: row.email.clone(),
        given_name: row.given_name.clone(),
        family_name: row.family_name.clone(),
        badge_name: row.badge_name.clone(),
        certificate_name: row.certificate_name.clone(),
        credentials: row.credentials.clone(),
        profession: row.profession.clone(),
        organization: row.organization.clone(),
        dietary: row.dietary.clone(),
        accommodation: row.accommodation.clone(),
        represents: Represents::from_word(&row.represents),
        sponsors_opt_in: row.sponsors_opt_in == "yes",
    };
    let buyer = Buyer {
        name: format!("{} {}", row.given_name, row.family_name).trim().to_owned(),
        email: row.email.clone(),
        organization: row.organization.clone(),
    };
    // They typed the code that was mailed to them, as everyone does who registers.
    let verified: BTreeSet<String> = email_key(&row.email).into_iter().collect();
    Ok(NewOrder { lines: vec![(line, details)], codes: Vec::new(), buyer, payment: Payment::Invoice, trust: Trust::Verified(verified) })
}

/// The invoice is paid within days; one that waits for a decision is not.
fn pay(tx: &mut Tx<'_>, window: &Window, index: usize, placed: &PlacedOrder) -> Result<()> {
    let lines = orders::lines(tx.db, &placed.order.id)?;
    if claims::is_undecided(tx.db, &lines)? || placed.total_cents == 0 {
        return Ok(());
    }
    let days = i64::try_from(index % 9).unwrap_or_default() + 2;
    pay_at(tx, tx.now.plus(Duration::days(days)).min(window.ends), index, &placed.order.id)
}

pub(super) fn pay_at(tx: &mut Tx<'_>, at: Instant, index: usize, order: &OrderId) -> Result<()> {
    (tx.actor, tx.now) = (finance(tx)?, at);
    let owed = orders::balance_cents(tx.db, order)?;
    if owed <= 0 {
        return Ok(());
    }
    let reference =
        if index.is_multiple_of(3) { format!("check {}", 40_121 + index) } else { format!("transfer {}", 7_300_204 + 17 * index) };
    orders::record_payment(tx, PaymentId::new(), order, owed, &reference)
}

fn finance(tx: &mut Tx<'_>) -> Result<Actor> {
    let member = staff::find_by_email(tx.db, "finance@example.org")?.ok_or(Error::NotFound)?;
    Ok(Actor::Staff(member.id))
}

/// So many doubtful claims are left for staff to decide.
const LEFT_TO_DECIDE: usize = 6;

/// Decides the doubtful claims but for the newest; whoever got the discount pays.
pub fn decide_claims(tx: &mut Tx<'_>, window: &Window) -> Result<()> {
    let event = congress(tx)?;
    let mut pending = claims::list(tx.db, &event.id, ClaimStatus::Pending)?;
    pending.sort_by_key(|(claim, _)| claim.created_at);
    let decided = pending.len().saturating_sub(LEFT_TO_DECIDE);
    for (index, (claim, registration)) in pending.into_iter().take(decided).enumerate() {
        (tx.actor, tx.now) = (finance(tx)?, claim.created_at.plus(Duration::hours(26)).min(window.ends));
        // One in eight was not on the list that the hospital's coordinator sent.
        let approve = index % 8 != 5;
        let reason = if approve { "on the list of the hospital's coordinator" } else { "not on the list of the hospital's coordinator" };
        claims::decide(tx, claim.id.as_str(), approve, reason)?;
        if approve {
            pay_at(tx, claim.created_at.plus(Duration::days(6)).min(window.ends), index, &registration.order_id)?;
        }
    }
    Ok(())
}

/// The congress, for the other parts of the demo.
pub fn congress(tx: &mut Tx<'_>) -> Result<Event> {
    events::get(tx.db, EVENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_lie_between_december_and_the_eve_of_the_congress_in_waking_hours() {
        use chrono::Timelike;
        let window = Window::until(parse(year::BEGINS).unwrap()).unwrap();
        let moments: Vec<Instant> = (0..300).map(|index| window.moment(index, 300)).collect();
        assert!(moments.iter().all(|at| (window.begins..=window.ends).contains(at)));
        assert!(moments.iter().all(|at| (7..22).contains(&at.in_zone(ZONE).hour())));
        assert!(moments.iter().max() > Some(&window.ends.minus(Duration::days(2))));
    }

    #[test]
    fn a_demo_of_an_earlier_day_has_no_orders_after_it() {
        let now = parse("2026-01-20T12:00:00-08:00").unwrap();
        let window = Window::until(now).unwrap();
        assert!((0..300).all(|index| window.moment(index, 300) < now));
    }
}
