//! The shop's database, and all SQL.

pub mod arrival;
pub mod arriving;
pub mod attempts;
pub mod basket;
pub mod demo;
pub mod mails;
pub mod members;
pub mod orders;
pub mod pending;
mod proofs;
pub mod sessions;
pub mod unlinks;

use std::{path::Path, time::Duration};

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub use arrival::{Advanced, Arrival};
pub use attempts::Attempt;
pub use members::Member;
pub use sessions::Session;

/// Why the database could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the write lock, or every connection is in use.
    #[error("the database is busy")]
    Busy,
    #[error("the database failed: {0}")]
    Failed(sqlx::Error),
    #[error("a stored value cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        // SQLITE_BUSY is 5, SQLITE_LOCKED 6; extended codes have them in the low byte.
        let is_busy = match &error {
            sqlx::Error::PoolTimedOut => true,
            sqlx::Error::Database(error) => error
                .code()
                .and_then(|code| code.parse::<u32>().ok())
                .is_some_and(|code| matches!(code & 0xff, 5 | 6)),
            _ => false,
        };
        if is_busy { Self::Busy } else { Self::Failed(error) }
    }
}

/// The database. Clones share it.
#[derive(Clone)]
pub struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Opens the database, and makes it where there is none. Who waits for it longer than `timeout`
    /// gets [`StoreError::Busy`].
    ///
    /// # Errors
    /// When it cannot be opened or migrated.
    pub async fn open(folder: &Path, timeout: Duration) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let options = SqliteConnectOptions::new()
            .filename(folder.join("shop.sqlite"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(timeout)
            // Who leaves is gone from the file, too.
            .pragma("secure_delete", "ON");
        let pool = SqlitePoolOptions::new()
            .max_connections(8)
            .acquire_timeout(timeout)
            .connect_with(options)
            .await?;
        sqlx::migrate!().run(&pool).await?;
        Ok(Self { pool })
    }

    /// Closes the database.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A transaction that may write: it holds the write lock from the start, so that what it reads
    /// stays true until it ends.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}
