//! Connections of PostgreSQL that are there.
//!
//! sqlx's pool can ask each connection whether it is there when it lends it: one message more for each statement,
//! a fifth of what a decision sends. Here the first statement finds out, where it can be done again.

use std::{io::ErrorKind, time::Duration};

use sqlx::{Connection as _, PgPool, Postgres, pool::PoolConnection, postgres::PgPoolOptions};
use tokio::time::timeout;

use crate::store::Error;

/// A connection that was used so recently is taken to be there. One that a firewall has forgotten meanwhile would
/// keep a statement waiting.
const FRESH: Duration = Duration::from_secs(1);

/// SQLSTATE of a connection that PostgreSQL, or a pooler, has ended: `admin_shutdown`, `crash_shutdown`,
/// `idle_session_timeout`, `connection_does_not_exist` and `connection_failure`.
const ENDED: [&str; 5] = ["57P01", "57P02", "57P05", "08003", "08006"];

/// A pool that asks only connections which lay in it for a while.
pub fn pool_options() -> PgPoolOptions {
    PgPoolOptions::new().test_before_acquire(false).before_acquire(|connection, about| {
        Box::pin(async move { Ok(about.idle_for < FRESH || connection.ping().await.is_ok()) })
    })
}

/// A connection that is there, for a statement that must not be done twice.
///
/// # Errors
/// When none can be had in time.
pub async fn acquire(pool: &PgPool) -> Result<PoolConnection<Postgres>, Error> {
    let found = async {
        // All that lie in the pool may be lost; the next one is new.
        for _ in 0..pool.size() {
            let mut connection = pool.acquire().await?;
            match connection.ping().await {
                Ok(()) => return Ok(connection),
                Err(_) => drop(connection.detach()),
            }
        }
        pool.acquire().await
    };
    let within = pool.options().get_acquire_timeout();
    timeout(within, found).await.map_err(|_| Error::PoolTimedOut)?
}

/// Does what is first on a connection of the pool and can be done again, and does it again while connections turn
/// out to be lost: after a failover, all that lie in the pool are.
///
/// # Errors
/// Those of the work.
pub async fn on_a_live_connection<T, W>(
    pool: &PgPool,
    mut work: impl FnMut() -> W,
) -> Result<T, Error>
where
    W: Future<Output = Result<T, Error>>,
{
    for _ in 0..pool.size() {
        match work().await {
            Err(error) if is_lost(&error) => {}
            ended => return ended,
        }
    }
    work().await
}

fn is_lost(error: &Error) -> bool {
    match error {
        Error::Io(error) => matches!(
            error.kind(),
            ErrorKind::BrokenPipe
                | ErrorKind::ConnectionAborted
                | ErrorKind::ConnectionReset
                | ErrorKind::UnexpectedEof
        ),
        Error::Database(reason) => reason.code().is_some_and(|code| ENDED.contains(&&*code)),
        _ => false,
    }
}
