//! The studio's own pages at 200 %: a window of 1440 by 900 then has 720 by 450 CSS pixels. Nothing scrolls
//! sideways, and whatever gets the focus is in sight and not covered.

use super::way::desktop;
use anyhow::{Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::browser::Browser;
use consent_e2e::engine::Engine;
use consent_e2e::pages::Studio;

/// How many controls are looked at, and what is wrong with the page and with them.
const LOOK: &str = "
    const wrong = [];
    const name = (it) => it.tagName + ' ' + (it.id || it.innerText || it.className || '').slice(0, 40);
    const page = document.documentElement;
    if (page.scrollWidth > innerWidth) wrong.push(`the page is ${page.scrollWidth} wide`);
    const controls = [...document.querySelectorAll(
        'a[href], button, input:not(.visually-hidden), select, textarea, summary, label.choices__choice')];
    let seen = 0;
    for (const it of controls) {
        if (!it.checkVisibility({ visibilityProperty: true }) || it.closest('[inert], dialog:not([open])')) continue;
        if (it.type === 'file' || it.getBoundingClientRect().width < 2) continue;
        seen += 1;
        // As the focus does.
        it.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
        it.focus();
        const box = it.getBoundingClientRect();
        const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
        const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
        if (bottom - top < Math.min(16, box.height - 1) || right - left < 16) {
            wrong.push(`${name(it)} is out of sight: ${box.left}, ${box.top}, ${box.width} x ${box.height}`);
            continue;
        }
        const inset = Math.min(4, (bottom - top) / 4);
        for (const [x, y] of [
            [(left + right) / 2, (top + bottom) / 2],
            [left + inset, top + inset], [right - inset, bottom - inset],
        ]) {
            const hit = document.elementFromPoint(x, y);
            if (!hit || !(it.contains(hit) || hit.contains(it) || it.control?.contains(hit))) {
                wrong.push(`${name(it)} is covered at ${x}, ${y} by ${hit && hit.outerHTML.slice(0, 80)}`);
                break;
            }
        }
    }
    return [seen, wrong];";

const COVER: &str = "const cover = document.createElement('div');
    cover.style = 'position: fixed; inset: 0; z-index: 99';
    document.body.append(cover);";

/// Adds what is wrong with a page that has so many controls.
async fn look(browser: &Browser, page: &str, at_least: usize, all: &mut Vec<String>) -> Result<()> {
    let found = browser.driver.execute(LOOK, Vec::new()).await?;
    let (seen, wrong): (usize, Vec<String>) = found.convert()?;
    ensure!(seen >= at_least, "{page} has {seen} controls");
    all.extend(wrong.into_iter().map(|it| format!("{page}: {it}")));
    Ok(())
}

#[tokio::test]
async fn nothing_is_covered_or_scrolls_sideways_at_200_percent() -> Result<()> {
    let setup = desktop().only_in(Engine::Chromium, "the window's size is set by its protocol");
    TestApp::run(setup, async |app| {
        let browser = &app.browser;
        browser.driver.set_window_rect(0, 0, 720, 450).await?;
        let mut wrong = Vec::new();
        browser.go("/studio/").await?;
        browser.see(" fixtures").await?;
        browser.becomes("return [innerWidth, innerHeight]", serde_json::json!([720, 450])).await?;
        look(browser, "gallery", 60, &mut wrong).await?;
        // What lies over controls is found.
        browser.driver.execute(COVER, Vec::new()).await?;
        let mut covered = Vec::new();
        look(browser, "gallery", 60, &mut covered).await?;
        ensure!(covered.iter().any(|it| it.contains("is covered")), "{covered:?}");
        let studio = Studio::open(browser, "sign-up").await?;
        for panel in ["Edit", "Texts", "JSON", "Look", "Check", "Hear", "Notes", "Share"] {
            studio.panel(panel).await?;
            look(browser, panel, 15, &mut wrong).await?;
        }
        for (view, sign) in [
            ("matrix", "Across"),
            ("storyboard", "Arriving and answering"),
            ("compare", "Nothing differs"),
        ] {
            studio.press(&format!("a[href*='/{view}']")).await?;
            browser.see(sign).await?;
            look(browser, view, 10, &mut wrong).await?;
        }
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    })
    .await
}
