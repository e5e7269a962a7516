//! Lookups in SQLite by the thread that asks.
//!
//! sqlx has a thread for each connection, and a statement is a message to it and its rows are messages back: for a
//! statement that finds a row or two by a key, waking the two threads takes most of the time. What such a statement
//! reads is in memory nearly always, so the thread that asks can read it itself. See ADR 26.

use std::{
    fmt,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{
    Connection, OpenFlags, Row, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use serde::de::DeserializeOwned;

use super::value::Value;
use crate::store::name::Named;

/// Statements that a connection keeps prepared.
const PREPARED: usize = 64;

/// What a row of a lookup becomes: a struct that [`record`](super::record) makes.
pub trait Record: Sized {
    /// Of the columns with the names of the fields.
    ///
    /// # Errors
    /// When a column is missing, or has a value of another type.
    fn of_row(row: &Row<'_>) -> rusqlite::Result<Self>;
}

/// Connections that only read, each used by one thread at a time.
pub struct Lookups {
    database: PathBuf,
    /// Those that no thread uses. None after closing.
    idle: Mutex<Option<Vec<Connection>>>,
}

impl Lookups {
    pub fn new(database: PathBuf) -> Self {
        Self { database, idle: Mutex::new(Some(Vec::new())) }
    }

    /// The first rows of a statement, `most` at most. None where it cannot be run now, for whatever reason: then
    /// the statement is to be run by sqlx, which waits for a locked database and says what is wrong with another.
    pub fn find<R>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        most: usize,
        read: fn(&Row<'_>) -> rusqlite::Result<R>,
    ) -> Option<Vec<R>> {
        let idle = self.idle().as_mut()?.pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.open().inspect_err(|error| left_to_sqlx(sql, error)).ok()?,
        };
        let found = rows(&connection, sql, values, most, read);
        let found = found.inspect_err(|error| left_to_sqlx(sql, error)).ok()?;
        // One that has failed is closed, and so is one that comes back after closing.
        if let Some(idle) = self.idle().as_mut() {
            idle.push(connection);
        }
        Some(found)
    }

    /// Closes every connection; one that is in use, when it is not any more.
    pub fn close(&self) {
        drop(self.idle().take());
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.database, flags)?;
        // No thread that answers requests waits for a lock.
        connection.busy_timeout(Duration::ZERO)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        Ok(connection)
    }

    fn idle(&self) -> MutexGuard<'_, Option<Vec<Connection>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// It is slow where it is always so, and nothing else shows it.
fn left_to_sqlx(sql: &str, error: &rusqlite::Error) {
    tracing::debug!(%error, sql, "a lookup is left to sqlx");
}

fn rows<R>(
    connection: &Connection,
    sql: &str,
    values: &[Value<'_>],
    most: usize,
    read: fn(&Row<'_>) -> rusqlite::Result<R>,
) -> rusqlite::Result<Vec<R>> {
    let mut statement = connection.prepare_cached(sql)?;
    for (number, value) in (1..).zip(values) {
        statement.raw_bind_parameter(number, value)?;
    }
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while found.len() < most
        && let Some(row) = rows.next()?
    {
        found.push(read(row)?);
    }
    Ok(found)
}

impl fmt::Debug for Lookups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let idle = self.idle().as_ref().map(Vec::len);
        f.debug_struct("Lookups").field("idle", &idle).finish_non_exhaustive()
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Integer(Some(number)) => ValueRef::Integer(*number),
            Self::Boolean(Some(is_so)) => ValueRef::Integer((*is_so).into()),
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(Some(bytes)) => ValueRef::Blob(bytes),
            Self::Integer(None) | Self::Boolean(None) | Self::Text(None) | Self::Bytes(None) => {
                ValueRef::Null
            }
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

impl<T: DeserializeOwned> FromSql for Named<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let named = serde_plain::from_str(value.as_str()?);
        Ok(Self(named.map_err(|error| FromSqlError::Other(Box::new(error)))?))
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const MADE: &str = "CREATE TABLE things (id INTEGER, name TEXT, code BLOB, is_new INTEGER);
        INSERT INTO things VALUES (1, '하나', x'01', TRUE), (2, NULL, NULL, FALSE), (3, 'x', x'', 0);";

    type Thing = (i64, Option<String>, Option<Vec<u8>>, bool);

    fn thing(row: &Row<'_>) -> rusqlite::Result<Thing> {
        Ok((row.get("id")?, row.get("name")?, row.get("code")?, row.get("is_new")?))
    }

    fn lookups() -> (Lookups, Connection, TempDir) {
        let folder = TempDir::new().unwrap();
        let database = folder.path().join("test.sqlite");
        let writer = Connection::open(&database).unwrap();
        writer.pragma_update(None, "journal_mode", "wal").unwrap();
        writer.execute_batch(MADE).unwrap();
        (Lookups::new(database), writer, folder)
    }

    fn found(lookups: &Lookups, most: usize) -> Option<Vec<Thing>> {
        let at_least = [Value::Integer(Some(1)), Value::Text(Some("x".into()))];
        let sql = "SELECT * FROM things WHERE id >= ?1 AND coalesce(name, '') <> ?2 ORDER BY id";
        lookups.find(sql, &at_least, most, thing)
    }

    #[test]
    fn rows_are_read_as_they_are_now() {
        let (lookups, writer, _folder) = lookups();
        let one = (1, Some("하나".to_owned()), Some(vec![1]), true);
        assert_eq!(found(&lookups, 9).unwrap(), [one.clone(), (2, None, None, false)]);
        assert_eq!(found(&lookups, 1).unwrap(), [one]);
        writer.execute("DELETE FROM things WHERE id = 1", ()).unwrap();
        assert_eq!(found(&lookups, 9).unwrap(), [(2, None, None, false)]);
    }

    #[test]
    fn the_same_connection_is_used_again_and_a_change_of_the_schema_is_no_trouble() {
        let (lookups, writer, _folder) = lookups();
        found(&lookups, 9).unwrap();
        writer.execute("ALTER TABLE things ADD COLUMN more TEXT", ()).unwrap();
        assert_eq!(found(&lookups, 9).unwrap().len(), 2);
        assert_eq!(lookups.idle().as_ref().map(Vec::len), Some(1));
    }

    #[test]
    fn what_cannot_be_read_here_is_left_to_sqlx() {
        let (lookups, writer, folder) = lookups();
        assert_eq!(lookups.find("SELECT nonsense", &[], 1, thing), None);
        assert_eq!(lookups.find("SELECT 1 AS id", &[], 1, thing), None);
        // A file that is locked is not waited for.
        drop(writer);
        let other = Connection::open(folder.path().join("test.sqlite")).unwrap();
        lookups.close();
        let lookups = Lookups::new(folder.path().join("test.sqlite"));
        other.pragma_update(None, "locking_mode", "exclusive").unwrap();
        other.execute("DELETE FROM things WHERE id = 3", ()).unwrap();
        assert_eq!(found(&lookups, 9), None);
        drop(other);
        assert_eq!(found(&lookups, 9).unwrap().len(), 2);
    }

    #[test]
    fn nothing_is_found_after_closing_and_nothing_stays_open() {
        let (lookups, writer, _folder) = lookups();
        found(&lookups, 9).unwrap();
        // The journal can be changed only while no other connection is open.
        writer.busy_timeout(Duration::ZERO).unwrap();
        let is_alone = || {
            let mode = "PRAGMA journal_mode = DELETE";
            let mode = writer.query_row(mode, (), |row| row.get::<_, String>(0));
            mode.is_ok_and(|it| it == "delete")
        };
        assert!(!is_alone());
        lookups.close();
        assert_eq!(found(&lookups, 9), None);
        assert!(lookups.idle().is_none() && is_alone());
    }
}
