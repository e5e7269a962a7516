//! The only code of the studio that touches the browser, beside the stage's measuring.

use std::cell::RefCell;

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    Blob, BlobPropertyBag, Element, HtmlElement, HtmlIFrameElement, Storage, Url, Window,
};

fn window() -> Option<Window> {
    web_sys::window()
}

/// What stands behind `#` in the address.
pub fn fragment() -> String {
    let hash = window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.trim_start_matches('#').to_owned()
}

/// Writes what stands behind `#`, without a step in the browser's history and without an event.
pub fn set_fragment(fragment: &str) {
    let Some(window) = window() else { return };
    let Ok(history) = window.history() else { return };
    let state = history.state().unwrap_or(JsValue::NULL);
    // Refused when it is written too often; the next time writes it.
    drop(history.replace_state_with_url(&state, "", Some(&format!("#{fragment}"))));
}

/// Goes to another page of the studio.
pub fn go(address: &str) {
    if let Some(window) = window() {
        drop(window.location().set_href(address));
    }
}

/// The whole address.
pub fn address() -> String {
    window().and_then(|window| window.location().href().ok()).unwrap_or_default()
}

/// The path of the address.
pub fn path() -> String {
    window().and_then(|window| window.location().pathname().ok()).unwrap_or_default()
}

