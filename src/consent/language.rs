//! Choosing the language, without losing anything.

use leptos::prelude::*;

use super::{Machine, state::Event};
use crate::i18n::Locale;

pub fn view(machine: Machine, locale: Locale) -> impl IntoView {
    let choose = move |event| {
        if let Some(chosen) = Locale::of(&event_target_value(&event)) {
            machine.send(Event::LocaleChosen(chosen));
        }
    };
    let option = move |offered: Locale| {
        view! {
            <option value=offered.tag() lang=offered.tag() selected=offered == locale>
                {offered.name()}
            </option>
        }
    };
    view! {
        <label class="language">
            <span class="visually-hidden">{locale.texts().language}</span>
            <select class="language__select" autocomplete="off" on:change=choose>
                {Locale::ALL.map(option).collect_view()}
            </select>
        </label>
    }
}
