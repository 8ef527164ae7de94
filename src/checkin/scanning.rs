//! Taking a scan: read, decide, keep; the same id again is the same scan (CHK-4).

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::lookup::{self, Found};
use super::rules::{self, Asked, Decision, Direction, Holder, Outcome, Seen, Tone};
use super::unclaimed::{self, Seats};
use super::{Door, Mark, Presence, RoomCount, Scan, collisions};
use crate::app::Tx;
use crate::audit::Entry;
use crate::badges::{self, rules::Read};
use crate::clock::Instant;
use crate::db::schema::{attendance_marks, presences, room_counts, scans};
use crate::enrollment::Status as Seat;
use crate::error::{Checks, Error, Result};
use crate::ids::{MarkId, ScanId, SessionId};
use crate::on_either;
use crate::people::rules::tidy;
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

/// A scan on its way, with what was read for it.
pub(super) struct Taking<'a> {
    pub door: &'a Door,
    pub request: &'a ScanRequest,
    pub id: ScanId,
    read: Read,
    pub found: Option<Found>,
    /// When it happened, as far as clocks can be believed.
    pub at: Instant,
}

/// Takes one scan at a door. Forbidden where the scope does not reach it; refused
/// (`checkin.scan_id_used`) when the id belongs to another scan.
pub fn scan(tx: &mut Tx<'_>, door: &Door, request: &ScanRequest, scope: &Identity) -> Result<Shown> {
    may_scan(door, scope, request.override_reason.is_some())?;
    let id = check(request)?;
    let read = badges::rules::read(&request.token, &door.event.tag_key);
    let (at, doubt) = rules::time_of_scan(request.scanned_at, request.clock_offset_ms, tx.now, request.offline);
    let found = match &read {
        Read::Ours(number) => {
            badges::hold(tx, std::slice::from_ref(number))?;
            unclaimed::hold(tx, door, request.direction, at)?;
            lookup::badge(tx.db, door, number, &id)?
        }
        _ => None,
    };
    if found.as_ref().is_none_or(|found| found.is_repeated)
        && let Some(earlier) = lookup::scan(tx.db, &id)?
    {
        return repeated(door, request, found.as_ref(), &earlier);
    }
    let taking = Taking { door, request, id, read, found, at };
    let seen = seen(tx, &taking)?;
    let asked = Asked { direction: request.direction, at, is_overridden: request.override_reason.is_some() };
    let mut decision = rules::decide(&door.place, &seen, &asked);
    if request.offline && !asked.is_overridden {
        decision = rules::as_it_happened(&door.place, decision, request.direction, request.decided);
    }
    if let Some(doubt) = doubt {
        decision.message = format!("{} {doubt}", decision.message);
    }
    keep(tx, &taking, decision)
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
fn repeated(door: &Door, request: &ScanRequest, found: Option<&Found>, earlier: &Scan) -> Result<Shown> {
    let same_badge = earlier.badge_id.as_ref() == found.map(|found| &found.badge);
    if earlier.checkpoint_id != door.checkpoint.id || earlier.direction != request.direction || !same_badge {
        let message = "This id belongs to another scan. Every scan has an id of its own.";
        return Err(Error::refused("checkin.scan_id_used", message));
    }
    serde_json::from_str(&earlier.answer).map_err(Error::internal)
}

/// What the text turned out to be; reads more only where the answer needs it.
fn seen(tx: &mut Tx<'_>, taking: &Taking<'_>) -> Result<Seen> {
    let Taking { door, request, .. } = taking;
    let found = match (&taking.read, &taking.found) {
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
    let asks_for_seat = door.counts_seats() && found.seat != Some(Seat::Enrolled) && request.direction == Direction::In;
    let seats = if asks_for_seat { unclaimed::seats(tx.db, door, found, taking.at)? } else { Seats::default() };
    Ok(Seen::Badge(Holder {
        is_revoked: found.revoked_at.is_some(),
        status: found.status,
        owes: found.owed_cents > 0,
        is_covered: door.covering.contains(&found.registration_type),
        seat: found.seat,
        free_seats: seats.free,
        unclaimed_seats: seats.unclaimed,
        ahead: seats.ahead,
        given_away_at: seats.given_away_at,
        here_since,
    }))
}

/// Writes the scan with its answer, the attendance mark and the room's number, and the audit entry.
fn keep(tx: &mut Tx<'_>, taking: &Taking<'_>, decision: Decision) -> Result<Shown> {
    let Taking { door, found, .. } = taking;
    let change = found.as_ref().zip(decision.mark).map_or(0, |(found, mark)| room_change(found, mark, taking.at));
    let present = match (&door.session, found) {
        (Some(_), Some(found)) => Some(found.present.unwrap_or_default() + i64::from(change)),
        (Some(session), None) => Some(super::door::present(tx.db, &session.id)?),
        (None, _) => None,
    };
    let shown = Shown {
        answer: Answer {
            id: taking.id.to_string(),
            outcome: decision.outcome,
            name: found.as_ref().map(|found| found.badge_name.clone()),
            line: found.as_ref().map(line).filter(|line| !line.is_empty()),
            message: decision.message,
            present,
        },
        word: decision.word.to_owned(),
        tone: decision.tone,
        lets_pass: decision.lets_pass,
    };
    if let Some(found) = found.as_ref().filter(|_| decision.takes_seat) {
        unclaimed::take_seat(tx, door, found)?;
    }
    insert_scan(tx, taking, &shown)?;
    if let Some(direction) = decision.mark {
        mark(tx, taking, direction, change)?;
    }
    if taking.request.offline {
        collisions::note(tx, taking, &shown)?;
    }
    record(tx, taking, shown.answer.outcome)?;
    Ok(shown)
}

fn insert_scan(tx: &mut Tx<'_>, taking: &Taking<'_>, shown: &Shown) -> Result<()> {
    let Taking { door, request, found, .. } = taking;
    let scan = Scan {
        id: taking.id.clone(),
        checkpoint_id: door.checkpoint.id.clone(),
        badge_id: found.as_ref().map(|found| found.badge.clone()),
        registration_id: found.as_ref().map(|found| found.registration.clone()),
        direction: request.direction,
        outcome: shown.answer.outcome,
        answer: serde_json::to_string(shown).map_err(Error::internal)?,
        scanned_at: request.scanned_at.unwrap_or(tx.now),
        received_at: tx.now,
        clock_offset_ms: request.clock_offset_ms,
        offline: request.offline,
        decided: request.decided,
        override_reason: request.override_reason.as_deref().map(tidy),
        actor: tx.actor.label(),
    };
    // The same id at the same moment: whoever is second finds nothing to insert and asks again.
    let inserted = on_either!(&mut *tx.db, connection =>
        diesel::insert_into(scans::table).values(&scan).on_conflict_do_nothing().execute(connection))?;
    if inserted == 1 { Ok(()) } else { Err(Error::Busy) }
}

/// Adds the attendance mark, and moves the person and the room's number with it.
fn mark(tx: &mut Tx<'_>, taking: &Taking<'_>, direction: Direction, change: i32) -> Result<()> {
    let (Some(session), Some(found)) = (&taking.door.session, &taking.found) else { return Ok(()) };
    let mark = Mark {
        id: MarkId::new(),
        session_id: session.id.clone(),
        registration_id: found.registration.clone(),
        direction,
        at: taking.at,
        scan_id: Some(taking.id.clone()),
        actor: tx.actor.label(),
        reason: None,
        entered_at: None,
    };
    on_either!(&mut *tx.db, connection => diesel::insert_into(attendance_marks::table).values(&mark).execute(connection))?;
    move_presence(tx, &session.id, found, direction, taking.at)?;
    if change == 0 { Ok(()) } else { count_room(tx, &session.id, slot_of(&taking.read), change) }
}

fn record(tx: &mut Tx<'_>, taking: &Taking<'_>, outcome: Outcome) -> Result<()> {
    let Taking { door, request, .. } = taking;
    let facts = json!({ "outcome": outcome, "direction": request.direction, "checkpoint": door.checkpoint.code });
    let mut entry = Entry::of("scan.taken", "scan", &taking.id).event(&door.event.id).after(facts);
    if let Some(found) = &taking.found {
        entry = entry.registration(&found.registration);
    }
    if let Some(reason) = &request.override_reason {
        entry = entry.reason(&tidy(reason));
    }
    entry.record(tx)
}

/// Credentials and organization in one line.
fn line(found: &Found) -> String {
    let parts = [found.credentials.as_str(), found.organization.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// By how much a mark changes the number of people in the room. A late mark changes the past only.
fn room_change(found: &Found, direction: Direction, at: Instant) -> i32 {
    let is_latest = found.since.is_none_or(|since| at >= since);
    match (direction, found.inside.unwrap_or(false)) {
        (Direction::In, false) if is_latest => 1,
        (Direction::Out, true) if is_latest => -1,
        _ => 0,
    }
}

/// Keeps who is inside in step with the latest mark.
fn move_presence(tx: &mut Tx<'_>, session: &SessionId, found: &Found, direction: Direction, at: Instant) -> Result<()> {
    let inside = direction == Direction::In;
    match (found.inside, found.since) {
        (Some(_), Some(since)) if at < since => {}
        (Some(before), _) if before == inside => {}
        (Some(_), _) => {
            let row = presences::table.find((session, &found.registration));
            let change = diesel::update(row).set((presences::inside.eq(inside), presences::since.eq(at)));
            on_either!(&mut *tx.db, connection => change.execute(connection))?;
        }
        (None, _) => {
            let row = Presence { session_id: session.clone(), registration_id: found.registration.clone(), inside, since: at };
            on_either!(&mut *tx.db, connection => diesel::insert_into(presences::table).values(&row).execute(connection))?;
        }
    }
    Ok(())
}

/// The share of the room's number that a badge is counted in: its first letter, which is random.
fn slot_of(read: &Read) -> i32 {
    let Read::Ours(number) = read else { return 0 };
    number.chars().next().and_then(|letter| letter.to_digit(16)).and_then(|slot| i32::try_from(slot).ok()).unwrap_or_default()
}

pub(super) fn count_room(tx: &mut Tx<'_>, session: &SessionId, slot: i32, change: i32) -> Result<()> {
    let row = RoomCount { session_id: session.clone(), slot, inside: change };
    on_either!(&mut *tx.db, connection => diesel::insert_into(room_counts::table)
        .values(&row)
        .on_conflict((room_counts::session_id, room_counts::slot))
        .do_update()
        .set(room_counts::inside.eq(room_counts::inside + diesel::upsert::excluded(room_counts::inside)))
        .execute(connection))?;
    Ok(())
}
