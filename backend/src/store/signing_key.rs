//! The ring of keys that sign ID tokens and Security Event Tokens: see [`crate::oauth::key_ring`].

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use jsonwebtoken::jwk::{Jwk, JwkSet};

use super::{
    Error, Store,
    engine::{Connection, query, query_as, query_scalar},
    name::Named,
    retried,
};
use crate::{
    clock::Seconds,
    oauth::{
        key::{IdTokenKeys, SigningKey},
        key_ring::{self, Purpose, State, Times},
    },
};

/// The secret under which versions before migration 30 kept their one key.
const EARLIER_KEY: &str = "id_token";

/// How long the private half of a retired key is kept: a server that has just read which key signs may
/// not have signed yet.
const PRIVATE_HALF_KEPT: Seconds = 60;

/// Keys that were read, by name. Reading one takes longer than asking the database which one signs.
#[derive(Clone, Default)]
pub struct ReadKeys(Arc<Mutex<HashMap<String, Arc<SigningKey>>>>);

/// Without the keys.
impl fmt::Debug for ReadKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadKeys")
    }
}

/// A key of the ring, as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingKey {
    pub purpose: Purpose,
    pub kid: String,
    pub created_at: Seconds,
    pub state: State,
}

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The key that signs `from` then on.
    pub kid: String,
    pub from: Seconds,
    /// Whether that was settled by an earlier rotation.
    pub was_pending: bool,
}

/// Why a key cannot be withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotWithdrawn {
    Unknown,
    Before,
}

/// A row of the table.
struct Row {
    number: i64,
    kid: String,
    public: Jwk,
    times: Times,
}

