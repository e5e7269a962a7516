//! Outlines: of what a field of the studio's form changes, of what differs from another state, and of what
//! a finding is about.

use web_sys::Element;

use super::{
    dom::elements,
    measure::sought,
    places::{self, bring_into_view},
};
use crate::{message::Sought, place::Place};

/// The attributes of what is edited, of what differs and of what was found: the style sheet outlines them.
const EDITED: &str = "data-edited";
const CHANGED: &str = "data-changed";
const FOUND: &str = "data-found";

/// Outlines what a field changes, by the key of its place, and brings it into view.
pub fn show_edited(key: &str) {
    let drawn = drawn(key);
    mark(EDITED, drawn.iter());
    if let Some(element) = drawn {
        bring_into_view(&element);
    }
}

/// Outlines what fields change, by the keys of their places.
pub fn show_changed(keys: &[String]) {
    let drawn: Vec<_> = keys.iter().filter_map(|key| drawn(key)).collect();
    mark(CHANGED, drawn.iter());
}

/// Outlines what a finding is about, and returns it in the order of the page.
pub fn show_found(sought: Option<&Sought>) -> Vec<Element> {
    let found = sought.map(sought::elements_of).unwrap_or_default();
    mark(FOUND, found.iter());
    found
}

fn drawn(key: &str) -> Option<Element> {
    places::element(&key.parse::<Place>().ok()?)
}

/// Marks elements, and no others.
fn mark<'a>(attribute: &str, marked: impl Iterator<Item = &'a Element>) {
    for element in elements(&format!("[{attribute}]")) {
        drop(element.remove_attribute(attribute));
    }
    for element in marked {
        drop(element.set_attribute(attribute, ""));
    }
}
