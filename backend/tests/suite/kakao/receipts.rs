//! What a service changes over the API leaves receipts, which are never changed.

use sqlx::{SqlitePool, sqlite::SqliteConnectOptions};

use super::{bearer, ok, post, server, sign_up};
use crate::browser::Server;

async fn database(server: &Server) -> SqlitePool {
    let file = server.folder.path().join("data/consent.sqlite");
    let options = SqliteConnectOptions::new().filename(file).foreign_keys(true);
    SqlitePool::connect_with(options).await.unwrap()
}

#[tokio::test]
async fn every_change_over_the_api_leaves_a_receipt() {
    if !crate::database::is_sqlite("kakao::receipts::every_change_over_the_api_leaves_a_receipt") {
        return;
    }
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let call = async |path: &str, body: &[(&str, &str)]| {
        ok(&post(&server, path, &bearer(&tokens), body).await);
        server.clock.advance(1);
    };
    call("/v2/user/revoke/service_terms", &[("tags", "marketing")]).await;
    call("/v2/user/revoke/service_terms", &[("tags", "marketing")]).await;
    call("/v2/user/upgrade/service_terms", &[("tags", "points,marketing")]).await;
    call("/v2/user/revoke/scopes", &[("scopes", "account_email,shipping_address")]).await;
    call("/v1/user/unlink", &[]).await;
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT change, caused_by,
             (SELECT group_concat(key || ' ' || coalesce(version, '-'), ',')
              FROM (SELECT * FROM grant_change_items ORDER BY key) AS items
              WHERE items.receipt_id = grant_changes.receipt_id)
         FROM grant_changes WHERE account = 'hana' ORDER BY changed_at",
    )
    .fetch_all(&database(&server).await)
    .await
    .unwrap();
    let rows: Vec<(&str, &str, &str)> = rows.iter().map(|(a, b, c)| (&**a, &**b, &**c)).collect();
    let expected = [
        ("withdraw", "user_token", "term:marketing 1"),
        ("agree", "user_token", "term:marketing 1,term:points 1"),
        ("withdraw", "user_token", "item:account_email -,item:shipping_address -"),
        (
            "unlink",
            "user_token",
            "item:profile_nickname -,term:marketing 1,term:points 1,term:tos 1",
        ),
    ];
    assert_eq!(rows, expected);
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1, "the screen's own stays");
    // What holds after coming back is what the receipts leave.
    sign_up(&server, "hana").await;
    assert_eq!(crate::receipts::faults(&server).await, Vec::<String>::new());
}

#[tokio::test]
async fn receipts_of_changes_are_never_changed() {
    if !crate::database::is_sqlite("kakao::receipts::receipts_of_changes_are_never_changed") {
        return;
    }
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    ok(&post(&server, "/v1/user/unlink", &bearer(&tokens), &[]).await);
    let pool = database(&server).await;
    for sql in [
        "UPDATE grant_changes SET change = 'agree'",
        "DELETE FROM grant_changes",
        "INSERT OR REPLACE INTO grant_changes SELECT * FROM grant_changes",
        "UPDATE grant_change_items SET key = 'term:other'",
        "DELETE FROM grant_change_items",
        "INSERT OR REPLACE INTO grant_change_items SELECT * FROM grant_change_items",
    ] {
        let refused = sqlx::query(sql).execute(&pool).await.unwrap_err().to_string();
        assert!(refused.contains("receipts of changes are never"), "{sql}: {refused}");
    }
}
