//! Decisions and their receipts: written once, never changed.

use std::collections::BTreeMap;

use consent_contract::{item::ItemKey, request::Purpose};
use serde::{Deserialize, Serialize};

use super::{
    Challenge, Error, Grant, GuardianAnswer, NewCode, NewGrant, ROWS_AT_ONCE, Store,
    WriteTransaction, code,
    engine::{Bind, Executor, QueryBuilder, query, query_as, query_scalar},
    event, grant, grant_read, guardian_consent,
    name::Named,
    retried,
    signed_receipt::{self, About},
};
use crate::{
    clock::Seconds,
    receipt::{Answer, DecisionEvent, Event, Guardian, Shown},
};

/// The shape of the receipts that are written now.
const SCHEMA_VERSION: i64 = 2;

/// How a challenge ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The user agreed to everything that is required.
    #[serde(rename = "agree")]
    Agreed,
    /// The user cancelled.
    #[serde(rename = "cancel")]
    Cancelled,
    /// The user agreed, and typed a birthday under the service's minimum age.
    #[serde(rename = "refused")]
    UnderAge,
}

/// A decision to be written, with everything that follows from it.
pub struct NewDecision<'a> {
    pub receipt_id: &'a str,
    pub challenge: &'a Challenge,
    pub outcome: Outcome,
    pub purpose: Purpose,
    /// The language in which everything was shown.
    pub locale: &'a str,
    /// By which the decision is recognised when it is sent again; empty for one that is not.
    pub body: &'a [u8],
    pub at: Seconds,
    pub items: &'a [ReceiptItem],
    /// What the receipt covers beside the answers; none when nothing of it is recorded.
    pub shown: Option<&'a Shown>,
    /// Digest and text of the statements about the provision.
    pub statements: Option<(&'a str, &'a str)>,
    /// Only for an agreement.
    pub granted: Option<Granted<'a>>,
    /// Who decided for the user, and by which link; none when the user did.
    pub guardian: Option<(&'a Guardian, GuardianAnswer<'a>)>,
}

/// What follows from an agreement.
pub struct Granted<'a> {
    /// What held when the agreement was checked. It must still hold when it is written.
    pub before: &'a Grant,
    pub change: &'a NewGrant,
    /// None where another browser than the one of the user decided.
    pub code: Option<&'a NewCode>,
}

/// One item of a receipt: what was asked, and what was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptItem {
    pub key: ItemKey,
    /// A kind of term, `provision` or `channel`.
    pub kind: String,
    /// Title or label, in the language in which it was shown.
    pub title: String,
    pub required: bool,
    pub version: Option<String>,
    pub digest: Option<String>,
    pub agreed: bool,
}

/// A decision that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub receipt_id: String,
    pub session: i64,
    pub outcome: Outcome,
    pub body: Vec<u8>,
    pub decided_at: Seconds,
}

/// What became of a decision that was to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    Now,
    /// There was one already; nothing was written.
    Before(Decision),
    /// Another decision has changed the grant since this one was checked; nothing was written.
    GrantChanged,
    /// The guardian's link was answered, replaced or has expired since; nothing was written.
    LinkClosed,
}

/// A decision with everything that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub receipt_id: String,
    pub agreed: bool,
    pub purpose: Purpose,
    pub locale: String,
    pub decided_at: Seconds,
    pub items: Vec<ReceiptItem>,
}

/// How a term or an item was answered at last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastAnswer {
    pub agreed: bool,
    /// Of a term.
    pub version: Option<String>,
    pub at: Seconds,
}

/// The decision on a challenge.
async fn find(
    executor: impl Into<Executor<'_>>,
    challenge: &Challenge,
) -> Result<Option<Decision>, Error> {
    let row = query_as!(
        struct {
            receipt_id: String,
            session: i64,
            outcome: Named<Outcome>,
            body: Vec<u8>,
            decided_at: i64,
        },
        r#"SELECT receipt_id, session, decision AS "outcome: Named<Outcome>", body, decided_at
         FROM decisions WHERE challenge = ?"#,
        challenge.id,
    )
    .fetch_optional(executor)
    .await?;
    Ok(row.map(|row| Decision {
        receipt_id: row.receipt_id,
        session: row.session,
        outcome: row.outcome.0,
        body: row.body,
        decided_at: row.decided_at,
    }))
}

