//! Locks, connections that are lost, and a database that cannot be written.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use consent_backend::{App, Location, Services, Settings, crypto};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

use super::cluster::cluster;
use crate::{
    browser::{Browser, Server, required_only, settings_on},
    client::services,
    screen,
};

/// A server on PostgreSQL, whatever the other tests run on, and the URL of its database.
pub async fn server() -> Option<(Server, String)> {
    server_with(|_| {}).await
}

/// The same with other settings.
pub async fn server_with(change: impl FnOnce(&mut Settings)) -> Option<(Server, String)> {
    let folder = TempDir::new().unwrap();
    let url = cluster()?.database_of(folder.path());
    std::fs::write(folder.path().join("services.toml"), services()).unwrap();
    Some((open(&url, folder, change).await, url))
}

/// Another server on the database of this one.
pub async fn another(server: &Server, url: &str, change: impl FnOnce(&mut Settings)) -> Server {
    let folder = TempDir::new().unwrap();
    std::fs::copy(server.folder.path().join("services.toml"), folder.path().join("services.toml"))
        .unwrap();
    let clock = server.clock.clone();
    open(url, folder, |settings| {
        settings.clock = clock;
        change(settings);
    })
    .await
}

async fn open(url: &str, folder: TempDir, change: impl FnOnce(&mut Settings)) -> Server {
    let location: Location = url.parse().unwrap();
    let file = folder.path().join("services.toml");
    let mut settings = settings_on(location, folder.path(), Services::File(file));
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    change(&mut settings);
    let clock = settings.clock.clone();
    Server::of(App::open(settings).await.unwrap(), clock, folder)
}

/// An authorize request of the shop.
pub const REQUEST: [(&str, &str); 5] = [
    ("response_type", "code"),
    ("client_id", "shop"),
    ("redirect_uri", "https://shop.example/callback"),
    ("scope", "openid"),
    ("state", "s"),
];

/// A browser with a challenge.
pub async fn asked(server: &Server, account: &'static str) -> (Browser, String) {
    let mut browser = server.proxied(account);
    let challenge = browser.authorize(&REQUEST).await.challenge();
    (browser, challenge)
}

/// Takes the lock of an account, as a transaction of a server does, until the connection rolls back.
pub async fn hold(connection: &mut PgConnection, account: &str) {
    let digest = crypto::fingerprint(&format!("account {account}"));
    let lock = digest.iter().take(8).fold(0_i64, |lock, byte| (lock << 8) | i64::from(*byte));
    let held = format!("BEGIN; SELECT pg_advisory_xact_lock({lock})");
    sqlx::raw_sql(AssertSqlSafe(held)).execute(connection).await.unwrap();
}

