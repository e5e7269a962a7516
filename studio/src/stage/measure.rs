//! Measures the page as it was drawn, for the rules that only a drawn page can break.

use consent_contract::lint::rendered::{Control, Rendered, Text, Tick};
use palette::{Srgb, color_difference::Wcag21RelativeContrast};
use wasm_bindgen::JsCast;
use web_sys::{CssStyleDeclaration, Element, HtmlInputElement, Node};

use crate::browser::{self, elements};

/// Tells the studio around this page what there is to see.
pub fn tell(untouched: bool) {
    let json = serde_json::to_string(&measured(untouched)).expect("measures become JSON");
    browser::tell_parent(&json);
}

fn measured(untouched: bool) -> Rendered {
    let button =
        |selector: &str| elements(selector).into_iter().find(is_seen).map(|it| control(&it));
    let boxes = elements("main.page [data-row] input[type=checkbox]");
    Rendered {
        texts: texts(),
        controls: controls(),
        boxes: boxes.iter().filter_map(tick).collect(),
        agree: button("main.page .actions .button--primary"),
        cancel: button("main.page .actions .button--secondary"),
        wider_by: wider_by(),
        untouched,
    }
}

fn wider_by() -> f32 {
    let root = web_sys::window().and_then(|it| it.document()).and_then(|it| it.document_element());
    root.map_or(0.0, |root| (root.scroll_width() - root.client_width()) as f32)
}

fn texts() -> Vec<Text> {
    let mut texts: Vec<Text> = Vec::new();
    for element in elements("main.page, main.page *") {
        // What cannot be used need not stand out (WCAG 1.4.3).
        let off = element.closest(":disabled, [aria-disabled=true], [inert]").ok().flatten();
        let Some(words) = own_words(&element).filter(|_| is_seen(&element) && off.is_none()) else {
            continue;
        };
        let Some(style) = style(&element) else { continue };
        let text = Text {
            what: words,
            size: length(&style, "font-size"),
            bold: length(&style, "font-weight") >= 700.0,
            contrast: contrast(&element, &style),
        };
        let alike =
            |it: &Text| (it.size, it.bold, it.contrast) == (text.size, text.bold, text.contrast);
        if !texts.iter().any(alike) {
            texts.push(text);
        }
    }
    texts
}

fn controls() -> Vec<Control> {
    elements("main.page :is(button, a[href], input, select, summary)")
        .iter()
        .filter(|it| is_seen(it))
        // In a sentence a link is as high as its line (WCAG 2.5.8 says so itself), and a box is
        // ticked by its label as well.
        .filter(|it| style(it).is_some_and(|style| value(&style, "display") != "inline"))
        .filter(|it| it.get_attribute("type").as_deref() != Some("checkbox"))
        .map(control)
        .collect()
}

fn control(element: &Element) -> Control {
    let place = element.get_bounding_client_rect();
    let words = element.text_content().unwrap_or_default();
    Control {
        what: shortened(&if words.trim().is_empty() { element.id() } else { words }),
        width: place.width() as f32,
        height: place.height() as f32,
        size: style(element).map_or(0.0, |style| length(&style, "font-size")),
    }
}

fn tick(element: &Element) -> Option<Tick> {
    let input = element.dyn_ref::<HtmlInputElement>()?;
    let label = elements(&format!("label[for='{}']", input.id())).into_iter().next()?;
    Some(Tick { label: label.text_content().unwrap_or_default(), ticked: input.checked() })
}

/// The words that stand in the element itself, shortened.
fn own_words(element: &Element) -> Option<String> {
    let children = element.child_nodes();
    let words: String = (0..children.length())
        .filter_map(|at| children.item(at))
        .filter(|node| node.node_type() == Node::TEXT_NODE)
        .filter_map(|node| node.text_content())
        .collect();
    let words = shortened(&words);
    (!words.is_empty()).then_some(words)
}

fn shortened(words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = words.chars().take(40).collect();
    if short.len() < words.len() {
        short.push('…');
    }
    short
}

fn is_seen(element: &Element) -> bool {
    let place = element.get_bounding_client_rect();
    let hidden = element.closest(".visually-hidden, [hidden]").ok().flatten().is_some();
    let visible = style(element).is_some_and(|style| value(&style, "visibility") == "visible");
    place.width() > 1.0 && place.height() > 1.0 && visible && !hidden
}

fn style(element: &Element) -> Option<CssStyleDeclaration> {
    web_sys::window()?.get_computed_style(element).ok()?
}

fn value(style: &CssStyleDeclaration, name: &str) -> String {
    style.get_property_value(name).unwrap_or_default()
}

/// The number that a value begins with: `16px` is 16.
fn length(style: &CssStyleDeclaration, name: &str) -> f32 {
    value(style, name).trim_end_matches("px").parse().unwrap_or_default()
}

fn contrast(element: &Element, style: &CssStyleDeclaration) -> Option<f32> {
    let ground = ground(element)?;
    let text = over(csscolorparser::parse(&value(style, "color")).ok()?, ground);
    Some(text.relative_contrast(ground))
}

/// What is seen behind the text: the grounds of what it stands in, one over the other. None where a
/// picture is among them.
fn ground(element: &Element) -> Option<Srgb<f32>> {
    let mut grounds = Vec::new();
    let mut around = Some(element.clone());
    while let Some(element) = around {
        let style = style(&element)?;
        if value(&style, "background-image") != "none" {
            return None;
        }
        let colour = csscolorparser::parse(&value(&style, "background-color")).ok()?;
        let done = colour.a >= 1.0;
        grounds.push(colour);
        if done {
            break;
        }
        around = element.parent_element();
    }
    let white = Srgb::new(1.0, 1.0, 1.0);
    Some(grounds.into_iter().rev().fold(white, |behind, colour| over(colour, behind)))
}

/// A colour that may be seen through, over an opaque one.
fn over(front: csscolorparser::Color, behind: Srgb<f32>) -> Srgb<f32> {
    let mix = |front_part: f32, back: f32| front_part * front.a + back * (1.0 - front.a);
    Srgb::new(mix(front.r, behind.red), mix(front.g, behind.green), mix(front.b, behind.blue))
}
