//! Through the screen by Tab in a window of 320 × 256 CSS pixels (a large one at 400 % zoom), and in
//! one that is high enough for the two buttons to stay at its foot: what has the focus is always in
//! sight, and nothing covers it (WCAG 2.4.11).

use super::sight::window;
use super::states::{self, CHROMIUM_ONLY, Language, State, main_languages};
use anyhow::{Result, ensure};
use consent_e2e::TestApp;
use std::cell::RefCell;
use thirtyfour::Key;

/// More than there are places to stop at.
const STOPS: usize = 60;

/// Where the focus is, and what is wrong with that: `[which, complaint]`; no `which` outside the page.
const STOP: &str = "
    const it = document.activeElement;
    if (!it || it === document.body) return ['', ''];
    window.stops ??= [];
    if (!window.stops.includes(it)) window.stops.push(it);
    const which = window.stops.indexOf(it) + ' ' + it.tagName + ' '
        + (it.innerText || it.id || '').slice(0, 40);
    const box = it.getBoundingClientRect();
    // A box to scroll in may be as large as the window; its edges are then the window's.
    const scrolls = it.parentElement.closest('.dialog__scroll');
    const room = scrolls ? scrolls.getBoundingClientRect()
        : { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    const [left, right] = [Math.max(box.left, room.left), Math.min(box.right, room.right)];
    const [top, bottom] = [Math.max(box.top, room.top), Math.min(box.bottom, room.bottom)];
    const whole = box.height >= room.bottom - room.top - 1
        || (box.top >= room.top - 1 && box.bottom <= room.bottom + 1);
    if (!whole || bottom - top < 20 || box.left < room.left - 1 || box.right > room.right + 1)
        return [which, `is out of sight: ${box.top} to ${box.bottom}, not in ${room.top} to ${room.bottom}`];
    const inset = 4;
    for (const [x, y] of [
        [(left + right) / 2, (top + bottom) / 2],
        [left + inset, top + inset], [right - inset, top + inset],
        [left + inset, bottom - inset], [right - inset, bottom - inset],
    ]) {
        const hit = document.elementFromPoint(x, y);
        if (!hit || !(it.contains(hit) || hit.contains(it)))
            return [which, `is covered at ${x}, ${y} by ${hit && hit.outerHTML.slice(0, 80)}`];
    }
    return [which, ''];";

const SMALL: (u32, u32) = (320, 256);

/// The buttons lie over what scrolls below them.
const WITH_BUTTONS_AT_ITS_FOOT: (u32, u32) = (390, 620);

async fn walks(state: State, at_least: usize) -> Result<()> {
    walks_in(SMALL, state, at_least).await
}

async fn walks_in(size: (u32, u32), state: State, at_least: usize) -> Result<()> {
    let wrong = RefCell::new(Vec::new());
    state
        .only_in_chromium(CHROMIUM_ONLY)
        .in_languages(main_languages(), async |app: &TestApp, language: Language| {
            let browser = &app.browser;
            window(browser, Some(size)).await?;
            let mut seen = Vec::new();
            for _ in 0..STOPS {
                browser.driver.action_chain().send_keys(Key::Tab + "").perform().await?;
                let stop = browser.driver.execute(STOP, Vec::new()).await?;
                let (which, complaint): (String, String) = stop.convert()?;
                if !complaint.is_empty() {
                    wrong.borrow_mut().push(format!("{}: {which} {complaint}", language.tag));
                }
                // Round once.
                if !which.is_empty() && seen.contains(&which) {
                    break;
                }
                seen.push(which);
            }
            window(browser, None).await?;
            ensure!(seen.len() >= at_least, "Tab stops only at {seen:#?}");
            Ok(())
        })
        .await?;
    let wrong = wrong.into_inner();
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[tokio::test]
async fn through_the_form() -> Result<()> {
    walks(states::asking_new_account(), 15).await
}

#[tokio::test]
async fn through_the_form_above_the_buttons() -> Result<()> {
    walks_in(WITH_BUTTONS_AT_ITS_FOOT, states::asking_new_account(), 15).await
}

#[tokio::test]
async fn through_the_form_with_an_opened_field() -> Result<()> {
    walks(states::asking_for_a_missing_value(), 15).await
}

#[tokio::test]
async fn through_the_summary() -> Result<()> {
    walks(states::something_missing(), 18).await
}

#[tokio::test]
async fn through_the_dialog() -> Result<()> {
    walks(states::text_open(), 3).await
}

#[tokio::test]
async fn through_what_waits_to_be_sent_again() -> Result<()> {
    walks(states::too_busy(), 15).await
}

#[tokio::test]
async fn through_a_server_rendered_page() -> Result<()> {
    walks(states::no_wasm_form(), 15).await
}