/// Waits until so many transactions wait for a lock.
pub async fn waiters(connection: &mut PgConnection, many: i64) {
    let waiting = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
                   WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted";
    let began = Instant::now();
    loop {
        let found: i64 = sqlx::query_scalar(waiting).fetch_one(&mut *connection).await.unwrap();
        if found >= many {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{found} wait");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
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
    hold(&mut other, "hana").await;
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

/// All connections of a server wait for one account: an answer then names when to try again, and
/// nothing is written by halves.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_connection_is_told_when_to_come_again() {
    const CONNECTIONS: i64 = 16;
    let Some((server, url)) = server().await else { return };
    let (hana, of_hana) = asked(&server, "hana").await;
    let (mut duri, of_duri) = asked(&server, "duri").await;
    let decision = required_only(&hana.clone().asked(&of_hana).await);
    let mut other = PgConnection::connect(&url).await.unwrap();
    hold(&mut other, "hana").await;
    let waiting = (0..CONNECTIONS).map(|_| {
        let (mut hana, of_hana, decision) = (hana.clone(), of_hana.clone(), decision.clone());
        tokio::spawn(async move { hana.decide(&of_hana, &decision).await.status })
    });
    let waiting: Vec<_> = waiting.collect();
    waiters(&mut PgConnection::connect(&url).await.unwrap(), CONNECTIONS).await;
    let began = Instant::now();
    let answer = duri.read(&of_duri).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
    assert!(!answer.header("retry-after").is_empty());
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    for task in waiting {
        let status = task.await.unwrap();
        // Some may have waited for 5 seconds already.
        assert!([200, 503].contains(&status.as_u16()), "{status}");
    }
    assert_eq!(decide(&mut duri, &of_duri).await, StatusCode::OK);
    let answer = hana.clone().decide(&of_hana, &decision).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(count(&url, "SELECT count(*) FROM decisions").await, 2);
}

/// Sealing waits for no decision, and none for it: a decision that is being written holds the lock of the store
/// as others do.
#[tokio::test]
async fn sealing_and_decisions_do_not_wait_for_each_other() {
    let Some((server, url)) = server().await else { return };
    let (mut hana, of_hana) = asked(&server, "hana").await;
    assert_eq!(decide(&mut hana, &of_hana).await, StatusCode::OK);
    let mut other = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN; SELECT pg_advisory_xact_lock_shared(0)")
        .execute(&mut other)
        .await
        .unwrap();
    tokio::time::timeout(Duration::from_secs(3), server.app.seal_receipts()).await.unwrap();
    assert_eq!(count(&url, "SELECT max(tree_size) FROM checkpoints").await, 1);
}

pub async fn count(url: &str, sql: &'static str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
}

/// As when a deployment starts: one migrates and makes the keys, the other waits.
#[tokio::test]
async fn two_servers_can_start_at_once_on_an_empty_database() {
    let Some(cluster) = cluster() else { return };
    let url = cluster.empty("first_start");
    let start = || {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("services.toml"), services()).unwrap();
        open(&url, folder, |_| {})
    };
    let (one, two) = tokio::join!(start(), start());
    let mut published = Vec::new();
    for server in [one, two] {
        let keys = server.browser().get("/.well-known/jwks.json").await;
        published.push(keys.json::<serde_json::Value>());
    }
    assert!(!published[0]["keys"].as_array().unwrap().is_empty());
    assert_eq!(published[0], published[1]);
}

/// Ends every connection to a database but this one, and waits until all of them have ended: one that is about to
/// end still takes a statement.
pub async fn end_connections(connection: &mut PgConnection) {
    let others = "SELECT pid FROM pg_stat_activity
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let ended: Vec<i32> = sqlx::query_scalar(others).fetch_all(&mut *connection).await.unwrap();
    let end = sqlx::query("SELECT pg_terminate_backend(pid) FROM unnest($1) AS pid").bind(&ended);
    end.execute(&mut *connection).await.unwrap();
    let left = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY($1)";
    let began = Instant::now();
    loop {
        let left = sqlx::query_scalar::<_, i64>(left).bind(&ended).fetch_one(&mut *connection);
        if left.await.unwrap() == 0 {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "some of {ended:?} do not end");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Whatever is first on a connection finds out that it is lost, and is done on another one: reading, a
/// transaction, and a single statement that writes.
#[tokio::test]
async fn a_server_goes_on_after_its_connections_were_lost() {
    let Some((server, url)) = server().await else { return };
    screen::build(&server);
    screen::make_room(&server);
    let mut other = PgConnection::connect(&url).await.unwrap();
    // The first decision opens the connection that flushes, and the second finds it lost.
    for account in ["hana", "duri"] {
        let (mut browser, challenge) = asked(&server, account).await;
        // Several connections lie in the pool, and all of them are lost.
        let busy = (0..8).map(|_| {
            let (browser, challenge) = (browser.clone(), challenge.clone());
            tokio::spawn(async move { browser.clone().read(&challenge).await.status })
        });
        for read in busy.collect::<Vec<_>>() {
            assert_eq!(read.await.unwrap(), StatusCode::OK);
        }
        end_connections(&mut other).await;
        assert_eq!(browser.read(&challenge).await.status, StatusCode::OK, "{account}");
        let decision = required_only(&browser.asked(&challenge).await);
        end_connections(&mut other).await;
        let decided = browser.decide(&challenge, &decision).await;
        assert_eq!(decided.status, StatusCode::OK, "{account}: {}", decided.text());
        end_connections(&mut other).await;
        assert_eq!(browser.get("/account").await.status, StatusCode::OK, "{account}");
    }
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
