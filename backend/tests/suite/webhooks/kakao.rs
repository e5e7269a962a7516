//! Kakao's own webhooks, byte for byte.

use super::{receiver::Receiver, server};
use crate::{
    browser::{Server, agreement},
    kakao::{
        ADMIN_KEY, SHOP, admin, bearer, everything, ok, post, request, required, sign_up,
        sign_up_with, target, user_id,
    },
};

async fn shop(receiver: &Receiver, more: &str) -> Server {
    let targets = format!(
        "app_id = 123456\nunlink_webhook_url = \"{}\"\nchannel_webhook_url = \"{}\"\n{more}",
        receiver.url("/unlinked?from=kakao"),
        receiver.url("/channels"),
    );
    server(&SHOP.replace("app_id = 123456\n", &targets)).await
}

#[tokio::test]
async fn a_sign_up_that_is_not_completed_is_reported_as_the_platform_does() {
    for (method, line, body) in [
        (
            "",
            "POST /unlinked?from=kakao",
            "app_id=123456&user_id=ID&referrer_type=INCOMPLETE_SIGN_UP",
        ),
        (
            "unlink_webhook_method = \"GET\"\n",
            "GET /unlinked?from=kakao&app_id=123456&user_id=ID&referrer_type=INCOMPLETE_SIGN_UP",
            "",
        ),
    ] {
        let receiver = Receiver::new();
        let server = shop(&receiver, &format!("manual_connection = true\n{method}")).await;
        let tokens = sign_up_with(&server, "hana", required).await;
        let id = user_id(&server, &tokens).await.to_string();
        server.clock.advance(25 * 60 * 60);
        server.app.run_maintenance().await;
        server.app.deliver_events().await;
        let heard = receiver.take();
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert_eq!(heard[0].line, line.replace("ID", &id));
        assert_eq!(heard[0].body, body.replace("ID", &id));
        assert_eq!(heard[0].header("authorization"), format!("KakaoAK {ADMIN_KEY}"));
        if !body.is_empty() {
            let form = "application/x-www-form-urlencoded";
            assert_eq!(heard[0].header("content-type"), form);
        }
    }
}

#[tokio::test]
async fn a_service_that_unlinks_a_user_itself_hears_nothing() {
    let receiver = Receiver::new();
    let server = shop(&receiver, "").await;
    let tokens = sign_up_with(&server, "hana", required).await;
    ok(&post(&server, "/v1/user/unlink", &bearer(&tokens), &[]).await);
    let tokens = sign_up_with(&server, "hana", required).await;
    let id = target(user_id(&server, &tokens).await);
    ok(&post(&server, &format!("/v1/user/unlink?{id}"), &admin(), &[]).await);
    server.app.deliver_events().await;
    assert_eq!(receiver.heard().len(), 0);
    assert_eq!(server.count("SELECT count(*) FROM outbox").await, 0);
}

/// 200 and nothing else, within three seconds.
#[tokio::test]
async fn an_unlink_webhook_needs_200() {
    let receiver = Receiver::new();
    let server = shop(&receiver, "manual_connection = true\n").await;
    receiver.answers(&[204, 302, 200]);
    sign_up_with(&server, "hana", required).await;
    server.clock.advance(25 * 60 * 60);
    server.app.run_maintenance().await;
    for attempts in 1..=3 {
        server.app.deliver_events().await;
        assert_eq!(receiver.heard().len(), attempts);
        server.clock.advance(12 * 60 * 60);
    }
    server.app.deliver_events().await;
    assert_eq!(receiver.heard().len(), 3);
}

