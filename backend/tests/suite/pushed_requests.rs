//! Pushed authorization requests (RFC 9126).

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use consent_contract::{decision::Recorded, problem::Code};
use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::{
    browser::{Answer, Browser, CHALLENGE, Server, VERIFIER, authorize, parameter, required_only},
    oidc_basic::client::{CALLBACK, FORM, Suite, borrowed, form_post},
};

/// Pushes the suite's next request, with changes.
async fn push(suite: &mut Suite, changes: &[(&str, &str)]) -> Answer {
    let parameters = suite.parameters(changes);
    let mut form = Serializer::new(String::new());
    form.extend_pairs(borrowed(&parameters));
    suite.post("/oauth/par", form).await
}

async fn pushed(suite: &mut Suite, changes: &[(&str, &str)]) -> String {
    let answer = push(suite, changes).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let body: Value = answer.json();
    assert_eq!(body["expires_in"], 600);
    body["request_uri"].as_str().unwrap().to_owned()
}

/// What the browser carries.
fn address(client_id: &str, request_uri: &str) -> String {
    authorize(&[("client_id", client_id), ("request_uri", request_uri)])
}

fn signed_in(suite: &Suite, account: &'static str) -> Browser {
    let mut browser = suite.server.browser();
    browser.account = Some(account);
    browser.auth_time = Some(suite.server.clock.now());
    browser
}

/// Agrees to what is required. Where that leads.
async fn agrees(browser: &mut Browser, challenge: &str) -> String {
    let asked = browser.asked(challenge).await;
    let recorded: Recorded = browser.decide(challenge, &required_only(&asked)).await.json();
    recorded.redirect_to
}

