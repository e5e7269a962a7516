//! Attempts to prove an existing membership.
//!
//! A sign-up can be stopped and begun again, and two accounts can match the same member. So the counts
//! belong to the row in `members`, and not to the sign-up.

use sqlx::{FromRow, Sqlite, SqliteConnection, Transaction};

use super::StoreError;
use crate::member::{SignUp, sign_up::Stage};

/// How long attempts count, in seconds, from the first one.
pub const WINDOW: i64 = 24 * 60 * 60;

#[derive(FromRow)]
struct Proofs {
    wrong_passwords: u32,
    wrong_codes: u32,
    codes_sent: u32,
}

/// Puts the counts of the member who was found into a sign-up.
pub(super) async fn read(
    connection: &mut SqliteConnection,
    sign_up: &mut SignUp,
    now: i64,
) -> Result<(), StoreError> {
    let Stage::Matched(matched) = &mut sign_up.stage else { return Ok(()) };
    let proofs = "SELECT wrong_passwords, wrong_codes, codes_sent FROM proofs
                  WHERE member = ? AND since > ?";
    let proofs: Option<Proofs> = sqlx::query_as(proofs)
        .bind(matched.candidate.id)
        .bind(now - WINDOW)
        .fetch_optional(connection)
        .await?;
    let none = Proofs { wrong_passwords: 0, wrong_codes: 0, codes_sent: 0 };
    let proofs = proofs.unwrap_or(none);
    matched.wrong_passwords = proofs.wrong_passwords;
    matched.wrong_codes = proofs.wrong_codes;
    matched.codes_sent = proofs.codes_sent;
    Ok(())
}

/// Keeps the counts of a sign-up after a step, in the transaction that [`read`] them.
pub(super) async fn write(
    transaction: &mut Transaction<'static, Sqlite>,
    sign_up: &SignUp,
    now: i64,
) -> Result<(), StoreError> {
    let Stage::Matched(matched) = &sign_up.stage else { return Ok(()) };
    // From `members`, because the row may be gone by now.
    let write = "INSERT INTO proofs (member, wrong_passwords, wrong_codes, codes_sent, since)
                 SELECT id, ?2, ?3, ?4, ?5 FROM members WHERE id = ?1
                 ON CONFLICT (member) DO UPDATE SET
                     wrong_passwords = excluded.wrong_passwords,
                     wrong_codes = excluded.wrong_codes,
                     codes_sent = excluded.codes_sent,
                     since = iif(since > ?5 - ?6, since, excluded.since)";
    sqlx::query(write)
        .bind(matched.candidate.id)
        .bind(matched.wrong_passwords)
        .bind(matched.wrong_codes)
        .bind(matched.codes_sent)
        .bind(now)
        .bind(WINDOW)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
