//! Signed receipts: their keys, their subjects, and the rows that hold them.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use jsonwebtoken::jwk::{Jwk, JwkSet};

use super::{
    Error, OpenError, Scope, Store, WriteTransaction, Writer,
    engine::{Connection, Pool, query, query_as, query_scalar},
    retried,
};
use crate::{
    clock::Seconds,
    crypto::{self, DerivationKey},
    receipt::{self, CheckpointKey, Event, ReceiptClaims, ReceiptKey, log_name},
};

/// What signs.
const RECEIPTS: &str = "receipts";
const CHECKPOINTS: &str = "checkpoints";

/// What a key of the receipts signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptPurpose {
    Receipts,
    Checkpoints,
}

impl ReceiptPurpose {
    fn signs(self) -> &'static str {
        match self {
            Self::Receipts => RECEIPTS,
            Self::Checkpoints => CHECKPOINTS,
        }
    }
}

/// A key of receipts or checkpoints, as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedReceiptKey {
    pub purpose: ReceiptPurpose,
    pub kid: String,
    pub created_at: Seconds,
    /// Whether it signs. Otherwise a newer one does, and what it signed stays valid.
    pub is_active: bool,
}

/// What a signed receipt is about: a row of `decisions`, a row of `grant_changes`, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    Decision,
    Change,
    Deletion,
}

impl About {
    fn name(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Change => "change",
            Self::Deletion => "deletion",
        }
    }
}

/// Signs receipts and checkpoints, each with the newest key of the database: a rotation holds for every
/// server from its commit on.
pub struct Signer {
    issuer: String,
    receipts: Newest<ReceiptKey>,
    checkpoints: Newest<CheckpointKey>,
}

/// The newest key that was read, by its number. Reading one takes longer than asking for the number.
struct Newest<K> {
    signs: &'static str,
    read: fn(&[u8]) -> Result<K, receipt::BadKey>,
    known: Mutex<Option<(i64, Arc<K>)>>,
}

impl<K> Newest<K> {
    fn new(signs: &'static str, read: fn(&[u8]) -> Result<K, receipt::BadKey>) -> Self {
        Self { signs, read, known: Mutex::default() }
    }

    /// The key that signs in this transaction.
    async fn get(&self, connection: &mut Connection) -> Result<Arc<K>, Error> {
        let signs = self.signs;
        let number = query_scalar!(
            "SELECT number FROM receipt_keys WHERE signs = ? ORDER BY number DESC LIMIT 1",
            signs,
        )
        .fetch_optional(&mut *connection)
        .await?;
        if let Some((known, key)) = &*self.known.lock().unwrap_or_else(PoisonError::into_inner)
            && Some(*known) == number
        {
            return Ok(Arc::clone(key));
        }
        let bad = || Error::Decode(OpenError::BadKey.into());
        let number = number.ok_or_else(bad)?;
        let pkcs8 = newest(connection, signs).await?.ok_or_else(bad)?;
        let key = Arc::new((self.read)(&pkcs8).map_err(|_| bad())?);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((number, Arc::clone(&key)));
        Ok(key)
    }
}

