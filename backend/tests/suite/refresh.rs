//! Refresh tokens (RFC 6749, 6; RFC 9700, 4.14; OpenID Connect Core, 12).

use axum::http::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    browser::Server,
    client::{claims, code, is_error, post, redeem, refresh, server, text, tokens, userinfo},
};

const DAY: i64 = 24 * 60 * 60;
const OFFLINE: &str = "openid offline_access";

/// Signs hana in at the shop, with a refresh token.
async fn offline(server: &Server) -> Value {
    let mut browser = server.proxied("hana");
    tokens(server, &mut browser, "shop", OFFLINE, &["item:account_email"]).await
}

/// What a good refresh gives.
async fn refreshed(server: &Server, tokens: &Value) -> Value {
    let answer = refresh(server, "shop", text(tokens, "refresh_token"), &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

async fn states(server: &Server, state: &'static str) -> i64 {
    server
        .count(match state {
            "active" => "SELECT count(*) FROM refresh_tokens WHERE state = 'active'",
            "rotated" => "SELECT count(*) FROM refresh_tokens WHERE state = 'rotated'",
            "reused" => "SELECT count(*) FROM refresh_tokens WHERE state = 'reused'",
            "revoked" => "SELECT count(*) FROM refresh_tokens WHERE state = 'revoked'",
            other => panic!("{other}"),
        })
        .await
}

#[tokio::test]
async fn a_refresh_token_is_issued_for_offline_access_only() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let without = tokens(&server, &mut browser, "shop", "openid", &[]).await;
    assert!(without.get("refresh_token").is_none(), "{without}");
    let with = tokens(&server, &mut browser, "shop", OFFLINE, &[]).await;
    assert_eq!(text(&with, "refresh_token").len(), 43, "256 bits");
    assert_eq!(with["scope"], "openid offline_access profile_nickname");
}

/// The conformance module oidcc-refresh-token.
#[tokio::test]
async fn a_refresh_keeps_the_person_and_the_time_of_authentication() {
    let server = server().await;
    let first = offline(&server).await;
    server.clock.advance(100);
    let answer = refresh(&server, "shop", text(&first, "refresh_token"), &[]).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let second: Value = answer.json();
    assert_eq!(second["token_type"], "Bearer");
    assert_eq!(second["expires_in"], 3600);
    assert_eq!(second["scope"], first["scope"]);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(text(&second, "refresh_token").len(), 43);
    assert_ne!(second["access_token"], first["access_token"]);
    let (before, after) = (claims(text(&first, "id_token")), claims(text(&second, "id_token")));
    for same in ["iss", "sub", "aud", "auth_time", "email"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert!(after["iat"].as_i64() > before["iat"].as_i64());
    assert_eq!(before["nonce"], "n-0S6");
    assert!(after.get("nonce").is_none(), "{after}");
    for tokens in [&first, &second] {
        assert_eq!(userinfo(&server, tokens).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn bad_refresh_requests_lose_nothing() {
    let server = server().await;
    let first = offline(&server).await;
    let token = text(&first, "refresh_token");
    is_error(&refresh(&server, "shop", "made-up", &[]).await, 400, "invalid_grant");
    is_error(&refresh(&server, "shop", "", &[]).await, 400, "invalid_request");
    let twice = [("refresh_token", "another")];
    is_error(&refresh(&server, "shop", token, &twice).await, 400, "invalid_request");
    // Other clients, with and without a secret, and one that does not authenticate.
    for other in ["books", "maps"] {
        is_error(&refresh(&server, other, token, &[]).await, 400, "invalid_grant");
    }
    let form = format!("grant_type=refresh_token&client_id=shop&refresh_token={token}");
    let answer = server.browser().post("/oauth/token", crate::client::FORM, form.clone()).await;
    is_error(&answer, 401, "invalid_client");
    let answer = server.browser().post("/oauth/token", "application/json", form).await;
    is_error(&answer, 400, "invalid_request");
    let large = "x".repeat(16 * 1024);
    is_error(&refresh(&server, "shop", token, &[("x", &large)]).await, 413, "invalid_request");
    // An access token or a code is no refresh token.
    let access_token = text(&first, "access_token");
    is_error(&refresh(&server, "shop", access_token, &[]).await, 400, "invalid_grant");
    let parameters = [("grant_type", "password"), ("refresh_token", token)];
    let answer = post(&server, "/oauth/token", "shop", &parameters).await;
    is_error(&answer, 400, "unsupported_grant_type");
    refreshed(&server, &first).await;
}

#[tokio::test]
async fn the_scope_may_be_narrowed_and_never_widened() {
    let server = server().await;
    let first = offline(&server).await;
    let token = text(&first, "refresh_token");
    for wider in ["openid phone_number", "agreements", "OpenID"] {
        let answer = refresh(&server, "shop", token, &[("scope", wider)]).await;
        is_error(&answer, 400, "invalid_scope");
    }
    let answer = refresh(&server, "shop", token, &[("scope", "account_email made_up")]).await;
    let narrow: Value = answer.json();
    assert_eq!(narrow["scope"], "account_email");
    assert!(narrow.get("id_token").is_none());
    let info: Value = userinfo(&server, &narrow).await.json();
    assert_eq!(info["email"], "hana@example.com");
    assert!(info.get("nickname").is_none(), "{info}");
    // The refresh token keeps the whole scope (RFC 6749, 6).
    let whole = refreshed(&server, &narrow).await;
    assert_eq!(whole["scope"], first["scope"]);
}

#[tokio::test]
async fn a_token_that_is_used_again_ends_its_family() {
    let server = server().await;
    let first = offline(&server).await;
    let second = refreshed(&server, &first).await;
    assert_eq!(userinfo(&server, &second).await.status, StatusCode::OK);
    // The client has the second pair, so that another one has the first.
    is_error(
        &refresh(&server, "shop", text(&first, "refresh_token"), &[]).await,
        400,
        "invalid_grant",
    );
    for tokens in [&first, &second] {
        assert_eq!(userinfo(&server, tokens).await.status, StatusCode::UNAUTHORIZED);
        let answer = refresh(&server, "shop", text(tokens, "refresh_token"), &[]).await;
        is_error(&answer, 400, "invalid_grant");
    }
    assert_eq!(states(&server, "reused").await, 2);
    // Another login is another family.
    let again = offline(&server).await;
    refreshed(&server, &again).await;
}

#[tokio::test]
async fn a_successor_that_was_used_shows_that_it_was_received() {
    let server = server().await;
    let first = offline(&server).await;
    let second = refreshed(&server, &first).await;
    let third = refreshed(&server, &second).await;
    let answer = refresh(&server, "shop", text(&first, "refresh_token"), &[]).await;
    is_error(&answer, 400, "invalid_grant");
    let answer = refresh(&server, "shop", text(&third, "refresh_token"), &[]).await;
    is_error(&answer, 400, "invalid_grant");
}

/// The response was lost on its way: the client has the old token only.
#[tokio::test]
async fn a_lost_response_is_no_dead_end() {
    let server = server().await;
    let first = offline(&server).await;
    let lost = refreshed(&server, &first).await;
    // No clock runs: a client that slept for a day comes again as well.
    server.clock.advance(DAY);
    let again = refreshed(&server, &first).await;
    assert_ne!(again["refresh_token"], lost["refresh_token"]);
    assert_ne!(again["access_token"], lost["access_token"]);
    assert_eq!(states(&server, "active").await, 1, "a family never forks");
    let next = refreshed(&server, &again).await;
    assert_eq!(userinfo(&server, &next).await.status, StatusCode::OK);
    // From here on the first is a stolen one.
    let answer = refresh(&server, "shop", text(&first, "refresh_token"), &[]).await;
    is_error(&answer, 400, "invalid_grant");
    assert_eq!(userinfo(&server, &next).await.status, StatusCode::UNAUTHORIZED);
}

/// A thief who refreshes first and keeps quiet until the client has refreshed, too.
#[tokio::test]
async fn a_thief_and_the_client_cannot_both_go_on() {
    for thief_uses in ["access_token", "refresh_token"] {
        let server = server().await;
        let first = offline(&server).await;
        let stolen = refreshed(&server, &first).await;
        server.clock.advance(1800);
        let kept = refreshed(&server, &first).await;
        assert_eq!(userinfo(&server, &kept).await.status, StatusCode::OK);
        if thief_uses == "access_token" {
            assert_eq!(userinfo(&server, &stolen).await.status, StatusCode::UNAUTHORIZED);
            refreshed(&server, &kept).await;
            continue;
        }
        let answer = refresh(&server, "shop", text(&stolen, "refresh_token"), &[]).await;
        is_error(&answer, 400, "invalid_grant");
        assert_eq!(states(&server, "reused").await, 3, "the client gets to know of it");
        assert_eq!(userinfo(&server, &kept).await.status, StatusCode::UNAUTHORIZED);
        let answer = refresh(&server, "shop", text(&kept, "refresh_token"), &[]).await;
        is_error(&answer, 400, "invalid_grant");
    }
}

/// The client refreshed last and has used nothing yet: the earlier response is dead all the same.
#[tokio::test]
async fn an_earlier_successor_ends_the_family_before_the_latest_is_used() {
    let server = server().await;
    let first = offline(&server).await;
    let earlier = refreshed(&server, &first).await;
    let latest = refreshed(&server, &first).await;
    let answer = refresh(&server, "shop", text(&earlier, "refresh_token"), &[]).await;
    is_error(&answer, 400, "invalid_grant");
    for tokens in [&first, &latest] {
        let answer = refresh(&server, "shop", text(tokens, "refresh_token"), &[]).await;
        is_error(&answer, 400, "invalid_grant");
    }
}

/// Parallel requests of one page, or two tabs (supabase#8959, nocturne#326): none of them is a theft.
#[tokio::test]
async fn of_concurrent_refreshes_exactly_one_family_survives() {
    let server = server().await;
    let first = offline(&server).await;
    let app = server.app.clone();
    let mut refreshing = JoinSet::new();
    for _ in 0..16 {
        let mut browser = crate::browser::Browser::new(&app);
        let form = format!(
            "grant_type=refresh_token&client_id=shop&client_secret=the+secret+of+the+shop\
             &refresh_token={}",
            text(&first, "refresh_token")
        );
        refreshing
            .spawn(async move { browser.post("/oauth/token", crate::client::FORM, form).await });
    }
    let mut all = Vec::new();
    while let Some(answer) = refreshing.join_next().await {
        let answer = answer.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        all.push(answer.json::<Value>());
    }
    assert_eq!((states(&server, "active").await, states(&server, "rotated").await), (1, 16));
    // The latest response goes on, and only its access token is good.
    let mut good = Vec::new();
    for tokens in &all {
        if userinfo(&server, tokens).await.status == StatusCode::OK {
            good.push(tokens);
        }
    }
    let [latest] = good[..] else { panic!("{} access tokens are good", good.len()) };
    let second = refreshed(&server, latest).await;
    assert_eq!(userinfo(&server, &second).await.status, StatusCode::OK);
    assert_eq!(states(&server, "active").await, 1);
}

#[tokio::test]
async fn a_token_that_was_revoked_never_comes_back() {
    let server = server().await;
    let first = offline(&server).await;
    let second = refreshed(&server, &first).await;
    // Its successor was not received, and yet there is no way back: it was revoked on purpose.
    let parameters = [("token", text(&second, "refresh_token"))];
    assert_eq!(post(&server, "/oauth/revoke", "shop", &parameters).await.status, StatusCode::OK);
    for tokens in [&first, &second] {
        let answer = refresh(&server, "shop", text(tokens, "refresh_token"), &[]).await;
        is_error(&answer, 400, "invalid_grant");
        assert_eq!(userinfo(&server, tokens).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!((states(&server, "revoked").await, states(&server, "reused").await), (2, 0));
}

#[tokio::test]
async fn refreshing_and_the_code_again_end_everything_together() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let code = code(&mut browser, "shop", OFFLINE, &[]).await;
    let first: Value = redeem(&server, "shop", &code).await.json();
    let second = refreshed(&server, &first).await;
    is_error(&redeem(&server, "shop", &code).await, 400, "invalid_grant");
    for tokens in [&first, &second] {
        assert_eq!(userinfo(&server, tokens).await.status, StatusCode::UNAUTHORIZED);
        let answer = refresh(&server, "shop", text(tokens, "refresh_token"), &[]).await;
        is_error(&answer, 400, "invalid_grant");
    }
}

#[tokio::test]
async fn a_refresh_token_expires_unused_and_a_family_after_a_year() {
    let server = server().await;
    let unused = offline(&server).await;
    server.clock.advance(30 * DAY);
    let answer = refresh(&server, "shop", text(&unused, "refresh_token"), &[]).await;
    is_error(&answer, 400, "invalid_grant");
    server.clock.advance(1);
    server.app.run_maintenance().await;
    assert_eq!(server.count("SELECT count(*) FROM refresh_tokens").await, 0);

    let mut used = offline(&server).await;
    for _ in 0..12 {
        server.clock.advance(29 * DAY);
        used = refreshed(&server, &used).await;
    }
    server.clock.advance(365 * DAY - 12 * 29 * DAY);
    let answer = refresh(&server, "shop", text(&used, "refresh_token"), &[]).await;
    is_error(&answer, 400, "invalid_grant");
    server.clock.advance(1);
    server.app.run_maintenance().await;
    assert_eq!(server.count("SELECT count(*) FROM refresh_tokens").await, 0);
}

#[tokio::test]
async fn refresh_tokens_are_not_in_the_database() {
    if !crate::database::is_sqlite("refresh::refresh_tokens_are_not_in_the_database") {
        return;
    }
    let server = server().await;
    let first = offline(&server).await;
    let second = refreshed(&server, &first).await;
    let mut bytes = Vec::new();
    for file in ["consent.sqlite", "consent.sqlite-wal"] {
        bytes.extend(std::fs::read(server.folder.path().join("data").join(file)).unwrap());
    }
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("offline_access"), "the database was read");
    for tokens in [&first, &second] {
        for secret in ["access_token", "refresh_token"] {
            assert!(!holds(text(tokens, secret)), "{secret}");
        }
    }
}

#[tokio::test]
async fn families_of_an_account_are_bounded_and_the_oldest_go() {
    let server = server().await;
    let mut all = Vec::new();
    for _ in 0..102 {
        let mut browser = server.proxied("hana");
        all.push(tokens(&server, &mut browser, "shop", OFFLINE, &[]).await);
        server.clock.advance(1);
    }
    assert_eq!(server.count("SELECT count(*) FROM refresh_tokens").await, 100);
    for (at, expected) in [(0, 400), (1, 400), (2, 200), (101, 200)] {
        let answer = refresh(&server, "shop", text(&all[at], "refresh_token"), &[]).await;
        assert_eq!(answer.status.as_u16(), expected, "{at}");
    }
}

#[tokio::test]
async fn discovery_names_what_there_is() {
    let server = server().await;
    let found: Value = server.browser().get("/.well-known/openid-configuration").await.json();
    assert_eq!(found["grant_types_supported"], json!(["authorization_code", "refresh_token"]));
    for scope in ["openid", "offline_access", "agreements"] {
        assert!(found["scopes_supported"].as_array().unwrap().contains(&json!(scope)), "{scope}");
    }
    for (endpoint, path) in
        [("revocation_endpoint", "/oauth/revoke"), ("introspection_endpoint", "/oauth/introspect")]
    {
        assert_eq!(found[endpoint], format!("{}{path}", server.app.origin()));
    }
    // Clients without a secret may not introspect.
    let methods = &found["introspection_endpoint_auth_methods_supported"];
    assert_eq!(*methods, json!(["client_secret_basic", "client_secret_post"]));
}

/// A failure of ours takes nothing from the client.
#[tokio::test]
async fn a_refresh_that_cannot_be_written_leaves_the_token_good() {
    if !crate::database::is_sqlite(
        "refresh::a_refresh_that_cannot_be_written_leaves_the_token_good",
    ) {
        return;
    }
    let server = server().await;
    let first = offline(&server).await;
    let file = server.folder.path().join("data/consent.sqlite");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let refuse = "CREATE TRIGGER broken BEFORE INSERT ON tokens
                  BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    sqlx::query(refuse).execute(&pool).await.unwrap();
    let answer = refresh(&server, "shop", text(&first, "refresh_token"), &[]).await;
    is_error(&answer, 503, "temporarily_unavailable");
    sqlx::query("DROP TRIGGER broken").execute(&pool).await.unwrap();
    assert_eq!(states(&server, "active").await, 1);
    refreshed(&server, &first).await;
}
