//! Authorization requests that clients pushed (RFC 9126).

use super::{
    Error, Scope, Session, Store,
    engine::{query, query_as, query_scalar},
    retried,
};
use crate::{clock::Seconds, crypto};

/// How long a browser has to come with a `request_uri`, in seconds: the `expires_in` of the response.
pub const PUSHED_LIFETIME: Seconds = 10 * 60;

/// How long a request is kept once a browser has come with it, in seconds: an hour at the login page,
/// and as long on the screen.
const PRESENTED_LIFETIME: Seconds = 2 * 60 * 60;

/// Requests of one service. The ones that expire first go first.
const MOST_OF_SERVICE: i64 = 10_000;

impl Store {
    /// Keeps a request of a service under its `request_uri`, of which only a digest is stored.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn push_request(
        &self,
        service: &str,
        request_uri: &str,
        query: &str,
        now: Seconds,
    ) -> Result<(), Error> {
        let (id, expires_at) = (crypto::fingerprint(request_uri), now + PUSHED_LIFETIME);
        retried(|| async {
            let mut transaction = self.writer.begin(Scope::Service(service)).await?;
            query!(
                "INSERT INTO pushed_requests (id, service, query, expires_at) VALUES (?, ?, ?, ?)",
                id,
                service,
                query,
                expires_at,
            )
            .execute(&mut *transaction)
            .await?;
            query!(
                "DELETE FROM pushed_requests WHERE id IN (
                 SELECT id FROM pushed_requests INDEXED BY pushed_requests_by_service
                 WHERE service = ? ORDER BY expires_at DESC, rowid DESC LIMIT -1 OFFSET ?)",
                service,
                MOST_OF_SERVICE,
            )
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await
        })
        .await
    }

    /// The query of a pushed request that a browser comes with, and whether this browser has used it up
    /// already. None when it is unknown, another service's, expired, or another browser has used it up.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn pushed_request(
        &self,
        service: &str,
        request_uri: &str,
        session: Option<&Session>,
        now: Seconds,
    ) -> Result<Option<(String, bool)>, Error> {
        let (id, session) = (crypto::fingerprint(request_uri), session.map(|session| session.id));
        let found = query_as!(
            struct { query: String, presented: bool, consumed_by: Option<i64> },
            r#"SELECT query, presented AS "presented: bool", consumed_by FROM pushed_requests
             WHERE id = ? AND service = ? AND expires_at > ?
                 AND (consumed_by IS NULL OR consumed_by IS NOT DISTINCT FROM ?)"#,
            id,
            service,
            now,
            session,
        )
        .fetch_optional(&self.readers)
        .await?;
        let Some(found) = found else { return Ok(None) };
        if !found.presented {
            let expires_at = now + PRESENTED_LIFETIME;
            query!(
                "UPDATE pushed_requests SET presented = TRUE, expires_at = ?
                 WHERE id = ? AND presented = FALSE",
                expires_at,
                id,
            )
            .execute(&self.writer)
            .await?;
        }
        Ok(Some((found.query, found.consumed_by.is_some())))
    }

    /// Uses a pushed request up for the session that answers it; `false` when another session was
    /// faster. One that is not kept any more was not used by anyone else.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn consume_pushed_request(
        &self,
        request_uri: &str,
        session: i64,
    ) -> Result<bool, Error> {
        let id = crypto::fingerprint(request_uri);
        retried(|| async {
            let mut transaction = self.writer.begin(Scope::Shared).await?;
            query!(
                "UPDATE pushed_requests SET consumed_by = ? WHERE id = ? AND consumed_by IS NULL",
                session,
                id,
            )
            .execute(&mut *transaction)
            .await?;
            let is_of_another = query_scalar!(
                r#"SELECT EXISTS (SELECT 1 FROM pushed_requests WHERE id = ? AND consumed_by <> ?)
                 AS "found!: bool""#,
                id,
                session,
            )
            .fetch_one(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(!is_of_another)
        })
        .await
    }
}
