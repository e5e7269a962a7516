//! The state of the notes that is in no draft: whether they are shown, and what the preview reports.

use leptos::prelude::*;

use super::focus_note;
use crate::{
    message::{FoundPlace, FromPreview, Spot, ToPreview},
    notes::{self, pins, place_name},
    store::Store,
    texts,
};

/// Whether notes are shown, and where they can be.
#[derive(Clone, Copy)]
pub struct Noting {
    is_on: RwSignal<bool>,
    /// The places that the preview has. None while it is not drawn.
    pub places: RwSignal<Option<Vec<FoundPlace>>>,
    /// The number of the note that the preview brings into view.
    pub chosen: RwSignal<Option<u32>>,
}

impl Noting {
    pub fn new() -> Self {
        Self {
            is_on: RwSignal::new(false),
            places: RwSignal::new(None),
            chosen: RwSignal::new(None),
        }
    }

    pub fn begin(self) {
        self.is_on.set(true);
    }

    pub fn end(self) {
        self.is_on.try_set(false);
        self.places.try_set(None);
        self.chosen.try_set(None);
    }

    /// What the preview shows of the notes.
    pub fn shown(self, store: Store) -> ToPreview {
        let notes = self.is_on.get().then(|| pins(&store.fixture.read().notes, self.chosen.get()));
        ToPreview::Notes(notes)
    }

    /// Takes what the preview reports.
    pub fn receive(self, store: Store, report: FromPreview) {
        match report {
            FromPreview::Places(places) if self.is_on.get_untracked() => {
                self.places.set(Some(places));
            }
            FromPreview::Picked(spot) => self.add(store, spot),
            FromPreview::PinPicked(number) => focus_note(Some(number)),
            FromPreview::Places(_)
            | FromPreview::Measured(_)
            | FromPreview::Utterances(_)
            | FromPreview::Announced(_)
            | FromPreview::Pointed(_)
            | FromPreview::Found(_) => {}
        }
    }

    /// Adds a note, and goes to its text.
    pub fn add(self, store: Store, spot: Spot) {
        let name = untrack(|| {
            let (fixture, places) = (store.fixture.read(), self.places.read());
            place_name(&spot.at, &fixture, places.as_deref().unwrap_or_default())
        });
        let mut number = 0;
        store.edit(None, |fixture| {
            let (fixture, added) = notes::added(fixture, spot);
            number = added;
            fixture
        });
        store.announce(&texts::note_added(number, &name));
        focus_note(Some(number));
    }
}
