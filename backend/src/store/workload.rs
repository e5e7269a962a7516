//! How much there is to do, for metrics.

use super::{
    Error, Store,
    engine::{Pool, Scalars, SqlxPool, query_as},
};

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

/// Connections of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    pub open: i64,
    pub in_use: i64,
    /// How many there can be.
    pub most: i64,
}

impl PoolUse {
    pub(super) fn of<DB: sqlx::Database>(pool: &sqlx::Pool<DB>) -> Self {
        let (open, idle) = (i64::from(pool.size()), pool.num_idle());
        let in_use = open - i64::try_from(idle).unwrap_or(open);
        let most = i64::from(pool.options().get_max_connections());
        Self { open, in_use: in_use.max(0), most }
    }
}

impl Store {
    /// The connections of each pool of this process.
    #[must_use]
    pub fn pool_use(&self) -> Vec<(&'static str, PoolUse)> {
        match (self.readers.of_sqlx(), self.writer.sqlite()) {
            (SqlxPool::Postgres(pool), _) => vec![("all", PoolUse::of(pool))],
            (SqlxPool::Sqlite(pool), writer) => {
                let mut pools = vec![("read_transactions", PoolUse::of(pool))];
                if let Pool::SqliteReaders(readers) = &self.readers {
                    pools.push(("statements", readers.statements()));
                }
                pools.extend(writer.map(|writer| ("writer", PoolUse::of(writer))));
                pools
            }
        }
    }

    /// Reads it. Counts go by indexes that hold only what is counted.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn workload(&self) -> Result<Workload, Error> {
        let row = query_as!(
            struct { pending: i64, dead: i64, unsealed: i64 },
            r#"SELECT (SELECT count(*) FROM outbox WHERE next_at IS NOT NULL) AS "pending!: i64",
                 (SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL) AS "dead!: i64",
                 coalesce((SELECT max(number) FROM signed_receipts), 0)
                     - coalesce((SELECT max(tree_size) FROM checkpoints), 0) AS "unsealed!: i64""#
        )
        .fetch_one(&self.readers)
        .await?;
        let (database_bytes, log_bytes) = self.size().await?;
        Ok(Workload {
            pending_events: row.pending,
            dead_events: row.dead,
            unsealed_receipts: row.unsealed,
            database_bytes,
            log_bytes,
        })
    }

    /// The size of the database and of SQLite's write-ahead log, in bytes. PostgreSQL's log is of the
    /// whole server, and not counted.
    async fn size(&self) -> Result<(i64, i64), Error> {
        let Some(pool) = self.writer.sqlite() else {
            let size = Scalars::<i64>::listed("SELECT pg_database_size(current_database())");
            return Ok((size.fetch_one(&self.readers).await?, 0));
        };
        let options = pool.connect_options();
        let file = options.get_filename().to_owned();
        let mut log = file.clone().into_os_string();
        log.push("-wal");
        let size = |path: &std::path::Path| {
            let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
            i64::try_from(size).unwrap_or(i64::MAX)
        };
        Ok((size(&file), size(log.as_ref())))
    }
}
