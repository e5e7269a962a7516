use consent_screen::browser::document;
use leptos::prelude::*;
use leptos_router::components::A;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use crate::{
    address, browser,
    components::{StudioLanguage, ViewSwitch},
    language::{t, tf},
    store::Store,
    texts,
};

/// The title, undo and redo, and the links to the other views.
#[component]
pub fn Header() -> impl IntoView {
    let store = expect_context::<Store>();
    let title = move || {
        let draft = store.saved_draft();
        draft.map_or_else(|| t(&store.fixture.read().title).to_owned(), |draft| draft.name)
    };
    Effect::new(move |_| {
        let mark = if store.is_unsaved() { "* " } else { "" };
        let page = format!("{mark}{}", title());
        document::set_title(&tf("{page} · Preview studio", &[("page", &page)]));
    });
    browser::on_window("keydown", move |event| shortcut(store, &event));
    view! {
        <header class="bar">
            <A href=address::gallery() exact=true attr:class="link">{t("All fixtures")}</A>
            <h1 class="bar__title">{title}</h1>
            <Saved />
            <Steps />
            <ViewSwitch />
            <StudioLanguage />
        </header>
    }
}

/// Undo and redo by keyboard, except in a text area, which has its own undo.
fn shortcut(store: Store, event: &web_sys::Event) {
    let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let in_text_area = target.is_some_and(|it| it.matches("textarea").unwrap_or_default());
    if !(key.ctrl_key() || key.meta_key()) || in_text_area {
        return;
    }
    match (key.key().to_ascii_lowercase().as_str(), key.shift_key()) {
        ("z", false) => store.undo(),
        ("z", true) | ("y", false) => store.redo(),
        _ => return,
    }
    event.prevent_default();
}

/// Whether the draft is saved.
#[component]
fn Saved() -> impl IntoView {
    let store = expect_context::<Store>();
    let is_unsaved = Memo::new(move |_| store.is_unsaved());
    let text = move || match (store.draft.read().is_some(), is_unsaved.get()) {
        (false, _) => String::new(),
        (true, false) => texts::draft_saved(store.source.read().as_ref().map(|it| &*it.file)),
        (true, true) => t(texts::DRAFT_NOT_SAVED).to_owned(),
    };
    view! {
        <p class="bar__saved" class:error=move || is_unsaved.get() role="status">{text}</p>
    }
}

#[component]
fn Steps() -> impl IntoView {
    let store = expect_context::<Store>();
    // Not `disabled`: a button with the focus would lose it.
    let disabled = |on: bool| (!on).then_some("true");
    let can_undo = move || store.history.read().can_undo();
    let can_redo = move || store.history.read().can_redo();
    let can_reset = move || store.is_changed() && store.original().is_some();
    view! {
        <div class="bar__steps" role="group" aria-label=t("Steps")>
            <button
                class="tool"
                aria-disabled=move || disabled(can_undo())
                on:click=move |_| store.undo()
            >{t("Undo")}</button>
            <button
                class="tool"
                aria-disabled=move || disabled(can_redo())
                on:click=move |_| store.redo()
            >{t("Redo")}</button>
            <button
                class="tool bar__reset"
                aria-disabled=move || disabled(can_reset())
                on:click=move |_| store.reset()
            >{t("Reset")}</button>
        </div>
    }
}
