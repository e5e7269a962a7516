//! What is being looked at and changed, for every page of the studio.

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

/// What undo and redo go over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The fixture, as JSON that [`Fixture::from_json`] reads.
    pub fixture: Value,
    pub theme: Theme,
}

impl Draft {
    pub fn of(fixture: &Fixture, theme: Theme) -> Self {
        let fixture = serde_json::to_value(fixture).expect("a case always becomes JSON");
        Self { fixture, theme }
    }
}

/// A handle to the state.
#[derive(Clone, Copy)]
pub struct Store {
    /// The fixture of the gallery that this began with; of another name for one that was brought.
    pub name: RwSignal<String>,
    pub history: RwSignal<History<Draft>>,
    pub view: RwSignal<View>,
    pub frame: RwSignal<Frame>,
    pub matrix: RwSignal<Matrix>,
    /// What the preview has measured of itself.
    pub seen: RwSignal<Option<Rendered>>,
    /// What was done last, for those who do not see it.
    pub told: RwSignal<String>,
    /// JSON that is no fixture yet, as it was typed.
    pub unfinished: RwSignal<Option<String>>,
    /// Something that everybody must see; empty for nothing.
    pub notice: RwSignal<String>,
    /// The state that stands for an address that could not be read, until it is changed.
    pub unread: RwSignal<Option<String>>,
    pub fixture: Memo<Fixture>,
    pub findings: Memo<Vec<Finding>>,
}

impl Store {
    /// Nothing is being looked at yet.
    pub fn new() -> Self {
        let first = consent_fixtures::all().next().expect("the gallery is not empty");
        let draft = Draft::of(&first.fixture, Theme::default());
        let history = RwSignal::new(History::new(draft));
        let seen = RwSignal::new(None);
        let fixture = Memo::new(move |before: Option<&Fixture>| {
            let json = history.read().now().fixture.to_string();
            // Only what can be read gets into the history.
            Fixture::from_json(&json).ok().or_else(|| before.cloned()).expect("a case")
        });
        let findings = Memo::new(move |_| {
            let mut findings = fixture.read().lint();
            findings.extend(seen.read().as_ref().map(rendered::check).unwrap_or_default());
            findings.sort_by_key(|finding| finding.rule.severity);
            findings
        });
        Self {
            name: RwSignal::new(String::new()),
            history,
            view: RwSignal::default(),
            frame: RwSignal::default(),
            matrix: RwSignal::default(),
            seen,
            told: RwSignal::default(),
            unfinished: RwSignal::default(),
            notice: RwSignal::default(),
            unread: RwSignal::default(),
            fixture,
            findings,
        }
    }

    /// Opens a fixture of the gallery, unless it is open already. False when there is none.
    pub fn open(self, name: &str) -> bool {
        if self.name.with_untracked(|open| open == name) {
            return true;
        }
        let Some(found) = named(name) else { return false };
        self.put(name, Draft::of(&found.fixture, self.draft().theme));
        true
    }

    /// Opens what an address holds. False when that names a fixture that is not in the gallery.
    pub fn load(self, name: &str, shared: StudioState) -> bool {
        let StudioState { shown: PreviewState { fixture, view, theme }, frame, matrix } = shared;
        let Some(fixture) = fixture.fixture() else { return false };
        self.view.set(view.offered());
        self.frame.set(frame.offered());
        self.matrix.set(matrix);
        self.put(name, Draft::of(&fixture, theme));
        // What it began with can be had back.
        if let Some(origin) = named(name).filter(|origin| origin.fixture != fixture) {
            let now = self.draft();
            let mut history = History::new(Draft::of(&origin.fixture, now.theme.clone()));
            history.change(now, None);
            self.history.set(history);
        }
        true
    }

    /// The steps that can be undone, for the next page of this tab.
    pub fn steps(self) -> String {
        let steps = (self.name.get_untracked(), self.history.get_untracked());
        serde_json::to_string(&steps).expect("steps become JSON")
    }

