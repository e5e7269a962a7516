//! Browser sessions. The database has digests of their ids only.

use sqlx::FromRow;

use super::{Store, StoreError};
use crate::{pages::MadeRequest, random::digest};

/// A browser session.
#[derive(Clone, Debug, FromRow)]
pub struct Session {
    /// The digest of the cookie.
    pub id: String,
    pub csrf: String,
    /// The user who signed in: a member, or a user whose sign-up is pending.
    pub sub: Option<String>,
    pub language: Option<String>,
    /// How the silent login ended.
    pub silent: Option<String>,
    /// In seconds since 1970, within an hour.
    pub seen_at: i64,
}

/// What is shown once, on the next page.
#[derive(Default)]
pub struct Flash {
    pub notice: Option<String>,
    pub requests: Vec<MadeRequest>,
}

impl Store {
    /// The session of a cookie.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn session(&self, cookie: &str) -> Result<Option<Session>, StoreError> {
        let session = "SELECT id, csrf, sub, language, silent, seen_at FROM sessions WHERE id = ?";
        Ok(sqlx::query_as(session).bind(digest(cookie)).fetch_optional(&self.pool).await?)
    }

    /// Begins an anonymous session.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn begin_session(
        &self,
        cookie: &str,
        csrf: &str,
        now: i64,
    ) -> Result<Session, StoreError> {
        let id = digest(cookie);
        let begin = "INSERT INTO sessions (id, csrf, seen_at) VALUES (?, ?, ?)";
        sqlx::query(begin).bind(&id).bind(csrf).bind(now).execute(&self.pool).await?;
        let csrf = csrf.to_owned();
        Ok(Session { id, csrf, sub: None, language: None, silent: None, seen_at: now })
    }

    /// Notes that a session is in use, once an hour: sessions that are not are deleted.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn keep_session(&self, session: &Session, now: i64) -> Result<(), StoreError> {
        const HOUR: i64 = 60 * 60;
        if now - session.seen_at < HOUR {
            return Ok(());
        }
        let keep = "UPDATE sessions SET seen_at = ? WHERE id = ?";
        sqlx::query(keep).bind(now).bind(&session.id).execute(&self.pool).await?;
        Ok(())
    }

    /// Gives a session a new cookie and a user, so that the old cookie is worthless
    /// (session fixation). The basket, other tabs on their way to the provider, and the CSRF token of
    /// forms that are open go along.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn sign_in(
        &self,
        session: &Session,
        cookie: &str,
        sub: &str,
        now: i64,
    ) -> Result<Session, StoreError> {
        let id = digest(cookie);
        let mut transaction = self.begin().await?;
        let copy =
            "INSERT INTO sessions (id, csrf, sub, language, silent, notice, requests, seen_at)
                    SELECT ?, csrf, ?, language, silent, notice, requests, ?
                    FROM sessions WHERE id = ?";
        let copied = sqlx::query(copy)
            .bind(&id)
            .bind(sub)
            .bind(now)
            .bind(&session.id)
            .execute(&mut *transaction)
            .await?;
        if copied.rows_affected() == 0 {
            // Another tab has signed in with this cookie a moment ago.
            let begin = "INSERT INTO sessions (id, csrf, sub, seen_at) VALUES (?, ?, ?, ?)";
            sqlx::query(begin)
                .bind(&id)
                .bind(&session.csrf)
                .bind(sub)
                .bind(now)
                .execute(&mut *transaction)
                .await?;
        }
        for take_along in [
            "UPDATE basket SET session = ? WHERE session = ?",
            "UPDATE attempts SET session = ? WHERE session = ?",
            "UPDATE orders SET session = ? WHERE session = ?",
        ] {
            sqlx::query(take_along).bind(&id).bind(&session.id).execute(&mut *transaction).await?;
        }
        let end = "DELETE FROM sessions WHERE id = ?";
        sqlx::query(end).bind(&session.id).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(Session { id, sub: Some(sub.to_owned()), ..session.clone() })
    }

    /// Ends a session, its basket included.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn end_session(&self, session: &Session) -> Result<(), StoreError> {
        let end = "DELETE FROM sessions WHERE id = ?";
        sqlx::query(end).bind(&session.id).execute(&self.pool).await?;
        Ok(())
    }

    /// Remembers how the silent login ended.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn set_silent(&self, session: &Session, silent: &str) -> Result<(), StoreError> {
        let set = "UPDATE sessions SET silent = ? WHERE id = ?";
        sqlx::query(set).bind(silent).bind(&session.id).execute(&self.pool).await?;
        Ok(())
    }

    /// Remembers the language of a browser.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn set_language(&self, session: &Session, language: &str) -> Result<(), StoreError> {
        let set = "UPDATE sessions SET language = ? WHERE id = ?";
        sqlx::query(set).bind(language).bind(&session.id).execute(&self.pool).await?;
        Ok(())
    }

    /// Keeps what the next page shows once.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn set_flash(&self, session: &Session, flash: &Flash) -> Result<(), StoreError> {
        let set = "UPDATE sessions SET notice = coalesce(?, notice), requests = ? WHERE id = ?";
        sqlx::query(set)
            .bind(&flash.notice)
            .bind(serde_json::to_string(&flash.requests)?)
            .bind(&session.id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The notice that the next page shows; it stays there.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn notice(&self, session: &Session) -> Result<Option<String>, StoreError> {
        let notice = "SELECT notice FROM sessions WHERE id = ?";
        let notice: Option<Option<String>> =
            sqlx::query_scalar(notice).bind(&session.id).fetch_optional(&self.pool).await?;
        Ok(notice.flatten())
    }

    /// Signs a user out everywhere.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn sign_out_user(&self, sub: &str) -> Result<(), StoreError> {
        let end = "UPDATE sessions SET sub = NULL WHERE sub = ?";
        sqlx::query(end).bind(sub).execute(&self.pool).await?;
        Ok(())
    }

    /// Takes what is shown once.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn take_flash(&self, session: &Session) -> Result<Flash, StoreError> {
        let read = "SELECT notice, requests FROM sessions WHERE id = ?";
        let read: Option<(Option<String>, Option<String>)> =
            sqlx::query_as(read).bind(&session.id).fetch_optional(&self.pool).await?;
        let (notice, requests) = read.unwrap_or_default();
        if notice.is_none() && requests.is_none() {
            return Ok(Flash::default());
        }
        let take = "UPDATE sessions SET notice = NULL, requests = NULL WHERE id = ?";
        sqlx::query(take).bind(&session.id).execute(&self.pool).await?;
        let requests = requests.map(|it| serde_json::from_str(&it)).transpose()?;
        Ok(Flash { notice, requests: requests.unwrap_or_default() })
    }
}
