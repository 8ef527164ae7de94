//! Attendance: who was in a session when, from marks that are only ever added, and its corrections (CHK-3).

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::json;

use super::online::{self, Stay};
use super::presence::{Attended, ExitRule, attended_both};
use super::rules::Direction;
use super::scanning::count_rooms;
use super::{Mark, MarkByHand, Presence, RoomCount};
use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::Entry;
use crate::badges;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{attendance_marks, checkpoints, enrollments, marks_by_hand, presences, registrations, scans, voided_marks};
use crate::enrollment::Status as Seat;
use crate::error::{Checks, Error, Result};
use crate::events::Event;
use crate::ids::{CheckpointId, EnrollmentId, MarkId, RegistrationId, ScanId, SessionId};
use crate::on_either;
use crate::people::rules::tidy;
use crate::registration::Registration;

/// A mark that does not count, with who says so.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = voided_marks, check_for_backend(crate::db::Either))]
pub struct Void {
    pub mark_id: MarkId,
    pub at: Instant,
    pub actor: String,
    pub reason: String,
}

/// The scan behind a mark, with the device's time and ours.
#[derive(Clone, Debug, Queryable)]
pub struct ScanOfMark {
    pub id: ScanId,
    pub checkpoint_id: CheckpointId,
    pub checkpoint_name: String,
    pub checkpoint_code: String,
    pub scanned_at: Instant,
    pub received_at: Instant,
    pub offline: bool,
    pub override_reason: Option<String>,
}

/// A mark with everything an audit asks about it.
#[derive(Clone, Debug)]
pub struct Marked {
    pub mark: Mark,
    pub scan: Option<ScanOfMark>,
    pub void: Option<Void>,
}

impl Marked {
    /// Added or voided by hand.
    pub fn is_corrected(&self) -> bool {
        self.void.is_some() || self.mark.entered_at.is_some()
    }
}

/// The marks of a session, earliest first, voided ones included.
pub fn of_session(db: &mut Db, session: &SessionId) -> Result<Vec<Marked>> {
    let marks = attendance_marks::table.filter(attendance_marks::session_id.eq(session));
    let marks = marks.order((attendance_marks::at.asc(), attendance_marks::id.asc())).select(Mark::as_select()).load(db)?;
    with_scans(db, marks)
}

/// The marks of a registration in every session, earliest first, voided ones included.
pub fn of_registration(db: &mut Db, registration: &RegistrationId) -> Result<Vec<Marked>> {
    let marks = attendance_marks::table.filter(attendance_marks::registration_id.eq(registration));
    let marks = marks.order((attendance_marks::at.asc(), attendance_marks::id.asc())).select(Mark::as_select()).load(db)?;
    with_scans(db, marks)
}

fn with_scans(db: &mut Db, marks: Vec<Mark>) -> Result<Vec<Marked>> {
    let mut by_scan: HashMap<ScanId, ScanOfMark> = HashMap::new();
    let mut by_mark: HashMap<MarkId, Void> = HashMap::new();
    for chunk in marks.chunks(500) {
        let ids: Vec<&ScanId> = chunk.iter().filter_map(|mark| mark.scan_id.as_ref()).collect();
        let rows: Vec<ScanOfMark> = scans::table
            .inner_join(checkpoints::table)
            .filter(scans::id.eq_any(ids))
            .select((
                scans::id,
                scans::checkpoint_id,
                checkpoints::name,
                checkpoints::code,
                scans::scanned_at,
                scans::received_at,
                scans::offline,
                scans::override_reason,
            ))
            .load(db)?;
        by_scan.extend(rows.into_iter().map(|scan| (scan.id.clone(), scan)));
        let ids: Vec<&MarkId> = chunk.iter().map(|mark| &mark.id).collect();
        let voids: Vec<Void> = voided_marks::table.filter(voided_marks::mark_id.eq_any(ids)).select(Void::as_select()).load(db)?;
        by_mark.extend(voids.into_iter().map(|void| (void.mark_id.clone(), void)));
    }
    let marked = |mark: Mark| Marked {
        scan: mark.scan_id.as_ref().and_then(|scan| by_scan.get(scan)).cloned(),
        void: by_mark.get(&mark.id).cloned(),
        mark,
    };
    Ok(marks.into_iter().map(marked).collect())
}

