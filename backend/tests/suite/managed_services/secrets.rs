//! Secrets of clients: two are good while a client changes from one to the other.

use serde_json::json;
use url::form_urlencoded;

use super::{CAFE, JSON, cafe, call, created, get, post, server};
use crate::{
    browser::Server,
    client::{self, FORM, is_error},
};

const SECRET: &str = "/admin/v1/services/cafe/secret";
const DAY: i64 = 24 * 60 * 60;

/// Whether a client authenticates with a secret: then the code is what is wrong.
async fn accepts(server: &Server, secret: &str) -> bool {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs([("client_id", "cafe"), ("client_secret", secret), ("code", "x")]);
    form.extend_pairs([
        ("grant_type", "authorization_code"),
        ("redirect_uri", "https://cafe.example/callback"),
    ]);
    let answer = server.browser().post("/oauth/token", FORM, form.finish()).await;
    match answer.status.as_u16() {
        400 => true,
        401 => {
            is_error(&answer, 401, "invalid_client");
            false
        }
        other => panic!("{other}: {}", answer.text()),
    }
}

async fn rotated(server: &Server, body: &str) -> String {
    let headers = [("content-type", JSON)];
    let headers = if body.is_empty() { &headers[1..] } else { &headers[..] };
    let reply = call(server, ("POST", SECRET), headers, body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.header("cache-control"), "no-store");
    reply.json()["client_secret"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_secret_before_ends_at_its_time() {
    let server = server().await;
    created(&server, &cafe()).await;
    let first = "the secret of the cafe";
    assert!(accepts(&server, first).await && !accepts(&server, "another").await);
    let second = rotated(&server, "").await;
    assert!(accepts(&server, first).await && accepts(&server, &second).await);
    server.clock.advance(DAY - 1);
    assert!(accepts(&server, first).await && accepts(&server, &second).await);
    server.clock.advance(1);
    assert!(!accepts(&server, first).await && accepts(&server, &second).await);
    let state = get(&server, CAFE).await.json();
    assert!(state.get("previous_secrets_end_at").is_none(), "{state}");
    // The one that has ended is forgotten at the next rotation.
    let third = rotated(&server, r#"{"overlap_seconds":60}"#).await;
    assert_eq!(server.count("SELECT count(*) FROM managed_client_secrets").await, 2);
    assert!(accepts(&server, &second).await && accepts(&server, &third).await);
    server.clock.advance(60);
    assert!(!accepts(&server, &second).await && accepts(&server, &third).await);
}

/// An answer that was lost costs nothing: the client still has the secret before.
#[tokio::test]
async fn a_rotation_can_be_repeated_while_the_secret_before_is_good() {
    let server = server().await;
    created(&server, &cafe()).await;
    let first = "the secret of the cafe";
    let lost = rotated(&server, "").await;
    server.clock.advance(60);
    let second = rotated(&server, "").await;
    for good in [first, &lost, &second] {
        assert!(accepts(&server, good).await, "{good}");
    }
    let state = get(&server, CAFE).await.json();
    assert_eq!(state["previous_secrets_end_at"].as_array().unwrap().len(), 2, "{state}");
    server.clock.advance(DAY - 60);
    assert!(!accepts(&server, first).await, "it keeps its own time");
    assert!(accepts(&server, &lost).await);
}

#[tokio::test]
async fn after_a_leak_every_secret_before_ends_at_once() {
    let server = server().await;
    created(&server, &cafe()).await;
    let mut secrets = vec!["the secret of the cafe".to_owned()];
    for _ in 0..3 {
        secrets.push(rotated(&server, "").await);
    }
    post(&server, SECRET).await.is(409, "too_many_secrets");
    let new = rotated(&server, r#"{"overlap_seconds":0}"#).await;
    for secret in &secrets {
        assert!(!accepts(&server, secret).await);
    }
    assert!(accepts(&server, &new).await);
}

#[tokio::test]
async fn a_rotation_that_makes_no_sense_changes_nothing() {
    let server = server().await;
    created(&server, &cafe()).await;
    for body in [
        r#"{"overlap_seconds":2592001}"#,
        r#"{"overlap_seconds":-1}"#,
        r#"{"overlap":"24h"}"#,
        r#"{"overlap_seconds":1,"overlap_seconds":2}"#,
        "[]",
        "nonsense",
    ] {
        let reply = call(&server, ("POST", SECRET), &[("content-type", JSON)], body).await;
        reply.is(400, "malformed_request");
    }
    assert!(accepts(&server, "the secret of the cafe").await);
    assert_eq!(server.count("SELECT count(*) FROM managed_client_secrets").await, 1);
    post(&server, "/admin/v1/services/shop/secret").await.is(409, "service_of_the_file");
    post(&server, "/admin/v1/services/none/secret").await.is(404, "service_not_found");

    let mut public = cafe();
    public["client_id"] = json!("tea-app");
    public["name"] = json!({ "ko": "찻집 앱", "en": "The Tea App" });
    public.as_object_mut().unwrap().remove("client_secret");
    created(&server, &public).await;
    post(&server, "/admin/v1/services/tea-app/secret").await.is(409, "no_secret");
}

/// The clock at the token endpoint counts, not that of the last change.
#[tokio::test]
async fn the_flow_works_with_either_secret() {
    let server = server().await;
    created(&server, &cafe()).await;
    rotated(&server, "").await;
    let mut hana = server.proxied("hana");
    let tokens = client::tokens(&server, &mut hana, "cafe", "openid", &[]).await;
    assert!(tokens["id_token"].is_string());
}
