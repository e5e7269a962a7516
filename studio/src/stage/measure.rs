//! Measures the page as it was drawn, for the rules that only a drawn page can break.

use consent_lint::rendered::{Control, Edge, Fit, Important, Looks, Rendered, Text, Tick};
use wasm_bindgen::JsCast;
use web_sys::{CssStyleDeclaration, CssStyleSheet, Element, HtmlInputElement, Node};

use super::colour;
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
        spaced: spaced_fit(),
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

/// How it fits with that spacing; as it is, where no style sheet can be changed.
fn spaced_fit() -> Fit {
    let sheet = || {
        let document = web_sys::window()?.document()?;
        document.style_sheets().item(0)?.dyn_into::<CssStyleSheet>().ok()
    };
    // In one rule, so that it can be taken away at once. The policy lets no style element in.
    let rule = sheet().and_then(|sheet| {
        let at = sheet.insert_rule(&format!("@media all {{ {SPACED_OUT} }}")).ok()?;
        Some((sheet, at))
    });
    let fit = fit();
    if let Some((sheet, at)) = rule {
        drop(sheet.delete_rule(at));
    }
    fit
}

/// What holds more than can be seen of it. A table may be scrolled sideways where it is read, which
/// is in the dialog.
fn cut() -> Vec<String> {
    elements("main.page, main.page *")
        .iter()
        .filter(|it| it.closest("dialog").ok().flatten().is_none() && is_seen(it))
        .filter(|it| hides_some(it).unwrap_or_default())
        .map(|it| shortened(&it.text_content().unwrap_or_default()))
        .filter(|words| !words.is_empty())
        .collect()
}

fn hides_some(element: &Element) -> Option<bool> {
    let style = style(element)?;
    if value(&style, "overflow") != "visible" {
        let over = (element.scroll_height() - element.client_height())
            .max(element.scroll_width() - element.client_width());
        // Browsers round.
        return Some(over > 1);
    }
    let contained = value(&style, "contain");
    if !["content", "strict", "paint"].iter().any(|it| contained.contains(it)) {
        return Some(false);
    }
    // This is no box that scrolls, so what its sizes for that say differs from engine to engine:
    // WebKit counts the target around a checkbox.
    let whole = element.get_bounding_client_rect();
    let over = |it: Element| {
        let inside = it.get_bounding_client_rect();
        let sides = [
            whole.left() - inside.left(),
            inside.right() - whole.right(),
            whole.top() - inside.top(),
            inside.bottom() - whole.bottom(),
        ];
        sides.into_iter().any(|over| over > 1.0)
    };
    Some(within(element, "*").into_iter().filter(is_seen).any(over))
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
                contrast: own.then(|| colour::of_edge(it, &style)).flatten(),
            })
        })
        .collect()
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
            contrast: colour::of_text(&element, &style),
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
pub fn around(element: &Element) -> impl Iterator<Item = Element> {
    std::iter::successors(Some(element.clone()), |it| it.parent_element())
}

fn shows_nothing(element: &Element) -> bool {
    let Some(style) = style(element) else { return false };
    let is_nothing = element.client_height() == 0 || element.client_width() == 0;
    value(&style, "opacity") == "0" || (is_nothing && value(&style, "overflow") != "visible")
}

pub fn style(element: &Element) -> Option<CssStyleDeclaration> {
    web_sys::window()?.get_computed_style(element).ok()?
}

pub fn value(style: &CssStyleDeclaration, name: &str) -> String {
    style.get_property_value(name).unwrap_or_default()
}

/// The number that a value begins with: `16px` is 16.
fn length(style: &CssStyleDeclaration, name: &str) -> f32 {
    value(style, name).trim_end_matches("px").parse().unwrap_or_default()
}
