//! Counting what doors did, and laying it out as bars.

use std::collections::{BTreeMap, HashMap};

use chrono::Duration;

use crate::checkin::{Direction, Outcome};
use crate::clock::Instant;
use crate::ids::{CheckpointId, RegistrationId};

/// A bar stands for five minutes.
pub const STEP: Duration = Duration::minutes(5);
/// Two hours are drawn.
pub const BINS: usize = 24;

/// A scan as the board counts it.
#[derive(Clone, Debug)]
pub struct Taken {
    pub checkpoint: CheckpointId,
    pub registration: Option<RegistrationId>,
    pub direction: Direction,
    pub outcome: Outcome,
    /// When it happened, as far as clocks can be believed.
    pub at: Instant,
}

/// So many arrived in the five minutes from `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bin {
    pub from: Instant,
    pub count: i64,
}

/// Whether an answer kept somebody out.
pub fn keeps_out(outcome: Outcome, refuses_unpaid: bool) -> bool {
    match outcome {
        Outcome::Admitted | Outcome::AlreadyIn => false,
        Outcome::Unpaid => refuses_unpaid,
        _ => true,
    }
}

/// When each person was first let in, at whichever door.
pub fn first_entries(scans: &[Taken], refuses_unpaid: bool) -> Vec<Instant> {
    let mut first: HashMap<&RegistrationId, Instant> = HashMap::new();
    for scan in scans.iter().filter(|scan| scan.direction == Direction::In && !keeps_out(scan.outcome, refuses_unpaid)) {
        let Some(person) = &scan.registration else { continue };
        first.entry(person).and_modify(|at| *at = scan.at.min(*at)).or_insert(scan.at);
    }
    first.into_values().collect()
}

/// Counts instants in steps that begin at whole five minutes; the last step holds `now`.
pub fn bins(instants: &[Instant], now: Instant, count: usize) -> Vec<Bin> {
    let seconds = STEP.num_seconds();
    let step_of = |at: Instant| at.utc().and_utc().timestamp().div_euclid(seconds);
    let last = step_of(now);
    let since_last = now.utc().and_utc().timestamp() - last * seconds;
    let start_of_last =
        now.minus(Duration::seconds(since_last) + Duration::microseconds(i64::from(now.utc().and_utc().timestamp_subsec_micros())));
    let mut counts: HashMap<i64, i64> = HashMap::new();
    for at in instants {
        *counts.entry(step_of(*at)).or_default() += 1;
    }
    let back = (0..count).rev().map(|back| i64::try_from(back).unwrap_or_default());
    back.map(|back| Bin {
        from: start_of_last.minus(Duration::seconds(seconds * back)),
        count: counts.get(&(last - back)).copied().unwrap_or_default(),
    })
    .collect()
}

/// What one door did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub let_in: i64,
    pub refused: i64,
    /// Let in within the last five minutes.
    pub lately: i64,
}

/// Counts the ways in at one door.
pub fn tally<'a>(scans: impl Iterator<Item = &'a Taken>, refuses_unpaid: bool, now: Instant) -> Tally {
    let mut tally = Tally::default();
    for scan in scans.filter(|scan| scan.direction == Direction::In) {
        if keeps_out(scan.outcome, refuses_unpaid) {
            tally.refused += 1;
        } else {
            tally.let_in += 1;
            tally.lately += i64::from(now.since(scan.at) < STEP);
        }
    }
    tally
}

/// How often each answer kept somebody out, most frequent first.
pub fn refusals(scans: &[Taken], refuses_unpaid: bool) -> Vec<(Outcome, i64)> {
    let mut counts: BTreeMap<Outcome, i64> = BTreeMap::new();
    for scan in scans.iter().filter(|scan| keeps_out(scan.outcome, refuses_unpaid)) {
        *counts.entry(scan.outcome).or_default() += 1;
    }
    let mut counts: Vec<(Outcome, i64)> = counts.into_iter().collect();
    counts.sort_by_key(|(outcome, count)| (std::cmp::Reverse(*count), *outcome));
    counts
}

/// An answer that keeps somebody out, as people read it.
pub fn refusal_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotEnrolled => "Not on the list",
        Outcome::Waitlisted => "On the waitlist",
        Outcome::Full => "Full",
        Outcome::Unpaid => "Not paid",
        Outcome::Canceled => "Canceled",
        Outcome::Revoked => "Old badge",
        Outcome::WrongEvent => "Another event",
        Outcome::OutsideWindow => "Not open",
        Outcome::Unknown => "Not known",
        Outcome::Admitted | Outcome::AlreadyIn => "Let in",
    }
}

