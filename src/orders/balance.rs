//! What is still owed on an order: one sum for doors, desk, portal and letters.

use std::collections::HashMap;

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::BigInt;

use crate::db::Db;
use crate::db::schema::registrations;
use crate::error::Result;
use crate::ids::OrderId;

/// What is owed on the order of the registration that a query reads, in cents: the lines' net less payments and
/// credits, plus refunds. What was canceled is owed no more, and what was credited on it is given back no more;
/// money that was paid for it shows as a negative balance until it is refunded.
#[derive(Clone, Copy, Debug, QueryId)]
pub struct OwedCents;

impl Expression for OwedCents {
    type SqlType = BigInt;
}

impl<DB: Backend> QueryFragment<DB> for OwedCents {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(
            "CAST(COALESCE((SELECT SUM(item.net_cents) FROM order_lines item JOIN registrations owner ON owner.id = item.registration_id \
             WHERE item.order_id = registrations.order_id AND owner.status <> 'canceled'), 0) \
             - COALESCE((SELECT SUM(CASE WHEN money.kind = 'refund' THEN -money.amount_cents ELSE money.amount_cents END) \
             FROM payments money LEFT JOIN registrations credited ON credited.id = money.registration_id \
             WHERE money.order_id = registrations.order_id AND (credited.id IS NULL OR credited.status <> 'canceled')), 0) AS BIGINT)",
        );
        Ok(())
    }
}

impl<From> SelectableExpression<From> for OwedCents {}
impl<From> AppearsOnTable<From> for OwedCents {}
impl ValidGrouping<()> for OwedCents {
    type IsAggregate = is_aggregate::Never;
}

/// What is still owed on an order, in cents.
pub fn balance_cents(db: &mut Db, id: &OrderId) -> Result<i64> {
    let owed = registrations::table.filter(registrations::order_id.eq(id)).select(OwedCents);
    Ok(owed.first(db).optional()?.unwrap_or_default())
}

/// What is still owed on each of these orders, in cents.
pub fn balances(db: &mut Db, ids: &[&OrderId]) -> Result<HashMap<OrderId, i64>> {
    let of_orders = registrations::table.filter(registrations::order_id.eq_any(ids));
    let rows: Vec<(OrderId, i64)> = of_orders.select((registrations::order_id, OwedCents)).load(db)?;
    Ok(rows.into_iter().collect())
}
