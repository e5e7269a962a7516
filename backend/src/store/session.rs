//! Sessions of signed-in browsers.

use std::cmp::Reverse;

use serde::Serialize;

use super::{
    Error, Store, WriteTransaction,
    engine::{lookup, query, query_as, query_scalar},
    name::Named,
    retried, revocation,
};
use crate::{clock::Seconds, crypto};

/// Stands for the time of an authentication that is not known, because an OpenID provider gives no
/// `auth_time`. By this time no login is recent.
pub const UNKNOWN_TIME: Seconds = 0;

/// A stored time of authentication, where it is known.
#[must_use]
pub fn known_time(stored: Seconds) -> Option<Seconds> {
    (stored != UNKNOWN_TIME).then_some(stored)
}

/// How long a session lasts.
const LIFETIME: Seconds = 24 * 60 * 60;

/// Sessions of one account. A client without cookies behind a proxy that names the account gets a
/// new one with every request. The oldest ones go first.
const MOST_OF_ACCOUNT: i64 = 50;

/// How a session was made. One that was made another way than people sign in now is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MadeBy {
    /// By choosing a person in the demo.
    Demo,
    /// By the header of a trusted reverse proxy.
    Proxy,
    /// At an OpenID provider.
    Provider,
    /// With `--test-hooks`, outside the demo: by `login_hint`, or by the header.
    TestHooks,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Session {
    /// Stays the same while the cookie is rotated.
    pub id: i64,
    pub account: String,
    /// When the person authenticated, or [`UNKNOWN_TIME`].
    pub signed_in: Seconds,
    /// What is stored of the cookie.
    pub cookie: Vec<u8>,
    /// The spoofed user agent of the demo.
    pub user_agent: Option<String>,
}

impl Session {
    /// When the person authenticated, where that is known.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<Seconds> {
        known_time(self.signed_in)
    }
}

/// Who signs in, how, and when they authenticated.
#[derive(Debug, Clone, Copy)]
pub struct SignedIn<'a> {
    pub account: &'a str,
    pub made_by: MadeBy,
    /// Or [`UNKNOWN_TIME`].
    pub at: Seconds,
    /// Browser and system, where they are known.
    pub device: Option<&'a str>,
}

/// A session in the list of an account.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ListedSession {
    pub id: i64,
    /// When the person authenticated, or [`UNKNOWN_TIME`].
    pub signed_in: Seconds,
    pub expires_at: Seconds,
    pub device: Option<String>,
}

impl ListedSession {
    /// When the person authenticated; where that is not known, when they signed in here.
    #[must_use]
    pub fn since(&self) -> Seconds {
        known_time(self.signed_in).unwrap_or(self.expires_at - LIFETIME)
    }
}

/// The session of a cookie, with what every request reads of its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownBrowser {
    pub session: Session,
    /// Whether the account was set to be on the messenger, or not to be.
    pub set_membership: Option<bool>,
}

