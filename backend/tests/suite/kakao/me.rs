//! `/v2/user/me` and `/v1/user/update_profile`.

use axum::http::Request;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    FORM, admin, bearer, error, get, ok, post, required, send, server, server_with, sign_up,
    sign_up_with, target, user_id,
};

const ME: &str = "/v2/user/me";

#[track_caller]
fn is_time(value: &Value) {
    let text = value.as_str().unwrap();
    assert!(text.ends_with('Z'), "{text}");
    OffsetDateTime::parse(text, &Rfc3339).unwrap();
}

#[tokio::test]
async fn a_user_is_described_as_far_as_they_agreed() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let mut me = ok(&get(&server, ME, &bearer(&tokens)).await);
    for time in ["connected_at", "synched_at"] {
        is_time(&me.as_object_mut().unwrap().remove(time).unwrap());
    }
    let id = me["id"].as_i64().unwrap();
    assert!((1_000_000_000..1 << 53).contains(&id));
    let expected = json!({
        "id": id,
        "properties": { "nickname": "하나" },
        "kakao_account": {
            "profile_nickname_needs_agreement": false,
            "profile": { "nickname": "하나", "is_default_nickname": false },
            "email_needs_agreement": false,
            "is_email_valid": true,
            "is_email_verified": true,
            "email": "hana@example.com",
            "phone_number_needs_agreement": true,
        },
    });
    assert_eq!(me, expected);
}

#[tokio::test]
async fn a_value_that_no_one_has_needs_no_agreement() {
    let server = server().await;
    let tokens = sign_up_with(&server, "bare", required).await;
    let me = ok(&get(&server, ME, &bearer(&tokens)).await);
    assert_eq!(me["kakao_account"]["email_needs_agreement"], false);
    assert!(me["kakao_account"].get("email").is_none());
    let hana = sign_up_with(&server, "hana", required).await;
    let me = ok(&get(&server, ME, &bearer(&hana)).await);
    assert_eq!(me["kakao_account"]["email_needs_agreement"], true);
    assert!(me["kakao_account"].get("email").is_none());
}

#[tokio::test]
async fn the_call_is_accepted_in_every_spelling_of_the_clients() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let (bearer, token) = (bearer(&tokens), tokens["access_token"].as_str().unwrap());
    let expected = ok(&get(&server, ME, &bearer).await);
    // socialite: POST without a body; passport-kakao: the token in the query only;
    // python-social-auth: in the query and the header.
    let request = Request::post(ME);
    assert_eq!(ok(&send(&server, request, &bearer, "").await), expected);
    assert_eq!(ok(&post(&server, ME, &bearer, &[]).await), expected);
    // axios sends an empty object where a call has no parameters.
    let axios = Request::post(ME).header("content-type", "application/json");
    assert_eq!(ok(&send(&server, axios, &bearer, "{}").await), expected);
    let query = format!("{ME}?access_token={token}");
    assert_eq!(ok(&get(&server, &query, "").await), expected);
    assert_eq!(ok(&get(&server, &query, &bearer).await), expected);
    assert_eq!(ok(&post(&server, ME, "", &[("access_token", token)]).await), expected);
    // The header decides.
    error(&get(&server, &query, "Bearer made-up").await, 401, -401);
    let secure = format!("{ME}?secure_resource=true&property_keys=null");
    assert_eq!(ok(&get(&server, &secure, &bearer).await), expected);
}

