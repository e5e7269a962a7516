//! The ring of signing keys: rotation as clients see it, withdrawal, and `consent-backend keys`.

use std::{path::PathBuf, process::Command};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use consent_backend::{App, Rotation, Services, Store, TokenPurpose};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use serde_json::Value;
use sqlx::{SqlitePool, sqlite::SqliteConnectOptions};

use crate::{
    browser::{Browser, Server, authorize, service, settings},
    database,
    tokens::redeem,
    webhooks,
};

fn data(server: &Server) -> PathBuf {
    server.folder.path().join("data")
}

/// The database, opened as a command beside the server opens it.
async fn beside(server: &Server) -> Store {
    Store::open_existing(server.location()).await.unwrap()
}

async fn rotate(server: &Server, at_once: bool) -> Rotation {
    let (store, now) = (beside(server).await, server.clock.now());
    let rotation = store.rotate_signing_key(TokenPurpose::IdTokens, now, at_once).await.unwrap();
    store.close().await;
    rotation
}

/// A member's ID token.
async fn id_token(server: &Server, browser: &mut Browser) -> String {
    let parameters = [&service("demo-shop")[..], &[("scope", "openid")]].concat();
    let code = browser.authorize(&parameters).await.location_parameter("code").unwrap();
    let tokens: Value = redeem(server, &code).await.json();
    tokens["id_token"].as_str().unwrap().to_owned()
}

fn kid(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

async fn published(server: &Server) -> JwkSet {
    server.browser().get("/.well-known/jwks.json").await.json()
}

async fn is_published(server: &Server, kid: &str) -> bool {
    published(server).await.find(kid).is_some()
}

/// A client as libraries are: it looks a key up by `kid`, and keeps the key set as long as it may.
struct Client {
    keys: JwkSet,
    good_until: i64,
    /// Whether it fetches the set again for a key that it does not know.
    asks_again: bool,
}

impl Client {
    async fn new(server: &Server, asks_again: bool) -> Self {
        let mut client = Self { keys: JwkSet { keys: Vec::new() }, good_until: 0, asks_again };
        client.fetch(server).await;
        client
    }

    async fn fetch(&mut self, server: &Server) {
        let answer = server.browser().get("/.well-known/jwks.json").await;
        let max_age = answer.header("cache-control").strip_prefix("public, max-age=").unwrap();
        self.good_until = server.clock.now() + max_age.parse::<i64>().unwrap();
        self.keys = answer.json();
    }

    async fn takes(&mut self, server: &Server, token: &str) -> bool {
        let kid = kid(token);
        let is_stale = server.clock.now() >= self.good_until;
        if is_stale || self.asks_again && self.keys.find(&kid).is_none() {
            self.fetch(server).await;
        }
        let Some(key) = self.keys.find(&kid) else { return false };
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&["demo-shop"]);
        // By the clock of the test.
        validation.validate_exp = false;
        let key = DecodingKey::from_jwk(key).unwrap();
        jsonwebtoken::decode::<Value>(token, &key, &validation).is_ok()
    }
}

#[tokio::test]
async fn no_client_ever_meets_an_unknown_key_in_a_rotation() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let first = kid(&id_token(&server, &mut browser).await);
    let mut client = Client::new(&server, false).await;
    let Rotation { kid: next, from, was_pending } = rotate(&server, false).await;
    assert!(!was_pending && from > server.clock.now() + 15 * 60, "clients must learn of it first");
    assert!(is_published(&server, &next).await, "before it signs");
    let mut seen = Vec::new();
    let mut before = id_token(&server, &mut browser).await;
    // Past the switch, and until the first key is not published any more.
    for _ in 0..20 {
        server.clock.advance(7 * 60);
        let token = id_token(&server, &mut browser).await;
        seen.push(kid(&token));
        assert!(client.takes(&server, &token).await, "{seen:?}");
        assert!(client.takes(&server, &before).await, "one that was issued earlier: {seen:?}");
        before = token;
    }
    seen.dedup();
    assert_eq!(seen, [first.clone(), next], "one switch, without a restart");
    assert!(!is_published(&server, &first).await, "its last token has expired");
}

