//! What the provider answers, and what others pretend that it answers.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    AtProvider, UNVERIFIED, comes_back, english, hana, nothing_happened, page,
    provider::{Key, Provider, Reply, unsigned, with_shared_secret},
    request, sent, server, server_with, signs_in,
};
use crate::browser::parameter;

/// A change of the claims.
type Change = fn(&mut Map<String, Value>, i64);

#[tokio::test]
async fn an_id_token_that_proves_nothing_signs_no_one_in() {
    let (provider, server) = server().await;
    let cases: [(&str, Change); 15] = [
        ("another nonce", |it, _| drop(it.insert("nonce".into(), json!("x")))),
        ("no nonce", |it, _| drop(it.remove("nonce"))),
        ("another audience", |it, _| drop(it.insert("aud".into(), json!("other")))),
        ("no audience", |it, _| drop(it.remove("aud"))),
        ("a second audience", |it, _| drop(it.insert("aud".into(), json!(["consent", "other"])))),
        ("another issuer", |it, _| drop(it.insert("iss".into(), json!("https://evil.example")))),
        ("no issuer", |it, _| drop(it.remove("iss"))),
        ("expired", |it, now| drop(it.insert("exp".into(), json!(now - 61)))),
        ("no end", |it, _| drop(it.remove("exp"))),
        ("of the future", |it, now| drop(it.insert("iat".into(), json!(now + 90)))),
        ("for another party", |it, _| drop(it.insert("azp".into(), json!("other")))),
        ("of another access token", |it, _| {
            it.insert("at_hash".into(), json!("AAAAAAAAAAAAAAAAAAAAAA"));
        }),
        ("no subject", |it, _| drop(it.remove("sub"))),
        ("authenticated in the future", |it, now| {
            it.insert("auth_time".into(), json!(now + 90));
        }),
        ("a subject that is no text", |it, _| drop(it.insert("sub".into(), json!(["0001"])))),
    ];
    for (what, change) in cases {
        let mut browser = english(&server);
        let at = sent(&mut browser, &provider, &request(&[])).await;
        let mut claims = hana(&server, &provider, &at);
        change(claims.as_object_mut().unwrap(), server.clock.now());
        let answer = comes_back(&mut browser, &provider, &at, &claims).await;
        let links = page(&answer, StatusCode::BAD_GATEWAY, UNVERIFIED);
        assert_eq!(links.len(), 2, "{what}: {links:?}");
        assert!(links[0].starts_with("/oauth/authorize?"), "{what}: {links:?}");
        assert_eq!(parameter(&links[1], "error").as_deref(), Some("login_required"), "{what}");
        nothing_happened(&browser, &server).await;
    }
}

/// Makes a token of claims.
type Signs<'a> = &'a dyn Fn(&Value) -> String;

