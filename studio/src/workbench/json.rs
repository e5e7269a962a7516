//! The fixture as JSON, with errors at their line.

use consent_fixtures::{Fixture, ParseError};
use leptos::{html, prelude::*};

use crate::{
    language::{t, tf},
    store::{Snapshot, Store},
};

#[component]
pub fn JsonEditor() -> impl IntoView {
    let store = expect_context::<Store>();
    // Invalid JSON survives a visit to another panel.
    let invalid = store.invalid_json.get_untracked();
    let error = RwSignal::new(invalid.as_ref().and_then(|json| Fixture::from_json(json).err()));
    let typed = RwSignal::new(invalid.unwrap_or_else(|| store.fixture.read_untracked().to_json()));
    let lines = NodeRef::<html::Div>::new();
    let editor = NodeRef::<html::Textarea>::new();
    // The fixture was changed elsewhere, for example by undo. Invalid JSON is not overwritten.
    Effect::new(move |_| {
        let fixture = store.fixture.read();
        let same =
            typed.with_untracked(|json| Fixture::from_json(json).is_ok_and(|it| it == *fixture));
        if !same && error.with_untracked(Option::is_none) {
            typed.set(fixture.to_json());
        }
    });
    let write = move |json: String| match Fixture::from_json(&json) {
        Ok(fixture) => {
            error.set(None);
            store.invalid_json.set(None);
            typed.set(json);
            let new = Snapshot::of(&fixture, Default::default()).fixture;
            store.edit(Some("json"), |_| new);
        }
        Err(reason) => {
            store.invalid_json.set(Some(json.clone()));
            typed.set(json);
            error.set(Some(reason));
        }
    };
    let discard = move || {
        error.set(None);
        store.invalid_json.set(None);
        typed.set(store.fixture.read_untracked().to_json());
    };
    let go_to_line = move |line: usize| {
        let Some(editor) = editor.get_untracked() else { return };
        let offset = typed.with_untracked(|json| offset_of_line(json, line));
        drop(editor.focus());
        drop(editor.set_selection_range(offset, offset));
    };
    let scroll_lines = move || {
        if let (Some(editor), Some(lines)) = (editor.get_untracked(), lines.get_untracked()) {
            lines.set_scroll_top(editor.scroll_top());
        }
    };
    let wrong_line = move || error.read().as_ref().map_or(0, |it| it.line);
    let count = move || typed.read().lines().count().max(1);
    view! {
        <div class="code">
            <p class="panel__lead">
                {t("The whole fixture. Errors are shown at their line, and the preview keeps its last valid \
                    state until they are fixed.")}
            </p>
            <label for="json" class="visually-hidden">{t("The fixture as JSON")}</label>
            <div class="code__editor">
                <div class="code__lines" aria-hidden="true" node_ref=lines>
                    {move || {
                        let wrong = wrong_line();
                        (1..=count())
                            .map(|line| view! {
                                <span class:code__line--wrong=line == wrong>{line}</span>
                            })
                            .collect_view()
                    }}
                </div>
                <textarea
                    id="json"
                    spellcheck="false"
                    autocomplete="off"
                    wrap="off"
                    node_ref=editor
                    aria-invalid=move || error.read().is_some().then_some("true")
                    aria-describedby="json-error"
                    prop:value=typed
                    on:input:target=move |event| write(event.target().value())
                    on:scroll=move |_| scroll_lines()
                ></textarea>
            </div>
            <div id="json-error" role="status">
                {move || error.get().map(|error| view! { <JsonError error go_to_line discard /> })}
            </div>
        </div>
    }
}

#[component]
fn JsonError(
    error: ParseError,
    go_to_line: impl Fn(usize) + Copy + 'static,
    discard: impl Fn() + Copy + 'static,
) -> impl IntoView {
    let line = error.line;
    view! {
        <p class="error" lang="en">{error.to_string()}</p>
        {(line > 0).then(|| view! {
            <button class="tool" on:click=move |_| go_to_line(line)>{tf("Go to line {line}", &[("line", &line)])}</button>
        })}
        <button class="tool" on:click=move |_| discard()>{t("Discard invalid changes")}</button>
    }
}

/// Where a line starts, in UTF-16 code units.
fn offset_of_line(text: &str, line: usize) -> u32 {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1));
    let offset: usize = before.map(|line| line.encode_utf16().count()).sum();
    u32::try_from(offset).unwrap_or_default()
}
