//! Ids of erased accounts. Services keep the `sub` that was derived from one, so it is never reassigned to
//! another user (OpenID Connect Core, 2).

use super::{
    Error, WriteTransaction,
    account::Identity,
    engine::{query, query_scalar},
};
use crate::crypto::DerivationKey;

fn of_id(key: &DerivationKey, id: &str) -> String {
    key.derive("erased_id", &[id.as_bytes()])
}

fn of_identity(key: &DerivationKey, id: &str, identity: Identity<'_>) -> String {
    let parts = [id, identity.issuer, identity.subject].map(str::as_bytes);
    key.derive("erased_identity", &parts)
}

/// Notes that the account of this id, which is being erased, belonged to this identity.
pub(super) async fn note(
    transaction: &mut WriteTransaction,
    key: &DerivationKey,
    id: &str,
    identity: Identity<'_>,
) -> Result<(), Error> {
    let (id, identity) = (of_id(key, id), of_identity(key, id, identity));
    query!(
        "INSERT INTO erased_ids (id, identity) VALUES (?, ?)
         ON CONFLICT (id) DO UPDATE SET identity = excluded.identity",
        id,
        identity,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Whether an account of this id was erased that belonged to another identity.
pub(super) async fn is_of_another(
    transaction: &mut WriteTransaction,
    key: &DerivationKey,
    id: &str,
    identity: Identity<'_>,
) -> Result<bool, Error> {
    let (id, identity) = (of_id(key, id), of_identity(key, id, identity));
    query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM erased_ids WHERE id = ? AND identity <> ?) AS "is!: bool""#,
        id,
        identity,
    )
    .fetch_one(&mut **transaction)
    .await
}
