//! A scan on its way: what is decided from the facts that were read for it, and the rows that it leaves.

use super::lookup::Found;
use super::rules::{self, Asked, Decision, Direction, Holder, Seen};
use super::scanning::{Answer, Presented, Shown};
use super::unclaimed::Seats;
use super::{Door, Presence, Scan};
use crate::app::Tx;
use crate::badges::rules::Read;
use crate::clock::Instant;
use crate::enrollment::Status as Seat;
use crate::error::{Error, Result};
use crate::people::rules::tidy;

/// A scan on its way, with what was read for it.
pub(super) struct Taking<'a> {
    pub presented: &'a Presented,
    pub found: Option<&'a Found>,
    /// When it happened, as far as clocks can be believed.
    pub at: Instant,
    /// What is doubtful about the device's clock.
    pub doubt: Option<&'static str>,
}

impl Found {
    /// The badge as the rules see it.
    pub(super) fn holder(&self, door: &Door, here_since: Option<Instant>, seats: &Seats) -> Holder {
        Holder {
            is_revoked: self.revoked_at.is_some(),
            status: self.status,
            owes: self.owed_cents > 0,
            is_covered: door.covering.contains(&self.registration_type),
            seat: self.seat,
            free_seats: seats.free,
            unclaimed_seats: seats.unclaimed,
            ahead: seats.ahead,
            given_away_at: seats.given_away_at,
            here_since,
        }
    }

    /// Credentials and organization in one line.
    fn line(&self) -> String {
        let parts = [self.credentials.as_str(), self.organization.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }
}

impl Taking<'_> {
    /// Whether the answer depends on how many seats are left.
    pub fn asks_for_seat(&self) -> bool {
        let Presented { door, request, .. } = self.presented;
        let has_seat = self.found.is_some_and(|found| found.seat == Some(Seat::Enrolled));
        door.counts_seats() && !has_seat && request.direction == Direction::In
    }

    /// The answer by the rules; what a device decided by itself while it was offline stands as it happened.
    pub fn decide(&self, seen: &Seen) -> Decision {
        let Presented { door, request, .. } = self.presented;
        let asked = Asked { direction: request.direction, at: self.at, is_overridden: request.override_reason.is_some() };
        let mut decision = rules::decide(&door.place, seen, &asked);
        if request.offline && !asked.is_overridden {
            decision = rules::as_it_happened(&door.place, decision, request.direction, request.decided);
        }
        if let Some(doubt) = self.doubt {
            decision.message = format!("{} {doubt}", decision.message);
        }
        decision
    }

    /// The decision as it is answered; `present` is how many are in the room after it.
    pub fn shown(&self, decision: Decision, present: i64) -> Shown {
        let Presented { door, id, .. } = self.presented;
        Shown {
            answer: Answer {
                id: id.to_string(),
                outcome: decision.outcome,
                name: self.found.map(|found| found.badge_name.clone()),
                line: self.found.map(Found::line).filter(|line| !line.is_empty()),
                message: decision.message,
                present: door.session.as_ref().map(|_| present),
            },
            word: decision.word.to_owned(),
            tone: decision.tone,
            lets_pass: decision.lets_pass,
        }
    }

    /// The scan with its answer; with a mark, where it counts as a way in or out of the door's session. The way is the
    /// scan's own.
    pub fn scan_row(&self, shown: &Shown, mark: Option<Direction>, tx: &Tx<'_>) -> Result<Scan> {
        let Presented { door, request, id, .. } = self.presented;
        let marked = mark.and(self.found).and(door.session.as_ref());
        Ok(Scan {
            id: id.clone(),
            checkpoint_id: door.checkpoint.id.clone(),
            badge_id: self.found.map(|found| found.badge.clone()),
            registration_id: self.found.map(|found| found.registration.clone()),
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
            event_id: Some(door.event.id.clone()),
            checkpoint_code: Some(door.checkpoint.code.clone()),
            session_id: marked.map(|session| session.id.clone()),
            marked_at: marked.map(|_| self.at),
        })
    }

    /// By how much a mark changes the number of people in the room. A late mark changes the past only.
    pub fn room_change(&self, direction: Direction) -> i32 {
        let Some(found) = self.found else { return 0 };
        let is_latest = found.since.is_none_or(|since| self.at >= since);
        match (direction, found.inside.unwrap_or(false)) {
            (Direction::In, false) if is_latest => 1,
            (Direction::Out, true) if is_latest => -1,
            _ => 0,
        }
    }

    /// Whether the person is inside after a mark, where that changes.
    pub fn moved_presence(&self, direction: Direction) -> Option<Presence> {
        let (session, found) = (self.presented.door.session.as_ref()?, self.found?);
        let inside = direction == Direction::In;
        let is_late = found.since.is_some_and(|since| self.at < since);
        if found.inside.is_some() && (is_late || found.inside == Some(inside)) {
            return None;
        }
        Some(Presence { session_id: session.id.clone(), registration_id: found.registration.clone(), inside, since: self.at })
    }
}

/// The share of the room's number that a badge is counted in: its first letter, which is random.
pub(super) fn slot_of(read: &Read) -> i32 {
    let Read::Ours(number) = read else { return 0 };
    number.chars().next().and_then(|letter| letter.to_digit(16)).and_then(|slot| i32::try_from(slot).ok()).unwrap_or_default()
}
