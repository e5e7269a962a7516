//! What the provider is asked.

use axum::http::StatusCode;

use super::{
    Server, comes_back, english, hana, provider::Provider, request, sent, server, server_with,
    signs_in, toml,
};
use crate::browser::{ORIGIN, parameter};

#[tokio::test]
async fn the_request_is_bound_to_the_browser() {
    let (provider, server) = server().await;
    let mut browser = server.browser();
    let at = sent(&mut browser, &provider, &request(&[])).await;
    assert_eq!(at.sent["response_type"], "code");
    assert_eq!(at.sent["client_id"], "consent");
    assert_eq!(at.sent["scope"], "openid profile email");
    assert_eq!(at.sent["redirect_uri"], format!("{ORIGIN}/sign-in/callback"));
    assert_eq!(at.sent["code_challenge_method"], "S256");
    for random in ["state", "nonce", "code_challenge"] {
        assert_eq!(at.sent[random].len(), 43, "{random}");
    }
    let other = sent(&mut browser, &provider, &request(&[])).await;
    for random in ["state", "nonce", "code_challenge"] {
        assert_ne!(at.sent[random], other.sent[random], "{random}");
    }
}

#[tokio::test]
async fn what_a_service_asks_of_the_login_is_passed_on() {
    let (provider, server) = server().await;
    let mut browser = server.browser();
    let at = sent(&mut browser, &provider, &request(&[])).await;
    assert_eq!(at.sent.get("prompt"), None);
    assert_eq!(at.sent["max_age"], "31536000", "so that auth_time comes back");
    for (more, name, value) in [
        ([("prompt", "login")], "prompt", Some("login")),
        ([("prompt", "login")], "max_age", Some("0")),
        ([("max_age", "0")], "prompt", Some("login")),
        ([("max_age", "300")], "max_age", Some("300")),
        ([("max_age", "300")], "prompt", None),
        ([("prompt", "select_account")], "prompt", Some("select_account")),
        ([("prompt", "login select_account")], "prompt", Some("login select_account")),
        // Our own screen asks again; the provider has nothing to do with it.
        ([("prompt", "consent")], "prompt", None),
        // Not every provider knows it.
        ([("prompt", "create")], "prompt", None),
        ([("login_hint", "ha+na@example.com")], "login_hint", Some("ha+na@example.com")),
        ([("ui_locales", "ja ko")], "ui_locales", Some("ja ko")),
        ([("acr_values", "silver gold")], "acr_values", Some("silver gold")),
    ] {
        let at = sent(&mut server.browser(), &provider, &request(&more)).await;
        assert_eq!(at.sent.get(name).map(String::as_str), value, "{more:?} {name}");
    }
}

#[tokio::test]
async fn a_provider_that_makes_accounts_is_asked_to() {
    let provider = Provider::new().await;
    provider.discovers(provider.metadata(|metadata| {
        metadata["prompt_values_supported"] = serde_json::json!(["none", "login", "create"]);
    }));
    let server = server_with(&provider, "").await;
    let at = sent(&mut server.browser(), &provider, &request(&[("prompt", "create")])).await;
    assert_eq!(at.sent["prompt"], "create");
}

/// What is left out of the address here is asked all the same: the authorize request counts.
#[tokio::test]
async fn parameters_of_the_way_change_nothing() {
    let (provider, server) = server().await;
    let mut browser = server.browser();
    let login = browser.get(&request(&[("prompt", "login"), ("max_age", "5")])).await;
    let return_to = parameter(&format!("{ORIGIN}{}", login.location()), "return_to").unwrap();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("return_to", &return_to).append_pair("max_age", "9999");
    let answer = browser.get(&format!("/sign-in?{}", query.finish())).await;
    assert_eq!(answer.location_parameter("prompt").as_deref(), Some("login"));
    assert_eq!(answer.location_parameter("max_age").as_deref(), Some("0"));
    assert!(answer.location().starts_with(&provider.issuer));
}

#[tokio::test]
async fn prompt_none_asks_no_one() {
    let (provider, server) = server().await;
    let answer = server.browser().get(&request(&[("prompt", "none")])).await;
    assert_eq!(answer.location_parameter("error").as_deref(), Some("login_required"));
    assert!(provider.seen("/.well-known/openid-configuration").is_empty());
}

#[tokio::test]
async fn the_way_back_is_on_this_origin() {
    let (provider, server) = server().await;
    for return_to in ["https://evil.example/", "//evil.example", "/\\evil.example", "", "/sign-in"]
    {
        let mut browser = server.browser();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("return_to", return_to);
        let answer = browser.get(&format!("/sign-in?{}", query.finish())).await;
        let url = url::Url::parse(answer.location()).unwrap();
        let at = super::AtProvider { sent: url.query_pairs().into_owned().collect() };
        let claims = hana(&server, &provider, &at);
        let back = comes_back(&mut browser, &provider, &at, &claims).await;
        assert_eq!(back.location(), "/account", "{return_to}");
    }
}

