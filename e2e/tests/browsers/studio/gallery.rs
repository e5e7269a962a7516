//! The gallery, and addresses that lead nowhere.

use super::way::desktop;
use anyhow::{Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::engine::Engine;
use consent_e2e::pages::Studio;
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_studio::thumbnail;
use hyper::Method;
use serde_json::json;
use std::time::{Duration, Instant};
use thirtyfour::{By, WebDriver};

#[tokio::test]
async fn every_case_has_a_picture_and_can_be_found() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        browser.go("/studio/").await?;
        let all = consent_fixtures::all().count();
        browser.see(&format!("{all} fixtures")).await?;
        let cards = browser.driver.find_all(By::Css(".card")).await?;
        assert_eq!(cards.len(), all);
        // The last one comes when it is scrolled to, and shows its case.
        cards.last().expect("a card").scroll_into_view().await?;
        let last = ".gallery__group:last-of-type li:last-child";
        let is_loaded = format!(
            "const it = document.querySelector('{last} img');
            return it.complete && it.naturalWidth === {}",
            thumbnail::WIDTH
        );
        browser.becomes(&is_loaded, true.into()).await?;
        Studio(browser).choose("Theme", "Dark").await?;
        cards.last().expect("a card").scroll_into_view().await?;
        let last = Studio(browser).one(&format!("{last} iframe")).await?;
        last.enter_frame().await?;
        browser.see("미리보기").await?;
        browser.becomes("return document.querySelector('#app h1') !== null", true.into()).await?;
        browser.driver.enter_default_frame().await?;

        // The index leads to a group, the keyboard too.
        browser.press(Role::Link, "For the lint 4").await?;
        let is_there = "const it = document.activeElement;
            const { top } = it.getBoundingClientRect();
            return it.textContent === 'For the lint' && top >= 0 && top < innerHeight";
        browser.becomes(is_there, true.into()).await?;

        let search = Studio(browser).one("#search").await?;
        search.send_keys("channel-blocked").await?;
        browser.see("1 fixtures").await?;
        let index = "return document.querySelector('.gallery__index').innerText.trim()";
        browser.becomes(&format!("{index}.replace(/\\s+/g, ' ')"), "Channels 1".into()).await?;
        search.send_keys(" and no such thing").await?;
        browser.see("No fixture has").await?;
        browser.press(Role::Button, "Show all").await?;
        browser.see(&format!("{all} fixtures")).await?;
        // Where one goes on.
        Studio(browser).focus_is_on("Search").await?;
        Ok(())
    })
    .await
}

/// Lays every card of the gallery out. Of those out of view axe-core cannot see what is below their text.
pub const ALL_CARDS: &str =
    "document.querySelectorAll('.card').forEach((it) => it.style.contentVisibility = 'visible')";

/// Scrolls on by half a window. Returns how many frames there are, and whether this is the end.
const SCROLL_ON: &str = "scrollBy({ top: innerHeight / 2, behavior: 'instant' });
    const end = document.documentElement.scrollHeight - innerHeight;
    return [document.querySelectorAll('iframe').length, scrollY >= end - 1];";

