//! `/v1/user/unlink`, `/v1/user/logout`, `/v1/user/signup` and `/v1/user/access_token_info`; user ids.

use serde_json::{Value, json};

use super::{
    FORM, SECRET, SHOP, admin, agree, bearer, error, everything, form, get, ok, post, request,
    required, server, server_with, sign_up, sign_up_with, target, token, user_id,
};
use crate::browser::{ORIGIN, Server};

const UNLINK: &str = "/v1/user/unlink";
const LOGOUT: &str = "/v1/user/logout";
const SIGN_UP: &str = "/v1/user/signup";
const INFO: &str = "/v1/user/access_token_info";
const ME: &str = "/v2/user/me";

async fn refresh(server: &Server, tokens: &Value) -> u16 {
    let body = form(&[
        ("grant_type", "refresh_token"),
        ("client_id", "shop-rest-api-key"),
        ("client_secret", SECRET),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ]);
    server.browser().post("/oauth/token", FORM, body).await.status.as_u16()
}

/// Another login of a member.
async fn log_in(server: &Server, account: &'static str) -> Value {
    let answer = server.proxied(account).authorize(&request(&[])).await;
    ok(&token(server, &answer.location_parameter("code").unwrap(), &[]).await)
}

#[tokio::test]
async fn unlinking_ends_consents_tokens_and_codes() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let answer = server.proxied("hana").authorize(&request(&[])).await;
    let unused = answer.location_parameter("code").unwrap();
    let id = user_id(&server, &tokens).await;
    assert_eq!(ok(&post(&server, UNLINK, &bearer(&tokens), &[]).await), json!({ "id": id }));
    error(&get(&server, ME, &bearer(&tokens)).await, 401, -401);
    assert_eq!(refresh(&server, &tokens).await, 400);
    let late: Value = token(&server, &unused, &[]).await.json();
    assert_eq!(late["error_code"], "KOE320");
    for count in [
        "SELECT count(*) FROM agreements WHERE account = 'hana'",
        "SELECT count(*) FROM links WHERE account = 'hana'",
        "SELECT count(*) FROM tokens",
        "SELECT count(*) FROM codes",
    ] {
        assert_eq!(server.count(count).await, 0, "{count}");
    }
    error(&post(&server, UNLINK, &bearer(&tokens), &[]).await, 401, -401);
}

#[tokio::test]
async fn an_admin_key_unlinks_by_id() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let id = user_id(&server, &tokens).await;
    let text = id.to_string();
    let body = [("target_id_type", "user_id"), ("target_id", &*text)];
    assert_eq!(ok(&post(&server, UNLINK, &admin(), &body).await), json!({ "id": id }));
    error(&post(&server, UNLINK, &admin(), &body).await, 400, -101);
    error(&post(&server, UNLINK, &admin(), &[]).await, 400, -2);
    error(&post(&server, UNLINK, "KakaoAK a-wrong-key-of-the-shop", &body).await, 401, -401);
}

#[tokio::test]
async fn an_id_is_stable_over_unlinking_and_another_one_in_a_test_app() {
    let test_app = SHOP
        .replace("shop-rest-api-key", "test-rest-api-key")
        .replace("an-admin-key-of-the-shop", "an-admin-key-of-the-test")
        .replace("min_age = 14", "mode = \"test\"\ntest_members = [\"hana\"]")
        .replace("_shop", "_shop_test")
        .replace("_sale", "_sale_test");
    let services =
        &test_app[test_app.find("[[service]]").unwrap()..test_app.find("[[account]]").unwrap()];
    let server = Server::configured(&format!("{}\n{services}", SHOP)).await.unwrap();
    let tokens = sign_up(&server, "hana").await;
    let id = user_id(&server, &tokens).await;
    ok(&post(&server, UNLINK, &bearer(&tokens), &[]).await);
    let again = sign_up(&server, "hana").await;
    assert_eq!(user_id(&server, &again).await, id);
    let client = ("client_id", "test-rest-api-key");
    let code = agree(&mut server.proxied("hana"), &request(&[client]), required).await;
    let tokens = ok(&token(&server, &code, &[client]).await);
    assert_ne!(user_id(&server, &tokens).await, id);
    // The admin key of one app knows no id of another.
    let path = format!("{ME}?{}", target(id));
    error(&get(&server, &path, "KakaoAK an-admin-key-of-the-test").await, 400, -103);
}

#[tokio::test]
async fn logging_out_ends_the_tokens_of_one_login() {
    let server = server().await;
    let phone = sign_up(&server, "hana").await;
    let desk = log_in(&server, "hana").await;
    let id = user_id(&server, &phone).await;
    assert_eq!(ok(&post(&server, LOGOUT, &bearer(&phone), &[]).await), json!({ "id": id }));
    error(&get(&server, ME, &bearer(&phone)).await, 401, -401);
    assert_eq!(refresh(&server, &phone).await, 400);
    ok(&get(&server, ME, &bearer(&desk)).await);
    assert_eq!(refresh(&server, &desk).await, 200);
    let path = format!("{LOGOUT}?{}", target(id));
    assert_eq!(ok(&post(&server, &path, &admin(), &[]).await), json!({ "id": id }));
    error(&get(&server, ME, &bearer(&desk)).await, 401, -401);
    assert_eq!(refresh(&server, &desk).await, 400);
    // The user stays connected.
    log_in(&server, "hana").await;
}

