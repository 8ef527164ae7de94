//! Orders: who pays for which registrations, with prices frozen as they were promised.

pub mod api;
pub mod admin;
pub mod balance;
pub mod choices;
pub mod claims;
pub mod conversion;
pub mod conversion_pages;
pub mod drafted;
pub mod letters;
pub mod place;
pub mod quote;
pub mod receipt;
pub mod recognition;
pub mod rules;
pub mod uses;

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use crate::app::Tx;
use crate::audit::Entry;

use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{order_lines, orders, payments, registrations};
use crate::enrollment;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::{DiscountCodeId, EventId, HospitalCodeId, OrderId, OrderLineId, PaymentId, RegistrationId};
use crate::on_either;
use crate::registration::{self, Registration, Status};

pub use balance::balance_cents;

crate::words! {
    /// How an order is paid.
    Payment { Card => "card", Invoice => "invoice", Nothing => "none" }
}
crate::words! {
    /// What a money row is: a payment received, or a credit given (both lower the balance).
    MoneyKind { Payment => "payment", Credit => "credit", Refund => "refund" }
}
crate::words! {
    ItemKind { Type => "type", Session => "session" }
}

/// An order as it is stored; its total is the sum of its lines.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = orders, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Order {
    pub id: OrderId,
    pub event_id: EventId,
    pub code: String,
    pub buyer_name: String,
    pub buyer_email: String,
    pub buyer_organization: String,
    pub payment: Payment,
    pub currency: String,
    /// The last day to pay an invoice.
    pub due_on: Option<NaiveDate>,
    pub placed_at: Instant,
}

/// One priced item of an order, frozen.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = order_lines, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct OrderLine {
    pub id: OrderLineId,
    pub order_id: OrderId,
    pub registration_id: RegistrationId,
    pub item_kind: ItemKind,
    pub item_code: String,
    pub description: String,
    pub list_cents: i64,
    pub discount_cents: i64,
    pub net_cents: i64,
    pub discountable: bool,
    pub discount_kind: Option<String>,
    pub discount_code_id: Option<DiscountCodeId>,
    pub hospital_code_id: Option<HospitalCodeId>,
    /// JSON of every discount that was looked at and why it won or lost (PRC-2).
    pub candidates: String,
    pub position: i32,
}

/// Money received or given back for an order.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = payments, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct MoneyRow {
    pub id: PaymentId,
    pub order_id: OrderId,
    /// Whose place was credited; none where money was for the order as a whole.
    pub registration_id: Option<RegistrationId>,
    pub kind: MoneyKind,
    pub amount_cents: i64,
    pub reference: String,
    pub actor: String,
    pub at: Instant,
}

/// An order by id.
pub fn get(db: &mut Db, id: &OrderId) -> Result<Order> {
    Ok(orders::table.find(id).select(Order::as_select()).first(db)?)
}

/// The lines of an order in their order.
pub fn lines(db: &mut Db, id: &OrderId) -> Result<Vec<OrderLine>> {
    Ok(order_lines::table
        .filter(order_lines::order_id.eq(id))
        .order(order_lines::position.asc())
        .select(OrderLine::as_select())
        .load(db)?)
}

