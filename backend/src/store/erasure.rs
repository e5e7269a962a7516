//! Erasing an account (GDPR 17; PIPA 21, 36): what names it goes, and its receipts stay without a name.

use std::time::Duration;

use super::{
    CausedBy, ChangeKind, Error, GrantChange, Store, WriteTransaction,
    account::{self, Identity},
    engine::{Execution, query, query_as, query_scalar},
    erased_id, grant_change, retried, signed_receipt,
};
use crate::{clock::Seconds, crypto::DerivationKey, oauth};

/// How often emptying the write-ahead log is tried again while others read, and the pause between.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(250);

/// Everything that names an account and is no receipt.
const DELETES: [(&str, &str); 19] = [
    ("the account", "DELETE FROM accounts WHERE id = ?"),
    ("challenges", "DELETE FROM challenges WHERE account = ?"),
    ("sessions", "DELETE FROM sessions WHERE account = ?"),
    ("codes", "DELETE FROM codes WHERE account = ?"),
    ("access tokens", "DELETE FROM tokens WHERE account = ?"),
    ("refresh tokens", "DELETE FROM refresh_tokens WHERE account = ?"),
    ("notices that were due", "DELETE FROM notices WHERE account = ?"),
    ("links", "DELETE FROM links WHERE account = ?"),
    ("agreements, with typed values", "DELETE FROM agreements WHERE account = ?"),
    ("channel relations", "DELETE FROM channel_relations WHERE account = ?"),
    ("membership of the messenger", "DELETE FROM messenger_members WHERE account = ?"),
    ("changes in the messenger", "DELETE FROM messenger_changes WHERE account = ?"),
    ("items that were asked", "DELETE FROM asked_items WHERE account = ?"),
    ("consents of guardians", "DELETE FROM guardian_consents WHERE account = ?"),
    ("sign-ups", "DELETE FROM kakao_sign_ups WHERE account = ?"),
    ("user properties", "DELETE FROM kakao_properties WHERE account = ?"),
    ("user ids", "DELETE FROM kakao_user_ids WHERE account = ?"),
    ("configured links that were written", "DELETE FROM seeded WHERE account = ?"),
    ("subjects of receipts", "DELETE FROM subjects WHERE account = ?"),
];

/// Events that are not on their way any more, by the names that services have for the account.
const DELETE_EVENTS: &str =
    "DELETE FROM outbox WHERE service = ? AND subject = ? AND next_at IS NULL";

/// An event that is on its way to a service, with a subject of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingEvent {
    /// In the outbox.
    pub id: i64,
    pub service: String,
    /// `account_purged`
    pub event: String,
}

/// What an erasure did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    /// The services that knew the account: their client ids.
    pub services: Vec<String>,
    /// What was deleted, and how many rows.
    pub deleted: Vec<(&'static str, u64)>,
    /// Receipts that stay, without a name.
    pub receipts: u64,
    /// Events that stay until services have heard of them.
    pub pending_events: Vec<PendingEvent>,
    /// Whether the write-ahead log was emptied. If not, some process was reading all the time, and the
    /// log holds what was deleted until the next cleanup.
    pub is_log_empty: bool,
}

impl Store {
    /// Erases an account, in one transaction with a signed receipt for each service. Each receipt is a
    /// change like any other, so services learn of it in the same way.
    ///
    /// # Errors
    /// When the database cannot be written. Nothing is erased then.
    pub async fn erase(&self, account: &str, at: Seconds) -> Result<Erased, Error> {
        let key = DerivationKey::new(&self.derivation_key().await?);
        retried(|| async {
        let mut transaction = self.begin().await?;
        let stored = account::of_id(&mut *transaction, account).await?;
        let services = query_scalar!(
            r#"SELECT service AS "service!: String" FROM links WHERE account = ?1
             UNION SELECT service FROM agreements WHERE account = ?1
             UNION SELECT service FROM decisions WHERE account = ?1
             UNION SELECT service FROM grant_changes WHERE account = ?1
             UNION SELECT service FROM kakao_user_ids WHERE account = ?1"#,
            account,
        )
        .fetch_all(&mut *transaction)
        .await?;
        query!("INSERT INTO erasing (account) VALUES (?)", account)
            .execute(&mut *transaction)
            .await?;
        let mut erased = Erased::default();
        for service in &services {
            let ended = query_as!(
                struct { key: String, version: Option<String> },
                "SELECT key, version FROM agreements WHERE account = ? AND service = ? ORDER BY key",
                account,
                service,
            )
            .fetch_all(&mut *transaction)
            .await?;
            let ended: Vec<_> = ended.into_iter().map(|row| (row.key, row.version)).collect();
            let change = GrantChange { account, service, caused_by: CausedBy::Operator, at };
            grant_change::receipt(
                &self.signer,
                &mut transaction,
                change,
                ChangeKind::Erase,
                &ended,
            )
            .await?;
            let is_linked = query_scalar!(
                r#"SELECT EXISTS (SELECT 1 FROM links WHERE account = ? AND service = ?) AS "is!: bool""#,
                account,
                service,
            )
            .fetch_one(&mut *transaction)
            .await?;
            // A service that the user has left was notified at that time.
            if is_linked {
                self.publish_erased(&mut transaction, change).await?;
            }
            let subject = signed_receipt::subject(&mut transaction, account, service).await?;
            let pseudonym = signed_receipt::erased(&subject);
            let decisions = query!(
                "UPDATE decisions SET account = ? WHERE account = ? AND service = ?",
                pseudonym,
                account,
                service,
            )
            .execute(&mut *transaction)
            .await?;
            let changes = query!(
                "UPDATE grant_changes SET account = ? WHERE account = ? AND service = ?",
                pseudonym,
                account,
                service,
            )
            .execute(&mut *transaction)
            .await?;
            erased.receipts += decisions.rows_affected() + changes.rows_affected();
        }
        self.erase_events(&mut transaction, account, &key, &mut erased).await?;
        for (what, sql) in DELETES {
            let done = Execution::listed(sql).bind(account).execute(&mut *transaction).await?;
            if done.rows_affected() > 0 {
                erased.deleted.push((what, done.rows_affected()));
            }
        }
        if !services.is_empty() || !erased.deleted.is_empty() {
            // An account that only the services file had was the proxy's to name.
            let identity = match &stored {
                Some(it) => Identity { issuer: &it.issuer, subject: &it.subject },
                None => Identity { issuer: "", subject: account },
            };
            erased_id::note(&mut transaction, &key, account, identity).await?;
        }
        query!("DELETE FROM erasing").execute(&mut *transaction).await?;
        transaction.commit().await?;
        erased.services = services;
        erased.is_log_empty = self.empty_log().await?;
        Ok(erased)
})
.await
    }

