//! Outlines: of what a field of the studio's form changes, and of what differs from another state.

use consent_fixtures::Fixture;
use web_sys::Element;

use super::{
    dom::elements,
    places::{self, bring_into_view},
};
use crate::place::Place;

/// The attributes of what is edited and of what differs: the style sheet outlines both.
const EDITED: &str = "data-edited";
const CHANGED: &str = "data-changed";

/// Outlines what a place in the fixture is drawn as, a JSON Pointer, and brings it into view.
pub fn show_edited(fixture: &Fixture, at: &str) {
    let drawn = drawn(fixture, at);
    mark(EDITED, drawn.iter());
    if let Some(element) = drawn {
        bring_into_view(&element);
    }
}

/// Outlines what places in the fixture are drawn as.
pub fn show_changed(fixture: &Fixture, fields: &[String]) {
    let drawn: Vec<_> = fields.iter().filter_map(|at| drawn(fixture, at)).collect();
    mark(CHANGED, drawn.iter());
}

fn drawn(fixture: &Fixture, at: &str) -> Option<Element> {
    places::element(&Place::of_field(fixture, at)?)
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
