//! Legal texts, kept permanently.

use consent_contract::document::Document;

use super::{
    Error, Store,
    engine::{Connection, query, query_as},
    retried,
};

/// A text as it is kept: a document, and whose it is.
#[derive(Debug, Clone)]
pub struct StoredText {
    pub service: String,
    pub document: Document,
}

/// A text that differs from the one that is kept under the same version. Once for its day, whatever
/// languages it is kept in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedText {
    pub service: String,
    pub tag: String,
    pub version: String,
    pub what: Change,
}

/// How a text differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Title or blocks, in this language.
    Text { locale: String },
    /// The day from which it holds: the one that is kept.
    EffectiveFrom { kept: String },
}

impl Store {
    /// Keeps texts that are new. When any differs from what is kept under its version, nothing is
    /// written.
    ///
    /// # Errors
    /// The outer one when the database cannot be used; the inner one names the changed texts.
    pub async fn keep_texts(
        &self,
        texts: &[StoredText],
    ) -> Result<Result<(), Vec<ChangedText>>, Error> {
        retried(|| async {
            let mut transaction = self.begin().await?;
            let changed = keep(&mut transaction, texts).await?;
            if !changed.is_empty() {
                return Ok(Err(changed));
            }
            transaction.commit().await?;
            Ok(Ok(()))
        })
        .await
    }

    /// The texts that differ from what is kept under their version. Nothing is written.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn changed_texts(&self, texts: &[StoredText]) -> Result<Vec<ChangedText>, Error> {
        compare(&mut self.readers.acquire().await?, texts).await
    }

    /// The text with this digest.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn document(
        &self,
        tag: &str,
        version: &str,
        digest: &str,
    ) -> Result<Option<Document>, Error> {
        // Two services may use the same words under the same tag and version: the same document.
        let row = query_as!(
            struct { title: String, locale: String, effective_from: String, blocks: String },
            "SELECT title, locale, effective_from, blocks FROM documents
             WHERE digest = ? AND tag = ? AND version = ? ORDER BY rowid LIMIT 1",
            digest,
            tag,
            version,
        )
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Document {
            tag: tag.to_owned(),
            version: version.to_owned(),
            digest: digest.to_owned(),
            title: row.title,
            locale: row.locale,
            effective_from: row.effective_from,
            blocks: serde_json::from_str(&row.blocks).map_err(|e| Error::Decode(e.into()))?,
        }))
    }

    /// A version of a service's text in a language.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn document_of_version(
        &self,
        service: &str,
        tag: &str,
        version: &str,
        locale: &str,
    ) -> Result<Option<Document>, Error> {
        let row = query_as!(
            struct { digest: String, title: String, effective_from: String, blocks: String },
            "SELECT digest, title, effective_from, blocks FROM documents
             WHERE service = ? AND tag = ? AND version = ? AND locale = ?",
            service,
            tag,
            version,
            locale,
        )
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Document {
            tag: tag.to_owned(),
            version: version.to_owned(),
            locale: locale.to_owned(),
            digest: row.digest,
            title: row.title,
            effective_from: row.effective_from,
            blocks: serde_json::from_str(&row.blocks).map_err(|e| Error::Decode(e.into()))?,
        }))
    }
}

/// Keeps texts that are new, and returns those that differ from what is kept under their version. When there
/// are any, nothing is written.
pub(super) async fn keep(
    connection: &mut Connection,
    texts: &[StoredText],
) -> Result<Vec<ChangedText>, Error> {
    let (changed, new) = compared(connection, texts).await?;
    if !changed.is_empty() {
        return Ok(changed);
    }
    for StoredText { service, document } in new {
        let blocks = serde_json::to_string(&document.blocks)
            .expect("strings and numbers always become JSON");
        query!(
            "INSERT INTO documents
                         (service, tag, version, locale, digest, title, effective_from, blocks)
                         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            service,
            document.tag,
            document.version,
            document.locale,
            document.digest,
            document.title,
            document.effective_from,
            blocks,
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(Vec::new())
}

/// The texts that differ from what is kept under their version. Nothing is written.
pub(super) async fn compare(
    connection: &mut Connection,
    texts: &[StoredText],
) -> Result<Vec<ChangedText>, Error> {
    Ok(compared(connection, texts).await?.0)
}

/// The texts that differ from what is kept under their version, and those that are not kept yet.
async fn compared<'a>(
    connection: &mut Connection,
    texts: &'a [StoredText],
) -> Result<(Vec<ChangedText>, Vec<&'a StoredText>), Error> {
    let (mut changed, mut new) = (Vec::new(), Vec::new());
    for text in texts {
        let StoredText { service, document } = text;
        let kept = query_as!(
            struct { digest: String, effective_from: String },
            "SELECT digest, effective_from FROM documents
                 WHERE service = ? AND tag = ? AND version = ? AND locale = ?",
            service,
            document.tag,
            document.version,
            document.locale,
        )
        .fetch_optional(&mut *connection)
        .await?;
        let Some(kept) = kept else {
            new.push(text);
            continue;
        };
        let mut add = |what| {
            let (tag, version) = (document.tag.clone(), document.version.clone());
            let found = ChangedText { service: service.clone(), tag, version, what };
            if !changed.contains(&found) {
                changed.push(found);
            }
        };
        if kept.digest != document.digest {
            add(Change::Text { locale: document.locale.clone() });
        }
        if kept.effective_from != document.effective_from {
            add(Change::EffectiveFrom { kept: kept.effective_from });
        }
    }
    Ok((changed, new))
}
