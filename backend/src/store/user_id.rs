//! The number by which Kakao's API names an account to a service.

use super::{
    Error, Store, WriteTransaction,
    engine::{query, query_scalar},
    retried,
};
use crate::crypto;

/// Ids begin at ten digits, as the platform's are long.
const SMALLEST: i64 = 1_000_000_000;

/// The largest number that every JSON parser keeps: 2^53 - 1.
const LARGEST: i64 = (1 << 53) - 1;

impl Store {
    /// The id of an account at a service. It is made at the first call and never changes; the same
    /// account has other ids at other services, and no id follows from another.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn kakao_user_id(&self, account: &str, service: &str) -> Result<i64, Error> {
        self.kakao_user_id_from(account, service, random_id).await
    }

    async fn kakao_user_id_from(
        &self,
        account: &str,
        service: &str,
        candidate: impl Fn() -> i64,
    ) -> Result<i64, Error> {
        let known = query_scalar!(
            "SELECT id FROM kakao_user_ids WHERE service = ? AND account = ?",
            service,
            account,
        )
        .fetch_optional(&self.readers)
        .await?;
        if let Some(id) = known {
            return Ok(id);
        }
        retried(|| async {
            let mut transaction = self.begin_for(account).await?;
            let id = make(&mut transaction, account, service, &candidate).await?;
            transaction.commit().await?;
            Ok(id)
        })
        .await
    }

    /// The account that has this id at a service, linked or not.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn account_of_kakao_user_id(
        &self,
        service: &str,
        id: i64,
    ) -> Result<Option<String>, Error> {
        query_scalar!(
            "SELECT account FROM kakao_user_ids WHERE service = ? AND id = ?",
            service,
            id,
        )
        .fetch_optional(&self.readers)
        .await
    }
}

/// The id of an account at a service, inside a transaction.
pub(super) async fn kakao_user_id(
    transaction: &mut WriteTransaction,
    account: &str,
    service: &str,
) -> Result<i64, Error> {
    make(transaction, account, service, random_id).await
}

/// The id that is there, or a new one.
async fn make(
    transaction: &mut WriteTransaction,
    account: &str,
    service: &str,
    candidate: impl Fn() -> i64,
) -> Result<i64, Error> {
    loop {
        let written = query_scalar!(
            "SELECT id FROM kakao_user_ids WHERE service = ? AND account = ?",
            service,
            account,
        )
        .fetch_optional(&mut **transaction)
        .await?;
        if let Some(id) = written {
            return Ok(id);
        }
        let id = candidate();
        // Nothing is inserted where another account has this id.
        query!(
            "INSERT INTO kakao_user_ids (service, account, id) VALUES (?, ?, ?)
             ON CONFLICT DO NOTHING",
            service,
            account,
            id,
        )
        .execute(&mut **transaction)
        .await?;
    }
}

/// A number between the smallest and the largest id, each as likely as any other.
fn random_id() -> i64 {
    loop {
        let bits = u64::from_be_bytes(crypto::random_bytes()) >> 11;
        match i64::try_from(bits) {
            Ok(id) if (SMALLEST..=LARGEST).contains(&id) => return id,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeSet};

    use super::*;
    use crate::{config::Source, store::tests::open};

    #[tokio::test]
    async fn an_account_has_one_id_at_each_service() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let id = store.kakao_user_id("hana", "shop").await.unwrap();
        assert!((SMALLEST..=LARGEST).contains(&id), "{id}");
        assert_eq!(store.kakao_user_id("hana", "shop").await.unwrap(), id);
        // Another service, the test app of the same one, and another account.
        let mut ids = BTreeSet::from([id]);
        for (account, service) in [("hana", "travel"), ("hana", "shop-test"), ("duri", "shop")] {
            assert!(ids.insert(store.kakao_user_id(account, service).await.unwrap()));
        }
        assert_eq!(store.account_of_kakao_user_id("shop", id).await.unwrap().unwrap(), "hana");
        assert_eq!(store.account_of_kakao_user_id("travel", id).await.unwrap(), None);
        assert_eq!(store.account_of_kakao_user_id("shop", 1).await.unwrap(), None);
    }

    /// As after an unlink: the grant is gone, the id is not.
    #[tokio::test]
    async fn an_id_outlives_the_link() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let toml = include_str!("../../demo/services.toml").replace("{origin}", "http://127.0.0.1");
        let catalog = Source::built_in("demo.toml", toml).catalog().unwrap();
        let (account, service) = (&catalog.accounts["new"], &catalog.services["demo-shop"]);
        let id = store.kakao_user_id("new", "demo-shop").await.unwrap();
        store.start_over(account, service).await.unwrap();
        assert_eq!(store.kakao_user_id("new", "demo-shop").await.unwrap(), id);
        // Nor does it depend on this process.
        drop(store);
        let store = open(folder.path()).await;
        assert_eq!(store.kakao_user_id("new", "demo-shop").await.unwrap(), id);
    }

    #[tokio::test]
    async fn an_id_that_is_taken_is_not_given_again() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let from = |ids: &'static [i64]| {
            let ids = RefCell::new(ids.iter());
            move || *ids.borrow_mut().next().expect("no more ids are tried")
        };
        let id = |account, ids| store.kakao_user_id_from(account, "shop", from(ids));
        assert_eq!(id("hana", &[7]).await.unwrap(), 7);
        assert_eq!(id("duri", &[7, 7, 8]).await.unwrap(), 8);
        assert_eq!(id("hana", &[]).await.unwrap(), 7);
        // At another service it is free.
        let elsewhere = store.kakao_user_id_from("duri", "travel", from(&[7])).await;
        assert_eq!(elsewhere.unwrap(), 7);
    }

    #[tokio::test]
    async fn requests_at_the_same_moment_get_one_id() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        let mut requests = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let store = store.clone();
            requests.spawn(async move { store.kakao_user_id("hana", "shop").await.unwrap() });
        }
        let ids: BTreeSet<i64> = requests.join_all().await.into_iter().collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
    }

    #[tokio::test]
    async fn an_id_is_never_changed_or_deleted() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = open(folder.path()).await;
        store.kakao_user_id("hana", "shop").await.unwrap();
        for (sql, why) in [
            ("UPDATE kakao_user_ids SET id = 5", "never changed"),
            ("DELETE FROM kakao_user_ids", "never deleted"),
            ("INSERT INTO kakao_user_ids VALUES ('shop', 'duri', 0)", "CHECK"),
            ("INSERT INTO kakao_user_ids VALUES ('shop', 'duri', 9007199254740992)", "CHECK"),
        ] {
            let error = store.on_the_writer(sql).await.unwrap_err().to_string();
            assert!(error.contains(why), "{sql}: {error}");
        }
    }
}
