//! How often codes were used, counted from the lines of orders that stand.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::quote::Item;
use crate::db::Db;
use crate::db::schema::{order_lines, registrations};
use crate::error::Result;
use crate::ids::{DiscountCodeId, HospitalCodeId, RegistrationId};
use crate::registration::Status;

/// People who used a discount code and were not canceled since.
pub fn of_discount_code(db: &mut Db, code: &DiscountCodeId) -> Result<i64> {
    let people: Vec<RegistrationId> = order_lines::table
        .inner_join(registrations::table)
        .filter(order_lines::discount_code_id.eq(code))
        .filter(registrations::status.ne(Status::Canceled))
        .select(order_lines::registration_id)
        .distinct()
        .load(db)?;
    Ok(count(&people))
}

/// People who used a hospital's code and were not canceled since.
pub fn of_hospital_code(db: &mut Db, code: &HospitalCodeId) -> Result<i64> {
    let people: Vec<RegistrationId> = order_lines::table
        .inner_join(registrations::table)
        .filter(order_lines::hospital_code_id.eq(code))
        .filter(registrations::status.ne(Status::Canceled))
        .select(order_lines::registration_id)
        .distinct()
        .load(db)?;
    Ok(count(&people))
}

fn count(people: &[RegistrationId]) -> i64 {
    i64::try_from(people.len()).unwrap_or(i64::MAX)
}

/// Uses by the people further up in an order that is being priced: they are not rows yet.
#[derive(Debug, Default)]
pub struct UsedAbove(BTreeMap<String, i64>);

impl UsedAbove {
    /// How many people above used the code with this row id.
    pub fn of(&self, code_id: &str) -> i64 {
        self.0.get(code_id).copied().unwrap_or_default()
    }

    /// Counts the codes that won for one person, each once.
    pub fn add(&mut self, items: &[Item]) {
        let codes: BTreeSet<&String> = items.iter().filter_map(|item| item.winner()?.code_id.as_ref()).collect();
        for code in codes {
            *self.0.entry(code.clone()).or_default() += 1;
        }
    }
}
