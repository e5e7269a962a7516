//! Observers of the layout, which stop when they are dropped.

use js_sys::Array;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{
    Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit,
    ResizeObserver,
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
