//! A service that opens the login in a popup keeps hold of it, and its callback finds the page that
//! opened it: no page on the way cuts the two apart.

use anyhow::{Context, Result, bail};
use consent_e2e::browser::Browser;
use consent_e2e::pages::Consent;
use consent_e2e::proxy::{Fault, Proxy};
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use std::time::{Duration, Instant};
use thirtyfour::{By, WindowHandle};

/// A service on an origin of its own, with a page that opens the login in a popup.
struct Service(Proxy);

/// The callback looks for its opener as SDKs do, and forwards its parameters.
const CALLBACK: &str = "<!doctype html><link rel=icon href=data:,><title>callback</title><script>
    document.title = window.opener ? 'has an opener' : 'has no opener';
    if (window.opener) window.opener.postMessage(location.search, location.origin);
</script>";

impl Service {
    async fn open(app: &TestApp) -> Result<Self> {
        let proxy = Proxy::start().await?;
        app.allow_console_error(proxy.origin());
        let callback = format!("{}/demo/callback", proxy.origin());
        let login = format!(
            "{}/oauth/authorize?response_type=code&client_id=demo-shop\
             &redirect_uri={}&scope=openid&state=s&nonce=n",
            app.proxy.origin(),
            callback.replace(':', "%3A").replace('/', "%2F")
        );
        let opener = format!(
            "<!doctype html><link rel=icon href=data:,><title>opener</title>\
             <button onclick=\"w = open('{login}', 'login', 'width=480,height=720')\">log in</button>\
             <script>heard = ''; onmessage = (event) => heard += event.data;</script>"
        );
        proxy.fault(Method::GET, "/opener", None, Fault::answer(200, "text/html", &opener));
        proxy.fault(Method::GET, "/demo/callback", None, Fault::answer(200, "text/html", CALLBACK));
        Ok(Self(proxy))
    }

    /// Opens the login, and looks at the popup from now on.
    async fn log_in(&self, browser: &Browser) -> Result<WindowHandle> {
        browser.driver.goto(format!("{}/opener", self.0.origin())).await?;
        let opener = browser.driver.window().await?;
        let before = browser.driver.windows().await?;
        browser.driver.find(By::Tag("button")).await?.click().await?;
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let windows = browser.driver.windows().await?;
            if let Some(popup) = windows.into_iter().find(|window| !before.contains(window)) {
                browser.driver.switch_to_window(popup).await?;
                return Ok(opener);
            }
            if Instant::now() > deadline {
                bail!("no popup was opened");
            }
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    }

    /// The callback has its opener, the opener has its popup and received the parameters.
    async fn is_notified(
        &self,
        browser: &Browser,
        opener: WindowHandle,
        parameters: &str,
    ) -> Result<()> {
        let callback = format!("{}/demo/callback", self.0.origin());
        browser.arrive(&callback).await.context("the popup does not come back")?;
        assert_eq!(browser.driver.title().await?, "has an opener");
        browser.driver.switch_to_window(opener).await?;
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let asked = browser.driver.execute("return [w.closed, heard]", Vec::new()).await?;
            let (closed, heard): (bool, String) = asked.convert()?;
            assert!(!closed, "the opener takes its popup for closed");
            if heard.contains(parameters) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("the opener heard {heard:?}");
            }
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    }

    /// Whether the opener still has the popup, while that shows a page of ours.
    async fn holds_it(&self, browser: &Browser, opener: &WindowHandle) -> Result<()> {
        let popup = browser.driver.window().await?;
        browser.driver.switch_to_window(opener.clone()).await?;
        let closed =
            browser.driver.execute("return w.closed", Vec::new()).await?.convert::<bool>()?;
        assert!(!closed, "the opener takes its popup for closed");
        // It holds the window, and nothing of what the window shows.
        let read = "try { return w.document.title } catch (error) { return error.name }";
        let seen: String = browser.driver.execute(read, Vec::new()).await?.convert()?;
        assert_eq!(seen, "SecurityError");
        browser.driver.switch_to_window(popup).await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_member_in_a_popup_is_led_back_to_the_page_that_opened_it() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let service = Service::open(&app).await?;
        browser.go("/demo/login?account=returning").await?;
        let opener = service.log_in(browser).await?;
        service.is_notified(browser, opener, "code=").await
    })
    .await
}

#[tokio::test]
async fn agreeing_in_a_popup_leads_back_to_the_page_that_opened_it() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let service = Service::open(&app).await?;
        browser.go("/demo/login?account=new").await?;
        let opener = service.log_in(browser).await?;
        let screen = Consent::asking(browser).await?;
        service.holds_it(browser, &opener).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        service.is_notified(browser, opener, "code=").await
    })
    .await
}

/// Past the sign-in page, and the page that a form is answered with.
#[tokio::test]
async fn signing_in_and_cancelling_by_form_in_a_popup_leads_back_to_the_page_that_opened_it()
-> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("the server responded with a status of 404");
        let gone = Fault::answer(404, "text/plain", "gone");
        app.proxy.fault(Method::GET, "*.wasm", None, gone);
        let browser = &app.browser;
        let service = Service::open(&app).await?;
        let opener = service.log_in(browser).await?;
        browser.arrive("/demo?return_to=").await?;
        service.holds_it(browser, &opener).await?;
        browser.driver.find(By::Css("a[href*='account=new&']")).await?.click().await?;
        let screen = Consent::server_rendered_in(browser, consent_e2e::pages::consent::KO).await?;
        browser.app("no-wasm").await?;
        screen.cancel().await?;
        service.is_notified(browser, opener, "error=access_denied").await
    })
    .await
}
