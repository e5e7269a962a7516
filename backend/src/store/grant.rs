//! What an account has agreed to at a service, as it holds now.

use std::collections::{BTreeMap, BTreeSet};

use consent_contract::{item::ItemKey, request::Relation};

use super::{
    Error, EventRules, ROWS_AT_ONCE, Store, WriteTransaction,
    engine::{Bind, QueryBuilder, query, query_scalar},
    grant_read, guardian_consent,
    name::Named,
    retried, revocation,
};
use crate::{
    clock::Seconds,
    config::{Account, How, Service},
    consent::GuardianConsent,
    crypto,
    oauth::scope,
};

/// What an account has agreed to at a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grant {
    /// How the account came to the service; none when it never did.
    pub link: Option<How>,
    /// Version and time, by tag.
    pub terms: BTreeMap<String, (String, Seconds)>,
    /// Time and collected value, by id.
    pub items: BTreeMap<String, (Seconds, Option<String>)>,
    /// Digests of the statements that the items were agreed to with, by id, see
    /// [`crate::consent::statements`]. None for agreements from before they were kept, and for
    /// configured ones.
    pub statements: BTreeMap<String, String>,
    /// Ids of the items that the account has decided on at some time, agreed to or not.
    pub asked_before: BTreeSet<String>,
    /// By public id; every other channel is `none`.
    pub channels: BTreeMap<String, Relation>,
    /// When the account was last refused because of a typed birthday.
    pub refused_for_age: Option<Seconds>,
    /// None where no guardian was ever needed.
    pub guardian: Option<GuardianConsent>,
}

impl Grant {
    /// What a token gives of it: items outside of the token's scope were not granted with it.
    #[must_use]
    pub fn limited_to(&self, scope: &str) -> Self {
        let mut limited = self.clone();
        limited.items.retain(|id, _| scope::holds(scope, id));
        limited
    }
}

/// What a decision changes in a grant. Terms and items that were not asked stay as they are.
#[derive(Debug, Clone, Default)]
pub struct NewGrant {
    /// Tags and versions.
    pub terms: Vec<(String, String)>,
    /// Ids and collected values.
    pub items: Vec<(String, Option<String>)>,
    /// Digests of the statements that the items were agreed to with, by id.
    pub statements: BTreeMap<String, String>,
    /// Terms and items that were asked and refused: an earlier agreement to them ends.
    pub refused: Vec<ItemKey>,
    /// Public ids of channels that were added.
    pub channels: Vec<String>,
    /// Whether the service has to complete the sign-up of an account that was not linked before.
    pub awaits_sign_up: bool,
}

impl Store {
    /// What holds between an account and a service.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn grant(&self, account: &str, service: &str) -> Result<Grant, Error> {
        grant_read::read(&self.readers, account, service, self.event_rules.now()).await
    }

    /// Writes the links and channels that accounts were configured with, once for each account.
    /// Returns the ids of accounts whose links or channels differ from those that were written.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn seed(
        &self,
        accounts: impl Iterator<Item = &Account>,
    ) -> Result<Vec<String>, Error> {
        let accounts: Vec<&Account> = accounts.collect();
        retried(|| async {
            let mut transaction = self.begin().await?;
            let mut edited = Vec::new();
            for &account in &accounts {
                let digest = seed_digest(account);
                let seeded =
                    query_scalar!("SELECT digest FROM seeded WHERE account = ?", account.id)
                        .fetch_optional(&mut *transaction)
                        .await?;
                let is_known = seeded.is_some();
                match seeded.flatten() {
                    Some(before) if before == digest => continue,
                    Some(_) => {
                        edited.push(account.id.clone());
                        continue;
                    }
                    // Accounts of before do not say what they were written with.
                    None => {
                        query!(
                            "INSERT INTO seeded (account, digest) VALUES (?, ?)
                         ON CONFLICT (account) DO UPDATE SET digest = excluded.digest",
                            account.id,
                            digest,
                        )
                        .execute(&mut *transaction)
                        .await?;
                    }
                }
                if is_known {
                    continue;
                }
                seed_channels(&mut transaction, account, |_| true).await?;
                seed_links(&mut transaction, &self.event_rules, account, |_| true).await?;
            }
            transaction.commit().await?;
            Ok(edited)
        })
        .await
    }

    /// Puts what holds between an account and a service back to how it was configured, so that a
    /// way can be tried again. Receipts stay.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn start_over(&self, account: &Account, service: &Service) -> Result<(), Error> {
        retried(|| async {
            let mut transaction = self.begin_for(&account.id).await?;
            let (id, client_id) = (&account.id, &service.client_id);
            query!("DELETE FROM links WHERE account = ? AND service = ?", id, client_id)
                .execute(&mut *transaction)
                .await?;
            query!("DELETE FROM agreements WHERE account = ? AND service = ?", id, client_id)
                .execute(&mut *transaction)
                .await?;
            revocation::delete_all(&mut transaction, id, client_id).await?;
            guardian_consent::forget(&mut transaction, id, client_id).await?;
            query!("DELETE FROM asked_items WHERE account = ? AND service = ?", id, client_id)
                .execute(&mut *transaction)
                .await?;
            query!("DELETE FROM kakao_sign_ups WHERE account = ? AND service = ?", id, client_id)
                .execute(&mut *transaction)
                .await?;
            query!("DELETE FROM kakao_properties WHERE account = ? AND service = ?", id, client_id,)
            .execute(&mut *transaction)
            .await?;
            for channel in &service.channels {
                query!(
                    "DELETE FROM channel_relations WHERE account = ? AND public_id = ?",
                    id,
                    channel.public_id,
                )
                .execute(&mut *transaction)
                .await?;
            }
            seed_channels(&mut transaction, account, |id| {
                service.channels.iter().any(|channel| channel.public_id == id)
            })
            .await?;
            let is_wanted = |id: &str| id == service.client_id;
            seed_links(&mut transaction, &self.event_rules, account, is_wanted).await?;
            transaction.commit().await
        })
        .await
    }
}

