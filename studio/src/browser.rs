//! The only code of the studio that calls browser APIs, except for `preview/`.

mod clipboard;
mod observe;
mod storage;

use std::{cell::Cell, rc::Rc};

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlElement, HtmlIFrameElement, Url, Window};

use crate::opened::OpenedFile;

pub use clipboard::{insert, pasted_page};
pub use observe::{InView, Mutations, Size};
pub use storage::{Keep, OnDevice, forget, keep, kept};

fn window() -> Option<Window> {
    web_sys::window()
}

/// The fragment of the address, without `#`.
pub fn fragment() -> String {
    let hash = window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.trim_start_matches('#').to_owned()
}

/// The path, query and fragment of the page.
pub fn address() -> (String, String, String) {
    let Some(location) = window().map(|window| window.location()) else {
        return Default::default();
    };
    let part = Result::unwrap_or_default;
    (part(location.pathname()), part(location.search()), part(location.hash()))
}

/// The path of the folder that this page's files are in, as its script found it: `boot.js`.
pub fn root() -> Option<String> {
    window()?.document()?.document_element()?.get_attribute("data-root")
}

/// The origin of the address.
pub fn origin() -> String {
    window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// The languages that the user prefers, as BCP 47 tags.
pub fn languages() -> Vec<String> {
    let languages = window().map(|window| window.navigator().languages()).unwrap_or_default();
    languages.iter().filter_map(|tag| tag.as_string()).collect()
}

/// Marks the page as in this language.
pub fn set_page_language(tag: &str) {
    let root = window().and_then(|window| window.document()?.document_element());
    if let Some(root) = root {
        drop(root.set_attribute("lang", tag));
    }
}

/// Removes the element with this id.
pub fn remove(id: &str) {
    if let Some(element) = element(id) {
        element.remove();
    }
}

/// Loads the page again.
pub fn reload() {
    if let Some(window) = window() {
        drop(window.location().reload());
    }
}

/// The text of a file on this origin, which is requested at once. None if it does not load.
pub fn fetched_text(path: &str) -> impl Future<Output = Option<String>> + use<> {
    let response = window().map(|window| JsFuture::from(window.fetch_with_str(path)));
    async move {
        let response: web_sys::Response = response?.await.ok()?.dyn_into().ok()?;
        let text = response.ok().then(|| response.text().ok())??;
        JsFuture::from(text).await.ok()?.as_string()
    }
}

/// Where the server that serves the studio offers its services, if it does.
pub fn server_services() -> Option<String> {
    let meta = window()?.document()?.query_selector("meta[name=server-services]").ok()??;
    meta.get_attribute("content")
}

/// Why a file was not fetched.
pub enum NotFetched {
    /// The server does not accept the token.
    Refused,
    Failed,
}

/// The text of a file on this origin for a holder of a token (RFC 6750, 2.1).
pub fn fetched_with_token(
    path: &str,
    token: &str,
) -> impl Future<Output = Result<String, NotFetched>> + use<> {
    let response = request_with_token(path, token);
    async move {
        let response = JsFuture::from(response.ok_or(NotFetched::Refused)?).await;
        let response = response.ok().and_then(|it| it.dyn_into::<web_sys::Response>().ok());
        let response = response.ok_or(NotFetched::Failed)?;
        if response.status() == 401 {
            return Err(NotFetched::Refused);
        }
        let text = response.ok().then(|| response.text().ok()).flatten();
        let text = JsFuture::from(text.ok_or(NotFetched::Failed)?).await;
        text.ok().and_then(|text| text.as_string()).ok_or(NotFetched::Failed)
    }
}

/// None for a token that no header can hold.
fn request_with_token(path: &str, token: &str) -> Option<js_sys::Promise> {
    let headers = web_sys::Headers::new().ok()?;
    headers.set("authorization", &format!("Bearer {token}")).ok()?;
    let request = web_sys::RequestInit::new();
    request.set_headers(&headers);
    Some(window()?.fetch_with_str_and_init(path, &request))
}

/// Listens to an event of the window until the current reactive owner is cleaned up; without an owner,
/// until the page is closed.
pub fn on_window(event: &str, call: impl Fn(web_sys::Event) + 'static) {
    let listener = leptos::prelude::window_event_listener_untyped(event, call);
    if leptos::prelude::Owner::current().is_some() {
        leptos::prelude::on_cleanup(move || listener.remove());
    }
}

/// How long a drawing is waited for, in milliseconds. WebKit draws a frame that is out of view every ten
/// seconds only.
const LONGEST_DRAWING: i32 = 500;

/// Calls after two animation frames, when changes are laid out.
pub fn when_drawn(call: impl FnOnce() + 'static) {
    let Some(window) = window() else { return };
    let call = Rc::new(Cell::new(Some(call)));
    let late = Rc::clone(&call);
    let second = window.clone();
    let (drawn, late) = (once(call), once(late));
    let first = Closure::once_into_js(move || {
        drop(second.request_animation_frame(drawn.unchecked_ref()));
    });
    drop(window.request_animation_frame(first.unchecked_ref()));
    drop(window.set_timeout_with_callback_and_timeout_and_arguments_0(
        late.unchecked_ref(),
        LONGEST_DRAWING,
    ));
}

/// A function for JavaScript that calls what is still there.
fn once(call: Rc<Cell<Option<impl FnOnce() + 'static>>>) -> JsValue {
    Closure::once_into_js(move || {
        if let Some(call) = call.take() {
            call();
        }
    })
}

/// Calls in a task of its own, after what waits now.
pub fn soon(call: impl FnOnce() + 'static) {
    let Some(window) = window() else { return };
    let call = Closure::once_into_js(call);
    drop(window.set_timeout_with_callback(call.unchecked_ref()));
}

/// How long idleness is waited for, in milliseconds. Chromium may never call while it draws nothing.
const LONGEST_IDLENESS: i32 = 500;

/// Calls when the page has nothing else to do.
pub fn when_idle(call: impl FnOnce() + 'static) {
    let Some(window) = window() else { return };
    let call = Rc::new(Cell::new(Some(call)));
    let late = once(Rc::clone(&call));
    // WebKit has no such callback.
    let is_known = window.request_idle_callback(once(call).unchecked_ref()).is_ok();
    drop(window.set_timeout_with_callback_and_timeout_and_arguments_0(
        late.unchecked_ref(),
        if is_known { LONGEST_IDLENESS } else { 0 },
    ));
}

/// The time, in milliseconds since 1970.
pub fn now() -> u64 {
    js_sys::Date::now() as u64
}

/// A time in milliseconds since 1970, as the studio's language writes it in the user's time zone.
pub fn local_time(milliseconds: u64) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(milliseconds as f64));
    date.to_locale_string(crate::language::current(), &JsValue::UNDEFINED).into()
}

