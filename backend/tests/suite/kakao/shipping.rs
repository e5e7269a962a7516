//! `/v1/user/shipping_address`.

use serde_json::{Value, json};

use super::{
    SHOP, admin, bearer, error, get, ok, post, required, server, server_with, sign_up,
    sign_up_with, target, user_id,
};
use crate::browser::Server;

const PATH: &str = "/v1/user/shipping_address";

#[tokio::test]
async fn addresses_come_with_consent() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let found = ok(&get(&server, PATH, &bearer(&tokens)).await);
    assert_eq!(found["user_id"], user_id(&server, &tokens).await);
    assert_eq!(found["shipping_addresses_needs_agreement"], false);
    let address = &found["shipping_addresses"][0];
    assert_eq!(address["base_address"], "서울시 중구 세종대로 110");
    assert!(address["updated_at"].is_i64() && address["id"].is_i64());
    let path = format!("{PATH}?{}", target(user_id(&server, &tokens).await));
    assert_eq!(ok(&get(&server, &path, &admin()).await), found);
}

#[tokio::test]
async fn addresses_are_chosen_by_id_and_time() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let found = ok(&get(&server, PATH, &bearer(&tokens)).await);
    let (id, at) =
        (&found["shipping_addresses"][0]["id"], &found["shipping_addresses"][0]["updated_at"]);
    let count = async |query: String| {
        let found: Value = ok(&get(&server, &format!("{PATH}?{query}"), &bearer(&tokens)).await);
        found["shipping_addresses"].as_array().map_or(0, Vec::len)
    };
    let later = at.as_i64().unwrap() + 1;
    assert_eq!(count(format!("address_id={id}")).await, 1);
    assert_eq!(count("address_id=99".to_owned()).await, 0);
    assert_eq!(count(format!("from_updated_at={later}&page_size=2")).await, 1);
    assert_eq!(count(format!("from_updated_at={at}")).await, 0);
    for query in ["page_size=1", "page_size=x", "address_id=x", "from_updated_at=x"] {
        error(&get(&server, &format!("{PATH}?{query}"), &bearer(&tokens)).await, 400, -2);
    }
}

#[tokio::test]
async fn without_consent_there_is_no_address() {
    let server = server().await;
    let tokens = sign_up_with(&server, "hana", required).await;
    let id = user_id(&server, &tokens).await;
    let expected = json!({ "user_id": id, "shipping_addresses_needs_agreement": true });
    assert_eq!(ok(&get(&server, PATH, &bearer(&tokens)).await), expected);
}

#[tokio::test]
async fn an_app_without_the_item_is_refused() {
    let start = SHOP.find("[[service.personal_info.items]]\nid = \"shipping_address\"").unwrap();
    let end = SHOP[start..].find("[[service.channels]]").unwrap() + start;
    let toml = [&SHOP[..start], &SHOP[end..]].concat();
    let server = Server::configured(&toml).await.unwrap();
    let tokens = sign_up(&server, "hana").await;
    error(&get(&server, PATH, &bearer(&tokens)).await, 403, -3);
}

#[tokio::test]
async fn there_is_no_address_until_the_sign_up_is_complete() {
    let server = server_with(&[("app_id = 123456", "manual_connection = true")]).await;
    let tokens = sign_up(&server, "hana").await;
    let id = user_id(&server, &tokens).await;
    let expected = json!({ "user_id": id, "shipping_addresses_needs_agreement": true });
    assert_eq!(ok(&get(&server, PATH, &bearer(&tokens)).await), expected);
    let by_id = format!("{PATH}?{}", target(id));
    assert_eq!(ok(&get(&server, &by_id, &admin()).await), expected);
    ok(&post(&server, "/v1/user/signup", &bearer(&tokens), &[]).await);
    let found = ok(&get(&server, PATH, &bearer(&tokens)).await);
    assert!(found["shipping_addresses"][0].is_object(), "{found}");
}
