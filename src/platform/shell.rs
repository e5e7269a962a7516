//! What stands in the document before the app: the static shell, or what a server has painted.
//!
//! It is the boot script's (`src/boot.js`), which is there long before the WebAssembly and looks
//! after it until then. That script is part of the page, not of this bundle; pages that are mounted by a test
//! have none.

use consent_contract::json;
use wasm_bindgen::{JsValue, closure::Closure, prelude::wasm_bindgen};

use crate::consent::painted::Painted;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = consentShell, js_name = whenQuiet)]
    fn shell_when_quiet(call: JsValue);
    #[wasm_bindgen(js_namespace = consentShell, js_name = answer)]
    fn shell_answer() -> Option<String>;
    #[wasm_bindgen(js_namespace = consentShell, js_name = fields)]
    fn shell_fields() -> String;
    #[wasm_bindgen(js_namespace = consentShell, js_name = makeWay)]
    fn shell_make_way();
}

/// Calls when no key or pointer is down, no syllable is being composed, and no form is under way.
pub fn when_quiet(call: fn()) {
    shell_when_quiet(Closure::once_into_js(call));
}

/// What a server has painted and the person has ticked and typed in it; none in the static shell.
#[must_use]
pub fn painted() -> Option<Painted> {
    let answer = shell_answer()?;
    let fields = json::read(&shell_fields()).ok()?;
    Some(Painted { answer, fields })
}

/// Takes the shell away, in the same task in which the app took its place: there is never a frame
/// with both, or with neither. The focus, the caret and what was unfolded go over to the app.
pub fn make_way() {
    shell_make_way();
}
