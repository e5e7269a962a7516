//! Shares of the rate limit that all servers on one database have together.

use std::num::NonZeroU32;

use super::{
    Error, Store,
    engine::{Pool, on_a_live_connection},
    retried,
};

const MINUTE: i64 = 60_000_000;

/// Counts a request by the generic cell rate algorithm, as the limiter of a single server does: `$2` are
/// the microseconds after which a request is earned back, `$3` how far ahead a whole share is. Gives the
/// microseconds to wait, or no row when the request is let through. The clock is the database's.
const COUNT: &str = "
    WITH moment AS (
        SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT AS now
    ), counted AS (
        INSERT INTO rate_limits AS held (key, free_at)
            SELECT $1::BYTEA, moment.now + $2::BIGINT FROM moment
        ON CONFLICT (key) DO UPDATE
            SET free_at = greatest(held.free_at, excluded.free_at - $2::BIGINT) + $2::BIGINT
            WHERE held.free_at - (excluded.free_at - $2::BIGINT) <= $3::BIGINT
        RETURNING 1
    )
    SELECT coalesce(
        (SELECT free_at FROM rate_limits WHERE key = $1::BYTEA) - $3::BIGINT - moment.now,
        $2::BIGINT)
    FROM moment WHERE NOT EXISTS (SELECT 1 FROM counted)";

const FORGET: &str = "
    DELETE FROM rate_limits
    WHERE free_at < (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT";

impl Store {
    /// Counts a request against a share of so many a minute, which servers on one database of PostgreSQL
    /// have together. `Some` are the seconds to wait. The one server of SQLite counts by itself: none.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn count_together(
        &self,
        key: &[u8],
        per_minute: NonZeroU32,
    ) -> Result<Option<u64>, Error> {
        let Pool::Postgres(pool) = &self.readers else { return Ok(None) };
        let interval = MINUTE / i64::from(per_minute.get());
        let ahead = MINUTE - interval;
        let count = || {
            let count = sqlx::query_scalar(COUNT).bind(key).bind(interval).bind(ahead);
            count.fetch_optional(pool)
        };
        // Counted twice where a connection is lost, rather than not at all.
        let wait: Option<i64> = retried(|| on_a_live_connection(pool, count)).await?;
        // Rounded up: a client that comes back at that time is let through.
        Ok(wait.map(|wait| u64::try_from(wait / 1_000_000 + 1).unwrap_or(1)))
    }

    /// Deletes shares that are whole again.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(super) async fn forget_shares(&self) -> Result<(), Error> {
        if let Pool::Postgres(pool) = &self.readers {
            let forget = || sqlx::query(FORGET).execute(pool);
            retried(|| on_a_live_connection(pool, forget)).await?;
        }
        Ok(())
    }
}
