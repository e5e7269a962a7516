//! Observers of the page, which stop when they are dropped.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit,
    MutationObserver, MutationObserverInit, ResizeObserver,
};

type Callback = Closure<dyn FnMut(Array)>;

/// Watches whether an element is in view.
pub struct InView {
    observer: IntersectionObserver,
    _call: Callback,
}

impl InView {
    /// Calls when the element comes into view, or leaves it. `margin`: how far outside the window still
    /// counts, in CSS pixels.
    pub fn new(element: &Element, margin: u16, call: impl Fn(bool) + 'static) -> Option<Self> {
        let call = Callback::new(move |entries: Array| {
            // Several changes can come at once, the latest last.
            let latest = entries.iter().last();
            if let Some(entry) = latest.and_then(|it| it.dyn_into().ok()) {
                let entry: IntersectionObserverEntry = entry;
                call(entry.is_intersecting());
            }
        });
        let options = IntersectionObserverInit::new();
        options.set_root_margin(&format!("{margin}px"));
        let function = call.as_ref().unchecked_ref();
        let observer = IntersectionObserver::new_with_options(function, &options).ok()?;
        observer.observe(element);
        Some(Self { observer, _call: call })
    }
}

impl Drop for InView {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Watches the size of an element.
pub struct Size {
    observer: ResizeObserver,
    _call: Callback,
}

impl Size {
    /// Calls when the element is observed, and whenever its size changes.
    pub fn new(element: &Element, call: impl Fn() + 'static) -> Option<Self> {
        let call = Callback::new(move |_| call());
        let observer = ResizeObserver::new(call.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _call: call })
    }
}

impl Drop for Size {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// The attributes that change what is announced.
const ANNOUNCED: [&str; 17] = [
    "alt",
    "aria-describedby",
    "aria-disabled",
    "aria-expanded",
    "aria-hidden",
    "aria-invalid",
    "aria-label",
    "aria-labelledby",
    "aria-live",
    "class",
    "disabled",
    "hidden",
    "inert",
    "open",
    "required",
    "role",
    "title",
];

/// Watches what is announced of an element and of what is inside.
pub struct Mutations {
    observer: MutationObserver,
    _call: Callback,
}

impl Mutations {
    /// Calls after elements, texts or attributes have changed. What a field holds, and whether a box is
    /// ticked, is neither.
    pub fn new(element: &Element, call: impl Fn() + 'static) -> Option<Self> {
        let call = Callback::new(move |_| call());
        let observer = MutationObserver::new(call.as_ref().unchecked_ref()).ok()?;
        let options = MutationObserverInit::new();
        options.set_subtree(true);
        options.set_child_list(true);
        options.set_character_data(true);
        let attributes: Array = ANNOUNCED.iter().map(|name| JsValue::from_str(name)).collect();
        options.set_attribute_filter(&attributes);
        observer.observe_with_options(element, &options).ok()?;
        Some(Self { observer, _call: call })
    }
}

impl Drop for Mutations {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
