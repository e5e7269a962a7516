//! Accounts of the database: a proxy names them in a header, with personal values in others.

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use consent_backend::{
    Identity, Store,
    config::Source,
    explain::{Outcome, Question, Unexplained, explain},
};
use consent_contract::{item::ItemKey, problem::Code};
use serde_json::{Value, json};
use std::net::SocketAddr;
use url::form_urlencoded;

use crate::{
    browser::{Answer, Browser, CHALLENGE, ORIGIN, PEER, Server, VERIFIER, agreement, parameter},
    database, screen,
    shop::{SHOP, account},
};

/// The shop, which also asks for the e-mail address and the birthday.
fn shop() -> String {
    let item = |id: &str| {
        format!(
            "\n[[service.personal_info.items]]\nid = \"{id}\"\nlabel = \"{id}\"\nrequired = false\n"
        )
    };
    let shop = SHOP.replace("approved = true", "approved = true\nmin_age = 14");
    format!("{shop}{}{}", item("account_email"), item("birthday"))
}

const HEADERS: &str = "\n[sign_in]\nlogin_url = \"/login/\"\naccount_header = \"x-account\"\n\
    attribute_headers = { nickname = \"x-nickname\", email = \"x-email\", \
    email_verified = \"x-email-verified\", birthday = \"x-birthday\" }\n";

async fn server() -> Server {
    Server::configured(&(shop() + HEADERS)).await.unwrap()
}

