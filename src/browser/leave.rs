//! The only code that navigates away.

#![expect(clippy::disallowed_methods, reason = "the only code that navigates away")]

use consent_contract::in_app::Platform;
use leptos::task::spawn_local;

use super::clock;

/// Goes to an address that passed [`consent_contract::redirect::check`]. Replaces this page in the
/// history: the back button must lead to the service, not to an answered form.
pub fn go(checked: &str) {
    if let Some(window) = web_sys::window() {
        // Refused only by a sandbox; the page then shows a plain link.
        drop(window.location().replace(checked));
    }
}

/// Few browsers close a window that no script has opened: then the messenger's own address is
/// tried.
const CLOSE_URL_AFTER_MS: u32 = 200;
/// After so long the window is still here.
const STILL_OPEN_AFTER_MS: u32 = 1000;

/// Closes the window of the messenger. Calls if it is still open a moment later.
pub fn close(platform: Platform, still_open: impl Fn() + 'static) {
    let Some(window) = web_sys::window() else { return };
    drop(window.close());
    spawn_local(async move {
        clock::sleep(CLOSE_URL_AFTER_MS).await;
        if let Some(url) = platform.close_url() {
            drop(window.location().assign(url));
        }
        clock::sleep(STILL_OPEN_AFTER_MS).await;
        still_open();
    });
}
