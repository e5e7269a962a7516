//! What a measured finding is about: the elements that have the words of its place.

use web_sys::Element;

use super::{controls, fit, selectors, texts};
use crate::{
    message::Sought,
    preview::dom::{elements, is_visible, label, shortened, text},
};

/// The place of a finding about "agree to all".
const AGREE_ALL: &str = "agree to all";

/// The visible elements, in the order of the page.
pub fn elements_of(sought: &Sought) -> Vec<Element> {
    let Sought { words, alike } = sought;
    if words.is_empty() {
        return fit::outside();
    }
    if *alike {
        return texts::alike(words);
    }
    // By what is measured: a text of the same words may be elsewhere, too.
    let kinds: [fn(&str) -> Vec<Element>; 4] = [rows, targets, fields, others];
    kinds.iter().map(|find| find(words)).find(|it| !it.is_empty()).unwrap_or_default()
}

/// The rows of items by their whole label, and "agree to all".
fn rows(words: &str) -> Vec<Element> {
    if words == AGREE_ALL {
        return visible(elements(selectors::AGREE_ALL).iter().filter_map(label).collect());
    }
    let row = |checkbox: &Element| {
        (text(&label(checkbox)?) == words).then(|| checkbox.closest(selectors::ROW).ok()?)?
    };
    visible(elements(selectors::ROW_CHECKBOXES).iter().filter_map(row).collect())
}

/// Controls by their words.
fn targets(words: &str) -> Vec<Element> {
    let mut found = controls::targets();
    found.retain(|it| controls::control(it).what == words);
    found
}

/// Boxes and text fields by their label.
fn fields(words: &str) -> Vec<Element> {
    let mut found = elements(selectors::INPUTS);
    found.retain(|it| label(it).is_some_and(|label| shortened(&text(&label)) == words));
    visible(found)
}

/// Any other element by its words.
fn others(words: &str) -> Vec<Element> {
    let mut found = elements(selectors::ALL);
    found.retain(|it| shortened(&text(it)) == words);
    fit::innermost(visible(found))
}

fn visible(mut found: Vec<Element>) -> Vec<Element> {
    found.retain(is_visible);
    found
}
