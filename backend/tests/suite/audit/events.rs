//! What has a line, and what is in it.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::Value;

use super::{lines::check, read};
use crate::{
    account::{self, send},
    browser::{Browser, Server, cancel},
    client::{self, FORM, is_error, post, redeem, refresh, request, text, tokens},
};

const OFFLINE: &str = "openid offline_access";

/// The lines of a server, one after the other: `event outcome reason actor service`, with what the event
/// has beside that, and the initial of the account.
struct Seen<'a> {
    server: &'a Server,
    before: usize,
    accounts: Vec<String>,
}

impl<'a> Seen<'a> {
    fn of(server: &'a Server) -> Self {
        Self { server, before: 0, accounts: Vec::new() }
    }

    /// The lines since the last call.
    fn new_lines(&mut self) -> Vec<Value> {
        let lines = read(&self.server.app, self.server.folder.path());
        let new = lines[self.before..].to_vec();
        self.before = lines.len();
        new.iter().for_each(check);
        new
    }

    /// The same, each as a short text. Accounts are A, B, … in the order in which they came.
    fn since(&mut self) -> Vec<String> {
        let lines = self.new_lines();
        let own =
            ["method", "sessions", "decision", "purpose", "credential", "token", "agreements"];
        let of_line = |line: &Value| {
            let mut words = vec![line["event"].as_str().unwrap().to_owned()];
            let names = own.iter().chain(&["reason", "actor", "service"]);
            words.extend(names.filter_map(|name| match &line[*name] {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                other => Some(other.to_string()),
            }));
            if let Some(account) = line["account"].as_str() {
                let known = self.accounts.iter().position(|it| it == account);
                let at = known.unwrap_or_else(|| {
                    self.accounts.push(account.to_owned());
                    self.accounts.len() - 1
                });
                words.push(["A", "B", "C"][at].to_owned());
            }
            words.join(" ")
        };
        lines.iter().map(of_line).collect()
    }
}

async fn token_request(browser: &mut Browser, form: &str) -> StatusCode {
    browser.post("/oauth/token", FORM, form.to_owned()).await.status
}

#[tokio::test]
async fn a_user_s_way_through_a_service_is_recorded() {
    let server = account::server().await;
    let mut seen = Seen::of(&server);
    let mut hana = server.proxied("hana");
    let code = client::code(&mut hana, "shop", OFFLINE, &["term:news"]).await;
    assert_eq!(
        seen.since(),
        ["sign_in proxy user A", "decision agree sign_up user shop A"],
        "the second line is written after the commit"
    );
    // Another service asks the same user: the same name of the account.
    let parameters = request("books", "https://books.example/callback", "openid");
    let challenge = hana.authorize(&parameters).await.challenge();
    assert_eq!(hana.decide(&challenge, &cancel()).await.status, 200);
    assert_eq!(seen.since(), ["decision cancel sign_up user books A"]);
    // Sent again it is answered, and nothing was decided.
    assert_eq!(hana.decide(&challenge, &cancel()).await.status, 200);
    assert!(seen.since().is_empty());

    assert_eq!(redeem(&server, "shop", &code).await.status, 200);
    assert!(seen.since().is_empty(), "tokens that are issued have no line");
    is_error(&redeem(&server, "shop", &code).await, 400, "invalid_grant");
    assert_eq!(seen.since(), ["token_reuse code used_before service shop A"]);

    account::withdraw(&mut hana, "term:news").await.location();
    assert_eq!(seen.since(), ["withdrawal 1 user shop A"]);
    account::withdraw(&mut hana, "term:news").await.location();
    assert!(seen.since().is_empty(), "it was withdrawn before");
    account::leave(&mut hana).await.location();
    assert_eq!(seen.since(), ["unlink user shop A"]);
    send(&mut hana, "/account/sessions", "/account/sessions/end-all", &[]).await.location();
    assert_eq!(seen.since(), ["sign_out every user A"]);

    let mut duri = server.proxied("duri");
    let issued = tokens(&server, &mut duri, "shop", OFFLINE, &[]).await;
    assert_eq!(seen.since(), ["sign_in proxy user B", "decision agree sign_up user shop B"]);
    let first = text(&issued, "refresh_token");
    let second: Value = refresh(&server, "shop", first, &[]).await.json();
    let third: Value = refresh(&server, "shop", text(&second, "refresh_token"), &[]).await.json();
    assert!(seen.since().is_empty());
    is_error(&refresh(&server, "shop", first, &[]).await, 400, "invalid_grant");
    assert_eq!(seen.since(), ["token_reuse refresh_token used_before service shop B"]);
    is_error(
        &refresh(&server, "shop", text(&third, "refresh_token"), &[]).await,
        400,
        "invalid_grant",
    );
    assert_eq!(seen.since(), ["token_request refresh_token revoked service shop"]);
}

