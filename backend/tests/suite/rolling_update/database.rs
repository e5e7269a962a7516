//! A database of either engine, and connections that stay open while others migrate it.

use std::{path::Path, time::Duration};

use consent_backend::postgres_text;
use serde_json::Value as Json;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Either, Executor, PgConnection, SqlSafeStr, SqlStr,
    SqliteConnection, Statement, TypeInfo,
    migrate::{MigrateError, Migration, Migrator},
    postgres::{PgArguments, PgConnectOptions},
    sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode},
};
use tempfile::TempDir;

use super::values::{Kind, Value};
use crate::postgres::{
    cluster::cluster,
    schema::{self, Schema},
};

/// More than a release has: each stays prepared.
const STATEMENTS: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// Those that are on this machine.
    pub fn installed() -> Vec<Self> {
        let postgres = cluster().map(|_| Self::Postgres);
        [Self::Sqlite].into_iter().chain(postgres).collect()
    }

    /// The migrations of this tree.
    pub fn migrations(self) -> Vec<Migration> {
        let all = match self {
            Self::Sqlite => &schema::OF_SQLITE,
            Self::Postgres => &schema::OF_POSTGRES,
        };
        all.iter().cloned().collect()
    }
}

pub enum Database {
    Sqlite(TempDir),
    /// The URL.
    Postgres(String),
}

impl Database {
    /// A new one without tables.
    pub fn new(engine: Engine, name: &str) -> Self {
        match engine {
            Engine::Sqlite => Self::Sqlite(TempDir::new().unwrap()),
            Engine::Postgres => Self::Postgres(cluster().unwrap().empty(name)),
        }
    }

    pub async fn connect(&self) -> Connection {
        match self {
            Self::Sqlite(folder) => {
                Connection::to_sqlite(&folder.path().join("consent.sqlite")).await
            }
            Self::Postgres(url) => Connection::to_postgres(url).await,
        }
    }
}

pub enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Connection {
    pub async fn to_sqlite(file: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(30))
            .statement_cache_capacity(STATEMENTS);
        Self::Sqlite(options.connect().await.unwrap())
    }

    pub async fn to_postgres(url: &str) -> Self {
        let options: PgConnectOptions = url.parse().unwrap();
        Self::Postgres(options.statement_cache_capacity(STATEMENTS).connect().await.unwrap())
    }

    /// Applies those of these migrations that the database does not have.
    pub async fn migrate(&mut self, migrations: Vec<Migration>) -> Result<(), MigrateError> {
        let migrator = Migrator::with_migrations(migrations);
        match self {
            Self::Sqlite(connection) => migrator.run(&mut *connection).await,
            Self::Postgres(connection) => migrator.run(&mut *connection).await,
        }
    }

    pub async fn schema(&mut self) -> Schema {
        match self {
            Self::Sqlite(connection) => schema::of_sqlite(connection).await,
            Self::Postgres(connection) => schema::of_postgres(connection).await,
        }
    }

    /// The statement as this engine takes it.
    fn text(&self, statement: &str) -> SqlStr {
        let text = match self {
            Self::Sqlite(_) => statement.to_owned(),
            Self::Postgres(_) => postgres_text(statement),
        };
        AssertSqlSafe(text).into_sql_str()
    }

    /// The columns of a statement with their types, whether they can be NULL, and the types of its values.
    pub async fn describe(&mut self, statement: &str) -> Result<Json, sqlx::Error> {
        let text = self.text(statement);
        let described = match self {
            Self::Sqlite(connection) => serde_json::to_value(connection.describe(text).await?),
            Self::Postgres(connection) => serde_json::to_value(connection.describe(text).await?),
        };
        Ok(described.unwrap())
    }

    /// Prepares a statement, which stays prepared on this connection. Returns the types of its values;
    /// SQLite knows only how many there are.
    pub async fn prepare(&mut self, statement: &str) -> Result<Vec<Option<Kind>>, sqlx::Error> {
        let text = self.text(statement);
        Ok(match self {
            Self::Sqlite(connection) => {
                let prepared = connection.prepare(text).await?;
                match prepared.parameters() {
                    Some(Either::Right(many)) => vec![None; many],
                    other => panic!("{statement}: {other:?}"),
                }
            }
            Self::Postgres(connection) => {
                let prepared = connection.prepare(text).await?;
                match prepared.parameters() {
                    Some(Either::Left(types)) => {
                        types.iter().map(|it| Some(Kind::named(it.name()))).collect()
                    }
                    other => panic!("{statement}: {other:?}"),
                }
            }
        })
    }

    /// Runs a statement to its end.
    pub async fn run(&mut self, statement: &str, values: &[Value]) -> Result<(), sqlx::Error> {
        let text = self.text(statement);
        match self {
            Self::Sqlite(connection) => {
                let mut arguments = SqliteArguments::default();
                values.iter().for_each(|value| value.add(&mut arguments));
                sqlx::query_with(text, arguments).execute(connection).await.map(drop)
            }
            Self::Postgres(connection) => {
                let mut arguments = PgArguments::default();
                values.iter().for_each(|value| value.add(&mut arguments));
                sqlx::query_with(text, arguments).execute(connection).await.map(drop)
            }
        }
    }

    /// Runs statements of the test itself.
    pub async fn script(&mut self, sql: &'static str) {
        match self {
            Self::Sqlite(connection) => sqlx::raw_sql(sql).execute(connection).await.map(drop),
            Self::Postgres(connection) => sqlx::raw_sql(sql).execute(connection).await.map(drop),
        }
        .unwrap();
    }

    /// A number.
    pub async fn count(&mut self, sql: &'static str) -> i64 {
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(sql).fetch_one(connection).await,
            Self::Postgres(connection) => sqlx::query_scalar(sql).fetch_one(connection).await,
        }
        .unwrap()
    }
}
