//! Checks signatures, and compares what was signed with the rows.

use std::collections::BTreeSet;

use consent_contract::item::ItemKey;
use jsonwebtoken::jwk::JwkSet;

use super::{CheckReport, Evidence, replay::Unproven};
use crate::{
    clock::Seconds,
    consent,
    receipt::{self, ChangeEvent, DecisionEvent, Event, ReceiptClaims, leaf_data, leaf_hash},
    store::{
        CausedBy, ChangeKind, Error, Outcome, ReceiptItem, Store,
        engine::{query_as, query_scalar},
        grant_change,
        name::Named,
        signed_receipt::{erased, reference, row_digest},
    },
};

impl Store {
    pub(super) async fn check_signatures(
        &self,
        keys: &JwkSet,
        documents: &BTreeSet<[String; 6]>,
        unproven: &Unproven,
        report: &mut CheckReport,
    ) -> Result<Evidence, Error> {
        let rows = query_as!(
            struct { number: i64, receipt_id: String, about: String, jws: String, salt: Vec<u8> },
            r#"SELECT number AS "number!", receipt_id, about, jws, salt FROM signed_receipts
             ORDER BY number"#
        )
        .fetch_all(&self.readers)
        .await?;
        let mut evidence = Evidence::default();
        for row in rows {
            report.receipts += 1;
            let number = u64::try_from(row.number).unwrap_or_default();
            evidence.leaves.insert(number, leaf_hash(&leaf_data(&row.salt, &row.jws)));
            let mut fault = |reason: String| {
                report.faults.push(format!("receipt {}: {reason}", row.receipt_id));
            };
            let claims = match receipt::verify(&row.jws, keys) {
                Ok(claims) => claims,
                Err(reason) => {
                    fault(reason);
                    continue;
                }
            };
            if claims.jti != row.receipt_id {
                fault(format!("it was signed as {}", claims.jti));
                continue;
            }
            let about = match &claims.event {
                Event::Decision(_) => "decision",
                Event::Change(_) => "change",
                Event::Deletion(_) => "deletion",
            };
            if row.about != about {
                fault(format!("it is about a {about}, not a {}", row.about));
            }
            evidence.first_signed_at.get_or_insert(claims.iat);
            evidence.ids.insert(row.receipt_id.clone());
            for reason in self.check_row(&claims, documents, unproven, &mut evidence).await? {
                report.faults.push(format!("receipt {}: {reason}", claims.jti));
            }
        }
        Ok(evidence)
    }

    /// Compares what was signed with the rows.
    async fn check_row(
        &self,
        claims: &ReceiptClaims,
        documents: &BTreeSet<[String; 6]>,
        unproven: &Unproven,
        evidence: &mut Evidence,
    ) -> Result<Vec<String>, Error> {
        match &claims.event {
            Event::Decision(it) => {
                self.check_decision(claims, it, documents, unproven, evidence).await
            }
            Event::Change(it) => self.check_change(claims, it, evidence).await,
            Event::Deletion(deletion) => {
                evidence.deleted.extend(&deletion.leaves);
                Ok(Vec::new())
            }
        }
    }

