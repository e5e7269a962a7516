//! The whole way of a designer: from the gallery to a file that the lint refuses.

use anyhow::{Context, Result, ensure};
use consent_e2e::engine::Device;
use consent_e2e::pages::Studio;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use consent_fixtures::Fixture;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::time::Duration;
use thirtyfour::By;
use thirtyfour::prelude::ElementQueryable;

/// What files the page gives, as text: a browser under test saves them nowhere.
const CATCH_FILES: &str = "window.files = [];
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => {
        blob.text().then((text) => window.files.push(text));
        return make.call(URL, blob);
    };
    document.addEventListener('click', (event) => {
        if (event.target.download) event.preventDefault();
    });";

/// How long it may take until a storyboard is printed: every picture is loaded first.
pub const PRINTING: Duration = Duration::from_secs(120);

pub fn desktop() -> Setup {
    Setup::default().device(Device::Desktop).languages("en")
}

/// Presses what exports, and returns the file.
pub async fn exported(app: &TestApp, button: &str) -> Result<String> {
    let driver = &app.browser.driver;
    driver.execute(CATCH_FILES, Vec::new()).await?;
    app.browser.press(Role::Button, button).await?;
    for _ in 0..100 {
        let files = driver.execute("return window.files", Vec::new()).await?.json().clone();
        if let Some(text) = files.get(0).and_then(Value::as_str) {
            return Ok(text.to_owned());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("{button} gave no file")
}

/// What can be seen of the preview.
const LOOK: &str = "return {
    text: document.querySelector('#app').innerText,
    width: innerWidth,
    lang: document.documentElement.lang,
    ground: getComputedStyle(document.querySelector('.page')).backgroundColor,
}";

#[tokio::test]
async fn from_the_gallery_to_a_file_that_the_lint_refuses() -> Result<()> {
    let handed_on = Mutex::new((String::new(), Value::Null));
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        browser.go("/studio/").await?;
        browser.press(Role::Link, "Signing up").await?;
        browser.arrive("/studio/cases/sign-up").await?;
        let studio = Studio(browser);
        studio.is_there().await?;
        ensure!(
            studio.preview_text().await?.contains("한옥마켓 채널 추가"),
            "the channel is offered"
        );

        // The channel is not primary any more: it vanishes, and the studio says why.
        studio.tick("/request/channels/0/primary").await?;
        browser.see("not offered, because it is not the primary channel").await?;
        let offered = "return document.body.innerText.includes('한옥마켓 채널 추가')";
        studio.in_preview(offered, false.into()).await?;

        // Marketing is required: the lint forbids it, by rule and source.
        studio.tick("/request/terms/2/required").await?;
        studio.panel("Check").await?;
        browser.see("KR-P07").await?;
        browser.see("PIPA 22(5), 22(1)7").await?;
        browser.see("not legal advice").await?;
        browser.press(Role::Button, "Show the field").await?;
        studio.focus_is_on("Required").await?;

        studio.choose("Theme", "Dark").await?;
        studio.choose("Language", "日本語").await?;
        browser.choose("320").await?;
        studio.in_preview("return innerWidth", 320.into()).await?;
        studio.in_preview("return document.documentElement.lang", "ja".into()).await?;
        let ground = "return getComputedStyle(document.querySelector('.page')).backgroundColor";
        studio.in_preview(ground, "rgb(27, 27, 30)".into()).await?;
        let seen = studio.ask_preview(LOOK).await?;

        studio.press("a[href*='/matrix']").await?;
        every_cell_is_another(browser).await?;
        browser.press(Role::Link, "Screen").await?;
        studio.is_there().await?;

        let address = studio.address().await?;
        *handed_on.lock().unwrap() = (address, seen);

        let file = exported(&app, "Export the fixture").await?;
        the_lint_says_the_same(&app, &studio, &file).await
    })
    .await?;

    // In another browser, on another machine.
    let (address, seen) = handed_on.into_inner()?;
    if address.is_empty() {
        // Not run in this engine, which was said.
        return Ok(());
    }
    TestApp::run(desktop(), async |app| {
        let case = address.strip_prefix("/studio/cases/").context("a case")?;
        let studio = Studio::open(&app.browser, case).await?;
        studio.in_preview(LOOK, seen.clone()).await?;
        app.browser.see("not offered, because it is not the primary channel").await?;
        studio.panel("Check").await?;
        app.browser.see("KR-P07").await
    })
    .await
}

