use consent_fixtures::Fixture;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;

use crate::{
    browser,
    language::t,
    opened::{self, Content, OpenedFile},
    opening,
    store::Store,
    texts,
};

/// A button that opens a file with a fixture or with services in it. Errors in the file are shown beside
/// it.
#[component]
pub fn OpenFile(
    id: &'static str,
    /// Of a file that has a fixture.
    #[prop(into)]
    on_open: Callback<Fixture>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let navigate = use_navigate();
    let error = RwSignal::new(String::new());
    let error_id = format!("{id}-error");
    let open = Callback::new(move |file: OpenedFile| {
        let outcome = opened::read(file).and_then(|content| match content {
            Content::Fixture(fixture) => {
                on_open.run(*fixture);
                Ok(())
            }
            Content::Services(services) => opening::choose(store, &navigate, services),
        });
        error.set(outcome.err().unwrap_or_default());
    });
    view! {
        <div class="open-file">
            <label class="tool" for=id>{t(texts::OPEN_FILE)}</label>
            <input
                class="visually-hidden open-file__input"
                type="file"
                accept=".json,.toml,application/json,application/toml"
                id=id
                aria-describedby=error_id.clone()
                on:change=move |event| spawn_local(async move {
                    if let Some(file) = browser::chosen_file(&event).await {
                        open.run(file);
                    }
                })
            />
            <p class="error" id=error_id role="alert">{move || error.get()}</p>
        </div>
    }
}
