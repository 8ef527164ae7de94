//! Throwing away: uploads that nobody finished or used within a day, and the objects of what was removed.

use chrono::Duration;
use diesel::prelude::*;

use crate::app::{Actor, App, Tx};
use crate::db::schema::{object_removals, uploads};
use crate::error::Result;
use crate::ids::UploadId;
use crate::jobs::Job;
use crate::storage::Key;

/// The job that looks for uploads that are not wanted any more.
pub const FORGET: &str = "forget_uploads";

/// Uploads that nobody touched for so long are given up.
const GIVEN_UP_AFTER: Duration = Duration::hours(24);

const AT_ONCE: i64 = 100;

/// After so many failures the store itself is away, and it waits for the next call.
const MOST_FAILURES: usize = 3;

/// The job: what is not finished, or finished and used by nothing, goes after a day.
pub fn run_forget(tx: &mut Tx<'_>, _: &Job) -> Result<()> {
    let old: Vec<UploadId> = uploads::table
        .filter(uploads::kept_at.is_null())
        .filter(uploads::touched_at.le(tx.now.minus(GIVEN_UP_AFTER)))
        .order(uploads::id.asc())
        .limit(AT_ONCE)
        .select(uploads::id)
        .load(tx.db)?;
    old.iter().try_for_each(|id| super::remove(tx, id, "given up after a day"))
}

/// Throws away the objects of what was removed; returns how many. What fails is tried again after the others, by a later
/// call. It waits for the storage, so it runs outside of any transaction.
pub async fn sweep(app: &App) -> Result<usize> {
    let wanted: Vec<(String, Option<String>)> = app
        .read(|db| {
            let oldest = object_removals::table.order(object_removals::wanted_at.asc()).limit(AT_ONCE);
            Ok(oldest.select((object_removals::object_key, object_removals::begun)).load(db)?)
        })
        .await?;
    let (mut gone, mut failures) = (0, Vec::new());
    for (name, begun) in wanted {
        let Some(key) = Key::parse(&name) else { continue };
        let removed = app.storage.remove(&key, begun.as_deref()).await;
        let is_gone = removed.is_ok();
        app.write(Actor::Service("storage"), move |tx| {
            match is_gone {
                true => diesel::delete(object_removals::table.find(&name)).execute(tx.db)?,
                // One that the store will not let go keeps nothing else from going.
                false => diesel::update(object_removals::table.find(&name)).set(object_removals::wanted_at.eq(tx.now)).execute(tx.db)?,
            };
            Ok(())
        })
        .await?;
        gone += usize::from(is_gone);
        failures.extend(removed.err());
        if failures.len() == MOST_FAILURES {
            break;
        }
    }
    failures.into_iter().next().map_or(Ok(gone), Err)
}
