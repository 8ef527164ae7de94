//! Limits on how often one address may try something, such as signing in.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::error::{Error, Result};

/// The limits of a running service, each by a key such as a network address or an e-mail.
pub struct Limits {
    /// Sign-in tries of one network address.
    pub sign_ins: Limit,
    /// Sign-in tries for one e-mail address, whoever makes them.
    pub sign_in_emails: Limit,
    /// Password tries against one staff account.
    pub passwords: Limit,
    /// Orders, quotes and look-ups of the public by one network address.
    pub public: Limit,
}

/// One limit: a burst, refilled evenly.
pub struct Limit(DefaultKeyedRateLimiter<String>);

impl Limit {
    fn new(burst: u32, refill_one_every: Duration) -> Self {
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(refill_one_every).unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(burst);
        Self(RateLimiter::keyed(quota))
    }

    /// Counts a try of a network address; one caller has a whole /64 of IPv6 addresses.
    pub fn take_address(&self, address: &str) -> Result<()> {
        match address.parse::<IpAddr>() {
            Ok(IpAddr::V6(six)) => self.take(&six.segments()[..4].iter().map(|part| format!("{part:x}:")).collect::<String>()),
            _ => self.take(address),
        }
    }

    /// Counts a try; `TooMany` with the seconds to wait when there were too many.
    pub fn take(&self, key: &str) -> Result<()> {
        self.0.check_key(&key.to_owned()).map_err(|early| {
            let wait = early.wait_time_from(DefaultClock::default().now());
            Error::TooMany { retry_after_seconds: wait.as_secs() + 1 }
        })
    }

    /// Forgets keys that are full again, so that memory does not grow with every address ever seen.
    pub fn forget_idle(&self) {
        self.0.retain_recent();
    }
}

impl Limits {
    pub fn new() -> Self {
        Self {
            // A whole venue may share one address, so these only stop machines; addresses and accounts have limits of their own.
            sign_ins: Limit::new(120, Duration::from_millis(500)),
            sign_in_emails: Limit::new(20, Duration::from_secs(6)),
            passwords: Limit::new(8, Duration::from_secs(30)),
            public: Limit::new(600, Duration::from_millis(100)),
        }
    }

    /// Forgets idle keys of every limit.
    pub fn forget_idle(&self) {
        for limit in [&self.sign_ins, &self.sign_in_emails, &self.passwords, &self.public] {
            limit.forget_idle();
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
