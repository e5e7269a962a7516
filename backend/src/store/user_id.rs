//! The numeric id of an account at a service.

use super::{Error, Store};
use crate::crypto;

/// Ids have ten digits, as the platform's own.
const SMALLEST: i64 = 1_000_000_000;
const LARGEST: i64 = 9_999_999_999;

impl Store {
    /// The id of an account at a service. It is made at the first call and never changes; the same
    /// account has other ids at other services.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn kakao_user_id(&self, account: &str, service: &str) -> Result<i64, Error> {
        let known = sqlx::query_scalar!(
            "SELECT id FROM kakao_user_ids WHERE account = ? AND service = ?",
            account,
            service,
        )
        .fetch_optional(&self.readers)
        .await?;
        if let Some(id) = known {
            return Ok(id);
        }
        let mut transaction = self.begin().await?;
        loop {
            let random = u64::from_be_bytes(crypto::random_bytes());
            let range = (LARGEST - SMALLEST + 1).unsigned_abs();
            let id = SMALLEST + i64::try_from(random % range).unwrap_or(0);
            // Another request may have made one, and an id of another account may be in the way.
            sqlx::query!(
                "INSERT INTO kakao_user_ids (service, account, id) VALUES (?, ?, ?)
                 ON CONFLICT DO NOTHING",
                service,
                account,
                id,
            )
            .execute(&mut *transaction)
            .await?;
            let written = sqlx::query_scalar!(
                "SELECT id FROM kakao_user_ids WHERE account = ? AND service = ?",
                account,
                service,
            )
            .fetch_optional(&mut *transaction)
            .await?;
            if let Some(id) = written {
                transaction.commit().await?;
                return Ok(id);
            }
        }
    }

    /// The account that has this id at a service, connected or not.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn account_of_kakao_user_id(
        &self,
        service: &str,
        id: i64,
    ) -> Result<Option<String>, Error> {
        sqlx::query_scalar!(
            "SELECT account FROM kakao_user_ids WHERE service = ? AND id = ?",
            service,
            id,
        )
        .fetch_optional(&self.readers)
        .await
    }
}