#[tokio::test]
async fn old_tokens_verify_after_a_rotation_at_once() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let mut client = Client::new(&server, true).await;
    let old = id_token(&server, &mut browser).await;
    let rotation = rotate(&server, true).await;
    let new = id_token(&server, &mut browser).await;
    assert_eq!(kid(&new), rotation.kid);
    assert_ne!(kid(&old), kid(&new));
    for token in [&old, &new] {
        assert!(client.takes(&server, token).await);
        assert!(Client::new(&server, false).await.takes(&server, token).await);
    }
    let keys = published(&server).await;
    assert_eq!(keys.keys[0].common.key_id.as_ref(), Some(&rotation.kid), "the active one is first");
}

#[tokio::test]
async fn an_expired_token_of_a_retired_key_is_a_hint_and_one_of_a_withdrawn_key_is_none() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let token = id_token(&server, &mut browser).await;
    rotate(&server, true).await;
    server.clock.advance(60 * 60);
    assert!(!is_published(&server, &kid(&token)).await);
    let more = [("scope", "openid"), ("prompt", "none"), ("id_token_hint", &*token)];
    let hinted = authorize(&[&service("demo-shop")[..], &more].concat());
    assert!(browser.get(&hinted).await.location_parameter("code").is_some());
    let (store, now) = (beside(&server).await, server.clock.now());
    let withdrawn = store.withdraw_signing_key(&kid(&token), now).await.unwrap();
    assert_eq!(withdrawn, Ok(TokenPurpose::IdTokens));
    let error = browser.get(&hinted).await.location_parameter("error");
    assert_eq!(error.as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn a_key_that_leaked_is_withdrawn_at_once() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let leaked = id_token(&server, &mut browser).await;
    let (store, now) = (beside(&server).await, server.clock.now());
    store.withdraw_signing_key(&kid(&leaked), now).await.unwrap().unwrap();
    assert!(!is_published(&server, &kid(&leaked)).await);
    let mut client = Client::new(&server, true).await;
    assert!(!client.takes(&server, &leaked).await);
    let token = id_token(&server, &mut browser).await;
    assert!(client.takes(&server, &token).await, "the next key has taken its place");
    let without =
        "SELECT count(*) FROM signing_keys WHERE withdrawn_at IS NOT NULL AND pkcs8 IS NULL";
    assert_eq!(server.count(without).await, 1);
    // A further rotation is possible at once: there is another next key.
    let rotation = rotate(&server, true).await;
    assert_eq!(kid(&id_token(&server, &mut browser).await), rotation.kid);
}

#[tokio::test]
async fn the_private_half_of_a_retired_key_is_deleted() {
    let server = Server::demo().await;
    let private =
        "SELECT count(*) FROM signing_keys WHERE purpose = 'id_tokens' AND pkcs8 IS NOT NULL";
    rotate(&server, true).await;
    assert_eq!(server.count(private).await, 3);
    server.clock.advance(2 * 60);
    server.app.run_maintenance().await;
    assert_eq!(server.count(private).await, 2, "the active one and the next one");
}

#[tokio::test]
async fn events_have_a_key_of_their_own() {
    let (receiver, server) = webhooks::with_receiver().await;
    let mut browser = server.proxied("hana");
    webhooks::answer(&mut browser, &[], webhooks::required).await;
    server.app.deliver_events().await;
    let event = kid(&receiver.take().remove(0).body);
    let purpose = async |kid: &str| {
        let ring = beside(&server).await.key_ring(server.clock.now()).await.unwrap();
        ring.into_iter().find(|key| key.kid == kid).map(|key| key.purpose)
    };
    assert_eq!(purpose(&event).await, Some(TokenPurpose::Events));
    assert!(is_published(&server, &event).await);
    // Each purpose is rotated by itself.
    let rotation = rotate(&server, true).await;
    assert_ne!(rotation.kid, event);
    webhooks::answer(&mut browser, &[("prompt", "consent")], webhooks::everything).await;
    server.app.deliver_events().await;
    assert_eq!(kid(&receiver.take().remove(0).body), event);
}

