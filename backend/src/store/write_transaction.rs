//! A transaction that writes.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::{Error, wal_sync::WalSync};

/// A transaction that holds the write lock from the start: a transaction that begins by reading and
/// goes on to write can be refused in the middle. It is rolled back unless it is committed.
#[derive(Debug)]
pub(super) struct WriteTransaction {
    transaction: Transaction<'static, Sqlite>,
    wal: Arc<WalSync>,
}

impl WriteTransaction {
    /// Waits for the connection of `writer`, and for other processes.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn begin(writer: &SqlitePool, wal: &Arc<WalSync>) -> Result<Self, Error> {
        // The commit does not wait for the disk: `commit` does, without the connection.
        let begin = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE";
        let transaction = writer.begin_with(begin).await?;
        Ok(Self { transaction, wal: Arc::clone(wal) })
    }

    /// Commits, and returns when it is on the disk. The next transaction begins before that, so that
    /// several share a sync. Readers may see the write before it is on the disk.
    ///
    /// # Errors
    /// When it cannot be written. After a failed sync it may be seen nevertheless, until a loss of
    /// power.
    pub async fn commit(self) -> Result<(), Error> {
        self.transaction.commit().await?;
        self.wal.wait().await.map_err(Error::Io)
    }
}

impl Deref for WriteTransaction {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.transaction
    }
}

impl DerefMut for WriteTransaction {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}
