//! The screen's pages and components, mounted in a real browser.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

#[cfg(feature = "preview")]
#[path = "web/cases.rs"]
mod cases;
#[path = "web/consent.rs"]
mod consent;
#[cfg(feature = "preview")]
#[path = "web/focus.rs"]
mod focus;
#[path = "web/foreign.rs"]
mod foreign;
#[path = "web/messenger.rs"]
mod messenger;
#[path = "web/mounted.rs"]
mod mounted;
#[path = "web/problem.rs"]
mod problem;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
