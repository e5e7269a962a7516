//! Whether the wall clock can be trusted enough to delete by it.
//!
//! A wall clock that is set far ahead, by mistake or by a broken time server, makes every session,
//! challenge and code look expired. Refusing them for a while does no harm; deleting them cannot be
//! undone when the clock is set right again.

use crate::clock::Seconds;

/// How far the wall clock may run ahead of the monotonic one. Less than the shortest life of what
/// is deleted: access tokens and challenges live for minutes to hours, and a time server corrects by
/// seconds.
const TOLERANCE: Seconds = 60 * 60;

/// How long a clock that jumped ahead must run before it is trusted again: enough time for
/// an operator to see the warning.
const PROBATION: Seconds = 24 * 60 * 60;

/// What is known of the wall clock.
#[derive(Debug)]
pub struct ClockGuard {
    /// The wall clock and the monotonic clock at a moment when both were right.
    wall: Seconds,
    elapsed: Seconds,
    jump: Option<Jump>,
}

/// The wall clock has run ahead.
#[derive(Debug, Clone, Copy)]
struct Jump {
    ahead: Seconds,
    /// When it was noticed, by the monotonic clock.
    since: Seconds,
}

/// Whether to delete by the wall clock now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    Trusted,
    /// It has just jumped ahead by this much.
    Jumped(Seconds),
    /// It jumped ahead before, and has not run for long enough since.
    OnProbation,
}

impl ClockGuard {
    /// Starts with a wall clock that is taken to be right.
    #[must_use]
    pub fn new(wall: Seconds, elapsed: Seconds) -> Self {
        Self { wall, elapsed, jump: None }
    }

    /// Judges the wall clock by how far the monotonic clock has gone.
    pub fn judge(&mut self, wall: Seconds, elapsed: Seconds) -> Judgement {
        let ahead = (wall - self.wall) - (elapsed - self.elapsed);
        if ahead.abs() <= TOLERANCE {
            // It was right all the time, or is again.
            self.jump = None;
            return Judgement::Trusted;
        }
        if ahead < 0 {
            // Set back. By an earlier time less is deleted, so there is nothing to wait for.
            *self = Self::new(wall, elapsed);
            return Judgement::Trusted;
        }
        match self.jump {
            Some(jump) if (ahead - jump.ahead).abs() <= TOLERANCE => {
                if elapsed - jump.since < PROBATION {
                    return Judgement::OnProbation;
                }
                *self = Self::new(wall, elapsed);
                Judgement::Trusted
            }
            _ => {
                self.jump = Some(Jump { ahead, since: elapsed });
                Judgement::Jumped(ahead)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Seconds = 60;
    const DAY: Seconds = 24 * 60 * MINUTE;
    const START: Seconds = 1_800_000_000;

    /// Judges every five minutes from one time to another, with the wall clock this far ahead.
    fn run(guard: &mut ClockGuard, from: Seconds, to: Seconds, ahead: Seconds) -> Vec<Judgement> {
        let times = (from..to).step_by(300);
        times.map(|elapsed| guard.judge(START + elapsed + ahead, elapsed)).collect()
    }

    #[test]
    fn a_clock_that_runs_evenly_is_trusted() {
        let mut guard = ClockGuard::new(START, 0);
        assert!(run(&mut guard, 0, 30 * DAY, 0).iter().all(|it| *it == Judgement::Trusted));
        // A long pause is no jump: both clocks have gone on.
        assert_eq!(guard.judge(START + 90 * DAY, 90 * DAY), Judgement::Trusted);
        // A time server corrects a little.
        assert_eq!(guard.judge(START + 91 * DAY + 90, 91 * DAY), Judgement::Trusted);
    }

    #[test]
    fn a_jump_ahead_is_on_probation_for_a_day() {
        let mut guard = ClockGuard::new(START, 0);
        run(&mut guard, 0, DAY, 0);
        let judged = run(&mut guard, DAY, 3 * DAY, 10 * DAY);
        assert_eq!(judged[0], Judgement::Jumped(10 * DAY));
        let (waiting, trusted) = judged[1..].split_at(287);
        assert!(waiting.iter().all(|it| *it == Judgement::OnProbation), "{waiting:?}");
        assert!(trusted.iter().all(|it| *it == Judgement::Trusted), "{trusted:?}");
    }

    #[test]
    fn a_clock_that_is_set_right_again_is_trusted_at_once() {
        let mut guard = ClockGuard::new(START, 0);
        assert_eq!(guard.judge(START + 100 * DAY, 300), Judgement::Jumped(100 * DAY - 300));
        assert_eq!(guard.judge(START + 100 * DAY + 300, 600), Judgement::OnProbation);
        assert_eq!(guard.judge(START + 900, 900), Judgement::Trusted);
        // And it has no second chance to jump unseen.
        assert!(matches!(guard.judge(START + 100 * DAY, 1200), Judgement::Jumped(_)));
    }

    #[test]
    fn a_second_jump_begins_probation_again() {
        let mut guard = ClockGuard::new(START, 0);
        assert!(matches!(guard.judge(START + 2 * DAY, 0), Judgement::Jumped(_)));
        assert!(matches!(guard.judge(START + 6 * DAY, DAY - 1), Judgement::Jumped(_)));
        assert_eq!(guard.judge(START + 6 * DAY + 300, DAY + 299), Judgement::OnProbation);
    }

    #[test]
    fn many_small_jumps_are_one_large_one() {
        let mut guard = ClockGuard::new(START, 0);
        let judged: Vec<_> =
            (1..=30).map(|n| guard.judge(START + n * (300 + 10 * MINUTE), n * 300)).collect();
        assert!(judged[..6].iter().all(|it| *it == Judgement::Trusted), "{judged:?}");
        assert!(judged[6..].iter().all(|it| *it != Judgement::Trusted), "{judged:?}");
    }

    #[test]
    fn a_clock_that_is_set_back_is_trusted() {
        let mut guard = ClockGuard::new(START, 0);
        assert_eq!(guard.judge(START - 10 * DAY, 300), Judgement::Trusted);
        assert_eq!(guard.judge(START - 10 * DAY + 300, 600), Judgement::Trusted);
        // To jump back to where it was is a jump, too.
        assert!(matches!(guard.judge(START + 900, 900), Judgement::Jumped(_)));
    }
}
