//! Who may answer: the same browser, the same account, our own page.

use axum::{
    body::Body,
    http::{HeaderValue, Request, StatusCode, header},
};
use consent_contract::{decision::Decision, decision_path, extension_path, problem::Code};

use crate::browser::{
    Answer, Browser, ORIGIN, Server, authorize, cancel, changed, required_only, service,
};
use crate::shop::{account, proxied};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Where a browser says that its request comes from.
type From = (Option<&'static str>, Option<&'static str>);

/// `Sec-Fetch-Site` and `Origin`, and whether our own page sent that.
const ORIGINS: [(From, bool); 13] = [
    ((Some("same-origin"), None), true),
    ((Some("same-origin"), Some(ORIGIN)), true),
    ((Some("same-origin"), Some("null")), true),
    ((Some("same-origin"), Some("https://evil.example")), false),
    ((Some("same-origin"), Some("http://127.0.0.1:8081")), false),
    ((Some("same-origin"), Some("https://127.0.0.1:8080")), false),
    ((Some("same-origin"), Some("")), false),
    ((Some("same-site"), Some(ORIGIN)), false),
    ((Some("cross-site"), Some(ORIGIN)), false),
    ((Some("cross-site"), Some("null")), false),
    ((Some("none"), None), false),
    ((None, Some(ORIGIN)), true),
    ((None, Some("http://127.0.0.1:8081")), false),
];

/// Neither header, and what a browser without `Sec-Fetch-Site` says of a page with the policy
/// `no-referrer` as well as of a sandboxed frame.
const NOWHERE: From = (None, None);
const OPAQUE: From = (None, Some("null"));

async fn post(
    browser: &mut Browser,
    (site, origin): From,
    path: &str,
    media_type: &str,
    body: String,
) -> Answer {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, media_type);
    if let Some(site) = site {
        request = request.header("sec-fetch-site", site);
    }
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    browser.send(request.body(Body::from(body)).unwrap()).await
}

/// Everything that changes something for a challenge: as (path, media type, body).
async fn requests(browser: &mut Browser) -> Vec<(String, &'static str, String)> {
    let challenge = browser.challenged("demo-shop", &[]).await;
    let request = browser.asked(&challenge).await;
    let agree = required_only(&request);
    let json = serde_json::to_string(&agree).unwrap();
    let Decision::Agree(agreement) = agree else { panic!("an agreement") };
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(consent_contract::form::fields(&agreement))
        .finish();
    let more = serde_json::json!({ "csrf_token": agreement.csrf_token }).to_string();
    let (page, api) = (format!("/consent/{challenge}"), decision_path(&challenge));
    let cancel = "decision=cancel".to_owned();
    vec![
        (extension_path(&challenge), JSON, more),
        (page.clone(), FORM, cancel.clone()),
        (api.clone(), FORM, cancel),
        (api.clone(), JSON, "{\"decision\":\"cancel\"}".to_owned()),
        (page, FORM, form.clone()),
        (api.clone(), FORM, form),
        (api, JSON, json),
    ]
}