#[tokio::test]
async fn property_keys_limit_the_answer() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let with = async |keys: &str| {
        let query = form_urlencoded(&[("property_keys", keys)]);
        let me = ok(&get(&server, &format!("{ME}?{query}"), &bearer(&tokens)).await);
        let names = |part: &str| -> Vec<String> {
            let object = me[part].as_object();
            object.map(|it| it.keys().cloned().collect()).unwrap_or_default()
        };
        (names("kakao_account"), names("properties"))
    };
    let email =
        ["email", "email_needs_agreement", "is_email_valid", "is_email_verified"].map(String::from);
    for keys in [r#"["kakao_account.email"]"#, "kakao_account.email"] {
        assert_eq!(with(keys).await, (email.to_vec(), vec![]), "{keys}");
    }
    let (account, properties) = with(r#"["kakao_account.profile","properties.nickname"]"#).await;
    assert_eq!(account, ["profile", "profile_nickname_needs_agreement"]);
    assert_eq!(properties, ["nickname"]);
    assert_eq!(with(r#"["kakao_account."]"#).await.0.len(), 7);
    assert_eq!(with(r#"["unknown"]"#).await, (vec![], vec![]));
}

fn form_urlencoded(pairs: &[(&str, &str)]) -> String {
    super::form(pairs)
}

#[tokio::test]
async fn an_admin_key_names_the_user() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let expected = ok(&get(&server, ME, &bearer(&tokens)).await);
    let target = target(expected["id"].as_i64().unwrap());
    assert_eq!(ok(&get(&server, &format!("{ME}?{target}"), &admin()).await), expected);
    let id = expected["id"].to_string();
    let body = [("target_id_type", "user_id"), ("target_id", &*id)];
    assert_eq!(ok(&post(&server, ME, &admin(), &body).await), expected);
}

#[tokio::test]
async fn bad_parameters_are_refused() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let bearer = bearer(&tokens);
    for query in ["property_keys=%5B", "property_keys=%5B1%2C%7B%7D%5D", "secure_resource=maybe"] {
        error(&get(&server, &format!("{ME}?{query}"), &bearer).await, 400, -2);
    }
    for query in [
        "",
        "target_id=1",
        "target_id_type=user_id",
        "target_id_type=email&target_id=1",
        "target_id_type=user_id&target_id=x",
    ] {
        error(&get(&server, &format!("{ME}?{query}"), &admin()).await, 400, -2);
    }
    error(&get(&server, &format!("{ME}?{}", target(1)), &admin()).await, 400, -103);
}

#[tokio::test]
async fn a_user_who_is_not_connected_is_reported_to_the_admin() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let path = format!("{ME}?{}", target(user_id(&server, &tokens).await));
    ok(&post(&server, "/v1/user/unlink", &bearer(&tokens), &[]).await);
    error(&get(&server, &path, &admin()).await, 400, -101);
    error(&get(&server, ME, &bearer(&tokens)).await, 401, -401);
}

#[tokio::test]
async fn an_account_under_the_age_is_refused() {
    // The account had grown up when it signed up, by what the file said then.
    let grown_up = server_with(&[("under_14 = true", "under_14 = false")]).await;
    let answer = grown_up.proxied("young").authorize(&super::request(&[])).await;
    let code = answer.location_parameter("code").unwrap();
    let tokens = ok(&super::token(&grown_up, &code, &[]).await);
    ok(&get(&grown_up, ME, &bearer(&tokens)).await);
    grown_up.app.close().await;
    let server =
        crate::browser::Server::configured_in(grown_up.folder, super::SHOP, crate::browser::ORIGIN);
    let server = server.await.unwrap();
    error(&get(&server, ME, &bearer(&tokens)).await, 401, -406);
}

#[tokio::test]
async fn tokens_of_other_dialects_are_refused() {
    let mixed = crate::shop::SHOP.replace("가게", "다른 가게");
    let account = "client_secret = \"another-secret-of-16\"\nredirect_uris";
    let mixed = mixed.replacen("redirect_uris", account, 1);
    let server =
        crate::browser::Server::configured(&format!("{}\n{mixed}", super::SHOP)).await.unwrap();
    let mut browser = server.proxied("hana");
    let parameters = super::request(&[("client_id", "shop")]);
    let code = super::agree(&mut browser, &parameters, required).await;
    let other = [("client_id", "shop"), ("client_secret", "another-secret-of-16")];
    let tokens = ok(&super::token(&server, &code, &other).await);
    error(&get(&server, ME, &bearer(&tokens)).await, 401, -401);
    ok(&get(&server, "/oauth/userinfo", &bearer(&tokens)).await);
}

#[tokio::test]
async fn properties_are_stored() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let (bearer, path) = (bearer(&tokens), "/v1/user/update_profile");
    let body = [("properties", r#"{"grade":"gold","nickname":"하나님"}"#)];
    let id = user_id(&server, &tokens).await;
    assert_eq!(ok(&post(&server, path, &bearer, &body).await), json!({ "id": id }));
    let me = ok(&get(&server, ME, &bearer).await);
    assert_eq!(me["properties"], json!({ "grade": "gold", "nickname": "하나님" }));
    assert_eq!(me["kakao_account"]["profile"]["nickname"], "하나");
    let by_admin = format!("{path}?{}", target(id));
    let body = [("properties", r#"{"grade":"silver"}"#)];
    ok(&post(&server, &by_admin, &admin(), &body).await);
    let me = ok(&get(&server, ME, &bearer).await);
    assert_eq!(me["properties"], json!({ "grade": "silver", "nickname": "하나님" }));

    let long = format!("{{\"grade\":\"{}\"}}", "x".repeat(1001));
    for (properties, code) in [
        ("", -2),
        ("x", -2),
        ("[]", -2),
        (r#"{"grade":1}"#, -2),
        (&*long, -2),
        (r#"{"size":"m"}"#, -201),
    ] {
        let body = [("properties", properties)];
        error(&post(&server, path, &bearer, &body).await, 400, code);
    }
    let request = Request::post(path).header("content-type", FORM);
    error(&send(&server, request, "", "properties=%7B%7D").await, 401, -401);
}
