//! How often codes were used, counted from the lines of orders that stand.

use diesel::prelude::*;

use crate::db::Db;
use crate::db::schema::{order_lines, registrations};
use crate::error::Result;
use crate::ids::{DiscountCodeId, HospitalCodeId};
use crate::registration::Status;

/// People who used a discount code and were not canceled since.
pub fn of_discount_code(db: &mut Db, code: &DiscountCodeId) -> Result<i64> {
    Ok(order_lines::table
        .inner_join(registrations::table)
        .filter(order_lines::discount_code_id.eq(code))
        .filter(order_lines::item_kind.eq("type"))
        .filter(registrations::status.ne(Status::Canceled))
        .count()
        .get_result(db)?)
}

/// People who used a hospital's code and were not canceled since.
pub fn of_hospital_code(db: &mut Db, code: &HospitalCodeId) -> Result<i64> {
    Ok(order_lines::table
        .inner_join(registrations::table)
        .filter(order_lines::hospital_code_id.eq(code))
        .filter(order_lines::item_kind.eq("type"))
        .filter(registrations::status.ne(Status::Canceled))
        .count()
        .get_result(db)?)
}
