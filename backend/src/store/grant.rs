//! What an account has agreed to at a service, as it holds now.

use std::collections::BTreeMap;

use consent_contract::{item::ItemKey, request::Relation};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection, Transaction};

use super::{Error, ROWS_AT_ONCE, Store};
use crate::{
    clock::Seconds,
    config::{Account, How, Service},
    crypto,
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
    /// By public id; every other channel is `none`.
    pub channels: BTreeMap<String, Relation>,
}

/// What a decision changes in a grant. Terms and items that were not asked stay as they are.
#[derive(Debug, Clone, Default)]
pub struct NewGrant {
    /// Tags and versions.
    pub terms: Vec<(String, String)>,
    /// Ids and collected values.
    pub items: Vec<(String, Option<String>)>,
    /// Terms and items that were asked and refused: an earlier agreement to them ends.
    pub refused: Vec<ItemKey>,
    /// Public ids of channels that were added.
    pub channels: Vec<String>,
}

impl Store {
    /// What holds between an account and a service.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn grant(&self, account: &str, service: &str) -> Result<Grant, Error> {
        // One transaction: a decision that is being written shows whole or not at all.
        let mut reading = self.readers.begin().await?;
        let grant = read(&mut reading, account, service).await?;
        reading.commit().await?;
        Ok(grant)
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
        let mut transaction = self.begin().await?;
        let mut edited = Vec::new();
        for account in accounts {
            let digest = seed_digest(account);
            let seeded: Option<Option<Vec<u8>>> =
                sqlx::query_scalar("SELECT digest FROM seeded WHERE account = ?")
                    .bind(&account.id)
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
                    sqlx::query(
                        "INSERT INTO seeded (account, digest) VALUES (?, ?)
                         ON CONFLICT DO UPDATE SET digest = excluded.digest",
                    )
                    .bind(&account.id)
                    .bind(digest)
                    .execute(&mut *transaction)
                    .await?;
                }
            }
            if is_known {
                continue;
            }
            seed_channels(&mut transaction, account, |_| true).await?;
            seed_links(&mut transaction, account, |_| true).await?;
        }
        transaction.commit().await?;
        Ok(edited)
    }

    /// Puts what holds between an account and a service back to how it was configured, so that a
    /// way can be tried again. Receipts stay.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn start_over(&self, account: &Account, service: &Service) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        for sql in [
            "DELETE FROM links WHERE account = ? AND service = ?",
            "DELETE FROM agreements WHERE account = ? AND service = ?",
            "DELETE FROM codes WHERE account = ? AND service = ?",
            "DELETE FROM tokens WHERE account = ? AND service = ?",
        ] {
            sqlx::query(sql)
                .bind(&account.id)
                .bind(&service.client_id)
                .execute(&mut *transaction)
                .await?;
        }
        for channel in &service.channels {
            sqlx::query("DELETE FROM channel_relations WHERE account = ? AND public_id = ?")
                .bind(&account.id)
                .bind(&channel.public_id)
                .execute(&mut *transaction)
                .await?;
        }
        seed_channels(&mut transaction, account, |id| {
            service.channels.iter().any(|channel| channel.public_id == id)
        })
        .await?;
        seed_links(&mut transaction, account, |id| id == service.client_id).await?;
        transaction.commit().await
    }
}

/// Reads what holds between an account and a service, inside a transaction.
pub(super) async fn read(
    connection: &mut SqliteConnection,
    account: &str,
    service: &str,
) -> Result<Grant, Error> {
    let mut grant = Grant::default();
    let how: Option<String> =
        sqlx::query_scalar("SELECT how FROM links WHERE account = ? AND service = ?")
            .bind(account)
            .bind(service)
            .fetch_optional(&mut *connection)
            .await?;
    grant.link = how.map(|how| match &*how {
        "plain_login" => How::PlainLogin,
        _ => How::Combined,
    });
    let rows = sqlx::query(
        "SELECT key, version, value, agreed_at FROM agreements
         WHERE account = ? AND service = ?",
    )
    .bind(account)
    .bind(service)
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        let key: String = row.try_get("key")?;
        let at = row.try_get("agreed_at")?;
        match key.split_once(':') {
            Some(("term", tag)) => {
                let version: Option<String> = row.try_get("version")?;
                grant.terms.insert(tag.to_owned(), (version.unwrap_or_default(), at));
            }
            Some(("item", id)) => {
                grant.items.insert(id.to_owned(), (at, row.try_get("value")?));
            }
            _ => {}
        }
    }
    let rows = sqlx::query("SELECT public_id, relation FROM channel_relations WHERE account = ?")
        .bind(account)
        .fetch_all(&mut *connection)
        .await?;
    for row in rows {
        let relation = match row.try_get("relation")? {
            "added" => Relation::Added,
            "blocked" => Relation::Blocked,
            _ => Relation::None,
        };
        grant.channels.insert(row.try_get("public_id")?, relation);
    }
    Ok(grant)
}

