//! Users who are linked, and whose sign-in is under way, or failed. Who has no row an hour later is
//! unlinked, so that no link stays without a member. A row may go later: a notice that the user left
//! comes late, and the user has come back since, in a sign-in that failed.

use sqlx::{Sqlite, Transaction};

use super::{Store, StoreError, unlinks};

/// How long a sign-in may take after its code was redeemed, in seconds.
pub const LIFETIME: i64 = 60 * 60;

impl Store {
    /// Notes that a user is linked, until the sign-in has arrived.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn put_arriving(&self, sub: &str, now: i64) -> Result<(), StoreError> {
        let put = "INSERT INTO arriving (sub, at) VALUES (?, ?)
                   ON CONFLICT (sub) DO UPDATE SET at = excluded.at";
        sqlx::query(put).bind(sub).bind(now).execute(&self.pool).await?;
        Ok(())
    }

    /// Makes the unlink of everyone due who did not arrive in time, and has no row and no pending
    /// sign-up.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn give_up_arriving(&self, now: i64) -> Result<(), StoreError> {
        let late = "SELECT sub FROM arriving
                    WHERE at <= ?
                      AND NOT EXISTS (SELECT 1 FROM members WHERE members.sub = arriving.sub)
                      AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.sub = arriving.sub)";
        let late: Vec<String> =
            sqlx::query_scalar(late).bind(now - LIFETIME).fetch_all(&self.pool).await?;
        for sub in late {
            let mut transaction = self.begin().await?;
            let take = "DELETE FROM arriving WHERE sub = ? AND at <= ?";
            let taken = sqlx::query(take).bind(&sub).bind(now - LIFETIME);
            let is_late = taken.execute(&mut *transaction).await?.rows_affected() == 1;
            if is_late && unlinks::link(&mut transaction, &sub).await?.is_none() {
                unlinks::record(&mut transaction, &sub, now).await?;
                unlinks::make_due(&mut transaction, &sub, now).await?;
                transaction.commit().await?;
            }
        }
        Ok(())
    }
}

/// The user arrived.
pub(super) async fn remove(
    transaction: &mut Transaction<'static, Sqlite>,
    sub: &str,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM arriving WHERE sub = ?").bind(sub).execute(&mut **transaction).await?;
    Ok(())
}
