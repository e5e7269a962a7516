//! Connections of SQLite that read.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sqlx::{Connection as _, SqliteConnection, SqlitePool, sqlite::SqliteConnectOptions};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::lookups::Lookups;
use crate::store::{Error, PoolUse};

/// Statements that run at once. Each connection has a thread, which sleeps until it is sent a statement;
/// with many, one is awake when the next statement comes.
const STATEMENTS: usize = 8;

/// A pool for transactions that read, connections for single statements, and some for lookups.
///
/// sqlx's pool asks a connection whether it is still there each time that it is given back. That is a way
/// to SQLite's thread and back, as the statement itself is, and most of what a short statement costs. A
/// connection to a file does not go away.
#[derive(Debug, Clone)]
pub struct SqliteReaders {
    pool: SqlitePool,
    kept: Arc<Kept>,
    lookups: Arc<Lookups>,
}

struct Kept {
    options: Arc<SqliteConnectOptions>,
    /// How long a statement waits for a connection.
    acquire_timeout: Duration,
    free: Arc<Semaphore>,
    /// Those that are open and not lent. Each is opened when all others are lent.
    connections: Mutex<Vec<SqliteConnection>>,
}

impl SqliteReaders {
    pub fn new(pool: SqlitePool) -> Self {
        let kept = Kept {
            options: pool.connect_options(),
            acquire_timeout: pool.options().get_acquire_timeout(),
            free: Arc::new(Semaphore::new(STATEMENTS)),
            connections: Mutex::default(),
        };
        let lookups = Arc::new(Lookups::new(kept.options.get_filename().to_owned()));
        Self { pool, kept: Arc::new(kept), lookups }
    }

    /// The connections of single statements.
    pub fn statements(&self) -> PoolUse {
        let in_use = STATEMENTS.saturating_sub(self.kept.free.available_permits());
        let open = in_use + self.kept.connections().len();
        let number = |it: usize| i64::try_from(it).unwrap_or(i64::MAX);
        PoolUse { open: number(open), in_use: number(in_use), most: number(STATEMENTS) }
    }

    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// The connections of lookups.
    pub fn lookups(&self) -> &Lookups {
        &self.lookups
    }

    /// A connection for one statement.
    ///
    /// # Errors
    /// When none can be had in time, or the database is closed.
    pub async fn lend(&self) -> Result<Lent, Error> {
        let kept = &self.kept;
        let free = timeout(kept.acquire_timeout, kept.free.clone().acquire_owned()).await;
        let permit = free.map_err(|_| Error::PoolTimedOut)?.map_err(|_| Error::PoolClosed)?;
        let open = kept.connections().pop();
        let connection = match open {
            Some(connection) => connection,
            None => SqliteConnection::connect_with(&kept.options).await?,
        };
        Ok(Lent { connection: Some(connection), kept: kept.clone(), _permit: permit })
    }

    /// Closes every connection. One that is lent is closed when it is given back.
    pub async fn close(&self) {
        self.lookups.close();
        self.kept.free.close();
        let open = std::mem::take(&mut *self.kept.connections());
        for connection in open {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "a connection to the database was not closed in order");
            }
        }
        self.pool.close().await;
    }
}

impl Kept {
    fn connections(&self) -> MutexGuard<'_, Vec<SqliteConnection>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("free", &self.free.available_permits()).finish_non_exhaustive()
    }
}

/// A connection for one statement. To be given back outside of a transaction.
pub struct Lent {
    /// There until it is dropped.
    connection: Option<SqliteConnection>,
    kept: Arc<Kept>,
    /// Free again after the connection is back.
    _permit: OwnedSemaphorePermit,
}

impl Deref for Lent {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        self.connection.as_ref().expect("a connection that is lent is there")
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("a connection that is lent is there")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut connections = self.kept.connections();
        // Checked under the lock of the list, which closing takes, too.
        if !self.kept.free.is_closed() {
            connections.extend(self.connection.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use sqlx::sqlite::SqlitePoolOptions;
    use tempfile::TempDir;

    use super::*;

    async fn readers() -> (SqliteReaders, TempDir) {
        readers_within(Duration::from_secs(5)).await
    }

    async fn readers_within(acquire_timeout: Duration) -> (SqliteReaders, TempDir) {
        let folder = TempDir::new().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("test.sqlite"))
            .create_if_missing(true);
        let pool = SqlitePoolOptions::new().acquire_timeout(acquire_timeout);
        (SqliteReaders::new(pool.connect_with(options).await.unwrap()), folder)
    }

    async fn one(readers: &SqliteReaders) -> Result<i64, Error> {
        let mut lent = readers.lend().await?;
        sqlx::query_scalar("SELECT 1").fetch_one(&mut *lent).await
    }

    fn open(readers: &SqliteReaders) -> usize {
        readers.kept.connections().len()
    }

    #[tokio::test]
    async fn as_many_connections_are_opened_as_statements_run_at_once() {
        let (readers, _folder) = readers().await;
        for _ in 0..3 {
            assert_eq!(one(&readers).await.unwrap(), 1);
        }
        assert_eq!(open(&readers), 1);
        let all = join_all((0..5 * STATEMENTS).map(|_| one(&readers))).await;
        assert!(all.into_iter().all(|it| it.is_ok_and(|it| it == 1)));
        assert!(open(&readers) <= STATEMENTS, "{}", open(&readers));
    }

    #[tokio::test]
    async fn a_statement_that_is_given_up_leaves_its_connection_to_the_next() {
        let (readers, _folder) = readers().await;
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
                       SELECT i FROM n LIMIT 3000000";
        let given_up = timeout(Duration::from_millis(20), async {
            let mut lent = readers.lend().await.unwrap();
            sqlx::query(endless).fetch_all(&mut *lent).await.unwrap();
        });
        assert!(given_up.await.is_err());
        assert_eq!(open(&readers), 1);
        assert_eq!(one(&readers).await.unwrap(), 1);
        assert_eq!(open(&readers), 1);
    }

    #[tokio::test]
    async fn nothing_is_lent_after_closing_and_nothing_stays_open() {
        let (readers, _folder) = readers().await;
        one(&readers).await.unwrap();
        let lent = readers.lend().await.unwrap();
        readers.close().await;
        drop(lent);
        assert_eq!(open(&readers), 0);
        assert!(matches!(one(&readers).await, Err(Error::PoolClosed)));
    }

    #[tokio::test]
    async fn a_statement_waits_for_a_connection_and_not_forever() {
        let (readers, _folder) = readers_within(Duration::from_millis(100)).await;
        let lent = join_all((0..STATEMENTS).map(|_| readers.lend())).await;
        assert!(matches!(one(&readers).await, Err(Error::PoolTimedOut)));
        drop(lent);
        assert_eq!(one(&readers).await.unwrap(), 1);
    }
}
