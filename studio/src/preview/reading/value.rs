//! What fields hold.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};

use super::spaces::collapsed;
use crate::preview::dom::descendants;

/// What a field holds.
pub fn value(element: &Element) -> String {
    if let Some(select) = element.dyn_ref::<HtmlSelectElement>() {
        let index = usize::try_from(select.selected_index()).ok();
        let chosen = index.and_then(|at| descendants(select, "option").into_iter().nth(at));
        return chosen
            .map(|it| collapsed(&it.text_content().unwrap_or_default()))
            .unwrap_or_default();
    }
    if let Some(text) = element.dyn_ref::<HtmlTextAreaElement>() {
        return text.value();
    }
    match element.dyn_ref::<HtmlInputElement>() {
        Some(input) if !is_ticked_or_pressed(&input.type_()) => input.value(),
        _ => String::new(),
    }
}

fn is_ticked_or_pressed(kind: &str) -> bool {
    matches!(kind, "checkbox" | "radio" | "submit" | "button" | "reset")
}
