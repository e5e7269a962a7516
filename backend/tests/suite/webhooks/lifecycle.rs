//! Changes without a decision on the screen.

use serde_json::json;

use super::{receiver::Receiver, server};
use crate::kakao::{SHOP, admin, bearer, ok, post, sign_up, target, user_id};

#[tokio::test]
async fn changes_over_the_api_are_events() {
    let receiver = Receiver::new();
    let events = format!("\n[service.events]\nurl = \"{}\"\n\n[service.kakao]", receiver.url("/"));
    let server = server(&SHOP.replace("\n[service.kakao]", &events)).await;
    let tokens = sign_up(&server, "hana").await;
    let call = async |path: &str, body: &[(&str, &str)]| {
        ok(&post(&server, path, &bearer(&tokens), body).await);
    };
    for _ in 0..2 {
        call("/v2/user/revoke/service_terms", &[("tags", "marketing")]).await;
    }
    // The service reports it itself.
    call("/v2/user/upgrade/service_terms", &[("tags", "points")]).await;
    call("/v2/user/revoke/scopes", &[("scopes", "account_email")]).await;
    call("/v1/user/unlink", &[]).await;
    server.app.deliver_events().await;
    let heard: Vec<_> = receiver.take().iter().map(|it| it.event()).collect();
    let names: Vec<_> = heard.iter().map(|(name, _)| &**name).collect();
    let expected = ["consent-given", "consent-withdrawn", "consent-withdrawn", "account-unlinked"];
    assert_eq!(names, expected);
    assert_eq!(heard[1].1["items"], json!([{ "key": "term:marketing", "version": "1" }]));
    assert_eq!(heard[2].1["items"], json!([{ "key": "item:account_email" }]));
    assert_eq!(heard[3].1["reason"], "user");
    assert_eq!(heard[3].1["items"].as_array().unwrap().len(), 4);

    // The service itself, by its admin key.
    let tokens = sign_up(&server, "bare").await;
    let id = target(user_id(&server, &tokens).await);
    ok(&post(&server, &format!("/v1/user/unlink?{id}"), &admin(), &[]).await);
    server.app.deliver_events().await;
    let heard = receiver.take();
    let (name, event) = heard.last().unwrap().event();
    assert_eq!(name, "account-unlinked");
    assert_eq!(event["reason"], "service");
    assert_eq!(event["initiating_entity"], "admin");
}