/// How long somebody attended a session, from the marks that count and the time online.
pub fn minutes<'a>(marks: impl IntoIterator<Item = &'a Marked>, online: &[Stay], session: &Session, rule: ExitRule) -> Attended {
    let counting = marks.into_iter().filter(|marked| marked.void.is_none());
    let marks: Vec<(Direction, Instant)> = counting.map(|marked| (marked.mark.direction, marked.mark.at)).collect();
    attended_both(&marks, online, session.starts_at, session.ends_at, rule)
}

/// Somebody of a session: with marks there, or with a seat.
#[derive(Clone, Debug)]
pub struct Attendee {
    pub code: String,
    pub given_name: String,
    pub family_name: String,
    pub organization: String,
    pub has_seat: bool,
    /// Earliest first, voided ones included.
    pub marks: Vec<Marked>,
    /// When they were online, as participant reports say.
    pub online: Vec<Stay>,
}

/// Everybody with a mark, time online or a seat in a session, by name.
pub fn attendees(db: &mut Db, session: &SessionId) -> Result<Vec<Attendee>> {
    let mut by_person: HashMap<RegistrationId, Vec<Marked>> = HashMap::new();
    for marked in of_session(db, session)? {
        by_person.entry(marked.mark.registration_id.clone()).or_default().push(marked);
    }
    let mut online = online::of_session(db, session)?;
    let seat = enrollments::registration_id
        .eq(registrations::id)
        .and(enrollments::session_id.eq(session))
        .and(enrollments::status.eq(Seat::Enrolled))
        .and(enrollments::left_at.is_null());
    let marked = attendance_marks::table.filter(attendance_marks::session_id.eq(session)).select(attendance_marks::registration_id);
    // Whoever is in a report has a presence too.
    let reported = presences::table.filter(presences::session_id.eq(session)).select(presences::registration_id);
    let rows: Vec<(RegistrationId, String, String, String, String, Option<EnrollmentId>)> = registrations::table
        .left_join(enrollments::table.on(seat))
        .filter(enrollments::id.is_not_null().or(registrations::id.eq_any(marked)).or(registrations::id.eq_any(reported)))
        .order((registrations::family_name.asc(), registrations::given_name.asc(), registrations::id.asc()))
        .select((
            registrations::id,
            registrations::code,
            registrations::given_name,
            registrations::family_name,
            registrations::organization,
            enrollments::id.nullable(),
        ))
        .load(db)?;
    let attendee = |(id, code, given_name, family_name, organization, seat): (RegistrationId, _, _, _, _, Option<EnrollmentId>)| Attendee {
        code,
        given_name,
        family_name,
        organization,
        has_seat: seat.is_some(),
        marks: by_person.remove(&id).unwrap_or_default(),
        online: online.remove(&id).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(attendee).collect())
}

/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

fn check_reason(checks: &mut Checks, reason: &str, missing: &str) {
    checks.required("reason", reason, missing);
    checks.at_most("reason", reason, LONGEST_REASON);
}

/// Adds a mark by hand: a scan that was missed.
pub fn add_mark(
    tx: &mut Tx<'_>,
    event: &Event,
    session: &Session,
    registration: &Registration,
    (direction, at): (Direction, Instant),
    reason: &str,
) -> Result<MarkId> {
    let mut checks = Checks::new();
    check_reason(&mut checks, reason, "Say how you know, for example “seen by the moderator”.");
    if at > tx.now {
        checks.wrong("at", "future", "This is still to come; only what has happened can be added.");
    } else if at < session.starts_at.minus(chrono::Duration::days(1)) || at > session.ends_at.plus(chrono::Duration::days(1)) {
        checks.wrong("at", "far", "This is more than a day from the session. Check the day.");
    }
    checks.finish()?;
    hold(tx, &registration.id, &session.id)?;
    let mark = MarkByHand {
        // Devices make the ids of scans, which are UUIDs: none of theirs is ever this one.
        id: MarkId::from(format!("hand-{}", MarkId::new())),
        session_id: session.id.clone(),
        registration_id: registration.id.clone(),
        direction,
        at,
        actor: tx.actor.label(),
        reason: tidy(reason),
        entered_at: tx.now,
    };
    diesel::insert_into(marks_by_hand::table).values(&mark).execute(tx.db)?;
    settle(tx, &session.id, &registration.id)?;
    let facts = json!({ "session": session.code, "direction": direction, "at": at });
    let entry = Entry::of("attendance.added", "mark", &mark.id).event(&event.id).registration(&registration.id);
    entry.after(facts).reason(&tidy(reason)).record(tx)?;
    Ok(mark.id)
}

