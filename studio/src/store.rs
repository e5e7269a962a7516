//! The state of the studio, shared by its pages.

use consent_fixtures::{Fixture, named};
use consent_lint::{
    Finding,
    rendered::{self, Rendered},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    history::History,
    state::{Frame, Matrix, PreviewState, Selection, StudioState, View},
    theme::Theme,
};

/// What undo and redo apply to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The fixture, as JSON that [`Fixture::from_json`] parses.
    pub fixture: Value,
    pub theme: Theme,
}

impl Draft {
    pub fn of(fixture: &Fixture, theme: Theme) -> Self {
        let fixture = serde_json::to_value(fixture).expect("a fixture always becomes JSON");
        Self { fixture, theme }
    }
}

/// A handle to the state.
#[derive(Clone, Copy)]
pub struct Store {
    /// The fixture of the gallery that was opened, or another name for one from a file.
    pub name: RwSignal<String>,
    /// Whether the address names a fixture.
    pub found: RwSignal<bool>,
    pub history: RwSignal<History<Draft>>,
    pub view: RwSignal<View>,
    pub frame: RwSignal<Frame>,
    pub matrix: RwSignal<Matrix>,
    /// What the preview has measured of itself.
    pub measured: RwSignal<Option<Rendered>>,
    /// The last action, for screen readers.
    pub announcement: RwSignal<String>,
    /// JSON with an error, as it was typed.
    pub invalid_json: RwSignal<Option<String>>,
    /// A message for every user; empty for none.
    pub notice: RwSignal<String>,
    /// The code of the state that is shown for an unreadable address.
    pub unreadable_address: RwSignal<Option<String>>,
    pub fixture: Memo<Fixture>,
    pub findings: Memo<Vec<Finding>>,
}

impl Store {
    /// No fixture is open yet.
    pub fn new() -> Self {
        let first = consent_fixtures::all().next().expect("the gallery is not empty");
        let history = RwSignal::new(History::new(Draft::of(&first.fixture, Theme::default())));
        let measured = RwSignal::new(None);
        let fixture = Memo::new(move |before: Option<&Fixture>| {
            let json = history.read().now().fixture.to_string();
            // The history only has valid fixtures.
            Fixture::from_json(&json).ok().or_else(|| before.cloned()).expect("a fixture")
        });
        let findings = Memo::new(move |_| {
            let mut findings = fixture.read().lint();
            findings.extend(measured.read().as_ref().map(rendered::check).unwrap_or_default());
            findings.sort_by_key(|finding| finding.rule.severity);
            findings
        });
        Self {
            name: RwSignal::default(),
            found: RwSignal::default(),
            history,
            view: RwSignal::default(),
            frame: RwSignal::default(),
            matrix: RwSignal::default(),
            measured,
            announcement: RwSignal::default(),
            invalid_json: RwSignal::default(),
            notice: RwSignal::default(),
            unreadable_address: RwSignal::default(),
            fixture,
            findings,
        }
    }

    /// Opens a fixture of the gallery, unless it is open. False if there is none of this name.
    pub fn open(self, name: &str) -> bool {
        if self.name.with_untracked(|open| open == name) {
            return true;
        }
        let Some(found) = named(name) else { return false };
        self.view.set(View::default());
        self.frame.set(Frame::default());
        self.matrix.set(Matrix::default());
        self.replace(name, Draft::of(&found.fixture, Theme::default()));
        true
    }

    /// Opens the state of an address. False if that names a fixture that is not in the gallery.
    pub fn load(self, name: &str, state: StudioState) -> bool {
        let StudioState { preview: PreviewState { fixture, view, theme }, frame, matrix } = state;
        let Some(fixture) = fixture.fixture() else { return false };
        self.view.set(view.offered());
        self.frame.set(frame.offered());
        self.matrix.set(matrix);
        self.replace(name, Draft::of(&fixture, theme));
        // Undo returns to the fixture of the gallery.
        if let Some(original) = named(name).filter(|original| original.fixture != fixture) {
            let now = self.draft();
            let mut history = History::new(Draft::of(&original.fixture, now.theme.clone()));
            history.change(now, None);
            self.history.set(history);
        }
        true
    }

