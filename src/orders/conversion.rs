//! A complimentary registration is taken on into what includes more, at the price of the day: the same registration with
//! its seats, badge, attendance and code, and an order of its own (PRC-1, WEB-1). Until that is paid, staff may take it back.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::place::{Buyer, NewOrder, Registered, add_lines, add_order};
use super::quote::{Quote, Trust, Wanted, WantedLine, quote};
use super::rules::{self, Type};
use super::{Order, Payment, balance_cents, hold, letters, lines, money_rows, paid_cents};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{conversions, ended_conversions};
use crate::enrollment::{self, queries::type_covers};
use crate::error::{Checks, Error, Result};
use crate::events::Event;
use crate::ids::{OrderId, RegistrationId, RegistrationTypeId};
use crate::people::rules::email_key;
use crate::pricing::{self, Eligibility, RegistrationType};
use crate::registration::rules::Details;
use crate::registration::{self, Registration, Status};
use crate::{audit, people};

/// A conversion as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = conversions, check_for_backend(crate::db::Either))]
pub struct Conversion {
    pub registration_id: RegistrationId,
    pub from_type_id: RegistrationTypeId,
    pub from_order_id: OrderId,
    pub order_id: OrderId,
    pub at: Instant,
    pub actor: String,
}

/// A conversion that was taken back, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = ended_conversions, check_for_backend(crate::db::Either))]
pub struct Ended {
    pub order_id: OrderId,
    pub registration_id: RegistrationId,
    pub from_type_id: RegistrationTypeId,
    pub from_order_id: OrderId,
    pub at: Instant,
    pub actor: String,
    pub ended_at: Instant,
    pub ended_by: String,
    pub reason: String,
}

/// What a complimentary registration may become, at what price.
#[derive(Clone, Debug)]
pub struct Offer {
    pub kind: RegistrationType,
    pub quote: Quote,
    /// The sessions that it adds, by start.
    pub adds: Vec<Session>,
}

/// What came of taking it.
#[derive(Clone, Debug)]
pub enum Converted {
    Done(Box<Order>),
    /// It was taken before: the form came twice.
    Already,
    /// It costs more than the page showed, so nothing was ordered.
    Dearer,
}

/// The conversion of a registration that stands.
pub fn find(db: &mut Db, registration: &RegistrationId) -> Result<Option<Conversion>> {
    Ok(conversions::table.find(registration).select(Conversion::as_select()).first(db).optional()?)
}

/// The conversions of a registration that were taken back, oldest first.
pub fn ended(db: &mut Db, registration: &RegistrationId) -> Result<Vec<Ended>> {
    Ok(ended_conversions::table
        .filter(ended_conversions::registration_id.eq(registration))
        .order((ended_conversions::ended_at.asc(), ended_conversions::order_id.asc()))
        .select(Ended::as_select())
        .load(db)?)
}

/// What an event sells and what each of it covers, read once for many registrations.
pub struct Range {
    /// The sessions that take place, by start.
    sessions: Vec<Session>,
    types: Vec<(RegistrationType, Type)>,
}

impl Range {
    pub fn load(db: &mut Db, event: &Event) -> Result<Self> {
        let mut sessions = agenda::list(db, &event.id)?;
        sessions.retain(|session| session.canceled_at.is_none());
        let mut types = Vec::new();
        for kind in pricing::list_types(db, &event.id)? {
            let listed = pricing::covered_sessions(db, &kind.id)?;
            let covers = sessions.iter().map(|session| type_covers(&kind, &listed, session)).collect();
            let is_open = kind.eligibility == Eligibility::Anyone;
            types.push((kind, Type { covers, is_open }));
        }
        Ok(Self { sessions, types })
    }

    /// What a type covers, and the types that have all of that and more.
    fn beyond(&self, id: &RegistrationTypeId) -> Option<(&Type, Vec<&(RegistrationType, Type)>)> {
        let (_, from) = self.types.iter().find(|(kind, _)| kind.id == *id)?;
        Some((from, self.types.iter().filter(|(_, into)| rules::takes_on(from, into)).collect()))
    }
}

/// What this registration may be taken on into; none for what was paid for, and where nothing more is sold to it.
pub fn offer(db: &mut Db, event: &Event, registration: &Registration, now: Instant) -> Result<Option<Offer>> {
    let range = Range::load(db, event)?;
    offer_of(db, event, &range, registration, now)
}

