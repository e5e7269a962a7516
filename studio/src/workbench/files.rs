//! Cases that come from elsewhere.

use consent_fixtures::Case;
use leptos::{prelude::*, task::spawn_local};

use super::OWN;
use crate::{
    browser,
    share::MOST,
    shown::{Chosen, Shared, Shown},
    store::Store,
    theme::Theme,
};

/// Opens a case that is none of the gallery's, in the look that is chosen.
pub fn bring(store: Store, case: &Case) {
    let shown = Shown {
        case: Chosen::Own(Box::new(case.clone())),
        view: store.view.get_untracked(),
        theme: Theme::default(),
    };
    let frame = store.frame.get_untracked();
    let matrix = store.matrix.get_untracked();
    store.load(OWN, Shared { shown, frame, matrix });
}

/// A button for a file with a case in it. What is wrong with the file is said beside it.
#[component]
pub fn Bring(id: &'static str, label: &'static str, on_case: Callback<Case>) -> impl IntoView {
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
                    match Case::from_json(&text) {
                        Ok(case) => {
                            fault.set(String::new());
                            on_case.run(case);
                        }
                        Err(why) => fault.set(format!("This file is no case: {why}.")),
                    }
                })
            />
            <p class="fault" id=fault_id role="alert">{move || fault.get()}</p>
        </div>
    }
}
