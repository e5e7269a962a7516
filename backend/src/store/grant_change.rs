//! Changes of a grant without a decision on the screen: withdrawals, agreements that a service
//! collected itself, and unlinking. Each change is one transaction with its receipt.

use std::collections::BTreeMap;

use consent_contract::item::ItemKey;
use serde::{Deserialize, Serialize};

use super::{
    AgreedBy, Error, Store, WriteTransaction,
    engine::{query, query_as, query_scalar},
    event::{self, Ended},
    guardian_consent,
    name::Named,
    notice, retried, revocation,
    signed_receipt::{self, About, Signer},
};
use crate::{
    clock::Seconds,
    crypto,
    receipt::{ChangeEvent, ChangedItem, Event},
    webhooks::NoticeOutcome,
};

/// The shape of the receipts that are written now.
pub(super) const SCHEMA_VERSION: i64 = 2;

/// Who caused a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CausedBy {
    /// The user, on the account page.
    User,
    /// The service, with a token of the user.
    UserToken,
    /// The service, with its admin key.
    AdminKey,
    /// The service did not complete a sign-up in time.
    NoSignUp,
    /// An agreement reached the end of its validity.
    Expiry,
    /// The operator, on the command line.
    Operator,
}

/// What a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Agreements began.
    Agree,
    /// Agreements ended.
    Withdraw,
    /// Agreements reached the end of their validity.
    Expire,
    /// The account was unlinked.
    Unlink,
    /// The account's data were erased.
    Erase,
}

/// An account at a service, and who changes something there.
#[derive(Debug, Clone, Copy)]
pub struct GrantChange<'a> {
    pub account: &'a str,
    pub service: &'a str,
    pub caused_by: CausedBy,
    pub at: Seconds,
}

impl Store {
    /// Ends agreements and leaves a receipt. Returns the keys that were agreed to before.
    ///
    /// # Errors
    /// When the database cannot be written. Nothing is changed then.
    pub async fn withdraw(
        &self,
        change: GrantChange<'_>,
        keys: &[ItemKey],
    ) -> Result<Vec<ItemKey>, Error> {
        retried(|| async {
            let mut transaction = self.begin_for(change.account).await?;
            let mut ended = Vec::new();
            let mut withdrawn = Vec::new();
            for key in keys {
                let name = key.to_string();
                let version = query_scalar!(
                    "DELETE FROM agreements WHERE account = ? AND service = ? AND key = ?
                 RETURNING version",
                    change.account,
                    change.service,
                    name,
                )
                .fetch_optional(&mut *transaction)
                .await?;
                if let Some(version) = version {
                    ended.push((name, version));
                    withdrawn.push(key.clone());
                }
            }
            if !ended.is_empty() {
                let receipt_id =
                    receipt(&self.signer, &mut transaction, change, ChangeKind::Withdraw, &ended)
                        .await?;
                let (rules, how) = (&self.event_rules, Ended::Withdrawn);
                event::ended(&mut transaction, rules, change, how, &receipt_id, &ended).await?;
                transaction.commit().await?;
            }
            Ok(withdrawn)
        })
        .await
    }

