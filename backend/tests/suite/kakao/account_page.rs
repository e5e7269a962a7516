//! What users end on the account pages ends in the API at once.

use serde_json::{Value, json};

use super::{FORM, bearer, error, form, get, ok, server, sign_up, user_id};
use crate::{
    browser::{Browser, Server},
    form::RenderedPage,
    screen,
};

const PAGE: &str = "/account/services/shop-rest-api-key";

async fn with_screen() -> Server {
    let server = server().await;
    screen::build(&server);
    screen::make_room(&server);
    server
}

async fn send(browser: &mut Browser, path: &str, more: &[(&str, &str)]) {
    let page = RenderedPage::of(browser.get(&format!("{PAGE}/leave")).await);
    let token = page.attribute("input[name=csrf_token]", "value");
    let body = form(&[&[("csrf_token", &*token)], more].concat());
    browser.post(&format!("{PAGE}/{path}"), FORM, body).await.location();
}

#[tokio::test]
async fn what_was_withdrawn_is_gone_from_the_api() {
    let server = with_screen().await;
    let tokens = sign_up(&server, "hana").await;
    let mut browser = server.proxied("hana");
    let me: Value = ok(&get(&server, "/v2/user/me", &bearer(&tokens)).await);
    assert_eq!(me["kakao_account"]["email"], "hana@example.com");
    send(&mut browser, "withdraw", &[("key", "item:account_email")]).await;
    send(&mut browser, "withdraw", &[("key", "term:marketing")]).await;
    let me: Value = ok(&get(&server, "/v2/user/me", &bearer(&tokens)).await);
    assert_eq!(me["kakao_account"].get("email"), None);
    assert_eq!(me["kakao_account"]["email_needs_agreement"], true);
    let scopes: Value = ok(&get(&server, "/v2/user/scopes", &bearer(&tokens)).await);
    let email = scopes["scopes"].as_array().unwrap().iter().find(|it| it["id"] == "account_email");
    assert_eq!(email.unwrap()["agreed"], false);
    let terms: Value = ok(&get(&server, "/v2/user/service_terms", &bearer(&tokens)).await);
    let tags: Vec<_> =
        terms["service_terms"].as_array().unwrap().iter().map(|it| &it["tag"]).collect();
    assert_eq!(tags, ["tos"]);
}

#[tokio::test]
async fn leaving_is_an_unlink_and_the_user_id_stays() {
    let server = with_screen().await;
    let tokens = sign_up(&server, "hana").await;
    let id = user_id(&server, &tokens).await;
    let mut browser = server.proxied("hana");
    send(&mut browser, "leave", &[]).await;
    error(&get(&server, "/v2/user/me", &bearer(&tokens)).await, 401, -401);
    let again = sign_up(&server, "hana").await;
    assert_eq!(user_id(&server, &again).await, id);
    let me: Value = ok(&get(&server, "/v2/user/me", &bearer(&again)).await);
    assert_eq!(me["id"], json!(id));
}
