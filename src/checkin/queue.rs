//! Taking the queue of a device that was offline: many scans in one write (CHK-4).

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::scanning::{Presented, Shown, scan};
use super::{RoomCount, SHARES, together, unclaimed};
use crate::agenda;
use crate::app::Tx;
use crate::badges::{self, rules::Read};
use crate::db::Db;
use crate::db::schema::room_counts;
use crate::error::{Error, Result};
use crate::ids::SessionId;
use crate::together::Together;

/// The way of single scans: those that come while others are written are taken together.
pub type DoorLine = Together<Presented, Shown>;

/// Takes scans that came one by one; an error undoes all of them.
pub fn scan_together(tx: &mut Tx<'_>, queue: &[Presented]) -> Result<Vec<Result<Shown>>> {
    if let [presented] = queue {
        return Ok(vec![Ok(scan(tx, presented)?)]);
    }
    hold_all(tx, queue)?;
    together::take(tx, queue)
}

/// Takes scans in order; the answers are in the same order. One that cannot be taken keeps none of the others from it.
pub fn scan_all(tx: &mut Tx<'_>, queue: &[Presented]) -> Result<Vec<Result<Shown>>> {
    hold_all(tx, queue)?;
    let together = if queue.len() > 1 { tx.savepoint(|tx| together::take(tx, queue)).ok() } else { None };
    // Alone, or something was wrong that nobody could see beforehand: each in a savepoint of its own.
    let answers = together.unwrap_or_else(|| queue.iter().map(|presented| tx.savepoint(|tx| scan(tx, presented))).collect());
    // Whoever cannot be answered now asks again: with all the others, so that an answer of the whole is one of each.
    if answers.iter().any(|answer| matches!(answer, Err(Error::Busy))) {
        return Err(Error::Busy);
    }
    Ok(answers)
}

/// Takes everything that others may wait for at once and in one order, badges before rooms, as a single scan
/// does: two queues with the same people in another order never wait for each other.
fn hold_all(tx: &mut Tx<'_>, queue: &[Presented]) -> Result<()> {
    if queue.len() < 2 {
        return Ok(());
    }
    let numbers = queue.iter().filter_map(|presented| if let Read::Ours(number) = &presented.read { Some(number) } else { None });
    badges::hold(tx, &Vec::from_iter(BTreeSet::<String>::from_iter(numbers.cloned())))?;
    // Where a scan may take a seat, its session is held too, between the badges and the rooms.
    let now = tx.now;
    let seated = queue.iter().filter(|presented| unclaimed::may_give(&presented.door, now));
    let sessions: Vec<SessionId> = seated.filter_map(|presented| presented.door.checkpoint.session_id.clone()).collect();
    agenda::hold_all(tx, &sessions)?;
    let rooms: BTreeSet<SessionId> = queue.iter().filter_map(|presented| presented.door.checkpoint.session_id.clone()).collect();
    hold_rooms(tx, &rooms)
}

/// Holds the shares of the rooms' numbers, those that are not there yet included. SQLite's one writer is alone.
fn hold_rooms(tx: &mut Tx<'_>, rooms: &BTreeSet<SessionId>) -> Result<()> {
    let Db::Postgres(connection) = &mut *tx.db else { return Ok(()) };
    if rooms.is_empty() {
        return Ok(());
    }
    let share = |session: &SessionId, slot| RoomCount { session_id: session.clone(), slot, inside: 0 };
    let shares: Vec<RoomCount> = rooms.iter().flat_map(|session| (0..SHARES).map(move |slot| share(session, slot))).collect();
    diesel::insert_into(room_counts::table).values(&shares).on_conflict_do_nothing().execute(connection)?;
    room_counts::table
        .filter(room_counts::session_id.eq_any(rooms))
        .order((room_counts::session_id.asc(), room_counts::slot.asc()))
        .select(room_counts::slot)
        .for_update()
        .load::<i32>(connection)?;
    Ok(())
}
