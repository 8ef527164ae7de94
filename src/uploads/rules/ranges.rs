//! Which bytes of a file a request asks for (RFC 9110, section 14).

use std::ops::Range;

/// What is answered to a `Range`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// No range, one that cannot be read, or one for another version: everything.
    Whole,
    Part(Range<u64>),
    /// Nothing of it is there.
    Unsatisfiable,
}

/// Reads `Range` for a file of this size. Several ranges at once are answered with the first: players ask for one, and
/// many at once are how servers are worn out.
pub fn asked(range: Option<&str>, if_range: Option<&str>, tag: &str, size: u64) -> Asked {
    let Some(range) = range else { return Asked::Whole };
    // A weak tag or a date never matches here, so everything is sent again.
    if if_range.is_some_and(|wanted| wanted.trim() != tag) {
        return Asked::Whole;
    }
    let Some((unit, ranges)) = range.split_once('=') else { return Asked::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Asked::Whole;
    }
    let Some((first, last)) = ranges.split(',').next().and_then(|one| one.trim().split_once('-')) else { return Asked::Whole };
    let number = |text: &str| -> Option<u64> { text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())? };
    match (first.trim(), last.trim()) {
        ("", suffix) => match number(suffix) {
            Some(0) => Asked::Unsatisfiable,
            Some(_) if size == 0 => Asked::Unsatisfiable,
            Some(length) => Asked::Part(size.saturating_sub(length)..size),
            None => Asked::Whole,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), _) if first >= size => Asked::Unsatisfiable,
            (Some(first), None) if last.is_empty() => Asked::Part(first..size),
            (Some(first), Some(last)) if last >= first => Asked::Part(first..last.saturating_add(1).min(size)),
            _ => Asked::Whole,
        },
    }
}

/// Whether `If-None-Match` names this tag.
pub fn is_known(if_none_match: Option<&str>, tag: &str) -> bool {
    let Some(given) = if_none_match else { return false };
    given.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_range_is_read_as_the_standard_says() {
        let read = |range: &str| asked(Some(range), None, "\"t\"", 1000);
        for (range, wanted) in [
            ("bytes=0-", Asked::Part(0..1000)),
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=999-", Asked::Part(999..1000)),
            ("bytes=500-9999", Asked::Part(500..1000)),
            ("bytes=-1", Asked::Part(999..1000)),
            ("bytes=-5000", Asked::Part(0..1000)),
            ("Bytes = 5 - 6", Asked::Part(5..7)),
            ("bytes=5-6,0-1", Asked::Part(5..7)),
            ("bytes=1000-", Asked::Unsatisfiable),
            ("bytes=1000-1001", Asked::Unsatisfiable),
            ("bytes=-0", Asked::Unsatisfiable),
            ("bytes=6-5", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=", Asked::Whole),
            ("bytes=5", Asked::Whole),
            ("items=0-1", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("bytes=99999999999999999999999-", Asked::Whole),
            ("", Asked::Whole),
        ] {
            assert_eq!(read(range), wanted, "{range:?}");
        }
        assert_eq!(asked(None, None, "\"t\"", 10), Asked::Whole);
        assert_eq!(asked(Some("bytes=0-"), None, "\"t\"", 0), Asked::Unsatisfiable);
    }

    #[test]
    fn a_range_of_another_version_gets_everything() {
        let with = |if_range: &str| asked(Some("bytes=1-2"), Some(if_range), "\"t\"", 10);
        assert_eq!(with("\"t\""), Asked::Part(1..3));
        for other in ["\"u\"", "W/\"t\"", "Mon, 09 Mar 2026 08:30:00 GMT", ""] {
            assert_eq!(with(other), Asked::Whole, "{other:?}");
        }
    }

    #[test]
    fn what_a_browser_has_is_not_sent_again() {
        assert!(is_known(Some("\"a\", \"t\""), "\"t\"") && is_known(Some("W/\"t\""), "\"t\"") && is_known(Some("*"), "\"t\""));
        assert!(!is_known(Some("\"a\""), "\"t\"") && !is_known(None, "\"t\""));
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_lies_inside_the_file(range in "(bytes=)?[0-9,\\- ]{0,24}", size in 0u64..5000) {
            if let Asked::Part(part) = asked(Some(&range), None, "\"t\"", size) {
                prop_assert!(part.start < part.end && part.end <= size, "{:?} of {}", part, size);
            }
        }
    }
}
