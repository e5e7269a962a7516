//! Browsers that are at the OpenID provider.

use super::{
    Error, Scope, Store,
    engine::{query, query_as},
    retried,
};
use crate::{clock::Seconds, crypto};

/// How long a browser may stay at the provider, in seconds.
const LIFETIME: Seconds = 30 * 60;

/// A browser that was sent to the provider.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SignInAttempt {
    /// Where it goes afterwards: a path on this origin.
    pub return_to: String,
    /// Whether the person has to authenticate again.
    pub asks_login: bool,
    /// Seconds since the person authenticated, at most.
    pub max_age: Option<Seconds>,
    pub started_at: Seconds,
}

impl Store {
    /// Remembers an attempt under its `state` and the cookie of its browser.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn start_sign_in(
        &self,
        state: &str,
        browser: &str,
        attempt: &SignInAttempt,
    ) -> Result<(), Error> {
        let (state, browser) = (crypto::fingerprint(state), crypto::fingerprint(browser));
        let expires_at = attempt.started_at + LIFETIME;
        retried(|| async {
            let mut transaction = self.writer.begin(Scope::Shared).await?;
            query!(
                "INSERT INTO sign_in_attempts
             (state, browser, return_to, asks_login, max_age, started_at, expires_at)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
                state,
                browser,
                attempt.return_to,
                attempt.asks_login,
                attempt.max_age,
                attempt.started_at,
                expires_at,
            )
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await
        })
        .await
    }

    /// Takes the attempt of this `state` and this browser: it is good once. An attempt of another
    /// browser stays.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn finish_sign_in(
        &self,
        state: &str,
        browser: &str,
        now: Seconds,
    ) -> Result<Option<SignInAttempt>, Error> {
        let (state, browser) = (crypto::fingerprint(state), crypto::fingerprint(browser));
        retried(|| async {
            let mut transaction = self.writer.begin(Scope::Shared).await?;
            let attempt = query_as!(
                SignInAttempt,
                r#"DELETE FROM sign_in_attempts WHERE state = ? AND browser = ? AND expires_at > ?
             RETURNING return_to, asks_login AS "asks_login: bool", max_age, started_at"#,
                state,
                browser,
                now,
            )
            .fetch_optional(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(attempt)
        })
        .await
    }
}
