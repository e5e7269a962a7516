//! Checks the texts that receipts refer to.

use std::collections::BTreeSet;

use consent_contract::document::{Block, Document};

use super::{CheckReport, Evidence};
use crate::{
    crypto,
    store::{Error, Store, engine::query_as},
};

impl Store {
    /// The digest of every document is right. Returns what receipts must find, by place.
    pub(super) async fn check_documents(
        &self,
        report: &mut CheckReport,
    ) -> Result<BTreeSet<[String; 6]>, Error> {
        let rows = query_as!(
            struct {
                service: String,
                tag: String,
                version: String,
                locale: String,
                digest: String,
                title: String,
                effective_from: String,
                blocks: String,
            },
            "SELECT service, tag, version, locale, digest, title, effective_from, blocks FROM documents"
        )
        .fetch_all(&self.readers)
        .await?;
        let mut found = BTreeSet::new();
        for row in rows {
            let blocks: Option<Vec<Block>> = serde_json::from_str(&row.blocks).ok();
            let is_good = blocks.is_some_and(|blocks| {
                crypto::sri(&Document::digest_input(&row.title, &blocks)) == row.digest
                    && serde_json::to_string(&blocks).is_ok_and(|json| json == row.blocks)
            });
            if !is_good {
                report.faults.push(format!(
                    "the text of `{}` {} of {} in {} was changed",
                    row.tag, row.version, row.service, row.locale
                ));
            }
            let place = [row.service, row.tag, row.version, row.locale, row.digest];
            let [service, tag, version, locale, digest] = place;
            found.insert([service, tag, version, locale, digest, row.effective_from]);
        }
        Ok(found)
    }

    pub(super) async fn check_statements(
        &self,
        evidence: &Evidence,
        report: &mut CheckReport,
    ) -> Result<(), Error> {
        let rows = query_as!(
            struct { digest: String, locale: String, text: String },
            "SELECT digest, locale, text FROM statements")
        .fetch_all(&self.readers)
        .await?;
        let mut found = BTreeSet::new();
        for row in rows {
            let languages = evidence.statements.get(&row.digest);
            let is_good = crypto::sri(row.text.as_bytes()) == row.digest
                // Written with the first receipt that refers to it. What no receipt refers to any more
                // may be in any language.
                && languages.is_none_or(|languages| languages.contains(&row.locale));
            if !is_good {
                report.faults.push(format!("the statements {} were changed", row.digest));
            }
            found.insert(row.digest);
        }
        for digest in evidence.statements.keys().filter(|it| !found.contains(*it)) {
            report.faults.push(format!("the statements {digest} are missing"));
        }
        Ok(())
    }
}
