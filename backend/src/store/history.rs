//! What an account answered and changed at its services, for the account itself.

use std::collections::BTreeMap;

use consent_contract::{
    document::Document,
    item::ItemKey,
    request::{Purpose, Relation},
};

use super::{
    AgreedBy, CausedBy, ChangeKind, Error, Outcome, ReceiptItem, Store,
    engine::{Connection, query_as, query_scalar},
    name::Named,
};
use crate::clock::Seconds;

/// Receipts that a list shows.
const MOST_RECEIPTS: i64 = 100;

/// The services of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connections {
    /// Services and since when, the latest first.
    pub linked: Vec<(String, Seconds)>,
    /// Services that the account was linked to, and since when it is not, the latest first.
    pub left: Vec<(String, Seconds)>,
    /// What is agreed to, by service.
    pub held: BTreeMap<String, Vec<ListedAgreement>>,
    /// By public id.
    pub channels: BTreeMap<String, Relation>,
}

/// An agreement in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAgreement {
    pub key: ItemKey,
    pub version: Option<String>,
    /// When it ends by itself.
    pub expires_at: Option<Seconds>,
}

/// Everything that is known between an account and a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Since when they are linked; none when they are not.
    pub linked_at: Option<Seconds>,
    /// When they were unlinked last.
    pub left_at: Option<Seconds>,
    /// What holds now.
    pub held: BTreeMap<ItemKey, HeldAgreement>,
    /// The last answer on the screen to each key: since the account was linked, or ever, when it is not.
    pub answers: BTreeMap<ItemKey, AnswerOnScreen>,
    /// The last change of each key without the screen, since then.
    pub changes: BTreeMap<ItemKey, LastChange>,
    /// Relations to every channel, by public id, and since when, where that is known.
    pub channels: BTreeMap<String, (Relation, Option<Seconds>)>,
    /// The latest 100, the latest first, from before a link too.
    pub receipts: Vec<ReceiptHead>,
}

/// An agreement that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldAgreement {
    pub version: Option<String>,
    pub agreed_at: Seconds,
    pub agreed_by: AgreedBy,
    /// When it ends by itself; also in the past, until the end is recorded.
    pub expires_at: Option<Seconds>,
}

/// An answer on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerOnScreen {
    pub receipt_id: String,
    /// As it was shown.
    pub title: String,
    pub locale: String,
    pub version: Option<String>,
    pub digest: Option<String>,
    pub agreed: bool,
    pub at: Seconds,
}

/// A change without the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastChange {
    pub receipt_id: String,
    pub kind: ChangeKind,
    pub version: Option<String>,
    pub at: Seconds,
}

/// What a receipt is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordedEvent {
    Decision(Outcome, Purpose),
    Change(ChangeKind, CausedBy),
}

/// A receipt in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptHead {
    pub receipt_id: String,
    pub event: RecordedEvent,
    pub at: Seconds,
}

/// A receipt of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnReceipt {
    pub service: String,
    pub event: RecordedEvent,
    pub at: Seconds,
    pub content: ReceiptContent,
    /// Whether there is a signed receipt of it.
    pub is_signed: bool,
}

/// What a receipt lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptContent {
    /// What was shown, in this language, and how it was answered.
    Shown { locale: String, items: Vec<ReceiptItem> },
    /// The keys and versions that began or ended.
    Changed(Vec<(ItemKey, Option<String>)>),
}

fn key(text: &str) -> Result<ItemKey, Error> {
    text.parse().map_err(|error| Error::Decode(Box::new(error)))
}

