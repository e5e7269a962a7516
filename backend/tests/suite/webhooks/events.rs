//! Security Event Tokens (RFC 8417, RFC 8935): which events there are, and what is in them.

use axum::http::StatusCode;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use serde_json::{Value, json};

use super::{AUTHORIZATION, answer, everything, request, required, with_receiver};
use crate::browser::{Browser, ORIGIN, Server, VERIFIER, cancel, required_only};

async fn id_token(server: &Server, browser: &mut Browser, code: &str) -> Value {
    let body = format!(
        "grant_type=authorization_code&code={code}&client_id=shop&code_verifier={VERIFIER}\
         &redirect_uri={}",
        "https%3A%2F%2Fshop.example%2Fcallback"
    );
    let form = "application/x-www-form-urlencoded";
    let answer = browser.post("/oauth/token", form, body).await;
    let token: Value = answer.json();
    verified(server, token["id_token"].as_str().unwrap(), "JWT").await
}

/// The claims of a token, checked with the published keys.
async fn verified(server: &Server, token: &str, token_type: &str) -> Value {
    let keys: JwkSet = server.browser().get("/.well-known/jwks.json").await.json();
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!(header.typ.as_deref(), Some(token_type));
    let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&["shop"]);
    validation.set_issuer(&[ORIGIN]);
    validation.set_required_spec_claims(&["iss", "aud"]);
    let key = DecodingKey::from_jwk(key).unwrap();
    jsonwebtoken::decode(token, &key, &validation).unwrap().claims
}

#[tokio::test]
async fn an_agreement_is_pushed_as_a_signed_security_event() {
    let (receiver, server) = with_receiver().await;
    let mut browser = server.proxied("hana");
    let recorded =
        answer(&mut browser, &[], |key, required| required || key.to_string() == "term:news").await;
    server.app.deliver_events().await;
    let heard = receiver.take();
    assert_eq!(heard.len(), 1, "{heard:?}");
    let heard = &heard[0];
    assert_eq!(heard.line, "POST /events");
    assert_eq!(heard.header("content-type"), "application/secevent+jwt");
    assert_eq!(heard.header("accept"), "application/json");
    assert_eq!(heard.header("authorization"), AUTHORIZATION);

    let claims = verified(&server, &heard.body, "secevent+jwt").await;
    let code = crate::browser::parameter(&recorded.redirect_to, "code").unwrap();
    let sub = id_token(&server, &mut browser, &code).await["sub"].clone();
    assert_eq!(claims["sub_id"], json!({ "format": "iss_sub", "iss": ORIGIN, "sub": sub }));
    for absent in ["sub", "exp"] {
        assert!(claims.get(absent).is_none(), "{claims}");
    }
    let (name, event) = heard.event();
    assert_eq!(name, "consent-given");
    assert_eq!(event["receipt_id"], recorded.receipt_id);
    assert_eq!(claims["txn"], recorded.receipt_id);
    assert_eq!(event["purpose"], "sign_up");
    let agreed: Vec<_> = event["agreed"].as_array().unwrap().iter().map(|it| &it["key"]).collect();
    assert_eq!(agreed, ["term:tos", "term:news", "item:profile_nickname"]);
    assert_eq!(event["agreed"][1]["version"], "3");
    assert!(event["agreed"][1]["digest"].as_str().unwrap().starts_with("sha256-"), "{event}");
    assert_eq!(event["refused"], json!(["item:account_email"]));
    for value in ["hana", "하나", "example.com/"] {
        assert!(!claims.to_string().contains(value), "{value}: {claims}");
    }
}

#[tokio::test]
async fn a_security_event_is_no_id_token() {
    let (receiver, server) = with_receiver().await;
    let mut browser = server.proxied("hana");
    answer(&mut browser, &[], required).await;
    server.app.deliver_events().await;
    let token = receiver.take().remove(0).body;
    let hint = request(&[("id_token_hint", &*token), ("prompt", "none")]);
    let location = browser.authorize(&hint).await.location().to_owned();
    assert!(location.contains("error=invalid_request"), "{location}");
}

#[tokio::test]
async fn a_later_no_is_a_withdrawal_and_an_added_channel_an_event() {
    let (receiver, server) = with_receiver().await;
    let mut browser = server.proxied("hana");
    answer(&mut browser, &[], everything).await;
    server.app.deliver_events().await;
    assert_eq!(receiver.names(), ["consent-given", "channel-added"]);

    let again = [("prompt", "consent")];
    let recorded = answer(&mut browser, &again, required).await;
    server.app.deliver_events().await;
    let heard = receiver.take();
    let names: Vec<_> = heard.iter().map(|it| it.event().0).collect();
    assert_eq!(names, ["consent-given", "consent-withdrawn"]);
    let (_, withdrawn) = heard[1].event();
    assert_eq!(withdrawn["receipt_id"], recorded.receipt_id);
    assert_eq!(withdrawn["initiating_entity"], "user");
    let mut keys: Vec<_> = withdrawn["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["key"].as_str().unwrap())
        .collect();
    keys.sort_unstable();
    assert_eq!(keys, ["item:account_email", "term:news"]);
    let claims: Vec<_> = heard.iter().map(|it| it.claims()).collect();
    assert_eq!(claims[0]["txn"], claims[1]["txn"]);
    assert_ne!(claims[0]["jti"], claims[1]["jti"]);
}

#[tokio::test]
async fn a_cancel_and_a_second_click_are_no_events() {
    let (receiver, server) = with_receiver().await;
    let mut browser = server.proxied("hana");
    let challenge = browser.authorize(&request(&[])).await.challenge();
    browser.decide(&challenge, &cancel()).await;
    let challenge = browser.authorize(&request(&[])).await.challenge();
    let agreement = required_only(&browser.asked(&challenge).await);
    for _ in 0..2 {
        assert_eq!(browser.decide(&challenge, &agreement).await.status, StatusCode::OK);
    }
    server.app.deliver_events().await;
    assert_eq!(receiver.names(), ["consent-given"]);
    assert_eq!(server.count("SELECT count(*) FROM outbox WHERE next_at IS NOT NULL").await, 0);
}
