//! Tokens in Kakao's dialect: refresh tokens, what an access token stands for, and logging out.

use sqlx::SqliteConnection;

use super::{Error, Store, TOKEN_LIFETIME};
use crate::{clock::Seconds, crypto};

/// How long a refresh token may be used: 60 days (Kakao Login REST, token).
pub const REFRESH_TOKEN_LIFETIME: Seconds = 60 * 24 * 60 * 60;

/// A refresh token is replaced when less than a month of it is left.
const REPLACED_BELOW: Seconds = 30 * 24 * 60 * 60;

/// What an access token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    pub account: String,
    pub service: String,
    pub expires_at: Seconds,
}

/// What a refresh token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    pub account: String,
    /// Whether an ID token was asked for.
    pub openid: bool,
    pub signed_in: Seconds,
    /// Whether so little time is left that another one is issued with the access token.
    pub is_replaced: bool,
}

/// Writes the refresh token of a code, in the transaction that redeems it.
pub(super) async fn write_refresh_token(
    connection: &mut SqliteConnection,
    refresh_token: &str,
    code: &[u8],
    service: &str,
    redeemed: &super::token::Redeemable,
    now: Seconds,
) -> Result<(), Error> {
    let (token, expires_at) = (crypto::fingerprint(refresh_token), now + REFRESH_TOKEN_LIFETIME);
    sqlx::query!(
        "INSERT INTO kakao_refresh_tokens
             (token, code, account, service, openid, signed_in, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
        token,
        code,
        redeemed.account,
        service,
        redeemed.openid,
        redeemed.signed_in,
        expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes every access and refresh token of an account at a service.
pub(super) async fn delete_all(
    connection: &mut SqliteConnection,
    account: &str,
    service: &str,
) -> Result<(), Error> {
    sqlx::query!("DELETE FROM tokens WHERE account = ? AND service = ?", account, service)
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "DELETE FROM kakao_refresh_tokens WHERE account = ? AND service = ?",
        account,
        service,
    )
    .execute(connection)
    .await?;
    Ok(())
}

impl Store {
    /// The redirect URI that a code was issued for.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn redirect_uri_of_code(&self, code: &str) -> Result<Option<String>, Error> {
        let code = crypto::fingerprint(code);
        sqlx::query_scalar!("SELECT redirect_uri FROM codes WHERE code = ?", code)
            .fetch_optional(&self.readers)
            .await
    }

    /// What an access token stands for; none when it is unknown or expired.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn access_token(
        &self,
        token: &str,
        now: Seconds,
    ) -> Result<Option<AccessToken>, Error> {
        let token = crypto::fingerprint(token);
        sqlx::query_as!(
            AccessToken,
            "SELECT account, service, expires_at FROM tokens WHERE token = ? AND expires_at > ?",
            token,
            now,
        )
        .fetch_optional(&self.readers)
        .await
    }

    /// What a refresh token of a service stands for; none when it is unknown, expired or another
    /// service's.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn refresh_token(
        &self,
        token: &str,
        service: &str,
        now: Seconds,
    ) -> Result<Option<RefreshToken>, Error> {
        let token = crypto::fingerprint(token);
        let row = sqlx::query!(
            r#"SELECT account, openid AS "openid: bool", signed_in, expires_at
             FROM kakao_refresh_tokens WHERE token = ? AND service = ? AND expires_at > ?"#,
            token,
            service,
            now,
        )
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.map(|row| RefreshToken {
            account: row.account,
            openid: row.openid,
            signed_in: row.signed_in,
            is_replaced: row.expires_at - now < REPLACED_BELOW,
        }))
    }

    /// Writes an access token for a refresh token and, when there is one, the refresh token that
    /// takes its place; both or neither. False when the refresh token is not there any more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn refresh(
        &self,
        refresh_token: &str,
        access_token: &str,
        replacement: Option<&str>,
        now: Seconds,
    ) -> Result<bool, Error> {
        let mut transaction = self.begin().await?;
        let (old, token) = (crypto::fingerprint(refresh_token), crypto::fingerprint(access_token));
        let expires_at = now + TOKEN_LIFETIME;
        let written = sqlx::query!(
            "INSERT INTO tokens (token, code, account, service, expires_at)
             SELECT ?, code, account, service, ? FROM kakao_refresh_tokens WHERE token = ?",
            token,
            expires_at,
            old,
        )
        .execute(&mut *transaction)
        .await?;
        if written.rows_affected() == 0 {
            return Ok(false);
        }
        if let Some(replacement) = replacement {
            let new = crypto::fingerprint(replacement);
            let expires_at = now + REFRESH_TOKEN_LIFETIME;
            sqlx::query!(
                "UPDATE kakao_refresh_tokens SET token = ?, expires_at = ? WHERE token = ?",
                new,
                expires_at,
                old,
            )
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Deletes an access token with every other token of the same login.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_login(&self, access_token: &str) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        let token = crypto::fingerprint(access_token);
        sqlx::query!(
            "DELETE FROM kakao_refresh_tokens
             WHERE code IN (SELECT code FROM tokens WHERE token = ?)",
            token,
        )
        .execute(&mut *transaction)
        .await?;
        sqlx::query!(
            "DELETE FROM tokens WHERE code IN (SELECT code FROM tokens WHERE token = ?)",
            token,
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }

    /// Deletes every access and refresh token of an account at a service.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn delete_tokens(&self, account: &str, service: &str) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        delete_all(&mut transaction, account, service).await?;
        transaction.commit().await
    }

    /// Signs a browser out.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_session(&self, session: i64) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        sqlx::query!("DELETE FROM sessions WHERE id = ?", session)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }
}
