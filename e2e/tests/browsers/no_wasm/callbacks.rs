//! A form that is sent without the app ends at the service, wherever its callback redirects on to:
//! an API on one origin whose shop is on another is the ordinary case.
//!
//! Chromium and WebKit hold the page's `form-action` against every redirect after the form.

use super::ByHand;
use anyhow::{Context, Result};
use consent_e2e::browser::Browser;
use consent_e2e::engine::{Device, Engine};
use consent_e2e::pages::Consent;
use consent_e2e::pages::consent::KO;
use consent_e2e::proxy::{Fault, Proxy};
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use hyper::header::LOCATION;
use thirtyfour::{By, Key};

/// A service on two origins of its own: the callback is on one, the shop on the other.
struct Service {
    callback: Proxy,
    shop: Proxy,
}

const SHOP: &str = "<!doctype html><html lang=ko><link rel=icon href=data:,>\
                    <title>shop</title><h1>가게</h1>";

impl Service {
    async fn open(app: &TestApp) -> Result<Self> {
        let (callback, shop) = (Proxy::start().await?, Proxy::start().await?);
        let arrived = Fault::answer(200, "text/html; charset=utf-8", SHOP);
        shop.fault(Method::GET, "/home", None, arrived);
        let home = format!("{}/home", shop.origin());
        let onward = Fault::answer(302, "text/plain", "").with(LOCATION, &home);
        callback.fault(Method::GET, "/demo/callback", None, onward);
        // Other origins than the product's, which is what this is about.
        app.allow_console_error(callback.origin());
        app.allow_console_error(shop.origin());
        Ok(Self { callback, shop })
    }

    /// Goes to the screen of this service, as an account that has to be asked.
    async fn begin(&self, browser: &Browser) -> Result<()> {
        let redirect_uri = format!("{}/demo/callback", self.callback.origin());
        let redirect_uri = redirect_uri.replace(':', "%3A").replace('/', "%2F");
        let authorize = format!(
            "/oauth/authorize?response_type=code&client_id=demo-shop&redirect_uri={redirect_uri}\
             &scope=openid&state=s&nonce=n"
        );
        browser.go("/demo/login?account=new").await?;
        browser.go(&authorize).await?;
        browser.arrive("/consent/").await?;
        Ok(())
    }

    /// Waits until the browser is at the shop, and checks the parameters of the callback.
    async fn is_reached(&self, browser: &Browser, parameters: &str) -> Result<()> {
        browser.arrive(&format!("{}/home", self.shop.origin())).await?;
        let seen = self.callback.seen();
        let [callback] = &seen[..] else { panic!("not one callback: {seen:#?}") };
        assert!(callback.path.contains(parameters), "{}", callback.path);
        Ok(())
    }
}

/// The decision that was recorded, once, by one form.
async fn decided_once(app: &TestApp, decision: &str) -> Result<()> {
    let decisions = app.decisions().await?;
    let made: Vec<&str> = decisions.iter().map(|it| it.decision.as_str()).collect();
    assert_eq!(made, [decision]);
    let posts = ["/consent/", "*/decision"].map(|path| app.proxy.count(&Method::POST, path));
    assert_eq!(posts.iter().sum::<usize>(), 1, "{:#?}", app.proxy.seen());
    Ok(())
}

/// The page by itself, in a browser that cannot compile WebAssembly.
fn block_webassembly(app: &TestApp) {
    app.allow_console_error("the server responded with a status of 404");
    let gone = Fault::answer(404, "text/plain", "gone");
    app.proxy.fault(Method::GET, "*.wasm", None, gone);
}

#[tokio::test]
async fn agreeing_without_webassembly_ends_on_another_origin() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        block_webassembly(&app);
        let browser = &app.browser;
        let service = Service::open(&app).await?;
        service.begin(browser).await?;
        let screen = Consent::server_rendered_in(browser, KO).await?;
        browser.app("no-wasm").await?;
        screen.tick_required().await?;
        screen.agree().await?;
        service.is_reached(browser, "code=").await?;
        decided_once(&app, "agree").await
    })
    .await
}

#[tokio::test]
async fn cancelling_without_webassembly_ends_on_another_origin() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        block_webassembly(&app);
        let browser = &app.browser;
        let service = Service::open(&app).await?;
        service.begin(browser).await?;
        let screen = Consent::server_rendered_in(browser, KO).await?;
        browser.app("no-wasm").await?;
        screen.cancel().await?;
        service.is_reached(browser, "error=access_denied").await?;
        decided_once(&app, "cancel").await
    })
    .await
}

