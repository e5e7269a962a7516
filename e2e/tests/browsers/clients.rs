//! Clients that others wrote sign in through the screen: each is an application in `e2e/clients`,
//! configured as the client's own documentation shows, apart from the addresses.
//!
//! What they can do is a table in docs/COMPATIBILITY.md: `UPDATE_DOCS=1` writes their rows.

use anyhow::{Context, Result, ensure};
use consent_e2e::browser::Browser;
use consent_e2e::client_app::{ClientApp, Registration, Runtime, scripts};
use consent_e2e::engine::Engine;
use consent_e2e::pages::Consent;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp, packages};
use serde_json::{Value, json};
use std::fmt::Write;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;

/// What the client speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    OpenIdConnect,
    Kakao,
}

/// A client, and its application.
struct Client {
    /// Its package at npm or PyPI.
    package: &'static str,
    /// What it is called in the table.
    name: &'static str,
    script: &'static str,
    runtime: Runtime,
    dialect: Dialect,
    /// Where the application takes the code.
    callback: &'static str,
    /// The button of the application's own page that starts the login.
    log_in: Option<&'static str>,
    /// The one that ends it.
    log_out: Option<&'static str>,
    /// What had to be set beside the addresses.
    needed: &'static str,
}

/// A shop with a required term, a required nickname and an optional e-mail address.
fn services(client: &Client, registration: &Registration) -> String {
    let Registration { client_id, client_secret, .. } = registration;
    let origin = registration.origin();
    let dialect = match client.dialect {
        Dialect::OpenIdConnect => {
            format!("post_logout_redirect_uris = [\"{origin}/session\"]\n")
        }
        Dialect::Kakao => "dialect = \"kakao\"\n".to_owned(),
    };
    let mut toml = format!(
        "[sign_in]\naccount_header = \"x-account\"\n\n\
         [[account]]\nid = \"account\"\nnickname = \"하나\"\nemail = \"hana@example.com\"\n\n\
         [[service]]\nclient_id = \"{client_id}\"\nclient_secret = \"{client_secret}\"\n\
         name = \"가게\"\ncompany = \"가게 주식회사\"\nverified = true\napproved = true\n\
         redirect_uris = [\"{origin}{}\"]\n{dialect}\n\
         [[service.terms]]\ntag = \"tos\"\nkind = \"service\"\nrequired = true\n\
         version = \"2026-11-01\"\neffective_from = 2026-11-01\ntitle = \"이용약관\"\n\
         text = \"물건을 팝니다.\"\n\n\
         [service.personal_info]\nrecipient = \"가게 주식회사\"\npurpose = \"주문 처리\"\n\
         retention = \"회원 탈퇴 또는 동의 철회 시까지\"\nrefusal_effect = \"가입할 수 없습니다\"\n",
        client.callback
    );
    for (id, label, required) in
        [("profile_nickname", "닉네임", true), ("account_email", "이메일", false)]
    {
        write!(
            toml,
            "\n[[service.personal_info.items]]\nid = \"{id}\"\nlabel = \"{label}\"\n\
             required = {required}\n"
        )
        .expect("strings take anything");
    }
    toml
}

/// What the application shows as JSON.
pub async fn shown(browser: &Browser, application: &str, path: &str) -> Result<Value> {
    browser.arrive(&format!("{application}{path}")).await?;
    let text = "return document.body.textContent.replace(/^[^[{n]*/, '')";
    let text = browser.driver.execute(text, Vec::new()).await?.json().clone();
    let text = text.as_str().context("the page has text")?;
    serde_json::from_str(text).with_context(|| format!("{path} shows {text}"))
}

