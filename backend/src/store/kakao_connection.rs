//! How an account is connected to a service in Kakao's dialect.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Error, Outcome, Store,
    engine::{Connection, query, query_as, query_scalar},
    name::Named,
    retried,
};
use crate::{clock::Seconds, config::How};

/// A connection between an account and a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KakaoConnection {
    pub how: How,
    pub connected_at: Seconds,
    /// The last sign-up on the consent screen; none when there was none since the connection.
    pub asked_at: Option<Seconds>,
    /// Whether it began with manual connection and the service has still to complete the sign-up.
    pub awaits_sign_up: bool,
}

/// Where an agreement was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AgreedBy {
    /// On the consent screen.
    #[serde(rename = "KAUTH")]
    Screen,
    /// By the service, which reported it over the API.
    #[serde(rename = "KAPI")]
    Api,
}

impl Store {
    /// How an account is connected to a service; none when it is not.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn connection(
        &self,
        account: &str,
        service: &str,
    ) -> Result<Option<KakaoConnection>, Error> {
        let agreed = Named(Outcome::Agreed);
        let row = query_as!(
            struct {
                how: Named<How>,
                linked_at: i64,
                asked_at: Option<Seconds>,
                awaits_sign_up: bool,
            },
            r#"SELECT how AS "how: Named<How>", linked_at,
                 (SELECT max(decided_at) FROM decisions
                  WHERE decisions.account = links.account AND decisions.service = links.service
                      AND decision = ? AND purpose = 'sign_up' AND decided_at >= linked_at)
                     AS "asked_at: Seconds",
                 EXISTS (SELECT 1 FROM kakao_sign_ups
                  WHERE kakao_sign_ups.account = links.account
                      AND kakao_sign_ups.service = links.service AND signed_up_at IS NULL)
                     AS "awaits_sign_up!: bool"
             FROM links WHERE account = ? AND service = ?"#,
            agreed,
            account,
            service,
        )
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.map(|row| KakaoConnection {
            how: row.how.0,
            connected_at: row.linked_at,
            asked_at: row.asked_at,
            awaits_sign_up: row.awaits_sign_up,
        }))
    }

    /// Completes a sign-up and stores properties, both or neither. False when it was complete.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn complete_sign_up(
        &self,
        account: &str,
        service: &str,
        properties: &BTreeMap<String, String>,
        now: Seconds,
    ) -> Result<bool, Error> {
        retried(|| async {
            let mut transaction = self.begin_for(account).await?;
            let written = query!(
                "UPDATE kakao_sign_ups SET signed_up_at = ?
             WHERE service = ? AND account = ? AND signed_up_at IS NULL",
                now,
                service,
                account,
            )
            .execute(&mut *transaction)
            .await?;
            if written.rows_affected() == 0 {
                return Ok(false);
            }
            write_properties(&mut transaction, account, service, properties).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Completes every sign-up of a service, which has no manual connection any more: its users have
    /// been members since.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn complete_sign_ups(&self, service: &str, now: Seconds) -> Result<(), Error> {
        retried(|| async {
            let mut transaction = self.begin().await?;
            query!(
                "UPDATE kakao_sign_ups SET signed_up_at = ?
             WHERE service = ? AND signed_up_at IS NULL",
                now,
                service,
            )
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await
        })
        .await
    }

    /// Accounts that were linked before that time, and whose sign-up the service has not completed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn incomplete_sign_ups(
        &self,
        service: &str,
        before: Seconds,
    ) -> Result<Vec<String>, Error> {
        query_scalar!(
            "SELECT account FROM kakao_sign_ups INDEXED BY kakao_sign_ups_awaited
             WHERE service = ? AND linked_at <= ? AND signed_up_at IS NULL",
            service,
            before,
        )
        .fetch_all(&self.readers)
        .await
    }

    /// The accounts that are connected to a service.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn connected_accounts(&self, service: &str) -> Result<Vec<String>, Error> {
        query_scalar!("SELECT account FROM links WHERE service = ?", service)
            .fetch_all(&self.readers)
            .await
    }

    /// Where the agreements of an account were made, by key (`term:tos`).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn agreed_by(
        &self,
        account: &str,
        service: &str,
    ) -> Result<BTreeMap<String, AgreedBy>, Error> {
        let rows = query_as!(
            struct { key: String, agreed_by: Named<AgreedBy> },
            r#"SELECT key, agreed_by AS "agreed_by: Named<AgreedBy>" FROM agreements
             WHERE account = ? AND service = ?"#,
            account,
            service,
        )
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.into_iter().map(|row| (row.key, row.agreed_by.0)).collect())
    }

    /// When the relation to each channel changed, by public id, where that is known.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn channel_changes(&self, account: &str) -> Result<BTreeMap<String, Seconds>, Error> {
        let rows = query_as!(
            struct { public_id: String, updated_at: i64 },
            r#"SELECT public_id, updated_at AS "updated_at!" FROM channel_relations
             WHERE account = ? AND updated_at IS NOT NULL"#,
            account,
        )
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.into_iter().map(|row| (row.public_id, row.updated_at)).collect())
    }

    /// The properties that a service stores of an account.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn properties(
        &self,
        account: &str,
        service: &str,
    ) -> Result<BTreeMap<String, String>, Error> {
        let rows = query_as!(
            struct { name: String, value: String },
            "SELECT name, value FROM kakao_properties WHERE account = ? AND service = ?",
            account,
            service,
        )
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
    }

    /// Stores properties; those that are not named stay.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_properties(
        &self,
        account: &str,
        service: &str,
        properties: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        retried(|| async {
            let mut transaction = self.begin_for(account).await?;
            write_properties(&mut transaction, account, service, properties).await?;
            transaction.commit().await
        })
        .await
    }
}

async fn write_properties(
    connection: &mut Connection,
    account: &str,
    service: &str,
    properties: &BTreeMap<String, String>,
) -> Result<(), Error> {
    for (name, value) in properties {
        query!(
            "INSERT INTO kakao_properties (service, account, name, value) VALUES (?, ?, ?, ?)
             ON CONFLICT (service, account, name) DO UPDATE SET value = excluded.value",
            service,
            account,
            name,
            value,
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
