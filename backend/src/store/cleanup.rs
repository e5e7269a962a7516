//! Deleting what has no use any more, in steps that no request has to wait for.

use std::time::{Duration, Instant};

use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::{Error, Store, WAL_LIMIT, engine::Execution, retried};
use crate::clock::Seconds;

/// Rows that one transaction deletes: as long as it runs, every other writer waits.
const BATCH: i64 = 100;

/// The shortest pause between two transactions. Writers of this process queue and come next anyway;
/// writers of other processes wait in SQLite's busy loop and need a gap.
const PAUSE: Duration = Duration::from_millis(10);

/// How long a checkpoint waits for readers. It holds the write lock meanwhile; when readers do not
/// end, the next cleanup tries again.
const CHECKPOINT_BUSY_TIMEOUT: Duration = Duration::from_millis(50);

const DAY: Seconds = 24 * 60 * 60;

/// Rows that have no use from some time on. `?1` is that time, `?2` how many are deleted at most.
/// Each names the index that it goes by: nothing is ever searched row by row.
struct Expired {
    sql: &'static str,
    /// How long they are kept.
    kept_for: Seconds,
}

const EXPIRED: [Expired; 12] = [
    // A day longer, so that a browser that comes back late learns what happened.
    Expired {
        sql: "DELETE FROM challenges WHERE id IN (
                  SELECT id FROM challenges INDEXED BY challenges_by_expiry
                  WHERE expires_at < ?1 LIMIT ?2)",
        kept_for: DAY,
    },
    Expired {
        sql: "DELETE FROM sessions WHERE id IN (
                  SELECT id FROM sessions INDEXED BY sessions_by_expiry
                  WHERE expires_at < ?1 LIMIT ?2)",
        kept_for: 0,
    },
    Expired {
        sql: "DELETE FROM sign_in_attempts WHERE state IN (
                  SELECT state FROM sign_in_attempts INDEXED BY sign_in_attempts_by_expiry
                  WHERE expires_at < ?1 LIMIT ?2)",
        kept_for: 0,
    },
    // Of links that no guardian agreed to. An agreement is kept as long as the connection.
    Expired {
        sql: "DELETE FROM guardian_consents WHERE (account, service) IN (
                  SELECT account, service FROM guardian_consents INDEXED BY guardian_consents_by_need
                  WHERE needed_at < ?1 AND agreed_at IS NULL LIMIT ?2)",
        kept_for: 90 * DAY,
    },
    // A day longer: a code that is used again revokes its tokens.
    Expired {
        sql: "DELETE FROM codes WHERE code IN (
                  SELECT code FROM codes INDEXED BY codes_by_expiry
                  WHERE expires_at < ?1 LIMIT ?2)",
        kept_for: DAY,
    },
    Expired {
        sql: "DELETE FROM tokens WHERE token IN (
                  SELECT token FROM tokens INDEXED BY tokens_by_expiry
                  WHERE expires_at < ?1 LIMIT ?2)",
        kept_for: 0,
    },
    // Rotated tokens are kept as long as they could be used: one that comes again ends its family.
    Expired {
        sql: "DELETE FROM refresh_tokens WHERE token IN (
                  SELECT token FROM refresh_tokens INDEXED BY refresh_tokens_by_expiry
                  WHERE expires_at < ?1 LIMIT ?2)",
        kept_for: 0,
    },
    Expired {
        sql: "DELETE FROM pushed_requests WHERE id IN (
                  SELECT id FROM pushed_requests INDEXED BY pushed_requests_by_expiry
                  WHERE expires_at < ?1 LIMIT ?2)",
        kept_for: 0,
    },
    Expired {
        sql: "DELETE FROM outbox WHERE id IN (
                  SELECT id FROM outbox INDEXED BY outbox_delivered
                  WHERE delivered_at < ?1 LIMIT ?2)",
        kept_for: 7 * DAY,
    },
    // Dead letters, as long as an operator may take to notice them.
    Expired {
        sql: "DELETE FROM outbox WHERE id IN (
                  SELECT id FROM outbox INDEXED BY outbox_dead WHERE dead_at < ?1 LIMIT ?2)",
        kept_for: 60 * DAY,
    },
    // Longer than a sender tries again. After that, the time of the event keeps it from counting twice.
    Expired {
        sql: "DELETE FROM messenger_events WHERE id IN (
                  SELECT id FROM messenger_events INDEXED BY messenger_events_by_time
                  WHERE received_at < ?1 LIMIT ?2)",
        kept_for: 7 * DAY,
    },
    Expired {
        sql: "DELETE FROM notices WHERE (receipt_id, key, cycle) IN (
                  SELECT receipt_id, key, cycle FROM notices INDEXED BY notices_by_due
                  WHERE due_at < ?1 AND announced_at IS NOT NULL LIMIT ?2)",
        kept_for: 60 * DAY,
    },
];