/// What a client was seen to get: a nickname, and no e-mail address.
fn has_what_was_agreed_to(client: &Client, shown: &Value) -> Result<()> {
    let user = &shown["user"];
    let (nickname, refused) = match client.dialect {
        Dialect::OpenIdConnect => (&user["nickname"], user.get("email").is_none()),
        Dialect::Kakao => {
            ensure!(user["id"].is_u64(), "no numeric id: {shown}");
            let account = &user["kakao_account"];
            let is_refused = account["email_needs_agreement"] == true;
            (&account["profile"]["nickname"], is_refused && account.get("email").is_none())
        }
    };
    // httpx-oauth asks for the e-mail address alone.
    ensure!(*nickname == "하나" || client.package == "httpx-oauth", "no nickname: {shown}");
    ensure!(refused, "the refused item is there: {shown}");
    Ok(())
}

async fn start(app: &TestApp, client: &Client, registration: &Registration) -> Result<ClientApp> {
    let application = registration.origin();
    app.allow_console_error(&application);
    // Auth.js shows the logo of the platform from there.
    app.allow_console_error("https://authjs.dev/");
    let issuer = app.proxy.origin();
    let running = ClientApp::start(client.script, client.runtime, issuer, registration).await?;
    app.browser.driver.goto(format!("{application}/login")).await?;
    if let Some(log_in) = client.log_in {
        app.browser.press(Role::Button, log_in).await?;
    }
    Ok(running)
}

async fn works(client: Client) -> Result<()> {
    if client.runtime == Runtime::Python && !packages::has_python() {
        writeln!(std::io::stderr(), "not run: {}: there is no Python with pip", client.name)?;
        return Ok(());
    }
    let registration = Registration::new("stock-client", "a-secret-that-is-long-enough")?;
    let setup = Setup::default()
        .services(services(&client, &registration))
        .only_in(Engine::Chromium, "the client is the same in each");
    let done = Mutex::new(false);
    let (client, registration, done) = (&client, &registration, &done);
    TestApp::run(setup, |app| async move {
        let (browser, application) = (&app.browser, registration.origin());
        let _running = start(&app, client, registration).await?;
        let screen = Consent::asking(browser).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        let session = shown(browser, &application, "/session").await?;
        has_what_was_agreed_to(client, &session)?;
        let decisions = app.decisions().await?;
        let [decision] = &decisions[..] else { panic!("not one decision: {decisions:#?}") };
        let items = app.items(&decision.receipt_id).await?;
        let refused = items.iter().find(|item| item.key == "item:account_email");
        assert!(refused.is_some_and(|item| !item.agreed), "{items:#?}");

        browser.driver.goto(format!("{application}/refresh")).await?;
        let refreshed = shown(browser, &application, "/refresh").await?;
        has_what_was_agreed_to(client, &refreshed)?;

        browser.driver.goto(format!("{application}/logout")).await?;
        if let Some(log_out) = client.log_out {
            browser.press(Role::Button, log_out).await?;
        }
        let session = shown(browser, &application, "/session").await?;
        assert_eq!(session, Value::Null);
        *done.lock().expect("the scene has not panicked") = true;
        Ok(())
    })
    .await?;
    // Not in the other engines.
    let is_done = *done.lock().expect("the scene has not panicked");
    if is_done { is_in_the_table(client) } else { Ok(()) }
}

/// The version in the lock file's source.
fn version(client: &Client) -> Result<String> {
    let version = match client.runtime {
        Runtime::Node => {
            let manifest = std::fs::read_to_string(scripts().join("package.json"))?;
            let manifest: Value = serde_json::from_str(&manifest)?;
            manifest["dependencies"][client.package].as_str().map(str::to_owned)
        }
        Runtime::Python => {
            let lock = std::fs::read_to_string(scripts().join("requirements.txt"))?;
            let name = format!("{}==", client.package);
            let line = lock.lines().find_map(|line| line.strip_prefix(&name).map(str::to_owned));
            line.and_then(|line| line.split(' ').next().map(str::to_owned))
        }
    };
    version.with_context(|| format!("no version of {}", client.package))
}