impl Store {
    /// Makes the active and the next key of a purpose where they are missing.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn make_signing_keys(&self, purpose: Purpose, now: Seconds) -> Result<(), Error> {
        let missing = |rows: &[Row]| {
            let times = times(rows);
            let is_next = |it: &Times| it.withdrawn_at.is_none() && it.signs_from.is_none();
            (key_ring::active(&times, now).is_none(), !times.iter().any(is_next))
        };
        let (no_active, no_next) =
            missing(&rows(&mut self.readers.acquire().await?, purpose).await?);
        if !no_active && !no_next {
            return Ok(());
        }
        // Before the write lock is taken. One too many is better than a writer that waits.
        let (first, second) = tokio::try_join!(fresh_key(), fresh_key())?;
        retried(|| async {
            let mut transaction = self.begin().await?;
            let (no_active, no_next) = missing(&rows(&mut transaction, purpose).await?);
            if no_active {
                let earlier = match purpose {
                    Purpose::IdTokens => {
                        query_scalar!(
                            "DELETE FROM secrets WHERE name = ? RETURNING value",
                            EARLIER_KEY,
                        )
                        .fetch_optional(&mut *transaction)
                        .await?
                    }
                    Purpose::Events => None,
                };
                let active = earlier.unwrap_or_else(|| first.clone());
                insert(&mut transaction, purpose, &active, now, Some(now)).await?;
            }
            if no_next {
                insert(&mut transaction, purpose, &second, now, None).await?;
            }
            transaction.commit().await
        })
        .await
    }

    /// The key that signs now. Asked for each token, so that a rotation holds at once for every server
    /// of the database.
    ///
    /// # Errors
    /// When the database cannot be used, or a key in it cannot be read.
    pub async fn signing_key(
        &self,
        purpose: Purpose,
        now: Seconds,
    ) -> Result<Arc<SigningKey>, Error> {
        if let Some(key) = self.active_key(purpose, now).await? {
            return Ok(key);
        }
        // The configuration had no use for this purpose at the start.
        self.make_signing_keys(purpose, now).await?;
        self.active_key(purpose, now).await?.ok_or(Error::RowNotFound)
    }

    async fn active_key(
        &self,
        purpose: Purpose,
        now: Seconds,
    ) -> Result<Option<Arc<SigningKey>>, Error> {
        let purpose = Named(purpose);
        let rows = query_as!(
            struct { kid: String, created_at: i64, signs_from: Option<i64> },
            "SELECT kid, created_at, signs_from FROM signing_keys
             WHERE purpose = ? AND pkcs8 IS NOT NULL AND withdrawn_at IS NULL ORDER BY number",
            purpose,
        )
        .fetch_all(&self.readers)
        .await?;
        let times: Vec<Times> = rows
            .iter()
            .map(|row| Times {
                created_at: row.created_at,
                signs_from: row.signs_from,
                withdrawn_at: None,
            })
            .collect();
        let Some(at) = key_ring::active(&times, now) else { return Ok(None) };
        let kid = &rows[at].kid;
        let known = {
            let read = self.read_keys.0.lock().unwrap_or_else(PoisonError::into_inner);
            read.get(kid).cloned()
        };
        if known.is_some() {
            return Ok(known);
        }
        let pkcs8 = query_scalar!("SELECT pkcs8 FROM signing_keys WHERE kid = ?", kid)
            .fetch_optional(&self.readers)
            .await?;
        let Some(pkcs8) = pkcs8.flatten() else { return Ok(None) };
        let key = SigningKey::read(&pkcs8).map_err(|error| Error::Decode(error.into()))?;
        let key = Arc::new(key);
        let mut read = self.read_keys.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those of earlier rotations do not sign any more.
        read.retain(|other, _| rows.iter().any(|row| row.kid == *other));
        read.insert(kid.clone(), Arc::clone(&key));
        Ok(Some(key))
    }

    /// The public keys that clients need now, the active ones first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn published_keys(&self, now: Seconds) -> Result<JwkSet, Error> {
        let mut published: Vec<(bool, Jwk)> = Vec::new();
        for purpose in Purpose::ALL {
            let rows = rows(&mut self.readers.acquire().await?, purpose).await?;
            let states = key_ring::states(&times(&rows), purpose, now);
            let keys = rows.into_iter().zip(states).filter(|(_, state)| state.is_published(now));
            published.extend(
                keys.map(|(row, state)| (!matches!(state, State::Active { .. }), row.public)),
            );
        }
        published.sort_by_key(|(is_later, _)| *is_later);
        Ok(JwkSet { keys: published.into_iter().map(|(_, key)| key).collect() })
    }

    /// The keys by which ID tokens that come back are verified: all but those that were withdrawn.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn id_token_keys(&self) -> Result<IdTokenKeys, Error> {
        let rows = rows(&mut self.readers.acquire().await?, Purpose::IdTokens).await?;
        let good = rows.into_iter().filter(|row| row.times.withdrawn_at.is_none());
        Ok(IdTokenKeys::new(JwkSet { keys: good.map(|row| row.public).collect() }))
    }

    /// Every key there is and was, in the order in which they were made.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn key_ring(&self, now: Seconds) -> Result<Vec<RingKey>, Error> {
        let mut keys = Vec::new();
        for purpose in Purpose::ALL {
            let rows = rows(&mut self.readers.acquire().await?, purpose).await?;
            let states = key_ring::states(&times(&rows), purpose, now);
            keys.extend(rows.into_iter().zip(states).map(|(row, state)| RingKey {
                purpose,
                kid: row.kid,
                created_at: row.times.created_at,
                state,
            }));
        }
        Ok(keys)
    }

    /// Lets the next key sign, as soon as clients can know it or at once, and makes another next key.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn rotate_signing_key(
        &self,
        purpose: Purpose,
        now: Seconds,
        at_once: bool,
    ) -> Result<Rotation, Error> {
        self.make_signing_keys(purpose, now).await?;
        let after = fresh_key().await?;
        retried(|| async {
            let mut transaction = self.begin().await?;
            let rows = rows(&mut transaction, purpose).await?;
            let usable = || rows.iter().filter(|row| row.times.withdrawn_at.is_none());
            let coming = |row: &&Row| row.times.signs_from.is_some_and(|from| from > now);
            let (next, was_pending) = match usable().find(coming) {
                Some(row) => (row, true),
                None => {
                    let next = usable().find(|row| row.times.signs_from.is_none());
                    (next.ok_or(Error::RowNotFound)?, false)
                }
            };
            let from = match (at_once, next.times.signs_from) {
                (true, _) => now,
                (false, Some(from)) => from,
                (false, None) => key_ring::switch_at(&next.times, now),
            };
            query!("UPDATE signing_keys SET signs_from = ? WHERE number = ?", from, next.number)
                .execute(&mut *transaction)
                .await?;
            if !was_pending {
                insert(&mut transaction, purpose, &after, now, None).await?;
            }
            transaction.commit().await?;
            Ok(Rotation { kid: next.kid.clone(), from, was_pending })
        })
        .await
    }

    /// Takes a key out of the ring at once: it signs nothing more, and nothing that it signed is valid.
    /// In place of an active key the next one signs. Returns what the key was for.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn withdraw_signing_key(
        &self,
        kid: &str,
        now: Seconds,
    ) -> Result<Result<Purpose, NotWithdrawn>, Error> {
        let found = query_as!(
            struct { purpose: Named<Purpose>, withdrawn_at: Option<i64> },
            r#"SELECT purpose AS "purpose!: Named<Purpose>", withdrawn_at FROM signing_keys
             WHERE kid = ?"#,
            kid,
        )
        .fetch_optional(&self.readers)
        .await?;
        let purpose = match found {
            None => return Ok(Err(NotWithdrawn::Unknown)),
            Some(row) if row.withdrawn_at.is_some() => return Ok(Err(NotWithdrawn::Before)),
            Some(row) => row.purpose.0,
        };
        let after = fresh_key().await?;
        retried(|| async {
            let mut transaction = self.begin().await?;
            let rows = rows(&mut transaction, purpose).await?;
            let active = key_ring::active(&times(&rows), now);
            let was_active = active.is_some_and(|at| rows[at].kid == kid);
            query!(
                "UPDATE signing_keys SET withdrawn_at = ?, pkcs8 = NULL WHERE kid = ?",
                now,
                kid,
            )
            .execute(&mut *transaction)
            .await?;
            let others =
                || rows.iter().filter(|row| row.kid != kid && row.times.withdrawn_at.is_none());
            let pending = others().find(|row| row.times.signs_from.is_some_and(|from| from > now));
            let next = others().find(|row| row.times.signs_from.is_none());
            let successor = pending.or(next).filter(|_| was_active);
            if let Some(successor) = successor {
                query!(
                    "UPDATE signing_keys SET signs_from = ? WHERE number = ?",
                    now,
                    successor.number,
                )
                .execute(&mut *transaction)
                .await?;
            }
            if next.is_none_or(|next| successor.is_some_and(|it| it.number == next.number)) {
                insert(&mut transaction, purpose, &after, now, None).await?;
            }
            transaction.commit().await
        })
        .await?;
        // The private half is not left in the write-ahead log.
        self.checkpoint().await?;
        Ok(Ok(purpose))
    }

    /// Deletes the private halves of keys that do not sign any more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(super) async fn forget_retired_keys(&self, now: Seconds) -> Result<(), Error> {
        for purpose in Purpose::ALL {
            let rows = rows(&mut self.readers.acquire().await?, purpose).await?;
            let states = key_ring::states(&times(&rows), purpose, now);
            for (row, state) in rows.iter().zip(states) {
                if let State::Retired { since, .. } = state
                    && since + PRIVATE_HALF_KEPT <= now
                {
                    query!(
                        "UPDATE signing_keys SET pkcs8 = NULL
                         WHERE number = ? AND pkcs8 IS NOT NULL",
                        row.number,
                    )
                    .execute(&self.writer)
                    .await?;
                }
            }
        }
        Ok(())
    }
}