    /// Takes up the steps of the page before, if they lead to what there is now.
    pub fn take_up(self, steps: &str) {
        let Ok((name, history)) = serde_json::from_str::<(String, History<Draft>)>(steps) else {
            return;
        };
        if self.name.with_untracked(|open| *open == name) && *history.now() == self.draft() {
            self.history.set(history);
        }
    }

    fn put(self, name: &str, draft: Draft) {
        name.clone_into(&mut self.name.write());
        self.history.set(History::new(draft));
        self.unfinished.set(None);
        self.seen.set(None);
    }

    /// Changes the fixture. `field`: typing on in the same one is one step. A change after which it
    /// would be no fixture any more is not made, and the reason is given.
    pub fn change(
        self,
        field: Option<&str>,
        change: impl FnOnce(&Value) -> Value,
    ) -> Result<(), String> {
        let Draft { fixture, theme } = self.draft();
        let fixture = change(&fixture);
        Fixture::from_json(&fixture.to_string()).map_err(|fault| fault.to_string())?;
        self.history.update(|history| history.change(Draft { fixture, theme }, field));
        Ok(())
    }

    /// As [`Store::change`]; what cannot be is said for everybody to see.
    pub fn edit(self, field: Option<&str>, change: impl FnOnce(&Value) -> Value) {
        match self.change(field, change) {
            Ok(()) => self.notice.set(String::new()),
            Err(why) => self.notice.set(format!("That cannot be: {why}.")),
        }
    }

    /// Changes the theme.
    pub fn paint(self, field: &str, change: impl FnOnce(&mut Theme)) {
        let mut draft = self.draft();
        change(&mut draft.theme);
        self.history.update(|history| history.change(draft, Some(field)));
    }

    fn draft(self) -> Draft {
        self.history.with_untracked(|history| history.now().clone())
    }

    /// Says it aloud, also when it is what was said last.
    pub fn say(self, words: &str) {
        let again = self.told.with_untracked(|told| told == words);
        // A text that is the same is no change, and is not read out.
        self.told.set(if again { format!("{words}\u{a0}") } else { words.to_owned() });
    }

    pub fn undo(self) {
        self.history.update(History::undo);
        self.say("Undone");
    }

    pub fn redo(self) {
        self.history.update(History::redo);
        self.say("Done again");
    }

    /// Back to the fixture as the gallery has it, and to the screen's own theme. Can be undone.
    pub fn reset(self) {
        if let Some(fixture) = self.origin() {
            let draft = Draft::of(&fixture, Theme::default());
            self.history.update(|history| history.change(draft, None));
            self.say("As in the gallery again");
        }
    }

    /// The fixture as the gallery has it, if it is one of those.
    pub fn origin(self) -> Option<Fixture> {
        self.name.with(|name| named(name).map(|it| it.fixture.clone()))
    }

    /// Whether anything was changed.
    pub fn is_changed(self) -> bool {
        let theme = self.history.with(|history| !history.now().theme.is_empty());
        theme || self.origin().is_none_or(|origin| origin != *self.fixture.read())
    }

    /// What the preview shows.
    pub fn shown(self) -> PreviewState {
        let fixture = self.fixture.get();
        let name = self.name.get();
        let as_in_gallery = named(&name).is_some_and(|it| it.fixture == fixture);
        PreviewState {
            fixture: if as_in_gallery {
                Selection::Gallery(name)
            } else {
                Selection::Custom(Box::new(fixture))
            },
            view: self.view.get(),
            theme: self.theme(),
        }
    }

    /// What was set otherwise than the screen does.
    pub fn theme(self) -> Theme {
        self.history.with(|history| history.now().theme.clone())
    }

    /// All of it, for an address.
    pub fn shared(self) -> StudioState {
        StudioState { shown: self.shown(), frame: self.frame.get(), matrix: self.matrix.get() }
    }
}
