//! The database, and all SQL: SQLite on disk, or PostgreSQL. [`engine`] has what differs.
//!
//! A write that was answered is on the disk. In SQLite a commit of [`WriteTransaction`] waits for a sync,
//! which others share; single statements have `synchronous=FULL`. Writers queue for one connection, so
//! that no task of a process waits in SQLite's own busy loop; across processes the busy timeout and the
//! constraints of the schema do that work. In PostgreSQL a transaction has the lock of its
//! [`Scope`](write_transaction::Scope).

mod access_token;
mod account;
mod backup;
mod challenge;
mod cleanup;
mod code;
mod decision;
mod document;
mod engine;
mod erased_id;
mod erasure;
mod event;
mod event_rules;
mod expiry;
mod files;
mod grant;
mod grant_change;
mod grant_read;
mod guardian_consent;
pub mod history;
mod inspection;
mod job_lease;
mod kakao_connection;
mod kakao_token;
mod key;
mod last_change;
mod location;
mod managed_service;
mod messenger;
mod messenger_event;
mod migration;
mod mode;
mod name;
mod notice;
mod outbox;
mod postgres;
mod pushed_request;
mod receipt_check;
mod receipt_export;
mod receipt_log;
mod refresh_token;
mod retention;
mod retry;
mod revocation;
mod session;
mod shared_limit;
mod sign_in_attempt;
mod signed_receipt;
mod signing_key;
mod transfer;
mod user_id;
mod wal_flush;
mod wal_sync;
mod workload;
mod write_transaction;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    Connection, SqliteConnection,
    migrate::MigrateError,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub use access_token::{ACCESS_TOKEN_LIFETIME, AccessToken};
pub use account::{AccountFault, Identity};
pub use backup::Backup;
pub use challenge::{Challenge, NewChallenge};
pub use code::{CODE_LIFETIME, NewCode, NewTokens, Redemption, TokenFault};
pub use decision::{
    Decision, Granted, LastAnswer, NewDecision, Outcome, Receipt, ReceiptItem, Written,
};
pub use document::{Change, ChangedText, StoredText};
#[doc(hidden)]
pub use engine::postgres_text;
pub use erasure::Erased;
pub use event_rules::EventRules;
pub use expiry::{DueNotice, ExpiringAgreement};
pub use grant::{Grant, NewGrant};
pub use grant_change::{CausedBy, ChangeKind, GrantChange};
pub use guardian_consent::{GuardianAnswer, GuardianLink, NewGuardianLink};
pub use history::{Connections, History, OwnReceipt, ReceiptContent, RecordedEvent};
pub use inspection::{HeldAgreement, ReceiptHead};
pub use job_lease::{Job, Lease};
pub use kakao_connection::{AgreedBy, KakaoConnection};
pub use kakao_token::{KAKAO_REFRESH_LIFETIME, is_replaced};
pub use last_change::{Change as AgreementChange, LastChange, LastChanges};
pub use location::Location;
pub use managed_service::{
    Changed, ManagedService, SecretChange, ServiceChange, ServiceContent, WhatChanges,
};
pub use messenger::NewRelation;
pub use messenger_event::{MessengerEvent, Reported, Taken};
pub use mode::{Claim, Mode};
pub use outbox::{Attempt, Delivery, OutboxEntry};
pub use pushed_request::PUSHED_LIFETIME;
pub use receipt_check::CheckReport;
pub use receipt_export::Selection;
pub use refresh_token::{REFRESH_LIFETIME, RefreshFault, Refreshed};
pub use retention::Retention;
pub use revocation::Revoked;
pub use session::{
    KnownBrowser, ListedSession, MadeBy, Session, SignedIn, UNKNOWN_TIME, known_time,
};
pub use sign_in_attempt::SignInAttempt;
pub use signed_receipt::{ListedReceiptKey, ReceiptPurpose};
pub use signing_key::{NotWithdrawn, RingKey, Rotation};
pub use transfer::{CopyError, Moved, Report, Side, Step};
pub use workload::{PoolUse, Workload};

use engine::{Pool, Scalars, SqliteReaders, SqlxPool, query};
use retry::retried;
use signing_key::ReadKeys;
use wal_sync::WalSync;
use write_transaction::{Scope, WriteTransaction, Writer};

/// A failed read or write. The reason goes to the log, not to the client.
pub type Error = sqlx::Error;

/// How long a statement waits for another process to finish writing.
const BUSY: Duration = Duration::from_secs(5);

