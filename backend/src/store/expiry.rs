//! Agreements that end by themselves, and what is due.

use std::time::Duration;

use super::{CausedBy, Error, GrantChange, Store, name::Named};
use crate::{clock::Seconds, webhooks::NoticeOutcome};

/// Agreements that are looked for at once.
const BATCH: i64 = 50;

/// The pause after each transaction, for other writers.
const PAUSE: Duration = Duration::from_millis(5);

/// An agreement that will end by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiringAgreement {
    pub account: String,
    pub service: String,
    pub key: String,
    pub version: Option<String>,
    pub expires_at: Seconds,
}

/// A notice about an agreement to advertising.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueNotice {
    pub receipt_id: String,
    pub account: String,
    pub service: String,
    pub key: String,
    /// 0 for the result of a decision, n for the n-th reconfirmation.
    pub cycle: i64,
    pub outcome: NoticeOutcome,
    pub due_at: Seconds,
    /// When its event was written.
    pub announced_at: Option<Seconds>,
}

impl Store {
    /// Ends agreements that are past their validity: one transaction, receipt and event for each account
    /// at a service. Returns how many there were.
    ///
    /// # Errors
    /// When the database cannot be written. What was ended until then stays ended.
    pub async fn expire_agreements(&self, now: Seconds) -> Result<usize, Error> {
        let mut changed = 0;
        loop {
            let due = sqlx::query!(
                "SELECT DISTINCT account, service FROM (
                     SELECT account, service FROM agreements INDEXED BY agreements_by_expiry
                     WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
                now,
                BATCH,
            )
            .fetch_all(&self.readers)
            .await?;
            if due.is_empty() {
                return Ok(changed);
            }
            for row in due {
                let change = GrantChange {
                    account: &row.account,
                    service: &row.service,
                    caused_by: CausedBy::Expiry,
                    at: now,
                };
                if self.expire(change).await? {
                    changed += 1;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Agreements that end until a time, the first one first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn expiring_agreements(
        &self,
        until: Seconds,
        limit: i64,
    ) -> Result<Vec<ExpiringAgreement>, Error> {
        sqlx::query_as!(
            ExpiringAgreement,
            r#"SELECT account, service, key, version, expires_at AS "expires_at!"
             FROM agreements INDEXED BY agreements_by_expiry
             WHERE expires_at <= ? ORDER BY expires_at LIMIT ?"#,
            until,
            limit,
        )
        .fetch_all(&self.readers)
        .await
    }

    /// Notices that users must get between two times, the first one first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn due_notices(
        &self,
        from: Seconds,
        until: Seconds,
        limit: i64,
    ) -> Result<Vec<DueNotice>, Error> {
        let rows = sqlx::query!(
            r#"SELECT receipt_id, account, service, key, cycle,
                 outcome AS "outcome: Named<NoticeOutcome>", due_at, announced_at
             FROM notices INDEXED BY notices_by_due
             WHERE due_at >= ? AND due_at < ? ORDER BY due_at LIMIT ?"#,
            from,
            until,
            limit,
        )
        .fetch_all(&self.readers)
        .await?;
        let notices = rows.into_iter().map(|row| DueNotice {
            receipt_id: row.receipt_id,
            account: row.account,
            service: row.service,
            key: row.key,
            cycle: row.cycle,
            outcome: row.outcome.0,
            due_at: row.due_at,
            announced_at: row.announced_at,
        });
        Ok(notices.collect())
    }
}
