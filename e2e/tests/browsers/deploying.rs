//! The configuration of nginx in docs/DEPLOYING.md, as it stands there, in front of the built product.

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use consent_contract::answers::Answers;
use consent_contract::decision::Recorded;
use consent_contract::request::{ConsentRequest, ConsentState};
use consent_contract::{consent_path, decision_path};
use consent_e2e::browser::Browser;
use consent_e2e::engine::{Device, Engine, Profile};
use consent_e2e::nginx::{Answer, Client, HOST, Page, Site};
use consent_e2e::pages::Consent;
use consent_e2e::proxy::{Fault, Proxy};
use consent_e2e::records;
use hyper::Method;
use serde_json::Value;
use std::path::Path;
use thirtyfour::Cookie;

const SERVICES: &str = r#"
[sign_in]
account_header = "x-account"
login_url = "/login"

[[service]]
client_id = "shop"
client_secret = "a secret of sixteen characters"
name = "가게"
company = "가게 주식회사"
redirect_uris = ["https://shop.example/callback", "http://127.0.0.1/callback"]
approved = true
icon = "icon.png"

[[service.terms]]
tag = "tos"
kind = "service"
required = true
version = "1"
effective_from = 2026-01-01
title = "이용약관"
text = "물건을 팝니다."

[service.personal_info]
recipient = "가게 주식회사"
purpose = "주문"
retention = "1년"
refusal_effect = "주문할 수 없습니다"

[[service.personal_info.items]]
id = "profile_nickname"
label = "닉네임"
required = true

[[account]]
id = "hana"
nickname = "하나"

[[account]]
id = "duri"
nickname = "두리"

[[account]]
id = "sena"
nickname = "세나"
"#;

/// One black pixel, as PNG.
const ICON: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC";

fn authorize(redirect_uri: &str) -> String {
    let redirect_uri = redirect_uri.replace(':', "%3A").replace('/', "%2F");
    format!(
        "/oauth/authorize?response_type=code&client_id=shop&redirect_uri={redirect_uri}\
         &scope=openid&state=a-state&nonce=n"
    )
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded";
const JSON: &str = "Content-Type: application/json";
const OURS: &str = "Sec-Fetch-Site: same-origin";

/// The challenge to which a signed-in client is led.
async fn challenged(client: &Client<'_>) -> Result<String> {
    let answer = client.send(&authorize("https://shop.example/callback"), &[]).await?;
    assert_eq!(answer.status, 303, "{answer:?}");
    let to = answer.header("location").to_owned();
    Ok(to.strip_prefix("/consent/").with_context(|| format!("leads to {to}"))?.to_owned())
}

async fn asked(client: &Client<'_>, challenge: &str) -> Result<ConsentRequest> {
    let answer = client.send(&consent_path(challenge), &[]).await?;
    match ConsentState::from_json(&answer.text()) {
        Ok(ConsentState::Ask(request)) => Ok(*request),
        other => panic!("{other:?}: {answer:?}"),
    }
}

fn agreement(request: &ConsentRequest) -> consent_contract::decision::Agreement {
    let mut answers = Answers::untouched(request);
    for (key, required) in answers.keys() {
        answers.tick(&key, required);
    }
    answers.agreement(request)
}

/// Everything that is the same in both ways.
async fn goes_through(site: &mut Site) -> Result<()> {
    let hana = site.client("hana");
    hana.signs_in("hana")?;
    what_is_public(&hana).await?;
    what_is_not(&hana).await?;
    an_account_header_of_the_client_is_dropped(site).await?;

    // The screen, its icon, and an agreement as the app sends it.
    let challenge = challenged(&hana).await?;
    let request = asked(&hana, &challenge).await?;
    let icon = request.service.icon_url.clone().context("no icon")?;
    let icon = hana.send(&icon, &[]).await?;
    assert_eq!((icon.status, icon.header("content-type")), (200, "image/png"));
    let page = hana.send(&format!("/consent/{challenge}"), &[]).await?;
    is_the_page(&page);
    let decision = consent_contract::decision::Decision::Agree(agreement(&request));
    let decision = serde_json::to_string(&decision)?;
    let sent = ["--header", JSON, "--header", OURS, "--data-binary", &decision];
    let answer = hana.send(&decision_path(&challenge), &sent).await?;
    let recorded: Recorded = serde_json::from_slice(&answer.body)?;
    let code = recorded.redirect_to.split("code=").nth(1).context("no code")?;
    tokens(&hana, code.split('&').next().unwrap_or_default()).await?;

    // A cancel and an agreement as a browser sends them by itself, at both addresses.
    let duri = site.client("duri");
    duri.signs_in("duri")?;
    for is_page in [true, false] {
        let challenge = challenged(&duri).await?;
        let path =
            if is_page { format!("/consent/{challenge}") } else { decision_path(&challenge) };
        let cancel = ["--header", FORM, "--header", OURS, "--data-binary", "decision=cancel"];
        goes_on(&duri.send(&path, &cancel).await?, "error=access_denied");
    }
    let challenge = challenged(&duri).await?;
    let fields = consent_contract::form::fields(&agreement(&asked(&duri, &challenge).await?));
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut sent = vec!["--header", OURS];
    for pair in &pairs {
        sent.extend(["--data-urlencode", pair]);
    }
    goes_on(&duri.send(&format!("/consent/{challenge}"), &sent).await?, "code=");
    let mut decisions = records::decisions(&site.data()).await?;
    // What was decided in the browser.
    decisions.retain(|it| it.account != "sena");
    let made: Vec<_> =
        decisions.iter().map(|it| (it.account.as_str(), it.decision.as_str())).collect();
    assert_eq!(
        made,
        [("hana", "agree"), ("duri", "cancel"), ("duri", "cancel"), ("duri", "agree")]
    );

    // http leads to https; and nothing that is secret was written down.
    let plain = hana.send(&site.plain("/x?y=z"), &[]).await?;
    assert_eq!((plain.status, plain.header("location")), (308, "https://id.example/x?y=z"));
    let log = site.access_log()?;
    assert!(log.contains("\"POST /api/v1/consents/-/decision\" 200"), "{log}");
    assert!(log.contains("\"POST /consent/-\" 200"), "{log}");
    for secret in [challenge.as_str(), "code=", "a-state", "redirect_uri", "?"] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }

    drop((hana, duri));
    site.end_backend().await?;
    let client = site.client("later");
    for path in ["/oauth/token", "/oauth/userinfo", "/.well-known/jwks.json", "/api/v1/consents/x"]
    {
        let answer = client.send(path, &[]).await?;
        assert_eq!((answer.status, answer.header("content-type")), (503, "application/json"));
        assert_eq!(
            serde_json::from_slice::<Value>(&answer.body)?["error"],
            "temporarily_unavailable"
        );
        assert_eq!(answer.header("retry-after"), "5");
    }
    Ok(())
}

