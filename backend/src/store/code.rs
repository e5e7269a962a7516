//! Authorization codes, and their exchange for tokens.

use super::{
    Error, Store, WriteTransaction, access_token,
    engine::{Connection, Executor, query, query_as, query_scalar},
    refresh_token::{self, Lifetime},
    retried, revocation,
};
use crate::{clock::Seconds, crypto};

/// How long a code may be used.
pub const CODE_LIFETIME: Seconds = 60;

/// Codes of one account for one service that were not redeemed. A browser that asks again and again
/// without its service redeeming anything makes no more.
const MOST_UNUSED: i64 = 50;

/// A code to be given out.
#[derive(Debug, Clone)]
pub struct NewCode {
    pub code: String,
    pub account: String,
    pub service: String,
    pub redirect_uri: String,
    pub code_challenge: Option<String>,
    pub nonce: Option<String>,
    /// Scopes that the service asked for beside items, separated by spaces.
    pub scope: String,
    /// The id of the session in which it is issued.
    pub session: i64,
    /// Names of claims that were asked for in the ID token, with spaces between them.
    pub id_token_claims: String,
    /// When the person signed in.
    pub signed_in: Seconds,
    pub issued_at: Seconds,
    /// The decision it follows from, when there was one just now.
    pub receipt_id: Option<String>,
}

/// A code that comes back to be redeemed.
pub struct Redemption<'a> {
    pub code: &'a str,
    pub service: &'a str,
    pub redirect_uri: &'a str,
    pub code_verifier: Option<&'a str>,
}

/// What a code is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeemable {
    pub account: String,
    pub nonce: Option<String>,
    /// Scopes that the service asked for beside items, separated by spaces.
    pub scope: String,
    pub session: i64,
    /// See [`NewCode::id_token_claims`].
    pub id_token_claims: String,
    pub signed_in: Seconds,
}

/// Tokens that a code is exchanged for.
pub struct NewTokens<'a> {
    pub access_token: &'a str,
    pub refresh_token: Option<&'a str>,
    pub refresh_lifetime: Lifetime,
    /// What is granted, separated by spaces.
    pub scope: &'a str,
    /// Whether they outlive the session.
    pub is_offline: bool,
}

/// Why a code is not redeemed. All are `invalid_grant` to the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFault {
    Unknown,
    /// The tokens of this account that it was exchanged for were revoked (RFC 6749, 4.1.2).
    UsedBefore {
        account: String,
    },
    Expired,
    OtherService,
    OtherRedirectUri,
    /// The verifier is missing, wrong, or was never announced (RFC 9700, 4.8.2).
    Verifier,
}

pub(super) async fn write_code<'c>(
    executor: impl Into<Executor<'c>>,
    new: &NewCode,
) -> Result<(), Error> {
    let code = crypto::fingerprint(&new.code);
    let expires_at = new.issued_at + CODE_LIFETIME;
    query!(
        "INSERT INTO codes (code, account, service, redirect_uri, code_challenge, nonce, scope,
             session, id_token_claims, signed_in, expires_at, receipt_id)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        code,
        new.account,
        new.service,
        new.redirect_uri,
        new.code_challenge,
        new.nonce,
        new.scope,
        new.session,
        new.id_token_claims,
        new.signed_in,
        expires_at,
        new.receipt_id,
    )
    .execute(executor)
    .await?;
    Ok(())
}

/// Whether this redemption may be answered with tokens.
async fn judge(
    connection: &mut Connection,
    redemption: &Redemption<'_>,
    now: Seconds,
) -> Result<Result<Redeemable, TokenFault>, Error> {
    let digest = crypto::fingerprint(redemption.code);
    let code = query_as!(
        struct {
            account: String,
            service: String,
            redirect_uri: String,
            code_challenge: Option<String>,
            nonce: Option<String>,
            scope: String,
            session: i64,
            id_token_claims: String,
            signed_in: i64,
            expires_at: i64,
            used: bool,
        },
        r#"SELECT account, service, redirect_uri, code_challenge, nonce, scope, session,
             id_token_claims, signed_in, expires_at, used AS "used: bool"
         FROM codes WHERE code = ?"#,
        digest,
    )
    .fetch_optional(connection)
    .await?;
    let Some(code) = code else { return Ok(Err(TokenFault::Unknown)) };
    let is_proven = match (&code.code_challenge, redemption.code_verifier) {
        (None, None) => true,
        (Some(announced), Some(verifier)) => {
            crypto::same(announced, &crypto::pkce_challenge(verifier))
        }
        (Some(_), None) | (None, Some(_)) => false,
    };
    Ok(if code.service != redemption.service {
        Err(TokenFault::OtherService)
    } else if code.used {
        Err(TokenFault::UsedBefore { account: code.account })
    } else if code.expires_at <= now {
        Err(TokenFault::Expired)
    } else if code.redirect_uri != redemption.redirect_uri {
        Err(TokenFault::OtherRedirectUri)
    } else if !is_proven {
        Err(TokenFault::Verifier)
    } else {
        Ok(Redeemable {
            account: code.account,
            nonce: code.nonce,
            scope: code.scope,
            session: code.session,
            id_token_claims: code.id_token_claims,
            signed_in: code.signed_in,
        })
    })
}

