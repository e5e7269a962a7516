//! Receipts in PostgreSQL are protected by triggers, and what is changed in spite of them is found.

use consent_backend::{Location, Store};
use sqlx::{Connection, PgConnection};

use super::trouble::{another, server};
use crate::client::code;

/// Statements that a trigger refuses.
const REFUSED: [&str; 14] = [
    "UPDATE receipt_items SET agreed = NOT agreed",
    "DELETE FROM receipt_items",
    "UPDATE decisions SET decision = 'cancel'",
    "DELETE FROM decisions",
    "UPDATE signed_receipts SET jws = ''",
    "DELETE FROM signed_receipts",
    "UPDATE log_nodes SET hash = ''",
    "DELETE FROM log_nodes",
    "DELETE FROM checkpoints",
    "UPDATE subjects SET salt = ''",
    "DELETE FROM receipt_keys",
    "INSERT INTO unsigned_receipts VALUES ('another')",
    "UPDATE documents SET title = ''",
    "DELETE FROM database_mode",
];

/// The same by `TRUNCATE`, which no trigger of a row sees.
const TRUNCATED: [&str; 6] = [
    "TRUNCATE decisions CASCADE",
    "TRUNCATE receipt_items",
    "TRUNCATE signed_receipts",
    "TRUNCATE log_nodes",
    "TRUNCATE checkpoints",
    "TRUNCATE documents",
];

#[tokio::test]
async fn what_proves_is_neither_changed_nor_deleted() {
    let Some((server, url)) = server().await else { return };
    code(&mut server.proxied("hana"), "shop", "openid", &["term:news"]).await;
    server.app.seal_receipts().await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    for sql in REFUSED.into_iter().chain(TRUNCATED) {
        let refused = sqlx::raw_sql(sql).execute(&mut connection).await.unwrap_err();
        let sqlx::Error::Database(reason) = &refused else { panic!("{sql}: {refused}") };
        assert_eq!(reason.code().as_deref(), Some("23000"), "{sql}: {refused}");
    }
    let location: Location = url.parse().unwrap();
    let faults = async || {
        let store = Store::open_existing(&location).await.unwrap();
        let report = store.check_receipts(None, &[]).await.unwrap();
        store.close().await;
        report.faults
    };
    assert_eq!(faults().await, [""; 0]);
    for (table, sql) in [
        ("receipt_items", "UPDATE receipt_items SET agreed = NOT agreed WHERE position = 1"),
        ("signed_receipts", "UPDATE signed_receipts SET jws = replace(jws, 'A', 'B')"),
    ] {
        let alter = |what: &str| {
            sqlx::AssertSqlSafe(format!("ALTER TABLE {table} {what} TRIGGER {table}_stay"))
        };
        sqlx::raw_sql(alter("DISABLE")).execute(&mut connection).await.unwrap();
        let found = faults().await;
        assert!(found.contains(&format!("the trigger {table}_stay is missing")), "{found:?}");
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        sqlx::raw_sql(alter("ENABLE")).execute(&mut connection).await.unwrap();
        let found = faults().await;
        assert!(found.iter().any(|it| it.starts_with("receipt ")), "{table}: {found:?}");
    }
    // A server that starts does not look at each receipt.
    another(&server, &url, |_| {}).await.app.close().await;
}
