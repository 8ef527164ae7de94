//! What a device decided without a connection, held against what the server knows (CHK-4).

use chrono::Duration;

use super::{Decision, Direction, Kind, Outcome, Place};
use crate::clock::Instant;
use crate::ids::{CheckpointId, SessionId};

/// Whether a door with this answer let the person pass.
pub fn lets_in(kind: Kind, refuses_unpaid: bool, outcome: Outcome) -> bool {
    match outcome {
        Outcome::Admitted => true,
        Outcome::AlreadyIn => kind != Kind::BadgePickup,
        Outcome::Unpaid => !refuses_unpaid,
        _ => false,
    }
}

/// The answer to a scan on which a device has decided already. Whom it let in was in the room, so the presence is
/// marked against the answer; whom it turned away was not.
pub fn as_it_happened(place: &Place, decision: Decision, direction: Direction, decided: Option<Outcome>) -> Decision {
    let let_in = decided.map(|decided| lets_in(place.kind, place.refuses_unpaid, decided));
    match (direction, let_in) {
        (Direction::In, Some(true)) if !decision.lets_pass => {
            let message = format!("{} The device let the person in while it was offline.", decision.message);
            Decision { mark: place.sitting.is_some().then_some(Direction::In), message, ..decision }
        }
        (Direction::In, Some(false)) if decision.lets_pass => {
            let message = format!("{} The device turned the person away while it was offline.", decision.message);
            Decision { mark: None, takes_seat: false, message, ..decision }
        }
        _ => decision,
    }
}

/// Somebody was let in at a door.
#[derive(Clone, Debug)]
pub struct Passage {
    pub checkpoint: CheckpointId,
    pub kind: Kind,
    pub at: Instant,
    /// The session behind the door, with its start and end.
    pub session: Option<(SessionId, Instant, Instant)>,
}

/// Nobody gets from one door to another in less.
const BETWEEN_DOORS: Duration = Duration::minutes(2);

/// Whether one badge cannot have passed both: at two doors within moments, or in two sessions at the same time
/// without having left the first (`left_between`). A badge is given out where its owner stands, so pick-ups count for nothing.
pub fn collides(one: &Passage, other: &Passage, left_between: bool) -> bool {
    if one.checkpoint == other.checkpoint || one.kind == Kind::BadgePickup || other.kind == Kind::BadgePickup {
        return false;
    }
    if one.at.max(other.at).since(one.at.min(other.at)) < BETWEEN_DOORS {
        return true;
    }
    match (&one.session, &other.session) {
        (Some((first, starts, ends)), Some((second, other_starts, other_ends))) => {
            first != second && starts < other_ends && other_starts < ends && !left_between
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Instant {
        Instant::parse("2026-03-09T17:30:00Z").unwrap().plus(Duration::minutes(minute))
    }

    fn door(code: &str, minute: i64, session: Option<(&str, i64, i64)>) -> Passage {
        Passage {
            checkpoint: CheckpointId::from(code.to_owned()),
            kind: if session.is_some() { Kind::SessionDoor } else { Kind::SpecialEvent },
            at: at(minute),
            session: session.map(|(code, starts, ends)| (SessionId::from(code.to_owned()), at(starts), at(ends))),
        }
    }

    #[test]
    fn one_badge_cannot_be_at_two_doors_at_once_nor_in_two_sessions() {
        let b1 = |code: &str, minute| door(code, minute, Some(("B1", 0, 60)));
        let b3 = |minute| door("door-B3", minute, Some(("B3", 30, 90)));
        let later = |minute| door("door-C1", minute, Some(("C1", 60, 120)));
        let table = [
            ("the same door twice", b1("door-B1", 0), b1("door-B1", 0), false, false),
            ("two doors of a room within moments", b1("door-B1", 0), b1("side-B1", 1), false, true),
            ("two doors of a room, later", b1("door-B1", 0), b1("side-B1", 2), false, false),
            ("two sessions at the same time", b1("door-B1", 0), b3(35), false, true),
            ("two sessions at the same time, whichever came first", b3(35), b1("door-B1", 0), false, true),
            ("out of the first, into the second", b1("door-B1", 0), b3(35), true, false),
            ("back to back", b1("door-B1", 0), later(58), false, false),
            ("a reception and a session within moments", door("reception", 0, None), b1("door-B1", 1), false, true),
            ("a reception and a session", door("reception", 0, None), b1("door-B1", 20), false, false),
            ("a pick-up and a door", Passage { kind: Kind::BadgePickup, ..door("pickup", 0, None) }, b1("door-B1", 1), false, false),
        ];
        for (case, one, other, left, expected) in table {
            assert_eq!(collides(&one, &other, left), expected, "{case}");
        }
    }
}
