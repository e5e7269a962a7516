//! The document around the app: its address, language and title, and the static shell.

/// The path of the address, undecoded.
#[must_use]
pub fn path() -> String {
    web_sys::window().and_then(|window| window.location().pathname().ok()).unwrap_or_default()
}

/// The languages the browser prefers, best first.
#[must_use]
pub fn languages() -> Vec<String> {
    let Some(window) = web_sys::window() else { return Vec::new() };
    window.navigator().languages().iter().filter_map(|language| language.as_string()).collect()
}

/// Sets what assistive technology, hyphenation and fonts go by.
pub fn set_language(language: &str) {
    if let Some(root) = root() {
        drop(root.set_attribute("lang", language));
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

/// Takes the static shell away, in the same task in which the app took its place: there is never
/// a frame with both, or with neither. Also tells the shell's watchdog that the app is here.
pub fn remove_shell() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    if let Some(shell) = document.get_element_by_id("shell") {
        shell.remove();
    }
    // The style sheet and the shell's watchdog go by this.
    if let Some(root) = root() {
        drop(root.set_attribute("data-app", "mounted"));
    }
    // Hidden by attribute too, for when the style sheet never came.
    if let Some(panel) = document.get_element_by_id("cannot-start") {
        drop(panel.set_attribute("hidden", ""));
    }
}

fn root() -> Option<web_sys::Element> {
    web_sys::window()?.document()?.document_element()
}
