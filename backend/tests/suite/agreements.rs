//! What a standard client learns of the answers: terms, items and channels.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::{
    browser::{Server, cancel},
    client::{get, request, server, text, tokens, userinfo},
};

const SCOPE: &str = "openid agreements";
const PATH: &str = "/oauth/agreements";

async fn agreements(server: &Server, tokens: &Value) -> Value {
    let answer = get(server, PATH, text(tokens, "access_token")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

/// The times, which differ, taken out after a look.
fn without_times(mut agreements: Value) -> Value {
    for list in ["terms", "items"] {
        for answer in agreements[list].as_array_mut().unwrap() {
            let time = answer.as_object_mut().unwrap().remove("answered_at");
            let is_answered = answer["status"] == "agreed" || answer["status"] == "refused";
            assert_eq!(time.is_some(), is_answered, "{answer}");
            if let Some(time) = time {
                let time = time.as_str().unwrap();
                assert!(time.ends_with('Z') && time.len() == 20, "RFC 3339, UTC: {time}");
            }
        }
    }
    agreements
}

#[tokio::test]
async fn agreed_refused_and_never_asked_are_kept_apart() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let ticked = ["term:news", "item:account_email", "channel:_shop"];
    let tokens = tokens(&server, &mut browser, "shop", SCOPE, &ticked).await;
    assert_eq!(tokens["scope"], "openid agreements profile_nickname account_email");
    let found = agreements(&server, &tokens).await;
    let expected = json!({
        "terms": [
            { "tag": "tos", "required": true, "status": "agreed", "version": "1" },
            { "tag": "news", "required": false, "status": "agreed", "version": "7" },
            { "tag": "later", "required": false, "status": "not_asked" },
        ],
        "items": [
            { "id": "profile_nickname", "required": true, "status": "agreed" },
            { "id": "account_email", "required": false, "status": "agreed" },
            { "id": "phone_number", "required": false, "status": "refused" },
        ],
        "channels": [{ "public_id": "_shop", "relation": "added" }],
    });
    assert_eq!(without_times(found.clone()), expected);
    // The same at userinfo, as a claim.
    let info: Value = userinfo(&server, &tokens).await.json();
    assert_eq!(info["agreements"], found);
    assert_eq!(info["email"], "hana@example.com");
}

#[tokio::test]
async fn a_refusal_has_its_version_and_a_withdrawal_is_none() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let ticked = ["item:account_email"];
    let tokens = tokens(&server, &mut browser, "shop", SCOPE, &ticked).await;
    let found = without_times(agreements(&server, &tokens).await);
    assert_eq!(
        found["terms"][1],
        json!({ "tag": "news", "required": false, "status": "refused", "version": "7" })
    );
    assert_eq!(found["channels"][0]["relation"], "none");
    let withdraw = "DELETE FROM agreements WHERE key IN ('term:tos', 'item:account_email')";
    server.execute(withdraw).await.unwrap();
    let found = without_times(agreements(&server, &tokens).await);
    assert_eq!(found["terms"][0]["status"], "withdrawn");
    assert_eq!(found["items"][1]["status"], "withdrawn");
}

#[tokio::test]
async fn a_cancelled_screen_is_no_answer_and_the_latest_answer_counts() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let tokens = tokens(&server, &mut browser, "shop", SCOPE, &["term:news"]).await;
    let uri = "https://shop.example/callback";
    let mut asks_later = request("shop", uri, "openid account_email");
    asks_later.push(("service_terms", "later"));
    let challenge = browser.authorize(&asks_later).await.challenge();
    browser.decide(&challenge, &cancel()).await;
    let found = without_times(agreements(&server, &tokens).await);
    assert_eq!(found["terms"][2]["status"], "not_asked");
    assert_eq!(found["items"][1]["status"], "refused", "at sign-up");
    server.clock.advance(60);
    let ticked = ["item:account_email"];
    crate::client::code(&mut browser, "shop", "openid account_email", &ticked).await;
    let found = without_times(agreements(&server, &tokens).await);
    assert_eq!(found["items"][1]["status"], "agreed");
}

#[tokio::test]
async fn another_service_and_another_person_are_not_in_it() {
    let server = server().await;
    let ticked = ["term:news", "channel:_shop"];
    tokens(&server, &mut server.proxied("hana"), "shop", SCOPE, &ticked).await;
    for (account, client_id) in [("hana", "books"), ("duri", "shop")] {
        let tokens = tokens(&server, &mut server.proxied(account), client_id, SCOPE, &[]).await;
        let found = agreements(&server, &tokens).await;
        assert_eq!(found["terms"][1]["status"], "refused", "{account} at {client_id}");
        let channel = json!([{ "public_id": format!("_{client_id}"), "relation": "none" }]);
        assert_eq!(found["channels"], channel);
    }
}

#[tokio::test]
async fn without_the_scope_nothing_of_it_is_shown() {
    let server = server().await;
    let tokens = tokens(&server, &mut server.proxied("hana"), "shop", "openid", &[]).await;
    assert_eq!(tokens["scope"], "openid profile_nickname");
    let info: Value = userinfo(&server, &tokens).await.json();
    assert!(info.get("agreements").is_none(), "{info}");
    let answer = get(&server, PATH, text(&tokens, "access_token")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn bad_requests_get_the_errors_of_rfc_6750() {
    let server = server().await;
    let answer = server.browser().get(PATH).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::UNAUTHORIZED, 0));
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    let answer = get(&server, PATH, "made-up").await;
    assert_eq!(answer.json::<Value>()["error"], "invalid_token");
    let request = Request::get(PATH).header("authorization", "Bearer ");
    let answer = server.browser().send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json::<Value>()["error"]),
        (400, &"invalid_request".into())
    );
    for method in ["POST", "PUT", "DELETE"] {
        let request = Request::builder().method(method).uri(PATH).body(Body::empty()).unwrap();
        let answer = server.browser().send(request).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.json::<Value>()["error"], "invalid_request");
    }
    server.app.close().await;
    let answer = get(&server, PATH, "x").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}
