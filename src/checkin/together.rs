//! Many scans in one go: what they need is read at once, each is decided after the other by the same rules as a
//! scan alone, and their rows are written at once.

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;

use super::lookup::{self, Found};
use super::rules::{self, Seen};
use super::scanning::{Presented, Shown, count_rooms, keep_presences, repeated, scan};
use super::taking::{Taking, slot_of};
use super::unclaimed::{self, Seats};
use super::{Presence, RoomCount, Scan, door};
use crate::app::Tx;
use crate::badges::rules::Read;
use crate::db::Db;
use crate::db::schema::scans;
use crate::error::Result;
use crate::ids::{RegistrationId, ScanId, SessionId};

/// Takes the scans in order. What they need is held already. An error undoes all of them.
pub(super) fn take(tx: &mut Tx<'_>, queue: &[Presented]) -> Result<Vec<Result<Shown>>> {
    let mut facts = Facts::read(tx, queue)?;
    let mut unwritten = Unwritten::default();
    let mut answers = Vec::with_capacity(queue.len());
    for presented in queue {
        tx.actor = presented.actor.clone();
        let answer = match facts.take(tx, presented, &mut unwritten)? {
            Some(answer) => answer,
            None => {
                // It sees what was written so far, and what it changes is not known any more.
                std::mem::take(&mut unwritten).write(tx)?;
                let answer = tx.savepoint(|tx| scan(tx, presented));
                facts.forget(tx, presented)?;
                answer
            }
        };
        answers.push(answer);
    }
    unwritten.write(tx)?;
    Ok(answers)
}

/// What is known of the badges, scans and rooms of a queue; kept up as its scans are decided.
#[derive(Default)]
struct Facts {
    found: HashMap<(SessionId, String), Found>,
    earlier: HashMap<ScanId, Scan>,
    present: HashMap<SessionId, i64>,
    /// Taken alone, so a second one with this id has to look itself.
    alone: HashSet<ScanId>,
}

impl Facts {
    fn read(tx: &mut Tx<'_>, queue: &[Presented]) -> Result<Self> {
        let mut facts = Self::default();
        let mut doors: BTreeMap<&SessionId, (&Presented, Vec<&str>)> = BTreeMap::new();
        for presented in queue {
            if let (Some(session), Read::Ours(number)) = (&presented.door.session, &presented.read) {
                doors.entry(&session.id).or_insert((presented, Vec::new())).1.push(number);
            }
        }
        for (session, (presented, numbers)) in doors {
            let found = lookup::badges(tx.db, &presented.door, &numbers)?;
            facts.found.extend(found.into_iter().map(|(number, found)| ((session.clone(), number), found)));
            facts.present.insert(session.clone(), door::present(tx.db, session)?);
        }
        let ids: Vec<&ScanId> = queue.iter().map(|presented| &presented.id).collect();
        facts.earlier = lookup::scans_with(tx.db, &ids)?.into_iter().map(|scan| (scan.id.clone(), scan)).collect();
        Ok(facts)
    }

    /// Decides a scan from what is known; none where it has to be taken alone, since its answer depends on more.
    fn take(&mut self, tx: &Tx<'_>, presented: &Presented, unwritten: &mut Unwritten) -> Result<Option<Result<Shown>>> {
        let Presented { door, request, read, id, .. } = presented;
        let (Some(session), Read::Ours(number), false) = (&door.session, read, self.goes_alone(presented)) else { return Ok(None) };
        let (at, doubt) = rules::time_of_scan(request.scanned_at, request.clock_offset_ms, tx.now, request.offline);
        let key = (session.id.clone(), number.clone());
        let Some(found) = self.found.get_mut(&key).filter(|found| found.event == door.event.id) else { return Ok(None) };
        if let Some(earlier) = self.earlier.get(id) {
            return Ok(Some(repeated(presented, Some(found), earlier)));
        }
        let taking = Taking { presented, found: Some(found), at, doubt };
        if taking.asks_for_seat() || unclaimed::may_give(door, at) {
            return Ok(None);
        }
        let here_since = found.since.filter(|_| found.inside == Some(true));
        let decision = taking.decide(&Seen::Badge(found.holder(door, here_since, &Seats::default())));
        let mark = decision.mark;
        let change = mark.map_or(0, |mark| taking.room_change(mark));
        let present = self.present.entry(session.id.clone()).or_default();
        *present += i64::from(change);
        let shown = taking.shown(decision, *present);
        let scan = taking.scan_row(&shown, mark, tx)?;
        unwritten.scans.push(scan.clone());
        self.earlier.insert(id.clone(), scan);
        if let Some(direction) = mark {
            *unwritten.rooms.entry((session.id.clone(), slot_of(read))).or_default() += change;
            if let Some(presence) = taking.moved_presence(direction) {
                (found.inside, found.since) = (Some(presence.inside), Some(presence.since));
                unwritten.presences.insert((presence.session_id.clone(), presence.registration_id.clone()), presence);
            }
        }
        Ok(Some(Ok(shown)))
    }

    /// Late scans are held against others, and overrides let in whom the facts would keep out.
    fn goes_alone(&self, presented: &Presented) -> bool {
        presented.request.offline || presented.request.override_reason.is_some() || self.alone.contains(&presented.id)
    }

    /// What a scan that was taken alone may have changed is not known any more.
    fn forget(&mut self, tx: &mut Tx<'_>, presented: &Presented) -> Result<()> {
        self.alone.insert(presented.id.clone());
        let (Some(session), Read::Ours(number)) = (&presented.door.session, &presented.read) else { return Ok(()) };
        let may_move_seats = presented.request.offline || unclaimed::may_give(&presented.door, tx.now);
        if may_move_seats || presented.request.override_reason.is_some() {
            self.found.retain(|(known, _), _| known != &session.id);
        } else {
            self.found.remove(&(session.id.clone(), number.clone()));
        }
        self.present.insert(session.id.clone(), door::present(tx.db, &session.id)?);
        Ok(())
    }
}

/// Rows that are decided and not yet in the database.
#[derive(Default)]
struct Unwritten {
    scans: Vec<Scan>,
    presences: BTreeMap<(SessionId, RegistrationId), Presence>,
    /// By how much the number of people in a room changes, by share.
    rooms: BTreeMap<(SessionId, i32), i32>,
}

impl Unwritten {
    fn write(self, tx: &mut Tx<'_>) -> Result<()> {
        let Self { scans: taken, presences, rooms } = self;
        if taken.is_empty() {
            return Ok(());
        }
        match &mut *tx.db {
            Db::Postgres(connection) => {
                diesel::insert_into(scans::table).values(&taken).execute(connection)?;
            }
            // One by one the prepared statement is used again; of many rows, whose number varies, each is a text of its own.
            Db::Sqlite(connection) => {
                for scan in &taken {
                    diesel::insert_into(scans::table).values(scan).execute(connection)?;
                }
            }
        }
        keep_presences(tx, &Vec::from_iter(presences.into_values()))?;
        let rooms = rooms.into_iter().map(|((session_id, slot), inside)| RoomCount { session_id, slot, inside });
        count_rooms(tx, rooms.collect())
    }
}
