//! Transactions that write.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

use super::{
    Error,
    engine::{Connection, Executor, begin_whole},
    wal_flush::WalFlush,
    wal_sync::WalSync,
};
use crate::{
    crypto,
    telemetry::{
        self, Span,
        profile::{Work, timed},
    },
};

/// How long a transaction waits for another one. In SQLite the busy timeout does this.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// How long PostgreSQL lets a transaction hold its locks while its server sends nothing. Less than
/// [`LOCK_TIMEOUT`]: a server that is paused, or cut off, makes others wait but not fail.
const IDLE_TIMEOUT: Duration = Duration::from_secs(3);

/// The lock of PostgreSQL for the whole store. Locks of accounts are 64 bits of a digest; one of them
/// being this one would only let that account wait.
pub(super) const STORE_LOCK: i64 = 0;

/// The lock for the numbers of signed receipts.
const RECEIPTS_LOCK: i64 = 1;

/// The lock of who adds receipts to their log.
const RECEIPT_LOG_LOCK: i64 = 2;

/// What no other transaction writes at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope<'a> {
    /// Anything.
    Store,
    /// Anything of this account.
    Account(&'a str),
    /// Which events of this service are delivered, and which requests it has pushed.
    Service(&'a str),
    /// The log of receipts. Decisions, which write receipts, go on: what has been committed has numbers
    /// without a gap.
    ReceiptLog,
    /// Nothing but whole transactions of [`Self::Store`]: each row is written by itself.
    Shared,
}

impl Scope<'_> {
    /// Its kind, without whose it is.
    fn kind(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Account(_) => "account",
            Self::Service(_) => "service",
            Self::ReceiptLog => "receipt_log",
            Self::Shared => "shared",
        }
    }

    /// The statements of PostgreSQL that take its locks.
    fn locks(self) -> String {
        let lock = match self {
            Self::Store => return format!("SELECT pg_advisory_xact_lock({STORE_LOCK})"),
            Self::Shared => return format!("SELECT pg_advisory_xact_lock_shared({STORE_LOCK})"),
            Self::ReceiptLog => RECEIPT_LOG_LOCK,
            Self::Account(account) => lock_of(&format!("account {account}")),
            Self::Service(service) => lock_of(&format!("service {service}")),
        };
        // One after the other: the order of the columns of one statement is not promised.
        format!(
            "SELECT pg_advisory_xact_lock_shared({STORE_LOCK}); \
             SELECT pg_advisory_xact_lock({lock})"
        )
    }
}

/// The number of the lock that a name has.
fn lock_of(name: &str) -> i64 {
    crypto::fingerprint(name).iter().take(8).fold(0, |lock, byte| (lock << 8) | i64::from(*byte))
}

/// What writes.
#[derive(Debug, Clone)]
pub(super) enum Writer {
    /// A pool of one connection, in which the writers of this process queue.
    Sqlite(SqlitePool, Arc<WalSync>),
    Postgres(PgPool, WalFlush),
}

/// What is committed and may not be on the disk yet.
#[derive(Debug)]
enum Unsynced {
    /// Everything that was committed before, in SQLite.
    Sqlite(Arc<WalSync>),
    /// The transaction with this receipt, in PostgreSQL.
    Postgres(WalFlush, String),
}

impl Unsynced {
    /// Returns once it is on the disk.
    async fn synced(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(wal) => wal.wait().await.map_err(Error::Io),
            Self::Postgres(wal, receipt_id) => wal.wait(&receipt_id).await,
        }
    }
}

impl Writer {
    /// What writes through a pool of PostgreSQL.
    pub fn postgres(pool: PgPool) -> Self {
        let wal = WalFlush::new(pool.connect_options());
        Self::Postgres(pool, wal)
    }

    /// Begins a transaction in which nothing of the scope is written by others, in this process or
    /// another: what it reads holds until it commits.
    ///
    /// SQLite has one writer. In PostgreSQL, transactions of different accounts do not wait for each
    /// other: each shares the lock of the store and has the one of its account. The locks end with
    /// the transaction, also behind a pooler.
    ///
    /// # Errors
    /// When the database cannot be written, or others do not end in time.
    pub async fn begin(&self, scope: Scope<'_>) -> Result<WriteTransaction, Error> {
        let span = telemetry::writing(self.system(), scope.kind());
        match self.begin_with_locks(scope).await {
            Ok((connection, unsynced)) => {
                span.reached("begun");
                Ok(WriteTransaction { writer: self.clone(), connection, unsynced, span })
            }
            Err(error) => {
                span.failed(kind_of(&error));
                Err(error)
            }
        }
    }

