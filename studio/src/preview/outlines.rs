//! Outlines: of what a field of the studio's form changes, and of what differs from another state.

use web_sys::Element;

use super::{
    dom::elements,
    places::{self, bring_into_view},
};
use crate::place::Place;

/// The attributes of what is edited and of what differs: the style sheet outlines both.
const EDITED: &str = "data-edited";
const CHANGED: &str = "data-changed";

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