impl Store {
    /// The services that an account is, or was, linked to.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn connections(&self, account: &str, now: Seconds) -> Result<Connections, Error> {
        // One transaction: a change that is being written shows whole or not at all.
        let mut reading = self.readers.begin().await?;
        let linked = query_as!(
            struct { service: String, linked_at: i64 },
            "SELECT service, linked_at FROM links WHERE account = ?
             ORDER BY linked_at DESC, service",
            account,
        )
        .fetch_all(&mut reading)
        .await?;
        let left = query_as!(
            struct { service: String, left_at: Seconds },
            r#"SELECT service AS "service!", max(changed_at) AS "left_at!: Seconds"
             FROM grant_changes INDEXED BY grant_changes_by_account
             WHERE account = ? AND change IN ('unlink', 'erase')
                 AND NOT EXISTS (SELECT 1 FROM links WHERE links.account = grant_changes.account
                     AND links.service = grant_changes.service)
             GROUP BY service ORDER BY 2 DESC, service"#,
            account,
        )
        .fetch_all(&mut reading)
        .await?;
        let rows = query_as!(
            struct {
                service: String,
                key: String,
                version: Option<String>,
                expires_at: Option<i64>,
            },
            "SELECT service, key, version, expires_at FROM agreements
             WHERE account = ? AND (expires_at IS NULL OR expires_at > ?)",
            account,
            now,
        )
        .fetch_all(&mut reading)
        .await?;
        let mut held: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for row in rows {
            let (key, version, expires_at) = (key(&row.key)?, row.version, row.expires_at);
            let agreement = ListedAgreement { key, version, expires_at };
            held.entry(row.service).or_default().push(agreement);
        }
        let channels = channels(&mut reading, account).await?;
        reading.commit().await?;
        Ok(Connections {
            linked: linked.into_iter().map(|row| (row.service, row.linked_at)).collect(),
            left: left.into_iter().map(|row| (row.service, row.left_at)).collect(),
            held,
            channels: channels.into_iter().map(|(id, (relation, _))| (id, relation)).collect(),
        })
    }

    /// What is known between an account and a service. None when there never was anything.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn history(&self, account: &str, service: &str) -> Result<Option<History>, Error> {
        let mut reading = self.readers.begin().await?;
        let linked_at = query_scalar!(
            "SELECT linked_at FROM links WHERE account = ? AND service = ?",
            account,
            service,
        )
        .fetch_optional(&mut reading)
        .await?;
        let receipts = receipts(&mut reading, account, service).await?;
        if linked_at.is_none() && receipts.is_empty() {
            return Ok(None);
        }
        let is_end = |event: &RecordedEvent| {
            matches!(event, RecordedEvent::Change(ChangeKind::Unlink | ChangeKind::Erase, _))
        };
        let since = linked_at.unwrap_or(Seconds::MIN);
        let history = History {
            linked_at,
            left_at: receipts.iter().find(|it| is_end(&it.event)).map(|it| it.at),
            held: held(&mut reading, account, service).await?,
            answers: answers(&mut reading, account, service, since).await?,
            changes: changes(&mut reading, account, service, since).await?,
            channels: channels(&mut reading, account).await?,
            receipts,
        };
        reading.commit().await?;
        Ok(Some(history))
    }

    /// The receipt of this id, when it is the account's own.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn own_receipt(
        &self,
        account: &str,
        receipt_id: &str,
    ) -> Result<Option<OwnReceipt>, Error> {
        let decision = query_as!(
            struct {
                service: String,
                outcome: Named<Outcome>,
                purpose: Named<Purpose>,
                decided_at: i64,
            },
            r#"SELECT service, decision AS "outcome: Named<Outcome>",
                 purpose AS "purpose: Named<Purpose>", decided_at
             FROM decisions WHERE receipt_id = ? AND account = ?"#,
            receipt_id,
            account,
        )
        .fetch_optional(&self.readers)
        .await?;
        let is_signed = self.is_signed(receipt_id).await?;
        if let Some(head) = decision {
            let Some(receipt) = self.receipt(receipt_id).await? else { return Ok(None) };
            return Ok(Some(OwnReceipt {
                service: head.service,
                event: RecordedEvent::Decision(head.outcome.0, head.purpose.0),
                at: head.decided_at,
                content: ReceiptContent::Shown { locale: receipt.locale, items: receipt.items },
                is_signed,
            }));
        }
        let change = query_as!(
            struct {
                service: String,
                kind: Named<ChangeKind>,
                caused_by: Named<CausedBy>,
                changed_at: i64,
            },
            r#"SELECT service, change AS "kind: Named<ChangeKind>",
                 caused_by AS "caused_by: Named<CausedBy>", changed_at
             FROM grant_changes WHERE receipt_id = ? AND account = ?"#,
            receipt_id,
            account,
        )
        .fetch_optional(&self.readers)
        .await?;
        let Some(head) = change else { return Ok(None) };
        let items = query_as!(
            struct { key: String, version: Option<String> },
            "SELECT key, version FROM grant_change_items WHERE receipt_id = ? ORDER BY position",
            receipt_id,
        )
        .fetch_all(&self.readers)
        .await?;
        let items = items.into_iter().map(|row| Ok((key(&row.key)?, row.version)));
        Ok(Some(OwnReceipt {
            service: head.service,
            event: RecordedEvent::Change(head.kind.0, head.caused_by.0),
            at: head.changed_at,
            content: ReceiptContent::Changed(items.collect::<Result<_, Error>>()?),
            is_signed,
        }))
    }

    async fn is_signed(&self, receipt_id: &str) -> Result<bool, Error> {
        query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM signed_receipts WHERE receipt_id = ?) AS "is!: bool""#,
            receipt_id,
        )
        .fetch_one(&self.readers)
        .await
    }

    /// The text of a service with this digest.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn text_of_service(
        &self,
        service: &str,
        digest: &str,
    ) -> Result<Option<Document>, Error> {
        let found = query_as!(
            struct { tag: String, version: String },
            "SELECT tag, version FROM documents INDEXED BY documents_by_digest
             WHERE digest = ? AND service = ? ORDER BY rowid LIMIT 1",
            digest,
            service,
        )
        .fetch_optional(&self.readers)
        .await?;
        match found {
            Some(found) => self.document(&found.tag, &found.version, digest).await,
            None => Ok(None),
        }
    }

    /// Language and text of the statements about personal information with this digest, when a service
    /// has shown them to the account.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn statement_shown(
        &self,
        account: &str,
        service: &str,
        digest: &str,
    ) -> Result<Option<(String, String)>, Error> {
        let row = query_as!(
            struct { locale: String, text: String },
            "SELECT locale, text FROM statements WHERE digest = ?1 AND EXISTS (
                 SELECT 1 FROM decisions INDEXED BY decisions_by_account
                 CROSS JOIN receipt_items USING (receipt_id)
                 WHERE decisions.account = ?2 AND decisions.service = ?3
                     AND receipt_items.digest = ?1)",
            digest,
            account,
            service,
        )
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.map(|row| (row.locale, row.text)))
    }
}

