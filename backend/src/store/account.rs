//! Accounts that are not in the services file.

use std::sync::Arc;

use super::{
    Error, Store, WriteTransaction,
    engine::{Executor, lookup, query, query_scalar, record},
    erased_id, key,
    messenger::with_set_membership,
    retried, revocation,
    session::{self, KnownBrowser},
};
use crate::{
    account::Attributes,
    clock::Seconds,
    config::{Account, Catalog},
    crypto::DerivationKey,
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

record! {
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
        match self.account_as_stored(catalog, id).await? {
            Some(account) => self.with_membership(account).await.map(Some),
            None => Ok(None),
        }
    }

    /// The same for the account of a session, whose membership was read with it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn account_of_session(
        &self,
        catalog: &Catalog,
        known: &KnownBrowser,
    ) -> Result<Option<Arc<Account>>, Error> {
        let account = self.account_as_stored(catalog, &known.session.account).await?;
        Ok(account.map(|account| with_set_membership(account, known.set_membership)))
    }

    async fn account_as_stored(
        &self,
        catalog: &Catalog,
        id: &str,
    ) -> Result<Option<Arc<Account>>, Error> {
        if let Some(account) = catalog.accounts.get(id) {
            return Ok(Some(Arc::clone(account)));
        }
        let stored = self.account(id).await?.filter(|it| it.disabled_at.is_none());
        Ok(stored.map(|stored| Arc::new(stored.account())))
    }

    /// The account of this id in the database.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn account(&self, id: &str) -> Result<Option<StoredAccount>, Error> {
        of_id(&self.readers, id).await
    }

    /// The account of this identity in the database.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn account_of(&self, identity: Identity<'_>) -> Result<Option<StoredAccount>, Error> {
        of_identity(&self.readers, identity).await
    }

    /// The account of a user who has authenticated: it is made the first time, and its values are
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
        // Mostly nothing has changed.
        if let Some(known) = self.account_of(identity).await?
            && known.disabled_at.is_none()
            && known.attributes == *attributes
        {
            return Ok(Ok(known));
        }
        retried(|| async {
            let mut transaction = self.begin().await?;
            let known = match (of_identity(&mut *transaction, identity).await?, id) {
                (Some(known), _) => Some(known),
                (None, Some(id)) => of_id(&mut *transaction, id).await?,
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
                (None, Some(id)) if is_of_another(&mut transaction, id, identity).await? => {
                    return Ok(Err(AccountFault::Taken));
                }
                (None, Some(id)) => new(id, identity, attributes.clone(), now),
            };
            write(&mut transaction, &kept).await?;
            transaction.commit().await?;
            Ok(Ok(kept))
        })
        .await
    }

    /// Disables an account, or lets it be used again. Its sessions end when it is disabled, with codes and
    /// tokens; tokens for offline access are refused until it is enabled. False when there is no such account.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_disabled(&self, id: &str, disabled: Option<Seconds>) -> Result<bool, Error> {
        retried(|| async {
            let mut transaction = self.begin().await?;
            let changed = query!("UPDATE accounts SET disabled_at = ? WHERE id = ?", disabled, id)
                .execute(&mut *transaction)
                .await?;
            if disabled.is_some() && changed.rows_affected() > 0 {
                session::end_all(&mut transaction, id).await?;
            }
            transaction.commit().await?;
            Ok(changed.rows_affected() > 0)
        })
        .await
    }

    /// Gives an account to another identity, also one that was in the services file and has left records.
    /// Its sessions, codes and tokens end. False when there is no such account.
    ///
    /// # Errors
    /// When the database cannot be written; inside, the id of the account that the identity has already.
    pub async fn bind_account(
        &self,
        id: &str,
        identity: Identity<'_>,
        now: Seconds,
    ) -> Result<Result<bool, String>, Error> {
        retried(|| async {
            let mut transaction = self.begin().await?;
            let other = of_identity(&mut *transaction, identity).await?;
            if let Some(other) = other.filter(|it| it.id != id) {
                return Ok(Err(other.id));
            }
            match of_id(&mut *transaction, id).await? {
                Some(known) if known.is_of(identity) => return Ok(Ok(true)),
                Some(_) => {
                    query!(
                        "UPDATE accounts SET issuer = ?, subject = ? WHERE id = ?",
                        identity.issuer,
                        identity.subject,
                        id,
                    )
                    .execute(&mut *transaction)
                    .await?;
                }
                None if has_records(&mut transaction, id).await? => {
                    write(&mut transaction, &new(id, identity, Attributes::default(), now)).await?;
                }
                None => return Ok(Ok(false)),
            }
            session::end_all(&mut transaction, id).await?;
            revocation::end_account(&mut transaction, id).await?;
            transaction.commit().await?;
            Ok(Ok(true))
        })
        .await
    }
}

