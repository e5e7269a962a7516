//! What is being looked at and changed, for every page of the studio.

use consent_fixtures::{Case, named};
use consent_lint::{
    Finding,
    rendered::{self, Rendered},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    history::History,
    shown::{Chosen, Frame, Matrix, Shared, Shown, View},
    theme::Theme,
};

/// What undo and redo go over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The case, as JSON that [`Case::from_json`] reads.
    pub case: Value,
    pub theme: Theme,
}

impl Draft {
    pub fn of(case: &Case, theme: Theme) -> Self {
        let case = serde_json::to_value(case).expect("a case always becomes JSON");
        Self { case, theme }
    }
}

/// A handle to the state.
#[derive(Clone, Copy)]
pub struct Store {
    /// The case of the gallery that this began with; of another name for one that was brought.
    pub name: RwSignal<String>,
    pub history: RwSignal<History<Draft>>,
    pub view: RwSignal<View>,
    pub frame: RwSignal<Frame>,
    pub matrix: RwSignal<Matrix>,
    /// What the preview has measured of itself.
    pub seen: RwSignal<Option<Rendered>>,
    /// What was done last, for those who do not see it.
    pub told: RwSignal<String>,
    /// JSON that is no case yet, as it was typed.
    pub unfinished: RwSignal<Option<String>>,
    /// Something that everybody must see; empty for nothing.
    pub notice: RwSignal<String>,
    /// The state that stands for an address that could not be read, until it is changed.
    pub unread: RwSignal<Option<String>>,
    pub case: Memo<Case>,
    pub findings: Memo<Vec<Finding>>,
}

impl Store {
    /// Nothing is being looked at yet.
    pub fn new() -> Self {
        let first = consent_fixtures::all().next().expect("the gallery is not empty");
        let draft = Draft::of(&first.case, Theme::default());
        let history = RwSignal::new(History::new(draft));
        let seen = RwSignal::new(None);
        let case = Memo::new(move |before: Option<&Case>| {
            let json = history.read().now().case.to_string();
            // Only what can be read gets into the history.
            Case::from_json(&json).ok().or_else(|| before.cloned()).expect("a case")
        });
        let findings = Memo::new(move |_| {
            let mut findings = case.read().lint();
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
            case,
            findings,
        }
    }

    /// Opens a case of the gallery, unless it is open already. False when there is none.
    pub fn open(self, name: &str) -> bool {
        if self.name.with_untracked(|open| open == name) {
            return true;
        }
        let Some(found) = named(name) else { return false };
        self.put(name, Draft::of(&found.case, self.draft().theme));
        true
    }

    /// Opens what an address holds. False when that names a case that is not in the gallery.
    pub fn load(self, name: &str, shared: Shared) -> bool {
        let Shared { shown: Shown { case, view, theme }, frame, matrix } = shared;
        let Some(case) = case.case() else { return false };
        self.view.set(view.offered());
        self.frame.set(frame.offered());
        self.matrix.set(matrix);
        self.put(name, Draft::of(&case, theme));
        // What it began with can be had back.
        if let Some(origin) = named(name).filter(|origin| origin.case != case) {
            let now = self.draft();
            let mut history = History::new(Draft::of(&origin.case, now.theme.clone()));
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

    /// Changes the case. `field`: typing on in the same one is one step. A change after which it
    /// would be no case any more is not made, and the reason is given.
    pub fn change(
        self,
        field: Option<&str>,
        change: impl FnOnce(&Value) -> Value,
    ) -> Result<(), String> {
        let Draft { case, theme } = self.draft();
        let case = change(&case);
        Case::from_json(&case.to_string()).map_err(|fault| fault.to_string())?;
        self.history.update(|history| history.change(Draft { case, theme }, field));
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

    /// Back to the case as the gallery has it, and to the screen's own theme. Can be undone.
    pub fn reset(self) {
        if let Some(case) = self.origin() {
            let draft = Draft::of(&case, Theme::default());
            self.history.update(|history| history.change(draft, None));
            self.say("As in the gallery again");
        }
    }

    /// The case as the gallery has it, if it is one of those.
    pub fn origin(self) -> Option<Case> {
        self.name.with(|name| named(name).map(|it| it.case.clone()))
    }

    /// Whether anything was changed.
    pub fn is_changed(self) -> bool {
        let theme = self.history.with(|history| !history.now().theme.is_empty());
        theme || self.origin().is_none_or(|origin| origin != *self.case.read())
    }

    /// What the preview shows.
    pub fn shown(self) -> Shown {
        let case = self.case.get();
        let name = self.name.get();
        let as_in_gallery = named(&name).is_some_and(|it| it.case == case);
        Shown {
            case: if as_in_gallery { Chosen::Named(name) } else { Chosen::Own(Box::new(case)) },
            view: self.view.get(),
            theme: self.theme(),
        }
    }

    /// What was set otherwise than the screen does.
    pub fn theme(self) -> Theme {
        self.history.with(|history| history.now().theme.clone())
    }

    /// All of it, for an address.
    pub fn shared(self) -> Shared {
        Shared { shown: self.shown(), frame: self.frame.get(), matrix: self.matrix.get() }
    }
}
