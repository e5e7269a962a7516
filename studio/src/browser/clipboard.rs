//! What is pasted into a text area.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ClipboardEvent, Document, Event, EventInit, HtmlTextAreaElement};

use crate::paste::{Element, Node};

/// No text is nested deeper, and the stack is finite.
const DEEPEST: usize = 200;

/// The HTML on the clipboard, parsed into a document of its own: no script in it runs, and no picture is
/// asked for. None where it has none.
pub fn pasted_page(event: &Event) -> Option<Element> {
    let data = event.dyn_ref::<ClipboardEvent>()?.clipboard_data()?;
    let html = data.get_data("text/html").ok().filter(|it| !it.is_empty())?;
    Some(tree(&parsed(&html)?.document_element()?, 0))
}

// By name: these calls are not worth features of web-sys, which every crate is then built with.
fn parsed(html: &str) -> Option<Document> {
    let parser: Function =
        Reflect::get(&js_sys::global(), &"DOMParser".into()).ok()?.dyn_into().ok()?;
    let parser = Reflect::construct(&parser, &Array::new()).ok()?;
    let arguments = Array::of2(&html.into(), &"text/html".into());
    call(&parser, "parseFromString", &arguments)?.dyn_into().ok()
}

fn type_in(text: &str) -> bool {
    let document = super::window().and_then(|window| window.document());
    let arguments = Array::of3(&"insertText".into(), &JsValue::FALSE, &text.into());
    let is_typed = document.and_then(|it| call(&it, "execCommand", &arguments));
    is_typed.is_some_and(|it| it.is_truthy())
}

fn call(of: &JsValue, name: &str, arguments: &Array) -> Option<JsValue> {
    let method: Function = Reflect::get(of, &name.into()).ok()?.dyn_into().ok()?;
    method.apply(of, arguments).ok()
}

fn tree(of: &web_sys::Element, depth: usize) -> Element {
    let names = of.get_attribute_names();
    let attributes = names.iter().filter_map(|name| {
        let name = name.as_string()?;
        let value = of.get_attribute(&name)?;
        Some((name, value))
    });
    let nodes = of.child_nodes();
    let children = (0..nodes.length()).filter_map(|at| {
        let node = nodes.item(at)?;
        match node.node_type() {
            web_sys::Node::TEXT_NODE => Some(Node::Text(node.text_content()?)),
            web_sys::Node::ELEMENT_NODE if depth < DEEPEST => {
                Some(Node::Element(tree(node.dyn_ref()?, depth + 1)))
            }
            _ => None,
        }
    });
    Element {
        tag: of.tag_name().to_lowercase(),
        children: children.collect(),
        attributes: attributes.collect(),
    }
}

/// Puts a text in the place of what is selected in a text area. `text`: from what is before and after it.
pub fn insert(area: &HtmlTextAreaElement, text: impl FnOnce(&str, &str) -> String) {
    // The selection is counted in units of UTF-16.
    let value: Vec<u16> = area.value().encode_utf16().collect();
    let place = |at: Option<u32>| at.map_or(value.len(), |it| (it as usize).min(value.len()));
    let start = place(area.selection_start().ok().flatten());
    let end = place(area.selection_end().ok().flatten()).max(start);
    let around = [&value[..start], &value[end..]].map(String::from_utf16_lossy);
    let text = text(&around[0], &around[1]);
    drop(area.focus());
    let (start, end) = (start as u32, end as u32);
    end_typing(area, start, end);
    // As if it were typed: the browser's own undo takes it back in one step.
    let is_typed = type_in(&text);
    let at = start + text.encode_utf16().count() as u32;
    if is_typed {
        end_typing(area, at, at);
        return;
    }
    drop(area.set_range_text_with_start_and_end(&text, start, end));
    drop(area.set_selection_range(at, at));
    let init = EventInit::new();
    init.set_bubbles(true);
    if let Ok(event) = Event::new_with_event_init_dict("input", &init) {
        drop(area.dispatch_event(&event));
    }
}

/// Selects, as moving the cursor away and back does: browsers undo what is typed in one go as one step.
fn end_typing(area: &HtmlTextAreaElement, start: u32, end: u32) {
    drop(area.set_selection_range(0, 0));
    drop(area.set_selection_range(start, end));
}
