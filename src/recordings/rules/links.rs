//! Links to a recording's bytes: good for one person and a few minutes (REC-2).

use chrono::{Duration, NaiveDateTime};

use crate::clock::Instant;
use crate::ids::{hex, mac, same};

/// How long a link works.
pub const LASTS: Duration = Duration::minutes(10);

/// What a link is made for.
#[derive(Clone, Copy, Debug)]
pub struct Bound<'a> {
    pub recording: &'a str,
    pub upload: &'a str,
    pub person: &'a str,
}

/// Why a link is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Made for somebody or something else, or by nobody.
    Foreign,
    Over,
}

fn seal(key: &[u8], bound: Bound<'_>, expires: i64) -> String {
    let Bound { recording, upload, person } = bound;
    hex(&mac(key, &["recording", recording, upload, person, &expires.to_string()]))
}

/// The token of a link that works for this person from now on.
pub fn token(key: &[u8], bound: Bound<'_>, now: Instant) -> String {
    let expires = now.plus(LASTS).utc().and_utc().timestamp();
    format!("{expires}.{}", seal(key, bound, expires))
}

/// For how long a token still works that was made for this person and this file; compared in constant time.
pub fn check(key: &[u8], bound: Bound<'_>, token: &str, now: Instant) -> Result<Duration, Refusal> {
    let (expires, tag) = token.split_once('.').ok_or(Refusal::Foreign)?;
    let seconds: i64 = expires.parse().map_err(|_| Refusal::Foreign)?;
    if !same(&seal(key, bound, seconds), tag) {
        return Err(Refusal::Foreign);
    }
    let until = chrono::DateTime::from_timestamp(seconds, 0).map(|at| Instant::from_utc(NaiveDateTime::new(at.date_naive(), at.time())));
    until.map(|until| until.since(now)).filter(|left| *left > Duration::zero()).ok_or(Refusal::Over)
}

/// For how long a store's own link may work that is given for such a one: no longer, but long enough to be followed.
pub fn for_store(left: Duration) -> std::time::Duration {
    left.to_std().unwrap_or_default().max(std::time::Duration::from_secs(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_works_for_its_person_and_file_alone_and_for_ten_minutes() {
        let now = Instant::parse("2026-03-12T09:00:00-07:00").unwrap();
        let bound = Bound { recording: "r1", upload: "u1", person: "p1" };
        let token = token(b"key", bound, now);
        assert_eq!(check(b"key", bound, &token, now), Ok(LASTS));
        assert_eq!(check(b"key", bound, &token, now.plus(LASTS).minus(Duration::seconds(1))), Ok(Duration::seconds(1)));
        assert_eq!(check(b"key", bound, &token, now.plus(LASTS)), Err(Refusal::Over));
        for other in [Bound { person: "p2", ..bound }, Bound { recording: "r2", ..bound }, Bound { upload: "u2", ..bound }] {
            assert_eq!(check(b"key", other, &token, now), Err(Refusal::Foreign), "{other:?}");
        }
        assert_eq!(check(b"another key", bound, &token, now), Err(Refusal::Foreign));
        let later = token.split_once('.').map(|(at, tag)| format!("{}.{tag}", at.parse::<i64>().unwrap() + 3600)).unwrap();
        assert_eq!(check(b"key", bound, &later, now), Err(Refusal::Foreign));
        for nonsense in ["", ".", "1.", "x.y", "99999999999999999999.0", "0.", &token[1..]] {
            assert_eq!(check(b"key", bound, nonsense, now), Err(Refusal::Foreign), "{nonsense:?}");
        }
    }
}
