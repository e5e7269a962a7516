//! `/v2/user/scopes` and its revoke.

use serde_json::{Value, json};

use super::{
    SHOP, admin, agree, bearer, error, everything, get, ok, post, request, server, sign_up, target,
    token, user_id,
};
use crate::browser::{ORIGIN, Server};

const SCOPES: &str = "/v2/user/scopes";
const REVOKE: &str = "/v2/user/revoke/scopes";

fn ids(body: &Value) -> Vec<&str> {
    let scopes = body["scopes"].as_array().unwrap();
    scopes.iter().map(|scope| scope["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_item_is_listed_with_what_was_agreed_to() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let listed = ok(&get(&server, SCOPES, &bearer(&tokens)).await);
    let item = |id: &str, name: &str, revocable: bool| {
        json!({
            "id": id,
            "display_name": name,
            "type": "PRIVACY",
            "using": true,
            "agreed": true,
            "revocable": revocable,
        })
    };
    let expected = json!({
        "id": user_id(&server, &tokens).await,
        "scopes": [
            item("profile_nickname", "닉네임", false),
            item("account_email", "이메일", true),
            {
                "id": "phone_number",
                "display_name": "전화번호",
                "type": "PRIVACY",
                "using": true,
                "agreed": false,
            },
            item("shipping_address", "배송지", true),
        ],
    });
    assert_eq!(listed, expected);
    let mut english = server.browser();
    english.language = Some("en");
    let call = axum::http::Request::get(SCOPES).header("authorization", bearer(&tokens));
    let listed: Value = english.send(call.body(axum::body::Body::empty()).unwrap()).await.json();
    assert_eq!(listed["scopes"][1]["display_name"], "Email address");
}

#[tokio::test]
async fn scopes_limit_the_list() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let target = target(user_id(&server, &tokens).await);
    let list = async |query: &str| {
        let path = format!("{SCOPES}?{query}");
        ok(&get(&server, &path, &bearer(&tokens)).await)
    };
    let email = "scopes=%5B%22account_email%22%2C%22friends%22%5D";
    assert_eq!(ids(&list(email).await), ["account_email"]);
    assert_eq!(ids(&list("scopes=account_email,phone_number").await).len(), 2);
    // The Flutter SDK writes null for none.
    assert_eq!(ids(&list("scopes=null").await).len(), 4);
    let path = format!("{SCOPES}?{email}&{target}");
    assert_eq!(ids(&ok(&get(&server, &path, &admin()).await)), ["account_email"]);
    error(&get(&server, &format!("{SCOPES}?scopes=%5B"), &bearer(&tokens)).await, 400, -2);
}

#[tokio::test]
async fn optional_items_can_be_revoked() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let body = [("scopes", r#"["account_email"]"#)];
    let revoked = ok(&post(&server, REVOKE, &bearer(&tokens), &body).await);
    let email = &revoked["scopes"][0];
    assert_eq!((&email["id"], &email["agreed"]), (&json!("account_email"), &json!(false)));
    assert!(email.get("revocable").is_none());
    let me = ok(&get(&server, "/v2/user/me", &bearer(&tokens)).await);
    assert!(me["kakao_account"].get("email").is_none());
    assert_eq!(me["kakao_account"]["email_needs_agreement"], true);
    let path = format!("{REVOKE}?{}", target(user_id(&server, &tokens).await));
    let body = [("scopes", r#"["shipping_address"]"#)];
    let revoked = ok(&post(&server, &path, &admin(), &body).await);
    assert_eq!(revoked["scopes"][0]["agreed"], false);
    // The user can be asked again.
    let again = request(&[("scope", "account_email")]);
    agree(&mut server.proxied("hana"), &again, everything).await;
}

#[tokio::test]
async fn required_unknown_and_missing_items_are_not_revoked() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let revoke =
        async |scopes: &str| post(&server, REVOKE, &bearer(&tokens), &[("scopes", scopes)]).await;
    let body = error(&revoke(r#"["account_email","profile_nickname"]"#).await, 403, -3);
    let expected = "[profile_nickname] is not revocable. check out if it's set as required on developers.kakao.com";
    assert_eq!(body["msg"], expected);
    let body = error(&revoke(r#"["email"]"#).await, 400, -2);
    let expected =
        "There is no scopes to revoke. check out if given scope id([email]) is correct again.";
    assert_eq!(body["msg"], expected);
    for bad in ["", "[]", "[", "null"] {
        error(&revoke(bad).await, 400, -2);
    }
    let me = ok(&get(&server, "/v2/user/me", &bearer(&tokens)).await);
    assert_eq!(me["kakao_account"]["email"], "hana@example.com", "nothing was revoked");
}

#[tokio::test]
async fn an_item_that_the_app_no_longer_uses_is_listed_and_revocable() {
    let server = server().await;
    let code = agree(&mut server.proxied("hana"), &request(&[]), everything).await;
    let tokens = ok(&token(&server, &code, &[]).await);
    server.app.close().await;
    let start = SHOP.find("[[service.personal_info.items]]\nid = \"shipping_address\"").unwrap();
    let end = SHOP[start..].find("[[service.channels]]").unwrap() + start;
    let toml = [&SHOP[..start], &SHOP[end..]].concat();
    let server = Server::configured_in(server.folder, &toml, ORIGIN).await.unwrap();
    let listed = ok(&get(&server, SCOPES, &bearer(&tokens)).await);
    let earlier = listed["scopes"].as_array().unwrap().last().unwrap();
    let expected = json!({
        "id": "shipping_address",
        "display_name": "shipping_address",
        "type": "PRIVACY",
        "using": false,
        "agreed": true,
        "revocable": true,
    });
    assert_eq!(*earlier, expected);
    let body = [("scopes", "shipping_address")];
    ok(&post(&server, REVOKE, &bearer(&tokens), &body).await);
    let listed = ok(&get(&server, SCOPES, &bearer(&tokens)).await);
    assert!(!ids(&listed).contains(&"shipping_address"));
}