/// Writes what a decision changes, inside the decision's transaction. Afterwards each term and item
/// that was asked holds what was answered, whatever held before.
pub(super) async fn change(
    transaction: &mut WriteTransaction,
    rules: &EventRules,
    account: &str,
    service: &str,
    new: &NewGrant,
    at: Seconds,
) -> Result<(), Error> {
    if new.awaits_sign_up {
        query!(
            "INSERT INTO kakao_sign_ups (service, account, linked_at)
             SELECT CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS BIGINT)
             WHERE NOT EXISTS (SELECT 1 FROM links WHERE account = ?2 AND service = ?1)
             ON CONFLICT DO NOTHING",
            service,
            account,
            at,
        )
        .execute(&mut **transaction)
        .await?;
    }
    link(transaction, account, service, How::Combined, at).await?;
    let terms = new.terms.iter().map(|(tag, version)| Agreed::to_term(tag, version));
    let items = new.items.iter().map(|(id, value)| {
        let statements = new.statements.get(id).map(String::as_str);
        Agreed::to_item(id, value.as_deref(), statements)
    });
    let agreed = terms.chain(items).collect::<Vec<_>>();
    agree(transaction, rules, account, service, &agreed, at).await?;
    end(transaction, account, service, &new.refused).await?;
    remember_asked(transaction, account, service, new).await?;
    for id in &new.channels {
        relate(transaction, account, id, Relation::Added, Some(at)).await?;
    }
    Ok(())
}

/// Remembers the items that the user has decided on.
async fn remember_asked(
    transaction: &mut WriteTransaction,
    account: &str,
    service: &str,
    new: &NewGrant,
) -> Result<(), Error> {
    let agreed = new.items.iter().map(|(id, _)| ItemKey::Item(id.clone()));
    let refused = new.refused.iter().filter(|key| matches!(key, ItemKey::Item(_))).cloned();
    let keys: Vec<String> = agreed.chain(refused).map(|key| key.to_string()).collect();
    for keys in keys.chunks(ROWS_AT_ONCE) {
        let mut insert = QueryBuilder::new("INSERT INTO asked_items (account, service, key)");
        insert.rows(keys.iter().map(|key| [account.value(), service.value(), key.value()]));
        insert.push(" ON CONFLICT DO NOTHING");
        insert.execute(&mut **transaction).await?;
    }
    Ok(())
}

/// Of what an account is written to the database with.
fn seed_digest(account: &Account) -> Vec<u8> {
    let channels = account.channels.iter();
    let links = account
        .links
        .iter()
        .map(|link| (&link.service, link.how, link.at, &link.terms, &link.items));
    let written = (channels.collect::<Vec<_>>(), links.collect::<Vec<_>>());
    crypto::fingerprint(&serde_json::to_string(&written).expect("strings and numbers become JSON"))
}

/// Of an account that is configured with neither channels nor links.
pub(super) fn digest_of_nothing() -> Vec<u8> {
    crypto::fingerprint("[[],[]]")
}

