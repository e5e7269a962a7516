//! The only code that navigates away.

/// Goes to an address that passed [`consent_contract::redirect::check`]. Replaces this page in the
/// history: the back button must lead to the service, not to a form that has been answered.
#[expect(clippy::disallowed_methods, reason = "the only code that navigates away")]
pub fn go(checked: &str) {
    if let Some(window) = web_sys::window() {
        // Refused only by a sandbox; the page then shows a plain link.
        drop(window.location().replace(checked));
    }
}
