//! Pools and connections of either engine.

use sqlx::{
    PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction,
    pool::PoolConnection,
};
use tracing::Instrument;

use super::{SqliteReaders, live, readers::Lent};
use crate::{
    store::Error,
    telemetry::profile::{Work, timed},
};

/// What the list of slow requests names the wait for a connection.
const READERS: &str = "connections";

/// The same for the connection of SQLite that writes, and those of PostgreSQL that begin a transaction.
const TRANSACTIONS: &str = "transactions";

/// A connection of a pool.
///
/// # Errors
/// When none can be had in time.
pub async fn acquired<DB: sqlx::Database>(
    pool: &sqlx::Pool<DB>,
) -> Result<PoolConnection<DB>, Error> {
    timed(Work::PoolWait, READERS, pool.acquire()).await
}

/// A connection of PostgreSQL that is there, for a statement that must not be done twice.
///
/// # Errors
/// When none can be had in time.
pub async fn acquired_live(pool: &PgPool) -> Result<PoolConnection<Postgres>, Error> {
    timed(Work::PoolWait, READERS, live::acquire(pool)).await
}

/// A transaction of SQLite that reads.
async fn begun(pool: &SqlitePool) -> Result<Transaction<'static, Sqlite>, Error> {
    timed(Work::PoolWait, TRANSACTIONS, pool.begin()).await
}

/// A connection of SQLite for one statement.
///
/// # Errors
/// When none can be had in time.
pub async fn lent(readers: &SqliteReaders) -> Result<Lent, Error> {
    timed(Work::PoolWait, READERS, readers.lend()).await
}

/// Connections to read with.
#[derive(Debug, Clone)]
pub enum Pool {
    Sqlite(SqlitePool),
    SqliteReaders(SqliteReaders),
    Postgres(PgPool),
}

/// A pool of sqlx, of either engine.
pub enum SqlxPool<'p> {
    Sqlite(&'p SqlitePool),
    Postgres(&'p PgPool),
}

impl Pool {
    /// The pool of sqlx.
    pub fn of_sqlx(&self) -> SqlxPool<'_> {
        match self {
            Self::Sqlite(pool) => SqlxPool::Sqlite(pool),
            Self::SqliteReaders(readers) => SqlxPool::Sqlite(readers.pool()),
            Self::Postgres(pool) => SqlxPool::Postgres(pool),
        }
    }

    /// A connection, outside of a transaction.
    ///
    /// # Errors
    /// When none can be had in time.
    pub async fn acquire(&self) -> Result<Connection, Error> {
        Ok(match self {
            Self::Sqlite(pool) => Connection::Sqlite(acquired(pool).await?),
            Self::SqliteReaders(readers) => Connection::Sqlite(acquired(readers.pool()).await?),
            Self::Postgres(pool) => Connection::Postgres(acquired_live(pool).await?),
        })
    }

    /// A transaction that reads one moment of the database, whatever is written meanwhile.
    ///
    /// # Errors
    /// When no connection can be had in time.
    pub async fn begin(&self) -> Result<Connection, Error> {
        // In SQLite a transaction that reads has a snapshot; PostgreSQL has one for each statement,
        // unless it is asked for one.
        const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(match self {
            Self::Sqlite(pool) => Connection::SqliteTransaction(begun(pool).await?),
            Self::SqliteReaders(readers) => {
                Connection::SqliteTransaction(begun(readers.pool()).await?)
            }
            Self::Postgres(pool) => {
                Connection::PostgresTransaction(begin_whole(pool, SNAPSHOT).await?)
            }
        })
    }

    /// Closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::SqliteReaders(readers) => readers.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A transaction of PostgreSQL that is begun to the end, also when the caller is given up meanwhile: sqlx
/// would know nothing of it, and give the connection to the next with the transaction open.
///
/// # Errors
/// When no connection can be had in time.
pub async fn begin_whole(
    pool: &PgPool,
    statement: &'static str,
) -> Result<Transaction<'static, Postgres>, Error> {
    let pool = pool.clone();
    let begin = async move {
        live::on_a_live_connection(&pool, || async { pool.begin_with(statement).await }).await
    };
    let begun = timed(Work::PoolWait, TRANSACTIONS, tokio::spawn(begin.in_current_span()));
    begun.await.map_err(|_| Error::WorkerCrashed)?
}

/// A connection, inside or outside of a transaction.
#[derive(Debug)]
pub enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    SqliteTransaction(Transaction<'static, Sqlite>),
    Postgres(PoolConnection<Postgres>),
    PostgresTransaction(Transaction<'static, Postgres>),
}

impl Connection {
    /// Commits the transaction. Outside of one there is nothing to do.
    ///
    /// # Errors
    /// When it cannot be committed.
    pub async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(_) | Self::Postgres(_) => Ok(()),
            Self::SqliteTransaction(transaction) => transaction.commit().await,
            Self::PostgresTransaction(transaction) => transaction.commit().await,
        }
    }
}

/// Where a statement runs: on any connection of a pool, or on this one.
pub enum Executor<'c> {
    SqlitePool(&'c SqlitePool),
    SqliteReaders(&'c SqliteReaders),
    Sqlite(&'c mut SqliteConnection),
    PostgresPool(&'c PgPool),
    Postgres(&'c mut PgConnection),
}

impl<'c> From<&'c Pool> for Executor<'c> {
    fn from(pool: &'c Pool) -> Self {
        match pool {
            Pool::Sqlite(pool) => Self::SqlitePool(pool),
            Pool::SqliteReaders(readers) => Self::SqliteReaders(readers),
            Pool::Postgres(pool) => Self::PostgresPool(pool),
        }
    }
}

impl<'c> From<&'c mut Connection> for Executor<'c> {
    fn from(connection: &'c mut Connection) -> Self {
        match connection {
            Connection::Sqlite(connection) => Self::Sqlite(connection),
            Connection::SqliteTransaction(transaction) => Self::Sqlite(transaction),
            Connection::Postgres(connection) => Self::Postgres(connection),
            Connection::PostgresTransaction(transaction) => Self::Postgres(transaction),
        }
    }
}
