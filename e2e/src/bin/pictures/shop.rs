//! The demo's shop, in the order in which a visitor meets it.

use crate::camera::{Camera, Frame};
use anyhow::{Context, Result};
use consent_e2e::engine::Device;
use consent_e2e::pages::Teahouse;
use consent_e2e::pages::consent::{EN, KO, Words};
use consent_e2e::{Setup, TestApp};
use std::path::Path;
use thirtyfour::By;

/// What is taken: a device, a language, and the themes of that pair.
const TOURS: [(Device, &str, Words, &[&str]); 3] = [
    (Device::Phone, "ko", KO, &["light", "dark"]),
    (Device::Phone, "en", EN, &["light"]),
    (Device::Desktop, "ko", KO, &["light"]),
];

/// Takes all of them; on the desktop, the start page alone.
///
/// # Errors
/// When a page cannot be reached.
pub async fn take(out: &Path) -> Result<()> {
    for (device, language, words, themes) in TOURS {
        let setup = Setup::default().device(device).languages(language).with_shop();
        TestApp::run(setup, async |app| {
            let camera = Camera { browser: &app.browser, device, language, out };
            let shop = Teahouse::of(&app).in_language(language, words);
            Tour { camera, shop, themes }.all().await
        })
        .await
        .with_context(|| format!("the shop on the {} in {language}", device.name()))?;
    }
    Ok(())
}

/// The way of one browser through the shop.
struct Tour<'a> {
    camera: Camera<'a>,
    shop: Teahouse<'a>,
    themes: &'static [&'static str],
}

impl Tour<'_> {
    async fn all(&self) -> Result<()> {
        let shop = &self.shop;
        shop.open("/").await?;
        self.take("home", Frame::Screen).await?;
        if self.camera.device == Device::Desktop {
            return Ok(());
        }
        shop.open("/goods/first-flush").await?;
        self.take("product", Frame::Page).await?;
        shop.open("/sign-in").await?;
        self.take("sign-in", Frame::Page).await?;

        // By plain login first, so that there is a row to compare with.
        shop.be("new").await?;
        let screen = shop.log_in().await?;
        screen.tick_required().await?;
        screen.agree().await?;
        shop.see("notice.signed_up_by_login").await?;
        shop.open("/profile").await?;
        shop.press("profile.upgrade_go").await?;
        let screen = shop.screen().await?;
        screen.tick_required().await?;
        screen.agree().await?;
        shop.see("profile.row_changed").await?;
        self.take("profile", Frame::Page).await?;
        shop.open("/").await?;
        self.take("member", Frame::Screen).await?;
        shop.open("/developers").await?;
        self.take("developers", Frame::Page).await?;
        shop.open("/coupons").await?;
        shop.press("behind.title").await?;
        let panel = self.camera.browser.driver.find(By::Css("details.behind")).await?;
        panel.scroll_into_view().await?;
        self.take("behind", Frame::Screen).await?;

        shop.open("/").await?;
        shop.press("frame.sign_out").await?;
        shop.see("notice.signed_out").await?;
        shop.be("channel-added").await?;
        let screen = shop.sign_up().await?;
        screen.tick_required().await?;
        screen.agree().await?;
        shop.heading("join.you_title").await?;
        self.take("is-this-you", Frame::Page).await
    }

    async fn take(&self, page: &str, frame: Frame) -> Result<()> {
        for theme in self.themes {
            self.camera.take_in(theme, &format!("shop-{page}"), frame).await?;
        }
        Ok(())
    }
}