/// Versions before had one key, for everything, among the secrets.
#[tokio::test]
async fn the_key_of_an_earlier_version_goes_on_signing() {
    if !database::is_sqlite("keys::the_key_of_an_earlier_version_goes_on_signing") {
        return;
    }
    let server = Server::demo().await;
    server.app.close().await;
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let file = data(&server).join("consent.sqlite");
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(file)).await.unwrap();
    sqlx::query("DELETE FROM signing_keys").execute(&pool).await.unwrap();
    sqlx::query("INSERT INTO secrets (name, value) VALUES ('id_token', ?)")
        .bind(der.as_ref())
        .execute(&pool)
        .await
        .unwrap();
    let app = App::open(settings(server.folder.path(), Services::Demo)).await.unwrap();
    let keys: JwkSet = Browser::new(&app).get("/.well-known/jwks.json").await.json();
    let stored: Vec<u8> = sqlx::query_scalar(
        "SELECT pkcs8 FROM signing_keys WHERE purpose = 'id_tokens' AND signs_from IS NOT NULL",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(stored, der.as_ref());
    let active: String = sqlx::query_scalar(
        "SELECT kid FROM signing_keys WHERE purpose = 'id_tokens' AND signs_from IS NOT NULL",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(keys.keys[0].common.key_id, Some(active));
    assert_eq!(server.count("SELECT count(*) FROM secrets WHERE name = 'id_token'").await, 0);
}

fn ran(server: &Server, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_consent-backend"))
        .arg("keys")
        .args(arguments)
        .arg("--data-dir")
        .arg(database::argument(server.folder.path()))
        .output()
        .unwrap();
    let all = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(all).unwrap())
}

#[tokio::test]
async fn keys_are_managed_on_the_command_line_beside_a_running_server() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let before = kid(&id_token(&server, &mut browser).await);
    let listed = || {
        let (status, said) = ran(&server, &["list", "--json"]);
        assert_eq!(status, 0, "{said}");
        let list: Value = serde_json::from_str(&said).unwrap();
        list["keys"].as_array().unwrap().clone()
    };
    let state = |kid: &str| {
        let key = listed().into_iter().find(|key| key["kid"] == kid).unwrap();
        (key["purpose"].as_str().unwrap().to_owned(), key["state"].as_str().unwrap().to_owned())
    };
    let is = |purpose: &str, state: &str| (purpose.to_owned(), state.to_owned());
    assert_eq!(state(&before), is("id-tokens", "active"));
    let (status, said) = ran(&server, &["rotate"]);
    assert_eq!(status, 0, "{said}");
    for expected in ["id-tokens: ", "events: ", "receipts: ", "checkpoints: ", "know it"] {
        assert!(said.contains(expected), "{said}");
    }
    let (_, said) = ran(&server, &["rotate", "--only", "id-tokens"]);
    assert!(said.contains("on its way") && !said.contains("events"), "{said}");
    assert_eq!(kid(&id_token(&server, &mut browser).await), before, "not yet");
    let (_, said) = ran(&server, &["rotate", "--only", "id-tokens", "--now"]);
    assert!(said.contains("signs from now on"), "{said}");
    server.catch_up();
    let after = kid(&id_token(&server, &mut browser).await);
    assert_eq!(
        (state(&before), state(&after)),
        (is("id-tokens", "retired"), is("id-tokens", "active"))
    );
    let (status, said) = ran(&server, &["retire", &after]);
    assert!(status == 0 && said.contains("is withdrawn"), "{said}");
    assert_eq!(state(&after), is("id-tokens", "withdrawn"));
    let (_, text) = ran(&server, &["list"]);
    assert_eq!(text.lines().count(), listed().len());
    assert!(!text.contains("PRIVATE") && text.contains("withdrawn"), "{text}");
    let receipts = listed().into_iter().find(|key| key["purpose"] == "receipts").unwrap();
    for (kid, why) in [
        (&*after, "withdrawn before"),
        ("none", "there is no key"),
        (receipts["kid"].as_str().unwrap(), "must stay verifiable"),
    ] {
        let (status, said) = ran(&server, &["retire", kid]);
        assert!(status == 1 && said.contains(why), "{said}");
    }
}
