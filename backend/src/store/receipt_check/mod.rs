//! Checks the receipts of a whole database: signatures, rows, texts, the log and its heads, and the
//! triggers that protect them.

mod log;
mod replay;
mod rows;
mod texts;

use std::collections::{BTreeMap, BTreeSet};

use jsonwebtoken::jwk::{Jwk, JwkSet};

use super::{
    Error, Store,
    engine::{SqlxPool, query_as},
    migration, postgres, signed_receipt,
};
use crate::{clock::Seconds, receipt::Hash};
use replay::Replay;

/// What is known of a database after the check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Signed receipts.
    pub receipts: u64,
    /// Leaves of the log.
    pub sealed: u64,
    /// Receipts from before receipts were signed: nothing is known of them.
    pub unsigned: u64,
    /// Leaves whose receipt was deleted at the end of its retention period.
    pub deleted: u64,
    /// Links and agreements from the configuration, or from before receipts were signed: nothing is known
    /// of them.
    pub unproven: Vec<String>,
    /// What is wrong, each with the row. Empty for a good database.
    pub faults: Vec<String>,
}

/// What the receipts lay down about other rows.
#[derive(Default)]
struct Evidence {
    /// By number: the leaf hash of each signed receipt.
    leaves: BTreeMap<u64, Hash>,
    /// When the first good receipt was signed.
    first_signed_at: Option<Seconds>,
    /// Ids of good receipts.
    ids: BTreeSet<String>,
    /// Leaves that a signed deletion names.
    deleted: BTreeSet<u64>,
    /// Accounts of rows that were erased, and those that a signed receipt of erasure is about.
    erased_rows: BTreeMap<String, String>,
    erasures: BTreeSet<String>,
    /// Statements that receipts refer to, with the languages.
    statements: BTreeMap<String, BTreeSet<String>>,
    /// What holds after all of them.
    replay: Replay,
}

impl Store {
    /// Checks everything, as it is at one moment. `trusted` are keys from elsewhere; without them the keys in the database are
    /// used, which prove less. `published` are heads of the log that were kept elsewhere.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn check_receipts(
        &self,
        trusted: Option<&JwkSet>,
        published: &[String],
    ) -> Result<CheckReport, Error> {
        let snapshot = self.snapshot().await?;
        let report = snapshot.check_everything(trusted, published).await;
        snapshot.readers.close().await;
        report
    }

    async fn check_everything(
        &self,
        trusted: Option<&JwkSet>,
        published: &[String],
    ) -> Result<CheckReport, Error> {
        let mut report = CheckReport::default();
        self.check_schema(&mut report).await?;
        let kept = self.check_keys(&mut report).await?;
        let keys = trusted.unwrap_or(&kept);
        let documents = self.check_documents(&mut report).await?;
        let unproven = self.unproven().await?;
        let mut evidence = self.check_signatures(keys, &documents, &unproven, &mut report).await?;
        let replay = std::mem::take(&mut evidence.replay);
        self.check_holdings(replay, &unproven, &mut report).await?;
        self.check_unsigned(&evidence, &mut report).await?;
        self.check_statements(&evidence, &mut report).await?;
        for (account, receipt_id) in &evidence.erased_rows {
            if !evidence.erasures.contains(account) {
                report
                    .faults
                    .push(format!("receipt {receipt_id}: no receipt of its erasure is there"));
            }
        }
        self.check_leaves(keys, published, &evidence, &mut report).await?;
        Ok(report)
    }

    async fn check_schema(&self, report: &mut CheckReport) -> Result<(), Error> {
        let pool = match self.readers.of_sqlx() {
            SqlxPool::Sqlite(pool) => pool,
            SqlxPool::Postgres(pool) => {
                report.faults.extend(postgres::missing_triggers(pool).await?);
                return Ok(());
            }
        };
        let found = migration::schema(pool).await?;
        let expected = migration::expected_schema().await?;
        for ((kind, name), sql) in &expected {
            match found.get(&(kind.clone(), name.clone())) {
                None => report.faults.push(format!("the {kind} {name} is missing")),
                Some(found) if found != sql => {
                    report.faults.push(format!("the {kind} {name} was changed"));
                }
                Some(_) => {}
            }
        }
        for (kind, name) in found.keys().filter(|it| !expected.contains_key(*it)) {
            report.faults.push(format!("the {kind} {name} is not this program's"));
        }
        Ok(())
    }

    async fn check_keys(&self, report: &mut CheckReport) -> Result<JwkSet, Error> {
        let rows = query_as!(
            struct {
                number: i64,
                kid: String,
                signs: String,
                public_jwk: String,
                pkcs8: Option<Vec<u8>>,
            },
            "SELECT number, kid, signs, public_jwk, pkcs8 FROM receipt_keys ORDER BY number"
        )
        .fetch_all(&self.readers)
        .await?;
        let mut keys = Vec::new();
        for row in rows {
            let key = serde_json::from_str::<Jwk>(&row.public_jwk).ok();
            let is_good = |key: &Jwk| {
                let private = row.pkcs8.as_ref();
                signed_receipt::is_key(key)
                    && key.common.key_id.as_ref() == Some(&row.kid)
                    && private.is_none_or(|it| signed_receipt::is_half_of(it, &row.signs, key))
            };
            match key.filter(is_good) {
                Some(key) => keys.push(key),
                None => report.faults.push(format!("key {}: it is not {}", row.number, row.kid)),
            }
        }
        Ok(JwkSet { keys })
    }
}
