//! Collisions: what scans that come late contradict, listed for staff with their decision (CHK-4).

use diesel::prelude::*;
use serde_json::json;

use super::attendance;
use super::rules::{self, Direction, Kind, Outcome, Passage};
use super::scanning::{Presented, Shown};
use super::taking::Taking;
use crate::agenda;
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{attendance_marks, checkpoints, collision_decisions, collisions, registrations, scans};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::{CheckpointId, CollisionId, EventId, MarkId, RegistrationId, ScanId, SessionId};
use crate::on_either;
use crate::people::rules::tidy;

crate::words! {
    /// What collides: one badge let in at two places, or somebody let in whom the server would have kept out.
    CollisionKind { TwoPlaces => "two_places", Refused => "refused" }
}
crate::words! {
    /// What staff decide: both stand, or the mark of this scan or of the other one is voided.
    Ruling { Accepted => "accepted", VoidedThis => "voided_this", VoidedOther => "voided_other" }
}

/// A collision as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = collisions, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Collision {
    pub id: CollisionId,
    pub event_id: EventId,
    pub kind: CollisionKind,
    /// None when the code was no badge of ours.
    pub registration_id: Option<RegistrationId>,
    /// The scan that came late.
    pub scan_id: ScanId,
    /// What it contradicts, where that is a scan.
    pub other_scan_id: Option<ScanId>,
    pub found_at: Instant,
}

/// What was decided about a collision.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = collision_decisions, check_for_backend(crate::db::Either))]
pub struct Decided {
    pub collision_id: CollisionId,
    pub ruling: Ruling,
    pub at: Instant,
    pub actor: String,
    pub reason: String,
}

/// A scan as the list shows it.
#[derive(Clone, Debug, Queryable)]
pub struct ScanTold {
    pub id: ScanId,
    pub checkpoint_code: String,
    pub checkpoint_name: String,
    pub scanned_at: Instant,
    pub received_at: Instant,
    pub offline: bool,
    pub outcome: Outcome,
    pub decided: Option<Outcome>,
    pub answer: String,
    pub actor: String,
}

/// A collision with everything staff need to decide.
#[derive(Clone, Debug)]
pub struct Listed {
    pub collision: Collision,
    /// Code and name of the registration.
    pub person: Option<(String, String)>,
    pub scan: ScanTold,
    pub other: Option<ScanTold>,
    /// Whether the mark of each can still be voided.
    pub may_void: (bool, bool),
    pub decided: Option<Decided>,
}

/// Finds what a scan that came late contradicts, and keeps it.
pub(super) fn note(tx: &mut Tx<'_>, taking: &Taking<'_>, shown: &Shown) -> Result<()> {
    let Presented { door, request, .. } = taking.presented;
    if request.direction == Direction::Out {
        return Ok(());
    }
    let place = &door.place;
    let let_in = match request.decided.filter(|_| request.override_reason.is_none()) {
        Some(decided) => rules::lets_in(place.kind, place.refuses_unpaid, decided),
        None => shown.lets_pass,
    };
    if !let_in {
        return Ok(());
    }
    if !shown.lets_pass {
        keep(tx, taking, CollisionKind::Refused, None)?;
    }
    for other in elsewhere(tx.db, taking)? {
        keep(tx, taking, CollisionKind::TwoPlaces, Some(other))?;
    }
    Ok(())
}

fn keep(tx: &mut Tx<'_>, taking: &Taking<'_>, kind: CollisionKind, other: Option<ScanId>) -> Result<()> {
    let collision = Collision {
        id: CollisionId::new(),
        event_id: taking.presented.door.event.id.clone(),
        kind,
        registration_id: taking.found.map(|found| found.registration.clone()),
        scan_id: taking.presented.id.clone(),
        other_scan_id: other,
        found_at: tx.now,
    };
    diesel::insert_into(collisions::table).values(&collision).execute(tx.db)?;
    let mut entry = Entry::of("collision.found", "collision", &collision.id).event(&collision.event_id);
    if let Some(registration) = &collision.registration_id {
        entry = entry.registration(registration);
    }
    entry.after(json!({ "kind": kind, "checkpoint": taking.presented.door.checkpoint.code })).record(tx)
}

