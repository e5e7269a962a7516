//! What a screen reader announces of the page, in reading order.
//!
//! Browsers keep their accessibility tree to themselves, so it is computed here: roles by HTML-AAM 1.0,
//! names and descriptions by accname 1.2, as far as the screen uses them. The end-to-end tests compare
//! every fixture with Chromium's own tree.

mod generated;
mod live;
mod name;
mod role;
mod spaces;
mod value;
mod walk;

use std::cell::{Cell, RefCell};

use wasm_bindgen::JsCast;
use web_sys::Element;

use super::{
    dom::{ancestors, document, elements},
    places::bring_into_view,
    post,
};
use crate::{
    browser::{self, Mutations},
    message::FromPreview,
};

/// The attribute of what is pointed at: the style sheet outlines it.
const MARK: &str = "data-heard";

thread_local! {
    /// Watches the page while the studio listens.
    static WATCH: RefCell<Option<Mutations>> = const { RefCell::new(None) };
    /// Where each utterance is drawn, in the order in which they were sent.
    static PLACES: RefCell<Vec<Element>> = const { RefCell::new(Vec::new()) };
    /// Whether a frame is awaited in which the page is read again.
    static AWAITS_FRAME: Cell<bool> = const { Cell::new(false) };
}

/// Sends what is announced, and again after each change, until the studio listens no more.
pub fn listen(on: bool) {
    if !on {
        WATCH.take();
        point(None);
        return;
    }
    if WATCH.with_borrow(Option::is_some) {
        changed();
        return;
    }
    live::remember();
    if let Some(root) = document().and_then(|it| it.document_element()) {
        WATCH.set(Mutations::new(&root, || {
            live::report();
            changed();
        }));
    }
    report();
}

/// Sends what is announced once the change is drawn: once a frame, however many changes there are.
pub fn changed() {
    if WATCH.with_borrow(Option::is_none) || AWAITS_FRAME.replace(true) {
        return;
    }
    browser::when_drawn(|| {
        AWAITS_FRAME.set(false);
        if WATCH.with_borrow(Option::is_some) {
            report();
        }
    });
}

fn report() {
    let (utterances, places) = walk::page();
    PLACES.set(places);
    post(&FromPreview::Utterances(utterances));
}

/// Outlines an utterance, and brings it into view.
pub fn point(index: Option<usize>) {
    for element in elements(&format!("[{MARK}]")) {
        drop(element.remove_attribute(MARK));
    }
    let place = PLACES.with_borrow(|places| places.get(index?).cloned());
    if let Some(element) = place {
        drop(element.set_attribute(MARK, ""));
        bring_into_view(&element);
    }
}

/// Sends which utterance is under the pointer: the innermost one.
pub fn pointed(event: &web_sys::Event) {
    if WATCH.with_borrow(Option::is_none) {
        return;
    }
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let index = target.and_then(|target| {
        PLACES.with_borrow(|places| {
            let of = |element: &Element| places.iter().position(|place| place == element);
            ancestors(&target).find_map(|it| of(&it))
        })
    });
    post(&FromPreview::Pointed(index));
}
