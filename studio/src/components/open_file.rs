use consent_fixtures::Fixture;
use leptos::{prelude::*, task::spawn_local};

use crate::{browser, share::MAX_BYTES};

/// A button that opens a file with a fixture in it. Errors in the file are shown beside it.
#[component]
pub fn OpenFile(
    id: &'static str,
    label: &'static str,
    #[prop(into)] on_open: Callback<Fixture>,
) -> impl IntoView {
    let error = RwSignal::new(String::new());
    let error_id = format!("{id}-error");
    view! {
        <div class="open-file">
            <label class="tool" for=id>{label}</label>
            <input
                class="visually-hidden open-file__input"
                type="file"
                accept=".json,application/json"
                id=id
                aria-describedby=error_id.clone()
                on:change=move |event| spawn_local(async move {
                    let Some(text) = browser::chosen_file(&event).await else { return };
                    if text.len() > MAX_BYTES {
                        error.set("This file is larger than 4 MB.".into());
                        return;
                    }
                    match Fixture::from_json(&text) {
                        Ok(fixture) => {
                            error.set(String::new());
                            on_open.run(fixture);
                        }
                        Err(reason) => error.set(format!("This file is not a fixture: {reason}.")),
                    }
                })
            />
            <p class="error" id=error_id role="alert">{move || error.get()}</p>
        </div>
    }
}
