//! Slow requests by the admin API, and the metrics of the connections to the database.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use serde_json::Value;
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
use tower::ServiceExt;

use crate::{
    browser::{Server, agreement},
    client::{request, services, tokens, userinfo},
    database,
};

const TOKEN: &str = "a-token-of-the-admin-api-0123456789";

async fn server(threshold: Duration) -> Server {
    let toml = format!("{}\n[admin]\ntoken = \"{TOKEN}\"\n", services());
    Server::configured_with(&toml, |settings| settings.slow_request = threshold).await.unwrap()
}

async fn get(server: &Server, path: &str, token: &str) -> (u16, String) {
    let call = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
    let answer =
        server.app.admin_router().oneshot(call.body(Body::empty()).unwrap()).await.unwrap();
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn slow(server: &Server) -> (Vec<Value>, String) {
    let (status, text) = get(server, "/admin/v1/slow-requests", TOKEN).await;
    assert_eq!(status, 200, "{text}");
    let body: Value = serde_json::from_str(&text).unwrap();
    (body["requests"].as_array().unwrap().clone(), text)
}

#[tokio::test]
async fn each_request_has_its_statements_and_nothing_of_a_person() {
    let server = server(Duration::ZERO).await;
    let mut hana = server.proxied("hana");
    tokens(&server, &mut hana, "shop", "openid", &["term:news"]).await;
    let (requests, text) = slow(&server).await;
    let of = |route: &str| {
        requests.iter().find(|it| it["route"] == route).unwrap_or_else(|| panic!("{route}: {text}"))
    };
    let decision = of("/api/v1/consents/{challenge}/decision");
    assert_eq!((&decision["method"], &decision["status"]), (&"POST".into(), &200.into()));
    assert_eq!(decision["request_id"].as_str().unwrap().len(), 16);
    let parts = decision["parts"].as_array().unwrap();
    let works = |work: &str| parts.iter().filter(|it| it["work"] == work).count();
    assert!(works("statement") >= 3 && works("commit") == 1 && works("pool_wait") >= 1, "{text}");
    let named = |it: &&Value| {
        let name = it["name"].as_str().unwrap();
        it["work"] == "statement" && name.starts_with("store/") && name.contains(".rs:")
    };
    assert!(parts.iter().filter(named).count() >= 3, "{text}");
    let sum: f64 = parts.iter().map(|it| it["milliseconds"].as_f64().unwrap()).sum();
    let other = decision["other_milliseconds"].as_f64().unwrap();
    assert!(sum + other >= decision["milliseconds"].as_f64().unwrap() - 0.1, "{decision}");
    for value in ["hana", "하나", "example.com", "consents/ch", "0101111"] {
        assert!(!text.contains(value), "{value}: {text}");
    }
    let (status, _) = get(&server, "/admin/v1/slow-requests", "wrong").await;
    assert_eq!(status, 401);
    let fast = self::server(Duration::from_secs(60)).await;
    fast.browser().get("/healthz").await;
    assert_eq!(slow(&fast).await.0, [Value::Null; 0]);

    let (_, metrics) = get(&server, "/metrics", "").await;
    let number = |line: &str| -> f64 {
        let found = metrics.lines().find_map(|it| it.strip_prefix(line));
        found.unwrap_or_else(|| panic!("{line}: {metrics}")).trim().parse().unwrap()
    };
    assert!(number("consent_database_pool_wait_seconds_count") >= 5.0);
    let pool = if server.location().directory().is_some() { "writer" } else { "all" };
    assert!(
        number(&format!("consent_database_connections{{pool=\"{pool}\",kind=\"open\"}}")) >= 1.0
    );
    assert!(
        number(&format!("consent_database_connections{{pool=\"{pool}\",kind=\"most\"}}")) >= 1.0
    );
    // PostgreSQL's are asked whether they are still there when they are given back.
    assert!(
        number(&format!("consent_database_connections{{pool=\"{pool}\",kind=\"in_use\"}}")) <= 1.0
    );
}

/// What fails as a lookup is done again by sqlx, on a connection of a pool: it would be right, and slow.
#[tokio::test]
async fn what_is_looked_up_needs_no_pool() {
    if !database::is_sqlite("slow_requests::what_is_looked_up_needs_no_pool") {
        return;
    }
    let server = server(Duration::ZERO).await;
    let mut hana = server.proxied("hana");
    let tokens = tokens(&server, &mut hana, "shop", "openid", &[]).await;
    userinfo(&server, &tokens).await;
    let (requests, text) = slow(&server).await;
    let parts = |route: &str| {
        let found = requests.iter().find(|it| it["route"] == route);
        found.unwrap_or_else(|| panic!("{route}: {text}"))["parts"].as_array().unwrap()
    };
    let is_looked_up = |route: &str, file: &str| {
        let is_of_file = |it: &&Value| it["name"].as_str().unwrap().contains(file);
        let found: Vec<_> = parts(route).iter().filter(is_of_file).collect();
        found.iter().any(|it| it["work"] == "statement" && it["times"] == 1)
            && found.iter().all(|it| it["work"] == "statement")
    };
    let read = "/api/v1/consents/{challenge}";
    for file in ["store/session.rs", "store/challenge.rs", "store/grant_read.rs"] {
        assert!(is_looked_up(read, file), "{file}: {text}");
    }
    assert!(parts(read).iter().all(|it| it["work"] != "pool_wait"), "{text}");
    // Whether the account is on the messenger is read with its session, where the proxy names it, too.
    let is_of_messenger = |it: &Value| it["name"].as_str().unwrap().contains("store/messenger.rs");
    assert!(!parts(read).iter().any(is_of_messenger), "{text}");
    assert!(is_looked_up("/oauth/userinfo", "store/access_token.rs"), "{text}");
}

/// A decision that has to wait, because another process holds the database for writing until `until` has ended,
/// and where its time went. None for its answer where the client gave up before.
async fn decision_that_waits(
    server: &Server,
    until: Duration,
    patience: Duration,
) -> (Option<u16>, Value) {
    let mut hana = server.proxied("hana");
    let shop = request("shop", "https://shop.example/callback", "openid");
    let challenge = hana.authorize(&shop).await.challenge();
    let asked = hana.asked(&challenge).await;
    let file = server.folder.path().join("data/consent.sqlite");
    let mut other = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let release = async {
        tokio::time::sleep(until).await;
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    };
    let all = agreement(&asked, |_, _| true);
    let decided = tokio::time::timeout(patience, hana.decide(&challenge, &all));
    let (answer, ()) = tokio::join!(decided, release);
    let (requests, text) = slow(server).await;
    let decision = requests
        .into_iter()
        .find(|it| it["route"] == "/api/v1/consents/{challenge}/decision")
        .unwrap_or_else(|| panic!("{text}"));
    let longest = &decision["parts"][0];
    assert_eq!((&longest["work"], &longest["name"]), (&"pool_wait".into(), &"transactions".into()));
    assert!(longest["milliseconds"].as_f64().unwrap() >= 200.0, "{text}");
    (answer.ok().map(|answer| answer.status.as_u16()), decision)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_waited_shows_for_what() {
    if !database::is_sqlite("slow_requests::a_request_that_waited_shows_for_what") {
        return;
    }
    let server = server(Duration::from_millis(200)).await;
    let (until, patience) = (Duration::from_millis(400), Duration::from_secs(20));
    let (answer, decision) = decision_that_waits(&server, until, patience).await;
    assert_eq!((answer, &decision["status"]), (Some(200), &200.into()), "{decision}");
}

/// A client that gives up has waited, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_given_up_is_listed() {
    if !database::is_sqlite("slow_requests::a_request_that_was_given_up_is_listed") {
        return;
    }
    let server = server(Duration::from_millis(200)).await;
    let (until, patience) = (Duration::from_millis(800), Duration::from_millis(400));
    let (answer, decision) = decision_that_waits(&server, until, patience).await;
    assert_eq!((answer, &decision["status"]), (None, &Value::Null), "{decision}");
}
