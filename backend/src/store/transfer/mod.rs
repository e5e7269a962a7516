//! Copying a database between the engines: every row, in one transaction, and what the receipts prove
//! afterwards.

mod progress;
mod to_postgres;
mod to_sqlite;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use sqlx::{AssertSqlSafe, PgConnection, SqlitePool};

use super::{CheckReport, Error, OpenError};
pub use progress::{Report, Step};

/// A row of this table is made by the migrations, and replaced by the one that arrives.
const SETTINGS: &str = "receipt_settings";

/// A copy can take longer than an operator lets a transaction of a server take. PostgreSQL before 17 has no
/// `transaction_timeout`.
const NO_TIMEOUTS: &str = "SELECT set_config(name, '0', true) FROM pg_settings
    WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout',
        'transaction_timeout')";

/// What was copied into PostgreSQL, and what was found in both databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The rows of each table, counted in SQLite and in PostgreSQL.
    pub rows: BTreeMap<String, u64>,
    /// What the receipts prove in SQLite, and then in PostgreSQL, by the keys and the heads of the log that
    /// SQLite has.
    pub before: CheckReport,
    pub after: CheckReport,
}

impl Moved {
    /// Whether the receipts prove afterwards what they proved before.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.before == self.after
    }
}

/// Why a database was not copied. Nothing was written, but for [`Self::Unknown`] and [`Self::Unproven`].
#[derive(Debug)]
pub enum CopyError {
    Source(OpenError),
    Target(OpenError),
    /// What is wrong with the receipts of the source.
    Faulty(Vec<String>),
    /// The source has a migration that this version does not know.
    Newer(i64),
    /// This table of the target has rows.
    NotEmpty(String),
    /// A table whose rows cannot be read or written.
    Table(String, Error),
    /// Tables of which both do not have the same number of rows, or which only one has.
    Differs(Vec<String>),
    /// The connection was lost while every row was committed.
    Unknown(Error),
    /// Every row was written, and what the receipts prove afterwards cannot be found out.
    Unproven(OpenError),
}

/// Which of the two databases an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Source,
    Target,
    Both,
}

impl CopyError {
    /// Which database it is about.
    #[must_use]
    pub fn side(&self) -> Side {
        match self {
            Self::Source(_) | Self::Faulty(_) | Self::Newer(_) => Side::Source,
            Self::Target(_) | Self::NotEmpty(_) | Self::Unknown(_) => Side::Target,
            Self::Table(..) | Self::Differs(_) | Self::Unproven(_) => Side::Both,
        }
    }

    /// Whether it is certain that no row was written.
    #[must_use]
    pub fn wrote_nothing(&self) -> bool {
        !matches!(self, Self::Unknown(_) | Self::Unproven(_))
    }
}

impl fmt::Display for CopyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) | Self::Target(error) => error.fmt(f),
            Self::Faulty(faults) => {
                write!(f, "the database has faults:\n{}", faults.join("\n"))
            }
            Self::Newer(version) => write!(
                f,
                "a newer version of consent-backend has changed the database (migration {version}): \
                 copy it with that version"
            ),
            Self::NotEmpty(table) => {
                write!(f, "the database is not empty, its table {table} has rows: name a new one")
            }
            Self::Table(table, error) => write!(f, "the table {table} cannot be copied: {error}"),
            Self::Differs(tables) => write!(
                f,
                "the databases do not have the same rows in the tables {}",
                tables.join(", ")
            ),
            Self::Unknown(error) => write!(
                f,
                "the connection was lost while the rows were committed ({error}): they are there or \
                 not; drop this database, and start again with a new one"
            ),
            Self::Unproven(error) => {
                write!(f, "every row was copied, but the receipts cannot be verified: {error}")
            }
        }
    }
}

impl std::error::Error for CopyError {}

fn source(error: impl Into<OpenError>) -> CopyError {
    CopyError::Source(error.into())
}

fn target(error: impl Into<OpenError>) -> CopyError {
    CopyError::Target(error.into())
}

/// A table of PostgreSQL.
#[derive(Debug, Default)]
struct Table {
    columns: Vec<Column>,
    /// The column that PostgreSQL numbers by itself.
    numbered: Option<String>,
}

