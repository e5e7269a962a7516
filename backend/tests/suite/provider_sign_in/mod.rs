//! Signing in at an OpenID provider.

mod accounts;
mod answers;
mod freshness;
mod outages;
mod provider;
mod reload;
mod requests;
mod traced;

use std::collections::BTreeMap;

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::{
    browser::{Answer, Browser, CHALLENGE, ORIGIN, Server, VERIFIER, authorize, parameter},
    shop::SHOP,
};
use provider::{Provider, SECRET};

const CALLBACK: &str = "https://shop.example/callback";

/// The shop, with sign-in at this provider; `more` follows its keys.
fn toml(provider: &Provider, more: &str) -> String {
    let shop = SHOP.replace("approved = true", "approved = true\nmin_age = 14");
    format!(
        "{shop}\n[[service.personal_info.items]]\nid = \"account_email\"\nlabel = \"이메일\"\n\
         required = false\n\n[sign_in.oidc]\nissuer = \"{}\"\nclient_id = \"consent\"\n\
         client_secret = \"{SECRET}\"\n{more}",
        provider.issuer
    )
}

async fn server_with(provider: &Provider, more: &str) -> Server {
    Server::configured(&toml(provider, more)).await.unwrap()
}

/// A provider, and a server whose users sign in there.
async fn server() -> (Provider, Server) {
    let provider = Provider::new().await;
    let server = server_with(&provider, "").await;
    (provider, server)
}

fn request(more: &[(&str, &str)]) -> String {
    let parameters = [
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid email profile"),
        ("state", "s"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    authorize(&[&parameters[..], more].concat())
}

/// A browser at the provider.
struct AtProvider {
    /// The parameters that it was sent with.
    sent: BTreeMap<String, String>,
}

impl AtProvider {
    /// Where the provider sends the browser back to.
    fn back(&self, parameters: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(parameters).append_pair("state", &self.sent["state"]);
        format!("/sign-in/callback?{}", query.finish())
    }

    fn with_code(&self) -> String {
        self.back(&[("code", "c")])
    }
}

/// Goes to a service, and is sent to the provider.
async fn sent(browser: &mut Browser, provider: &Provider, path: &str) -> AtProvider {
    let login = browser.get(path).await;
    assert!(login.location().starts_with("/sign-in?return_to="), "{}", login.location());
    let to_provider = browser.get(login.location()).await;
    let url = Url::parse(to_provider.location()).unwrap();
    let at = format!("{}/authorize?", provider.issuer);
    assert!(url.as_str().starts_with(&at), "{url}");
    let sent = url.query_pairs().into_owned().collect();
    AtProvider { sent }
}

/// The claims about a user that the provider vouches for.
fn hana(server: &Server, provider: &Provider, at: &AtProvider) -> Value {
    let now = server.clock.now();
    json!({
        "iss": provider.issuer, "aud": "consent", "sub": "0001", "exp": now + 300, "iat": now,
        "nonce": at.sent["nonce"], "auth_time": now, "name": "하나",
        "email": "hana@example.com", "email_verified": true,
    })
}

/// Comes back with these claims, and is sent on; where to.
async fn comes_back(
    browser: &mut Browser,
    provider: &Provider,
    at: &AtProvider,
    claims: &Value,
) -> Answer {
    provider.gives_token(&provider.key.sign(claims));
    browser.get(&at.with_code()).await
}

/// Signs in and is back at our own authorize endpoint, whose answer this is.
async fn signs_in(
    browser: &mut Browser,
    server: &Server,
    provider: &Provider,
    more: &[(&str, &str)],
) -> Answer {
    let at = sent(browser, provider, &request(more)).await;
    let back = comes_back(browser, provider, &at, &hana(server, provider, &at)).await;
    browser.get(back.location()).await
}

/// The claims of the ID token for a code, and of userinfo.
async fn claims(server: &Server, code: &str) -> (Value, Value) {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("client_id", "shop"),
            ("code_verifier", VERIFIER),
        ])
        .finish();
    let media_type = "application/x-www-form-urlencoded";
    let tokens: Value = server.browser().post("/oauth/token", media_type, form).await.json();
    let token = tokens["id_token"].as_str().unwrap_or_else(|| panic!("{tokens}"));
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let access_token = tokens["access_token"].as_str().unwrap();
    let request = axum::http::Request::get("/oauth/userinfo")
        .header("authorization", format!("Bearer {access_token}"))
        .body(axum::body::Body::empty())
        .unwrap();
    let about = server.browser().send(request).await.json();
    (serde_json::from_slice(&claims).unwrap(), about)
}

