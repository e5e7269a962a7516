//! Cases, as the preview of the studio shows them.

use crate::camera::{Camera, Frame, THEMES};
use anyhow::{Context, Result};
use consent_e2e::browser::Browser;
use consent_e2e::engine::Device;
use consent_e2e::{Setup, TestApp};
use consent_fixtures::Fixture;
use consent_studio::share;
use consent_studio::state::{ColorScheme, Language, PreviewState, Selection, View};
use consent_studio::theme::Theme;
use std::path::Path;
use std::time::Duration;
use thirtyfour::By;
use thirtyfour::prelude::ElementQueryable;

/// States that a person meets rarely, and a reader of the docs wants to see.
pub const OF_THE_DOCS: [&str; 8] = [
    "additional-everything",
    "invalid-values",
    "server-guardian-form",
    "server-guardian-needed",
    "texts-in-arabic",
    "themed",
    "two-recipients",
    "unique-identifier",
];

/// Takes each on both devices, in both themes and two languages.
///
/// # Errors
/// When there is no such case, or it is not shown.
pub async fn take(names_or_files: &[&str], out: &Path) -> Result<()> {
    let cases: Vec<_> = names_or_files.iter().map(|it| find(it)).collect::<Result<_>>()?;
    for device in [Device::Phone, Device::Desktop] {
        for (tag, language) in [("ko", Language::Ko), ("en", Language::En)] {
            let setup = Setup::default().device(device).languages(tag);
            TestApp::run(setup, async |app| {
                let browser = &app.browser;
                let camera = Camera { browser, device, language: tag, out };
                for ((name, case), theme) in
                    cases.iter().flat_map(|case| THEMES.map(|theme| (case, theme)))
                {
                    let scheme =
                        if theme == "dark" { ColorScheme::Dark } else { ColorScheme::Light };
                    let view = View { language, scheme, ..View::default() };
                    let shown =
                        PreviewState { fixture: case.clone(), view, theme: Theme::default() };
                    show(browser, &shown).await?;
                    let frame =
                        if has_dialog(browser).await? { Frame::Screen } else { Frame::Page };
                    camera.take_in(theme, name, frame).await?;
                }
                Ok(())
            })
            .await
            .with_context(|| format!("on the {} in {tag}", device.name()))?;
        }
    }
    Ok(())
}

/// A case of the gallery or of a file, and what to call it.
fn find(name_or_file: &str) -> Result<(String, Selection)> {
    let file = Path::new(name_or_file);
    if !file.is_file() {
        let named = consent_fixtures::named(name_or_file);
        let named =
            named.with_context(|| format!("{name_or_file} is neither a file nor a case"))?;
        return Ok((named.name.clone(), Selection::Gallery(named.name.clone())));
    }
    let json = std::fs::read_to_string(file).with_context(|| name_or_file.to_owned())?;
    let case = Fixture::from_json(&json).with_context(|| name_or_file.to_owned())?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok((name, Selection::Custom(Box::new(case))))
}

async fn show(browser: &Browser, shown: &PreviewState) -> Result<()> {
    // A browser that only the fragment leads on keeps the page, and what was done on it.
    browser.driver.goto("about:blank").await?;
    browser.go(&format!("/studio/preview/#{}", share::encode(shown))).await?;
    let page = browser.driver.query(By::Css("#app main"));
    page.wait(Duration::from_secs(15), Duration::from_millis(60)).first().await?;
    Ok(())
}

/// What is in a dialog fills the screen: on one as high as the page it would look like nothing else.
async fn has_dialog(browser: &Browser) -> Result<bool> {
    Ok(!browser.driver.find_all(By::Css("dialog[open]")).await?.is_empty())
}
