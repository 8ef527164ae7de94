//! What a door answers to a badge, and why: the one decision behind pages, API and offline queues (CHK-1, CHK-2).

mod offline;
mod seating;

use chrono::Duration;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::clock::Instant;
use crate::enrollment::Status as Seat;
use crate::events::rules::{instant_words, time_words};
use crate::registration::Status;
pub use offline::{Passage, as_it_happened, collides, lets_in};
use seating::Seating;
pub use seating::{Waiting, ahead, gives_seats, gives_unclaimed};

crate::words! {
    /// What a checkpoint is for (CHK-1).
    Kind { BadgePickup => "badge_pickup", SessionDoor => "session_door", SpecialEvent => "special_event" }
}
crate::words! {
    /// Which way a badge passes a door.
    Direction { In => "in", Out => "out" }
}
crate::words! {
    /// The answers of a door (CHK-1).
    Outcome {
        Admitted => "admitted", AlreadyIn => "already_in", NotEnrolled => "not_enrolled", Waitlisted => "waitlisted",
        Full => "full", Unpaid => "unpaid", Canceled => "canceled", Revoked => "revoked", WrongEvent => "wrong_event",
        OutsideWindow => "outside_window", Unknown => "unknown",
    }
}
crate::words! {
    /// The color, shape, sound and vibration of an answer: green, amber or red.
    Tone { Yes => "yes", Wait => "wait", No => "no" }
}

/// What a door knows of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Place {
    pub kind: Kind,
    pub in_only: bool,
    pub event_name: String,
    #[serde(with = "zone_by_name")]
    pub zone: Tz,
    pub sitting: Option<Sitting>,
    /// Open from the first instant until just before the second; none at all means always open.
    pub windows: Vec<(Instant, Instant)>,
    /// The event's setting: somebody who owes money is not let in.
    pub refuses_unpaid: bool,
    pub pickups: Vec<Pickup>,
}

/// The session behind a door.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sitting {
    pub title: String,
    /// A seat has to be chosen.
    pub needs_seat: bool,
    /// From now on nobody chooses a seat by themselves (ENR-5).
    pub choosing_ends_at: Instant,
    /// From now on the seats of people who have not come go to who waits at the door (CHK-2); none where
    /// every seat stays with whom it was given to.
    pub unclaimed_from: Option<Instant>,
    pub is_canceled: bool,
}

/// Where and when badges are given out, for whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pickup {
    pub place: String,
    pub opens_at: Instant,
    pub closes_at: Instant,
    pub audience: String,
}

/// What the scanned text turned out to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Seen {
    Badge(Holder),
    /// A genuine badge of another event.
    OtherEvent,
    /// Our form, but the tag fits no event's key.
    Forged,
    Damaged,
    Foreign,
    /// The tag fits, but there is no such badge.
    Missing,
}

/// What a door may know of the person behind a badge.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Holder {
    pub is_revoked: bool,
    pub status: Status,
    pub owes: bool,
    /// The registration type covers the session.
    pub is_covered: bool,
    pub seat: Option<Seat>,
    /// Seats that nobody has, people inside without one taken off; none where the session does not limit them.
    pub free_seats: Option<i64>,
    /// Seats whose people have not come yet.
    pub unclaimed_seats: i64,
    /// People without a seat who wait at the session's doors and come before this one.
    pub ahead: i64,
    /// When this person's own seat went to somebody else because nobody had come.
    pub given_away_at: Option<Instant>,
    /// In the room since, or (where there is no session behind the door) let in before at.
    pub here_since: Option<Instant>,
}

/// What is asked of the door.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    pub direction: Direction,
    pub at: Instant,
    /// Somebody who may override gave a reason.
    pub is_overridden: bool,
}

/// The door's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub outcome: Outcome,
    pub tone: Tone,
    /// One word or two, very large.
    pub word: &'static str,
    /// What to do next.
    pub message: String,
    pub lets_pass: bool,
    /// The attendance mark to add; the room behind the door gains or loses a person by it.
    pub mark: Option<Direction>,
    /// A seat that is free or that nobody claimed becomes this person's.
    pub takes_seat: bool,
}

/// A zone as its name, which a browser knows too.
mod zone_by_name {
    use chrono_tz::Tz;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(zone.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|_| de::Error::custom("expected a zone such as America/Los_Angeles"))
    }
}

/// What an override at a door is mostly for; anything else is typed.
pub const QUICK_REASONS: [&str; 4] =
    ["Speaker or moderator", "Support person", "Staff or crew", "Confirmation was shown, our list is wrong"];

/// No door makes a registration valid that staff have not approved.
const STILL_PENDING: &str = "This registration still waits for approval. Send the person to the registration desk.";

/// Whether somebody who may override can let in against this answer. What is wrong with the badge or the
/// registration itself stays wrong: the desk puts that right.
pub fn may_be_overridden(outcome: Outcome, lets_pass: bool, message: &str) -> bool {
    use Outcome::{Full, NotEnrolled, OutsideWindow, Unpaid, Waitlisted};
    let is_about_the_door = matches!(outcome, NotEnrolled | Waitlisted | Full | Unpaid | OutsideWindow);
    is_about_the_door && !lets_pass && !message.starts_with(STILL_PENDING)
}

