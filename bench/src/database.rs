//! A backend's database, read beside the backend.

use anyhow::{Context, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row};
use std::path::PathBuf;
use std::time::Duration;

/// How long a statement waits for the backend's own writes.
const BUSY: Duration = Duration::from_secs(60);

/// Where a database is.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A URL.
    Postgres(String),
}

impl Database {
    /// The numbers of the one row of a query that both engines understand.
    ///
    /// # Errors
    /// When the database cannot be read, or the query is of something else.
    pub async fn numbers<const N: usize>(&self, query: &str) -> Result<[i64; N]> {
        self.open().await?.numbers(query).await
    }

    /// A connection of its own.
    ///
    /// # Errors
    /// When there is no such database.
    pub async fn open(&self) -> Result<Opened> {
        Ok(match self {
            Self::Sqlite(file) => {
                let options = SqliteConnectOptions::new().filename(file).busy_timeout(BUSY);
                // What is put into it is in order, and no user waits for it.
                let options = options.foreign_keys(false);
                Opened::Sqlite(options.connect().await.context("the backend's database")?)
            }
            Self::Postgres(url) => Opened::Postgres(
                PgConnection::connect(url).await.context("the backend's database")?,
            ),
        })
    }
}

/// An open connection.
pub enum Opened {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Opened {
    /// The numbers of the one row of a query.
    ///
    /// # Errors
    /// As for [`Database::numbers`].
    pub async fn numbers<const N: usize>(&mut self, query: &str) -> Result<[i64; N]> {
        let query = AssertSqlSafe(query.to_owned());
        let mut numbers = [0; N];
        match self {
            Self::Sqlite(connection) => {
                let row = sqlx::query(query).fetch_one(&mut *connection).await?;
                for (at, number) in numbers.iter_mut().enumerate() {
                    *number = row.try_get(at)?;
                }
            }
            Self::Postgres(connection) => {
                let row = sqlx::query(query).fetch_one(&mut *connection).await?;
                for (at, number) in numbers.iter_mut().enumerate() {
                    *number = row.try_get(at)?;
                }
            }
        }
        Ok(numbers)
    }

    /// Runs statements, one after the other.
    ///
    /// # Errors
    /// When one is refused.
    pub async fn run(&mut self, sql: &str) -> Result<()> {
        let statements = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => {
                sqlx::raw_sql(statements).execute(&mut *connection).await.map(drop)
            }
            Self::Postgres(connection) => {
                sqlx::raw_sql(statements).execute(&mut *connection).await.map(drop)
            }
        }
        .with_context(|| sql.to_owned())
    }

    /// Closes the connection.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn close(self) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.close().await?,
            Self::Postgres(connection) => connection.close().await?,
        }
        Ok(())
    }
}
