//! A user opens a service's link inside the messenger.

use axum::http::StatusCode;
use consent_contract::{auto_login::AutoLogin, in_app};
use serde_json::{Map, Value};

use crate::{
    browser::{Answer, Browser, ORIGIN, Server, a_minute, authorize, parameter, service},
    form::RenderedPage,
    screen,
    shop::proxied,
};

const GRANTS: &str = "SELECT (SELECT count(*) FROM links) + (SELECT count(*) FROM agreements)";

const ANDROID: &str = "Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Version/4.0 Chrome/126.0 Mobile Safari/537.36 KAKAOTALK/10.8.3 (INAPP)";

async fn server() -> Server {
    let server = Server::demo().await;
    screen::build(&server);
    screen::make_room(&server);
    server
}

/// The browser of an account, or a signed-out one, in the messenger or not.
async fn browser(server: &Server, account: &str, in_app: bool) -> Browser {
    let mut browser = match account {
        "" => server.browser(),
        account => server.browser_of(account).await,
    };
    browser.user_agent = in_app.then_some(ANDROID);
    browser
}

/// A service's request. `response_type` may be left out here.
fn request(client_id: &'static str) -> Vec<(&'static str, &'static str)> {
    service(client_id).into_iter().filter(|(name, _)| *name != "response_type").collect()
}

async fn post(browser: &mut Browser, parameters: &[(&str, &str)]) -> Answer {
    let body: Map<String, Value> =
        parameters.iter().map(|(k, v)| ((*k).to_owned(), (*v).into())).collect();
    let body = serde_json::to_string(&body).unwrap();
    browser.post("/api/v1/auto-login", "application/json", body).await
}

fn address(parameters: &[(&str, &str)]) -> String {
    authorize(parameters).replace("/oauth/authorize", "/auto-login")
}

async fn page(browser: &mut Browser, parameters: &[(&str, &str)]) -> RenderedPage {
    let page = RenderedPage::of(browser.get(&address(parameters)).await);
    assert_eq!(page.answer.status, StatusCode::OK, "{}", page.answer.text());
    page
}

/// The outcome's name, and the error that the service receives.
async fn outcome(browser: &mut Browser, parameters: &[(&str, &str)]) -> (String, String) {
    let answer = post(browser, parameters).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let json: Value = answer.json();
    let to = json["redirect_to"].as_str().unwrap_or_default();
    let error = if to.is_empty() { None } else { parameter(to, "error") };
    if !to.is_empty() {
        assert_eq!(parameter(to, "state").as_deref(), Some("state of the service"));
        assert_eq!(parameter(to, "iss").as_deref(), Some(ORIGIN));
    }
    (json["outcome"].as_str().unwrap().to_owned(), error.unwrap_or_default())
}

/// What there is to see: the welcome, or the ways in with one of two buttons.
fn seen(page: &RenderedPage) -> &'static str {
    match (page.count(".auto-login__welcome"), &page.texts(".button--primary")[..]) {
        (1, _) => "welcome",
        (0, [one]) if one == "가입하기" => "sign up",
        (0, [one]) if one == "로그인" => "log in",
        (_, other) => panic!("{other:?}: {}", page.answer.text()),
    }
}

/// The decision table: account, service, and then what the endpoint says inside of the messenger,
/// what the service receives with `prompt=none`, and what the page shows inside and outside.
const TABLE: [(&str, &str, &str, &str, &str); 9] = [
    ("", "demo-shop", "log_in", "login_required", "log in"),
    ("new", "demo-shop", "sign_up", "consent_required", "sign up"),
    ("returning", "demo-shop", "signed_in", "", "welcome"),
    ("returning", "demo-bookclub", "sign_up", "consent_required", "sign up"),
    ("login-only", "demo-shop", "sign_up", "consent_required", "log in"),
    ("no-email", "demo-shop", "more_needed", "interaction_required", "log in"),
    ("under-14", "demo-shop", "more_needed", "interaction_required", "log in"),
    ("new", "demo-test-app", "more_needed", "interaction_required", "log in"),
    ("new", "demo-pending", "more_needed", "interaction_required", "log in"),
];

