//! From SQLite to PostgreSQL: moving a database, and restoring a backup.

use std::{collections::BTreeMap, io, path::Path};

use futures_util::TryStreamExt;
use jsonwebtoken::jwk::JwkSet;
use sqlx::{
    AssertSqlSafe, PgConnection, Row, SqlitePool, ValueRef,
    postgres::PgConnectOptions,
    sqlite::{SqliteRow, SqliteValueRef},
};

use super::{
    CopyError, Kind, Moved, NO_TIMEOUTS, Report, SETTINGS, Step, Table, counted, is_counted,
    require_same, rows_of, source, tables, target,
};
use crate::store::{
    Backup, CheckReport, Error, OpenError, Store, backup, engine::SqlxPool, files, postgres,
    write_transaction::STORE_LOCK,
};

/// Bytes of rows that are sent at once.
const CHUNK: usize = 256 * 1024;

impl Store {
    /// Moves the database of a data directory, which no server may use, into an empty database of
    /// PostgreSQL. SQLite's stays as it is. Both are checked: [`Moved::is_proven`] is whether the
    /// receipts prove the same.
    ///
    /// # Errors
    /// See [`CopyError`].
    pub async fn move_to_postgres(
        from: &Path,
        to: PgConnectOptions,
        report: Report<'_>,
    ) -> Result<Moved, CopyError> {
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
        report(Step::Verifying);
        let before = store.check_receipts(None, &[]).await.map_err(source)?;
        if !before.faults.is_empty() {
            return Err(CopyError::Faulty(before.faults));
        }
        let moved = store.write_to_postgres(to, before, report).await;
        store.close().await;
        moved
    }

    /// Checks a backup, and writes it into an empty database of PostgreSQL. A backup with faults is not
    /// written; then nothing was moved.
    ///
    /// # Errors
    /// See [`CopyError`].
    pub async fn restore_to_postgres(
        file: &Path,
        to: PgConnectOptions,
        report: Report<'_>,
    ) -> Result<(Backup, Option<Moved>), CopyError> {
        let file = std::path::absolute(file).map_err(|it| source(OpenError::file(file, it)))?;
        // First what is refused at once: the check of a backup can take long.
        let pool = postgres::connect(to.clone()).await.map_err(target)?;
        let mut connection = pool.acquire().await.map_err(target)?;
        require_empty(&mut connection).await?;
        drop(connection);
        pool.close().await;
        // The file itself stays as it is: opening it would make others beside it.
        let workplace = backup::Workplace::make(&file).map_err(source)?;
        let bytes = workplace.take(&file).map_err(source)?;
        report(Step::Verifying);
        let backup = workplace.checked(bytes).await.map_err(source)?;
        if backup.faults().next().is_some() {
            return Ok((backup, None));
        }
        let store = Self::open_existing_directory(workplace.folder()).await.map_err(source)?;
        let moved = store.write_to_postgres(to, backup.report.clone(), report).await;
        store.close().await;
        Ok((backup, Some(moved?)))
    }

    /// Writes this database of SQLite into an empty one of PostgreSQL, and checks that.
    async fn write_to_postgres(
        &self,
        to: PgConnectOptions,
        before: CheckReport,
        report: Report<'_>,
    ) -> Result<Moved, CopyError> {
        let SqlxPool::Sqlite(rows) = self.readers.of_sqlx() else {
            return Err(source(OpenError::NotReady));
        };
        let keys = self.receipt_keys().await.map_err(source)?;
        let notes: Vec<String> = sqlx::query_scalar("SELECT note FROM checkpoints")
            .fetch_all(rows)
            .await
            .map_err(source)?;
        let moved = write(rows, to.clone(), report).await?;
        report(Step::Verifying);
        let after = proven(to, &keys, &notes).await.map_err(CopyError::Unproven)?;
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
    report: Report<'_>,
) -> Result<BTreeMap<String, u64>, CopyError> {
    let pool = postgres::connect(options).await.map_err(target)?;
    // Before anything is changed, and once more under the lock.
    let mut connection = pool.acquire().await.map_err(target)?;
    require_empty(&mut connection).await?;
    drop(connection);
    postgres::migrate(&pool).await.map_err(target)?;
    let mut transaction = pool.begin().await.map_err(target)?;
    run(&mut transaction, NO_TIMEOUTS.to_owned()).await.map_err(target)?;
    let lock = format!("SELECT pg_advisory_xact_lock({STORE_LOCK})");
    run(&mut transaction, lock).await.map_err(target)?;
    require_empty(&mut transaction).await?;
    run(&mut transaction, format!("DELETE FROM {SETTINGS}")).await.map_err(target)?;
    let expected = counted(rows).await.map_err(source)?;
    let mut moved = BTreeMap::new();
    for (name, table) in tables(&mut transaction, None).await.map_err(target)? {
        let in_table = |error| CopyError::Table(name.clone(), error);
        let all = expected.get(&name).copied().unwrap_or_default();
        copy(rows, &mut transaction, &name, &table, (all, report)).await.map_err(in_table)?;
        let written = rows_of(&mut transaction, &name).await.map_err(in_table)?;
        moved.insert(name, written);
    }
    require_same(&expected, &moved)?;
    transaction.commit().await.map_err(CopyError::Unknown)?;
    pool.close().await;
    Ok(moved)
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<(), Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}

/// Refuses a database in which one of our tables has rows already.
async fn require_empty(connection: &mut PgConnection) -> Result<(), CopyError> {
    for (name, _) in tables(connection, None).await.map_err(target)? {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {name})");
        let filled = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *connection).await;
        if name != SETTINGS && filled.map_err(target)? {
            return Err(CopyError::NotEmpty(name));
        }
    }
    Ok(())
}

/// Copies the rows of a table, with the numbers that SQLite gave them.
async fn copy(
    rows: &SqlitePool,
    into: &mut PgConnection,
    name: &str,
    table: &Table,
    (all, report): (u64, Report<'_>),
) -> Result<(), Error> {
    // Some tables take rows from the migration of an older version alone.
    run(into, format!("ALTER TABLE {name} DISABLE TRIGGER USER")).await?;
    let select = format!("SELECT {} FROM {name}", table.names_in_sqlite());
    let mut rows_of_it = sqlx::query(AssertSqlSafe(select)).fetch(rows);
    let statement = format!("COPY {name} ({}) FROM STDIN", table.names());
    let mut copying = into.copy_in_raw(&statement).await?;
    let mut text = String::new();
    let mut done = 0;
    while let Some(row) = rows_of_it.try_next().await? {
        write_row(&mut text, &row, table)?;
        done += 1;
        if text.len() >= CHUNK {
            copying.send(text.as_bytes()).await?;
            text.clear();
            report(Step::Rows { table: name, done, of: all });
        }
    }
    copying.send(text.as_bytes()).await?;
    copying.finish().await?;
    report(Step::Rows { table: name, done, of: all });
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
    if !is_counted(rows, table).await? {
        return Ok(largest);
    }
    let given: Option<i64> = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = ?")
        .bind(table)
        .fetch_optional(rows)
        .await?;
    Ok(largest.max(given.filter(|it| *it > 0)))
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
