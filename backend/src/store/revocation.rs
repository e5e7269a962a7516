//! Revoking codes and tokens.

use super::{
    Error, Store, WriteTransaction,
    engine::{query, query_as, query_scalar},
    name::Named,
    refresh_token::{State, mark_as_received},
    retried,
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
    query!(
        "UPDATE refresh_tokens SET state = ?, is_accepted_again = FALSE
         WHERE code = ? AND state IN ('active', 'rotated')",
        state,
        code,
    )
    .execute(&mut **transaction)
    .await?;
    query!("DELETE FROM tokens WHERE code = ?", code).execute(&mut **transaction).await?;
    Ok(())
}

/// Ends what was issued in a session and does not outlive it: its tokens, and codes that were not
/// redeemed.
pub(super) async fn end_session(
    transaction: &mut WriteTransaction,
    session: i64,
) -> Result<(), Error> {
    query!("DELETE FROM codes WHERE session = ? AND used = FALSE", session)
        .execute(&mut **transaction)
        .await?;
    query!("DELETE FROM tokens WHERE session = ? AND is_offline = FALSE", session)
        .execute(&mut **transaction)
        .await?;
    query!(
        "UPDATE refresh_tokens SET state = 'revoked', is_accepted_again = FALSE
         WHERE session = ? AND is_offline = FALSE AND state IN ('active', 'rotated')",
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
    query!("DELETE FROM codes WHERE account = ? AND used = FALSE", account)
        .execute(&mut **transaction)
        .await?;
    query!("DELETE FROM tokens WHERE account = ?", account).execute(&mut **transaction).await?;
    query!(
        "UPDATE refresh_tokens SET state = 'revoked', is_accepted_again = FALSE
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
    query!("DELETE FROM codes WHERE account = ? AND service = ?", account, service)
        .execute(&mut **transaction)
        .await?;
    query!("DELETE FROM tokens WHERE account = ? AND service = ?", account, service)
        .execute(&mut **transaction)
        .await?;
    query!("DELETE FROM refresh_tokens WHERE account = ? AND service = ?", account, service)
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
        retried(|| async {
            let owner = query_scalar!(
                r#"SELECT account AS "account!: String" FROM tokens WHERE token = ?1
             UNION SELECT account FROM refresh_tokens WHERE token = ?1"#,
                token,
            );
            let mut transaction = self.begin_for_owner(owner).await?;
            let access_token = query_as!(
                struct { service: String, refresh_token: Option<Vec<u8>> },
                "SELECT service, refresh_token FROM tokens WHERE token = ?", token)
            .fetch_optional(&mut *transaction)
            .await?;
            if let Some(found) = access_token {
                if found.service != service {
                    return Ok(Revoked::OtherService);
                }
                query!("DELETE FROM tokens WHERE token = ?", token)
                    .execute(&mut *transaction)
                    .await?;
                if let Some(refresh_token) = &found.refresh_token {
                    mark_as_received(&mut transaction, refresh_token).await?;
                }
            }
            let refresh_token = query_as!(
                struct { service: String, code: Vec<u8> },
                "SELECT service, code FROM refresh_tokens WHERE token = ?", token)
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
        })
        .await
    }
}
