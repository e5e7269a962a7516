//! E-mails on their way out. A mailer takes them from the table; the demo shows them on a page.

use sqlx::FromRow;

use super::{Store, StoreError};

/// An e-mail with a code.
#[derive(Clone, Debug, FromRow)]
pub struct Mail {
    pub recipient: String,
    pub code: String,
    pub at: i64,
}

impl Store {
    /// Hands an e-mail over.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn put_mail(&self, mail: &Mail) -> Result<(), StoreError> {
        let put = "INSERT INTO mails (recipient, code, at) VALUES (?, ?, ?)";
        sqlx::query(put)
            .bind(&mail.recipient)
            .bind(&mail.code)
            .bind(mail.at)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The latest e-mails, newest first.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn mails(&self) -> Result<Vec<Mail>, StoreError> {
        let mails = "SELECT recipient, code, at FROM mails ORDER BY id DESC LIMIT 50";
        Ok(sqlx::query_as(mails).fetch_all(&self.pool).await?)
    }
}