#[tokio::test]
async fn every_account_is_met_as_it_stands() {
    let server = server().await;
    let before = server.count(GRANTS).await;
    for (account, client_id, name, error, shown) in TABLE {
        let parameters = request(client_id);
        let case = format!("{account} at {client_id}");

        let mut inside = browser(&server, account, true).await;
        assert_eq!(seen(&page(&mut inside, &parameters).await), shown, "{case}");
        let found = outcome(&mut inside, &parameters).await;
        assert_eq!(found, (name.to_owned(), error.to_owned()), "{case}");

        let mut outside = browser(&server, account, false).await;
        assert_eq!(seen(&page(&mut outside, &parameters).await), "log in", "{case}");
        assert_eq!(outcome(&mut outside, &parameters).await.0, "not_in_app", "{case}");

        // A user who must sign in again is not signed in by this.
        for prompt in ["login", "select_account"] {
            let again = [&parameters[..], &[("prompt", prompt)]].concat();
            let seen = seen(&page(&mut inside, &again).await);
            assert_eq!(seen, if shown == "sign up" { shown } else { "log in" }, "{case} {prompt}");
            assert_ne!(outcome(&mut inside, &again).await.0, "signed_in", "{case} {prompt}");
        }
        let none = [&parameters[..], &[("prompt", "none")]].concat();
        assert_eq!(outcome(&mut inside, &none).await.0, name, "{case}");

        // The same request with prompt=none has the same error, wherever it comes from.
        for browser in [&mut inside, &mut outside] {
            let silent = [&service(client_id)[..], &[("prompt", "none")]].concat();
            let answer = browser.authorize(&silent).await;
            assert_eq!(answer.location_parameter("error").unwrap_or_default(), error, "{case}");
            assert_eq!(answer.location_parameter("code").is_some(), error.is_empty(), "{case}");
            assert_eq!(answer.location_parameter("state").as_deref(), Some("state of the service"));
        }
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0, "nothing was decided");
    assert_eq!(server.count(GRANTS).await, before, "nothing was granted");
    assert_eq!(server.count("SELECT count(*) FROM challenges").await, 0, "nothing was asked");
}

#[tokio::test]
async fn a_member_is_welcomed_and_gets_a_code_that_is_good() {
    let server = server().await;
    let mut browser = browser(&server, "returning", true).await;
    let page = page(&mut browser, &request("demo-shop")).await;
    assert_eq!(page.texts("title"), ["두리님, 반갑습니다"]);
    assert_eq!(page.texts(".auto-login__welcome h1"), page.texts("title"));
    assert_eq!(page.answer.header("cache-control"), "no-store");
    let codes = "SELECT count(*) FROM codes";
    assert_eq!(server.count(codes).await, 0, "looking at the page gives no code out");
    let answer = post(&mut browser, &request("demo-shop")).await;
    let AutoLogin::SignedIn { redirect_to, service, account } = answer.json() else { panic!() };
    assert!(redirect_to.starts_with("http://127.0.0.1:8080/demo/callback?code="), "{redirect_to}");
    assert_eq!((service.name.as_str(), account.nickname.as_str()), ("한옥마켓", "두리"));
    assert_eq!(server.count(codes).await, 1);
}

#[tokio::test]
async fn the_page_runs_its_own_script_and_nothing_else() {
    let server = server().await;
    let mut browser = browser(&server, "new", true).await;
    let page = page(&mut browser, &request("demo-shop")).await;
    let policy = page.answer.header("content-security-policy").to_owned();
    let scripts = policy.split("script-src ").nth(1).unwrap().split(';').next().unwrap();
    assert_eq!(scripts, format!("'{}'", screen::digest(consent_screen::auto_login::SCRIPT)));
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("connect-src 'self'"));
    assert!(policy.contains(&screen::digest(consent_screen::auto_login::STYLE)), "{policy}");
    assert_eq!(page.count("script"), 1);
    assert_eq!(page.count("#app"), 0);
    // What comes next is fetched ahead, and only for who signs up.
    assert_eq!(page.attribute(".auto-login", "data-app-files"), screen::APP_FILES.join(" "));
    assert_eq!(page.count("link[rel=modulepreload]"), 0);
}

