//! Baskets. They belong to a browser session, signed in or not.

use super::{Session, Store, StoreError};

/// The most pieces of one good in a basket.
pub const MOST: u32 = 99;

impl Store {
    /// What is in the basket: slugs and quantities.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn basket(&self, session: &Session) -> Result<Vec<(String, u32)>, StoreError> {
        let lines = "SELECT slug, quantity FROM basket WHERE session = ? ORDER BY rowid";
        Ok(sqlx::query_as(lines).bind(&session.id).fetch_all(&self.pool).await?)
    }

    /// Puts a good into the basket.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn add_to_basket(
        &self,
        session: &Session,
        slug: &str,
        quantity: u32,
    ) -> Result<(), StoreError> {
        let add = "INSERT INTO basket (session, slug, quantity) VALUES (?1, ?2, min(?3, ?4))
                   ON CONFLICT (session, slug) DO UPDATE SET quantity = min(quantity + ?3, ?4)";
        sqlx::query(add)
            .bind(&session.id)
            .bind(slug)
            .bind(quantity)
            .bind(MOST)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Takes a good out of the basket.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn remove_from_basket(
        &self,
        session: &Session,
        slug: &str,
    ) -> Result<(), StoreError> {
        let remove = "DELETE FROM basket WHERE session = ? AND slug = ?";
        sqlx::query(remove).bind(&session.id).bind(slug).execute(&self.pool).await?;
        Ok(())
    }
}
