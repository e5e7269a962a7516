//! A code that works: each one is returned once, and is used up only when the tokens are sure to follow.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use consent_backend::{App, Services};
use consent_contract::{
    decision::{Decision, Recorded},
    decision_path, form,
    problem::Code,
};
use serde_json::Value;
use sqlx::{SqlitePool, sqlite::SqliteConnectOptions};
use url::form_urlencoded;

use crate::{
    browser::{
        Answer, Browser, CHALLENGE, Server, VERIFIER, cancel, parameter, required_only, service,
        settings,
    },
    shop::{SHOP, SIGN_IN},
    tokens::redeem,
};

const CODES: &str = "SELECT count(*) FROM codes";

async fn userinfo(server: &Server, tokens: &Answer) -> StatusCode {
    let token = tokens.json::<Value>()["access_token"].as_str().unwrap().to_owned();
    let request =
        Request::get("/oauth/userinfo").header("authorization", format!("Bearer {token}"));
    server.browser().send(request.body(Body::empty()).unwrap()).await.status
}

/// A challenge of the shop that was agreed to: the browser, the challenge, the decision and the answer.
async fn agreed(server: &Server) -> (Browser, String, Decision, Recorded) {
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let decision = required_only(&browser.asked(&challenge).await);
    let recorded = browser.decide(&challenge, &decision).await.json();
    (browser, challenge, decision, recorded)
}

fn code(recorded: &Recorded) -> String {
    parameter(&recorded.redirect_to, "code").unwrap()
}

