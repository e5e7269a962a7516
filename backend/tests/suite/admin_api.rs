//! The admin API: a messenger reports channel relations and memberships.

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use consent_contract::request::{ConsentRequest, Relation};
use serde_json::Value;
use tower::ServiceExt;

use crate::{
    audit,
    browser::{Browser, Server, agreement},
    client::{request, services},
    webhooks::{self, receiver::Receiver},
};

const TOKEN: &str = "a-token-of-the-admin-api-0123456789";
const CHANNEL: &str = "/admin/v1/accounts/hana/channels/_shop";
const MESSENGER: &str = "/admin/v1/accounts/hana/messenger";

fn with_admin(toml: &str) -> String {
    format!("{toml}\n[admin]\ntoken = \"{TOKEN}\"\n")
}

async fn server() -> Server {
    Server::configured(&with_admin(&services())).await.unwrap()
}

struct Answer {
    status: StatusCode,
    kind: String,
    challenge: String,
    body: String,
}

async fn send(server: &Server, method: &str, path: &str, token: &str, body: &str) -> Answer {
    let mut call = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        call = call.header(header::AUTHORIZATION, token);
    }
    if !body.is_empty() {
        call = call.header(header::CONTENT_TYPE, "application/json");
    }
    let call = call.body(Body::from(body.to_owned())).unwrap();
    let answer = server.app.admin_router().oneshot(call).await.unwrap();
    let header = |name: header::HeaderName| {
        answer.headers().get(name).map_or("", |it| it.to_str().unwrap()).to_owned()
    };
    let (kind, challenge) = (header(header::CONTENT_TYPE), header(header::WWW_AUTHENTICATE));
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    Answer { status, kind, challenge, body: String::from_utf8(body.to_vec()).unwrap() }
}

/// A call with the token.
async fn call(server: &Server, method: &str, path: &str, body: &str) -> Answer {
    send(server, method, path, &format!("Bearer {TOKEN}"), body).await
}

#[track_caller]
fn is_problem(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert_eq!(answer.kind, "application/problem+json");
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["status"], status);
}

/// What hana is asked by the shop at a new request.
async fn asked(browser: &mut Browser) -> ConsentRequest {
    let shop = request("shop", "https://shop.example/callback", "openid");
    let challenge = browser.authorize(&shop).await.challenge();
    browser.asked(&challenge).await
}

#[tokio::test]
async fn without_the_token_nothing_is_there() {
    let server = server().await;
    let (other, basic) = (format!("Bearer {TOKEN}x"), format!("Basic {TOKEN}"));
    for token in ["", "Bearer", "Bearer ", &*other, &*basic] {
        for (method, path) in [("PUT", CHANNEL), ("DELETE", CHANNEL), ("PUT", MESSENGER)] {
            let answer = send(&server, method, path, token, "{\"relation\":\"added\"}").await;
            is_problem(&answer, 401);
            assert_eq!(answer.challenge, "Bearer realm=\"admin\"");
        }
    }
    assert_eq!(server.count("SELECT count(*) FROM channel_relations").await, 0);
    let lines = audit::read(&server.app, server.folder.path());
    let wrong = lines.iter().filter(|it| it["credential"] == "admin_token");
    assert_eq!(wrong.count(), 2 * 3, "only of those that have a token to compare");
    // Not where browsers come.
    assert_eq!(server.browser().get(CHANNEL).await.status, 404);

    let without = Server::configured(&services()).await.unwrap();
    is_problem(&call(&without, "DELETE", CHANNEL, "").await, 404);
}

#[tokio::test]
async fn bad_calls_change_nothing() {
    let server = server().await;
    for (method, path, body, status) in [
        ("PUT", CHANNEL, "", 400),
        ("PUT", CHANNEL, "{}", 400),
        ("PUT", CHANNEL, "{\"relation\":\"liked\"}", 400),
        ("PUT", CHANNEL, "{\"relation\":\"added\",\"more\":1}", 400),
        ("PUT", MESSENGER, "{\"registered\":\"no\"}", 400),
        ("PUT", "/admin/v1/accounts/nobody/channels/_shop", "{\"relation\":\"added\"}", 404),
        ("PUT", "/admin/v1/accounts/hana/channels/_none", "{\"relation\":\"added\"}", 404),
        ("DELETE", "/admin/v1/accounts/nobody/messenger", "", 404),
        ("GET", CHANNEL, "", 405),
    ] {
        let answer = call(&server, method, path, body).await;
        is_problem(&answer, status);
    }
    let large = format!("{{\"relation\":\"{}\"}}", "x".repeat(10_000));
    is_problem(&call(&server, "PUT", CHANNEL, &large).await, 413);
    assert_eq!(server.count("SELECT count(*) FROM channel_relations").await, 0);
    assert_eq!(server.count("SELECT count(*) FROM messenger_members").await, 0);
}

