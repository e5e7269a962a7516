//! Transactions that PostgreSQL gives up, and that can be done again.

use std::time::Duration;

use super::{Error, OpenError};
use crate::crypto;

/// How often a transaction is begun.
const TRIES: u32 = 5;

/// SQLSTATE of a transaction of which nothing was written, and which may succeed the next time:
/// `serialization_failure` and `deadlock_detected`. At READ COMMITTED, and with locks that are taken in
/// one order, PostgreSQL has neither; databases that speak its protocol have.
/// <https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html>
const TRANSIENT: [&str; 2] = ["40001", "40P01"];

/// The error of a function that writes.
pub(super) trait WriteError {
    /// What the database answered, if that is what went wrong.
    fn of_database(&self) -> Option<&Error>;
}

impl WriteError for Error {
    fn of_database(&self) -> Option<&Error> {
        Some(self)
    }
}

impl WriteError for OpenError {
    fn of_database(&self) -> Option<&Error> {
        match self {
            Self::Database(error) => Some(error),
            _ => None,
        }
    }
}

/// Does the work of one transaction, from its begin to its commit, and again while PostgreSQL gives it up.
/// Every transaction of [`Writer::begin`](super::Writer::begin) is begun in here.
///
/// # Errors
/// Those of the work. An error of a commit that was cut off ends it, since that may have succeeded.
pub(super) async fn retried<T, E, W>(mut work: impl FnMut() -> W) -> Result<T, E>
where
    E: WriteError,
    W: Future<Output = Result<T, E>>,
{
    for tried in 1..TRIES {
        match work().await {
            Err(error) if error.of_database().is_some_and(is_transient) => {
                // Who was in the way has ended then.
                let [jitter] = crypto::random_bytes::<1>();
                let wait = u64::from(jitter % 20) + 5 * (1 << tried);
                tokio::time::sleep(Duration::from_millis(wait)).await;
            }
            ended => return ended,
        }
    }
    work().await
}

fn is_transient(error: &Error) -> bool {
    let Error::Database(reason) = error else { return false };
    reason.code().is_some_and(|code| TRANSIENT.contains(&&*code))
}
