//! From PostgreSQL to a file of SQLite, while servers write.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use futures_util::TryStreamExt;
use sqlx::{
    AssertSqlSafe, PgConnection, Row, SqliteConnection, SqlitePool,
    postgres::PgRow,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    CopyError, Kind, NO_TIMEOUTS, Report, Step, Table, counted, is_counted, require_same, rows_of,
    source, tables, target,
};
use crate::store::{
    Error, OpenError, Store,
    engine::{Connection, SqlxPool},
    files, migration, postgres,
};

/// Rows that are written at once.
const BATCH: usize = 200;

impl Store {
    /// Copies this database of PostgreSQL, as it is at one moment, into a new database of SQLite in a
    /// directory. No server waits for it.
    ///
    /// # Errors
    /// When it cannot be read or written, or a newer version has changed it.
    pub(in crate::store) async fn copy_to_sqlite(
        &self,
        folder: &Path,
        report: Report<'_>,
    ) -> Result<(), CopyError> {
        let SqlxPool::Postgres(pool) = self.readers.of_sqlx() else {
            return Err(source(Error::Protocol("it is no database of PostgreSQL".to_owned())));
        };
        if let Some(version) = postgres::newest_unknown(pool).await.map_err(source)? {
            return Err(CopyError::Newer(version));
        }
        let Connection::PostgresTransaction(mut snapshot) =
            self.readers.begin().await.map_err(source)?
        else {
            return Err(source(Error::WorkerCrashed));
        };
        files::prepare(folder).map_err(target)?;
        files::make_database(folder).map_err(target)?;
        let into = new_database(folder).await.map_err(target)?;
        let copied = copy_all(&mut snapshot, &into, report).await;
        // The file is whole once the last connection has ended.
        into.close().await;
        copied
    }
}

/// A file that is thrown away when the copy fails needs no journal on the disk.
async fn new_database(folder: &Path) -> Result<SqlitePool, OpenError> {
    let options = SqliteConnectOptions::new()
        .filename(files::database(folder))
        .journal_mode(SqliteJournalMode::Memory)
        .synchronous(SqliteSynchronous::Off)
        // A row can arrive before the one that it refers to. The check of the file looks for those that
        // are missing.
        .foreign_keys(false)
        .pragma("cache_size", "-65536");
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await?;
    migration::make_schema(&pool).await?;
    Ok(pool)
}

async fn copy_all(
    from: &mut PgConnection,
    into: &SqlitePool,
    report: Report<'_>,
) -> Result<(), CopyError> {
    sqlx::raw_sql(NO_TIMEOUTS).execute(&mut *from).await.map_err(source)?;
    let known: BTreeSet<String> = counted(into).await.map_err(target)?.into_keys().collect();
    let tables = tables(from, Some(&known)).await.map_err(source)?;
    let mut expected = BTreeMap::new();
    for (name, _) in &tables {
        expected.insert(name.clone(), rows_of(from, name).await.map_err(source)?);
    }
    // Some tables take rows from the migration of an older version alone.
    let triggers = take_triggers(into).await.map_err(target)?;
    for (name, table) in &tables {
        let in_table = |error| CopyError::Table(name.clone(), error);
        require_columns(into, name, table).await.map_err(in_table)?;
        let rows = expected.get(name).copied().unwrap_or_default();
        let mut transaction = into.begin().await.map_err(target)?;
        copy(from, &mut transaction, name, table, (rows, report)).await.map_err(in_table)?;
        transaction.commit().await.map_err(in_table)?;
        if let Some(column) = &table.numbered
            && is_counted(into, name).await.map_err(target)?
        {
            let last = last_number(from, name, column).await.map_err(in_table)?;
            count_from(into, name, last).await.map_err(in_table)?;
        }
    }
    for sql in triggers {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(into).await.map_err(target)?;
    }
    require_same(&expected, &counted(into).await.map_err(target)?)
}

