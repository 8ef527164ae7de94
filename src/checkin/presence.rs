//! Attendance minutes: the union of a person's stays in a session, clipped to it (CHK-3).

use super::rules::Direction;
use crate::clock::Instant;
use crate::events::{Event, MissingExit};

/// How a stay is closed whose end nobody scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitRule {
    /// It lasted until the session's end.
    SessionEnd,
    /// It counts for nothing.
    Nothing,
    /// It lasted so many minutes, at most until the session's end.
    Minutes(i64),
}

impl ExitRule {
    /// The event's setting.
    pub fn of(event: &Event) -> Self {
        match event.missing_exit {
            MissingExit::SessionEnd => Self::SessionEnd,
            MissingExit::Nothing => Self::Nothing,
            MissingExit::Minutes => Self::Minutes(event.missing_exit_minutes.into()),
        }
    }

    fn end(self, since: Instant, starts_at: Instant, ends_at: Instant) -> Instant {
        match self {
            Self::SessionEnd => ends_at,
            Self::Nothing => since,
            Self::Minutes(minutes) => since.max(starts_at).plus(chrono::Duration::minutes(minutes)),
        }
    }
}

/// From when to when somebody was online, and whether that is only the least that a report of totals proves.
pub type Stay = (Instant, Instant, bool);

/// How long somebody attended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attended {
    /// Whole minutes inside the session's times.
    pub minutes: i64,
    /// The stays, clipped and apart from one another, earliest first.
    pub stays: Vec<(Instant, Instant)>,
    /// The last way out is not known, so the last stay was closed by the event's rule.
    pub is_assumed: bool,
    /// Some of the minutes are what totals prove, so it may have been longer.
    pub is_at_least: bool,
}

/// The minutes of a session from a person's marks, in whatever order they came. A second way in
/// while inside, and a way out while outside, say nothing new.
pub fn attended(marks: &[(Direction, Instant)], starts_at: Instant, ends_at: Instant, rule: ExitRule) -> Attended {
    attended_both(marks, &[], starts_at, ends_at, rule)
}

/// The same of somebody who was there by the marks of doors and online: each minute counts once (WEB-1).
pub fn attended_both(marks: &[(Direction, Instant)], online: &[Stay], starts_at: Instant, ends_at: Instant, rule: ExitRule) -> Attended {
    let mut marks = marks.to_vec();
    // Out before in at the same instant: somebody who changes doors was out for no time at all.
    marks.sort_by_key(|(direction, at)| (*at, *direction == Direction::In));
    let mut stays: Vec<(Instant, Instant)> = online.iter().map(|(from, to, _)| (*from, *to)).collect();
    let mut inside_since = None;
    for (direction, at) in marks {
        match (direction, inside_since) {
            (Direction::In, None) => inside_since = Some(at),
            (Direction::Out, Some(since)) => {
                stays.push((since, at));
                inside_since = None;
            }
            (Direction::In, Some(_)) | (Direction::Out, None) => {}
        }
    }
    if let Some(since) = inside_since {
        stays.push((since, rule.end(since, starts_at, ends_at)));
    }
    let stays = union(stays, starts_at, ends_at);
    let minutes = whole_minutes(&stays);
    let has_totals = online.iter().any(|(from, to, at_least)| *at_least && *from < ends_at && *to > starts_at);
    Attended {
        minutes,
        is_assumed: inside_since.is_some_and(|since| since < ends_at),
        // Longer than all of it nobody was there.
        is_at_least: has_totals && minutes < ends_at.since(starts_at).num_minutes(),
        stays,
    }
}

/// Joins intervals that touch or overlap and cuts off what lies outside `from`–`to`.
pub fn union(intervals: Vec<(Instant, Instant)>, from: Instant, to: Instant) -> Vec<(Instant, Instant)> {
    let mut clipped: Vec<(Instant, Instant)> =
        intervals.into_iter().map(|(start, end)| (start.max(from), end.min(to))).filter(|(start, end)| start < end).collect();
    clipped.sort();
    let mut joined: Vec<(Instant, Instant)> = Vec::with_capacity(clipped.len());
    for (start, end) in clipped {
        match joined.last_mut() {
            Some((_, last_end)) if start <= *last_end => *last_end = (*last_end).max(end),
            _ => joined.push((start, end)),
        }
    }
    joined
}

/// The whole minutes of intervals that do not overlap; seconds are added up before they are cut off.
pub fn whole_minutes(stays: &[(Instant, Instant)]) -> i64 {
    stays.iter().map(|(start, end)| end.since(*start)).sum::<chrono::Duration>().num_minutes()
}

#[cfg(test)]
mod tests {
    use Direction::{In, Out};
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> Instant {
        Instant::parse("2026-03-09T17:30:00Z").unwrap().plus(chrono::Duration::minutes(minute))
    }

    fn minutes(marks: &[(Direction, i64)]) -> (i64, bool) {
        let marks: Vec<_> = marks.iter().map(|(direction, minute)| (*direction, at(*minute))).collect();
        let attended = attended(&marks, at(0), at(60), ExitRule::SessionEnd);
        (attended.minutes, attended.is_assumed)
    }

