//! Pictures of the fixtures, compared with those that were accepted.

mod difference;
mod report;

use crate::TestApp;
use crate::browser::Browser;
use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use consent_studio::share;
use consent_studio::state::{PreviewState, Selection, View};
use consent_studio::theme::Theme;
pub use difference::{Difference, Picture};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A phone's width, in CSS pixels, each of which is a pixel of the picture.
const WIDTH: u32 = 390;

/// A phone's height. A picture is as high as the page, and at least so high.
const HEIGHT: u32 = 844;

/// The most of a page that is taken: no window is higher than Chromium can draw.
const MOST: u32 = 4000;

/// How often a picture that differs is taken again: a font or an image may have come late.
const TRIES: usize = 4;

/// A fixture that looks different.
pub struct Change {
    pub name: String,
    accepted: Option<Picture>,
    now: Option<Picture>,
    difference: Option<Difference>,
}

impl Change {
    /// None when both look the same. A fixture that is new, or gone, has one picture.
    fn new(name: &str, accepted: Option<Picture>, now: Option<Picture>) -> Option<Self> {
        let difference = match (&accepted, &now) {
            (Some(accepted), Some(now)) => Some(now.difference(accepted)?),
            _ => None,
        };
        Some(Self { name: name.to_owned(), accepted, now, difference })
    }

    /// What has changed, in words.
    #[must_use]
    pub fn what(&self) -> String {
        match (&self.difference, &self.now) {
            (Some(difference), _) => format!("{} pixels differ.", difference.pixels),
            (None, Some(_)) => "There is no accepted picture.".to_owned(),
            (None, None) => "There is no such fixture any more.".to_owned(),
        }
    }

    /// Its pictures, by the kind that their files are named by.
    fn all(&self) -> [(&'static str, Option<&Picture>); 3] {
        [
            ("accepted", self.accepted.as_ref()),
            ("now", self.now.as_ref()),
            ("difference", self.difference.as_ref().map(|it| &it.marked)),
        ]
    }

    fn has(&self, kind: &str) -> bool {
        self.all().iter().any(|(it, picture)| *it == kind && picture.is_some())
    }

    fn pictures(&self) -> Result<Vec<(&'static str, Vec<u8>)>> {
        let there = self.all().into_iter().filter_map(|(kind, it)| Some((kind, it?)));
        there.map(|(kind, picture)| Ok((kind, picture.write()?))).collect()
    }
}

/// Where the accepted pictures are.
#[must_use]
pub fn accepted_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/pictures")
}

/// Where the page of differences is written.
#[must_use]
pub fn report_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/pictures")
}

/// The fixtures that look different, and the page that shows how.
///
/// # Errors
/// When the browser cannot take a picture, or a file cannot be read or written.
pub async fn check(app: &TestApp) -> Result<(Vec<Change>, PathBuf)> {
    let mut changes = Vec::new();
    let mut gone = names_of_accepted()?;
    prepare(&app.browser).await?;
    for named in consent_fixtures::all() {
        gone.remove(&named.name);
        let file = file_of(&named.name);
        let accepted = match file.is_file() {
            true => Some(Picture::read(&std::fs::read(&file)?)?),
            false => None,
        };
        let mut change = None;
        show(&app.browser, &named.name).await?;
        for _ in 0..TRIES {
            let now = Picture::read(&take(&app.browser).await?)?;
            change = Change::new(&named.name, accepted.clone(), Some(now));
            if change.is_none() || accepted.is_none() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        changes.extend(change);
    }
    for name in gone {
        let accepted = Picture::read(&std::fs::read(file_of(&name))?)?;
        changes.extend(Change::new(&name, Some(accepted), None));
    }
    let page = report::write(&report_folder(), &changes)?;
    Ok((changes, page))
}

/// Accepts how those fixtures look. The pictures of the others stay as they are, byte for byte.
///
/// # Errors
/// When a file cannot be written.
pub fn accept(changes: &[Change]) -> Result<()> {
    std::fs::create_dir_all(accepted_folder())?;
    for change in changes {
        let file = file_of(&change.name);
        match &change.now {
            Some(now) => std::fs::write(&file, now.write()?)?,
            None => std::fs::remove_file(&file)?,
        }
    }
    Ok(())
}

fn file_of(name: &str) -> PathBuf {
    accepted_folder().join(format!("{name}.png"))
}

fn names_of_accepted() -> Result<BTreeSet<String>> {
    let folder = accepted_folder();
    if !folder.is_dir() {
        return Ok(BTreeSet::new());
    }
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "png") {
            names.insert(path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

/// A light page that stands still.
async fn prepare(browser: &Browser) -> Result<()> {
    browser.hide_scroll_bars().await?;
    let still = ("prefers-reduced-motion", "reduce");
    browser.prefer(&[("prefers-color-scheme", "light"), still]).await?;
    be_as_high(browser, HEIGHT).await
}

async fn be_as_high(browser: &Browser, height: u32) -> Result<()> {
    let screen =
        json!({ "width": WIDTH, "height": height, "deviceScaleFactor": 1, "mobile": false });
    browser.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", screen).await?;
    Ok(())
}

/// Shows a fixture as the gallery has it, in Korean, and waits until it is drawn.
async fn show(browser: &Browser, name: &str) -> Result<()> {
    be_as_high(browser, HEIGHT).await?;
    let state = PreviewState {
        fixture: Selection::Gallery(name.to_owned()),
        view: View::default(),
        theme: Theme::default(),
    };
    // Another address each time, so that each is a page of its own.
    browser.go(&format!("/studio/preview/?{name}#{}", share::encode(&state))).await?;
    let drawn = "return document.querySelector('#app main') !== null
        && document.readyState === 'complete'
        && document.fonts.status === 'loaded'
        && [...document.images].every((it) => it.complete)";
    let deadline = Instant::now() + Duration::from_secs(15);
    while browser.driver.execute(drawn, Vec::new()).await?.json() != true {
        ensure!(Instant::now() < deadline, "{name} is not drawn");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // A dialog fills the window, and would fill one as high as the page.
    let height = "return document.querySelector('dialog[open]')
        ? 0 : document.documentElement.scrollHeight";
    let height: u32 = browser.driver.execute(height, Vec::new()).await?.convert()?;
    be_as_high(browser, height.clamp(HEIGHT, MOST)).await
}

/// A picture of the window, two frames after the last change. Nothing blinks in it.
async fn take(browser: &Browser) -> Result<Vec<u8>> {
    let rest = "const done = arguments[0];
        document.activeElement?.blur();
        document.getAnimations().forEach((it) => { try { it.finish(); } catch {} });
        requestAnimationFrame(() => requestAnimationFrame(() => done(true)));";
    browser.driver.execute_async(rest, Vec::new()).await?;
    let taken =
        browser.driver.cdp().send_raw("Page.captureScreenshot", json!({ "format": "png" })).await?;
    let base64 = taken["data"].as_str().context("no picture")?;
    Ok(BASE64_STANDARD.decode(base64)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixture_without_a_picture_and_a_picture_without_a_fixture_are_changes() {
        let picture = || Some(Picture::grey(20, 20));
        assert!(Change::new("same", picture(), picture()).is_none());
        for (accepted, now, what) in [
            (None, picture(), "There is no accepted picture."),
            (picture(), None, "There is no such fixture any more."),
            (picture(), Some(Picture::grey(20, 21)), "20 pixels differ."),
        ] {
            assert_eq!(Change::new("other", accepted, now).unwrap().what(), what);
        }
    }
}
