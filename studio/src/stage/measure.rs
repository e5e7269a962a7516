//! Measures the page as it was drawn, for the rules that only a drawn page can break.

use consent_contract::lint::rendered::{
    Control, Edge, Fit, Important, Looks, Rendered, Text, Tick,
};
use palette::{Srgb, color_difference::Wcag21RelativeContrast};
use wasm_bindgen::JsCast;
use web_sys::{CssStyleDeclaration, CssStyleSheet, Element, HtmlInputElement, Node};

use crate::browser::{self, elements, within};

/// Tells the studio around this page what there is to see.
pub fn tell(untouched: bool) {
    browser::finish_animations();
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
        agree_all: elements("#agree-all").first().and_then(is_ticked),
        agree: button("main.page .actions .button--primary"),
        cancel: button("main.page .actions .button--secondary"),
        important: important(),
        edges: edges(),
        fit: fit(),
        spaced: under(SPACED_OUT, fit),
        untouched,
    }
}

fn fit() -> Fit {
    Fit { wider_by: wider_by(), cut: cut() }
}

fn wider_by() -> f32 {
    let root = web_sys::window().and_then(|it| it.document()).and_then(|it| it.document_element());
    root.map_or(0.0, |root| (root.scroll_width() - root.client_width()) as f32)
}

/// The spacing that WCAG 1.4.12 names.
const SPACED_OUT: &str = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; \
     word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }";

/// Measures under these rules, and takes them away again. Without them, where no style sheet can be
/// changed.
fn under<T>(rules: &str, measure: impl FnOnce() -> T) -> T {
    let sheet = || {
        let document = web_sys::window()?.document()?;
        document.style_sheets().item(0)?.dyn_into::<CssStyleSheet>().ok()
    };
    // In one rule, so that it can be taken away at once. The policy lets no style element in.
    let rule = sheet().and_then(|sheet| {
        let at = sheet.insert_rule(&format!("@media all {{ {rules} }}")).ok()?;
        Some((sheet, at))
    });
    let measured = measure();
    if let Some((sheet, at)) = rule {
        drop(sheet.delete_rule(at));
    }
    measured
}

/// What holds more than can be seen of it. A table may be scrolled sideways where it is read, which
/// is in the dialog.
fn cut() -> Vec<String> {
    elements("main.page, main.page *")
        .iter()
        .filter(|it| it.closest("dialog").ok().flatten().is_none() && is_seen(it))
        .filter(|it| style(it).is_some_and(|style| hides_what_is_over(&style)))
        .filter(|it| {
            let over = (it.scroll_height() - it.client_height())
                .max(it.scroll_width() - it.client_width());
            // Browsers round.
            over > 1
        })
        .map(|it| shortened(&it.text_content().unwrap_or_default()))
        .filter(|words| !words.is_empty())
        .collect()
}

fn hides_what_is_over(style: &CssStyleDeclaration) -> bool {
    let contained = value(style, "contain");
    value(style, "overflow") != "visible"
        || ["content", "strict", "paint"].iter().any(|it| contained.contains(it))
}

/// Highlights in what they stand in, and facts beside what they are called.
fn important() -> Vec<Important> {
    let highlights = elements("main.page [data-row] em").into_iter().filter_map(|it| {
        let around = it.parent_element()?;
        Some((it, around))
    });
    let facts = elements("main.page .facts dd").into_iter().filter_map(|it| {
        let called = it.previous_element_sibling()?;
        Some((it, called))
    });
    let measure = |(it, beside): (Element, Element)| {
        Some(Important {
            what: shortened(&it.text_content()?),
            seen: is_seen(&it),
            looks: looks(&it)?,
            beside: looks(&beside)?,
        })
    };
    // A statement that is left out is nothing that is hidden.
    highlights.chain(facts).filter_map(measure).filter(|it| !it.what.is_empty()).collect()
}

fn looks(element: &Element) -> Option<Looks> {
    let style = style(element)?;
    Some(Looks {
        size: length(&style, "font-size"),
        weight: length(&style, "font-weight"),
        colour: value(&style, "color"),
        underlined: value(&style, "text-decoration-line").contains("underline"),
    })
}

/// Of boxes and fields: a button has a text in it, and is found by that.
fn edges() -> Vec<Edge> {
    elements("main.page input:not([type=hidden])")
        .iter()
        .filter(|it| is_seen(it))
        .filter_map(|it| {
            let style = style(it)?;
            // What the browser draws itself has no colours that we could read.
            let own =
                value(&style, "appearance") == "none" || it.get_attribute("type")? != "checkbox";
            let label = elements(&format!("label[for='{}']", it.id())).into_iter().next()?;
            Some(Edge {
                what: shortened(&label.text_content().unwrap_or_default()),
                contrast: own.then(|| edge(it, &style)).flatten(),
            })
        })
        .collect()
}

