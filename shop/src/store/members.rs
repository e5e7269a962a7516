//! The table `members`: one row for each member, linked or of before.

use sqlx::{FromRow, Sqlite, SqliteConnection, Transaction};

use super::{Store, StoreError};
use crate::{
    member::{Candidate, Identity, SignUp},
    pages::{MemberRow, form::Field},
};

/// A row of `members`.
#[derive(Clone, Debug, FromRow)]
pub struct Member {
    pub id: i64,
    /// The provider's user id. None for a member of before.
    pub sub: Option<String>,
    pub connected_at: Option<i64>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
    /// JSON.
    pub terms: String,
    pub joined_by: String,
    pub joined_at: i64,
    pub password_hash: Option<String>,
    /// JSON of the row before its upgrade.
    pub before_upgrade: Option<String>,
}

impl Member {
    /// Tags of the terms that were agreed to at the last sign-in.
    #[must_use]
    pub fn terms(&self) -> Vec<String> {
        serde_json::from_str(&self.terms).unwrap_or_default()
    }

    /// The row as pages show it.
    #[must_use]
    pub fn row(&self) -> MemberRow {
        MemberRow {
            id: self.id,
            user_id: self.sub.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            address: self.address.clone(),
            terms: self.terms(),
            joined_by: self.joined_by.clone(),
            joined_on: crate::clock::day(self.joined_at),
            has_password: self.password_hash.is_some(),
        }
    }

    /// The row before its upgrade, where there was one.
    #[must_use]
    pub fn row_before(&self) -> Option<MemberRow> {
        let before: Before = serde_json::from_str(self.before_upgrade.as_deref()?).ok()?;
        let now = self.row();
        Some(MemberRow {
            name: before.name,
            email: before.email,
            phone: before.phone,
            address: before.address,
            terms: before.terms,
            ..now
        })
    }
}

/// What an upgrade can change in a row.
#[derive(serde::Serialize, serde::Deserialize)]
struct Before {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    address: Option<String>,
    terms: Vec<String>,
}

impl Store {
    /// The member who is linked to this user id.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn member(&self, sub: &str) -> Result<Option<Member>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        by_sub(&mut connection, sub).await
    }

    /// The hash of a member of before, who is not linked yet.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn password_hash(&self, id: i64) -> Result<Option<String>, StoreError> {
        let hash = "SELECT password_hash FROM members WHERE id = ? AND sub IS NULL";
        let hash: Option<Option<String>> =
            sqlx::query_scalar(hash).bind(id).fetch_optional(&self.pool).await?;
        Ok(hash.flatten())
    }

    /// Stores what a member typed at the shop. It changes nothing about who the member is.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn set_field(&self, sub: &str, field: Field, value: &str) -> Result<(), StoreError> {
        let update = match field {
            Field::Name => "UPDATE members SET name = ? WHERE sub = ?",
            // A typed address is not verified.
            Field::Email => {
                "UPDATE members SET email_verified = email_verified AND email IS ?1, email = ?1
                 WHERE sub = ?2"
            }
            Field::Phone => "UPDATE members SET phone = ? WHERE sub = ?",
            Field::Address => "UPDATE members SET address = ? WHERE sub = ?",
        };
        sqlx::query(update).bind(value).bind(sub).execute(&self.pool).await?;
        Ok(())
    }

    /// Erases a row without unlinking: the mistake that makes the sign-up page appear again and again.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn forget(&self, sub: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM members WHERE sub = ?").bind(sub).execute(&self.pool).await?;
        Ok(())
    }
}

/// The member who is linked to a user id.
pub(super) async fn by_sub(
    connection: &mut SqliteConnection,
    sub: &str,
) -> Result<Option<Member>, StoreError> {
    let member = "SELECT id, sub, connected_at, name, email, phone, address, terms, joined_by,
                         joined_at, password_hash, before_upgrade
                  FROM members WHERE sub = ?";
    Ok(sqlx::query_as(member).bind(sub).fetch_optional(connection).await?)
}

