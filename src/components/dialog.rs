use leptos::prelude::{Effect, Get, Memo};

use super::{Element, el};
use crate::platform::dialog::set_open;

/// A native modal dialog. `labelled_by` is the id of its title.
pub fn dialog(
    id: &'static str,
    labelled_by: &'static str,
    open: Memo<bool>,
    on_close: impl Fn() + 'static,
) -> Element {
    // Effects run once the dialog is in the document.
    Effect::new(move |_| set_open(id, open.get()));
    // Escape, and Android's back gesture, close it without asking us: `close` tells.
    el("dialog")
        .class("dialog")
        .id(id)
        .attr("aria-labelledby", labelled_by)
        .on("close", move |_| on_close())
}