    async fn check_decision(
        &self,
        claims: &ReceiptClaims,
        decision: &DecisionEvent,
        documents: &BTreeSet<[String; 6]>,
        unproven: &Unproven,
        evidence: &mut Evidence,
    ) -> Result<Vec<String>, Error> {
        let mut faults = Vec::new();
        let row = query_as!(
            struct {
                schema_version: i64,
                challenge: Vec<u8>,
                session: i64,
                account: String,
                service: String,
                decision: Named<Outcome>,
                purpose: String,
                locale: String,
                body: Vec<u8>,
                decided_at: i64,
            },
            r#"SELECT schema_version, challenge, session, account, service,
                 decision AS "decision: Named<Outcome>", purpose, locale, body, decided_at
             FROM decisions WHERE receipt_id = ?"#,
            claims.jti,
        )
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else {
            return Ok(vec!["its decision is missing".to_owned()]);
        };
        let digest = row_digest(row.schema_version, &row.challenge, row.session, &row.body);
        let purpose = serde_plain::to_string(&decision.purpose).unwrap_or_default();
        let is_same = digest == decision.row
            && row.service == decision.service
            && row.decision.0 == decision.decision
            && row.purpose == purpose
            && row.locale == decision.locale
            && row.decided_at == claims.iat;
        if !is_same {
            faults.push("its decision was changed".to_owned());
        }
        faults.extend(self.check_account(claims, &row.account, &row.service, evidence).await?);
        faults.extend(self.check_items(claims, decision).await?);
        evidence.replay.decide(&row.account, decision, claims.iat, || {
            unproven.has(&row.account, &decision.service)
        });
        if let Some(shown) = &decision.shown {
            for it in &shown.terms {
                let term = &it.term;
                let place = [
                    &decision.service,
                    &term.tag,
                    &term.version,
                    &decision.locale,
                    &term.digest,
                    &it.effective_from,
                ];
                if !documents.contains(&place.map(String::clone)) {
                    let (tag, version) = (&term.tag, &term.version);
                    faults.push(format!("the text of `{tag}` {version} is not as it was shown"));
                }
            }
            if !shown.personal_info.items.is_empty() {
                let digest = shown.personal_info.digest.clone();
                let languages = evidence.statements.entry(digest).or_default();
                languages.insert(decision.locale.clone());
            }
        }
        Ok(faults)
    }

    async fn check_change(
        &self,
        claims: &ReceiptClaims,
        change: &ChangeEvent,
        evidence: &mut Evidence,
    ) -> Result<Vec<String>, Error> {
        let mut faults = Vec::new();
        let row = query_as!(
            struct {
                schema_version: i64,
                account: String,
                service: String,
                change: Named<ChangeKind>,
                caused_by: Named<CausedBy>,
                changed_at: i64,
            },
            r#"SELECT schema_version, account, service,
                 change AS "change: Named<ChangeKind>",
                 caused_by AS "caused_by: Named<CausedBy>", changed_at
             FROM grant_changes WHERE receipt_id = ?"#,
            claims.jti,
        )
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else {
            return Ok(vec!["its change is missing".to_owned()]);
        };
        let items = query_as!(
            struct { position: i64, key: String, version: Option<String> },
            "SELECT position, key, version FROM grant_change_items
             WHERE receipt_id = ? ORDER BY position",
            claims.jti,
        )
        .fetch_all(&self.readers)
        .await?;
        let items: Vec<_> = items.into_iter().map(|it| (it.position, it.key, it.version)).collect();
        let expected: Vec<_> = (0_i64..)
            .zip(&change.items)
            .map(|(at, item)| (at, item.key.to_string(), item.version.clone()))
            .collect();
        let is_same = row.service == change.service
            && row.change.0 == change.change
            && row.caused_by.0 == change.caused_by
            && row.changed_at == claims.iat
            && row.schema_version == grant_change::SCHEMA_VERSION;
        if !is_same {
            faults.push("its change was changed".to_owned());
        }
        if items != expected {
            faults.push("the items of its change were changed".to_owned());
        }
        evidence.replay.change(&row.account, change, claims.iat);
        if change.change == ChangeKind::Erase {
            let subject = claims.sub.as_deref().unwrap_or_default();
            evidence.erasures.insert(erased(subject));
        }
        faults.extend(self.check_account(claims, &row.account, &row.service, evidence).await?);
        Ok(faults)
    }

    /// The account of a row is the subject of its receipt, or was erased.
    async fn check_account(
        &self,
        claims: &ReceiptClaims,
        account: &str,
        service: &str,
        evidence: &mut Evidence,
    ) -> Result<Option<String>, Error> {
        let subject = claims.sub.as_deref().unwrap_or_default();
        if account == erased(subject) {
            evidence.erased_rows.insert(account.to_owned(), claims.jti.clone());
            return Ok(None);
        }
        let salt = query_scalar!(
            "SELECT salt FROM subjects WHERE account = ? AND service = ?",
            account,
            service,
        )
        .fetch_optional(&self.readers)
        .await?;
        let is_same = salt.is_some_and(|salt| reference(&salt, account) == subject);
        Ok((!is_same).then(|| "its account is not the one that it was signed for".to_owned()))
    }

