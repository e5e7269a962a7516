//! What stands in the document before the app: the static shell, or what a server has painted.
//!
//! It is the boot script's (`src/boot.js`), which is there long before the WebAssembly and looks
//! after it until then. That script is part of the page, not of this bundle; pages that are mounted by a test
//! have none.

use consent_contract::json;
use wasm_bindgen::{JsValue, closure::Closure, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = consentShell, js_name = whenQuiet)]
    fn shell_when_quiet(call: JsValue);
    #[wasm_bindgen(js_namespace = consentShell, js_name = answer)]
    fn shell_answer() -> Option<String>;
    #[wasm_bindgen(js_namespace = consentShell, js_name = fields)]
    fn shell_fields() -> String;
    #[wasm_bindgen(js_namespace = consentShell, js_name = age)]
    fn shell_age() -> u32;
    #[wasm_bindgen(js_namespace = consentShell, js_name = makeWay)]
    fn shell_make_way();
}

/// Calls when no key or pointer is down, no syllable is being composed, and no form is under way.
pub fn when_quiet(call: fn()) {
    shell_when_quiet(Closure::once_into_js(call));
}

/// The answer of the API that a server has painted, or that the static shell has read. None when
/// there is none: the app asks for itself.
#[must_use]
pub fn answer() -> Option<String> {
    shell_answer()
}

/// The fields of the painted form, as they are filled in by now. None of them in the static shell.
#[must_use]
pub fn fields() -> Vec<(String, String)> {
    json::read(&shell_fields()).unwrap_or_default()
}

/// Seconds since the page was asked for, by a clock that nobody sets.
#[must_use]
pub fn age() -> u32 {
    shell_age()
}

/// Takes the shell away, in the same task in which the app took its place: there is never a frame
/// with both, or with neither. The focus, the caret and what was unfolded go over to the app.
pub fn make_way() {
    shell_make_way();
}