impl Table {
    /// The names of the columns, for a statement in PostgreSQL.
    fn names(&self) -> String {
        let names = self.columns.iter().map(|column| format!("\"{}\"", column.name));
        names.collect::<Vec<_>>().join(", ")
    }

    /// The same for a statement in SQLite, where `rowid` in quotes would be a text if the table has no
    /// column of that name.
    fn names_in_sqlite(&self) -> String {
        self.names().replace("\"rowid\"", "rowid")
    }
}

#[derive(Debug)]
struct Column {
    name: String,
    kind: Kind,
}

/// The type of a column, which SQLite has, too.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Integer,
    Boolean,
    Text,
    Bytes,
}

/// The tables that both engines have, those that refer to others last. With `known`, only those of these
/// names.
async fn tables(
    connection: &mut PgConnection,
    known: Option<&BTreeSet<String>>,
) -> Result<Vec<(String, Table)>, Error> {
    let columns: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT columns.table_name::text, columns.column_name::text, columns.data_type::text,
             columns.is_identity = 'YES'
         FROM information_schema.columns JOIN information_schema.tables
             USING (table_schema, table_name)
         WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
             AND table_name NOT IN ('_sqlx_migrations', 'rate_limits')
         ORDER BY table_name, ordinal_position",
    )
    .fetch_all(&mut *connection)
    .await?;
    let referring: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT tables.relname::text FROM pg_constraint
         JOIN pg_class AS tables ON tables.oid = pg_constraint.conrelid
         WHERE contype = 'f' AND connamespace = current_schema()::regnamespace",
    )
    .fetch_all(connection)
    .await?;
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for (table, name, kind, is_numbered) in columns {
        if known.is_some_and(|known| !known.contains(&table)) {
            continue;
        }
        let table = tables.entry(table).or_default();
        if is_numbered {
            table.numbered = Some(name.clone());
        }
        let kind = match &*kind {
            "bigint" => Kind::Integer,
            "boolean" => Kind::Boolean,
            "text" => Kind::Text,
            "bytea" => Kind::Bytes,
            other => return Err(Error::Protocol(format!("{name} is of the type {other}"))),
        };
        table.columns.push(Column { name, kind });
    }
    let mut tables: Vec<_> = tables.into_iter().collect();
    tables.sort_by_key(|(name, _)| referring.contains(name));
    Ok(tables)
}

/// How many rows a table of PostgreSQL has.
async fn rows_of(connection: &mut PgConnection, table: &str) -> Result<u64, Error> {
    let count = format!("SELECT count(*) FROM {table}");
    let rows: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(connection).await?;
    Ok(u64::try_from(rows).unwrap_or_default())
}

/// How many rows each table of SQLite has.
async fn counted(rows: &SqlitePool) -> Result<BTreeMap<String, u64>, Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema
         WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'",
    )
    .fetch_all(rows)
    .await?;
    let mut counted = BTreeMap::new();
    for name in names {
        let count = format!("SELECT count(*) FROM {name}");
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(rows).await?;
        counted.insert(name, u64::try_from(rows).unwrap_or_default());
    }
    Ok(counted)
}

/// Compares the rows of the tables on both sides.
fn require_same(
    expected: &BTreeMap<String, u64>,
    written: &BTreeMap<String, u64>,
) -> Result<(), CopyError> {
    let names: BTreeSet<&String> = expected.keys().chain(written.keys()).collect();
    let differ = names.into_iter().filter(|it| expected.get(*it) != written.get(*it));
    let differ: Vec<String> = differ.cloned().collect();
    if differ.is_empty() { Ok(()) } else { Err(CopyError::Differs(differ)) }
}

/// Whether SQLite counts the numbers that a table has given (`AUTOINCREMENT`), also of rows that are
/// deleted.
async fn is_counted(rows: &SqlitePool, table: &str) -> Result<bool, Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema
         WHERE type = 'table' AND name = ? AND sql LIKE '%AUTOINCREMENT%')",
    )
    .bind(table)
    .fetch_one(rows)
    .await
}