/// The first login of a person who agreed in one tab and pressed again in another goes on.
#[tokio::test]
async fn agreeing_in_two_tabs_revokes_nothing() {
    let server = Server::demo().await;
    let (mut browser, challenge, decision, first) = agreed(&server).await;
    // Before the service has come for its tokens.
    let second: Recorded = browser.decide(&challenge, &decision).await.json();
    assert_eq!(first.receipt_id, second.receipt_id);
    assert_ne!(code(&first), code(&second));
    let one = redeem(&server, &code(&first)).await;
    let other = redeem(&server, &code(&second)).await;
    assert_eq!((one.status, other.status), (StatusCode::OK, StatusCode::OK));
    // And after it has: the request begins again.
    let third: Recorded = browser.decide(&challenge, &decision).await.json();
    assert_eq!(first.receipt_id, third.receipt_id);
    assert!(third.redirect_to.starts_with("/oauth/authorize?"), "{third:?}");
    let fresh = browser.get(&third.redirect_to).await.location_parameter("code").unwrap();
    let fresh = redeem(&server, &fresh).await;
    for tokens in [&one, &other, &fresh] {
        assert_eq!(userinfo(&server, tokens).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_for_a_minute_is_no_dead_end() {
    let server = Server::demo().await;
    for as_form in [false, true] {
        server.app.run_maintenance().await;
        let mut browser = server.browser_of(["new", "no-email"][usize::from(as_form)]).await;
        let challenge = browser.challenged("demo-shop", &[]).await;
        let decision = required_only(&browser.asked(&challenge).await);
        let first: Recorded = browser.decide(&challenge, &decision).await.json();
        server.clock.advance(61);
        let to = if as_form {
            let Decision::Agree(agreement) = &decision else { unreachable!() };
            let body = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(form::fields(agreement))
                .finish();
            let media_type = "application/x-www-form-urlencoded";
            let answer = browser.post(&decision_path(&challenge), media_type, body).await;
            answer.onward()
        } else {
            let again: Recorded = browser.decide(&challenge, &decision).await.json();
            assert_eq!(again.receipt_id, first.receipt_id);
            again.redirect_to
        };
        assert!(to.starts_with("/oauth/authorize?"), "{to}");
        let answer = browser.get(&to).await;
        assert_eq!(answer.location_parameter("state").unwrap(), "state of the service");
        let fresh = answer.location_parameter("code").unwrap();
        assert_eq!(redeem(&server, &fresh).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn reading_neither_makes_nor_returns_a_code() {
    let server = Server::demo().await;
    let (mut browser, challenge, _, first) = agreed(&server).await;
    for used in [false, true] {
        if used {
            redeem(&server, &code(&first)).await;
        }
        for advance in [0, 30, 31] {
            server.clock.advance(advance);
            let before = server.count(CODES).await;
            let problem = browser.read(&challenge).await.problem();
            assert_eq!(problem.code, Code::AlreadyDecided);
            let way_on = problem.redirect_to.unwrap();
            assert!(way_on.starts_with("/oauth/authorize?"), "{way_on}");
            let get = Request::get(format!("/consent/{challenge}")).header("accept", "text/html");
            let page = browser.send(get.body(Body::empty()).unwrap()).await;
            assert!(!page.text().contains(&code(&first)));
            // Nor does another decision, or more time.
            let problem = browser.decide(&challenge, &cancel()).await.problem();
            assert_eq!(problem.redirect_to.unwrap(), way_on);
            assert_eq!(server.count(CODES).await, before);
        }
    }
    let way_on = browser.read(&challenge).await.problem().redirect_to.unwrap();
    let fresh = browser.get(&way_on).await.location_parameter("code").unwrap();
    assert_eq!(redeem(&server, &fresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_cancel_leads_back_to_the_same_denial() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let first: Recorded = browser.decide(&challenge, &cancel()).await.json();
    assert_eq!(parameter(&first.redirect_to, "error").unwrap(), "access_denied");
    server.clock.advance(600);
    let again: Recorded = browser.decide(&challenge, &cancel()).await.json();
    assert_eq!(again, first);
    let problem = browser.read(&challenge).await.problem();
    assert_eq!(problem.redirect_to.unwrap(), first.redirect_to);
    assert_eq!(server.count(CODES).await, 0);
}

/// What holds may have changed since: the request that begins again looks, a code does not.
#[tokio::test]
async fn coming_back_looks_at_what_holds_now() {
    let server = Server::demo().await;
    let (mut browser, challenge, decision, _) = agreed(&server).await;
    server.execute("DELETE FROM agreements").await.unwrap();
    server.execute("DELETE FROM links WHERE account = 'new'").await.unwrap();
    server.clock.advance(61);
    let again: Recorded = browser.decide(&challenge, &decision).await.json();
    let asked_again = browser.get(&again.redirect_to).await.challenge();
    assert_ne!(asked_again, challenge);
}

/// Each thing that the token endpoint reads or writes fails once, and the same code is good then.
#[tokio::test]
async fn a_code_is_good_until_the_tokens_are_sure() {
    let server = Server::demo().await;
    let tables = ["codes", "links", "agreements", "channel_relations", "tokens"];
    for (rounds, table) in (0..).zip(tables) {
        let mut browser = server.browser_of("returning").await;
        let parameters = [&service("demo-shop")[..], &[("scope", "openid")]].concat();
        let code = browser.authorize(&parameters).await.location_parameter("code").unwrap();
        let rename = async |from: &str, to: &str| {
            let sql = format!("ALTER TABLE {from} RENAME TO {to}").leak();
            server.execute(sql).await.unwrap();
        };
        rename(table, "away").await;
        let failed = redeem(&server, &code).await;
        assert_eq!(failed.status, StatusCode::SERVICE_UNAVAILABLE, "{table}: {}", failed.text());
        rename("away", table).await;
        let used = server.count("SELECT count(*) FROM codes WHERE used = TRUE").await;
        assert_eq!(used, rounds, "{table}: used up for nothing");
        let tokens = redeem(&server, &code).await;
        assert_eq!(tokens.status, StatusCode::OK, "{table}: {}", tokens.text());
        assert_eq!(userinfo(&server, &tokens).await, StatusCode::OK);
        let again = redeem(&server, &code).await;
        assert_eq!(again.json::<Value>()["error"], "invalid_grant");
        assert_eq!(userinfo(&server, &tokens).await, StatusCode::UNAUTHORIZED);
    }
}

/// Another process holds the database for longer than a client waits.
#[tokio::test]
async fn a_locked_database_uses_no_code_up() {
    if !crate::database::is_sqlite("codes::a_locked_database_uses_no_code_up") {
        return;
    }
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let code = browser.authorize(&service("demo-shop")).await.location_parameter("code").unwrap();
    let file = server.folder.path().join("data/consent.sqlite");
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(file)).await.unwrap();
    let lock = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    assert_eq!(redeem(&server, &code).await.status, StatusCode::SERVICE_UNAVAILABLE);
    lock.rollback().await.unwrap();
    assert_eq!(redeem(&server, &code).await.status, StatusCode::OK);
}

const ACCOUNT: &str = "\n[[account]]\nid = \"hana\"\nnickname = \"하나\"\n\n[[account.links]]\n\
                       service = \"shop\"\nhow = \"combined_screen\"\n\
                       at = \"2026-11-02T09:30:00Z\"\n";

async fn redeem_at(browser: &mut Browser, code: &str, verifier: &str) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", "https://shop.example/callback")
        .append_pair("client_id", "shop")
        .append_pair("code_verifier", verifier)
        .finish();
    browser.post("/oauth/token", "application/x-www-form-urlencoded", body).await
}

async fn code_at(browser: &mut Browser) -> String {
    let request = [
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.example/callback"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    browser.authorize(&request).await.location_parameter("code").unwrap()
}

/// A backend that was started with the wrong file answers, and the right one is asked again.
#[tokio::test]
async fn an_account_that_vanishes_uses_no_code_up() {
    let server = Server::configured(&format!("{SHOP}{SIGN_IN}{ACCOUNT}")).await.unwrap();
    let mut browser = server.proxied("hana");
    let code = code_at(&mut browser).await;
    let file = server.folder.path().join("without.toml");
    std::fs::write(&file, format!("{SHOP}{SIGN_IN}")).unwrap();
    let mut without = settings(server.folder.path(), Services::File(file));
    without.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    without.clock = server.clock.clone();
    let app = App::open(without).await.unwrap();
    let without = Server::of(app, server.clock.clone(), tempfile::TempDir::new().unwrap());
    let refused = redeem_at(&mut without.browser(), &code, VERIFIER).await;
    assert_eq!(refused.json::<Value>()["error"], "invalid_grant");
    let tokens = redeem_at(&mut server.browser(), &code, VERIFIER).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text());
}

/// Sixteen redemptions at once: one has tokens, and they are taken back, for it was no secret.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_redeemed_once_however_many_come_at_once() {
    let server = Server::configured(&format!("{SHOP}{SIGN_IN}{ACCOUNT}")).await.unwrap();
    let code = code_at(&mut server.proxied("hana")).await;
    let sent: Vec<_> = (0..16)
        .map(|_| {
            let (mut browser, code) = (server.browser(), code.clone());
            tokio::spawn(async move { redeem_at(&mut browser, &code, VERIFIER).await.status })
        })
        .collect();
    let mut good = 0;
    for answer in sent {
        good += usize::from(answer.await.unwrap() == StatusCode::OK);
    }
    assert_eq!(good, 1);
    assert_eq!(server.count("SELECT count(*) FROM tokens").await, 0);
}

#[tokio::test]
async fn a_code_verifier_has_the_shape_of_one() {
    let server = Server::configured(&format!("{SHOP}{SIGN_IN}{ACCOUNT}")).await.unwrap();
    let mut browser = server.proxied("hana");
    let code = code_at(&mut browser).await;
    let long = "a".repeat(128);
    for (verifier, error) in [
        ("a", "invalid_request"),
        (&long[..42], "invalid_request"),
        (&long[..43], "invalid_grant"),
        (&long[..128], "invalid_grant"),
        (&"a".repeat(129), "invalid_request"),
        (&format!("{}+", &VERIFIER[1..]), "invalid_request"),
        (&format!("{} ", &VERIFIER[1..]), "invalid_request"),
        (&format!("{}ä", &VERIFIER[1..]), "invalid_request"),
        (&format!("{}.~", &VERIFIER[2..]), "invalid_grant"),
    ] {
        let answer = redeem_at(&mut browser, &code, verifier).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{verifier}");
        assert_eq!(answer.json::<Value>()["error"], error, "{verifier}");
    }
    assert_eq!(redeem_at(&mut browser, &code, VERIFIER).await.status, StatusCode::OK);
}

#[tokio::test]
async fn pkce_can_be_required_of_a_client_that_keeps_a_secret() {
    let secret = |more: &str| {
        let secret = "approved = true\nclient_secret = \"a-secret-of-the-shop\"";
        SHOP.replace("approved = true", &format!("{secret}\n{more}")) + SIGN_IN + ACCOUNT
    };
    let bare = [
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.example/callback"),
    ];
    let link: Vec<_> = bare.iter().map(|(name, value)| format!("{name}={value}")).collect();
    for (more, is_required) in
        [("", false), ("require_pkce = false", false), ("require_pkce = true", true)]
    {
        let server = Server::configured(&secret(more)).await.unwrap();
        crate::screen::build(&server);
        crate::screen::make_room(&server);
        let mut browser = server.proxied("hana");
        let answer = browser.authorize(&bare).await;
        let error = answer.location_parameter("error").unwrap_or_default();
        assert_eq!(error, if is_required { "invalid_request" } else { "" }, "{more}");
        // Auto-login is the same request.
        let page = browser.get(&format!("/auto-login?{}", link.join("&"))).await;
        assert_eq!(page.status == StatusCode::BAD_REQUEST, is_required, "{more}");
        let with = [&bare[..], &[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]];
        assert!(
            browser.authorize(&with.concat()).await.location_parameter("code").is_some(),
            "{more}"
        );
    }
}