/// Without the keys.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl Signer {
    /// Keeps the issuer, makes the keys that are missing, and reads them.
    ///
    /// # Errors
    /// When the database cannot be used, or a key in it is none.
    pub async fn make(writer: &Writer, pool: &Pool, issuer: &str) -> Result<Self, OpenError> {
        retried(|| async {
            let mut transaction = writer.begin(Scope::Store).await?;
            query!("UPDATE receipt_settings SET issuer = ? WHERE issuer <> ?", issuer, issuer)
                .execute(&mut *transaction)
                .await?;
            for signs in [RECEIPTS, CHECKPOINTS] {
                if newest(&mut transaction, signs).await?.is_none() {
                    add_key(&mut transaction, signs).await?;
                }
            }
            transaction.commit().await?;
            Ok::<_, OpenError>(())
        })
        .await?;
        Self::read(pool).await
    }

    /// Reads the keys of a database.
    ///
    /// # Errors
    /// `OpenError::BadKey` when one is missing, or is none.
    pub async fn read(pool: &Pool) -> Result<Self, OpenError> {
        let mut connection = pool.acquire().await?;
        let issuer =
            query_scalar!("SELECT issuer FROM receipt_settings").fetch_one(&mut connection).await?;
        let receipts = Newest::new(RECEIPTS, ReceiptKey::read);
        let checkpoints = Newest::new(CHECKPOINTS, CheckpointKey::read);
        // A database without good keys is refused here, and not at the first receipt.
        receipts.get(&mut connection).await.map_err(|_| OpenError::BadKey)?;
        checkpoints.get(&mut connection).await.map_err(|_| OpenError::BadKey)?;
        Ok(Self { issuer, receipts, checkpoints })
    }

    /// The key that signs checkpoints in this transaction.
    pub(super) async fn checkpoint_key(
        &self,
        connection: &mut Connection,
    ) -> Result<Arc<CheckpointKey>, Error> {
        self.checkpoints.get(connection).await
    }

    /// The claims of a receipt that is written now.
    pub fn claims(
        &self,
        receipt_id: &str,
        subject: Option<String>,
        at: Seconds,
        event: Event,
    ) -> ReceiptClaims {
        let (iss, jti) = (self.issuer.clone(), receipt_id.to_owned());
        ReceiptClaims { iss, jti, iat: at, sub: subject, event }
    }

    /// The name of the log.
    pub fn log_name(&self) -> String {
        log_name(&self.issuer)
    }
}

async fn newest(connection: &mut Connection, signs: &str) -> Result<Option<Vec<u8>>, Error> {
    let key = query_scalar!(
        "SELECT pkcs8 FROM receipt_keys WHERE signs = ? AND pkcs8 IS NOT NULL
         ORDER BY number DESC LIMIT 1",
        signs,
    )
    .fetch_optional(connection)
    .await?;
    Ok(key.flatten())
}

async fn add_key(transaction: &mut Connection, signs: &str) -> Result<(), OpenError> {
    let pkcs8 = if signs == RECEIPTS { ReceiptKey::generate() } else { CheckpointKey::generate() };
    let public = public_half(&pkcs8, signs).ok_or(OpenError::BadKey)?;
    let json = serde_json::to_string(&public).expect("a key becomes JSON");
    let kid = public.common.key_id;
    query!(
        "INSERT INTO receipt_keys (kid, signs, public_jwk, pkcs8, created_at)
         VALUES (?, ?, ?, ?, unixepoch())",
        kid,
        signs,
        json,
        pkcs8,
    )
    .execute(transaction)
    .await?;
    Ok(())
}

fn public_half(pkcs8: &[u8], signs: &str) -> Option<Jwk> {
    match signs {
        RECEIPTS => ReceiptKey::read(pkcs8).map(|key| key.public().clone()).ok(),
        _ => CheckpointKey::read(pkcs8).map(|key| key.public().clone()).ok(),
    }
}

/// Whether a private key belongs to a public one.
pub(super) fn is_half_of(pkcs8: &[u8], signs: &str, public: &Jwk) -> bool {
    public_half(pkcs8, signs).as_ref() == Some(public)
}

