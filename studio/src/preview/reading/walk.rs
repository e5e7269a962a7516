//! The page from the top, stop by stop.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, Node};

use super::{
    generated::{Generated, generated},
    name::{self, is_block, is_exposed},
    role::{Role, role},
    spaces::collapsed,
    value::value,
};
use crate::{
    preview::dom::{descendants, document, elements, is_within},
    utterance::Utterance,
};

/// What is inside these, a header or footer belongs to.
const SECTIONS: &str = "main, article, section, aside, nav";

/// What a label can name.
const FIELDS: &str = "input, select, textarea";

/// What is announced of the page, and where each of it is drawn.
pub fn page() -> (Vec<Utterance>, Vec<Element>) {
    let mut walk = Walk::default();
    // A modal dialog makes everything else inert (HTML, 4.11.4).
    let modal = elements("dialog:modal").into_iter().last();
    let body = || document().and_then(|it| it.body()).map(Element::from);
    if let Some(root) = modal.or_else(body) {
        walk.element(&root);
        walk.end_text();
    }
    (walk.utterances, walk.places)
}

#[derive(Default)]
struct Walk {
    utterances: Vec<Utterance>,
    places: Vec<Element>,
    /// Text that has not ended yet, and the block that it is in.
    text: String,
    block: Option<Element>,
}

impl Walk {
    fn element(&mut self, element: &Element) {
        if !is_exposed(element) || is_of_studio(element) {
            return;
        }
        if is_label(element) {
            // Its text is the name of its field; a field inside is announced.
            for field in descendants(element, FIELDS) {
                self.element(&field);
            }
            return;
        }
        let is_block = is_block(element);
        let is_in_section =
            element.parent_element().is_some_and(|parent| is_within(&parent, SECTIONS));
        match role(element, name::is_named(element), is_block, is_in_section) {
            Role::Silent => {}
            Role::Leaf("image") if name::name(element).is_empty() => {}
            Role::Leaf(role) => {
                self.end_text();
                self.add(element, role);
            }
            Role::Around(role) => {
                self.end_text();
                // An empty live region waits; what it comes to hold is announced by itself.
                let is_waiting =
                    matches!(role, "status" | "alert") && name::content(element).is_empty();
                if !is_waiting {
                    self.add(element, role);
                }
                self.children(element);
                self.end_text();
            }
            Role::Text { is_block: true } => {
                self.end_text();
                let around = self.block.replace(element.clone());
                self.children(element);
                self.end_text();
                self.block = around;
            }
            Role::Text { is_block: false } => {
                if element.local_name() == "br" {
                    self.text.push(' ');
                }
                self.children(element);
            }
        }
    }

    fn children(&mut self, element: &Element) {
        self.add_text(element, &generated(element, Generated::Before));
        let children = element.child_nodes();
        for child in (0..children.length()).filter_map(|index| children.item(index)) {
            if child.node_type() == Node::TEXT_NODE {
                self.add_text(element, &child.text_content().unwrap_or_default());
            } else if let Ok(child) = child.dyn_into::<Element>() {
                self.element(&child);
            }
        }
        self.add_text(element, &generated(element, Generated::After));
    }

    fn add_text(&mut self, of: &Element, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.text.is_empty() && self.block.is_none() {
            self.block = Some(of.clone());
        }
        self.text.push_str(text);
    }

    fn end_text(&mut self) {
        let name = collapsed(&std::mem::take(&mut self.text));
        if name.is_empty() {
            return;
        }
        if let Some(block) = self.block.clone() {
            self.utterances.push(Utterance { name, ..Utterance::default() });
            self.places.push(block);
        }
    }

    fn add(&mut self, element: &Element, role: &str) {
        self.utterances.push(Utterance {
            role: role.to_owned(),
            name: name::name(element),
            description: name::description(element),
            value: value(element),
            states: states(element, role),
        });
        self.places.push(element.clone());
    }
}

/// Whether it is the preview's own line, which the screen does not have.
fn is_of_studio(element: &Element) -> bool {
    element.class_list().contains("says-preview")
}

/// Whether it is the label of a field that is announced.
fn is_label(element: &Element) -> bool {
    if element.local_name() != "label" {
        return false;
    }
    let field = match element.get_attribute("for") {
        Some(id) => document().and_then(|it| it.get_element_by_id(&id)),
        None => descendants(element, FIELDS).into_iter().next(),
    };
    field.is_some_and(|it| is_exposed(&it))
}

/// The states that are announced. Those that are false are not, except for what can be ticked or unfolded.
fn states(element: &Element, role: &str) -> Vec<String> {
    let is_true = |attribute: &str| element.get_attribute(attribute).as_deref() == Some("true");
    let mut states = Vec::new();
    if let Some(level) = element.local_name().strip_prefix('h')
        && role == "heading"
    {
        states.push(format!("level: {level}"));
    }
    if let Some(input) = element.dyn_ref::<HtmlInputElement>()
        && matches!(role, "checkbox" | "radio")
    {
        let checked = if input.indeterminate() {
            "mixed"
        } else if input.checked() {
            "true"
        } else {
            "false"
        };
        states.push(format!("checked: {checked}"));
    }
    match (element.get_attribute("aria-expanded"), element.closest("details").ok().flatten()) {
        (Some(expanded), _) => states.push(format!("expanded: {expanded}")),
        (None, Some(details)) if role == "disclosure" => {
            states.push(format!("expanded: {}", details.has_attribute("open")));
        }
        _ => {}
    }
    let flags = [
        ("required", element.has_attribute("required") || is_true("aria-required")),
        ("disabled", element.has_attribute("disabled") || is_true("aria-disabled")),
        ("invalid", is_true("aria-invalid")),
        ("modal", role == "dialog" && element.matches(":modal").unwrap_or(false)),
    ];
    states.extend(flags.into_iter().filter(|(_, is_so)| *is_so).map(|(name, _)| name.to_owned()));
    states
}