/// Scrolls to the end, and returns the largest number of frames on the way.
async fn scroll_through(driver: &WebDriver) -> Result<usize> {
    driver.execute("scrollTo({ top: 0, behavior: 'instant' })", Vec::new()).await?;
    let mut most = 0;
    loop {
        let (frames, is_end): (usize, bool) =
            driver.execute(SCROLL_ON, Vec::new()).await?.convert()?;
        most = most.max(frames);
        if is_end {
            return Ok(most);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

const FRAMES: &str = "return document.querySelectorAll('iframe').length";

/// Of the first card: whether it has a picture, and the language and the ground of its frame.
const FIRST: &str = "const card = document.querySelector('.card');
    const page = card.querySelector('iframe')?.contentDocument;
    const ground = page?.querySelector('#app .page');
    return [card.querySelector('img') !== null,
        ground ? page.documentElement.lang : null,
        ground ? page.defaultView.getComputedStyle(ground).backgroundColor : null];";

/// Pictures are recorded in one view. In every other one, and where one is missing, cards are live.
#[tokio::test]
async fn cards_are_live_in_every_view_but_that_of_the_pictures() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio(browser);
        browser.go("/studio/").await?;
        browser.see(" fixtures").await?;
        let [picture, light, dark] =
            [json!([true, null, null]), json!("rgb(255, 255, 255)"), json!("rgb(27, 27, 30)")];
        browser.becomes(FIRST, picture.clone()).await?;
        let are_pictures = "return [...document.querySelectorAll('.card')].every(
            (it) => it.querySelector('img.card__picture') && !it.querySelector('.preview__inside'))";
        browser.becomes(are_pictures, true.into()).await?;
        studio.choose("Theme", "Dark").await?;
        browser.becomes(FIRST, json!([false, "ko", dark])).await?;
        studio.choose("Theme", "Light").await?;
        browser.becomes(FIRST, picture.clone()).await?;
        browser.becomes(FRAMES, 0.into()).await?;
        studio.choose("Language", "English").await?;
        browser.becomes(FIRST, json!([false, "en", light])).await?;

        // One that does not load.
        app.allow_console_error("the server responded with a status of 404");
        let missing = Fault::answer(404, "text/plain", "");
        app.proxy.fault(Method::GET, "/studio/thumbnails/sign-up.png", None, missing);
        browser.go("/studio/?again").await?;
        browser.becomes(FIRST, json!([false, "ko", light])).await?;
        browser.becomes(FRAMES, 1.into()).await?;

        // The deployer has a theme.
        let theme = Fault::answer(200, "text/css", ":root { --accent: #6b2ff0 }");
        app.proxy.fault(Method::GET, "/studio/theme.css", None, theme);
        browser.go("/studio/").await?;
        browser.see(" fixtures").await?;
        browser.becomes("return document.querySelectorAll('.card img').length", 0.into()).await?;
        browser.becomes(FIRST, json!([false, "ko", light])).await
    })
    .await
}

/// A frame is an instance of WebAssembly, and a process can only have so many.
#[tokio::test]
async fn only_the_frames_in_view_are_there() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        browser.go("/studio/").await?;
        browser.see(" fixtures").await?;
        for case in ["breaks-the-rules", "lawful-wordings"] {
            Studio(browser).choose("Theme", "Dark").await?;
            let most = scroll_through(&browser.driver).await?;
            ensure!((1..60).contains(&most), "{most} frames at once");
            Studio(browser).press(&format!(".card a[href*='/{case}#']")).await?;
            let studio = Studio(browser);
            studio.is_there().await?;
            browser.press(Role::Link, "All fixtures").await?;
            browser.see(" fixtures").await?;
        }
        // What the back/forward cache would keep.
        Studio(browser).choose("Theme", "Dark").await?;
        Studio(browser).one(".gallery__group:first-of-type li:first-child iframe").await?;
        let left = "dispatchEvent(new Event('pagehide'))";
        browser.driver.execute(left, Vec::new()).await?;
        assert_eq!(browser.driver.execute(FRAMES, Vec::new()).await?.json(), 0);
        browser.driver.execute("dispatchEvent(new Event('pageshow'))", Vec::new()).await?;
        Studio(browser).one(".gallery__group:first-of-type li:first-child iframe").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_hint_is_for_the_first_visit() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        browser.go("/studio/").await?;
        browser.see("Each picture is the real screen").await?;
        browser.press(Role::Button, "Got it").await?;
        browser.see_no_more("Each picture is the real screen").await?;
        browser.go("/studio/").await?;
        browser.see(" fixtures").await?;
        ensure!(!browser.text().await?.contains("Each picture"), "it was read");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_address_of_nothing_or_a_damaged_one_says_so() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        browser.go("/studio/cases/no-such-case").await?;
        browser.see("Not found").await?;
        browser.press(Role::Link, "Go to the gallery").await?;
        browser.see(" fixtures").await?;
        let studio = Studio::open(browser, "sign-up#1.broken").await?;
        // Visible to all users, and not only announced.
        let notice = studio.one(".notice-bar").await?;
        ensure!(notice.is_displayed().await? && notice.text().await?.contains("is damaged"));
        ensure!(notice.rect().await?.height > 20.0, "it is seen");
        // It may be the only copy: it stays until something is changed.
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(browser.address().await?, "/studio/cases/sign-up#1.broken");
        ensure!(studio.preview_text().await?.contains("한옥마켓"), "what can be shown is shown");
        Ok(())
    })
    .await
}

