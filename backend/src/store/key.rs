//! Secrets that this backend makes for itself, once, whichever process comes first.

use super::{
    Error, Store, WriteTransaction,
    engine::{query, query_scalar},
    retried,
};
use crate::crypto;

impl Store {
    /// The secret of this name; `make` is called when there is none yet.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn secret(
        &self,
        name: &'static str,
        make: impl Fn() -> Vec<u8>,
    ) -> Result<Vec<u8>, Error> {
        retried(|| async {
            let mut transaction = self.begin().await?;
            let value = secret(&mut transaction, name, &make).await?;
            transaction.commit().await?;
            Ok(value)
        })
        .await
    }

    /// The key that derives names of users and channels from ids.
    ///
    /// # Errors
    /// When it cannot be read or made.
    pub async fn derivation_key(&self) -> Result<Vec<u8>, Error> {
        retried(|| async {
            let mut transaction = self.begin().await?;
            let value = derivation_key(&mut transaction).await?;
            transaction.commit().await?;
            Ok(value)
        })
        .await
    }
}

/// The key that derives names of users and channels from ids.
pub(super) async fn derivation_key(transaction: &mut WriteTransaction) -> Result<Vec<u8>, Error> {
    secret(transaction, "names", || crypto::random_bytes::<32>().to_vec()).await
}

async fn secret(
    transaction: &mut WriteTransaction,
    name: &'static str,
    make: impl FnOnce() -> Vec<u8>,
) -> Result<Vec<u8>, Error> {
    let found = query_scalar!("SELECT value FROM secrets WHERE name = ?", name)
        .fetch_optional(&mut **transaction)
        .await?;
    if let Some(value) = found {
        return Ok(value);
    }
    let value = make();
    query!("INSERT INTO secrets (name, value) VALUES (?, ?)", name, value)
        .execute(&mut **transaction)
        .await?;
    Ok(value)
}
