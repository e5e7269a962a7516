//! Agreements that end by themselves (`valid_for`).

use serde_json::json;

use super::{CALLBACK, answer, everything, receiver::Receiver, request, server, shop};
use crate::{
    browser::{Answer, Browser, Server, VERIFIER, parameter},
    kakao,
};

const DAY: i64 = 24 * 60 * 60;

/// The shop, whose optional term is valid for half a year and whose optional item for 30 days.
async fn expiring() -> (Receiver, Server) {
    let receiver = Receiver::new();
    let toml = shop(&receiver.url("/events"))
        .replace("tag = \"news\"\n", "tag = \"news\"\nvalid_for = \"6 months\"\n")
        .replace("id = \"account_email\"\n", "id = \"account_email\"\nvalid_for = \"P30D\"\n");
    (receiver, server(&toml).await)
}

async fn tokens(browser: &mut Browser, redirect_to: &str) -> String {
    let code = parameter(redirect_to, "code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("client_id", "shop"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let answer = browser.post("/oauth/token", "application/x-www-form-urlencoded", body).await;
    let tokens: serde_json::Value = answer.json();
    tokens["access_token"].as_str().unwrap().to_owned()
}

async fn userinfo(server: &Server, token: &str) -> Answer {
    let request = axum::http::Request::get("/oauth/userinfo")
        .header("authorization", format!("Bearer {token}"))
        .body(axum::body::Body::empty());
    server.browser().send(request.unwrap()).await
}

/// A token lives for an hour; the agreement to the item ends in between.
#[tokio::test]
async fn nothing_is_handed_out_past_its_validity() {
    let (receiver, server) = expiring().await;
    let mut browser = server.proxied("hana");
    let scope = [("scope", "openid email account_email")];
    let recorded = answer(&mut browser, &scope, everything).await;
    let token = tokens(&mut browser, &recorded.redirect_to).await;
    let email = |answer: &Answer| answer.json::<serde_json::Value>().get("email").is_some();
    assert!(email(&userinfo(&server, &token).await));
    server.app.deliver_events().await;
    let (_, given) = receiver.take()[0].event();
    let expires_at = given["agreed"].as_array().unwrap().iter().map(|it| it.get("expires_at"));
    assert_eq!(expires_at.flatten().count(), 2, "{given}");

    // Almost 30 days later, with another token.
    let sooner = "UPDATE agreements SET expires_at = expires_at - 30 * 86400 + 600
                  WHERE key = 'item:account_email'";
    server.execute(sooner).await.unwrap();
    server.clock.advance(570);
    assert!(email(&userinfo(&server, &token).await));
    server.clock.advance(31);
    // Maintenance has not run.
    assert!(!email(&userinfo(&server, &token).await));
    let rows = "SELECT count(*) FROM agreements WHERE key = 'item:account_email'";
    assert_eq!(server.count(rows).await, 1);
    // The next login asks again.
    let challenge = browser.authorize(&request(&[])).await.challenge();
    let asked = browser.asked(&challenge).await;
    let ids: Vec<_> = asked.personal_info.items.iter().map(|it| &*it.id).collect();
    assert_eq!((asked.terms.len(), ids), (0, vec!["account_email"]));

    // Maintenance comes late. The end is that of the validity.
    let ends_at =
        server.count("SELECT expires_at FROM agreements WHERE key = 'item:account_email'").await;
    server.clock.advance(DAY);
    server.app.run_maintenance().await;
    assert_eq!(server.count(rows).await, 0);
    server.app.run_maintenance().await;
    server.app.deliver_events().await;
    let heard = receiver.take();
    assert_eq!(heard.len(), 1, "{heard:?}");
    let (name, event) = heard[0].event();
    assert_eq!(name, "consent-expired");
    assert_eq!(event["items"], json!([{ "key": "item:account_email" }]));
    assert_eq!(event["event_timestamp"], ends_at);
    let at = "SELECT changed_at FROM grant_changes WHERE change = 'expire'";
    assert_eq!(server.count(at).await, ends_at);
    let receipt = "SELECT count(*) FROM grant_changes
                   WHERE change = 'expire' AND caused_by = 'expiry'";
    assert_eq!(server.count(receipt).await, 1);
}

#[tokio::test]
async fn a_term_ends_by_the_calendar_and_can_be_agreed_to_again() {
    let (receiver, server) = expiring().await;
    let mut browser = server.proxied("hana");
    answer(&mut browser, &[], everything).await;
    let held = "SELECT count(*) FROM agreements WHERE key = 'term:news'";
    server.clock.advance(179 * DAY);
    server.app.run_maintenance().await;
    assert_eq!(server.count(held).await, 1);
    // Half a year has 181 to 184 days.
    server.clock.advance(6 * DAY);
    server.app.run_maintenance().await;
    assert_eq!(server.count(held).await, 0);
    let stays = "SELECT count(*) FROM agreements WHERE key = 'term:tos'";
    assert_eq!(server.count(stays).await, 1);
    server.app.deliver_events().await;
    let names = receiver.names();
    assert_eq!(names, ["consent-given", "channel-added", "consent-expired", "consent-expired"]);
    answer(&mut browser, &[("prompt", "consent")], everything).await;
    assert_eq!(server.count(held).await, 1);
}

/// The dialect's own endpoints, also before maintenance has run; and a renewal over its API.
#[tokio::test]
async fn kakaos_dialect_hands_out_nothing_past_its_validity() {
    let receiver = Receiver::new();
    let events = format!("\n[service.events]\nurl = \"{}\"\n\n[service.kakao]", receiver.url("/"));
    let toml = kakao::SHOP
        .replace("\n[service.kakao]", &events)
        .replace("id = \"account_email\"\n", "id = \"account_email\"\nvalid_for = \"10 days\"\n")
        .replace("tag = \"marketing\"\n", "tag = \"marketing\"\nvalid_for = \"10 days\"\n");
    let server = server(&toml).await;
    let tokens = kakao::sign_up(&server, "hana").await;
    let id = kakao::user_id(&server, &tokens).await;
    let path = |path: &str| format!("{path}?{}", kakao::target(id));
    let read =
        async |name: &str| kakao::ok(&kakao::get(&server, &path(name), &kakao::admin()).await);
    let terms = async || {
        let all = read("/v2/user/service_terms").await;
        let tags = all["service_terms"].as_array().unwrap().iter();
        tags.map(|it| it["tag"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(read("/v2/user/me").await["kakao_account"]["email"], "hana@example.com");
    assert_eq!(terms().await, ["tos", "marketing"]);

    server.clock.advance(10 * DAY + 60);
    let account = read("/v2/user/me").await["kakao_account"].clone();
    assert!(account.get("email").is_none(), "{account}");
    assert_eq!(account["email_needs_agreement"], true);
    let scopes = read("/v2/user/scopes").await;
    let email = scopes["scopes"].as_array().unwrap().iter().find(|it| it["id"] == "account_email");
    assert_eq!(email.unwrap()["agreed"], false);
    assert_eq!(terms().await, ["tos"]);

    let upgrade = [("tags", "marketing")];
    let renew = path("/v2/user/upgrade/service_terms");
    kakao::ok(&kakao::post(&server, &renew, &kakao::admin(), &upgrade).await);
    assert_eq!(terms().await, ["tos", "marketing"]);
    server.app.run_maintenance().await;
    assert_eq!(terms().await, ["tos", "marketing"]);
    server.app.deliver_events().await;
    let heard = receiver.take();
    let (name, event) = heard.last().unwrap().event();
    assert_eq!(name, "consent-expired");
    assert_eq!(event["items"], json!([{ "key": "item:account_email" }]));
}

/// A wall clock that is set ahead by mistake ends nothing for good.
#[tokio::test]
async fn a_clock_that_jumped_ends_nothing() {
    let (_, server) = expiring().await;
    answer(&mut server.proxied("hana"), &[], everything).await;
    server.app.run_maintenance().await;
    server.clock.set_later(400 * DAY);
    server.app.run_maintenance().await;
    let held = "SELECT count(*) FROM agreements WHERE expires_at IS NOT NULL";
    assert_eq!(server.count(held).await, 2);
}
