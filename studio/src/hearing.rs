//! What the studio hears of a preview.

use leptos::prelude::*;

use crate::{
    message::FromPreview,
    utterance::{Announcement, Utterance},
};

/// What the studio hears of a preview.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hearing {
    /// Whether it listens.
    pub on: RwSignal<bool>,
    /// What a screen reader announces, in reading order.
    pub utterances: RwSignal<Vec<Utterance>>,
    /// What live regions have announced by themselves.
    pub announcements: RwSignal<Vec<Announcement>>,
    /// The utterance that is pointed at in the list, and that the preview outlines.
    pub pointed_here: RwSignal<Option<usize>>,
    /// The utterance under the pointer in the preview.
    pub pointed_there: RwSignal<Option<usize>>,
}

impl Hearing {
    /// Takes what a preview reports, if it is about what is heard.
    pub fn receive(self, report: &FromPreview) {
        match report {
            FromPreview::Utterances(utterances) => {
                self.utterances.try_set(utterances.clone());
            }
            FromPreview::Announced(announcement) => {
                self.announcements.try_update(|all| all.push(announcement.clone()));
            }
            FromPreview::Pointed(index) => {
                self.pointed_there.try_set(*index);
            }
            FromPreview::Measured(_)
            | FromPreview::Places(_)
            | FromPreview::Picked(_)
            | FromPreview::PinPicked(_)
            | FromPreview::Found(_) => {}
        }
    }

    /// Forgets what was heard of another page.
    pub fn clear(self) {
        self.utterances.set(Vec::new());
        self.announcements.set(Vec::new());
        self.pointed_here.set(None);
        self.pointed_there.set(None);
    }
}
