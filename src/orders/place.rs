//! Placing an order: places and seats are taken, prices frozen, badges made, letters written, all or nothing.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde_json::json;

use super::claims;
use super::quote::{Line, Quote, Trust, Wanted, WantedLine, needs_approval, quote, required_email};
use super::{ItemKind, Order, OrderLine, Payment, letters, rules};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::{self, Entry};
use crate::db::schema::{order_lines, orders, registrations};
use crate::enrollment::{self, Placed};
use crate::error::{Checks, Error, Result};
use crate::events::Event;
use crate::ids::{DiscountCodeId, HospitalCodeId, OrderId, OrderLineId, RegistrationId, RegistrationTypeId, SessionId, new_code};
use crate::people::rules::tidy;
use crate::pricing::rules::DiscountKind;
use crate::pricing::{self, RegistrationType};
use crate::registration::rules::{Details, search_key};
use crate::registration::{self, Registration, Represents, Status};
use crate::{badges, hospitals, people};

/// Who pays.
#[derive(Clone, Debug, Default)]
pub struct Buyer {
    pub name: String,
    pub email: String,
    pub organization: String,
}

/// An order as somebody wants it.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// Each line with the person it is for.
    pub lines: Vec<(WantedLine, Details)>,
    pub codes: Vec<String>,
    pub buyer: Buyer,
    pub payment: Payment,
    pub trust: Trust,
}

/// One registration that came of an order, with what became of the sessions it chose.
#[derive(Clone, Debug)]
pub struct Registered {
    pub registration: Registration,
    pub enrollments: Vec<(Session, Placed)>,
}

/// An order that was placed.
#[derive(Clone, Debug)]
pub struct PlacedOrder {
    pub order: Order,
    pub total_cents: i64,
    pub registered: Vec<Registered>,
}

/// Places an order. Everything scarce is held first, then counted, then taken.
pub fn place(tx: &mut Tx<'_>, event: &Event, new: &NewOrder) -> Result<PlacedOrder> {
    let lines: Vec<(WantedLine, Details)> = new.lines.iter().map(|(line, details)| (line.clone(), details.tidied())).collect();
    check(new, &lines)?;
    let wanted = Wanted { lines: lines.iter().map(|(line, _)| line.clone()).collect(), codes: new.codes.clone() };
    hold_what_is_scarce(tx, event, &wanted)?;
    let quote = quote(tx.db, event, &wanted, &new.trust, tx.now)?;
    check_places(tx, &quote)?;
    let total_cents = quote.total_cents();
    let order = add_order(tx, event, new, total_cents)?;
    let mut registered = Vec::with_capacity(lines.len());
    let mut position = 0;
    for (line, (_, details)) in quote.lines.iter().zip(&lines) {
        registered.push(register(tx, event, &order, line, details, &mut position)?);
    }
    letters::all_confirmed(tx, event, &order, &registered)?;
    tx.event_changed(&event.id);
    Ok(PlacedOrder { order, total_cents, registered })
}

fn check(new: &NewOrder, lines: &[(WantedLine, Details)]) -> Result<()> {
    let mut checks = Checks::new();
    for (index, (line, details)) in lines.iter().enumerate() {
        let prefix = if lines.len() == 1 && line.email.is_empty() { String::new() } else { format!("lines[{index}].person.") };
        details.check(&prefix, &mut checks);
    }
    checks.required("buyer.name", &new.buyer.name, "Enter the name of who pays.");
    checks.at_most("buyer.name", &new.buyer.name, 200);
    checks.at_most("buyer.organization", &new.buyer.organization, 200);
    checks.finish()?;
    required_email(&new.buyer.email, "buyer.email").map(drop)
}

