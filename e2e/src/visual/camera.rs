//! Takes pictures of the fixtures: of whole pages, and of what a card of the gallery shows.

use super::Kind;
use crate::browser::Browser;
use crate::pages::{Preview, preview};
use anyhow::{Context, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use consent_studio::state::{PreviewState, Selection, View};
use consent_studio::theme::Theme;
use consent_studio::thumbnail;
use serde_json::{Value, json};
use std::time::Duration;

/// A phone's width, in CSS pixels, each of which is a pixel of the picture.
const WIDTH: u32 = 390;

/// A phone's height. A picture is as high as the page, and at least so high.
const HEIGHT: u32 = 844;

/// The most of a page that is taken: no window is higher than Chromium can draw.
const MOST: u32 = 4000;

/// How long a fixture may take to be drawn.
const DRAWN: Duration = Duration::from_secs(15);

/// The window of a card, with a frame like the gallery's: it cannot be used, and is not measured.
const CARD: &str = "const place = document.createElement('div');
    place.inert = true;
    const frame = document.createElement('iframe');
    frame.id = 'card';
    frame.dataset.unmeasured = '';
    for (const [name, value] of [['position', 'fixed'], ['inset', '0'], ['width', '100%'],
        ['height', '100%'], ['border', '0']]) frame.style.setProperty(name, value);
    place.append(frame);
    frame.src = arguments[0];
    document.body.replaceChildren(place);";

/// The page that shows the fixture: the frame's, or this one.
const PAGE: &str = "const page = document.getElementById('card')?.contentDocument ?? document;";

/// A light page of previews that stands still.
pub async fn prepare(browser: &Browser, kind: Kind) -> Result<Preview<'_>> {
    browser.hide_scroll_bars().await?;
    let still = ("prefers-reduced-motion", "reduce");
    browser.prefer(&[("prefers-color-scheme", "light"), still]).await?;
    match kind {
        Kind::Page => Preview::open(browser).await,
        Kind::Thumbnail => {
            be_of_size(browser, thumbnail::WIDTH.into(), thumbnail::HEIGHT.into()).await?;
            // Of the studio's origin.
            browser.go("/studio/nothing").await?;
            browser
                .becomes("return document.getElementById('shell') === null", true.into())
                .await?;
            browser.driver.execute(CARD, vec![preview::PATH.into()]).await?;
            let is_there = format!("{PAGE} return page.querySelector('#app h1') !== null");
            browser.becomes_within(DRAWN, &is_there, true.into()).await?;
            Ok(Preview::in_frame(browser, "card"))
        }
    }
}

async fn be_of_size(browser: &Browser, width: u32, height: u32) -> Result<()> {
    let screen =
        json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
    browser.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", screen).await?;
    Ok(())
}

/// Shows a fixture as the gallery has it, in Korean, and waits until it is drawn.
pub async fn show(browser: &Browser, preview: &Preview<'_>, kind: Kind, name: &str) -> Result<()> {
    let state = PreviewState {
        fixture: Selection::Gallery(name.to_owned()),
        view: View::default(),
        theme: Theme::default(),
    };
    if kind == Kind::Page {
        be_of_size(browser, WIDTH, HEIGHT).await?;
    }
    preview.show(&state).await.with_context(|| name.to_owned())?;
    if kind == Kind::Page {
        // A dialog fills the window, and would fill one as high as the page.
        let height = "return document.querySelector('dialog[open]')
            ? 0 : document.documentElement.scrollHeight";
        let height: u32 = browser.driver.execute(height, Vec::new()).await?.convert()?;
        be_of_size(browser, WIDTH, height.clamp(HEIGHT, MOST)).await?;
    }
    Ok(())
}

/// A picture of the window, two frames after the last change. Nothing blinks in it.
pub async fn take(browser: &Browser) -> Result<Vec<u8>> {
    let rest = format!(
        "const done = arguments[0]; {PAGE}
        page.activeElement?.blur();
        page.getAnimations().forEach((it) => {{ try {{ it.finish(); }} catch {{}} }});
        requestAnimationFrame(() => requestAnimationFrame(() => done(true)));"
    );
    browser.driver.execute_async(rest, Vec::<Value>::new()).await?;
    let taken =
        browser.driver.cdp().send_raw("Page.captureScreenshot", json!({ "format": "png" })).await?;
    let base64 = taken["data"].as_str().context("no picture")?;
    Ok(BASE64_STANDARD.decode(base64)?)
}
