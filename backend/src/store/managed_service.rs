//! Services that the admin API made, and the secrets of their clients.
//!
//! All of them have one revision, which every change counts up. A change is written only while the revision
//! is the one that it was checked at: what was read before still holds then.

use super::{
    Error, Store,
    document::{ChangedText, StoredText, compare, keep},
    engine::{Connection, query, query_as, query_scalar},
    retried,
};
use crate::clock::Seconds;

/// A service as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedService {
    pub client_id: String,
    /// JSON, see the migration.
    pub document: String,
    /// JSON, see the migration.
    pub secrets: String,
    /// The revision at which document, approval or disabling last changed.
    pub version: i64,
    pub created_at: Seconds,
    pub updated_at: Seconds,
    pub approved_at: Option<Seconds>,
    pub disabled_at: Option<Seconds>,
    /// None of a public client.
    pub client_secrets: Vec<StoredSecret>,
}

/// A secret of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSecret {
    /// SHA-256.
    pub digest: Vec<u8>,
    /// None for the secret of now.
    pub ends_at: Option<Seconds>,
}

/// A change of one service.
#[derive(Debug, Clone)]
pub struct ServiceChange {
    pub client_id: String,
    /// The revision at which it was checked.
    pub checked_at: i64,
    pub at: Seconds,
    pub what: WhatChanges,
}

/// What becomes of a service.
#[derive(Debug, Clone)]
pub enum WhatChanges {
    Create {
        content: ServiceContent,
        /// The digest of the client's secret.
        client_secret: Option<Vec<u8>>,
        is_approved: bool,
    },
    Replace {
        content: ServiceContent,
        client_secret: SecretChange,
    },
    /// With the texts that users will be shown.
    Approve {
        texts: Vec<StoredText>,
    },
    Disable,
    Enable,
    /// Only one that no user has decided about.
    Delete,
    /// Another secret. The one of now ends at `ends_at`, or with those before it at once.
    Rotate {
        digest: Vec<u8>,
        ends_at: Option<Seconds>,
    },
}

/// What a service is.
#[derive(Debug, Clone)]
pub struct ServiceContent {
    pub document: String,
    pub secrets: String,
    pub texts: Vec<StoredText>,
    /// Whether users can be shown the texts, which are then kept.
    pub is_shown: bool,
}

/// What a change of the document means for the client's secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretChange {
    Keep,
    /// The client is a public one from now on.
    Remove,
    /// The digest of the first secret of a client that was public.
    Set(Vec<u8>),
}

/// What became of a change.
#[derive(Debug, PartialEq, Eq)]
pub enum Changed {
    /// With the revision, which is the version of the service.
    Done(i64),
    /// Something was changed since it was checked.
    Outdated,
    /// Texts differ from those that are kept under their versions.
    Texts(Vec<ChangedText>),
    /// Users have decided about it, or are linked to it.
    InUse,
}

