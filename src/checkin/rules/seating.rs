//! Who has a seat behind a door, who gets one there, and who does not (CHK-2).

use chrono::Duration;

use super::{Decision, Holder, Outcome, Place, Seat, Sitting, Tone, answer, no};
use crate::clock::Instant;
use crate::events::rules::time_words;

/// What a session's seats say about somebody who wants in.
pub(super) enum Seating {
    /// Has a seat, or needs none.
    Seated,
    /// Has none, and gets one here.
    Takes,
    Refused(Decision),
}

/// How seats are given out at the moment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// People choose for themselves.
    Choosing,
    /// Choosing has ended; who waits at the door gets what nobody has.
    Closed,
    /// Seats of people who have not come are given out too.
    Unclaimed,
}

/// Whether seats are given out at the door by now, because choosing has ended.
pub fn gives_seats(sitting: &Sitting, at: Instant) -> bool {
    sitting.needs_seat && stage(sitting, at) != Stage::Choosing
}

/// Whether those of people who have not come are given out too.
pub fn gives_unclaimed(sitting: &Sitting, at: Instant) -> bool {
    sitting.needs_seat && stage(sitting, at) == Stage::Unclaimed
}

fn stage(sitting: &Sitting, at: Instant) -> Stage {
    if at < sitting.choosing_ends_at {
        Stage::Choosing
    } else if sitting.unclaimed_from.is_some_and(|from| from <= at) {
        Stage::Unclaimed
    } else {
        Stage::Closed
    }
}

pub(super) fn seating(place: &Place, holder: &Holder, at: Instant) -> Seating {
    let Some(sitting) = &place.sitting else { return Seating::Seated };
    let is_covered = holder.is_covered || holder.given_away_at.is_some();
    match holder.seat {
        Some(Seat::Enrolled) => Seating::Seated,
        // Where seats are not given out any more, an old place in the line bars nobody.
        Some(Seat::Waitlisted) | None if !sitting.needs_seat && (is_covered || holder.seat.is_some()) => Seating::Seated,
        None if !is_covered => Seating::Refused(no(
            Outcome::NotEnrolled,
            "NOT ON LIST",
            "The registration does not include this session. Send the person to the registration desk.",
        )),
        _ => without_seat(place, sitting, holder, at),
    }
}

/// Somebody without a seat in a session that gives out seats. Who is on the waitlist gets one as soon as choosing
/// has ended, who is not when unclaimed seats are given out; whoever waits at the door before them comes first.
fn without_seat(place: &Place, sitting: &Sitting, holder: &Holder, at: Instant) -> Seating {
    let stage = stage(sitting, at);
    let unclaimed = if stage == Stage::Unclaimed { holder.unclaimed_seats } else { 0 };
    let open = holder.free_seats.map(|free| free + unclaimed);
    let has_turn = match stage {
        Stage::Choosing => false,
        Stage::Closed => holder.seat.is_some(),
        Stage::Unclaimed => true,
    };
    if has_turn && open.is_none_or(|open| open > holder.ahead) {
        return Seating::Takes;
    }
    Seating::Refused(match (stage, holder.seat) {
        (Stage::Unclaimed, _) => not_yet(place, holder, open.unwrap_or_default()),
        (_, Some(_)) => waits(place, sitting),
        (_, None) => seatless(place, sitting, holder.free_seats, stage),
    })
}

/// On the waitlist, before unclaimed seats are given out.
fn waits(place: &Place, sitting: &Sitting) -> Decision {
    let message = match sitting.unclaimed_from {
        Some(from) => format!(
            "On the waitlist, without a seat yet. Ask the person to wait at the side: seats that nobody claims are given out here \
             from {}, the waitlist first.",
            time_words(from, place.zone)
        ),
        None => "This person is on the waitlist and has no seat yet. Ask them to wait at the side.".to_owned(),
    };
    answer(Outcome::Waitlisted, Tone::Wait, "WAITING", message)
}

/// Unclaimed seats are given out, but none to this person: others come first, or all are taken by people who came.
fn not_yet(place: &Place, holder: &Holder, open: i64) -> Decision {
    let who = match (holder.given_away_at, holder.seat) {
        (Some(at), _) => format!("The person’s seat was given away at {}, because nobody had come", time_words(at, place.zone)),
        (None, Some(_)) => "On the waitlist".to_owned(),
        (None, None) => "Not enrolled".to_owned(),
    };
    if open <= 0 {
        let message = format!("{who}, and every seat is taken by somebody who came. The agenda shows which sessions have seats.");
        return no(Outcome::Full, "FULL", &message);
    }
    let first = match holder.ahead {
        1 => "the person who waited here before comes first".to_owned(),
        ahead => format!("the {ahead} people who waited here before come first"),
    };
    let outcome = if holder.seat.is_some() { Outcome::Waitlisted } else { Outcome::NotEnrolled };
    let message = format!("{who}. {}, but {first}: ask this one to wait at the side.", free_words(Some(open)));
    answer(outcome, Tone::Wait, "WAITING", message)
}

/// Neither a seat nor a place in the line, before unclaimed seats are given out.
fn seatless(place: &Place, sitting: &Sitting, free_seats: Option<i64>, stage: Stage) -> Decision {
    let from = sitting.unclaimed_from.map(|from| time_words(from, place.zone));
    if free_seats.is_some_and(|free| free <= 0) {
        let message = match from {
            Some(from) => format!(
                "Not enrolled, and every seat is taken. The agenda shows which sessions have seats; those that nobody claims here \
                 are given out from {from}."
            ),
            None => "Not enrolled, and every seat is taken. The agenda shows which sessions have seats.".to_owned(),
        };
        return no(Outcome::Full, "FULL", &message);
    }
    let next = match (stage, from) {
        (Stage::Choosing, _) => ": choosing one on a phone or at the desk takes a moment, then scan again".to_owned(),
        (_, Some(from)) => {
            format!(", but choosing has ended: ask the person to wait at the side until {from}, when seats are given out here")
        }
        (_, None) => ", but choosing has ended: staff who may override can let the person in with a reason".to_owned(),
    };
    no(Outcome::NotEnrolled, "NOT ON LIST", &format!("Not enrolled in this session. {}{next}.", free_words(free_seats)))
}

fn free_words(free: Option<i64>) -> String {
    match free {
        Some(1) => "One seat is free".to_owned(),
        Some(free) => format!("{free} seats are free"),
        None => "Seats are free".to_owned(),
    }
}

/// Somebody without a seat who was scanned at the session's doors and told to wait.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub is_waitlisted: bool,
    pub first_scan_at: Instant,
    pub last_scan_at: Instant,
}

/// Whoever was scanned at most this long ago still stands at the door.
const STANDS_FOR: Duration = Duration::minutes(15);

/// How many stand at the door and come before `asker`: the waitlist first, then first scan first.
pub fn ahead(asker: &Waiting, others: &[Waiting], at: Instant) -> i64 {
    let turn = |waiting: &Waiting| (!waiting.is_waitlisted, waiting.first_scan_at);
    let before = others.iter().filter(|other| at.since(other.last_scan_at) < STANDS_FOR && turn(other) < turn(asker));
    i64::try_from(before.count()).unwrap_or(i64::MAX)
}
