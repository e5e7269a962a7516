//! Controls: their size, edges and labels.

use consent_lint::rendered::{Control, Edge, Tick};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

use super::{contrast, selectors};
use crate::preview::dom::{
    descendants, elements, is_visible, label, number, shortened, style, text, value,
};

/// Every visible control with a size of its own. An inline link is as high as its line (an exception of
/// WCAG 2.5.8), and the label of a checkbox is a target too.
pub fn controls() -> Vec<Control> {
    targets().iter().map(control).collect()
}

/// The elements of the controls.
pub fn targets() -> Vec<Element> {
    let mut found = elements(selectors::CONTROLS);
    found.retain(|it| {
        let is_inline = style(it).is_none_or(|style| value(&style, "display") == "inline");
        is_visible(it) && !is_inline && !is_checkbox(it)
    });
    found
}

pub fn control(element: &Element) -> Control {
    let rect = element.get_bounding_client_rect();
    let text = text(element);
    let style = style(element);
    let number = |property| style.as_ref().map_or(0.0, |style| number(style, property));
    Control {
        what: shortened(&if text.trim().is_empty() { element.id() } else { text }),
        width: rect.width() as f32,
        height: rect.height() as f32,
        size: number("font-size"),
        weight: number("font-weight"),
    }
}

/// The edges of boxes and text fields. A button is found by its text.
pub fn edges() -> Vec<Edge> {
    let measure = |input: &Element| {
        let style = style(input)?;
        // A native checkbox has no colours that a script can read.
        let is_styled = value(&style, "appearance") == "none" || !is_checkbox(input);
        Some(Edge {
            what: shortened(&text(&label(input)?)),
            contrast: is_styled.then(|| contrast::of_edge(input, &style)).flatten(),
        })
    };
    elements(selectors::INPUTS).iter().filter(|it| is_visible(it)).filter_map(measure).collect()
}

/// The row of a checkbox.
pub fn row(checkbox: &Element) -> Option<Tick> {
    let label = label(checkbox)?;
    let row = checkbox.closest(selectors::ROW).ok()??;
    let needs = descendants(&label, selectors::ROW_NEED);
    Some(Tick {
        key: checkbox.id().parse().ok()?,
        label: text(&label),
        need: needs.iter().filter(|it| is_visible(it)).map(text).collect(),
        group: legend(checkbox).as_ref().map(text).unwrap_or_default(),
        ticked: is_checked(checkbox)?,
        seen: is_visible(checkbox),
        opens: descendants(&row, "button, a[href]").iter().any(is_visible),
    })
}

/// The legend of the group around an element. It may be visible to screen readers only.
fn legend(element: &Element) -> Option<Element> {
    let legend = element.closest("fieldset").ok()??.query_selector("legend").ok()??;
    let is_exposed = style(&legend).is_some_and(|style| value(&style, "display") != "none");
    is_exposed.then_some(legend)
}

pub fn is_checked(checkbox: &Element) -> Option<bool> {
    Some(checkbox.dyn_ref::<HtmlInputElement>()?.checked())
}

fn is_checkbox(element: &Element) -> bool {
    element.get_attribute("type").as_deref() == Some("checkbox")
}
