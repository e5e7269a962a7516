//! What stands in the document before the app: the static shell, or what a server has painted.
//!
//! It is the boot script's (`src/boot.js`), which is there long before the WebAssembly and looks
//! after it until then. That script is part of the page, not of this bundle: where it is missing,
//! as in a test, nothing is waited for and nothing was painted.

use consent_contract::json;
use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

use crate::consent::painted::Painted;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = consentShell, js_name = quiet)]
    fn shell_quiet() -> Result<Promise, wasm_bindgen::JsValue>;
    #[wasm_bindgen(catch, js_namespace = consentShell, js_name = answer)]
    fn shell_answer() -> Result<Option<String>, wasm_bindgen::JsValue>;
    #[wasm_bindgen(catch, js_namespace = consentShell, js_name = fields)]
    fn shell_fields() -> Result<String, wasm_bindgen::JsValue>;
    #[wasm_bindgen(catch, js_namespace = consentShell, js_name = makeWay)]
    fn shell_make_way() -> Result<(), wasm_bindgen::JsValue>;
}

/// Waits while a key or a pointer is down, a syllable is being composed, or the form is under way.
pub async fn quiet() {
    if let Ok(quiet) = shell_quiet() {
        drop(JsFuture::from(quiet).await);
    }
}

/// What a server has painted and the person has ticked and typed in it; none in the static shell.
#[must_use]
pub fn painted() -> Option<Painted> {
    let answer = shell_answer().ok()??;
    let fields = json::read(&shell_fields().ok()?).ok()?;
    Some(Painted { answer, fields })
}

/// Takes the shell away, in the same task in which the app took its place: there is never a frame
/// with both, or with neither. The focus, the caret and what was unfolded go over to the app.
pub fn make_way() {
    drop(shell_make_way());
}