/// A browser behind a proxy that sends these headers.
struct Behind {
    browser: Browser,
    headers: Vec<(&'static str, String)>,
    peer: &'static str,
}

impl Behind {
    fn new(server: &Server, headers: &[(&'static str, &str)]) -> Self {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { browser: server.browser(), headers, peer: PEER }
    }

    fn hana(server: &Server) -> Self {
        Self::new(
            server,
            &[
                ("x-account", "auth0|hana"),
                ("x-nickname", "하나"),
                ("x-email", "hana@EXAMPLE.com"),
                ("x-email-verified", "true"),
                ("x-birthday", "1990-02-28"),
            ],
        )
    }

    fn set(&mut self, name: &'static str, value: &str) {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.to_owned()));
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Answer {
        let mut request = request;
        for (name, value) in &self.headers {
            request = request.header(*name, value.as_bytes());
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo::<SocketAddr>(self.peer.parse().unwrap()));
        self.browser.send(request).await
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    async fn authorize(&mut self) -> Answer {
        self.get(&crate::browser::authorize(&REQUEST)).await
    }

    /// Signs up at the shop and agrees to everything; the code.
    async fn signs_up(&mut self) -> String {
        let challenge = self.authorize().await.challenge();
        let path = consent_contract::consent_path(&challenge);
        let asked = self.get(&path).await;
        let consent_contract::request::ConsentState::Ask(request) =
            consent_contract::request::ConsentState::from_json(asked.text()).unwrap()
        else {
            panic!("{}", asked.text())
        };
        let decision = agreement(&request, |_: &ItemKey, _| true);
        let decide = Request::post(consent_contract::decision_path(&challenge))
            .header("content-type", "application/json")
            .header("sec-fetch-site", "same-origin");
        let body = serde_json::to_string(&decision).unwrap();
        let answer = self.send(decide, Body::from(body)).await;
        let recorded: consent_contract::decision::Recorded = answer.json();
        parameter(&recorded.redirect_to, "code").unwrap()
    }
}

const REQUEST: [(&str, &str); 6] = [
    ("response_type", "code"),
    ("client_id", "shop"),
    ("redirect_uri", "https://shop.example/callback"),
    ("scope", "openid profile email birthday"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

async fn token(server: &Server, code: &str) -> String {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", "https://shop.example/callback"),
            ("client_id", "shop"),
            ("code_verifier", VERIFIER),
        ])
        .finish();
    let media_type = "application/x-www-form-urlencoded";
    let tokens: Value = server.browser().post("/oauth/token", media_type, form).await.json();
    tokens["access_token"].as_str().unwrap_or_else(|| panic!("{tokens}")).to_owned()
}

async fn userinfo(server: &Server, token: &str) -> Answer {
    let request =
        Request::get("/oauth/userinfo").header("authorization", format!("Bearer {token}"));
    server.browser().send(request.body(Body::empty()).unwrap()).await
}

/// The command-line tools open the database beside the server.
async fn store(server: &Server) -> Store {
    Store::open_existing(server.location()).await.unwrap()
}

#[tokio::test]
async fn an_account_is_made_at_the_first_sign_in_and_works_everywhere() {
    let server = server().await;
    screen::build(&server);
    screen::make_room(&server);
    let mut hana = Behind::hana(&server);
    let code = hana.signs_up().await;
    assert_eq!(server.count("SELECT count(*) FROM accounts").await, 1);
    let token = token(&server, &code).await;
    let claims: Value = userinfo(&server, &token).await.json();
    for (claim, value) in [
        ("nickname", json!("하나")),
        ("email", json!("hana@example.com")),
        ("email_verified", json!(true)),
        ("birthdate", json!("1990-02-28")),
    ] {
        assert_eq!(claims[claim], value, "{claim}: {claims}");
    }
    let page = hana.get("/account").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(page.text().contains("가게"), "{}", page.text());
    let again = hana.authorize().await;
    assert!(again.location_parameter("code").is_some(), "a member: {}", again.location());
    let bye = hana.get("/oauth/logout?client_id=shop").await;
    assert!(bye.text().contains("하나"), "{}", bye.text());
}

#[tokio::test]
async fn values_are_those_of_the_last_request() {
    let server = server().await;
    let mut hana = Behind::hana(&server);
    let code = hana.signs_up().await;
    let token = token(&server, &code).await;
    hana.set("x-email", "new@example.com");
    hana.set("x-email-verified", "false");
    hana.set("x-nickname", &"가".repeat(200));
    hana.authorize().await;
    let claims: Value = userinfo(&server, &token).await.json();
    assert_eq!(claims["email"], "new@example.com");
    assert_eq!(claims["email_verified"], false);
    assert_eq!(claims["nickname"], "auth0|hana", "a name that cannot be shown costs itself");
    assert_eq!(server.count("SELECT count(*) FROM accounts").await, 1);
    // What is sent twice is in doubt, and counts as not sent.
    hana.headers.push(("x-email", "other@example.com".to_owned()));
    hana.authorize().await;
    let claims: Value = userinfo(&server, &token).await.json();
    assert_eq!(claims.get("email"), None, "{claims}");
}

/// What anyone but the trusted proxy sends makes no account and changes none.
#[tokio::test]
async fn headers_of_other_peers_count_for_nothing() {
    let server = server().await;
    let mut untrusted = Behind::hana(&server);
    untrusted.peer = "203.0.113.1:9";
    let answer = untrusted.authorize().await;
    assert!(answer.location().starts_with("/login/?return_to="), "{}", answer.location());
    assert_eq!(server.count("SELECT count(*) FROM accounts").await, 0);
    let mut hana = Behind::hana(&server);
    hana.authorize().await;
    untrusted.set("x-email", "evil@example.com");
    untrusted.authorize().await;
    let changed = "SELECT count(*) FROM accounts WHERE attributes LIKE '%evil%'";
    assert_eq!(server.count(changed).await, 0);
}

#[tokio::test]
async fn the_age_of_an_account_counts() {
    let server = server().await;
    let mut child = Behind::hana(&server);
    child.set("x-birthday", "2020-01-01");
    let answer = child.authorize().await;
    let refused = child.get(&consent_contract::consent_path(&answer.challenge())).await;
    assert_eq!(refused.problem().code, Code::UnderAge);
}

#[tokio::test]
async fn a_disabled_account_is_nowhere() {
    let server = server().await;
    let mut hana = Behind::hana(&server);
    let code = hana.signs_up().await;
    let token = token(&server, &code).await;
    let store = store(&server).await;
    assert!(store.set_disabled("auth0|hana", Some(server.clock.now())).await.unwrap());
    assert_eq!(userinfo(&server, &token).await.status, StatusCode::UNAUTHORIZED);
    for language in ["ko", "en", "ja"] {
        hana.browser.language = Some(language);
        for path in [crate::browser::authorize(&REQUEST), "/account".to_owned()] {
            let page = hana.get(&path).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}: {}", page.text());
            let title = match language {
                "ko" => "사용이 중지된 계정입니다",
                "en" => "This account is disabled",
                _ => "このアカウントは停止されています",
            };
            assert!(page.text().contains(title), "{}", page.text());
        }
    }
    // Values of a disabled account are not changed.
    hana.set("x-email", "new@example.com");
    hana.authorize().await;
    let changed = "SELECT count(*) FROM accounts WHERE attributes LIKE '%new@%'";
    assert_eq!(server.count(changed).await, 0);
    assert!(store.set_disabled("auth0|hana", None).await.unwrap());
    assert!(hana.authorize().await.location_parameter("code").is_some(), "a member again");
    let before = userinfo(&server, &token).await;
    assert_eq!(before.status, StatusCode::UNAUTHORIZED, "what was ended stays so");
    store.close().await;
}

#[tokio::test]
async fn an_erased_account_leaves_nothing_and_may_come_again() {
    let server = server().await;
    let mut hana = Behind::hana(&server);
    let code = hana.signs_up().await;
    let token = token(&server, &code).await;
    let store = store(&server).await;
    let erased = store.erase("auth0|hana", server.clock.now()).await.unwrap();
    assert!(erased.deleted.contains(&("the account", 1)), "{erased:?}");
    store.close().await;
    assert_eq!(server.count("SELECT count(*) FROM accounts").await, 0);
    assert_eq!(userinfo(&server, &token).await.status, StatusCode::UNAUTHORIZED);
    let asked_again = hana.authorize().await;
    asked_again.challenge();
    assert_eq!(server.count("SELECT count(*) FROM accounts").await, 1);
}

/// An account of the file is as the file says.
#[tokio::test]
async fn an_account_of_the_file_takes_no_values_from_headers() {
    let toml = shop() + HEADERS + &account("hana") + "email = \"file@example.com\"\n";
    let server = Server::configured(&toml).await.unwrap();
    let mut hana = Behind::hana(&server);
    hana.set("x-account", "hana");
    let code = hana.signs_up().await;
    let token = token(&server, &code).await;
    let claims: Value = userinfo(&server, &token).await.json();
    assert_eq!(claims["email"], "file@example.com");
    assert_eq!(server.count("SELECT count(*) FROM accounts").await, 0);
}

#[tokio::test]
async fn what_cannot_be_an_id_is_no_account() {
    let server = server().await;
    for bad in ["ha na", "하나", "a".repeat(256).as_str()] {
        let mut person = Behind::hana(&server);
        person.set("x-account", bad);
        let page = person.authorize().await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{bad}: {}", page.text());
    }
    assert_eq!(server.count("SELECT count(*) FROM accounts").await, 0);
}

/// Without `attribute_headers` no account is made, and those that are there stay good.
#[tokio::test]
async fn accounts_are_made_only_where_that_is_configured() {
    let server = server().await;
    Behind::hana(&server).signs_up().await;
    server.app.close().await;
    let without = "\n[sign_in]\nlogin_url = \"/login/\"\naccount_header = \"x-account\"\n";
    let server = Server::configured_in(server.folder, &(shop() + without), ORIGIN).await.unwrap();
    let mut hana = Behind::hana(&server);
    hana.set("x-email", "new@example.com");
    assert!(hana.authorize().await.location_parameter("code").is_some());
    let changed = "SELECT count(*) FROM accounts WHERE attributes LIKE '%new@%'";
    assert_eq!(server.count(changed).await, 0);
    hana.set("x-account", "another");
    assert_eq!(hana.authorize().await.status, StatusCode::FORBIDDEN);
}

/// The commands of an operator, beside the server.
#[tokio::test]
async fn an_operator_shows_disables_and_gives_away_accounts() {
    let server = server().await;
    let mut hana = Behind::hana(&server);
    hana.signs_up().await;
    let data = database::argument(server.folder.path());
    let run = |command: &[&str]| {
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_consent-backend"))
            .arg("accounts")
            .args(command)
            .arg("--data-dir")
            .arg(&data)
            .output()
            .unwrap();
        let text = String::from_utf8(done.stdout).unwrap();
        (done.status.code().unwrap(), text)
    };
    let (status, text) = run(&["show", "auth0|hana"]);
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status, 0);
    assert_eq!(shown["attributes"]["email"], "hana@example.com");
    assert_eq!((&shown["issuer"], &shown["disabled_at"]), (&json!(""), &Value::Null));
    assert_eq!(run(&["disable", "auth0|hana"]).0, 0);
    assert_eq!(hana.authorize().await.status, StatusCode::FORBIDDEN);
    assert_eq!(run(&["enable", "auth0|hana"]).0, 0);
    assert!(hana.authorize().await.location_parameter("code").is_some());
    for command in ["show", "disable", "enable"] {
        let (status, text) = run(&[command, "duri"]);
        assert_eq!(status, 1, "{text}");
        assert!(text.contains("no account `duri`"), "{text}");
    }
    let bind = ["bind", "auth0|hana", "--issuer", "https://login.example", "--subject", "1"];
    assert_eq!(run(&bind).0, 0);
    let (_, text) = run(&["show", "auth0|hana"]);
    assert!(text.contains("https://login.example"), "{text}");
    // The proxy names another account now.
    assert_eq!(hana.authorize().await.status, StatusCode::FORBIDDEN);
}

/// An operator binds accounts to other names of the proxy: each name leads to the account that is bound
/// to it, also where that name is the id of another one.
#[tokio::test]
async fn a_name_leads_to_the_account_that_is_bound_to_it() {
    let without = "\n[sign_in]\nlogin_url = \"/login/\"\naccount_header = \"x-account\"\n";
    for sign_in in [HEADERS, without] {
        let server = server().await;
        let mut hana = Behind::hana(&server);
        hana.set("x-account", "hana");
        let code = hana.signs_up().await;
        let token_of_before = token(&server, &code).await;
        let mut hana2 = Behind::hana(&server);
        hana2.set("x-account", "hana2");
        hana2.authorize().await.challenge();
        server.app.close().await;
        let server = Server::configured_in(server.folder, &(shop() + sign_in), ORIGIN).await;
        let server = server.unwrap();
        let (cookies, cookies2) = (hana.browser.cookies, hana2.browser.cookies);
        let store = store(&server).await;
        let now = server.clock.now();
        for (id, subject) in [("hana2", "hana3"), ("hana", "hana2")] {
            let identity = Identity { issuer: "", subject };
            assert_eq!(store.bind_account(id, identity, now).await.unwrap(), Ok(true), "{id}");
        }
        store.close().await;
        // What the identities of before had has ended.
        assert_eq!(server.count("SELECT count(*) FROM sessions").await, 0);
        let refused = userinfo(&server, &token_of_before).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{sign_in}");
        // `hana2` is the member now, whatever cookie the browser has.
        for cookies in [Default::default(), cookies, cookies2] {
            let mut member = Behind::hana(&server);
            member.set("x-account", "hana2");
            member.browser.cookies = cookies;
            let answer = member.authorize().await;
            assert!(answer.location_parameter("code").is_some(), "{}", answer.location());
        }
        let others = "SELECT count(*) FROM sessions WHERE account <> 'hana'";
        assert_eq!(server.count(others).await, 0, "{sign_in}");
        // `hana3` has the other account, and `hana` has none.
        let mut hana3 = Behind::new(&server, &[("x-account", "hana3")]);
        hana3.authorize().await.challenge();
        assert_eq!(server.count(others).await, 1, "{sign_in}");
        assert_eq!(server.count("SELECT count(*) FROM sessions WHERE account = 'hana2'").await, 1);
        let mut hana = Behind::new(&server, &[("x-account", "hana")]);
        assert_eq!(hana.authorize().await.status, StatusCode::FORBIDDEN, "{sign_in}");
        assert_eq!(server.count("SELECT count(*) FROM accounts").await, 2);
    }
}

/// An account of a provider's user is not for a name of the proxy that is the same text.
#[tokio::test]
async fn a_name_does_not_lead_to_the_account_of_a_providers_user() {
    let server = server().await;
    let store = store(&server).await;
    let identity = Identity { issuer: "https://login.example", subject: "1" };
    let values = Default::default();
    store.keep_account(Some("hana"), identity, &values, 5).await.unwrap().unwrap();
    store.close().await;
    server.app.close().await;
    let without = "\n[sign_in]\nlogin_url = \"/login/\"\naccount_header = \"x-account\"\n";
    let server = Server::configured_in(server.folder, &(shop() + without), ORIGIN).await.unwrap();
    let mut hana = Behind::new(&server, &[("x-account", "hana")]);
    assert_eq!(hana.authorize().await.status, StatusCode::FORBIDDEN);
    assert_eq!(server.count("SELECT count(*) FROM sessions").await, 0);
}

#[tokio::test]
async fn accounts_of_the_database_are_explained_as_the_server_treats_them() {
    let server = server().await;
    Behind::hana(&server).signs_up().await;
    let file = server.folder.path().join("services.toml");
    let catalog = Source::file(&file).unwrap().catalog().unwrap();
    let store = store(&server).await.with_configuration(&catalog, &server.clock).await.unwrap();
    let question = Question {
        account: "auth0|hana".to_owned(),
        service: "shop".to_owned(),
        scope: "openid profile email birthday".to_owned(),
        ..Question::default()
    };
    let now = server.clock.now();
    let explained = explain(&store, &catalog, &question, now).await.unwrap();
    assert_eq!(explained.outcome, Outcome::NoScreen);
    assert!(store.set_disabled("auth0|hana", Some(now)).await.unwrap());
    let refused = explain(&store, &catalog, &question, now).await.unwrap_err();
    assert!(matches!(refused, Unexplained::UnknownAccount(_)), "{refused}");
}
