//! OpenID Connect: ID tokens, `/oauth/tokeninfo`, `/v1/oidc/userinfo` and the discovery document.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    FORM, agree, bearer, error, everything, form, get, ok, post, request, server, server_with,
    token, user_id,
};
use crate::{
    browser::{Answer, Server},
    client,
};

async fn with_openid() -> Server {
    server_with(&[("app_id = 123456", "openid = true")]).await
}

async fn tokens(server: &Server, changes: &[(&str, &str)]) -> Value {
    let code = agree(&mut server.proxied("hana"), &request(changes), everything).await;
    ok(&token(server, &code, &[]).await)
}

fn claims(id_token: &str) -> Value {
    let payload = id_token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn an_id_token_comes_when_openid_connect_is_on() {
    let server = with_openid().await;
    let tokens = tokens(&server, &[("nonce", "n-0S6")]).await;
    let claims = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!(claims["iss"], "http://127.0.0.1:8080");
    assert_eq!(claims["aud"], "shop-rest-api-key");
    assert_eq!(claims["sub"], user_id(&server, &tokens).await.to_string());
    assert_eq!(claims["nonce"], "n-0S6");
    assert_eq!(claims["nickname"], "하나");
    assert_eq!(claims["email"], "hana@example.com");
    assert!(claims["auth_time"].is_i64());
    assert!(claims["exp"].as_i64().unwrap() > claims["iat"].as_i64().unwrap());
    assert!(claims.get("phone_number").is_none());
    assert_eq!(tokens["scope"].as_str().unwrap().split(' ').next().unwrap(), "openid");
}

#[tokio::test]
async fn an_additional_request_needs_openid_in_its_scope() {
    let server = with_openid().await;
    tokens(&server, &[]).await;
    let more = tokens(&server, &[("scope", "phone_number")]).await;
    assert!(more.get("id_token").is_none());
    let answer = server.proxied("hana").authorize(&request(&[("scope", "openid")])).await;
    let code = answer.location_parameter("code").unwrap();
    assert!(ok(&token(&server, &code, &[]).await)["id_token"].is_string());
    assert_eq!(answer.location_parameter("iss"), None);
}

#[tokio::test]
async fn a_refresh_gives_another_id_token_for_the_same_login() {
    let server = with_openid().await;
    let tokens = tokens(&server, &[("nonce", "n-0S6")]).await;
    server.clock.advance(60);
    let refresh = form(&[
        ("grant_type", "refresh_token"),
        ("client_id", "shop-rest-api-key"),
        ("client_secret", super::SECRET),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ]);
    let again: Value = ok(&server.browser().post("/oauth/token", FORM, refresh).await);
    let before = claims(tokens["id_token"].as_str().unwrap());
    let after = claims(again["id_token"].as_str().unwrap());
    for same in ["iss", "aud", "sub", "auth_time"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert!(after["iat"].as_i64().unwrap() > before["iat"].as_i64().unwrap());
    assert!(after.get("nonce").is_none());
}

#[track_caller]
fn is_koe400(answer: &Answer) {
    assert_eq!(answer.status.as_u16(), 400, "{}", answer.text());
    let body: Value = answer.json();
    assert_eq!((&body["error"], &body["error_code"]), (&json!("invalid_token"), &json!("KOE400")));
}

#[tokio::test]
async fn tokeninfo_reads_own_tokens_only() {
    let server = with_openid().await;
    let tokens = tokens(&server, &[]).await;
    let id_token = tokens["id_token"].as_str().unwrap();
    let info = async |token: &str| {
        let body = form(&[("id_token", token)]);
        server.browser().post("/oauth/tokeninfo", FORM, body).await
    };
    assert_eq!(ok(&info(id_token).await), claims(id_token));
    let forged = format!("{}x", &id_token[..id_token.len() - 3]);
    let parts: Vec<&str> = id_token.split('.').collect();
    let unsigned = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), parts[1]);
    for bad in ["", "x", "a.b.c", &forged, &unsigned] {
        is_koe400(&info(bad).await);
    }
    let answer = server.browser().get("/oauth/tokeninfo").await;
    assert_eq!(answer.status.as_u16(), 405);
    assert_eq!(answer.json::<Value>()["error"], "invalid_request");
    assert_eq!(answer.json::<Value>()["error_code"], "KOE001");
    let json = server.browser().post("/oauth/tokeninfo", "application/json", "{}").await;
    assert_eq!(
        (json.status.as_u16(), &json.json::<Value>()["error"]),
        (400, &json!("invalid_request"))
    );
    assert_eq!(json.json::<Value>()["error_code"], "KOE001");
    let twice = server.browser().post("/oauth/tokeninfo", FORM, "id_token=x&id_token=x").await;
    assert_eq!(twice.json::<Value>()["error_code"], "KOE001");
    assert_eq!(twice.json::<Value>()["error"], "invalid_request");
    server.clock.advance(10 * 60);
    is_koe400(&info(id_token).await);
}

#[tokio::test]
async fn userinfo_has_what_was_agreed_to() {
    let server = with_openid().await;
    let tokens = tokens(&server, &[]).await;
    let me = ok(&get(&server, "/v1/oidc/userinfo", &bearer(&tokens)).await);
    let id = user_id(&server, &tokens).await;
    let expected = json!({
        "sub": id.to_string(),
        "nickname": "하나",
        "email": "hana@example.com",
        "email_verified": true,
    });
    assert_eq!(me, expected);
    assert_eq!(ok(&post(&server, "/v1/oidc/userinfo", &bearer(&tokens), &[]).await), expected);
    assert_eq!(ok(&get(&server, "/oauth/userinfo", &bearer(&tokens)).await), expected);
    error(&get(&server, "/v1/oidc/userinfo", "Bearer made-up").await, 401, -401);
    error(&get(&server, "/v1/oidc/userinfo", "").await, 401, -401);
    error(&get(&server, "/v1/oidc/userinfo", &super::admin()).await, 401, -401);
}

