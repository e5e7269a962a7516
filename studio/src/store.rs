//! What is being looked at and changed, for every page of the studio.

use consent_cases::{Case, named};
use consent_contract::lint::{
    Finding,
    rendered::{self, Rendered},
};
use leptos::prelude::*;
use serde_json::Value;

use crate::{
    browser::{self, Later},
    history::History,
    share,
    shown::{Chosen, Frame, Matrix, Shared, Shown, View},
    theme::Theme,
};

/// Under what the last state is kept on this device.
const LAST: &str = "consent-studio:last";

/// What undo and redo go over.
#[derive(Debug, Clone, PartialEq)]
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
    pub case: Memo<Case>,
    pub findings: Memo<Vec<Finding>>,
}

impl Store {
    /// Nothing is being looked at yet.
    pub fn new() -> Self {
        let first = consent_cases::all().next().expect("the gallery is not empty");
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
        let theme = self.history.with_untracked(|history| history.now().theme.clone());
        self.put(name, Draft::of(&found.case, theme));
        true
    }

    /// Opens what an address holds. False when that names a case that is not in the gallery.
    pub fn load(self, name: &str, shared: Shared) -> bool {
        let Shared { shown: Shown { case, view, theme }, frame, matrix } = shared;
        let Some(case) = case.case() else { return false };
        self.view.set(view);
        self.frame.set(frame);
        self.matrix.set(matrix);
        self.put(name, Draft::of(&case, theme));
        // What it began with can be had back.
        if let Some(origin) = named(name).filter(|origin| origin.case != case) {
            let theme = self.history.with_untracked(|history| history.now().theme.clone());
            let now = self.history.with_untracked(|history| history.now().clone());
            let mut history = History::new(Draft::of(&origin.case, theme));
            history.change(now, None);
            self.history.set(history);
        }
        true
    }

    fn put(self, name: &str, draft: Draft) {
        name.clone_into(&mut self.name.write());
        self.history.set(History::new(draft));
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

    /// As [`Store::change`], where the controls leave no way to be wrong.
    pub fn edit(self, field: Option<&str>, change: impl FnOnce(&Value) -> Value) {
        if let Err(why) = self.change(field, change) {
            self.told.set(why);
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

    pub fn undo(self) {
        self.history.update(History::undo);
        self.told.set("Undone".into());
    }

    pub fn redo(self) {
        self.history.update(History::redo);
        self.told.set("Done again".into());
    }

    /// Back to the case as the gallery has it, and to the screen's own theme. Can be undone.
    pub fn reset(self) {
        if let Some(case) = self.origin() {
            let draft = Draft::of(&case, Theme::default());
            self.history.update(|history| history.change(draft, None));
            self.told.set("As in the gallery again".into());
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
            theme: self.history.with(|history| history.now().theme.clone()),
        }
    }

    /// All of it, for an address.
    pub fn shared(self) -> Shared {
        Shared { shown: self.shown(), frame: self.frame.get(), matrix: self.matrix.get() }
    }

    /// Writes the state into the address, a moment after it last changed, and keeps that on this
    /// device: for pages of a case.
    pub fn write_address(self) {
        let here = || browser::path().starts_with("/studio/cases/");
        thread_local! {
            static SOON: Later = const { Later::new() };
        }
        Effect::new(move |_| {
            let shared = self.shared();
            let code = share::encode(&shared);
            if here() {
                SOON.with(|soon| {
                    soon.call(200, move || {
                        if here() {
                            browser::set_fragment(&code);
                            browser::keep(LAST, &format!("{}#{code}", browser::path()));
                        }
                    });
                });
            }
        });
    }

    /// Where somebody was last on this device: an address of the studio.
    pub fn last() -> Option<String> {
        browser::kept(LAST).filter(|address| address.starts_with("/studio/cases/"))
    }
}