/// The same for one of many registrations, with what the event sells read before.
pub fn offer_of(db: &mut Db, event: &Event, range: &Range, registration: &Registration, now: Instant) -> Result<Option<Offer>> {
    let beyond = range.beyond(&registration.registration_type_id).filter(|(_, wider)| !wider.is_empty());
    let Some((from, wider)) = beyond.filter(|_| !event.is_congress() && registration.status == Status::Confirmed) else { return Ok(None) };
    if find(db, &registration.id)?.is_some() {
        return Ok(None);
    }
    let own = lines(db, &registration.order_id)?;
    if own.iter().any(|line| line.registration_id == registration.id && line.list_cents > 0) {
        return Ok(None);
    }
    let held: Vec<RegistrationTypeId> =
        registration::live_of_person(db, &event.id, &registration.person_id)?.into_iter().map(|other| other.registration_type_id).collect();
    for (kind, into) in wider.into_iter().filter(|(kind, _)| !held.contains(&kind.id)) {
        let Some(quote) = price(db, event, registration, kind, now)?.filter(|quote| quote.total_cents() > 0) else { continue };
        if !has_place(db, kind)? {
            continue;
        }
        let added = range.sessions.iter().zip(from.covers.iter().zip(&into.covers)).filter(|(_, (had, has))| !**had && **has);
        let adds = added.map(|(session, _)| session.clone()).filter(|session| session.ends_at > now).collect();
        return Ok(Some(Offer { kind: kind.clone(), quote, adds }));
    }
    Ok(None)
}

fn wanted(db: &mut Db, registration: &Registration, kind: &RegistrationType) -> Result<(Wanted, Trust)> {
    let person = people::get(db, &registration.person_id)?;
    // Their address is proven: letters reach it, and they signed in by it.
    let verified: BTreeSet<String> = email_key(&person.email).into_iter().collect();
    let line = WantedLine { registration_type: kind.code.clone(), email: person.email, ..WantedLine::default() };
    Ok((Wanted { lines: vec![line], codes: Vec::new() }, Trust::Verified(verified)))
}

