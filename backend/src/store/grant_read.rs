//! Reading a grant with one statement. A decision that is being written shows whole or not at all; and
//! each statement is a way to SQLite's thread and back, which costs more than what it reads.

use consent_contract::{item::ItemKey, request::Relation};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    Error, Grant, Outcome,
    engine::{Executor, lookup, record},
    name::Named,
};
use crate::{clock::Seconds, config::How, consent::GuardianConsent};

/// What a row is about.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Agreement,
    Link,
    AskedItem,
    Channel,
    RefusedForAge,
    Guardian,
}

record! {
    /// A row of any part; each part fills the columns that it needs.
    struct Row {
        part: Named<Part>,
        /// The key of an agreement or an item, the id of a channel.
        key: Option<String>,
        /// The version of a term, how an account came, the relation to a channel, where a link went.
        name: Option<String>,
        value: Option<String>,
        statements: Option<String>,
        at: Option<Seconds>,
        expires_at: Option<Seconds>,
        links: Option<i64>,
        links_since: Option<Seconds>,
        agreed_at: Option<Seconds>,
        refused_at: Option<Seconds>,
    }
}

/// Reads what holds between an account and a service. An agreement past its validity does not,
/// whether maintenance has ended it already or not.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn read(
    on: impl Into<Executor<'_>>,
    account: &str,
    service: &str,
    now: Seconds,
) -> Result<Grant, Error> {
    let under_age = Named(Outcome::UnderAge);
    // The first part gives the columns their types, in PostgreSQL.
    let rows = lookup!(
        Row,
        r#"SELECT 'agreement' AS "part!: Named<Part>", key AS "key?: String",
             version AS "name?: String", value AS "value?: String",
             statements AS "statements?: String", agreed_at AS "at?: Seconds",
             CAST(NULL AS BIGINT) AS "expires_at?: Seconds", CAST(NULL AS BIGINT) AS "links?: i64",
             CAST(NULL AS BIGINT) AS "links_since?: Seconds",
             CAST(NULL AS BIGINT) AS "agreed_at?: Seconds",
             CAST(NULL AS BIGINT) AS "refused_at?: Seconds"
         FROM agreements
         WHERE account = ?1 AND service = ?2 AND (expires_at IS NULL OR expires_at > ?3)
         UNION ALL
         SELECT 'link', NULL, how, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
         FROM links WHERE account = ?1 AND service = ?2
         UNION ALL
         SELECT 'asked_item', key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
         FROM asked_items WHERE account = ?1 AND service = ?2
         UNION ALL
         SELECT 'channel', public_id, relation, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
         FROM channel_relations WHERE account = ?1
         UNION ALL
         SELECT 'refused_for_age', NULL, NULL, NULL, NULL, max(decided_at), NULL, NULL, NULL, NULL,
             NULL
         FROM decisions WHERE account = ?1 AND service = ?2 AND decision = ?4
         UNION ALL
         SELECT 'guardian', NULL, contact, NULL, NULL, needed_at, expires_at, links, links_since,
             agreed_at, refused_at
         FROM guardian_consents WHERE account = ?1 AND service = ?2"#,
        account,
        service,
        now,
        under_age,
    )
    .fetch_all(on)
    .await?;
    let mut grant = Grant::default();
    for row in rows {
        add(&mut grant, row)?;
    }
    Ok(grant)
}

fn add(grant: &mut Grant, row: Row) -> Result<(), Error> {
    let key = row.key.unwrap_or_default();
    match row.part.0 {
        Part::Agreement => {
            let at = row.at.unwrap_or_default();
            match key.parse().map_err(|error| Error::Decode(Box::new(error)))? {
                ItemKey::Term(tag) => {
                    grant.terms.insert(tag, (row.name.unwrap_or_default(), at));
                }
                ItemKey::Item(id) => {
                    if let Some(digest) = row.statements {
                        grant.statements.insert(id.clone(), digest);
                    }
                    grant.items.insert(id, (at, row.value));
                }
                // Channels have a table of their own.
                ItemKey::Channel(_) => {}
            }
        }
        Part::Link => grant.link = Some(named::<How>(row.name)?),
        Part::AskedItem => {
            if let Ok(ItemKey::Item(id)) = key.parse() {
                grant.asked_before.insert(id);
            }
        }
        Part::Channel => {
            grant.channels.insert(key, named::<Relation>(row.name)?);
        }
        Part::RefusedForAge => grant.refused_for_age = row.at,
        Part::Guardian => {
            grant.guardian = Some(GuardianConsent {
                needed_at: row.at.unwrap_or_default(),
                contact: row.name,
                expires_at: row.expires_at,
                links: row.links.unwrap_or_default(),
                links_since: row.links_since.unwrap_or_default(),
                agreed_at: row.agreed_at,
                refused_at: row.refused_at,
            });
        }
    }
    Ok(())
}

/// An enum by the name that serde gives its variants.
fn named<T: DeserializeOwned>(name: Option<String>) -> Result<T, Error> {
    serde_plain::from_str(&name.unwrap_or_default()).map_err(|error| Error::Decode(Box::new(error)))
}