/// `cargo xtask bench` reads it.
pub(super) fn log_deleted(rows: u64, since: Instant) {
    let microseconds = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::debug!(rows, microseconds, "deleted expired rows");
}

impl Store {
    /// Deletes what has no use any more, and receipts whose retention period has ended, and gives the
    /// space of the write-ahead log back.
    ///
    /// # Errors
    /// When the database cannot be written. What was deleted until then stays deleted.
    pub async fn clean_up(&self, now: Seconds) -> Result<(), Error> {
        let mut checkpointer = self.checkpointer().await?;
        for Expired { sql, kept_for } in EXPIRED {
            loop {
                let start = Instant::now();
                let before = now - kept_for;
                let done = retried(|| async {
                    let delete = Execution::listed(sql).bind(&before).bind(&BATCH);
                    let mut transaction = self.begin().await?;
                    let done = delete.execute(&mut *transaction).await?;
                    transaction.commit().await?;
                    Ok::<_, Error>(done)
                })
                .await?;
                let pause = start.elapsed().max(PAUSE);
                if done.rows_affected() == 0 {
                    break;
                }
                log_deleted(done.rows_affected(), start);
                // Deletes fill the log fast, and the commit that finds it full must copy it into the
                // database first. That must not be a user's decision.
                if let Some(connection) = &mut checkpointer {
                    sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(connection).await?;
                }
                // At least half of the time belongs to the others.
                tokio::time::sleep(pause).await;
            }
        }
        if let Some(connection) = checkpointer {
            connection.close().await?;
        }
        self.forget_shares().await?;
        self.delete_ended_receipts(now).await?;
        self.forget_retired_keys(now).await?;
        self.checkpoint().await
    }

    /// A connection whose checkpoints give up soon instead of making others wait. PostgreSQL makes
    /// checkpoints by itself.
    async fn checkpointer(&self) -> Result<Option<SqliteConnection>, Error> {
        let Some(writer) = self.writer.sqlite() else { return Ok(None) };
        let options = writer.connect_options().as_ref().clone();
        options.busy_timeout(CHECKPOINT_BUSY_TIMEOUT).connect().await.map(Some)
    }

    /// Moves SQLite's write-ahead log into the database and empties it.
    pub(super) async fn checkpoint(&self) -> Result<(), Error> {
        let Some(mut connection) = self.checkpointer().await? else { return Ok(()) };
        // No request waits for this one, and it leaves the next one little to do.
        sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mut connection).await?;
        let (busy, pages, _): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await?;
        let page: i64 = sqlx::query_scalar("PRAGMA page_size").fetch_one(&mut connection).await?;
        if busy != 0 && pages * page > i64::from(WAL_LIMIT) {
            tracing::warn!(
                bytes = pages * page,
                "the write-ahead log cannot be emptied: something has been reading the database all \
                 the time"
            );
        }
        connection.close().await
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{AssertSqlSafe, Row};

    use super::*;
    use crate::store::tests::open;

