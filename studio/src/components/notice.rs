use leptos::prelude::*;

use crate::{language::t, store::Store};

/// A message for every user, with a button that closes it.
#[component]
pub fn Notice() -> impl IntoView {
    let store = expect_context::<Store>();
    view! {
        <div role="status">
            <Show when=move || !store.notice.read().is_empty()>
                <div class="notice-bar">
                    <p>{move || store.notice.get()}</p>
                    <button class="tool" on:click=move |_| store.notice.set(String::new())>
                        {t("Close")}
                    </button>
                </div>
            </Show>
        </div>
    }
}
