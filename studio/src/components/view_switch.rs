use leptos::prelude::*;
use leptos_router::components::A;

use crate::{address, language::t, state::StudioState, store::Store};

/// An address of what is open: of a name, a draft and a state.
type View = fn(&str, Option<&str>, &StudioState) -> String;

/// The views of what is open.
const VIEWS: [(&str, View); 4] = [
    ("Screen", address::workbench),
    ("Matrix", address::matrix),
    ("Storyboard", address::storyboard),
    ("Compare", address::compare),
];

/// Links to the views of what is open, drawn as one control.
#[component]
pub fn ViewSwitch() -> impl IntoView {
    let store = expect_context::<Store>();
    view! {
        <nav class="views" aria-label=t("View")>
            {VIEWS.map(|(name, view)| view! {
                <A
                    href=move || address::of_open(store, view)
                    exact=true
                    attr:class="views__view"
                >{t(name)}</A>
            }).collect_view()}
        </nav>
    }
}