/// Takes the tokens of a code back that was used again.
async fn revoke(mut transaction: WriteTransaction, code: &str) -> Result<(), Error> {
    let code = crypto::fingerprint(code);
    revocation::end_family(&mut transaction, &code, refresh_token::State::Reused).await?;
    transaction.commit().await
}

impl Store {
    /// Writes a code that needs no decision.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn new_code(&self, new: &NewCode) -> Result<(), Error> {
        retried(|| async {
            let mut transaction = self.begin_for(&new.account).await?;
            write_code(&mut *transaction, new).await?;
            let (code, surplus) = (crypto::fingerprint(&new.code), MOST_UNUSED - 1);
            query!(
                "DELETE FROM codes WHERE code IN (
                 SELECT code FROM codes INDEXED BY codes_by_account
                 WHERE account = ? AND service = ? AND used = FALSE AND code <> ?
                 ORDER BY expires_at DESC, rowid DESC LIMIT -1 OFFSET ?)",
                new.account,
                new.service,
                code,
                surplus,
            )
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await
        })
        .await
    }

    /// What a code is good for. It stays unused: whatever the answer to the service needs can be
    /// prepared, and fail, before [`Store::redeem`].
    ///
    /// # Errors
    /// The outer one when the database cannot be used.
    pub async fn redeemable(
        &self,
        redemption: &Redemption<'_>,
        now: Seconds,
    ) -> Result<Result<Redeemable, TokenFault>, Error> {
        let mut connection = self.readers.acquire().await?;
        let found = judge(&mut connection, redemption, now).await?;
        drop(connection);
        if let Err(TokenFault::UsedBefore { account }) = &found {
            retried(|| async { revoke(self.begin_for(account).await?, redemption.code).await })
                .await?;
        }
        Ok(found)
    }

    /// Redeems a code, once: marks it as used and writes its tokens, all or nothing. A code that was
    /// redeemed before takes its tokens back: one of the two that had it should not have had it
    /// (RFC 6749, 4.1.2).
    ///
    /// # Errors
    /// The outer one when the database cannot be written. The code is as good as before, then.
    pub async fn redeem(
        &self,
        redemption: &Redemption<'_>,
        tokens: &NewTokens<'_>,
        now: Seconds,
    ) -> Result<Result<(), TokenFault>, Error> {
        retried(|| self.redeem_once(redemption, tokens, now)).await
    }

    async fn redeem_once(
        &self,
        redemption: &Redemption<'_>,
        tokens: &NewTokens<'_>,
        now: Seconds,
    ) -> Result<Result<(), TokenFault>, Error> {
        let code = crypto::fingerprint(redemption.code);
        let owner = query_scalar!("SELECT account FROM codes WHERE code = ?", code);
        let mut transaction = self.begin_for_owner(owner).await?;
        let redeemable = match judge(&mut transaction, redemption, now).await? {
            Ok(redeemable) => redeemable,
            Err(fault) => {
                if matches!(fault, TokenFault::UsedBefore { .. }) {
                    revoke(transaction, redemption.code).await?;
                }
                return Ok(Err(fault));
            }
        };
        query!("UPDATE codes SET used = TRUE WHERE code = ?", code)
            .execute(&mut *transaction)
            .await?;
        let Redeemable { account, session, signed_in, .. } = redeemable;
        let owner = refresh_token::Owner {
            code,
            account,
            service: redemption.service.to_owned(),
            session,
            is_offline: tokens.is_offline,
        };
        let refresh_token = tokens.refresh_token.map(crypto::fingerprint);
        if let Some(token) = &refresh_token {
            refresh_token::write_first(
                &mut transaction,
                token,
                &owner,
                tokens.scope,
                signed_in,
                tokens.refresh_lifetime,
                now,
            )
            .await?;
        }
        let access_token = access_token::New {
            token: tokens.access_token,
            scope: tokens.scope,
            refresh_token: refresh_token.as_deref(),
        };
        access_token::write(&mut transaction, &access_token, &owner, now).await?;
        transaction.commit().await?;
        Ok(Ok(()))
    }

    /// Whether a decision has a code that can still be redeemed, and none that was.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn has_unused_code(&self, receipt_id: &str, now: Seconds) -> Result<bool, Error> {
        query_scalar!(
            r#"SELECT count(*) > 0 AND max(CASE WHEN used THEN 1 ELSE 0 END) = 0
                 AND max(expires_at) > ? AS "is_unused!: bool"
             FROM codes WHERE receipt_id = ?"#,
            now,
            receipt_id,
        )
        .fetch_one(&self.readers)
        .await
    }

    /// Whether this account was sent to this service with a code, and no decision, while such a code
    /// is good.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn has_code_without_decision(
        &self,
        account: &str,
        service: &str,
        now: Seconds,
    ) -> Result<bool, Error> {
        query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM codes WHERE account = ? AND service = ?
                AND receipt_id IS NULL AND expires_at > ?) AS "found!: bool""#,
            account,
            service,
            now,
        )
        .fetch_one(&self.readers)
        .await
    }

    /// The receipt that a code follows from.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn receipt_of_code(&self, code: &str) -> Result<Option<String>, Error> {
        let code = crypto::fingerprint(code);
        let receipt = query_scalar!("SELECT receipt_id FROM codes WHERE code = ?", code)
            .fetch_optional(&self.readers)
            .await?;
        Ok(receipt.flatten())
    }
}