/// Of a border or the ground, whichever shows best where the control is.
fn edge(element: &Element, style: &CssStyleDeclaration) -> Option<f32> {
    let behind = ground(&element.parent_element()?)?;
    let contrast = |name: &str| {
        let colour = csscolorparser::parse(&value(style, name)).ok()?;
        Some(over(colour, behind).relative_contrast(behind))
    };
    // A border that is not drawn has a colour, too.
    let drawn = |side: &&str| {
        let style = |part| value(style, &format!("border-{side}-{part}"));
        style("width") != "0px" && !["none", "hidden"].contains(&style("style").as_str())
    };
    let borders = ["top", "right", "bottom", "left"].into_iter();
    let borders = borders.filter(drawn).map(|side| format!("border-{side}-color"));
    borders
        .chain(["background-color".to_owned()])
        .map(|name| contrast(&name))
        .try_fold(1.0_f32, |best, ratio| Some(best.max(ratio?)))
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
    let style = style(element);
    Control {
        what: shortened(&if words.trim().is_empty() { element.id() } else { words }),
        width: place.width() as f32,
        height: place.height() as f32,
        size: style.as_ref().map_or(0.0, |style| length(style, "font-size")),
        weight: style.as_ref().map_or(0.0, |style| length(style, "font-weight")),
    }
}

fn tick(element: &Element) -> Option<Tick> {
    let label = elements(&format!("label[for='{}']", element.id())).into_iter().next()?;
    let row = element.closest("[data-row]").ok()??;
    let words = |it: &Element| it.text_content().unwrap_or_default();
    let legend = element.closest("fieldset").ok().flatten();
    let legend = legend.and_then(|it| it.query_selector("legend").ok()?);
    // It may be there for those alone who hear it.
    let legend = legend.filter(|it| style(it).is_some_and(|it| value(&it, "display") != "none"));
    Some(Tick {
        key: element.id().parse().ok()?,
        label: words(&label),
        need: within(&label, ".row__need").iter().filter(|it| is_seen(it)).map(words).collect(),
        group: legend.as_ref().map(words).unwrap_or_default(),
        ticked: is_ticked(element)?,
        seen: is_seen(element),
        opens: within(&row, "button, a[href]").iter().any(is_seen),
    })
}

fn is_ticked(element: &Element) -> Option<bool> {
    Some(element.dyn_ref::<HtmlInputElement>()?.checked())
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
    // What is folded away has a place and a size, too.
    let hidden = element
        .closest(".visually-hidden, [hidden], details:not([open]) > :not(summary)")
        .ok()
        .flatten()
        .is_some();
    let visible = style(element).is_some_and(|style| value(&style, "visibility") == "visible");
    let there = place.width() > 1.0 && place.height() > 1.0 && visible && !hidden;
    there && around(element).all(|it| !shows_nothing(&it))
}

/// The element, and everything that it stands in.
fn around(element: &Element) -> impl Iterator<Item = Element> {
    std::iter::successors(Some(element.clone()), |it| it.parent_element())
}

fn shows_nothing(element: &Element) -> bool {
    let Some(style) = style(element) else { return false };
    let is_nothing = element.client_height() == 0 || element.client_width() == 0;
    value(&style, "opacity") == "0" || (is_nothing && value(&style, "overflow") != "visible")
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
    let mut colour = csscolorparser::parse(&value(style, "color")).ok()?;
    let opacity = |it: Element| value(&self::style(&it)?, "opacity").parse::<f32>().ok();
    colour.a *= around(element).filter_map(opacity).product::<f32>();
    let text = over(colour, ground);
    Some(text.relative_contrast(ground))
}

/// What is seen behind the text: the grounds of what it stands in, one over the other. None where a
/// picture is among them.
fn ground(element: &Element) -> Option<Srgb<f32>> {
    let mut grounds = Vec::new();
    for element in around(element) {
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
    }
    let white = Srgb::new(1.0, 1.0, 1.0);
    Some(grounds.into_iter().rev().fold(white, |behind, colour| over(colour, behind)))
}

/// A colour that may be seen through, over an opaque one.
fn over(front: csscolorparser::Color, behind: Srgb<f32>) -> Srgb<f32> {
    let mix = |front_part: f32, back: f32| front_part * front.a + back * (1.0 - front.a);
    Srgb::new(mix(front.r, behind.red), mix(front.g, behind.green), mix(front.b, behind.blue))
}
