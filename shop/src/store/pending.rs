//! Sign-ups that are not finished.

use sqlx::{Sqlite, Transaction};

use super::{Store, StoreError, proofs, unlinks};
use crate::member::SignUp;

/// How long a sign-up may stand still, in seconds. After that it is stopped.
pub const LIFETIME: i64 = 60 * 60;

impl Store {
    /// The pending sign-up of a user.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn pending(&self, sub: &str, now: i64) -> Result<Option<SignUp>, StoreError> {
        let pending = "SELECT sign_up FROM pending WHERE sub = ? AND expires_at > ?";
        let mut connection = self.pool.acquire().await?;
        let pending: Option<String> = sqlx::query_scalar(pending)
            .bind(sub)
            .bind(now)
            .fetch_optional(&mut *connection)
            .await?;
        let Some(pending) = pending else { return Ok(None) };
        let mut sign_up: SignUp = serde_json::from_str(&pending)?;
        proofs::read(&mut connection, &mut sign_up, now).await?;
        Ok(Some(sign_up))
    }

    /// Remembers where the person goes when the sign-up is finished.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn set_return_to(&self, sub: &str, return_to: &str) -> Result<(), StoreError> {
        let set = "UPDATE pending SET return_to = ? WHERE sub = ?";
        sqlx::query(set).bind(return_to).bind(sub).execute(&self.pool).await?;
        Ok(())
    }

    /// Stops a sign-up: nothing is kept, and the provider will be notified. False where there is none.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn stop(&self, sub: &str, now: i64) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let stop = "DELETE FROM pending WHERE sub = ?";
        let stopped = sqlx::query(stop).bind(sub).execute(&mut *transaction).await?;
        let is_stopped = stopped.rows_affected() == 1;
        if is_stopped {
            unlinks::record(&mut transaction, sub, now).await?;
            unlinks::make_due(&mut transaction, sub, now).await?;
        }
        transaction.commit().await?;
        Ok(is_stopped)
    }

    /// Stops every sign-up that stood still for too long.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn stop_expired(&self, now: i64) -> Result<(), StoreError> {
        let expired = "SELECT sub FROM pending WHERE expires_at <= ?";
        let expired: Vec<String> =
            sqlx::query_scalar(expired).bind(now).fetch_all(&self.pool).await?;
        for sub in expired {
            self.stop_if_expired(&sub, now).await?;
        }
        Ok(())
    }

    async fn stop_if_expired(&self, sub: &str, now: i64) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let stop = "DELETE FROM pending WHERE sub = ? AND expires_at <= ?";
        let stopped = sqlx::query(stop).bind(sub).bind(now).execute(&mut *transaction).await?;
        if stopped.rows_affected() == 1 {
            unlinks::record(&mut transaction, sub, now).await?;
            unlinks::make_due(&mut transaction, sub, now).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Keeps a sign-up for its next step.
pub(super) async fn put(
    transaction: &mut Transaction<'static, Sqlite>,
    sign_up: &SignUp,
    now: i64,
) -> Result<(), StoreError> {
    let put = "INSERT INTO pending (sub, sign_up, expires_at) VALUES (?, ?, ?)
               ON CONFLICT (sub) DO UPDATE SET sign_up = excluded.sign_up,
                                               expires_at = excluded.expires_at";
    sqlx::query(put)
        .bind(&sign_up.identity.sub)
        .bind(serde_json::to_string(sign_up)?)
        .bind(now + LIFETIME)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Removes a sign-up that is finished or void.
pub(super) async fn remove(
    transaction: &mut Transaction<'static, Sqlite>,
    sub: &str,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM pending WHERE sub = ?").bind(sub).execute(&mut **transaction).await?;
    Ok(())
}
