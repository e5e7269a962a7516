//! The choice of the language. Nothing is lost by it.

use consent_contract::form::{SHOW, field};
use leptos::{ev, prelude::*};

use super::{
    ConsentForm,
    ids::{CONSENT_FORM, LANGUAGE},
    state::Event,
};
use crate::{
    browser::input,
    components::Variant,
    i18n::{self, Locale},
};

/// `locale` is the one that is chosen.
#[component]
pub fn LanguageSelect(locale: Locale) -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let texts_in = form.page.with_untracked(|page| page.form()?.request.languages.clone());
    // A language that the service has no texts in would change nothing.
    let is_spoken = |it: Locale| {
        let languages = texts_in.as_deref().unwrap_or_default();
        texts_in.is_none() || languages.iter().any(|tag| Locale::of(tag) == Some(it))
    };
    let offered = Locale::all().filter(|it| *it == locale || is_spoken(*it));
    let options = offered.map(|offered| {
        let tag = offered.tag();
        view! {
            <option value=tag lang=tag translate="no" selected=offered == locale>
                {offered.name()}
            </option>
        }
    });
    let change = move |event: ev::Event| {
        if let Some(chosen) = Locale::of(&input::chosen(&event)) {
            form.dispatch(Event::LocaleChosen(chosen));
        }
    };
    view! {
        <label class="language">
            <span class="visually-hidden">{form.texts().language}</span>
            <select
                id=LANGUAGE
                class="language__select"
                autocomplete="off"
                name=field::LANGUAGE
                form=CONSENT_FORM
                on:change=change
            >
                {options.collect_view()}
            </select>
        </label>
    }
    .into_any()
}

/// Submits the choice. Visible only where no app is mounted.
#[component]
pub fn LanguageButton(locale: Locale) -> impl IntoView {
    view! {
        <button
            type="submit"
            class=Variant::Link.class()
            name=field::DECISION
            value=SHOW
            id=SHOW
            form=CONSENT_FORM
            data-no-wasm
        >
            {i18n::texts(locale).language}
        </button>
    }
    .into_any()
}
