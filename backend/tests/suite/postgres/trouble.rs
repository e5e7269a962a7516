//! Locks, connections that are lost, and a database that cannot be written.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use consent_backend::{App, Location, Services, crypto};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

use super::cluster::cluster;
use crate::{
    browser::{Browser, Server, required_only, settings_on},
    client::services,
};

/// A server on PostgreSQL, whatever the other tests run on, and the URL of its database.
async fn server() -> Option<(Server, String)> {
    let folder = TempDir::new().unwrap();
    let url = cluster()?.database_of(folder.path());
    let file = folder.path().join("services.toml");
    std::fs::write(&file, services()).unwrap();
    let location: Location = url.parse().unwrap();
    let mut settings = settings_on(location, folder.path(), Services::File(file));
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let clock = settings.clock.clone();
    Some((Server::of(App::open(settings).await.unwrap(), clock, folder), url))
}

/// A browser with a challenge, and the decision on it.
async fn asked(server: &Server, account: &'static str) -> (Browser, String) {
    let mut browser = server.proxied(account);
    let service = [
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.example/callback"),
        ("scope", "openid"),
        ("state", "s"),
    ];
    let challenge = browser.authorize(&service).await.challenge();
    (browser, challenge)
}

async fn decide(browser: &mut Browser, challenge: &str) -> StatusCode {
    let decision = required_only(&browser.asked(challenge).await);
    browser.decide(challenge, &decision).await.status
}

#[tokio::test]
async fn decisions_of_several_accounts_do_not_wait_for_each_other() {
    let Some((server, url)) = server().await else { return };
    let (mut hana, of_hana) = asked(&server, "hana").await;
    let (mut duri, of_duri) = asked(&server, "duri").await;
    let mut other = PgConnection::connect(&url).await.unwrap();
    let digest = crypto::fingerprint("account hana");
    let lock = digest.iter().take(8).fold(0_i64, |lock, byte| (lock << 8) | i64::from(*byte));
    let held = format!("BEGIN; SELECT pg_advisory_xact_lock({lock})");
    sqlx::raw_sql(AssertSqlSafe(held)).execute(&mut other).await.unwrap();
    let began = Instant::now();
    assert_eq!(decide(&mut duri, &of_duri).await, StatusCode::OK);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    // Who waits too long is told when to come again, and nothing was written.
    let decision = required_only(&hana.asked(&of_hana).await);
    let answer = hana.decide(&of_hana, &decision).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.header("retry-after").is_empty());
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(decide(&mut hana, &of_hana).await, StatusCode::OK);
}

/// As when a deployment starts: one migrates and makes the keys, the other waits.
#[tokio::test]
async fn two_servers_can_start_at_once_on_an_empty_database() {
    let Some(cluster) = cluster() else { return };
    let url = cluster.empty("first_start");
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    std::fs::write(&file, services()).unwrap();
    let open = || {
        let location: Location = url.parse().unwrap();
        App::open(settings_on(location, folder.path(), Services::File(file.clone())))
    };
    let (one, two) = tokio::join!(open(), open());
    let mut published = Vec::new();
    for app in [one.unwrap(), two.unwrap()] {
        let keys = Browser::new(&app).get("/.well-known/jwks.json").await;
        published.push(keys.json::<serde_json::Value>());
    }
    assert!(!published[0]["keys"].as_array().unwrap().is_empty());
    assert_eq!(published[0], published[1]);
}

/// Ends every connection to a database but this one.
async fn end_connections(connection: &mut PgConnection) {
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sqlx::raw_sql(end).execute(connection).await.unwrap();
}

#[tokio::test]
async fn a_server_goes_on_after_its_connections_were_lost() {
    let Some((server, url)) = server().await else { return };
    let (mut browser, challenge) = asked(&server, "hana").await;
    let mut other = PgConnection::connect(&url).await.unwrap();
    end_connections(&mut other).await;
    assert_eq!(decide(&mut browser, &challenge).await, StatusCode::OK);
}

#[tokio::test]
async fn a_database_that_is_read_only_is_not_ready_and_loses_nothing() {
    let Some((server, url)) = server().await else { return };
    let (mut browser, challenge) = asked(&server, "hana").await;
    let decision = required_only(&browser.asked(&challenge).await);
    let mut other = PgConnection::connect(&url).await.unwrap();
    let name: String =
        sqlx::query_scalar("SELECT current_database()::text").fetch_one(&mut other).await.unwrap();
    let set = |value: &str| {
        let sql = format!("ALTER DATABASE {name} SET default_transaction_read_only = {value}");
        AssertSqlSafe(sql)
    };
    sqlx::raw_sql(set("on")).execute(&mut other).await.unwrap();
    end_connections(&mut other).await;
    let answer = browser.decide(&challenge, &decision).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
    assert!(!answer.header("retry-after").is_empty());
    let ready = server.browser().get("/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    // What is read goes on.
    assert_eq!(browser.read(&challenge).await.status, StatusCode::OK);
    sqlx::raw_sql(set("off")).execute(&mut other).await.unwrap();
    end_connections(&mut other).await;
    assert_eq!(browser.decide(&challenge, &decision).await.status, StatusCode::OK);
}