impl Store {
    /// The decision on a challenge.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn decision(&self, challenge: &Challenge) -> Result<Option<Decision>, Error> {
        let found = find(&self.readers, challenge).await?;
        if let Some(decision) = &found {
            // What is answered as decided is on the disk, also where the decision is being written now.
            self.writer.synced(&decision.receipt_id).await?;
        }
        Ok(found)
    }

    /// Writes a decision, its receipt, what it changes in the grant and its code: all of it or
    /// nothing, and only when the challenge has no decision yet and the grant is the one that the
    /// agreement was checked against, whichever process asks. So decisions of several challenges
    /// that arrive at the same time have the effect of one after the other.
    ///
    /// # Errors
    /// When the database cannot be written. Nothing was, then.
    pub async fn decide(&self, new: &NewDecision<'_>) -> Result<Written, Error> {
        retried(|| self.decide_once(new)).await
    }

    async fn decide_once(&self, new: &NewDecision<'_>) -> Result<Written, Error> {
        let mut transaction = self.begin_for(&new.challenge.account).await?;
        if let Some(before) = find(&mut *transaction, new.challenge).await? {
            drop(transaction);
            self.writer.synced(&before.receipt_id).await?;
            return Ok(Written::Before(before));
        }
        let Challenge { account, service, .. } = new.challenge;
        if let Some(granted) = &new.granted
            && grant_read::read(&mut *transaction, account, service, self.event_rules.now()).await?
                != *granted.before
        {
            return Ok(Written::GrantChanged);
        }
        if let Some((_, answer)) = &new.guardian
            && !guardian_consent::answer(&mut transaction, answer, new.at).await?
        {
            return Ok(Written::LinkClosed);
        }
        let (outcome, purpose) = (Named(new.outcome), Named(new.purpose));
        query!(
            "INSERT INTO decisions (receipt_id, schema_version, challenge, session, account,
                 service, decision, purpose, locale, body, decided_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            new.receipt_id,
            SCHEMA_VERSION,
            new.challenge.id,
            new.challenge.session,
            account,
            service,
            outcome,
            purpose,
            new.locale,
            new.body,
            new.at,
        )
        .execute(&mut *transaction)
        .await?;
        write_items(&mut transaction, new).await?;
        if let Some((digest, text)) = new.statements {
            query!(
                "INSERT INTO statements (digest, locale, text) VALUES (?, ?, ?)
                 ON CONFLICT DO NOTHING",
                digest,
                new.locale,
                text,
            )
            .execute(&mut *transaction)
            .await?;
        }
        if let Some(Granted { before, change, code: new_code }) = &new.granted {
            let rules = &self.event_rules;
            grant::change(&mut transaction, rules, account, service, change, new.at).await?;
            event::agreed(&mut transaction, rules, new, before, change).await?;
            if let Some(new_code) = new_code {
                code::write_code(&mut *transaction, new_code).await?;
            }
        }
        // Last: decisions of other accounts wait from here on for the number of their receipt.
        self.sign_decision(&mut transaction, new).await?;
        transaction.commit().await?;
        Ok(Written::Now)
    }

    /// Signs the receipt of a decision. A cancel at which nothing was shown proves nothing, and has no
    /// receipt to sign.
    async fn sign_decision(
        &self,
        transaction: &mut WriteTransaction,
        new: &NewDecision<'_>,
    ) -> Result<(), Error> {
        if new.outcome == Outcome::Cancelled && new.items.is_empty() {
            return Ok(());
        }
        let Challenge { account, service, .. } = new.challenge;
        let answer = |item: &ReceiptItem| Answer { key: item.key.clone(), agreed: item.agreed };
        let expires_at = |item: &ReceiptItem| {
            let version = match item.key {
                ItemKey::Term(_) => item.version.as_deref(),
                ItemKey::Item(_) | ItemKey::Channel(_) => None,
            };
            let key = item.key.to_string();
            let end = self.event_rules.expires_at(service, &key, version, new.at)?;
            Some((key, end))
        };
        let began = new.items.iter().filter(|it| it.agreed && new.granted.is_some());
        let event = Event::Decision(Box::new(DecisionEvent {
            service: service.clone(),
            decision: new.outcome,
            guardian: new.guardian.as_ref().map(|(guardian, _)| (*guardian).clone()),
            purpose: new.purpose,
            locale: new.locale.to_owned(),
            shown: new.shown.cloned(),
            answers: new.items.iter().map(answer).collect(),
            expires_at: Some(began.filter_map(expires_at).collect()),
            row: signed_receipt::row_digest(
                SCHEMA_VERSION,
                &new.challenge.id,
                new.challenge.session,
                new.body,
            ),
        }));
        let subject = signed_receipt::subject(transaction, account, service).await?;
        let claims = self.signer.claims(new.receipt_id, Some(subject), new.at, event);
        signed_receipt::write(&self.signer, transaction, About::Decision, &claims).await
    }

    /// The receipt of this id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn receipt(&self, receipt_id: &str) -> Result<Option<Receipt>, Error> {
        let head = query_as!(
            struct {
                outcome: Named<Outcome>,
                purpose: Named<Purpose>,
                locale: String,
                decided_at: i64,
            },
            r#"SELECT decision AS "outcome: Named<Outcome>", purpose AS "purpose: Named<Purpose>",
                 locale, decided_at
             FROM decisions WHERE receipt_id = ?"#,
            receipt_id,
        )
        .fetch_optional(&self.readers)
        .await?;
        let Some(head) = head else { return Ok(None) };
        let rows = query_as!(
            struct {
                key: String,
                kind: String,
                title: String,
                required: bool,
                version: Option<String>,
                digest: Option<String>,
                agreed: bool,
            },
            r#"SELECT key, kind, title, required AS "required: bool", version, digest,
                 agreed AS "agreed: bool"
             FROM receipt_items WHERE receipt_id = ? ORDER BY position"#,
            receipt_id,
        )
        .fetch_all(&self.readers)
        .await?;
        let items = rows.into_iter().map(|row| {
            Ok(ReceiptItem {
                key: row.key.parse().map_err(|error| Error::Decode(Box::new(error)))?,
                kind: row.kind,
                title: row.title,
                required: row.required,
                version: row.version,
                digest: row.digest,
                agreed: row.agreed,
            })
        });
        Ok(Some(Receipt {
            receipt_id: receipt_id.to_owned(),
            agreed: head.outcome.0 == Outcome::Agreed,
            purpose: head.purpose.0,
            locale: head.locale,
            decided_at: head.decided_at,
            items: items.collect::<Result<_, Error>>()?,
        }))
    }

    /// How an account answered last, by what was asked, since it was connected to the service. Answers
    /// on a screen that was cancelled do not count, nor do those from before it left.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_answers(
        &self,
        account: &str,
        service: &str,
    ) -> Result<BTreeMap<ItemKey, LastAnswer>, Error> {
        let rows = query_as!(
            struct { key: String, version: Option<String>, agreed: bool, at: i64 },
            r#"SELECT key AS "key!", version, agreed AS "agreed!: bool", at AS "at!: i64" FROM (
                 SELECT receipt_items.key, receipt_items.version, receipt_items.agreed,
                     receipt_items.decided_at AS at, row_number() OVER (
                         PARTITION BY receipt_items.key
                         ORDER BY receipt_items.decided_at DESC, decisions.rowid DESC) AS place
                 FROM links CROSS JOIN decisions INDEXED BY decisions_by_account
                     USING (account, service)
                 CROSS JOIN receipt_items USING (receipt_id)
                 WHERE links.account = ? AND links.service = ? AND decisions.decision = 'agree'
                     AND decisions.decided_at >= links.linked_at) AS answers
             WHERE place = 1"#,
            account,
            service,
        )
        .fetch_all(&self.readers)
        .await?;
        let answers = rows.into_iter().map(|row| {
            let key = row.key.parse().map_err(|error| Error::Decode(Box::new(error)))?;
            Ok((key, LastAnswer { agreed: row.agreed, version: row.version, at: row.at }))
        });
        answers.collect()
    }

    /// The last receipt between an account and a service. A refusal has none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_receipt(
        &self,
        account: &str,
        service: &str,
    ) -> Result<Option<Receipt>, Error> {
        let refused = Named(Outcome::UnderAge);
        let id = query_scalar!(
            "SELECT receipt_id FROM decisions
             WHERE account = ? AND service = ? AND decision <> ?
             ORDER BY decided_at DESC, rowid DESC LIMIT 1",
            account,
            service,
            refused,
        )
        .fetch_optional(&self.readers)
        .await?;
        match id {
            Some(id) => self.receipt(&id).await,
            None => Ok(None),
        }
    }
}

