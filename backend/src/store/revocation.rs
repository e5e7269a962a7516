//! Revoking codes and tokens.

use super::{
    Error, Store, WriteTransaction,
    name::Named,
    refresh_token::{State, mark_as_received},
};
use crate::crypto;

/// What became of a token that was to be revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// It cannot be used any more, or never could.
    Done,
    /// It belongs to another service; nothing has changed.
    OtherService,
}

/// Ends a family: its refresh tokens get this state, and its access tokens are deleted.
pub(super) async fn end_family(
    transaction: &mut WriteTransaction,
    code: &[u8],
    state: State,
) -> Result<(), Error> {
    let state = Named(state);
    sqlx::query!(
        "UPDATE refresh_tokens SET state = ?, is_accepted_again = 0
         WHERE code = ? AND state IN ('active', 'rotated')",
        state,
        code,
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!("DELETE FROM tokens WHERE code = ?", code).execute(&mut **transaction).await?;
    Ok(())
}

/// Ends what was issued in a session and does not outlive it: its tokens, and codes that were not
/// redeemed.
pub(super) async fn end_session(
    transaction: &mut WriteTransaction,
    session: i64,
) -> Result<(), Error> {
    sqlx::query!("DELETE FROM codes WHERE session = ? AND used = 0", session)
        .execute(&mut **transaction)
        .await?;
    sqlx::query!("DELETE FROM tokens WHERE session = ? AND is_offline = 0", session)
        .execute(&mut **transaction)
        .await?;
    sqlx::query!(
        "UPDATE refresh_tokens SET state = 'revoked', is_accepted_again = 0
         WHERE session = ? AND is_offline = 0 AND state IN ('active', 'rotated')",
        session,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Ends everything that was issued to services for an account, also what outlives a session.
pub(super) async fn end_account(
    transaction: &mut WriteTransaction,
    account: &str,
) -> Result<(), Error> {
    sqlx::query!("DELETE FROM codes WHERE account = ? AND used = 0", account)
        .execute(&mut **transaction)
        .await?;
    sqlx::query!("DELETE FROM tokens WHERE account = ?", account)
        .execute(&mut **transaction)
        .await?;
    sqlx::query!(
        "UPDATE refresh_tokens SET state = 'revoked', is_accepted_again = 0
         WHERE account = ? AND state IN ('active', 'rotated')",
        account,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Deletes the codes and tokens of an account at a service, with everything that is known of them.
pub(super) async fn delete_all(
    transaction: &mut WriteTransaction,
    account: &str,
    service: &str,
) -> Result<(), Error> {
    sqlx::query!("DELETE FROM codes WHERE account = ? AND service = ?", account, service)
        .execute(&mut **transaction)
        .await?;
    sqlx::query!("DELETE FROM tokens WHERE account = ? AND service = ?", account, service)
        .execute(&mut **transaction)
        .await?;
    sqlx::query!("DELETE FROM refresh_tokens WHERE account = ? AND service = ?", account, service)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

impl Store {
    /// Revokes an access token or a refresh token of a service (RFC 7009). A refresh token takes its
    /// whole family along: the refresh tokens before and after it, and their access tokens.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn revoke(&self, token: &str, service: &str) -> Result<Revoked, Error> {
        let token = crypto::fingerprint(token);
        let mut transaction = self.begin().await?;
        let access_token =
            sqlx::query!("SELECT service, refresh_token FROM tokens WHERE token = ?", token)
                .fetch_optional(&mut *transaction)
                .await?;
        if let Some(found) = access_token {
            if found.service != service {
                return Ok(Revoked::OtherService);
            }
            sqlx::query!("DELETE FROM tokens WHERE token = ?", token)
                .execute(&mut *transaction)
                .await?;
            if let Some(refresh_token) = &found.refresh_token {
                mark_as_received(&mut transaction, refresh_token).await?;
            }
        }
        let refresh_token =
            sqlx::query!("SELECT service, code FROM refresh_tokens WHERE token = ?", token)
                .fetch_optional(&mut *transaction)
                .await?;
        if let Some(found) = refresh_token {
            if found.service != service {
                return Ok(Revoked::OtherService);
            }
            end_family(&mut transaction, &found.code, State::Revoked).await?;
        }
        transaction.commit().await?;
        Ok(Revoked::Done)
    }
}