/// Drops the triggers, and returns the statements that make them.
async fn take_triggers(into: &SqlitePool) -> Result<Vec<String>, Error> {
    let triggers: Vec<(String, String)> =
        sqlx::query_as("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            .fetch_all(into)
            .await?;
    for (name, _) in &triggers {
        sqlx::raw_sql(AssertSqlSafe(format!("DROP TRIGGER {name}"))).execute(into).await?;
    }
    Ok(triggers.into_iter().map(|(_, sql)| sql).collect())
}

/// Refuses a table that has other columns in SQLite: what they hold would be lost.
async fn require_columns(into: &SqlitePool, name: &str, table: &Table) -> Result<(), Error> {
    let found: BTreeSet<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?)")
        .bind(name)
        .fetch_all(into)
        .await?
        .into_iter()
        .collect();
    let columns = table.columns.iter().map(|column| &column.name);
    // Every table of SQLite has a rowid, which is not listed unless it is a column.
    let columns: BTreeSet<String> =
        columns.filter(|it| *it != "rowid" || found.contains(*it)).cloned().collect();
    if columns == found {
        return Ok(());
    }
    let differ: Vec<&str> = columns.symmetric_difference(&found).map(String::as_str).collect();
    Err(Error::Protocol(format!("only one database has the columns {}", differ.join(", "))))
}

/// Copies the rows of a table, with the numbers that PostgreSQL gave them.
async fn copy(
    from: &mut PgConnection,
    into: &mut SqliteConnection,
    name: &str,
    table: &Table,
    (all, report): (u64, Report<'_>),
) -> Result<(), Error> {
    // The row that the migrations made.
    sqlx::raw_sql(AssertSqlSafe(format!("DELETE FROM {name}"))).execute(&mut *into).await?;
    let select = format!("SELECT {} FROM {name}", table.names());
    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(from);
    let mut batch = Vec::with_capacity(BATCH);
    let mut done = 0;
    while let Some(row) = rows.try_next().await? {
        batch.push(row);
        if batch.len() == BATCH {
            insert(into, name, table, &batch).await?;
            done += BATCH as u64;
            batch.clear();
            report(Step::Rows { table: name, done, of: all });
        }
    }
    if !batch.is_empty() {
        insert(into, name, table, &batch).await?;
    }
    report(Step::Rows { table: name, done: all, of: all });
    Ok(())
}

async fn insert(
    into: &mut SqliteConnection,
    name: &str,
    table: &Table,
    rows: &[PgRow],
) -> Result<(), Error> {
    let row = format!("({})", vec!["?"; table.columns.len()].join(", "));
    let all = vec![row.as_str(); rows.len()].join(", ");
    let sql = format!("INSERT INTO {name} ({}) VALUES {all}", table.names_in_sqlite());
    let mut insert = sqlx::query(AssertSqlSafe(sql));
    for row in rows {
        for (at, column) in table.columns.iter().enumerate() {
            insert = match column.kind {
                Kind::Integer => insert.bind(row.try_get::<Option<i64>, _>(at)?),
                Kind::Boolean => insert.bind(row.try_get::<Option<bool>, _>(at)?),
                Kind::Text => insert.bind(row.try_get::<Option<String>, _>(at)?),
                Kind::Bytes => insert.bind(row.try_get::<Option<Vec<u8>>, _>(at)?),
            };
        }
    }
    insert.execute(into).await.map(drop)
}

/// The last number that PostgreSQL gave, which may be of a row that is deleted.
async fn last_number(from: &mut PgConnection, table: &str, column: &str) -> Result<i64, Error> {
    let last: Option<i64> = sqlx::query_scalar(
        "SELECT pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass)",
    )
    .bind(table)
    .bind(column)
    .fetch_one(from)
    .await?;
    Ok(last.unwrap_or_default())
}

/// Makes SQLite go on after this number.
async fn count_from(into: &SqlitePool, table: &str, last: i64) -> Result<(), Error> {
    let raised = sqlx::query("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?")
        .bind(last)
        .bind(table)
        .execute(into)
        .await?;
    if raised.rows_affected() == 0 {
        sqlx::query("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)")
            .bind(table)
            .bind(last)
            .execute(into)
            .await?;
    }
    Ok(())
}
