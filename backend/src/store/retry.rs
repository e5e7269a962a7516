//! Transactions that PostgreSQL gives up, and that can be done again.

use std::time::Duration;

use super::Error;
use crate::crypto;

/// How often a transaction is begun.
const TRIES: u32 = 5;

/// SQLSTATE of a transaction of which nothing was written, and which may succeed the next time:
/// `serialization_failure` and `deadlock_detected`. At READ COMMITTED, and with locks that are taken in
/// one order, PostgreSQL has neither; databases that speak its protocol have.
/// <https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html>
const TRANSIENT: [&str; 2] = ["40001", "40P01"];

/// Counts how often a transaction was begun.
#[derive(Debug, Default)]
pub(super) struct Tries(u32);

impl Tries {
    /// Whether a transaction that failed so is to be begun again. Waits before: who was in the way has
    /// ended then. An error of a commit that was cut off is none of these, since it may have succeeded.
    pub async fn again(&mut self, error: &Error) -> bool {
        self.0 += 1;
        if self.0 >= TRIES || !is_transient(error) {
            return false;
        }
        let [jitter] = crypto::random_bytes::<1>();
        let wait = u64::from(jitter % 20) + 5 * (1 << self.0);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        true
    }
}

fn is_transient(error: &Error) -> bool {
    let Error::Database(reason) = error else { return false };
    reason.code().is_some_and(|code| TRANSIENT.contains(&&*code))
}