    /// Deletes events about the account that services have heard of, and dead letters. To be called before
    /// its user ids are deleted.
    async fn erase_events(
        &self,
        transaction: &mut WriteTransaction,
        account: &str,
        key: &DerivationKey,
        erased: &mut Erased,
    ) -> Result<(), Error> {
        let services = query_scalar!("SELECT DISTINCT service FROM outbox")
            .fetch_all(&mut **transaction)
            .await?;
        let ids = query_as!(
            struct { service: String, id: i64 },
            "SELECT service, id FROM kakao_user_ids WHERE account = ?", account)
        .fetch_all(&mut **transaction)
        .await?;
        let subjects = services.into_iter().map(|service| {
            let subject = oauth::subject(key, &service, account);
            (service, subject)
        });
        let subjects = subjects.chain(ids.into_iter().map(|it| (it.service, it.id.to_string())));
        let mut deleted = 0;
        for (service, subject) in subjects.collect::<Vec<_>>() {
            let done = Execution::listed(DELETE_EVENTS).bind(&service).bind(&subject);
            deleted += done.execute(&mut **transaction).await?.rows_affected();
            let pending = query_as!(
                struct { id: i64, event: String },
                "SELECT id, event FROM outbox WHERE service = ? AND subject = ? ORDER BY id",
                service,
                subject,
            )
            .fetch_all(&mut **transaction)
            .await?;
            erased.pending_events.extend(pending.into_iter().map(|row| PendingEvent {
                id: row.id,
                service: service.clone(),
                event: kind(&row.event),
            }));
        }
        if deleted > 0 {
            erased.deleted.push(("delivered events and dead letters", deleted));
        }
        Ok(())
    }

    /// Empties SQLite's write-ahead log, which still holds what was deleted. False when other processes
    /// do not let it.
    async fn empty_log(&self) -> Result<bool, Error> {
        // What PostgreSQL's log holds, and for how long, is its operator's to settle.
        let Some(writer) = self.writer.sqlite() else { return Ok(true) };
        for _ in 0..TRIES {
            let (busy, _, _): (i64, i64, i64) =
                sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(writer).await?;
            if busy == 0 {
                return Ok(true);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(false)
    }
}

/// What kind of event this is, which the outbox stores as JSON: `account_purged`.
fn kind(event: &str) -> String {
    let event = serde_json::from_str::<serde_json::Value>(event).unwrap_or_default();
    event["event"].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new table that names an account, or a subject, needs its line in [`DELETES`].
    #[tokio::test]
    async fn every_table_that_names_an_account_is_erased() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = crate::store::tests::open(folder.path()).await;
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT tables.name FROM sqlite_master AS tables
             JOIN pragma_table_info(tables.name) AS columns
             WHERE tables.type = 'table' AND columns.name IN ('account', 'subject')
             ORDER BY tables.name",
        )
        .fetch_all(store.writer.sqlite().unwrap())
        .await
        .unwrap();
        assert!(tables.len() > 10, "{tables:?}");
        for table in tables {
            let has_new_name = ["decisions", "grant_changes"].contains(&&*table);
            let delete = format!("DELETE FROM {table} WHERE account = ?");
            let by_id = format!("DELETE FROM {table} WHERE id = ?");
            let is_deleted = DELETES.iter().any(|(_, sql)| *sql == delete || *sql == by_id);
            let by_subject = format!("DELETE FROM {table} WHERE service = ? AND subject = ?");
            let is_deleted = is_deleted || DELETE_EVENTS.starts_with(&by_subject);
            assert!(table == "erasing" || has_new_name || is_deleted, "{table}");
        }
    }
}
