//! Pasting into a full text: what word processors copy becomes the text format.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlTextAreaElement};

use crate::{browser, history::History, paste, plain_text, store::Store};

/// Takes the paragraphs, headings, lists and tables on the clipboard. Anything else is pasted by the
/// browser, as plain text.
pub fn paste(store: Store, event: &Event) {
    let area = event.target().and_then(|it| it.dyn_into::<HtmlTextAreaElement>().ok());
    let blocks = browser::pasted_page(event).and_then(|page| paste::blocks(&page));
    let (Some(area), Some(blocks)) = (area, blocks) else { return };
    event.prevent_default();
    // One step, whatever was typed before it and is typed after it.
    store.history.update(History::end_step);
    let text = plain_text::format(&blocks);
    browser::insert(&area, |before, after| paste::between(before, &text, after));
    store.history.update(History::end_step);
    store.announce(&paste::summary(&blocks));
}
