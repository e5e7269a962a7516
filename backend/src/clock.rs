//! The time, as the server sees it. One source, so that tests can move it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};
use time::{
    Duration, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description,
};

/// Seconds since 1970, UTC.
pub type Seconds = i64;

/// The system's wall clock and its monotonic clock, and how far a test has moved them.
#[derive(Debug, Clone)]
pub struct Clock {
    started: Instant,
    /// The system's time at which a test stopped both.
    stopped: Option<OffsetDateTime>,
    /// Seconds that a test let pass.
    passed: Arc<AtomicI64>,
    /// Seconds by which a test has set the wall clock.
    set: Arc<AtomicI64>,
}

impl Default for Clock {
    fn default() -> Self {
        Self { started: Instant::now(), stopped: None, passed: Arc::default(), set: Arc::default() }
    }
}

impl Clock {
    /// A clock that stands at the system's time of this call until a test moves it: what a test does
    /// takes no time, however slow the machine is.
    #[must_use]
    pub fn stopped() -> Self {
        Self { stopped: Some(OffsetDateTime::now_utc()), ..Self::default() }
    }

    /// The system's wall clock, or where it was stopped.
    fn unmoved(&self) -> OffsetDateTime {
        self.stopped.unwrap_or_else(OffsetDateTime::now_utc)
    }

    /// The time now, by the wall clock, which an administrator or a time server can set.
    #[must_use]
    pub fn now(&self) -> Seconds {
        self.unmoved().unix_timestamp()
            + self.passed.load(Ordering::Relaxed)
            + self.set.load(Ordering::Relaxed)
    }

    /// The time now as RFC 3339 in UTC, to the millisecond.
    #[must_use]
    pub fn timestamp(&self) -> String {
        let format = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        );
        let now = self.unmoved().saturating_add(Duration::seconds(self.moved()));
        now.format(&format).expect("the format needs nothing that a time lacks")
    }

    /// Seconds since this clock was made, by the monotonic clock, which no one can set.
    #[must_use]
    pub fn elapsed(&self) -> Seconds {
        let elapsed = match self.stopped {
            Some(_) => 0,
            None => Seconds::try_from(self.started.elapsed().as_secs()).unwrap_or(Seconds::MAX),
        };
        elapsed + self.passed.load(Ordering::Relaxed)
    }

    /// Lets time pass on this clock, and every copy of it, for tests that would otherwise wait.
    pub fn advance(&self, seconds: Seconds) {
        self.passed.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Another clock, whose wall clock is so many seconds ahead of this one.
    #[must_use]
    pub fn apart(&self, seconds: Seconds) -> Self {
        let copy = |it: &AtomicI64| Arc::new(it.load(Ordering::Relaxed).into());
        let apart = Self { passed: copy(&self.passed), set: copy(&self.set), ..self.clone() };
        apart.set_later(seconds);
        apart
    }

    /// How far a test has moved the wall clock, in seconds.
    #[must_use]
    pub fn moved(&self) -> Seconds {
        self.passed.load(Ordering::Relaxed).saturating_add(self.set.load(Ordering::Relaxed))
    }

    /// Puts this clock, and every copy of it, back to the system's time.
    pub fn put_back(&self) {
        self.passed.store(0, Ordering::Relaxed);
        self.set.store(0, Ordering::Relaxed);
    }

    /// Sets the wall clock of this clock, and of every copy of it, this much later, for tests.
    pub fn set_later(&self, seconds: Seconds) {
        self.set.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// A time as RFC 3339 with the offset of a time zone.
#[must_use]
pub fn rfc3339_in(zone: &TimeZone, at: Seconds) -> String {
    let Ok(timestamp) = Timestamp::from_second(at) else { return rfc3339(at) };
    match zone.to_offset(timestamp) {
        Offset::UTC => timestamp.to_string(),
        offset => timestamp.display_with_offset(offset).to_string(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_clock_moves_only_when_it_is_moved() {
        let clock = Clock::stopped();
        let (now, timestamp) = (clock.now(), clock.timestamp());
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        assert_eq!((clock.now(), clock.elapsed(), clock.timestamp()), (now, 0, timestamp));
        clock.advance(7);
        clock.set_later(5);
        assert_eq!((clock.now(), clock.elapsed()), (now + 12, 7));
    }

    #[test]
    fn a_timestamp_has_milliseconds_and_moves_with_the_clock() {
        let clock = Clock::default();
        let (before, seconds) = (clock.timestamp(), clock.now());
        let read = OffsetDateTime::parse(&before, &Rfc3339).unwrap();
        assert_eq!((before.len(), before.ends_with('Z')), (24, true), "{before}");
        assert!((seconds - read.unix_timestamp()).abs() <= 1, "{before}");
        clock.advance(24 * 60 * 60);
        let later = OffsetDateTime::parse(&clock.timestamp(), &Rfc3339).unwrap();
        assert_eq!((later - read).whole_days(), 1);
    }

    #[test]
    fn a_time_has_the_offset_of_its_zone() {
        let zones = jiff::tz::TimeZoneDatabase::bundled();
        let in_zone = |name: &str| rfc3339_in(&zones.get(name).unwrap(), 1_795_667_467);
        assert_eq!(in_zone("Asia/Seoul"), "2026-11-26T13:31:07+09:00");
        assert_eq!(in_zone("America/New_York"), "2026-11-25T23:31:07-05:00");
        assert_eq!(in_zone("UTC"), "2026-11-26T04:31:07Z");
        assert_eq!(rfc3339_in(&TimeZone::UTC, 0), rfc3339(0));
    }
}
