//! Every statement that the compiler has checked against SQLite is good in PostgreSQL, too.

use consent_backend::postgres_text;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqlSafeStr};

use super::cluster::cluster;
use crate::queries::prepared;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations_postgres");

#[tokio::test]
async fn every_checked_statement_can_be_prepared() {
    let Some(cluster) = cluster() else { return };
    let mut connection = PgConnection::connect(&cluster.empty("statements")).await.unwrap();
    MIGRATIONS.run(&mut connection).await.unwrap();
    let mut refused = Vec::new();
    for (name, query, _) in prepared() {
        let text = AssertSqlSafe(postgres_text(&query)).into_sql_str();
        if let Err(error) = connection.prepare(text).await {
            refused.push(format!("{name}: {error}\n{query}"));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n\n"));
}
