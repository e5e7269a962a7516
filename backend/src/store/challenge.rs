//! Questions that were put to people.

use sqlx::Row;

use super::{Error, Session, Store};
use crate::{clock::Seconds, crypto};

/// How often the time for an answer can be extended (WCAG 2.2.1 asks for ten).
pub const MOST_EXTENSIONS: i64 = 10;

/// A question that was put to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// What is stored of its name.
    pub id: Vec<u8>,
    pub session: i64,
    pub account: String,
    pub service: String,
    /// The authorize request in its one spelling.
    pub query: String,
    pub locale: String,
    pub signed_in: Seconds,
    pub expires_at: Seconds,
}

impl Store {
    /// Puts a question and gives its name: 256 random bits, of which only a digest is stored.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn new_challenge(
        &self,
        session: &Session,
        service: &str,
        query: &str,
        locale: &str,
        expires_at: Seconds,
    ) -> Result<String, Error> {
        let name = crypto::random_token();
        sqlx::query(
            "INSERT INTO challenges
             (id, session, account, service, query, locale, signed_in, expires_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(crypto::fingerprint(&name))
        .bind(session.id)
        .bind(&session.account)
        .bind(service)
        .bind(query)
        .bind(locale)
        .bind(session.signed_in)
        .bind(expires_at)
        .execute(&self.writer)
        .await?;
        Ok(name)
    }

    /// The question of this name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn challenge(&self, name: &str) -> Result<Option<Challenge>, Error> {
        let row = sqlx::query(
            "SELECT id, session, account, service, query, locale, signed_in, expires_at
             FROM challenges WHERE id = ?",
        )
        .bind(crypto::fingerprint(name))
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| {
            Ok(Challenge {
                id: row.try_get("id")?,
                session: row.try_get("session")?,
                account: row.try_get("account")?,
                service: row.try_get("service")?,
                query: row.try_get("query")?,
                locale: row.try_get("locale")?,
                signed_in: row.try_get("signed_in")?,
                expires_at: row.try_get("expires_at")?,
            })
        })
        .transpose()
    }

    /// Gives more time. Says whether there was any left to give.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn extend(&self, challenge: &Challenge, expires_at: Seconds) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE challenges SET expires_at = max(expires_at, ?), extensions = extensions + 1
             WHERE id = ? AND extensions < ?",
        )
        .bind(expires_at)
        .bind(&challenge.id)
        .bind(MOST_EXTENSIONS)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
