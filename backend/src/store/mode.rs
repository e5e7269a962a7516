//! Whose database it is: the demo's, where anyone can be anyone, or a real one. The two never share
//! a database.

use std::{collections::BTreeSet, fmt};

use super::{
    Error, OpenError, Scope, Writer,
    engine::{Pool, SqlxPool, query, query_scalar},
    migration,
    name::Named,
    postgres, retried,
};
use serde::Serialize;

/// How this program is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// With the built-in services and accounts.
    Demo,
    /// With services and accounts of a configuration.
    Production,
}

/// As the database names it.
impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        serde_plain::to_string(self).map_err(|_| fmt::Error)?.fmt(f)
    }
}

/// Who wants to use a database.
#[derive(Debug, Clone)]
pub struct Claim {
    pub mode: Mode,
    /// The client ids of its services.
    pub services: BTreeSet<String>,
    /// The client ids of the demo's services. Asked only for a database that has no mode yet.
    pub demo_services: fn() -> BTreeSet<String>,
    /// The public origin, which receipts name.
    pub issuer: String,
}

/// What a database without a mode holds, as far as its services show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    /// Nothing of the other mode.
    Ours,
    /// The other mode's, and nothing of ours.
    Theirs,
    /// A real database on which the demo was run as well.
    Mixed,
}

impl Claim {
    /// Judges a database without a mode by the services in it. The demo takes no database that holds
    /// a service which is not its own.
    fn judge(&self, stored: &BTreeSet<String>) -> Content {
        match self.mode {
            Mode::Demo if stored.is_subset(&self.services) => Content::Ours,
            Mode::Demo => Content::Theirs,
            Mode::Production => {
                let demo = (self.demo_services)();
                let is_the_demos =
                    |id: &&String| demo.contains(*id) && !self.services.contains(*id);
                match stored.iter().filter(is_the_demos).count() {
                    0 => Content::Ours,
                    many if many == stored.len() => Content::Theirs,
                    _ => Content::Mixed,
                }
            }
        }
    }
}

/// What is left to be written once the schema is up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The database has this mode already.
    Nothing,
    /// The database takes this mode.
    Mode(Mode),
    /// The same, and every session of the demo ends.
    ModeAndSignOut(Mode),
}

/// Whether this database may be used so. Nothing is written: a database that is refused must stay
/// as it is, without migrations.
///
/// # Errors
/// `OpenError::OtherMode`, or when the database cannot be read.
pub async fn check(pool: &Pool, claim: &Claim) -> Result<Mark, OpenError> {
    if has_table(pool, "database_mode").await? {
        let mode: Option<String> =
            query_scalar!("SELECT mode FROM database_mode").fetch_optional(pool).await?;
        match mode {
            Some(mode) if mode == claim.mode.to_string() => return Ok(Mark::Nothing),
            Some(_) => return Err(OpenError::OtherMode(claim.mode)),
            None => {}
        }
    }
    match claim.judge(&stored_services(pool).await?) {
        Content::Ours => Ok(Mark::Mode(claim.mode)),
        Content::Theirs => Err(OpenError::OtherMode(claim.mode)),
        Content::Mixed => Ok(Mark::ModeAndSignOut(claim.mode)),
    }
}

/// Writes the mode, unless another server has done so since [`check`].
///
/// # Errors
/// `OpenError::OtherMode`, or when the database cannot be written.
pub async fn mark(writer: &Writer, mark: Mark) -> Result<(), OpenError> {
    let (mode, sign_out) = match mark {
        Mark::Nothing => return Ok(()),
        Mark::Mode(mode) => (mode, false),
        Mark::ModeAndSignOut(mode) => (mode, true),
    };
    retried(|| async {
        let mut transaction = writer.begin(Scope::Store).await?;
        let found = query_scalar!("SELECT mode FROM database_mode");
        match found.fetch_optional(&mut *transaction).await? {
            Some(found) if found == mode.to_string() => return Ok(()),
            Some(_) => return Err(OpenError::OtherMode(mode)),
            None => {}
        }
        if sign_out {
            tracing::warn!(
                "the demo was run on this database before: every browser is signed out, and every \
             code and token is revoked"
            );
            query!("DELETE FROM challenges").execute(&mut *transaction).await?;
            query!("DELETE FROM sessions").execute(&mut *transaction).await?;
            query!("DELETE FROM tokens").execute(&mut *transaction).await?;
            query!("DELETE FROM codes").execute(&mut *transaction).await?;
        }
        let mode = Named(mode);
        query!("INSERT INTO database_mode (id, mode) VALUES (1, ?)", mode)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    })
    .await
}

async fn has_table(pool: &Pool, name: &str) -> Result<bool, Error> {
    match pool.of_sqlx() {
        SqlxPool::Sqlite(pool) => migration::has_table(pool, name).await,
        SqlxPool::Postgres(pool) => postgres::has_table(pool, name).await,
    }
}

/// The services that anything in the database is about; none in a new one.
async fn stored_services(pool: &Pool) -> Result<BTreeSet<String>, Error> {
    if !has_table(pool, "documents").await? {
        return Ok(BTreeSet::new());
    }
    let services = query_scalar!(
        r#"SELECT service AS "service!" FROM documents UNION SELECT service FROM links
         UNION SELECT service FROM decisions UNION SELECT service FROM challenges"#,
    )
    .fetch_all(pool)
    .await?;
    Ok(services.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<const N: usize>(ids: [&str; N]) -> BTreeSet<String> {
        ids.map(str::to_owned).into()
    }

    fn claim(mode: Mode, services: BTreeSet<String>) -> Claim {
        let demo_services = || set(["demo-shop", "demo-travel"]);
        Claim { mode, services, demo_services, issuer: "https://id.example".to_owned() }
    }

    #[test]
    fn a_database_without_a_mode_is_judged_by_its_services() {
        let demo = claim(Mode::Demo, set(["demo-shop", "demo-travel"]));
        let production = claim(Mode::Production, set(["shop"]));
        for (stored, for_demo, for_production) in [
            (set([]), Content::Ours, Content::Ours),
            (set(["demo-shop"]), Content::Ours, Content::Theirs),
            (set(["shop"]), Content::Theirs, Content::Ours),
            // A service that was configured once.
            (set(["bakery"]), Content::Theirs, Content::Ours),
            (set(["demo-shop", "bakery"]), Content::Theirs, Content::Mixed),
            (set(["demo-shop", "shop"]), Content::Theirs, Content::Mixed),
        ] {
            assert_eq!(demo.judge(&stored), for_demo, "{stored:?}");
            assert_eq!(production.judge(&stored), for_production, "{stored:?}");
        }
        // A configuration that began as a copy of the demo's.
        let copied = claim(Mode::Production, set(["demo-shop"]));
        assert_eq!(copied.judge(&set(["demo-shop"])), Content::Ours);
    }
}