/// At 1280 by 720 and on a tablet nothing has to be scrolled sideways.
#[tokio::test]
async fn it_fits_a_small_laptop_and_a_tablet() -> Result<()> {
    let setup = desktop().only_in(Engine::Chromium, "the window's size is set by its protocol");
    TestApp::run(setup, async |app| {
        let browser = &app.browser;
        for (width, height) in [(1280, 720), (1024, 768), (820, 1180), (768, 1024)] {
            browser.driver.set_window_rect(0, 0, width, height).await?;
            for path in ["/studio/", "/studio/cases/sign-up"] {
                browser.go(path).await?;
                browser.see("Language").await?;
                let wider = "return document.documentElement.scrollWidth - innerWidth";
                let wider = browser.driver.execute(wider, Vec::new()).await?;
                ensure!(wider.json().as_i64() <= Some(0), "{path} at {width} × {height}");
            }
        }
        Ok(())
    })
    .await
}

/// What happens while the gallery is open: how many frames there were, and the most that started at once.
const START: &str = "window.start = { starting: 0, most: 0, frames: 0 };
    new MutationObserver((changes) => {
        const start = window.start;
        for (const it of changes.flatMap((change) => [...change.addedNodes])) {
            const frames = it.matches?.('iframe') ? [it] : [...it.querySelectorAll?.('iframe') ?? []];
            for (const frame of frames) {
                start.frames += 1;
                start.starting += 1;
                start.most = Math.max(start.most, start.starting);
                frame.addEventListener('load', () => start.starting -= 1);
            }
        }
    }).observe(document, { childList: true, subtree: true });";

/// On a processor of a quarter of the speed. Each frame is an app that starts in the thread of the page.
#[tokio::test]
async fn the_gallery_starts_without_frames_and_live_ones_start_one_by_one() -> Result<()> {
    let setup = desktop().only_in(Engine::Chromium, "its protocol slows the processor down");
    TestApp::run(setup, async |app| {
        let browser = &app.browser;
        app.proxy.inject(START.to_owned());
        let slow = json!({ "rate": 4 });
        browser.driver.cdp().send_raw("Emulation.setCPUThrottlingRate", slow).await?;
        browser.go("/studio/").await?;
        browser.see(" fixtures").await?;
        let start = "return [start.frames, start.starting, start.most]";
        let ask = async || -> Result<(usize, usize, usize)> {
            tokio::time::sleep(Duration::from_secs(2)).await;
            Ok(browser.driver.execute(start, Vec::new()).await?.convert()?)
        };
        let (frames, ..) = ask().await?;
        ensure!(frames == 0, "{frames} frames were there in the view of the pictures");
        Studio(browser).choose("Theme", "Dark").await?;
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut before = 0;
        let most = loop {
            let (frames, starting, most) = ask().await?;
            // None is added any more.
            if frames > 0 && frames == before && starting == 0 {
                break most;
            }
            ensure!(Instant::now() < deadline, "{frames} frames, {starting} of them starting");
            before = frames;
        };
        ensure!(most == 1, "{most} frames started at once");
        Ok(())
    })
    .await
}

/// The gallery can be used within a second on a machine that does nothing else; the tests share theirs
/// with each other, so what fails here is three times that.
#[tokio::test]
async fn it_is_there_soon() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        app.proxy.inject(
            "new MutationObserver(() => {
                if (!window.usable && document.querySelector('.card a'))
                    window.usable = performance.now();
            }).observe(document, { childList: true, subtree: true });"
                .to_owned(),
        );
        app.browser.go("/studio/").await?;
        app.browser.see(" fixtures").await?;
        let usable = app.browser.driver.execute("return window.usable", Vec::new()).await?;
        let usable = usable.json().as_f64().expect("it was seen to come");
        println!("the gallery could be used after {usable:.0} ms");
        ensure!(usable < 3000.0, "{usable:.0} ms");
        Ok(())
    })
    .await
}
