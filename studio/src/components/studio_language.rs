use leptos::prelude::*;

use crate::{
    language::{self, LANGUAGES, t},
    store::Store,
    texts,
};

/// The language of the studio itself. A choice loads the page again.
#[component]
pub fn StudioLanguage() -> impl IntoView {
    let store = expect_context::<Store>();
    let current = language::current();
    let choose = move |tag: String| {
        if !language::choose(&tag) {
            store.notice.set(t(texts::LANGUAGE_NOT_KEPT).to_owned());
        }
    };
    view! {
        <div class="field studio-language">
            <label for="studio-language">{t("Studio")}</label>
            <select
                id="studio-language"
                aria-label=t("Language of the studio")
                on:change:target=move |event| choose(event.target().value())
            >
                {LANGUAGES.map(|(tag, name)| view! {
                    <option value=tag lang=tag selected=tag == current>{name}</option>
                }).collect_view()}
            </select>
        </div>
    }
}