/// The day in the user's time zone: `YYYY-MM-DD`.
pub fn today() -> String {
    let now = js_sys::Date::new_0();
    format!("{:04}-{:02}-{:02}", now.get_full_year(), now.get_month() + 1, now.get_date())
}

/// Opens the browser's dialog for printing. Returns at once where the browser has none.
pub fn print() {
    if let Some(window) = window() {
        drop(window.print());
    }
}

/// An id that no other has: 13 hexadecimal digits.
pub fn new_id() -> String {
    const DIGITS: f64 = (1_u64 << 52) as f64;
    format!("{:013x}", (js_sys::Math::random() * DIGITS) as u64)
}

/// Finishes every animation and transition of the page.
pub fn finish_animations() {
    let Some(document) = window().and_then(|window| window.document()) else { return };
    // By name: `finish` of an infinite animation throws, which is ignored.
    let call = |of: &JsValue, name: &str| {
        let method = js_sys::Reflect::get(of, &name.into()).ok()?;
        method.dyn_into::<js_sys::Function>().ok()?.call0(of).ok()
    };
    let animations = call(&document, "getAnimations").and_then(|all| all.dyn_into::<Array>().ok());
    for animation in animations.iter().flat_map(Array::iter) {
        drop(call(&animation, "finish"));
    }
}

/// Sends a message to the parent page, if it has the same origin.
pub fn post_to_parent(message: &str) {
    let Some(window) = window() else { return };
    let Ok(Some(parent)) = window.parent() else { return };
    if !js_sys::Object::is(&parent, &window) {
        drop(parent.post_message(&JsValue::from_str(message), &origin()));
    }
}

/// Sends a message to the page in a frame, if it has the same origin.
pub fn post_to_frame(frame: &HtmlIFrameElement, message: &str) {
    if let Some(inner) = frame.content_window() {
        drop(inner.post_message(&JsValue::from_str(message), &origin()));
    }
}

