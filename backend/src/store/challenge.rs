//! Challenges: consent requests that wait for a decision.

use consent_contract::request::Purpose;

use super::{
    Decision, Error, Outcome, Session, Store, WriteTransaction,
    engine::{lookup, query, query_as},
    name::Named,
    retried,
};
use crate::{
    clock::Seconds,
    crypto::{self, DerivationKey},
};

/// How often the time for an answer can be extended (WCAG 2.2.1 asks for ten).
pub const MOST_EXTENSIONS: i64 = 10;

/// Challenges without a decision that one session can have: as many tabs, with as many requests. The
/// ones that expire first go first.
const MOST_OPEN: i64 = 10;

/// Challenges of one account, over all of its sessions, decided and expired ones included.
const MOST_OF_ACCOUNT: i64 = 200;

/// A consent request that was made to a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// What is stored of its name.
    pub id: Vec<u8>,
    pub session: i64,
    pub account: String,
    pub service: String,
    /// The authorize request in its one spelling.
    pub query: String,
    pub locale: String,
    /// What the user was first asked for; none when nothing could be asked.
    pub purpose: Option<Purpose>,
    pub signed_in: Seconds,
    pub expires_at: Seconds,
}

/// A consent request to be made.
pub struct NewChallenge<'a> {
    pub session: &'a Session,
    pub service: &'a str,
    /// The authorize request in its one spelling.
    pub query: &'a str,
    pub locale: &'a str,
    pub purpose: Option<Purpose>,
    pub now: Seconds,
    pub expires_at: Seconds,
}

impl Store {
    /// Creates a challenge and returns its name, which cannot be made without the key, and of which
    /// only a digest is stored. The same request again, while the session has not decided on it, gives the
    /// same name with all of its time again.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn put_challenge(
        &self,
        new: &NewChallenge<'_>,
        key: &DerivationKey,
    ) -> Result<String, Error> {
        retried(|| async {
            let mut transaction = self.begin_for(&new.session.account).await?;
            if let Some(name) = renew(&mut transaction, new, key).await? {
                transaction.commit().await?;
                return Ok(name);
            }
            let nonce = crypto::random_bytes::<32>();
            let name = name_of(key, &nonce);
            let (id, nonce, purpose) =
                (crypto::fingerprint(&name), &nonce[..], new.purpose.map(Named));
            query!(
                "INSERT INTO challenges
             (id, session, account, service, query, locale, purpose, signed_in, expires_at, nonce)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                id,
                new.session.id,
                new.session.account,
                new.service,
                new.query,
                new.locale,
                purpose,
                new.session.signed_in,
                new.expires_at,
                nonce,
            )
            .execute(&mut *transaction)
            .await?;
            drop_surplus(&mut transaction, new.session, &id).await?;
            transaction.commit().await?;
            Ok(name)
        })
        .await
    }

    /// The challenge of this name, and the decision on it if there is one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn challenge(
        &self,
        name: &str,
    ) -> Result<Option<(Challenge, Option<Decision>)>, Error> {
        let id = crypto::fingerprint(name);
        let row = lookup!(
            struct {
                id: Vec<u8>,
                session: i64,
                account: String,
                service: String,
                query: String,
                locale: String,
                purpose: Option<Named<Purpose>>,
                signed_in: i64,
                expires_at: i64,
                receipt_id: Option<String>,
                decided_in: Option<i64>,
                outcome: Option<Named<Outcome>>,
                body: Option<Vec<u8>>,
                decided_at: Option<i64>,
            },
            r#"SELECT challenges.id, challenges.session, challenges.account, challenges.service,
                 challenges.query, challenges.locale,
                 challenges.purpose AS "purpose?: Named<Purpose>", challenges.signed_in,
                 challenges.expires_at, decisions.receipt_id AS "receipt_id?",
                 decisions.session AS "decided_in?: i64",
                 decisions.decision AS "outcome?: Named<Outcome>", decisions.body AS "body?",
                 decisions.decided_at AS "decided_at?: i64"
             FROM challenges LEFT JOIN decisions ON decisions.challenge = challenges.id
             WHERE challenges.id = ?"#,
            id,
        )
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let challenge = Challenge {
            id: row.id,
            session: row.session,
            account: row.account,
            service: row.service,
            query: row.query,
            locale: row.locale,
            purpose: row.purpose.map(|it| it.0),
            signed_in: row.signed_in,
            expires_at: row.expires_at,
        };
        let decided = (row.receipt_id, row.decided_in, row.outcome, row.body, row.decided_at);
        let decision = match decided {
            (Some(receipt_id), Some(session), Some(outcome), Some(body), Some(decided_at)) => {
                // What is answered as decided is on the disk, also where it is being written now.
                self.writer.synced(&receipt_id).await?;
                Some(Decision { receipt_id, session, outcome: outcome.0, body, decided_at })
            }
            _ => None,
        };
        Ok(Some((challenge, decision)))
    }

    /// Extends the time to answer; `false` when it was extended as often as permitted.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn extend(&self, challenge: &Challenge, expires_at: Seconds) -> Result<bool, Error> {
        let done = query!(
            "UPDATE challenges SET expires_at = CASE WHEN expires_at < ?1 THEN ?1 ELSE expires_at END,
                 extensions = extensions + 1
             WHERE id = ?2 AND extensions < ?3",
            expires_at,
            challenge.id,
            MOST_EXTENSIONS,
        )
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn name_of(key: &DerivationKey, nonce: &[u8]) -> String {
    key.derive("challenge", &[nonce])
}

