//! Photographs the screen's main states: each on two devices, in two themes and two languages.

use anyhow::{Context, Result};
use clap::Parser;
use consent_e2e::browser::Browser;
use consent_e2e::engine::Device;
use consent_e2e::pages::consent::{EN, KO, Words};
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::{Setup, play};
use hyper::Method;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Parser)]
struct Arguments {
    /// The directory to write into
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// What is taken of a page.
#[derive(Clone, Copy)]
enum Frame {
    /// All of it, as if the screen were as high.
    Page,
    /// What the screen shows.
    Screen,
}

/// Takes the pictures of one device and language.
struct Camera<'a> {
    browser: &'a Browser,
    device: Device,
    language: &'static str,
    words: Words,
    out: &'a PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { out } = Arguments::parse();
    std::fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    for device in [Device::Phone, Device::Desktop] {
        for (language, words) in [("ko", KO), ("en", EN)] {
            let setup = Setup::default().device(device).languages(language);
            play(setup.clone(), async |scene| {
                // The pages of problems are reached through answers that a console calls errors.
                scene.forgive("the server responded with a status of 4");
                // Long enough to be photographed.
                let slow = Fault::Delay(Duration::from_secs(7));
                scene.proxy.fault(Method::POST, "/api/v1/auto-login", None, slow);
                let browser = &scene.browser;
                Camera { browser, device, language, words, out: &out }.tour().await
            })
            .await
            .with_context(|| format!("on the {} in {language}", device.name()))?;
            // A backend on which every request has expired before a person can answer.
            play(setup.backend(["--challenge-ttl", "1s"]), async |scene| {
                scene.forgive("the server responded with a status of 4");
                let browser = &scene.browser;
                Camera { browser, device, language, words, out: &out }.expired().await
            })
            .await
            .with_context(|| format!("expired on the {} in {language}", device.name()))?;
        }
    }
    Ok(())
}

impl Camera<'_> {
    /// All states that one backend can show, one after the other.
    async fn tour(&self) -> Result<()> {
        self.browser.go(&format!("/demo?lang={}", self.language)).await?;
        self.take("demo", Frame::Page).await?;

        let screen = self.ask("new", "demo-shop", "").await?;
        self.take("asking", Frame::Page).await?;
        screen.agree().await?;
        screen.summary().await?;
        self.take("missing", Frame::Page).await?;
        screen.open_text("").await?;
        self.take("text", Frame::Screen).await?;

        let screen = self.ask("no-email", "demo-shop", "").await?;
        screen.tick_required().await?;
        self.take("no-email", Frame::Page).await?;

        self.ask("returning", "demo-travel", "&service_terms=travel_notice").await?;
        self.take("additional", Frame::Page).await?;

        self.link("new").await?;
        self.take("auto-login-new", Frame::Screen).await?;
        self.link("no-email").await?;
        self.take("auto-login-log-in", Frame::Screen).await?;
        self.link("returning").await?;
        self.take("auto-login-returning", Frame::Screen).await?;
        self.browser.go("/demo/in-app/end").await?;

        self.browser.go("/consent/no-such-request").await?;
        self.take("not-found", Frame::Screen).await?;

        let screen = self.ask("new", "demo-shop", "").await?;
        screen.tick_required().await?;
        self.take("filled", Frame::Page).await?;
        screen.agree().await?;
        demo::back_at_service(self.browser).await?;
        self.take("callback", Frame::Page).await
    }

    /// Opens a service's link, as if inside of the messenger.
    async fn link(&self, account: &str) -> Result<()> {
        let link = format!("account={account}&service=demo-shop&in_app=android");
        self.browser.go(&format!("/demo/start?{link}&lang={}", self.language)).await
    }

    async fn expired(&self) -> Result<()> {
        let more = format!("lang={}", self.language);
        demo::sign_up(self.browser, "new", "demo-shop", &more).await?;
        self.browser.arrive("/consent/").await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        self.browser.driver.refresh().await?;
        self.take("expired", Frame::Screen).await
    }

    async fn ask(&self, account: &str, service: &str, more: &str) -> Result<Consent<'_>> {
        let more = format!("lang={}{more}", self.language);
        demo::sign_up(self.browser, account, service, &more).await?;
        Consent::asking_in(self.browser, self.words).await
    }

    /// Writes `state-device-theme-language.png` for both themes.
    async fn take(&self, state: &str, frame: Frame) -> Result<()> {
        self.browser.hide_scroll_bars().await?;
        for theme in ["light", "dark"] {
            let still = ("prefers-reduced-motion", "reduce");
            self.browser.prefer(&[("prefers-color-scheme", theme), still]).await?;
            if let Frame::Page = frame {
                self.browser.show_whole_page(self.device).await?;
            }
            // Until the page has settled: fonts, pictures, focus.
            tokio::time::sleep(Duration::from_millis(400)).await;
            let name = format!("{state}-{}-{theme}-{}.png", self.device.name(), self.language);
            self.browser.driver.screenshot(&self.out.join(&name)).await?;
            println!("{name}");
            self.browser.become_device(self.device).await?;
        }
        Ok(())
    }
}
