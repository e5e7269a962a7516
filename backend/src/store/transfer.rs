//! Moving a database from SQLite to PostgreSQL: every row, in one transaction, and what the receipts prove
//! afterwards.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, io,
    path::Path,
};

use futures_util::TryStreamExt;
use jsonwebtoken::jwk::JwkSet;
use sqlx::{
    AssertSqlSafe, PgConnection, Row, SqlitePool, ValueRef,
    postgres::PgConnectOptions,
    sqlite::{SqliteRow, SqliteValueRef},
};

use super::{
    CheckReport, Error, OpenError, Store, backup, engine::SqlxPool, files, postgres,
    write_transaction::STORE_LOCK,
};

/// Bytes of rows that are sent at once.
const CHUNK: usize = 256 * 1024;

/// A row of this table is made by the migrations, and replaced by the one that arrives.
const SETTINGS: &str = "receipt_settings";

/// What was moved, and what was found in both databases.
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

/// Why a database was not moved. No row was written, but for [`Self::Unproven`].
#[derive(Debug)]
pub enum MoveError {
    Source(OpenError),
    Target(OpenError),
    /// What is wrong with the receipts of the source.
    Faulty(Vec<String>),
    /// This table of the target has rows.
    NotEmpty(String),
    /// A table whose rows cannot be written.
    Table(String, Error),
    /// Tables of which both do not have the same number of rows, or which only one has.
    Differs(Vec<String>),
    /// Every row was written, and what the receipts prove afterwards cannot be found out.
    Unproven(OpenError),
}

impl fmt::Display for MoveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) => write!(f, "--from: {error}"),
            Self::Target(error) => write!(f, "--to: {error}"),
            Self::Faulty(faults) => {
                write!(f, "--from: the database has faults:\n{}", faults.join("\n"))
            }
            Self::NotEmpty(table) => write!(
                f,
                "--to: the database is not empty, its table {table} has rows: name a new one"
            ),
            Self::Table(table, error) => write!(f, "the table {table} cannot be moved: {error}"),
            Self::Differs(tables) => write!(
                f,
                "the databases do not have the same rows in the tables {}",
                tables.join(", ")
            ),
            Self::Unproven(error) => {
                write!(f, "every row was moved, but the receipts cannot be verified: {error}")
            }
        }
    }
}

impl std::error::Error for MoveError {}

fn source(error: impl Into<OpenError>) -> MoveError {
    MoveError::Source(error.into())
}

fn target(error: impl Into<OpenError>) -> MoveError {
    MoveError::Target(error.into())
}

/// A table of PostgreSQL.
#[derive(Debug, Default)]
struct Table {
    columns: Vec<Column>,
    /// The column that PostgreSQL numbers by itself.
    numbered: Option<String>,
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

impl Store {
    /// Moves the database of a data directory, which no server may use, into an empty database of
    /// PostgreSQL. SQLite's stays as it is. Both are checked: [`Moved::is_proven`] is whether the
    /// receipts prove the same.
    ///
    /// # Errors
    /// See [`MoveError`].
    pub async fn move_to_postgres(from: &Path, to: PgConnectOptions) -> Result<Moved, MoveError> {
        let folder = std::path::absolute(from).map_err(|it| source(OpenError::file(from, it)))?;
        let place = files::database(&folder);
        if !place.is_file() {
            return Err(source(OpenError::NotReady));
        }
        // A server that starts waits until it is done.
        let _lock = files::lock(&folder).await.map_err(source)?;
        if backup::is_used(&place).await {
            let error = io::Error::other("a process uses it: stop the server first");
            return Err(source(OpenError::file(&place, error)));
        }
        let store = Self::open_existing_directory(&folder).await.map_err(source)?;
        let before = store.check_receipts(None, &[]).await.map_err(source)?;
        if !before.faults.is_empty() {
            return Err(MoveError::Faulty(before.faults));
        }
        let keys = store.receipt_keys().await.map_err(source)?;
        let SqlxPool::Sqlite(rows) = store.readers.of_sqlx() else {
            return Err(source(OpenError::NotReady));
        };
        let moved = write(rows, to.clone()).await?;
        let notes: Vec<String> = sqlx::query_scalar("SELECT note FROM checkpoints")
            .fetch_all(rows)
            .await
            .map_err(source)?;
        store.close().await;
        let after = proven(to, &keys, &notes).await.map_err(MoveError::Unproven)?;
        Ok(Moved { rows: moved, before, after })
    }
}

async fn proven(
    options: PgConnectOptions,
    keys: &JwkSet,
    notes: &[String],
) -> Result<CheckReport, OpenError> {
    let store = Store::open_existing_postgres(options).await?;
    let report = store.check_receipts(Some(keys), notes).await;
    store.close().await;
    Ok(report?)
}

/// Writes every row, and counts them on both sides before the commit.
async fn write(
    rows: &SqlitePool,
    options: PgConnectOptions,
) -> Result<BTreeMap<String, u64>, MoveError> {
    let pool = postgres::connect(options).await.map_err(target)?;
    // Before anything is changed, and once more under the lock.
    let mut connection = pool.acquire().await.map_err(target)?;
    require_empty(&mut connection).await?;
    drop(connection);
    postgres::migrate(&pool).await.map_err(target)?;
    let mut transaction = pool.begin().await.map_err(target)?;
    let lock = format!("SELECT pg_advisory_xact_lock({STORE_LOCK})");
    run(&mut transaction, lock).await.map_err(target)?;
    require_empty(&mut transaction).await?;
    run(&mut transaction, format!("DELETE FROM {SETTINGS}")).await.map_err(target)?;
    let mut moved = BTreeMap::new();
    for (name, table) in tables(&mut transaction).await.map_err(target)? {
        let in_table = |error| MoveError::Table(name.clone(), error);
        copy(rows, &mut transaction, &name, &table).await.map_err(in_table)?;
        let count = format!("SELECT count(*) FROM {name}");
        let written: i64 = sqlx::query_scalar(AssertSqlSafe(count))
            .fetch_one(&mut *transaction)
            .await
            .map_err(in_table)?;
        moved.insert(name.clone(), u64::try_from(written).unwrap_or_default());
    }
    let expected = counted(rows).await.map_err(source)?;
    let names: BTreeSet<&String> = expected.keys().chain(moved.keys()).collect();
    let differ = names.into_iter().filter(|it| expected.get(*it) != moved.get(*it));
    let differ: Vec<String> = differ.cloned().collect();
    if !differ.is_empty() {
        return Err(MoveError::Differs(differ));
    }
    transaction.commit().await.map_err(target)?;
    pool.close().await;
    Ok(moved)
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<(), Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}

/// Refuses a database in which one of our tables has rows already.
async fn require_empty(connection: &mut PgConnection) -> Result<(), MoveError> {
    for (name, _) in tables(connection).await.map_err(target)? {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {name})");
        let filled = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *connection).await;
        if name != SETTINGS && filled.map_err(target)? {
            return Err(MoveError::NotEmpty(name));
        }
    }
    Ok(())
}