/// The columns of the matrix: eight languages, and the pseudo-locale.
const LANGUAGES: usize = 9;

/// Its rows.
const THEMES: usize = 3;

/// Languages across, themes down: each cell is its own.
async fn every_cell_is_another(browser: &consent_e2e::browser::Browser) -> Result<()> {
    let driver = &browser.driver;
    browser.see("Across").await?;
    let mut seen = Vec::new();
    for _ in 0..100 {
        let cells = driver.find_all(By::Css(".matrix .preview")).await?;
        if cells.len() == LANGUAGES * THEMES {
            seen.clear();
            for cell in cells {
                // A frame is there while its cell is in view.
                let into = "arguments[0].scrollIntoView({ block: 'center', inline: 'center' })";
                driver.execute(into, vec![cell.to_json()?]).await?;
                let Ok(frame) = cell.query(By::Css("iframe")).first().await else { break };
                frame.enter_frame().await?;
                let look = "return [document.documentElement.lang, innerWidth,
                    getComputedStyle(document.querySelector('.page')).backgroundColor,
                    document.querySelector('h1').textContent.startsWith('[')]";
                // Until it is drawn.
                for _ in 0..100 {
                    if let Ok(look) = driver.execute(look, Vec::new()).await {
                        seen.push(look.json().clone());
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                driver.enter_default_frame().await?;
            }
            if seen.len() == LANGUAGES * THEMES {
                break;
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let light = "rgb(255, 255, 255)";
    assert_eq!(seen.len(), LANGUAGES * THEMES, "not every cell is drawn: {seen:?}");
    let [in_light, in_dark, in_forced] = [0, 1, 2].map(|row| &seen[row * LANGUAGES..]);
    let tags: Vec<_> = in_light[..LANGUAGES].iter().map(|cell| &cell[0]).collect();
    assert_eq!(tags, ["ko", "en", "ja", "zh-Hans", "zh-Hant", "vi", "th", "ar", "en"]);
    assert_eq!(in_light[0], json!(["ko", 320, light, false]));
    assert_eq!(in_light[LANGUAGES - 1], json!(["en", 320, light, true]));
    assert_eq!(in_dark[1], json!(["en", 320, "rgb(27, 27, 30)", false]));
    assert_eq!(in_forced[0], json!(["ko", 320, "rgb(0, 0, 0)", false]));
    Ok(())
}

/// `cargo xtask lint` on the exported file prints what the panel shows, and fails.
async fn the_lint_says_the_same(app: &TestApp, studio: &Studio<'_>, file: &str) -> Result<()> {
    let case = Fixture::from_json(file)?;
    let findings = case.lint();
    assert_eq!(findings.iter().map(|it| it.rule.id).collect::<Vec<_>>(), ["KR-P07"]);
    studio.panel("Check").await?;
    for finding in &findings {
        app.browser.see(&finding.what).await?;
        app.browser.see(&finding.at).await?;
    }
    let place = app.data().join("case.json");
    std::fs::write(&place, file)?;
    let xtask = std::env::var_os("CONSENT_XTASK").context(
        "CONSENT_XTASK is not set: start these tests with `cargo xtask test --only e2e`",
    )?;
    let lint = std::process::Command::new(xtask).arg("lint").arg(&place).output()?;
    let said = String::from_utf8_lossy(&lint.stdout);
    ensure!(!lint.status.success(), "a broken rule is no success: {said}");
    for finding in &findings {
        let line = format!("error {} {}: {}", finding.rule.id, finding.at, finding.what);
        ensure!(said.contains(&line), "{line} is not in {said}");
    }
    ensure!(said.contains("1 findings"), "{said}");
    Ok(())
}
