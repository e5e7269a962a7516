//! Everything that is kept, and all SQL there is. SQLite on disk; a PostgreSQL sibling would offer
//! the same methods.
//!
//! A write that was answered is on the disk: WAL with `synchronous=FULL`. Writers queue for one
//! connection, so that within a process nobody waits in SQLite's own busy loop; across processes
//! the busy timeout and the constraints of the schema do that work.

mod challenge;
mod decision;
mod document;
mod grant;
mod key;
mod session;
mod token;

use std::{path::Path, time::Duration};

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub use challenge::{Challenge, NewChallenge};
pub use decision::{Decision, NewDecision, Receipt, ReceiptItem, Written};
pub use document::StoredText;
pub use grant::{Grant, NewGrant};
pub use session::Session;
pub use token::{NewCode, Redemption, TOKEN_LIFETIME, TokenFault};

/// Nothing could be read or written. The reason goes to the log, not to the person.
pub type Error = sqlx::Error;

/// How long a statement waits for another process to finish writing.
const BUSY: Duration = Duration::from_secs(5);

/// Rows that one statement writes. Each statement is a way to SQLite's thread and back, which costs
/// more than the row; and a statement holds a limited number of values.
const ROWS_AT_ONCE: usize = 500;

/// The database.
#[derive(Debug, Clone)]
pub struct Store {
    readers: SqlitePool,
    writer: SqlitePool,
}

impl Store {
    /// Opens the database in a directory, and makes both where they are missing.
    ///
    /// # Errors
    /// When the directory or the database cannot be made, opened or brought up to date.
    pub async fn open(folder: &Path) -> Result<Self, Error> {
        make_private(folder).map_err(Error::Io)?;
        let options = SqliteConnectOptions::new()
            .filename(folder.join("consent.sqlite"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        let pool = |connections| {
            SqlitePoolOptions::new().max_connections(connections).acquire_timeout(BUSY)
        };
        let writer = pool(1).connect_with(options.clone()).await?;
        sqlx::migrate!("./migrations").run(&writer).await?;
        let readers = pool(4).connect_with(options).await?;
        Ok(Self { readers, writer })
    }

    /// Whether a write would succeed now.
    ///
    /// # Errors
    /// When it would not.
    pub async fn check_writable(&self) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        sqlx::query("UPDATE secrets SET value = value WHERE name = ''")
            .execute(&mut *transaction)
            .await?;
        transaction.rollback().await
    }

    /// Forgets what has no use any more. What proves a consent is never forgotten.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn forget_expired(&self, now: crate::clock::Seconds) -> Result<(), Error> {
        const DAY: i64 = 24 * 60 * 60;
        for (sql, before) in [
            // Kept for a day, so that whoever comes back late is told what happened.
            ("DELETE FROM challenges WHERE expires_at < ?", now - DAY),
            ("DELETE FROM sessions WHERE expires_at < ?", now),
            // Kept beside their tokens: a code that comes again takes its tokens back.
            ("DELETE FROM codes WHERE expires_at < ?", now - DAY),
            ("DELETE FROM tokens WHERE expires_at < ?", now),
        ] {
            sqlx::query(sql).bind(before).execute(&self.writer).await?;
        }
        Ok(())
    }

    /// Closes every connection. What is asked afterwards fails.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// A transaction that holds the write lock from the start: a transaction that begins by
    /// reading and goes on to write can be refused in the middle.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, Error> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }
}

/// The database holds keys: nobody else may read the directory.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Killing the process cannot show this: only a machine that loses its power forgets what was
    /// not synced.
    #[tokio::test]
    async fn a_commit_is_on_the_disk_before_it_is_answered() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let pragma = async |sql: &'static str| {
            sqlx::query_scalar::<_, i64>(sql).fetch_one(&store.writer).await.unwrap()
        };
        assert_eq!(pragma("PRAGMA synchronous").await, 2, "FULL");
        assert_eq!(pragma("PRAGMA foreign_keys").await, 1);
        assert!(pragma("PRAGMA busy_timeout").await >= 1000);
        let mode: String =
            sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&store.writer).await.unwrap();
        assert_eq!(mode, "wal");
    }
}
