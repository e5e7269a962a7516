//! The modules of the conformance suite's plan oidcc-rp-initiated-logout, and what else a logout can
//! meet. Each module signs in, asks for a logout, and looks where the browser is led.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use consent_backend::oauth::key::SigningKey;
use scraper::{Html, Selector};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    browser::{Answer, Browser, Server, parameter},
    client::{FORM, claims, is_error, refresh, request, server, text, tokens, userinfo},
};

const PATH: &str = "/oauth/logout";
const CONFIRM: &str = "/oauth/logout/confirm";
const SIGNED_OUT: &str = "https://shop.example/signed-out";
const URI: &str = "https://shop.example/callback";

/// As long as the suite's: 128 characters.
const STATE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\
                     0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

async fn logout(browser: &mut Browser, parameters: &[(&str, &str)]) -> Answer {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    browser.get(&format!("{PATH}?{query}")).await
}

/// Hana, signed in at the shop.
async fn signed_in(server: &Server) -> (Browser, Value) {
    let mut browser = server.proxied("hana");
    let tokens = tokens(server, &mut browser, "shop", "openid", &[]).await;
    (browser, tokens)
}

/// What `prompt=none` gives.
async fn silently(browser: &mut Browser) -> Answer {
    browser.authorize(&[&request("shop", URI, "openid")[..], &[("prompt", "none")]].concat()).await
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    let answer = silently(browser).await;
    match answer.location_parameter("error") {
        None => answer.location_parameter("code").is_some(),
        Some(error) => {
            assert_eq!(error, "login_required");
            false
        }
    }
}

#[track_caller]
fn is_page(answer: &Answer, status: StatusCode) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(!answer.headers.contains_key("location"), "{answer:?}");
    assert!(!answer.headers.contains_key("refresh"), "{answer:?}");
    assert!(answer.header("content-security-policy").contains("form-action 'self'"));
    assert!(answer.header("content-security-policy").contains("script-src 'none'"));
}

/// The fields of the question's form; none when the page asks nothing.
pub fn question(answer: &Answer) -> Option<Vec<(String, String)>> {
    let page = Html::parse_document(answer.text());
    let form = page.select(&Selector::parse("form").unwrap()).next()?;
    assert_eq!((form.attr("method"), form.attr("action")), (Some("post"), Some(CONFIRM)));
    let inputs = Selector::parse("input[type=hidden]").unwrap();
    let field = |name: &str, input: scraper::ElementRef<'_>| input.attr(name).unwrap().to_owned();
    Some(form.select(&inputs).map(|it| (field("name", it), field("value", it))).collect())
}

pub async fn answers(browser: &mut Browser, fields: &[(String, String)], decision: &str) -> Answer {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields).append_pair("decision", decision);
    browser.post(CONFIRM, FORM, form.finish()).await
}

/// The person is asked and says yes: where they are led, if anywhere.
async fn asked_and_signed_out(browser: &mut Browser, answer: &Answer) -> Option<String> {
    is_page(answer, StatusCode::OK);
    let fields = question(answer).expect("a question");
    assert!(is_signed_in(browser).await, "nothing happened yet");
    let answer = answers(browser, &fields, "sign_out").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert!(!is_signed_in(browser).await);
    answer.headers.contains_key("refresh").then(|| answer.onward())
}

// The modules.

#[tokio::test]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    let server = server().await;
    let found: Value = server.browser().get("/.well-known/openid-configuration").await.json();
    let endpoint = found["end_session_endpoint"].as_str().unwrap();
    assert_eq!(endpoint, format!("{}{PATH}", server.app.origin()));
}

