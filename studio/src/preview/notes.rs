//! Notes: numbered pins over the page, and picking a place for a new one.
//!
//! Pins are beside the screen in the document, without a text of their own: nothing that is measured sees
//! them. While notes are shown, a click picks a place, and does nothing on the screen.

use std::cell::RefCell;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, MouseEvent};

use super::{
    dom::{document, elements, is_visible},
    inert, places, post,
};
use crate::{
    message::{FromPreview, Pin, Pins, Spot},
    place::Place,
};

/// The attribute of a pin, with its number: the style sheet draws it.
const PIN: &str = "data-pin";
/// The attribute of the pin that is brought into view.
const CHOSEN: &str = "data-chosen";
/// The attribute of the page while places can be picked.
const PICKING: &str = "data-picking";

/// Half of a pin, in CSS pixels: one at the edge must not make the page wider.
const HALF: f64 = 13.0;

thread_local! {
    /// The notes that are shown. None: none, and nothing can be picked.
    static PINS: RefCell<Option<Pins>> = const { RefCell::new(None) };
}

/// Shows notes, or stops to.
pub fn show(notes: Option<Pins>) {
    let is_on = notes.is_some();
    let chosen = notes.as_ref().and_then(|it| it.chosen);
    let before = PINS.replace(notes);
    if let Some(root) = document().and_then(|it| it.document_element()) {
        drop(root.toggle_attribute_with_force(PICKING, is_on));
    }
    draw();
    if chosen != before.as_ref().and_then(|it| it.chosen) {
        bring_into_view(chosen);
    }
    if before.is_some() != is_on {
        report();
    }
}

/// Draws the pins again, and reports the places: the page has changed.
pub fn refresh() {
    draw();
    report();
}

/// Follows clicks, scrolling and changes of the page.
pub fn listen() {
    for event in ["mousedown", "click", "auxclick"] {
        inert::listen(event, |event| {
            if PINS.with_borrow(Option::is_some) {
                event.prevent_default();
                event.stop_immediate_propagation();
                if event.type_() == "click" {
                    pick(event);
                }
            }
        });
    }
    // Of a part that sticks to the window, the pin does, too.
    inert::listen("scroll", |_| draw());
    for event in ["input", "change", "toggle"] {
        inert::listen(event, |_| crate::browser::when_drawn(refresh));
    }
}

fn report() {
    if PINS.with_borrow(Option::is_some) {
        post(&FromPreview::Places(places::all()));
    }
}

fn pick(event: &Event) {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let Some(target) = target else { return };
    let pin = target.closest(&format!("[{PIN}]")).ok().flatten();
    if let Some(number) = pin.and_then(|it| it.get_attribute(PIN)?.parse().ok()) {
        post(&FromPreview::PinPicked(number));
        return;
    }
    let Some((place, element)) = places::around(&target) else { return };
    let drawn = element.get_bounding_client_rect();
    // A click by keyboard has no point: a corner, which covers no words.
    let point = event.dyn_ref::<MouseEvent>().filter(|it| it.detail() > 0);
    let [x, y] = point.map_or([100, 0], |it| {
        let percent = |at: f64, length: f64| (100.0 * at / length.max(1.0)).clamp(0.0, 100.0) as u8;
        [
            percent(f64::from(it.client_x()) - drawn.left(), drawn.width()),
            percent(f64::from(it.client_y()) - drawn.top(), drawn.height()),
        ]
    });
    post(&FromPreview::Picked(Spot { at: place.to_string(), x, y }));
}

fn draw() {
    for pin in elements(&format!("[{PIN}]")) {
        pin.remove();
    }
    PINS.with_borrow(|notes| {
        let Some(notes) = notes else { return };
        for pin in &notes.pins {
            draw_pin(pin, notes.chosen == Some(pin.number));
        }
    });
}

fn draw_pin(pin: &Pin, is_chosen: bool) -> Option<()> {
    let place: Place = pin.spot.at.parse().ok()?;
    let element = places::element(&place).filter(is_visible)?;
    let (document, window) = (document()?, web_sys::window()?);
    let drawn = element.get_bounding_client_rect();
    // An open dialog is over everything that is not in it.
    let (holder, left, top) = match element.closest("dialog").ok().flatten() {
        Some(dialog) => {
            let outer = dialog.get_bounding_client_rect();
            let left = outer.left() + f64::from(dialog.client_left() - dialog.scroll_left());
            let top = outer.top() + f64::from(dialog.client_top() - dialog.scroll_top());
            (dialog, left, top)
        }
        None => {
            let (x, y) =
                (window.scroll_x().unwrap_or_default(), window.scroll_y().unwrap_or_default());
            (document.body()?.into(), -x, -y)
        }
    };
    let percent = |part: u8, length: f64| f64::from(part) / 100.0 * length;
    let width = f64::from(document.document_element()?.client_width());
    let x = drawn.left() + percent(pin.spot.x, drawn.width());
    let y = drawn.top() + percent(pin.spot.y, drawn.height());
    let x = x.min(width - HALF).max(HALF) - left;
    let y = (y - top).max(HALF);
    let drawn: HtmlElement = document.create_element("span").ok()?.dyn_into().ok()?;
    drawn.set_class_name("pin");
    drop(drawn.set_attribute(PIN, &pin.number.to_string()));
    drop(drawn.set_attribute("aria-hidden", "true"));
    drop(drawn.toggle_attribute_with_force(CHOSEN, is_chosen));
    let style = drawn.style();
    drop(style.set_property("left", &format!("{x}px")));
    drop(style.set_property("top", &format!("{y}px")));
    holder.append_child(&drawn).ok().map(drop)
}

fn bring_into_view(chosen: Option<u32>) {
    let Some(number) = chosen else { return };
    if let Some(pin) = elements(&format!("[{PIN}='{number}']")).first() {
        places::bring_into_view(pin);
    }
}