#[tokio::test]
async fn what_the_messenger_knows_decides_whether_a_channel_is_offered() {
    let server = server().await;
    let mut hana = server.proxied("hana");
    let offered = async |browser: &mut Browser| {
        let request = asked(browser).await;
        let is_offered = !consent_contract::channel::offered(&request).is_empty();
        (request.account.messenger_registered, request.channels[0].relation, is_offered)
    };
    assert_eq!(offered(&mut hana).await, (true, Relation::None, true));
    for (relation, expected) in
        [("added", Relation::Added), ("blocked", Relation::Blocked), ("none", Relation::None)]
    {
        let body = format!("{{\"relation\":\"{relation}\"}}");
        assert_eq!(call(&server, "PUT", CHANNEL, &body).await.status, StatusCode::NO_CONTENT);
        let is_none = expected == Relation::None;
        assert_eq!(offered(&mut hana).await, (true, expected, is_none), "{relation}");
    }
    call(&server, "PUT", CHANNEL, "{\"relation\":\"added\"}").await;
    assert_eq!(call(&server, "DELETE", CHANNEL, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(offered(&mut hana).await, (true, Relation::None, true));

    let body = "{\"registered\":false}";
    assert_eq!(call(&server, "PUT", MESSENGER, body).await.status, StatusCode::NO_CONTENT);
    assert_eq!(call(&server, "PUT", MESSENGER, body).await.status, StatusCode::NO_CONTENT);
    assert_eq!(offered(&mut hana).await, (false, Relation::None, false));
    assert!(offered(&mut server.proxied("duri")).await.0, "another account");
    assert_eq!(call(&server, "DELETE", MESSENGER, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(offered(&mut hana).await, (true, Relation::None, true));

    let lines = audit::read(&server.app, server.folder.path());
    let of = |event: &str| lines.iter().filter(|it| it["event"] == event).count();
    assert_eq!(of("channel_relation"), 5);
    assert_eq!(of("messenger_membership"), 2, "what was so before has no line");
}

#[tokio::test]
async fn services_of_the_channel_hear_of_one_that_was_added() {
    let receiver = Receiver::new();
    let target = format!(
        "[service.events]\nurl = \"{}\"\n\n[service.personal_info]",
        receiver.url("/events")
    );
    let toml = with_admin(&services().replacen("[service.personal_info]", &target, 1));
    let server = webhooks::server(&toml).await;
    let channel_events = "SELECT count(*) FROM outbox WHERE event LIKE '%\"channel_added\"%'";
    // Not linked: no service hears of it.
    call(&server, "PUT", CHANNEL, "{\"relation\":\"added\"}").await;
    call(&server, "DELETE", CHANNEL, "").await;
    assert_eq!(server.count(channel_events).await, 0);
    let mut hana = server.proxied("hana");
    let shop = request("shop", "https://shop.example/callback", "openid");
    let challenge = hana.authorize(&shop).await.challenge();
    let asked = hana.asked(&challenge).await;
    let answer = hana.decide(&challenge, &agreement(&asked, |_, required| required)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    for _ in 0..2 {
        call(&server, "PUT", CHANNEL, "{\"relation\":\"added\"}").await;
    }
    assert_eq!(server.count(channel_events).await, 1);
    call(&server, "PUT", CHANNEL, "{\"relation\":\"blocked\"}").await;
    assert_eq!(server.count(channel_events).await, 1);
    server.app.deliver_events().await;
    assert_eq!(
        server.count("SELECT count(*) FROM outbox WHERE next_at IS NOT NULL").await,
        0,
        "they are delivered"
    );
}

#[tokio::test]
async fn the_token_must_be_long() {
    for token in ["short", "a token with spaces in it, which is long enough"] {
        let toml = format!("{}\n[admin]\ntoken = \"{token}\"\n", services());
        let Err(error) = Server::configured(&toml).await else { panic!("{token}") };
        assert!(error.to_string().contains("at least 32 characters"), "{error}");
        assert!(!error.to_string().contains(token), "{error}");
    }
}