#[tokio::test]
async fn who_signed_out_here_is_asked_again() {
    let (provider, server) = server().await;
    let mut browser = english(&server);
    signs_in(&mut browser, &server, &provider, &[]).await;
    let asks = browser.get("/oauth/logout?client_id=shop").await;
    assert!(asks.text().contains("하나"), "{}", asks.text());
    let form = crate::form::RenderedPage::of(asks).form("form");
    form.press(&mut browser, "sign_out").await;
    assert_eq!(browser.cookie_name("session"), None);
    let at = sent(&mut browser, &provider, &request(&[])).await;
    assert_eq!(at.sent["prompt"], "login");
    // A provider that does not say when is enough here: no service has asked.
    let mut claims = hana(&server, &provider, &at);
    claims.as_object_mut().unwrap().remove("auth_time");
    let back = comes_back(&mut browser, &provider, &at, &claims).await;
    browser.get(back.location()).await.challenge();
    let at = sent(&mut english(&server), &provider, &request(&[])).await;
    assert_eq!(at.sent.get("prompt"), None);
}

#[tokio::test]
async fn the_account_page_leads_to_the_provider_and_back() {
    let (provider, server) = server().await;
    crate::screen::build(&server);
    crate::screen::make_room(&server);
    let mut browser = english(&server);
    let at = sent(&mut browser, &provider, "/account").await;
    let back = comes_back(&mut browser, &provider, &at, &hana(&server, &provider, &at)).await;
    let answer = browser.get(back.location()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

/// Sign-in happens at the provider alone, and each fault has its place.
#[tokio::test]
async fn faults_of_the_configuration_are_reported_with_their_line() {
    let provider = Provider::new().await;
    let good = toml(&provider, "");
    assert!(Server::configured(&good).await.is_ok());
    let secret = format!("client_secret = \"{}\"\n", super::SECRET);
    let secret = secret.as_str();
    for (from, to, at, fault) in [
        (
            "issuer = \"http://127",
            "issuer = \"http://idp.x",
            "http://idp.x",
            "an issuer is an https",
        ),
        ("client_id = \"consent\"", "client_id = \"\"", "client_id = \"\"", "`client_id` is empty"),
        ("client_id = \"consent\"\n", "", "[sign_in.oidc]", "`client_id` is missing"),
        (secret, "client_secert = \"x\"\n", "client_secert", "did you mean `client_secret`?"),
        (secret, "client_secret = { file = \"none\" }\n", "\"none\"", "none: No such file"),
        (secret, "client_secret = \"\"\n", "client_secret", "printable ASCII"),
        (secret, "scopes = [\"email\"]\n", "scopes", "`scopes` need `openid`"),
        (secret, "scopes = [\"openid\", \"a b\"]\n", "scopes", "`a b` is no scope"),
        (secret, "account_claim = \"\"\n", "account_claim", "is no name of a claim"),
        (secret, "claims = { emial = \"mail\" }\n", "claims", "unknown field `emial`"),
        (
            "[sign_in.oidc]",
            "[sign_in]\nlogin_url = \"/x\"\n\n[sign_in.oidc]",
            "/x",
            "`login_url`: with",
        ),
        (
            "[sign_in.oidc]",
            "[sign_in]\naccount_header = \"x-account\"\n\n[sign_in.oidc]",
            "account_header",
            "`account_header`: with",
        ),
    ] {
        // The service's own client_id comes first.
        let start = good.rfind(from).unwrap();
        let bad = format!("{}{}", &good[..start], good[start..].replacen(from, to, 1));
        let error = Server::configured(&bad).await.err().unwrap_or_else(|| panic!("{to}"));
        let error = error.to_string();
        assert!(error.contains(fault) && error.contains("has 1 fault"), "{to}: {error}");
        let line = 1 + bad[..bad.rfind(at).unwrap()].matches('\n').count();
        assert!(error.contains(&format!("services.toml:{line}:")), "{to}, line {line}: {error}");
    }
}

#[tokio::test]
async fn a_secret_may_stand_in_a_file() {
    let provider = Provider::new().await;
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("secret"), "of a file\n").unwrap();
    let toml = toml(&provider, "").replace(
        &format!("client_secret = \"{}\"", super::SECRET),
        "client_secret = { file = \"secret\" }",
    );
    let server = Server::configured_in(folder, &toml, ORIGIN).await.unwrap();
    signs_in(&mut server.browser(), &server, &provider, &[]).await.challenge();
    let basic = &provider.seen("/token")[0].authorization;
    use base64::{Engine, engine::general_purpose::STANDARD};
    let sent = STANDARD.decode(basic.strip_prefix("Basic ").unwrap()).unwrap();
    assert_eq!(String::from_utf8(sent).unwrap(), "consent:of+a+file");
}

/// Where no one can sign in at a provider there are no addresses for it.
#[tokio::test]
async fn without_a_provider_there_is_no_sign_in_page() {
    let server = Server::configured(&crate::shop::proxied(&["hana"])).await.unwrap();
    for path in ["/sign-in", "/sign-in/callback?code=c&state=s"] {
        assert_eq!(server.browser().get(path).await.status, StatusCode::NOT_FOUND);
    }
}