/// An account that is made now.
fn new(id: &str, identity: Identity<'_>, attributes: Attributes, now: Seconds) -> StoredAccount {
    StoredAccount {
        id: id.to_owned(),
        issuer: identity.issuer.to_owned(),
        subject: identity.subject.to_owned(),
        attributes,
        created_at: now,
        updated_at: now,
        disabled_at: None,
    }
}

/// Writes a new account, or the values of one that is there.
async fn write(transaction: &mut WriteTransaction, account: &StoredAccount) -> Result<(), Error> {
    let values = serde_json::to_string(&account.attributes);
    let values = values.map_err(|error| Error::Encode(Box::new(error)))?;
    query!(
        "INSERT INTO accounts (id, issuer, subject, attributes, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET attributes = excluded.attributes,
             updated_at = excluded.updated_at",
        account.id,
        account.issuer,
        account.subject,
        values,
        account.created_at,
        account.updated_at,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Whether an id that has no account here belongs to another identity: an account that was erased, or,
/// at a provider, one that was in the services file. A proxy names an account of the file by its id.
async fn is_of_another(
    transaction: &mut WriteTransaction,
    id: &str,
    identity: Identity<'_>,
) -> Result<bool, Error> {
    if !identity.issuer.is_empty() && has_records(transaction, id).await? {
        return Ok(true);
    }
    let names = DerivationKey::new(&key::derivation_key(transaction).await?);
    erased_id::is_of_another(transaction, &names, id, identity).await
}

/// Whether an account of this id has used a service.
async fn has_records(transaction: &mut WriteTransaction, id: &str) -> Result<bool, Error> {
    query_scalar!(
        r#"SELECT EXISTS (
             SELECT 1 FROM links WHERE account = ?1
             UNION ALL SELECT 1 FROM agreements WHERE account = ?1
             UNION ALL SELECT 1 FROM decisions WHERE account = ?1
             UNION ALL SELECT 1 FROM grant_changes WHERE account = ?1
             UNION ALL SELECT 1 FROM kakao_user_ids WHERE account = ?1) AS "has!: bool""#,
        id,
    )
    .fetch_one(&mut **transaction)
    .await
}

/// The account of this id.
pub(super) async fn of_id(
    executor: impl Into<Executor<'_>>,
    id: &str,
) -> Result<Option<StoredAccount>, Error> {
    let row = lookup!(
        Row,
        r#"SELECT id AS "id!", issuer, subject, attributes, created_at, updated_at, disabled_at
         FROM accounts WHERE id = ?"#,
        id,
    )
    .fetch_optional(executor)
    .await?;
    row.map(Row::read).transpose()
}

async fn of_identity(
    executor: impl Into<Executor<'_>>,
    identity: Identity<'_>,
) -> Result<Option<StoredAccount>, Error> {
    let row = lookup!(
        Row,
        r#"SELECT id AS "id!", issuer, subject, attributes, created_at, updated_at, disabled_at
         FROM accounts WHERE issuer = ? AND subject = ?"#,
        identity.issuer,
        identity.subject,
    )
    .fetch_optional(executor)
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
        assert_eq!(store.bind_account("hana", PROVIDER, 6).await.unwrap(), Ok(true));
        let kept = store.keep_account(Some("other"), PROVIDER, &values, 6).await.unwrap().unwrap();
        assert_eq!(kept.id, "hana");
        let other = Identity { subject: "0002", ..PROVIDER };
        assert_eq!(store.bind_account("duri", other, 6).await.unwrap(), Ok(false));
        store.keep_account(Some("duri"), PROXY_OF_DURI, &values, 7).await.unwrap().unwrap();
        let taken = store.bind_account("duri", PROVIDER, 8).await.unwrap();
        assert_eq!(taken, Err("hana".to_owned()));
    }

    /// Every table of its own: what one of them holds is enough.
    #[tokio::test]
    async fn what_an_account_of_the_file_left_is_not_a_providers_to_give() {
        let values = Attributes::default();
        for records in [
            "INSERT INTO links (account, service, how, linked_at)
             VALUES ('hana', 'shop', 'plain_login', 1)",
            "INSERT INTO agreements (account, service, key, agreed_at)
             VALUES ('hana', 'shop', 'term:tos', 1)",
            "INSERT INTO decisions (receipt_id, schema_version, challenge, session, account, service,
                 decision, purpose, locale, body, decided_at)
             VALUES ('r', 1, x'', 1, 'hana', 'shop', 'agree', 'sign_up', 'ko', x'', 1)",
            "INSERT INTO grant_changes (receipt_id, schema_version, account, service, change, caused_by,
                 changed_at)
             VALUES ('r', 1, 'hana', 'shop', 'withdraw', 'user', 1)",
        ] {
            let folder = TempDir::new().unwrap();
            let store = open(folder.path()).await;
            store.on_the_writer(records).await.unwrap();
            let taken = store.keep_account(Some("hana"), PROVIDER, &values, 5).await.unwrap();
            assert_eq!(taken, Err(AccountFault::Taken), "{records}");
            assert_eq!(store.account("hana").await.unwrap(), None);
            assert_eq!(store.bind_account("hana", PROVIDER, 6).await.unwrap(), Ok(true));
            let kept = store.keep_account(Some("x"), PROVIDER, &values, 7).await.unwrap().unwrap();
            assert_eq!((&*kept.id, kept.created_at), ("hana", 6));
        }
        // A proxy names the account that it always named.
        let folder = TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let link = "INSERT INTO links (account, service, how, linked_at)
                    VALUES ('hana', 'shop', 'plain_login', 1)";
        store.on_the_writer(link).await.unwrap();
        store.keep_account(Some("hana"), PROXY, &values, 5).await.unwrap().unwrap();
    }

    /// Services know an erased account by a `sub` that is derived from its id.
    #[tokio::test]
    async fn an_id_that_was_erased_is_for_no_other_identity() {
        let folder = TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let values = Attributes::default();
        let other = Identity { subject: "0002", ..PROVIDER };
        // Erased twice, it is still the first one's.
        for at in [5, 8] {
            store.keep_account(Some("hana"), PROVIDER, &values, at).await.unwrap().unwrap();
            store.erase("hana", at + 1).await.unwrap();
            for identity in [PROXY, other] {
                let taken = store.keep_account(Some("hana"), identity, &values, at + 2).await;
                assert_eq!(taken.unwrap(), Err(AccountFault::Taken), "{identity:?}");
            }
        }
        // An account of the services file is the proxy's.
        let link = "INSERT INTO links (account, service, how, linked_at)
                    VALUES ('duri', 'shop', 'plain_login', 1)";
        store.on_the_writer(link).await.unwrap();
        store.erase("duri", 10).await.unwrap();
        let taken = store.keep_account(Some("duri"), other, &values, 11).await.unwrap();
        assert_eq!(taken, Err(AccountFault::Taken));
        store.keep_account(Some("duri"), PROXY_OF_DURI, &values, 12).await.unwrap().unwrap();
        // What was never here is not taken.
        store.erase("nari", 13).await.unwrap();
        store.keep_account(Some("nari"), other, &values, 14).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn an_account_that_is_given_away_leaves_no_session_and_no_token() {
        let folder = TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let values = Attributes::default();
        for sql in [
            "INSERT INTO codes (code, account, service, redirect_uri, signed_in, expires_at, session)
             VALUES (x'01', 'hana', 'shop', 'x', 1, 99, 7), (x'02', 'duri', 'shop', 'x', 1, 99, 8)",
            "INSERT INTO tokens (token, code, account, service, expires_at, session, is_offline)
             VALUES (x'01', x'01', 'hana', 'shop', 99, 7, 1), (x'02', x'02', 'duri', 'shop', 99, 8, 1)",
            "INSERT INTO refresh_tokens (token, code, account, service, session, is_offline, scope,
                 signed_in, issued_at, expires_at, family_expires_at, state, is_received)
             VALUES (x'01', x'01', 'hana', 'shop', 7, 1, '', 1, 1, 99, 99, 'active', 1),
                 (x'02', x'02', 'duri', 'shop', 8, 1, '', 1, 1, 99, 99, 'active', 1)",
        ] {
            store.on_the_writer(sql).await.unwrap();
        }
        for (id, identity) in [("hana", PROXY), ("duri", PROXY_OF_DURI)] {
            store.keep_account(Some(id), identity, &values, 5).await.unwrap().unwrap();
            let made_by = session::MadeBy::Proxy;
            let signed_in = session::SignedIn { account: id, made_by, at: 5, device: None };
            store.sign_in(None, &signed_in, 5).await.unwrap();
        }
        const LIVE: &str = "SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM codes)
             + (SELECT count(*) FROM tokens)
             + (SELECT count(*) FROM refresh_tokens WHERE state = 'active')";
        assert_eq!(store.count(LIVE).await, 8);
        // To the same identity nothing is given.
        assert_eq!(store.bind_account("hana", PROXY, 6).await.unwrap(), Ok(true));
        assert_eq!(store.count(LIVE).await, 8);
        assert_eq!(store.bind_account("hana", PROVIDER, 7).await.unwrap(), Ok(true));
        assert_eq!(store.count(LIVE).await, 4, "those of duri");
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