/// The reference to an account in the receipts of a service. The account cannot be found from it
/// without the salt in the database.
pub(super) async fn subject(
    transaction: &mut WriteTransaction,
    account: &str,
    service: &str,
) -> Result<String, Error> {
    let salt = query_scalar!(
        "SELECT salt FROM subjects WHERE account = ? AND service = ?",
        account,
        service,
    )
    .fetch_optional(&mut **transaction)
    .await?;
    if let Some(salt) = salt {
        return Ok(reference(&salt, account));
    }
    let salt = crypto::random_bytes::<32>().to_vec();
    query!(
        "INSERT INTO subjects (account, service, salt) VALUES (?, ?, ?)",
        account,
        service,
        salt,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(reference(&salt, account))
}

/// The reference to an account under this salt.
pub(super) fn reference(salt: &[u8], account: &str) -> String {
    DerivationKey::new(salt).derive("receipt subject", &[account.as_bytes()])
}

/// What stands for an erased account in the rows of its receipts.
pub(super) fn erased(subject: &str) -> String {
    format!("erased:{subject}")
}

/// A digest of the columns of a decision that its receipt does not name.
pub(super) fn row_digest(
    schema_version: i64,
    challenge: &[u8],
    session: i64,
    body: &[u8],
) -> String {
    let (version, session) = (schema_version.to_be_bytes(), session.to_be_bytes());
    // A length before the one part whose length is not fixed by what follows.
    let length = (challenge.len() as u64).to_be_bytes();
    crypto::sri(&[&version[..], &session, &length, challenge, body].concat())
}

/// Signs a receipt and writes it, inside the transaction of what it is about.
pub(super) async fn write(
    signer: &Signer,
    transaction: &mut WriteTransaction,
    about: About,
    claims: &ReceiptClaims,
) -> Result<(), Error> {
    let jws = signer.receipts.get(transaction).await?.sign(claims);
    let salt = crypto::random_bytes::<16>().to_vec();
    let about = about.name();
    transaction.lock_receipts(&claims.jti).await?;
    query!(
        "INSERT INTO signed_receipts (number, receipt_id, about, jws, salt)
         VALUES ((SELECT coalesce(max(number), 0) + 1 FROM signed_receipts), ?, ?, ?, ?)",
        claims.jti,
        about,
        jws,
        salt,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl Store {
    /// The public keys of receipts and checkpoints, the newest first. Also those that do not sign any
    /// more: what they signed stays valid.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn receipt_keys(&self) -> Result<JwkSet, Error> {
        let keys = query_scalar!("SELECT public_jwk FROM receipt_keys ORDER BY number DESC")
            .fetch_all(&self.readers)
            .await?;
        let read = |json: String| serde_json::from_str(&json).map_err(|e| Error::Decode(e.into()));
        let keys: Result<Vec<Jwk>, Error> = keys.into_iter().map(read).collect();
        Ok(JwkSet { keys: keys? })
    }

    /// Makes new keys, which sign from now on, and deletes the private halves of the others.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn rotate_receipt_keys(&self, which: &[ReceiptPurpose]) -> Result<(), OpenError> {
        retried(|| async {
            let mut transaction = self.begin().await?;
            for purpose in which {
                let signs = purpose.signs();
                query!("UPDATE receipt_keys SET pkcs8 = NULL WHERE signs = ?", signs)
                    .execute(&mut *transaction)
                    .await?;
                add_key(&mut transaction, signs).await?;
            }
            transaction.commit().await?;
            Ok::<_, OpenError>(())
        })
        .await?;
        self.checkpoint().await?;
        Ok(())
    }

    /// Every key of receipts and checkpoints there is and was, in the order in which they were made.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn receipt_key_list(&self) -> Result<Vec<ListedReceiptKey>, Error> {
        let rows = query_as!(
            struct { kid: String, signs: String, created_at: i64, signs_now: bool },
            r#"SELECT kid, signs, created_at, pkcs8 IS NOT NULL AS "signs_now!: bool"
             FROM receipt_keys ORDER BY number"#
        )
        .fetch_all(&self.readers)
        .await?;
        let listed = rows.into_iter().map(|row| ListedReceiptKey {
            purpose: match &*row.signs {
                RECEIPTS => ReceiptPurpose::Receipts,
                _ => ReceiptPurpose::Checkpoints,
            },
            kid: row.kid,
            created_at: row.created_at,
            is_active: row.signs_now,
        });
        Ok(listed.collect())
    }

    /// The issuer that receipts name.
    #[must_use]
    pub fn receipt_issuer(&self) -> &str {
        &self.signer.issuer
    }
}

/// Whether a key is one that this program would make: named by its thumbprint, and of a kind that signs
/// receipts or checkpoints.
pub(super) fn is_key(key: &Jwk) -> bool {
    receipt::is_named_by_thumbprint(key) && receipt::is_of_receipts(key)
}