impl Store {
    /// The revision of all services of the admin API; 0 before the first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn managed_services_revision(&self) -> Result<i64, Error> {
        revision(&mut self.readers.acquire().await?).await
    }

    /// The services of the admin API in the order of their client ids, and their revision.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn managed_services(&self) -> Result<(i64, Vec<ManagedService>), Error> {
        let mut connection = self.readers.begin().await?;
        let revision = revision(&mut connection).await?;
        let rows = query_as!(
            struct {
                client_id: String,
                document: String,
                secrets: String,
                version: i64,
                created_at: i64,
                updated_at: i64,
                approved_at: Option<i64>,
                disabled_at: Option<i64>,
            },
            "SELECT client_id, document, secrets, version, created_at, updated_at, approved_at,
                 disabled_at
             FROM managed_services ORDER BY client_id"
        )
        .fetch_all(&mut connection)
        .await?;
        let secrets = query_as!(
            struct { client_id: String, digest: Vec<u8>, ends_at: Option<i64> },
            "SELECT client_id, digest, ends_at FROM managed_client_secrets
             ORDER BY client_id, created_at, digest"
        )
        .fetch_all(&mut connection)
        .await?;
        let services = rows.into_iter().map(|row| {
            let own = secrets.iter().filter(|secret| secret.client_id == row.client_id);
            let own = own.map(|it| StoredSecret { digest: it.digest.clone(), ends_at: it.ends_at });
            ManagedService {
                client_secrets: own.collect(),
                client_id: row.client_id,
                document: row.document,
                secrets: row.secrets,
                version: row.version,
                created_at: row.created_at,
                updated_at: row.updated_at,
                approved_at: row.approved_at,
                disabled_at: row.disabled_at,
            }
        });
        Ok((revision, services.collect()))
    }

    /// Changes a service, unless any service was changed since this was checked.
    ///
    /// # Errors
    /// When the database cannot be written. Nothing is changed then.
    pub async fn change_managed_service(&self, change: &ServiceChange) -> Result<Changed, Error> {
        let ServiceChange { client_id, checked_at, at, what } = change;
        let (client_id, at) = (client_id.as_str(), *at);
        retried(|| async {
        let mut transaction = self.begin().await?;
        if revision(&mut transaction).await? != *checked_at {
            return Ok(Changed::Outdated);
        }
        let version = checked_at + 1;
        let changed = match what {
            WhatChanges::Create { content, .. } | WhatChanges::Replace { content, .. } => {
                match content.is_shown {
                    true => keep(&mut transaction, &content.texts).await?,
                    false => compare(&mut transaction, &content.texts).await?,
                }
            }
            WhatChanges::Approve { texts } => keep(&mut transaction, texts).await?,
            _ => Vec::new(),
        };
        if !changed.is_empty() {
            return Ok(Changed::Texts(changed));
        }
        match what {
            WhatChanges::Create { content, client_secret, is_approved } => {
                let approved_at = is_approved.then_some(at);
                let ServiceContent { document, secrets, .. } = content;
                query!(
                    "INSERT INTO managed_services (client_id, document, secrets, version, created_at,
                         updated_at, approved_at)
                     VALUES (?, ?, ?, ?, ?, ?, ?)",
                    client_id,
                    document,
                    secrets,
                    version,
                    at,
                    at,
                    approved_at,
                )
                .execute(&mut *transaction)
                .await?;
                if let Some(digest) = client_secret {
                    set_secret(&mut transaction, client_id, digest, at).await?;
                }
            }
            WhatChanges::Replace { content, client_secret } => {
                let ServiceContent { document, secrets, .. } = content;
                query!(
                    "UPDATE managed_services
                     SET document = ?, secrets = ?, version = ?, updated_at = ?
                     WHERE client_id = ?",
                    document,
                    secrets,
                    version,
                    at,
                    client_id,
                )
                .execute(&mut *transaction)
                .await?;
                match client_secret {
                    SecretChange::Keep => {}
                    SecretChange::Remove => delete_secrets(&mut transaction, client_id).await?,
                    SecretChange::Set(digest) => {
                        set_secret(&mut transaction, client_id, digest, at).await?;
                    }
                }
            }
            WhatChanges::Approve { .. } => {
                query!(
                    "UPDATE managed_services SET approved_at = ?, version = ?, updated_at = ?
                     WHERE client_id = ?",
                    at,
                    version,
                    at,
                    client_id,
                )
                .execute(&mut *transaction)
                .await?;
            }
            WhatChanges::Disable | WhatChanges::Enable => {
                let disabled_at = matches!(what, WhatChanges::Disable).then_some(at);
                query!(
                    "UPDATE managed_services SET disabled_at = ?, version = ?, updated_at = ?
                     WHERE client_id = ?",
                    disabled_at,
                    version,
                    at,
                    client_id,
                )
                .execute(&mut *transaction)
                .await?;
            }
            WhatChanges::Delete => {
                if is_in_use(&mut transaction, client_id).await? {
                    return Ok(Changed::InUse);
                }
                delete_secrets(&mut transaction, client_id).await?;
                query!("DELETE FROM managed_services WHERE client_id = ?", client_id)
                    .execute(&mut *transaction)
                    .await?;
            }
            WhatChanges::Rotate { digest, ends_at } => {
                rotate(&mut transaction, client_id, digest, *ends_at, at).await?;
            }
        }
        query!(
            "INSERT INTO managed_services_revision (id, revision) VALUES (1, ?)
             ON CONFLICT (id) DO UPDATE SET revision = excluded.revision",
            version,
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Changed::Done(version))
})
.await
    }
}

async fn revision(connection: &mut Connection) -> Result<i64, Error> {
    let found = query_scalar!("SELECT revision FROM managed_services_revision")
        .fetch_optional(connection)
        .await?;
    Ok(found.unwrap_or(0))
}

async fn set_secret(
    connection: &mut Connection,
    client_id: &str,
    digest: &[u8],
    at: Seconds,
) -> Result<(), Error> {
    query!(
        "INSERT INTO managed_client_secrets (client_id, digest, created_at) VALUES (?, ?, ?)",
        client_id,
        digest,
        at,
    )
    .execute(connection)
    .await
    .map(drop)
}

async fn delete_secrets(connection: &mut Connection, client_id: &str) -> Result<(), Error> {
    query!("DELETE FROM managed_client_secrets WHERE client_id = ?", client_id)
        .execute(connection)
        .await
        .map(drop)
}

/// Secrets that have ended are forgotten. Those that end by themselves keep their time.
async fn rotate(
    connection: &mut Connection,
    client_id: &str,
    digest: &[u8],
    ends_at: Option<Seconds>,
    at: Seconds,
) -> Result<(), Error> {
    match ends_at {
        None => delete_secrets(connection, client_id).await?,
        Some(ends_at) => {
            query!(
                "DELETE FROM managed_client_secrets WHERE client_id = ? AND ends_at <= ?",
                client_id,
                at,
            )
            .execute(&mut *connection)
            .await?;
            query!(
                "UPDATE managed_client_secrets SET ends_at = ?
                 WHERE client_id = ? AND ends_at IS NULL",
                ends_at,
                client_id,
            )
            .execute(&mut *connection)
            .await?;
        }
    }
    set_secret(connection, client_id, digest, at).await
}

/// Whether users have decided about a service, or are linked to it.
async fn is_in_use(connection: &mut Connection, client_id: &str) -> Result<bool, Error> {
    query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM links WHERE service = ?1)
             OR EXISTS (SELECT 1 FROM decisions WHERE service = ?1) AS "found!: bool""#,
        client_id,
    )
    .fetch_one(connection)
    .await
}
