//! Signed-in browsers.

use sqlx::{Row, sqlite::SqliteRow};

use super::{Error, Store};
use crate::{clock::Seconds, crypto};

/// How long somebody stays signed in.
const LIFETIME: Seconds = 24 * 60 * 60;

/// Sessions of one account. A client without cookies behind a proxy that names the account gets a
/// new one with every request. The oldest ones go first.
const MOST_OF_ACCOUNT: i64 = 50;
/// How a session was made. One that was made another way than people sign in now is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadeBy {
    /// By choosing a person in the demo.
    Demo,
    /// By the header of a trusted reverse proxy.
    Proxy,
}

impl MadeBy {
    fn name(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Proxy => "proxy",
        }
    }
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Stays the same while the cookie is rotated.
    pub id: i64,
    pub account: String,
    /// When the person authenticated.
    pub signed_in: Seconds,
    /// What is stored of the cookie.
    pub cookie: Vec<u8>,
    /// What the demo lets this browser pretend to be.
    pub user_agent: Option<String>,
}

/// Who signs in, how, and when they authenticated.
#[derive(Debug, Clone, Copy)]
pub struct SignedIn<'a> {
    pub account: &'a str,
    pub made_by: MadeBy,
    pub at: Seconds,
}

fn session(row: &SqliteRow) -> Result<Session, Error> {
    Ok(Session {
        id: row.try_get("id")?,
        account: row.try_get("account")?,
        signed_in: row.try_get("signed_in")?,
        cookie: row.try_get("cookie")?,
        user_agent: row.try_get("user_agent")?,
    })
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
    ) -> Result<Option<Session>, Error> {
        sqlx::query(
            "SELECT id, account, signed_in, cookie, user_agent FROM sessions
             WHERE cookie = ? AND made_by = ? AND expires_at > ?",
        )
        .bind(crypto::fingerprint(cookie))
        .bind(made_by.name())
        .bind(now)
        .fetch_optional(&self.readers)
        .await?
        .map(|row| session(&row))
        .transpose()
    }

    /// Lets a session pretend to be another browser, or be itself again.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn pretend(&self, session: &Session, user_agent: Option<&str>) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        sqlx::query("UPDATE sessions SET user_agent = ? WHERE id = ?")
            .bind(user_agent)
            .bind(session.id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
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
        let SignedIn { account, made_by, at } = *new;
        let cookie = crypto::random_token();
        // The old cookie stops working either way: whoever planted it gains nothing (RFC 6749, 10.12).
        let mut transaction = self.begin().await?;
        let kept = before.filter(|session| session.account == account);
        if let (Some(other), None) = (before, kept) {
            sqlx::query("DELETE FROM sessions WHERE id = ?")
                .bind(other.id)
                .execute(&mut *transaction)
                .await?;
        }
        let row = sqlx::query(
            "INSERT INTO sessions
             (id, cookie, account, made_by, signed_in, expires_at, user_agent)
             VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET cookie = excluded.cookie,
                 signed_in = excluded.signed_in, expires_at = excluded.expires_at
             RETURNING id, account, signed_in, cookie, user_agent",
        )
        .bind(kept.map(|session| session.id))
        .bind(crypto::fingerprint(&cookie))
        .bind(account)
        .bind(made_by.name())
        .bind(at)
        .bind(now + LIFETIME)
        .bind(before.and_then(|session| session.user_agent.as_deref()))
        .fetch_one(&mut *transaction)
        .await?;
        let session = session(&row)?;
        sqlx::query(
            "DELETE FROM sessions WHERE id IN (
                 SELECT id FROM sessions INDEXED BY sessions_by_account
                 WHERE account = ? AND id <> ?
                 ORDER BY expires_at DESC, id DESC LIMIT -1 OFFSET ?)",
        )
        .bind(account)
        .bind(session.id)
        .bind(MOST_OF_ACCOUNT - 1)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok((session, cookie))
    }
}