fn origin() -> String {
    window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// Calls whenever the event happens to the window: for as long as the view that asks for it is there,
/// or, outside of a view, the page.
pub fn on_window(event: &str, call: impl Fn(web_sys::Event) + 'static) {
    let listener = leptos::prelude::window_event_listener_untyped(event, call);
    if leptos::prelude::Owner::current().is_some() {
        leptos::prelude::on_cleanup(move || listener.remove());
    }
}

/// Calls after so many milliseconds, unless it is called for again before.
pub struct Later(RefCell<Option<i32>>);

impl Later {
    pub const fn new() -> Self {
        Self(RefCell::new(None))
    }

    pub fn call(&self, ms: i32, call: impl FnOnce() + 'static) {
        let Some(window) = window() else { return };
        if let Some(waiting) = self.0.take() {
            window.clear_timeout_with_handle(waiting);
        }
        let call = Closure::once_into_js(call);
        let handle =
            window.set_timeout_with_callback_and_timeout_and_arguments_0(call.unchecked_ref(), ms);
        *self.0.borrow_mut() = handle.ok();
    }
}

/// Calls when the next frame but one is drawn: what was changed is laid out then.
pub fn when_drawn(call: impl FnOnce() + 'static) {
    let Some(window) = window() else { return };
    let second = window.clone();
    let call = Closure::once_into_js(call);
    let first = Closure::once_into_js(move || {
        drop(second.request_animation_frame(call.unchecked_ref()));
    });
    drop(window.request_animation_frame(first.unchecked_ref()));
}

/// Where something is kept.
#[derive(Clone, Copy)]
pub enum Keep {
    OnDevice,
    /// For as long as this tab is there.
    InTab,
}

fn storage(place: Keep) -> Option<Storage> {
    let window = window()?;
    match place {
        Keep::OnDevice => window.local_storage().ok()?,
        Keep::InTab => window.session_storage().ok()?,
    }
}

/// What is kept under a name. None also where nothing may be kept.
pub fn kept(place: Keep, name: &str) -> Option<String> {
    storage(place)?.get_item(name).ok()?
}

/// Keeps something. Where nothing may be kept, or no more, it is not.
pub fn keep(place: Keep, name: &str, value: &str) {
    if let Some(storage) = storage(place) {
        drop(storage.set_item(name, value));
    }
}

/// Brings what is on its way to another colour or place there at once.
pub fn finish_animations() {
    let Some(document) = window().and_then(|window| window.document()) else { return };
    // By name: what never ends refuses, and that is no reason to stop.
    let call = |of: &JsValue, name: &str| {
        let method = js_sys::Reflect::get(of, &name.into()).ok()?;
        method.dyn_into::<js_sys::Function>().ok()?.call0(of).ok()
    };
    let animations = call(&document, "getAnimations").and_then(|all| all.dyn_into::<Array>().ok());
    for animation in animations.iter().flat_map(Array::iter) {
        drop(call(&animation, "finish"));
    }
}

/// Tells the page around this one, if there is one of the same origin.
pub fn tell_parent(message: &str) {
    let Some(window) = window() else { return };
    let Ok(Some(parent)) = window.parent() else { return };
    if !js_sys::Object::is(&parent, &window) {
        drop(parent.post_message(&JsValue::from_str(message), &origin()));
    }
}

/// The message of an event, when it is a text and came from this frame.
pub fn told_by(frame: &HtmlIFrameElement, event: &web_sys::Event) -> Option<String> {
    let event = event.dyn_ref::<web_sys::MessageEvent>()?;
    let source = event.source()?;
    let from = frame.content_window()?;
    (event.origin() == origin() && js_sys::Object::is(&source, &from))
        .then(|| event.data().as_string())
        .flatten()
}

/// Shows another fragment in a frame, without a step in the browser's history.
pub fn set_frame_fragment(frame: &HtmlIFrameElement, path: &str, fragment: &str) {
    if let Some(inner) = frame.content_window() {
        drop(inner.location().replace(&format!("{path}#{fragment}")));
    }
}

/// Gives the person a file.
pub fn download(name: &str, kind: &str, text: &str) {
    let Some(document) = window().and_then(|window| window.document()) else { return };
    let bag = BlobPropertyBag::new();
    bag.set_type(kind);
    let parts = Array::of1(&JsValue::from_str(text));
    let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &bag) else { return };
    let Ok(url) = Url::create_object_url_with_blob(&blob) else { return };
    if let Ok(link) = document.create_element("a")
        && let Ok(link) = link.dyn_into::<web_sys::HtmlAnchorElement>()
    {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    // The download has begun by then, or never will.
    let revoke = Closure::once_into_js(move || drop(Url::revoke_object_url(&url)));
    if let Some(window) = window() {
        drop(
            window.set_timeout_with_callback_and_timeout_and_arguments_0(
                revoke.unchecked_ref(),
                60_000,
            ),
        );
    }
}

/// Copies a text. False where the browser does not let us.
pub async fn copy(text: &str) -> bool {
    let Some(window) = window() else { return false };
    if !window.is_secure_context() {
        return false;
    }
    let promise = window.navigator().clipboard().write_text(text);
    wasm_bindgen_futures::JsFuture::from(promise).await.is_ok()
}

/// The text of the file that a person has chosen, if they chose one.
pub async fn chosen_file(event: &web_sys::Event) -> Option<String> {
    let input = event.target()?.dyn_into::<web_sys::HtmlInputElement>().ok()?;
    let file = input.files()?.get(0)?;
    let text = wasm_bindgen_futures::JsFuture::from(file.text()).await.ok()?.as_string();
    // So that choosing the same file again is an event again.
    input.set_value("");
    text
}

/// The element with this id.
pub fn element(id: &str) -> Option<HtmlElement> {
    window()?.document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// Every element of a selector in another.
pub fn within(element: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = element.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}

/// Every element of a selector.
pub fn elements(selector: &str) -> Vec<Element> {
    let document = window().and_then(|window| window.document());
    document
        .and_then(|document| document.document_element())
        .map_or_else(Vec::new, |root| within(&root, selector))
}

/// Brings a field into view and focuses it.
pub fn focus(id: &str) {
    if let Some(element) = element(id) {
        // Folded away, it could not be seen.
        let mut around = element.closest("details").ok().flatten();
        while let Some(details) = around {
            drop(details.set_attribute("open", ""));
            around = details.parent_element().and_then(|it| it.closest("details").ok().flatten());
        }
        element.scroll_into_view();
        drop(element.focus());
    }
}
