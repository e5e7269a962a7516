//! Texts: their size and contrast, and whether important ones stand out.

use std::iter::successors;

use consent_lint::rendered::{Important, Looks, Text};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

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

/// Every visible text that looks like the first one with these words.
pub fn alike(words: &str) -> Vec<Element> {
    let all = elements(selectors::ALL).into_iter();
    let all: Vec<_> = all.filter_map(|it| measured(&it).map(|text| (it, text))).collect();
    let looks = |it: &Text| (it.size, it.bold, it.contrast);
    let Some(first) = all.iter().find(|(_, text)| text.what == words) else { return Vec::new() };
    let wanted = looks(&first.1);
    all.into_iter().filter(|(_, text)| looks(text) == wanted).map(|(it, _)| it).collect()
}

fn measured(element: &Element) -> Option<Text> {
    let what = shortened(&own_text(element));
    if what.is_empty() || !is_visible(element) || is_within(element, DISABLED) {
        return None;
    }
    let style = style(element)?;
    Some(Text {
        what,
        size: number(&style, "font-size") * scale(element),
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
        size: number(&style, "font-size") * scale(element),
        weight: number(&style, "font-weight"),
        colour: value(&style, "color"),
        contrast: contrast::of_text(element, &style),
        underlined: value(&style, "text-decoration-line").contains("underline"),
    })
}

/// How much transforms shrink or enlarge an element: its size on the page, by its size in the layout.
fn scale(element: &Element) -> f32 {
    let Some(html) = element.dyn_ref::<HtmlElement>() else { return 1.0 };
    let rect = element.get_bounding_client_rect();
    let laid_out = [f64::from(html.offset_width()), f64::from(html.offset_height())];
    let ratios = [rect.width(), rect.height()].into_iter().zip(laid_out);
    // A rotated element is larger on the page. Browsers round the size in the layout: of a small
    // one the ratio is unknown.
    let smallest = ratios
        .filter(|(_, laid_out)| *laid_out >= 20.0)
        .map(|(drawn, laid_out)| drawn / laid_out)
        .fold(f64::INFINITY, f64::min);
    if (0.97..1.03).contains(&smallest) || smallest.is_infinite() { 1.0 } else { smallest as f32 }
}