#[tokio::test]
async fn what_a_service_does_wrong_is_recorded() {
    let server = client::server().await;
    let mut seen = Seen::of(&server);
    let mut anyone = server.browser();
    let wrong = "grant_type=authorization_code&code=x&client_id=shop&client_secret=wrong";
    assert_eq!(token_request(&mut anyone, wrong).await, 401);
    let made_up = "grant_type=authorization_code&code=x&client_id=made-up&client_secret=x";
    assert_eq!(token_request(&mut anyone, made_up).await, 401);
    assert_eq!(
        seen.since(),
        [
            "client_authentication client_secret bad_credentials service shop",
            "client_authentication client_secret bad_credentials service",
        ],
        "a client id that a client makes up is not written"
    );
    is_error(&redeem(&server, "shop", "no-code").await, 400, "invalid_grant");
    assert_eq!(seen.since(), ["token_request code unknown service shop"]);

    let other = request("shop", "https://evil.example/callback", "openid");
    assert_eq!(anyone.authorize(&other).await.status, 400);
    let implicit = [("response_type", "token"), ("client_id", "shop")];
    let uri = [("redirect_uri", "https://shop.example/callback")];
    anyone.authorize(&[&implicit[..], &uri].concat()).await.location();
    assert_eq!(
        seen.since(),
        ["request invalid_redirect user shop", "request unsupported_response_type user shop",]
    );

    let mut hana = server.proxied("hana");
    let issued = tokens(&server, &mut hana, "shop", OFFLINE, &[]).await;
    seen.since();
    let token = [("token", text(&issued, "access_token"))];
    is_error(&post(&server, "/oauth/revoke", "books", &token).await, 400, "invalid_grant");
    assert_eq!(post(&server, "/oauth/revoke", "shop", &token).await.status, 200);
    assert_eq!(
        seen.since(),
        ["token_revocation other_service service books", "token_revocation service shop A"]
    );
}

#[tokio::test]
async fn what_is_refused_to_a_user_is_recorded() {
    let toml = client::services().replacen("approved = true", "approved = false", 1);
    let server = Server::configured(&toml).await.unwrap();
    let mut seen = Seen::of(&server);
    let shop = request("shop", "https://shop.example/callback", "openid");
    let mut nobody = server.proxied("nobody");
    assert_eq!(nobody.authorize(&shop).await.status, 403);
    assert_eq!(seen.since(), ["sign_in unknown_account user shop"]);

    let mut hana = server.proxied("hana");
    hana.authorize(&shop).await.location();
    assert_eq!(
        seen.since(),
        ["sign_in proxy user A", "request simple_sign_up_inactive user shop A"]
    );

    let books = request("books", "https://books.example/callback", "openid");
    let challenge = hana.authorize(&books).await.challenge();
    let foreign = Request::post(format!("/api/v1/consents/{challenge}/decision"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("sec-fetch-site", "cross-site");
    let answer = hana.send(foreign.body(Body::from("{}")).unwrap()).await;
    assert_eq!(answer.status, 403);
    let mut duri = server.proxied("duri");
    assert_eq!(duri.decide(&challenge, &cancel()).await.status, 403);
    assert_eq!(seen.since(), ["request csrf_rejected user", "request wrong_session user"]);
}

#[tokio::test]
async fn a_line_names_the_request_that_it_follows_from() {
    let server = client::server().await;
    let mut hana = server.proxied("hana");
    let shop = request("shop", "https://shop.example/callback", "openid");
    let answer = hana.authorize(&shop).await;
    let lines = read(&server.app, server.folder.path());
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["request_id"], answer.header("x-request-id"));
}
