//! Events of a messenger: each counts once, and none undoes what happened after it.

use super::{
    Error, NewRelation, Store, account,
    engine::{query, query_scalar},
    messenger, retried,
    write_transaction::WriteTransaction,
};
use crate::{clock::Seconds, crypto};

/// What a messenger reports of an account.
pub enum Reported<'a> {
    Relation(NewRelation<'a>),
    /// Whether the account is on the messenger.
    Membership(bool),
}

/// An event of a messenger.
pub struct MessengerEvent<'a> {
    /// The same at every attempt to deliver it.
    pub id: &'a str,
    pub account: &'a str,
    /// Whether the account is in the database alone, where it can be erased meanwhile.
    pub is_stored: bool,
    pub reported: Reported<'a>,
    /// When it happened, in milliseconds since 1970.
    pub happened_at: i64,
    pub now: Seconds,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Applied,
    /// It was so already.
    Unchanged,
    /// The event came before.
    Duplicate,
    /// Something newer is known.
    Outdated,
    /// The account was erased meanwhile.
    NoAccount,
}

/// What a change was about, among all that a messenger knows of an account.
pub(super) enum About<'a> {
    Channel(&'a str),
    Membership,
}

impl About<'_> {
    fn name(&self) -> String {
        match self {
            Self::Channel(public_id) => format!("channel:{public_id}"),
            Self::Membership => "membership".to_owned(),
        }
    }
}

impl Store {
    /// Writes what a messenger reports, unless the event came before or something newer is known. What
    /// follows from it is written in the same transaction.
    ///
    /// # Errors
    /// When the database cannot be written. Then the event did not come, and can be sent again.
    pub async fn take_messenger_event(&self, event: &MessengerEvent<'_>) -> Result<Taken, Error> {
        let MessengerEvent { id, account, is_stored, ref reported, happened_at, now } = *event;
        let id = crypto::fingerprint(id);
        retried(|| async {
            let mut transaction = self.begin_for(account).await?;
            if is_stored && account::of_id(&mut *transaction, account).await?.is_none() {
                return Ok(Taken::NoAccount);
            }
            let taken = query!(
                "INSERT INTO messenger_events (id, received_at) VALUES (?, ?)
                 ON CONFLICT (id) DO NOTHING",
                id,
                now,
            )
            .execute(&mut *transaction)
            .await?;
            if taken.rows_affected() == 0 {
                return Ok(Taken::Duplicate);
            }
            let about = match reported {
                Reported::Relation(new) => About::Channel(new.public_id),
                Reported::Membership(_) => About::Membership,
            };
            let known = newest(&mut transaction, account, &about).await?;
            let outcome = if known.is_some_and(|known| happened_at < known) {
                Taken::Outdated
            } else {
                changed(&mut transaction, account, &about, happened_at).await?;
                let is_new = match reported {
                    // The row has the time of the event: another one can have happened since.
                    Reported::Relation(new) => {
                        let since = happened_at.div_euclid(1000);
                        self.write_relation(&mut transaction, new, since).await?
                    }
                    Reported::Membership(registered) => {
                        let registered = Some(*registered);
                        messenger::write_membership(&mut transaction, account, registered, now)
                            .await?
                    }
                };
                if is_new { Taken::Applied } else { Taken::Unchanged }
            };
            transaction.commit().await?;
            Ok(outcome)
        })
        .await
    }
}

/// When the newest change happened that is known, in milliseconds.
async fn newest(
    transaction: &mut WriteTransaction,
    account: &str,
    about: &About<'_>,
) -> Result<Option<i64>, Error> {
    let name = about.name();
    let reported = query_scalar!(
        "SELECT happened_at FROM messenger_changes WHERE account = ? AND about = ?",
        account,
        name,
    )
    .fetch_optional(&mut **transaction)
    .await?;
    // What the user did on the screen.
    let decided = match about {
        About::Channel(public_id) => query_scalar!(
            "SELECT updated_at FROM channel_relations WHERE account = ? AND public_id = ?",
            account,
            public_id,
        )
        .fetch_optional(&mut **transaction)
        .await?
        .flatten(),
        About::Membership => None,
    };
    Ok(reported.max(decided.map(|seconds| seconds.saturating_mul(1000))))
}

/// Notes when a change happened.
pub(super) async fn changed(
    transaction: &mut WriteTransaction,
    account: &str,
    about: &About<'_>,
    happened_at: i64,
) -> Result<(), Error> {
    let name = about.name();
    query!(
        "INSERT INTO messenger_changes (account, about, happened_at) VALUES (?, ?, ?)
         ON CONFLICT (account, about) DO UPDATE SET happened_at = excluded.happened_at",
        account,
        name,
        happened_at,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::store::tests::open;

    /// An account that is erased between the search for it and the transaction.
    #[tokio::test]
    async fn nothing_is_written_for_an_account_that_is_gone() {
        let folder = TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let event = |is_stored| MessengerEvent {
            id: "msg_1",
            account: "gone",
            is_stored,
            reported: Reported::Membership(true),
            happened_at: 1_000,
            now: 1,
        };
        let taken = store.take_messenger_event(&event(true)).await.unwrap();
        assert_eq!(taken, Taken::NoAccount);
        for rows in
            ["SELECT count(*) FROM messenger_events", "SELECT count(*) FROM messenger_changes"]
        {
            assert_eq!(store.count(rows).await, 0, "{rows}");
        }
        // One of the file has no row.
        assert_eq!(store.take_messenger_event(&event(false)).await.unwrap(), Taken::Applied);
    }
}
