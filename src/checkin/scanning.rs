//! Taking a scan: read, decide, keep; the same id again is the same scan (CHK-4).

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::upsert::excluded;
use serde::{Deserialize, Serialize};

use super::lookup::{self, Found};
use super::moved::MovedPresence;
use super::rules::{self, Decision, Direction, Outcome, Seen, Tone};
use super::taking::{Taking, slot_of};
use super::unclaimed::{self, Seats};
use super::{Door, Presence, RoomCount, Scan, collisions};
use crate::app::{Actor, Tx};
use crate::badges::{self, rules::Read};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{presences, room_counts, scans};
use crate::error::{Checks, Error, Result};
use crate::ids::{ScanId, SessionId};
use crate::on_either;
use crate::staff::{Identity, Permission};

/// One scan as a device or page sends it.
#[derive(Clone, Debug)]
pub struct ScanRequest {
    /// Made on the device; any UUID.
    pub id: String,
    /// The text of the code, as read or typed.
    pub token: String,
    pub direction: Direction,
    /// The device's time.
    pub scanned_at: Option<Instant>,
    /// What to add to the device's time to get ours, in milliseconds.
    pub clock_offset_ms: i64,
    pub offline: bool,
    /// What the device decided by itself while it was offline.
    pub decided: Option<Outcome>,
    /// Why somebody is let in against the answer.
    pub override_reason: Option<String>,
}

/// The answer to a scan, as programs get it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Answer {
    /// The scan's id.
    pub id: String,
    pub outcome: Outcome,
    /// The name on the badge, where it is one of this event's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Credentials and organization.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<String>,
    /// What to do next.
    pub message: String,
    /// How many are in the room, over all its doors.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub present: Option<i64>,
}

/// The answer with how the door shows it; kept with the scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    #[serde(flatten)]
    pub answer: Answer,
    pub word: String,
    pub tone: Tone,
    pub lets_pass: bool,
}

/// A badge presented at a door: all that is known of the scan before the database is asked.
pub struct Presented {
    pub door: Arc<Door>,
    pub request: ScanRequest,
    pub id: ScanId,
    pub(super) read: Read,
    /// Who scans.
    pub actor: Actor,
}

impl Presented {
    /// Checks the badge's tag and what was sent. Forbidden where the scope does not reach the door.
    pub fn new(door: Arc<Door>, request: ScanRequest, scope: &Identity) -> Result<Self> {
        may_scan(&door, scope, request.override_reason.is_some())?;
        let id = check(&request)?;
        let read = badges::rules::read(&request.token, &door.event.tag_key);
        Ok(Self { door, request, id, read, actor: scope.actor.clone() })
    }
}

/// Takes one scan at a door; refused (`checkin.scan_id_used`) when the id belongs to another scan.
pub fn scan(tx: &mut Tx<'_>, presented: &Presented) -> Result<Shown> {
    let Presented { door, request, id, read, actor } = presented;
    tx.actor = actor.clone();
    let (at, doubt) = rules::time_of_scan(request.scanned_at, request.clock_offset_ms, tx.now, request.offline);
    let (mut found, mut present, mut is_repeated) = (None, None, true);
    if let Read::Ours(number) = read {
        badges::hold(tx, std::slice::from_ref(number))?;
        unclaimed::hold(tx, door, request.direction, at)?;
        if let Some(looked_up) = lookup::badge(tx.db, door, number, id)? {
            (found, present, is_repeated) = (Some(looked_up.found), looked_up.present, looked_up.is_repeated);
        }
    }
    if is_repeated && let Some(earlier) = lookup::scan(tx.db, id)? {
        return repeated(presented, found.as_ref(), &earlier);
    }
    let taking = Taking { presented, found: found.as_ref(), at, doubt };
    let seen = seen(tx, &taking)?;
    let decision = taking.decide(&seen);
    if found.is_none()
        && let Some(session) = &door.session
    {
        present = Some(super::door::present(tx.db, &session.id)?);
    }
    keep(tx, &taking, decision, present.unwrap_or_default())
}

/// A device scans at its own checkpoints only; overriding needs its own permission.
fn may_scan(door: &Door, scope: &Identity, overrides: bool) -> Result<()> {
    scope.require(Permission::ScanBadges, &door.event.id)?;
    if !scope.reaches(&door.checkpoint.id) {
        return Err(Error::Forbidden);
    }
    if overrides { scope.require(Permission::OverrideDoor, &door.event.id) } else { Ok(()) }
}

/// No clock is ten years off; more than that is not a clock.
const FARTHEST_OFFSET_MS: u64 = 10 * 366 * 24 * 3600 * 1000;
/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

fn check(request: &ScanRequest) -> Result<ScanId> {
    let mut checks = Checks::new();
    let id = uuid::Uuid::parse_str(request.id.trim()).map(|id| ScanId::from(id.to_string()));
    if id.is_err() {
        checks.wrong("id", "malformed", "The scan's id is a UUID made on the device.");
    }
    if request.clock_offset_ms.unsigned_abs() > FARTHEST_OFFSET_MS {
        checks.wrong("clock_offset_ms", "out_of_range", "The clock's offset is at most ten years.");
    }
    if let Some(reason) = &request.override_reason {
        checks.required("override.reason", reason, "An override needs a reason.");
        checks.at_most("override.reason", reason, LONGEST_REASON);
    }
    checks.finish()?;
    id.map_err(Error::internal)
}

