//! The state and the address: what a page begins with, and what is written while it is there.
//!
//! Every page of the studio is a load of its own, and what is to be kept goes along behind `#`.

use leptos::prelude::*;

use crate::{
    app::place_of,
    browser::{self, Keep, Later},
    share,
    state::{PreviewState, Selection, StudioState},
    store::Store,
};

/// Under what the last state is kept on this device.
const LAST: &str = "consent-studio:last";

/// Under what the steps that can be undone are kept for the next page of this tab.
const STEPS: &str = "consent-studio:steps";

/// Opens what the address asks for. False when it asks for nothing there is.
pub fn arrive(store: Store, name: &str) -> bool {
    let there = open(store, name);
    if let Some(steps) = browser::kept(Keep::InTab, STEPS) {
        store.take_up(&steps);
    }
    there
}

fn open(store: Store, name: &str) -> bool {
    let fragment = browser::fragment();
    if fragment.is_empty() {
        return store.open(name);
    }
    match share::decode::<StudioState>(&fragment) {
        Ok(shared) => store.load(name, shared),
        Err(why) => {
            // What can be shown is shown. The address stays until something is changed: it may be
            // all that somebody has of their work.
            let there = store.open(name);
            let instead = if there { " This is the case as the gallery has it." } else { "" };
            store.notice.set(format!("{}.{instead}", capital(&why.to_string())));
            store.unread.set(there.then(|| share::encode(&store.shared())));
            there
        }
    }
}

/// From now on the address says what there is to see, and what it says otherwise is opened.
pub fn follow(store: Store, name: String) {
    thread_local! {
        static SOON: Later = const { Later::new() };
    }
    let opened = name.clone();
    // A link that is opened in the same window changes nothing but what stands behind `#`.
    browser::on_window("hashchange", move |_| {
        match share::decode::<StudioState>(&browser::fragment()) {
            Ok(shared) => {
                store.load(&opened, shared);
            }
            Err(why) => {
                let why = capital(&why.to_string());
                store.notice.set(format!("{why}. What you see is as it was."));
            }
        }
    });
    browser::on_window("pagehide", move |_| browser::keep(Keep::InTab, STEPS, &store.steps()));
    Effect::new(move |_| {
        let code = share::encode(&store.shared());
        if store.name.read() != name || store.unread.read().as_ref() == Some(&code) {
            return;
        }
        // A stage later, so that not every letter is written.
        SOON.with(|soon| {
            soon.call(200, move || {
                browser::set_fragment(&code);
                browser::keep(Keep::OnDevice, LAST, &format!("{}#{code}", browser::path()));
            });
        });
    });
}

/// The address of a fixture of the gallery, in the look that is chosen now.
pub fn of_case(store: Store, name: &str) -> String {
    let shown = PreviewState {
        fixture: Selection::Gallery(name.to_owned()),
        view: store.view.get(),
        theme: store.theme(),
    };
    let shared = StudioState { shown, frame: store.frame.get(), matrix: store.matrix.get() };
    format!("{}#{}", place_of(name), share::encode(&shared))
}

/// The address of what there is to see now: the fixture, or its matrix.
pub fn of_now(store: Store, name: &str, matrix: bool) -> String {
    let page = if matrix { "/matrix" } else { "" };
    format!("{}{page}#{}", place_of(name), share::encode(&store.shared()))
}

/// Where somebody was last on this device: an address of the studio.
pub fn last() -> Option<String> {
    browser::kept(Keep::OnDevice, LAST).filter(|address| address.starts_with("/studio/cases/"))
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