/// Rows that one statement writes. Each statement is a way to SQLite's thread and back, which costs
/// more than the row; and a statement holds a limited number of values.
const ROWS_AT_ONCE: usize = 500;

/// Bytes to which SQLite cuts the write-ahead log once its content is in the database.
const WAL_LIMIT: u32 = 16 * 1024 * 1024;

/// Bytes that the readiness check writes: more than a page, so that it needs new pages, as the
/// request of a person does.
const PROBE: usize = 8 * 1024;

/// The database.
#[derive(Debug, Clone)]
pub struct Store {
    readers: Pool,
    writer: Writer,
    event_rules: EventRules,
    signer: Arc<signed_receipt::Signer>,
    read_keys: ReadKeys,
}

/// Why a database cannot be used.
#[derive(Debug)]
pub enum OpenError {
    /// Others could read or write the files. The text has the command that fixes it.
    Exposed(String),
    /// A file or directory that cannot be made, read or locked.
    File(PathBuf, io::Error),
    /// It has a migration that this version does not know.
    Newer(i64),
    /// It belongs to the other mode than this one.
    OtherMode(Mode),
    /// The copy before a migration, or for the test hooks, failed.
    Copy(Error),
    Migration(MigrateError),
    /// A key that signs receipts is missing, or cannot be read.
    BadKey,
    /// There is no database, or this version has not migrated it yet.
    NotReady,
    /// It has no files of ours: it is in PostgreSQL.
    NotFiles,
    /// A database of another program.
    NotOurs,
    /// The log of receipts is not the one that was signed.
    ReceiptLog(String),
    Database(Error),
}