#[tokio::test]
async fn a_pushed_request_ends_in_tokens() {
    let mut suite = Suite::new().await;
    let changes = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let sent = suite.parameters(&changes);
    let mut form = Serializer::new(String::new());
    form.extend_pairs(borrowed(&sent));
    let body: Value = suite.post("/oauth/par", form).await.json();
    let request_uri = body["request_uri"].as_str().unwrap();
    assert!(request_uri.starts_with("urn:ietf:params:oauth:request_uri:"));
    let answer = suite.browser.get(&address("basic", request_uri)).await;
    let callback = suite.follow(answer, &sent).await;
    assert_eq!(suite.logins, 1, "the way to the login page and back keeps the request");
    suite.finish(callback, &sent, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(suite.server.count("SELECT count(*) FROM pushed_requests").await, 1);
    suite.server.clock.advance(3 * 3600);
    suite.server.app.run_maintenance().await;
    assert_eq!(suite.server.count("SELECT count(*) FROM pushed_requests").await, 0);
}

#[tokio::test]
async fn a_request_uri_is_used_up_by_the_decision_and_not_by_a_get() {
    let mut suite = Suite::new().await;
    let request_uri = pushed(&mut suite, &[]).await;
    let address = address("basic", &request_uri);
    // A scanner opens the link first, and another person has it, too.
    suite.server.browser().get(&address).await;
    let (mut hana, mut duri) = (signed_in(&suite, "hana"), signed_in(&suite, "duri"));
    let (first, second) =
        (hana.get(&address).await.challenge(), duri.get(&address).await.challenge());
    let to = agrees(&mut hana, &first).await;
    assert!(parameter(&to, "code").is_some());
    // Loading it again in the browser that used it up is no attack.
    assert!(hana.get(&address).await.location_parameter("code").is_some());

    let asked = duri.asked(&second).await;
    let late = duri.decide(&second, &required_only(&asked)).await;
    assert_eq!(late.problem().code, Code::AlreadyDecided);
    assert_eq!(late.problem().redirect_to, None);
    for mut browser in [duri, suite.server.browser()] {
        let answer = browser.get(&address).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(!answer.headers.contains_key("location"));
    }
    assert_eq!(suite.server.count("SELECT count(*) FROM decisions").await, 1);
}

#[tokio::test]
async fn a_code_without_a_decision_uses_it_up_too() {
    let mut suite = Suite::new().await;
    suite.flow(&[]).await;
    let request_uri = pushed(&mut suite, &[]).await;
    let address = address("basic", &request_uri);
    assert!(suite.browser.get(&address).await.location_parameter("code").is_some());
    let other = signed_in(&suite, "duri").get(&address).await;
    assert_eq!(other.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_request_uri_is_bound_to_its_client_and_expires() {
    let mut suite = Suite::new().await;
    let request_uri = pushed(&mut suite, &[]).await;
    let mut hana = signed_in(&suite, "hana");
    let unknown = format!("{request_uri}x");
    for (client_id, request_uri) in
        [("second", &*request_uri), ("", &request_uri), ("basic", &unknown)]
    {
        let answer = hana.get(&address(client_id, request_uri)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{client_id}");
        assert!(answer.header("content-type").starts_with("text/html"));
    }
    let twice = format!("{}&request_uri=x", address("basic", &request_uri));
    assert_eq!(hana.get(&twice).await.status, StatusCode::BAD_REQUEST);
    suite.server.clock.advance(600);
    let answer = hana.get(&address("basic", &request_uri)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    // A browser that comes with it in time has time for the login and the screen.
    let request_uri = pushed(&mut suite, &[]).await;
    let mut hana = signed_in(&suite, "hana");
    hana.get(&address("basic", &request_uri)).await.challenge();
    suite.server.clock.advance(3600);
    hana.get(&address("basic", &request_uri)).await.challenge();
}

#[tokio::test]
async fn parameters_beside_a_request_uri_do_not_count() {
    let mut suite = Suite::new().await;
    suite.flow(&[]).await;
    let request_uri = pushed(&mut suite, &[("state", "pushed")]).await;
    let own = address("basic", &request_uri);
    let more = "&state=other&redirect_uri=https%3A%2F%2Fevil.example%2F&prompt=none&scope=x";
    let answer = suite.browser.get(&format!("{own}{more}")).await;
    assert!(answer.location().starts_with(CALLBACK));
    assert_eq!(answer.location_parameter("state").as_deref(), Some("pushed"));
}

#[tokio::test]
async fn prompts_of_a_pushed_request_are_answered_once() {
    let mut suite = Suite::new().await;
    let first = suite.flow(&[]).await;
    suite.server.clock.advance(10);
    let sent = suite.parameters(&[("prompt", "login consent")]);
    let mut form = Serializer::new(String::new());
    form.extend_pairs(borrowed(&sent));
    let body: Value = suite.post("/oauth/par", form).await.json();
    let address = address("basic", body["request_uri"].as_str().unwrap());
    let answer = suite.browser.get(&address).await;
    let callback = suite.follow(answer, &sent).await;
    assert_eq!((suite.logins, suite.screens), (2, 2));
    let second = suite.finish(callback, &sent, &[]).await;
    assert!(second.auth_time() > first.auth_time());
    // Going back to it afterwards asks nothing again.
    assert!(suite.browser.get(&address).await.location_parameter("code").is_some());
}

#[tokio::test]
async fn switching_the_account_keeps_a_pushed_request() {
    let mut suite = Suite::new().await;
    let request_uri = pushed(&mut suite, &[("state", "pushed")]).await;
    let mut hana = signed_in(&suite, "hana");
    let challenge = hana.get(&address("basic", &request_uri)).await.challenge();
    let switch = hana.asked(&challenge).await.account.switch_url.unwrap();
    assert!(switch.contains("request_uri=") && !switch.contains("state="), "{switch}");
    let answer = hana.get(&switch).await;
    assert_eq!(answer.location_parameter("prompt").as_deref(), Some("select_account"));
    let back = answer.location_parameter("return_to").unwrap();
    let mut duri = hana;
    duri.account = Some("duri");
    let challenge = duri.get(back.strip_prefix("https://id.example").unwrap()).await.challenge();
    let to = agrees(&mut duri, &challenge).await;
    assert_eq!(parameter(&to, "state").as_deref(), Some("pushed"));
}

#[tokio::test]
async fn a_pushed_request_can_be_answered_by_form_post() {
    let mut suite = Suite::new().await;
    let request_uri = pushed(&mut suite, &[("response_mode", "form_post")]).await;
    let mut hana = signed_in(&suite, "hana");
    let challenge = hana.get(&address("basic", &request_uri)).await.challenge();
    let to = agrees(&mut hana, &challenge).await;
    let callback = form_post(&hana.get(&to).await);
    assert_eq!(suite.redeem(callback.get("code"), &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_authorize_would_refuse_is_refused_at_once() {
    let mut suite = Suite::new().await;
    for (change, error) in [
        (("redirect_uri", "https://evil.example/"), "invalid_request"),
        (("redirect_uri", ""), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("response_mode", "fragment"), "invalid_request"),
        (("max_age", "-1"), "invalid_request"),
        (("prompt", "none login"), "invalid_request"),
        (("code_challenge_method", "S256"), "invalid_request"),
        (("claims", "[]"), "invalid_request"),
        (("request", "eyJ"), "request_not_supported"),
        (("request_uri", "urn:ietf:params:oauth:request_uri:x"), "invalid_request"),
        (("request_uri", "https://suite.example/"), "invalid_request"),
    ] {
        let answer = push(&mut suite, &[change]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{change:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
        let body: Value = answer.json();
        assert_eq!(body["error"], error, "{change:?}");
        assert!(body["error_description"].is_string());
    }
    assert_eq!(suite.server.count("SELECT count(*) FROM pushed_requests").await, 0);
}

async fn raw(server: &Server, method: &str, media_type: &str, body: String) -> Answer {
    let request = Request::builder().method(method).uri("/oauth/par");
    let request = request.header("content-type", media_type).body(Body::from(body)).unwrap();
    server.browser().send(request).await
}

#[tokio::test]
async fn clients_authenticate_and_bad_input_gets_an_oauth_error() {
    let mut suite = Suite::new().await;
    let sent = suite.parameters(&[]);
    let form = |more: &[(&str, &str)]| {
        Serializer::new(String::new()).extend_pairs(borrowed(&sent)).extend_pairs(more).finish()
    };
    let secret = ("client_secret", "a secret of basic");
    let large = format!("{}&x={}", form(&[secret]), "x".repeat(20_000));
    for (method, media_type, body, status, error) in [
        ("POST", FORM, form(&[]), 401, "invalid_client"),
        ("POST", FORM, form(&[("client_secret", "wrong")]), 401, "invalid_client"),
        ("POST", FORM, String::new(), 400, "invalid_request"),
        ("POST", FORM, form(&[secret, ("state", "twice")]), 400, "invalid_request"),
        ("POST", "application/json", "{}".to_owned(), 400, "invalid_request"),
        ("POST", FORM, large, 413, "invalid_request"),
        ("GET", FORM, String::new(), 405, "invalid_request"),
    ] {
        let answer = raw(&suite.server, method, media_type, body).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {media_type}: {}", answer.text());
        assert_eq!(answer.json::<Value>()["error"], error);
    }
    let good = raw(&suite.server, "POST", FORM, form(&[secret])).await;
    assert_eq!(good.status, StatusCode::CREATED);
    // The secret is no part of the request.
    let kept = "SELECT count(*) FROM pushed_requests WHERE query LIKE '%secret%'";
    assert_eq!(suite.server.count(kept).await, 0);
}

#[tokio::test]
async fn pushing_has_the_rate_limit_of_the_token_endpoint() {
    let server = Server::with(|settings| settings.rate_limit = crate::browser::a_minute(1)).await;
    let mut statuses = Vec::new();
    for _ in 0..11 {
        let answer = raw(&server, "POST", FORM, "client_id=demo-bookclub".to_owned()).await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses[..10], [400; 10]);
    assert_eq!(statuses[10], 429);
}
