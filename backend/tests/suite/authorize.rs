//! `GET /oauth/authorize`: what is refused, and where the error goes.

use axum::http::StatusCode;

use crate::{
    browser::{CHALLENGE, Server, parameter, service},
    shop::{SHOP, proxied},
};

/// Parameters with one of them replaced; none takes it away.
fn with<'a>(name: &'a str, value: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    let mut parameters = service("demo-shop");
    parameters.retain(|(key, _)| *key != name);
    parameters.extend(value.map(|value| (name, value)));
    parameters
}

#[tokio::test]
async fn an_unregistered_redirect_uri_gets_no_redirect() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let registered = "http://127.0.0.1:8080/demo/callback";
    for parameters in [
        with("client_id", Some("no-such-service")),
        with("client_id", None),
        with("redirect_uri", None),
        with("redirect_uri", Some("https://evil.example/")),
        with("redirect_uri", Some("http://127.0.0.1:8080/demo/callback/")),
        with("redirect_uri", Some("http://127.0.0.1:8080/demo/callback?x=1")),
        with("redirect_uri", Some("http://127.0.0.1:8080/demo/callback#x")),
        with("redirect_uri", Some("http://127.0.0.1:8080@evil.example/demo/callback")),
        with("redirect_uri", Some("http://127.0.0.1.evil.example/demo/callback")),
        with("redirect_uri", Some("http://localhost:8080/demo/callback")),
        with("redirect_uri", Some("HTTP://127.0.0.1:8080/demo/callback")),
        with("redirect_uri", Some("javascript:alert(1)")),
        [&service("demo-shop")[..], &[("redirect_uri", registered)]].concat(),
        [&service("demo-shop")[..], &[("client_id", "demo-shop")]].concat(),
    ] {
        let answer = browser.authorize(&parameters).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{parameters:?}");
        assert!(answer.headers.get("location").is_none());
        assert!(answer.header("content-type").starts_with("text/html"));
    }
    let long = "x".repeat(10_000);
    let answer = browser.authorize(&with("state", Some(&long))).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_port_of_a_loopback_address_is_free() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    for uri in ["http://127.0.0.1:51004/demo/callback", "http://127.0.0.1/demo/callback"] {
        let answer = browser.authorize(&with("redirect_uri", Some(uri))).await;
        assert!(answer.location().starts_with(&format!("{uri}?code=")), "{}", answer.location());
    }
}

#[tokio::test]
async fn other_faults_are_redirected_to_the_service() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    for (parameters, error) in [
        (with("response_type", None), "invalid_request"),
        (with("response_type", Some("token")), "unsupported_response_type"),
        (with("service_terms", Some("tos,no-such")), "invalid_request"),
        (with("channel_public_id", Some("_baram")), "invalid_request"),
        (with("code_challenge_method", Some("plain")), "invalid_request"),
        (with("code_challenge_method", None), "invalid_request"),
        (with("code_challenge", None), "invalid_request"),
        (with("code_challenge", Some("short")), "invalid_request"),
        (with("prompt", Some("none login")), "invalid_request"),
        (with("prompt", Some("none consent")), "invalid_request"),
        (with("max_age", Some("-1")), "invalid_request"),
        (with("claims", Some("{")), "invalid_request"),
        (with("id_token_hint", Some("eyJ")), "invalid_request"),
        (with("response_mode", Some("fragment")), "invalid_request"),
        (with("request", Some("eyJ")), "request_not_supported"),
        (with("request_uri", Some("https://x.example/")), "request_uri_not_supported"),
        ([&service("demo-shop")[..], &[("nonce", "twice")]].concat(), "invalid_request"),
    ] {
        let answer = browser.authorize(&parameters).await;
        assert_eq!(answer.location_parameter("error").unwrap(), error, "{parameters:?}");
        assert!(answer.location_parameter("error_description").is_some());
        assert_eq!(answer.location_parameter("state").unwrap(), "state of the service");
        assert_eq!(answer.location_parameter("iss").unwrap(), "http://127.0.0.1:8080");
    }
    assert_eq!(server.count("SELECT count(*) FROM challenges").await, 0);
}

/// OpenID Connect Core, 3.1.2.1: the service has no item for them.
#[tokio::test]
async fn unknown_scopes_are_ignored() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let plain = browser.challenged("demo-shop", &[("scope", "openid")]).await;
    let plain = browser.asked(&plain).await;
    let scope = "openid account_ci https://scope.example/x offline_access";
    let answer = browser.authorize(&with("scope", Some(scope))).await;
    let asked = browser.asked(&answer.challenge()).await;
    assert_eq!(asked.personal_info, plain.personal_info);
    assert_eq!(asked.terms, plain.terms);
}