/// The tables that both engines have, those that refer to others last.
async fn tables(connection: &mut PgConnection) -> Result<Vec<(String, Table)>, Error> {
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

/// Copies the rows of a table, with the numbers that SQLite gave them.
async fn copy(
    rows: &SqlitePool,
    into: &mut PgConnection,
    name: &str,
    table: &Table,
) -> Result<(), Error> {
    let columns: Vec<String> =
        table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let columns = columns.join(", ");
    // Some tables take rows from the migration of an older version alone.
    run(into, format!("ALTER TABLE {name} DISABLE TRIGGER USER")).await?;
    // `rowid` in quotes would be a text where SQLite finds no column of that name.
    let select = format!("SELECT {} FROM {name}", columns.replace("\"rowid\"", "rowid"));
    let mut rows_of_it = sqlx::query(AssertSqlSafe(select)).fetch(rows);
    let mut copying = into.copy_in_raw(&format!("COPY {name} ({columns}) FROM STDIN")).await?;
    let mut text = String::new();
    while let Some(row) = rows_of_it.try_next().await? {
        write_row(&mut text, &row, table)?;
        if text.len() >= CHUNK {
            copying.send(text.as_bytes()).await?;
            text.clear();
        }
    }
    copying.send(text.as_bytes()).await?;
    copying.finish().await?;
    run(into, format!("ALTER TABLE {name} ENABLE TRIGGER USER")).await?;
    if let Some(column) = &table.numbered {
        let next = match next_number(rows, name, column).await? {
            Some(last) => last,
            None => return Ok(()),
        };
        let sequence = format!("pg_get_serial_sequence('{name}', '{column}')");
        run(into, format!("SELECT setval({sequence}, {next})")).await?;
    }
    Ok(())
}

/// The last number that SQLite gave, which with AUTOINCREMENT may be of a row that is deleted.
async fn next_number(rows: &SqlitePool, table: &str, column: &str) -> Result<Option<i64>, Error> {
    let largest = format!("SELECT max({column}) FROM {table}");
    let largest: Option<i64> = sqlx::query_scalar(AssertSqlSafe(largest)).fetch_one(rows).await?;
    let counts = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence')";
    if !sqlx::query_scalar(counts).fetch_one(rows).await? {
        return Ok(largest);
    }
    let given: Option<i64> = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = ?")
        .bind(table)
        .fetch_optional(rows)
        .await?;
    Ok(largest.max(given.filter(|it| *it > 0)))
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

/// Adds a line in the text format of `COPY`
/// (<https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2>).
fn write_row(text: &mut String, row: &SqliteRow, table: &Table) -> Result<(), Error> {
    for (at, column) in table.columns.iter().enumerate() {
        if at > 0 {
            text.push('\t');
        }
        let value: SqliteValueRef<'_> = row.try_get_raw(at)?;
        if value.is_null() {
            text.push_str("\\N");
            continue;
        }
        match column.kind {
            Kind::Integer => text.push_str(&row.try_get::<i64, _>(at)?.to_string()),
            Kind::Boolean => text.push(if row.try_get::<bool, _>(at)? { 't' } else { 'f' }),
            Kind::Text => push_text(text, row.try_get(at)?),
            Kind::Bytes => push_bytes(text, row.try_get(at)?),
        }
    }
    text.push('\n');
    Ok(())
}

fn push_text(text: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            other => text.push(other),
        }
    }
}

fn push_bytes(text: &mut String, value: &[u8]) {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    text.push_str("\\\\x");
    for byte in value {
        text.push(DIGITS[usize::from(byte >> 4)]);
        text.push(DIGITS[usize::from(byte & 15)]);
    }
}