/// Another scan of the same person on the way in.
#[derive(Queryable)]
struct Other {
    id: ScanId,
    checkpoint: CheckpointId,
    kind: Kind,
    session: Option<SessionId>,
    scanned_at: Instant,
    offset_ms: i64,
    received_at: Instant,
    offline: bool,
    outcome: Outcome,
    decided: Option<Outcome>,
}

/// The scans at other doors that one person cannot have passed as well, the nearest of each door.
fn elsewhere(db: &mut Db, taking: &Taking<'_>) -> Result<Vec<ScanId>> {
    let (Some(found), door) = (taking.found, &taking.presented.door) else { return Ok(Vec::new()) };
    let others: Vec<Other> = scans::table
        .inner_join(checkpoints::table)
        .filter(scans::registration_id.eq(&found.registration))
        .filter(scans::direction.eq(Direction::In))
        .filter(scans::checkpoint_id.ne(&door.checkpoint.id))
        .select((
            scans::id,
            scans::checkpoint_id,
            checkpoints::kind,
            checkpoints::session_id,
            scans::scanned_at,
            scans::clock_offset_ms,
            scans::received_at,
            scans::offline,
            scans::outcome,
            scans::decided,
        ))
        .load(db)?;
    let own = Passage {
        checkpoint: door.checkpoint.id.clone(),
        kind: door.checkpoint.kind,
        at: taking.at,
        session: door.session.as_ref().map(|session| (session.id.clone(), session.starts_at, session.ends_at)),
    };
    let mut nearest: Vec<(CheckpointId, chrono::Duration, ScanId)> = Vec::new();
    for other in others {
        let answered = other.decided.filter(|_| other.offline).unwrap_or(other.outcome);
        if !rules::lets_in(other.kind, door.place.refuses_unpaid, answered) {
            continue;
        }
        let passage = passage(db, &other)?;
        if !rules::collides(&own, &passage, left_between(db, &found.registration, &own, &passage)?) {
            continue;
        }
        let apart = own.at.max(passage.at).since(own.at.min(passage.at));
        match nearest.iter_mut().find(|(checkpoint, ..)| *checkpoint == other.checkpoint) {
            Some(known) if known.1 > apart => (known.1, known.2) = (apart, other.id),
            Some(_) => {}
            None => nearest.push((other.checkpoint, apart, other.id)),
        }
    }
    Ok(nearest.into_iter().map(|(_, _, scan)| scan).collect())
}

fn passage(db: &mut Db, other: &Other) -> Result<Passage> {
    let session = other.session.as_ref().map(|id| agenda::get_by_id(db, id)).transpose()?;
    Ok(Passage {
        checkpoint: other.checkpoint.clone(),
        kind: other.kind,
        at: rules::time_of_scan(Some(other.scanned_at), other.offset_ms, other.received_at, other.offline).0,
        session: session.map(|session| (session.id, session.starts_at, session.ends_at)),
    })
}

/// Whether the person was scanned out of the first session before coming into the second.
fn left_between(db: &mut Db, registration: &RegistrationId, one: &Passage, other: &Passage) -> Result<bool> {
    let (first, second) = if one.at <= other.at { (one, other) } else { (other, one) };
    let Some((session, ..)) = &first.session else { return Ok(false) };
    // Asked for the session too, SQLite would walk through everybody's marks of it.
    let outs: Vec<(SessionId, Instant)> = attendance_marks::table
        .filter(attendance_marks::registration_id.eq(registration))
        .filter(attendance_marks::direction.eq(Direction::Out))
        .select((attendance_marks::session_id, attendance_marks::at))
        .load(db)?;
    Ok(outs.iter().any(|(from, at)| from == session && (first.at..=second.at).contains(at)))
}

/// How many collisions of an event wait for a decision.
pub fn count_open(db: &mut Db, event: &EventId) -> Result<i64> {
    Ok(collisions::table
        .left_join(collision_decisions::table)
        .filter(collisions::event_id.eq(event))
        .filter(collision_decisions::collision_id.is_null())
        .count()
        .get_result(db)?)
}

/// Which collisions are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub only_open: bool,
    pub registration: Option<RegistrationId>,
    /// The code of one of the checkpoints.
    pub checkpoint: Option<String>,
}