#[tokio::test]
async fn an_access_token_is_described() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    server.clock.advance(100);
    let info = ok(&get(&server, INFO, &bearer(&tokens)).await);
    assert_eq!(info["id"], user_id(&server, &tokens).await);
    assert_eq!(info["app_id"], 123_456);
    let left = info["expires_in"].as_i64().unwrap();
    assert!((3490..=3500).contains(&left), "{left}");
    error(&get(&server, INFO, &admin()).await, 401, -401);
    server.clock.advance(3600);
    error(&get(&server, INFO, &bearer(&tokens)).await, 401, -401);
}

async fn manual() -> Server {
    server_with(&[("app_id = 123456", "manual_connection = true")]).await
}

#[tokio::test]
async fn with_manual_connection_the_service_completes_the_sign_up() {
    let server = manual().await;
    let tokens = sign_up(&server, "hana").await;
    let before = ok(&get(&server, ME, &bearer(&tokens)).await);
    assert_eq!(before["has_signed_up"], false);
    assert!(before["connected_at"].is_string());
    assert!(before.get("synched_at").is_none() && before.get("properties").is_none());
    let account = &before["kakao_account"];
    assert_eq!(account["email"], "hana@example.com");
    assert!(account.get("phone_number_needs_agreement").is_none(), "reduced: {account}");
    let properties = [("properties", r#"{"grade":"gold"}"#)];
    let unknown = [("properties", r#"{"size":"m"}"#)];
    error(&post(&server, SIGN_UP, &bearer(&tokens), &unknown).await, 400, -201);
    let id = before["id"].clone();
    assert_eq!(
        ok(&post(&server, SIGN_UP, &bearer(&tokens), &properties).await),
        json!({ "id": id })
    );
    let after = ok(&get(&server, ME, &bearer(&tokens)).await);
    assert_eq!(after["has_signed_up"], true);
    assert_eq!(after["properties"]["grade"], "gold");
    assert!(after["kakao_account"].get("phone_number_needs_agreement").is_some());
    let body = error(&post(&server, SIGN_UP, &bearer(&tokens), &[]).await, 400, -102);
    assert_eq!(body["msg"], "already registered");
    error(&post(&server, SIGN_UP, &admin(), &[]).await, 401, -401);
    server.clock.advance(25 * 60 * 60);
    log_in(&server, "hana").await;
}

#[tokio::test]
async fn without_a_sign_up_the_account_is_unlinked_after_24_hours() {
    let server = manual().await;
    let tokens = sign_up_with(&server, "hana", required).await;
    server.clock.advance(24 * 60 * 60 - 60);
    log_in(&server, "hana").await;
    server.clock.advance(60);
    assert_eq!(refresh(&server, &tokens).await, 400);
    let asked = server.proxied("hana").authorize(&request(&[])).await;
    asked.challenge();
    let reason = "SELECT count(*) FROM grant_changes WHERE caused_by = 'no_sign_up'";
    assert_eq!(server.count(reason).await, 1);

    sign_up_with(&server, "hana", required).await;
    server.clock.advance(24 * 60 * 60 + 1);
    server.app.run_maintenance().await;
    assert_eq!(server.count(reason).await, 2, "without any request");
}

#[tokio::test]
async fn configured_links_are_signed_up() {
    let server = manual().await;
    let tokens = sign_up(&server, "plain").await;
    server.clock.advance(25 * 60 * 60);
    server.app.run_maintenance().await;
    error(&get(&server, ME, &bearer(&tokens)).await, 401, -401);
    let tokens = log_in(&server, "plain").await;
    let me = ok(&get(&server, ME, &bearer(&tokens)).await);
    assert_eq!(me["has_signed_up"], true);
    error(&post(&server, SIGN_UP, &bearer(&tokens), &[]).await, 400, -102);
}

#[tokio::test]
async fn without_manual_connection_everyone_is_signed_up() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    error(&post(&server, SIGN_UP, &bearer(&tokens), &[]).await, 400, -102);
    let me = ok(&get(&server, ME, &bearer(&tokens)).await);
    assert!(me.get("has_signed_up").is_none());
    agree(&mut server.proxied("bare"), &request(&[]), everything).await;
}

/// Members of before owe nothing: neither a sign-up nor their connection.
#[tokio::test]
async fn switching_manual_connection_on_unlinks_no_member() {
    let automatic = server().await;
    let tokens = sign_up_with(&automatic, "hana", required).await;
    ok(&get(&automatic, ME, &bearer(&tokens)).await);
    let Server { app, folder, .. } = automatic;
    app.close().await;
    drop(app);
    let toml = SHOP.replace("app_id = 123456", "manual_connection = true");
    let manual = Server::configured_in(folder, &toml, ORIGIN).await.unwrap();
    manual.clock.advance(48 * 60 * 60);
    manual.app.run_maintenance().await;
    assert_eq!(manual.count("SELECT count(*) FROM grant_changes").await, 0);
    let tokens = log_in(&manual, "hana").await;
    assert_eq!(ok(&get(&manual, ME, &bearer(&tokens)).await)["has_signed_up"], true);
}

/// A clock that is set far ahead by mistake unlinks no one.
#[tokio::test]
async fn a_clock_that_jumps_ahead_unlinks_no_one() {
    let server = manual().await;
    sign_up_with(&server, "hana", required).await;
    server.clock.set_later(48 * 60 * 60);
    server.app.run_maintenance().await;
    log_in(&server, "hana").await;
    assert_eq!(server.count("SELECT count(*) FROM grant_changes").await, 0);
}
