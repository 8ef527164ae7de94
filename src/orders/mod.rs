//! Orders: who pays for which registrations, with prices frozen as they were promised.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{order_lines, orders, payments};
use crate::error::Result;
use crate::ids::{DiscountCodeId, EventId, HospitalCodeId, OrderId, OrderLineId, PaymentId, RegistrationId};

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
#[diesel(table_name = payments, check_for_backend(crate::db::Either))]
pub struct MoneyRow {
    pub id: PaymentId,
    pub order_id: OrderId,
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

/// What was paid, credited and refunded, oldest first.
pub fn money_rows(db: &mut Db, id: &OrderId) -> Result<Vec<MoneyRow>> {
    Ok(payments::table.filter(payments::order_id.eq(id)).order(payments::id.asc()).select(MoneyRow::as_select()).load(db)?)
}

/// What is still owed, in cents: the lines' net less payments and credits, plus refunds.
pub fn balance_cents(db: &mut Db, id: &OrderId) -> Result<i64> {
    let owed: i64 = lines(db, id)?.iter().map(|line| line.net_cents).sum();
    let settled: i64 =
        money_rows(db, id)?.iter().map(|row| if row.kind == MoneyKind::Refund { -row.amount_cents } else { row.amount_cents }).sum();
    Ok(owed - settled)
}
