//! The demo, and that there is nothing of it without `--demo`.

use axum::http::StatusCode;

use crate::{
    browser::{Browser, Server, required_only},
    shop::SHOP,
};

/// Follows redirects on our own origin until a page or the screen is reached.
async fn follow(browser: &mut Browser, path: &str) -> (String, crate::browser::Answer) {
    let mut path = path.to_owned();
    for _ in 0..5 {
        if path.starts_with("/consent/") {
            break;
        }
        let answer = browser.get(&path).await;
        if answer.status != StatusCode::SEE_OTHER {
            return (path, answer);
        }
        path = answer.location().replace("http://127.0.0.1:8080", "");
    }
    let answer = browser.get(&path).await;
    (path, answer)
}

#[tokio::test]
async fn the_whole_way_ends_at_the_service_with_verified_tokens_and_the_receipt() {
    let server = Server::demo().await;
    let mut browser = server.browser();
    let start = "/demo/start?account=new&service=demo-shop&lang=en";
    let (path, _) = follow(&mut browser, start).await;
    let challenge = path.strip_prefix("/consent/").unwrap();
    let request = browser.asked(challenge).await;
    assert_eq!(request.locale, "en");
    let recorded: consent_contract::decision::Recorded =
        browser.decide(challenge, &required_only(&request)).await.json();
    let back = recorded.redirect_to.replace("http://127.0.0.1:8080", "");
    let page = browser.get(&back).await;
    assert_eq!(page.status, StatusCode::OK);
    for shown in [
        "signature and nonce were verified",
        "data-claim=\"email\">hana@example.com<",
        "data-item=\"term:tos\" data-agreed=\"true\"",
        "data-item=\"term:marketing\" data-agreed=\"false\"",
        "data-item=\"channel:_hanok\" data-agreed=\"false\"",
        &recorded.receipt_id,
    ] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
    let access_token = "SELECT CAST(length(token) AS BIGINT) FROM tokens";
    assert_eq!(server.count(access_token).await, 32);
    // The answer was for this browser, once.
    let again = browser.get(&back).await;
    assert!(again.text().contains("unknown_state"));
    assert!(server.browser().get(&back).await.text().contains("unknown_state"));

    let (path, page) = follow(&mut browser, start).await;
    assert!(path.starts_with("/demo/callback?"), "no screen the second time");
    assert!(page.text().contains("There was nothing to ask this time"));
}

#[tokio::test]
async fn extras_are_asked_of_the_services_that_have_them() {
    let server = Server::demo().await;
    let more = "service_terms=travel_notice&channel_public_id=_hanok,_hanok_events\
                &scope=phone_number&scope=shipping_address";
    let mut browser = server.browser();
    let start = format!("/demo/start?account=returning&service=demo-travel&{more}");
    let (path, _) = follow(&mut browser, &start).await;
    let request = browser.asked(path.strip_prefix("/consent/").unwrap()).await;
    assert_eq!(request.terms.len(), 1);
    assert_eq!(request.personal_info.items[0].id, "phone_number");
    let start = format!("/demo/start?account=new&service=demo-shop&{more}");
    let (path, _) = follow(&mut browser, &start).await;
    let request = browser.asked(path.strip_prefix("/consent/").unwrap()).await;
    assert_eq!(consent_contract::channel::offered(&request).len(), 2);
    let start = "/demo/start?account=new&service=demo-shop&prompt=none";
    let (_, page) = follow(&mut browser, start).await;
    assert!(page.text().contains("data-claim=\"error\">consent_required<"));
}

#[tokio::test]
async fn a_cancel_is_explained() {
    let server = Server::demo().await;
    let mut browser = server.browser();
    let start = "/demo/start?account=new&service=demo-shop&lang=ja";
    let (path, _) = follow(&mut browser, start).await;
    let answer = browser.post(&path, "application/x-www-form-urlencoded", "decision=cancel").await;
    let back = answer.onward().replace("http://127.0.0.1:8080", "");
    let page = browser.get(&back).await;
    assert!(page.text().contains("登録しませんでした"), "{}", page.text());
    assert!(page.text().contains("data-claim=\"error\">access_denied<"));
}

