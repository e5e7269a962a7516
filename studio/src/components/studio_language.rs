use leptos::prelude::*;

use crate::language::{self, LANGUAGES, t};

/// The language of the studio itself. A choice loads the page again.
#[component]
pub fn StudioLanguage() -> impl IntoView {
    let current = language::current();
    view! {
        <div class="field studio-language">
            <label for="studio-language">{t("Studio")}</label>
            <select
                id="studio-language"
                aria-label=t("Language of the studio")
                on:change:target=move |event| language::choose(&event.target().value())
            >
                {LANGUAGES.map(|(tag, name)| view! {
                    <option value=tag lang=tag selected=tag == current>{name}</option>
                }).collect_view()}
            </select>
        </div>
    }
}
