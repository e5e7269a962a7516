use leptos::prelude::*;

/// A group of rows with a legend.
#[component]
pub fn Section(legend: &'static str, children: Children) -> impl IntoView {
    view! {
        <fieldset class="section">
            <legend class="section__title">{legend}</legend>
            {children()}
        </fieldset>
    }
    .into_any()
}
