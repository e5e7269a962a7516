//! Access tokens.

use super::{
    Error, Store, WriteTransaction,
    engine::{lookup, query},
    refresh_token::{self, Owner},
    retried,
};
use crate::{clock::Seconds, crypto};

/// How long an access token may be used.
pub const ACCESS_TOKEN_LIFETIME: Seconds = 60 * 60;

/// An access token that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    pub account: String,
    pub service: String,
    /// What was granted with it, separated by spaces. It may not hold any more.
    pub scope: String,
    pub issued_at: Seconds,
    pub expires_at: Seconds,
}

/// An access token to be written.
pub(super) struct New<'a> {
    pub token: &'a str,
    pub scope: &'a str,
    /// The digest of the refresh token that is issued with it.
    pub refresh_token: Option<&'a [u8]>,
}

pub(super) async fn write(
    transaction: &mut WriteTransaction,
    new: &New<'_>,
    owner: &Owner,
    now: Seconds,
) -> Result<(), Error> {
    let (token, expires_at) = (crypto::fingerprint(new.token), now + ACCESS_TOKEN_LIFETIME);
    query!(
        "INSERT INTO tokens (token, code, account, service, session, is_offline, scope,
             refresh_token, issued_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        token,
        owner.code,
        owner.account,
        owner.service,
        owner.session,
        owner.is_offline,
        new.scope,
        new.refresh_token,
        now,
        expires_at,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl Store {
    /// An access token that a client uses now. The first use shows that the client received the
    /// response it came in: from then on the refresh token of before is not accepted again.
    ///
    /// # Errors
    /// When the database cannot be read, or that cannot be written.
    pub async fn access_token(
        &self,
        token: &str,
        now: Seconds,
    ) -> Result<Option<AccessToken>, Error> {
        let token = crypto::fingerprint(token);
        let found = lookup!(
            struct {
                account: String,
                service: String,
                scope: String,
                issued_at: i64,
                expires_at: i64,
                refresh_token: Option<Vec<u8>>,
                is_received: bool,
            },
            r#"SELECT tokens.account, tokens.service, tokens.scope, tokens.issued_at,
                 tokens.expires_at, tokens.refresh_token,
                 coalesce(refresh_tokens.is_received, TRUE) AS "is_received!: bool"
             FROM tokens LEFT JOIN refresh_tokens ON refresh_tokens.token = tokens.refresh_token
             WHERE tokens.token = ? AND tokens.expires_at > ?"#,
            token,
            now,
        )
        .fetch_optional(&self.readers)
        .await?;
        let Some(found) = found else { return Ok(None) };
        if let (false, Some(refresh_token)) = (found.is_received, &found.refresh_token) {
            retried(|| async {
                let mut transaction = self.begin_for(&found.account).await?;
                refresh_token::mark_as_received(&mut transaction, refresh_token).await?;
                transaction.commit().await
            })
            .await?;
        }
        Ok(Some(AccessToken {
            account: found.account,
            service: found.service,
            scope: found.scope,
            issued_at: found.issued_at,
            expires_at: found.expires_at,
        }))
    }
}