#[tokio::test]
async fn only_our_own_page_is_answered() {
    let server = Server::demo().await;
    let opaque = [(OPAQUE, true), (NOWHERE, false)];
    for (from, is_ours) in ORIGINS.into_iter().chain(opaque) {
        for at in 0..7 {
            let mut browser = server.browser_of("new").await;
            let (path, media_type, body) = requests(&mut browser).await.swap_remove(at);
            let answer = post(&mut browser, from, &path, media_type, body.clone()).await;
            let expected = if is_ours { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(answer.status, expected, "{from:?} {path} {body}: {}", answer.text());
            // The next one starts from the beginning.
            browser.post("/demo/reset", FORM, "account=new&service=demo-shop").await;
        }
    }
}

/// A frame with a sandbox anywhere sends `Origin: null`, too, but no cookie that is `SameSite=Lax`.
#[tokio::test]
async fn an_opaque_origin_without_the_session_is_refused() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    for (path, media_type, body) in requests(&mut browser).await {
        let mut without_cookies = server.browser();
        let answer = post(&mut without_cookies, OPAQUE, &path, media_type, body.clone()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {body}: {}", answer.text());
        let mut another = server.browser_of("returning").await;
        let answer = post(&mut another, OPAQUE, &path, media_type, body.clone()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {body}: {}", answer.text());
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
    assert_eq!(server.count("SELECT max(extensions) FROM challenges").await, 0);
}

/// With the session, what is more than a refusal still needs the token.
#[tokio::test]
async fn an_opaque_origin_with_the_session_needs_the_token() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let request = browser.asked(&challenge).await;
    let guessed = changed(required_only(&request), |it| it.csrf_token = "guessed".into());
    let guessed = serde_json::to_string(&guessed).unwrap();
    for (path, body) in [
        (decision_path(&challenge), guessed),
        (extension_path(&challenge), "{\"csrf_token\":\"guessed\"}".to_owned()),
    ] {
        let answer = post(&mut browser, OPAQUE, &path, JSON, body).await;
        assert_eq!(answer.problem().code, Code::CsrfRejected, "{path}");
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
}

/// Nothing but the page that it came from protects these.
#[tokio::test]
async fn an_opaque_origin_alone_signs_no_one_in() {
    let server = Server::demo().await;
    let parameters: std::collections::BTreeMap<_, _> = service("demo-shop").into_iter().collect();
    let parameters = serde_json::to_string(&parameters).unwrap();
    let reset = "account=returning&service=demo-shop".to_owned();
    let opaque = [(OPAQUE, false), (NOWHERE, false)];
    for (from, is_ours) in ORIGINS.into_iter().chain(opaque) {
        for (path, media_type, body, good) in [
            ("/api/v1/auto-login", JSON, &parameters, StatusCode::OK),
            ("/demo/reset", FORM, &reset, StatusCode::SEE_OTHER),
        ] {
            let mut browser = server.browser_of("returning").await;
            let answer = post(&mut browser, from, path, media_type, body.clone()).await;
            let expected = if is_ours { good } else { StatusCode::FORBIDDEN };
            assert_eq!(answer.status, expected, "{from:?} {path}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_challenge_is_of_one_browser_and_one_account() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let decision = required_only(&browser.asked(&challenge).await);

    // The same account in another browser; a signed-out browser; and another account in the same browser.
    let mut twin = server.browser_of("new").await;
    let mut signed_out = server.browser();
    let mut switched = browser.clone();
    switched.get("/demo/login?account=returning").await;
    for other in [&mut twin, &mut signed_out, &mut switched] {
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

/// A request of a browser that sends these lines in `Cookie` headers.
async fn with_cookies(server: &Server, lines: &[&[u8]]) -> Answer {
    let mut request = Request::get(authorize(&service("demo-shop")));
    for line in lines {
        request = request.header("cookie", HeaderValue::from_bytes(line).unwrap());
    }
    server.browser().send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_cookie_that_is_there_twice_is_not_believed() {
    let server = Server::demo().await;
    let browser = server.browser_of("new").await;
    let name = browser.cookie_name("session").unwrap();
    let (good, planted) =
        (format!("{name}={}", browser.cookie("session")), format!("{name}=planted"));
    let answer = with_cookies(&server, &[good.as_bytes()]).await;
    assert!(answer.location().starts_with("/consent/"));
    for twice in [
        &[format!("{planted}; {good}").as_bytes()][..],
        &[format!("{good}; {planted}").as_bytes()],
        &[good.as_bytes(), planted.as_bytes()],
    ] {
        let answer = with_cookies(&server, twice).await;
        assert!(answer.location().starts_with("/demo?return_to="), "{twice:?}");
    }
}

/// Browsers send what a neighbour on the domain has set as the bytes it is.
#[tokio::test]
async fn an_odd_cookie_signs_no_one_out() {
    let server = Server::demo().await;
    let browser = server.browser_of("new").await;
    let name = browser.cookie_name("session").unwrap();
    let good = format!("{name}={}", browser.cookie("session"));
    let odd: [&[u8]; 7] = [
        "장바구니=빈것".as_bytes(),
        b"latin=caf\xe9",
        b"bytes=\xff\x80; no-equals-sign",
        b"quoted=\"a; b\"",
        b"=no name",
        b";; ;",
        &[&[0xa0][..], name.as_bytes(), b"=planted"].concat(),
    ];
    for odd in odd {
        for lines in [
            &[&[odd, b"; ", good.as_bytes()].concat()[..]][..],
            &[&[good.as_bytes(), b"; ", odd].concat()],
            &[odd, good.as_bytes()],
            &[good.as_bytes(), odd],
        ] {
            let answer = with_cookies(&server, lines).await;
            assert!(answer.location().starts_with("/consent/"), "{lines:?}");
        }
    }
}

/// The demo beside a partner's own server on another port: browsers keep one jar for both.
#[tokio::test]
async fn cookies_have_names_that_no_neighbour_has() {
    let server = Server::demo().await;
    let mut browser = server.browser();
    let start = browser.get("/demo/start?account=returning&service=demo-shop&in_app=android").await;
    let body = serde_json::json!({
        "client_id": "demo-shop", "code_challenge": crate::browser::CHALLENGE,
        "code_challenge_method": "S256", "redirect_uri": format!("{ORIGIN}/demo/callback"),
    });
    browser.post("/api/v1/auto-login", "application/json", body.to_string()).await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    browser.agrees(&challenge).await;
    browser.cookies.extend(start.headers.get_all("set-cookie").iter().map(|cookie| {
        let pair = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
        (pair.0.to_owned(), pair.1.to_owned())
    }));
    assert!(browser.cookies.len() >= 4, "{:?}", browser.cookies);
    for name in browser.cookies.keys() {
        assert!(name.starts_with("consent-"), "{name}");
    }
    // A second server on another port has other names.
    let other = Server::with(|it| it.public_origin = "http://127.0.0.1:8081".to_owned()).await;
    let there = other.browser_of("new").await;
    assert_ne!(there.cookie_name("session"), browser.cookie_name("session"));
}

/// Without the demo, the proxy in front of this server names the account.
#[tokio::test]
async fn a_trusted_proxy_names_the_account() {
    let toml = proxied(&["hana"]) + "email = \"hana@example.com\"\n" + &account("duri");
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
    assert_eq!(
        browser.get(&authorize).await.location_parameter("error").unwrap(),
        "login_required"
    );
    let answer = browser.send(get(&authorize, "unknown")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "an unknown account ends on a page");
    let challenge = browser.send(get(&authorize, "hana")).await.challenge();
    let path = consent_contract::consent_path(&challenge);
    assert_eq!(browser.send(get(&path, "hana")).await.status, StatusCode::OK);
    // The proxy has signed another account in since: the session alone does not count.
    let problem = browser.send(get(&path, "duri")).await.problem();
    assert_eq!(problem.code, Code::WrongSession);
    assert_eq!(browser.get(&path).await.problem().code, Code::WrongSession);
}

/// The header of a proxy counts when that proxy sends it, and from no other peer.
#[tokio::test]
async fn an_account_header_from_an_untrusted_peer_is_ignored() {
    let toml = proxied(&["hana"]) + "email = \"hana@example.com\"\n";
    let server = Server::configured(&toml).await.unwrap();
    let authorize = authorize(&[
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.example/callback"),
        ("code_challenge", crate::browser::CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let get = |path: &str, peer: &str| {
        let mut request =
            Request::get(path).header("x-account", "hana").body(Body::empty()).unwrap();
        let peer: std::net::SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        request
    };
    let mut browser = server.browser();
    let answer = browser.send(get(&authorize, crate::browser::PEER)).await;
    let path = consent_contract::consent_path(&answer.challenge());
    assert_eq!(browser.send(get(&path, "[::ffff:127.0.0.1]:9")).await.status, StatusCode::OK);
    for peer in ["203.0.113.1:9", "127.0.0.2:9", "[::1]:9", "0.0.0.0:9"] {
        // Without its cookie and with it.
        let answer = server.browser().send(get(&authorize, peer)).await;
        assert_eq!(answer.location_parameter("error").unwrap(), "login_required", "{peer}");
        assert!(!answer.headers.contains_key("set-cookie"), "{peer}");
        let problem = browser.send(get(&path, peer)).await.problem();
        assert_eq!(problem.code, Code::WrongSession, "{peer}");
    }
}

#[tokio::test]
async fn an_account_header_needs_a_trusted_proxy() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    std::fs::write(&file, proxied(&[])).unwrap();
    let mut settings =
        crate::browser::settings(folder.path(), consent_backend::Services::File(file));
    let error = consent_backend::App::open(settings.clone()).await.err().unwrap().to_string();
    assert!(error.contains("`account_header`") && error.contains("--trusted-proxy"), "{error}");
    settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    assert!(consent_backend::App::open(settings).await.is_ok());
}
