//! The screen's main states, in the order in which a person meets them.

use crate::camera::{Camera, Frame};
use anyhow::{Context, Result};
use consent_e2e::engine::Device;
use consent_e2e::pages::consent::{EN, KO, Words};
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use std::path::Path;
use std::time::Duration;

/// Takes all of them, on both devices, in both themes and two languages.
///
/// # Errors
/// When a state cannot be reached.
pub async fn take(out: &Path) -> Result<()> {
    for device in [Device::Phone, Device::Desktop] {
        for (language, words) in [("ko", KO), ("en", EN)] {
            let setup = Setup::default().device(device).languages(language);
            TestApp::run(setup.clone(), async |app| {
                // The pages of problems are reached through answers that a console calls errors.
                app.allow_console_error("the server responded with a status of 4");
                // Long enough to be photographed.
                let slow = Fault::Delay(Duration::from_secs(7));
                app.proxy.fault(Method::POST, "/api/v1/auto-login", None, slow);
                let browser = &app.browser;
                Tour { camera: Camera { browser, device, language, out }, words }.all().await
            })
            .await
            .with_context(|| format!("on the {} in {language}", device.name()))?;
            // A backend on which every request has expired before a person can answer.
            TestApp::run(setup.backend(["--challenge-ttl", "1s"]), async |app| {
                app.allow_console_error("the server responded with a status of 4");
                let browser = &app.browser;
                Tour { camera: Camera { browser, device, language, out }, words }.expired().await
            })
            .await
            .with_context(|| format!("expired on the {} in {language}", device.name()))?;
        }
    }
    Ok(())
}

/// The way of one browser through the states.
struct Tour<'a> {
    camera: Camera<'a>,
    /// What the screen says in the browser's language.
    words: Words,
}

impl Tour<'_> {
    /// All states that one backend can show, one after the other.
    async fn all(&self) -> Result<()> {
        self.camera.browser.go(&format!("/demo?lang={}", self.camera.language)).await?;
        self.camera.take("demo", Frame::Page).await?;

        let screen = self.ask("new", "demo-shop", "").await?;
        self.camera.take("asking", Frame::Page).await?;
        screen.agree().await?;
        screen.summary().await?;
        self.camera.take("missing", Frame::Page).await?;
        screen.open_text("").await?;
        self.camera.take("text", Frame::Screen).await?;

        let screen = self.ask("no-email", "demo-shop", "").await?;
        screen.tick_required().await?;
        self.camera.take("no-email", Frame::Page).await?;

        self.ask("returning", "demo-travel", "&service_terms=travel_notice").await?;
        self.camera.take("additional", Frame::Page).await?;

        self.link("new").await?;
        self.camera.take("auto-login-new", Frame::Screen).await?;
        self.link("no-email").await?;
        self.camera.take("auto-login-log-in", Frame::Screen).await?;
        self.link("returning").await?;
        self.camera.take("auto-login-returning", Frame::Screen).await?;
        self.camera.browser.go("/demo/in-app/end").await?;

        self.camera.browser.go("/consent/no-such-request").await?;
        self.camera.take("not-found", Frame::Screen).await?;

        let screen = self.ask("new", "demo-shop", "").await?;
        screen.tick_required().await?;
        self.camera.take("filled", Frame::Page).await?;
        screen.agree().await?;
        demo::back_at_service(self.camera.browser).await?;
        self.camera.take("callback", Frame::Page).await
    }

    /// Opens a service's link, as if inside of the messenger.
    async fn link(&self, account: &str) -> Result<()> {
        let link = format!("account={account}&service=demo-shop&in_app=android");
        self.camera.browser.go(&format!("/demo/start?{link}&lang={}", self.camera.language)).await
    }

    async fn expired(&self) -> Result<()> {
        let more = format!("lang={}", self.camera.language);
        demo::sign_up(self.camera.browser, "new", "demo-shop", &more).await?;
        self.camera.browser.arrive("/consent/").await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        self.camera.browser.driver.refresh().await?;
        self.camera.take("expired", Frame::Screen).await
    }

    async fn ask(&self, account: &str, service: &str, more: &str) -> Result<Consent<'_>> {
        let more = format!("lang={}{more}", self.camera.language);
        demo::sign_up(self.camera.browser, account, service, &more).await?;
        Consent::asking_in(self.camera.browser, self.words).await
    }
}