#[tokio::test]
async fn a_way_can_be_tried_again_and_receipts_stay() {
    let server = Server::demo().await;
    for account in ["new", "login-only", "no-email"] {
        let mut browser = server.browser_of(account).await;
        for _ in 0..2 {
            let challenge = browser.challenged("demo-shop", &[]).await;
            let request = browser.asked(&challenge).await;
            assert_eq!(consent_contract::channel::offered(&request).len(), 1, "{account}");
            let all = crate::browser::agreement(&request, |_, _| true);
            assert_eq!(browser.decide(&challenge, &all).await.status, 200);
            let form = format!("account={account}&service=demo-shop&lang=en");
            let answer =
                browser.post("/demo/reset", "application/x-www-form-urlencoded", form).await;
            assert_eq!(answer.location(), "/demo?lang=en&reset=1");
        }
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 6);
    let mut browser = server.browser_of("returning").await;
    let form = "account=returning&service=demo-shop";
    browser.post("/demo/reset", "application/x-www-form-urlencoded", form).await;
    let answer = browser.authorize(&crate::browser::service("demo-shop")).await;
    assert!(answer.location_parameter("code").is_some(), "back to how it was: linked");
    let bad = browser.post("/demo/reset", "application/x-www-form-urlencoded", "account=x").await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn signing_in_leads_nowhere_else() {
    let server = Server::demo().await;
    let mut browser = server.browser();
    for (to, leads) in [
        ("%2Foauth%2Fauthorize%3Fa%3D1", "/oauth/authorize?a=1"),
        ("https%3A%2F%2Fevil.example", "/demo"),
        ("%2F%2Fevil.example", "/demo"),
        ("%2F%5Cevil.example", "/demo"),
        ("javascript%3Aalert(1)", "/demo"),
    ] {
        let answer = browser.get(&format!("/demo/login?account=new&return_to={to}")).await;
        assert_eq!(answer.location(), leads);
    }
    assert_eq!(browser.get("/demo/login?account=unknown").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_page_lists_who_and_where_in_three_languages() {
    let server = Server::demo().await;
    let mut browser = server.browser();
    browser.language = Some("ja");
    for (query, says) in [
        ("", "同意画面を試す"),
        ("?lang=en", "Try the consent screen"),
        ("?lang=ko", "동의 화면 체험"),
    ] {
        let page = browser.get(&format!("/demo{query}")).await;
        assert!(page.text().contains(says));
        for id in [
            "new",
            "returning",
            "login-only",
            "channel-added",
            "channel-blocked",
            "no-messenger",
            "no-email",
            "under-14",
            "everything",
            "demo-shop",
            "demo-bookclub",
            "demo-travel",
            "demo-test-app",
            "demo-pending",
            "demo-parcels",
        ] {
            assert!(page.text().contains(&format!("value=\"{id}\"")), "{id}");
        }
        assert!(!page.text().contains("<script") && !page.text().contains("style=\""));
    }
    let page = browser.get("/demo?return_to=%2Foauth%2Fauthorize%3Fa%3D1").await;
    assert!(
        page.text().contains("/demo/login?account=new&amp;return_to=%2Foauth%2Fauthorize%3Fa%3D1")
    );
    let page = browser.get("/demo?return_to=%2F%2Fevil.example").await;
    assert!(!page.text().contains("evil"));
}

#[tokio::test]
async fn another_name_of_the_same_machine_is_led_to_the_right_one() {
    let server = Server::demo().await;
    let get = |host: &str, path: &str| {
        axum::http::Request::get(path).header("host", host).body(axum::body::Body::empty()).unwrap()
    };
    let mut browser = server.browser();
    for path in [
        "/demo",
        "/demo?return_to=%2Foauth%2Fauthorize%3Fclient_id%3Ddemo-shop",
        "/demo?lang=en&lang=ko",
        "/demo/start?account=new&service=demo-shop&prompt=login",
        "/demo/login?account=new&return_to=%2Fdemo",
        "/demo/callback?code=x&state=y",
        "/oauth/authorize?client_id=demo-shop&state=a%20b&state=%26",
        "/consent/no-such-challenge?x=1",
        "/auto-login?client_id=demo-shop",
        "/auto-login/outside/demo-shop?x",
    ] {
        for host in ["localhost:8080", "[::1]:8080"] {
            let answer = browser.send(get(host, path)).await;
            assert_eq!(answer.location(), format!("http://127.0.0.1:8080{path}"), "{host}");
        }
    }
    assert!(browser.cookies.is_empty(), "no one was signed in under the other name");
    // Another port is a proxy's, which would bring the browser back here.
    for host in ["127.0.0.1:8080", "127.0.0.1:9999", "localhost:9999", "localhost", "[::1]"] {
        assert_eq!(browser.send(get(host, "/demo")).await.status, StatusCode::OK, "{host}");
    }
    // Files and the API mean the same under every name, and what fits no `Location` stays.
    for path in ["/demo/demo.css", "/.well-known/openid-configuration", "/demo?x=\\y"] {
        let answer = browser.send(get("localhost:8080", path)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
    }
}

/// A request that begins under another name ends under the right one, with what was asked.
#[tokio::test]
async fn a_request_under_another_name_of_the_machine_is_not_lost() {
    let server = Server::demo().await;
    let mut browser = server.browser();
    let path = crate::browser::authorize(&crate::browser::service("demo-shop"));
    let request = axum::http::Request::get(&path).header("host", "localhost:8080");
    let answer = browser.send(request.body(axum::body::Body::empty()).unwrap()).await;
    let (path, page) =
        follow(&mut browser, &answer.location()["http://127.0.0.1:8080".len()..]).await;
    assert!(path.starts_with("/demo?return_to=%2Foauth%2Fauthorize%3F"), "{path}");
    assert!(page.text().contains("state%2Bof%2Bthe%2Bservice"), "{}", page.text());
}

#[tokio::test]
async fn without_the_demo_none_of_it_exists() {
    let server = Server::configured(SHOP).await.unwrap();
    let mut browser = server.browser();
    for path in [
        "/",
        "/demo",
        "/demo/",
        "/demo/start",
        "/demo/login?account=new",
        "/demo/callback",
        "/demo/demo.css",
    ] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let form = "application/x-www-form-urlencoded";
    let answer = browser.post("/demo/reset", form, "account=a&service=b").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