fn times(rows: &[Row]) -> Vec<Times> {
    rows.iter().map(|row| row.times).collect()
}

/// The keys of a purpose, in the order in which they were made.
async fn rows(connection: &mut Connection, purpose: Purpose) -> Result<Vec<Row>, Error> {
    let purpose = Named(purpose);
    let rows = query_as!(
        struct {
            number: i64,
            kid: String,
            public_jwk: String,
            created_at: i64,
            signs_from: Option<i64>,
            withdrawn_at: Option<i64>,
        },
        "SELECT number, kid, public_jwk, created_at, signs_from, withdrawn_at
         FROM signing_keys WHERE purpose = ? ORDER BY number",
        purpose,
    )
    .fetch_all(connection)
    .await?;
    let read = rows.into_iter().map(|row| {
        let public = serde_json::from_str(&row.public_jwk).map_err(|e| Error::Decode(e.into()))?;
        Ok(Row {
            number: row.number,
            kid: row.kid,
            public,
            times: Times {
                created_at: row.created_at,
                signs_from: row.signs_from,
                withdrawn_at: row.withdrawn_at,
            },
        })
    });
    read.collect()
}

async fn insert(
    connection: &mut Connection,
    purpose: Purpose,
    pkcs8: &[u8],
    now: Seconds,
    signs_from: Option<Seconds>,
) -> Result<(), Error> {
    let key = SigningKey::read(pkcs8).map_err(|error| Error::Decode(error.into()))?;
    let json = serde_json::to_string(key.public()).expect("a key becomes JSON");
    let (purpose, kid) = (Named(purpose), key.id());
    query!(
        "INSERT INTO signing_keys (purpose, kid, public_jwk, pkcs8, created_at, signs_from)
         VALUES (?, ?, ?, ?, ?, ?)",
        purpose,
        kid,
        json,
        pkcs8,
        now,
        signs_from,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A fresh key, as PKCS #8. Searching for primes keeps no request waiting.
async fn fresh_key() -> Result<Vec<u8>, Error> {
    let made = tokio::task::spawn_blocking(SigningKey::generate).await;
    made.map_err(|error| Error::Io(std::io::Error::other(error)))
}
