//! Refresh tokens: rotated with every use, and revoked as a family when one is used twice (RFC 9700,
//! 4.14).
//!
//! A client whose response was lost, or that refreshes twice at the same time, sends a token that
//! was rotated already. Such a token is accepted as long as nothing shows that the client received
//! its successor: neither the successor nor an access token beside it was used. The client then gets
//! another successor. The earlier one is rotated, too, and its access tokens are deleted, so that a
//! family never forks: whoever holds the earlier response cannot go on, and ends the family by using
//! its refresh token.

use serde::{Deserialize, Serialize};

use super::{
    Error, Store, WriteTransaction, access_token,
    engine::{Connection, query, query_as, query_scalar},
    name::Named,
    retried, revocation,
};
use crate::{clock::Seconds, crypto};

const DAY: Seconds = 24 * 60 * 60;

/// How long refresh tokens may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// How long one may stay unused.
    pub unused: Seconds,
    /// How long a family lasts, however often it is used.
    pub family: Seconds,
}

/// Of the refresh tokens of standard clients.
pub const REFRESH_LIFETIME: Lifetime = Lifetime { unused: 30 * DAY, family: 365 * DAY };

/// Families of one account for one service. A service whose users sign in again and again without it
/// revoking anything makes no more: the oldest go.
const MOST_FAMILIES: i64 = 100;

/// Whether a refresh token can be used, or why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Active,
    /// Exchanged for its successor, or replaced by another successor of the token before it.
    Rotated,
    /// One of the family was used twice.
    Reused,
    /// By the client, or because the person signed out.
    Revoked,
}

/// Whom the tokens of a family are issued to, and for whom.
#[derive(sqlx::FromRow)]
pub(super) struct Owner {
    /// The digest of the code that the family follows from.
    pub code: Vec<u8>,
    pub account: String,
    pub service: String,
    /// The id of the session in which the code was issued.
    pub session: i64,
    /// Whether the tokens outlive that session.
    pub is_offline: bool,
}

/// A refresh token that can be used.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RefreshToken {
    pub account: String,
    /// What was granted with the code, separated by spaces. It may not hold any more.
    pub scope: String,
    /// When the person signed in.
    pub signed_in: Seconds,
    pub issued_at: Seconds,
    pub expires_at: Seconds,
}

/// What a refresh token is exchanged for.
pub struct Refreshed<'a> {
    pub access_token: &'a str,
    /// What is granted, separated by spaces: the scope of the refresh token or less.
    pub scope: &'a str,
}

/// Why a refresh token is not accepted. All are `invalid_grant` to the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefreshFault {
    Unknown,
    OtherService,
    Expired,
    Revoked,
    /// Its successor was received. The family of this account's tokens is revoked: one of two clients
    /// should not have it.
    UsedBefore {
        account: String,
    },
}

/// What happens when a token is exchanged.
enum Exchange {
    /// It is rotated.
    First,
    /// The client gets another successor.
    Again,
}

struct Judged {
    owner: Owner,
    token: RefreshToken,
    exchange: Exchange,
    family_expires_at: Seconds,
}