/// Answers a scan. Facts about the badge come first, then the door's times, then seat and money.
pub fn decide(place: &Place, seen: &Seen, asked: &Asked) -> Decision {
    let holder = match seen {
        Seen::Badge(holder) => holder,
        other => return unreadable(place, other),
    };
    if holder.is_revoked {
        return no(
            Outcome::Revoked,
            "OLD BADGE",
            "This badge was replaced by a new one. Ask for the new badge, or send the person to the desk.",
        );
    }
    if asked.direction == Direction::Out {
        return leave(place, holder);
    }
    match holder.status {
        Status::Canceled => no(Outcome::Canceled, "CANCELED", "This registration was canceled. Send the person to the registration desk."),
        Status::Pending => no(Outcome::NotEnrolled, "NOT ON LIST", STILL_PENDING),
        Status::Confirmed => enter(place, holder, asked),
    }
}

/// Somebody with a valid badge of this event wants in.
fn enter(place: &Place, holder: &Holder, asked: &Asked) -> Decision {
    let seating = seating::seating(place, holder, asked.at);
    let takes_seat = matches!(seating, Seating::Takes);
    let refusal = closed(place, asked.at).or(match seating {
        Seating::Refused(refusal) => Some(refusal),
        Seating::Seated | Seating::Takes => None,
    });
    if let Some(refusal) = refusal {
        return match (asked.is_overridden, holder.here_since) {
            (false, _) => refusal,
            (true, Some(since)) => again(place, since, asked.at),
            (true, None) => overridden(place),
        };
    }
    if let Some(since) = holder.here_since {
        return again(place, since, asked.at);
    }
    let decision = match (holder.owes, place.refuses_unpaid) {
        (false, _) if takes_seat => came_in(place, Outcome::Admitted, Tone::Yes, "Let in: a free seat goes to this person.".to_owned()),
        (false, _) => admitted(place),
        (true, false) => unpaid_let_in(place),
        (true, true) if asked.is_overridden => overridden(place),
        (true, true) => no(
            Outcome::Unpaid,
            "UNPAID",
            "An invoice is open, and this event lets nobody in before it is paid. Send the person to the registration desk.",
        ),
    };
    Decision { takes_seat: takes_seat && decision.lets_pass, ..decision }
}

fn unreadable(place: &Place, seen: &Seen) -> Decision {
    let message = match seen {
        Seen::OtherEvent => {
            let message = format!("This badge is for another event. Ask for the badge of {}.", place.event_name);
            return no(Outcome::WrongEvent, "WRONG EVENT", &message);
        }
        Seen::Damaged => "Only a part of the code could be read. Smooth the badge and scan again, or find the person by name.",
        Seen::Foreign => "This code is not from one of our badges. Ask for the badge with the name on it.",
        Seen::Missing => "The code is genuine, but no such badge is known here. Send the person to the registration desk.",
        Seen::Forged | Seen::Badge(_) => "This code was not made by us. Do not let it pass; send the person to the registration desk.",
    };
    no(Outcome::Unknown, "NOT KNOWN", message)
}

/// The door's times, and a session that does not take place.
fn closed(place: &Place, at: Instant) -> Option<Decision> {
    if let Some(sitting) = place.sitting.as_ref().filter(|sitting| sitting.is_canceled) {
        let message = format!("“{}” was canceled. Nobody is let in here; show the person the agenda.", sitting.title);
        return Some(answer(Outcome::OutsideWindow, Tone::Wait, "NOT OPEN", message));
    }
    if place.windows.is_empty() || place.windows.iter().any(|(opens, closes)| *opens <= at && at < *closes) {
        return None;
    }
    let next = place.windows.iter().map(|(opens, _)| *opens).filter(|opens| *opens > at).min();
    let last = place.windows.iter().map(|(_, closes)| *closes).max();
    let mut message = match (next, last) {
        (Some(opens), _) => format!("This opens {}.", instant_words(opens, place.zone)),
        (None, Some(closed)) => format!("This closed {}.", instant_words(closed, place.zone)),
        (None, None) => "This is not open.".to_owned(),
    };
    message.push_str(&match (place.kind, other_pickup(place, at)) {
        (Kind::BadgePickup, Some(hint)) => hint,
        (_, _) if next.is_some() => " Ask the person to come back then.".to_owned(),
        _ => " Send the person to the registration desk.".to_owned(),
    });
    Some(answer(Outcome::OutsideWindow, Tone::Wait, "NOT OPEN", message))
}

/// Where badges are given out now, or next.
fn other_pickup(place: &Place, at: Instant) -> Option<String> {
    let open = place.pickups.iter().find(|pickup| pickup.opens_at <= at && at < pickup.closes_at);
    let next = || place.pickups.iter().filter(|pickup| pickup.opens_at > at).min_by_key(|pickup| pickup.opens_at);
    let pickup = open.or_else(next)?;
    let audience = if pickup.audience.is_empty() { String::new() } else { format!(" ({})", pickup.audience) };
    let when = if pickup.opens_at <= at {
        format!("until {}", time_words(pickup.closes_at, place.zone))
    } else {
        format!("from {}", instant_words(pickup.opens_at, place.zone))
    };
    Some(format!(" Badges are given out at {}{audience} {when}.", pickup.place))
}

