//! The gallery, and addresses that lead nowhere.

use super::way::desktop;
use anyhow::{Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::engine::Engine;
use consent_e2e::pages::Studio;
use consent_e2e::role::Role;
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
        let last = "li:last-child > .preview iframe";
        let last = Studio(browser).one(&format!(".gallery__group:last-of-type {last}")).await?;
        last.enter_frame().await?;
        browser.see("미리보기").await?;
        let drawn = "return document.querySelector('#app h1') !== null";
        for _ in 0..150 {
            if browser.driver.execute(drawn, Vec::new()).await?.json() == true {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(browser.driver.execute(drawn, Vec::new()).await?.json(), &true);
        browser.driver.enter_default_frame().await?;

        let search = Studio(browser).one("#search").await?;
        search.send_keys("channel-blocked").await?;
        browser.see("1 fixtures").await?;
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

/// A frame is an instance of WebAssembly, and a process can only have so many.
#[tokio::test]
async fn only_the_frames_in_view_are_there() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        browser.go("/studio/").await?;
        browser.see(" fixtures").await?;
        for case in ["breaks-the-rules", "lawful-wordings"] {
            let most = scroll_through(&browser.driver).await?;
            ensure!((1..60).contains(&most), "{most} frames at once");
            Studio(browser).press(&format!(".card a[href*='/{case}#']")).await?;
            let studio = Studio(browser);
            studio.is_there().await?;
            browser.press(Role::Link, "All fixtures").await?;
            browser.see(" fixtures").await?;
        }
        // What the back/forward cache would keep.
        Studio(browser).one(".gallery__group:first-of-type li:first-child iframe").await?;
        let left = "dispatchEvent(new Event('pagehide'))";
        browser.driver.execute(left, Vec::new()).await?;
        let frames = "return document.querySelectorAll('iframe').length";
        let frames = browser.driver.execute(frames, Vec::new()).await?;
        assert_eq!(frames.json(), 0);
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

/// What happens while the gallery starts: whether frames were there before the cards, and the most frames that
/// started at once.
const START: &str = "window.start = { early: 0, starting: 0, most: 0, frames: 0 };
    new MutationObserver((changes) => {
        const start = window.start;
        for (const it of changes.flatMap((change) => [...change.addedNodes])) {
            const frames = it.matches?.('iframe') ? [it] : [...it.querySelectorAll?.('iframe') ?? []];
            for (const frame of frames) {
                start.frames += 1;
                start.starting += 1;
                start.most = Math.max(start.most, start.starting);
                if (!document.querySelector('.gallery__count')) start.early += 1;
                frame.addEventListener('load', () => start.starting -= 1);
            }
        }
    }).observe(document, { childList: true, subtree: true });";

/// On a processor of a quarter of the speed. Each frame is an app that starts in the thread of the page.
#[tokio::test]
async fn thumbnails_start_one_by_one_after_the_cards() -> Result<()> {
    let setup = desktop().only_in(Engine::Chromium, "its protocol slows the processor down");
    TestApp::run(setup, async |app| {
        let browser = &app.browser;
        app.proxy.inject(START.to_owned());
        let slow = json!({ "rate": 4 });
        browser.driver.cdp().send_raw("Emulation.setCPUThrottlingRate", slow).await?;
        browser.go("/studio/").await?;
        browser.see(" fixtures").await?;
        let start = "return [start.frames, start.starting, start.early, start.most]";
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut before = 0;
        let (early, most) = loop {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let now = browser.driver.execute(start, Vec::new()).await?;
            let (frames, starting, early, most): (usize, usize, usize, usize) = now.convert()?;
            // None is added any more.
            if frames > 0 && frames == before && starting == 0 {
                break (early, most);
            }
            ensure!(Instant::now() < deadline, "{frames} frames, {starting} of them starting");
            before = frames;
        };
        ensure!(early == 0, "{early} frames were there before the cards");
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