impl Store {
    /// The session of a cookie, while it lasts.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn session(
        &self,
        cookie: &str,
        made_by: MadeBy,
        now: Seconds,
    ) -> Result<Option<KnownBrowser>, Error> {
        let (cookie, made_by) = (crypto::fingerprint(cookie), Named(made_by));
        let row = lookup!(
            struct {
                id: i64,
                account: String,
                signed_in: i64,
                cookie: Vec<u8>,
                user_agent: Option<String>,
                registered: Option<bool>,
            },
            r#"SELECT sessions.id AS "id!", sessions.account AS "account!", signed_in, cookie,
                 user_agent, registered AS "registered?: bool"
             FROM sessions
             LEFT JOIN messenger_members ON messenger_members.account = sessions.account
             WHERE cookie = ? AND made_by = ? AND sessions.expires_at > ?"#,
            cookie,
            made_by,
            now,
        )
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.map(|row| KnownBrowser {
            session: Session {
                id: row.id,
                account: row.account,
                signed_in: row.signed_in,
                cookie: row.cookie,
                user_agent: row.user_agent,
            },
            set_membership: row.registered,
        }))
    }

    /// Ends a session, with the codes and tokens that were issued in it. Tokens that were issued for
    /// offline access stay.
    ///
    /// # Errors
    /// When the database cannot be written. Nothing was, then.
    pub async fn sign_out(&self, session: &Session) -> Result<(), Error> {
        retried(|| async {
            let mut transaction = self.begin_for(&session.account).await?;
            query!("DELETE FROM sessions WHERE id = ?", session.id)
                .execute(&mut *transaction)
                .await?;
            revocation::end_session(&mut transaction, session.id).await?;
            transaction.commit().await
        })
        .await
    }

    /// The sessions of an account that last, the latest login first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sessions_of(
        &self,
        account: &str,
        made_by: MadeBy,
        now: Seconds,
    ) -> Result<Vec<ListedSession>, Error> {
        let made_by = Named(made_by);
        let mut sessions = query_as!(
            ListedSession,
            r#"SELECT id AS "id!", signed_in, expires_at, device
             FROM sessions INDEXED BY sessions_by_account
             WHERE account = ? AND made_by = ? AND expires_at > ?"#,
            account,
            made_by,
            now,
        )
        .fetch_all(&self.readers)
        .await?;
        sessions.sort_by_key(|session| Reverse((session.since(), session.id)));
        Ok(sessions)
    }

    /// Ends these sessions of an account, with the codes and tokens that were issued in them. Tokens
    /// that were issued for offline access stay.
    ///
    /// # Errors
    /// When the database cannot be written. Nothing was, then.
    pub async fn end_sessions(&self, account: &str, ids: &[i64]) -> Result<(), Error> {
        retried(|| async {
            let mut transaction = self.begin_for(account).await?;
            for id in ids {
                let ended =
                    query!("DELETE FROM sessions WHERE id = ? AND account = ?", id, account)
                        .execute(&mut *transaction)
                        .await?;
                if ended.rows_affected() > 0 {
                    revocation::end_session(&mut transaction, *id).await?;
                }
            }
            transaction.commit().await
        })
        .await
    }

    /// Ends every session of an account, however it was made.
    ///
    /// # Errors
    /// When the database cannot be written. Nothing was, then.
    pub async fn end_every_session(&self, account: &str) -> Result<(), Error> {
        retried(|| async {
            let mut transaction = self.begin_for(account).await?;
            end_all(&mut transaction, account).await?;
            transaction.commit().await
        })
        .await
    }

    /// Sets the spoofed user agent of a session, or removes it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_user_agent(
        &self,
        session: &Session,
        user_agent: Option<&str>,
    ) -> Result<(), Error> {
        retried(|| async {
            let mut transaction = self.begin_for(&session.account).await?;
            query!("UPDATE sessions SET user_agent = ? WHERE id = ?", user_agent, session.id)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        })
        .await
    }

    /// Signs an account in and gives the new cookie. The same account again keeps its session, so
    /// that its open challenges stay its own; another account gets another session.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn sign_in(
        &self,
        before: Option<&Session>,
        new: &SignedIn<'_>,
        now: Seconds,
    ) -> Result<(Session, String), Error> {
        let SignedIn { account, made_by, at, device } = *new;
        let cookie = crypto::random_token();
        // The old cookie stops working either way: an attacker who planted it gains nothing (RFC 6749, 10.12).
        retried(|| async {
            let mut transaction = self.begin_for(account).await?;
            let kept = before.filter(|session| session.account == account);
            if let (Some(other), None) = (before, kept) {
                query!("DELETE FROM sessions WHERE id = ?", other.id)
                    .execute(&mut *transaction)
                    .await?;
            }
            let digest = crypto::fingerprint(&cookie);
            let (made_by, expires_at) = (Named(made_by), now + LIFETIME);
            let user_agent = before.and_then(|session| session.user_agent.as_deref());
            let session = match kept {
                // It may have ended since it was read.
                Some(kept) => query_as!(
                    Session,
                    r#"INSERT INTO sessions
                 (id, cookie, account, made_by, signed_in, expires_at, user_agent, device)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (id) DO UPDATE SET cookie = excluded.cookie,
                     signed_in = excluded.signed_in, expires_at = excluded.expires_at,
                     device = excluded.device
                 RETURNING id AS "id!", account, signed_in, cookie, user_agent"#,
                    kept.id,
                    digest,
                    account,
                    made_by,
                    at,
                    expires_at,
                    user_agent,
                    device,
                ),
                None => query_as!(
                    Session,
                    r#"INSERT INTO sessions
                 (cookie, account, made_by, signed_in, expires_at, user_agent, device)
                 VALUES (?, ?, ?, ?, ?, ?, ?)
                 RETURNING id AS "id!", account, signed_in, cookie, user_agent"#,
                    digest,
                    account,
                    made_by,
                    at,
                    expires_at,
                    user_agent,
                    device,
                ),
            };
            let session = session.fetch_one(&mut *transaction).await?;
            let surplus = MOST_OF_ACCOUNT - 1;
            query!(
                "DELETE FROM sessions WHERE id IN (
                 SELECT id FROM sessions INDEXED BY sessions_by_account
                 WHERE account = ? AND id <> ?
                 ORDER BY expires_at DESC, id DESC LIMIT -1 OFFSET ?)",
                account,
                session.id,
                surplus,
            )
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(session)
        })
        .await
        .map(|session| (session, cookie))
    }
}

/// Ends every session of an account, with the codes and tokens that were issued in them.
pub async fn end_all(transaction: &mut WriteTransaction, account: &str) -> Result<(), Error> {
    let ended =
        query_scalar!(r#"DELETE FROM sessions WHERE account = ? RETURNING id AS "id!""#, account,)
            .fetch_all(&mut **transaction)
            .await?;
    for id in ended {
        revocation::end_session(transaction, id).await?;
    }
    Ok(())
}