/// Voids a mark; it stays where it is and counts no more. Refused (`checkin.mark_voided`) the second time.
pub fn void_mark(tx: &mut Tx<'_>, event: &Event, registration: &RegistrationId, id: &MarkId, reason: &str) -> Result<()> {
    let mut checks = Checks::new();
    check_reason(&mut checks, reason, "Say why it does not count, for example “the badge was swapped”.");
    checks.finish()?;
    let mark = find(tx.db, id)?.filter(|mark| mark.registration_id == *registration).ok_or(Error::NotFound)?;
    let session = agenda::get_by_id(tx.db, &mark.session_id)?;
    if session.event_id != event.id {
        return Err(Error::NotFound);
    }
    hold(tx, registration, &session.id)?;
    let void = Void { mark_id: id.clone(), at: tx.now, actor: tx.actor.label(), reason: tidy(reason) };
    let inserted = on_either!(&mut *tx.db, connection =>
        diesel::insert_into(voided_marks::table).values(&void).on_conflict_do_nothing().execute(connection))?;
    if inserted == 0 {
        return Err(Error::refused("checkin.mark_voided", "This mark was voided before."));
    }
    settle(tx, &session.id, registration)?;
    let facts = json!({ "session": session.code, "direction": mark.direction, "at": mark.at });
    let entry = Entry::of("attendance.voided", "mark", id).event(&event.id).registration(registration);
    entry.before(facts).reason(&void.reason).record(tx)
}

/// A mark by id.
pub fn find(db: &mut Db, id: &MarkId) -> Result<Option<Mark>> {
    Ok(attendance_marks::table.filter(attendance_marks::id.eq(id)).select(Mark::as_select()).first(db).optional()?)
}

/// The mark that a scan made.
pub fn of_scan(db: &mut Db, scan: &ScanId) -> Result<Option<Marked>> {
    let made = find(db, &MarkId::from(scan.to_string()))?;
    Ok(with_scans(db, Vec::from_iter(made))?.pop())
}

/// Holds the person's badge and the session, in the order of the doors.
fn hold(tx: &mut Tx<'_>, registration: &RegistrationId, session: &SessionId) -> Result<()> {
    if let Some(badge) = badges::of_registration(tx.db, registration)? {
        badges::hold(tx, &[badge.number])?;
    }
    agenda::hold(tx, session)
}

/// Whether somebody is inside and since when, by the marks that count; nothing when there are none.
fn standing(marks: &[Marked]) -> Option<(bool, Instant)> {
    let mut counting: Vec<(Instant, bool)> = marks
        .iter()
        .filter(|marked| marked.void.is_none())
        .map(|marked| (marked.mark.at, marked.mark.direction == Direction::In))
        .collect();
    counting.sort_unstable();
    counting.into_iter().fold(None, |standing, (at, inside)| match standing {
        Some((before, since)) if before == inside => Some((before, since)),
        _ => Some((inside, at)),
    })
}

/// Puts the person's presence and the room's number in step with the marks that count.
fn settle(tx: &mut Tx<'_>, session: &SessionId, registration: &RegistrationId) -> Result<()> {
    // Asked for both, SQLite would walk through everybody's marks of the session.
    let mut marks: Vec<Mark> =
        attendance_marks::table.filter(attendance_marks::registration_id.eq(registration)).select(Mark::as_select()).load(tx.db)?;
    marks.retain(|mark| mark.session_id == *session);
    let now = standing(&with_scans(tx.db, marks)?);
    let row = presences::table.find((session, registration));
    let before: Option<bool> = row.select(presences::inside).first(tx.db).optional()?;
    match (before, now) {
        (Some(_), Some((inside, since))) => {
            diesel::update(presences::table.find((session, registration)))
                .set((presences::inside.eq(inside), presences::since.eq(since)))
                .execute(tx.db)?;
        }
        (Some(_), None) if online::is_known(tx.db, session, registration)? => {
            diesel::update(presences::table.find((session, registration))).set(presences::inside.eq(false)).execute(tx.db)?;
        }
        (Some(_), None) => {
            diesel::delete(presences::table.find((session, registration))).execute(tx.db)?;
        }
        (None, Some((inside, since))) => {
            let row = Presence { session_id: session.clone(), registration_id: registration.clone(), inside, since };
            diesel::insert_into(presences::table).values(&row).execute(tx.db)?;
        }
        (None, None) => {}
    }
    let change = i32::from(now.is_some_and(|(inside, _)| inside)) - i32::from(before == Some(true));
    count_rooms(tx, vec![RoomCount { session_id: session.clone(), slot: 0, inside: change }])
}