/// Which of these registrations have a price, by the lines of the orders that they stand in.
pub fn with_price(db: &mut Db, ids: &[RegistrationId]) -> Result<HashSet<RegistrationId>> {
    let mut found = HashSet::new();
    for some in ids.chunks(500) {
        let rows: Vec<RegistrationId> = order_lines::table
            .inner_join(registrations::table)
            .filter(order_lines::registration_id.eq_any(some))
            .filter(order_lines::order_id.eq(registrations::order_id))
            .filter(order_lines::list_cents.gt(0))
            .select(order_lines::registration_id)
            .distinct()
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// What was paid, credited and refunded, oldest first.
pub fn money_rows(db: &mut Db, id: &OrderId) -> Result<Vec<MoneyRow>> {
    Ok(payments::table.filter(payments::order_id.eq(id)).order(payments::id.asc()).select(MoneyRow::as_select()).load(db)?)
}

/// Where an order stands.
pub fn standing(db: &mut Db, id: &OrderId) -> Result<rules::Standing> {
    let lines = lines(db, id)?;
    let registrations = registration::of_order(db, id)?;
    let all_canceled = registrations.iter().all(|registration| registration.status == Status::Canceled);
    let pending = registrations.iter().any(|registration| registration.status == Status::Pending);
    let undecided = pending || claims::is_undecided(db, &lines)?;
    Ok(rules::standing(balance_cents(db, id)?, undecided, all_canceled))
}

/// A money row of an order, from now and by who acts.
fn money_row(tx: &Tx<'_>, order: &OrderId, kind: MoneyKind, amount_cents: i64, reference: &str) -> MoneyRow {
    MoneyRow {
        id: PaymentId::new(),
        order_id: order.clone(),
        registration_id: None,
        kind,
        amount_cents,
        reference: reference.to_owned(),
        actor: tx.actor.label(),
        at: tx.now,
    }
}

/// Writes money received, credited or refunded, with its audit entry; a row that is there already is not written again.
fn add_money(tx: &mut Tx<'_>, row: &MoneyRow) -> Result<()> {
    let inserted = on_either!(&mut *tx.db, connection =>
        diesel::insert_into(payments::table).values(row).on_conflict_do_nothing().execute(connection))?;
    if inserted == 0 {
        return Ok(());
    }
    let event = get(tx.db, &row.order_id)?.event_id;
    let after = json!({ "kind": row.kind, "amount_cents": row.amount_cents });
    Entry::of("order.money_recorded", "order", &row.order_id).event(&event).after(after).record(tx)
}

/// Credits an order for one registration; when that is canceled the credit is worth nothing more.
fn credit(tx: &mut Tx<'_>, registration: &Registration, amount_cents: i64, reference: &str) -> Result<()> {
    let row = money_row(tx, &registration.order_id, MoneyKind::Credit, amount_cents, reference);
    add_money(tx, &MoneyRow { registration_id: Some(registration.id.clone()), ..row })
}

/// Makes every other write that holds this order wait, so that what was paid can be counted.
fn hold(tx: &mut Tx<'_>, order: &OrderId) -> Result<()> {
    diesel::update(orders::table.find(order)).set(orders::code.eq(orders::code)).execute(tx.db)?;
    Ok(())
}

/// What was paid and not given back, in cents.
pub fn paid_cents(money: &[MoneyRow]) -> i64 {
    let signed = |row: &MoneyRow| match row.kind {
        MoneyKind::Payment => row.amount_cents,
        MoneyKind::Refund => -row.amount_cents,
        MoneyKind::Credit => 0,
    };
    money.iter().map(signed).sum()
}

/// Records a payment that came in for an order. The same id twice is one payment: a form sent again harms nobody.
pub fn record_payment(tx: &mut Tx<'_>, id: PaymentId, order: &OrderId, amount_cents: i64, reference: &str) -> Result<()> {
    if amount_cents <= 0 {
        return Err(Error::invalid("amount", "out_of_range", "Enter the amount that came in, such as 849.15."));
    }
    if reference.trim().is_empty() {
        return Err(Error::invalid("reference", "required", "Enter what identifies the payment, such as the check or transfer number."));
    }
    hold(tx, order)?;
    let row = money_row(tx, order, MoneyKind::Payment, amount_cents, reference.trim());
    add_money(tx, &MoneyRow { id, ..row })
}

/// An invoice that waited for a decision is due so many days after it, once nothing is undecided any more.
fn invoice_after_decision(tx: &mut Tx<'_>, event: &Event, order: &OrderId) -> Result<()> {
    let before = get(tx.db, order)?;
    if before.due_on.is_none() || standing(tx.db, order)? == rules::Standing::Held {
        return Ok(());
    }
    let due_on = Some(rules::due_on(event.invoice_due_days, tx.now.date_in(event.zone())));
    if due_on == before.due_on {
        return Ok(());
    }
    diesel::update(orders::table.find(order)).set(orders::due_on.eq(due_on)).execute(tx.db)?;
    Entry::of("order.invoice_due_changed", "order", order)
        .event(&event.id)
        .before(json!({ "due_on": before.due_on }))
        .after(json!({ "due_on": due_on }))
        .record(tx)
}

/// Cancels a registration: its seats go to those who wait, and it is owed no more.
pub fn cancel_registration(tx: &mut Tx<'_>, registration: &Registration, reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::invalid("reason", "required", "Say why it is canceled."));
    }
    enrollment::leave_all(tx, &registration.id)?;
    // Now it is held, and what was known before may be old.
    let registration = registration::get_by_id(tx.db, &registration.id)?;
    if registration.status == Status::Canceled {
        return Err(Error::refused("orders.canceled_already", "This registration was canceled already."));
    }
    registration::cancel(tx, &registration, reason.trim())?;
    tx.event_changed(&registration.event_id);
    Ok(())
}