/// Gives the open challenge of the same request its full time again, as a new one would have it.
async fn renew(
    transaction: &mut WriteTransaction,
    new: &NewChallenge<'_>,
    key: &DerivationKey,
) -> Result<Option<String>, Error> {
    let purpose = new.purpose.map(Named);
    let row = query_as!(
        struct { id: Vec<u8>, nonce: Vec<u8> },
        r#"SELECT id, nonce AS "nonce!" FROM challenges INDEXED BY challenges_by_session
         WHERE session = ? AND expires_at > ? AND account = ? AND service = ? AND query = ?
             AND purpose IS NOT DISTINCT FROM ? AND nonce IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM decisions WHERE challenge = challenges.id)
         ORDER BY expires_at DESC LIMIT 1"#,
        new.session.id,
        new.now,
        new.session.account,
        new.service,
        new.query,
        purpose,
    )
    .fetch_optional(&mut **transaction)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let name = name_of(key, &row.nonce);
    if crypto::fingerprint(&name) != row.id {
        // It was named with another key.
        return Ok(None);
    }
    query!(
        "UPDATE challenges SET expires_at = CASE WHEN expires_at < ?1 THEN ?1 ELSE expires_at END,
             locale = ?2, signed_in = ?3, extensions = 0
         WHERE id = ?4",
        new.expires_at,
        new.locale,
        new.session.signed_in,
        row.id,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(Some(name))
}

/// Keeps what one session, and one account, can have of challenges within limits. `newest` stays,
/// whatever the clock and the time to answer were before.
async fn drop_surplus(
    transaction: &mut WriteTransaction,
    session: &Session,
    newest: &[u8],
) -> Result<(), Error> {
    let surplus = MOST_OPEN - 1;
    query!(
        "DELETE FROM challenges WHERE id IN (
             SELECT id FROM challenges INDEXED BY challenges_by_session
             WHERE session = ? AND id <> ?
                 AND NOT EXISTS (SELECT 1 FROM decisions WHERE challenge = challenges.id)
             ORDER BY expires_at DESC, rowid DESC LIMIT -1 OFFSET ?)",
        session.id,
        newest,
        surplus,
    )
    .execute(&mut **transaction)
    .await?;
    let surplus = MOST_OF_ACCOUNT - 1;
    query!(
        "DELETE FROM challenges WHERE id IN (
             SELECT id FROM challenges INDEXED BY challenges_by_account
             WHERE account = ? AND id <> ?
             ORDER BY expires_at DESC, rowid DESC LIMIT -1 OFFSET ?)",
        session.account,
        newest,
        surplus,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