async fn write_items(
    transaction: &mut WriteTransaction,
    new: &NewDecision<'_>,
) -> Result<(), Error> {
    let items = (0_i64..).zip(new.items);
    let items: Vec<_> = items.map(|(at, item)| (at, item.key.to_string(), item)).collect();
    for items in items.chunks(ROWS_AT_ONCE) {
        let mut insert = QueryBuilder::new(
            "INSERT INTO receipt_items (receipt_id, position, key, kind, title, required,
                 version, digest, locale, agreed, decided_at)",
        );
        insert.rows(items.iter().map(|(position, key, item)| {
            [
                new.receipt_id.value(),
                position.value(),
                key.value(),
                item.kind.value(),
                item.title.value(),
                item.required.value(),
                item.version.value(),
                item.digest.value(),
                new.locale.value(),
                item.agreed.value(),
                new.at.value(),
            ]
        }));
        insert.execute(&mut **transaction).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        crypto::DerivationKey,
        store::{MadeBy, NewChallenge, SignedIn},
    };
    use consent_contract::request::Purpose;

    /// An agreement that was checked against what held a moment ago is not written: what it was
    /// shown, and whether it may be asked at all, must be looked at again.
    #[tokio::test]
    async fn an_agreement_is_written_only_on_the_grant_it_was_checked_against() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = crate::store::tests::open(folder.path()).await;
        let key = DerivationKey::new(&[7; 32]);
        let hana = SignedIn { account: "hana", made_by: MadeBy::Proxy, at: 0, device: None };
        let (session, _) = store.sign_in(None, &hana, 0).await.unwrap();
        let change = NewGrant { terms: vec![("tos".into(), "1".into())], ..NewGrant::default() };
        let mut written = Vec::new();
        let before = store.grant("hana", "shop").await.unwrap();
        for receipt_id in ["r-1", "r-2"] {
            let purpose = Some(Purpose::SignUp);
            let new = NewChallenge {
                session: &session,
                service: "shop",
                query: receipt_id,
                locale: "ko",
                purpose,
                now: 0,
                expires_at: 900,
            };
            let name = store.put_challenge(&new, &key).await.unwrap();
            let challenge = store.challenge(&name).await.unwrap().unwrap().0;
            assert_eq!(challenge.purpose, purpose);
            let code = NewCode {
                code: receipt_id.into(),
                account: "hana".into(),
                service: "shop".into(),
                redirect_uri: "https://shop.example/callback".into(),
                code_challenge: None,
                nonce: None,
                scope: "openid".into(),
                session: session.id,
                id_token_claims: String::new(),
                signed_in: 0,
                issued_at: 0,
                receipt_id: Some(receipt_id.into()),
            };
            let new = NewDecision {
                receipt_id,
                challenge: &challenge,
                outcome: Outcome::Agreed,
                purpose: Purpose::SignUp,
                locale: "ko",
                body: &[1],
                at: 0,
                items: &[],
                shown: None,
                statements: None,
                granted: Some(Granted { before: &before, change: &change, code: Some(&code) }),
                guardian: None,
            };
            written.push(store.decide(&new).await.unwrap());
        }
        assert_eq!(written, [Written::Now, Written::GrantChanged]);
        assert!(store.has_unused_code("r-1", 59).await.unwrap());
        assert!(!store.has_unused_code("r-1", 60).await.unwrap());
        assert!(!store.has_unused_code("r-2", 0).await.unwrap());
        assert_eq!(store.receipt("r-2").await.unwrap(), None);
    }
}