/// Signs up at the shop; the code.
async fn signs_up(browser: &mut Browser, server: &Server, provider: &Provider) -> String {
    let challenge = signs_in(browser, server, provider, &[]).await.challenge();
    let asked = browser.asked(&challenge).await;
    let decision = crate::browser::agreement(&asked, |_, _| true);
    let recorded: consent_contract::decision::Recorded =
        browser.decide(&challenge, &decision).await.json();
    parameter(&recorded.redirect_to, "code").unwrap()
}

/// A page of our own with this title in English; its links.
#[track_caller]
fn page(answer: &Answer, status: StatusCode, title: &str) -> Vec<String> {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.text().contains(&format!("<h1>{title}</h1>")), "{}", answer.text());
    let page = scraper::Html::parse_document(answer.text());
    let links = scraper::Selector::parse("a.way").unwrap();
    page.select(&links).map(|link| link.attr("href").unwrap().to_owned()).collect()
}

fn english(server: &Server) -> Browser {
    let mut browser = server.browser();
    browser.language = Some("en");
    browser
}

/// That no one is signed in, and no account was made.
async fn nothing_happened(browser: &Browser, server: &Server) {
    assert_eq!(browser.cookie_name("session"), None);
    assert_eq!(server.count("SELECT count(*) FROM sessions").await, 0);
    assert_eq!(server.count("SELECT count(*) FROM accounts").await, 0);
}

const UNVERIFIED: &str = "Your sign-in couldn't be verified";
const UNREACHABLE: &str = "You can't sign in right now";

#[tokio::test]
async fn a_user_signs_in_at_the_provider_consents_here_and_lands_at_the_shop() {
    let (provider, server) = server().await;
    crate::screen::build(&server);
    crate::screen::make_room(&server);
    let mut browser = server.browser();
    let code = signs_up(&mut browser, &server, &provider).await;
    let (id_token, about) = claims(&server, &code).await;
    assert_eq!(about["email"], "hana@example.com");
    assert_eq!(about["email_verified"], true);
    assert_eq!(about["nickname"], "하나", "the name, where there is no nickname");
    assert_ne!(id_token["sub"], "0001", "each service has a sub of its own");
    let page = browser.get("/account").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(page.text().contains("가게"), "{}", page.text());
    // The next time nothing is asked.
    let again = browser.get(&request(&[])).await;
    assert!(again.location_parameter("code").is_some(), "{}", again.location());
    assert_eq!(server.count("SELECT count(*) FROM accounts").await, 1);

    // The code was redeemed as RFC 6749 and RFC 7636 have it.
    let redeemed = provider.seen("/token");
    assert_eq!(redeemed.len(), 1);
    let form: BTreeMap<String, String> =
        form_urlencoded::parse(redeemed[0].body.as_bytes()).into_owned().collect();
    assert_eq!(form["code"], "c");
    assert_eq!(form["redirect_uri"], format!("{ORIGIN}/sign-in/callback"));
    assert_eq!(form["code_verifier"].len(), 43);
    assert!(redeemed[0].authorization.starts_with("Basic "));
    assert!(!redeemed[0].body.contains("secret"), "{}", redeemed[0].body);
    // Metadata and keys were fetched once.
    assert_eq!(provider.seen("/jwks").len(), 1);
}
