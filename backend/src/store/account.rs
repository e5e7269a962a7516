//! Accounts that are not in the services file.

use std::sync::Arc;

use sqlx::{Sqlite, Transaction};

use super::{Error, Store, session};
use crate::{
    account::Attributes,
    clock::Seconds,
    config::{Account, Catalog},
};

/// Who vouches for an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity<'a> {
    /// The issuer of an OpenID provider; empty for a reverse proxy.
    pub issuer: &'a str,
    /// Its `sub`, or what the header of the proxy names.
    pub subject: &'a str,
}

/// An account of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAccount {
    pub id: String,
    pub issuer: String,
    pub subject: String,
    pub attributes: Attributes,
    pub created_at: Seconds,
    pub updated_at: Seconds,
    /// When an operator disabled it.
    pub disabled_at: Option<Seconds>,
}

impl StoredAccount {
    /// The account as services and the screen know it.
    #[must_use]
    pub fn account(&self) -> Account {
        self.attributes.account(&self.id)
    }

    /// Whether this identity is the one that the account was made for.
    #[must_use]
    pub fn is_of(&self, identity: Identity<'_>) -> bool {
        self.issuer == identity.issuer && self.subject == identity.subject
    }
}

/// Why a person who has authenticated cannot use an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountFault {
    /// An operator has disabled it.
    Disabled,
    /// Its id belongs to another identity.
    Taken,
    /// It would be a new one, and has no id.
    Unnamed,
}

/// A row as it is stored.
struct Row {
    id: String,
    issuer: String,
    subject: String,
    attributes: String,
    created_at: Seconds,
    updated_at: Seconds,
    disabled_at: Option<Seconds>,
}

impl Row {
    fn read(self) -> Result<StoredAccount, Error> {
        let attributes = serde_json::from_str(&self.attributes);
        Ok(StoredAccount {
            attributes: attributes.map_err(|error| Error::Decode(Box::new(error)))?,
            id: self.id,
            issuer: self.issuer,
            subject: self.subject,
            created_at: self.created_at,
            updated_at: self.updated_at,
            disabled_at: self.disabled_at,
        })
    }
}

impl Store {
    /// The account of this id: of the configuration, else of the database. An account that an operator
    /// has disabled is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn usable_account(
        &self,
        catalog: &Catalog,
        id: &str,
    ) -> Result<Option<Arc<Account>>, Error> {
        if let Some(account) = catalog.accounts.get(id) {
            return Ok(Some(Arc::clone(account)));
        }
        let stored = self.account(id).await?.filter(|it| it.disabled_at.is_none());
        Ok(stored.map(|it| Arc::new(it.account())))
    }

    /// The account of this id in the database.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn account(&self, id: &str) -> Result<Option<StoredAccount>, Error> {
        let row = sqlx::query_as!(
            Row,
            r#"SELECT id AS "id!", issuer, subject, attributes, created_at, updated_at, disabled_at
             FROM accounts WHERE id = ?"#,
            id,
        )
        .fetch_optional(&self.readers)
        .await?;
        row.map(Row::read).transpose()
    }

    /// The account of someone who has authenticated: it is made the first time, and its values are
    /// replaced when they have changed. Who has an account keeps its id, whatever `id` is; a new one needs
    /// one.
    ///
    /// # Errors
    /// When the database cannot be written; inside, why the account cannot be used. Nothing was written,
    /// then.
    pub async fn keep_account(
        &self,
        id: Option<&str>,
        identity: Identity<'_>,
        attributes: &Attributes,
        now: Seconds,
    ) -> Result<Result<StoredAccount, AccountFault>, Error> {
        let mut transaction = self.begin().await?;
        let known = match (of_identity(&mut transaction, identity).await?, id) {
            (Some(known), _) => Some(known),
            (None, Some(id)) => of_id(&mut transaction, id).await?,
            (None, None) => None,
        };
        let kept = match (known, id) {
            (Some(known), _) if !known.is_of(identity) => return Ok(Err(AccountFault::Taken)),
            (Some(known), _) if known.disabled_at.is_some() => {
                return Ok(Err(AccountFault::Disabled));
            }
            (Some(known), _) if known.attributes == *attributes => return Ok(Ok(known)),
            (Some(known), _) => {
                StoredAccount { attributes: attributes.clone(), updated_at: now, ..known }
            }
            (None, None) => return Ok(Err(AccountFault::Unnamed)),
            (None, Some(id)) => StoredAccount {
                id: id.to_owned(),
                issuer: identity.issuer.to_owned(),
                subject: identity.subject.to_owned(),
                attributes: attributes.clone(),
                created_at: now,
                updated_at: now,
                disabled_at: None,
            },
        };
        let values = serde_json::to_string(attributes).map_err(|it| Error::Encode(Box::new(it)))?;
        sqlx::query!(
            "INSERT INTO accounts (id, issuer, subject, attributes, created_at, updated_at)
             VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET attributes = excluded.attributes,
                 updated_at = excluded.updated_at",
            kept.id,
            kept.issuer,
            kept.subject,
            values,
            kept.created_at,
            kept.updated_at,
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Ok(kept))
    }

    /// Disables an account, or lets it be used again. Its sessions end when it is disabled, with codes and
    /// tokens; tokens for offline access are refused until it is enabled. False when there is no such account.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_disabled(&self, id: &str, disabled: Option<Seconds>) -> Result<bool, Error> {
        let mut transaction = self.begin().await?;
        let changed =
            sqlx::query!("UPDATE accounts SET disabled_at = ? WHERE id = ?", disabled, id)
                .execute(&mut *transaction)
                .await?;
        if disabled.is_some() && changed.rows_affected() > 0 {
            session::end_all(&mut transaction, id).await?;
        }
        transaction.commit().await?;
        Ok(changed.rows_affected() > 0)
    }

    /// Gives an account to another identity. False when there is no such account.
    ///
    /// # Errors
    /// When the database cannot be written; inside, the id of the account that the identity has already.
    pub async fn bind_account(
        &self,
        id: &str,
        issuer: &str,
        subject: &str,
    ) -> Result<Result<bool, String>, Error> {
        let mut transaction = self.begin().await?;
        let other = of_identity(&mut transaction, Identity { issuer, subject }).await?;
        if let Some(other) = other.filter(|it| it.id != id) {
            return Ok(Err(other.id));
        }
        let changed = sqlx::query!(
            "UPDATE accounts SET issuer = ?, subject = ? WHERE id = ?",
            issuer,
            subject,
            id,
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Ok(changed.rows_affected() > 0))
    }
}

