use leptos::prelude::*;

use crate::browser::dialog::set_open;

/// A native modal dialog. `labelled_by` is the id of its title.
#[component]
pub fn Dialog(
    id: &'static str,
    labelled_by: &'static str,
    #[prop(into)] open: Signal<bool>,
    on_close: Callback<()>,
    children: Children,
) -> impl IntoView {
    // Effects run once the dialog is in the document.
    Effect::new(move |_| set_open(id, open.get()));
    // Escape, and Android's back gesture, close the dialog directly: only `close` reports it.
    view! {
        <dialog class="dialog" id=id aria-labelledby=labelled_by on:close=move |_| on_close.run(())>
            {children()}
        </dialog>
    }
    .into_any()
}
