//! How far a copy of a database is, on standard error.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use consent_backend::Step;

/// A copy that is done before needs no lines.
const INTERVAL: Duration = Duration::from_secs(5);

/// Prints a line at most every few seconds.
pub struct Progress {
    /// When the last line was printed, or the copy began.
    last: Mutex<Instant>,
}

impl Progress {
    pub fn begin() -> Self {
        Self { last: Mutex::new(Instant::now()) }
    }

    pub fn print(&self, step: Step<'_>) {
        if let Some(line) = self.line(step, Instant::now()) {
            eprintln!("{line}");
        }
    }

    fn line(&self, step: Step<'_>, now: Instant) -> Option<String> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if now.duration_since(*last) < INTERVAL {
            return None;
        }
        *last = now;
        Some(match step {
            Step::Rows { table, done, of } => format!("{table}: {done} of {of} rows"),
            Step::Verifying => "verifying the receipts".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_copy_has_a_line_every_few_seconds() {
        let progress = Progress::begin();
        let began = Instant::now();
        let rows = Step::Rows { table: "decisions", done: 200, of: 1000 };
        let after = |seconds| began + Duration::from_secs(seconds);
        assert_eq!(progress.line(rows, after(1)), None, "it may be done soon");
        assert_eq!(progress.line(rows, after(6)).unwrap(), "decisions: 200 of 1000 rows");
        assert_eq!(progress.line(rows, after(8)), None);
        assert_eq!(progress.line(Step::Verifying, after(12)).unwrap(), "verifying the receipts");
    }
}
