//! Cases that come from elsewhere.

use consent_fixtures::Fixture;
use leptos::{prelude::*, task::spawn_local};

use super::OWN;
use crate::{
    browser,
    share::MOST,
    state::{PreviewState, Selection, StudioState},
    store::Store,
    theme::Theme,
};

/// Opens a fixture that is none of the gallery's, in the look that is chosen.
pub fn bring(store: Store, fixture: &Fixture) {
    let shown = PreviewState {
        fixture: Selection::Custom(Box::new(fixture.clone())),
        view: store.view.get_untracked(),
        theme: Theme::default(),
    };
    let frame = store.frame.get_untracked();
    let matrix = store.matrix.get_untracked();
    store.load(OWN, StudioState { shown, frame, matrix });
}

/// A button for a file with a fixture in it. What is wrong with the file is said beside it.
#[component]
pub fn Bring(id: &'static str, label: &'static str, on_case: Callback<Fixture>) -> impl IntoView {
    let fault = RwSignal::new(String::new());
    let fault_id = format!("{id}-fault");
    view! {
        <div class="bring">
            <label class="tool" for=id>{label}</label>
            <input
                class="visually-hidden bring__input"
                type="file"
                accept=".json,application/json"
                id=id
                aria-describedby=fault_id.clone()
                on:change=move |event| spawn_local(async move {
                    let Some(text) = browser::chosen_file(&event).await else { return };
                    if text.len() > MOST {
                        fault.set("This file is too large: 4 MB are the most.".into());
                        return;
                    }
                    match Fixture::from_json(&text) {
                        Ok(fixture) => {
                            fault.set(String::new());
                            on_case.run(fixture);
                        }
                        Err(why) => fault.set(format!("This file is no case: {why}.")),
                    }
                })
            />
            <p class="fault" id=fault_id role="alert">{move || fault.get()}</p>
        </div>
    }
}
