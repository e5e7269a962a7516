//! Texts: their size and contrast, and whether important ones stand out.

use std::iter::successors;

use consent_lint::rendered::{Important, Looks, Text};
use web_sys::Element;

use super::{contrast, selectors};
use crate::preview::dom::{
    elements, is_visible, is_within, number, own_text, shortened, style, text, value,
};

/// Disabled controls are exempt from WCAG 1.4.3.
const DISABLED: &str = ":disabled, [aria-disabled=true], [inert]";

/// Every visible text. Texts that look the same are one.
pub fn texts() -> Vec<Text> {
    let mut texts: Vec<Text> = Vec::new();
    for text in elements(selectors::ALL).iter().filter_map(measured) {
        let looks = |it: &Text| (it.size, it.bold, it.contrast);
        if !texts.iter().any(|it| looks(it) == looks(&text)) {
            texts.push(text);
        }
    }
    texts
}

fn measured(element: &Element) -> Option<Text> {
    let what = shortened(&own_text(element));
    if what.is_empty() || !is_visible(element) || is_within(element, DISABLED) {
        return None;
    }
    let style = style(element)?;
    Some(Text {
        what,
        size: number(&style, "font-size"),
        bold: number(&style, "font-weight") >= 700.0,
        contrast: contrast::of_text(element, &style),
    })
}

/// Highlights and the text around them, and facts and their names.
pub fn important() -> Vec<Important> {
    let highlights = elements(selectors::HIGHLIGHTS).into_iter().filter_map(|it| {
        let around = it.parent_element()?;
        Some((it, around))
    });
    let facts = elements(selectors::FACTS).into_iter().filter_map(|it| {
        let name = name_of(&it)?;
        Some((it, name))
    });
    let measure = |(it, beside): (Element, Element)| {
        let what = shortened(&text(&it));
        Some(Important { what, seen: is_visible(&it), looks: looks(&it)?, beside: looks(&beside)? })
    };
    // A missing statement is not a hidden one.
    highlights.chain(facts).filter_map(measure).filter(|it| !it.what.is_empty()).collect()
}

/// The `dt` of a `dd`: before the first of several.
fn name_of(fact: &Element) -> Option<Element> {
    let before = |it: &Element| it.previous_element_sibling();
    successors(before(fact), before).find(|it| it.tag_name() == "DT")
}

fn looks(element: &Element) -> Option<Looks> {
    let style = style(element)?;
    Some(Looks {
        size: number(&style, "font-size"),
        weight: number(&style, "font-weight"),
        colour: value(&style, "color"),
        underlined: value(&style, "text-decoration-line").contains("underline"),
    })
}