/// The answer that was given to this id before; another scan under the same id is the device's mistake.
pub(super) fn repeated(presented: &Presented, found: Option<&Found>, earlier: &Scan) -> Result<Shown> {
    let Presented { door, request, .. } = presented;
    let same_badge = earlier.badge_id.as_ref() == found.map(|found| &found.badge);
    if earlier.checkpoint_id != door.checkpoint.id || earlier.direction != request.direction || !same_badge {
        let message = "This id belongs to another scan. Every scan has an id of its own.";
        return Err(Error::refused("checkin.scan_id_used", message));
    }
    serde_json::from_str(&earlier.answer).map_err(Error::internal)
}

/// What the text turned out to be; reads more only where the answer needs it.
fn seen(tx: &mut Tx<'_>, taking: &Taking<'_>) -> Result<Seen> {
    let Presented { door, request, read, .. } = taking.presented;
    let found = match (read, taking.found) {
        (Read::Ours(_), Some(found)) if found.event == door.event.id => found,
        (Read::Ours(_), _) => return Ok(Seen::Missing),
        (Read::Damaged, _) => return Ok(Seen::Damaged),
        (Read::Foreign, _) => return Ok(Seen::Foreign),
        (Read::WrongTag(number), _) => {
            let event = lookup::event_of_badge(tx.db, number)?;
            let fits = event.is_some_and(|event| matches!(badges::rules::read(&request.token, &event.tag_key), Read::Ours(_)));
            return Ok(if fits { Seen::OtherEvent } else { Seen::Forged });
        }
    };
    let here_since = match &door.session {
        Some(_) => found.since.filter(|_| found.inside == Some(true)),
        None => lookup::let_in_before(tx.db, &door.checkpoint, found)?,
    };
    let seats = if taking.asks_for_seat() { unclaimed::seats(tx.db, door, found, taking.at)? } else { Seats::default() };
    Ok(Seen::Badge(found.holder(door, here_since, &seats)))
}

/// Writes the scan with its answer, which is its attendance mark and its audit entry too, and the room's number.
fn keep(tx: &mut Tx<'_>, taking: &Taking<'_>, decision: Decision, present: i64) -> Result<Shown> {
    let Presented { door, request, read, .. } = taking.presented;
    let change = decision.mark.map_or(0, |mark| taking.room_change(mark));
    let (mark, takes_seat) = (decision.mark, decision.takes_seat);
    let shown = taking.shown(decision, present + i64::from(change));
    if let Some(found) = taking.found.filter(|_| takes_seat) {
        unclaimed::take_seat(tx, door, found)?;
    }
    let scan = taking.scan_row(&shown, mark, tx)?;
    // The same id at the same moment: whoever is second finds nothing to insert and asks again.
    let inserted = on_either!(&mut *tx.db, connection =>
        diesel::insert_into(scans::table).values(&scan).on_conflict_do_nothing().execute(connection))?;
    if inserted == 0 {
        return Err(Error::Busy);
    }
    if let (Some(direction), Some(session)) = (mark, scan.session_id) {
        if let Some(presence) = taking.moved_presence(direction) {
            keep_presences(tx, &[presence])?;
        }
        if change != 0 {
            count_rooms(tx, vec![RoomCount { session_id: session, slot: slot_of(read), inside: change }])?;
        }
    }
    if request.offline {
        collisions::note(tx, taking, &shown)?;
    }
    Ok(shown)
}

/// Keeps who is inside in step with the latest marks; one row a person.
pub(super) fn keep_presences(tx: &mut Tx<'_>, rows: &[Presence]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let key = (presences::session_id, presences::registration_id);
    match &mut *tx.db {
        Db::Postgres(connection) => {
            let change = (presences::inside.eq(excluded(presences::inside)), presences::since.eq(excluded(presences::since)));
            diesel::insert_into(presences::table).values(rows).on_conflict(key).do_update().set(change).execute(connection)?;
        }
        // Most are there already, and an upsert keeps a journal of its own for every row.
        Db::Sqlite(connection) => {
            for row in rows {
                if MovedPresence(row).execute(connection)? == 0 {
                    diesel::insert_into(presences::table).values(row).execute(connection)?;
                }
            }
        }
    }
    Ok(())
}

/// Adds to the numbers of rooms; always in the order of sessions and slots, so that two never wait for each other.
pub(super) fn count_rooms(tx: &mut Tx<'_>, mut changes: Vec<RoomCount>) -> Result<()> {
    if matches!(&*tx.db, Db::Sqlite(_)) {
        changes = in_one_share(changes);
    }
    changes.retain(|row| row.inside != 0);
    changes.sort_by(|one, other| (&one.session_id, one.slot).cmp(&(&other.session_id, other.slot)));
    if changes.is_empty() {
        return Ok(());
    }
    let key = (room_counts::session_id, room_counts::slot);
    let change = room_counts::inside.eq(room_counts::inside + excluded(room_counts::inside));
    match &mut *tx.db {
        Db::Postgres(connection) => {
            diesel::insert_into(room_counts::table).values(&changes).on_conflict(key).do_update().set(change).execute(connection)?;
        }
        Db::Sqlite(connection) => {
            for row in &changes {
                diesel::insert_into(room_counts::table).values(row).on_conflict(key).do_update().set(change).execute(connection)?;
            }
        }
    }
    Ok(())
}

/// Where one writes at a time nobody waits for a share, and one share is enough.
fn in_one_share(changes: Vec<RoomCount>) -> Vec<RoomCount> {
    let mut by_session: BTreeMap<SessionId, i32> = BTreeMap::new();
    for RoomCount { session_id, inside, .. } in changes {
        *by_session.entry(session_id).or_default() += inside;
    }
    by_session.into_iter().map(|(session_id, inside)| RoomCount { session_id, slot: 0, inside }).collect()
}