    /// Every statement that deletes by time, and those of other files that delete by owner.
    #[tokio::test]
    async fn every_delete_goes_by_an_index() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let by_owner = [
            "DELETE FROM codes WHERE account = ? AND service = ?",
            "DELETE FROM tokens WHERE account = ? AND service = ?",
            "DELETE FROM tokens WHERE code = ?",
            "DELETE FROM refresh_tokens WHERE account = ? AND service = ?",
            "UPDATE refresh_tokens SET state = ?, is_accepted_again = FALSE
                 WHERE code = ? AND state IN ('active', 'rotated')",
            "DELETE FROM codes WHERE session = ? AND used = FALSE",
            "DELETE FROM tokens WHERE session = ? AND is_offline = FALSE",
            "UPDATE refresh_tokens SET state = 'revoked', is_accepted_again = FALSE
                 WHERE session = ? AND is_offline = FALSE AND state IN ('active', 'rotated')",
            "SELECT 1 FROM codes WHERE account = ? AND service = ? AND receipt_id IS NULL
                 AND expires_at > ?",
        ];
        for sql in EXPIRED.iter().map(|expired| expired.sql).chain(by_owner) {
            let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
                .fetch_all(store.writer.sqlite().unwrap())
                .await
                .unwrap();
            let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
            assert!(steps.iter().any(|step| step.starts_with("SEARCH")), "{sql}: {steps:?}");
            assert!(!steps.iter().any(|step| step.contains("SCAN")), "{sql}: {steps:?}");
        }
    }

    #[tokio::test]
    async fn a_reader_that_does_not_end_delays_no_checkpoint() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        store.check_writable().await.unwrap();
        let mut reading = store.readers.begin().await.unwrap();
        Execution::listed("SELECT * FROM secrets").execute(&mut reading).await.unwrap();
        store.check_writable().await.unwrap();
        let start = Instant::now();
        store.clean_up(1_800_000_000).await.unwrap();
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
        drop(reading);
    }

    /// `PRAGMA optimize` once noted "one row" for each table. When 300,000 challenges had expired, each
    /// batch searched all of them, and every decision waited for 100 ms.
    #[tokio::test]
    async fn a_start_forgets_statistics() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        insert_expired_challenges(&store, 1).await;
        store.on_the_writer("ANALYZE").await.unwrap();
        assert!(store.count("SELECT count(*) FROM sqlite_stat1").await > 0, "nothing to forget");
        drop(store);
        let store = open(folder.path()).await;
        assert_eq!(store.count("SELECT count(*) FROM sqlite_stat1").await, 0);
    }

    #[tokio::test]
    async fn cleaning_up_notes_no_statistics() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        insert_expired_challenges(&store, 2 * BATCH).await;
        // Before they have expired: they stay, as the rows of a server in use do.
        store.clean_up(1_000_000_000).await.unwrap();
        assert_eq!(store.count("SELECT count(*) FROM challenges").await, 2 * BATCH);
        let noted = "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'";
        assert_eq!(store.count(noted).await, 0);
        store.clean_up(1_800_000_000).await.unwrap();
        assert_eq!(store.count("SELECT count(*) FROM challenges").await, 0);
        assert_eq!(store.count(noted).await, 0);
    }

    async fn insert_expired_challenges(store: &Store, count: i64) {
        sqlx::query(
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
             INSERT INTO challenges
                 (id, session, account, service, query, locale, signed_in, expires_at)
             SELECT randomblob(32), n, 'hana', 'shop', '', 'ko', n, 1000000000 FROM numbers",
        )
        .bind(count)
        .execute(store.writer.sqlite().unwrap())
        .await
        .unwrap();
    }

    #[tokio::test]
    async fn the_log_of_a_killed_process_is_emptied_at_the_start() {
        let folder = tempfile::TempDir::new().unwrap();
        let killed = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        store.check_writable().await.unwrap();
        // As they are on the disk in the middle of its work.
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let file = entry.unwrap();
            std::fs::copy(file.path(), killed.path().join(file.file_name())).unwrap();
        }
        let log = killed.path().join("consent.sqlite-wal");
        assert!(std::fs::metadata(&log).unwrap().len() > 0);
        let _store = open(killed.path()).await;
        assert_eq!(std::fs::metadata(&log).unwrap().len(), 0);
    }
}
