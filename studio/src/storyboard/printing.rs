//! Printing: every frame is loaded first.

use std::{collections::BTreeSet, time::Duration};

use leptos::prelude::*;

use super::Shared;
use crate::{
    browser,
    language::{t, tf},
};

/// How long frames are there after a printing: some users print again, and loading all takes a moment.
const DROP_DELAY: Duration = Duration::from_secs(10);

/// How far a printing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Only frames in view are loaded.
    Idle,
    /// Every frame is loaded, and then the browser's dialog opens.
    Loading,
    /// The dialog is open.
    Open,
}

/// The state of a printing.
#[derive(Clone, Copy)]
pub struct Printing {
    phase: RwSignal<Phase>,
    /// The numbers of the states whose frame is drawn.
    drawn: RwSignal<BTreeSet<usize>>,
}

impl Printing {
    pub fn new() -> Self {
        Self { phase: RwSignal::new(Phase::Idle), drawn: RwSignal::default() }
    }

    /// Whether frames out of view are loaded, too.
    pub fn holds_frames(self) -> bool {
        self.phase.get() != Phase::Idle
    }

    /// Follows whether the frame of a state is drawn, while its card is there.
    pub fn follow(self, number: usize, is_drawn: Signal<bool>) {
        Effect::new(move |_| {
            let is_drawn = is_drawn.get();
            self.drawn.update(|drawn| {
                if is_drawn {
                    drawn.insert(number);
                } else {
                    drawn.remove(&number);
                }
            });
        });
        on_cleanup(move || {
            self.drawn.try_update(|drawn| drawn.remove(&number));
        });
    }
}

/// Loads every frame, opens the browser's dialog, and drops the frames after it.
#[component]
pub fn PrintButton() -> impl IntoView {
    let Shared { board, printing, .. } = expect_context();
    let Printing { phase, drawn } = printing;
    let total = Memo::new(move |_| board.read().cards().count());
    // How often the button was pressed.
    let count = StoredValue::new(0_u32);
    let is_loading = move || phase.get() == Phase::Loading;
    Effect::new(move |_| {
        if is_loading() && drawn.read().len() >= total.get() {
            phase.set(Phase::Open);
            browser::when_drawn(browser::print);
        }
    });
    // While frames are loaded, the user may print what is in view.
    browser::on_window("afterprint", move |_| {
        if phase.try_get_untracked() == Some(Phase::Open) {
            let printed = count.get_value();
            let drop_frames = move || {
                if count.try_get_value() == Some(printed) {
                    phase.set(Phase::Idle);
                }
            };
            set_timeout(drop_frames, DROP_DELAY);
        }
    });
    let press = move |_| {
        count.update_value(|count| *count += 1);
        let next =
            if phase.get_untracked() == Phase::Loading { Phase::Idle } else { Phase::Loading };
        phase.set(next);
    };
    let progress = move || match is_loading() {
        true => tf(
            "Loading {drawn} of {count} pictures",
            &[("drawn", &drawn.read().len()), ("count", &total.get())],
        ),
        false => String::new(),
    };
    view! {
        <p class="bar__progress" role="status">{progress}</p>
        <button class="tool tool--main" on:click=press>
            {move || if is_loading() { t("Cancel") } else { t("Print") }}
        </button>
    }
}