/// Somebody who is here already, or whose badge was given out before.
fn again(place: &Place, since: Instant, at: Instant) -> Decision {
    let since_words = instant_words(since, place.zone);
    let mut decision = match (place.kind, place.in_only) {
        (Kind::BadgePickup, _) => {
            let message = format!("This badge was given out {since_words}. If it was lost, the desk makes a new one and ends this one.");
            answer(Outcome::AlreadyIn, Tone::Wait, "PICKED UP", message)
        }
        (_, true) => passing(Outcome::AlreadyIn, Tone::Yes, "WELCOME BACK", format!("Welcome back. First here {since_words}.")),
        (_, false) => passing(
            Outcome::AlreadyIn,
            Tone::Wait,
            "ALREADY IN",
            format!("Inside since {since_words}. Let in if this is the person on the badge: the way out was not scanned."),
        ),
    };
    // A queued scan from before the one we knew of makes the stay longer.
    if at < since && place.sitting.is_some() {
        decision.mark = Some(Direction::In);
    }
    decision
}

fn admitted(place: &Place) -> Decision {
    match place.kind {
        Kind::BadgePickup => passing(Outcome::Admitted, Tone::Yes, "HAND OVER", "Check the name and hand the badge over.".to_owned()),
        Kind::SessionDoor | Kind::SpecialEvent => came_in(place, Outcome::Admitted, Tone::Yes, "Let in.".to_owned()),
    }
}

fn unpaid_let_in(place: &Place) -> Decision {
    match place.kind {
        Kind::BadgePickup => {
            let message = "Hand the badge over. An invoice is open: ask the person to see the registration desk.".to_owned();
            passing(Outcome::Unpaid, Tone::Wait, "HAND OVER", message)
        }
        Kind::SessionDoor | Kind::SpecialEvent => {
            came_in(place, Outcome::Unpaid, Tone::Wait, "Let in. An invoice is open: ask the person to see the desk later.".to_owned())
        }
    }
}

fn overridden(place: &Place) -> Decision {
    Decision { message: "Let in by override. The reason is kept with the scan.".to_owned(), ..admitted(place) }
}

/// Going out is never refused to a badge of this event; money, seats and times do not matter then.
fn leave(place: &Place, holder: &Holder) -> Decision {
    if place.kind == Kind::BadgePickup {
        let message = "The badge is back and counts as not given out.".to_owned();
        return passing(Outcome::Admitted, Tone::Yes, "TAKEN BACK", message);
    }
    let message = match (&place.sitting, holder.here_since) {
        (Some(_), None) => "Out. No scan on the way in is known; staff can add it.",
        _ => "Out. Goodbye.",
    };
    let mut decision = passing(Outcome::Admitted, Tone::Yes, "OUT", message.to_owned());
    decision.mark = place.sitting.is_some().then_some(Direction::Out);
    decision
}

fn came_in(place: &Place, outcome: Outcome, tone: Tone, message: String) -> Decision {
    let mark = place.sitting.is_some().then_some(Direction::In);
    Decision { mark, ..passing(outcome, tone, "ADMIT", message) }
}

fn passing(outcome: Outcome, tone: Tone, word: &'static str, message: String) -> Decision {
    Decision { lets_pass: true, ..answer(outcome, tone, word, message) }
}

fn no(outcome: Outcome, word: &'static str, message: &str) -> Decision {
    answer(outcome, Tone::No, word, message.to_owned())
}

fn answer(outcome: Outcome, tone: Tone, word: &'static str, message: String) -> Decision {
    Decision { outcome, tone, word, message, lets_pass: false, mark: None, takes_seat: false }
}

/// A device's clock this far from ours is wrong, unless the device says that it was offline.
const WRONG_CLOCK: Duration = Duration::hours(12);
/// A scan may seem to come this much from the future: clocks are never quite alike.
const AHEAD: Duration = Duration::minutes(2);

/// When a scan happened: the device's time plus its offset, unless that cannot be. The sentence says why not.
pub fn time_of_scan(sent: Option<Instant>, offset_ms: i64, received: Instant, offline: bool) -> (Instant, Option<&'static str>) {
    let Some(sent) = sent else { return (received, None) };
    let corrected = sent.plus(Duration::milliseconds(offset_ms));
    let late = received.since(corrected);
    if -late > AHEAD || (late >= WRONG_CLOCK && !offline) {
        (received, Some("This device's clock is wrong; the time of our server was kept. Set the clock."))
    } else if late >= WRONG_CLOCK {
        (corrected, Some("This scan is hours old; if that is not so, set this device's clock."))
    } else {
        (corrected.min(received), None)
    }
}

#[cfg(test)]
mod tests;
