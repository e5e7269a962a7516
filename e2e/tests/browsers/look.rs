//! A service's own look, on the real screen: with the app and before it, without scripts, and on a static
//! host. That no policy is violated is checked in every scene.

use anyhow::{Result, ensure};
use consent_e2e::engine::Engine;
use consent_e2e::pages::Consent;
use consent_e2e::pages::consent::KO;
use consent_e2e::proxy::Fault;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use std::time::{Duration, Instant};
use thirtyfour::By;

/// A shop with a look, and a bookshop without one.
fn services() -> String {
    let service = |id: &str, name: &str, look: &str| {
        format!(
            "[[service]]\nclient_id = \"{id}\"\nname = \"{name}\"\ncompany = \"{name}\"\n\
             redirect_uris = [\"{{origin}}/done\"]\napproved = true\n{look}\n\
             [[service.terms]]\ntag = \"tos\"\nkind = \"service\"\nrequired = true\nversion = \"1\"\n\
             effective_from = 2026-01-01\ntitle = \"이용약관\"\ntext = \"물건을 팝니다.\"\n\n\
             [service.personal_info]\nrecipient = \"{name}\"\npurpose = \"주문\"\n\
             retention = \"1년\"\nrefusal_effect = \"주문할 수 없습니다\"\n\n\
             [[service.personal_info.items]]\nid = \"profile_nickname\"\nlabel = \"닉네임\"\n\
             required = true\n\n"
        )
    };
    let look = "[service.look]\nlight = { accent = \"#6b2ff0\", on_accent = \"#ffffff\" }\n\
                dark = { accent = \"#b79bff\" }\nradius_m = \"0\"\n";
    [
        "[sign_in]\naccount_header = \"x-account\"\n\n",
        &service("shop", "가게", look),
        &service("books", "서점", ""),
        "[[account]]\nid = \"account\"\nnickname = \"하나\"\n",
    ]
    .concat()
}

fn setup() -> Setup {
    let why = "only its driver can emulate a colour scheme";
    Setup::default().services(services()).only_in(Engine::Chromium, why)
}

async fn ask(app: &TestApp, client_id: &str) -> Result<()> {
    let redirect = format!("{}/done", app.proxy.origin());
    app.browser
        .go(&format!(
            "/oauth/authorize?response_type=code&client_id={client_id}&redirect_uri={redirect}&state=s\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
        ))
        .await
}

/// Waits until the agree button has these colours: red, green and blue in the light scheme, and in the
/// dark one.
async fn agrees_in(app: &TestApp, [light, dark]: [&str; 2]) -> Result<()> {
    for (scheme, colour) in [("light", light), ("dark", dark)] {
        let still = ("prefers-reduced-motion", "reduce");
        app.browser.prefer(&[("prefers-color-scheme", scheme), still]).await?;
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let button = app.browser.driver.find(By::Css(".actions .button--primary")).await?;
            let found = button.css_value("background-color").await?;
            if found.contains(colour) {
                break;
            }
            ensure!(Instant::now() < deadline, "{found} in the {scheme} scheme, not {colour}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    Ok(())
}

const SHOP: [&str; 2] = ["107, 47, 240", "183, 155, 255"];
const SCREEN: [&str; 2] = ["254, 229, 0", "242, 218, 0"];

#[tokio::test]
async fn the_screen_has_the_look_before_and_after_the_app_is_there() -> Result<()> {
    TestApp::run(setup(), |app| async move {
        let browser = &app.browser;
        app.proxy.fault(Method::GET, "*.wasm", None, Fault::Hold);
        ask(&app, "shop").await?;
        Consent::server_rendered_in(browser, KO).await?;
        agrees_in(&app, SHOP).await?;
        app.proxy.clear_faults();
        browser.app("mounted").await?;
        agrees_in(&app, SHOP).await?;
        let agree = browser.driver.find(By::Css(".actions .button--primary")).await?;
        assert_eq!(agree.css_value("border-top-left-radius").await?, "0px");
        // It was in the page: nothing waited for another request.
        assert_eq!(app.proxy.count(&Method::GET, "/look/"), 0);
        // Another service in the same browser has none of it.
        ask(&app, "books").await?;
        browser.app("mounted").await?;
        agrees_in(&app, SCREEN).await
    })
    .await
}

#[tokio::test]
async fn the_screen_has_the_look_without_scripts() -> Result<()> {
    TestApp::run(setup().without_scripts(), |app| async move {
        ask(&app, "shop").await?;
        agrees_in(&app, SHOP).await?;
        ask(&app, "books").await?;
        agrees_in(&app, SCREEN).await
    })
    .await
}

#[tokio::test]
async fn the_screen_of_a_static_host_gets_the_look_with_the_request() -> Result<()> {
    TestApp::run(setup().statically_hosted(), |app| async move {
        let browser = &app.browser;
        ask(&app, "shop").await?;
        browser.app("mounted").await?;
        Consent::asking(browser).await?;
        agrees_in(&app, SHOP).await?;
        assert_eq!(app.proxy.count(&Method::GET, "/look/"), 1);
        ask(&app, "books").await?;
        browser.app("mounted").await?;
        Consent::asking(browser).await?;
        agrees_in(&app, SCREEN).await
    })
    .await
}
