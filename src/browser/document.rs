//! The document around the app: its address, language and title.

use consent_contract::in_app::{self, Platform};

/// The path of the address, undecoded.
#[must_use]
pub fn path() -> String {
    web_sys::window().and_then(|window| window.location().pathname().ok()).unwrap_or_default()
}

/// The messenger's in-app browser, if this is one.
#[must_use]
pub fn messenger() -> Option<Platform> {
    in_app::messenger(&web_sys::window()?.navigator().user_agent().ok()?)
}

/// Sets the language for assistive technology, hyphenation and fonts, and the direction of the page.
pub fn set_language(language: &str, direction: &str) {
    if let Some(root) = root() {
        drop(root.set_attribute("lang", language));
        drop(root.set_attribute("dir", direction));
    }
}

pub fn set_title(title: &str) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}

/// The element that the app is mounted in.
#[must_use]
pub fn mount_point() -> Option<web_sys::HtmlElement> {
    use wasm_bindgen::JsCast;
    let document = web_sys::window()?.document()?;
    document.get_element_by_id("app")?.dyn_into().ok()
}

fn root() -> Option<web_sys::Element> {
    web_sys::window()?.document()?.document_element()
}
