//! Copies of rows that hardly ever change and that every scan needs, kept for two seconds at most.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::Duration;

use crate::clock::Instant;

/// What another process changed is known here after this long; what this one changed, at once.
const TRUSTED_FOR: Duration = Duration::seconds(2);

/// Copies by key, fresh by a version that rises with every change of this process, and by their age.
pub struct Known<K, V>(Mutex<HashMap<K, Copied<V>>>);

struct Copied<V> {
    value: V,
    version: u64,
    read_at: Instant,
}

impl<K, V> Default for Known<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Known<K, V> {
    /// The copy, while it is fresh.
    pub fn get(&self, key: &K, version: u64, now: Instant) -> Option<V> {
        let copies = self.lock();
        let copied = copies.get(key)?;
        let age = now.since(copied.read_at);
        let is_fresh = copied.version == version && age >= Duration::zero() && age < TRUSTED_FOR;
        is_fresh.then(|| copied.value.clone())
    }

    /// Keeps a copy; `version` and `now` are those from before it was read, or a change meanwhile would go unseen.
    pub fn keep(&self, key: K, value: V, version: u64, now: Instant) {
        self.lock().insert(key, Copied { value, version, read_at: now });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Copied<V>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_trusted_for_two_seconds_and_not_past_a_change() {
        let known = Known::default();
        let read_at = Instant::parse("2026-03-09T08:30:00-07:00").unwrap();
        known.keep("door-B1", 1, 7, read_at);
        assert_eq!(known.get(&"door-B1", 7, read_at), Some(1));
        assert_eq!(known.get(&"door-B1", 7, read_at.plus(Duration::milliseconds(1999))), Some(1));
        assert_eq!(known.get(&"door-B1", 7, read_at.plus(Duration::seconds(2))), None);
        assert_eq!(known.get(&"door-B1", 8, read_at), None);
        assert_eq!(known.get(&"door-B1", 7, read_at.minus(Duration::seconds(1))), None, "the clock was set back");
        assert_eq!(known.get(&"door-B2", 7, read_at), None);
    }
}
