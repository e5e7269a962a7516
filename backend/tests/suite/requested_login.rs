//! `max_age`, `prompt`, `id_token_hint` and a requested `sub` beyond the conformance suite, among them
//! cases that other servers got wrong.

use axum::http::StatusCode;
use consent_backend::oauth::key::SigningKey;
use serde_json::{Value, json};

use crate::oidc_basic::client::{CALLBACK, Suite, borrowed};

#[tokio::test]
async fn max_age_0_asks_for_one_login() {
    let mut suite = Suite::new().await;
    let first = suite.flow(&[("max_age", "0")]).await;
    assert_eq!(suite.logins, 1);
    // The screen may take longer than any max_age.
    suite.server.clock.advance(100);
    let second = suite.flow(&[("max_age", "0")]).await;
    assert_eq!(suite.logins, 2, "and never a loop");
    assert!(second.auth_time() >= first.auth_time() + 100);
}

#[tokio::test]
async fn max_age_is_checked_without_a_page_too() {
    let mut suite = Suite::new().await;
    suite.flow(&[]).await;
    suite.server.clock.advance(50);
    for (max_age, error) in
        [("0", true), ("49", true), ("500", false), ("99999999999999999999", false)]
    {
        let callback = suite.authorize(&[("prompt", "none"), ("max_age", max_age)]).await;
        match error {
            true => assert_eq!(callback.error(), "login_required", "{max_age}"),
            false => assert!(callback.parameters.contains_key("code"), "{max_age}: {callback:?}"),
        }
    }
}

#[tokio::test]
async fn max_age_is_a_number_of_seconds() {
    let mut suite = Suite::new().await;
    for bad in ["-1", "1.5", "abc", "1 ", "+1", "0x10", "\u{661}"] {
        assert_eq!(suite.authorize(&[("max_age", bad)]).await.error(), "invalid_request", "{bad}");
    }
}

/// A login page that does not authenticate again proves nothing, whatever the address says.
#[tokio::test]
async fn a_login_page_that_signs_in_silently_does_not_satisfy_max_age() {
    let mut suite = Suite::new().await;
    suite.flow(&[]).await;
    suite.server.clock.advance(100);
    let parameters = suite.parameters(&[("max_age", "10")]);
    let answer = suite.browser.authorize(&borrowed(&parameters)).await;
    let back = answer.location_parameter("return_to").unwrap();
    let answer = suite.browser.get(back.strip_prefix("https://id.example").unwrap()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "a page, no code and no loop");
    assert!(answer.text().contains("login_required"), "with the way back to the service");
}

