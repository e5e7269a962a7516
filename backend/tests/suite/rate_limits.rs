//! How often clients may ask: each for itself, behind a reverse proxy too, and each kind of request
//! for itself.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};

use consent_backend::{App, Services, cookies::CookieNames};

use crate::browser::{Answer, Browser, ORIGIN, Server, a_minute, authorize, settings};

const LIMITED: StatusCode = StatusCode::TOO_MANY_REQUESTS;

/// The demo behind a proxy at 127.0.0.1, with so many requests a minute for a session.
async fn behind_a_proxy(requests: u32) -> Server {
    Server::with(|settings| {
        settings.rate_limit = a_minute(requests);
        settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await
}

/// Sends a request that the proxy says is of this client.
async fn send_as(browser: &mut Browser, client: &str, mut request: Request<Body>) -> Answer {
    request.headers_mut().insert("x-forwarded-for", client.parse().unwrap());
    browser.send(request).await
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

fn decision() -> Request<Body> {
    Request::post("/api/v1/consents/none/decision")
        .header(header::CONTENT_TYPE, "application/json")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from("{\"decision\":\"cancel\"}"))
        .unwrap()
}

/// A token request with a code that does not exist.
fn token(client: &str, secret: Option<&str>) -> Request<Body> {
    let secret = secret.map(|it| format!("&client_secret={it}")).unwrap_or_default();
    let body =
        format!("grant_type=authorization_code&code=x&redirect_uri=x&client_id={client}{secret}");
    Request::post("/oauth/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap()
}

const SHOP: &str = "demo-shop";
const SECRET: &str = "demo-shop-is-no-secret";

/// Repeats a request until it is refused, and gives how often it was let through.
async fn use_up(browser: &mut Browser, client: &str, request: impl Fn() -> Request<Body>) -> u32 {
    for count in 0..100_000 {
        if send_as(browser, client, request()).await.status == LIMITED {
            return count;
        }
    }
    panic!("it is never refused");
}

/// Whether so many requests use a share up. While they are sent some of it comes back, more of it on
/// a busy machine; the shares that are compared here differ by a factor of ten.
fn is_share(used: u32, share: u32) -> bool {
    (share..share * 3).contains(&used)
}

#[tokio::test]
async fn one_visitor_behind_a_proxy_uses_up_nothing_of_another() {
    let server = behind_a_proxy(2).await;
    let mut context = server.browser();
    let page = || get("/oauth/authorize?x");
    assert!(is_share(use_up(&mut context, "203.0.113.1", page).await, 20));
    // Making up further addresses on the left gains nothing.
    for spoofed in ["198.51.100.7, 203.0.113.1", "127.0.0.1, 203.0.113.1", "x,,203.0.113.1"] {
        let used = use_up(&mut context, spoofed, page).await;
        assert!(used < 10, "{spoofed} has a share of its own: {used}");
    }
    for other in ["203.0.113.2", "2001:db8::1", "203.0.113.1, 203.0.113.3"] {
        let answer = send_as(&mut server.browser(), other, page()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{other}");
    }
    // Nor do its requests touch a service behind the same proxy, at its own address or at that one.
    for service in ["203.0.113.9", "203.0.113.1"] {
        let answer = send_as(&mut server.browser(), service, token(SHOP, Some(SECRET))).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
        assert!(answer.text().contains("invalid_grant"));
    }
}

#[tokio::test]
async fn forwarded_counts_like_x_forwarded_for() {
    let server = behind_a_proxy(1).await;
    let send = |forwarded: &'static str| {
        let request = Request::get("/oauth/authorize?x").header("forwarded", forwarded);
        let mut browser = server.browser();
        async move { browser.send(request.body(Body::empty()).unwrap()).await.status }
    };
    // One subscriber, whichever of its addresses and ports it uses.
    for port in 0..10 {
        let forwarded = format!("for=\"[2001:db8:0:1::{port}]:47{port}\";proto=https").leak();
        assert_ne!(send(forwarded).await, LIMITED);
    }
    assert_eq!(send("for=\"[2001:db8:0:1:ffff::]\"").await, LIMITED);
    assert_eq!(send("for=192.0.2.1, for=\"[2001:db8:0:1:ffff::]:1\"").await, LIMITED);
    assert_ne!(send("for=\"[2001:db8:0:2::1]\"").await, LIMITED);
}

#[tokio::test]
async fn without_a_named_proxy_its_headers_count_for_nothing() {
    let server = Server::with(|settings| settings.rate_limit = a_minute(1)).await;
    let mut statuses = Vec::new();
    for number in 0..11 {
        let client = format!("203.0.113.{number}");
        let answer = send_as(&mut server.browser(), &client, get("/oauth/authorize?x")).await;
        statuses.push(answer.status == LIMITED);
    }
    assert_eq!(statuses.iter().filter(|limited| **limited).count(), 1, "all are 127.0.0.1");
    let mut elsewhere = get("/oauth/authorize?x");
    let peer: SocketAddr = "[2001:db8::1]:5000".parse().unwrap();
    elsewhere.extensions_mut().insert(ConnectInfo(peer));
    assert_ne!(server.browser().send(elsewhere).await.status, LIMITED);
}

#[tokio::test]
async fn naming_a_client_uses_up_nothing_of_its_token_requests() {
    let server = behind_a_proxy(1).await;
    let mut attacker = server.browser();
    for attempt in [
        token(SHOP, Some("a-guess-of-the-secret")),
        token(SHOP, None),
        token("no-such-client", Some(SECRET)),
        token("demo-bookclub", None),
        Request::post("/oauth/token").body(Body::from("not a form")).unwrap(),
    ] {
        let status = send_as(&mut attacker, "203.0.113.1", attempt).await.status;
        assert_ne!(status, LIMITED);
    }
    assert!(is_share(use_up(&mut attacker, "203.0.113.1", || token(SHOP, None)).await, 10 - 5));
    let refused = loop {
        let answer = send_as(&mut attacker, "203.0.113.1", token(SHOP, Some("a-guess"))).await;
        if answer.status == LIMITED {
            break answer;
        }
    };
    assert!((1..=60).contains(&refused.header("retry-after").parse::<u32>().unwrap()));
    // The shop itself, from the same address, in the form and as Basic.
    let basic = Request::post("/oauth/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(
            header::AUTHORIZATION,
            format!("Basic {}", STANDARD.encode(format!("{SHOP}:{SECRET}"))),
        )
        .body(Body::from("grant_type=authorization_code&code=x&redirect_uri=x"))
        .unwrap();
    for own in [token(SHOP, Some(SECRET)), basic] {
        let answer = send_as(&mut attacker, "203.0.113.1", own).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
    }
}

#[tokio::test]
async fn a_client_has_a_share_wherever_it_asks_from() {
    let secret = |name: &str| format!("approved = true\nclient_secret = \"{name}-is-no-secret\"");
    let shop = crate::shop::SHOP.replace("approved = true", &secret("shop"));
    let other = shop.replace("\"shop\"", "\"other\"").replace("shop-is", "other-is");
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    std::fs::write(&file, format!("{shop}\n{other}")).unwrap();
    let mut settings = settings(folder.path(), Services::File(file));
    settings.rate_limit = a_minute(1);
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let clock = settings.clock.clone();
    let server = Server::of(App::open(settings).await.unwrap(), clock, folder);
    let mut browser = server.browser();
    let mut answered = 0;
    loop {
        let address = format!("203.0.113.{}", answered % 250);
        let request = token("shop", Some("shop-is-no-secret"));
        if send_as(&mut browser, &address, request).await.status == LIMITED {
            break;
        }
        answered += 1;
    }
    assert!(is_share(answered, 100), "{answered}");
    let request = token("other", Some("other-is-no-secret"));
    let answer = send_as(&mut browser, "203.0.113.1", request).await;
    assert!(answer.text().contains("invalid_grant"), "{}", answer.text());
}

#[tokio::test]
async fn each_kind_of_request_has_a_budget_of_its_own() {
    type Send = fn() -> Request<Body>;
    let kinds: [(&str, Send, u32); 4] = [
        ("page", || get("/api/v1/consents/none"), 10),
        ("decision", decision, 10),
        ("read", || get("/api/v1/openapi.json"), 100),
        ("token", || token(SHOP, None), 10),
    ];
    for (used_up, request, share) in kinds {
        let server = behind_a_proxy(1).await;
        let mut browser = server.browser();
        let used = use_up(&mut browser, "203.0.113.1", request).await;
        assert!(is_share(used, share), "{used_up}: {used}");
        for (kind, request, _) in kinds.iter().filter(|(kind, ..)| *kind != used_up) {
            let status = send_as(&mut browser, "203.0.113.1", request()).await.status;
            assert_ne!(status, LIMITED, "{used_up} is used up, and {kind} refused");
        }
    }
}

#[tokio::test]
async fn every_path_is_counted_but_health_checks() {
    for path in [
        "/oauth/authorize",
        "/oauth/userinfo",
        "/oauth/token",
        "/consent/none",
        "/api/v1/consents/none",
        "/api/v1/terms/tos/1",
        "/api/v1/openapi.json",
        "/.well-known/jwks.json",
        "/.well-known/openid-configuration",
        "/auto-login",
        "/sign-in",
        "/icons/none",
        "/icon.svg",
        "/pages.css",
        "/no/such/page",
        "/demo",
    ] {
        let server = behind_a_proxy(1).await;
        let used = use_up(&mut server.browser(), "203.0.113.1", || get(path)).await;
        assert!(is_share(used, 10) || is_share(used, 100), "{path}: {used}");
    }
    let server = behind_a_proxy(1).await;
    for path in ["/healthz", "/readyz"] {
        for _ in 0..500 {
            let answer = send_as(&mut server.browser(), "203.0.113.1", get(path)).await;
            assert_eq!(answer.status, StatusCode::OK);
        }
    }
}

/// Each of them writes to the database, and makes this server send requests to the provider.
#[tokio::test]
async fn signing_in_at_a_provider_counts_as_a_page() {
    for path in ["/sign-in", "/sign-in/callback?state=x"] {
        let server = behind_a_proxy(1).await;
        let used = use_up(&mut server.browser(), "203.0.113.1", || get(path)).await;
        assert!(is_share(used, 10), "{path}: {used}");
    }
}

#[tokio::test]
async fn a_session_that_is_held_back_uses_up_nothing_of_its_address() {
    let server = behind_a_proxy(2).await;
    let mut hasty = server.browser();
    let session = CookieNames::of(ORIGIN).name("session");
    hasty.cookies.insert(session.clone(), "made-up".to_owned());
    for count in 0..100 {
        let answer = send_as(&mut hasty, "203.0.113.1", get("/api/v1/consents/none")).await;
        assert_eq!(answer.status == LIMITED, count >= 2);
    }
    let answer = send_as(&mut server.browser(), "203.0.113.1", get("/api/v1/consents/none")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "another browser at that address");
    // A session for every request is held back by the address.
    let mut refused = 0;
    for number in 0..40 {
        hasty.cookies.insert(session.clone(), format!("made-up-{number}"));
        let answer = send_as(&mut hasty, "203.0.113.1", get("/api/v1/consents/none")).await;
        refused += u32::from(answer.status == LIMITED);
    }
    assert!((10..=40 - (20 - 3)).contains(&refused), "{refused}");
}

#[tokio::test]
async fn zero_is_no_limit() {
    let server = behind_a_proxy(0).await;
    for _ in 0..200 {
        for request in [get("/api/v1/consents/none"), decision(), token(SHOP, None)] {
            let answer = send_as(&mut server.browser(), "203.0.113.1", request).await;
            assert_ne!(answer.status, LIMITED);
        }
    }
}

/// The demo's services redeem their codes from this process: no client keeps them from it.
#[tokio::test]
async fn the_partner_of_the_demo_is_not_held_back_by_a_visitor() {
    let server = behind_a_proxy(3).await;
    use_up(&mut server.browser(), "203.0.113.1", || token(SHOP, None)).await;
    use_up(&mut server.browser(), "203.0.113.1", || get(&authorize(&[]))).await;
    let mut browser = server.browser();
    let at = |path: &str| get(path);
    let answer = send_as(&mut browser, "203.0.113.2", at("/demo/login?account=returning")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let started = send_as(&mut browser, "203.0.113.2", at("/demo/start?service=demo-shop")).await;
    let to = started.location().to_owned();
    let answer = send_as(&mut browser, "203.0.113.2", at(&to)).await;
    let callback = answer.location().replace(ORIGIN, "");
    let page = send_as(&mut browser, "203.0.113.2", at(&callback)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text().contains("no_answer"), "{}", page.text());
}