    /// The undo history, for the session storage.
    pub fn steps(self) -> String {
        let steps = (self.name.get_untracked(), self.history.get_untracked());
        serde_json::to_string(&steps).expect("steps become JSON")
    }

    /// Restores an undo history, if it ends at the current state.
    pub fn restore_steps(self, steps: &str) {
        let Ok((name, history)) = serde_json::from_str::<(String, History<Draft>)>(steps) else {
            return;
        };
        if self.name.with_untracked(|open| *open == name) && *history.now() == self.draft() {
            self.history.set(history);
        }
    }

    fn replace(self, name: &str, draft: Draft) {
        name.clone_into(&mut self.name.write());
        self.history.set(History::new(draft));
        self.invalid_json.set(None);
        self.measured.set(None);
        self.notice.set(String::new());
        self.unreadable_address.set(None);
    }

    /// Changes the fixture. Consecutive changes of the same `field` are one step. An invalid change is
    /// not made, and a notice shows the reason.
    pub fn edit(self, field: Option<&str>, change: impl FnOnce(&Value) -> Value) {
        let Draft { fixture, theme } = self.draft();
        let fixture = change(&fixture);
        match Fixture::from_json(&fixture.to_string()) {
            Ok(_) => {
                self.history.update(|history| history.change(Draft { fixture, theme }, field));
                self.notice.set(String::new());
            }
            Err(error) => self.notice.set(format!("Invalid change: {error}.")),
        }
    }

    /// Changes the theme.
    pub fn edit_theme(self, field: &str, change: impl FnOnce(&mut Theme)) {
        let mut draft = self.draft();
        change(&mut draft.theme);
        self.history.update(|history| history.change(draft, Some(field)));
    }

    fn draft(self) -> Draft {
        self.history.with_untracked(|history| history.now().clone())
    }

    /// Announces something to screen readers, even if it is the same text as before.
    pub fn announce(self, text: &str) {
        let again = self.announcement.with_untracked(|before| before == text);
        // An unchanged live region is not read again.
        self.announcement.set(if again { format!("{text}\u{a0}") } else { text.to_owned() });
    }

    pub fn undo(self) {
        self.history.update(History::undo);
        self.announce("Undone");
    }

    pub fn redo(self) {
        self.history.update(History::redo);
        self.announce("Redone");
    }

    /// Restores the fixture of the gallery and the screen's own theme. Can be undone.
    pub fn reset(self) {
        if let Some(fixture) = self.original() {
            let draft = Draft::of(&fixture, Theme::default());
            self.history.update(|history| history.change(draft, None));
            self.announce("Reset");
        }
    }

    /// The fixture as the gallery has it, if it is in the gallery.
    pub fn original(self) -> Option<Fixture> {
        self.name.with(|name| named(name).map(|it| it.fixture.clone()))
    }

    /// Whether anything was changed.
    pub fn is_changed(self) -> bool {
        let theme = self.history.with(|history| !history.now().theme.is_empty());
        theme || self.original().is_none_or(|original| original != *self.fixture.read())
    }

    /// What the preview shows.
    pub fn preview(self) -> PreviewState {
        let fixture = self.fixture.get();
        let name = self.name.get();
        let is_original = named(&name).is_some_and(|it| it.fixture == fixture);
        let fixture = if is_original {
            Selection::Gallery(name)
        } else {
            Selection::Custom(Box::new(fixture))
        };
        PreviewState { fixture, view: self.view.get(), theme: self.theme() }
    }

    /// The tokens that were changed.
    pub fn theme(self) -> Theme {
        self.history.with(|history| history.now().theme.clone())
    }

    /// The theme of the fixture, with the tokens that were changed.
    pub fn shown_theme(self) -> Theme {
        self.fixture.read().theme.overlaid(&self.theme())
    }

    /// The whole state, for an address.
    pub fn state(self) -> StudioState {
        StudioState { preview: self.preview(), frame: self.frame.get(), matrix: self.matrix.get() }
    }
}