async fn held(
    connection: &mut Connection,
    account: &str,
    service: &str,
) -> Result<BTreeMap<ItemKey, HeldAgreement>, Error> {
    let rows = query_as!(
        struct {
            key: String,
            version: Option<String>,
            agreed_at: i64,
            agreed_by: Named<AgreedBy>,
            expires_at: Option<i64>,
        },
        r#"SELECT key, version, agreed_at, agreed_by AS "agreed_by: Named<AgreedBy>", expires_at
         FROM agreements WHERE account = ? AND service = ?"#,
        account,
        service,
    )
    .fetch_all(connection)
    .await?;
    let held = rows.into_iter().map(|row| {
        let agreement = HeldAgreement {
            version: row.version,
            agreed_at: row.agreed_at,
            agreed_by: row.agreed_by.0,
            expires_at: row.expires_at,
        };
        Ok((key(&row.key)?, agreement))
    });
    held.collect()
}

async fn answers(
    connection: &mut Connection,
    account: &str,
    service: &str,
    since: Seconds,
) -> Result<BTreeMap<ItemKey, AnswerOnScreen>, Error> {
    // A later decision has a higher rowid; two of the same second are in order, too.
    let rows = query_as!(
        struct {
            key: String,
            title: String,
            locale: String,
            version: Option<String>,
            digest: Option<String>,
            agreed: bool,
            receipt_id: String,
            at: i64,
            },
        r#"SELECT key AS "key!", title AS "title!", locale AS "locale!", version, digest,
             agreed AS "agreed!: bool", receipt_id AS "receipt_id!", at AS "at!"
         FROM (
             SELECT receipt_items.key, receipt_items.title, receipt_items.locale,
                 receipt_items.version, receipt_items.digest, receipt_items.agreed, receipt_id,
                 decisions.decided_at AS at, row_number() OVER (
                     PARTITION BY receipt_items.key ORDER BY decisions.rowid DESC) AS place
             FROM decisions INDEXED BY decisions_by_account
             CROSS JOIN receipt_items USING (receipt_id)
             WHERE decisions.account = ? AND decisions.service = ? AND decisions.decision = 'agree'
                 AND decisions.decided_at >= ?) AS answers
         WHERE place = 1"#,
        account,
        service,
        since,
    )
    .fetch_all(connection)
    .await?;
    let answers = rows.into_iter().map(|row| {
        let answer = AnswerOnScreen {
            receipt_id: row.receipt_id,
            title: row.title,
            locale: row.locale,
            version: row.version,
            digest: row.digest,
            agreed: row.agreed,
            at: row.at,
        };
        Ok((key(&row.key)?, answer))
    });
    answers.collect()
}

