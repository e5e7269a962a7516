//! Waiting. The wall clock is never read: it may be years off.

use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;

/// Resolves after so many milliseconds, and at once where there is no window to wait in.
pub async fn sleep(ms: u32) {
    let promise = Promise::new(&mut |resolve, _| {
        let ms = i32::try_from(ms).unwrap_or(i32::MAX);
        let waits = web_sys::window().is_some_and(|window| {
            window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms).is_ok()
        });
        if !waits {
            drop(resolve.call0(&wasm_bindgen::JsValue::UNDEFINED));
        }
    });
    // The promise has no way to fail.
    drop(JsFuture::from(promise).await);
}
