//! Answers to writes that carried an Idempotency-Key: kept a day, so that a repeated write gets the same answer.

use chrono::Duration;
use diesel::prelude::*;

use crate::app::Tx;
use crate::clock::Instant;
use crate::db::schema::idempotent_answers;
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::on_either;

/// How long an answer is kept.
pub const KEPT: Duration = Duration::hours(24);

/// An answer as it is stored; its id is the hash of key, caller and address.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotent_answers, check_for_backend(crate::db::Either))]
pub struct KeptAnswer {
    pub id: String,
    pub body_hash: String,
    pub status: i32,
    /// JSON.
    pub answer: String,
    pub created_at: Instant,
}

/// Gives the answer kept under `id`, or runs `work` and keeps what it answers, both in this transaction:
/// either the write and its answer are there, or neither. A write at the same moment with the same id
/// waits for this one. A failed write keeps nothing, so that it may be tried again.
pub fn once(tx: &mut Tx<'_>, id: &str, body_hash: &str, work: impl FnOnce(&mut Tx<'_>) -> Result<(u16, String)>) -> Result<(u16, String)> {
    forget(tx, id)?;
    let place = KeptAnswer { id: id.to_owned(), body_hash: body_hash.to_owned(), status: 0, answer: String::new(), created_at: tx.now };
    // PostgreSQL lets the second of two wait here until the first has committed, and then inserts nothing.
    let inserted = on_either!(&mut *tx.db, connection => diesel::insert_into(idempotent_answers::table)
        .values(&place)
        .on_conflict_do_nothing()
        .execute(connection))?;
    if inserted == 0 {
        let kept: KeptAnswer = idempotent_answers::table.find(id).select(KeptAnswer::as_select()).first(tx.db)?;
        if kept.body_hash != body_hash {
            return Err(Error::invalid(
                "Idempotency-Key",
                "idempotency_mismatch",
                "This Idempotency-Key was already used with another body. Use a new key for a new request.",
            ));
        }
        return Ok((u16::try_from(kept.status).map_err(Error::internal)?, kept.answer));
    }
    let (status, answer) = work(tx)?;
    diesel::update(idempotent_answers::table.find(id))
        .set((idempotent_answers::status.eq(i32::from(status)), idempotent_answers::answer.eq(&answer)))
        .execute(tx.db)?;
    Ok((status, answer))
}

/// Takes away this answer when its day is over.
fn forget(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    let too_old = tx.now.minus(KEPT);
    diesel::delete(idempotent_answers::table.find(id)).filter(idempotent_answers::created_at.lt(too_old)).execute(tx.db)?;
    Ok(())
}

/// Takes away every answer whose day is over; returns how many.
pub fn forget_old(tx: &mut Tx<'_>) -> Result<usize> {
    let too_old = tx.now.minus(KEPT);
    Ok(diesel::delete(idempotent_answers::table).filter(idempotent_answers::created_at.lt(too_old)).execute(tx.db)?)
}

/// The job that does so.
pub fn run_forget(tx: &mut Tx<'_>, _: &Job) -> Result<()> {
    forget_old(tx).map(drop)
}