    async fn check_items(
        &self,
        claims: &ReceiptClaims,
        decision: &DecisionEvent,
    ) -> Result<Option<String>, Error> {
        let rows = query_as!(
            struct {
                position: i64,
                key: String,
                kind: String,
                title: String,
                required: bool,
                version: Option<String>,
                digest: Option<String>,
                locale: String,
                agreed: bool,
                decided_at: i64,
            },
            r#"SELECT position, key, kind, title, required AS "required: bool", version, digest, locale,
                 agreed AS "agreed: bool", decided_at
             FROM receipt_items WHERE receipt_id = ? ORDER BY position"#,
            claims.jti,
        )
        .fetch_all(&self.readers)
        .await?;
        let expected = consent::signed_items(decision);
        let is_same = rows.len() == expected.len()
            && (0_i64..).zip(rows).zip(expected).all(|((position, row), expected)| {
                let is_placed = row.position == position
                    && row.locale == decision.locale
                    && row.decided_at == claims.iat;
                let Ok(key) = row.key.parse::<ItemKey>() else { return false };
                let item = ReceiptItem {
                    key,
                    kind: row.kind,
                    title: row.title,
                    required: row.required,
                    version: row.version,
                    digest: row.digest,
                    agreed: row.agreed,
                };
                is_placed && item == expected
            });
        Ok((!is_same).then(|| "its items were changed".to_owned()))
    }

    /// Every row has a signed receipt, but for cancels at which nothing was shown.
    pub(super) async fn check_unsigned(
        &self,
        evidence: &Evidence,
        report: &mut CheckReport,
    ) -> Result<(), Error> {
        let rows = query_as!(
            struct { receipt_id: String, is_unsigned: bool, at: Seconds, is_later: bool },
            r#"SELECT receipt_id AS "receipt_id!: String", is_unsigned AS "is_unsigned!: bool",
                 at AS "at!: Seconds", is_later AS "is_later!: bool" FROM (
                 SELECT receipt_id, receipt_id IN (SELECT receipt_id FROM unsigned_receipts)
                     AS is_unsigned, decided_at AS at,
                     rowid > coalesce((SELECT min(signed.rowid) FROM decisions AS signed
                         JOIN signed_receipts USING (receipt_id)), rowid) AS is_later
                 FROM decisions
                 WHERE decision <> 'cancel' OR EXISTS (SELECT 1 FROM receipt_items
                     WHERE receipt_items.receipt_id = decisions.receipt_id)
                 UNION ALL
                 SELECT receipt_id, receipt_id IN (SELECT receipt_id FROM unsigned_receipts),
                     changed_at,
                     rowid > coalesce((SELECT min(signed.rowid) FROM grant_changes AS signed
                         JOIN signed_receipts USING (receipt_id)), rowid)
                 FROM grant_changes
             ) AS receipts"#
        )
        .fetch_all(&self.readers)
        .await?;
        for row in rows {
            let is_late =
                row.is_later || evidence.first_signed_at.is_some_and(|first| row.at >= first);
            let fault = match (row.is_unsigned, evidence.ids.contains(&row.receipt_id)) {
                (true, _) if is_late => "it is not from before receipts were signed",
                (true, _) => {
                    report.unsigned += 1;
                    continue;
                }
                (false, false) => "it has no good signature",
                (false, true) => continue,
            };
            report.faults.push(format!("receipt {}: {fault}", row.receipt_id));
        }
        let orphans = query_scalar!(
            r#"SELECT receipt_id AS "receipt_id!: String" FROM receipt_items
                 WHERE receipt_id NOT IN (SELECT receipt_id FROM decisions)
             UNION SELECT receipt_id FROM grant_change_items
                 WHERE receipt_id NOT IN (SELECT receipt_id FROM grant_changes)"#
        )
        .fetch_all(&self.readers)
        .await?;
        for receipt_id in orphans {
            report.faults.push(format!("receipt {receipt_id}: it has items and nothing else"));
        }
        Ok(())
    }
}
