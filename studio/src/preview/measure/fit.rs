//! Whether the page fits its window, and nothing is cut off.

use consent_lint::rendered::Fit;
use wasm_bindgen::JsCast;
use web_sys::{CssStyleSheet, Element};

use super::selectors;
use crate::preview::dom::{
    descendants, document, elements, is_visible, is_within, shortened, style, text, value,
};

/// The text spacing of WCAG 1.4.12.
const TEXT_SPACING: &str = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; \
     word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }";

/// How the page fits.
pub fn fit() -> Fit {
    Fit { wider_by: wider_by(), cut: clipped_texts() }
}

/// How the page fits with the text spacing of WCAG 1.4.12.
pub fn spaced() -> Fit {
    with_spacing(fit)
}

/// What sticks out of the window, with the text spacing of WCAG 1.4.12 where nothing does without. Of
/// elements in each other, the innermost.
pub fn outside() -> Vec<Element> {
    let outside = sticking_out();
    if outside.is_empty() { with_spacing(sticking_out) } else { outside }
}

fn sticking_out() -> Vec<Element> {
    let root = document().and_then(|it| it.document_element());
    let width = root.map_or(0.0, |root| f64::from(root.client_width()));
    let is_outside = |it: &Element| {
        let place = it.get_bounding_client_rect();
        place.right() > width + 1.0 || place.left() < -1.0
    };
    let mut found = elements(selectors::ALL);
    found.retain(|it| is_visible(it) && is_outside(it));
    innermost(found)
}

/// Elements without those that contain another one of them.
pub fn innermost(found: Vec<Element>) -> Vec<Element> {
    let contains_one =
        |it: &Element| found.iter().any(|inner| inner != it && it.contains(Some(inner)));
    let innermost = found.iter().filter(|it| !contains_one(it));
    innermost.cloned().collect()
}

/// Calls while the page has the text spacing of WCAG 1.4.12; as it is, if no style sheet can be changed.
fn with_spacing<T>(call: impl FnOnce() -> T) -> T {
    // One rule, which can be deleted again. The policy allows no style element.
    let rule = first_style_sheet().and_then(|sheet| {
        let index = sheet.insert_rule(&format!("@media all {{ {TEXT_SPACING} }}")).ok()?;
        Some((sheet, index))
    });
    let outcome = call();
    if let Some((sheet, index)) = rule {
        drop(sheet.delete_rule(index));
    }
    outcome
}

fn first_style_sheet() -> Option<CssStyleSheet> {
    document()?.style_sheets().item(0)?.dyn_into().ok()
}

fn wider_by() -> f32 {
    let root = document().and_then(|it| it.document_element());
    root.map_or(0.0, |root| (root.scroll_width() - root.client_width()) as f32)
}

/// The texts of elements that clip or scroll their content. The dialog may scroll: it is for reading.
fn clipped_texts() -> Vec<String> {
    elements(selectors::ALL)
        .iter()
        .filter(|it| !is_within(it, "dialog") && is_visible(it))
        .filter(|it| clips_content(it).unwrap_or_default())
        .map(|it| shortened(&text(it)))
        .filter(|text| !text.is_empty())
        .collect()
}

fn clips_content(element: &Element) -> Option<bool> {
    let style = style(element)?;
    if value(&style, "overflow") != "visible" {
        let overflow = (element.scroll_height() - element.client_height())
            .max(element.scroll_width() - element.client_width());
        // Browsers round.
        return Some(overflow > 1);
    }
    let containment = value(&style, "contain");
    let is_contained = ["content", "strict", "paint"].iter().any(|it| containment.contains(it));
    Some(is_contained && has_descendant_outside(element))
}

/// An element with paint containment has no scroll size that engines agree on: WebKit includes the touch
/// target of a checkbox. So the boxes are compared.
fn has_descendant_outside(element: &Element) -> bool {
    let outer = element.get_bounding_client_rect();
    let is_outside = |it: &Element| {
        let inner = it.get_bounding_client_rect();
        let overflows = [
            outer.left() - inner.left(),
            inner.right() - outer.right(),
            outer.top() - inner.top(),
            inner.bottom() - outer.bottom(),
        ];
        overflows.into_iter().any(|overflow| overflow > 1.0)
    };
    descendants(element, "*").iter().any(|it| is_visible(it) && is_outside(it))
}
