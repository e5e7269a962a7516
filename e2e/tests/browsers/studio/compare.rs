//! The comparison: what differs in words and outlines, one over the other, and in an address.

use super::way::desktop;
use crate::accessibility::axe;
use anyhow::{Context, Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::browser::until;
use consent_e2e::pages::Studio;
use consent_e2e::role::Role;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use thirtyfour::By;

/// Waits until a script returns this in the open (0) or the other (1) preview.
async fn in_frame(app: &TestApp, frame: usize, script: &str, expected: Value) -> Result<()> {
    until(Duration::from_secs(15), script, &expected, async || asked(app, frame, script).await)
        .await
}

async fn asked(app: &TestApp, frame: usize, script: &str) -> Result<Value> {
    let driver = &app.browser.driver;
    let frames = driver.find_all(By::Css(".compare__frame iframe")).await?;
    frames.get(frame).context("no such preview")?.clone().enter_frame().await?;
    let is = driver.execute(script, Vec::new()).await;
    driver.enter_default_frame().await?;
    Ok(is?.json().clone())
}

/// The rows that are outlined.
const OUTLINED: &str = "return [...document.querySelectorAll('[data-changed]')]
    .map((it) => it.querySelector('[type=checkbox]').id)";

/// What the list has: of each field the part of the form, its name, and both values.
const LISTED: &str = "return [...document.querySelectorAll('.difference')].map((it) => [
    it.closest('ul').previousElementSibling.textContent,
    it.querySelector('.difference__field').textContent,
    ...[...it.querySelectorAll('.diff__line')].map((line) => line.textContent),
])";

#[tokio::test]
async fn a_change_is_listed_in_the_form_s_words_and_outlined_in_both_previews() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.write("/request/terms/0/title", "가게 약관").await?;
        studio.tick("/request/terms/2/required").await?;
        browser.see("Saved in this browser").await?;
        browser.press(Role::Link, "Compare").await?;
        browser.see("2 fields differ.").await?;
        let gallery = "As the gallery has it: ";
        browser
            .becomes(
                LISTED,
                json!([
                    [
                        "Terms “가게 약관”",
                        "Title",
                        format!("{gallery}이용약관"),
                        "Open now: 가게 약관"
                    ],
                    [
                        "Terms “광고성 정보 수신”",
                        "Required",
                        format!("{gallery}No"),
                        "Open now: Yes"
                    ],
                ]),
            )
            .await?;
        let title = "return document.querySelector('.row__label').innerText";
        in_frame(&app, 0, title, "[필수] 가게 약관".into()).await?;
        in_frame(&app, 1, title, "[필수] 이용약관".into()).await?;
        for frame in [0, 1] {
            in_frame(&app, frame, OUTLINED, json!(["term:tos", "term:marketing"])).await?;
        }
        // A field of the list is brought into view on both sides, and both scroll together.
        browser.press(Role::Button, "Show “Required”").await?;
        let is_edited = "return document.querySelector('[data-edited] [type=checkbox]')?.id";
        for frame in [0, 1] {
            in_frame(&app, frame, is_edited, "term:marketing".into()).await?;
        }
        studio.choose("Zoom", "100 %").await?;
        asked(&app, 0, "scrollTo({ top: 120, behavior: 'instant' })").await?;
        in_frame(&app, 1, "return scrollY", 120.into()).await?;

        // Language, theme and width are those of both.
        studio.choose("Language", "English").await?;
        studio.choose("Theme", "Dark").await?;
        browser.choose("320").await?;
        let looks = "return [document.documentElement.lang, innerWidth,
            getComputedStyle(document.querySelector('.page')).backgroundColor]";
        for frame in [0, 1] {
            in_frame(&app, frame, looks, json!(["en", 320, "rgb(27, 27, 30)"])).await?;
        }

        // One over the other: the outlines are gone, since they would be differences.
        studio.choose("Layout", "Difference").await?;
        for frame in [0, 1] {
            in_frame(&app, frame, OUTLINED, json!([])).await?;
        }
        let over = "const [one, other] = [...document.querySelectorAll('.compare__frame')];
            const places = [one, other].map((it) => it.getBoundingClientRect());
            return [places[0].left === places[1].left, places[0].top === places[1].top,
                getComputedStyle(other).mixBlendMode, one.inert]";
        browser.becomes(over, json!([true, true, "difference", true])).await?;
        studio.choose("Layout", "Fade").await?;
        let opacity = "const fade = document.querySelector('#fade');
            fade.value = 20;
            fade.dispatchEvent(new Event('input', { bubbles: true }));
            return getComputedStyle(document.querySelector('.compare__frame--other')).opacity";
        browser.becomes(opacity, "0.2".into()).await?;
        let wrong = axe::found(&app, "compare").await?;
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    })
    .await
}

/// On another device there is no draft: the address has it.
#[tokio::test]
async fn an_address_shows_the_same_comparison_without_the_draft() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "filled").await?;
        studio.write("/request/terms/0/title", "보라 약관").await?;
        studio.write("/title", "Hers").await?;
        browser.see("Saved in this browser").await?;
        browser.go("/studio/").await?;
        browser.see(" fixtures").await?;
        browser.go("/studio/cases/sign-up/compare").await?;
        browser.see("Nothing differs").await?;
        let draft = "return document.querySelector('#compare-with option[value^=draft]').value";
        let draft = browser.driver.execute(draft, Vec::new()).await?;
        browser.choose(draft.json().as_str().context("a draft")?).await?;
        let count = "return document.querySelectorAll('.difference').length";
        // Stage, the title of the term, and that of the state; the sentence about it.
        browser.becomes(count, 4.into()).await?;
        studio.choose("Layout", "Difference").await?;
        let before = browser.address().await?;
        let deadline = Instant::now() + Duration::from_secs(15);
        let mut last = before;
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let now = browser.address().await?;
            if now == last && now.len() > 1000 {
                break;
            }
            ensure!(Instant::now() < deadline, "the address is still {now}");
            last = now;
        }
        browser.driver.execute("localStorage.clear(); sessionStorage.clear()", Vec::new()).await?;
        browser.go("/studio/").await?;
        browser.see(" fixtures").await?;
        browser.go(&last).await?;
        browser.becomes(count, 4.into()).await?;
        let chosen = "return document.querySelector('#compare-with').selectedOptions[0].label";
        browser.becomes(chosen, "Required items ticked, as in this address".into()).await?;
        let title = "return document.querySelector('.row__label').innerText";
        in_frame(&app, 1, title, "[필수] 보라 약관".into()).await?;
        let layout = "return document.querySelector('.compare__frames--difference') !== null";
        browser.becomes(layout, true.into()).await?;
        // Another fixture is one choice away.
        browser.choose("fixture:loading").await?;
        browser.see("Loading").await?;
        browser.becomes(LISTED_PAGE, "Page".into()).await
    })
    .await
}

const LISTED_PAGE: &str = "return document.querySelector('.difference__field').textContent";