#[tokio::test]
async fn oidcc_rp_initiated_logout() {
    let server = server().await;
    let (mut browser, tokens) = signed_in(&server).await;
    let parameters = [
        ("id_token_hint", text(&tokens, "id_token")),
        ("post_logout_redirect_uri", SIGNED_OUT),
        ("state", STATE),
    ];
    let answer = logout(&mut browser, &parameters).await;
    assert_eq!(answer.location(), format!("{SIGNED_OUT}?state={STATE}"));
    let answer = silently(&mut browser).await;
    assert_eq!(answer.location_parameter("error").unwrap(), "login_required");
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_state() {
    let server = server().await;
    let (mut browser, tokens) = signed_in(&server).await;
    let parameters =
        [("id_token_hint", text(&tokens, "id_token")), ("post_logout_redirect_uri", SIGNED_OUT)];
    assert_eq!(logout(&mut browser, &parameters).await.location(), SIGNED_OUT);
    assert!(!is_signed_in(&mut browser).await);
}

async fn does_not_redirect(parameters: &[(&str, &str)]) {
    let server = server().await;
    let (mut browser, tokens) = signed_in(&server).await;
    let hint = [("id_token_hint", text(&tokens, "id_token"))];
    let answer = logout(&mut browser, &[&hint[..], parameters].concat()).await;
    is_page(&answer, StatusCode::BAD_REQUEST);
    assert!(is_signed_in(&mut browser).await, "a wrong request signs no one out");
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    for uri in [
        "https://shop.example/other",
        "https://shop.example/signed-out/",
        "https://evil.example/signed-out",
        "https://shop.example/callback",
        "http://shop.example/signed-out",
        "javascript:alert(1)",
        "https://books.example/signed-out",
    ] {
        does_not_redirect(&[("post_logout_redirect_uri", uri), ("state", STATE)]).await;
    }
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    for uri in ["https://shop.example/signed-out?foo=bar", "https://shop.example/bye?x=1&y=2"] {
        does_not_redirect(&[("post_logout_redirect_uri", uri), ("state", STATE)]).await;
    }
}

async fn hint_is_refused(change: impl Fn(&str) -> String) {
    let server = server().await;
    let (mut browser, tokens) = signed_in(&server).await;
    let hint = change(text(&tokens, "id_token"));
    let parameters =
        [("id_token_hint", &*hint), ("post_logout_redirect_uri", SIGNED_OUT), ("state", STATE)];
    let answer = logout(&mut browser, &parameters).await;
    is_page(&answer, StatusCode::BAD_REQUEST);
    assert!(!answer.text().contains(SIGNED_OUT));
    assert!(is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    let none = URL_SAFE_NO_PAD.encode("{\"alg\":\"none\"}");
    hint_is_refused(|token| {
        let payload = token.split('.').nth(1).unwrap();
        format!("{none}.{payload}.")
    })
    .await;
    // The public key as the secret of a MAC.
    let mac = URL_SAFE_NO_PAD.encode("{\"alg\":\"HS256\"}");
    hint_is_refused(|token| {
        let mut parts = token.split('.').skip(1);
        format!("{mac}.{}.{}", parts.next().unwrap(), parts.next().unwrap())
    })
    .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let foreign = SigningKey::read(&SigningKey::generate()).ok().unwrap();
    hint_is_refused(|token| foreign.sign(&claims(token))).await;
    hint_is_refused(|token| format!("{token}x")).await;
    hint_is_refused(|_| "not a token".to_owned()).await;
    hint_is_refused(|token| {
        let parts: Vec<&str> = token.split('.').collect();
        let mut claims = claims(token);
        claims["sub"] = json!("another");
        let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
        format!("{}.{payload}.{}", parts[0], parts[2])
    })
    .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let server = server().await;
    let (mut browser, _) = signed_in(&server).await;
    let parameters = [("post_logout_redirect_uri", SIGNED_OUT), ("state", STATE)];
    let answer = logout(&mut browser, &parameters).await;
    assert_eq!(asked_and_signed_out(&mut browser, &answer).await, None, "whose address is it?");
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params() {
    let server = server().await;
    let (mut browser, _) = signed_in(&server).await;
    let answer = browser.get(PATH).await;
    assert_eq!(asked_and_signed_out(&mut browser, &answer).await, None);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let server = server().await;
    let (mut browser, tokens) = signed_in(&server).await;
    let parameters = [("id_token_hint", text(&tokens, "id_token")), ("state", STATE)];
    let answer = logout(&mut browser, &parameters).await;
    is_page(&answer, StatusCode::OK);
    assert!(question(&answer).is_none(), "the person is known, and signed out already");
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_only_state() {
    let server = server().await;
    let (mut browser, _) = signed_in(&server).await;
    let answer = logout(&mut browser, &[("state", STATE)]).await;
    assert_eq!(asked_and_signed_out(&mut browser, &answer).await, None);
}

// What else a logout can meet.

/// ID tokens are good for ten minutes, sessions for a day (node-oidc-provider#630).
#[tokio::test]
async fn an_expired_id_token_is_a_good_hint() {
    let server = server().await;
    let (mut browser, tokens) = signed_in(&server).await;
    server.clock.advance(60 * 60);
    let parameters = [
        ("id_token_hint", text(&tokens, "id_token")),
        ("post_logout_redirect_uri", "https://shop.example/bye?x=1"),
        ("state", "a b&c"),
        ("client_id", "shop"),
        ("logout_hint", "hana"),
        ("unknown", "parameter"),
    ];
    let answer = logout(&mut browser, &parameters).await;
    assert_eq!(answer.location(), "https://shop.example/bye?x=1&state=a%20b%26c");
    assert!(!is_signed_in(&mut browser).await);
}

/// A browser sends no `SameSite=Lax` cookie with a form of another site.
#[tokio::test]
async fn a_form_of_another_site_comes_again_with_the_session() {
    let server = server().await;
    let (mut browser, tokens) = signed_in(&server).await;
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("id_token_hint", text(&tokens, "id_token")),
            ("post_logout_redirect_uri", SIGNED_OUT),
            ("state", STATE),
        ])
        .finish();
    let request = Request::post(PATH)
        .header("content-type", FORM)
        .header("origin", "https://shop.example")
        .header("sec-fetch-site", "cross-site");
    let answer = server.browser().send(request.body(Body::from(form)).unwrap()).await;
    let again = answer.location().to_owned();
    assert!(again.starts_with("/oauth/logout?"), "{again}");
    assert_eq!(browser.get(&again).await.location(), format!("{SIGNED_OUT}?state={STATE}"));
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_person_who_is_not_the_one_of_the_hint_is_asked() {
    let server = server().await;
    let (_, of_hana) = signed_in(&server).await;
    let mut browser = server.proxied("duri");
    tokens(&server, &mut browser, "shop", "openid", &[]).await;
    let parameters =
        [("id_token_hint", text(&of_hana, "id_token")), ("post_logout_redirect_uri", SIGNED_OUT)];
    let answer = logout(&mut browser, &parameters).await;
    assert!(answer.text().contains("두리"), "{}", answer.text());
    let to = asked_and_signed_out(&mut browser, &answer).await;
    assert_eq!(to.as_deref(), Some(SIGNED_OUT));
}

/// A client that is only named, with a registered address: the person decides, and is led there.
#[tokio::test]
async fn a_client_without_a_hint_gets_the_person_back_after_a_question() {
    let server = server().await;
    let (mut browser, _) = signed_in(&server).await;
    let parameters =
        [("client_id", "shop"), ("post_logout_redirect_uri", SIGNED_OUT), ("state", "s")];
    let answer = logout(&mut browser, &parameters).await;
    let to = asked_and_signed_out(&mut browser, &answer).await;
    assert_eq!(to, Some(format!("{SIGNED_OUT}?state=s")));
}

#[tokio::test]
async fn a_browser_that_is_not_signed_in_is_led_on() {
    let server = server().await;
    let (_, tokens) = signed_in(&server).await;
    let parameters =
        [("id_token_hint", text(&tokens, "id_token")), ("post_logout_redirect_uri", SIGNED_OUT)];
    let answer = logout(&mut server.browser(), &parameters).await;
    assert_eq!(answer.location(), SIGNED_OUT);
    let answer = server.browser().get(PATH).await;
    is_page(&answer, StatusCode::OK);
    assert!(question(&answer).is_none());
}

#[tokio::test]
async fn bad_requests_are_pages_and_change_nothing() {
    let server = server().await;
    let (mut browser, tokens) = signed_in(&server).await;
    let hint = text(&tokens, "id_token");
    let long = "x".repeat(9000);
    for parameters in [
        vec![("id_token_hint", hint), ("client_id", "books")],
        vec![("client_id", "unknown")],
        vec![("state", "a"), ("state", "b")],
        vec![("id_token_hint", hint), ("id_token_hint", hint)],
        vec![("id_token_hint", hint), ("x", &long)],
        vec![("id_token_hint", &*long)],
    ] {
        is_page(&logout(&mut browser, &parameters).await, StatusCode::BAD_REQUEST);
    }
    for (path, kind, body, status) in [
        (PATH, "application/json", "{}".to_owned(), 400),
        (PATH, FORM, format!("x={}", "x".repeat(17 * 1024)), 413),
        (CONFIRM, "application/json", "{}".to_owned(), 400),
        (CONFIRM, FORM, format!("x={}", "x".repeat(17 * 1024)), 413),
    ] {
        let answer = browser.post(path, kind, body).await;
        is_page(&answer, StatusCode::from_u16(status).unwrap());
    }
    for (method, path) in [("PUT", PATH), ("DELETE", PATH), ("GET", CONFIRM), ("PATCH", CONFIRM)] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let answer = browser.send(request).await;
        is_page(&answer, StatusCode::METHOD_NOT_ALLOWED);
    }
    assert!(is_signed_in(&mut browser).await);
    server.app.close().await;
    let answer = logout(&mut browser, &[("id_token_hint", hint)]).await;
    is_page(&answer, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn no_other_page_can_answer_the_question() {
    let server = server().await;
    let (mut browser, _) = signed_in(&server).await;
    let fields = question(&browser.get(PATH).await).unwrap();
    let mut form = form_urlencoded::Serializer::new(String::new());
    let form = form.extend_pairs(&fields).append_pair("decision", "sign_out").finish();
    for headers in [
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
        vec![],
    ] {
        let mut request = Request::post(CONFIRM).header("content-type", FORM);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = browser.send(request.body(Body::from(form.clone())).unwrap()).await;
        is_page(&answer, StatusCode::FORBIDDEN);
    }
    // With a token that is none, the person is asked again.
    for (name, value) in [("csrf_token", "x"), ("csrf_token", ""), ("request", "state=x")] {
        let mut changed = fields.clone();
        for field in &mut changed {
            if field.0 == name {
                field.1 = value.to_owned();
            }
        }
        let answer = answers(&mut browser, &changed, "sign_out").await;
        assert!(answer.location().starts_with("/oauth/logout?"), "{answer:?}");
    }
    // The form of another person, whose session this browser does not have.
    let mut other = server.proxied("duri");
    tokens(&server, &mut other, "shop", "openid", &[]).await;
    assert!(answers(&mut other, &fields, "sign_out").await.location().starts_with(PATH));
    assert!(is_signed_in(&mut other).await && is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_person_may_stay_and_a_second_tab_finds_nothing_to_do() {
    let server = server().await;
    let (mut browser, _) = signed_in(&server).await;
    let parameters = [("client_id", "shop"), ("post_logout_redirect_uri", SIGNED_OUT)];
    let fields = question(&logout(&mut browser, &parameters).await).unwrap();
    for decision in ["stay", "", "anything"] {
        let answer = answers(&mut browser, &fields, decision).await;
        is_page(&answer, StatusCode::OK);
        assert!(is_signed_in(&mut browser).await, "{decision}");
    }
    assert_eq!(answers(&mut browser, &fields, "sign_out").await.onward(), SIGNED_OUT);
    let mut second = browser.clone();
    assert_eq!(answers(&mut second, &fields, "sign_out").await.onward(), SIGNED_OUT);
}

#[tokio::test]
async fn the_question_is_asked_in_the_person_s_language() {
    let server = server().await;
    let (mut browser, _) = signed_in(&server).await;
    for (ui_locales, accepted, title) in [
        ("", None, "로그아웃할까요?"),
        ("en", Some("ja"), "Sign out?"),
        ("fr ja", Some("en"), "ログアウトしますか？"),
        ("", Some("en"), "Sign out?"),
    ] {
        browser.language = accepted;
        let answer = logout(&mut browser, &[("ui_locales", ui_locales)]).await;
        assert!(answer.text().contains(title), "{}", answer.text());
    }
}

/// Everything of the session ends, and only that: other browsers of the person, and what was issued
/// for offline access, stay.
#[tokio::test]
async fn tokens_of_the_session_end_unless_they_are_for_offline_access() {
    let server = server().await;
    let mut elsewhere = server.proxied("hana");
    let of_elsewhere = tokens(&server, &mut elsewhere, "shop", "openid", &[]).await;
    let mut browser = server.proxied("hana");
    let of_session = tokens(&server, &mut browser, "shop", "openid", &[]).await;
    let of_books = tokens(&server, &mut browser, "books", "openid", &[]).await;
    let offline = tokens(&server, &mut browser, "shop", "openid offline_access", &[]).await;
    let unredeemed = crate::client::code(&mut browser, "shop", "openid", &[]).await;
    let parameters = [("id_token_hint", text(&of_session, "id_token"))];
    is_page(&logout(&mut browser, &parameters).await, StatusCode::OK);
    for tokens in [&of_session, &of_books] {
        assert_eq!(userinfo(&server, tokens).await.status, StatusCode::UNAUTHORIZED);
    }
    let answer = crate::client::redeem(&server, "shop", &unredeemed).await;
    is_error(&answer, 400, "invalid_grant");
    for tokens in [&of_elsewhere, &offline] {
        assert_eq!(userinfo(&server, tokens).await.status, StatusCode::OK);
    }
    let answer = refresh(&server, "shop", text(&offline, "refresh_token"), &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(is_signed_in(&mut elsewhere).await);
}

/// The proxy goes on naming the account. It counts again once the browser was at the login page.
#[tokio::test]
async fn a_proxy_that_names_the_account_does_not_sign_it_in_again() {
    let server = server().await;
    let (mut browser, tokens) = signed_in(&server).await;
    logout(&mut browser, &[("id_token_hint", text(&tokens, "id_token"))]).await;
    assert!(!is_signed_in(&mut browser).await);
    let to_login = browser.authorize(&request("shop", URI, "openid")).await;
    let to_login = format!("https://id.example{}", to_login.location());
    assert!(to_login.starts_with("https://id.example/login/?return_to="), "{to_login}");
    let back = parameter(&to_login, "return_to").unwrap();
    assert!(browser.get(&back).await.location_parameter("code").is_some());
    assert!(is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_later_authentication_ends_the_logout() {
    let toml = crate::client::services()
        .replace("login_url =", "auth_time_header = \"x-auth-time\"\nlogin_url =");
    let server = Server::configured(&toml).await.unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    let mut browser = server.proxied("hana");
    let get = |path: &str, time: i64| {
        Request::get(path).header("x-auth-time", time.to_string()).body(Body::empty()).unwrap()
    };
    let parameters = [&request("shop", URI, "openid")[..], &[("prompt", "none")]].concat();
    let silent = crate::browser::authorize(&parameters);
    let answer = browser.send(get(&silent, now - 100)).await;
    assert_eq!(answer.location_parameter("error").unwrap(), "consent_required");
    let fields = question(&browser.send(get(PATH, now - 100)).await).unwrap();
    let mut form = form_urlencoded::Serializer::new(String::new());
    let form = form.extend_pairs(&fields).append_pair("decision", "sign_out").finish();
    let request = Request::post(CONFIRM)
        .header("content-type", FORM)
        .header("sec-fetch-site", "same-origin")
        .header("x-auth-time", (now - 100).to_string());
    let answer = browser.send(request.body(Body::from(form)).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let answer = browser.send(get(&silent, now - 100)).await;
    assert_eq!(answer.location_parameter("error").unwrap(), "login_required");
    server.clock.advance(60);
    let answer = browser.send(get(&silent, now + 50)).await;
    assert_eq!(answer.location_parameter("error").unwrap(), "consent_required");
}

#[tokio::test]
async fn a_head_request_signs_no_one_out() {
    let server = server().await;
    let (mut browser, tokens) = signed_in(&server).await;
    let path = format!("{PATH}?id_token_hint={}", text(&tokens, "id_token"));
    let answer = browser.send(Request::head(&path).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(is_signed_in(&mut browser).await);
    assert!(question(&browser.get(&path).await).is_none());
    assert!(!is_signed_in(&mut browser).await, "the same by GET");
}