fn is_in_the_table(client: &Client) -> Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/COMPATIBILITY.md");
    let document = std::fs::read_to_string(&file)?;
    let start = format!("| {} |", client.name);
    let row = format!(
        "{start} {} | yes | as refused | yes | yes | {} |",
        version(client)?,
        client.needed
    );
    if document.lines().any(|line| line == row) {
        return Ok(());
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let lines = document.lines();
        let new = lines.map(|line| if line.starts_with(&start) { &row } else { line });
        std::fs::write(&file, new.collect::<Vec<_>>().join("\n") + "\n")?;
        return Ok(());
    }
    Err(anyhow::anyhow!("docs/COMPATIBILITY.md has another row than:\n{row}"))
}

const OPENID_CLIENT: Client = Client {
    package: "openid-client",
    name: "openid-client",
    script: "openid_client.mjs",
    runtime: Runtime::Node,
    dialect: Dialect::OpenIdConnect,
    callback: "/callback",
    log_in: None,
    log_out: None,
    needed: "nothing: `openid profile email offline_access`, PKCE, state and nonce",
};

#[tokio::test]
async fn openid_client() -> Result<()> {
    works(OPENID_CLIENT).await
}

#[tokio::test]
async fn better_auth() -> Result<()> {
    works(Client {
        package: "better-auth",
        name: "Better Auth, generic OAuth",
        script: "better_auth.mjs",
        callback: "/api/auth/callback/consent",
        needed: "`mapProfileToUser`, where the address may be refused: it has no users without one",
        ..OPENID_CLIENT
    })
    .await
}

#[tokio::test]
async fn authlib() -> Result<()> {
    works(Client {
        package: "authlib",
        name: "Authlib for Django",
        script: "authlib_client.py",
        runtime: Runtime::Python,
        needed: "nothing",
        ..OPENID_CLIENT
    })
    .await
}

#[tokio::test]
async fn authjs_kakao() -> Result<()> {
    works(Client {
        package: "@auth/express",
        name: "Auth.js for Express, Kakao",
        script: "authjs_kakao.mjs",
        dialect: Dialect::Kakao,
        callback: "/auth/callback/kakao",
        log_in: Some("Sign in with Kakao"),
        log_out: Some("Sign out"),
        needed: "nothing; refreshing is the application's",
        ..OPENID_CLIENT
    })
    .await
}

#[tokio::test]
async fn passport_kakao() -> Result<()> {
    works(Client {
        package: "passport-kakao",
        name: "passport-kakao",
        script: "passport_kakao.mjs",
        dialect: Dialect::Kakao,
        needed: "the addresses are replaced in its strategy; refreshing is the application's",
        ..OPENID_CLIENT
    })
    .await
}

#[tokio::test]
async fn allauth_kakao() -> Result<()> {
    works(Client {
        package: "django-allauth",
        name: "django-allauth, Kakao",
        script: "allauth_kakao.py",
        runtime: Runtime::Python,
        dialect: Dialect::Kakao,
        callback: "/accounts/kakao/login/callback/",
        needed: "nothing; refreshing is the application's",
        ..OPENID_CLIENT
    })
    .await
}

#[tokio::test]
async fn social_auth_kakao() -> Result<()> {
    works(Client {
        package: "social-auth-core",
        name: "Python Social Auth, Kakao",
        script: "social_auth_kakao.py",
        runtime: Runtime::Python,
        dialect: Dialect::Kakao,
        callback: "/complete/kakao/",
        log_in: Some("Sign in with Kakao"),
        needed: "the user's address is replaced in its backend",
        ..OPENID_CLIENT
    })
    .await
}

#[tokio::test]
async fn httpx_oauth_kakao() -> Result<()> {
    works(Client {
        package: "httpx-oauth",
        name: "httpx-oauth, Kakao",
        script: "httpx_oauth_kakao.py",
        runtime: Runtime::Python,
        dialect: Dialect::Kakao,
        needed: "nothing; its `revoke_token` sends no access token, which unlinking needs",
        ..OPENID_CLIENT
    })
    .await
}