async fn seed_channels(
    transaction: &mut WriteTransaction,
    account: &Account,
    wanted: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    for (id, relation) in account.channels.iter().filter(|(id, _)| wanted(id)) {
        relate(transaction, &account.id, id, *relation, None).await?;
    }
    Ok(())
}

async fn seed_links(
    transaction: &mut WriteTransaction,
    rules: &EventRules,
    account: &Account,
    wanted: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    for configured in account.links.iter().filter(|link| wanted(&link.service)) {
        let (account, service, at) = (&*account.id, &*configured.service, configured.at);
        link(transaction, account, service, configured.how, at).await?;
        let terms = configured.terms.iter().map(|(tag, version)| Agreed::to_term(tag, version));
        let items = configured.items.iter().map(|id| Agreed::to_item(id, None, None));
        let agreed = terms.chain(items).collect::<Vec<_>>();
        agree(transaction, rules, account, service, &agreed, at).await?;
    }
    Ok(())
}

async fn link(
    transaction: &mut WriteTransaction,
    account: &str,
    service: &str,
    how: How,
    at: Seconds,
) -> Result<(), Error> {
    let how = Named(how);
    // An account that came by plain login and then saw the combined screen keeps its link date.
    query!(
        "INSERT INTO links (account, service, how, linked_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (account, service) DO UPDATE SET how = excluded.how",
        account,
        service,
        how,
        at,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// One thing that holds from now on.
struct Agreed<'a> {
    key: String,
    version: Option<&'a str>,
    value: Option<&'a str>,
    statements: Option<&'a str>,
}

impl<'a> Agreed<'a> {
    fn to_term(tag: &str, version: &'a str) -> Self {
        let key = format!("term:{tag}");
        Self { key, version: Some(version), value: None, statements: None }
    }

    fn to_item(id: &str, value: Option<&'a str>, statements: Option<&'a str>) -> Self {
        Self { key: format!("item:{id}"), version: None, value, statements }
    }
}

async fn agree(
    transaction: &mut WriteTransaction,
    rules: &EventRules,
    account: &str,
    service: &str,
    agreed: &[Agreed<'_>],
    at: Seconds,
) -> Result<(), Error> {
    for agreed in agreed.chunks(ROWS_AT_ONCE) {
        let end = |it: &Agreed<'_>| rules.expires_at(service, &it.key, it.version, at);
        let ends: Vec<_> = agreed.iter().map(end).collect();
        let mut insert = QueryBuilder::new(
            "INSERT INTO agreements
                 (account, service, key, version, value, statements, agreed_at, expires_at)",
        );
        insert.rows(agreed.iter().zip(&ends).map(|(agreed, expires_at)| {
            [
                account.value(),
                service.value(),
                agreed.key.value(),
                agreed.version.value(),
                agreed.value.value(),
                agreed.statements.value(),
                at.value(),
                expires_at.value(),
            ]
        }));
        insert.push(
            " ON CONFLICT (account, service, key) DO UPDATE SET version = excluded.version,
                 agreed_at = excluded.agreed_at, value = excluded.value,
                 statements = excluded.statements, agreed_by = excluded.agreed_by,
                 expires_at = excluded.expires_at",
        );
        insert.execute(&mut **transaction).await?;
    }
    Ok(())
}

/// Ends agreements. What was typed for an item goes with the agreement to it.
async fn end(
    transaction: &mut WriteTransaction,
    account: &str,
    service: &str,
    refused: &[ItemKey],
) -> Result<(), Error> {
    for refused in refused.chunks(ROWS_AT_ONCE) {
        let keys: Vec<_> = refused.iter().map(ToString::to_string).collect();
        let mut delete = QueryBuilder::new("DELETE FROM agreements WHERE account = ");
        delete.bind(account).push(" AND service = ").bind(service).push(" AND key IN ");
        delete.list(keys.iter().map(Bind::value));
        delete.execute(&mut **transaction).await?;
    }
    Ok(())
}

pub(super) async fn relate(
    transaction: &mut WriteTransaction,
    account: &str,
    public_id: &str,
    relation: Relation,
    at: Option<Seconds>,
) -> Result<(), Error> {
    let relation = Named(relation);
    query!(
        "INSERT INTO channel_relations (account, public_id, relation, updated_at)
         VALUES (?, ?, ?, ?)
         ON CONFLICT (account, public_id) DO UPDATE SET relation = excluded.relation, updated_at = excluded.updated_at",
        account,
        public_id,
        relation,
        at,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
