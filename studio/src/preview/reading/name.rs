//! Accessible names and descriptions: accname 1.2, for the elements of the screen.

use wasm_bindgen::JsCast;
use web_sys::{Element, Node};

use super::{
    generated::{Generated, generated},
    spaces::collapsed,
    value::value,
};
use crate::preview::dom::{self, ancestors, descendants, document, elements, is_within, style};

/// Whether an element is in the accessibility tree: also what is out of view is.
pub fn is_exposed(element: &Element) -> bool {
    let is_rendered = style(element).is_some_and(|it| dom::value(&it, "visibility") == "visible")
        && ancestors(element)
            .all(|it| style(&it).is_some_and(|it| dom::value(&it, "display") != "none"));
    let is_silenced =
        is_within(element, "[aria-hidden=true], [inert], details:not([open]) > :not(summary)");
    is_rendered && !is_silenced
}

/// The accessible name.
pub fn name(element: &Element) -> String {
    let referenced = referenced(element, "aria-labelledby");
    if !referenced.is_empty() {
        return referenced;
    }
    let own = |attribute: &str| element.get_attribute(attribute).map(|it| collapsed(&it));
    if let Some(label) = own("aria-label").filter(|it| !it.is_empty()) {
        return label;
    }
    let by_html = match &*element.local_name() {
        "input" | "select" | "textarea" => labels(element),
        "fieldset" => first_child(element, "legend"),
        "table" => first_child(element, "caption"),
        "img" => own("alt").unwrap_or_default(),
        "a" | "button" | "summary" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => content(element),
        _ => String::new(),
    };
    let is_button = || matches!(own("type").as_deref(), Some("submit" | "button" | "reset"));
    let fallbacks = ["title", "placeholder"];
    match by_html.is_empty() {
        false => by_html,
        true if element.local_name() == "input" && is_button() => own("value").unwrap_or_default(),
        true => fallbacks.into_iter().filter_map(own).find(|it| !it.is_empty()).unwrap_or_default(),
    }
}

/// Whether the author has named it: `section` and `form` are landmarks only then.
pub fn is_named(element: &Element) -> bool {
    ["aria-labelledby", "aria-label", "title"].iter().any(|it| element.has_attribute(it))
}

/// The accessible description.
pub fn description(element: &Element) -> String {
    let referenced = referenced(element, "aria-describedby");
    if !referenced.is_empty() {
        return referenced;
    }
    let title = element.get_attribute("title").map(|it| collapsed(&it)).unwrap_or_default();
    if title == name(element) { String::new() } else { title }
}

/// The texts of the elements that an attribute names. What is hidden counts when it is named itself.
fn referenced(element: &Element, attribute: &str) -> String {
    let ids = element.get_attribute(attribute).unwrap_or_default();
    let found = ids.split_whitespace().filter_map(|id| document()?.get_element_by_id(id));
    let texts: Vec<String> = found.map(|it| labelling(&it)).filter(|it| !it.is_empty()).collect();
    texts.join(" ")
}

/// The text of an element that names or describes another one.
fn labelling(element: &Element) -> String {
    if let Some(label) = element.get_attribute("aria-label").filter(|it| !it.trim().is_empty()) {
        return collapsed(&label);
    }
    match is_exposed(element) {
        true => content(element),
        false => collapsed(&element.text_content().unwrap_or_default()),
    }
}

/// The labels of a field.
fn labels_of(field: &Element) -> Vec<Element> {
    let mut labels = match field.id() {
        id if id.is_empty() => Vec::new(),
        id => elements(&format!("label[for='{id}']")),
    };
    labels.extend(field.closest("label").ok().flatten());
    labels
}

/// A label can have the field inside: what that holds is its value, and no part of its name.
fn labels(field: &Element) -> String {
    let texts = labels_of(field).into_iter().map(|label| {
        let mut text = String::new();
        add_content(&label, Some(field), &mut text);
        collapsed(&text)
    });
    texts.filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ")
}

fn first_child(element: &Element, tag: &str) -> String {
    let child = descendants(element, tag).into_iter().next();
    child
        .filter(|it| it.parent_element().as_ref() == Some(element))
        .map(|it| content(&it))
        .unwrap_or_default()
}

/// The text of an element and what is inside, without what is hidden.
pub fn content(element: &Element) -> String {
    let mut text = String::new();
    add_content(element, None, &mut text);
    collapsed(&text)
}

/// Adds the text of an element, without what is hidden, and without the element `but`.
fn add_content(element: &Element, but: Option<&Element>, text: &mut String) {
    text.push_str(&generated(element, Generated::Before));
    let children = element.child_nodes();
    for child in (0..children.length()).filter_map(|index| children.item(index)) {
        if child.node_type() == Node::TEXT_NODE {
            text.push_str(&child.text_content().unwrap_or_default());
            continue;
        }
        let Ok(child) = child.dyn_into::<Element>() else { continue };
        if !is_exposed(&child) || Some(&child) == but {
            continue;
        }
        let is_block = is_block(&child);
        if is_block {
            text.push(' ');
        }
        match child.get_attribute("aria-label") {
            Some(label) => text.push_str(&label),
            None if child.local_name() == "img" => {
                text.push_str(&child.get_attribute("alt").unwrap_or_default());
            }
            None if child.local_name() == "br" => text.push(' '),
            // What a field within a text holds is a part of the text (step 2C).
            None if matches!(&*child.local_name(), "input" | "select" | "textarea") => {
                text.push_str(&[" ", &value(&child), " "].concat());
            }
            None => add_content(&child, but, text),
        }
        if is_block {
            text.push(' ');
        }
    }
    text.push_str(&generated(element, Generated::After));
}

/// Whether an element is drawn as a block, and so parts the text around it.
pub fn is_block(element: &Element) -> bool {
    let display = style(element).map(|it| dom::value(&it, "display")).unwrap_or_default();
    !matches!(&*display, "inline" | "contents" | "ruby" | "")
}
