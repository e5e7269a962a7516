//! Choosing one of a few.

use leptos::prelude::*;

use crate::{language::t, state::Choice};

/// A few options, all visible: radio buttons, drawn as one control.
#[component]
pub fn RadioGroup<T: Choice>(
    /// In English: ids are made of it.
    legend: &'static str,
    #[prop(into)] value: Signal<T>,
    on_change: impl Fn(T) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <fieldset class="choices">
            <legend>{t(legend)}</legend>
            <div class="choices__all">
                {T::ALL.iter().map(|it| {
                    let id = format!("{legend}-{}", it.label());
                    view! {
                        <input
                            class="visually-hidden choices__input"
                            type="radio"
                            name=legend
                            id=id.clone()
                            prop:checked=move || value.get() == *it
                            on:change=move |_| on_change(*it)
                        />
                        <label class="choices__choice" for=id>{t(it.label())}</label>
                    }
                }).collect_view()}
            </div>
        </fieldset>
    }
}

/// The same as a drop-down list.
#[component]
pub fn Select<T: Choice>(
    id: &'static str,
    label: &'static str,
    #[prop(into)] value: Signal<T>,
    on_change: impl Fn(T) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let index = move || T::ALL.iter().position(|it| *it == value.get()).unwrap_or_default();
    view! {
        <div class="field field--beside">
            <label for=id>{label}</label>
            <select
                id=id
                prop:value=move || index().to_string()
                on:change:target=move |event| {
                    let chosen = event.target().value().parse().ok();
                    if let Some(choice) = chosen.and_then(|index: usize| T::ALL.get(index)) {
                        on_change(*choice);
                    }
                }
            >
                {T::ALL.iter().enumerate().map(|(at, it)| view! {
                    <option value=at.to_string() selected=move || index() == at>{t(it.label())}</option>
                }).collect_view()}
            </select>
        </div>
    }
}

/// A drop-down list of sizes.
#[component]
pub fn SizeSelect(
    id: &'static str,
    label: &'static str,
    unit: &'static str,
    sizes: &'static [u16],
    #[prop(into)] value: Signal<u16>,
    on_change: impl Fn(u16) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <div class="field field--beside">
            <label for=id>{label}</label>
            <select
                id=id
                prop:value=move || value.get().to_string()
                on:change:target=move |event| {
                    if let Ok(size) = event.target().value().parse() {
                        on_change(size);
                    }
                }
            >
                {sizes.iter().map(|size| view! {
                    <option value=size.to_string() selected=move || value.get() == *size>
                        {format!("{size} {unit}")}
                    </option>
                }).collect_view()}
            </select>
        </div>
    }
}
