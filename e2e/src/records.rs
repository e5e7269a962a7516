//! What the backend wrote into its database, read while it runs.

use anyhow::{Context, Result, bail};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, FromRow};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One decision.
#[derive(Debug, FromRow, PartialEq)]
pub struct Decision {
    pub receipt_id: String,
    pub account: String,
    pub service: String,
    /// `agree` or `cancel`.
    pub decision: String,
    pub purpose: String,
    pub locale: String,
}

/// One item that was asked, and the answer.
#[derive(Debug, FromRow, PartialEq)]
pub struct Item {
    /// `term:tos`, `item:account_email`, `channel:_shop`.
    pub key: String,
    pub required: bool,
    pub version: Option<String>,
    pub digest: Option<String>,
    pub locale: String,
    pub agreed: bool,
}

/// Every decision, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn decisions(data: &Path) -> Result<Vec<Decision>> {
    let mut database = open(data).await?;
    let query = "SELECT receipt_id, account, service, decision, purpose, locale FROM decisions \
                 ORDER BY rowid";
    Ok(sqlx::query_as(query).fetch_all(&mut database).await?)
}

/// The items of a receipt, in the order in which they were asked.
///
/// # Errors
/// When the database cannot be read.
pub async fn items(data: &Path, receipt_id: &str) -> Result<Vec<Item>> {
    let mut database = open(data).await?;
    let query = "SELECT key, required, version, digest, locale, agreed FROM receipt_items \
                 WHERE receipt_id = ? ORDER BY position";
    Ok(sqlx::query_as(query).bind(receipt_id).fetch_all(&mut database).await?)
}

/// As if this time had passed while the backend was down: what waits to be delivered waits less long.
///
/// # Errors
/// When the database cannot be written.
pub async fn bring_deliveries_nearer(data: &Path, pause: Duration) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(database(data)?);
    let seconds = i64::try_from(pause.as_secs())?;
    sqlx::query(
        "UPDATE outbox SET next_at = next_at - ?, lease_until = lease_until - ? \
         WHERE next_at IS NOT NULL",
    )
    .bind(seconds)
    .bind(seconds)
    .execute(&mut options.connect().await?)
    .await?;
    Ok(())
}

async fn open(data: &Path) -> Result<SqliteConnection> {
    let file = database(data)?;
    // Nothing is written here: a test that repairs the database tests nothing.
    let options = SqliteConnectOptions::new().filename(&file).read_only(true);
    let database = options.connect().await;
    database.with_context(|| format!("cannot open {}", file.display()))
}

/// The one database file in the backend's data directory.
fn database(data: &Path) -> Result<PathBuf> {
    for entry in std::fs::read_dir(data)? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| matches!(kind.to_str(), Some("db" | "sqlite"))) {
            return Ok(path);
        }
    }
    bail!("there is no database in {}", data.display());
}
