//! Events that a messenger's server reports, signed as Standard Webhooks.

use aws_lc_rs::hmac;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use consent_contract::request::{ConsentRequest, Relation};
use serde_json::{Value, json};

use crate::{
    audit,
    browser::{Answer, Browser, Server, agreement},
    client::{request, services},
    webhooks::{self, receiver::Receiver},
};

const PATH: &str = "/api/v1/messenger/events";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PREVIOUS: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

fn with_events(toml: &str) -> String {
    format!("{toml}\n[messenger_events]\nsecret = \"{SECRET}\"\nprevious_secret = \"{PREVIOUS}\"\n")
}

async fn server() -> Server {
    Server::configured(&with_events(&services())).await.unwrap()
}

/// A signature as the specification has it, by code of this test alone.
fn signature(secret: &str, id: &str, sent_at: i64, body: &str) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let mac = hmac::sign(&key, format!("{id}.{sent_at}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac))
}

/// Sends a body under an id, signed now.
async fn post(server: &Server, id: &str, body: &str) -> Answer {
    let now = server.clock.now();
    signed(server, id, now, &signature(SECRET, id, now, body), body).await
}

async fn signed(server: &Server, id: &str, sent_at: i64, signature: &str, body: &str) -> Answer {
    let request = Request::post(PATH)
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", sent_at.to_string())
        .header("webhook-signature", signature);
    server.browser().send(request.body(Body::from(body.to_owned())).unwrap()).await
}

/// The time so many milliseconds from now.
fn at(server: &Server, milliseconds: i64) -> String {
    let nanoseconds = i128::from(server.clock.now() * 1000 + milliseconds) * 1_000_000;
    let time = time::OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap();
    time.format(&time::format_description::well_known::Rfc3339).unwrap()
}

fn event(kind: &str, timestamp: &str, data: &Value) -> String {
    json!({ "type": kind, "timestamp": timestamp, "data": data }).to_string()
}

/// Sends an event about hana and returns what became of it.
async fn report(server: &Server, id: &str, kind: &str, timestamp: &str) -> String {
    let body = event(kind, timestamp, &json!({ "account": "hana", "channel": "_shop" }));
    result(&post(server, id, &body).await)
}

#[track_caller]
fn result(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let body: Value = answer.json();
    body["result"].as_str().unwrap().to_owned()
}

/// What hana is asked by the shop at a new request.
async fn asked(browser: &mut Browser) -> ConsentRequest {
    let shop = request("shop", "https://shop.example/callback", "openid");
    let challenge = browser.authorize(&shop).await.challenge();
    browser.asked(&challenge).await
}

async fn known(server: &Server) -> (bool, Relation) {
    let asked = asked(&mut server.proxied("hana")).await;
    (asked.account.messenger_registered, asked.channels[0].relation)
}

#[tokio::test]
async fn each_event_decides_what_the_next_screen_has() {
    let server = server().await;
    assert_eq!(known(&server).await, (true, Relation::None));
    for (number, (kind, expected)) in [
        ("channel.added", (true, Relation::Added)),
        ("channel.blocked", (true, Relation::Blocked)),
        ("channel.removed", (true, Relation::None)),
        ("messenger.left", (false, Relation::None)),
        ("messenger.joined", (true, Relation::None)),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("msg_{number}");
        let when = at(&server, i64::try_from(number).unwrap());
        assert_eq!(report(&server, &id, kind, &when).await, "applied", "{kind}");
        assert_eq!(known(&server).await, expected, "{kind}");
    }
    let lines = audit::read(&server.app, server.folder.path());
    let reported: Vec<_> = lines.iter().filter(|it| it["actor"] == "messenger").collect();
    assert_eq!(reported.len(), 5, "{lines:?}");
    assert_eq!(reported[0]["event"], "channel_relation");
    assert_eq!(reported[0]["relation"], "added");
    assert_eq!(reported[4]["event"], "messenger_membership");
}

#[tokio::test]
async fn an_event_counts_once_and_undoes_nothing_newer() {
    let server = server().await;
    let early = at(&server, -60_000);
    let (first, second, third) = (at(&server, 0), at(&server, 250), at(&server, 500));
    assert_eq!(report(&server, "msg_1", "channel.blocked", &second).await, "applied");
    assert_eq!(report(&server, "msg_1", "channel.blocked", &second).await, "duplicate");
    // The same id with another content is the same event.
    assert_eq!(report(&server, "msg_1", "channel.added", &third).await, "duplicate");
    // Those that happened before come late, also within the same second.
    assert_eq!(report(&server, "msg_2", "channel.added", &first).await, "outdated");
    assert_eq!(report(&server, "msg_3", "channel.removed", &early).await, "outdated");
    assert_eq!(known(&server).await, (true, Relation::Blocked));
    assert_eq!(report(&server, "msg_4", "channel.blocked", &third).await, "unchanged");
    assert_eq!(report(&server, "msg_5", "channel.added", &second).await, "outdated");
    // Another subject has an order of its own.
    assert_eq!(report(&server, "msg_6", "messenger.left", &early).await, "applied");
    assert_eq!(report(&server, "msg_7", "messenger.joined", &early).await, "applied");
    // Sent again after an hour, with a new signature.
    server.clock.advance(60 * 60);
    assert_eq!(report(&server, "msg_1", "channel.blocked", &second).await, "duplicate");
    // What happened before another event was received can be newer than that event.
    assert_eq!(report(&server, "msg_8", "channel.removed", &at(&server, -1_000)).await, "applied");
    assert_eq!(report(&server, "msg_9", "channel.added", &at(&server, -500)).await, "applied");
    assert_eq!(known(&server).await, (true, Relation::Added));
    // Ids are kept for a week.
    assert_eq!(server.count("SELECT count(*) FROM messenger_events").await, 9);
    server.clock.advance(8 * 24 * 60 * 60);
    server.app.run_maintenance().await;
    assert_eq!(server.count("SELECT count(*) FROM messenger_events").await, 0);
}

#[tokio::test]
async fn what_the_user_did_on_the_screen_is_not_undone_by_an_older_event() {
    let server = server().await;
    let mut hana = server.proxied("hana");
    let shop = request("shop", "https://shop.example/callback", "openid");
    let challenge = hana.authorize(&shop).await.challenge();
    let asked = hana.asked(&challenge).await;
    let all = agreement(&asked, |_, _| true);
    assert_eq!(hana.decide(&challenge, &all).await.status, StatusCode::OK);
    let before = at(&server, -2_000);
    assert_eq!(report(&server, "msg_1", "channel.blocked", &before).await, "outdated");
    let relation = "SELECT count(*) FROM channel_relations WHERE relation = 'added'";
    assert_eq!(server.count(relation).await, 1);
    let after = at(&server, 2_000);
    assert_eq!(report(&server, "msg_2", "channel.blocked", &after).await, "applied");
    assert_eq!(server.count(relation).await, 0);
}

#[tokio::test]
async fn only_what_is_signed_now_is_taken() {
    let server = server().await;
    let now = server.clock.now();
    let body =
        event("channel.added", &at(&server, 0), &json!({ "account": "hana", "channel": "_shop" }));
    let good = signature(SECRET, "msg_1", now, &body);
    let other = signature("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "msg_1", now, &body);
    for wrong in [&*other, "v1,AAAA", "v1,", "", "v1a,AAAA", &good[3..]] {
        let answer = signed(&server, "msg_1", now, wrong, &body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{wrong}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    for (id, sent_at, changed) in [
        ("msg_2", now, &*body),
        ("msg_1", now + 1, &*body),
        ("msg_1", now, &body.replace("hana", "duri")),
    ] {
        let answer = signed(&server, id, sent_at, &good, changed).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    for sent_at in [now - 301, now + 301] {
        let signature = signature(SECRET, "msg_1", sent_at, &body);
        let answer = signed(&server, "msg_1", sent_at, &signature, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.text().contains("webhook-timestamp"), "{}", answer.text());
    }
    let request = Request::post(PATH).header("content-type", "application/json");
    let answer = server.browser().send(request.body(Body::from(body.clone())).unwrap()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("webhook-id"), "{}", answer.text());
    assert_eq!(server.count("SELECT count(*) FROM messenger_events").await, 0);
    let lines = audit::read(&server.app, server.folder.path());
    let refused = lines.iter().filter(|it| it["credential"] == "messenger_signature").count();
    assert_eq!(refused, 9);

    // While the messenger changes its secret: either of them, and one signature of several.
    let previous = signature(PREVIOUS, "msg_1", now, &body);
    assert_eq!(result(&signed(&server, "msg_1", now, &previous, &body).await), "applied");
    let both = format!("{other} {}", signature(SECRET, "msg_2", now, &body));
    assert_eq!(result(&signed(&server, "msg_2", now, &both, &body).await), "unchanged");
}

#[tokio::test]
async fn what_cannot_be_used_is_named() {
    let server = server().await;
    let now = at(&server, 0);
    let hana = json!({ "account": "hana", "channel": "_shop" });
    for (number, (body, expected)) in [
        (event("channel.added", "yesterday", &hana), "RFC 3339"),
        (event("channel.added", &at(&server, 301_000), &hana), "in the future"),
        (event("channel.added", &now, &json!({ "channel": "_shop" })), "`account` or `subject`"),
        (
            event(
                "channel.added",
                &now,
                &json!({ "account": "hana", "subject": "hana", "channel": "_shop" }),
            ),
            "`account` or `subject`",
        ),
        (event("channel.added", &now, &json!({ "account": "hana" })), "`data.channel`"),
        ("{".to_owned(), "not an event"),
        ("[]".to_owned(), "not an event"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = post(&server, &format!("msg_{number}"), &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {}", answer.text());
        assert!(answer.text().contains(expected), "{body}: {}", answer.text());
        assert!(!answer.text().contains("hana"), "{}", answer.text());
    }
    for (number, (kind, data, expected)) in [
        ("channel.added", json!({ "account": "unknown", "channel": "_shop" }), "unknown_account"),
        ("channel.added", json!({ "account": "hana", "channel": "_none" }), "unknown_channel"),
        ("friend.added", json!({ "account": "hana" }), "ignored"),
        ("ping", json!([{ "account": 1 }]), "ignored"),
        ("channel.added", json!({ "subject": "hana", "channel": "_shop", "more": 1 }), "applied"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("msg_known_{number}");
        assert_eq!(
            result(&post(&server, &id, &event(kind, &now, &data)).await),
            expected,
            "{kind}"
        );
    }
    let large = event("channel.added", &now, &json!({ "account": "x".repeat(5_000) }));
    assert_eq!(post(&server, "msg_large", &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(server.browser().get(PATH).await.status, StatusCode::METHOD_NOT_ALLOWED);

    let without = Server::configured(&services()).await.unwrap();
    let body = event("channel.added", &now, &hana);
    assert_eq!(post(&without, "msg_1", &body).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_service_hears_once_of_a_channel_that_was_added() {
    let receiver = Receiver::new();
    let target = format!(
        "[service.events]\nurl = \"{}\"\n\n[service.personal_info]",
        receiver.url("/events")
    );
    let toml = with_events(&services().replacen("[service.personal_info]", &target, 1));
    let server = webhooks::server(&toml).await;
    let mut hana = server.proxied("hana");
    let shop = request("shop", "https://shop.example/callback", "openid");
    let challenge = hana.authorize(&shop).await.challenge();
    let asked = hana.asked(&challenge).await;
    let answer = hana.decide(&challenge, &agreement(&asked, |_, required| required)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let when = at(&server, 1_000);
    assert_eq!(report(&server, "msg_1", "channel.added", &when).await, "applied");
    assert_eq!(report(&server, "msg_1", "channel.added", &when).await, "duplicate");
    assert_eq!(report(&server, "msg_2", "channel.added", &when).await, "unchanged");
    let channel_events = "SELECT count(*) FROM outbox WHERE event LIKE '%\"channel_added\"%'";
    assert_eq!(server.count(channel_events).await, 1);
}

#[tokio::test]
async fn secrets_that_cannot_be_used_are_refused() {
    for (table, expected) in [
        ("[messenger_events]\n", "`secret`"),
        ("[messenger_events]\nsecret = \"too-short\"\n", "`whsec_`"),
        ("[messenger_events]\nsecret = \"whsec_AAAA\"\n", "24 to 64 bytes"),
        ("[messenger_events]\nsecret = { file = \"missing\" }\n", "missing"),
    ] {
        let refused = Server::configured(&format!("{}\n{table}", services())).await;
        let Err(error) = refused else { panic!("{table}") };
        assert!(error.to_string().contains(expected), "{table}: {error}");
    }
    let twice = format!(
        "{}\n[messenger_events]\nsecret = \"{SECRET}\"\nprevious_secret = \"{SECRET}\"\n",
        services()
    );
    let Err(error) = Server::configured(&twice).await else { panic!("accepted") };
    assert!(error.to_string().contains("is the `secret`"), "{error}");
}
