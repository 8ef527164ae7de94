//! What many watch at once: a text made at most once a second, however many ask for it.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration as Measured;

use chrono::Duration;

use crate::clock::{Instant, Stopwatch};
use crate::error::Result;

/// How long a text is shown before it is made anew.
const STAYS: Duration = Duration::seconds(1);
/// What takes long to make is made less often: making it takes at most one part in so many of the time.
const LEISURE: u32 = 10;

/// The texts by their keys; whoever finds one too old makes it while the others wait.
#[derive(Default)]
pub struct Snapshots {
    slots: Mutex<HashMap<String, Slot>>,
    made: AtomicU64,
}

type Slot = Arc<tokio::sync::Mutex<Option<Kept>>>;

struct Kept {
    text: Arc<str>,
    made_at: Instant,
    took: Measured,
}

impl Kept {
    fn is_fresh(&self, now: Instant) -> bool {
        let leisure = Duration::from_std(self.took * LEISURE).unwrap_or(STAYS);
        let age = now.since(self.made_at);
        age >= Duration::zero() && age < STAYS.max(leisure)
    }
}

impl Snapshots {
    /// The text under this key; `make` runs only where it is too old. A text that did not change stays the
    /// same in memory, so that watchers see by its address whether there is anything to send.
    pub async fn get(&self, key: &str, now: Instant, make: impl Future<Output = Result<String>>) -> Result<Arc<str>> {
        let slot = self.slots.lock().unwrap_or_else(PoisonError::into_inner).entry(key.to_owned()).or_default().clone();
        let mut place = slot.lock().await;
        if let Some(kept) = place.as_ref().filter(|kept| kept.is_fresh(now)) {
            return Ok(kept.text.clone());
        }
        let watch = Stopwatch::start();
        let made = make.await?;
        self.made.fetch_add(1, Ordering::Relaxed);
        let before = place.take().map(|kept| kept.text).filter(|text| **text == *made);
        let text = before.unwrap_or_else(|| made.into());
        *place = Some(Kept { text: text.clone(), made_at: now, took: watch.elapsed() });
        Ok(text)
    }

    /// How many texts were made since the start.
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }
}
