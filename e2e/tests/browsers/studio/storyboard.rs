//! The storyboard: every state of a service in order, by keyboard, in an address, and on paper.

use super::way::{PRINTING, desktop};
use anyhow::{Context, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use consent_e2e::TestApp;
use consent_e2e::engine::Engine;
use consent_e2e::pages::Studio;
use consent_e2e::pdf::Pdf;
use consent_e2e::role::Role;
use consent_fixtures::{named, storyboard::storyboard};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use thirtyfour::Key;

/// The titles of the states, in the order of reading.
fn titles() -> Vec<&'static str> {
    let titles = storyboard().steps().map(|step| &*named(&step.fixture).expect("it").fixture.title);
    titles.collect()
}

async fn asked(app: &TestApp, script: &str) -> Result<Value> {
    Ok(app.browser.driver.execute(script, Vec::new()).await?.json().clone())
}

/// A list of steps, each with its branches, in the order of the storyboard.
const LISTED: &str = "return [...document.querySelectorAll('.chapter > ol > li h3 a')]
    .map((it) => it.textContent)";

const FRAMES: &str = "return document.querySelectorAll('.board iframe').length";

#[tokio::test]
async fn the_states_are_a_list_that_arrow_keys_walk_through() -> Result<()> {
    let setup = desktop().not_in(Engine::WebKit, "its Tab key passes over links");
    TestApp::run(setup, async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.press("a[href*='/storyboard']").await?;
        browser.see("Arriving and answering").await?;
        let titles = titles();
        assert_eq!(asked(&app, LISTED).await?, json!(titles));
        // As the keyboard does.
        let press = async |key: Key| -> Result<()> {
            Ok(browser.driver.action_chain().send_keys(key + "").perform().await?)
        };
        for _ in 0..30 {
            press(Key::Tab).await?;
            if browser.focused().await? == titles[0] {
                break;
            }
        }
        for title in &titles[..5] {
            studio.focus_is_on(title).await?;
            press(Key::Right).await?;
        }
        press(Key::Left).await?;
        studio.focus_is_on(titles[4]).await?;
        press(Key::End).await?;
        studio.focus_is_on(titles[titles.len() - 1]).await?;
        press(Key::Home).await?;
        studio.focus_is_on(titles[0]).await?;
        // A way to a state elsewhere moves the focus there, and a state opens in the workbench.
        browser.press(Role::Button, "Text open").await?;
        browser.becomes("return document.activeElement.id", "state:text-open".into()).await?;
        studio.press("[id='state:loading-slow']").await?;
        browser.arrive("/studio/cases/loading-slow").await?;
        studio.is_there().await
    })
    .await
}

/// What is shown can be passed on, and is there after a reload.
#[tokio::test]
async fn the_address_has_what_is_shown() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.write("/request/service/name", "보라장터").await?;
        studio.write("/request/terms/0/title", "보라 약관").await?;
        browser.see("Saved in this browser").await?;
        studio.press("a[href*='/storyboard']").await?;
        browser.see("보라장터").await?;
        // What she has not is listed with its reason.
        browser.see("no earlier version of this text").await?;
        let before = browser.address().await?;
        studio.choose("Theme", "Light and dark").await?;
        studio.choose("Zoom", "50 %").await?;
        let is_shown = "const frames = [...document.querySelectorAll('.shot__frames')];
            const width = document.querySelector('.preview__inside').getBoundingClientRect().width;
            return [frames.every((it) => it.children.length === 2), width]";
        browser.becomes(is_shown, json!([true, 195])).await?;
        // The address is written a moment later, once for both or once for each.
        let deadline = Instant::now() + Duration::from_secs(15);
        let mut last = before.clone();
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let now = browser.address().await?;
            if now != before && now == last {
                break;
            }
            ensure!(Instant::now() < deadline, "the address is still {now}");
            last = now;
        }
        browser.driver.refresh().await?;
        browser.see("Arriving and answering").await?;
        browser.becomes(is_shown, json!([true, 195])).await?;
        browser.see("보라장터").await?;

        // A state of the form has the draft's own terms.
        studio.press("[id='state:submitting']").await?;
        browser.arrive("/studio/cases/submitting").await?;
        studio.is_there().await?;
        let own = "return document.body.innerText.includes('보라 약관')";
        studio.in_preview(own, true.into()).await?;
        browser.press(Role::Link, "Storyboard").await?;
        browser.see("Arriving and answering").await?;
        // The demo's service is one choice away.
        browser.choose("demo").await?;
        browser.arrive("/studio/cases/sign-up/storyboard").await?;
        browser.see("한옥마켓").await
    })
    .await
}