async fn of_id(
    transaction: &mut Transaction<'_, Sqlite>,
    id: &str,
) -> Result<Option<StoredAccount>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id!", issuer, subject, attributes, created_at, updated_at, disabled_at
         FROM accounts WHERE id = ?"#,
        id,
    )
    .fetch_optional(&mut **transaction)
    .await?;
    row.map(Row::read).transpose()
}

async fn of_identity(
    transaction: &mut Transaction<'_, Sqlite>,
    identity: Identity<'_>,
) -> Result<Option<StoredAccount>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id!", issuer, subject, attributes, created_at, updated_at, disabled_at
         FROM accounts WHERE issuer = ? AND subject = ?"#,
        identity.issuer,
        identity.subject,
    )
    .fetch_optional(&mut **transaction)
    .await?;
    row.map(Row::read).transpose()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::store::tests::open;

    const PROXY: Identity<'static> = Identity { issuer: "", subject: "hana" };
    const PROXY_OF_DURI: Identity<'static> = Identity { issuer: "", subject: "duri" };
    const PROVIDER: Identity<'static> =
        Identity { issuer: "https://login.example", subject: "0001" };

    fn with_email(email: &str) -> Attributes {
        Attributes { email: Some(email.to_owned()), ..Attributes::default() }
    }

    #[tokio::test]
    async fn an_account_is_made_once_and_updated() {
        let folder = TempDir::new().unwrap();
        let store = open(folder.path()).await;
        assert_eq!(store.account("hana").await.unwrap(), None);
        let first = with_email("hana@example.com");
        let made = store.keep_account(Some("hana"), PROVIDER, &first, 5).await.unwrap().unwrap();
        assert_eq!((made.created_at, made.updated_at), (5, 5));
        let same = store.keep_account(Some("hana"), PROVIDER, &first, 6).await.unwrap().unwrap();
        assert_eq!(same, made, "what is the same is not written");
        // The provider knows the person under another name now.
        let second = with_email("hana@example.org");
        let kept = store.keep_account(Some("hana2"), PROVIDER, &second, 7).await.unwrap().unwrap();
        assert_eq!((&*kept.id, kept.created_at, kept.updated_at), ("hana", 5, 7));
        assert_eq!(store.account("hana").await.unwrap(), Some(kept));
        assert_eq!(store.account("hana2").await.unwrap(), None);
    }

    #[tokio::test]
    async fn an_id_belongs_to_the_identity_that_it_was_made_for() {
        let folder = TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let (one, other) = (with_email("one@example.com"), with_email("other@example.com"));
        store.keep_account(Some("hana"), PROVIDER, &one, 5).await.unwrap().unwrap();
        for identity in [
            PROXY,
            Identity { subject: "0002", ..PROVIDER },
            Identity { issuer: "https://login.example/", ..PROVIDER },
        ] {
            let taken = store.keep_account(Some("hana"), identity, &other, 6).await.unwrap();
            assert_eq!(taken, Err(AccountFault::Taken), "{identity:?}");
        }
        let kept = store.account("hana").await.unwrap().unwrap();
        assert_eq!(kept.attributes, one);
    }

    #[tokio::test]
    async fn an_account_can_be_given_to_another_identity() {
        let folder = TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let values = Attributes::default();
        store.keep_account(Some("hana"), PROXY, &values, 5).await.unwrap().unwrap();
        let (issuer, subject) = (PROVIDER.issuer, PROVIDER.subject);
        assert_eq!(store.bind_account("hana", issuer, subject).await.unwrap(), Ok(true));
        let kept = store.keep_account(Some("other"), PROVIDER, &values, 6).await.unwrap().unwrap();
        assert_eq!(kept.id, "hana");
        assert_eq!(store.bind_account("duri", issuer, "0002").await.unwrap(), Ok(false));
        store.keep_account(Some("duri"), PROXY_OF_DURI, &values, 7).await.unwrap().unwrap();
        let taken = store.bind_account("duri", issuer, subject).await.unwrap();
        assert_eq!(taken, Err("hana".to_owned()));
    }

    #[tokio::test]
    async fn a_disabled_account_stays_as_it_is_until_it_is_enabled() {
        let folder = TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let (one, other) = (with_email("one@example.com"), with_email("other@example.com"));
        store.keep_account(Some("hana"), PROXY, &one, 5).await.unwrap().unwrap();
        assert!(store.set_disabled("hana", Some(6)).await.unwrap());
        let refused = store.keep_account(Some("hana"), PROXY, &other, 7).await.unwrap();
        assert_eq!(refused, Err(AccountFault::Disabled));
        assert_eq!(store.account("hana").await.unwrap().unwrap().attributes, one);
        assert!(store.set_disabled("hana", None).await.unwrap());
        store.keep_account(Some("hana"), PROXY, &other, 8).await.unwrap().unwrap();
        assert!(!store.set_disabled("duri", Some(9)).await.unwrap());
    }
}