/// What more a standard client does.
#[tokio::test]
async fn openid_client_introspects_revokes_and_hears_of_a_cancel() -> Result<()> {
    let registration = Registration::new("stock-client", "a-secret-that-is-long-enough")?;
    let setup = Setup::default()
        .services(services(&OPENID_CLIENT, &registration))
        .only_in(Engine::Chromium, "the client is the same in each");
    let registration = &registration;
    TestApp::run(setup, |app| async move {
        let (browser, application) = (&app.browser, registration.origin());
        let _running = start(&app, &OPENID_CLIENT, registration).await?;
        Consent::asking(browser).await?.cancel().await?;
        let cancelled = shown(browser, &application, "/callback").await?;
        let error = cancelled["error"].as_str().unwrap_or_default();
        assert!(error.starts_with("access_denied"), "{cancelled}");

        browser.driver.goto(format!("{application}/login")).await?;
        let screen = Consent::asking(browser).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        shown(browser, &application, "/session").await?;
        browser.driver.goto(format!("{application}/introspect")).await?;
        let active = shown(browser, &application, "/introspect").await?;
        assert_eq!(
            (&active["active"], &active["client_id"]),
            (&json!(true), &json!("stock-client"))
        );
        browser.driver.goto(format!("{application}/revoke")).await?;
        shown(browser, &application, "/revoke").await?;
        browser.driver.goto(format!("{application}/introspect")).await?;
        let revoked = shown(browser, &application, "/introspect").await?;
        assert_eq!(revoked, json!({ "active": false }));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn requests_oauthlib() -> Result<()> {
    works(Client {
        package: "requests-oauthlib",
        name: "Requests-OAuthlib",
        script: "requests_oauthlib_client.py",
        runtime: Runtime::Python,
        needed: "`OAUTHLIB_RELAX_TOKEN_SCOPE`, where an item may be refused",
        ..OPENID_CLIENT
    })
    .await
}

/// A library that others wrote verifies an event against the published keys.
#[tokio::test]
async fn pyjwt_verifies_events() -> Result<()> {
    if !packages::has_python() {
        writeln!(std::io::stderr(), "not run: PyJWT: there is no Python with pip")?;
        return Ok(());
    }
    let registration = Registration::new("stock-client", "a-secret-that-is-long-enough")?;
    let target = format!(
        "\n[service.events]\nurl = \"{}/events\"\n\n[[service.terms]]",
        registration.origin()
    );
    let services =
        services(&OPENID_CLIENT, &registration).replacen("\n[[service.terms]]", &target, 1);
    let setup = Setup::default()
        .services(services)
        .backend(["--webhook-network", "127.0.0.1"])
        .only_in(Engine::Chromium, "no browser takes part in a delivery");
    let registration = &registration;
    TestApp::run(setup, |app| async move {
        let issuer = app.proxy.origin();
        let (script, runtime) = ("pyjwt_events.py", Runtime::Python);
        let _running = ClientApp::start(script, runtime, issuer, registration).await?;
        let (browser, application) = (&app.browser, registration.origin());
        app.allow_console_error(&application);
        let authorize = format!(
            "{issuer}/oauth/authorize?response_type=code&client_id=stock-client&state=s\
             &redirect_uri={application}/callback"
        );
        browser.driver.goto(authorize).await?;
        let screen = Consent::asking(browser).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        browser.arrive(&format!("{application}/callback")).await?;
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        let heard = loop {
            browser.driver.goto(format!("{application}/heard")).await?;
            let heard = shown(browser, &application, "/heard").await?;
            if heard != json!([]) || std::time::Instant::now() > deadline {
                break heard;
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        };
        let event_type = format!("{issuer}/secevent/consent/event-type/consent-given");
        let event = &heard[0]["events"][event_type];
        assert_eq!(event["refused"], json!(["item:account_email"]), "{heard}");
        Ok(())
    })
    .await
}
