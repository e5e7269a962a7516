//! How much there is to do, for metrics.

use super::{Error, Store};

/// What waits in the database, and its size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Workload {
    pub pending_events: i64,
    pub dead_events: i64,
    pub unsealed_receipts: i64,
    pub database_bytes: i64,
    /// Of the write-ahead log.
    pub log_bytes: i64,
}

impl Store {
    /// Reads it. Counts go by indexes that hold only what is counted.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn workload(&self) -> Result<Workload, Error> {
        let row = sqlx::query!(
            r#"SELECT (SELECT count(*) FROM outbox WHERE next_at IS NOT NULL) AS "pending!: i64",
                 (SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL) AS "dead!: i64",
                 coalesce((SELECT max(number) FROM signed_receipts), 0)
                     - coalesce((SELECT max(tree_size) FROM checkpoints), 0) AS "unsealed!: i64""#
        )
        .fetch_one(&self.readers)
        .await?;
        let options = self.readers.connect_options();
        let file = options.get_filename().to_owned();
        let mut log = file.clone().into_os_string();
        log.push("-wal");
        let size = |path: &std::path::Path| {
            let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
            i64::try_from(size).unwrap_or(i64::MAX)
        };
        Ok(Workload {
            pending_events: row.pending,
            dead_events: row.dead,
            unsealed_receipts: row.unsealed,
            database_bytes: size(&file),
            log_bytes: size(log.as_ref()),
        })
    }
}