/// A bar of the drawing, in its units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
    /// Where its labels are centered.
    pub middle: i64,
    pub bin: Bin,
    /// Its time is written under it.
    pub has_time: bool,
    /// Its five minutes are not over.
    pub is_now: bool,
}

/// How a drawing is cut.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub width: i64,
    /// From the top to the base of the bars.
    pub base: i64,
    /// Kept free above the highest bar, for its label.
    pub head: i64,
}

/// Bars from zero; the highest reaches the head.
pub fn bars(bins: &[Bin], frame: Frame) -> Vec<Bar> {
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or_default().max(1);
    let slot = frame.width / i64::try_from(bins.len().max(1)).unwrap_or(1);
    let gap = (slot / 6).max(2);
    let height_of = |count: i64| (frame.base - frame.head) * count / most;
    bins.iter()
        .zip(0i64..)
        .map(|(bin, index)| {
            let minute = bin.from.utc().and_utc().timestamp() / 60;
            let x = index * slot;
            Bar {
                x: x + gap / 2,
                y: frame.base - height_of(bin.count),
                width: slot - gap,
                height: height_of(bin.count),
                middle: x + slot / 2,
                bin: *bin,
                has_time: minute % 15 == 0,
                is_now: index + 1 == i64::try_from(bins.len()).unwrap_or_default(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn taken(person: Option<&RegistrationId>, direction: Direction, outcome: Outcome, time: &str) -> Taken {
        let checkpoint = CheckpointId::from("door".to_owned());
        Taken { checkpoint, registration: person.cloned(), direction, outcome, at: at(&format!("2026-03-09T{time}-07:00")) }
    }

    #[test]
    fn a_person_arrives_once_a_day_with_the_first_scan_that_lets_them_in() {
        let (ada, bo) = (RegistrationId::new(), RegistrationId::new());
        let scans = [
            taken(Some(&ada), Direction::In, Outcome::OutsideWindow, "06:50:00"),
            taken(Some(&ada), Direction::In, Outcome::AlreadyIn, "09:00:00"),
            taken(Some(&ada), Direction::In, Outcome::Admitted, "07:01:00"),
            taken(Some(&bo), Direction::In, Outcome::Unpaid, "07:02:00"),
            taken(Some(&bo), Direction::Out, Outcome::Admitted, "06:00:00"),
            taken(None, Direction::In, Outcome::Unknown, "07:03:00"),
        ];
        let mut entries = first_entries(&scans, false);
        entries.sort();
        assert_eq!(entries, [at("2026-03-09T07:01:00-07:00"), at("2026-03-09T07:02:00-07:00")]);
        assert_eq!(first_entries(&scans, true).len(), 1);
        assert_eq!(tally(scans.iter(), false, at("2026-03-09T07:06:30-07:00")), Tally { let_in: 3, refused: 2, lately: 2 });
        assert_eq!(refusals(&scans, true).len(), 3);
    }

    #[test]
    fn steps_begin_at_whole_five_minutes_and_the_last_holds_now() {
        let now = at("2026-03-09T07:12:59.25-07:00");
        let instants = ["07:04:59.9", "07:05:00", "07:09:59.999999", "07:10:00", "07:12:59", "05:00:00"]
            .map(|time| at(&format!("2026-03-09T{time}-07:00")));
        let bins = bins(&instants, now, 3);
        let expected = [("07:00", 1), ("07:05", 2), ("07:10", 2)];
        assert_eq!(bins, expected.map(|(time, count)| Bin { from: at(&format!("2026-03-09T{time}:00-07:00")), count }));
    }

    #[test]
    fn bars_stand_on_zero_and_the_highest_reaches_the_head() {
        let bin = |time: &str, count| Bin { from: at(&format!("2026-03-09T{time}:00-07:00")), count };
        let frame = Frame { width: 300, base: 100, head: 20 };
        let drawn = bars(&[bin("07:05", 0), bin("07:10", 40), bin("07:15", 10)], frame);
        assert_eq!(drawn.iter().map(|bar| (bar.y, bar.height)).collect::<Vec<_>>(), [(100, 0), (20, 80), (80, 20)]);
        assert_eq!(drawn.iter().map(|bar| (bar.has_time, bar.is_now)).collect::<Vec<_>>(), [(false, false), (false, false), (true, true)]);
        assert!(bars(&[bin("07:05", 0)], frame)[0].height == 0);
    }
}
