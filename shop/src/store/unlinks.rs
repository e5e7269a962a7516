//! The end of links: rows are erased here, and the provider is notified where the shop ended the link.
//!
//! A user who stops being linked leaves a number in `unlinks`. A sign-in remembers the newest number of its
//! user before it asks the provider anything; where there is a newer one at its end, what the provider
//! answered is out of date, and nothing is written (see [`super::arrival`]).

use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::{Store, StoreError, members, pending, proofs};
use crate::{
    member::{SignUp, code},
    pages::Notice,
};

/// Where a link was ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The member left at the shop: the provider has to be notified.
    Shop,
    /// The member left at the provider: a webhook, or another link since.
    Provider,
}

/// A link, as the provider dated it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub connected_at: Option<i64>,
}

impl Store {
    /// The number of a user's latest unlink; 0 where there was none.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn latest_unlink(&self, sub: &str) -> Result<i64, StoreError> {
        let mut connection = self.pool.acquire().await?;
        Ok(sqlx::query_scalar(LATEST).bind(sub).fetch_one(&mut *connection).await?)
    }

    /// Since when the user of a member or of a pending sign-up has been connected, as far as it is
    /// known. None for whom the shop does not know.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn link(&self, sub: &str) -> Result<Option<Link>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        link(&mut connection, sub).await
    }

    /// Erases a member, or a pending sign-up, whose link is the given one. Who was linked again in the
    /// meantime keeps what they have. Returns whether there was something to erase.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn erase(
        &self,
        sub: &str,
        expected: Option<Link>,
        cause: Cause,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let found = link(&mut transaction, sub).await?;
        if found != expected {
            return Ok(false);
        }
        erase(&mut transaction, sub, now).await?;
        if cause == Cause::Shop && found.is_some() {
            make_due(&mut transaction, sub, now).await?;
        }
        transaction.commit().await?;
        Ok(found.is_some())
    }

    /// Whether an unlink of this user is due at the provider.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn is_unlink_due(&self, sub: &str) -> Result<bool, StoreError> {
        let mut connection = self.pool.acquire().await?;
        is_due(&mut connection, sub).await
    }

    /// The users whose unlink is due at the provider now.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn due_unlinks(&self, now: i64) -> Result<Vec<String>, StoreError> {
        let due = "SELECT sub FROM due_unlinks WHERE next_at <= ? ORDER BY next_at LIMIT 100";
        Ok(sqlx::query_scalar(due).bind(now).fetch_all(&self.pool).await?)
    }

    /// The provider was notified.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn unlink_done(&self, sub: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM due_unlinks WHERE sub = ?").bind(sub).execute(&self.pool).await?;
        Ok(())
    }

    /// The provider did not answer: later, and each time twice as late, an hour at most.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn unlink_later(&self, sub: &str, now: i64) -> Result<(), StoreError> {
        let later = "UPDATE due_unlinks
                     SET next_at = ?1 + min(3600, 5 << min(tries, 10)), tries = tries + 1
                     WHERE sub = ?2";
        sqlx::query(later).bind(now).bind(sub).execute(&self.pool).await?;
        Ok(())
    }

    /// Whether a webhook with this id was taken before. From now on it was.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn is_repeated(&self, id: &str, now: i64) -> Result<bool, StoreError> {
        let take = "INSERT INTO webhooks (id, at) VALUES (?, ?) ON CONFLICT DO NOTHING";
        let taken = sqlx::query(take).bind(id).bind(now).execute(&self.pool).await?;
        Ok(taken.rows_affected() == 0)
    }

    /// Whether a webhook with this id was taken before.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn was_taken(&self, id: &str) -> Result<bool, StoreError> {
        let taken = "SELECT count(*) FROM webhooks WHERE id = ?";
        let taken: i64 = sqlx::query_scalar(taken).bind(id).fetch_one(&self.pool).await?;
        Ok(taken > 0)
    }

    /// Forgets what no late webhook and no slow sign-in can need any more.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn clean_up(&self, now: i64) -> Result<(), StoreError> {
        const DAY: i64 = 24 * 60 * 60;
        for (delete, age) in [
            ("DELETE FROM unlinks WHERE at < ?", 7 * DAY),
            ("DELETE FROM webhooks WHERE at < ?", 7 * DAY),
            ("DELETE FROM mails WHERE at < ?", code::LIFETIME),
            ("DELETE FROM attempts WHERE at < ?", DAY),
            ("DELETE FROM proofs WHERE since <= ?", proofs::WINDOW),
            ("DELETE FROM sessions WHERE sub IS NULL AND seen_at < ?", DAY),
            ("DELETE FROM sessions WHERE seen_at < ?", 30 * DAY),
        ] {
            sqlx::query(delete).bind(now - age).execute(&self.pool).await?;
        }
        Ok(())
    }
}

