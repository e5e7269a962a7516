//! Members of before, for the demo: people who joined when the shop had its own passwords.

use super::Store;
use crate::password;

struct Before {
    name: &'static str,
    email: &'static str,
    phone: Option<&'static str>,
    password: Option<&'static str>,
    /// 2 March 2021 and later days.
    joined_at: i64,
}

const BEFORE: [Before; 3] = [
    Before {
        name: "네모",
        email: "nemo@example.com",
        phone: None,
        password: Some("tea-since-2019"),
        joined_at: 1_614_643_200,
    },
    Before {
        name: "다온",
        email: "daon@example.com",
        phone: None,
        password: None,
        joined_at: 1_633_046_400,
    },
    Before {
        name: "라온",
        email: "raon.old@example.com",
        phone: Some("+821055556666"),
        password: Some("tea-since-2019"),
        joined_at: 1_651_363_200,
    },
];

impl Store {
    /// Adds the members of before, into a database that has had no member yet.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn add_demo_members(&self) -> anyhow::Result<()> {
        // AUTOINCREMENT remembers here that there were rows, also when all of them are gone.
        let had_members = "SELECT count(*) FROM sqlite_sequence WHERE name = 'members'";
        let had_members: i64 = sqlx::query_scalar(had_members).fetch_one(&self.pool).await?;
        if had_members > 0 {
            return Ok(());
        }
        let mut transaction = self.begin().await?;
        for member in &BEFORE {
            let hash = member.password.map(password::hash).transpose();
            let hash =
                hash.map_err(|error| anyhow::anyhow!("a password cannot be hashed: {error}"))?;
            let insert = "INSERT INTO members (name, email, email_verified, phone, joined_by,
                                               joined_at, password_hash)
                          VALUES (?, ?, 1, ?, 'before', ?, ?)";
            sqlx::query(insert)
                .bind(member.name)
                .bind(member.email)
                .bind(member.phone)
                .bind(member.joined_at)
                .bind(hash)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
