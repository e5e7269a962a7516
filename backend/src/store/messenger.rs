//! What a messenger knows of accounts: relations to channels, and who is on it.

use std::sync::Arc;

use consent_contract::request::Relation;

use super::{
    Error, Store,
    engine::{lookup, query},
    event, grant, grant_read,
    messenger_event::{self, About},
    retried,
    write_transaction::WriteTransaction,
};
use crate::{clock::Seconds, config::Account};

/// How an account is to stand to a channel.
pub struct NewRelation<'a> {
    pub account: &'a str,
    pub public_id: &'a str,
    pub relation: Relation,
    /// The services that have the channel: their client ids.
    pub services: &'a [&'a str],
    pub at: Seconds,
}

impl Store {
    /// Sets how an account stands to a channel. When it was added, the services of the channel that the
    /// account is linked to hear of it, in the same transaction. False when it was so before.
    ///
    /// # Errors
    /// When the database cannot be written. Nothing is changed then.
    pub async fn set_relation(&self, new: &NewRelation<'_>) -> Result<bool, Error> {
        retried(|| async {
            let mut transaction = self.begin_for(new.account).await?;
            // An event that happened before and comes later does not undo it.
            let about = About::Channel(new.public_id);
            messenger_event::changed(&mut transaction, new.account, &about, new.at * 1000).await?;
            let is_new = self.write_relation(&mut transaction, new, new.at).await?;
            transaction.commit().await?;
            Ok(is_new)
        })
        .await
    }

    /// The same within a transaction. `since` is when it happened. False when it was so before.
    pub(super) async fn write_relation(
        &self,
        transaction: &mut WriteTransaction,
        new: &NewRelation<'_>,
        since: Seconds,
    ) -> Result<bool, Error> {
        let NewRelation { account, public_id, relation, services, at } = *new;
        let mut grants = Vec::new();
        for service in services {
            let grant = grant_read::read(&mut **transaction, account, service, at).await?;
            grants.push((*service, grant));
        }
        let before = grants.first().and_then(|(_, grant)| grant.channels.get(public_id).copied());
        if before.unwrap_or(Relation::None) == relation {
            return Ok(false);
        }
        grant::relate(transaction, account, public_id, relation, Some(since)).await?;
        if relation == Relation::Added {
            for (service, grant) in grants.iter().filter(|(_, grant)| grant.link.is_some()) {
                let about = event::About { account, service, at };
                let rules = &self.event_rules;
                event::channel_added(transaction, rules, about, grant, public_id).await?;
            }
        }
        Ok(true)
    }

    /// Sets whether an account is on the messenger; none for what its source has. False when it was so
    /// before.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_messenger_membership(
        &self,
        account: &str,
        registered: Option<bool>,
        at: Seconds,
    ) -> Result<bool, Error> {
        retried(|| async {
            let mut transaction = self.begin_for(account).await?;
            // An event that happened before and comes later does not undo it.
            let about = About::Membership;
            messenger_event::changed(&mut transaction, account, &about, at * 1000).await?;
            let is_new = write_membership(&mut transaction, account, registered, at).await?;
            transaction.commit().await?;
            Ok(is_new)
        })
        .await
    }

    /// The account with the membership that was set for it.
    pub(super) async fn with_membership(
        &self,
        account: Arc<Account>,
    ) -> Result<Arc<Account>, Error> {
        let set = lookup!(
            struct { registered: bool },
            r#"SELECT registered AS "registered!: bool" FROM messenger_members WHERE account = ?"#,
            account.id,
        )
        .fetch_optional(&self.readers)
        .await?;
        Ok(with_set_membership(account, set.map(|it| it.registered)))
    }
}

/// Writes a membership. False when it was so before.
pub(super) async fn write_membership(
    transaction: &mut WriteTransaction,
    account: &str,
    registered: Option<bool>,
    at: Seconds,
) -> Result<bool, Error> {
    let changed = match registered {
        Some(registered) => {
            query!(
                "INSERT INTO messenger_members (account, registered, updated_at)
             VALUES (?, ?, ?)
             ON CONFLICT (account) DO UPDATE SET registered = excluded.registered,
                 updated_at = excluded.updated_at
             WHERE messenger_members.registered <> excluded.registered",
                account,
                registered,
                at,
            )
            .execute(&mut **transaction)
            .await?
        }
        None => {
            query!("DELETE FROM messenger_members WHERE account = ?", account)
                .execute(&mut **transaction)
                .await?
        }
    };
    Ok(changed.rows_affected() > 0)
}

/// The account with the membership that was set for it, if one was.
pub(super) fn with_set_membership(account: Arc<Account>, set: Option<bool>) -> Arc<Account> {
    match set {
        Some(registered) if registered != account.messenger_registered => {
            Arc::new(Account { messenger_registered: registered, ..Account::clone(&account) })
        }
        _ => account,
    }
}