/// A frame is an instance of WebAssembly, and a process can only have so many.
#[tokio::test]
async fn only_frames_in_view_are_live() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        browser.go("/studio/cases/sign-up/storyboard").await?;
        Studio(browser).one("[title='One-tap sign-up']").await?;
        let count = titles().len();
        let live = asked(&app, FRAMES).await?.as_u64().context("a number")?;
        ensure!((1..count as u64 / 2).contains(&live), "{live} of {count} frames are live");
        let last = "document.querySelector('.left-out').scrollIntoView({ behavior: 'instant' })";
        browser.driver.execute(last, Vec::new()).await?;
        Studio(browser).one("[title='Invalid response']").await?;
        browser
            .becomes("return !document.querySelector('[title=\"Loading\"]')", true.into())
            .await?;
        // No frame has scrolled the page, or taken the focus.
        let is_steady = "return [scrollY, document.activeElement.tagName !== 'IFRAME']";
        for (case, frame) in [("sign-up", "One-tap sign-up"), ("filled", "Errors")] {
            browser.go(&format!("/studio/cases/{case}/storyboard")).await?;
            Studio(browser).one(&format!("[title='{frame}']")).await?;
            // A frame with `autofocus` in it may come late.
            tokio::time::sleep(Duration::from_secs(4)).await;
            assert_eq!(asked(&app, is_steady).await?, json!([0, true]), "{case}");
        }
        // What the back/forward cache would keep.
        browser.driver.execute("dispatchEvent(new Event('pagehide'))", Vec::new()).await?;
        browser.becomes(FRAMES, 0.into()).await?;
        browser.driver.execute("dispatchEvent(new Event('pageshow'))", Vec::new()).await?;
        Studio(browser).one("[title='Errors']").await?;
        Ok(())
    })
    .await
}

/// What a lawyer signs: every state with its picture, its findings and its texts.
#[tokio::test]
async fn each_state_is_printed_with_its_picture_texts_and_findings() -> Result<()> {
    let setup = desktop()
        .in_its_own_browser()
        .only_in(Engine::Chromium, "a page is printed to a file by its protocol");
    TestApp::run(setup, async |app| {
        let browser = &app.browser;
        browser.go("/studio/cases/breaks-the-rules/storyboard").await?;
        browser.see("Arriving and answering").await?;
        // A driver does not reach the dialog.
        browser
            .driver
            .execute("window.print = () => { window.isPrinted = true }", Vec::new())
            .await?;
        browser.press(Role::Button, "Print").await?;
        browser.becomes_within(PRINTING, "return window.isPrinted === true", true.into()).await?;
        let states = asked(&app, "return document.querySelectorAll('.shot').length").await?;
        let states = usize::try_from(states.as_u64().context("a number")?)?;
        ensure!(states > 45, "{states} states");
        browser.becomes(FRAMES, states.into()).await?;

        let options = json!({ "preferCSSPageSize": true, "displayHeaderFooter": false });
        let printed = browser.driver.cdp().send_raw("Page.printToPDF", options).await?;
        let printed = printed["data"].as_str().context("no file")?;
        let pdf = Pdf::read(&STANDARD.decode(printed)?)?;
        // A cover, a page for each state at least, what is left out, and a page to sign.
        let pages = pdf.pages();
        ensure!((states + 3..2 * states).contains(&pages), "{pages} pages for {states} states");
        let letters = pdf.letters();
        for text in [
            // A full text that no picture shows.
            "개인정보처리방침은홈페이지에서볼수있습니다",
            // The finding of a rule, and the state without any.
            "KR-P07",
            "Nothingwasfound",
            &format!("State{states}of{states}"),
            "Companyandrole",
            // Of a picture.
            "아직확인이필요한항목이있습니다",
        ] {
            ensure!(letters.contains(text), "{text} is not printed");
        }
        ensure!(!letters.contains("Thepicturewasnotloaded"), "a frame was not loaded");
        // After it, only what is in view is live.
        let few = format!("return document.querySelectorAll('.board iframe').length < {states}");
        browser.becomes(&few, true.into()).await?;
        Ok(())
    })
    .await
}