/// The price of the day; none where the type is not on sale.
fn price(db: &mut Db, event: &Event, registration: &Registration, kind: &RegistrationType, now: Instant) -> Result<Option<Quote>> {
    let (wanted, trust) = wanted(db, registration, kind)?;
    match quote(db, event, &wanted, &trust, now) {
        Ok(quote) => Ok(Some(quote)),
        Err(Error::Refused { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

fn has_place(db: &mut Db, kind: &RegistrationType) -> Result<bool> {
    let Some(capacity) = kind.capacity else { return Ok(true) };
    Ok(registration::count_of_type(db, &kind.id)? < i64::from(capacity))
}

/// Takes what is offered, once however often the form comes, and never dearer than was shown. The registration keeps its
/// seats and everything that is known about it; it is owed by invoice.
pub fn convert(tx: &mut Tx<'_>, event: &Event, registration: &RegistrationId, shown_cents: i64) -> Result<Converted> {
    let before = registration::get_by_id(tx.db, registration)?;
    let nothing = || Error::refused("orders.nothing_to_convert", "There is nothing that this registration could be taken on into.");
    if find(tx.db, registration)?.is_some() {
        return Ok(Converted::Already);
    }
    let seen = offer(tx.db, event, &before, tx.now)?.ok_or_else(nothing)?;
    // In the order of every order: the type, the person, the registration.
    pricing::hold_type(tx, &seen.kind.id)?;
    people::hold(tx, &before.person_id)?;
    registration::hold(tx, registration)?;
    if find(tx.db, registration)?.is_some() {
        return Ok(Converted::Already);
    }
    // Read again: places, price and the registration may have changed while this write waited.
    let before = registration::get_by_id(tx.db, registration)?;
    let offer = offer(tx.db, event, &before, tx.now)?.filter(|offer| offer.kind.id == seen.kind.id).ok_or_else(nothing)?;
    let total_cents = offer.quote.total_cents();
    if total_cents > shown_cents {
        return Ok(Converted::Dearer);
    }
    let line = offer.quote.lines.first().ok_or_else(nothing)?;
    let (wanted, trust) = wanted(tx.db, &before, &offer.kind)?;
    let email = wanted.lines.first().map(|line| line.email.clone()).unwrap_or_default();
    let buyer = Buyer { name: before.full_name(), email, organization: before.organization.clone() };
    let new_lines = wanted.lines.into_iter().map(|line| (line, Details::default())).collect();
    let new = NewOrder { lines: new_lines, codes: Vec::new(), buyer, payment: Payment::Invoice, trust };
    let order = add_order(tx, event, &new, total_cents)?;
    add_lines(tx, &order, &before, line, &mut 0)?;
    let row = Conversion {
        registration_id: before.id.clone(),
        from_type_id: before.registration_type_id.clone(),
        from_order_id: before.order_id.clone(),
        order_id: order.id.clone(),
        at: tx.now,
        actor: tx.actor.label(),
    };
    diesel::insert_into(conversions::table).values(&row).execute(tx.db)?;
    registration::move_to(tx, &before, &offer.kind, &order.id)?;
    let entry = audit::Entry::of("registration.converted", "registration", &before.id).event(&event.id).registration(&before.id);
    entry.after(serde_json::json!({ "type": offer.kind.code, "order": order.code, "total_cents": total_cents })).record(tx)?;
    let converted = registration::get_by_id(tx.db, &before.id)?;
    letters::all_confirmed(tx, event, &order, &[Registered { registration: converted, enrollments: Vec::new() }])?;
    tx.event_changed(&event.id);
    Ok(Converted::Done(Box::new(order)))
}

/// Takes a conversion back while nothing is paid for it: what its order was for is credited (PAY-2), seats that only the
/// larger type covered are given up, and the registration is again of the type and order that it came from. The conversion
/// stays on record with who ended it and why, and the same registration may be taken on again.
pub fn take_back(tx: &mut Tx<'_>, event: &Event, registration: &RegistrationId, reason: &str) -> Result<()> {
    let mut checks = Checks::new();
    checks.required("reason", reason, "Say why, for example “ordered by mistake”.");
    checks.at_most("reason", reason, 500);
    checks.finish()?;
    let seen = find(tx.db, registration)?.ok_or_else(not_converted)?;
    let kept = pricing::get_type_by_id(tx.db, &seen.from_type_id)?;
    let listed = pricing::covered_sessions(tx.db, &kept.id)?;
    // In the order of every order: the type, the person, sessions, the registration, and the money last.
    pricing::hold_type(tx, &kept.id)?;
    let person = registration::get_by_id(tx.db, registration)?.person_id;
    people::hold(tx, &person)?;
    enrollment::leave_where(tx, registration, |session| !type_covers(&kept, &listed, session))?;
    hold(tx, &seen.order_id)?;
    // Read again: it may have been taken back, paid or canceled while this write waited.
    let before = registration::get_by_id(tx.db, registration)?;
    let stands = find(tx.db, registration)?.filter(|one| one.order_id == seen.order_id && before.status == Status::Confirmed);
    let conversion = stands.ok_or_else(not_converted)?;
    if paid_cents(&money_rows(tx.db, &conversion.order_id)?) > 0 {
        let said = "Money came in for it. Give that back first, then take the conversion back.";
        return Err(Error::refused("orders.conversion_paid", said));
    }
    if !has_place(tx.db, &kept)? {
        let said = format!("“{}” has no place left. Give it more places first.", kept.name);
        return Err(Error::refused("orders.type_full", said));
    }
    end(tx, event, &before, &kept, conversion, reason.trim())
}

fn not_converted() -> Error {
    Error::refused("orders.not_converted", "This registration was not taken on, or it was taken back already.")
}

fn end(tx: &mut Tx<'_>, event: &Event, before: &Registration, kept: &RegistrationType, conversion: Conversion, reason: &str) -> Result<()> {
    let left = pricing::get_type_by_id(tx.db, &before.registration_type_id)?;
    let order = super::get(tx.db, &conversion.order_id)?;
    let owed_cents = balance_cents(tx.db, &order.id)?;
    if owed_cents > 0 {
        super::credit(tx, before, owed_cents, &format!("taken back, {}", before.code))?;
    }
    diesel::delete(conversions::table.find(&before.id)).execute(tx.db)?;
    let row = Ended {
        order_id: conversion.order_id,
        registration_id: conversion.registration_id,
        from_type_id: conversion.from_type_id,
        from_order_id: conversion.from_order_id,
        at: conversion.at,
        actor: conversion.actor,
        ended_at: tx.now,
        ended_by: tx.actor.label(),
        reason: reason.to_owned(),
    };
    diesel::insert_into(ended_conversions::table).values(&row).execute(tx.db)?;
    registration::move_to(tx, before, kept, &row.from_order_id)?;
    let entry = audit::Entry::of("registration.conversion_taken_back", "registration", &before.id);
    let entry = entry.event(&event.id).registration(&before.id).before(serde_json::json!({ "type": left.code, "order": order.code }));
    entry.after(serde_json::json!({ "type": kept.code, "credited_cents": owed_cents })).reason(reason).record(tx)?;
    let back = registration::get_by_id(tx.db, &before.id)?;
    letters::conversion_taken_back(tx, event, &back, (&left, kept), &order)?;
    tx.event_changed(&event.id);
    Ok(())
}