    #[test]
    fn minutes_are_the_union_of_stays_clipped_to_the_session() {
        assert_eq!(minutes(&[]), (0, false));
        assert_eq!(minutes(&[(In, -20), (Out, 80)]), (60, false));
        assert_eq!(minutes(&[(In, 5), (Out, 20), (In, 30), (Out, 50)]), (35, false));
        assert_eq!(minutes(&[(Out, 50), (In, 5)]), (45, false));
        assert_eq!(minutes(&[(In, 5), (In, 10), (Out, 20), (Out, 30)]), (15, false));
        assert_eq!(minutes(&[(In, 0), (Out, 30), (In, 30), (Out, 60)]), (60, false));
        assert_eq!(minutes(&[(In, -30), (Out, -10)]), (0, false));
    }

    #[test]
    fn without_an_out_scan_presence_runs_to_the_end_and_is_marked_as_assumed() {
        assert_eq!(minutes(&[(In, 8)]), (52, true));
        assert_eq!(minutes(&[(In, 0), (Out, 10), (In, 20)]), (50, true));
        assert_eq!(minutes(&[(In, 60)]), (0, false));
        assert_eq!(minutes(&[(Out, 30)]), (0, false));
    }

    #[test]
    fn a_missing_exit_is_closed_as_the_event_says() {
        let closed = |marks: &[(Direction, i64)], rule| {
            let marks: Vec<_> = marks.iter().map(|(direction, minute)| (*direction, at(*minute))).collect();
            let told = attended(&marks, at(0), at(60), rule);
            (told.minutes, told.is_assumed)
        };
        assert_eq!(closed(&[(In, 8)], ExitRule::Nothing), (0, true));
        assert_eq!(closed(&[(In, 8)], ExitRule::Minutes(20)), (20, true));
        assert_eq!(closed(&[(In, -30)], ExitRule::Minutes(20)), (20, true));
        assert_eq!(closed(&[(In, 50)], ExitRule::Minutes(20)), (10, true));
        assert_eq!(closed(&[(In, 0), (Out, 10), (In, 20)], ExitRule::Nothing), (10, true));
        assert_eq!(closed(&[(In, 0), (Out, 10)], ExitRule::Nothing), (10, false));
    }

    #[test]
    fn minutes_at_a_door_and_online_of_one_session_count_once() {
        let marks = [(In, at(0)), (Out, at(20))];
        let both = |online: &[(i64, i64)]| {
            let online: Vec<_> = online.iter().map(|(from, to)| (at(*from), at(*to), false)).collect();
            attended_both(&marks, &online, at(0), at(60), ExitRule::SessionEnd).minutes
        };
        assert_eq!((both(&[]), both(&[(10, 30)]), both(&[(10, 30), (15, 40), (50, 90)]), both(&[(-20, 90)])), (20, 30, 50, 60));
    }

    #[test]
    fn what_totals_prove_is_told_as_the_least_unless_it_is_all_of_it() {
        let told = |online: &[(i64, i64, bool)]| {
            let online: Vec<_> = online.iter().map(|(from, to, at_least)| (at(*from), at(*to), *at_least)).collect();
            let told = attended_both(&[], &online, at(0), at(60), ExitRule::SessionEnd);
            (told.minutes, told.is_at_least)
        };
        assert_eq!((told(&[(0, 55, true)]), told(&[(0, 55, false)]), told(&[(0, 60, true)])), ((55, true), (55, false), (60, false)));
        assert_eq!(told(&[(0, 20, false), (-30, -10, true)]), (20, false), "totals of another time say nothing of this one");
        assert_eq!(told(&[(0, 20, false), (30, 40, true)]), (30, true));
    }

    proptest! {
        #[test]
        fn online_minutes_are_those_in_which_any_device_was_there(
            stays in prop::collection::vec((-90i64..150, 0i64..90), 0..12)
        ) {
            let online: Vec<_> = stays.iter().map(|(from, length)| (at(*from), at(from + length), false)).collect();
            let told = attended_both(&[], &online, at(0), at(60), ExitRule::SessionEnd);
            let there = |minute: &i64| stays.iter().any(|(from, length)| (*from..from + length).contains(minute));
            let counted = i64::try_from((0..60).filter(there).count()).unwrap();
            prop_assert_eq!(told.minutes, counted);
            prop_assert!(!told.is_assumed);
        }

        #[test]
        fn minutes_never_exceed_the_session_and_do_not_depend_on_the_order_of_arrival(
            marks in prop::collection::vec((any::<bool>(), -90i64..150), 0..12)
        ) {
            let marks: Vec<_> = marks.iter().map(|(way_in, minute)| (if *way_in { In } else { Out }, at(*minute))).collect();
            let told = attended(&marks, at(0), at(60), ExitRule::SessionEnd);
            prop_assert!((0..=60).contains(&told.minutes));
            let mut backwards = marks.clone();
            backwards.reverse();
            prop_assert_eq!(&told, &attended(&backwards, at(0), at(60), ExitRule::SessionEnd));
            prop_assert!(told.stays.windows(2).all(|pair| pair[0].1 < pair[1].0));
        }
    }
}
