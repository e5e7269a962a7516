//! `--test-hooks`: what a test suite can do to the server, and that it cannot without the option.

use std::time::{Duration, Instant};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    browser::{Answer, Browser, Server, VERIFIER, service, settings},
    process::{Running, program},
    shop,
};

async fn server() -> Server {
    Server::with(|settings| settings.test_hooks = true).await
}

/// A program, which sends no headers of a browser.
async fn call(server: &Server, method: &str, path: &str, body: Option<Value>) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let request = match &body {
        Some(_) => request.header("content-type", "application/json"),
        None => request,
    };
    let body = body.map_or(Body::empty(), |body| Body::from(body.to_string()));
    server.browser().send(request.body(body).unwrap()).await
}

async fn post(server: &Server, path: &str, body: Value) -> Answer {
    call(server, "POST", path, Some(body)).await
}

/// Sends what is good.
async fn set(server: &Server, path: &str, body: Value) {
    let answer = post(server, path, body).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
}

/// Sends what is wrong, and reads why.
async fn refused(server: &Server, path: &str, body: Value) -> String {
    let answer = post(server, path, body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
    answer.problem().detail.unwrap()
}

async fn reset(server: &Server) {
    let answer = call(server, "POST", "/__test/reset", None).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
}

/// Signs an account in at the demo's shop without a page, and gives where that leads.
async fn sign_in(browser: &mut Browser, account: &str, more: &[(&str, &str)]) -> Answer {
    let hint = [("scope", "openid"), ("login_hint", account)];
    browser.authorize(&[&service("demo-shop")[..], &hint, more].concat()).await
}

/// Redeems a code of the demo's shop.
async fn redeem(browser: &mut Browser, code: &str) -> Answer {
    let form = format!(
        "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}&client_id=demo-shop\
         &client_secret=demo-shop-is-no-secret\
         &redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Fdemo%2Fcallback"
    );
    browser.post("/oauth/token", "application/x-www-form-urlencoded", form).await
}

async fn userinfo(browser: &mut Browser, token: &str) -> Answer {
    let request =
        Request::get("/oauth/userinfo").header("authorization", format!("Bearer {token}"));
    browser.send(request.body(Body::empty()).unwrap()).await
}

/// Signs in, and gives the access token.
async fn token(browser: &mut Browser, account: &str) -> String {
    let code = sign_in(browser, account, &[]).await.location_parameter("code").unwrap();
    redeem(browser, &code).await.json::<Value>()["access_token"].as_str().unwrap().to_owned()
}

async fn receipt(server: &Server, account: &str) -> Answer {
    let path = format!("/__test/receipt?account={account}&service=demo-shop");
    call(server, "GET", &path, None).await
}

const ENDPOINTS: [(&str, &str); 12] = [
    ("POST", "/__test/reset"),
    ("POST", "/__test/accounts"),
    ("POST", "/__test/agreements"),
    ("GET", "/__test/clock"),
    ("POST", "/__test/clock"),
    ("GET", "/__test/failures"),
    ("POST", "/__test/failures"),
    ("DELETE", "/__test/failures"),
    ("GET", "/__test/answer"),
    ("POST", "/__test/answer"),
    ("DELETE", "/__test/answer"),
    ("GET", "/__test/receipt"),
];

#[tokio::test]
async fn without_the_option_nothing_of_it_exists() {
    let server = Server::demo().await;
    for (method, path) in ENDPOINTS {
        let answer = call(&server, method, path, None).await;
        let unknown = call(&server, method, "/no-such-path", None).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
        assert_eq!((answer.status, answer.body), (unknown.status, unknown.body), "{method} {path}");
    }
    let mut browser = server.browser();
    let answer = sign_in(&mut browser, "returning", &[]).await;
    assert!(answer.location().starts_with("/demo?return_to="), "{}", answer.location());
    assert!(browser.cookie_name("session").is_none());
}

#[tokio::test]
async fn every_endpoint_is_in_the_openapi_document() {
    let api = serde_json::to_value(consent_backend::api_doc::openapi()).unwrap();
    for (method, path) in ENDPOINTS {
        let operation = &api["paths"][path][method.to_lowercase()];
        assert!(operation["summary"].is_string(), "{method} {path}");
    }
    let described = api["paths"].as_object().unwrap().iter();
    let described = described.filter(|(path, _)| path.starts_with("/__test/"));
    let count: usize = described.map(|(_, methods)| methods.as_object().unwrap().len()).sum();
    assert_eq!(count, ENDPOINTS.len());
}

#[tokio::test]
async fn a_public_origin_is_refused() {
    let folder = TempDir::new().unwrap();
    let mut settings = settings(folder.path(), consent_backend::Services::Demo);
    settings.test_hooks = true;
    settings.public_origin = "https://id.example".to_owned();
    let reason = consent_backend::App::open(settings).await.err().unwrap().to_string();
    assert!(reason.contains("neither a loopback address"), "{reason}");
    for arguments in [
        &["--demo", "--public-origin", "https://id.example"][..],
        &[
            "--demo",
            "--demo-for-everyone",
            "--listen",
            "0.0.0.0:0",
            "--public-origin",
            "http://localhost",
        ],
        &["--demo", "--trusted-proxy", "127.0.0.1"],
    ] {
        let output = program().arg("--test-hooks").args(arguments).output().unwrap();
        let (code, errors) = (output.status.code(), String::from_utf8(output.stderr).unwrap());
        assert!(!String::from_utf8(output.stdout).unwrap().contains("listening"));
        assert_eq!(code, Some(1));
        assert!(errors.contains("--test-hooks"), "{errors}");
    }
}

#[tokio::test]
async fn login_hint_signs_in_without_a_page() {
    let server = server().await;
    let mut browser = server.browser();
    // By its id, and by its address.
    for hint in ["returning", "duri@example.com"] {
        let answer = sign_in(&mut server.browser(), hint, &[]).await;
        assert!(answer.location_parameter("code").is_some(), "{}", answer.location());
    }
    // A browser that is signed in as another account becomes the one that is named.
    sign_in(&mut browser, "new", &[]).await;
    let first = browser.cookie("session").to_owned();
    sign_in(&mut browser, "returning", &[]).await;
    assert_ne!(browser.cookie("session"), first);
    let second = browser.cookie("session").to_owned();
    sign_in(&mut browser, "returning", &[]).await;
    assert_eq!(browser.cookie("session"), second, "it is signed in already");
    // A new login is a new time of authentication.
    server.clock.advance(100);
    let claims = |answer: Answer| {
        let token = answer.json::<Value>()["id_token"].as_str().unwrap().to_owned();
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice::<Value>(&claims).unwrap()
    };
    let mut times = Vec::new();
    for prompt in [&[][..], &[("prompt", "login")], &[("prompt", "select_account")]] {
        let answer = sign_in(&mut browser, "returning", prompt).await;
        let code = answer.location_parameter("code").unwrap();
        times.push(claims(redeem(&mut browser, &code).await)["auth_time"].as_i64().unwrap());
    }
    assert!(times[1] >= times[0] + 100, "{times:?}");
    assert!(times[2] >= times[1], "{times:?}");
}

#[tokio::test]
async fn login_hint_of_no_account_and_prompt_none_sign_no_one_in() {
    let server = server().await;
    let mut browser = server.browser();
    for hint in ["no-such-account", "unknown@example.com", ""] {
        let answer = sign_in(&mut browser, hint, &[]).await;
        assert!(answer.location().starts_with("/demo?return_to="), "{}", answer.location());
    }
    let answer = sign_in(&mut browser, "returning", &[("prompt", "none")]).await;
    assert_eq!(answer.location_parameter("error").as_deref(), Some("login_required"));
    assert!(browser.cookie_name("session").is_none());
}

/// `id_token_hint` names the user whom the service expects.
#[tokio::test]
async fn login_hint_of_another_account_than_expected_signs_no_one_in() {
    let server = server().await;
    let mut browser = server.browser();
    let code = sign_in(&mut browser, "returning", &[]).await.location_parameter("code").unwrap();
    let tokens: Value = redeem(&mut browser, &code).await.json();
    let expected = [("id_token_hint", tokens["id_token"].as_str().unwrap())];
    // The expected user stays signed in, and goes on.
    let session = browser.cookie("session").to_owned();
    let answer = sign_in(&mut browser, "new", &expected).await;
    assert!(answer.location_parameter("code").is_some(), "{}", answer.location());
    assert_eq!(browser.cookie("session"), session);
    // So does another user, who is sent to the login page.
    let mut browser = server.browser();
    sign_in(&mut browser, "new", &[]).await;
    let answer = sign_in(&mut browser, "new", &expected).await;
    assert!(answer.location().starts_with("/demo?return_to="), "{}", answer.location());
    let service = [&service("demo-shop")[..], &[("scope", "openid"), ("prompt", "none")]].concat();
    let answer = browser.authorize(&service).await;
    assert_eq!(answer.location_parameter("error").as_deref(), Some("consent_required"));
}

/// A configuration without any way to sign in can be tested, too.
#[tokio::test]
async fn accounts_of_a_file_sign_in_by_login_hint() {
    for toml in [shop::SHOP.to_owned(), format!("{}{}", shop::SHOP, shop::SIGN_IN)] {
        let server = of_a_file(&toml).await;
        set(&server, "/__test/answer", json!({ "answer": "required" })).await;
        let answer = visit_shop(&mut server.browser(), "https://shop.example/callback").await;
        assert!(answer.location_parameter("code").is_some(), "{}", answer.location());
        assert!(!server.folder.path().join("data").exists(), "the data directory is left alone");
    }
}

/// A server with services of its own, and `hana`.
async fn of_a_file(toml: &str) -> Server {
    configured(&(toml.to_owned() + &shop::account("hana"))).await
}

async fn configured(toml: &str) -> Server {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    std::fs::write(&file, toml).unwrap();
    let mut settings = settings(folder.path(), consent_backend::Services::File(file));
    settings.test_hooks = true;
    let clock = settings.clock.clone();
    let app = consent_backend::App::open(settings).await.unwrap();
    Server::of(app, clock, folder)
}

async fn visit_shop(browser: &mut Browser, redirect_uri: &str) -> Answer {
    browser
        .authorize(&[
            ("response_type", "code"),
            ("client_id", "shop"),
            ("redirect_uri", redirect_uri),
            ("code_challenge", crate::browser::CHALLENGE),
            ("code_challenge_method", "S256"),
            ("login_hint", "hana"),
        ])
        .await
}

/// An app without a secret gets a code only after a confirmation (RFC 8252, 8.6).
#[tokio::test]
async fn a_confirmation_is_given_by_rule() {
    let server = of_a_file(shop::SHOP).await;
    let app = "com.example.shop:/callback";
    let mut browser = server.browser();
    set(&server, "/__test/answer", json!({ "answer": "required" })).await;
    assert!(visit_shop(&mut browser, app).await.location().contains("?code="));
    let page = visit_shop(&mut browser, app).await;
    assert_eq!(page.status, StatusCode::OK, "a member is asked for a confirmation");
    for (choice, expected) in
        [("cancel", "?error=access_denied"), ("required", "?code="), ("everything", "?code=")]
    {
        set(&server, "/__test/answer", json!({ "answer": choice })).await;
        let answer = visit_shop(&mut browser, app).await;
        assert!(answer.location().contains(expected), "{choice}: {}", answer.location());
    }
}

#[tokio::test]
async fn a_reset_is_a_fresh_start() {
    let server = server().await;
    let mut browser = server.browser();
    set(&server, "/__test/answer", json!({ "answer": "everything" })).await;
    let access = token(&mut browser, "new").await;
    assert_eq!(userinfo(&mut browser, &access).await.status, StatusCode::OK);
    assert_eq!(receipt(&server, "new").await.status, StatusCode::OK);
    let jwks = browser.get("/.well-known/jwks.json").await.body;
    set(&server, "/__test/accounts", json!({ "accounts": [{ "id": "ci", "nickname": "ci" }] }))
        .await;
    set(&server, "/__test/answer", json!({ "answer": "cancel", "account": "ci" })).await;
    set(&server, "/__test/failures", json!({ "path": "/oauth/token", "status": 500 })).await;
    post(&server, "/__test/clock", json!({ "advance": 5000 })).await;

    reset(&server).await;

    assert_eq!(userinfo(&mut browser, &access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(receipt(&server, "new").await.status, StatusCode::NOT_FOUND);
    let answer = browser.authorize(&service("demo-shop")).await;
    assert!(answer.location().starts_with("/demo?"), "no session: {}", answer.location());
    assert!(sign_in(&mut browser, "ci", &[]).await.location().starts_with("/demo?"), "no account");
    assert!(sign_in(&mut browser, "new", &[]).await.location().starts_with("/consent/"));
    let rules = call(&server, "GET", "/__test/answer", None).await;
    assert_eq!(rules.json::<Value>(), json!({ "answers": [] }));
    let failures = call(&server, "GET", "/__test/failures", None).await;
    assert_eq!(failures.json::<Value>(), json!({ "failures": [] }));
    assert_eq!(call(&server, "GET", "/__test/clock", None).await.json::<Value>()["ahead"], 0);
    assert_eq!(browser.get("/.well-known/jwks.json").await.body, jwks, "clients cache the key");

    // Again and again, and each time the configured members are there.
    let mut times = Vec::new();
    for _ in 0..20 {
        let start = Instant::now();
        reset(&server).await;
        times.push(start.elapsed());
        let access = token(&mut server.browser(), "returning").await;
        assert_eq!(userinfo(&mut browser, &access).await.status, StatusCode::OK);
    }
    // The best one: other tests run at the same time.
    let best = times.iter().min().unwrap();
    println!("reset: {best:?} ({times:?})");
    assert!(*best < Duration::from_millis(100), "{times:?}");
}

/// A request that began before a reset ends as it began.
#[tokio::test]
async fn a_reset_breaks_no_request_in_flight() {
    let server = server().await;
    let delay = json!({ "path": "/oauth/userinfo", "delay_ms": 300 });
    set(&server, "/__test/failures", delay).await;
    let mut browser = server.browser();
    let access = token(&mut browser, "returning").await;
    let (answer, ()) = tokio::join!(userinfo(&mut browser, &access), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        reset(&server).await;
    });
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(userinfo(&mut browser, &access).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn accounts_are_added_and_replaced() {
    let server = server().await;
    let account = json!({
        "id": "ci", "nickname": "시아이", "email": "ci@example.com", "birthday": "1990-02-28",
        "links": [{ "service": "demo-shop", "how": "combined_screen", "at": "2026-01-31T09:00:00Z",
            "terms": { "tos": "1", "privacy": "1" },
            "items": ["profile_nickname", "account_email"] }],
    });
    set(&server, "/__test/accounts", json!({ "accounts": [account] })).await;
    let access = token(&mut server.browser(), "ci").await;
    let claims: Value = userinfo(&mut server.browser(), &access).await.json();
    assert_eq!(claims["email"], "ci@example.com");
    assert_eq!(claims["nickname"], "시아이");

    // The one of the configuration, without what it had agreed to.
    let returning = json!({ "id": "returning", "nickname": "다시" });
    set(&server, "/__test/accounts", json!({ "accounts": [returning] })).await;
    let answer = sign_in(&mut server.browser(), "returning", &[]).await;
    assert!(answer.location().starts_with("/consent/"), "{}", answer.location());
}

#[tokio::test]
async fn accounts_are_checked_as_in_the_file() {
    let server = server().await;
    for (accounts, expected) in [
        (json!([{ "id": "a b", "nickname": "x" }]), "accounts[0]: `a b`: an id is 1 to 128"),
        (json!([{ "id": "a", "nickname": "x", "phone": "123" }]), "`123` is not acceptable"),
        (json!([{ "id": "a", "nickname": "x", "birthday": "2099-12-31" }]), "has not come"),
        (json!([{ "id": "a", "nickname": "x", "emial": "x" }]), "unknown field `emial`"),
    ] {
        let why = refused(&server, "/__test/accounts", json!({ "accounts": accounts })).await;
        assert!(why.contains(expected), "{why}");
    }
    let many: Vec<_> = (0..101).map(|n| json!({ "id": n.to_string(), "nickname": "x" })).collect();
    let why = refused(&server, "/__test/accounts", json!({ "accounts": many })).await;
    assert!(why.contains("more than 100"), "{why}");
    // One fault, and none of the request is added.
    let both = json!({ "accounts": [{ "id": "good", "nickname": "x" }, { "id": "bad" }] });
    refused(&server, "/__test/accounts", both).await;
    let answer = sign_in(&mut server.browser(), "good", &[]).await;
    assert!(answer.location().starts_with("/demo?"), "{}", answer.location());
}

#[tokio::test]
async fn agreements_are_set() {
    let server = server().await;
    let all = json!({ "account": "new", "service": "demo-shop",
        "terms": { "tos": "1", "privacy": "1" }, "items": ["profile_nickname", "account_email"],
        "channels": {} });
    set(&server, "/__test/agreements", all).await;
    let access = token(&mut server.browser(), "new").await;
    let claims: Value = userinfo(&mut server.browser(), &access).await.json();
    assert_eq!(claims["email"], "hana@example.com");
    // What is left out does not hold any more, and the token of before has ended.
    let less = json!({ "account": "new", "service": "demo-shop", "how": "plain_login",
        "at": "2026-01-31T09:00:00Z", "items": ["profile_nickname"] });
    set(&server, "/__test/agreements", less).await;
    assert_eq!(userinfo(&mut server.browser(), &access).await.status, StatusCode::UNAUTHORIZED);
    let answer = sign_in(&mut server.browser(), "new", &[]).await;
    assert!(answer.location().starts_with("/consent/"), "asked once: {}", answer.location());

    for (change, expected) in [
        (json!({ "account": "unknown" }), "there is no account `unknown`"),
        (json!({ "service": "none" }), "there is no service `none`"),
        (json!({ "items": ["gender"] }), "`demo-shop` has no item `gender`"),
        (json!({ "terms": { "none": "1" } }), "`demo-shop` has no term `none`"),
        (json!({ "how": "somehow" }), "somehow"),
        (json!({ "at": "yesterday" }), "`yesterday` is not a time"),
        (json!({ "channels": { "_none": "added" } }), "no service has a channel `_none`"),
        (json!({ "extra": 1 }), "unknown field `extra`"),
        (json!({ "account": 1 }), "invalid type: integer"),
    ] {
        let mut body = json!({ "account": "new", "service": "demo-shop" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let why = refused(&server, "/__test/agreements", body).await;
        assert!(why.contains(expected), "{expected}: {why}");
    }
}

#[tokio::test]
async fn the_clock_moves_what_expires() {
    let server = server().await;
    let mut browser = server.browser();
    let access = token(&mut browser, "returning").await;
    let code = sign_in(&mut browser, "returning", &[]).await.location_parameter("code").unwrap();
    let moved: Value = post(&server, "/__test/clock", json!({ "advance": 61 })).await.json();
    assert_eq!(moved["ahead"], 61);
    let late: Value = redeem(&mut browser, &code).await.json();
    assert_eq!(late["error"], "invalid_grant", "a code lives for a minute");
    assert_eq!(userinfo(&mut browser, &access).await.status, StatusCode::OK);
    post(&server, "/__test/clock", json!({ "advance": 365 * 24 * 3600 })).await;
    assert_eq!(userinfo(&mut browser, &access).await.status, StatusCode::UNAUTHORIZED);

    let set: Value =
        post(&server, "/__test/clock", json!({ "set": "2030-06-01T12:00:00+09:00" })).await.json();
    assert!(set["now"].as_str().unwrap().starts_with("2030-06-01T03:00:0"), "{set}");
    let earlier: Value =
        post(&server, "/__test/clock", json!({ "set": "2020-01-01T00:00:00Z" })).await.json();
    assert!(earlier["now"].as_str().unwrap().starts_with("2020-01-01T00:00:0"), "{earlier}");
    assert!(earlier["ahead"].as_i64().unwrap() < 0, "{earlier}");
    let real: Value = post(&server, "/__test/clock", json!({ "real": true })).await.json();
    assert_eq!(real["ahead"], 0);
    let read: Value = call(&server, "GET", "/__test/clock", None).await.json();
    assert_eq!(read["ahead"], 0);

    for body in [
        json!({}),
        json!({ "advance": -1 }),
        json!({ "advance": 1, "real": true }),
        json!({ "real": false }),
        json!({ "advance": i64::MAX }),
        json!({ "advance": 200 * 366 * 24 * 3600_i64 }),
        json!({ "set": "2200-01-01T00:00:00Z" }),
        json!({ "set": "1999-12-31T23:59:59Z" }),
        json!({ "set": "tomorrow" }),
        json!({ "advance": "1" }),
        json!({ "advnace": 1 }),
    ] {
        refused(&server, "/__test/clock", body).await;
    }
    let read: Value = call(&server, "GET", "/__test/clock", None).await.json();
    assert_eq!(read["ahead"], 0, "what was refused moved nothing");
}

/// Cleaning up follows the clock of the tests, and does not take it for a fault of the machine.
#[tokio::test]
async fn a_moved_clock_is_trusted() {
    let server = server().await;
    let mut browser = server.browser();
    let access = token(&mut browser, "returning").await;
    post(&server, "/__test/clock", json!({ "advance": 30 * 24 * 3600 })).await;
    server.app.run_maintenance().await;
    post(&server, "/__test/clock", json!({ "real": true })).await;
    assert_eq!(
        userinfo(&mut browser, &access).await.status,
        StatusCode::UNAUTHORIZED,
        "the token is deleted"
    );
}

#[tokio::test]
async fn calls_fail_as_their_protocol_does() {
    let server = server().await;
    let mut browser = server.browser();
    for (path, kind, expected) in [
        ("/oauth/token", "application/json", "\"error\""),
        ("/api/v1/consents/*", "application/problem+json", "\"status\":500"),
        ("/oauth/authorize", "text/html; charset=utf-8", "<html"),
    ] {
        set(&server, "/__test/failures", json!({ "path": path, "status": 500 })).await;
        let called = path.replace('*', "any");
        let answer = match path {
            "/oauth/token" => redeem(&mut browser, "none").await,
            _ => browser.get(&called).await,
        };
        assert_eq!(answer.status.as_u16(), 500, "{path}");
        assert_eq!(answer.header("content-type"), kind, "{path}");
        assert!(answer.text().contains(expected), "{path}: {}", answer.text());
    }
    // The next ones, and no more; of the named method only.
    let twice = json!({ "method": "POST", "path": "/oauth/token", "status": 429, "times": 2 });
    set(&server, "/__test/failures", twice).await;
    assert_eq!(browser.get("/oauth/token").await.status, StatusCode::METHOD_NOT_ALLOWED);
    let listed: Value = call(&server, "GET", "/__test/failures", None).await.json();
    assert_eq!(listed["failures"][0]["times"], 2);
    let answer = redeem(&mut browser, "none").await;
    assert_eq!(answer.status.as_u16(), 429);
    assert_eq!(answer.header("retry-after"), "1");
    let listed: Value = call(&server, "GET", "/__test/failures", None).await.json();
    assert_eq!(
        listed["failures"],
        json!([{
            "method": "POST", "path": "/oauth/token", "times": 1, "status": 429
        }])
    );
    assert_eq!(redeem(&mut browser, "none").await.status.as_u16(), 429);
    assert_eq!(redeem(&mut browser, "none").await.json::<Value>()["error"], "invalid_grant");

    // With a body of the test's own; late; and forgotten.
    let body = json!({ "error": "invalid_grant", "error_code": "KOE320" });
    let own = json!({ "path": "/oauth/token", "status": 400, "body": body });
    set(&server, "/__test/failures", own).await;
    assert_eq!(redeem(&mut browser, "none").await.json::<Value>(), body);
    set(&server, "/__test/failures", json!({ "path": "/healthz", "delay_ms": 200 })).await;
    let start = Instant::now();
    assert_eq!(browser.get("/healthz").await.status, StatusCode::OK);
    assert!(start.elapsed() >= Duration::from_millis(200));
    set(&server, "/__test/failures", json!({ "path": "/healthz", "status": 500 })).await;
    let forgotten = call(&server, "DELETE", "/__test/failures", None).await;
    assert_eq!(forgotten.status, StatusCode::NO_CONTENT);
    assert_eq!(browser.get("/healthz").await.status, StatusCode::OK);
}

/// Makes the next call of `path` fail, and makes that call.
async fn failed(server: &Server, method: &str, path: &str, status: u16) -> Answer {
    set(server, "/__test/failures", json!({ "path": path, "status": status })).await;
    let answer = call(server, method, path, None).await;
    assert_eq!(answer.status.as_u16(), status, "{path}");
    let is_retried = matches!(status, 429 | 503);
    assert_eq!(answer.headers.contains_key("retry-after"), is_retried, "{path} {status}");
    assert!(is_retried || !answer.text().contains("Retry-After"), "{}", answer.text());
    answer
}

#[tokio::test]
async fn each_status_has_the_error_of_its_protocol() {
    let server = server().await;
    for (status, error) in [
        (400, "invalid_request"),
        (401, "invalid_client"),
        (429, "temporarily_unavailable"),
        (500, "server_error"),
        (502, "server_error"),
        (503, "temporarily_unavailable"),
    ] {
        let answer = failed(&server, "POST", "/oauth/token", status).await;
        let body: Value = answer.json();
        assert_eq!((&body["error"], body.get("error_code")), (&json!(error), None), "{status}");
        assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401, "{status}");
    }
    for (status, error) in [
        (401, "invalid_token"),
        (403, "insufficient_scope"),
        (500, "server_error"),
        (503, "temporarily_unavailable"),
    ] {
        let answer = failed(&server, "GET", "/oauth/userinfo", status).await;
        assert_eq!(answer.json::<Value>()["error"], error, "{status}");
    }
    for (status, code) in
        [(400, -2), (401, -401), (403, -3), (429, -10), (500, -1), (502, -1), (503, -1)]
    {
        let answer = failed(&server, "GET", "/v2/user/me", status).await;
        assert_eq!(answer.json::<Value>()["code"], code, "{status}");
    }
}

#[tokio::test]
async fn failures_of_kakao_apps_have_koe_codes() {
    let server = configured(crate::kakao::SHOP).await;
    for path in ["/oauth/token", "/oauth/tokeninfo"] {
        for (status, error, code) in [
            (400, "invalid_request", "KOE001"),
            (401, "invalid_client", "KOE010"),
            (429, "invalid_request", "KOE237"),
            (500, "server_error", "KOE003"),
            (502, "server_error", "KOE003"),
            (503, "server_error", "KOE003"),
        ] {
            let body: Value = failed(&server, "POST", path, status).await.json();
            assert_eq!((&body["error"], &body["error_code"]), (&json!(error), &json!(code)));
        }
    }
    let body: Value = failed(&server, "POST", "/oauth/revoke", 503).await.json();
    assert_eq!(body["error"], "temporarily_unavailable");
}

#[tokio::test]
async fn failures_are_bounded() {
    let server = server().await;
    for body in [
        json!({}),
        json!({ "path": "/oauth/token" }),
        json!({ "path": "oauth/token", "status": 500 }),
        json!({ "path": "/a*b", "status": 500 }),
        json!({ "path": "/a**", "status": 500 }),
        json!({ "path": "/__test/reset", "status": 500 }),
        json!({ "path": "/a", "status": 200 }),
        json!({ "path": "/a", "status": 600 }),
        json!({ "path": "/a", "status": 500, "close": true }),
        json!({ "path": "/a", "status": 500, "times": 0 }),
        json!({ "path": "/a", "status": 500, "times": 1001 }),
        json!({ "path": "/a", "status": 500, "times": -1 }),
        json!({ "path": "/a", "delay_ms": 60001 }),
        json!({ "path": "/a", "delay_ms": 1, "body": {} }),
        json!({ "path": "/a", "method": "post", "status": 500 }),
        json!({ "path": "/a", "status": "500" }),
        json!({ "path": "/a", "status": 500, "extra": 1 }),
    ] {
        refused(&server, "/__test/failures", body).await;
    }
    for _ in 0..100 {
        set(&server, "/__test/failures", json!({ "path": "/a", "status": 500 })).await;
    }
    let why = refused(&server, "/__test/failures", json!({ "path": "/a", "status": 500 })).await;
    assert_eq!(why, "100 failures are pending");
    // A pattern for everything leaves the hooks themselves alone.
    call(&server, "DELETE", "/__test/failures", None).await;
    set(&server, "/__test/failures", json!({ "path": "/*", "status": 500, "times": 9 })).await;
    reset(&server).await;
}

#[test]
fn a_call_can_end_without_a_response() {
    let folder = TempDir::new().unwrap();
    let server = Running::start_with(
        program(),
        folder.path(),
        &["--test-hooks", "--public-origin", "http://127.0.0.1:4000"],
    );
    let body = r#"{"path":"/healthz","close":true}"#;
    let (head, _) = server.send(&format!(
        "POST /__test/failures HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        server.address,
        body.len(),
    ));
    assert!(head.starts_with("HTTP/1.1 204"), "{head}");
    let ask = || {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(stream, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    };
    assert_eq!(ask(), b"", "closed without a byte");
    assert!(ask().starts_with(b"HTTP/1.1 200"));
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("SIGN IN AS ANYONE"), "{log}");
}

/// The database is nowhere else.
#[test]
fn its_database_is_gone_at_the_end() {
    let (data, temporary) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let databases = || std::fs::read_dir(temporary.path()).unwrap().count();
    let mut command = program();
    command.env("TMPDIR", temporary.path());
    let mut server = Running::start_with(command, data.path(), &["--test-hooks"]);
    assert_eq!(databases(), 1);
    let (head, _) = server.send(&format!(
        "POST /__test/reset HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        server.address
    ));
    assert!(head.starts_with("HTTP/1.1 204"), "{head}");
    assert_eq!(databases(), 1);
    server.signal("INT");
    let (status, _) = server.ends();
    assert!(status.success(), "{status}");
    assert_eq!(databases(), 0);
}

#[tokio::test]
async fn consents_are_answered_by_rule_and_recorded() {
    let server = server().await;
    let agreed = |receipt: &Value| -> Vec<String> {
        let items = receipt["items"].as_array().unwrap().iter();
        let agreed = items.filter(|item| item["agreed"] == true);
        agreed.map(|item| item["key"].as_str().unwrap().to_owned()).collect()
    };
    let required = ["term:tos", "term:privacy", "item:profile_nickname", "item:account_email"];
    let keys = [&required[..], &["item:phone_number"]].concat();
    for (rule, expected) in [
        (json!({ "answer": "required" }), Some(required.to_vec())),
        (json!({ "answer": "keys", "keys": keys }), Some(keys.clone())),
        (json!({ "answer": "everything" }), None),
    ] {
        reset(&server).await;
        set(&server, "/__test/answer", rule).await;
        let answer = sign_in(&mut server.browser(), "new", &[]).await;
        let code = answer.location_parameter("code").unwrap();
        let token: Value = redeem(&mut server.browser(), &code).await.json();
        let recorded: Value = receipt(&server, "new").await.json();
        assert_eq!(recorded["agreed"], true);
        let all = recorded["items"].as_array().unwrap().len();
        match &expected {
            Some(keys) => {
                assert_eq!(agreed(&recorded), *keys);
                assert!(all > keys.len(), "what was refused is in the receipt, too: {recorded}");
            }
            None => assert_eq!(agreed(&recorded).len(), all, "{recorded}"),
        }
        let access = token["access_token"].as_str().unwrap();
        let claims: Value = userinfo(&mut server.browser(), access).await.json();
        let has_phone = expected.is_none_or(|keys| keys.contains(&"item:phone_number"));
        assert_eq!(claims.get("phone_number").is_some(), has_phone, "{claims}");
    }
    // One consent for each rule: the next person is asked.
    let answer = sign_in(&mut server.browser(), "channel-added", &[]).await;
    assert!(answer.location().starts_with("/consent/"), "{}", answer.location());
}

#[tokio::test]
async fn a_rule_can_cancel_and_can_be_for_one_account_and_service() {
    let server = server().await;
    let rule = json!({ "answer": "cancel", "account": "new", "service": "demo-shop", "times": 2 });
    set(&server, "/__test/answer", rule).await;
    let other = sign_in(&mut server.browser(), "channel-added", &[]).await;
    assert!(other.location().starts_with("/consent/"), "another account is asked");
    let parameters = [&service("demo-bookclub")[..], &[("login_hint", "new")]].concat();
    let other = server.browser().authorize(&parameters).await;
    assert!(other.location().starts_with("/consent/"), "another service asks");
    let answer = sign_in(&mut server.browser(), "new", &[]).await;
    assert_eq!(answer.location_parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(receipt(&server, "new").await.json::<Value>()["agreed"], false);
    let left: Value = call(&server, "GET", "/__test/answer", None).await.json();
    assert_eq!(
        left["answers"],
        json!([{
            "answer": "cancel", "account": "new", "service": "demo-shop", "times": 1
        }])
    );
    call(&server, "DELETE", "/__test/answer", None).await;
    let answer = sign_in(&mut server.browser(), "new", &[]).await;
    assert!(answer.location().starts_with("/consent/"), "{}", answer.location());
}

/// The check is the one of a person's decision: what a person could not send is refused.
#[tokio::test]
async fn a_rule_cannot_record_what_a_person_could_not() {
    let server = server().await;
    set(&server, "/__test/answer", json!({ "answer": "keys", "keys": ["term:tos"] })).await;
    let answer = sign_in(&mut server.browser(), "new", &[]).await;
    assert_eq!(answer.status.as_u16(), 422);
    let problem = answer.problem();
    assert_eq!(problem.code.name(), "required_items_missing");
    assert_eq!(problem.missing.len(), 3, "{problem:?}");
    assert_eq!(receipt(&server, "new").await.status, StatusCode::NOT_FOUND);

    // An address that the account lacks is typed, or missing.
    set(&server, "/__test/answer", json!({ "answer": "required" })).await;
    let problem = sign_in(&mut server.browser(), "no-email", &[]).await.problem();
    assert_eq!(problem.code.name(), "invalid_value");
    let typed = json!({ "answer": "required", "values": { "account_email": "t@example.com" } });
    set(&server, "/__test/answer", typed).await;
    let access = token(&mut server.browser(), "no-email").await;
    let claims: Value = userinfo(&mut server.browser(), &access).await.json();
    assert_eq!(claims["email"], "t@example.com");
}

#[tokio::test]
async fn rules_are_bounded() {
    let server = server().await;
    for body in [
        json!({}),
        json!({ "answer": "maybe" }),
        json!({ "answer": "required", "keys": ["term:tos"] }),
        json!({ "answer": "keys", "keys": ["tos"] }),
        json!({ "answer": "required", "account": "unknown" }),
        json!({ "answer": "required", "service": "none" }),
        json!({ "answer": "required", "times": 0 }),
        json!({ "answer": "required", "times": 1001 }),
        json!({ "answer": "required", "extra": 1 }),
    ] {
        refused(&server, "/__test/answer", body).await;
    }
    for _ in 0..100 {
        set(&server, "/__test/answer", json!({ "answer": "required" })).await;
    }
    let why = refused(&server, "/__test/answer", json!({ "answer": "required" })).await;
    assert_eq!(why, "100 answers are pending");
}

#[tokio::test]
async fn bad_requests_are_problems() {
    let server = server().await;
    for path in [
        "/__test/accounts",
        "/__test/agreements",
        "/__test/clock",
        "/__test/failures",
        "/__test/answer",
    ] {
        let send = |media_type: &'static str, body: Vec<u8>| {
            let request = Request::post(path).header("content-type", media_type);
            let mut browser = server.browser();
            async move { browser.send(request.body(Body::from(body)).unwrap()).await }
        };
        let form = send("application/x-www-form-urlencoded", b"a=b".to_vec()).await;
        assert_eq!(form.problem().detail.as_deref(), Some("expected application/json"), "{path}");
        let broken = send("application/json", b"{".to_vec()).await;
        assert_eq!(broken.problem().code.name(), "malformed_request", "{path}");
        let wrong = send("application/json", b"[]".to_vec()).await;
        assert_eq!(wrong.problem().code.name(), "malformed_request", "{path}");
        let large = send("application/json", vec![b' '; 300 * 1024]).await;
        assert_eq!(large.problem().code.name(), "too_large", "{path}");
        let wrong_method = call(&server, "PUT", path, None).await;
        assert_eq!(wrong_method.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(wrong_method.header("content-type"), "application/problem+json");
    }
    let twice = Request::post("/__test/clock")
        .header("content-type", "application/json")
        .body(Body::from(r#"{"advance":1,"advance":2}"#));
    let twice = server.browser().send(twice.unwrap()).await.problem();
    assert!(twice.detail.unwrap().contains("duplicate field"));
    for query in ["", "?account=new", "?account=new&service=a&service=b"] {
        let answer = call(&server, "GET", &format!("/__test/receipt{query}"), None).await;
        assert_eq!(answer.problem().code.name(), "malformed_request", "{query}");
    }
}

/// A page that a developer visits cannot use the hooks.
#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let server = server().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let request = Request::post("/__test/reset").header(name, value);
        let answer = server.browser().send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.problem().code.name(), "csrf_rejected", "{name}: {value}");
    }
    let request = Request::post("/__test/reset").header("host", "evil.example");
    let answer = server.browser().send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST);
}
