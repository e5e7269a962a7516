//! Notes on places of the preview: pinned by a click or from a list, written, settled and deleted.

mod list;
mod noting;

use leptos::prelude::*;

use crate::{browser, language::t, message::Spot, notes::place_name, store::Store, texts};
use list::{OpenNotes, ResolvedNotes};

pub use noting::Noting;

/// The id of the button that adds a note.
const ADD: &str = "add-note";

/// The key of the whole page as a place.
const PAGE: &str = "page";

/// The panel. While it is there, the preview shows the notes, and a click pins one.
#[component]
pub fn NotesPanel() -> impl IntoView {
    let noting = expect_context::<Noting>();
    noting.begin();
    on_cleanup(move || noting.end());
    view! {
        <div class="notes">
            <p class="panel__lead">{t(texts::ABOUT_NOTES)}</p>
            <AddNote />
            <h2 class="visually-hidden">{t("Notes")}</h2>
            <OpenNotes />
            <ResolvedNotes />
        </div>
    }
}

/// Pins a note without a pointer.
#[component]
fn AddNote() -> impl IntoView {
    let store = expect_context::<Store>();
    let noting = expect_context::<Noting>();
    let chosen = RwSignal::new(PAGE.to_owned());
    let places = Memo::new(move |_| {
        let (fixture, found) = (store.fixture.read(), noting.places.read());
        let found = found.as_deref().unwrap_or_default();
        let named = found.iter().map(|it| (it.at.clone(), place_name(&it.at, &fixture, found)));
        named.collect::<Vec<_>>()
    });
    // A place that is gone cannot be chosen any more.
    let at = move || {
        let chosen = chosen.get();
        let is_there = places.read().iter().any(|(at, _)| *at == chosen);
        if is_there { chosen } else { PAGE.to_owned() }
    };
    // A corner: a pin in the middle would cover the words.
    let add = move |_| noting.add(store, Spot { at: untrack(at), x: 100, y: 0 });
    view! {
        <div class="notes__add">
            <div class="field">
                <label for="note-place">{t("Place")}</label>
                <select
                    id="note-place"
                    prop:value=at
                    on:change:target=move |event| chosen.set(event.target().value())
                >
                    {move || places.get().into_iter().map(|(place, name)| {
                        let selected = place == at();
                        view! { <option value=place selected=selected>{name}</option> }
                    }).collect_view()}
                </select>
            </div>
            <button class="tool tool--main" id=ADD on:click=add>{t("Add a note")}</button>
        </div>
    }
}

/// The id of the text of a note.
fn field_id(number: u32) -> String {
    format!("note:{number}")
}

/// Focuses the text of a note, or else the button that adds one.
fn focus_note(number: Option<u32>) {
    let id = number.map_or_else(|| ADD.to_owned(), field_id);
    browser::when_drawn(move || browser::focus(&id));
}