/// Writes what a decision changes, inside the decision's transaction. Afterwards each term and item
/// that was asked holds what was answered, whatever held before.
pub(super) async fn change(
    transaction: &mut Transaction<'static, Sqlite>,
    account: &str,
    service: &str,
    new: &NewGrant,
    at: Seconds,
) -> Result<(), Error> {
    link(transaction, account, service, "combined_screen", at).await?;
    let terms = new.terms.iter().map(|(tag, version)| Agreed::to_term(tag, version));
    let items = new.items.iter().map(|(id, value)| Agreed::to_item(id, value.as_deref()));
    agree(transaction, account, service, &terms.chain(items).collect::<Vec<_>>(), at).await?;
    end(transaction, account, service, &new.refused).await?;
    for id in &new.channels {
        relate(transaction, account, id, "added").await?;
    }
    Ok(())
}

/// Of what an account is written to the database with.
fn seed_digest(account: &Account) -> Vec<u8> {
    let channels = account.channels.iter().map(|(id, relation)| (id, relation_name(*relation)));
    let links = account
        .links
        .iter()
        .map(|link| (&link.service, how_name(link.how), link.at, &link.terms, &link.items));
    let written = (channels.collect::<Vec<_>>(), links.collect::<Vec<_>>());
    crypto::fingerprint(&serde_json::to_string(&written).expect("strings and numbers become JSON"))
}

fn relation_name(relation: Relation) -> &'static str {
    match relation {
        Relation::None => "none",
        Relation::Added => "added",
        Relation::Blocked => "blocked",
    }
}

fn how_name(how: How) -> &'static str {
    match how {
        How::Combined => "combined_screen",
        How::PlainLogin => "plain_login",
    }
}

async fn seed_channels(
    transaction: &mut Transaction<'static, Sqlite>,
    account: &Account,
    wanted: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    for (id, relation) in account.channels.iter().filter(|(id, _)| wanted(id)) {
        relate(transaction, &account.id, id, relation_name(*relation)).await?;
    }
    Ok(())
}

async fn seed_links(
    transaction: &mut Transaction<'static, Sqlite>,
    account: &Account,
    wanted: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    for configured in account.links.iter().filter(|link| wanted(&link.service)) {
        let how = how_name(configured.how);
        let (account, service, at) = (&*account.id, &*configured.service, configured.at);
        link(transaction, account, service, how, at).await?;
        let terms = configured.terms.iter().map(|(tag, version)| Agreed::to_term(tag, version));
        let items = configured.items.iter().map(|id| Agreed::to_item(id, None));
        agree(transaction, account, service, &terms.chain(items).collect::<Vec<_>>(), at).await?;
    }
    Ok(())
}

async fn link(
    transaction: &mut Transaction<'static, Sqlite>,
    account: &str,
    service: &str,
    how: &str,
    at: Seconds,
) -> Result<(), Error> {
    // Whoever came by plain login and then saw the combined screen is linked since the login.
    sqlx::query(
        "INSERT INTO links (account, service, how, linked_at) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET how = excluded.how",
    )
    .bind(account)
    .bind(service)
    .bind(how)
    .bind(at)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// One thing that holds from now on.
struct Agreed<'a> {
    key: String,
    version: Option<&'a str>,
    value: Option<&'a str>,
}

impl<'a> Agreed<'a> {
    fn to_term(tag: &str, version: &'a str) -> Self {
        Self { key: format!("term:{tag}"), version: Some(version), value: None }
    }

    fn to_item(id: &str, value: Option<&'a str>) -> Self {
        Self { key: format!("item:{id}"), version: None, value }
    }
}

async fn agree(
    transaction: &mut Transaction<'static, Sqlite>,
    account: &str,
    service: &str,
    agreed: &[Agreed<'_>],
    at: Seconds,
) -> Result<(), Error> {
    for agreed in agreed.chunks(ROWS_AT_ONCE) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO agreements (account, service, key, version, value, agreed_at) ",
        );
        insert.push_values(agreed, |mut row, agreed| {
            row.push_bind(account).push_bind(service).push_bind(&agreed.key);
            row.push_bind(agreed.version).push_bind(agreed.value).push_bind(at);
        });
        insert.push(
            " ON CONFLICT DO UPDATE SET version = excluded.version,
                 agreed_at = excluded.agreed_at, value = excluded.value",
        );
        insert.build().execute(&mut **transaction).await?;
    }
    Ok(())
}

/// Ends agreements. What was typed for an item goes with the agreement to it.
async fn end(
    transaction: &mut Transaction<'static, Sqlite>,
    account: &str,
    service: &str,
    refused: &[ItemKey],
) -> Result<(), Error> {
    for refused in refused.chunks(ROWS_AT_ONCE) {
        let mut delete = QueryBuilder::<Sqlite>::new("DELETE FROM agreements WHERE account = ");
        delete.push_bind(account).push(" AND service = ").push_bind(service).push(" AND key IN (");
        let mut keys = delete.separated(", ");
        for key in refused {
            keys.push_bind(key.to_string());
        }
        delete.push(")");
        delete.build().execute(&mut **transaction).await?;
    }
    Ok(())
}

async fn relate(
    transaction: &mut Transaction<'static, Sqlite>,
    account: &str,
    public_id: &str,
    relation: &str,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO channel_relations (account, public_id, relation) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET relation = excluded.relation",
    )
    .bind(account)
    .bind(public_id)
    .bind(relation)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
