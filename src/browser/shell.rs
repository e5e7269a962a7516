//! The page before the app is mounted: the static shell, or a server-rendered page.
//!
//! The boot scripts (`src/boot/`) run long before the WebAssembly and own that page until then. They
//! are part of the page, not of this bundle; pages that a test mounts have none.

use consent_contract::json;
use wasm_bindgen::{JsValue, closure::Closure, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = consentShell, js_name = whenIdle)]
    fn shell_when_idle(call: JsValue);
    #[wasm_bindgen(js_namespace = consentShell, js_name = answer)]
    fn shell_answer() -> Option<String>;
    #[wasm_bindgen(js_namespace = consentShell, js_name = texts)]
    fn shell_texts() -> String;
    #[wasm_bindgen(js_namespace = consentShell, js_name = languages)]
    fn shell_languages() -> String;
    #[wasm_bindgen(js_namespace = consentShell, js_name = fields)]
    fn shell_fields() -> String;
    #[wasm_bindgen(js_namespace = consentShell, js_name = age)]
    fn shell_age() -> u32;
    #[wasm_bindgen(js_namespace = consentShell, js_name = replaceShell)]
    fn shell_replace();
}

/// Calls when no key or pointer is down, no text is being composed, and no form is being submitted.
pub fn when_idle(call: fn()) {
    shell_when_idle(Closure::once_into_js(call));
}

/// The API response that a server has rendered, or that the static shell has loaded. None if there
/// is none: the app loads it.
#[must_use]
pub fn answer() -> Option<String> {
    shell_answer()
}

/// The language file of the page.
#[must_use]
pub fn texts() -> String {
    shell_texts()
}

/// The languages that the page offers: `ko=한국어;en=English`.
#[must_use]
pub fn languages() -> String {
    shell_languages()
}

/// The current fields of the server-rendered form. None in the static shell.
#[must_use]
pub fn fields() -> Vec<(String, String)> {
    json::read(&shell_fields()).unwrap_or_default()
}

/// Seconds since the page was requested, by a monotonic clock.
#[must_use]
pub fn age() -> u32 {
    shell_age()
}

/// Removes the shell, in the same task in which the app was built: no frame shows both, or neither.
/// The focus, the caret and the open details are transferred to the app.
pub fn replace() {
    shell_replace();
}
