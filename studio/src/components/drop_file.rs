use std::time::Duration;

use leptos::{leptos_dom::helpers::debounce, prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;

use crate::{
    browser,
    language::t,
    opened::{self, Content, OpenedFile},
    opening,
    state::View,
    store::Store,
    texts,
};

/// How long after the last event of a drag it has left the page. Firefox sends one each 350 ms.
const LEFT_AFTER: Duration = Duration::from_millis(600);

/// Takes files that are dropped anywhere: each becomes a draft. The button that opens a file does the same
/// by keyboard.
#[component]
pub fn DropFile() -> impl IntoView {
    let store = expect_context::<Store>();
    let navigate = use_navigate();
    let is_over = RwSignal::new(false);
    let left = StoredValue::new_local(debounce(LEFT_AFTER, move |()| {
        is_over.try_set(false);
    }));
    browser::on_window("dragover", move |event| {
        if browser::has_files(&event) {
            event.prevent_default();
            is_over.set(true);
            left.update_value(|left| left(()));
        }
    });
    let open = Callback::new(move |file: OpenedFile| {
        let outcome = opened::read(file).and_then(|content| match content {
            Content::Fixture(fixture) => {
                opening::as_draft(store, &navigate, *fixture, View::default(), None);
                Ok(())
            }
            Content::Services(services) => opening::choose(store, &navigate, services),
        });
        store.notice.set(outcome.err().unwrap_or_default());
    });
    browser::on_window("drop", move |event| {
        if browser::has_files(&event) {
            event.prevent_default();
            is_over.set(false);
            spawn_local(async move {
                if let Some(file) = browser::dropped_file(event).await {
                    open.run(file);
                }
            });
        }
    });
    view! {
        // Over the previews, which would take the file themselves.
        <Show when=move || is_over.get()>
            <div class="drop" aria-hidden="true"><p>{t(texts::DROP_FILE)}</p></div>
        </Show>
    }
}