/// The message of an event, if it is a string and came from this frame.
pub fn message_from(frame: &HtmlIFrameElement, event: &web_sys::Event) -> Option<String> {
    message_of(&frame.content_window()?, event)
}

/// The message of an event, if it is a string and came from the parent page.
pub fn message_from_parent(event: &web_sys::Event) -> Option<String> {
    message_of(&window()?.parent().ok()??, event)
}

fn message_of(from: &Window, event: &web_sys::Event) -> Option<String> {
    let event = event.dyn_ref::<web_sys::MessageEvent>()?;
    let source = event.source()?;
    (event.origin() == origin() && js_sys::Object::is(&source, from))
        .then(|| event.data().as_string())
        .flatten()
}

/// The height of the page in a frame, if it has the same origin. In CSS pixels.
pub fn page_height(frame: &HtmlIFrameElement) -> Option<f64> {
    Some(f64::from(frame.content_document()?.document_element()?.scroll_height()))
}

/// Sets the fragment of a frame, without an entry in the browser's history.
pub fn set_frame_fragment(frame: &HtmlIFrameElement, path: &str, fragment: &str) {
    if let Some(inner) = frame.content_window() {
        drop(inner.location().replace(&format!("{path}#{fragment}")));
    }
}

/// Calls when the page in a frame of this origin is scrolled, with its distance from the top in CSS pixels.
/// To be called before the frame is loaded.
pub fn on_frame_scroll(frame: &HtmlIFrameElement, call: impl Fn(f64) + 'static) {
    let scrolled = frame.clone();
    let call = move || call(frame_scroll(&scrolled));
    let call = Closure::<dyn Fn()>::new(call).into_js_value();
    let loaded = frame.clone();
    let listen = move || {
        if let Some(document) = loaded.content_document() {
            drop(document.add_event_listener_with_callback("scroll", call.unchecked_ref()));
        }
    };
    let listen = Closure::<dyn Fn()>::new(listen).into_js_value();
    drop(frame.add_event_listener_with_callback("load", listen.unchecked_ref()));
}

/// Scrolls the page in a frame of this origin, and returns where it is then.
pub fn scroll_frame(frame: &HtmlIFrameElement, top: f64) -> f64 {
    if let Some(inner) = frame.content_window() {
        inner.scroll_to_with_x_and_y(0.0, top);
    }
    frame_scroll(frame)
}

fn frame_scroll(frame: &HtmlIFrameElement) -> f64 {
    frame.content_window().and_then(|inner| inner.scroll_y().ok()).unwrap_or_default()
}

/// Whether the browser knows a value of a CSS property. True where it cannot be asked.
pub fn supports(property: &str, value: &str) -> bool {
    web_sys::css::supports_with_value(property, value).unwrap_or(true)
}

/// Downloads a file.
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
    // The download has started by then.
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

/// Copies a text. False where the browser blocks that.
pub async fn copy(text: &str) -> bool {
    let Some(window) = window() else { return false };
    if !window.is_secure_context() {
        return false;
    }
    let promise = window.navigator().clipboard().write_text(text);
    JsFuture::from(promise).await.is_ok()
}

/// The chosen file, if one was chosen.
pub async fn chosen_file(event: &web_sys::Event) -> Option<OpenedFile> {
    let input = event.target()?.dyn_into::<web_sys::HtmlInputElement>().ok()?;
    let file = opened(input.files()?.get(0)?).await;
    // Choosing the same file again must be a change.
    input.set_value("");
    file
}

/// The bytes of the chosen file, or its size where it is larger than `most` bytes. None if none was chosen.
pub async fn chosen_bytes(event: &web_sys::Event, most: usize) -> Option<Result<Vec<u8>, f64>> {
    let input = event.target()?.dyn_into::<web_sys::HtmlInputElement>().ok()?;
    let file = input.files()?.get(0)?;
    if file.size() > most as f64 {
        input.set_value("");
        return Some(Err(file.size()));
    }
    let buffer = JsFuture::from(file.array_buffer()).await.ok();
    input.set_value("");
    Some(Ok(js_sys::Uint8Array::new(&buffer?).to_vec()))
}

async fn opened(file: web_sys::File) -> Option<OpenedFile> {
    let text = JsFuture::from(file.text()).await.ok()?.as_string()?;
    Some(OpenedFile { name: file.name(), text })
}

