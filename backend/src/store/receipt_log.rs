//! The Merkle log of receipts: adding receipts to it, proofs, and its signed heads.
//!
//! Receipt `number` is leaf `number - 1`. Leaves are added under the write lock, so several
//! processes can try at the same time.

use std::time::Instant;

use super::{
    Error, OpenError, ROWS_AT_ONCE, Store,
    engine::{Bind, Connection, QueryBuilder, query, query_as, query_scalar},
    retried,
    write_transaction::Scope,
};
use crate::{
    clock::Seconds,
    receipt::{
        Checkpoint, Edge, Hash, Subtree, inclusion_ranges, joined, leaf_data, leaf_hash, subtrees,
    },
};

/// Receipts that one transaction adds: as long as it runs, every other writer waits.
const BATCH: i64 = 100;

/// A proof that a receipt is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    pub leaf: u64,
    /// From the leaf to the root.
    pub path: Vec<Hash>,
    /// The signed note of the head.
    pub checkpoint: String,
}

impl Store {
    /// Adds the receipts that are not in the log yet, and signs a head for each batch. Returns how many
    /// were added.
    ///
    /// # Errors
    /// When the database cannot be written, or the log is not the one that was signed.
    pub async fn seal_receipts(&self, now: Seconds) -> Result<u64, Error> {
        let mut sealed = 0;
        while self.has_unsealed().await? {
            let began = Instant::now();
            let receipts = self.seal_batch(now).await?;
            if receipts == 0 {
                break;
            }
            sealed += receipts;
            // `cargo xtask bench` reads it.
            let microseconds = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            tracing::debug!(receipts, microseconds, "sealed receipts");
            // The next writer comes first.
            tokio::task::yield_now().await;
        }
        Ok(sealed)
    }

    async fn has_unsealed(&self) -> Result<bool, Error> {
        query_scalar!(
            r#"SELECT coalesce((SELECT max(number) FROM signed_receipts), 0)
                 > coalesce((SELECT max(tree_size) FROM checkpoints), 0) AS "unsealed!: bool""#
        )
        .fetch_one(&self.readers)
        .await
    }

    async fn seal_batch(&self, now: Seconds) -> Result<u64, Error> {
        retried(|| async {
        let mut transaction = self.writer.begin(Scope::ReceiptLog).await?;
        let mut edge = edge(&mut transaction).await?;
        let size = from_u64(edge.size());
        let rows = query_as!(
            struct { number: i64, jws: String, salt: Vec<u8> },
            "SELECT number, jws, salt FROM signed_receipts WHERE number > ? ORDER BY number LIMIT ?",
            size,
            BATCH,
        )
        .fetch_all(&mut *transaction)
        .await?;
        let mut nodes = Vec::new();
        for row in &rows {
            let expected = from_u64(edge.size()) + 1;
            if row.number != expected {
                return Err(broken(format!("receipt {expected} is missing")));
            }
            let added = edge.push(leaf_hash(&leaf_data(&row.salt, &row.jws)));
            nodes.extend(added.into_iter().map(|(Subtree { level, position }, hash)| {
                (i64::from(level), from_u64(position), hash)
            }));
        }
        if rows.is_empty() {
            return Ok(0);
        }
        for nodes in nodes.chunks(ROWS_AT_ONCE) {
            let mut insert = QueryBuilder::new("INSERT INTO log_nodes (level, position, hash)");
            insert.rows(nodes.iter().map(|(level, position, hash)| {
                [level.value(), position.value(), hash[..].value()]
            }));
            insert.execute(&mut *transaction).await?;
        }
        let origin = self.signer.log_name();
        let checkpoint = Checkpoint { origin, size: edge.size(), root: edge.root() };
        let key = self.signer.checkpoint_key(&mut transaction).await?;
        let (size, note) = (from_u64(edge.size()), checkpoint.sign(&key));
        query!(
            "INSERT INTO checkpoints (tree_size, note, made_at) VALUES (?, ?, ?)",
            size,
            note,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(rows.len() as u64)
})
.await
    }

    /// Refuses a log whose stored hashes do not have the root of the last signed head. Reads one row for
    /// each level of the tree; [`Self::check_receipts`] reads everything.
    pub(super) async fn check_log(&self) -> Result<(), OpenError> {
        let keys = self.receipt_keys().await?;
        let mut reading = self.readers.begin().await?;
        let Some(note) = latest_checkpoint(&mut reading).await? else { return Ok(()) };
        let checkpoint = Checkpoint::verify(&note, &keys).map_err(OpenError::ReceiptLog)?;
        let is_signed = edge(&mut reading)
            .await
            .is_ok_and(|edge| edge.size() == checkpoint.size && edge.root() == checkpoint.root);
        match is_signed {
            true => Ok(()),
            false => Err(OpenError::ReceiptLog(
                "the log of receipts does not have the root of its last checkpoint".to_owned(),
            )),
        }
    }

    /// The last signed head of the log; none before the first receipt.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn latest_checkpoint(&self) -> Result<Option<String>, Error> {
        latest_checkpoint(&mut self.readers.acquire().await?).await
    }
}

/// The proof for a receipt in the last head of the log; none when it is not in it yet.
pub(super) async fn inclusion_proof(
    connection: &mut Connection,
    number: i64,
) -> Result<Option<InclusionProof>, Error> {
    let head = query_as!(
        struct { tree_size: i64, note: String },
        r#"SELECT tree_size AS "tree_size!", note FROM checkpoints ORDER BY tree_size DESC LIMIT 1"#
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(head) = head else { return Ok(None) };
    let (leaf, size) = (to_u64(number - 1), to_u64(head.tree_size));
    let Some(ranges) = inclusion_ranges(leaf, size) else { return Ok(None) };
    let mut path = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        let hashes = hashes(connection, &subtrees(start, end)).await?;
        path.push(joined(&hashes).ok_or_else(|| broken("a range has no leaves".to_owned()))?);
    }
    Ok(Some(InclusionProof { leaf, path, checkpoint: head.note }))
}

async fn latest_checkpoint(connection: &mut Connection) -> Result<Option<String>, Error> {
    query_scalar!("SELECT note FROM checkpoints ORDER BY tree_size DESC LIMIT 1")
        .fetch_optional(connection)
        .await
}

/// The right edge of the log.
async fn edge(connection: &mut Connection) -> Result<Edge, Error> {
    let size =
        query_scalar!(r#"SELECT coalesce(max(tree_size), 0) AS "size!: i64" FROM checkpoints"#)
            .fetch_one(&mut *connection)
            .await?;
    let size = to_u64(size);
    let hashes = hashes(connection, &subtrees(0, size)).await?;
    Ok(Edge::new(size, hashes))
}

/// The stored hashes of these subtrees.
async fn hashes(connection: &mut Connection, wanted: &[Subtree]) -> Result<Vec<Hash>, Error> {
    let mut found = Vec::with_capacity(wanted.len());
    for subtree in wanted {
        let (level, position) = (i64::from(subtree.level), from_u64(subtree.position));
        let hash = query_scalar!(
            "SELECT hash FROM log_nodes WHERE level = ? AND position = ?",
            level,
            position,
        )
        .fetch_optional(&mut *connection)
        .await?;
        let hash = hash.and_then(|hash| Hash::try_from(hash).ok());
        found.push(hash.ok_or_else(|| broken(format!("the hash {level}/{position} is missing")))?);
    }
    Ok(found)
}

fn broken(reason: String) -> Error {
    Error::Protocol(format!("the log of receipts is broken: {reason}"))
}

fn from_u64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn to_u64(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
