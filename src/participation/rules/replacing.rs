//! Which of the reports that count a further one takes the place of, so that a correction corrects and the second half of
//! a meeting that was begun twice is added (WEB-1).

use std::collections::HashSet;

use chrono::NaiveDateTime;
use chrono_tz::Tz;

use crate::clock::Instant;

/// What is compared of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The platform's number of the meeting; empty where the report has none.
    pub meeting: String,
    /// The zone that its times were read in.
    pub zone: Tz,
    /// The first join and the last leave.
    pub span: (Instant, Instant),
    pub generated_at: Option<Instant>,
}

impl Facts {
    /// The span as the file itself writes it, whatever zone it was read in.
    fn written(&self) -> (NaiveDateTime, NaiveDateTime) {
        (self.span.0.in_zone(self.zone).naive_local(), self.span.1.in_zone(self.zone).naive_local())
    }

    /// Two meetings with numbers of their own are two, whenever they were; a meeting without a number may be either.
    fn may_be_of(&self, other: &Self) -> bool {
        self.meeting.is_empty() || other.meeting.is_empty() || self.meeting == other.meeting
    }

    /// They say something of the same minutes, or one is the other read in another zone.
    fn covers_the_same_as(&self, other: &Self) -> bool {
        let overlaps = self.span.0 < other.span.1 && other.span.0 < self.span.1;
        overlaps || (self.zone != other.zone && self.written() == other.written())
    }

    /// When a report was made stands in its own zone: read in two zones, the two instants say nothing about which is later.
    fn is_older_than(&self, other: &Self) -> bool {
        self.zone == other.zone && self.generated_at.zip(other.generated_at).is_some_and(|(own, others)| own < others)
    }
}

/// Where a report stands beside those that count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// It takes the place of these, by their places in the list; of none it is added.
    InPlaceOf(Vec<usize>),
    /// This one was made later and counts already.
    OlderThan(usize),
}

/// Where a further report stands beside those that count.
pub fn place(new: &Facts, counting: &[Facts]) -> Place {
    let corrects = |index: &usize| new.may_be_of(&counting[*index]) && new.covers_the_same_as(&counting[*index]);
    let mut corrected: Vec<usize> = (0..counting.len()).filter(corrects).collect();
    let numbers: HashSet<&str> =
        corrected.iter().map(|index| counting[*index].meeting.as_str()).filter(|meeting| !meeting.is_empty()).collect();
    // Without a number of its own it cannot be of several meetings at once.
    if new.meeting.is_empty() && numbers.len() > 1 {
        corrected.retain(|index| counting[*index].meeting.is_empty());
    }
    match corrected.iter().find(|index| new.is_older_than(&counting[**index])) {
        Some(newer) => Place::OlderThan(*newer),
        None => Place::InPlaceOf(corrected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EASTERN: Tz = Tz::America__New_York;

    /// A report of this meeting, of the minutes after one o'clock on a clock of this zone.
    fn report(meeting: &str, zone: Tz, from: i64, to: i64) -> Facts {
        let one = Instant::parse("2026-04-22T13:00:00Z").unwrap().utc();
        let at = |minute| Instant::from_local(one + chrono::Duration::minutes(minute), zone).unwrap();
        Facts { meeting: meeting.to_owned(), zone, span: (at(from), at(to)), generated_at: None }
    }

    #[test]
    fn a_report_takes_the_place_of_what_covers_the_same_minutes_of_its_meeting_and_is_added_otherwise() {
        let first = || report("1", EASTERN, 0, 20);
        let nameless = |from, to| report("", EASTERN, from, to);
        for (what, new, counting, places) in [
            ("nothing counts yet", first(), vec![], vec![]),
            ("the same file again", first(), vec![first()], vec![0]),
            ("a longer one", report("1", EASTERN, -10, 60), vec![first()], vec![0]),
            ("the meeting was begun again", report("1", EASTERN, 22, 60), vec![first()], vec![]),
            ("the whole after both halves", report("1", EASTERN, 0, 60), vec![first(), report("1", EASTERN, 22, 60)], vec![0, 1]),
            ("a correction of the second half", report("1", EASTERN, 22, 50), vec![first(), report("1", EASTERN, 22, 60)], vec![1]),
            ("another meeting at the same time", report("2", EASTERN, 0, 20), vec![first()], vec![]),
            ("no number, other minutes", nameless(22, 60), vec![nameless(0, 20)], vec![]),
            ("no number, the same minutes", nameless(0, 30), vec![nameless(0, 20)], vec![0]),
            ("a number where there was none", first(), vec![nameless(0, 20)], vec![0]),
            ("a number where there was none, other minutes", report("1", EASTERN, 22, 60), vec![nameless(0, 20)], vec![]),
            ("no number where there was one", nameless(0, 20), vec![first()], vec![0]),
            ("no number where there were two", nameless(0, 20), vec![first(), report("2", EASTERN, 0, 20), nameless(5, 9)], vec![2]),
            ("the same file in another zone", first(), vec![report("1", Tz::UTC, 0, 20)], vec![0]),
            ("the same file without a number in another zone", nameless(0, 20), vec![report("", Tz::UTC, 0, 20)], vec![0]),
            ("another file in another zone", first(), vec![report("1", Tz::UTC, 0, 21)], vec![]),
            ("touching is not overlapping", report("1", EASTERN, 20, 60), vec![first()], vec![]),
        ] {
            assert_eq!(place(&new, &counting), Place::InPlaceOf(places), "{what}");
        }
    }

    #[test]
    fn an_older_report_is_told_by_when_it_was_made_only_where_both_were_read_in_one_zone() {
        let made = |zone, hour: i64| Facts { generated_at: Some(report("1", zone, hour * 60, 0).span.0), ..report("1", zone, 0, 60) };
        let zoneless = report("1", EASTERN, 0, 60);
        assert_eq!(place(&made(EASTERN, 1), &[made(EASTERN, 2)]), Place::OlderThan(0));
        assert_eq!(place(&made(EASTERN, 2), &[made(EASTERN, 2)]), Place::InPlaceOf(vec![0]));
        assert_eq!(place(&zoneless, &[made(EASTERN, 2)]), Place::InPlaceOf(vec![0]));
        // First read in Pacific, by which it was made three hours later than it was.
        assert_eq!(place(&made(EASTERN, 1), &[made(Tz::America__Los_Angeles, 1)]), Place::InPlaceOf(vec![0]));
    }
}