fn hold_what_is_scarce(tx: &mut Tx<'_>, event: &Event, wanted: &Wanted) -> Result<()> {
    let mut types: Vec<RegistrationTypeId> = Vec::new();
    for line in &wanted.lines {
        match pricing::get_type(tx.db, &event.id, &line.registration_type) {
            Ok(kind) => types.push(kind.id),
            // An unknown type is said by the quote, which knows the field.
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    types.sort();
    types.dedup();
    types.iter().try_for_each(|kind| pricing::hold_type(tx, kind))?;
    let mut keys: Vec<String> = wanted.codes.iter().map(|code| pricing::code_key(code)).collect();
    keys.sort();
    for key in keys {
        if let Some(code) = pricing::find_discount_code(tx.db, &event.id, &key)? {
            pricing::hold_discount_code(tx, &code.id)?;
        }
    }
    let mut staff_codes: Vec<String> = wanted.lines.iter().filter_map(|line| line.staff_code.as_deref()).map(pricing::code_key).collect();
    staff_codes.sort();
    for key in staff_codes {
        if let Some(code) = hospitals::find_code(tx.db, &key)? {
            hospitals::hold_code(tx, &code.id)?;
        }
    }
    Ok(())
}

fn check_places(tx: &mut Tx<'_>, quote: &Quote) -> Result<()> {
    let mut asked: BTreeMap<&RegistrationTypeId, (i64, &RegistrationType)> = BTreeMap::new();
    for line in &quote.lines {
        asked.entry(&line.kind.id).or_insert((0, &line.kind)).0 += 1;
    }
    for (id, (count, kind)) in asked {
        let Some(capacity) = kind.capacity else { continue };
        if registration::count_of_type(tx.db, id)? + count > i64::from(capacity) {
            return Err(Error::refused("orders.sold_out", format!("“{}” is sold out.", kind.name)));
        }
    }
    Ok(())
}

pub(super) fn add_order(tx: &mut Tx<'_>, event: &Event, new: &NewOrder, total_cents: i64) -> Result<Order> {
    let payment = match new.payment {
        _ if total_cents == 0 => Payment::Nothing,
        Payment::Invoice => Payment::Invoice,
        Payment::Card => return Err(Error::refused("orders.card_not_taken", "Cards are not taken at this event. Choose an invoice.")),
        Payment::Nothing => return Err(Error::refused("orders.payment_needed", "This order is not free of charge. Choose an invoice.")),
    };
    let order = Order {
        id: OrderId::new(),
        event_id: event.id.clone(),
        code: free_order_code(tx)?,
        buyer_name: tidy(&new.buyer.name),
        buyer_email: new.buyer.email.trim().to_owned(),
        buyer_organization: tidy(&new.buyer.organization),
        payment,
        currency: event.currency.clone(),
        due_on: (payment == Payment::Invoice).then(|| rules::due_on(event.invoice_due_days, tx.now.date_in(event.zone()))),
        placed_at: tx.now,
    };
    diesel::insert_into(orders::table).values(&order).execute(tx.db)?;
    Entry::of("order.placed", "order", &order.id)
        .event(&event.id)
        .after(json!({ "code": order.code, "payment": payment, "total_cents": total_cents, "people": new.lines.len() }))
        .record(tx)?;
    Ok(order)
}

fn register(tx: &mut Tx<'_>, event: &Event, order: &Order, line: &Line, details: &Details, position: &mut i32) -> Result<Registered> {
    let person = people::find_or_add(tx, &details.email, &details.given_name, &details.family_name)?;
    people::hold(tx, &person.id)?;
    let earlier = registration::live_of_person(tx.db, &event.id, &person.id)?;
    let registration = new_registration(tx, event, order, line, details, &person)?;
    registration::add(tx, &registration)?;
    let name = audit::personal(tx, &person.id, &registration.full_name())?;
    Entry::of("registration.created", "registration", &registration.id)
        .event(&event.id)
        .registration(&registration.id)
        .after(json!({ "code": registration.code, "type": line.kind.code, "name": name }))
        .record(tx)?;
    add_lines(tx, order, &registration, line, position)?;
    if let Some(claim) = &line.claim
        && event.is_congress()
    {
        claims::add(tx, event, &registration.id, claim)?;
    }
    badges::issue(tx, &registration.id)?;
    let enrollments = if registration.status == Status::Confirmed { take_seats(tx, &registration, line)? } else { Vec::new() };
    // Said last: whoever is told that somebody is registered could have registered them otherwise.
    refuse_second_place(event, &line.kind, &earlier)?;
    Ok(Registered { registration, enrollments })
}

/// One person has one place at a congress, and each webinar or the series once.
fn refuse_second_place(event: &Event, kind: &RegistrationType, earlier: &[Registration]) -> Result<()> {
    if earlier.iter().any(|other| event.is_congress() || other.registration_type_id == kind.id) {
        return Err(Error::refused(
            "orders.already_registered",
            "Somebody with this e-mail and family name is registered already. Sign in to see or change that registration.",
        ));
    }
    Ok(())
}

fn new_registration(
    tx: &mut Tx<'_>,
    event: &Event,
    order: &Order,
    line: &Line,
    details: &Details,
    person: &people::Person,
) -> Result<Registration> {
    let code = free_registration_code(tx)?;
    let organization = match &line.claim {
        Some(claim) if details.organization.is_empty() => claim.hospital.name.clone(),
        _ => details.organization.clone(),
    };
    let details = Details { organization, ..details.clone() };
    Ok(Registration {
        id: RegistrationId::new(),
        event_id: event.id.clone(),
        order_id: order.id.clone(),
        person_id: person.id.clone(),
        registration_type_id: line.kind.id.clone(),
        status: if needs_approval(&line.kind) { Status::Pending } else { Status::Confirmed },
        search_key: search_key(&details, &code),
        code,
        given_name: details.given_name,
        family_name: details.family_name,
        badge_name: details.badge_name,
        certificate_name: details.certificate_name,
        credentials: details.credentials,
        profession: details.profession,
        organization: details.organization,
        hospital_id: line.claim.as_ref().map(|claim| claim.hospital.id.clone()),
        dietary: details.dietary,
        accommodation: details.accommodation,
        represents: details.represents.unwrap_or(Represents::Professional),
        sponsors_opt_in: details.sponsors_opt_in,
        created_at: tx.now,
    })
}

pub(super) fn add_lines(tx: &mut Tx<'_>, order: &Order, registration: &Registration, line: &Line, position: &mut i32) -> Result<()> {
    for item in &line.items {
        let winner = item.winner();
        let code_of = |kind: fn(DiscountKind) -> bool| winner.filter(|winner| kind(winner.kind)).and_then(|winner| winner.code_id.clone());
        let row = OrderLine {
            id: OrderLineId::new(),
            order_id: order.id.clone(),
            registration_id: registration.id.clone(),
            item_kind: item.kind,
            item_code: item.code.clone(),
            description: item.description.clone(),
            list_cents: item.list_cents,
            discount_cents: item.discount_cents(),
            net_cents: item.net_cents(),
            discountable: item.discountable,
            discount_kind: winner.map(|winner| winner.kind.as_str().to_owned()),
            discount_code_id: code_of(|kind| kind != DiscountKind::RecognizedHospital).map(DiscountCodeId::from),
            hospital_code_id: code_of(|kind| kind == DiscountKind::RecognizedHospital).map(HospitalCodeId::from),
            candidates: serde_json::to_string(&item.weighed).map_err(Error::internal)?,
            position: *position,
        };
        *position += 1;
        diesel::insert_into(order_lines::table).values(&row).execute(tx.db)?;
    }
    Ok(())
}

/// Takes the chosen seats, each held in the one order that all writes keep.
fn take_seats(tx: &mut Tx<'_>, registration: &Registration, line: &Line) -> Result<Vec<(Session, Placed)>> {
    let chosen: Vec<&Session> = line.sessions.iter().filter(|session| session.registration_required).collect();
    let ids: Vec<SessionId> = chosen.iter().map(|session| session.id.clone()).collect();
    agenda::hold_all(tx, &ids)?;
    let mut taken = Vec::with_capacity(chosen.len());
    for session in chosen {
        let placed = enrollment::enroll(tx, session, registration)?;
        let is_paid_for = line.items.iter().any(|item| item.kind == ItemKind::Session && item.code == session.code);
        if placed.status == enrollment::Status::Waitlisted && is_paid_for {
            return Err(Error::refused(
                "orders.session_full",
                format!("“{}” is full, and a place in its line is not sold.", session.title),
            ));
        }
        taken.push((session.clone(), placed));
    }
    Ok(taken)
}

fn free_registration_code(tx: &mut Tx<'_>) -> Result<String> {
    loop {
        let code = new_code("REG");
        let taken: i64 = registrations::table.filter(registrations::code.eq(&code)).count().get_result(tx.db)?;
        if taken == 0 {
            return Ok(code);
        }
    }
}

fn free_order_code(tx: &mut Tx<'_>) -> Result<String> {
    loop {
        let code = new_code("ORD");
        let taken: i64 = orders::table.filter(orders::code.eq(&code)).count().get_result(tx.db)?;
        if taken == 0 {
            return Ok(code);
        }
    }
}

/// Staff decide about a registration whose type needs their approval.
pub fn decide_registration(tx: &mut Tx<'_>, registration: &Registration, approve: bool, reason: &str) -> Result<()> {
    if registration.status != Status::Pending {
        return Err(Error::refused("orders.registration_decided", "This was decided already."));
    }
    if !approve {
        return super::cancel_registration(tx, registration, reason);
    }
    registration::set_status(tx, &registration.id, Status::Confirmed)?;
    Entry::of("registration.approved", "registration", &registration.id)
        .event(&registration.event_id)
        .registration(&registration.id)
        .reason(reason)
        .record(tx)?;
    let event = crate::events::get_by_id(tx.db, &registration.event_id)?;
    super::invoice_after_decision(tx, &event, &registration.order_id)?;
    let order = super::get(tx.db, &registration.order_id)?;
    let confirmed = Registration { status: Status::Confirmed, ..registration.clone() };
    letters::all_confirmed(tx, &event, &order, &[Registered { registration: confirmed, enrollments: Vec::new() }])
}
