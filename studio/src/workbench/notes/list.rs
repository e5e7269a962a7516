//! The notes of what is open: those to settle, each with its text, and those that are.

use consent_fixtures::Note;
use leptos::prelude::*;

use super::{Noting, field_id, focus_note};
use crate::{
    language::{t, tf},
    notes::{self, is_gone, next, place_name},
    store::Store,
    texts,
};

/// The numbers of the notes that are settled, or that are not.
fn numbers(store: Store, resolved: bool) -> Memo<Vec<u32>> {
    Memo::new(move |_| {
        let fixture = store.fixture.read();
        let notes = fixture.notes.iter().filter(|it| it.resolved == resolved);
        notes.map(|it| it.number).collect()
    })
}

/// A note, while it is there.
fn note(store: Store, number: u32) -> Memo<Option<Note>> {
    Memo::new(move |_| store.fixture.read().notes.iter().find(|it| it.number == number).cloned())
}

#[component]
pub fn OpenNotes() -> impl IntoView {
    let store = expect_context::<Store>();
    let open = numbers(store, false);
    view! {
        <Show when=move || store.fixture.read().notes.is_empty()>
            <p class="notes__none">{t(texts::NO_NOTES)}</p>
        </Show>
        <ol class="notes__list" aria-label=t("Open notes")>
            <For each=move || open.get() key=|number| *number let:number>
                <OpenNote number open />
            </For>
        </ol>
    }
}

#[component]
fn OpenNote(number: u32, open: Memo<Vec<u32>>) -> impl IntoView {
    let store = expect_context::<Store>();
    let noting = expect_context::<Noting>();
    let note = note(store, number);
    let text = move || note.read().as_ref().map(|it| it.text.clone()).unwrap_or_default();
    let id = field_id(number);
    let step = format!("/notes/{number}/text");
    let write = move |text: String| {
        store.edit(Some(&step), |fixture| notes::with(fixture, number, |it| it.text = text));
    };
    let resolve = move |_| {
        let next = next(&open.get_untracked(), number);
        store.edit(None, |fixture| notes::with(fixture, number, |it| it.resolved = true));
        store.announce(&texts::note_resolved(number));
        focus_note(next);
    };
    let delete = move |_| {
        let next = next(&open.get_untracked(), number);
        store.edit(None, |fixture| notes::without(fixture, number));
        store.announce(&texts::note_deleted(number));
        focus_note(next);
    };
    view! {
        <li class="note">
            <Head number note />
            <div class="field">
                <label class="visually-hidden" for=id.clone()>{tf("Text of note {number}", &[("number", &number)])}</label>
                <textarea
                    id=id
                    rows="2"
                    placeholder=t("What should change here?")
                    prop:value=text
                    on:focus=move |_| noting.chosen.set(Some(number))
                    on:input:target=move |event| write(event.target().value())
                ></textarea>
            </div>
            <div class="note__tools">
                <button
                    class="tool"
                    aria-label=tf("Resolve note {number}", &[("number", &number)])
                    on:click=resolve
                >{t("Resolve")}</button>
                <button
                    class="tool"
                    aria-label=tf("Delete note {number}", &[("number", &number)])
                    on:click=delete
                >{t("Delete")}</button>
            </div>
        </li>
    }
}

/// The number of a note, and its place.
#[component]
fn Head(number: u32, note: Memo<Option<Note>>) -> impl IntoView {
    let store = expect_context::<Store>();
    let noting = expect_context::<Noting>();
    let at = Memo::new(move |_| note.read().as_ref().map(|it| it.at.clone()).unwrap_or_default());
    let name = move || {
        let (fixture, places) = (store.fixture.read(), noting.places.read());
        place_name(&at.read(), &fixture, places.as_deref().unwrap_or_default())
    };
    let is_gone = move || is_gone(&at.read(), noting.places.read().as_deref());
    view! {
        <p class="note__head">
            <span class="note__number"><span class="visually-hidden">{t("Note")} " "</span>{number}</span>
            " " <bdi class="note__place">{name}</bdi>
        </p>
        <Show when=is_gone>
            <p class="note__gone">{t(texts::PLACE_IS_GONE)}</p>
        </Show>
    }
}

#[component]
pub fn ResolvedNotes() -> impl IntoView {
    let store = expect_context::<Store>();
    let resolved = numbers(store, true);
    let count = move || resolved.read().len();
    view! {
        <Show when=move || !resolved.read().is_empty()>
            <details class="section notes__resolved">
                <summary><h2>{move || tf("Resolved ({count})", &[("count", &count())])}</h2></summary>
                <ol class="notes__list" aria-label=t("Resolved notes")>
                    <For each=move || resolved.get() key=|number| *number let:number>
                        <ResolvedNote number />
                    </For>
                </ol>
            </details>
        </Show>
    }
}

#[component]
fn ResolvedNote(number: u32) -> impl IntoView {
    let store = expect_context::<Store>();
    let note = note(store, number);
    let text = move || note.read().as_ref().map(|it| it.text.clone()).unwrap_or_default();
    let reopen = move |_| {
        store.edit(None, |fixture| notes::with(fixture, number, |it| it.resolved = false));
        store.announce(&texts::note_reopened(number));
        focus_note(Some(number));
    };
    let delete = move |_| {
        store.edit(None, |fixture| notes::without(fixture, number));
        store.announce(&texts::note_deleted(number));
        focus_note(None);
    };
    view! {
        <li class="note note--resolved">
            <Head number note />
            <p class="note__text"><s>{text}</s></p>
            <div class="note__tools">
                <button
                    class="tool"
                    aria-label=tf("Reopen note {number}", &[("number", &number)])
                    on:click=reopen
                >{t("Reopen")}</button>
                <button
                    class="tool"
                    aria-label=tf("Delete note {number}", &[("number", &number)])
                    on:click=delete
                >{t("Delete")}</button>
            </div>
        </li>
    }
}
