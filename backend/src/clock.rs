//! The time, as the server sees it. One source, so that tests can move it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Seconds since 1970, UTC.
pub type Seconds = i64;

/// The system's clock, and how far a test has moved it.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    moved: Arc<AtomicI64>,
}

impl Clock {
    /// The time now.
    #[must_use]
    pub fn now(&self) -> Seconds {
        OffsetDateTime::now_utc().unix_timestamp() + self.moved.load(Ordering::Relaxed)
    }

    /// Moves this clock, and every copy of it, for tests that would otherwise wait.
    pub fn advance(&self, seconds: Seconds) {
        self.moved.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// A time as RFC 3339 in UTC, as the contract writes it.
#[must_use]
pub fn rfc3339(at: Seconds) -> String {
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .expect("stored times are times of this server, within the years RFC 3339 can write")
}