/// Opens a dialog above the page.
pub fn show_modal(dialog: &web_sys::HtmlDialogElement) {
    if !dialog.open() {
        drop(dialog.show_modal());
    }
}

/// Whether files are dragged over the page. A page that lets them be dropped has to prevent the default of
/// each such event.
pub fn has_files(event: &web_sys::Event) -> bool {
    let data = event.dyn_ref::<web_sys::DragEvent>().and_then(web_sys::DragEvent::data_transfer);
    data.is_some_and(|data| Array::from(&data.types()).includes(&"Files".into(), 0))
}

/// The dropped file, if one was dropped. Of several the first.
pub async fn dropped_file(event: web_sys::Event) -> Option<OpenedFile> {
    let files = event.dyn_ref::<web_sys::DragEvent>()?.data_transfer()?.files()?;
    opened(files.get(0)?).await
}

/// The element with this id.
pub fn element(id: &str) -> Option<HtmlElement> {
    window()?.document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// Scrolls a field into view and focuses it.
pub fn focus(id: &str) {
    if let Some(element) = element(id) {
        // Inside a closed `<details>` it would be hidden.
        let mut closed = element.closest("details").ok().flatten();
        while let Some(details) = closed {
            drop(details.set_attribute("open", ""));
            closed = details.parent_element().and_then(|it| it.closest("details").ok().flatten());
        }
        element.scroll_into_view();
        drop(element.focus());
    }
}

/// Scrolls the page to an element, if it is not in view.
pub fn bring_into_view(id: &str) {
    if let Some(element) = element(id) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Focuses the element of a selector at a place, counted from 0, or else the last one. False if there is
/// none.
pub fn focus_nth(selector: &str, at: usize) -> bool {
    let Some(document) = window().and_then(|window| window.document()) else { return false };
    let Ok(found) = document.query_selector_all(selector) else { return false };
    let Some(last) = found.length().checked_sub(1) else { return false };
    let at = u32::try_from(at).unwrap_or(last).min(last);
    let element = found.item(at).and_then(|it| it.dyn_into::<HtmlElement>().ok());
    element.is_some_and(|element| element.focus().is_ok())
}

/// Moves the focus among the elements of a selector, in the order of the page. `to`: the position of the
/// next one, from that of the focused one and how many there are. False if none of them has the focus.
pub fn move_focus(selector: &str, to: impl FnOnce(usize, usize) -> usize) -> bool {
    let Some(document) = window().and_then(|window| window.document()) else { return false };
    let Ok(found) = document.query_selector_all(selector) else { return false };
    let all = (0..found.length()).filter_map(|at| found.item(at)?.dyn_into::<HtmlElement>().ok());
    let (all, focused): (Vec<_>, _) = (all.collect(), document.active_element());
    let is_focused = |it: &HtmlElement| focused.as_ref().is_some_and(|focused| **it == *focused);
    let Some(at) = all.iter().position(is_focused) else { return false };
    if let Some(next) = all.get(to(at, all.len())) {
        drop(next.focus());
    }
    true
}

/// Among the elements of a selector, focuses the next one that matches another, after the one that this
/// focused before; after the last one the first.
pub fn focus_next(selector: &str, wanted: &str) {
    const LAST: &str = "data-last";
    let Some(document) = window().and_then(|window| window.document()) else { return };
    let Ok(found) = document.query_selector_all(selector) else { return };
    let all = (0..found.length()).filter_map(|at| found.item(at)?.dyn_into::<HtmlElement>().ok());
    let all: Vec<_> = all.collect();
    let first = all.iter().position(|it| it.has_attribute(LAST)).map_or(0, |last| last + 1);
    let is_wanted = |it: &&HtmlElement| it.matches(wanted).unwrap_or_default();
    let Some(next) = all.iter().cycle().skip(first).take(all.len()).find(is_wanted) else { return };
    for element in &all {
        drop(element.toggle_attribute_with_force(LAST, *element == *next));
    }
    next.scroll_into_view();
    drop(next.focus());
}

/// Focuses the heading of the page.
pub fn focus_heading() {
    let heading = window()
        .and_then(|window| window.document()?.query_selector("h1").ok()?)
        .and_then(|heading| heading.dyn_into::<HtmlElement>().ok());
    if let Some(heading) = heading {
        heading.set_tab_index(-1);
        drop(heading.focus());
    }
}
