//! Flushes of PostgreSQL's write-ahead log, shared by the transactions that wait for one.

use std::{collections::HashSet, io};

use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};

use super::Error;

/// Transactions that share a flush at most.
const TOGETHER: usize = 256;

/// Writes a message into the log, whose commit waits for the disk, and for a synchronous standby. All that
/// was committed before is there then, too. The receipts that are asked for must still be in the database: after
/// a failover this may be a server that never had them.
const FLUSH: &str = "\
    WITH known AS MATERIALIZED (
        SELECT receipt_id FROM signed_receipts WHERE receipt_id = ANY($1)
        UNION SELECT receipt_id FROM decisions WHERE receipt_id = ANY($1)
    )
    SELECT known.receipt_id FROM known
    CROSS JOIN (SELECT pg_logical_emit_message(true, 'consent-backend', '')) AS flushed";

/// One transaction, by a receipt that it has written.
struct Waiting {
    receipt_id: String,
    done: oneshot::Sender<Result<(), Error>>,
}

/// The write-ahead log of a PostgreSQL.
#[derive(Debug, Clone)]
pub(super) struct WalFlush(mpsc::UnboundedSender<Waiting>);

impl WalFlush {
    /// Flushes through connections of a pool, until this and its copies are dropped.
    pub fn new(pool: PgPool) -> Self {
        let (ask, asked) = mpsc::unbounded_channel();
        tokio::spawn(answer(pool, asked));
        Self(ask)
    }

    /// Returns once the committed transaction that has written this receipt, and what was committed before it,
    /// is on the disk. Calls at the same time share a flush.
    ///
    /// # Errors
    /// When the log cannot be flushed, or the receipt is not in the database any more.
    pub async fn wait(&self, receipt_id: &str) -> Result<(), Error> {
        let (done, flushed) = oneshot::channel();
        let waiting = Waiting { receipt_id: receipt_id.to_owned(), done };
        self.0.send(waiting).map_err(|_| Error::WorkerCrashed)?;
        flushed.await.map_err(|_| Error::WorkerCrashed)?
    }
}

async fn answer(pool: PgPool, mut asked: mpsc::UnboundedReceiver<Waiting>) {
    let mut waiting = Vec::new();
    while asked.recv_many(&mut waiting, TOGETHER).await > 0 {
        let receipts: Vec<&str> = waiting.iter().map(|it| it.receipt_id.as_str()).collect();
        let flushed = flush(&pool, &receipts).await;
        for Waiting { receipt_id, done } in waiting.drain(..) {
            let result = match &flushed {
                Ok(known) if known.contains(&receipt_id) => Ok(()),
                Ok(_) => {
                    Err(io::Error::other("a committed receipt is not in the database any more"))
                }
                Err(error) => Err(io::Error::other(error.to_string())),
            };
            // Who asked may have been given up.
            let _ = done.send(result.map_err(Error::Io));
        }
    }
}

/// Those of the receipts that are in the database, once they are on the disk.
async fn flush(pool: &PgPool, receipts: &[&str]) -> Result<HashSet<String>, Error> {
    Ok(sqlx::query_scalar(FLUSH).bind(receipts).fetch_all(pool).await?.into_iter().collect())
}
