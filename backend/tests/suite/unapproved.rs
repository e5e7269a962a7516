//! A service that is not approved for the combined screen: plain login goes on, only sign-up is off.

use consent_contract::problem::Code;

use crate::{
    browser::{Browser, CHALLENGE, Server, VERIFIER},
    shop::{self, SHOP, SIGN_IN},
};

/// Before the approval, or after it was withdrawn. `hana` came by plain login, `duri` on the combined
/// screen with an earlier version of the terms, `sena` never.
async fn server(more: &str) -> Server {
    let shop = SHOP.replace("approved = true\n", "client_secret = \"0123456789abcdef\"\n");
    let again = "version = \"1\"\nask_again = \"at_once\"";
    let shop = shop.replace("version = \"1\"", again);
    let link = |how: &str, more: &str| {
        format!(
            "[[account.links]]\nservice = \"shop\"\nhow = \"{how}\"\n\
             at = \"2025-06-11T12:00:00Z\"\nitems = [\"profile_nickname\"]\n{more}"
        )
    };
    let toml = format!(
        "{shop}{more}{SIGN_IN}{}{}{}{}{}",
        shop::account("hana"),
        link("plain_login", ""),
        shop::account("duri"),
        link("combined_screen", ""),
        shop::account("sena"),
    );
    Server::configured(&toml).await.unwrap()
}

const REQUEST: [(&str, &str); 6] = [
    ("response_type", "code"),
    ("client_id", "shop"),
    ("redirect_uri", "https://shop.example/callback"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
    ("scope", "openid"),
];

async fn claims(browser: &mut Browser, more: &[(&str, &str)]) -> serde_json::Value {
    let answer = browser.authorize(&[&REQUEST[..], more].concat()).await;
    let code = answer.location_parameter("code").unwrap();
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", &code)
        .append_pair("redirect_uri", "https://shop.example/callback")
        .append_pair("client_id", "shop")
        .append_pair("client_secret", "0123456789abcdef")
        .append_pair("code_verifier", VERIFIER)
        .finish();
    let form = "application/x-www-form-urlencoded";
    let tokens: serde_json::Value = browser.post("/oauth/token", form, body).await.json();
    let token = tokens["access_token"].as_str().unwrap_or_else(|| panic!("{tokens}"));
    let request = axum::http::Request::get("/oauth/userinfo")
        .header("authorization", format!("Bearer {token}"))
        .body(axum::body::Body::empty());
    browser.send(request.unwrap()).await.json()
}

#[tokio::test]
async fn plain_login_goes_on_with_what_it_had() {
    let server = server("").await;
    for account in ["hana", "duri"] {
        let mut member = server.proxied(account);
        let claims = claims(&mut member, &[]).await;
        assert!(claims["nickname"].is_string(), "{account}: {claims}");
        let silent = [&REQUEST[..], &[("prompt", "none")]].concat();
        assert!(member.authorize(&silent).await.location_parameter("code").is_some());
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0, "nothing was asked");
}

/// What the service names is not asked either, and is not given.
#[tokio::test]
async fn a_member_gives_nothing_new_to_an_unapproved_service() {
    let item = "\n[[service.personal_info.items]]\nid = \"account_email\"\nlabel = \"이메일\"\n\
                required = true\n";
    let server = server(item).await;
    for named in [("scope", "openid account_email"), ("service_terms", "tos")] {
        let mut member = server.proxied("hana");
        let mut request = REQUEST.to_vec();
        request.retain(|(key, _)| *key != named.0);
        request.push(named);
        assert!(member.authorize(&request).await.location_parameter("code").is_some(), "{named:?}");
    }
    let email = "SELECT count(*) FROM agreements WHERE key = 'item:account_email'";
    assert_eq!(server.count(email).await, 0);
}

#[tokio::test]
async fn a_newcomer_cannot_sign_up_to_an_unapproved_service() {
    let server = server("").await;
    let mut newcomer = server.proxied("sena");
    let challenge = newcomer.authorize(&REQUEST).await.challenge();
    assert_eq!(newcomer.read(&challenge).await.problem().code, Code::SimpleSignUpInactive);
}
