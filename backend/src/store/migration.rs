//! Bringing the schema of a database up to date, by one process at a time.
//!
//! sqlx has no migration lock for SQLite: the caller holds the one of [`super::files::lock`].

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use sqlx::{Row, SqlitePool, migrate::Migrator, sqlite::SqlitePoolOptions};
use time::{OffsetDateTime, macros::format_description};

use super::{Error, OpenError, files};

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// The versions of the migrations that a database has; none for a new one.
///
/// # Errors
/// When the database cannot be read.
pub async fn applied(pool: &SqlitePool) -> Result<BTreeSet<i64>, Error> {
    if !has_table(pool, "_sqlx_migrations").await? {
        return Ok(BTreeSet::new());
    }
    let rows = sqlx::query("SELECT version FROM _sqlx_migrations").fetch_all(pool).await?;
    rows.iter().map(|row| row.try_get("version")).collect()
}

/// Whether there is a table of this name.
///
/// # Errors
/// When the database cannot be read.
pub async fn has_table(pool: &SqlitePool, name: &str) -> Result<bool, Error> {
    let found = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?)";
    sqlx::query_scalar(found).bind(name).fetch_one(pool).await
}

/// Refuses a database that a newer version of this program has changed.
///
/// # Errors
/// `OpenError::Newer`.
pub fn check_known(applied: &BTreeSet<i64>) -> Result<(), OpenError> {
    match applied.iter().rev().find(|version| !MIGRATOR.version_exists(**version)) {
        Some(version) => Err(OpenError::Newer(*version)),
        None => Ok(()),
    }
}

/// Whether a migration of this version is missing.
#[must_use]
pub fn is_behind(applied: &BTreeSet<i64>) -> bool {
    MIGRATOR.iter().any(|migration| !applied.contains(&migration.version))
}

/// Tables, indexes, views and triggers of a database by type and name, with their SQL. Without those
/// that SQLite makes for itself.
///
/// # Errors
/// When the database cannot be read.
pub async fn schema(pool: &SqlitePool) -> Result<BTreeMap<(String, String), String>, Error> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'",
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(kind, name, sql)| ((kind, name), sql)).collect())
}

/// The schema that the migrations of this version make.
///
/// # Errors
/// When a migration fails.
pub async fn expected_schema() -> Result<BTreeMap<(String, String), String>, Error> {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
    MIGRATOR.run(&pool).await.map_err(|error| Error::Migrate(Box::new(error)))?;
    let schema = schema(&pool).await?;
    pool.close().await;
    Ok(schema)
}

/// Applies what is missing. A database that holds something already is copied before.
///
/// # Errors
/// When the copy or a migration fails. Each migration is applied whole or not at all.
pub async fn migrate(
    pool: &SqlitePool,
    folder: &Path,
    applied: &BTreeSet<i64>,
) -> Result<(), OpenError> {
    if let (true, Some(version)) = (is_behind(applied), applied.last()) {
        copy(pool, folder, *version).await?;
    }
    make_schema(pool).await
}

/// The same without a copy, for a database that is new or a copy itself.
///
/// # Errors
/// When a migration fails.
pub async fn make_schema(pool: &SqlitePool) -> Result<(), OpenError> {
    MIGRATOR.run(pool).await.map_err(OpenError::Migration)?;
    forget_statistics(pool).await?;
    Ok(())
}

/// Deletes the statistics that `ANALYZE` or `PRAGMA optimize` left. Queries are written to go by an
/// index, and without statistics they go by the same one whatever the tables hold. Statistics of a table that had one row make a search of the whole table look cheap,
/// also when it has 300,000 rows an hour later.
async fn forget_statistics(pool: &SqlitePool) -> Result<(), Error> {
    if has_table(pool, "sqlite_stat1").await? {
        sqlx::query("DELETE FROM sqlite_stat1").execute(pool).await?;
        // Connections that are open have read them.
        sqlx::query("ANALYZE sqlite_schema").execute(pool).await?;
    }
    Ok(())
}

/// Copies the database as it is before a migration: there is no way back from one. `VACUUM INTO`
/// copies what is in the write-ahead log, too, which a copy of the file alone would miss.
async fn copy(pool: &SqlitePool, folder: &Path, version: i64) -> Result<(), OpenError> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let time = OffsetDateTime::now_utc()
        .format(format)
        .expect("a time of this century can be written in years, months and seconds");
    let copy = files::Copy::begin(folder, &format!("version-{version}.{time}"))?;
    sqlx::query("VACUUM INTO ?")
        .bind(copy.partial().to_string_lossy())
        .execute(pool)
        .await
        .map_err(OpenError::Copy)?;
    let path = copy.finish()?;
    tracing::warn!(
        copy = %path.display(),
        "the database was copied before its migration; the copy holds keys and personal data: \
         delete it once you need no way back"
    );
    Ok(())
}