impl OpenError {
    fn file(path: &Path, error: io::Error) -> Self {
        Self::File(path.to_owned(), error)
    }
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exposed(reason) => f.write_str(reason),
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Newer(version) => write!(
                f,
                "a newer version of consent-backend has changed this database (migration \
                 {version}), and this version cannot use it: start the newer one, or put back the \
                 copy that was made before the migration (consent.sqlite.version-…)"
            ),
            Self::OtherMode(Mode::Production) => f.write_str(
                "this database is the demo's, in which anyone can sign in as anyone: name another \
                 directory with --data-dir, or move this one away",
            ),
            Self::OtherMode(Mode::Demo) => f.write_str(
                "this database is not the demo's: start the demo without --data-dir, or name another \
                 directory",
            ),
            Self::Copy(error) => {
                write!(f, "the database cannot be copied: {error}")
            }
            Self::Migration(error) => error.fmt(f),
            Self::BadKey => f.write_str("a key that signs receipts is missing or cannot be read"),
            Self::NotReady => f.write_str(
                "there is no database that this version has been started with: name its directory \
                 with --data-dir",
            ),
            Self::NotFiles => f.write_str("the database is in PostgreSQL, and has no file"),
            Self::NotOurs => f.write_str("this is no database of consent-backend"),
            Self::ReceiptLog(reason) => write!(
                f,
                "{reason}: something has changed the log of receipts; `consent-backend receipts \
                 verify --data-dir …` names what"
            ),
            Self::Database(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {}

impl Store {
    /// Opens a database, and brings its schema up to date. One process at a time does so. A directory
    /// and its database are made where they are missing.
    ///
    /// # Errors
    /// See [`OpenError`]. A database that is refused is left as it was.
    pub async fn open(location: impl Into<Location>, claim: &Claim) -> Result<Self, OpenError> {
        match location.into() {
            Location::Directory(folder) => Self::open_directory(&folder, claim).await,
            Location::Postgres(options) => Self::open_postgres(*options, claim).await,
        }
    }

    async fn open_directory(folder: &Path, claim: &Claim) -> Result<Self, OpenError> {
        let folder = std::path::absolute(folder).map_err(|error| OpenError::file(folder, error))?;
        files::prepare(&folder)?;
        let lock = files::lock(&folder).await?;
        files::make_database(&folder)?;
        let options = Self::options(&folder);
        let pool = Self::pool(1).connect_with(options.clone()).await?;
        let writer = Writer::Sqlite(pool.clone(), Arc::new(WalSync::new(&folder)));
        let applied = migration::applied(&pool).await?;
        migration::check_known(&applied)?;
        let on_the_writer = Pool::Sqlite(pool.clone());
        let mark = mode::check(&on_the_writer, claim).await?;
        migration::migrate(&pool, &folder, &applied).await?;
        mode::mark(&writer, mark).await?;
        let signer = signed_receipt::Signer::make(&writer, &on_the_writer, &claim.issuer).await?;
        drop(lock);
        let readers = Self::readers(options).await?;
        let store = Self::new(readers, writer, signer);
        store.check_log().await?;
        // A process that was killed can leave a write-ahead log of any size. The first write
        // would have to copy all of it.
        store.checkpoint().await?;
        Ok(store)
    }

    /// Opens the database that a server of this version uses, for a command beside the server.
    ///
    /// # Errors
    /// `OpenError::NotReady` without one.
    pub async fn open_existing(location: impl Into<Location>) -> Result<Self, OpenError> {
        match location.into() {
            Location::Directory(folder) => Self::open_existing_directory(&folder).await,
            Location::Postgres(options) => Self::open_existing_postgres(*options).await,
        }
    }

    async fn open_existing_directory(folder: &Path) -> Result<Self, OpenError> {
        let folder = std::path::absolute(folder).map_err(|error| OpenError::file(folder, error))?;
        if !files::database(&folder).is_file() {
            return Err(OpenError::NotReady);
        }
        let options = Self::options(&folder);
        let pool = Self::pool(1).connect_with(options.clone()).await?;
        let applied = migration::applied(&pool).await?;
        migration::check_known(&applied)?;
        if migration::is_behind(&applied) {
            return Err(OpenError::NotReady);
        }
        let signer = signed_receipt::Signer::read(&Pool::Sqlite(pool.clone())).await?;
        let readers = Self::readers(options).await?;
        Ok(Self::new(readers, Writer::Sqlite(pool, Arc::new(WalSync::new(&folder))), signer))
    }

    fn new(readers: Pool, writer: Writer, signer: signed_receipt::Signer) -> Self {
        let (event_rules, read_keys) = (EventRules::default(), ReadKeys::default());
        Self { readers, writer, event_rules, signer: Arc::new(signer), read_keys }
    }

    fn options(folder: &Path) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(files::database(folder))
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            // Deleted tokens and values are overwritten, wherever they were; FAST would leave them
            // in pages that are not in use any more.
            .pragma("secure_delete", "ON")
            .pragma("journal_size_limit", WAL_LIMIT.to_string())
    }

    fn pool(connections: u32) -> SqlitePoolOptions {
        SqlitePoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(BUSY)
            // There is no server that could have gone; and a ping is a way to SQLite's thread and back.
            .test_before_acquire(false)
            .after_release(|connection, _| Box::pin(is_usable(connection)))
    }

    async fn readers(options: SqliteConnectOptions) -> Result<Pool, Error> {
        let pool = Self::pool(4).connect_with(options).await?;
        Ok(Pool::SqliteReaders(SqliteReaders::new(pool)))
    }

    /// Copies the database as it is now into a directory, which is made.
    ///
    /// # Errors
    /// When the copy cannot be made.
    pub async fn copy_into(&self, folder: &Path) -> Result<(), OpenError> {
        let writer = self.writer.sqlite().ok_or(OpenError::NotFiles)?;
        files::prepare(folder)?;
        files::make_database(folder)?;
        sqlx::query("VACUUM INTO ?")
            .bind(files::database(folder).to_string_lossy())
            .execute(writer)
            .await
            .map_err(OpenError::Copy)?;
        Ok(())
    }

    /// Opens a copy of the database in a directory that [`Self::copy_into`] has filled.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub async fn open_copy(from: &Path, folder: &Path, claim: &Claim) -> Result<Self, OpenError> {
        let (from, to) = (from.to_owned(), folder.to_owned());
        // Files are copied where waiting for a disk keeps no request waiting.
        let copied = tokio::task::spawn_blocking(move || files::copy_database(&from, &to)).await;
        copied.unwrap_or_else(|error| Err(OpenError::file(folder, io::Error::other(error))))?;
        Self::open(folder, claim).await
    }

    /// Writes and deletes as much as the request of a person would write: a full disk, a limit of
    /// pages or a read-only file shows in a write only.
    ///
    /// # Errors
    /// When a write fails now.
    pub async fn check_writable(&self) -> Result<(), Error> {
        retried(|| async {
            let mut transaction = self.writer.begin(Scope::Shared).await?;
            let filler = vec![0; PROBE];
            query!("INSERT INTO readiness_probe (filler) VALUES (?)", filler)
                .execute(&mut *transaction)
                .await?;
            query!("DELETE FROM readiness_probe").execute(&mut *transaction).await?;
            transaction.commit().await
        })
        .await
    }