#[tokio::test]
async fn a_signature_must_be_the_providers() {
    let (provider, server) = server().await;
    let foreign = Key::new("k1");
    let unknown = Key::new("k2");
    let tokens: [(&str, Signs<'_>); 6] = [
        ("no signature", &unsigned),
        ("the client's own secret", &with_shared_secret),
        ("another key of the same name", &|claims| foreign.sign(claims)),
        ("an unknown key", &|claims| unknown.sign(claims)),
        ("a changed payload", &|claims| {
            let token = provider.key.sign(claims);
            let other = provider.key.sign(&json!({ "sub": "0002" }));
            let (mut parts, others): (Vec<_>, Vec<_>) =
                (token.split('.').collect(), other.split('.').collect());
            parts[2] = others[2];
            parts.join(".")
        }),
        ("no token", &|_| "x.y.z".to_owned()),
    ];
    for (what, token) in tokens {
        let mut browser = english(&server);
        let at = sent(&mut browser, &provider, &request(&[])).await;
        provider.gives_token(&token(&hana(&server, &provider, &at)));
        let answer = browser.get(&at.with_code()).await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{what}: {}", answer.text());
        page(&answer, StatusCode::BAD_GATEWAY, UNVERIFIED);
        nothing_happened(&browser, &server).await;
    }
}

/// Keys change: an unknown one makes this server look again, at most once a minute.
#[tokio::test]
async fn a_new_key_of_the_provider_is_found() {
    let (provider, server) = server().await;
    signs_in(&mut server.browser(), &server, &provider, &[]).await.challenge();
    let new = Key::new("k2");
    let with_new_key = async |expected: StatusCode| {
        let mut browser = server.browser();
        let at = sent(&mut browser, &provider, &request(&[])).await;
        provider.gives_token(&new.sign(&hana(&server, &provider, &at)));
        assert_eq!(browser.get(&at.with_code()).await.status, expected);
    };
    with_new_key(StatusCode::BAD_GATEWAY).await;
    assert_eq!(provider.seen("/jwks").len(), 2);
    provider.publishes(&[provider.key.jwk(), new.jwk()]);
    with_new_key(StatusCode::BAD_GATEWAY).await;
    assert_eq!(provider.seen("/jwks").len(), 2, "not twice a minute");
    server.clock.advance(61);
    with_new_key(StatusCode::SEE_OTHER).await;
    assert_eq!(provider.seen("/jwks").len(), 3);
    with_new_key(StatusCode::SEE_OTHER).await;
    assert_eq!(provider.seen("/jwks").len(), 3);
}

/// A token with RSA, as most providers sign.
#[tokio::test]
async fn rs256_is_accepted() {
    use consent_backend::oauth::key::SigningKey;
    let (provider, server) = server().await;
    let key = SigningKey::read(&SigningKey::generate()).unwrap();
    provider.publishes(&[serde_json::to_value(key.public()).unwrap()]);
    let mut browser = server.browser();
    let at = sent(&mut browser, &provider, &request(&[])).await;
    let claims = hana(&server, &provider, &at);
    provider.gives_token(&key.sign(claims.as_object().unwrap()));
    let back = browser.get(&at.with_code()).await;
    browser.get(back.location()).await.challenge();
}

/// Another browser's state, a used one, a made-up one, an old one, or no cookie.
#[tokio::test]
async fn a_callback_is_good_in_the_browser_that_was_sent_and_once() {
    let (provider, server) = server().await;
    let mut hers = english(&server);
    let at = sent(&mut hers, &provider, &request(&[])).await;
    let token = provider.key.sign(&hana(&server, &provider, &at));
    provider.gives_token(&token);
    let title = "This sign-in can't continue";
    let mut other = english(&server);
    sent(&mut other, &provider, &request(&[])).await;
    let mut bare = hers.clone();
    bare.cookies.clear();
    let forged = AtProvider { sent: [("state".to_owned(), "x".repeat(43))].into() };
    for (browser, callback) in [
        (&mut other, at.with_code()),
        (&mut bare, at.with_code()),
        (&mut hers.clone(), forged.with_code()),
        (&mut hers.clone(), "/sign-in/callback?code=c".to_owned()),
        (&mut hers.clone(), format!("{}&state=x", at.with_code())),
    ] {
        let links = page(&browser.get(&callback).await, StatusCode::BAD_REQUEST, title);
        assert_eq!(links, ["/sign-in?return_to=%2Faccount"], "{callback}");
        assert_eq!(browser.cookie_name("session"), None, "{callback}");
    }
    assert!(provider.seen("/token").is_empty(), "no code was redeemed");
    hers.get(&at.with_code()).await.location();
    page(&hers.get(&at.with_code()).await, StatusCode::BAD_REQUEST, title);
    assert_eq!(provider.seen("/token").len(), 1);

    let mut late = english(&server);
    let at = sent(&mut late, &provider, &request(&[])).await;
    server.clock.advance(30 * 60 + 1);
    page(&late.get(&at.with_code()).await, StatusCode::BAD_REQUEST, title);
}

/// Several tabs are several attempts.
#[tokio::test]
async fn two_tabs_sign_in_in_any_order() {
    let (provider, server) = server().await;
    let mut browser = server.browser();
    let first = sent(&mut browser, &provider, &request(&[("nonce", "1")])).await;
    let second = sent(&mut browser, &provider, &request(&[])).await;
    for at in [second, first] {
        let claims = hana(&server, &provider, &at);
        let back = comes_back(&mut browser, &provider, &at, &claims).await;
        assert!(back.location().starts_with("/oauth/authorize?"), "{}", back.location());
        browser.get(back.location()).await.challenge();
    }
}

/// RFC 9207: a callback of another issuer is a mix-up.
#[tokio::test]
async fn a_callback_of_another_issuer_is_refused() {
    let (provider, server) = server().await;
    let mut browser = english(&server);
    let at = sent(&mut browser, &provider, &request(&[])).await;
    provider.gives_token(&provider.key.sign(&hana(&server, &provider, &at)));
    let mixed_up = at.back(&[("code", "c"), ("iss", "https://evil.example")]);
    page(&browser.get(&mixed_up).await, StatusCode::BAD_GATEWAY, UNVERIFIED);
    assert!(provider.seen("/token").is_empty(), "the code goes to no one");
    let at = sent(&mut browser, &provider, &request(&[])).await;
    provider.gives_token(&provider.key.sign(&hana(&server, &provider, &at)));
    let right = at.back(&[("code", "c"), ("iss", &provider.issuer)]);
    browser.get(&right).await.location();

    let provider = Provider::new().await;
    provider.discovers(provider.metadata(|metadata| {
        metadata["authorization_response_iss_parameter_supported"] = json!(true);
    }));
    let server = server_with(&provider, "").await;
    let mut browser = english(&server);
    let at = sent(&mut browser, &provider, &request(&[])).await;
    page(&browser.get(&at.with_code()).await, StatusCode::BAD_GATEWAY, UNVERIFIED);
}

#[tokio::test]
async fn errors_of_the_provider_have_a_page_with_the_ways_on() {
    let (provider, server) = server().await;
    for (error, status, title, passed_on) in [
        ("access_denied", StatusCode::FORBIDDEN, "You didn't sign in", "access_denied"),
        ("login_required", StatusCode::FORBIDDEN, "You didn't sign in", "access_denied"),
        ("server_error", StatusCode::SERVICE_UNAVAILABLE, super::UNREACHABLE, "login_required"),
        ("invalid_scope", StatusCode::BAD_GATEWAY, UNVERIFIED, "login_required"),
        ("<script>", StatusCode::BAD_GATEWAY, UNVERIFIED, "login_required"),
    ] {
        let mut browser = english(&server);
        let at = sent(&mut browser, &provider, &request(&[])).await;
        let answer = browser.get(&at.back(&[("error", error), ("error_description", "d")])).await;
        let links = page(&answer, status, title);
        assert!(links[0].starts_with("/oauth/authorize?") && !links[0].contains("verifier"));
        assert_eq!(parameter(&links[1], "error").as_deref(), Some(passed_on), "{error}");
        assert_eq!(parameter(&links[1], "state").as_deref(), Some("s"));
        nothing_happened(&browser, &server).await;
    }
    let mut browser = english(&server);
    let at = sent(&mut browser, &provider, &request(&[])).await;
    page(&browser.get(&at.back(&[])).await, StatusCode::BAD_GATEWAY, UNVERIFIED);
}

#[tokio::test]
async fn pages_are_in_the_language_of_the_browser() {
    let (provider, server) = server().await;
    for (language, title) in [("ko", "로그인하지 않았습니다"), ("ja", "ログインしていません")]
    {
        let mut browser = server.browser();
        browser.language = Some(language);
        let at = sent(&mut browser, &provider, &request(&[])).await;
        let answer = browser.get(&at.back(&[("error", "access_denied")])).await;
        page(&answer, StatusCode::FORBIDDEN, title);
    }
}

#[tokio::test]
async fn a_token_endpoint_that_gives_no_tokens_signs_no_one_in() {
    let (provider, server) = server().await;
    for (reply, status) in [
        (Reply::Text(500, "down"), StatusCode::SERVICE_UNAVAILABLE),
        (Reply::Text(429, "later"), StatusCode::SERVICE_UNAVAILABLE),
        (Reply::Text(400, "{\"error\":\"invalid_grant\"}"), StatusCode::BAD_GATEWAY),
        (Reply::Text(200, "<html>"), StatusCode::BAD_GATEWAY),
        (Reply::Json(json!({ "access_token": "at" })), StatusCode::BAD_GATEWAY),
        (
            Reply::Json(json!({ "access_token": "at", "token_type": "Bearer" })),
            StatusCode::BAD_GATEWAY,
        ),
        // A redirect could lead anywhere, with the secret of this client.
        (Reply::Redirect(format!("{}/jwks", provider.issuer)), StatusCode::BAD_GATEWAY),
    ] {
        let mut browser = english(&server);
        let at = sent(&mut browser, &provider, &request(&[])).await;
        let before = provider.seen("/jwks").len();
        provider.gives(reply.clone());
        let answer = browser.get(&at.with_code()).await;
        assert_eq!(answer.status, status, "{reply:?}: {}", answer.text());
        assert_eq!(provider.seen("/jwks").len(), before, "{reply:?}");
        nothing_happened(&browser, &server).await;
    }
}

/// A lean ID token: the rest is at the userinfo endpoint, about the same person.
#[tokio::test]
async fn claims_are_fetched_where_the_id_token_lacks_them() {
    let provider = Provider::new().await;
    let with_userinfo = provider.metadata(|metadata| {
        metadata["userinfo_endpoint"] = json!(format!("{}/userinfo", provider.issuer));
    });
    provider.discovers(with_userinfo);
    let server = server_with(&provider, "").await;
    let lean = |at: &AtProvider| {
        let mut claims = hana(&server, &provider, at);
        for rest in ["name", "email", "email_verified"] {
            claims.as_object_mut().unwrap().remove(rest);
        }
        claims
    };
    for (reply, status) in [
        (
            Reply::Json(json!({ "sub": "0002", "email": "evil@example.com" })),
            StatusCode::BAD_GATEWAY,
        ),
        (Reply::Json(json!({ "email": "evil@example.com" })), StatusCode::BAD_GATEWAY),
        (Reply::Text(403, "{}"), StatusCode::BAD_GATEWAY),
        (Reply::Text(500, "down"), StatusCode::SERVICE_UNAVAILABLE),
    ] {
        let mut browser = english(&server);
        let at = sent(&mut browser, &provider, &request(&[])).await;
        provider.knows(reply);
        let answer = comes_back(&mut browser, &provider, &at, &lean(&at)).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        nothing_happened(&browser, &server).await;
    }
    let mut browser = server.browser();
    let at = sent(&mut browser, &provider, &request(&[])).await;
    // A flag as a text, and a claim of the ID token that userinfo cannot replace.
    provider.knows(Reply::Json(json!({
        "sub": "0001", "email": "hana@example.com", "email_verified": "true", "auth_time": 5,
    })));
    comes_back(&mut browser, &provider, &at, &lean(&at)).await.location();
    assert_eq!(provider.seen("/userinfo").last().unwrap().authorization, "Bearer at");
    let kept = "SELECT count(*) FROM accounts
                WHERE attributes = '{\"email\":\"hana@example.com\",\"email_verified\":true}'";
    assert_eq!(server.count(kept).await, 1);
}
