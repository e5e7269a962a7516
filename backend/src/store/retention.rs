//! Deleting receipts at the end of their retention period. A signed receipt of the deletion names their
//! places in the log, so that a missing receipt is either named there or was not removed by this program.

use std::time::{Duration, Instant};

use super::{
    Error, Store, WriteTransaction,
    cleanup::log_deleted,
    engine::{Execution, query, query_as, query_scalar},
    retried,
    signed_receipt::{self, About},
};
use crate::{
    clock::Seconds,
    crypto,
    receipt::{DeletionEvent, DeletionReason, Event},
};

/// Receipts that one transaction deletes at most, and items of receipts after which it takes no further
/// receipt: as long as it runs, every other writer waits.
const MOST_RECEIPTS: i64 = 50;
const MANY_ITEMS: i64 = 500;

/// The shortest pause between two transactions.
const PAUSE: Duration = Duration::from_millis(10);

/// How long receipts are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Cancelled and refused decisions.
    pub refusals: Seconds,
    /// Every receipt between an account and a service, after the account has left it and nothing more
    /// has happened there; none for no end.
    pub ended_agreements: Option<Seconds>,
}

/// A receipt to delete.
#[derive(sqlx::FromRow)]
struct Candidate {
    receipt_id: String,
    /// How many items it has.
    items: i64,
    /// Its number among the signed receipts.
    number: Option<i64>,
}

impl Store {
    /// Sets the periods, which the triggers of the schema follow.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_retention(&self, retention: Retention) -> Result<(), Error> {
        let Retention { refusals, ended_agreements } = retention;
        query!(
            "UPDATE receipt_settings SET keep_refusals = ?1, keep_ended = ?2
             WHERE keep_refusals <> ?1 OR keep_ended IS DISTINCT FROM CAST(?2 AS BIGINT)",
            refusals,
            ended_agreements,
        )
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Deletes the receipts whose period has ended, by this clock and by SQLite's. Returns how many.
    pub(super) async fn delete_ended_receipts(&self, now: Seconds) -> Result<u64, Error> {
        let refusals = self.delete_by_batches(DeletionReason::Refusals, now).await?;
        let ended = self.delete_by_batches(DeletionReason::EndedAgreements, now).await?;
        if refusals + ended > 0 {
            tracing::info!(
                refusals,
                ended_agreements = ended,
                "receipts were deleted at the end of their retention period"
            );
        }
        Ok(refusals + ended)
    }

    async fn delete_by_batches(&self, why: DeletionReason, now: Seconds) -> Result<u64, Error> {
        let mut deleted = 0;
        loop {
            let start = Instant::now();
            match self.delete_batch(why, now).await? {
                0 => return Ok(deleted),
                many => {
                    deleted += many;
                    log_deleted(many, start);
                }
            }
            // At least half of the time belongs to the others.
            tokio::time::sleep(start.elapsed().max(PAUSE)).await;
        }
    }

    async fn delete_batch(&self, why: DeletionReason, now: Seconds) -> Result<u64, Error> {
        let candidates = match why {
            DeletionReason::Refusals => self.old_refusals(now).await?,
            DeletionReason::EndedAgreements => self.old_relations(now).await?,
        };
        let mut items = 0;
        let batch: Vec<Candidate> = candidates
            .into_iter()
            .take_while(|it| {
                let before = items;
                items += it.items;
                before < MANY_ITEMS
            })
            .collect();
        if batch.is_empty() {
            return Ok(0);
        }
        retried(|| async {
            let mut transaction = self.begin().await?;
            // Another process may have deleted them since.
            let mut there = Vec::with_capacity(batch.len());
            for candidate in &batch {
                if is_there(&mut transaction, &candidate.receipt_id).await? {
                    there.push(candidate);
                }
            }
            let batch = there;
            // First the receipt of the deletion: numbers of receipts go on from the highest that is there.
            let numbers = batch.iter().filter_map(|it| it.number);
            let leaves: Vec<u64> = numbers.filter_map(|it| u64::try_from(it - 1).ok()).collect();
            if !leaves.is_empty() {
                let event = Event::Deletion(DeletionEvent { reason: why, leaves });
                let claims = self.signer.claims(&crypto::random_token(), None, now, event);
                let signer = &self.signer;
                signed_receipt::write(signer, &mut transaction, About::Deletion, &claims).await?;
            }
            for Candidate { receipt_id, .. } in &batch {
                delete(&mut transaction, receipt_id).await?;
            }
            transaction.commit().await?;
            Ok(batch.len() as u64)
        })
        .await
    }