#[tokio::test]
async fn an_added_channel_is_reported_as_the_platform_does() {
    let receiver = Receiver::new();
    let server = shop(&receiver, "").await;
    let tokens = sign_up(&server, "hana").await;
    let id = user_id(&server, &tokens).await.to_string();
    server.app.deliver_events().await;
    let heard = receiver.take();
    assert_eq!(heard.len(), 1, "{heard:?}");
    let heard = &heard[0];
    assert_eq!(heard.line, "POST /channels");
    assert_eq!(heard.header("authorization"), format!("KakaoAK {ADMIN_KEY}"));
    assert_eq!(heard.header("user-agent"), "KakaoOpenAPI/1.0");
    assert_eq!(heard.header("content-type"), "application/json");
    assert_eq!(heard.header("x-kakao-resource-id").len(), 43);
    let body: serde_json::Value = serde_json::from_str(&heard.body).unwrap();
    assert_eq!(body["event"], "added");
    // The shop has no item by which it may know a user's channels.
    assert_eq!(body["id_type"], "open_id");
    assert_ne!(body["id"], *id);
    assert_eq!(body["channel_public_id"], "_shop");
    assert_eq!(body["channel_uuid"], "@shop");
    assert!(body["updated_at"].as_str().unwrap().ends_with('Z'), "{body}");
}

/// The shop with a target for Security Event Tokens, which asks for the user's channels.
async fn shop_with_events(receiver: &Receiver) -> Server {
    let item = "[[service.personal_info.items]]\nid = \"plusfriends\"\nlabel = \"채널\"\n\
                required = false\n\n[[service.channels]]\npublic_id = \"_shop\"";
    let events = format!("[service.events]\nurl = \"{}\"\n\n[[service.terms]]", receiver.url("/"));
    let toml = SHOP
        .replacen("[[service.terms]]", &events, 1)
        .replace("[[service.channels]]\npublic_id = \"_shop\"", item);
    server(&toml).await
}

#[tokio::test]
async fn a_security_event_names_the_subject_of_the_id_token() {
    let receiver = Receiver::new();
    let server = shop_with_events(&receiver).await;
    let tokens = sign_up(&server, "hana").await;
    let id = user_id(&server, &tokens).await.to_string();
    ok(&post(&server, "/v1/user/unlink", &bearer(&tokens), &[]).await);
    server.app.deliver_events().await;
    let heard = receiver.take();
    let names: Vec<_> = heard.iter().map(|it| it.event().0).collect();
    assert_eq!(names, ["consent-given", "channel-added", "account-unlinked"]);
    for event in heard {
        assert_eq!(event.claims()["sub_id"]["sub"], *id);
    }
}

/// The channel webhook names such a user by an id of its own.
#[tokio::test]
async fn a_security_event_does_not_name_the_user_of_a_channel_without_agreement() {
    let receiver = Receiver::new();
    let server = shop_with_events(&receiver).await;
    sign_up_with(&server, "hana", |key, required| {
        everything(key, required) && key.to_string() != "item:plusfriends"
    })
    .await;
    server.app.deliver_events().await;
    assert_eq!(receiver.names(), ["consent-given"]);
}

/// With the item `plusfriends` a channel is reported under the user id of the API.
#[tokio::test]
async fn who_may_know_the_channels_gets_the_user_id() {
    let receiver = Receiver::new();
    let item = "[[service.personal_info.items]]\nid = \"plusfriends\"\nlabel = \"채널\"\n\
                required = false\n\n[[service.channels]]\npublic_id = \"_shop\"";
    let targets =
        format!("app_id = 123456\nchannel_webhook_url = \"{}\"\n", receiver.url("/channels"));
    let toml = SHOP
        .replace("app_id = 123456\n", &targets)
        .replace("[[service.channels]]\npublic_id = \"_shop\"", item);
    let server = server(&toml).await;
    let mut ids = Vec::new();
    for (account, is_ticked) in [("hana", true), ("bare", false)] {
        let mut browser = server.proxied(account);
        let challenge = browser.authorize(&request(&[])).await.challenge();
        let asked = browser.asked(&challenge).await;
        let ticked = |key: &consent_contract::item::ItemKey, required| {
            everything(key, required) && (is_ticked || key.to_string() != "item:plusfriends")
        };
        assert!(browser.decide(&challenge, &agreement(&asked, ticked)).await.status.is_success());
        server.app.deliver_events().await;
        let heard = receiver.take();
        let body: serde_json::Value = serde_json::from_str(&heard[0].body).unwrap();
        ids.push(body["id_type"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids, ["app_user_id", "open_id"]);
}