/// The collisions of an event that fit, newest first, at most `limit`.
pub fn list(db: &mut Db, event: &EventId, filter: &Filter, limit: i64) -> Result<Vec<Listed>> {
    let mut query = collisions::table
        .left_join(collision_decisions::table)
        .filter(collisions::event_id.eq(event.clone()))
        .order(collisions::id.desc())
        .select((Collision::as_select(), Option::<Decided>::as_select()))
        .into_boxed::<crate::db::Either>();
    if filter.only_open {
        query = query.filter(collision_decisions::collision_id.is_null());
    }
    if let Some(registration) = &filter.registration {
        query = query.filter(collisions::registration_id.eq(registration.clone()));
    }
    let rows: Vec<(Collision, Option<Decided>)> = query.limit(limit).load(db)?;
    let mut listed = Vec::with_capacity(rows.len());
    for (collision, decided) in rows {
        let told = listed_of(db, collision, decided)?;
        let at = |scan: &ScanTold| filter.checkpoint.as_ref().is_none_or(|code| *code == scan.checkpoint_code);
        if at(&told.scan) || told.other.as_ref().is_some_and(at) {
            listed.push(told);
        }
    }
    Ok(listed)
}

fn listed_of(db: &mut Db, collision: Collision, decided: Option<Decided>) -> Result<Listed> {
    let person = match &collision.registration_id {
        Some(id) => Some(registrations::table.find(id).select((registrations::code, registrations::badge_name)).first(db)?),
        None => None,
    };
    let scan = told(db, &collision.scan_id)?;
    let other = collision.other_scan_id.as_ref().map(|id| told(db, id)).transpose()?;
    let own = live_mark(db, &collision.scan_id)?.is_some();
    let others = collision.other_scan_id.as_ref().map(|id| live_mark(db, id)).transpose()?.flatten().is_some();
    Ok(Listed { collision, person, scan, other, may_void: (own, others), decided })
}

fn told(db: &mut Db, scan: &ScanId) -> Result<ScanTold> {
    Ok(scans::table
        .inner_join(checkpoints::table)
        .filter(scans::id.eq(scan))
        .select((
            scans::id,
            checkpoints::code,
            checkpoints::name,
            scans::scanned_at,
            scans::received_at,
            scans::offline,
            scans::outcome,
            scans::decided,
            scans::answer,
            scans::actor,
        ))
        .first(db)?)
}

/// The mark of a scan that still counts.
fn live_mark(db: &mut Db, scan: &ScanId) -> Result<Option<MarkId>> {
    Ok(attendance::of_scan(db, scan)?.filter(|marked| marked.void.is_none()).map(|marked| marked.mark.id))
}

/// Decides a collision: both stand, or one mark is voided, for which a reason is needed. Refused
/// (`checkin.collision_decided`) the second time.
pub fn decide(tx: &mut Tx<'_>, event: &Event, id: &CollisionId, ruling: Ruling, reason: &str) -> Result<()> {
    let known = collisions::table.find(id).filter(collisions::event_id.eq(&event.id));
    let collision: Collision = known.select(Collision::as_select()).first(tx.db).optional()?.ok_or(Error::NotFound)?;
    if ruling != Ruling::Accepted && reason.trim().is_empty() {
        return Err(Error::invalid("reason", "required", "Say why this mark does not count."));
    }
    let decided = Decided { collision_id: id.clone(), ruling, at: tx.now, actor: tx.actor.label(), reason: tidy(reason) };
    let inserted = on_either!(&mut *tx.db, connection =>
        diesel::insert_into(collision_decisions::table).values(&decided).on_conflict_do_nothing().execute(connection))?;
    if inserted == 0 {
        return Err(Error::refused("checkin.collision_decided", "Somebody decided this in the meantime."));
    }
    let voided = match ruling {
        Ruling::Accepted => None,
        Ruling::VoidedThis => Some(collision.scan_id.clone()),
        Ruling::VoidedOther => Some(collision.other_scan_id.clone().ok_or_else(no_mark)?),
    };
    if let Some(scan) = voided {
        let mark = live_mark(tx.db, &scan)?.ok_or_else(no_mark)?;
        let registration = collision.registration_id.as_ref().ok_or_else(no_mark)?;
        attendance::void_mark(tx, event, registration, &mark, reason)?;
    }
    let mut entry = Entry::of("collision.decided", "collision", id).event(&event.id);
    if let Some(registration) = &collision.registration_id {
        entry = entry.registration(registration);
    }
    entry.after(json!({ "ruling": ruling })).reason(&decided.reason).record(tx)
}

fn no_mark() -> Error {
    Error::refused("checkin.no_mark", "This scan left no mark that could be voided.")
}
