//! Secrets that this backend makes for itself, once, whichever process comes first.

use super::{Error, Store};

impl Store {
    /// The secret of this name; `make` is called when there is none yet.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn secret(
        &self,
        name: &'static str,
        make: impl FnOnce() -> Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        let mut transaction = self.begin().await?;
        let found = sqlx::query_scalar!("SELECT value FROM secrets WHERE name = ?", name)
            .fetch_optional(&mut *transaction)
            .await?;
        if let Some(value) = found {
            return Ok(value);
        }
        let value = make();
        sqlx::query!("INSERT INTO secrets (name, value) VALUES (?, ?)", name, value)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(value)
    }
}