/// Members of before who may be this person.
pub(super) async fn candidates(
    transaction: &mut Transaction<'static, Sqlite>,
    identity: &Identity,
) -> Result<Vec<Candidate>, StoreError> {
    #[derive(FromRow)]
    struct Row {
        id: i64,
        name: Option<String>,
        email: Option<String>,
        phone: Option<String>,
        joined_at: i64,
        has_password: bool,
    }
    let rows = "SELECT id, name, email, phone, joined_at,
                       password_hash IS NOT NULL AS has_password
                FROM members
                WHERE sub IS NULL AND (email = ?1 OR phone = ?2)
                -- The address before the number: a code can be sent there.
                ORDER BY email IS NOT ?1, id";
    let rows: Vec<Row> = sqlx::query_as(rows)
        .bind(&identity.email)
        .bind(&identity.phone)
        .fetch_all(&mut **transaction)
        .await?;
    let candidate = |row: Row| Candidate {
        id: row.id,
        name: row.name,
        email: row.email,
        phone: row.phone,
        joined_at: row.joined_at,
        has_password: row.has_password,
    };
    Ok(rows.into_iter().map(candidate).collect())
}

/// Makes a row for a new member.
pub(super) async fn insert(
    transaction: &mut Transaction<'static, Sqlite>,
    sign_up: &SignUp,
    now: i64,
) -> Result<(), StoreError> {
    let identity = &sign_up.identity;
    let insert = "INSERT INTO members (sub, connected_at, name, email, email_verified, phone,
                                       address, terms, joined_by, joined_at)
                  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    sqlx::query(insert)
        .bind(&identity.sub)
        .bind(identity.connected_at)
        .bind(&identity.nickname)
        .bind(&identity.email)
        .bind(identity.email_verified)
        .bind(&identity.phone)
        .bind(&identity.address)
        .bind(terms(identity)?)
        .bind(identity.joined.as_str())
        .bind(now)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Links the row of a member of before. False where it is linked to another user by now.
pub(super) async fn link(
    transaction: &mut Transaction<'static, Sqlite>,
    id: i64,
    identity: &Identity,
) -> Result<bool, StoreError> {
    let link = "UPDATE members
                SET sub = ?, connected_at = ?, terms = ?,
                    name = coalesce(name, ?), email = coalesce(email, ?),
                    phone = coalesce(phone, ?), address = coalesce(address, ?)
                WHERE id = ? AND sub IS NULL";
    let linked = sqlx::query(link)
        .bind(&identity.sub)
        .bind(identity.connected_at)
        .bind(terms(identity)?)
        .bind(&identity.nickname)
        .bind(&identity.email)
        .bind(&identity.phone)
        .bind(&identity.address)
        .bind(id)
        .execute(&mut **transaction)
        .await?;
    Ok(linked.rows_affected() == 1)
}

/// Renews the row of a member who signs in: the terms, and values that the row did not have. What the
/// member typed at the shop stays.
pub(super) async fn renew(
    transaction: &mut Transaction<'static, Sqlite>,
    member: &Member,
    identity: &Identity,
) -> Result<(), StoreError> {
    let before = member.terms();
    let gained = identity.terms.as_ref().filter(|terms| before.is_empty() && !terms.is_empty());
    let row = Before {
        name: member.name.clone(),
        email: member.email.clone(),
        phone: member.phone.clone(),
        address: member.address.clone(),
        terms: before,
    };
    let before_upgrade = match (gained, &*member.joined_by) {
        (Some(_), "login") => Some(serde_json::to_string(&row)?),
        _ => member.before_upgrade.clone(),
    };
    let terms = match &identity.terms {
        Some(terms) => serde_json::to_string(terms)?,
        None => member.terms.clone(),
    };
    let renew = "UPDATE members
                 SET connected_at = ?, terms = ?, before_upgrade = ?,
                     name = coalesce(name, ?), email = coalesce(email, ?),
                     phone = coalesce(phone, ?), address = coalesce(address, ?)
                 WHERE id = ?";
    sqlx::query(renew)
        .bind(identity.connected_at)
        .bind(terms)
        .bind(before_upgrade)
        .bind(&identity.nickname)
        .bind(&identity.email)
        .bind(&identity.phone)
        .bind(&identity.address)
        .bind(member.id)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

fn terms(identity: &Identity) -> Result<String, StoreError> {
    Ok(serde_json::to_string(identity.terms.as_deref().unwrap_or_default())?)
}