/// Whether this token may be exchanged by this service.
async fn judge(
    connection: &mut Connection,
    token: &str,
    service: &str,
    now: Seconds,
) -> Result<Result<Judged, RefreshFault>, Error> {
    let digest = crypto::fingerprint(token);
    let found = query_as!(
        struct {
            code: Vec<u8>,
            account: String,
            service: String,
            session: i64,
            is_offline: bool,
            scope: String,
            signed_in: i64,
            issued_at: i64,
            expires_at: i64,
            family_expires_at: i64,
            state: Named<State>,
            is_accepted_again: bool,
        },
        r#"SELECT code, account, service, session, is_offline AS "is_offline: bool", scope,
             signed_in, issued_at, expires_at, family_expires_at, state AS "state: Named<State>",
             is_accepted_again AS "is_accepted_again: bool"
         FROM refresh_tokens WHERE token = ?"#,
        digest,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(found) = found else { return Ok(Err(RefreshFault::Unknown)) };
    if found.service != service {
        return Ok(Err(RefreshFault::OtherService));
    }
    if found.expires_at <= now {
        return Ok(Err(RefreshFault::Expired));
    }
    let exchange = match (found.state.0, found.is_accepted_again) {
        (State::Reused | State::Revoked, _) => return Ok(Err(RefreshFault::Revoked)),
        (State::Active, _) => Exchange::First,
        (State::Rotated, false) => {
            return Ok(Err(RefreshFault::UsedBefore { account: found.account }));
        }
        (State::Rotated, true) => Exchange::Again,
    };
    Ok(Ok(Judged {
        owner: Owner {
            code: found.code,
            account: found.account.clone(),
            service: found.service,
            session: found.session,
            is_offline: found.is_offline,
        },
        token: RefreshToken {
            account: found.account,
            scope: found.scope,
            signed_in: found.signed_in,
            issued_at: found.issued_at,
            expires_at: found.expires_at,
        },
        exchange,
        family_expires_at: found.family_expires_at,
    }))
}

/// Writes the first refresh token of a family. No token comes before it, so nothing waits for a sign
/// that it was received.
pub(super) async fn write_first(
    transaction: &mut WriteTransaction,
    token: &[u8],
    owner: &Owner,
    scope: &str,
    signed_in: Seconds,
    lifetime: Lifetime,
    now: Seconds,
) -> Result<(), Error> {
    let token_of_family = RefreshToken {
        account: owner.account.clone(),
        scope: scope.to_owned(),
        signed_in,
        issued_at: now,
        expires_at: now.saturating_add(lifetime.unused),
    };
    let family_expires_at = now.saturating_add(lifetime.family);
    write(transaction, token, owner, &token_of_family, family_expires_at, true).await?;
    let surplus = MOST_FAMILIES - 1;
    query!(
        "DELETE FROM refresh_tokens WHERE code IN (
             SELECT code FROM refresh_tokens INDEXED BY refresh_tokens_by_account
             WHERE account = ? AND service = ? AND state = 'active' AND code <> ?
             ORDER BY issued_at DESC, rowid DESC LIMIT -1 OFFSET ?)",
        owner.account,
        owner.service,
        owner.code,
        surplus,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn write(
    transaction: &mut WriteTransaction,
    digest: &[u8],
    owner: &Owner,
    token: &RefreshToken,
    family_expires_at: Seconds,
    is_received: bool,
) -> Result<(), Error> {
    query!(
        "INSERT INTO refresh_tokens (token, code, account, service, session, is_offline, scope,
             signed_in, issued_at, expires_at, family_expires_at, state, is_received)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'active', ?)",
        digest,
        owner.code,
        owner.account,
        owner.service,
        owner.session,
        owner.is_offline,
        token.scope,
        token.signed_in,
        token.issued_at,
        token.expires_at,
        family_expires_at,
        is_received,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Ends the active token of a family, which another one replaces: its access tokens are deleted, and
/// using it ends the family.
async fn supersede(transaction: &mut WriteTransaction, code: &[u8]) -> Result<(), Error> {
    query!(
        "DELETE FROM tokens WHERE code = ? AND refresh_token IN (
             SELECT token FROM refresh_tokens WHERE code = ? AND state = 'active')",
        code,
        code,
    )
    .execute(&mut **transaction)
    .await?;
    query!(
        "UPDATE refresh_tokens SET state = 'rotated' WHERE code = ? AND state = 'active'",
        code,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Writes that the client has received this token, by its digest: the tokens before it are not
/// accepted again.
pub(super) async fn mark_as_received(
    transaction: &mut WriteTransaction,
    token: &[u8],
) -> Result<(), Error> {
    query!("UPDATE refresh_tokens SET is_received = TRUE WHERE token = ?", token)
        .execute(&mut **transaction)
        .await?;
    query!(
        "UPDATE refresh_tokens SET is_accepted_again = FALSE
         WHERE code = (SELECT code FROM refresh_tokens WHERE token = ?) AND state = 'rotated'",
        token,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl Store {
    /// A refresh token that this service may exchange. It stays as it is: whatever the response
    /// needs can be prepared, and fail, before [`Store::refresh`].
    ///
    /// # Errors
    /// The outer one when the database cannot be used.
    pub async fn refreshable(
        &self,
        token: &str,
        service: &str,
        now: Seconds,
    ) -> Result<Result<RefreshToken, RefreshFault>, Error> {
        let mut reading = self.readers.begin().await?;
        let judged = judge(&mut reading, token, service, now).await?;
        reading.commit().await?;
        match judged {
            Ok(judged) => Ok(Ok(judged.token)),
            // Not revoked before it is judged again: a refresh at the same time may be half done.
            Err(RefreshFault::UsedBefore { account }) => {
                retried(|| async {
                    let mut transaction = self.begin_for(&account).await?;
                    match judge(&mut transaction, token, service, now).await? {
                        Ok(judged) => Ok(Ok(judged.token)),
                        Err(fault) => fail(transaction, token, fault).await.map(Err),
                    }
                })
                .await
            }
            Err(fault) => Ok(Err(fault)),
        }
    }

    /// Exchanges a refresh token for a new access token and the next refresh token, which is
    /// returned. All of it is written, or nothing.
    ///
    /// # Errors
    /// The outer one when the database cannot be written. The token is as good as before, then.
    pub async fn refresh(
        &self,
        token: &str,
        service: &str,
        tokens: &Refreshed<'_>,
        now: Seconds,
    ) -> Result<Result<String, RefreshFault>, Error> {
        retried(|| self.refresh_once(token, service, tokens, now)).await
    }

    async fn refresh_once(
        &self,
        token: &str,
        service: &str,
        tokens: &Refreshed<'_>,
        now: Seconds,
    ) -> Result<Result<String, RefreshFault>, Error> {
        let digest = crypto::fingerprint(token);
        let account = query_scalar!("SELECT account FROM refresh_tokens WHERE token = ?", digest);
        let mut transaction = self.begin_for_owner(account).await?;
        let judged = match judge(&mut transaction, token, service, now).await? {
            Ok(judged) => judged,
            Err(fault) => return fail(transaction, token, fault).await.map(Err),
        };
        let Judged { owner, token: before, exchange, family_expires_at } = judged;
        match exchange {
            Exchange::First => {
                // It is being used, so it was received.
                mark_as_received(&mut transaction, &digest).await?;
                query!(
                    "UPDATE refresh_tokens SET state = 'rotated', is_accepted_again = TRUE
                     WHERE token = ? AND state = 'active'",
                    digest,
                )
                .execute(&mut *transaction)
                .await?;
            }
            Exchange::Again => supersede(&mut transaction, &owner.code).await?,
        }
        let next = crypto::random_token();
        let digest = crypto::fingerprint(&next);
        let after = RefreshToken {
            issued_at: now,
            expires_at: (now + REFRESH_LIFETIME.unused).min(family_expires_at),
            ..before
        };
        write(&mut transaction, &digest, &owner, &after, family_expires_at, false).await?;
        let access_token = access_token::New {
            token: tokens.access_token,
            scope: tokens.scope,
            refresh_token: Some(&digest),
        };
        access_token::write(&mut transaction, &access_token, &owner, now).await?;
        transaction.commit().await?;
        Ok(Ok(next))
    }

    /// A refresh token of a service that was neither used nor revoked, to be described.
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
        query_as!(
            RefreshToken,
            "SELECT account, scope, signed_in, issued_at, expires_at FROM refresh_tokens
             WHERE token = ? AND service = ? AND state = 'active' AND expires_at > ?",
            token,
            service,
            now,
        )
        .fetch_optional(&self.readers)
        .await
    }
}

/// Refuses a token. One that was used before ends its family.
async fn fail(
    mut transaction: WriteTransaction,
    token: &str,
    fault: RefreshFault,
) -> Result<RefreshFault, Error> {
    if matches!(fault, RefreshFault::UsedBefore { .. }) {
        let digest = crypto::fingerprint(token);
        let code = query_scalar!("SELECT code FROM refresh_tokens WHERE token = ?", digest)
            .fetch_one(&mut *transaction)
            .await?;
        revocation::end_family(&mut transaction, &code, State::Reused).await?;
    }
    transaction.commit().await?;
    Ok(fault)
}