#[tokio::test]
async fn who_comes_straight_back_is_not_sent_again() {
    let server = server().await;
    let mut browser = browser(&server, "returning", true).await;
    let parameters = request("demo-shop");
    assert_eq!(seen(&page(&mut browser, &parameters).await), "welcome");
    assert_eq!(outcome(&mut browser, &parameters).await.0, "signed_in");
    assert_eq!(seen(&page(&mut browser, &parameters).await), "log in");
    // Another service has not had its attempt, and neither has another visit.
    let travel = request("demo-travel");
    assert_eq!(seen(&page(&mut browser, &travel).await), "welcome");
    // One service's memory does not take the other's place.
    assert_eq!(outcome(&mut browser, &travel).await.0, "signed_in");
    assert_eq!(seen(&page(&mut browser, &parameters).await), "log in");
    browser.cookies.retain(|name, _| !name.contains("-auto-login-"));
    assert_eq!(seen(&page(&mut browser, &parameters).await), "welcome");
    let tried = [&parameters[..], &[("tried", "1")]].concat();
    assert_eq!(seen(&page(&mut browser, &tried).await), "log in");
}

#[tokio::test]
async fn every_way_in_leads_on() {
    let server = server().await;
    for (account, label) in [("new", "가입하기"), ("no-email", "로그인"), ("login-only", "로그인")]
    {
        let mut browser = browser(&server, account, true).await;
        let page = page(&mut browser, &request("demo-shop")).await;
        assert_eq!(page.texts(".button--primary"), [label]);
        let way = page.attribute(".button--primary", "href");
        let challenge = browser.get(&way).await.challenge();
        browser.agrees(&challenge).await;
        assert_eq!(outcome(&mut browser, &request("demo-shop")).await.0, "signed_in", "{account}");
    }
    let mut signed_out = browser(&server, "", true).await;
    let page = page(&mut signed_out, &request("demo-shop")).await;
    let login = signed_out.get(&page.attribute(".button--primary", "href")).await;
    assert!(login.location().starts_with("/demo?return_to="), "{}", login.location());
    let back = page.attribute(".button--secondary", "href");
    assert_eq!(parameter(&back, "error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn only_our_own_page_is_opened_outside() {
    let server = server().await;
    let mut browser = browser(&server, "new", true).await;
    let more = [&request("demo-shop")[..], &[("url", "https://evil.example/"), ("tried", "1")]];
    let page = page(&mut browser, &more.concat()).await;
    let link = page.attribute("a[href^='kakaotalk:']", "href");
    let opened = parameter(&link, "url").unwrap();
    let path = opened.strip_prefix(ORIGIN).unwrap();
    assert_eq!(path, "/auto-login/outside/demo-shop", "nothing of the request goes along");
    assert_eq!(in_app::open_outside(ORIGIN, path).as_deref(), Some(&*link));
    // There the service starts again, and its own request comes to its end.
    let mut outside = server.browser();
    let begin = outside.get(path).await.location().to_owned();
    let (own, issuer) = begin.split_once("&iss=").unwrap();
    assert_eq!(own, "http://127.0.0.1:8080/demo/start?service=demo-shop");
    assert_eq!(issuer, "http%3A%2F%2F127.0.0.1%3A8080");
    let authorize = outside.get(begin.strip_prefix(ORIGIN).unwrap()).await.location().to_owned();
    let login = outside.get(&authorize).await.location().to_owned();
    assert!(login.starts_with("/demo?return_to="), "{login}");
    let answer = outside.get("/auto-login/outside/unknown").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

/// A service that begins no login itself has no way out of the messenger.
#[tokio::test]
async fn without_a_place_to_begin_nothing_is_opened_outside() {
    let server = configured("").await;
    let page = RenderedPage::of(visit(&server, Some(ANDROID)).await);
    assert_eq!(seen(&page), "sign up");
    assert_eq!(page.count("a[href^='kakaotalk:']"), 0);
    let answer = server.browser().get("/auto-login/outside/shop").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

/// A server whose people are named by a proxy: no cookie is needed to be signed in.
async fn configured(more: &str) -> Server {
    let server = Server::configured(&(proxied(&["hana"]) + more)).await.unwrap();
    screen::build(&server);
    screen::make_room(&server);
    server
}

const LINK: &str = "/auto-login?client_id=shop&redirect_uri=https://shop.example/callback&state=s\
                    &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
                    &code_challenge_method=S256";

/// A user whom the proxy names, in a browser that stores nothing.
async fn visit(server: &Server, user_agent: Option<&'static str>) -> Answer {
    let mut browser = server.browser();
    browser.user_agent = user_agent;
    let request = axum::http::Request::get(LINK).header("x-account", "hana");
    browser.send(request.body("".into()).unwrap()).await
}

#[tokio::test]
async fn there_is_no_redirect_loop_without_cookies() {
    let linked = "\n[[account.links]]\nservice = \"shop\"\nhow = \"combined_screen\"\n\
                  at = \"2026-11-02T09:30:00Z\"\n";
    let server = configured(linked).await;
    assert_eq!(seen(&RenderedPage::of(visit(&server, Some(ANDROID)).await)), "welcome");
    let url = url::Url::parse(&format!("{ORIGIN}{LINK}")).unwrap();
    let body: Map<String, Value> =
        url.query_pairs().map(|(k, v)| (k.into_owned(), v.into_owned().into())).collect();
    let request = axum::http::Request::post("/api/v1/auto-login")
        .header("x-account", "hana")
        .header("content-type", "application/json")
        .header("sec-fetch-site", "same-origin")
        .body(serde_json::to_string(&body).unwrap().into())
        .unwrap();
    let mut browser = server.browser();
    browser.user_agent = Some(ANDROID);
    assert_eq!(browser.send(request).await.json::<Value>()["outcome"], "signed_in");
    assert_eq!(seen(&RenderedPage::of(visit(&server, Some(ANDROID)).await)), "log in");
    // A minute later it is another visit.
    server.clock.advance(61);
    assert_eq!(seen(&RenderedPage::of(visit(&server, Some(ANDROID)).await)), "welcome");
}

#[tokio::test]
async fn attempts_are_limited() {
    let server = Server::with(|settings| settings.rate_limit = a_minute(3)).await;
    let mut browser = browser(&server, "returning", true).await;
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(post(&mut browser, &request("demo-shop")).await);
    }
    assert_eq!(answers[0].status, StatusCode::OK);
    assert_eq!(answers[4].problem().code.name(), "rate_limited");
}

/// A member who is asked for something new is still a member.
#[tokio::test]
async fn a_member_with_something_new_to_agree_to_is_not_asked_to_sign_up() {
    let server = server().await;
    let mut browser = browser(&server, "returning", true).await;
    let parameters = [&request("demo-travel")[..], &[("service_terms", "travel_notice")]].concat();
    assert_eq!(outcome(&mut browser, &parameters).await.0, "sign_up");
    let page = page(&mut browser, &parameters).await;
    assert_eq!(seen(&page), "log in");
    let way = page.attribute(".button--primary", "href");
    browser.get(&way).await.challenge();
}

#[tokio::test]
async fn bad_requests_are_explained_and_sent_nowhere() {
    let server = server().await;
    let mut browser = browser(&server, "returning", true).await;
    let with = |name: &'static str, value: &'static str| {
        let mut parameters = request("demo-shop");
        parameters.retain(|(key, _)| *key != name);
        parameters.push((name, value));
        parameters
    };
    for parameters in [
        with("client_id", "unknown"),
        with("redirect_uri", "https://evil.example/"),
        with("max_age", "-1"),
        with("response_type", "token"),
    ] {
        let page = browser.get(&address(&parameters)).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{parameters:?}");
        assert!(page.headers.get("location").is_none());
        let answer = post(&mut browser, &parameters).await;
        assert_eq!(answer.problem().code.name(), "malformed_request", "{parameters:?}");
    }
    let json = "application/json";
    for body in ["", "[]", "{\"client_id\":1}", "{\"client_id\":null}"] {
        let answer = browser.post("/api/v1/auto-login", json, body).await;
        assert_eq!(answer.problem().code.name(), "malformed_request", "{body}");
    }
    let elsewhere = axum::http::Request::post("/api/v1/auto-login")
        .header("content-type", json)
        .header("sec-fetch-site", "cross-site")
        .body("{}".into())
        .unwrap();
    assert_eq!(browser.send(elsewhere).await.problem().code.name(), "csrf_rejected");
}

#[tokio::test]
async fn a_page_that_leads_nowhere_can_be_closed_in_the_messenger() {
    let server = server().await;
    let ios = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) KAKAOTALK/10.8.5";
    for (user_agent, close) in [
        (Some(ANDROID), Some("kakaotalk://inappbrowser/close")),
        (Some(ios), Some("kakaoweb://closeBrowser")),
        (None, None),
    ] {
        let mut browser = server.browser();
        browser.user_agent = user_agent;
        for path in ["/consent/no-such", "/oauth/authorize?client_id=x", "/no-such-page"] {
            let request = axum::http::Request::get(path).header("accept", "text/html");
            let answer = browser.send(request.body("".into()).unwrap()).await;
            let page = RenderedPage::of(answer);
            let policy = page.answer.header("content-security-policy").to_owned();
            match close {
                Some(close) => assert_eq!(page.attribute("[data-close]", "data-close"), close),
                None => assert_eq!(page.count("[data-close], script"), 0),
            }
            assert_eq!(policy.contains("script-src 'sha256-"), close.is_some(), "{policy}");
        }
    }
}

#[tokio::test]
async fn the_demo_pretends_and_says_so() {
    let server = server().await;
    let mut browser = server.browser();
    let start = "/demo/start?account=returning&service=demo-shop&in_app=ios";
    let address = browser.get(start).await.location().to_owned();
    assert!(address.starts_with("/auto-login?"), "{address}");
    let page = RenderedPage::of(browser.get(&address).await);
    assert_eq!(seen(&page), "welcome");
    assert_eq!(page.count(".demo-bar"), 1);
    let nothing = axum::http::Request::get("/consent/no-such").header("accept", "text/html");
    let nothing = RenderedPage::of(browser.send(nothing.body("".into()).unwrap()).await);
    assert_eq!(nothing.count(".demo-bar"), 1, "problems, too");
    assert_eq!(nothing.count("[data-close]"), 1);
    // Another account is still in the same spoofed browser.
    browser.get("/demo/login?account=new").await;
    assert_eq!(seen(&RenderedPage::of(browser.get(&address).await)), "sign up");
    browser.get("/demo/login?account=returning").await;
    assert!(page.texts(".demo-bar")[0].contains("iOS"));
    assert_eq!(RenderedPage::of(browser.get("/demo").await).count(".demo-bar"), 1);
    assert_eq!(browser.get("/demo/in-app/end").await.location(), "/demo");
    let page = RenderedPage::of(browser.get(&address).await);
    assert_eq!(seen(&page), "log in");
    assert_eq!(page.count(".demo-bar"), 0);
    // An ordinary start is an ordinary browser again.
    browser.get(start).await;
    browser.get("/demo/start?account=returning&service=demo-shop").await;
    assert_eq!(seen(&RenderedPage::of(browser.get(&address).await)), "log in");
}