#[tokio::test]
async fn a_hint_for_another_user_is_never_answered_with_this_one() {
    let mut suite = Suite::new().await;
    let hana = suite.flow(&[]).await;
    let hint = hana.tokens["id_token"].as_str().unwrap().to_owned();
    let subject = hana.claims["sub"].as_str().unwrap().to_owned();
    suite.user = "duri";
    suite.server.clock.advance(1);
    suite.flow(&[("prompt", "login")]).await;
    let by_claims = json!({ "id_token": { "sub": { "value": subject } } }).to_string();
    for expected in [("id_token_hint", &*hint), ("claims", &by_claims)] {
        let silent = suite.authorize(&[expected, ("prompt", "none")]).await;
        assert_eq!(silent.error(), "login_required");
        // With pages the right user can sign in.
        let logins = suite.logins;
        suite.user = "hana";
        let flow = suite.flow(&[expected]).await;
        assert_eq!(suite.logins, logins + 1);
        assert_eq!(flow.claims["sub"], hana.claims["sub"]);
        // The wrong one ends at a page.
        suite.user = "duri";
        suite.server.clock.advance(1);
        suite.flow(&[("prompt", "login")]).await;
        let parameters = suite.parameters(&[expected]);
        let answer = suite.browser.authorize(&borrowed(&parameters)).await;
        let back = answer.location_parameter("return_to").unwrap();
        let answer = suite.browser.get(back.strip_prefix("https://id.example").unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn a_hint_may_be_for_another_service() {
    let mut suite = Suite::new().await;
    let flow = suite.flow(&[]).await;
    let hint = flow.tokens["id_token"].as_str().unwrap().to_owned();
    suite.client_id = "second";
    let second = suite.flow(&[]).await;
    assert_ne!(second.claims["sub"], flow.claims["sub"], "pairwise");
    suite.flow(&[("prompt", "none"), ("id_token_hint", &hint)]).await;
}

#[tokio::test]
async fn a_hint_that_is_not_ours_is_refused() {
    let mut suite = Suite::new().await;
    let flow = suite.flow(&[]).await;
    let hint = flow.tokens["id_token"].as_str().unwrap();
    let parts: Vec<&str> = hint.split('.').collect();
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", parts[1]);
    let stripped = format!("{}.{}.", parts[0], parts[1]);
    // Everything is right but the key.
    let key = SigningKey::read(&SigningKey::generate()).ok().unwrap();
    let foreign = key.sign(&flow.claims);
    for bad in ["nonsense", &unsigned, &stripped, &foreign] {
        let callback = suite.authorize(&[("id_token_hint", bad), ("prompt", "none")]).await;
        assert_eq!(callback.error(), "invalid_request", "{bad:.60}");
    }
}

#[tokio::test]
async fn prompt_consent_asks_a_member_for_everything_again() {
    let mut suite = Suite::new().await;
    suite.flow(&[]).await;
    let parameters = suite.parameters(&[("prompt", "consent")]);
    let challenge = suite.browser.authorize(&borrowed(&parameters)).await.challenge();
    let asked = suite.browser.asked(&challenge).await;
    assert_eq!(asked.personal_info.items.len(), 6);
    assert!(asked.already_agreed.personal_info.is_empty(), "all of it is asked");
    let flow = suite.flow(&[("prompt", "consent")]).await;
    assert_eq!((suite.logins, suite.screens), (1, 2));
    assert_eq!(flow.userinfo["nickname"], "Hana");
    let silent = suite.authorize(&[("prompt", "none consent")]).await;
    assert_eq!(silent.error(), "invalid_request");
}

#[tokio::test]
async fn prompt_create_and_unknown_prompts() {
    let mut suite = Suite::new().await;
    suite.flow(&[]).await;
    let parameters = suite.parameters(&[("prompt", "create")]);
    let answer = suite.browser.authorize(&borrowed(&parameters)).await;
    assert_eq!(answer.location_parameter("prompt").as_deref(), Some("create"));
    let callback = suite.follow(answer, &parameters).await;
    assert!(callback.parameters.contains_key("code"), "asked for once");
    suite.flow(&[("prompt", "unknown")]).await;
    assert_eq!(suite.screens, 1);
}

#[tokio::test]
async fn an_acr_that_is_essential_and_unknown_is_an_error() {
    let mut suite = Suite::new().await;
    let claims = |acr: Value| json!({ "id_token": { "acr": acr } }).to_string();
    let essential = claims(json!({ "essential": true, "values": ["urn:example:strong"] }));
    let callback = suite.authorize(&[("claims", &essential)]).await;
    assert_eq!(callback.error(), "unmet_authentication_requirements");
    let flow =
        suite.flow(&[("claims", &claims(json!({ "values": ["urn:example:strong"] })))]).await;
    assert_eq!(flow.claims["acr"], "0");
}

#[tokio::test]
async fn a_form_is_read_like_a_query() {
    let suite = Suite::new().await;
    let send = async |path: &str, media_type: &str, body: String| {
        suite.server.browser().post(path, media_type, body).await
    };
    let form = "application/x-www-form-urlencoded";
    let good = format!(
        "client_id=basic&response_type=code&state=s&redirect_uri={}",
        url::form_urlencoded::byte_serialize(CALLBACK.as_bytes()).collect::<String>()
    );
    let there = send("/oauth/authorize", form, good.clone()).await;
    assert!(there.location().starts_with("/oauth/authorize?client_id=basic&"));
    let refused = send("/oauth/authorize", form, format!("{good}&max_age=x")).await;
    assert_eq!(refused.location_parameter("error").as_deref(), Some("invalid_request"));
    for (path, body) in [
        ("/oauth/authorize", format!("{good}&nonce=1&nonce=2")),
        ("/oauth/authorize?nonce=1", format!("{good}&nonce=2")),
    ] {
        let twice = send(path, form, body).await;
        assert_eq!(twice.location_parameter("error").as_deref(), Some("invalid_request"));
    }
    for (media_type, body, status) in [
        ("application/json", "{}".to_owned(), 400),
        (form, format!("{good}&x={}", "x".repeat(20_000)), 413),
        (form, format!("{good}{}", "&x=1".repeat(70)), 400),
        (form, String::new(), 400),
    ] {
        let answer = send("/oauth/authorize", media_type, body).await;
        assert_eq!(answer.status.as_u16(), status);
        assert!(answer.header("content-type").starts_with("text/html"));
    }
    let request = axum::http::Request::put("/oauth/authorize").body(axum::body::Body::empty());
    let answer = suite.server.browser().send(request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}

/// Auto-login never shows a page, so it gives a code only where none is needed.
#[tokio::test]
async fn auto_login_gives_no_code_where_a_login_is_needed() {
    let mut suite = Suite::new().await;
    let hana = suite.flow(&[]).await;
    let hint = hana.tokens["id_token"].as_str().unwrap().to_owned();
    suite.user = "duri";
    suite.server.clock.advance(1);
    let duri = suite.flow(&[("prompt", "login")]).await;
    let own = duri.tokens["id_token"].as_str().unwrap().to_owned();
    suite.server.clock.advance(100);
    suite.browser.user_agent = Some("Mozilla/5.0 (Linux; Android 14) KAKAOTALK/10.8.3 (INAPP)");
    let sub = json!({ "userinfo": { "sub": { "value": hana.claims["sub"] } } }).to_string();
    for (more, has_code) in [
        (("max_age", "99"), false),
        (("max_age", "0"), false),
        (("id_token_hint", &*hint), false),
        (("id_token_hint", "nonsense"), false),
        (("claims", &sub), false),
        (("prompt", "create"), false),
        (("prompt", "consent"), false),
        (("max_age", "1000"), true),
        (("id_token_hint", &own), true),
    ] {
        let parameters: std::collections::BTreeMap<_, _> =
            suite.parameters(&[more]).into_iter().collect();
        let body = serde_json::to_string(&parameters).unwrap();
        let answer = suite.browser.post("/api/v1/auto-login", "application/json", body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(answer.text().contains("?code="), has_code, "{more:?}: {}", answer.text());
    }
}