    /// Closes every connection. What is asked afterwards fails.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// This database as it is now, whatever is written afterwards. It has one connection, in a transaction
    /// that has read.
    async fn snapshot(&self) -> Result<Self, Error> {
        let pool = match self.readers.of_sqlx() {
            SqlxPool::Sqlite(pool) => pool,
            SqlxPool::Postgres(pool) => {
                let readers = Pool::Postgres(postgres::snapshot(pool).await?);
                return Ok(Self { readers, ..self.clone() });
            }
        };
        let options = SqliteConnectOptions::clone(&pool.connect_options());
        let readers = SqlitePoolOptions::new()
            .max_connections(1)
            // Another connection would see another moment.
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(|connection, _| {
                Box::pin(async {
                    let begin = "BEGIN; SELECT count(*) FROM sqlite_schema";
                    sqlx::raw_sql(begin).execute(connection).await.map(|_| ())
                })
            })
            .connect_with(options)
            .await?;
        Ok(Self { readers: Pool::Sqlite(readers), ..self.clone() })
    }

    /// A transaction while which nothing else is written.
    async fn begin(&self) -> Result<WriteTransaction, Error> {
        self.writer.begin(Scope::Store).await
    }

    /// A transaction while which nothing else is written about this account.
    async fn begin_for(&self, account: &str) -> Result<WriteTransaction, Error> {
        self.writer.begin(Scope::Account(account)).await
    }

    /// The same for the account that a statement finds. When it finds none, there is nothing to write.
    async fn begin_for_owner(
        &self,
        account: Scalars<'_, String>,
    ) -> Result<WriteTransaction, Error> {
        if self.writer.sqlite().is_some() {
            // Its one writer needs no account.
            return self.begin().await;
        }
        let account = account.fetch_optional(&self.readers).await?;
        self.begin_for(account.as_deref().unwrap_or_default()).await
    }
}

/// Whether a connection can be used again. A full disk or an I/O error makes SQLite roll back by
/// itself; sqlx then counts a transaction that is not there, and every later one would fail.
async fn is_usable(connection: &mut SqliteConnection) -> Result<bool, Error> {
    // As before a transaction that has set it. Rollbacks that wait in the queue are done before.
    sqlx::raw_sql("PRAGMA synchronous = FULL").execute(&mut *connection).await?;
    Ok(!connection.is_in_transaction())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{engine::Execution, *};

    /// A new production database without services.
    pub async fn open(folder: &Path) -> Store {
        let claim = Claim {
            mode: Mode::Production,
            services: Default::default(),
            demo_services: Default::default,
            issuer: "https://id.example".to_owned(),
        };
        Store::open(folder, &claim).await.unwrap()
    }

    impl Store {
        /// Runs a statement on the one connection that writes, to put it into some state.
        pub async fn on_the_writer(&self, sql: &'static str) -> Result<(), Error> {
            Execution::listed(sql).execute(&self.writer).await.map(drop)
        }

        pub async fn count(&self, sql: &'static str) -> i64 {
            Scalars::listed(sql).fetch_one(&self.writer).await.unwrap()
        }
    }

    /// Killing the process cannot show this: only a machine that loses its power forgets what was
    /// not synced.
    #[tokio::test]
    async fn a_commit_is_on_the_disk_before_it_is_answered() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let full = "PRAGMA synchronous";
        assert_eq!(store.count(full).await, 2, "FULL");
        let Writer::Sqlite(pool, wal) = &store.writer else { panic!("SQLite") };
        let asked = wal.asked();
        store.check_writable().await.unwrap();
        assert_eq!(wal.asked(), asked + 1, "a commit waits for a sync");
        assert_eq!(store.count(full).await, 2, "FULL again, for single statements");
        drop(store.begin().await.unwrap());
        assert_eq!(store.count(full).await, 2, "FULL again, after a rollback");
        assert_eq!(store.count("PRAGMA foreign_keys").await, 1);
        assert!(store.count("PRAGMA busy_timeout").await >= 1000);
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(pool).await.unwrap();
        assert_eq!(mode, "wal");
        assert_eq!(store.count("PRAGMA secure_delete").await, 1, "ON, which FAST is not");
        assert_eq!(store.count("PRAGMA journal_size_limit").await, i64::from(WAL_LIMIT));
    }

    #[tokio::test]
    async fn a_check_of_readiness_leaves_nothing_behind() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        store.check_writable().await.unwrap();
        let before = store.count("PRAGMA page_count").await;
        for _ in 0..50 {
            store.check_writable().await.unwrap();
        }
        assert_eq!(store.count("PRAGMA page_count").await, before);
    }
}