    /// Refusals that are old enough and sealed. The triggers judge by SQLite's clock, so this does, too.
    async fn old_refusals(&self, now: Seconds) -> Result<Vec<Candidate>, Error> {
        query_as!(
            Candidate,
            r#"SELECT decisions.receipt_id, signed.number AS "number?",
                 (SELECT count(*) FROM receipt_items
                     WHERE receipt_items.receipt_id = decisions.receipt_id) AS "items!: i64"
             FROM receipt_settings
             CROSS JOIN decisions INDEXED BY decisions_to_delete
             LEFT JOIN signed_receipts AS signed USING (receipt_id)
             WHERE decisions.decision IN ('cancel', 'refused')
                 AND decisions.decided_at < ?1 - keep_refusals
                 AND decisions.decided_at < unixepoch() - keep_refusals
                 AND coalesce(signed.number, 0) <= coalesce((SELECT max(tree_size) FROM checkpoints), 0)
             LIMIT ?2"#,
            now,
            MOST_RECEIPTS,
        )
        .fetch_all(&self.readers)
        .await
    }

    /// Receipts of accounts that left the service long enough ago, and sealed. Of an erased account every
    /// receipt goes before the one of the erasure, which explains the missing name.
    async fn old_relations(&self, now: Seconds) -> Result<Vec<Candidate>, Error> {
        let kept_for = query_scalar!("SELECT keep_ended FROM receipt_settings")
            .fetch_one(&self.readers)
            .await?;
        let Some(kept_for) = kept_for else { return Ok(Vec::new()) };
        let before = now - kept_for;
        query_as!(
            Candidate,
            r#"SELECT old.receipt_id AS "receipt_id!: String", old.items AS "items!: i64",
                 signed.number AS "number?"
             FROM (
                 SELECT receipt_id, decided_at AS at, (SELECT count(*) FROM receipt_items
                     WHERE receipt_items.receipt_id = decisions.receipt_id) AS items
                 FROM decisions WHERE receipt_id IN (SELECT receipt_id FROM deletable_decisions)
                     AND (decision NOT IN ('cancel', 'refused') OR account LIKE 'erased:%')
                 UNION ALL
                 SELECT receipt_id, changed_at, (SELECT count(*) FROM grant_change_items
                     WHERE grant_change_items.receipt_id = grant_changes.receipt_id)
                 FROM grant_changes WHERE receipt_id IN (SELECT receipt_id FROM deletable_changes)
             ) AS old
             LEFT JOIN signed_receipts AS signed ON signed.receipt_id = old.receipt_id
             WHERE old.at < ?1
                 AND coalesce(signed.number, 0) <= coalesce((SELECT max(tree_size) FROM checkpoints), 0)
             LIMIT ?2"#,
            before,
            MOST_RECEIPTS,
        )
        .fetch_all(&self.readers)
        .await
    }
}

async fn is_there(transaction: &mut WriteTransaction, receipt_id: &str) -> Result<bool, Error> {
    query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM decisions WHERE receipt_id = ?1)
             OR EXISTS (SELECT 1 FROM grant_changes WHERE receipt_id = ?1) AS "is_there!: bool""#,
        receipt_id,
    )
    .fetch_one(&mut **transaction)
    .await
}

/// Deletes a receipt of either kind; its signature goes with it.
async fn delete(transaction: &mut WriteTransaction, receipt_id: &str) -> Result<(), Error> {
    for sql in [
        "DELETE FROM receipt_items WHERE receipt_id = ?",
        "DELETE FROM decisions WHERE receipt_id = ?",
        "DELETE FROM grant_change_items WHERE receipt_id = ?",
        "DELETE FROM grant_changes WHERE receipt_id = ?",
    ] {
        Execution::listed(sql).bind(receipt_id).execute(&mut **transaction).await?;
    }
    Ok(())
}