async fn what_is_public(client: &Client<'_>) -> Result<()> {
    let discovery = client.send("/.well-known/openid-configuration", &[]).await?;
    let discovery: Value = serde_json::from_slice(&discovery.body)?;
    let jwks = discovery["jwks_uri"].as_str().context("no jwks_uri")?;
    let jwks: Value = serde_json::from_slice(&client.send(jwks, &[]).await?.body)?;
    assert_eq!(jwks["keys"][0]["kty"], "RSA");
    for (path, kind) in
        [("/pages.css", "text/css"), ("/icon.svg", "image/svg+xml"), ("/theme.css", "text/css")]
    {
        let answer = client.send(path, &[]).await?;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.header("content-type").starts_with(kind), "{path}: {answer:?}");
        is_safe(&answer);
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
    }
    // The app's files, compressed and not.
    let dist = std::env::var("CONSENT_DIST")?;
    for ending in [".js", ".wasm"] {
        let name = file(Path::new(&dist), ending)?;
        let whole = client.send(&format!("/{name}"), &[]).await?;
        let small =
            client.send(&format!("/{name}"), &["--header", "Accept-Encoding: gzip"]).await?;
        assert_eq!(whole.body, std::fs::read(Path::new(&dist).join(&name))?);
        assert_eq!(small.body, std::fs::read(Path::new(&dist).join(format!("{name}.gz")))?);
        assert_eq!(small.header("content-encoding"), "gzip");
        for answer in [whole, small] {
            assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
            assert_eq!(answer.header("vary").to_ascii_lowercase(), "accept-encoding");
            let kind = if ending == ".js" { "javascript" } else { "application/wasm" };
            assert!(answer.header("content-type").contains(kind), "{answer:?}");
            is_safe(&answer);
        }
    }
    Ok(())
}

fn file(folder: &Path, ending: &str) -> Result<String> {
    let mut names = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<Vec<_>>>()?;
    names.retain(|name| name.ends_with(ending));
    names.pop().with_context(|| format!("no {ending} in {}", folder.display()))
}