const LATEST: &str = "SELECT coalesce(max(number), 0) FROM unlinks WHERE sub = ?";

/// Since when a user has been connected, in a transaction.
pub(super) async fn link(
    connection: &mut SqliteConnection,
    sub: &str,
) -> Result<Option<Link>, StoreError> {
    if let Some(member) = members::by_sub(&mut *connection, sub).await? {
        return Ok(Some(Link { connected_at: member.connected_at }));
    }
    let pending = "SELECT sign_up FROM pending WHERE sub = ?";
    let pending: Option<String> =
        sqlx::query_scalar(pending).bind(sub).fetch_optional(connection).await?;
    let Some(pending) = pending else { return Ok(None) };
    let pending: SignUp = serde_json::from_str(&pending)?;
    Ok(Some(Link { connected_at: pending.identity.connected_at }))
}

/// The number of a user's latest unlink, in a transaction.
pub(super) async fn latest(
    transaction: &mut Transaction<'static, Sqlite>,
    sub: &str,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(LATEST).bind(sub).fetch_one(&mut **transaction).await?)
}

/// Whether an unlink of a user is due, in a transaction.
pub(super) async fn is_due(
    connection: &mut SqliteConnection,
    sub: &str,
) -> Result<bool, StoreError> {
    let due = "SELECT count(*) FROM due_unlinks WHERE sub = ?";
    let due: i64 = sqlx::query_scalar(due).bind(sub).fetch_one(connection).await?;
    Ok(due > 0)
}

/// Notes that a user stopped being linked.
pub(super) async fn record(
    transaction: &mut Transaction<'static, Sqlite>,
    sub: &str,
    now: i64,
) -> Result<(), StoreError> {
    let record = "INSERT INTO unlinks (sub, at) VALUES (?, ?)";
    sqlx::query(record).bind(sub).bind(now).execute(&mut **transaction).await?;
    Ok(())
}

/// Notes that the provider has to be notified.
pub(super) async fn make_due(
    transaction: &mut Transaction<'static, Sqlite>,
    sub: &str,
    now: i64,
) -> Result<(), StoreError> {
    let due = "INSERT INTO due_unlinks (sub, next_at) VALUES (?, ?) ON CONFLICT DO NOTHING";
    sqlx::query(due).bind(sub).bind(now).execute(&mut **transaction).await?;
    Ok(())
}

/// Erases everything about a user, and ends their sessions. Orders stay, without the person: contracts
/// are kept for five years (E-Commerce Act, article 6).
pub(super) async fn erase(
    transaction: &mut Transaction<'static, Sqlite>,
    sub: &str,
    now: i64,
) -> Result<(), StoreError> {
    let anonymous = "UPDATE orders
                     SET member = NULL, session = NULL, recipient = NULL, phone = NULL,
                         address = NULL
                     WHERE member = (SELECT id FROM members WHERE sub = ?)";
    sqlx::query(anonymous).bind(sub).execute(&mut **transaction).await?;
    sqlx::query("DELETE FROM members WHERE sub = ?").bind(sub).execute(&mut **transaction).await?;
    pending::remove(transaction, sub).await?;
    let sign_out =
        "UPDATE sessions SET sub = NULL, seen_at = ?, notice = ?, requests = NULL WHERE sub = ?";
    sqlx::query(sign_out)
        .bind(now)
        .bind(Notice::UnlinkedElsewhere.as_str())
        .bind(sub)
        .execute(&mut **transaction)
        .await?;
    record(transaction, sub, now).await
}
