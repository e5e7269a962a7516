//! Who may answer: the same browser, the same account, our own page.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use consent_contract::{decision_path, extension_path, problem::Code};

use crate::browser::{ORIGIN, Server, authorize, cancel, required_only, service};

#[tokio::test]
async fn only_our_own_page_is_answered() {
    let server = Server::demo().await;
    for (site, origin, is_ours) in [
        (Some("same-origin"), None, true),
        (Some("same-origin"), Some("https://evil.example"), true),
        (Some("same-site"), Some(ORIGIN), false),
        (Some("cross-site"), Some(ORIGIN), false),
        (Some("none"), None, false),
        (None, Some(ORIGIN), true),
        (None, Some("http://127.0.0.1:8081"), false),
        (None, Some("null"), false),
        (None, None, false),
    ] {
        let mut browser = server.browser_of("new").await;
        let challenge = browser.challenged("demo-shop", &[]).await;
        for (path, body) in [
            (extension_path(&challenge), "{\"csrf_token\":\"x\"}"),
            (decision_path(&challenge), "{\"decision\":\"cancel\"}"),
            (format!("/consent/{challenge}"), "{\"decision\":\"cancel\"}"),
        ] {
            let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
            if let Some(site) = site {
                request = request.header("sec-fetch-site", site);
            }
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let answer = browser.send(request.body(Body::from(body)).unwrap()).await;
            // An extension with a made-up token is refused for that; what matters is the reason.
            let refused = answer.status == StatusCode::FORBIDDEN
                && !answer.problem().detail.unwrap_or_default().contains("token");
            assert_eq!(refused, !is_ours, "{site:?} {origin:?}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_challenge_is_of_one_browser_and_one_account() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let decision = required_only(&browser.asked(&challenge).await);

    // The same account in another browser; nobody; and another account in the same browser.
    let mut twin = server.browser_of("new").await;
    let mut nobody = server.browser();
    let mut switched = browser.clone();
    switched.get("/demo/login?account=returning").await;
    for other in [&mut twin, &mut nobody, &mut switched] {
        assert_eq!(other.read(&challenge).await.problem().code, Code::WrongSession);
        for decision in [&decision, &cancel()] {
            let problem = other.decide(&challenge, decision).await.problem();
            assert_eq!(problem.code, Code::WrongSession);
            assert!(problem.restart_url.unwrap().starts_with("/oauth/authorize?"));
        }
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
    // Switching took the old session away altogether.
    assert_eq!(browser.read(&challenge).await.problem().code, Code::WrongSession);
}

#[tokio::test]
async fn the_token_is_of_one_challenge_and_survives_a_second_reading() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let first = browser.challenged("demo-shop", &[]).await;
    let second = browser.challenged("demo-shop", &[("ui_locales", "ko")]).await;
    let shown = browser.asked(&first).await;
    let other = browser.asked(&second).await;
    assert_ne!(shown.csrf_token, other.csrf_token);
    let problem = browser.decide(&second, &required_only(&shown)).await.problem();
    assert_eq!(problem.code, Code::CsrfRejected);
    // A prefetch, a reload, another tab: the page that is open stays good.
    browser.asked(&first).await;
    assert_eq!(browser.decide(&first, &required_only(&shown)).await.status, 200);
}

#[tokio::test]
async fn nothing_is_granted_by_reading() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    for path in [decision_path(&challenge), extension_path(&challenge)] {
        assert_eq!(browser.get(&path).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test]
async fn a_cookie_that_is_there_twice_is_not_believed() {
    let server = Server::demo().await;
    let browser = server.browser_of("new").await;
    let session = &browser.cookies["session"];
    let mut bare = server.browser();
    let request = |cookies: &str| {
        Request::get(authorize(&service("demo-shop")))
            .header("cookie", cookies)
            .body(Body::empty())
            .unwrap()
    };
    let answer = bare.send(request(&format!("session={session}"))).await;
    assert!(answer.location().starts_with("/consent/"));
    for twice in [
        format!("session=planted; session={session}"),
        format!("session={session}; session=planted"),
    ] {
        let answer = bare.send(request(&twice)).await;
        assert!(answer.location().starts_with("/demo?return_to="), "{twice}");
    }
}

/// Without the demo, whoever stands in front of this server says who is there.
#[tokio::test]
async fn a_trusted_proxy_names_the_account() {
    let toml = crate::configuration::GOOD.to_owned()
        + "\n[sign_in]\naccount_header = \"x-account\"\n\n[[account]]\nid = \"hana\"\nnickname = \"하나\"\n\
           email = \"hana@example.com\"\n\n[[account]]\nid = \"duri\"\nnickname = \"두리\"\n";
    let server = Server::configured(&toml).await.unwrap();
    let mut browser = server.browser();
    let authorize = authorize(&[
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.example/callback"),
        ("code_challenge", crate::browser::CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let get = |path: &str, account: &str| {
        Request::get(path).header("x-account", account).body(Body::empty()).unwrap()
    };
    assert_eq!(browser.get(&authorize).await.told("error").unwrap(), "login_required");
    let answer = browser.send(get(&authorize, "nobody")).await;
    assert_eq!(answer.told("error").unwrap(), "login_required");
    let challenge = browser.send(get(&authorize, "hana")).await.challenge();
    let path = consent_contract::consent_path(&challenge);
    assert_eq!(browser.send(get(&path, "hana")).await.status, StatusCode::OK);
    // The proxy has signed somebody else in since: the session alone does not count.
    let problem = browser.send(get(&path, "duri")).await.problem();
    assert_eq!(problem.code, Code::WrongSession);
    assert_eq!(browser.get(&path).await.problem().code, Code::WrongSession);
}
