//! The page that shows a fixture, as a frame of the studio has it: one page shows many, one after the other.

use crate::browser::Browser;
use anyhow::{Context, Result, ensure};
use consent_studio::share;
use consent_studio::state::PreviewState;

/// Where it is served.
pub const PATH: &str = "/studio/preview/";

/// Shows what a fragment holds in place of what the page shows now, and waits until it is drawn. The answer is
/// the headline of a page that could show nothing.
const SHOW: &str = "const [fragment, frame, done] = arguments;
    const { document: page, location } = frame
        ? document.getElementById(frame).contentWindow : window;
    const drawn = () => {
        const [main, ...others] = page.querySelectorAll('#app :is(main.page, main.sheet)');
        return others.length === 0 ? main : undefined;
    };
    const before = drawn();
    // An address that is given whole would be that of the page around a frame.
    location.hash = fragment;
    const look = () => {
        const now = drawn();
        const is_there = now !== undefined && now !== before && page.fonts.status === 'loaded'
            && [...page.images].every((it) => it.complete);
        if (!is_there) return requestAnimationFrame(look);
        const headline = page.querySelector('h1')?.textContent ?? '';
        requestAnimationFrame(() => done(headline));
    };
    look();";

/// A page of previews, or a frame with it.
pub struct Preview<'a> {
    browser: &'a Browser,
    /// The id of the frame.
    frame: Option<&'static str>,
}

impl<'a> Preview<'a> {
    /// Opens the page, which shows nothing yet.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn open(browser: &'a Browser) -> Result<Self> {
        browser.go(PATH).await?;
        browser.see("Nothing to show").await?;
        Ok(Self { browser, frame: None })
    }

    /// One that a frame of the page shows already.
    #[must_use]
    pub fn in_frame(browser: &'a Browser, frame: &'static str) -> Self {
        Self { browser, frame: Some(frame) }
    }

    /// Shows another state than the one before, and waits until it is drawn.
    ///
    /// # Errors
    /// When it is not drawn.
    pub async fn show(&self, state: &PreviewState) -> Result<()> {
        let fragment = share::encode(state);
        let arguments = vec![fragment.into(), self.frame.into()];
        let headline = self.browser.driver.execute_async(SHOW, arguments).await;
        let headline: String = headline.context("it is not drawn")?.convert()?;
        ensure!(headline != "Nothing to show", "there is nothing to show");
        Ok(())
    }
}
