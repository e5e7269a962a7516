//! What an operator can look up: who agreed to what, and when.

use serde::Serialize;
use utoipa::ToSchema;

use super::{AgreedBy, Error, Store, engine::query_as, name::Named};
use crate::clock::Seconds;

/// An agreement that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldAgreement {
    pub account: String,
    pub service: String,
    /// `term:tos` or `item:account_email`
    pub key: String,
    pub version: Option<String>,
    pub agreed_at: Seconds,
    pub agreed_by: AgreedBy,
    pub expires_at: Option<Seconds>,
}

/// A receipt of a decision on the screen, or of another change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow, ToSchema)]
pub struct ReceiptHead {
    pub receipt_id: String,
    pub account: String,
    pub service: String,
    /// `agree`, `cancel` or `refused` on the screen; `agree`, `withdraw`, `expire`, `unlink` or `erase`
    /// elsewhere.
    pub change: String,
    /// `screen`, or who caused the change.
    pub caused_by: String,
    /// Unix time in seconds.
    pub at: Seconds,
}

impl Store {
    /// The agreements of an account, at a service, or both, that hold at a time; at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn held_agreements(
        &self,
        account: Option<&str>,
        service: Option<&str>,
        now: Seconds,
        limit: i64,
    ) -> Result<Vec<HeldAgreement>, Error> {
        let rows = query_as!(
            struct {
                account: String,
                service: String,
                key: String,
                version: Option<String>,
                agreed_at: i64,
                agreed_by: Named<AgreedBy>,
                expires_at: Option<i64>,
            },
            r#"SELECT account, service, key, version, agreed_at,
                 agreed_by AS "agreed_by: Named<AgreedBy>", expires_at
             FROM agreements
             WHERE (CAST(?1 AS TEXT) IS NULL OR account = ?1)
                 AND (CAST(?2 AS TEXT) IS NULL OR service = ?2)
                 AND (expires_at IS NULL OR expires_at > ?3)
             ORDER BY account, service, key LIMIT ?4"#,
            account,
            service,
            now,
            limit,
        )
        .fetch_all(&self.readers)
        .await?;
        let held = rows.into_iter().map(|row| HeldAgreement {
            account: row.account,
            service: row.service,
            key: row.key,
            version: row.version,
            agreed_at: row.agreed_at,
            agreed_by: row.agreed_by.0,
            expires_at: row.expires_at,
        });
        Ok(held.collect())
    }

    /// The receipts of an account, at one service or all, the last one first; at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn receipt_heads(
        &self,
        account: &str,
        service: Option<&str>,
        limit: i64,
    ) -> Result<Vec<ReceiptHead>, Error> {
        query_as!(
            ReceiptHead,
            r#"SELECT receipt_id AS "receipt_id!", account AS "account!", service AS "service!",
                 decision AS "change!: String", 'screen' AS "caused_by!: String",
                 decided_at AS "at!: i64"
             FROM decisions WHERE account = ?1 AND (CAST(?2 AS TEXT) IS NULL OR service = ?2)
             UNION ALL
             SELECT receipt_id, account, service, change, caused_by, changed_at
             FROM grant_changes WHERE account = ?1 AND (CAST(?2 AS TEXT) IS NULL OR service = ?2)
             ORDER BY 6 DESC LIMIT ?3"#,
            account,
            service,
            limit,
        )
        .fetch_all(&self.readers)
        .await
    }
}
