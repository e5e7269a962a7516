//! Reading the page: elements, computed styles, and whether something is visible.

use wasm_bindgen::JsCast;
use web_sys::{CssStyleDeclaration, Document, Element, Node};

/// What hides an element from view, although it may have a size.
const HIDDEN: &str = ".visually-hidden, [hidden], details:not([open]) > :not(summary)";

pub fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// The elements of the page that match a selector.
pub fn elements(selector: &str) -> Vec<Element> {
    let root = document().and_then(|document| document.document_element());
    root.map_or_else(Vec::new, |root| descendants(&root, selector))
}

/// The elements inside another that match a selector.
pub fn descendants(element: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = element.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
}

/// The element and its ancestors.
pub fn ancestors(element: &Element) -> impl Iterator<Item = Element> {
    std::iter::successors(Some(element.clone()), |it| it.parent_element())
}

/// Whether an element or an ancestor matches a selector.
pub fn is_within(element: &Element, selector: &str) -> bool {
    element.closest(selector).ok().flatten().is_some()
}

/// The label of a control.
pub fn label(control: &Element) -> Option<Element> {
    elements(&format!("label[for='{}']", control.id())).into_iter().next()
}

/// The text of an element and its descendants.
pub fn text(element: &Element) -> String {
    element.text_content().unwrap_or_default()
}

/// The text of the element itself, without its descendants.
pub fn own_text(element: &Element) -> String {
    let children = element.child_nodes();
    (0..children.length())
        .filter_map(|index| children.item(index))
        .filter(|node| node.node_type() == Node::TEXT_NODE)
        .filter_map(|node| node.text_content())
        .collect()
}

/// The first words of a text.
pub fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The computed style of an element.
pub fn style(element: &Element) -> Option<CssStyleDeclaration> {
    web_sys::window()?.get_computed_style(element).ok()?
}

pub fn value(style: &CssStyleDeclaration, property: &str) -> String {
    style.get_property_value(property).unwrap_or_default()
}

/// A value in pixels, or a plain number: `16px` is 16.
pub fn number(style: &CssStyleDeclaration, property: &str) -> f32 {
    value(style, property).trim_end_matches("px").parse().unwrap_or_default()
}

/// Whether a user sees the element without opening anything.
pub fn is_visible(element: &Element) -> bool {
    let rect = element.get_bounding_client_rect();
    let is_shown = style(element).is_some_and(|style| value(&style, "visibility") == "visible");
    rect.width() > 1.0
        && rect.height() > 1.0
        && is_shown
        && !is_within(element, HIDDEN)
        && !ancestors(element).any(|it| hides_content(&it))
}

fn hides_content(element: &Element) -> bool {
    let Some(style) = style(element) else { return false };
    let is_empty = element.client_height() == 0 || element.client_width() == 0;
    value(&style, "opacity") == "0" || (is_empty && value(&style, "overflow") != "visible")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_shortened_and_its_spaces_are_collapsed() {
        assert_eq!(shortened(" two\n  words "), "two words");
        assert_eq!(shortened(&"가".repeat(41)), format!("{}…", "가".repeat(40)));
    }
}