/// Pressed before the app took the page over.
#[tokio::test]
async fn agreeing_before_the_app_is_there_ends_on_another_origin() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let late = Fault::Delay(std::time::Duration::from_secs(30));
        app.proxy.fault(Method::GET, "*.wasm", None, late);
        let browser = &app.browser;
        let service = Service::open(&app).await?;
        service.begin(browser).await?;
        let screen = Consent::server_rendered_in(browser, KO).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        service.is_reached(browser, "code=").await?;
        decided_once(&app, "agree").await
    })
    .await
}

#[tokio::test]
async fn agreeing_with_scripts_switched_off_ends_on_another_origin() -> Result<()> {
    TestApp::run(Setup::default().device(Device::Desktop).without_scripts(), |app| async move {
        let browser = &app.browser;
        let hand = ByHand(browser);
        let service = Service::open(&app).await?;
        service.begin(browser).await?;
        let required = ".row:has(.row__need--required) .checkbox:not(:checked)";
        while hand.exists(required).await? {
            hand.press(required, Key::Space).await?;
        }
        hand.press("#consent-form .actions button[value=agree]", Key::Enter).await?;
        service.is_reached(browser, "code=").await?;
        decided_once(&app, "agree").await
    })
    .await
}

#[tokio::test]
async fn cancelling_with_scripts_switched_off_ends_on_another_origin() -> Result<()> {
    TestApp::run(Setup::default().device(Device::Desktop).without_scripts(), |app| async move {
        let browser = &app.browser;
        let service = Service::open(&app).await?;
        service.begin(browser).await?;
        ByHand(browser).press("button[form=cancel-form]", Key::Enter).await?;
        service.is_reached(browser, "error=access_denied").await?;
        decided_once(&app, "cancel").await
    })
    .await
}

/// The static shell's cancel goes to the decision endpoint of the API.
#[tokio::test]
async fn cancelling_on_a_static_host_ends_on_another_origin() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        block_webassembly(&app);
        let browser = &app.browser;
        let service = Service::open(&app).await?;
        service.begin(browser).await?;
        browser.find(Role::Heading, "화면을 열 수 없습니다").await?;
        browser.press(Role::Button, "취소하고 돌아가기").await?;
        service.is_reached(browser, "error=access_denied").await?;
        assert_eq!(app.proxy.count(&Method::POST, "*/decision"), 1);
        decided_once(&app, "cancel").await
    })
    .await
}

/// Going back leads to the screen, which knows that it was answered: no form is sent again.
#[tokio::test]
async fn going_back_from_the_service_sends_no_form_again() -> Result<()> {
    let why = "it shows the form out of its cache, where it can be sent again and leads on";
    TestApp::run(Setup::default().not_in(Engine::WebKit, why), |app| async move {
        block_webassembly(&app);
        app.allow_console_error("the server responded with a status of 410");
        let browser = &app.browser;
        let service = Service::open(&app).await?;
        service.begin(browser).await?;
        let screen = Consent::server_rendered_in(browser, KO).await?;
        browser.app("no-wasm").await?;
        screen.tick_required().await?;
        screen.agree().await?;
        service.is_reached(browser, "code=").await?;
        browser.driver.back().await?;
        browser.find(Role::Heading, "이미 처리된 요청입니다").await?;
        decided_once(&app, "agree").await
    })
    .await
}

/// What a browser without the app of this scheme does with it differs; the link is there in each.
#[tokio::test]
async fn an_app_s_own_scheme_is_reached_by_a_link() -> Result<()> {
    let why = "an address that no app takes replaces the page by an error of the browser";
    let toml = SERVICES.to_owned();
    TestApp::run(Setup::default().services(toml).not_in(Engine::WebKit, why), |app| async move {
        block_webassembly(&app);
        app.allow_console_error("com.example.shop:");
        let browser = &app.browser;
        browser
            .go("/oauth/authorize?response_type=code&client_id=shop\
                 &redirect_uri=com.example.shop%3A%2Fcallback&state=s\
                 &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
                 &code_challenge_method=S256")
            .await?;
        let screen = Consent::server_rendered_in(browser, KO).await?;
        browser.app("no-wasm").await?;
        screen.tick_required().await?;
        screen.agree().await?;
        let link = browser.find(Role::Link, "가게 서비스로 계속하기").await?;
        let to = link.attr("href").await?.context("a link")?;
        assert!(to.starts_with("com.example.shop:/callback?code="), "{to}");
        assert!(!browser.driver.find(By::Css("main p")).await?.text().await?.is_empty());
        decided_once(&app, "agree").await
    })
    .await
}

const SERVICES: &str = r#"
[sign_in]
account_header = "x-account"

[[service]]
client_id = "shop"
name = "가게"
company = "가게 주식회사"
redirect_uris = ["com.example.shop:/callback"]
approved = true

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
id = "account"
nickname = "하나"
"#;