/// What only the machine itself may see, and what is no address.
async fn what_is_not(client: &Client<'_>) -> Result<()> {
    for path in [
        "/.made-from",
        "/.trunk-lock",
        "/%2emade-from",
        "/index.html",
        "/index.html.gz",
        "/consent/../index.html",
        "/healthz",
        "/readyz",
        "/-/session",
        "/no/such/file.js",
    ] {
        let answer = client.send(path, &["--path-as-is"]).await?;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
    Ok(())
}

/// The proxy says who is there: never the client.
async fn an_account_header_of_the_client_is_dropped(site: &Site) -> Result<()> {
    let authorize = authorize("https://shop.example/callback");
    let once = ["--header", "X-Account: hana"];
    let twice = ["--header", "x-account: hana", "--header", "X-Account: hana"];
    for spoofed in [&once[..], &twice[..]] {
        let answer = site.client("signed-out").send(&authorize, spoofed).await?;
        assert_eq!(answer.status, 303);
        assert!(answer.header("location").starts_with("/login?return_to="), "{answer:?}");
        assert!(!answer.header("set-cookie").contains("-session="), "{answer:?}");
    }
    let duri = site.client("spoofing");
    duri.signs_in("duri")?;
    let spoofed = ["--header", "X-Account: hana"];
    let answer = duri.send(&authorize, &spoofed).await?;
    let challenge = answer.header("location").trim_start_matches("/consent/").to_owned();
    let message = duri.send(&consent_path(&challenge), &spoofed).await?;
    assert!(message.text().contains("두리") && !message.text().contains("하나"), "{message:?}");
    Ok(())
}

async fn tokens(client: &Client<'_>, code: &str) -> Result<()> {
    let code = format!("code={code}");
    let sent = [
        "--user",
        "shop:a+secret+of+sixteen+characters",
        "--data",
        "grant_type=authorization_code",
        "--data-urlencode",
        "redirect_uri=https://shop.example/callback",
        "--data",
        &code,
    ];
    let answer = client.send("/oauth/token", &sent).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let tokens: Value = serde_json::from_slice(&answer.body)?;
    let bearer = tokens["access_token"].as_str().context("no token")?;
    let bearer = format!("Authorization: Bearer {bearer}");
    let answer = client.send("/oauth/userinfo", &["--header", &bearer]).await?;
    assert_eq!(serde_json::from_slice::<Value>(&answer.body)?["nickname"], "하나");
    // The same once more, as a program that made a mistake: it can read the answer.
    let answer = client.send("/oauth/token", &sent).await?;
    assert_eq!((answer.status, answer.header("content-type")), (400, "application/json"));
    Ok(())
}

/// Nothing but a page that asks for it may be framed, run or sniffed.
fn is_safe(answer: &Answer) {
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
}

fn is_the_page(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    is_safe(answer);
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("form-action 'self';"), "{policy}");
    assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval' 'sha256-"), "{policy}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "same-origin");
    assert_eq!(answer.header("cross-origin-opener-policy"), "unsafe-none");
    assert!(answer.header("content-type").starts_with("text/html"));
}

fn goes_on(answer: &Answer, parameters: &str) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let to = answer.header("refresh");
    assert!(
        to.starts_with("0; url=https://shop.example/callback?") && to.contains(parameters),
        "{to}"
    );
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    is_safe(answer);
}

/// The way of a person, with the app: the policy allows what the page needs, and nothing is missing.
async fn is_gone_through_by_a_browser(site: &Site) -> Result<()> {
    // Others have no option to map a host to this machine.
    if Engine::chosen()? != Engine::Chromium {
        return Ok(());
    }
    let service = Proxy::start().await?;
    let arrived =
        Fault::answer(200, "text/html", "<!doctype html><link rel=icon href=data:,><h1>in</h1>");
    service.fault(Method::GET, "/callback", None, arrived);
    let profile = Profile {
        device: Device::Phone,
        languages: "ko".into(),
        scripts: true,
        user_agent: None,
        keeps: true,
        is_shared: true,
        stands_for_this_machine: Some(HOST.into()),
    };
    let browser = Browser::start(Engine::Chromium, &profile, &site.origin).await?;
    let done = async {
        browser.go("/theme.css").await?;
        let mut cookie = Cookie::new("login", "sena");
        cookie.set_path("/");
        browser.driver.add_cookie(cookie).await?;
        browser.go(&authorize(&format!("{}/callback", service.origin()))).await?;
        let screen = Consent::asking(&browser).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        let address = browser.arrive(&format!("{}/callback", service.origin())).await?;
        let mut complaints = browser.driver.get_log("browser").await?;
        complaints.retain(|it| it.level != "INFO");
        ensure!(address.contains("code=") && complaints.is_empty(), "{address} {complaints:#?}");
        Ok(())
    };
    let done: Result<()> = done.await;
    browser.driver.clone().quit().await?;
    done
}

async fn site(page: Page) -> Result<Site> {
    Site::start(page, SERVICES, &[("icon.png", &BASE64_STANDARD.decode(ICON)?)]).await
}

#[tokio::test]
async fn nginx_in_front_of_the_backend() -> Result<()> {
    let mut site = site(Page::Backend).await?;
    is_gone_through_by_a_browser(&site).await?;
    goes_through(&mut site).await
}

#[tokio::test]
async fn nginx_that_serves_the_page() -> Result<()> {
    let mut site = site(Page::Nginx).await?;
    is_gone_through_by_a_browser(&site).await?;
    goes_through(&mut site).await
}
