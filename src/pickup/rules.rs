//! What the pick-up desk says of somebody: the doors' own decision, with the places that are right for who they are.

use chrono_tz::Tz;
use serde::Serialize;

use crate::checkin::rules::{Asked, Decision, Direction, Holder, Pickup, Place, Seen, Tone, decide};
use crate::clock::Instant;
use crate::events::rules::span_words;
use crate::people::rules::fold;

/// Where people of one registration type get their badges.
#[derive(Clone, Debug, Serialize)]
pub struct Whereabouts {
    pub pickups: Vec<Pickup>,
    /// What is said at a desk that is not theirs.
    pub elsewhere: Option<String>,
}

/// The badge places that are right for a registration type, seen from a desk with this name (EVT-1).
///
/// A place is for the types that its audience names (or that are named in it), and for everyone where it names none.
/// A desk stands at the place that it is named after; a desk with a name of its own is right for everyone.
pub fn whereabouts(kind: &str, desk: &str, pickups: &[Pickup], zone: Tz) -> Whereabouts {
    let named: Vec<&Pickup> = pickups.iter().filter(|pickup| is_for(&pickup.audience, kind)).collect();
    let own = if named.is_empty() { pickups.iter().collect() } else { named };
    let is_here = |pickup: &Pickup| are_alike(desk, &pickup.place);
    let is_elsewhere = pickups.iter().any(is_here) && !own.iter().any(|pickup| is_here(pickup));
    let elsewhere = is_elsewhere.then(|| {
        let times = |pickup: &&Pickup| format!("{} ({})", pickup.place, span_words(pickup.opens_at, pickup.closes_at, zone));
        let places: Vec<String> = own.iter().map(times).collect();
        format!("Badges for “{kind}” are given out at {}. If this badge is here all the same, hand it over.", places.join("; "))
    });
    Whereabouts { pickups: own.into_iter().cloned().collect(), elsewhere }
}

/// Whether an audience such as `Workshop day, and everyone who comes early` means this registration type.
fn is_for(audience: &str, kind: &str) -> bool {
    let phrases: Vec<String> = audience.split([',', ';', '/']).map(fold).filter(|phrase| !phrase.is_empty()).collect();
    let means_all = |phrase: &String| phrase.split(' ').any(|word| ["everyone", "everybody", "all"].contains(&word));
    phrases.is_empty() || phrases.iter().any(|phrase| means_all(phrase) || are_alike(phrase, kind))
}

/// Whether the words of one stand in the other.
fn are_alike(one: &str, other: &str) -> bool {
    let (one, other) = (format!(" {} ", fold(one)), format!(" {} ", fold(other)));
    one.trim() != "" && other.trim() != "" && (one.contains(&other) || other.contains(&one))
}

/// What a scan of this person's badge would be answered, told to staff before it is made.
pub fn stand(place: &Place, own: &Whereabouts, holder: &Holder, at: Instant) -> Decision {
    let place = Place { pickups: own.pickups.clone(), ..place.clone() };
    let decision = decide(&place, &Seen::Badge(holder.clone()), &Asked { direction: Direction::In, at, is_overridden: false });
    match &own.elsewhere {
        Some(elsewhere) if decision.lets_pass => Decision { tone: Tone::Wait, word: "OTHER DESK", message: elsewhere.clone(), ..decision },
        _ => decision,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkin::rules::{Kind, Outcome};
    use crate::registration::Status;

    const ZONE: Tz = Tz::America__Los_Angeles;

    fn at(text: &str) -> Instant {
        Instant::parse(&format!("2026-03-{text}:00-07:00")).unwrap()
    }

    fn pickup(place: &str, audience: &str, opens: &str, closes: &str) -> Pickup {
        Pickup { place: place.to_owned(), opens_at: at(opens), closes_at: at(closes), audience: audience.to_owned() }
    }

    fn places() -> Vec<Pickup> {
        vec![
            pickup("Quay Entrance lobby, counters 1 to 4", "Workshop day", "08T08:00", "08T18:00"),
            pickup("Grand Ballroom foyer", "General conference", "09T07:00", "09T19:00"),
        ]
    }

    fn place() -> Place {
        Place {
            kind: Kind::BadgePickup,
            in_only: true,
            event_name: "Congress".to_owned(),
            zone: ZONE,
            sitting: None,
            windows: vec![(at("08T08:00"), at("08T18:00")), (at("09T07:00"), at("09T19:00"))],
            refuses_unpaid: false,
            pickups: places(),
        }
    }

    fn holder() -> Holder {
        Holder {
            is_revoked: false,
            status: Status::Confirmed,
            owes: false,
            is_covered: false,
            seat: None,
            free_seats: None,
            unclaimed_seats: 0,
            ahead: 0,
            given_away_at: None,
            here_since: None,
        }
    }

    fn right(kind: &str) -> Vec<String> {
        whereabouts(kind, "Badge pick-up", &places(), ZONE).pickups.into_iter().map(|pickup| pickup.place).collect()
    }

    #[test]
    fn a_badge_place_is_for_the_types_that_its_audience_names() {
        assert_eq!(right("General conference"), ["Grand Ballroom foyer"]);
        assert_eq!(right("General conference and workshop day").len(), 2);
        // Nobody thought of them, so every place is theirs.
        assert_eq!(right("Support person").len(), 2);
        for (audience, kind, expected) in [
            ("", "General", true),
            ("Workshop day, and everyone who comes early", "General conference", true),
            ("Speakers; press", "Press", true),
            ("Speakers; press", "General conference", false),
            ("Generals", "General", false),
        ] {
            assert_eq!(is_for(audience, kind), expected, "{audience:?} and {kind:?}");
        }
    }

    #[test]
    fn a_desk_outside_its_window_says_which_place_and_hours_are_right_for_this_type() {
        let own = |kind| whereabouts(kind, "Badge pick-up", &places(), ZONE);
        let early = stand(&place(), &own("General conference"), &holder(), at("08T07:30"));
        assert_eq!((early.outcome, early.word), (Outcome::OutsideWindow, "NOT OPEN"));
        assert!(
            early.message.contains("Grand Ballroom foyer (General conference) from Mon 9 Mar 2026, 7:00 AM Pacific"),
            "{}",
            early.message
        );
        let early = stand(&place(), &own("General conference and workshop day"), &holder(), at("08T07:30"));
        assert!(early.message.contains("Quay Entrance lobby, counters 1 to 4 (Workshop day) from Sun 8 Mar 2026"), "{}", early.message);
    }

    #[test]
    fn the_wrong_desk_says_which_is_right_and_may_hand_out_all_the_same() {
        let own = |kind| whereabouts(kind, "Quay Entrance", &places(), ZONE);
        let other = stand(&place(), &own("General conference"), &holder(), at("08T09:00"));
        assert_eq!((other.word, other.tone, other.lets_pass), ("OTHER DESK", Tone::Wait, true));
        assert!(other.message.contains("“General conference” are given out at Grand Ballroom foyer (Mon 9 Mar 2026"), "{}", other.message);
        let right = stand(&place(), &own("General conference and workshop day"), &holder(), at("08T09:00"));
        assert_eq!((right.word, right.tone), ("HAND OVER", Tone::Yes));
        // Who is canceled hears that and nothing of other desks.
        let canceled = Holder { status: Status::Canceled, ..holder() };
        assert_eq!(stand(&place(), &own("General conference"), &canceled, at("08T09:00")).word, "CANCELED");
    }
}
