//! Browsers on their way to the provider, one row for each attempt.

use sqlx::FromRow;

use super::{Session, Store, StoreError};

/// How long a browser may take, in seconds: reading terms takes its time.
pub const LIFETIME: i64 = 2 * 60 * 60;

/// An attempt to sign in, under its `state`.
#[derive(Clone, Debug, FromRow)]
pub struct Attempt {
    pub state: String,
    /// The session that began it. No other browser may end it.
    pub session: String,
    pub nonce: String,
    /// The PKCE verifier.
    pub verifier: String,
    /// What the person wanted: a value of the form field `way`.
    pub way: String,
    /// The consent item that was asked for.
    pub item: Option<String>,
    /// The user whose matter it is. None for a sign-in, which anyone may end.
    pub sub: Option<String>,
    pub silent: bool,
    /// An own path.
    pub return_to: String,
    pub used: bool,
    pub at: i64,
}

impl Store {
    /// Remembers an attempt.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn put_attempt(&self, attempt: &Attempt) -> Result<(), StoreError> {
        let put = "INSERT INTO attempts (state, session, nonce, verifier, way, item, sub, silent,
                                         return_to, at)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        sqlx::query(put)
            .bind(&attempt.state)
            .bind(&attempt.session)
            .bind(&attempt.nonce)
            .bind(&attempt.verifier)
            .bind(&attempt.way)
            .bind(&attempt.item)
            .bind(&attempt.sub)
            .bind(attempt.silent)
            .bind(&attempt.return_to)
            .bind(attempt.at)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The attempt with this `state`, of any browser.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn attempt(&self, state: &str, now: i64) -> Result<Option<Attempt>, StoreError> {
        let attempt =
            "SELECT state, session, nonce, verifier, way, item, sub, silent, return_to, used,
                              at
                       FROM attempts WHERE state = ? AND at > ?";
        let attempt = sqlx::query_as(attempt).bind(state).bind(now - LIFETIME);
        Ok(attempt.fetch_optional(&self.pool).await?)
    }

    /// Uses an attempt of this session up. False where it was used before: a reload, or a double press.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn use_attempt(&self, state: &str, session: &Session) -> Result<bool, StoreError> {
        let take = "UPDATE attempts SET used = 1 WHERE state = ? AND session = ? AND used = 0";
        let taken = sqlx::query(take).bind(state).bind(&session.id).execute(&self.pool).await?;
        Ok(taken.rows_affected() == 1)
    }
}
