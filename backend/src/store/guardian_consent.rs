//! The consent of guardians: what is known of it, its links, and its answers.

use super::{
    Error, Store, WriteTransaction,
    engine::{query, query_as},
};
use crate::{clock::Seconds, crypto};

/// A link to be sent to a guardian.
pub struct NewGuardianLink<'a> {
    pub account: &'a str,
    pub service: &'a str,
    /// In the link. Only a digest of it is stored.
    pub token: &'a str,
    /// The authorize request in its one spelling.
    pub query: &'a str,
    /// Where it goes, masked.
    pub contact: &'a str,
    pub now: Seconds,
    pub expires_at: Seconds,
    /// How many there are with it, and since when they count.
    pub counted: (i64, Seconds),
}

/// An open link.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct GuardianLink {
    /// What is stored of the token.
    pub token: Vec<u8>,
    pub account: String,
    pub service: String,
    pub query: String,
    pub contact: String,
    pub expires_at: Seconds,
}

/// What a guardian answered to an open link.
pub struct GuardianAnswer<'a> {
    /// What is stored of the token.
    pub token: &'a [u8],
    /// Who answered, as it was typed.
    pub name: &'a str,
    pub agreed: bool,
}

impl Store {
    /// Remembers that a guardian is needed: the user typed a birthday of a child.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn guardian_needed(
        &self,
        account: &str,
        service: &str,
        now: Seconds,
    ) -> Result<(), Error> {
        query!(
            "INSERT INTO guardian_consents (account, service, needed_at) VALUES (?, ?, ?)
             ON CONFLICT (account, service) DO UPDATE SET needed_at = excluded.needed_at",
            account,
            service,
            now,
        )
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Opens a link. One that was open before leads nowhere any more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn open_guardian_link(&self, new: &NewGuardianLink<'_>) -> Result<(), Error> {
        let (token, (links, links_since)) = (crypto::fingerprint(new.token), new.counted);
        query!(
            "INSERT INTO guardian_consents (account, service, needed_at, token, query, contact,
                 expires_at, links, links_since)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (account, service) DO UPDATE SET needed_at = excluded.needed_at, token = excluded.token,
                 query = excluded.query, contact = excluded.contact,
                 expires_at = excluded.expires_at, links = excluded.links,
                 links_since = excluded.links_since, refused_at = NULL",
            new.account,
            new.service,
            new.now,
            token,
            new.query,
            new.contact,
            new.expires_at,
            links,
            links_since,
        )
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Closes a link that could not be sent. It counts all the same.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn close_guardian_link(&self, token: &str) -> Result<(), Error> {
        let token = crypto::fingerprint(token);
        query!(
            "UPDATE guardian_consents SET token = NULL, query = NULL, contact = NULL,
                 expires_at = NULL
             WHERE token = ?",
            token,
        )
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// The link with this token, expired or not; none for one that was answered or replaced.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn guardian_link(&self, token: &str) -> Result<Option<GuardianLink>, Error> {
        let token = crypto::fingerprint(token);
        query_as!(
            GuardianLink,
            r#"SELECT token AS "token!", account, service, query AS "query!",
                 contact AS "contact!", expires_at AS "expires_at!"
             FROM guardian_consents WHERE token = ?"#,
            token,
        )
        .fetch_optional(&self.readers)
        .await
    }
}

/// Answers a link, inside the decision's transaction; false when it is not open any more.
pub(super) async fn answer(
    transaction: &mut WriteTransaction,
    answer: &GuardianAnswer<'_>,
    at: Seconds,
) -> Result<bool, Error> {
    let (token, name) = (answer.token, answer.name);
    let (agreed_at, refused_at) = match answer.agreed {
        true => (Some(at), None),
        false => (None, Some(at)),
    };
    let done = query!(
        "UPDATE guardian_consents SET token = NULL, query = NULL, contact = NULL,
             expires_at = NULL, agreed_at = coalesce(?1, agreed_at), refused_at = ?2,
             guardian = CASE WHEN ?1 IS NULL THEN guardian ELSE ?3 END
         WHERE token = ?4 AND expires_at > ?5",
        agreed_at,
        refused_at,
        name,
        token,
        at,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets everything: the account leaves the service, or starts over there.
pub(super) async fn forget(
    transaction: &mut WriteTransaction,
    account: &str,
    service: &str,
) -> Result<(), Error> {
    query!("DELETE FROM guardian_consents WHERE account = ? AND service = ?", account, service,)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