    async fn begin_with_locks(
        &self,
        scope: Scope<'_>,
    ) -> Result<(Connection, Option<Unsynced>), Error> {
        match self {
            Self::Sqlite(pool, wal) => {
                // The commit does not wait for the disk: `commit` does, without the connection. A
                // transaction that begins by reading and goes on to write can be refused in the middle.
                let begin = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE";
                let connection = Connection::SqliteTransaction(
                    timed(Work::PoolWait, "transactions", pool.begin_with(begin)).await?,
                );
                Ok((connection, Some(Unsynced::Sqlite(Arc::clone(wal)))))
            }
            Self::Postgres(pool, _) => {
                let (lock_timeout, idle_timeout) =
                    (LOCK_TIMEOUT.as_millis(), IDLE_TIMEOUT.as_millis());
                let locks = format!(
                    "SET LOCAL lock_timeout = {lock_timeout}; \
                     SET LOCAL idle_in_transaction_session_timeout = {idle_timeout}; {}",
                    scope.locks()
                );
                // Each statement sees what was committed before it began, and so before the locks were had.
                let begin = "BEGIN ISOLATION LEVEL READ COMMITTED";
                // Not with the locks: what fails while it begins is not rolled back.
                let mut transaction = begin_whole(pool, begin).await?;
                let locked = sqlx::raw_sql(AssertSqlSafe(locks)).execute(&mut *transaction);
                timed(Work::LockWait, scope.kind(), locked).await?;
                Ok((Connection::PostgresTransaction(transaction), None))
            }
        }
    }

    /// Returns once the decision with this receipt, which was read, is on the disk.
    ///
    /// # Errors
    /// When a sync fails, or the receipt is not in the database any more.
    pub async fn synced(&self, receipt_id: &str) -> Result<(), Error> {
        match self {
            Self::Sqlite(_, wal) => wal.wait().await.map_err(Error::Io),
            Self::Postgres(_, wal) => wal.wait(receipt_id).await,
        }
    }

    /// The name of the engine in the conventions of OpenTelemetry.
    fn system(&self) -> &'static str {
        match self {
            Self::Sqlite(..) => "sqlite",
            Self::Postgres(..) => "postgresql",
        }
    }

    /// SQLite's connection that writes; none in PostgreSQL.
    pub fn sqlite(&self) -> Option<&SqlitePool> {
        match self {
            Self::Sqlite(pool, _) => Some(pool),
            Self::Postgres(..) => None,
        }
    }

    /// Closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool, _) => pool.close().await,
            Self::Postgres(pool, _) => pool.close().await,
        }
    }
}

impl<'c> From<&'c Writer> for Executor<'c> {
    fn from(writer: &'c Writer) -> Self {
        match writer {
            Writer::Sqlite(pool, _) => Self::SqlitePool(pool),
            Writer::Postgres(pool, _) => Self::PostgresPool(pool),
        }
    }
}

/// A transaction that holds its lock from the start. It is rolled back unless it is committed.
#[derive(Debug)]
pub(super) struct WriteTransaction {
    writer: Writer,
    connection: Connection,
    /// What the commit leaves to be waited for.
    unsynced: Option<Unsynced>,
    span: Span,
}

/// What went wrong, as one word of a few: the code of the database, where it has one.
fn kind_of(error: &Error) -> String {
    let code = error.as_database_error().and_then(|error| error.code());
    code.map_or_else(|| "_OTHER".to_owned(), |code| code.into_owned())
}

impl WriteTransaction {
    /// Waits until no other transaction gives a signed receipt its number: numbers have no gaps, and a
    /// sequence of PostgreSQL has. The last lock that a transaction takes.
    ///
    /// From here on the commit does not wait for the disk: [`Self::commit`] does, without the lock, which
    /// would let one transaction after the other wait for a flush of its own.
    ///
    /// # Errors
    /// When others do not end in time.
    pub async fn lock_receipts(&mut self, receipt_id: &str) -> Result<(), Error> {
        if let Connection::PostgresTransaction(transaction) = &mut self.connection
            && let Writer::Postgres(_, wal) = &self.writer
        {
            let lock = format!(
                "SET LOCAL synchronous_commit = off; SELECT pg_advisory_xact_lock({RECEIPTS_LOCK})"
            );
            let locked = sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut **transaction);
            timed(Work::LockWait, "receipts", locked).await?;
            self.unsynced = Some(Unsynced::Postgres(wal.clone(), receipt_id.to_owned()));
        }
        Ok(())
    }

    /// Commits, and returns when it is on the disk. In SQLite, and in PostgreSQL where a receipt was written,
    /// the next transaction begins before that, so that several share a sync, and readers may see the write
    /// before it is on the disk.
    ///
    /// # Errors
    /// When it cannot be written. After a failed sync it may be seen nevertheless, until a loss of
    /// power.
    pub async fn commit(self) -> Result<(), Error> {
        let Self { connection, unsynced, span, .. } = self;
        let written = async {
            connection.commit().await?;
            match unsynced {
                Some(unsynced) => unsynced.synced().await,
                None => Ok(()),
            }
        };
        let written = timed(Work::Commit, "commit", written).await;
        match &written {
            Ok(()) => span.reached("committed"),
            Err(error) => span.failed(kind_of(error)),
        }
        written
    }
}

impl Deref for WriteTransaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for WriteTransaction {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