    /// Records agreements to terms that the service collected itself, and leaves a receipt. Takes
    /// tags and versions. Returns the tags that were not agreed to before.
    ///
    /// # Errors
    /// When the database cannot be written. Nothing is changed then.
    pub async fn agree_by_api(
        &self,
        change: GrantChange<'_>,
        terms: &[(String, String)],
    ) -> Result<Vec<String>, Error> {
        retried(|| async {
            let mut transaction = self.begin_for(change.account).await?;
            let mut agreed = Vec::new();
            let agreed_by = Named(AgreedBy::Api);
            for (tag, version) in terms {
                let key = ItemKey::Term(tag.clone()).to_string();
                let expires_at =
                    self.event_rules.expires_at(change.service, &key, Some(version), change.at);
                // An agreement past its validity is as good as none.
                let written = query!(
                    "INSERT INTO agreements
                     (account, service, key, version, agreed_at, agreed_by, expires_at)
                 VALUES (?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (account, service, key) DO UPDATE SET version = excluded.version,
                     agreed_at = excluded.agreed_at, agreed_by = excluded.agreed_by,
                     expires_at = excluded.expires_at
                 WHERE agreements.expires_at <= excluded.agreed_at",
                    change.account,
                    change.service,
                    key,
                    version,
                    change.at,
                    agreed_by,
                    expires_at,
                )
                .execute(&mut *transaction)
                .await?;
                if written.rows_affected() > 0 {
                    agreed.push((key, Some(version.clone())));
                }
            }
            if !agreed.is_empty() {
                // The service reported these agreements itself: there is no event.
                let receipt_id =
                    receipt(&self.signer, &mut transaction, change, ChangeKind::Agree, &agreed)
                        .await?;
                let decisions: Vec<_> =
                    agreed.iter().map(|(key, _)| (&**key, NoticeOutcome::Agreed)).collect();
                let (rules, about) = (&self.event_rules, change.into());
                notice::decided(&mut transaction, rules, about, &receipt_id, &decisions).await?;
                transaction.commit().await?;
            }
            let is_new = |tag: &&String| {
                let key = ItemKey::Term((*tag).clone()).to_string();
                agreed.iter().any(|(agreed, _)| *agreed == key)
            };
            Ok(terms.iter().map(|(tag, _)| tag).filter(is_new).cloned().collect())
        })
        .await
    }

    /// Unlinks an account: every agreement ends, codes and tokens are deleted, and a receipt stays.
    /// Relations to channels and the user id stay. False when it was not linked.
    ///
    /// # Errors
    /// When the database cannot be written. Nothing is changed then.
    pub async fn unlink(&self, change: GrantChange<'_>) -> Result<bool, Error> {
        retried(|| async {
            let mut transaction = self.begin_for(change.account).await?;
            let GrantChange { account, service, .. } = change;
            let unlinked =
                query!("DELETE FROM links WHERE account = ? AND service = ?", account, service)
                    .execute(&mut *transaction)
                    .await?;
            if unlinked.rows_affected() == 0 {
                return Ok(false);
            }
            let ended = query_as!(
                struct { key: String, version: Option<String> },
                "DELETE FROM agreements WHERE account = ? AND service = ? RETURNING key, version",
                account,
                service,
            )
            .fetch_all(&mut *transaction)
            .await?;
            let ended: Vec<_> = ended.into_iter().map(|row| (row.key, row.version)).collect();
            revocation::delete_all(&mut transaction, account, service).await?;
            guardian_consent::forget(&mut transaction, account, service).await?;
            query!("DELETE FROM asked_items WHERE account = ? AND service = ?", account, service)
                .execute(&mut *transaction)
                .await?;
            query!(
                "DELETE FROM kakao_sign_ups WHERE account = ? AND service = ?",
                account,
                service
            )
            .execute(&mut *transaction)
            .await?;
            query!(
                "DELETE FROM kakao_properties WHERE account = ? AND service = ?",
                account,
                service
            )
            .execute(&mut *transaction)
            .await?;
            let receipt_id =
                receipt(&self.signer, &mut transaction, change, ChangeKind::Unlink, &ended).await?;
            let (rules, how) = (&self.event_rules, Ended::Unlinked);
            event::ended(&mut transaction, rules, change, how, &receipt_id, &ended).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Ends the agreements of an account at a service whose validity ends at the time of the change, and
    /// leaves a receipt. False when there are none.
    ///
    /// # Errors
    /// When the database cannot be written. Nothing is changed then.
    pub(super) async fn expire(&self, change: GrantChange<'_>) -> Result<bool, Error> {
        retried(|| async {
            let mut transaction = self.begin_for(change.account).await?;
            let ended = query_as!(
                struct { key: String, version: Option<String> },
                r"DELETE FROM agreements WHERE account = ? AND service = ? AND expires_at = ?
             RETURNING key, version",
                change.account,
                change.service,
                change.at,
            )
            .fetch_all(&mut *transaction)
            .await?;
            if ended.is_empty() {
                return Ok(false);
            }
            let ended: Vec<_> = ended.into_iter().map(|row| (row.key, row.version)).collect();
            let receipt_id =
                receipt(&self.signer, &mut transaction, change, ChangeKind::Expire, &ended).await?;
            let (rules, how) = (&self.event_rules, Ended::Expired);
            event::ended(&mut transaction, rules, change, how, &receipt_id, &ended).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }
}

/// Writes and signs the receipt of a change. Returns its id.
pub(super) async fn receipt(
    signer: &Signer,
    transaction: &mut WriteTransaction,
    change: GrantChange<'_>,
    kind: ChangeKind,
    items: &[(String, Option<String>)],
) -> Result<String, Error> {
    let receipt_id = crypto::random_token();
    let (named_kind, caused_by) = (Named(kind), Named(change.caused_by));
    query!(
        "INSERT INTO grant_changes
             (receipt_id, schema_version, account, service, change, caused_by, changed_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
        receipt_id,
        SCHEMA_VERSION,
        change.account,
        change.service,
        named_kind,
        caused_by,
        change.at,
    )
    .execute(&mut **transaction)
    .await?;
    for (position, (key, version)) in (0_i64..).zip(items) {
        query!(
            "INSERT INTO grant_change_items (receipt_id, position, key, version)
             VALUES (?, ?, ?, ?)",
            receipt_id,
            position,
            key,
            version,
        )
        .execute(&mut **transaction)
        .await?;
    }
    let changed = items.iter().map(|(key, version)| {
        let key = key.parse().map_err(|error| Error::Decode(Box::new(error)))?;
        Ok(ChangedItem { key, version: version.clone() })
    });
    let expires_at = match kind {
        ChangeKind::Agree => Some(ends(transaction, change, items).await?),
        _ => None,
    };
    let event = Event::Change(ChangeEvent {
        service: change.service.to_owned(),
        change: kind,
        caused_by: change.caused_by,
        items: changed.collect::<Result<_, Error>>()?,
        expires_at,
    });
    let subject = signed_receipt::subject(transaction, change.account, change.service).await?;
    let claims = signer.claims(&receipt_id, Some(subject), change.at, event);
    signed_receipt::write(signer, transaction, About::Change, &claims).await?;
    Ok(receipt_id)
}

/// When agreements end by themselves, by key.
async fn ends(
    transaction: &mut WriteTransaction,
    change: GrantChange<'_>,
    items: &[(String, Option<String>)],
) -> Result<BTreeMap<String, Seconds>, Error> {
    let ends = query_as!(
        struct { key: String, expires_at: i64 },
        r#"SELECT key, expires_at AS "expires_at!" FROM agreements
         WHERE account = ? AND service = ? AND expires_at IS NOT NULL"#,
        change.account,
        change.service,
    )
    .fetch_all(&mut **transaction)
    .await?;
    let changed = ends.into_iter().filter(|row| items.iter().any(|(key, _)| *key == row.key));
    Ok(changed.map(|row| (row.key, row.expires_at)).collect())
}