async fn changes(
    connection: &mut Connection,
    account: &str,
    service: &str,
    since: Seconds,
) -> Result<BTreeMap<ItemKey, LastChange>, Error> {
    let rows = query_as!(
        struct {
            key: String,
            version: Option<String>,
            receipt_id: String,
            kind: Named<ChangeKind>,
            at: i64,
            },
        r#"SELECT key AS "key!", version, receipt_id AS "receipt_id!",
             change AS "kind!: Named<ChangeKind>", at AS "at!"
         FROM (
             SELECT grant_change_items.key, grant_change_items.version, receipt_id,
                 grant_changes.change, grant_changes.changed_at AS at, row_number() OVER (
                     PARTITION BY grant_change_items.key
                     ORDER BY grant_changes.rowid DESC) AS place
             FROM grant_changes INDEXED BY grant_changes_by_account
             CROSS JOIN grant_change_items USING (receipt_id)
             WHERE grant_changes.account = ? AND grant_changes.service = ?
                 AND grant_changes.changed_at >= ?) AS changes
         WHERE place = 1"#,
        account,
        service,
        since,
    )
    .fetch_all(connection)
    .await?;
    let changes = rows.into_iter().map(|row| {
        let change = LastChange {
            receipt_id: row.receipt_id,
            kind: row.kind.0,
            version: row.version,
            at: row.at,
        };
        Ok((key(&row.key)?, change))
    });
    changes.collect()
}

async fn channels(
    connection: &mut Connection,
    account: &str,
) -> Result<BTreeMap<String, (Relation, Option<Seconds>)>, Error> {
    let rows = query_as!(
        struct { public_id: String, relation: Named<Relation>, updated_at: Option<i64> },
        r#"SELECT public_id, relation AS "relation: Named<Relation>", updated_at
         FROM channel_relations WHERE account = ?"#,
        account,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.public_id, (row.relation.0, row.updated_at))).collect())
}

/// The latest receipts. A cancelled screen that showed nothing has none.
async fn receipts(
    connection: &mut Connection,
    account: &str,
    service: &str,
) -> Result<Vec<ReceiptHead>, Error> {
    let decisions = query_as!(
        struct {
            receipt_id: String,
            outcome: Named<Outcome>,
            purpose: Named<Purpose>,
            decided_at: i64,
        },
        r#"SELECT receipt_id, decision AS "outcome: Named<Outcome>",
             purpose AS "purpose: Named<Purpose>", decided_at
         FROM decisions INDEXED BY decisions_by_account
         WHERE account = ? AND service = ? AND (decision <> 'cancel' OR EXISTS (
             SELECT 1 FROM receipt_items WHERE receipt_items.receipt_id = decisions.receipt_id))
         ORDER BY decided_at DESC, rowid DESC LIMIT ?"#,
        account,
        service,
        MOST_RECEIPTS,
    )
    .fetch_all(&mut *connection)
    .await?;
    let changes = query_as!(
        struct {
            receipt_id: String,
            kind: Named<ChangeKind>,
            caused_by: Named<CausedBy>,
            changed_at: i64,
        },
        r#"SELECT receipt_id, change AS "kind: Named<ChangeKind>",
             caused_by AS "caused_by: Named<CausedBy>", changed_at
         FROM grant_changes INDEXED BY grant_changes_by_account
         WHERE account = ? AND service = ? ORDER BY changed_at DESC, rowid DESC LIMIT ?"#,
        account,
        service,
        MOST_RECEIPTS,
    )
    .fetch_all(connection)
    .await?;
    let decisions = decisions.into_iter().map(|row| ReceiptHead {
        receipt_id: row.receipt_id,
        event: RecordedEvent::Decision(row.outcome.0, row.purpose.0),
        at: row.decided_at,
    });
    let changes = changes.into_iter().map(|row| ReceiptHead {
        receipt_id: row.receipt_id,
        event: RecordedEvent::Change(row.kind.0, row.caused_by.0),
        at: row.changed_at,
    });
    // A stable sort: what changed in the second of a decision comes after it, so it stands before it.
    let mut receipts: Vec<_> = changes.chain(decisions).collect();
    receipts.sort_by_key(|receipt| std::cmp::Reverse(receipt.at));
    receipts.truncate(usize::try_from(MOST_RECEIPTS).unwrap_or(usize::MAX));
    Ok(receipts)
}
