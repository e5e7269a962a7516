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
    // A language that the service has no texts in would change nothing.
    let of_service = form.page.with_untracked(|page| page.form()?.request.languages.clone());
    let is_of_service = |it: Locale| {
        it == locale
            || of_service
                .as_ref()
                .is_none_or(|tags| tags.split(' ').any(|tag| Locale::of(tag) == Some(it)))
    };
    let options = Locale::all().filter(|it| is_of_service(*it)).map(|offered| {
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
