use leptos::{html, prelude::*};

use crate::platform::dialog;

/// A native modal dialog. `labelled_by` is the id of its title.
#[component]
pub fn Dialog(
    #[prop(into)] open: Signal<bool>,
    labelled_by: &'static str,
    on_close: Callback<()>,
    children: Children,
) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let open = open.get();
        if let Some(element) = element.get() {
            dialog::set_open(&element, open);
        }
    });
    // Escape, and Android's back gesture, close it without asking us: `close` tells.
    view! {
        <dialog
            class="dialog"
            node_ref=element
            aria-labelledby=labelled_by
            on:close=move |_| on_close.run(())
        >
            {children()}
        </dialog>
    }
}
