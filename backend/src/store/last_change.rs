//! How each agreement between an account and a service was given, refused or ended last.

use std::collections::BTreeMap;

use consent_contract::item::ItemKey;
use serde::{Deserialize, Serialize};

use super::{Error, Store, engine::query_as, name::Named};
use crate::{clock::Seconds, config::How, consent::Standing};

/// The last change of an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Agreed to, on the screen or at the service.
    Agree,
    /// Left unticked on a screen that was agreed to.
    Refuse,
    /// Withdrawn by the user or the service.
    Withdraw,
    /// The validity was over.
    Expire,
}

/// When and how an agreement changed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastChange {
    pub change: Change,
    pub at: Seconds,
}

/// The last changes of the terms, items and channels of a service.
pub type LastChanges = BTreeMap<ItemKey, LastChange>;

impl Store {
    /// What holds between an account and a service, and for a member how it came about.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn standing(&self, account: &str, service: &str) -> Result<Standing, Error> {
        let grant = self.grant(account, service).await?;
        let last_changes = match grant.link {
            Some(How::Combined) => self.last_changes(account, service).await?,
            Some(How::PlainLogin) | None => LastChanges::new(),
        };
        Ok(Standing { grant, last_changes })
    }

    /// The last changes since the account was linked; a cancelled screen is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_changes(&self, account: &str, service: &str) -> Result<LastChanges, Error> {
        let now = self.event_rules.now();
        // Of one second, a change without a screen counts as the later one.
        let rows = query_as!(
            struct { key: String, change: Named<Change>, at: i64 },
            r#"SELECT key AS "key!", change AS "change!: Named<Change>", at AS "at!: i64" FROM (
             SELECT key, change, at, row_number() OVER (
                 PARTITION BY key ORDER BY at DESC, is_without_screen DESC, number DESC) AS place
             FROM (
                 SELECT receipt_items.key, receipt_items.decided_at AS at, 0 AS is_without_screen,
                     CASE WHEN receipt_items.agreed THEN 'agree' ELSE 'refuse' END AS change,
                     decisions.rowid AS number
                 FROM decisions INDEXED BY decisions_by_account
                 CROSS JOIN receipt_items USING (receipt_id)
                 WHERE decisions.account = ?1 AND decisions.service = ?2
                     AND decisions.decision = 'agree'
                 UNION ALL
                 SELECT grant_change_items.key, grant_changes.changed_at, 1, grant_changes.change,
                     grant_changes.rowid
                 FROM grant_changes INDEXED BY grant_changes_by_account
                 CROSS JOIN grant_change_items USING (receipt_id)
                 WHERE grant_changes.account = ?1 AND grant_changes.service = ?2
                     AND grant_changes.change IN ('agree', 'withdraw', 'expire')
                 UNION ALL
                 -- Ended by itself; maintenance has not recorded it yet.
                 SELECT key, expires_at, 1, 'expire', 0 FROM agreements
                 WHERE account = ?1 AND service = ?2 AND expires_at <= ?3
             ) AS changes
             WHERE at >= coalesce(
                 (SELECT max(changed_at) FROM grant_changes
                  WHERE account = ?1 AND service = ?2 AND change IN ('unlink', 'erase')), at)
             ) AS placed WHERE place = 1"#,
            account,
            service,
            now,
        )
        .fetch_all(&self.readers)
        .await?;
        let changes = rows.into_iter().map(|row| {
            let key = row.key.parse().map_err(|error| Error::Decode(Box::new(error)))?;
            Ok((key, LastChange { change: row.change.0, at: row.at }))
        });
        changes.collect()
    }
}
