//! Flushes of PostgreSQL's write-ahead log, shared by the transactions that wait for one.

use std::{collections::HashSet, io, sync::Arc, time::Duration};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::Error;

/// Transactions that share a flush at most.
const TOGETHER: usize = 256;

/// How long a flush may take, as long as a transaction waits for others. Without its synchronous standby,
/// PostgreSQL lets a commit wait for ever.
const LONGEST: Duration = Duration::from_secs(5);

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
    /// Flushes through a connection of its own, until this and its copies are dropped.
    pub fn new(options: Arc<PgConnectOptions>) -> Self {
        let (ask, asked) = mpsc::unbounded_channel();
        tokio::spawn(answer(options, asked));
        Self(ask)
    }

    /// Returns once the committed transaction that has written this receipt, and what was committed before it,
    /// is on the disk. Calls at the same time share a flush.
    ///
    /// # Errors
    /// When the log cannot be flushed in time, or the receipt is not in the database any more.
    pub async fn wait(&self, receipt_id: &str) -> Result<(), Error> {
        let (done, flushed) = oneshot::channel();
        let waiting = Waiting { receipt_id: receipt_id.to_owned(), done };
        self.0.send(waiting).map_err(|_| Error::WorkerCrashed)?;
        flushed.await.map_err(|_| Error::WorkerCrashed)?
    }
}

async fn answer(options: Arc<PgConnectOptions>, mut asked: mpsc::UnboundedReceiver<Waiting>) {
    let mut kept = None;
    let mut waiting = Vec::new();
    while asked.recv_many(&mut waiting, TOGETHER).await > 0 {
        let receipts: Vec<&str> = waiting.iter().map(|it| it.receipt_id.as_str()).collect();
        let flushed = match timeout(LONGEST, flush(&mut kept, &options, &receipts)).await {
            Ok(flushed) => flushed,
            Err(late) => Err(Error::Io(late.into())),
        };
        if flushed.is_err() {
            kept = None;
        }
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
    if let Some(connection) = kept
        && let Err(error) = connection.close().await
    {
        tracing::debug!(%error, "the connection that flushes was not closed in order");
    }
}

/// Those of the receipts that are in the database, once they are on the disk.
async fn flush(
    kept: &mut Option<PgConnection>,
    options: &PgConnectOptions,
    receipts: &[&str],
) -> Result<HashSet<String>, Error> {
    // It may have been lost since it was used last.
    if let Some(connection) = kept
        && let Ok(known) = flush_on(connection, receipts).await
    {
        return Ok(known);
    }
    flush_on(kept.insert(PgConnection::connect_with(options).await?), receipts).await
}

async fn flush_on(
    connection: &mut PgConnection,
    receipts: &[&str],
) -> Result<HashSet<String>, Error> {
    let known = sqlx::query_scalar(FLUSH).bind(receipts).fetch_all(connection).await?;
    Ok(known.into_iter().collect())
}
