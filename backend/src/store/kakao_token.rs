//! Tokens in Kakao's dialect: a refresh token stays in use until little of its time is left, and
//! logging out ends all tokens of a login.

use super::{
    Error, Store, access_token,
    engine::{query, query_as, query_scalar},
    refresh_token::{Lifetime, Owner, Refreshed, State},
    retried, revocation,
};
use crate::{clock::Seconds, crypto};

const DAY: Seconds = 24 * 60 * 60;

/// How long a refresh token may be used: 60 days (Kakao Login REST, token). Its replacements have no
/// common end.
pub const KAKAO_REFRESH_LIFETIME: Lifetime = Lifetime { unused: 60 * DAY, family: Seconds::MAX };

/// A refresh token is replaced when less than a month of it is left.
const REPLACED_BELOW: Seconds = 30 * DAY;

/// Whether so little of a refresh token's time is left that another one is issued in its place.
#[must_use]
pub fn is_replaced(expires_at: Seconds, now: Seconds) -> bool {
    expires_at - now < REPLACED_BELOW
}

impl Store {
    /// The redirect URI that a code was issued for.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn redirect_uri_of_code(&self, code: &str) -> Result<Option<String>, Error> {
        let code = crypto::fingerprint(code);
        query_scalar!("SELECT redirect_uri FROM codes WHERE code = ?", code)
            .fetch_optional(&self.readers)
            .await
    }

    /// Writes an access token for a refresh token, which stays unless there is a replacement; both
    /// or neither. False when the refresh token is not there any more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn renew(
        &self,
        refresh_token: &str,
        tokens: &Refreshed<'_>,
        replacement: Option<&str>,
        now: Seconds,
    ) -> Result<bool, Error> {
        let old = crypto::fingerprint(refresh_token);
        retried(|| async {
            let account = query_scalar!("SELECT account FROM refresh_tokens WHERE token = ?", old);
            let mut transaction = self.begin_for_owner(account).await?;
            let owner = query_as!(
                Owner,
                r#"SELECT code, account, service, session, is_offline AS "is_offline: bool"
             FROM refresh_tokens WHERE token = ? AND state = 'active' AND expires_at > ?"#,
                old,
                now,
            )
            .fetch_optional(&mut *transaction)
            .await?;
            let Some(owner) = owner else { return Ok(false) };
            let access_token = access_token::New {
                token: tokens.access_token,
                scope: tokens.scope,
                refresh_token: None,
            };
            access_token::write(&mut transaction, &access_token, &owner, now).await?;
            if let Some(replacement) = replacement {
                let new = crypto::fingerprint(replacement);
                let expires_at = now + KAKAO_REFRESH_LIFETIME.unused;
                query!(
                    "UPDATE refresh_tokens SET token = ?, issued_at = ?, expires_at = ?
                 WHERE token = ?",
                    new,
                    now,
                    expires_at,
                    old,
                )
                .execute(&mut *transaction)
                .await?;
            }
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Ends an access token with every other token of the same login.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_login(&self, access_token: &str) -> Result<(), Error> {
        let token = crypto::fingerprint(access_token);
        retried(|| async {
            let account = query_scalar!("SELECT account FROM tokens WHERE token = ?", token);
            let mut transaction = self.begin_for_owner(account).await?;
            let code = query_scalar!("SELECT code FROM tokens WHERE token = ?", token)
                .fetch_optional(&mut *transaction)
                .await?;
            if let Some(code) = code {
                revocation::end_family(&mut transaction, &code, State::Revoked).await?;
            }
            transaction.commit().await
        })
        .await
    }

    /// Deletes every code and token of an account at a service.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn delete_tokens(&self, account: &str, service: &str) -> Result<(), Error> {
        retried(|| async {
            let mut transaction = self.begin_for(account).await?;
            revocation::delete_all(&mut transaction, account, service).await?;
            transaction.commit().await
        })
        .await
    }
}
