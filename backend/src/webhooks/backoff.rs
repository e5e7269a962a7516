//! When to try again: eleven attempts in 24 hours.

use crate::{clock::Seconds, crypto};

/// Seconds after each attempt that failed. Together they are 24 hours.
const DELAYS: [Seconds; 10] = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 29_845];

/// A delay is longer or shorter by up to so many thousandths of it, so that events that failed together
/// are not repeated together.
const JITTER: Seconds = 100;

/// The longest that a service may ask for with `Retry-After`.
const LONGEST_RETRY_AFTER: Seconds = 60 * 60;

/// No event waits longer than this for its next attempt. One that does was scheduled by a clock that was
/// wrong.
pub const LONGEST_DELAY: Seconds = 12 * 60 * 60;

/// How long to wait after so many attempts, in seconds; none after the last one. `retry_after` is what
/// the service asked for.
#[must_use]
pub fn delay(attempts: i64, retry_after: Option<Seconds>) -> Option<Seconds> {
    delay_with(attempts, retry_after, random_jitter())
}

/// `jitter` is in thousandths.
fn delay_with(attempts: i64, retry_after: Option<Seconds>, jitter: Seconds) -> Option<Seconds> {
    let delay = *DELAYS.get(usize::try_from(attempts - 1).ok()?)?;
    let asked = retry_after.unwrap_or(0).min(LONGEST_RETRY_AFTER);
    Some((delay + delay * jitter / 1000).max(asked))
}

fn random_jitter() -> Seconds {
    let bits = Seconds::from(u32::from_be_bytes(crypto::random_bytes()));
    bits % (2 * JITTER + 1) - JITTER
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_last_attempt_is_24_hours_after_the_first() {
        let delays: Vec<_> = (1..).map_while(|it| delay_with(it, None, 0)).collect();
        assert_eq!((delays.len(), delays.iter().sum::<Seconds>()), (10, 24 * 60 * 60));
        assert!(delays.is_sorted(), "{delays:?}");
        assert!(DELAYS.iter().all(|it| it * (1000 + JITTER) / 1000 < LONGEST_DELAY));
    }

    #[test]
    fn delays_differ_by_a_tenth_and_follow_the_service() {
        assert_eq!(delay_with(4, None, -JITTER), Some(540));
        assert_eq!(delay_with(4, None, JITTER), Some(660));
        assert_eq!(delay_with(1, Some(90), 0), Some(90));
        assert_eq!(delay_with(1, Some(Seconds::MAX), 0), Some(LONGEST_RETRY_AFTER));
        assert_eq!(delay_with(10, Some(1), 0), Some(29_845));
        assert_eq!(delay_with(0, None, 0), None);
        let drawn: BTreeSet<_> = (0..100).filter_map(|_| delay(6, None)).collect();
        assert!(drawn.len() > 10, "{drawn:?}");
        assert!(drawn.iter().all(|it| (3240..=3960).contains(it)), "{drawn:?}");
    }
}
