//! Writes events into the outbox, in the transaction of the change that they are about: a change that
//! is rolled back is never heard of.

use consent_contract::{item::ItemKey, request::Relation};

use super::{
    CausedBy, Error, EventRules, Grant, GrantChange, NewDecision, NewGrant, Store,
    WriteTransaction, engine::query, name::Named, notice, user_id,
};
use crate::{
    clock::Seconds,
    config::Attribute,
    crypto,
    webhooks::{Event, EventItem, Form, NoticeOutcome},
};

/// An account at a service, and when something happened there.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    pub account: &'a str,
    pub service: &'a str,
    pub at: Seconds,
}

impl<'a> From<GrantChange<'a>> for About<'a> {
    fn from(change: GrantChange<'a>) -> Self {
        Self { account: change.account, service: change.service, at: change.at }
    }
}

/// How a grant was changed without a decision on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Withdrawn,
    Expired,
    Unlinked,
}

impl Store {
    /// Writes the event that an account was erased (RISC `account-purged`; Kakao's unlink webhook with
    /// `ACCOUNT_DELETE` or `FORCED_ACCOUNT_DELETE`), and forgets which notices the user was to get.
    /// To be called in the transaction of the erasure, once for each service that the account is linked
    /// to, before its link and its user id are deleted. It needs no [`Store::unlink`] beside it: that
    /// would be a second event.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(super) async fn publish_erased(
        &self,
        transaction: &mut WriteTransaction,
        change: GrantChange<'_>,
    ) -> Result<(), Error> {
        notice::forget(transaction, change.account, change.service).await?;
        let event = Event::AccountPurged { caused_by: change.caused_by };
        publish(transaction, &self.event_rules, change.into(), &event).await
    }
}

/// Writes the events of an agreement on the screen.
pub(super) async fn agreed(
    transaction: &mut WriteTransaction,
    rules: &EventRules,
    new: &NewDecision<'_>,
    before: &Grant,
    change: &NewGrant,
) -> Result<(), Error> {
    let about =
        About { account: &new.challenge.account, service: &new.challenge.service, at: new.at };
    let receipt_id = || new.receipt_id.to_owned();
    let asked = new.items.iter().filter(|item| !matches!(item.key, ItemKey::Channel(_)));
    let (yes, no): (Vec<_>, Vec<_>) = asked.partition(|item| item.agreed);
    let given = yes.into_iter().map(|item| {
        let key = item.key.to_string();
        let version = match item.key {
            ItemKey::Term(_) => item.version.clone(),
            ItemKey::Item(_) | ItemKey::Channel(_) => None,
        };
        let expires_at = rules.expires_at(about.service, &key, version.as_deref(), about.at);
        EventItem { key, version, digest: item.digest.clone(), expires_at }
    });
    let event = Event::ConsentGiven {
        receipt_id: receipt_id(),
        purpose: new.purpose,
        agreed: given.collect(),
        refused: no.into_iter().map(|item| item.key.to_string()).collect(),
    };
    publish(transaction, rules, about, &event).await?;

    let withdrawn: Vec<_> = change.refused.iter().filter_map(|key| held(before, key)).collect();
    if !withdrawn.is_empty() {
        let (caused_by, items) = (CausedBy::User, withdrawn.clone());
        let event = Event::ConsentWithdrawn { receipt_id: receipt_id(), caused_by, items };
        publish(transaction, rules, about, &event).await?;
    }

    let knows_channels = change.items.iter().any(|(id, _)| id == Attribute::ChannelRelations.id())
        || before.items.contains_key(Attribute::ChannelRelations.id())
            && !withdrawn.iter().any(|it| it.key == channel_relations());
    for public_id in &change.channels {
        if before.channels.get(public_id) == Some(&Relation::Added) {
            continue;
        }
        let open_id = match knows_channels {
            true => None,
            false => rules.open_id(about.service, about.account),
        };
        let event = Event::ChannelAdded {
            receipt_id: Some(receipt_id()),
            public_id: public_id.clone(),
            open_id,
        };
        publish(transaction, rules, about, &event).await?;
    }

    let keys: Vec<_> = new.items.iter().map(|item| (item.key.to_string(), item.agreed)).collect();
    let decisions: Vec<_> = keys
        .iter()
        .filter_map(|(key, agreed)| match agreed {
            true => Some((&**key, NoticeOutcome::Agreed)),
            false => {
                let is_withdrawn = withdrawn.iter().any(|it| it.key == *key);
                is_withdrawn.then_some((&**key, NoticeOutcome::Withdrawn))
            }
        })
        .collect();
    notice::decided(transaction, rules, about, new.receipt_id, &decisions).await
}

/// Writes the event of a channel that the user added in the messenger.
pub(super) async fn channel_added(
    transaction: &mut WriteTransaction,
    rules: &EventRules,
    about: About<'_>,
    grant: &Grant,
    public_id: &str,
) -> Result<(), Error> {
    let open_id = match grant.items.contains_key(Attribute::ChannelRelations.id()) {
        true => None,
        false => rules.open_id(about.service, about.account),
    };
    let public_id = public_id.to_owned();
    let event = Event::ChannelAdded { receipt_id: None, public_id, open_id };
    publish(transaction, rules, about, &event).await
}

