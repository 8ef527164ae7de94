//! How much of a recording somebody watched: the union of intervals, in milliseconds.

/// From here, inclusive, until there, exclusive.
pub type Interval = (i64, i64);

/// The longest recording, in milliseconds.
pub const LONGEST: i64 = 24 * 3600 * 1000;

/// The most intervals that are kept of one person; the shortest gaps are closed beyond it.
const MOST: usize = 500;

/// Reads `0-12.5,30-45.25` (seconds), as the player reports it. What cannot be read is left out.
pub fn read(text: &str) -> Vec<Interval> {
    text.split(',').take(1000).filter_map(one).collect()
}

fn one(text: &str) -> Option<Interval> {
    let (from, until) = text.trim().split_once('-')?;
    let (from, until) = (milliseconds(from)?, milliseconds(until)?);
    (from < until).then_some((from, until))
}

/// Seconds with a decimal point as milliseconds, between 0 and a day.
pub fn milliseconds(text: &str) -> Option<i64> {
    let seconds: f64 = text.trim().parse().ok()?;
    let milliseconds = (seconds * 1000.0).round();
    // Comparing first: what is no number is in no range.
    if (0.0..=LONGEST as f64).contains(&milliseconds) { Some(milliseconds as i64) } else { None }
}

/// The union of all intervals, clipped to the recording, in order, none touching the next.
pub fn union(intervals: impl IntoIterator<Item = Interval>, duration: i64) -> Vec<Interval> {
    let clipped = intervals.into_iter().map(|(from, until)| (from.max(0), until.min(duration)));
    let mut sorted: Vec<Interval> = clipped.filter(|(from, until)| from < until).collect();
    sorted.sort_unstable();
    let mut merged: Vec<Interval> = Vec::with_capacity(sorted.len());
    for (from, until) in sorted {
        match merged.last_mut() {
            Some((_, end)) if from <= *end => *end = until.max(*end),
            _ => merged.push((from, until)),
        }
    }
    // Somebody who jumps about for hours: the smallest holes are closed, which changes seconds.
    while merged.len() > MOST {
        let smallest = (1..merged.len()).min_by_key(|index| merged[*index].0 - merged[*index - 1].1);
        let Some(index) = smallest else { break };
        let (_, until) = merged.remove(index);
        merged[index - 1].1 = until;
    }
    merged
}

/// How long they are together.
pub fn total(intervals: &[Interval]) -> i64 {
    intervals.iter().map(|(from, until)| until - from).sum()
}

/// Whole percent of a recording, 100 only where (nearly) all was watched: players skip the last moments.
pub fn percent(watched: i64, duration: i64) -> i64 {
    if duration <= 0 {
        return 0;
    }
    if is_whole(watched, duration) { 100 } else { (watched * 100 / duration).clamp(0, 99) }
}

/// Whether but the last moments were watched: a second and a half at most, and of a short film a twentieth.
fn is_whole(watched: i64, duration: i64) -> bool {
    watched >= duration - (duration / 20).min(1500)
}

/// `12 of 45 minutes watched`, in seconds where it is short; without a length only what was watched.
pub fn words(watched: i64, duration: i64) -> String {
    if duration <= 0 {
        return if watched < 120_000 {
            format!("{} seconds watched", watched / 1000)
        } else {
            format!("{} minutes watched", watched / 60_000)
        };
    }
    if is_whole(watched, duration) {
        return "Watched to the end".to_owned();
    }
    if duration < 120_000 {
        return format!("{} of {} seconds watched", watched / 1000, (duration + 500) / 1000);
    }
    format!("{} of {} minutes watched", watched / 60_000, (duration + 30_000) / 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_player_reports_is_read_and_nonsense_is_left_out() {
        assert_eq!(read("0-12.5,30-45.25"), [(0, 12_500), (30_000, 45_250)]);
        for nonsense in ["", "-", "5-5", "6-5", "a-b", "NaN-inf", "0-inf", "-1-5", "0-99999999", "1e400-2"] {
            assert_eq!(read(nonsense), [], "{nonsense:?}");
        }
    }

    #[test]
    fn watching_the_same_again_counts_once() {
        let watched = union([(0, 10_000), (5_000, 20_000), (5_000, 20_000), (30_000, 99_000)], 60_000);
        assert_eq!(watched, [(0, 20_000), (30_000, 60_000)]);
        assert_eq!(total(&watched), 50_000);
        assert_eq!(words(total(&watched), 60_000), "50 of 60 seconds watched");
        assert_eq!(percent(50_000, 60_000), 83);
        assert_eq!(percent(59_999, 60_000), 100);
        assert_eq!(words(1_800, 3_000), "1 of 3 seconds watched");
        assert_eq!(words(2_900, 3_000), "Watched to the end");
        assert_eq!(words(720_000, 2_700_000), "12 of 45 minutes watched");
        assert_eq!((percent(5, 0), words(7_500, 0).as_str()), (0, "7 seconds watched"));
    }

    proptest! {
        #[test]
        fn the_union_is_what_was_watched_second_by_second(
            intervals in prop::collection::vec((0i64..200, 0i64..200), 0..40), duration in 1i64..180
        ) {
            let merged = union(intervals.iter().copied(), duration);
            let seen = (0..duration).filter(|at| intervals.iter().any(|(from, until)| from <= at && at < until)).count();
            prop_assert_eq!(total(&merged), seen as i64);
            prop_assert!(merged.windows(2).all(|pair| pair[0].1 < pair[1].0));
            prop_assert_eq!(union(merged.iter().copied(), duration), merged.clone());
            // In whatever order, and however often it is reported.
            let again = union(merged.iter().copied().chain(intervals.iter().rev().copied()), duration);
            prop_assert_eq!(again, merged);
        }
    }
}
