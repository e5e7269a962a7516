//! The fixture as JSON, with mistakes shown at their line.

use consent_fixtures::Fixture;
use leptos::{html, prelude::*};

use crate::store::{Draft, Store};

#[component]
pub fn Code(store: Store) -> impl IntoView {
    // What was left unfinished when another panel was opened is here again.
    let unfinished = store.unfinished.get_untracked();
    let fault = unfinished.as_ref().and_then(|typed| Fixture::from_json(typed).err());
    let fault = RwSignal::new(fault);
    let typed = unfinished.unwrap_or_else(|| store.fixture.read_untracked().to_json());
    let typed = RwSignal::new(typed);
    let gutter = NodeRef::<html::Div>::new();
    let editor = NodeRef::<html::Textarea>::new();
    // Changed elsewhere (undone, for example): what is typed here gives way, for it is kept there.
    Effect::new(move |_| {
        let fixture = store.fixture.read();
        let same =
            typed.with_untracked(|typed| Fixture::from_json(typed).is_ok_and(|it| it == *fixture));
        if !same && fault.with_untracked(Option::is_none) {
            typed.set(fixture.to_json());
        }
    });
    let write = move |event| {
        let text = event_target_value(&event);
        match Fixture::from_json(&text) {
            Ok(fixture) => {
                fault.set(None);
                store.unfinished.set(None);
                typed.set(text);
                let new = Draft::of(&fixture, Default::default()).fixture;
                store.edit(Some("json"), |_| new);
            }
            Err(why) => {
                store.unfinished.set(Some(text.clone()));
                typed.set(text);
                fault.set(Some(why));
            }
        }
    };
    let lines = move || typed.read().lines().count().max(1);
    let at = move || fault.read().as_ref().map_or(0, |it| it.line);
    let go = move |_| {
        let Some(editor) = editor.get_untracked() else { return };
        let line = at();
        let start: usize = typed
            .read_untracked()
            .split_inclusive('\n')
            .take(line.saturating_sub(1))
            .map(|line| line.encode_utf16().count())
            .sum();
        let start = u32::try_from(start).unwrap_or_default();
        drop(editor.focus());
        drop(editor.set_selection_range(start, start));
    };
    view! {
        <div class="code">
            <p class="panel__lead">
                "The whole fixture. A mistake is shown where it is, and the preview stays as it was until \
                 it is mended."
            </p>
            <label for="json" class="visually-hidden">"The fixture as JSON"</label>
            <div class="code__editor">
                <div class="code__lines" aria-hidden="true" node_ref=gutter>
                    {move || {
                        let at = at();
                        (1..=lines())
                            .map(|line| view! {
                                <span class:code__line--wrong=line == at>{line}</span>
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
                    aria-invalid=move || fault.read().is_some().then_some("true")
                    aria-describedby="json-fault"
                    prop:value=move || typed.get()
                    on:input=write
                    on:scroll=move |_| {
                        if let (Some(editor), Some(gutter)) =
                            (editor.get_untracked(), gutter.get_untracked())
                        {
                            gutter.set_scroll_top(editor.scroll_top());
                        }
                    }
                ></textarea>
            </div>
            <div id="json-fault" role="status">
                {move || fault.get().map(|why| view! {
                    <p class="fault">{why.to_string()}</p>
                    {(why.line > 0).then(|| view! {
                        <button class="tool" on:click=go>{format!("Go to line {}", why.line)}</button>
                    })}
                    <button
                        class="tool"
                        on:click=move |_| {
                            fault.set(None);
                            store.unfinished.set(None);
                            typed.set(store.fixture.read_untracked().to_json());
                        }
                    >"Take back what does not fit"</button>
                })}
            </div>
        </div>
    }
}