#[tokio::test]
async fn userinfo_is_refused_where_openid_connect_is_off() {
    let server = server().await;
    let tokens = super::sign_up(&server, "hana").await;
    error(&get(&server, "/v1/oidc/userinfo", &bearer(&tokens)).await, 403, -3);
    let answer = get(&server, "/oauth/userinfo", &bearer(&tokens)).await;
    client::is_error(&answer, 403, "insufficient_scope");
    assert!(answer.header("www-authenticate").contains("scope=\"openid\""), "{answer:?}");
}

/// The server again, with another configuration.
async fn restarted(server: Server, toml: &str) -> Server {
    server.app.close().await;
    Server::configured_in(server.folder, toml, crate::browser::ORIGIN).await.unwrap()
}

#[tokio::test]
async fn userinfo_is_refused_for_an_account_under_the_age() {
    let toml = super::SHOP.replace("app_id = 123456", "openid = true");
    let grown_up = toml.replace("under_14 = true", "under_14 = false");
    let server = Server::configured(&grown_up).await.unwrap();
    let answer = server.proxied("young").authorize(&request(&[])).await;
    let code = answer.location_parameter("code").unwrap();
    let tokens = ok(&token(&server, &code, &[]).await);
    ok(&get(&server, "/oauth/userinfo", &bearer(&tokens)).await);
    let server = restarted(server, &toml).await;
    error(&get(&server, "/v1/oidc/userinfo", &bearer(&tokens)).await, 401, -406);
    let answer = get(&server, "/oauth/userinfo", &bearer(&tokens)).await;
    client::is_error(&answer, 401, "invalid_token");
}

#[tokio::test]
async fn userinfo_is_refused_for_who_is_no_test_member() {
    let toml = super::SHOP.replace("app_id = 123456", "openid = true");
    let server = Server::configured(&toml).await.unwrap();
    let tokens = tokens(&server, &[]).await;
    let test_app = "mode = \"test\"\ntest_members = [\"bare\"]";
    let server = restarted(server, &toml.replace("min_age = 14", test_app)).await;
    error(&get(&server, "/v1/oidc/userinfo", &bearer(&tokens)).await, 401, -401);
    let answer = get(&server, "/oauth/userinfo", &bearer(&tokens)).await;
    client::is_error(&answer, 401, "invalid_token");
}

#[tokio::test]
async fn userinfo_is_reduced_until_the_sign_up_is_complete() {
    let server =
        server_with(&[("app_id = 123456", "openid = true\nmanual_connection = true")]).await;
    let tokens = tokens(&server, &[("scope", "openid phone_number")]).await;
    for path in ["/v1/oidc/userinfo", "/oauth/userinfo"] {
        let found = ok(&get(&server, path, &bearer(&tokens)).await);
        let names: Vec<&String> = found.as_object().unwrap().keys().collect();
        assert_eq!(names, ["email", "email_verified", "nickname", "sub"], "{path}");
    }
    ok(&post(&server, "/v1/user/signup", &bearer(&tokens), &[]).await);
    for path in ["/v1/oidc/userinfo", "/oauth/userinfo"] {
        let found = ok(&get(&server, path, &bearer(&tokens)).await);
        assert_eq!(found["phone_number"], "+82 10-1234-5678", "{path}");
    }
}

#[tokio::test]
async fn introspection_names_the_user_as_the_id_token_does() {
    let server = with_openid().await;
    let tokens = tokens(&server, &[]).await;
    let subject = &claims(tokens["id_token"].as_str().unwrap())["sub"];
    for name in ["access_token", "refresh_token"] {
        let credentials = [("client_id", "shop-rest-api-key"), ("client_secret", super::SECRET)];
        let body = form(&[&credentials[..], &[("token", tokens[name].as_str().unwrap())]].concat());
        let found = ok(&server.browser().post("/oauth/introspect", FORM, body).await);
        assert_eq!((&found["active"], &found["sub"]), (&json!(true), subject), "{name}");
    }
}

#[tokio::test]
async fn discovery_is_the_platforms_where_every_service_is_a_kakao_app() {
    let server = server().await;
    let path = "/.well-known/openid-configuration";
    let found: Value = server.browser().get(path).await.json();
    assert_eq!(found["issuer"], "http://127.0.0.1:8080");
    assert_eq!(found["userinfo_endpoint"], "http://127.0.0.1:8080/v1/oidc/userinfo");
    assert_eq!(found["subject_types_supported"], json!(["public"]));
    assert_eq!(found["token_endpoint_auth_methods_supported"], json!(["client_secret_post"]));
    assert_eq!(found["request_uri_parameter_supported"], false);
    let mixed = crate::shop::SHOP.replace("가게", "다른 가게");
    let server = Server::configured(&format!("{}\n{mixed}", super::SHOP)).await.unwrap();
    let found: Value = server.browser().get(path).await.json();
    assert_eq!(found["userinfo_endpoint"], "http://127.0.0.1:8080/oauth/userinfo");
}