#[tokio::test]
async fn a_public_client_must_use_pkce_and_a_confidential_one_may() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let bare = |client_id| {
        let mut parameters = service(client_id);
        parameters.retain(|(key, _)| !key.starts_with("code_challenge"));
        parameters
    };
    assert!(browser.authorize(&bare("demo-shop")).await.location().starts_with("/consent/"));
    let answer = browser.authorize(&bare("demo-bookclub")).await;
    assert_eq!(answer.location_parameter("error").unwrap(), "invalid_request");
}

#[tokio::test]
async fn without_a_prompt_there_is_never_a_screen() {
    let server = Server::demo().await;
    let silent = |client_id| [&service(client_id)[..], &[("prompt", "none")]].concat();
    let error = async |account: Option<&str>, parameters: Vec<(&str, &str)>| {
        let mut browser = match account {
            Some(account) => server.browser_of(account).await,
            None => server.browser(),
        };
        let answer = browser.authorize(&parameters).await;
        answer
            .location_parameter("error")
            .unwrap_or_else(|| answer.location_parameter("code").map(|_| "code".into()).unwrap())
    };
    assert_eq!(error(None, silent("demo-shop")).await, "login_required");
    assert_eq!(error(Some("new"), silent("demo-shop")).await, "consent_required");
    assert_eq!(error(Some("no-email"), silent("demo-shop")).await, "interaction_required");
    assert_eq!(error(Some("login-only"), silent("demo-shop")).await, "consent_required");
    assert_eq!(error(Some("returning"), silent("demo-shop")).await, "code");
    assert_eq!(error(Some("new"), silent("demo-test-app")).await, "interaction_required");
    assert_eq!(error(Some("under-14"), silent("demo-shop")).await, "interaction_required");
    let named = [&silent("demo-travel")[..], &[("service_terms", "travel_notice")]].concat();
    assert_eq!(error(Some("returning"), named).await, "consent_required");
    assert_eq!(server.count("SELECT count(*) FROM challenges").await, 0);
}

#[tokio::test]
async fn signing_in_is_asked_for_once() {
    let server = Server::demo().await;
    for prompt in ["login", "select_account", "login,select_account"] {
        let mut browser = server.browser_of("returning").await;
        let parameters = [&service("demo-shop")[..], &[("prompt", prompt)]].concat();
        let answer = browser.authorize(&parameters).await;
        let login = answer.location().to_owned();
        assert!(login.starts_with("/demo?return_to="), "{login}");
        let back = parameter(&format!("http://x{login}"), "return_to").unwrap();
        let encoded: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
        let answer = browser.get(&format!("/demo/login?account=new&return_to={encoded}")).await;
        assert_eq!(answer.location(), back);
        let answer = browser.get(&back).await;
        assert!(answer.location().starts_with("/consent/"), "no second sign-in");
    }
}

#[tokio::test]
async fn a_signed_out_browser_goes_where_the_operator_says() {
    let request = [
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.example/callback"),
        ("state", "s"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let server = Server::configured(SHOP).await.unwrap();
    let answer = server.browser().authorize(&request).await;
    assert_eq!(answer.location_parameter("error").unwrap(), "login_required");
    assert!(answer.location().starts_with("https://shop.example/callback?error="));

    let toml = format!("{SHOP}\n[sign_in]\nlogin_url = \"https://id.example/login?lang=ko\"\n");
    let server = Server::configured(&toml).await.unwrap();
    let answer = server.browser().authorize(&request).await;
    assert!(answer.location().starts_with("https://id.example/login?lang=ko&return_to="));
    let back = answer.location_parameter("return_to").unwrap();
    assert!(back.starts_with("http://127.0.0.1:8080/oauth/authorize?"), "{back}");
}

#[tokio::test]
async fn an_app_comes_back_through_its_own_scheme() {
    let toml = proxied(&["hana"]);
    let server = Server::configured(&toml).await.unwrap();
    let path = crate::browser::authorize(&[
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", "com.example.shop:/callback"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("prompt", "none"),
    ]);
    let request = axum::http::Request::get(path)
        .header("x-account", "hana")
        .body(axum::body::Body::empty())
        .unwrap();
    let answer = server.browser().send(request).await;
    assert!(
        answer.location().starts_with("com.example.shop:/callback?error=consent_required&"),
        "{}",
        answer.location()
    );
}