fn channel_relations() -> String {
    ItemKey::Item(Attribute::ChannelRelations.id().to_owned()).to_string()
}

/// The agreement to a key, if it held.
fn held(before: &Grant, key: &ItemKey) -> Option<EventItem> {
    let version = match key {
        ItemKey::Term(tag) => Some(before.terms.get(tag)?.0.clone()),
        ItemKey::Item(id) => before.items.get(id).map(|_| None)?,
        ItemKey::Channel(_) => return None,
    };
    Some(EventItem { key: key.to_string(), version, digest: None, expires_at: None })
}

/// Writes the event of agreements that ended without a decision on the screen. Takes their keys and
/// versions.
pub(super) async fn ended(
    transaction: &mut WriteTransaction,
    rules: &EventRules,
    change: GrantChange<'_>,
    ended: Ended,
    receipt_id: &str,
    items: &[(String, Option<String>)],
) -> Result<(), Error> {
    let about = About::from(change);
    let keys: Vec<&str> = items.iter().map(|(key, _)| &**key).collect();
    let receipt = receipt_id.to_owned();
    let caused_by = change.caused_by;
    let items = items.iter().map(|(key, version)| EventItem {
        key: key.clone(),
        version: version.clone(),
        digest: None,
        expires_at: None,
    });
    let items = items.collect();
    let event = match ended {
        Ended::Withdrawn => Event::ConsentWithdrawn { receipt_id: receipt, caused_by, items },
        Ended::Expired => Event::ConsentExpired { receipt_id: receipt, items },
        Ended::Unlinked => Event::AccountUnlinked { receipt_id: receipt, caused_by, items },
    };
    publish(transaction, rules, about, &event).await?;
    let is_a_withdrawal = ended != Ended::Expired
        && matches!(caused_by, CausedBy::User | CausedBy::UserToken | CausedBy::AdminKey);
    if !is_a_withdrawal {
        return notice::cancel(transaction, about, &keys).await;
    }
    let withdrawn: Vec<_> = keys.into_iter().map(|key| (key, NoticeOutcome::Withdrawn)).collect();
    notice::decided(transaction, rules, about, receipt_id, &withdrawn).await
}

/// Writes an event in every form for which the service has a target.
pub(super) async fn publish(
    transaction: &mut WriteTransaction,
    rules: &EventRules,
    about: About<'_>,
    event: &Event,
) -> Result<(), Error> {
    let Some(service_rules) = rules.service(about.service) else { return Ok(()) };
    // A channel webhook has another id for the user then; an event would link the channel to the account.
    let is_secret = service_rules.channels_need_agreement
        && matches!(event, Event::ChannelAdded { open_id: Some(_), .. });
    let forms = service_rules
        .forms
        .iter()
        .filter(|form| event.has(**form) && !(is_secret && **form == Form::SecurityEvent));
    for form in forms {
        let subject = match form {
            Form::SecurityEvent if !service_rules.is_kakao => {
                rules.subject(about.service, about.account)
            }
            Form::SecurityEvent | Form::KakaoUnlink | Form::KakaoChannel => {
                let id = user_id::kakao_user_id(transaction, about.account, about.service).await?;
                Some(id.to_string())
            }
        };
        let (jti, form) = (crypto::random_token(), Named(*form));
        let event = serde_json::to_string(event).expect("strings and numbers become JSON");
        query!(
            "INSERT INTO outbox (jti, service, form, subject, event, created_at, next_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
            jti,
            about.service,
            form,
            subject,
            event,
            about.at,
        )
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Clock,
        store::{event_rules::tests::rules, tests::open},
        webhooks::Event,
    };

    #[tokio::test]
    async fn an_erased_account_is_reported_and_its_notices_go() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await.with_event_rules(rules(&Clock::default()));
        store
            .on_the_writer(
                "INSERT INTO notices VALUES
                     ('r-1', 'term:news', 0, 'hana', 'shop', 'agreed', 1, 1, 2, NULL),
                     ('r-2', 'term:news', 0, 'duri', 'shop', 'agreed', 1, 1, 2, NULL)",
            )
            .await
            .unwrap();
        let (account, service) = ("hana", "shop");
        for (caused_by, is_committed) in
            [(CausedBy::Operator, false), (CausedBy::Operator, true), (CausedBy::User, true)]
        {
            let mut transaction = store.begin().await.unwrap();
            let change = GrantChange { account, service, caused_by, at: 9 };
            store.publish_erased(&mut transaction, change).await.unwrap();
            if is_committed {
                transaction.commit().await.unwrap();
            }
        }
        let entries = store.undelivered_events(10).await.unwrap();
        let forms: Vec<_> = entries.iter().map(|it| it.form).collect();
        let (token, unlink) = (Form::SecurityEvent, Form::KakaoUnlink);
        assert_eq!(forms, [token, unlink, token, unlink]);
        let event: Event = serde_json::from_str(&entries[3].event).unwrap();
        assert_eq!(event, Event::AccountPurged { caused_by: CausedBy::User });
        assert_eq!(store.count("SELECT count(*) FROM notices WHERE account = 'hana'").await, 0);
        assert_eq!(store.count("SELECT count(*) FROM notices").await, 1);
    }
}
