//! Choosing one of a few.

use leptos::prelude::*;

use crate::state::Choice;

/// A few choices, all in sight: radio buttons, drawn as one control.
#[component]
pub fn Choices<T: Choice>(
    legend: &'static str,
    value: Signal<T>,
    set: impl Fn(T) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <fieldset class="choices">
            <legend>{legend}</legend>
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
                            on:change=move |_| set(*it)
                        />
                        <label class="choices__choice" for=id>{it.label()}</label>
                    }
                }).collect_view()}
            </div>
        </fieldset>
    }
}

/// The same in a list that opens.
#[component]
pub fn Select<T: Choice>(
    id: &'static str,
    label: &'static str,
    value: Signal<T>,
    set: impl Fn(T) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let place = move || T::ALL.iter().position(|it| *it == value.get()).unwrap_or_default();
    view! {
        <div class="field field--beside">
            <label for=id>{label}</label>
            <select
                id=id
                prop:value=move || place().to_string()
                on:change=move |event| {
                    let chosen = event_target_value(&event).parse().ok();
                    if let Some(choice) = chosen.and_then(|at: usize| T::ALL.get(at)) {
                        set(*choice);
                    }
                }
            >
                {T::ALL.iter().enumerate().map(|(at, it)| view! {
                    <option value=at.to_string() selected=move || place() == at>{it.label()}</option>
                }).collect_view()}
            </select>
        </div>
    }
}

/// A size of a list.
#[component]
pub fn Sizes(
    id: &'static str,
    label: &'static str,
    unit: &'static str,
    sizes: &'static [u16],
    value: Signal<u16>,
    set: impl Fn(u16) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <div class="field field--beside">
            <label for=id>{label}</label>
            <select
                id=id
                prop:value=move || value.get().to_string()
                on:change=move |event| {
                    if let Ok(size) = event_target_value(&event).parse() {
                        set(size);
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
