//! Copies of receipts with everything that is needed to verify them offline.

use std::collections::BTreeMap;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use consent_contract::document::Document;

use super::{
    Error, Store,
    engine::{Connection, query_as, query_scalar},
    receipt_log,
};
use crate::{
    clock::Seconds,
    receipt::{self, BUNDLE_FORMAT, Bundle, BundledReceipt, Event, ReceiptClaims, Statements},
};

/// Which receipts are exported: those that meet every condition.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    pub receipt_id: Option<String>,
    pub account: Option<String>,
    /// A client id.
    pub service: Option<String>,
    pub since: Option<Seconds>,
}

impl Store {
    /// The signed receipts of a selection, in the order in which they were written.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn bundle(&self, selection: &Selection) -> Result<Bundle, Error> {
        let keys = self.receipt_keys().await?;
        // One transaction: proofs and checkpoint belong together.
        let mut reading = self.readers.begin().await?;
        let Selection { receipt_id, account, service, since } = selection;
        let rows = query_as!(
            struct { number: i64, jws: String, salt: Vec<u8> },
            r#"SELECT signed.number AS "number!", signed.jws, signed.salt
             FROM signed_receipts AS signed
             LEFT JOIN decisions ON decisions.receipt_id = signed.receipt_id
             LEFT JOIN grant_changes ON grant_changes.receipt_id = signed.receipt_id
             WHERE (CAST(?1 AS TEXT) IS NULL OR signed.receipt_id = ?1)
                 AND (CAST(?2 AS TEXT) IS NULL OR coalesce(decisions.account, grant_changes.account) = ?2)
                 AND (CAST(?3 AS TEXT) IS NULL OR coalesce(decisions.service, grant_changes.service) = ?3)
                 AND (CAST(?4 AS BIGINT) IS NULL OR coalesce(decisions.decided_at, grant_changes.changed_at) >= ?4)
             ORDER BY signed.number"#,
            receipt_id,
            account,
            service,
            since,
        )
        .fetch_all(&mut reading)
        .await?;
        let mut bundle = Bundle {
            format: BUNDLE_FORMAT.to_owned(),
            keys,
            checkpoint: None,
            receipts: Vec::with_capacity(rows.len()),
            texts: Vec::new(),
            unknown_members: Vec::new(),
            statements: Vec::new(),
        };
        let mut texts = Texts::default();
        for row in rows {
            let proof = receipt_log::inclusion_proof(&mut reading, row.number).await?;
            bundle.receipts.push(BundledReceipt {
                salt: URL_SAFE_NO_PAD.encode(row.salt),
                leaf: proof.as_ref().map(|proof| proof.leaf),
                path: proof.iter().flat_map(|it| &it.path).map(|it| STANDARD.encode(it)).collect(),
                jws: row.jws,
            });
            bundle.checkpoint = proof.map(|proof| proof.checkpoint).or(bundle.checkpoint);
            let jws = &bundle.receipts[bundle.receipts.len() - 1].jws;
            // A receipt that cannot be read is exported all the same: its verification names it.
            if let Ok(claims) = receipt::verify(jws, &bundle.keys) {
                texts.add(&mut reading, &claims).await?;
            }
        }
        bundle.texts = texts.documents.into_values().collect();
        bundle.statements = texts.statements.into_values().collect();
        Ok(bundle)
    }

    /// Whether a receipt is this account's.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_receipt_of(&self, receipt_id: &str, account: &str) -> Result<bool, Error> {
        query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM decisions WHERE receipt_id = ?1 AND account = ?2)
                 OR EXISTS (SELECT 1 FROM grant_changes WHERE receipt_id = ?1 AND account = ?2)
                 AS "found!: bool""#,
            receipt_id,
            account,
        )
        .fetch_one(&self.readers)
        .await
    }
}

/// The texts that receipts refer to.
#[derive(Default)]
struct Texts {
    documents: BTreeMap<Vec<String>, Document>,
    statements: BTreeMap<String, Statements>,
}

impl Texts {
    async fn add(
        &mut self,
        connection: &mut Connection,
        claims: &ReceiptClaims,
    ) -> Result<(), Error> {
        let Event::Decision(decision) = &claims.event else { return Ok(()) };
        let Some(shown) = &decision.shown else { return Ok(()) };
        for it in &shown.terms {
            let term = &it.term;
            let row = query_as!(
                struct { title: String, locale: String, effective_from: String, blocks: String },
                "SELECT title, locale, effective_from, blocks FROM documents
                 WHERE service = ? AND tag = ? AND version = ? AND locale = ? AND digest = ?",
                decision.service,
                term.tag,
                term.version,
                decision.locale,
                term.digest,
            )
            .fetch_optional(&mut *connection)
            .await?;
            let Some(row) = row else { continue };
            let document = Document {
                tag: term.tag.clone(),
                version: term.version.clone(),
                digest: term.digest.clone(),
                title: row.title,
                locale: row.locale,
                effective_from: row.effective_from,
                blocks: serde_json::from_str(&row.blocks).map_err(|e| Error::Decode(e.into()))?,
            };
            // Services can have the same text under the same name.
            let key = [&term.tag, &term.version, &term.digest, &document.locale];
            let key = key.into_iter().chain([&document.effective_from]).cloned().collect();
            self.documents.insert(key, document);
        }
        let digest = &shown.personal_info.digest;
        if !shown.personal_info.items.is_empty() && !self.statements.contains_key(digest) {
            let text = query_scalar!("SELECT text FROM statements WHERE digest = ?", digest)
                .fetch_optional(&mut *connection)
                .await?;
            if let Some(text) = text {
                let statements = Statements { digest: digest.clone(), text };
                self.statements.insert(digest.clone(), statements);
            }
        }
        Ok(())
    }
}
